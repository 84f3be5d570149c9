"""What goes out: picks of a cut, and the cut with its marks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from circletake.interchange.compose import Layout, annotated, picks
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)


def time(frames: int) -> RationalTime:
    return RationalTime(frames, RATE)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(time(start), time(length))


def clip(name: str, start: int, length: int, speed: int = 1) -> Clip:
    return Clip(name, span(start, length), MediaReference(f"/{name}.mp4", span(0, 9000)), speed=Fraction(speed))


def mark(start: int, length: int, name: str = "M") -> Mark:
    return Mark(f"{name}{start}", span(start, length), name, MarkState.KEPT)


def cut(*more: Track) -> Timeline:
    """Frames 0-100 of a, then 100 frames of b from 500, with a marker at 120."""
    track = Track("V1", TrackKind.VIDEO, (clip("a", 0, 100), clip("b", 500, 100)))
    return Timeline("Cut", RATE, (track, *more), markers=(Marker(span(120, 0), "Here"),))


def sources(timeline: Timeline, track: int = 0) -> list[tuple[str, int, int] | int]:
    """Each clip as (file, media start, length), each gap as its length."""
    return [
        item.duration.value
        if isinstance(item, Gap)
        else (
            Path(item.media.target_url).stem if item.media else "",
            item.media_range.start_time.value,
            item.duration.value,
        )
        for item in timeline.tracks[track].items
    ]


def test_picks_butt_and_marks_lie_over_them() -> None:
    picked = picks(cut(), (mark(110, 30), mark(10, 20)))
    assert sources(picked) == [("b", 510, 30), ("a", 10, 20)]
    assert [each.range for each in picked.marks] == [span(0, 30), span(30, 20)]
    assert [marker.range.start_time.value for marker in picked.markers] == [10]


def test_a_pick_over_a_cut_has_both_clips() -> None:
    assert sources(picks(cut(), (mark(90, 20),))) == [("a", 90, 10), ("b", 500, 10)]


def test_handles_widen_picks_and_leave_marks_as_they_are() -> None:
    picked = picks(cut(), (mark(2, 20), mark(150, 50)), Layout(time(5), time(0)))
    assert sources(picked) == [("a", 0, 27), ("b", 545, 55)]
    assert [each.range for each in picked.marks] == [span(2, 20), span(32, 50)]


def test_spacing_leaves_gaps_on_every_track() -> None:
    sound = Track("A1", TrackKind.AUDIO, (clip("a", 0, 100),))
    picked = picks(cut(sound), (mark(10, 20), mark(110, 20)), Layout(time(0), time(12)))
    assert sources(picked) == [("a", 10, 20), 12, ("b", 510, 20)]
    assert sources(picked, 1) == [("a", 10, 20), 12, 20]


def test_fast_clips_keep_their_speed_and_use_more_media() -> None:
    timeline = Timeline("Fast", RATE, (Track("V1", TrackKind.VIDEO, (clip("a", 100, 50, speed=2),)),))
    (item,) = picks(timeline, (mark(10, 20),)).tracks[0].items
    assert isinstance(item, Clip)
    assert item.speed == Fraction(2)
    assert (item.duration, item.media_range) == (time(20), span(120, 40))


def test_backward_clips_are_cut_from_their_end() -> None:
    timeline = Timeline("Back", RATE, (Track("V1", TrackKind.VIDEO, (clip("a", 100, 50, speed=-1),)),))
    (item,) = picks(timeline, (mark(0, 20),)).tracks[0].items
    assert isinstance(item, Clip)
    assert item.media_range == span(130, 20)


def test_every_track_is_cut_and_empty_ones_are_left_out() -> None:
    above = Track("V2", TrackKind.VIDEO, (Gap(time(20)), clip("c", 0, 20)))
    empty = Track("V3", TrackKind.VIDEO, (Gap(time(200)),))
    picked = picks(cut(above, empty), (mark(10, 20),))
    assert [track.name for track in picked.tracks] == ["V1", "V2"]
    assert sources(picked, 1) == [10, ("c", 0, 10)]


def test_clips_say_which_mark_they_come_from() -> None:
    (item,) = picks(cut(), (mark(10, 20, "Hook"),)).tracks[0].items
    assert isinstance(item, Clip)
    assert item.name == "Hook"
    assert item.metadata["circletake_mark"] == {"id": "Hook10", "name": "Hook", "score": None, "source": ""}


def test_the_whole_cut_keeps_what_it_has() -> None:
    before = cut()
    after = annotated(before.with_marks((mark(1, 2), mark(5, 6))), (mark(5, 6),))
    assert after == before.with_marks((mark(5, 6),))


def test_markers_of_held_frames_come_along() -> None:
    held = replace(clip("a", 100, 50, 0), markers=(Marker(span(100, 0), "Held"),))
    timeline = Timeline("Held", RATE, (Track("V1", TrackKind.VIDEO, (held,)),))
    (item,) = picks(timeline, (mark(10, 20),)).tracks[0].items
    assert isinstance(item, Clip)
    assert item.markers == held.markers


def test_items_without_length_are_passed() -> None:
    track = Track("V1", TrackKind.VIDEO, (clip("a", 0, 100), Gap(time(0)), clip("b", 0, 0), clip("b", 500, 100)))
    assert sources(picks(Timeline("Cut", RATE, (track,)), (mark(90, 20),))) == [("a", 90, 10), ("b", 500, 10)]
