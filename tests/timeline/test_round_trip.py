"""Whatever our values can hold, a file carries: written and read again, a timeline is equal to itself."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.otio_files import read_timeline, timeline_from_text, write_timeline

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.files import timeline_to_text
from circletake.timeline.model import (
    Clip,
    Gap,
    Item,
    Mark,
    Marker,
    MarkState,
    MediaReference,
    Timeline,
    Track,
    TrackKind,
    clean_name,
)
from circletake.timeline.stored import clean_note

RATES = [
    *(Fraction(nominal * 1000, 1001) for nominal in (24, 30, 60)),
    *(Fraction(nominal) for nominal in (24, 25, 30, 50, 60)),
]
ODD_RATES = [
    Fraction(23040000, 767849),
    Fraction(140000, 5087),
    Fraction(48000),
    Fraction(10**9),
    Fraction(999999937, 999983),
]

names = st.text(max_size=40).map(clean_name)
notes = st.text(max_size=80).map(clean_note)
words = st.text("abcdefghij", min_size=1, max_size=8)
numbers = st.floats(-1e9, 1e9, allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
metadata = st.dictionaries(words, json_values, max_size=3)


@st.composite
def ranges(draw: st.DrawFn, rates: list[Fraction], most: int = 10**6) -> TimeRange:
    """A range at one rate, a frame long or longer."""
    rate = draw(st.sampled_from(rates))
    start, length = draw(st.integers(0, most)), draw(st.integers(1, most))
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


speeds = st.sampled_from([Fraction(1), Fraction(0), Fraction(-1), Fraction(1, 3), Fraction(-999, 800)]) | st.fractions(
    -100, 100, max_denominator=10**6
)
colors = st.sampled_from(["", "red", "lavender", "#ff8000"])


@st.composite
def markers(draw: st.DrawFn, rates: list[Fraction]) -> Marker:
    """A marker of another tool: a point or a stretch."""
    span = draw(ranges(rates, 10**5))
    span = draw(st.sampled_from([span, TimeRange(span.start_time, RationalTime.zero(span.duration.rate))]))
    return Marker(span, draw(names), draw(notes), draw(colors), draw(st.sampled_from(["", "chapter"])), draw(metadata))


start_timecodes = st.none() | st.builds(
    RationalTime, st.integers(0, 10**7), st.sampled_from([*RATES[:4], *ODD_RATES[:3]])
)


@st.composite
def items(draw: st.DrawFn, rate: Fraction) -> Item:
    """A gap or a clip, now and then in media time of another rate."""
    length = RationalTime(draw(st.integers(1, 10_000)), rate)
    if draw(st.integers(0, 3)) == 0:
        return Gap(length, draw(names))
    media_rate = draw(st.sampled_from([rate, *ODD_RATES]))
    span = TimeRange(RationalTime(draw(st.integers(0, 10**9)), media_rate), length)
    media = draw(
        st.none()
        | st.builds(
            MediaReference,
            st.text("abc/é %大.", min_size=1, max_size=30),
            st.none() | ranges([*RATES, *ODD_RATES]),
            names,
            metadata,
            start_timecodes,
        )
    )
    own = tuple(draw(st.lists(markers([rate, *ODD_RATES]), max_size=2)))
    return Clip(draw(names), span, media, draw(metadata), draw(speeds), own)


@st.composite
def marks(draw: st.DrawFn, rate: Fraction, number: int) -> Mark:
    """A mark with every field, at the timeline's rate or another."""
    span = draw(ranges([rate, *ODD_RATES], 10**5))
    return Mark(
        id=f"mark-{number}",
        range=span,
        name=draw(names),
        state=draw(st.sampled_from(MarkState)),
        score=draw(st.none() | st.floats(0, 100)),
        source=draw(names),
        signals=MappingProxyType(draw(st.dictionaries(words, st.floats(0, 1), max_size=4))),
        strongest=draw(st.none() | st.just(span.start_time)),
        note=draw(notes),
        color=draw(st.sampled_from(["", "red", "PINK", "teal"])),
    )


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Any timeline of a few tracks and marks."""
    rate = draw(st.sampled_from(RATES))
    drop = rate in (Fraction(30), Fraction(30000, 1001), Fraction(60000, 1001)) and draw(st.booleans())
    tracks = tuple(
        Track(
            draw(names),
            draw(st.sampled_from(TrackKind)),
            tuple(draw(st.lists(items(rate), max_size=4))),
            draw(metadata),
        )
        for _ in range(draw(st.integers(0, 3)))
    )
    return Timeline(
        draw(names),
        rate,
        tracks,
        tuple(draw(marks(rate, number)) for number in range(draw(st.integers(0, 4)))),
        drop,
        draw(st.none() | st.builds(RationalTime, st.integers(0, 10**7), st.just(rate))),
        draw(metadata),
        tuple(draw(st.lists(markers([rate, *ODD_RATES]), max_size=2))),
    )


def all_times(timeline: Timeline) -> list[tuple[int, Fraction]]:
    """Every count and rate; times of different rates can be equal, and here they must be the same."""
    times = [] if timeline.global_start_time is None else [timeline.global_start_time]
    for mark in timeline.marks:
        times += [mark.range.start_time, mark.range.duration, *([mark.strongest] if mark.strongest else [])]
    for track in timeline.tracks:
        for item in track.items:
            times.append(item.duration)
            if isinstance(item, Clip):
                times.append(item.source_range.start_time)
                available = item.media.available_range if item.media else None
                times += [available.start_time, available.duration] if available else []
                times += [item.media.start_timecode] if item.media and item.media.start_timecode else []
                times += (time for marker in item.markers for time in (marker.range.start_time, marker.range.duration))
    times += (time for marker in timeline.markers for time in (marker.range.start_time, marker.range.duration))
    return [(time.value, time.rate) for time in times]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(timeline=timelines())
def test_a_timeline_comes_back_equal(timeline: Timeline) -> None:
    read = timeline_from_text(timeline_to_text(timeline))
    assert read.timeline == timeline
    assert all_times(read.timeline) == all_times(timeline)
    assert read.warnings == ()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(timeline=timelines())
def test_writing_again_what_was_read_changes_no_byte(timeline: Timeline) -> None:
    text = timeline_to_text(timeline)
    assert timeline_to_text(timeline_from_text(text).timeline) == text


def test_a_file_holds_what_its_text_says(tmp_path: Path) -> None:
    timeline = Timeline("Holiday", Fraction(30000, 1001), drop_frame=True)
    write_timeline(timeline, tmp_path / "cut.anything")
    assert read_timeline(tmp_path / "cut.anything").timeline == timeline
