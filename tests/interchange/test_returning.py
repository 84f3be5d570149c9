"""Marks that come back from an editor find their place, wherever the cut went meanwhile."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import pytest

from circletake.interchange.compose import Layout, picks
from circletake.interchange.format import Carries, Format, Kind, Read, ReadFile
from circletake.interchange.lifting import has_markers, lifted
from circletake.interchange.returning import Laid, lay, markers_as_marks
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


def back(sent: Timeline, mine: Timeline) -> list[tuple[str, TimeRange]]:
    """What `merged` makes of marks that return in another cut: names and places."""
    return [(each.name, each.range) for each in merged(mine.marks, lay(read(with_markers(sent)), mine).marks)]


def cut_of(*clips: Clip, marks: tuple[Mark, ...] = ()) -> Timeline:
    return Timeline("Own", RATE, (Track("V1", TrackKind.VIDEO, clips),), marks)


def test_a_single_pick_is_not_the_same_cut() -> None:
    mine = cut_of(clip("a", 0, 500), marks=(mark(300, 40),))
    assert back(picks(mine, mine.marks), mine) == [("Hook", span(300, 40))]


def test_a_slipped_cut_is_not_the_same_cut() -> None:
    mine = own(mark(30, 40))
    slipped = replace(mine, tracks=(Track("V1", TrackKind.VIDEO, (clip("a", 10, 200), clip("b", 500, 200))),))
    assert back(slipped, mine) == [("Hook", span(40, 40))]


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(-3, 2), Fraction(0)])
def test_marks_on_retimed_clips_come_back_exactly(speed: Fraction) -> None:
    mine = cut_of(clip("a", 0, 200), clip("b", 40, 200, speed), marks=(mark(250, 20), mark(20, 30, "First")))
    assert back(picks(mine, mine.marks), mine) == [("Hook", span(250, 20)), ("First", span(20, 30))]


def test_a_mark_over_a_cut_comes_back_whole() -> None:
    mine = own(mark(190, 40), mark(10, 20, "First"))
    assert back(picks(mine, mine.marks), mine) == [("Hook", span(190, 40)), ("First", span(10, 20))]


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    rooms = [replace(clip("c", 0, 500), media=MediaReference(f"/room{number}/c.mp4")) for number in (1, 2)]
    mine = cut_of(*rooms, marks=(mark(600, 40),))
    sent = picks(mine, mine.marks)
    assert back(sent, mine) == [("Hook", span(600, 40))]
    assert lay(read(with_markers(_at(sent, "file:///E:/Copy/Room2/C.mp4"))), mine).marks[0].range == span(600, 40)
    laid = lay(read(with_markers(_at(sent, "c.mp4"))), mine)
    assert laid == Laid((), ('"Hook": Own has several files of the name of what it marks, so it is left out.',))


def _at(timeline: Timeline, url: str) -> Timeline:
    tracks = (replace(each, items=tuple(_moved_to(url, item) for item in each.items)) for each in timeline.tracks)
    return replace(timeline, tracks=tuple(tracks))


def test_of_several_uses_a_known_mark_goes_to_its_own() -> None:
    mine = cut_of(clip("a", 0, 100), clip("a", 0, 100), marks=(mark(120, 20),))
    sent = with_markers(picks(mine, mine.marks))
    assert merged(mine.marks, lay(read(sent), mine).marks) == mine.marks
    stranger = lay(read(sent), replace(mine, marks=()))
    assert stranger.marks[0].range == span(20, 20)
    assert stranger.warnings == ('"Hook": what it marks is in Own more than once; it lies where that comes first.',)


@pytest.mark.parametrize("name", ["", "H", "Hook", "[ct:0030000000 k]"])
def test_markers_of_the_open_cut_swallow_no_marks(name: str) -> None:
    mine = replace(own(mark(30, 40)), markers=(Marker(span(30, 0), name),))
    assert len(lay(read(with_markers(own(mark(30, 40)))), mine).marks) == 1


def test_markers_that_the_open_cut_has_are_left_out_and_others_are_not() -> None:
    mine = replace(own(), markers=(Marker(span(30, 0), "Here", "why"), Marker(span(50, 0))))
    theirs = replace(
        own(), markers=(Marker(span(30, 0), "Here", "why"), Marker(span(30, 0), "Her"), Marker(span(50, 0), "New"))
    )
    assert [each.name for each in lay(read(theirs), mine).marks] == ["Her", "New"]


def test_what_was_decided_since_stays_unless_the_file_decides() -> None:
    sent = read(with_markers(own(mark(30, 40))))
    later = own(replace(mark(30, 40), state=MarkState.REJECTED))
    assert merged(later.marks, lay(sent, later).marks) == later.marks
    table = replace(sent, form=replace(sent.form, decides=True))
    assert merged(later.marks, lay(table, later).marks)[0].state is MarkState.KEPT


def test_a_proposal_that_was_kept_and_trimmed_stays_so_when_its_file_is_read_again() -> None:
    listed = read(Timeline("", RATE, (), markers=(Marker(span(20, 10), "Goal"),)), Kind.LIST)
    (first,) = lay(listed, own()).marks
    kept = own(replace(first, state=MarkState.KEPT, name="Great goal", range=span(15, 30)))
    assert merged(kept.marks, lay(listed, kept).marks) == kept.marks


def test_markers_on_held_and_reversed_frames_show() -> None:
    held = replace(clip("a", 100, 50, 0), markers=(Marker(span(100, 0), "Held"),))
    back_ = replace(clip("b", 0, 50, -1), markers=(Marker(span(0, 0), "Last"), Marker(span(49, 0), "First")))
    fast = replace(clip("c", 0, 50, -2), markers=(Marker(span(0, 0), "Fast"),))
    found = lifted(cut_of(held, back_, fast)).markers
    assert [(each.name, each.range.start_time.value) for each in found] == [
        ("Held", 0),
        ("Last", 99),
        ("First", 50),
        ("Fast", 149),
    ]
    assert [len(held.stretch(time(0), time(length)).markers) for length in (50, 20)] == [1, 1]


def test_a_marker_that_begins_before_its_clip_shows_from_there() -> None:
    (found,) = lifted(cut_of(replace(clip("a", 100, 50), markers=(Marker(span(90, 30), "Long"),)))).markers
    assert found.range == span(0, 20)


def test_sources_that_count_timecode_are_media_time_after_their_start() -> None:
    mine = cut_of(clip("a", 0, 500), marks=(mark(300, 40),))
    started = replace(_clip_of(mine), media=MediaReference("/footage/a.mp4", start_timecode=time(90_000)))
    mine = replace(mine, tracks=(Track("V1", TrackKind.VIDEO, (started,)),))
    for sent in (mine, picks(mine, mine.marks)):
        listed = read(with_markers(_counted_from(sent, 90_000)))
        listed = replace(listed, form=replace(listed.form, sources_count_timecode=True))
        assert lay(listed, mine).marks[0].range == span(300, 40)


def _clip_of(timeline: Timeline) -> Clip:
    (found,) = timeline.tracks[0].items
    assert isinstance(found, Clip)
    return found


def _counted_from(timeline: Timeline, frames: int) -> Timeline:
    item = _clip_of(timeline)
    later = replace(item, source_range=item.source_range.shifted(time(frames)), media=MediaReference("a.mp4"))
    return replace(timeline, tracks=(replace(timeline.tracks[0], items=(later,)),))


def test_thousands_of_marks_on_thousands_of_clips_are_quick() -> None:
    clips = tuple(clip(f"f{number % 100}", number * 25, 20) for number in range(3000))
    marks = tuple(mark(number * 60, 30, f"M{number}") for number in range(1000))
    mine = cut_of(*clips, marks=marks)
    began = perf_counter()
    sent = read(with_markers(picks(mine, marks[1:])))
    laid = lay(sent, mine)
    assert perf_counter() - began < 3  # a look at every clip for every mark takes ten times as long
    assert [(each.name, each.range) for each in laid.marks] == [(each.name, each.range) for each in marks[1:]]
