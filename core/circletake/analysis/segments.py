"""From a curve to stretches worth cutting: found where the score stands out, edged where an editor would cut.

Deterministic: equal inputs give equal segments, whatever the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.edges import Edges, Limits
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.signals import deviations_of
from circletake.analysis.table import signal_table
from circletake.timebase import RationalTime, TimeRange

LEADING_SIGNALS = 2
"""How many signals name a mark."""

STANDS_OUT = 0.5
"""Robust deviations from which a signal is said to have carried a stretch."""

PLAIN = "Steady passage"
"""What a stretch is called that no signal carried."""


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """Lengths in seconds and how many at most. A film shorter than `shortest` gives one segment, all of it."""

    shortest: float = 15.0
    longest: float = 60.0
    count: int = 10

    def __post_init__(self) -> None:
        """Refuse limits nothing can meet."""
        if not 0 < self.shortest <= self.longest:
            raise ValueError(f"lengths from {self.shortest} s to {self.longest} s leave nothing to find")
        if self.count < 1:
            raise ValueError(f"{self.count} segments cannot be found")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch found. `range` is in media time, on frames; `score` 0-100 ranks it inside this film.

    `signals` holds each signal's mean level in [0, 1]; `strongest` is the moment that carried it.
    """

    range: TimeRange
    score: float
    title: str
    signals: Mapping[str, float] = field(hash=False)
    strongest: RationalTime
    method: str


def find_segments(
    fused: ScoreCurve, curves: Sequence[ScoreCurve], edges: Edges, limits: SegmentLimits, rate: Fraction
) -> tuple[Segment, ...]:
    """The best stretches that do not overlap, best first, each end on a frame of `rate`.

    Rough stretches are found on the grid by how far their mean stands above the film's, then their ends are moved to
    a cut or a pause nearby.
    """
    duration = fused.grid.duration.to_seconds()
    shortest, longest = min(limits.shortest, duration), min(limits.longest, duration)
    chosen: list[tuple[float, float]] = []
    for start, end in rough_stretches(fused, shortest, longest, limits.count):
        room = _room(chosen, (start + end) / 2, duration)
        if room[1] - room[0] < shortest:
            continue
        placed = edges.place(start, end, Limits(*room, shortest, longest))
        if placed:
            chosen.append(placed)
    found = [describe(fused, curves, *_on_frames(stretch, rate, fused)) for stretch in chosen]
    return tuple(sorted(found, key=lambda segment: (-segment.score, segment.range.start_time)))


def rough_stretches(fused: ScoreCurve, shortest: float, longest: float, count: int) -> list[tuple[float, float]]:
    """Up to `count` stretches (start, end) in seconds on the grid that stand out most, without overlap, best first.

    A stretch of n windows stands out by sum(v - mean) / sqrt(n): the matched filter for a raised stretch of unknown
    length, which prefers neither short nor long ones. Where none stands out the first best is given.
    """
    grid, hop = fused.grid, fused.grid.hop_seconds
    total = len(fused.values)
    fewest = min(total, max(1, int(np.ceil(shortest / hop - 1e-9))))
    most = min(total, max(fewest, int(longest / hop + 1e-9)))
    excess = fused.values.astype(np.float64) - float(fused.values.mean())
    sums = np.concatenate(([0.0], np.cumsum(excess)))
    lengths = np.arange(fewest, most + 1)
    strength = np.full((len(lengths), total), -np.inf)
    for row, length in enumerate(lengths):
        strength[row, : total - length + 1] = (sums[length:] - sums[: total - length + 1]) / np.sqrt(length)
    found: list[tuple[float, float]] = []
    while len(found) < count:
        row, start = divmod(int(np.argmax(strength)), total)
        if not np.isfinite(strength[row, start]) or (found and strength[row, start] <= 0):
            break
        taken = int(lengths[row])
        found.append((start * hop, min((start + taken) * hop, grid.duration.to_seconds())))
        _take_out(strength, lengths, start, start + taken)
    return found


def _take_out(strength: NDArray[np.float64], lengths: NDArray[np.int_], first: int, last: int) -> None:
    """Strike out every stretch that would overlap windows [first, last)."""
    for row, length in enumerate(lengths):
        strength[row, max(0, first - int(length) + 1) : last] = -np.inf


def _room(chosen: list[tuple[float, float]], middle: float, duration: float) -> tuple[float, float]:
    """The free time around `middle` between the stretches already placed."""
    low = max((end for _, end in chosen if end <= middle), default=0.0)
    high = min((start for start, _ in chosen if start >= middle), default=duration)
    taken = any(start < middle < end for start, end in chosen)
    return (middle, middle) if taken else (low, high)


def _on_frames(stretch: tuple[float, float], rate: Fraction, fused: ScoreCurve) -> tuple[RationalTime, RationalTime]:
    last = max(1, fused.grid.duration.rescaled_to(rate).value)
    start = min(RationalTime.from_seconds(stretch[0], rate).value, last - 1)
    end = min(max(RationalTime.from_seconds(stretch[1], rate).value, start + 1), last)
    return RationalTime(start, rate), RationalTime(end, rate)


def describe(fused: ScoreCurve, curves: Sequence[ScoreCurve], start: RationalTime, end: RationalTime) -> Segment:
    """Score and name any stretch: what a mark shows after its ends were moved."""
    first, last = start.to_seconds(), end.to_seconds()
    strongest = RationalTime.from_seconds(min(max(fused.strongest(first, last), first), last), start.rate)
    return Segment(
        range=TimeRange.from_start_end(start, end),
        score=score_of(fused, first, last),
        title=title_of(curves, first, last),
        signals={curve.name: round(curve.level(first, last), 4) for curve in curves},
        strongest=min(strongest, end - RationalTime(1, end.rate)),
        method=fused.source,
    )


def score_of(fused: ScoreCurve, start: float, end: float) -> float:
    """Score of a stretch, 0-100 in tenths: its mean, its peak and its first seconds by the table's shares."""
    weights = signal_table().segment
    values = fused.values[fused.grid.span(start, end)]
    hook = fused.level(start, min(end, start + weights.hook_seconds))
    score = weights.mean * float(values.mean()) + weights.peak * float(values.max()) + weights.hook * hook
    return round(100 * min(1.0, max(0.0, score)), 1)


def title_of(curves: Sequence[ScoreCurve], start: float, end: float) -> str:
    """What carried a stretch, in the table's words: `Loud burst, fast motion`."""
    phrases: list[tuple[float, str]] = []
    for curve in curves:
        spec = signal_table().signal(curve.name)
        # The highest window and not the mean: a burst lasts a moment.
        peak = float(deviations_of(curve)[curve.grid.span(start, end)].max()) * curve.weight
        mean = float(deviations_of(curve)[curve.grid.span(start, end)].mean()) * curve.weight
        if spec and mean + peak / 4 >= STANDS_OUT:
            phrases.append((mean + peak / 4, spec.phrase))
    leading = [phrase for _, phrase in sorted(phrases, key=lambda each: -each[0])[:LEADING_SIGNALS]]
    return ", ".join(leading).capitalize() if leading else PLAIN
