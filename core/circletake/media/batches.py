"""Pictures for models: so many a second, one size, handed out in batches while the sweep runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from circletake.media.convert import RgbConverter
from circletake.media.frames import FrameBatch
from circletake.media.picture import Picture


class BatchSampler:
    """A sweep's consumer that samples by time, not by frame number, so that variable rates come out even."""

    def __init__(self, rate: float, size: tuple[int, int], batch: int, sink: Callable[[FrameBatch], None]) -> None:
        """Hand `sink` batches of up to `batch` pictures of `size` (width, height), `rate` a second."""
        self._rate = rate
        self._size = size
        self._batch = batch
        self._sink = sink
        # Averaging areas costs twice as much; measured by tests/bench/sweep.py.
        self._converter = RgbConverter(Interpolation.FAST_BILINEAR)
        self._taken = 0
        self._images: list[NDArray[np.uint8]] = []
        self._seconds: list[float] = []

    def video(self, picture: Picture) -> None:
        """Take it if it is the first at or after the next sampling time."""
        if picture.seconds * self._rate + 1e-6 < self._taken:
            return
        self._taken = int(picture.seconds * self._rate + 1e-6) + 1
        self._images.append(self._converter.rgb(picture.frame, self._size))
        self._seconds.append(picture.seconds)
        if len(self._images) == self._batch:
            self._hand_out()

    def finish(self) -> None:
        """Hand out the last, shorter batch."""
        if self._images:
            self._hand_out()

    def _hand_out(self) -> None:
        self._sink(FrameBatch(np.stack(self._images), np.array(self._seconds)))
        self._images, self._seconds = [], []
