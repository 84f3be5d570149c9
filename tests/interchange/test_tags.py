"""How a mark travels through another editor's marker and is known again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.interchange.tags import Tag, adopted, marker_of, merged, tag_of, untagged, with_markers
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, Timeline, Track, TrackKind

RATE = Fraction(25)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def mark(name: str = "Hook", *, start: int = 100, length: int = 50, score: float | None = 88.0, note: str = "") -> Mark:
    return Mark("0123456789abcdef" * 2, span(start, length), name, MarkState.KEPT, score, "signals only", note=note)


def cut(*marks: Mark) -> Timeline:
    track = Track("V1", TrackKind.VIDEO, (Gap(RationalTime(1000, RATE)),))
    return Timeline("Cut", RATE, (track,), marks)


def test_a_tag_reads_as_it_was_written() -> None:
    tag = tag_of(mark(score=88.25), RATE)
    assert str(tag) == "[ct:0123456789ab k 88.25 50f]"
    assert untagged(f"Anything {tag}") == ("Anything", tag)


@pytest.mark.parametrize("text", ["", "plain", "[ct:]", "[ct:abc z]", "[ct:abc", "ct:abc k 1"])
def test_what_is_no_tag_stays_text(text: str) -> None:
    assert untagged(text) == (text, None)


def test_text_that_an_editor_put_behind_the_tag_stays() -> None:
    assert untagged("Before [ct:abc p] after") == ("Before after", Tag("abc", MarkState.PROPOSED))


@given(
    name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20),
    note=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20),
    score=st.one_of(st.none(), st.integers(0, 10000).map(lambda number: number / 100)),
    one_text=st.booleans(),
)
def test_a_mark_comes_back_from_its_marker(name: str, note: str, score: float | None, *, one_text: bool) -> None:
    before = mark(name.replace("[", "").replace(":", "") or "x", score=score, note=note.replace("[", ""))
    back = adopted(replace(cut(), markers=(marker_of(before, RATE, one_text=one_text),))).marks[0]
    assert (back.id, back.range, back.state, back.score) == (before.id[:12], before.range, before.state, before.score)
    assert (back.name, back.note) == (before.name, before.note)


def test_a_point_gets_its_length_from_the_tag() -> None:
    marker = marker_of(mark(), RATE)
    point = replace(marker, range=TimeRange(marker.range.start_time, RationalTime(0, RATE)))
    assert adopted(replace(cut(), markers=(point,))).marks[0].range == mark().range


def test_a_length_that_the_editor_changed_counts_before_the_tag() -> None:
    marker = replace(marker_of(mark(), RATE), range=span(90, 75))
    assert adopted(replace(cut(), markers=(marker,))).marks[0].range == span(90, 75)


def test_markers_without_a_tag_stay_markers() -> None:
    plain = Marker(span(10, 0), "Plain")
    after = adopted(replace(cut(), markers=(plain, marker_of(mark(), RATE))))
    assert after.markers == (plain,)
    assert len(after.marks) == 1


def test_writers_see_markers_alone() -> None:
    outgoing = with_markers(cut(mark()))
    assert outgoing.marks == ()
    (marker,) = outgoing.markers
    assert (marker.name, marker.comment, marker.color) == ("Hook", "[ct:0123456789ab k 88 50f]", "green")


def test_marks_that_come_back_update_those_that_are_there() -> None:
    own = replace(mark(), signals={"motion": 0.5})
    incoming = replace(mark(), id=own.id[:12], name="Renamed")
    (after,) = merged((own,), (replace(incoming, range=span(90, 70)),))
    assert (after.id, after.name, after.range) == (own.id, "Renamed", span(90, 70))
    assert after.signals == {"motion": 0.5}
    assert after.edited


def test_marks_that_come_back_unchanged_are_not_edited() -> None:
    own = mark()
    assert merged((own,), (replace(own, id=own.id[:12], signals={}),)) == (own,)


def test_new_marks_are_added_once_however_often_they_come() -> None:
    new = replace(mark(), id="fedcba987654")
    once = merged((mark(),), (new,))
    assert merged(once, (new,)) == once
    assert len(once) == 2


def test_two_clips_with_the_same_media_keep_their_markers() -> None:
    clip = Clip("A", span(0, 100), None, markers=(Marker(span(5, 0), "Here"),))
    assert clip.stretch(RationalTime(10, RATE), RationalTime(20, RATE)).markers == ()
    assert clip.stretch(RationalTime(0, RATE), RationalTime(20, RATE)).markers == clip.markers


def test_the_last_tag_counts_and_text_like_one_stays_text() -> None:
    before = mark("Take [ct:beef p]", note="see [ct:deadbeef0000 r 3 9f] there")
    for one_text in (True, False):
        marker = marker_of(before, RATE, one_text=one_text)
        after = adopted(replace(cut(), markers=(marker,))).marks[0]
        assert (after.id, after.name, after.note) == (before.id[:12], before.name, before.note)
        assert merged((before,), (after,)) == (before,)
    assert untagged("[ct:aaa p] and [ct:bbb k]") == ("[ct:aaa p] and", Tag("bbb", MarkState.KEPT))


def test_tagged_markers_on_clips_are_marks_where_they_show() -> None:
    tagged = Marker(span(130, 0), "Goal", "[ct:0123456789ab k 80 50f]")
    plain = Marker(span(140, 0), "Plain")
    clip = Clip("A", span(100, 100), None, markers=(tagged, plain))
    after = adopted(replace(cut(), tracks=(Track("V1", TrackKind.VIDEO, (Gap(RationalTime(10, RATE)), clip)),)))
    assert [(each.name, each.range) for each in after.marks] == [("Goal", span(40, 50))]
    assert after.tracks[0].items[1] == replace(clip, markers=(plain,))


def test_the_timeline_comes_before_a_clip_and_a_copy_stays_a_marker() -> None:
    tag = "[ct:0123456789ab k 80 50f]"
    clip = Clip(
        "A", span(0, 500), None, markers=(Marker(span(100, 50), "Clip's", tag), Marker(span(300, 50), "Copy", tag))
    )
    timeline = replace(
        cut(), tracks=(Track("V1", TrackKind.VIDEO, (clip,)),), markers=(Marker(span(110, 50), "Own", tag),)
    )
    after = adopted(timeline)
    assert [(each.name, each.range) for each in after.marks] == [("Own", span(110, 50))]
    assert after.markers == (Marker(span(300, 50), "Copy"),)


def test_a_mark_on_a_clip_that_was_cut_in_two_is_one() -> None:
    marker = Marker(span(80, 40), "Goal", "[ct:0123456789ab k 80 40f]")
    halves = (Clip("A", span(0, 100), None, markers=(marker,)), Clip("A", span(100, 100), None, markers=(marker,)))
    after = adopted(replace(cut(), tracks=(Track("V1", TrackKind.VIDEO, halves),)))
    assert [each.range for each in after.marks] == [span(80, 40)]
    assert after.markers == ()


def test_a_mark_before_the_timeline_stays_a_plain_marker() -> None:
    after = adopted(replace(cut(), markers=(Marker(span(-30, 50), "Goal", "[ct:0123456789ab k 80 50f]"),)))
    assert (after.marks, after.markers) == ((), (Marker(span(-30, 50), "Goal"),))


@pytest.mark.parametrize(
    "ids",
    [
        ("highlight-0001", "highlight-0002"),
        ("clip 1", "é"),
        ("0123456789abcdef", "0123456789abffff"),
        ("0123456789ab",),
    ],
)
def test_ids_of_any_shape_are_known_again(ids: tuple[str, ...]) -> None:
    marks = tuple(replace(mark(f"M{number}", start=100 * number), id=each) for number, each in enumerate(ids))
    back = adopted(with_markers(cut(*marks))).marks
    assert len(back) == len(marks)
    assert all(len(each.id) == 12 for each in back)
    assert merged(marks, back) == marks


def test_a_beginning_that_two_marks_share_means_neither() -> None:
    marks = tuple(replace(mark(), id="0123456789ab" + end) for end in ("cdef", "ffff"))
    assert len(merged(marks, (replace(mark("Old"), id="0123456789ab"),))) == 3


def test_a_mark_read_from_a_tag_is_known_by_its_whole_id() -> None:
    short = replace(mark(), id="0123456789ab")
    assert [each.name for each in merged((short,), (mark("Renamed"),))] == ["Renamed"]


def test_texts_that_came_back_empty_or_on_one_line_change_nothing() -> None:
    own = mark("", note="two\nlines")
    (incoming,) = adopted(with_markers(cut(own))).marks
    assert (incoming.name, incoming.note) == ("Mark", "two lines")
    assert merged((own,), (incoming,)) == (own,)
    assert merged((own,), (replace(incoming, name="", note=""),)) == (own,)
