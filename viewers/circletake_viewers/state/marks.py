"""The list of marks: ranked by score, listed as wished, each row made once and kept while its mark stays."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.scores import ScoreCurve
from circletake.session.analysing import marks_of
from circletake.timebase import format_clock
from circletake.timeline.model import Mark, MarkState, Timeline
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.shown import MarkRow, Marks, Strip
from circletake_viewers.state.wish import Order, Wish

ALL = frozenset(MarkState)

LEVELS = 6
"""Bars of the little picture of a mark's score."""

PROVISIONAL = "provisional-"
"""How the ids of rows begin whose curves still grow."""

MOST_BESIDE = 200
"""Marks from which provisional ones are not shown: there is enough to look at, and each second would rank them anew."""


def resolve_marks(wish: Wish, facts: Facts, strips: Sequence[Strip], before: Marks) -> Marks:
    """The list for these facts; rows whose mark and rank stayed are those of `before`."""
    timeline = facts.timeline
    if timeline is None:
        return Marks()
    ranked = _ranked((*timeline.marks, *_provisional(facts, timeline)), timeline, before.made)
    made = _made(ranked, strips, timeline, before.made)
    lane = tuple(sorted((row for _, row in made.values()), key=attrgetter("start", "rank")))
    in_order = lane if wish.order is Order.TIME else tuple(made[mark.id][1] for mark in ranked)
    rows = in_order if wish.states == ALL else tuple(row for row in in_order if row.state in wish.states)
    hidden = len(in_order) - len(rows)
    return Marks(rows, lane, summary(lane, timeline.rate), hidden, _why_empty(rows, hidden, facts), made)


def shows_provisional(facts: Facts) -> bool:
    """Tell whether what growing curves hold so far is listed."""
    return bool(facts.growing) and facts.timeline is not None and len(facts.timeline.marks) < MOST_BESIDE


def _ranked(marks: Iterable[Mark], timeline: Timeline, before: Mapping[str, tuple[Mark, MarkRow]]) -> list[Mark]:
    """Best first, those without a score last; equal ones by start, which is known of those that stayed."""

    def place(mark: Mark) -> tuple[float, int]:
        old = before.get(mark.id)
        stayed = old is not None and old[0] is mark
        start = old[1].start if old and stayed else _frames(mark, timeline.rate)[0]
        return (math.inf if mark.score is None else -mark.score, start)

    return sorted(marks, key=place)


def _provisional(facts: Facts, timeline: Timeline) -> Iterable[Mark]:
    """What growing curves hold so far, wherever nothing was decided yet."""
    if not shows_provisional(facts):
        return
    found = marks_of(tuple(facts.growing.values()), timeline)
    taken = [mark.range for mark in timeline.marks]
    starts: Counter[int] = Counter()
    for mark in found:
        if not any(mark.range.intersection(each) for each in taken):
            start = mark.range.start_time.value
            starts[start] += 1  # clips that lie over each other may have marks that begin together
            yield replace(mark, id=f"{PROVISIONAL}{start}" + f"-{starts[start]}" * (starts[start] > 1))


def _made(
    ranked: Sequence[Mark], strips: Sequence[Strip], timeline: Timeline, before: Mapping[str, tuple[Mark, MarkRow]]
) -> Mapping[str, tuple[Mark, MarkRow]]:
    olds = [before.get(mark.id) for mark in ranked]
    fresh = [mark for mark, old in zip(ranked, olds, strict=True) if old is None or old[0] is not mark]
    shapes = dict(zip((mark.id for mark in fresh), _shapes(fresh, strips, timeline), strict=True))
    made: dict[str, tuple[Mark, MarkRow]] = {}
    for rank, (mark, old) in enumerate(zip(ranked, olds, strict=True), 1):
        if old is None or old[0] is not mark:
            made[mark.id] = (mark, _row(mark, rank, shapes[mark.id], timeline))
        else:
            made[mark.id] = old if old[1].rank == rank else (mark, replace(old[1], rank=rank))
    return MappingProxyType(made)


