"""Marks: list, decide, trim, split, name."""

from __future__ import annotations

from typing import Annotated

from circletake.actions.table import Say, action
from circletake.errors import UsageError
from circletake.session.session import Session
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MarkState, Timeline

MarkId = Annotated[str, Say("The mark's id, or enough of its start to be the only one.")]


@action("List marks")
def marks(session: Session) -> tuple[Mark, ...]:
    """Show every mark, best first."""
    return tuple(sorted(session.timeline.marks, key=lambda mark: (-(mark.score or 0.0), mark.range.start_time.seconds)))


@action("Keep", key="C", edits=True)
def keep(session: Session, *mark: MarkId) -> None:
    """Circle marks: they will be exported."""
    found = _found(session, mark)
    session.edit("Keep", lambda timeline: edits.keep(timeline, *found))


@action("Reject", key="X", edits=True)
def reject(session: Session, *mark: MarkId) -> None:
    """Put marks aside; they stay and can be brought back."""
    found = _found(session, mark)
    session.edit("Reject", lambda timeline: edits.reject(timeline, *found))


@action("Undecide", edits=True)
def propose(session: Session, *mark: MarkId) -> None:
    """Take the decision on marks back."""
    found = _found(session, mark)
    session.edit("Undecide", lambda timeline: edits.propose(timeline, *found))


@action("Trim", edits=True)
def trim(
    session: Session,
    mark: MarkId,
    *,
    start: Annotated[float | None, Say("New start in seconds of the timeline.")] = None,
    end: Annotated[float | None, Say("New end in seconds of the timeline.")] = None,
) -> None:
    """Move the ends of a mark; it is scored anew where it lies now."""
    if start is None and end is None:
        raise UsageError("neither a start nor an end was given", hint="Give the new start, the new end, or both.")
    (mark_id,) = _found(session, (mark,))
    old = next(each for each in session.timeline.marks if each.id == mark_id).range
    first = old.start_time if start is None else _frame_of(session.timeline, start)
    last = old.end_time_exclusive if end is None else _frame_of(session.timeline, end)
    if first >= last:
        raise UsageError("the end does not lie after the start", hint="Give an earlier start or a later end.")
    span = TimeRange.from_start_end(first, last)
    session.edit("Trim", lambda timeline: edits.trim(timeline, mark_id, span), merge_key=f"trim {mark_id}")


@action("Split", key="S", edits=True)
def split(session: Session, mark: MarkId, *, at: Annotated[float, Say("Where, in seconds of the timeline.")]) -> None:
    """Cut a mark in two."""
    (mark_id,) = _found(session, (mark,))
    moment, right = _frame_of(session.timeline, at), Mark.new_id()
    session.edit("Split", lambda timeline: edits.split(timeline, mark_id, moment, right))


@action("Join", edits=True)
def join(session: Session, *mark: MarkId) -> None:
    """Make one mark of several, from the earliest start to the latest end."""
    found = _found(session, mark)
    session.edit("Join", lambda timeline: edits.join(timeline, found))


@action("New mark", key="M", edits=True)
def add(
    session: Session,
    *,
    start: Annotated[float, Say("Start in seconds of the timeline.")],
    end: Annotated[float, Say("End in seconds of the timeline.")],
    name: Annotated[str, Say("What it is called.")] = "Mark",
) -> None:
    """Put a mark of your own on the timeline; it is kept."""
    first, last = _frame_of(session.timeline, start), _frame_of(session.timeline, end)
    if first >= last:
        raise UsageError("the end does not lie after the start", hint="Give an earlier start or a later end.")
    mark = Mark(Mark.new_id(), TimeRange.from_start_end(first, last), name, MarkState.KEPT)
    session.edit("New mark", lambda timeline: edits.add(timeline, mark))


@action("Delete", edits=True)
def delete(session: Session, *mark: MarkId) -> None:
    """Remove marks altogether; to put one aside, reject it."""
    found = _found(session, mark)
    session.edit("Delete", lambda timeline: edits.delete(timeline, *found))


@action("Rename", edits=True)
def rename(session: Session, mark: MarkId, name: Annotated[str, Say("The new name.")]) -> None:
    """Give a mark another name."""
    (mark_id,) = _found(session, (mark,))
    session.edit("Rename", lambda timeline: edits.rename(timeline, mark_id, name))


@action("Note", edits=True)
def note(session: Session, mark: MarkId, text: Annotated[str, Say("The note; empty removes it.")]) -> None:
    """Write a note to a mark."""
    (mark_id,) = _found(session, (mark,))
    session.edit("Note", lambda timeline: edits.annotate(timeline, mark_id, text))


def _found(session: Session, given: tuple[str, ...]) -> tuple[str, ...]:
    """Full ids of marks named by the start of their ids.

    Raises:
        UsageError: none named, no such mark, or more than one.
    """
    if not given:
        raise UsageError("no mark was named", hint="Name one or more marks by their id.")
    whole = {mark.id for mark in session.timeline.marks}
    return tuple(start if start in whole else _one(session, start) for start in given)


def _one(session: Session, start: str) -> str:
    found = [mark.id for mark in session.timeline.marks if mark.id.startswith(start)]
    if len(found) != 1:
        message = (
            f"no mark's id starts with {start!r}" if not found else f"{len(found)} marks' ids start with {start!r}"
        )
        raise UsageError(message, hint="List the marks to see their ids.")
    return found[0]


def _frame_of(timeline: Timeline, seconds: float) -> RationalTime:
    """A moment in seconds as the nearest frame of a timeline.

    Raises:
        UsageError: not a time.
    """
    try:
        return RationalTime.from_seconds(seconds, timeline.rate)
    except ValueError as error:
        raise UsageError(str(error), hint="Give seconds, such as 12.5.") from error
