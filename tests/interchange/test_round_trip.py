"""Random timelines through every format that holds a cut: nothing is lost that its report did not announce."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.interchange.compare import differences
from tests.interchange.matrix import READ_BY, Bench

from circletake.interchange.format import Feature, Format, Kind, Source
from circletake.interchange.losses import losses
from circletake.interchange.registry import format_named, written_formats
from circletake.interchange.tags import adopted
from circletake.interchange.writing import to_format
from circletake.timebase import RationalTime, TimeRange, may_drop_frames
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
)

EXAMPLES = 200
"""Random timelines for each format."""

FOLDER = Path("/footage")
FILMS = (FOLDER / "first.mp4", FOLDER / "second.mp4", FOLDER / "Zoë's clips & co" / "höhle 100%.mp4")
SPEEDS = tuple(map(Fraction, ("1", "1", "1", "1", "2", "1/2", "-1", "0")))
USUAL = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
NAMES = st.one_of(
    st.sampled_from(("Goal", "A & B <c>", 'He said "no"', "Größe", "日本", "100%", "a: b", "[x]", "'quoted'")),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12),
)
RETIMED = (Feature.SPEED, Feature.REVERSE, Feature.FREEZE)
CUTS = [each for each in written_formats() if each.kind is Kind.TIMELINE and (each.read or each.name in READ_BY)]


@st.composite
def clips(draw: st.DrawFn, rate: Fraction) -> Clip:
    """A clip of one of three films of ten minutes, rarely at another speed."""
    path = draw(st.sampled_from(FILMS))
    length = draw(st.integers(1, 90))
    start = draw(st.integers(0, int(300 * rate)))
    speed = draw(st.sampled_from(SPEEDS))
    reference = MediaReference(str(path), span(0, int(600 * rate), rate), path.name)
    return Clip(path.stem, span(start, length, rate), reference, speed=speed)


def span(start: int, length: int, rate: Fraction) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


@st.composite
def rows(draw: st.DrawFn, rate: Fraction) -> tuple[Item, ...]:
    """Clips with gaps between some, never at the end."""
    found: list[Item] = []
    for clip in draw(st.lists(clips(rate), min_size=1, max_size=5)):
        if draw(st.integers(0, 3)) == 0:
            found.append(Gap(RationalTime(draw(st.integers(1, 50)), rate)))
        found.append(clip)
    return tuple(found)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """A cut as people make them: pictures, mostly their sound, now and then a second layer, markers and marks."""
    rate = draw(st.sampled_from(USUAL))
    picture = draw(rows(rate))
    tracks = [Track("V1", TrackKind.VIDEO, picture)]
    if draw(st.integers(0, 3)) == 0:
        lead = Gap(RationalTime(draw(st.integers(1, 40)), rate))
        tracks.append(Track("V2", TrackKind.VIDEO, (lead, *draw(rows(rate)))))
    if draw(st.booleans()):
        tracks.append(Track("A1", TrackKind.AUDIO, picture))
    cut = Timeline("Random", rate, tuple(tracks), drop_frame=may_drop_frames(rate) and draw(st.booleans()))
    frames = cut.duration.value
    names = draw(st.lists(NAMES, max_size=min(4, frames), unique=True))
    starts = draw(st.lists(st.integers(0, frames - 1), min_size=len(names), max_size=len(names), unique=True))
    markers, marks = [], []
    for number, (name, start) in enumerate(zip(names, sorted(starts), strict=True)):
        length = draw(st.integers(0, frames - start))
        if draw(st.booleans()):
            markers.append(Marker(span(start, length, rate), name))
        else:
            score = draw(st.one_of(st.none(), st.integers(0, 100).map(float)))
            state = draw(st.sampled_from(MarkState))
            own = f"{number:04d}" + "c0ffee" * 4
            marks.append(Mark(own, span(start, max(1, length), rate), name, state, score, "signals only"))
    timeline = cut.with_marks(tuple(marks))
    start_time = draw(st.one_of(st.none(), st.just(RationalTime(round(rate) * 3600, rate))))
    return Timeline(
        timeline.name,
        rate,
        timeline.tracks,
        timeline.marks,
        timeline.drop_frame,
        start_time,
        markers=tuple(markers),
    )


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


@pytest.mark.slow
@pytest.mark.parametrize("form", CUTS, ids=lambda each: each.name)
def test_nothing_is_lost_unannounced(form: Format, bench: Bench) -> None:
    read = format_named(READ_BY.get(form.name, form.name)).read
    assert read is not None

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(timeline=timelines())
    def check(timeline: Timeline) -> None:
        told = losses(timeline, form)
        assume(not any(loss.whole and loss.feature in RETIMED for loss in told))  # then other media show
        announced = {loss.feature for loss in told}
        path = FOLDER / f"random{form.suffix}"
        data = to_format(timeline, form, bench.media(timeline.rate), path)
        told_rate = None if Feature.RATE in form.carries.wholly else str(timeline.rate)
        back = adopted(read(Source(path, data, rate=told_rate)).timeline)
        if Feature.LAYERS in announced:  # a retimed clip may be uncovered between two of its frames
            announced.add(Feature.RETIMED_STARTS)
        found = differences(timeline, back, FOLDER)
        assert {feature: text for feature, text in found.items() if feature not in announced} == {}

    check()
