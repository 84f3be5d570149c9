"""What an editor does to marks: each a pure function from a timeline to the next one.

A mark always lies inside the timeline, on whole frames of it, and is at least one frame long. An edit that would
break this raises `EditError` and says what would work; nothing is moved silently further than to the nearest frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from circletake.errors import EditError
from circletake.timebase import RationalTime, Rounding, TimeRange, format_clock
from circletake.timeline.model import Mark, MarkState, Timeline, clean_name
from circletake.timeline.stored import clean_note

COVERED_SHARE = Fraction(1, 2)
"""A new proposal with more than this part of it under one decided mark brings nothing new."""


def keep(timeline: Timeline, *mark_ids: str) -> Timeline:
    """Circle the marks: they will be exported.

    Raises:
        EditError: no such mark.
    """
    return _decided(timeline, mark_ids, MarkState.KEPT)


def reject(timeline: Timeline, *mark_ids: str) -> Timeline:
    """Put the marks aside; they stay, and a new analysis does not propose them again.

    Raises:
        EditError: no such mark.
    """
    return _decided(timeline, mark_ids, MarkState.REJECTED)


def propose(timeline: Timeline, *mark_ids: str) -> Timeline:
    """Take a decision back.

    Raises:
        EditError: no such mark.
    """
    return _decided(timeline, mark_ids, MarkState.PROPOSED)


def trim(timeline: Timeline, mark_id: str, span: TimeRange) -> Timeline:
    """Give a mark another range, placed on the nearest frames.

    Raises:
        EditError: no such mark, outside the timeline, or shorter than a frame.
    """
    return _changed(timeline, mark_id, lambda mark: _ranged(timeline, mark, span))


def set_in(timeline: Timeline, mark_id: str, time: RationalTime) -> Timeline:
    """Move a mark's start; its end stays.

    Raises:
        EditError: no such mark, before the timeline, or not before the mark's end.
    """
    mark = _found(timeline, mark_id)
    return trim(timeline, mark_id, _between(mark, time, mark.range.end_time_exclusive))


def set_out(timeline: Timeline, mark_id: str, end_exclusive: RationalTime) -> Timeline:
    """Move a mark's end, the first moment no longer in it; its start stays.

    Raises:
        EditError: no such mark, beyond the timeline, or not after the mark's start.
    """
    mark = _found(timeline, mark_id)
    return trim(timeline, mark_id, _between(mark, mark.range.start_time, end_exclusive))


def shift(timeline: Timeline, mark_id: str, by: RationalTime) -> Timeline:
    """Move a whole mark; its length stays.

    Raises:
        EditError: no such mark, or it would leave the timeline.
    """
    start = _found(timeline, mark_id).range.start_time
    step = (start + by).rescaled_to(timeline.rate) - start
    return _changed(timeline, mark_id, lambda mark: _ranged(timeline, mark, mark.range.shifted(step)))


def split(timeline: Timeline, mark_id: str, time: RationalTime, right_id: str) -> Timeline:
    """Cut a mark in two at `time`, the first frame of the right part, which gets `right_id`.

    A score speaks of the moment that carried it: where that moment is known, the part without it has no score.

    Raises:
        EditError: no such mark, `time` not inside it, or `right_id` is taken.
    """
    mark, cut = _found(timeline, mark_id), time.rescaled_to(timeline.rate)
    start, end = mark.range.start_time, mark.range.end_time_exclusive
    if not start < cut < end:
        raise _error(
            f'there is nothing to split at {_clock(cut)} in "{mark.name}"',
            f"Choose a moment between {_clock(start)} and {_clock(end)}.",
        )
    if not right_id or timeline.mark(right_id) is not None:
        raise _error(f"the id {right_id!r} is taken or empty", "Use Mark.new_id() for the right part.")
    mark = replace(mark, edited=True)
    left = _ranged(timeline, mark, TimeRange.from_start_end(start, cut))
    right = replace(_ranged(timeline, mark, TimeRange.from_start_end(cut, end)), id=right_id)
    if mark.strongest is not None:
        left, right = (part if part.strongest is not None else replace(part, score=None) for part in (left, right))
    return _replaced(timeline, {mark_id: (left, right)})


def join(timeline: Timeline, mark_ids: Sequence[str]) -> Timeline:
    """Make one mark from the start of the earliest to the end of the latest; what lies between comes along.

    It keeps the earliest one's id and name, the score, signals and source of the highest scored one, and all notes.
    It is kept if one of them was, else proposed if one of them was.

    Raises:
        EditError: fewer than two marks, or no such mark.
    """
    marks = sorted((_found(timeline, mark_id) for mark_id in dict.fromkeys(mark_ids)), key=_order)
    if len(marks) < 2:
        raise _error("one mark alone cannot be joined", "Select two or more marks.")
    best = max(marks, key=lambda mark: -1.0 if mark.score is None else mark.score)
    states = {mark.state for mark in marks}
    state = next(state for state in (MarkState.KEPT, MarkState.PROPOSED, MarkState.REJECTED) if state in states)
    end = max(mark.range.end_time_exclusive for mark in marks)
    joined = replace(
        marks[0],
        range=TimeRange.from_start_end(marks[0].range.start_time, end),
        state=state,
        score=best.score,
        source=best.source,
        signals=best.signals,
        strongest=best.strongest,
        note=clean_note("\n".join(dict.fromkeys(mark.note for mark in marks if mark.note))),
        color=next((mark.color for mark in marks if mark.color), ""),
        edited=True,
    )
    gone: dict[str, tuple[Mark, ...]] = {mark.id: () for mark in marks[1:]}
    return _replaced(timeline, {**gone, joined.id: (joined,)})


def add(timeline: Timeline, mark: Mark) -> Timeline:
    """Put a new mark on the timeline, on the nearest frames.

    Raises:
        EditError: its id is taken, or it lies outside the timeline.
    """
    if timeline.mark(mark.id) is not None:
        raise _error(f'there is a mark with the id of "{mark.name}" already', "Give the new mark an id of its own.")
    tidy = replace(mark, name=clean_name(mark.name), note=clean_note(mark.note))
    return timeline.with_marks((*timeline.marks, _ranged(timeline, tidy, mark.range)))


def delete(timeline: Timeline, *mark_ids: str) -> Timeline:
    """Remove marks altogether. To put one aside, `reject` it.

    Raises:
        EditError: no such mark.
    """
    return _replaced(timeline, {_found(timeline, mark_id).id: () for mark_id in mark_ids})


def rename(timeline: Timeline, mark_id: str, name: str) -> Timeline:
    """Give a mark another name; control characters become spaces.

    Raises:
        EditError: no such mark, or nothing is left of the name.
    """
    tidy = clean_name(name)
    if not tidy:
        raise _error("a mark needs a name", "Type at least one letter.")
    return _changed(timeline, mark_id, lambda mark: replace(mark, name=tidy))


def annotate(timeline: Timeline, mark_id: str, note: str) -> Timeline:
    """Write a note to a mark, or remove it with an empty text.

    Raises:
        EditError: no such mark.
    """
    return _changed(timeline, mark_id, lambda mark: replace(mark, note=clean_note(note)))


def recolor(timeline: Timeline, mark_id: str, color: str) -> Timeline:
    """Give a mark a colour by name, or the colour of its state with an empty text.

    Raises:
        EditError: no such mark.
    """
    return _changed(timeline, mark_id, lambda mark: replace(mark, color=clean_name(color)))


def propose_marks(timeline: Timeline, marks: Iterable[Mark]) -> Timeline:
    """Take new results of an analysis: they replace its earlier undecided ones.

    Marks that are decided, edited, or without a score (made by a person or another tool) are never touched. A result
    is left out where more than `COVERED_SHARE` of it lies under one decided or edited mark, or off the timeline.

    Raises:
        EditError: two results share one id.
    """
    stay = tuple(mark for mark in timeline.marks if mark.is_kept_by_hand)
    decided = [_frames(mark.range, timeline.rate) for mark in stay if mark.decided or mark.edited]
    taken = {mark.id for mark in stay}
    whole = TimeRange(RationalTime.zero(timeline.rate), _end(timeline))
    fresh: list[Mark] = []
    for mark in marks:
        span = _on_frames(mark.range, timeline.rate).intersection(whole)
        if span is None or mark.id in taken or _is_covered(_frames(span, timeline.rate), decided):
            continue
        fresh.append(_ranged(timeline, replace(mark, state=MarkState.PROPOSED, name=clean_name(mark.name)), span))
    if len({mark.id for mark in fresh}) != len(fresh):
        raise _error("two proposals share one id", "Give each result Mark.new_id().")
    return timeline.with_marks((*stay, *fresh))


def _is_covered(span: tuple[int, int], decided: Sequence[tuple[int, int]]) -> bool:
    """Tell whether one of the decided ranges covers most of `span`; all in frames, ends exclusive."""
    start, end = span
    least = (end - start) * COVERED_SHARE
    return any(min(end, last) - max(start, first) > least for first, last in decided)


def _frames(span: TimeRange, rate: Fraction) -> tuple[int, int]:
    placed = _on_frames(span, rate)
    return placed.start_time.value, placed.start_time.value + placed.duration.value


def _decided(timeline: Timeline, mark_ids: tuple[str, ...], state: MarkState) -> Timeline:
    return _replaced(timeline, {mark_id: (replace(_found(timeline, mark_id), state=state),) for mark_id in mark_ids})


def _changed(timeline: Timeline, mark_id: str, change: Callable[[Mark], Mark]) -> Timeline:
    """The timeline with one mark changed by a person; a change that changes nothing leaves no trace."""
    mark = _found(timeline, mark_id)
    after = change(mark)
    return timeline if after == mark else _replaced(timeline, {mark_id: (replace(after, edited=True),)})


def _replaced(timeline: Timeline, changes: dict[str, tuple[Mark, ...]]) -> Timeline:
    """Each named mark replaced by none, one or more; the others are the same objects as before."""
    marks = tuple(new for mark in timeline.marks for new in changes.get(mark.id, (mark,)))
    return timeline.with_marks(marks)


def _found(timeline: Timeline, mark_id: str) -> Mark:
    mark = timeline.mark(mark_id)
    if mark is None:
        raise _error(f"there is no mark with the id {mark_id!r}", "It may have been deleted; undo brings it back.")
    return mark


def _ranged(timeline: Timeline, mark: Mark, span: TimeRange) -> Mark:
    """The mark with a range on the timeline's frames; its strongest moment goes where it is no longer inside."""
    placed, end = _on_frames(span, timeline.rate), _end(timeline)
    if placed.duration.value < 1:
        raise _error(f'"{mark.name}" would be shorter than one frame', "Leave at least one frame between in and out.")
    if placed.start_time.value < 0 or placed.end_time_exclusive > end:
        asked = f"{_clock(placed.start_time)} to {_clock(placed.end_time_exclusive)}"
        raise _error(f'"{mark.name}" would go from {asked}', f"The timeline goes from 0:00.0 to {_clock(end)}.")
    strongest = mark.strongest if mark.strongest is not None and placed.contains(mark.strongest) else None
    return replace(mark, range=placed, strongest=strongest)


def _on_frames(span: TimeRange, rate: Fraction) -> TimeRange:
    """Both ends on frames of the timeline, counted at its rate."""
    if span.start_time.rate == rate == span.duration.rate:
        return span
    placed = span.rescaled_to(rate)
    return TimeRange(placed.start_time, placed.duration.rescaled_to(rate))


def _between(mark: Mark, start: RationalTime, end: RationalTime) -> TimeRange:
    if start >= end:
        raise _error(
            f'"{mark.name}" cannot end at {_clock(end)} and start at {_clock(start)}',
            "Place the start before the end, or move the whole mark.",
        )
    return TimeRange.from_start_end(start, end)


def _end(timeline: Timeline) -> RationalTime:
    """The end of the last frame, whole or not."""
    return timeline.duration.rescaled_to(timeline.rate, Rounding.CEIL)


def _order(mark: Mark) -> tuple[RationalTime, str]:
    return mark.range.start_time, mark.id


def _clock(time: RationalTime) -> str:
    return format_clock(time.seconds)


def _error(message: str, hint: str) -> EditError:
    return EditError(message, hint=hint)
