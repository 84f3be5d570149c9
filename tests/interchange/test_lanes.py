"""Lanes: sound joins the pictures it belongs to, and keeps its order."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from circletake.interchange.lanes import lanes_of, sound_lane
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)
ONE = Clip("one", TimeRange(RationalTime(10, RATE), RationalTime(20, RATE)), MediaReference("one.mp4"))
TWO = replace(ONE, name="two", media=MediaReference("two.mp4"))


def video(name: str, *items: Item) -> Track:
    return Track(name, TrackKind.VIDEO, items)


def audio(name: str, *items: Item) -> Track:
    return Track(name, TrackKind.AUDIO, items)


def seen(*tracks: Track) -> list[tuple[str, list[tuple[str, int, bool, bool]]]]:
    return [
        (lane.name, [(part.clip.name, part.place.start_time.value, part.picture, part.sound) for part in lane.parts])
        for lane in lanes_of(Timeline("cut", RATE, tracks))
    ]


def test_the_same_under_each_other_is_one() -> None:
    assert seen(video("V1", ONE, TWO), audio("A1", ONE)) == [("V1", [("one", 0, True, True), ("two", 20, True, False)])]


def test_other_sound_lies_below_with_the_first_on_top() -> None:
    tracks = video("V1", ONE), video("V2", TWO), audio("A1", ONE), audio("A2", ONE), audio("A3", TWO)
    assert [name for name, _ in seen(*tracks)] == ["A3", "A2", "V1", "V2"]


def test_sound_that_differs_stays_alone() -> None:
    late = audio("A1", Gap(RationalTime(1, RATE)), ONE)
    others = (audio("A1", replace(ONE, speed=Fraction(2))), audio("A1", replace(ONE, name="x")), audio("A1", TWO), late)
    for other in others:
        assert [name for name, _ in seen(video("V1", ONE), other)] == ["A1", "V1"]


def test_clips_without_media_leave_their_place_empty() -> None:
    assert seen(video("V1", replace(ONE, media=None), TWO)) == [("V1", [("two", 20, True, False)])]


def test_neighbours_off_the_grid_touch_on_it() -> None:
    third = replace(ONE, source_range=TimeRange(RationalTime(0, RATE), RationalTime(101, Fraction(75))))
    (lane,) = lanes_of(Timeline("cut", RATE, (video("V1", third, third, third),)))
    assert [(part.place.start_time.value, part.place.duration.value) for part in lane.parts] == [
        (0, 34),
        (34, 33),
        (67, 34),
    ]


def test_sound_alone_is_numbered_after_sound_with_pictures_from_the_top_down() -> None:
    lanes = [("A3", False), ("A2", False), ("V1", True), ("V2", True)]
    numbers = {name: sound_lane(number, 4, has_pictures=has) for number, (name, has) in enumerate(lanes)}
    assert sorted(numbers, key=numbers.__getitem__) == ["V1", "V2", "A2", "A3"]
