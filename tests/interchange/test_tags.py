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