def _row(mark: Mark, rank: int, shape: tuple[float, ...], timeline: Timeline) -> MarkRow:
    start, end = _frames(mark, timeline.rate)
    return MarkRow(
        mark.id,
        rank,
        mark.name,
        mark.state,
        mark.score,
        start,
        end,
        shape,
        noted=bool(mark.note),
        provisional=mark.id.startswith(PROVISIONAL),
    )


def _shapes(marks: Sequence[Mark], strips: Sequence[Strip], timeline: Timeline) -> list[tuple[float, ...]]:
    """The score inside each mark as `LEVELS` means, from the strip it begins on; empty where nothing was measured."""
    frames = [_frames(mark, timeline.rate) for mark in marks]
    spans = np.array(frames, np.float64).reshape(-1, 2) / float(timeline.rate)
    shapes: list[tuple[float, ...]] = [()] * len(marks)
    for strip in strips:
        if not strip.curves or not strip.speed:
            continue
        start, end = float(strip.start / timeline.rate), float(strip.end / timeline.rate)
        inside = np.flatnonzero((spans[:, 0] >= start) & (spans[:, 0] < end))
        found = levels(strip.curves[0], spans[inside] * strip.speed + strip.offset).tolist()
        for place, row in zip(inside.tolist(), found, strict=True):
            shapes[place] = tuple(row)
    return shapes


def _frames(mark: Mark, rate: Fraction) -> tuple[int, int]:
    """Start and end (exclusive) of a mark in timeline frames; nearly all are counted so already."""
    first, length = mark.range.start_time, mark.range.duration
    if first.rate == rate and length.rate == rate:
        return first.value, first.value + length.value
    span = mark.range.rescaled_to(rate)
    return span.start_time.value, span.end_time_exclusive.value


def levels(curve: ScoreCurve, spans: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of a curve over `LEVELS` equal parts of each span (N, 2) in media seconds, float64 (N, LEVELS)."""
    hop = curve.grid.hop_seconds
    sums = np.concatenate(([0.0], np.cumsum(curve.values, dtype=np.float64))) * hop
    shares = np.linspace(0, 1, LEVELS + 1)
    edges = spans[:, :1] + (spans[:, 1:] - spans[:, :1]) * shares
    until = np.interp(edges / hop, np.arange(len(sums)), sums)
    lengths = np.diff(edges, axis=1)  # below 0 where a clip plays backwards
    return np.asarray(np.diff(until, axis=1) / np.where(np.abs(lengths) < 1e-9, 1e-9, lengths), np.float64)


def summary(rows: Sequence[MarkRow], rate: Fraction) -> str:
    """`4 found · 1 kept · 10.9 s`."""
    kept = [row.end - row.start for row in rows if row.state is MarkState.KEPT]
    parts = [f"{len(rows)} found", f"{len(kept)} kept", *([length_text(float(sum(kept) / rate))] if kept else [])]
    return " · ".join(parts)


def length_text(seconds: float) -> str:
    """`10.9 s` below a minute, `2:03.4` above."""
    return f"{seconds:.1f} s" if seconds < 59.95 else format_clock(seconds)


def _why_empty(rows: Sequence[MarkRow], hidden: int, facts: Facts) -> str:
    if rows:
        return ""
    if hidden:
        return f"{hidden} mark{'s' if hidden > 1 else ''} hidden by the filter."
    if facts.growing or any(not job.state.ended and job.kind == "analyze" for job in facts.jobs):
        return "Marks appear here as they are found."
    if facts.scored:
        return "Nothing stood out. Press M to mark a moment yourself, or allow shorter clips in the settings."
    if not facts.media:
        return "No film is there to be scored. Press M to mark a moment yourself."
    return "Nothing scored yet. Analyse the footage, or press M to mark a moment yourself."
