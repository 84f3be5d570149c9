"""Marks that come back from an editor find their place, wherever the cut went meanwhile."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from circletake.interchange.compose import Layout, picks
from circletake.interchange.format import Carries, Format, Kind, Read, ReadFile
from circletake.interchange.lifting import has_markers, lifted
from circletake.interchange.returning import lay, markers_as_marks
from circletake.interchange.tags import adopted, merged, with_markers
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)


def time(frames: int) -> RationalTime:
    return RationalTime(frames, RATE)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(time(start), time(length))


def clip(name: str, start: int, length: int, speed: Fraction | int = 1) -> Clip:
    return Clip(name, span(start, length), MediaReference(f"/footage/{name}.mp4"), speed=Fraction(speed))


def own(*marks: Mark) -> Timeline:
    track = Track("V1", TrackKind.VIDEO, (clip("a", 0, 200), clip("b", 500, 200)))
    return Timeline("Own", RATE, (track,), marks)


def mark(start: int, length: int, name: str = "Hook") -> Mark:
    return Mark(f"{start:04d}" + "0" * 28, span(start, length), name, MarkState.KEPT, 80.0, "signals only")


def read(timeline: Timeline, kind: Kind = Kind.TIMELINE) -> ReadFile:
    return ReadFile(Path("back.xml"), Format("any", "Any", ".xml", Carries(), kind), Read(adopted(timeline)))


def test_the_same_cut_brings_marks_back_where_they_are() -> None:
    before = own(mark(30, 40), mark(250, 20))
    assert lay(read(with_markers(before)), own()).marks == tuple(
        replace(each, id=each.id[:12], source="marker") for each in before.marks
    )


def test_a_mark_moved_in_the_editor_moves_here() -> None:
    before = own(mark(30, 40))
    outgoing = with_markers(before)
    moved = replace(outgoing, markers=(replace(outgoing.markers[0], range=span(35, 50)),))
    (after,) = merged(before.marks, lay(read(moved), before).marks)
    assert (after.id, after.range, after.edited) == (before.marks[0].id, span(35, 50), True)


def test_marks_on_picks_find_their_media_on_the_whole_cut() -> None:
    before = own(mark(250, 20, "Late"), mark(30, 40, "Early"))
    sent = with_markers(picks(before, before.marks, Layout(time(5), time(25))))
    after = merged(before.marks, lay(read(sent), before).marks)
    assert [(each.name, each.range) for each in after] == [("Late", span(250, 20)), ("Early", span(30, 40))]


def test_media_are_known_by_name_wherever_they_lie() -> None:
    sent = with_markers(picks(own(), (mark(250, 20),)))
    elsewhere = tuple(
        replace(track, items=tuple(_moved_to("C:\\Footage\\B.mp4", item) for item in track.items))
        for track in sent.tracks
    )
    assert lay(read(replace(sent, tracks=elsewhere)), own()).marks[0].range == span(250, 20)


def _moved_to(url: str, item: object) -> Clip:
    assert isinstance(item, Clip)
    return replace(item, media=MediaReference(url))


def test_marks_of_other_media_are_told() -> None:
    other = Timeline("Other", RATE, (Track("V1", TrackKind.VIDEO, (clip("x", 0, 100),)),), (mark(10, 10),))
    laid = lay(read(with_markers(other)), own())
    assert laid.marks == ()
    assert laid.warnings == ('"Hook": what it marks is not in Own, so it is left out.',)


def test_lists_lie_where_they_say_and_twice_is_once() -> None:
    listed = Timeline("", Fraction(1000), (), markers=(Marker(TimeRange(_ms(2000), _ms(4000)), "Goal", "wow"),))
    laid = lay(read(listed, Kind.LIST), own()).marks
    (found,) = laid
    assert (found.name, found.note, found.range, found.state) == ("Goal", "wow", span(50, 100), MarkState.PROPOSED)
    again = lay(read(listed, Kind.LIST), own()).marks
    assert merged(laid, again) == laid


def _ms(count: int) -> RationalTime:
    return RationalTime(count, Fraction(1000))


def test_markers_of_a_clip_count_where_the_clip_shows_them() -> None:
    first = replace(clip("a", 100, 50), markers=(Marker(span(110, 5), "In"), Marker(span(300, 0), "Not used")))
    fast = replace(clip("b", 0, 50, 2), markers=(Marker(span(20, 10), "Fast"),))
    back = replace(clip("c", 0, 50, -1), markers=(Marker(span(10, 10), "Back"),))
    track = Track("V1", TrackKind.VIDEO, (first, fast, back))
    found = lifted(Timeline("Cut", RATE, (track,))).markers
    assert [(each.name, each.range) for each in found] == [
        ("In", span(10, 5)),
        ("Fast", span(60, 5)),
        ("Back", span(130, 10)),
    ]


def test_picture_and_sound_of_one_clip_give_one_marker() -> None:
    both = replace(clip("a", 0, 50), markers=(Marker(span(5, 0), "Once"),))
    tracks = (Track("V1", TrackKind.VIDEO, (both,)), Track("A1", TrackKind.AUDIO, (both,)))
    assert len(lifted(Timeline("Cut", RATE, tracks)).markers) == 1


def test_markers_become_marks_and_are_gone() -> None:
    marked = replace(clip("a", 0, 50), markers=(Marker(span(5, 0), "On the clip"),))
    timeline = Timeline(
        "Cut", RATE, (Track("V1", TrackKind.VIDEO, (marked,)),), markers=(Marker(span(20, 10), "Long"),)
    )
    assert has_markers(timeline)
    after = markers_as_marks(timeline)
    assert [(each.name, each.range) for each in after.marks] == [("Long", span(20, 10)), ("On the clip", span(5, 1))]
    assert not has_markers(after)
    assert markers_as_marks(after) == after
