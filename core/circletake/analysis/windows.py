"""The grid of windows a film is scored on: one length, one distance, whatever scores them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from circletake.timebase import RationalTime

HOP = Fraction(1, 2)
"""Seconds between window starts: an edge found on the grid is at most a quarter second off before it is snapped."""

LENGTH = Fraction(1)
"""Seconds a window covers: long enough to hold a gesture or a word, short enough to place it."""


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Windows over `duration`: window k is centred on (k + 1/2) * hop seconds and lasts `length`."""

    duration: RationalTime
    hop: Fraction = HOP
    length: Fraction = LENGTH

    def __len__(self) -> int:
        """Number of windows; the last may be shorter than a hop. At least one."""
        return max(1, -(-self.duration.seconds // self.hop))

    @property
    def hop_seconds(self) -> float:
        """Distance of two windows in seconds."""
        return float(self.hop)

    @property
    def centers(self) -> NDArray[np.float64]:
        """Media time of each window's middle in seconds, float64 (N,)."""
        return np.asarray((np.arange(len(self)) + 0.5) * float(self.hop), np.float64)

    def span(self, start: float, end: float) -> slice:
        """The windows whose middles lie between two media times; at least one."""
        first = int(np.searchsorted(self.centers, start))
        last = int(np.searchsorted(self.centers, end))
        first = min(first, len(self) - 1)
        return slice(first, max(first + 1, last))

    def mean(self, seconds: NDArray[np.float64], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean of time-stamped values (M,) under each window (N,); a window without any takes its neighbours'."""
        half = float(self.length) / 2
        first = np.searchsorted(seconds, self.centers - half)
        last = np.searchsorted(seconds, self.centers + half)
        sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        counts = last - first
        means = (sums[last] - sums[first]) / np.maximum(counts, 1)
        return self._bridged(means, counts > 0)

    def peak(self, seconds: NDArray[np.float64], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Largest time-stamped value under each hop (N,); a hop without any takes its neighbours'."""
        peaks = np.full(len(self), -np.inf)
        inside = (seconds >= 0) & (seconds < len(self) * float(self.hop))
        np.maximum.at(peaks, (seconds[inside] / float(self.hop)).astype(np.intp), values[inside])
        return self._bridged(peaks, np.isfinite(peaks))

    def density(self, moments: NDArray[np.float64], sigma: float) -> NDArray[np.float32]:
        """Events a second around each window (N,): a Gaussian of `sigma` seconds, open at the film's ends."""
        counts = np.zeros(len(self))
        inside = moments[(moments >= 0) & (moments < len(self) * float(self.hop))]
        np.add.at(counts, (inside / float(self.hop)).astype(np.intp), 1.0)
        return (smoothed(counts, sigma / float(self.hop)) / float(self.hop)).astype(np.float32)

    def _bridged(self, values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float32]:
        if not known.any():
            return np.zeros(len(self), np.float32)
        places = np.arange(len(self))
        return np.interp(places, places[known], values[known]).astype(np.float32)


def smoothed(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Gaussian average over `sigma` steps (N,); at the ends only what is there counts."""
    reach = max(1, int(np.ceil(3 * sigma)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-6)) ** 2)
    total = np.convolve(values, kernel, mode="full")[reach : reach + len(values)]
    share = np.convolve(np.ones(len(values)), kernel, mode="full")[reach : reach + len(values)]
    return np.asarray(total / share, np.float64)
