"""Which parts of a medium are worth decoding: ranges of media time on a raster that all measures share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from circletake.timebase import RationalTime, TimeRange

RASTER = Fraction(4)
"""Seconds: spans begin and end on whole multiples. Hops of 32 ms (speech), 20 ms (onsets), 10 ms (peaks) and half a
second (windows) all begin anew there, and a clip trimmed a little needs no new analysis."""

APART = Fraction(30)
"""Seconds: spans nearer than this are one. A seek and the way from its key frame cost about as much, and no measure
averages over half of it (`analysis.signals`), so no two spans mix."""

NEARLY_WHOLE = Fraction(9, 10)
"""Share of a medium from which all of it is decoded: one plain pass."""

_SECONDS = Fraction(1)

Spans = tuple[TimeRange, ...]
"""Ranges of media time, rising and apart; one that covers the medium means all of it."""


def spans_of(ranges: Iterable[TimeRange], duration: RationalTime, handle: float | Fraction) -> Spans:
    """`ranges` of a medium that lasts `duration`, each longer by `handle` seconds at both ends, on the raster.

    What is nearer than `APART` is joined; where nearly all is covered the one span is the whole medium. A range without
    length (a held frame) counts as a moment.
    """
    length, margin = duration.seconds, Fraction(handle)
    reached = sorted(
        (each.start_time.seconds - margin, each.end_time_exclusive.seconds + margin)
        for each in ranges
        if each.start_time.seconds - margin < length and each.end_time_exclusive.seconds + margin >= 0
    )
    near: list[tuple[Fraction, Fraction]] = []
    for first, last in (_on_raster(low, high, length) for low, high in reached):
        if near and first - near[-1][1] < APART:
            near[-1] = near[-1][0], max(near[-1][1], last)
        else:
            near.append((first, last))
    if sum(last - first for first, last in near) >= NEARLY_WHOLE * length:
        near = [(Fraction(0), length)] if near else []
    return tuple(_range(first, last, duration) for first, last in near)


def joined(ranges: Iterable[TimeRange]) -> Spans:
    """The same media as ranges that rise and do not touch; those without length go."""
    found: list[TimeRange] = []
    for each in sorted((each for each in ranges if each.duration.value), key=lambda each: each.start_time):
        if found and each.start_time <= found[-1].end_time_exclusive:
            end = max(found[-1].end_time_exclusive, each.end_time_exclusive)
            found[-1] = TimeRange.from_start_end(found[-1].start_time, end)
        else:
            found.append(each)
    return tuple(found)


def parts_of(spans: Sequence[TimeRange], duration: RationalTime) -> Spans:
    """The spans to decode and seek to; none where they are the whole medium, which takes one plain pass."""
    is_whole = len(spans) == 1 and spans[0].covers(TimeRange(RationalTime.zero(duration.rate), duration))
    return () if is_whole else tuple(spans)


def place_after(spans: Sequence[TimeRange], done: float) -> float:
    """The media second at which `done` seconds of the spans lie behind one; without spans, `done` itself."""
    left = done
    for span in spans:
        length = span.duration.to_seconds()
        if left <= length:
            return span.start_time.to_seconds() + left
        left -= length
    return spans[-1].end_time_exclusive.to_seconds() if spans else done


def _on_raster(low: Fraction, high: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
    """The multiples around it, inside the medium; a moment on one gets what follows it."""
    first = max(Fraction(0), low // RASTER * RASTER)
    return first, min(length, max(first + RASTER, -(-high // RASTER) * RASTER))


def _range(first: Fraction, last: Fraction, duration: RationalTime) -> TimeRange:
    start = RationalTime.from_seconds(first, _SECONDS)
    end = duration if last == duration.seconds else RationalTime.from_seconds(last, _SECONDS)
    return TimeRange.from_start_end(start, end)
