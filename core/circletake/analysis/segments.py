"""From a curve to stretches worth cutting: found where the score stands out, edged where an editor would cut.

Deterministic: equal inputs give equal segments, whatever the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from circletake.analysis.edges import Edges, Limits
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.signals import deviations_of
from circletake.analysis.table import signal_table
from circletake.timebase import RationalTime, Rounding, TimeRange

MOST_LENGTHS = 240
"""Lengths weighed between the shortest and the longest: every half second up to two minutes, coarser beyond, so that
memory does not grow with the longest length asked for."""

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
    fused: ScoreCurve,
    curves: Sequence[ScoreCurve],
    edges: Edges,
    limits: SegmentLimits,
    rate: Fraction,
    used: Sequence[TimeRange] = (),
) -> tuple[Segment, ...]:
    """The best stretches that do not overlap, best first, each end on a frame of `rate`.

    Rough stretches are found on the grid by how far their mean stands above the film's, then their ends are moved to
    a cut or a pause nearby. Where only parts of a film were measured each stretch lies inside one of them. With `used`
    what stands out elsewhere counts for nothing: a timeline shows that media alone.
    """
    rooms = fused.grid.rooms
    most = max(end - start for start, end in rooms)
    shortest, longest = min(limits.shortest, most), min(limits.longest, most)
    stretches = Stretches(fused, shortest, longest, used)
    chosen: list[tuple[float, float]] = []
    while len(chosen) < limits.count and (rough := stretches.best(or_any=not chosen)):
        room = _room(chosen, sum(rough) / 2, rooms)
        placed = edges.place(*rough, Limits(*room, shortest, longest))
        stretches.take_out(*rough)
        if placed:
            chosen.append(placed)
            stretches.take_out(*placed)
    ranges = dict.fromkeys(_on_frames(stretch, rate, fused, limits.longest) for stretch in chosen)
    found = [describe(fused, curves, span) for span in ranges]
    return tuple(sorted(found, key=lambda segment: (-segment.score, segment.range.start_time)))


class Stretches:
    """Every stretch of allowed length on the grid, with how much it stands out.

    A stretch of n windows stands out by sum(v - mean) / sqrt(n): the matched filter for a raised stretch of unknown
    length, which prefers neither short nor long ones.
    """

    def __init__(self, fused: ScoreCurve, shortest: float, longest: float, used: Sequence[TimeRange] = ()) -> None:
        """Weigh all stretches of `shortest` to `longest` seconds, by the media `used` in them where that is told."""
        self._grid = fused.grid
        hop, total = fused.grid.hop_seconds, len(fused.values)
        fewest = min(total, max(1, int(np.ceil(shortest / hop - 1e-9))))
        most = min(total, max(fewest, int(longest / hop + 1e-9)))
        known = fused.grid.known
        counted = fused.grid.inside(used) & known if used else known
        counted = counted if counted.any() else known
        excess = np.where(counted, fused.values.astype(np.float64) - float(fused.values[counted].mean()), 0.0)
        unknown, weighed = (np.concatenate(([0], np.cumsum(each))) for each in (~known, counted))
        sums = np.concatenate(([0.0], np.cumsum(excess)))
        self._lengths = range(fewest, most + 1, -(-(most + 1 - fewest) // MOST_LENGTHS))
        self._strength = np.full((len(self._lengths), total), -np.inf, np.float32)
        for row, length in enumerate(self._lengths):
            strength = (sums[length:] - sums[: total - length + 1]) / np.sqrt(length)
            ends = slice(length, None), slice(0, total - length + 1)
            fits = (unknown[ends[0]] == unknown[ends[1]]) & (weighed[ends[0]] > weighed[ends[1]])
            self._strength[row, : total - length + 1] = np.where(fits, strength, -np.inf)

    def best(self, *, or_any: bool = False) -> tuple[float, float] | None:
        """The stretch (start, end) in seconds that stands out most, the first of equals; None where none does.

        `or_any` gives the best one even where nothing stands out.
        """
        row, start = divmod(int(np.argmax(self._strength)), self._strength.shape[1])
        strength = float(self._strength[row, start])
        if not np.isfinite(strength) or (strength <= 0 and not or_any):
            return None
        hop = self._grid.hop_seconds
        return start * hop, min((start + self._lengths[row]) * hop, self._grid.duration.to_seconds())

    def take_out(self, start: float, end: float) -> None:
        """Strike out every stretch that overlaps [start, end) by more than half a window."""
        hop = self._grid.hop_seconds
        first, last = round(start / hop), max(round(end / hop), round(start / hop) + 1)
        for row, length in enumerate(self._lengths):
            self._strength[row, max(0, first - length + 1) : last] = -np.inf


def _room(
    chosen: list[tuple[float, float]], middle: float, rooms: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """The free time around `middle` between the stretches already placed, inside what was measured."""
    first, last = min(rooms, key=lambda room: max(room[0] - middle, middle - room[1]))
    low = max((end for _, end in chosen if first <= end <= middle), default=first)
    high = min((start for start, _ in chosen if middle <= start <= last), default=last)
    taken = any(start < middle < end for start, end in chosen)
    return (middle, middle) if taken else (low, high)


def _on_frames(stretch: tuple[float, float], rate: Fraction, fused: ScoreCurve, longest: float) -> TimeRange:
    """The stretch on the nearest frames, at least one, inside the film, and never longer than `longest`."""
    total = max(1, fused.grid.duration.rescaled_to(rate).value)
    start = min(RationalTime.from_seconds(stretch[0], rate).value, total - 1)
    most = max(1, RationalTime.from_seconds(longest, rate, Rounding.FLOOR).value)
    end = min(max(RationalTime.from_seconds(stretch[1], rate).value, start + 1), total, start + most)
    return TimeRange(RationalTime(start, rate), RationalTime(end - start, rate))


def describe(fused: ScoreCurve, curves: Sequence[ScoreCurve], span: TimeRange) -> Segment:
    """Score and name any stretch: what a mark shows after its ends were moved."""
    start, end = span.start_time, span.end_time_exclusive
    first, last = start.to_seconds(), end.to_seconds()
    strongest = RationalTime.from_seconds(min(max(fused.strongest(first, last), first), last), start.rate)
    return Segment(
        range=span,
        score=score_of(fused, first, last),
        title=title_of(curves, first, last),
        signals={curve.name: round(curve.level(first, last), 4) for curve in curves},
        strongest=min(max(strongest, start), end - RationalTime(1, end.rate)),
        method=fused.source,
    )


def score_of(fused: ScoreCurve, start: float, end: float) -> float:
    """Score of a stretch, 0-100 in tenths: its mean, its peak and its first seconds by the table's shares."""
    weights = signal_table().segment
    values = fused.values[fused.grid.seen(start, end)]
    hook = fused.level(start, min(end, start + weights.hook_seconds))
    score = weights.mean * float(values.mean()) + weights.peak * float(values.max()) + weights.hook * hook
    return round(100 * min(1.0, max(0.0, score)), 1)


def title_of(curves: Sequence[ScoreCurve], start: float, end: float) -> str:
    """What carried a stretch, in the table's words: `Loud burst, fast motion`."""
    phrases: list[tuple[float, str]] = []
    for curve in curves:
        spec = signal_table().signal(curve.name)
        # The highest window and not the mean: a burst lasts a moment.
        deviations = deviations_of(curve)[curve.grid.seen(start, end)]
        peak, mean = float(deviations.max()) * curve.weight, float(deviations.mean()) * curve.weight
        if spec and mean + peak / 4 >= STANDS_OUT:
            phrases.append((mean + peak / 4, spec.phrase))
    leading = [phrase for _, phrase in sorted(phrases, key=lambda each: -each[0])[:LEADING_SIGNALS]]
    return ", ".join(leading).capitalize() if leading else PLAIN
