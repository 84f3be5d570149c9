"""The grid of windows a film is scored on: one length, one distance, whatever scores them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from circletake.timebase import RationalTime, TimeRange

HOP = Fraction(1, 2)
"""Seconds between window starts: an edge found on the grid is at most a quarter second off before it is snapped."""

LENGTH = Fraction(1)
"""Seconds a window covers: long enough to hold a gesture or a word, short enough to place it."""


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Windows over `duration`: window k is centred on (k + 1/2) * hop seconds and lasts `length`.

    With `spans`, rising and apart, only windows inside of them are measured; what others hold says nothing.
    """

    duration: RationalTime
    hop: Fraction = HOP
    length: Fraction = LENGTH
    spans: tuple[TimeRange, ...] = ()

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

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which windows are measured, bool (N,); read it, never write to it."""
        return _known(self)

    def inside(self, ranges: Iterable[TimeRange]) -> NDArray[np.bool_]:
        """Which windows have their middle in one of some ranges of media time, bool (N,)."""
        found = np.zeros(len(self), bool)
        for each in ranges:
            ends = each.start_time.to_seconds(), each.end_time_exclusive.to_seconds()
            first, last = np.searchsorted(self.centers, ends).tolist()
            found[first:last] = True
        return found

    @property
    def rooms(self) -> tuple[tuple[float, float], ...]:
        """What is measured as (start, end) in seconds: the spans, or everything."""
        whole = ((0.0, self.duration.to_seconds()),)
        ends = ((each.start_time.to_seconds(), each.end_time_exclusive.to_seconds()) for each in self.spans)
        return tuple(ends) if self.spans else whole

    def runs(self, seconds: NDArray[np.float64]) -> tuple[slice, ...]:
        """Rising times (M,) cut where something was left out between two; none of them empty."""
        if not self.spans:
            return (slice(0, len(seconds)),) if len(seconds) else ()
        # A container rounds: what begins a span may lie a trifle before it.
        starts = [each.start_time.to_seconds() - float(self.hop) / 2 for each in self.spans[1:]]
        edges = [0, *np.searchsorted(seconds, starts).tolist(), len(seconds)]
        return tuple(slice(first, last) for first, last in pairwise(edges) if first < last)

    def seen(self, start: float, end: float) -> slice | NDArray[np.intp]:
        """The measured windows whose middles lie between two media times; where there are none, those of `span`."""
        span = self.span(start, end)
        if not self.spans:
            return span
        places = np.flatnonzero(self.known[span]) + span.start
        return places if len(places) else span

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
        return (self.smoothed(counts, sigma / float(self.hop)) / float(self.hop)).astype(np.float32)

    def smoothed(self, values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
        """Gaussian average over `sigma` windows (N,) of what is measured alone; open at its ends."""
        return smoothed(values, sigma, self.known if self.spans else None)

    def _bridged(self, values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float32]:
        if not known.any():
            return np.zeros(len(self), np.float32)
        places = np.arange(len(self))
        return np.interp(places, places[known], values[known]).astype(np.float32)


@lru_cache(maxsize=64)
def _known(grid: WindowGrid) -> NDArray[np.bool_]:
    known = grid.inside(grid.spans) if grid.spans else np.ones(len(grid), bool)
    known.flags.writeable = False
    return known


def smoothed(values: NDArray[np.float64], sigma: float, known: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Gaussian average over `sigma` steps (N,); only what is `known`, and not beyond the ends, counts."""
    reach = max(1, int(np.ceil(3 * sigma)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-6)) ** 2)
    weights = np.ones(len(values)) if known is None else known.astype(np.float64)
    total = np.convolve(values * weights, kernel, mode="full")[reach : reach + len(values)]
    share = np.convolve(weights, kernel, mode="full")[reach : reach + len(values)]
    return np.asarray(total / np.maximum(share, kernel.min()), np.float64)
