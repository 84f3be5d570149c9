"""The loss report says what a format has no place for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from circletake.interchange.format import Carries, Feature, Format, Kind
from circletake.interchange.losses import LOST, features_of, losses
from circletake.interchange.registry import format_named, formats, written_formats
from circletake.session.exporting import TimelineFormat
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def rich() -> Timeline:
    """A timeline that holds everything."""
    media = MediaReference("/a.mp4", start_timecode=RationalTime(90000, RATE))
    first = Clip("Own name", span(0, 50), media, {"fx": 1}, Fraction(2), (Marker(span(1, 2), "n", "c", "red", "todo"),))
    odd = TimeRange(RationalTime(1, Fraction(24)), RationalTime(25, RATE))
    title = Clip("Title", span(0, 5), None)
    rest = (title, Clip("b", odd, media, speed=Fraction(-1)), Clip("c", span(0, 25), media, speed=Fraction(0)))
    picture = Track("Main", TrackKind.VIDEO, (first, Gap(RationalTime(5, RATE)), *rest))
    sound = Track("A1", TrackKind.AUDIO, (Clip("a", span(0, 50), media),))
    mark = Mark("m" * 32, span(0, 10), "Mark", score=50.0, note="why")
    start = RationalTime(107892, Fraction(30000, 1001))
    return Timeline(
        "Rich",
        Fraction(30000, 1001),
        (picture, replace(picture, name="V2"), sound),
        (mark,),
        drop_frame=True,
        global_start_time=start,
        metadata={"other": 1},
        markers=(Marker(span(3, 4), "m"), Marker(span(3, 0), "on the same frame")),
    )


def form(*wholly: Feature, kind: Kind = Kind.TIMELINE, **partly: str) -> Format:
    return Format(
        "f", "F", ".f", Carries(frozenset(wholly), {Feature(key): text for key, text in partly.items()}), kind
    )


def test_a_rich_timeline_holds_every_feature() -> None:
    assert set(features_of(rich())) == set(Feature)
    assert set(LOST) == set(Feature)


def test_an_empty_timeline_holds_its_rate_alone() -> None:
    assert set(features_of(Timeline("Empty", RATE))) == {Feature.RATE}


def test_our_own_notes_are_nothing_of_another_tool() -> None:
    pick = Clip("pick", span(0, 10), MediaReference("/a.mp4"), metadata={"circletake_mark": "id"})
    timeline = Timeline("cut", RATE, (Track("V1", TrackKind.VIDEO, (pick,)),), metadata={"circletake": 1})
    assert Feature.OTHER_TOOLS not in features_of(timeline)


def test_what_is_carried_wholly_is_not_reported() -> None:
    assert losses(rich(), form(*Feature)) == ()


def test_what_is_carried_in_part_says_how() -> None:
    (loss,) = losses(rich(), form(*set(Feature) - {Feature.SPEED}, speed="Twice as fast becomes twice."))
    assert (loss.feature, loss.sentence, loss.whole) == (Feature.SPEED, "Twice as fast becomes twice.", False)
    assert (loss.count, loss.places) == (2, ('clip "Own name"', 'clip "Own name"'))


def test_colours_that_stay_are_not_reported() -> None:
    marker, mark = Marker(span(3, 4), "m", color="red"), Mark("m" * 32, span(0, 10), "Mark")
    timeline = replace(Timeline("Two", RATE), markers=(marker,), marks=(mark,))
    carries = Carries(
        frozenset(Feature) - {Feature.MARKER_COLORS}, {Feature.MARKER_COLORS: "Nearest."}, frozenset({"red"})
    )
    (loss,) = losses(timeline, Format("f", "F", ".f", carries))
    assert (loss.feature, loss.places) == (Feature.MARKER_COLORS, ('mark "Mark"',))  # which is blue while proposed


def test_a_list_is_not_blamed_for_holding_no_clips() -> None:
    found = {loss.feature for loss in losses(rich(), form(kind=Kind.LIST))}
    assert Feature.MARK_IDS in found
    assert Feature.CUTS not in found


def test_many_places_are_counted_and_few_are_named() -> None:
    clips = tuple(Clip(f"c{number}", span(0, 10), MediaReference("/x.mp4")) for number in range(30))
    timeline = Timeline("Long", RATE, (Track("V1", TrackKind.VIDEO, clips),))
    loss = next(each for each in losses(timeline, form()) if each.feature is Feature.CLIP_NAMES)
    assert (loss.count, len(loss.places)) == (30, 3)


@pytest.mark.parametrize("each", formats(), ids=lambda each: each.name)
def test_every_format_declares_itself_well(each: Format) -> None:
    assert each.read or each.write
    assert each.title
    assert each.suffix.startswith(".")
    assert not each.carries.wholly & set(each.carries.partly)
    assert all(text.strip().endswith(".") for text in each.carries.partly.values())
    assert format_named(each.name) is each


def test_what_can_be_written_beside_clips_is_what_can_be_written() -> None:
    assert {str(each) for each in TimelineFormat} == {each.name for each in written_formats()}
