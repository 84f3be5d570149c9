"""Single values of an OpenTimelineIO tree: times, ranges and rates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from circletake.timebase import (
    MAX_RATE,
    MICROSECONDS,
    NTSC_DENOMINATOR,
    RationalTime,
    TimeRange,
    common_rate,
    exact_rate,
)
from circletake.timeline.model import Clip
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY, range_from_text

Node = dict[str, Any]
"""A JSON object of the tree."""

DEFAULT_RATE = Fraction(25)
"""Frames a second of a timeline without pictures, as for media with sound alone."""

MAX_SECONDS = 1000 * 3600
"""Longest item believed: timecode has three digits of hours."""

MAX_VALUE = 2**53
"""Largest count believed: beyond it a float no longer holds every integer."""

_FINEST_PART = 1000
_WHOLE_DISTANCE = 1e-5
_SAME_SECONDS = Fraction(1, 10**6)


def schema(node: Mapping[str, Any]) -> str:
    """`Clip` of `Clip.2`; empty where the node names none."""
    name = node.get("OTIO_SCHEMA")
    return name.rpartition(".")[0] if isinstance(name, str) else ""


def mapping(value: object) -> Node:
    """A copy of a JSON object, or an empty one in place of anything else."""
    return dict(value) if isinstance(value, Mapping) else {}


def ours(node: Mapping[str, Any]) -> Node:
    """What we stored in the metadata of `node`."""
    return mapping(mapping(node.get("metadata")).get(KEY))


def read_time(node: Mapping[str, Any], place: str, report: Report) -> RationalTime:
    """A time at the exact rate meant; a part of a frame is kept to a thousandth.

    Raises:
        TimelineInvalid: a rate or count that cannot be.
    """
    value, rate = node["value"], node["rate"]
    try:
        exact = _exact(rate)
    except ValueError as error:
        raise report.invalid(str(error), place) from error
    if not math.isfinite(value) or abs(value) > MAX_VALUE:
        raise report.invalid(f"{value:g} is not a time", place)
    time = _counted(value, exact)
    odd = exact.denominator not in (1, NTSC_DENOMINATOR) or exact > MICROSECONDS
    return time.rescaled_to(report.grid) if report.grid is not None and odd else time


def _counted(value: float, exact: Fraction) -> RationalTime:
    whole = round(value)
    if abs(value - whole) < _WHOLE_DISTANCE:
        return RationalTime(whole, exact)
    parts = Fraction(value).limit_denominator(_FINEST_PART).denominator
    if exact * parts > MAX_RATE:
        return RationalTime(whole, exact)
    return RationalTime(round(value * parts), exact * parts)


_exact = lru_cache(1000)(exact_rate)
"""A file repeats few rates thousands of times."""


def read_range(node: Mapping[str, Any] | None, place: str, report: Report) -> TimeRange | None:
    """A range, None where there is none.

    Raises:
        TimelineInvalid: times that cannot be, or a length below zero or above `MAX_SECONDS`.
    """
    if node is None:
        return None
    start = read_time(node["start_time"], place, report)
    duration = read_time(node["duration"], place, report)
    if not 0 <= duration.seconds <= MAX_SECONDS:
        raise report.invalid(f"it cannot last {float(duration.seconds):g} s", place)
    return TimeRange(start, duration)


def exactly(read: TimeRange, stored: object) -> TimeRange:
    """The range as we stored it beside the floats, unless another tool has changed those since."""
    try:
        exact = range_from_text(stored)
    except ValueError:
        return read
    return exact if is_same(read, exact) else read


def counted_at(time: RationalTime, rate: Fraction) -> RationalTime:
    """The same moment at `rate`, where that holds it exactly."""
    return time.rescaled_to(rate) if (time.seconds * rate).denominator == 1 else time


def moved(time: RationalTime, by: RationalTime) -> RationalTime:
    """The sum, at the first of the two rates that holds it, else at their common one, else to a microsecond."""
    seconds = time.seconds + by.seconds
    rates = (time.rate, by.rate, common_rate(time.rate, by.rate))
    usable = (rate for rate in rates if rate <= MAX_RATE and (seconds * rate).denominator == 1)
    fitting = (rate for rate in usable if abs(seconds * rate) <= MAX_VALUE)
    return RationalTime.from_seconds(seconds, next(fitting, MICROSECONDS))


def moved_range(span: TimeRange, by: RationalTime) -> TimeRange:
    """A range of the same length, its start moved."""
    return TimeRange(moved(span.start_time, by), span.duration)


def media_time(span: TimeRange, start: RationalTime | None, available: TimeRange | None, stored: object) -> TimeRange:
    """A range of the file as media time: what counts from the timecode `start` of the medium's first frame, less that.

    Where it ends before that timecode and fits into the medium as it stands, it counted from the first frame. Source:
    a Premiere export at 29.97 with media that starts at one hour: ranges count from midnight, markers from the first
    frame. `stored` is the exact text beside it, of media time; files of the first version have it as the file counts.
    """
    if start is None:
        return exactly(span, stored)
    less = moved_range(span, -start)
    exact = exactly(less, stored)
    if exact is not less:
        return exact
    if less.start_time.value < 0 >= less.end_time_exclusive.value and available is not None:
        whole = TimeRange(RationalTime.zero(span.start_time.rate), available.duration)
        return span if whole.covers(span) else less
    return moved_range(exactly(span, stored), -start)


def marker_time(span: TimeRange, clip: Clip, stored: object) -> TimeRange:
    """A marker of a clip in media time; it counted from the first frame where only that puts it inside the clip."""
    start = clip.media.start_timecode if clip.media else None
    read = media_time(span, start, clip.media.available_range if clip.media else None, stored)
    if start is None or _is_stored(read, stored):
        return read
    return span if _shows(clip, span) and not _shows(clip, read) else read


def _shows(clip: Clip, span: TimeRange) -> bool:
    """Tell whether `span` of its media begins inside a clip."""
    since = span.start_time.seconds - clip.source_range.start_time.seconds
    return 0 <= since <= clip.duration.seconds * abs(clip.speed)


def _is_stored(span: TimeRange, stored: object) -> bool:
    return stored is not None and exactly(span, stored) is not span


def is_same(first: TimeRange, second: TimeRange) -> bool:
    """Tell whether two ranges agree to a microsecond, as far as a float carries a time of that size."""
    tolerance = _SAME_SECONDS * (1 + abs(first.start_time.seconds) / 10**6)
    return (
        abs(first.start_time.seconds - second.start_time.seconds) <= tolerance
        and abs(first.duration.seconds - second.duration.seconds) <= tolerance
    )
