"""What a cut and its marks are, before any file."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Mark, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)


def frames(start: int, end: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(end - start, RATE))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_mark_has_no_number_that_is_not_finite(number: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        Mark("a", frames(0, 1), "Goal", signals={"motion": 0.5, "sound": number})
    with pytest.raises(ValueError, match="scores go from 0 to 100"):
        Mark("a", frames(0, 1), "Goal", score=number)


MEDIA = MediaReference("/media/a.mp4", frames(0, 1000))


def clip(name: str, start: int, length: int) -> Clip:
    return Clip(name, frames(start, start + length), MEDIA)


def gap(length: int) -> Gap:
    return Gap(RationalTime(length, RATE))


def seen(span: TimeRange, *tracks: tuple[Item, ...]) -> list[tuple[str, int, int]]:
    """What shows under a span: each clip with the first frame and the number of frames it shows."""
    timeline = Timeline("cut", RATE, tuple(Track("V", TrackKind.VIDEO, items) for items in tracks))
    found = timeline.media_ranges(span)
    return [(item.name, where.start_time.value, where.duration.value) for item, where in found]


def test_an_overlay_leaves_what_it_does_not_cover() -> None:
    under, overlay = (clip("under", 100, 100),), (gap(40), clip("overlay", 500, 20))
    assert seen(frames(10, 90), under, overlay) == [("under", 110, 30), ("overlay", 500, 20), ("under", 160, 30)]
    assert seen(frames(45, 55), under, overlay) == [("overlay", 505, 10)]
    assert seen(frames(70, 80), under, overlay) == [("under", 170, 10)]
    assert seen(frames(100, 120), under, overlay) == []


def test_each_track_fills_what_all_above_leave_open() -> None:
    low, middle, top = (clip("low", 0, 30),), (gap(5), clip("middle", 0, 10)), (clip("top", 0, 8), gap(2))
    assert seen(frames(0, 30), low, middle, top) == [("top", 0, 8), ("middle", 3, 7), ("low", 15, 15)]


def test_a_title_lets_the_film_below_it_through() -> None:
    title = Clip("title", frames(0, 20), None)
    assert seen(frames(0, 30), (clip("film", 100, 10),), (title,)) == [("film", 100, 10), ("title", 10, 10)]


def test_sound_is_not_covered_by_pictures() -> None:
    sound, picture = Track("A", TrackKind.AUDIO, (clip("s", 0, 9),)), Track("V", TrackKind.VIDEO, (clip("p", 0, 9),))
    found = Timeline("cut", RATE, (sound, picture)).media_ranges(frames(0, 9), TrackKind.AUDIO)
    assert [each.name for each, _ in found] == ["s"]


track_items = st.lists(st.tuples(st.booleans(), st.integers(1, 9)), max_size=6)


@given(st.lists(track_items, max_size=4), st.integers(0, 20), st.integers(1, 30))
def test_every_frame_shows_the_topmost_clip_there(rows: list[list[tuple[bool, int]]], start: int, length: int) -> None:
    tracks = [
        tuple(clip(f"{row}.{at}", 100 * at, size) if is_clip else gap(size) for at, (is_clip, size) in enumerate(items))
        for row, items in enumerate(rows)
    ]
    shown: dict[int, tuple[str, int]] = {}
    for items in tracks:
        at = 0
        for item in items:
            for offset in range(item.duration.value):
                if isinstance(item, Clip):
                    shown[at + offset] = (item.name, item.source_range.start_time.value + offset)
            at += item.duration.value
    expected = [shown[frame] for frame in range(start, start + length) if frame in shown]
    found = seen(frames(start, start + length), *tracks)
    assert [(name, first + offset) for name, first, count in found for offset in range(count)] == expected
