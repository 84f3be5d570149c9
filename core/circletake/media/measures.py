"""What a picture's samples say about change: motion, cuts and colour, a few numbers a frame."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circletake.media.columns import Column
from circletake.media.picture import Picture

LUMA_BINS = 32
CHROMA_BINS = 16
"""Histogram sizes: coarse enough that grain and compression move few samples between bins."""

BINS = LUMA_BINS + 2 * CHROMA_BINS

LASTING_FRAMES = 3
"""Frames after which a cut must still differ from before it; a camera flash is over by then."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureMeasures:
    """One row a picture; all arrays (N,).

    `seconds` float64 media time. `motion` mean change of brightness since the picture before, 0-255. `change` share of
    samples that moved to another histogram bin, 0-1; `lasting` the same against `LASTING_FRAMES` pictures before.
    `brightness`, `blue`, `red` mean luma and colour differences, 0-255. All but `seconds` float32.
    """

    seconds: NDArray[np.float64] = field(repr=False)
    motion: NDArray[np.float32] = field(repr=False)
    change: NDArray[np.float32] = field(repr=False)
    lasting: NDArray[np.float32] = field(repr=False)
    brightness: NDArray[np.float32] = field(repr=False)
    blue: NDArray[np.float32] = field(repr=False)
    red: NDArray[np.float32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.seconds)


class PictureMeter:
    """A sweep's consumer that measures every picture."""

    def __init__(self) -> None:
        """Start with nothing measured."""
        self._seconds = Column("d")
        self._motion, self._change, self._lasting = Column(), Column(), Column()
        self._brightness, self._blue, self._red = Column(), Column(), Column()
        self._luma: NDArray[np.int16] | None = None
        self._histograms: deque[NDArray[np.float64]] = deque(maxlen=LASTING_FRAMES)

    def video(self, picture: Picture) -> None:
        """Measure one picture against those before it; where those were left out it is like a film's first."""
        if picture.begins:
            self._luma = None
            self._histograms.clear()
        luma = picture.luma.astype(np.int16)
        blue, red = picture.chroma
        histogram = weighed_histogram(picture.luma, blue, red)
        same_size = self._luma is not None and self._luma.shape == luma.shape
        self._seconds.append(picture.seconds)
        self._motion.append(_mean(np.abs(luma - self._luma)) if same_size and self._luma is not None else 0.0)
        self._change.append(_distance(histogram, self._histograms[-1]) if self._histograms else 0.0)
        self._lasting.append(_distance(histogram, self._histograms[0]) if self._histograms else 0.0)
        self._brightness.append(_mean(luma))
        self._blue.append(_mean(blue))
        self._red.append(_mean(red))
        self._luma = luma
        self._histograms.append(histogram)

    def finish(self) -> None:
        """Nothing is pending."""

    def result(self) -> PictureMeasures:
        """What was measured so far."""
        return PictureMeasures(
            self._seconds.array64(),
            self._motion.array(),
            self._change.array(),
            self._lasting.array(),
            self._brightness.array(),
            self._blue.array(),
            self._red.array(),
        )


def weighed_histogram(luma: NDArray[np.uint8], blue: NDArray[np.uint8], red: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Shares of samples in bins of brightness and of both colour differences: float64 (`BINS`,).

    Weighed so that the sum of absolute differences of two is the share of samples that changed bins, 0-1, brightness
    counting as much as both colours together.
    """
    bins = np.concatenate(
        ((luma >> 3).ravel(), (blue >> 4).ravel() + LUMA_BINS, (red >> 4).ravel() + (LUMA_BINS + CHROMA_BINS))
    )
    counts = np.bincount(bins, minlength=BINS)
    # Half of a sum of differences is what moved; half of that again for brightness, a quarter for each colour.
    weights = np.repeat((0.25 / luma.size, 0.125 / blue.size, 0.125 / red.size), (LUMA_BINS, CHROMA_BINS, CHROMA_BINS))
    return np.asarray(counts * weights, np.float64)


def _mean(values: NDArray[np.integer[Any]]) -> float:
    """The mean of whole numbers; half the time of numpy's own, which looks for more kinds of them."""
    return int(values.sum()) / values.size


def _distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.abs(first - second).sum())
