"""Tracks laid over one another show what the timeline itself says is shown."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import TimelineInvalid
from circletake.interchange import rows
from circletake.interchange.rows import Flat, Looks
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Marker, Timeline, Track, TrackKind
from circletake.timeline.report import Report

RATE = Fraction(25)
LENGTHS = st.lists(st.integers(-9, 9), max_size=8)


def frames(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def item(length: int, name: str) -> Item:
    """A clip, or for a length below zero a gap."""
    if length < 0:
        return Gap(RationalTime(-length, RATE))
    return Clip(name, frames(100 * length, length), None, markers=(Marker(frames(100 * length + 2, 1)),))


def looks() -> Looks:
    return Looks(Report(Path("x.xml")))


@settings(max_examples=100, deadline=None)
@given(st.lists(LENGTHS, max_size=4), st.integers(0, 30), st.integers(1, 30))
def test_the_topmost_clip_of_each_moment(lengths: list[list[int]], start: int, length: int) -> None:
    tracks = tuple(
        Track("", TrackKind.VIDEO, tuple(item(each, f"{level}.{n}") for n, each in enumerate(row)))
        for level, row in enumerate(lengths)
    )
    span = frames(start, length)
    found, at = [], span.start_time
    for each in Flat(tracks, RATE, looks()).during(span):
        if isinstance(each, Clip):
            found.append((TimeRange(at, each.duration), each.name, each.source_range))
            assert all(each.source_range.touches(marker.range) for marker in each.markers)
        at = at + each.duration
    assert at == span.end_time_exclusive
    shown = Timeline("", RATE, tracks).shown(span)
    assert found == [(place, clip.name, in_media) for place, clip, in_media in shown]


def test_a_clip_that_lies_twice_is_found_at_both_places() -> None:
    clip = item(5, "a")
    flat = Flat([Track("", TrackKind.VIDEO, (clip, clip))], RATE, looks())
    found = [each for each in flat.during(frames(3, 4)) if isinstance(each, Clip)]
    names = [(each.source_range.start_time.value, each.duration.value) for each in found]
    assert names == [(503, 2), (500, 2)]


def test_what_is_looked_at_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_LOOKS", 10)
    flat = Flat([Track("", TrackKind.VIDEO, (item(5, "a"),))], RATE, looks())
    for _ in range(5):
        flat.during(frames(0, 5))
    with pytest.raises(TimelineInvalid, match="too many clips and markers"):
        flat.during(frames(0, 5))
