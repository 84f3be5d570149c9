"""Edits give a new timeline, keep every mark on whole frames inside it, and say what would work where they refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.errors import EditError
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MarkState, MediaReference, Timeline

RATE = Fraction(30000, 1001)
FRAMES = 3000
KEPT, PROPOSED, REJECTED = MarkState.KEPT, MarkState.PROPOSED, MarkState.REJECTED


def frames(start: int, end: int) -> TimeRange:
    return TimeRange.from_start_end(RationalTime(start, RATE), RationalTime(end, RATE))


def at(frame: int) -> RationalTime:
    return RationalTime(frame, RATE)


def empty() -> Timeline:
    return Timeline.of_media("Holiday", MediaReference("a.mp4", frames(0, FRAMES)), RATE)


def with_marks(*marks: Mark) -> Timeline:
    timeline = empty()
    for mark in marks:
        timeline = edits.add(timeline, mark)
    return timeline


def one() -> Timeline:
    return with_marks(Mark("a", frames(100, 200), "Goal", score=80.0, source="signals only", strongest=at(150)))


def only(timeline: Timeline) -> Mark:
    (mark,) = timeline.marks
    return mark


@pytest.mark.parametrize(("edit", "state"), [(edits.keep, KEPT), (edits.reject, REJECTED), (edits.propose, PROPOSED)])
def test_a_decision_changes_the_state_of_the_named_marks_alone(edit: Callable[..., Timeline], state: MarkState) -> None:
    other = REJECTED if state is KEPT else KEPT
    before = with_marks(*(Mark(name, frames(n, n + 10), name, other) for n, name in enumerate("abc")))
    after = edit(before, "a", "c")
    assert [mark.state for mark in after.marks] == [state, other, state]
    assert after.marks[1] is before.marks[1]
    assert before.marks[0].state is other


def test_trimming_places_both_ends_on_frames() -> None:
    mark = only(edits.trim(one(), "a", TimeRange.from_seconds(1, 2, Fraction(1000))))
    assert mark.range == frames(30, 60)
    assert mark.range.start_time.rate == RATE


def test_the_strongest_moment_goes_when_it_is_cut_off() -> None:
    assert only(edits.set_in(one(), "a", at(120))).strongest == at(150)
    assert only(edits.set_in(one(), "a", at(151))).strongest is None
    assert only(edits.set_out(one(), "a", at(150))).strongest is None


def test_in_and_out_move_alone() -> None:
    assert only(edits.set_in(one(), "a", at(0))).range == frames(0, 200)
    assert only(edits.set_out(one(), "a", at(FRAMES))).range == frames(100, FRAMES)


def test_shifting_keeps_the_length() -> None:
    assert only(edits.shift(one(), "a", at(-100))).range == frames(0, 100)
    third = RationalTime(1, RATE * 3)
    assert only(edits.shift(one(), "a", third)).range == frames(100, 200)


def test_splitting_leaves_no_frame_out_and_no_frame_twice() -> None:
    left, right = edits.split(one(), "a", at(140), "b").marks
    assert (left.id, left.range, right.id, right.range) == ("a", frames(100, 140), "b", frames(140, 200))
    assert (left.score, left.strongest) == (None, None)
    assert (right.score, right.strongest) == (80.0, at(150))


def test_splitting_without_a_known_moment_keeps_the_score_of_both() -> None:
    timeline = one().with_marks((replace(only(one()), strongest=None),))
    assert [mark.score for mark in edits.split(timeline, "a", at(140), "b").marks] == [80.0, 80.0]


def test_joining_spans_the_marks_and_what_lies_between() -> None:
    timeline = with_marks(
        Mark("b", frames(300, 400), "Second", REJECTED, score=90.0, source="judge", strongest=at(350), note="two"),
        Mark("a", frames(100, 200), "First", KEPT, score=80.0, source="signals only", note="one", color="PINK"),
        Mark("c", frames(900, 950), "Third"),
    )
    joined, rest = sorted(edits.join(timeline, ["b", "a"]).marks, key=lambda mark: mark.id)
    assert (joined.id, joined.name, joined.range, joined.state) == ("a", "First", frames(100, 400), KEPT)
    assert (joined.score, joined.source, joined.strongest) == (90.0, "judge", at(350))
    assert (joined.note, joined.color) == ("one\ntwo", "PINK")
    assert rest is timeline.marks[2]


def test_a_mark_is_deleted_renamed_annotated_and_recoloured() -> None:
    assert edits.delete(one(), "a").marks == ()
    assert only(edits.rename(one(), "a", " The\x1b[31m goal\n")).name == "The [31m goal"
    assert only(edits.annotate(one(), "a", "line one\nline\x00two")).note == "line one\nline two"
    assert only(edits.recolor(one(), "a", "PINK")).color == "PINK"


REFUSALS: list[tuple[Callable[[], Timeline], str]] = [
    (lambda: edits.keep(one(), "x"), "no mark"),
    (lambda: edits.delete(one(), "a", "x"), "no mark"),
    (lambda: edits.trim(one(), "a", frames(10, 10)), "shorter than one frame"),
    (lambda: edits.trim(one(), "a", TimeRange.from_seconds(0, Fraction(1, 100), Fraction(100))), "shorter than one"),
    (lambda: edits.trim(one(), "a", frames(-1, 10)), "would go from"),
    (lambda: edits.trim(one(), "a", frames(10, FRAMES + 1)), "would go from"),
    (lambda: edits.set_in(one(), "a", at(200)), "cannot end"),
    (lambda: edits.set_out(one(), "a", at(100)), "cannot end"),
    (lambda: edits.shift(one(), "a", at(-101)), "would go from"),
    (lambda: edits.shift(one(), "a", at(FRAMES)), "would go from"),
    (lambda: edits.split(one(), "a", at(100), "b"), "nothing to split"),
    (lambda: edits.split(one(), "a", at(200), "b"), "nothing to split"),
    (lambda: edits.split(one(), "a", at(150), "a"), "taken"),
    (lambda: edits.split(one(), "a", at(150), ""), "empty"),
    (lambda: edits.join(one(), ["a"]), "alone"),
    (lambda: edits.join(one(), ["a", "a"]), "alone"),
    (lambda: edits.join(one(), ["a", "x"]), "no mark"),
    (lambda: edits.add(one(), Mark("a", frames(0, 1), "x")), "already"),
    (lambda: edits.add(one(), Mark("b", frames(FRAMES, FRAMES + 1), "x")), "would go from"),
    (lambda: edits.add(Timeline("empty", RATE), Mark("b", frames(0, 1), "x")), "would go from"),
    (lambda: edits.rename(one(), "a", " \x00 "), "needs a name"),
    (lambda: edits.propose_marks(one(), [Mark("n", frames(0, 9), "x"), Mark("n", frames(9, 19), "y")]), "share one id"),
]


@pytest.mark.parametrize(("edit", "reason"), REFUSALS)
def test_an_edit_that_does_not_fit_is_refused_with_a_remedy(edit: Callable[[], Timeline], reason: str) -> None:
    with pytest.raises(EditError, match=reason) as caught:
        edit()
    assert caught.value.hint.endswith(".")


def proposal(name: str, start: int, end: int, score: float | None = 50.0) -> Mark:
    return Mark(name, frames(start, end), name, score=score, source="signals only")


def test_new_results_replace_undecided_ones_alone() -> None:
    timeline = with_marks(
        proposal("old", 0, 100),
        Mark("kept", frames(200, 300), "Kept", KEPT, score=70.0),
        Mark("rejected", frames(400, 500), "Rejected", REJECTED, score=60.0),
        Mark("by hand", frames(600, 700), "By hand"),
    )
    after = edits.propose_marks(timeline, [proposal("new", 0, 100), proposal("other", 800, 900)])
    assert [mark.id for mark in after.marks] == ["kept", "rejected", "by hand", "new", "other"]
    assert after.marks[:3] == timeline.marks[1:]


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [(200, 300, False), (160, 259, False), (150, 250, True), (149, 251, True), (100, 500, True), (251, 351, True)],
)
def test_a_result_mostly_under_a_decided_mark_is_left_out(start: int, end: int, taken: bool) -> None:
    for state in (KEPT, REJECTED):
        timeline = with_marks(Mark("decided", frames(200, 300), "x", state))
        after = edits.propose_marks(timeline, [proposal("new", start, end)])
        assert (after.mark("new") is not None) is taken


def test_results_are_held_inside_the_timeline() -> None:
    after = edits.propose_marks(empty(), [proposal("over", FRAMES - 10, FRAMES + 50), proposal("off", 9000, 9100)])
    assert only(after).range == frames(FRAMES - 10, FRAMES)


def test_results_are_proposals_whatever_they_say() -> None:
    assert only(edits.propose_marks(empty(), [replace(proposal("n", 0, 9), state=KEPT)])).state is PROPOSED


@given(
    spans=st.lists(st.tuples(st.integers(0, FRAMES - 1), st.integers(1, 400)), min_size=1, max_size=6),
    cut=st.integers(-10, FRAMES + 10),
    data=st.data(),
)
def test_whatever_is_asked_marks_stay_on_frames_inside(
    spans: list[tuple[int, int]], cut: int, data: st.DataObject
) -> None:
    timeline = with_marks(
        *(Mark(f"m{n}", frames(start, min(start + length, FRAMES)), "x") for n, (start, length) in enumerate(spans))
    )
    mark_id = data.draw(st.sampled_from([mark.id for mark in timeline.marks]))
    time = RationalTime.from_seconds(Fraction(cut) / RATE + data.draw(st.fractions(-1, 1)), Fraction(90000))
    edit: Callable[[], Timeline] = data.draw(
        st.sampled_from(
            [
                lambda: edits.set_in(timeline, mark_id, time),
                lambda: edits.set_out(timeline, mark_id, time),
                lambda: edits.shift(timeline, mark_id, time),
                lambda: edits.split(timeline, mark_id, time, "right"),
                lambda: edits.trim(timeline, mark_id, TimeRange(time, RationalTime(900, Fraction(90000)))),
                lambda: edits.join(timeline, [mark.id for mark in timeline.marks]),
            ]
        )
    )
    try:
        after = edit()
    except EditError:
        return
    for mark in after.marks:
        assert mark.range.start_time.rate == mark.range.duration.rate == RATE
        assert mark.range.duration.value >= 1
        assert frames(0, FRAMES).covers(mark.range)
