"""Small pictures at even distances for the filmstrip."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from circletake.media.convert import RgbConverter, fitted
from circletake.media.frames import Frame, FrameBatch, MediaInfo
from circletake.media.picture import Picture
from circletake.timebase import MICROSECONDS, RationalTime, TimeRange

BOX = (160, 90)
"""Largest width and height, in pixels of the coded picture's own shape."""

SHORTEST_STEP = 1.0
"""Seconds between two: a strip across a wide window shows no more of them."""


class Thumbnails:
    """A sweep's consumer that keeps up to `count` upright small pictures, evenly spread, `SHORTEST_STEP` apart."""

    def __init__(
        self,
        media: MediaInfo,
        count: int,
        *,
        found: Callable[[Frame], None] | None = None,
        spans: Sequence[TimeRange] = (),
    ) -> None:
        """`found` is told of each one at once, so that the strip fills while the sweep runs.

        Of `spans` each begins with one, above `count` where need be.
        """
        picture = media.picture
        self._rotation = picture.rotation if picture else 0
        shown = fitted(*picture.display_size, BOX) if picture else BOX
        self._coded = shown[::-1] if self._rotation % 180 else shown
        seconds = sum(span.duration.to_seconds() for span in spans) if spans else media.duration.to_seconds()
        self._step = max(seconds / max(1, count), SHORTEST_STEP)
        self._count = count + len(spans)
        self._found = found
        self._converter = RgbConverter()
        self._next = 0.0
        self._frames: list[Frame] = []

    def video(self, picture: Picture) -> None:
        """Keep it if its turn has come."""
        if picture.seconds < self._next or len(self._frames) >= self._count:
            return
        image = np.ascontiguousarray(np.rot90(self._converter.rgb(picture.frame, self._coded), -self._rotation // 90))
        frame = Frame(
            picture.number, RationalTime.from_seconds(picture.seconds, MICROSECONDS), image, picture.key_frame
        )
        self._frames.append(frame)
        self._next = (picture.seconds // self._step + 1) * self._step
        if self._found:
            self._found(frame)

    def finish(self) -> None:
        """Nothing is pending."""

    def result(self) -> FrameBatch:
        """All of them, in order."""
        if not self._frames:
            return FrameBatch(np.empty((0, BOX[1], BOX[0], 3), np.uint8), np.empty(0, np.float64))
        seconds = np.array([frame.time.to_seconds() for frame in self._frames])
        return FrameBatch(np.stack([frame.image for frame in self._frames]), seconds)
