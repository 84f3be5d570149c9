"""Everything a person can do, once each: a named function with typed arguments. All doors are made from these.

A function takes the session first and answers with a value, with a `Job` where the work is long, or with nothing where
it changed the project. The window draws menus and keys from `ACTIONS`, the terminal its commands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from circletake.errors import UsageError
from circletake.export.plan import ExportMode
from circletake.jobs.job import Job
from circletake.session.analysing import Analysed, Recalled
from circletake.session.doctor import Check, examine
from circletake.session.exporting import Exported, MarkChoice, TimelineFormat
from circletake.session.opening import Opened
from circletake.session.session import Session, frame_of
from circletake.session.unsaved import Unsaved, forget
from circletake.settings import Settings, find_setting, load_settings, write_settings
from circletake.timebase import TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MarkState


class Needs(StrEnum):
    """What must be open before an action makes sense."""

    NOTHING = "nothing"
    FILES = "films or a project"
    PROJECT = "a project"


@dataclass(frozen=True, slots=True)
class Say:
    """What a door says about an argument: its words, and the short `flag` a terminal uses instead of its name."""

    text: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. `key` is its default shortcut; `edits` tells that it changes the project.

    `lasting` ones only make sense at a door that stays open from one to the next; a terminal has no use for them.
    """

    name: str
    title: str
    function: Callable[..., Any]
    needs: Needs
    key: str = ""
    edits: bool = False
    lasting: bool = False


ACTIONS: dict[str, Action] = {}
"""Every action by name."""

F = TypeVar("F", bound=Callable[..., Any])


def action(
    title: str, *, needs: Needs = Needs.PROJECT, key: str = "", edits: bool = False, lasting: bool = False
) -> Callable[[F], F]:
    """Put a function on the list; the function itself stays as it is."""

    def enlist(function: F) -> F:
        name = function.__name__.replace("_", "-")
        ACTIONS[name] = Action(name, title, function, needs, key, edits, lasting)
        return function

    return enlist


MarkId = Annotated[str, Say("The mark's id, or enough of its start to be the only one.")]


@action("Open", needs=Needs.NOTHING, key="Ctrl+O", lasting=True)
def open_files(session: Session, *files: Path) -> Job[Opened]:
    """Read films, or one project, and show them."""
    return session.open(files)


@action("Look for unsaved work", needs=Needs.NOTHING, lasting=True)
def find_unsaved(session: Session) -> Job[tuple[Unsaved, ...]]:
    """List projects that were never saved."""
    return session.find_unsaved()


@action("Take up unsaved work", needs=Needs.NOTHING, lasting=True)
def resume(session: Session, journal: Path) -> Job[Opened]:
    """Go on with a project that was never saved."""
    return session.resume(journal)


@action("Forget unsaved work", needs=Needs.NOTHING, lasting=True)
def forget_unsaved(session: Session, journal: Path) -> None:  # noqa: ARG001 - every action takes the session
    """Drop a project that was never saved, for good."""
    forget(journal)


@action("Read results", lasting=True)
def recall(session: Session) -> Job[Recalled]:
    """Read the project's curves from the cache."""
    return session.recall()


@action("Close", key="Ctrl+W", lasting=True)
def close(session: Session, *, discard: bool = False) -> None:
    """Let go of the project; edits that were not saved stay to be taken up, unless they are discarded."""
    session.let_go(forget=discard)


@action("Undo", key="Ctrl+Z", edits=True, lasting=True)
def undo(session: Session) -> None:
    """Take the last edit back."""
    session.undo()


@action("Redo", key="Ctrl+Shift+Z", edits=True, lasting=True)
def redo(session: Session) -> None:
    """Do what was taken back again."""
    session.redo()


@action("Save", key="Ctrl+S", lasting=True)
def save(session: Session, to: Path | None = None) -> Path:
    """Write the project's file."""
    return session.save(to)


@action("Take edits from a journal", edits=True, lasting=True)
def take_conflict(session: Session) -> None:
    """Apply marks that were edited before the file was changed by another program."""
    session.take_conflict()


@action("Analyse", needs=Needs.FILES, edits=True)
def analyze(
    session: Session,
    *,
    top: Annotated[int | None, Say("How many of the best clips are proposed for each film.")] = None,
    shortest: Annotated[float | None, Say("Shortest clip in seconds.", "min")] = None,
    longest: Annotated[float | None, Say("Longest clip in seconds.", "max")] = None,
    fast: Annotated[bool | None, Say("Skip frames no other refers to.")] = None,
) -> Job[Analysed]:
    """Find the best moments of the films and propose them as marks."""
    return session.analyse(top=top, shortest=shortest, longest=longest, fast=fast)


@action("Export", needs=Needs.FILES, key="E")
def export(
    session: Session,
    *,
    to: Annotated[Path, Say("The folder to write to.")],
    marks: Annotated[MarkChoice | None, Say("Which marks; the kept ones once anything is decided, else all.")] = None,
    ranges: Annotated[tuple[tuple[float, float], ...], Say("Start and end in seconds; needs no marks.", "range")] = (),
    mode: Annotated[ExportMode | None, Say("How clips are cut.")] = None,
    timelines: Annotated[tuple[TimelineFormat, ...] | None, Say("Lists to write beside the clips.", "timeline")] = None,
    overwrite: Annotated[bool | None, Say("Replace files of the same name.")] = None,
) -> Job[Exported]:
    """Write marks as clips, and as timelines other editors open."""
    decided = any(mark.decided for mark in session.timeline.marks)
    choice = marks or (MarkChoice.KEPT if decided else MarkChoice.PROPOSED)
    wish = session.wish(to, marks=choice, ranges=ranges, mode=mode, timelines=timelines, overwrite=overwrite)
    return session.export(session.plan_export(wish))


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
    first = old.start_time if start is None else frame_of(session.timeline, start)
    last = old.end_time_exclusive if end is None else frame_of(session.timeline, end)
    if first >= last:
        raise UsageError("the end does not lie after the start", hint="Give an earlier start or a later end.")
    span = TimeRange.from_start_end(first, last)
    session.edit("Trim", lambda timeline: edits.trim(timeline, mark_id, span), merge_key=f"trim {mark_id}")


@action("Split", key="S", edits=True)
def split(session: Session, mark: MarkId, *, at: Annotated[float, Say("Where, in seconds of the timeline.")]) -> None:
    """Cut a mark in two."""
    (mark_id,) = _found(session, (mark,))
    moment, right = frame_of(session.timeline, at), Mark.new_id()
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
    first, last = frame_of(session.timeline, start), frame_of(session.timeline, end)
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


@action("Check this machine", needs=Needs.NOTHING)
def doctor(session: Session) -> tuple[Check, ...]:  # noqa: ARG001 - every action takes the session
    """Show what this machine has and lacks, with a remedy for each lack."""
    return examine()


@action("Settings", needs=Needs.NOTHING)
def settings(
    session: Session,
    key: Annotated[str | None, Say("The setting to change, such as analysis.top.")] = None,
    value: Annotated[str | None, Say("Its new value; `default` goes back.")] = None,
) -> Settings:
    """Show all settings with where each value comes from, or store a new value."""
    if key is not None:
        row = find_setting(key)
        if value is None:
            raise UsageError(f"{key} needs a value", hint=f"Give {row.allowed}, or `default`.")
        try:
            write_settings({key: None if value == "default" else row.parsed(value)})
        except ValueError as error:
            raise UsageError(f"{key}: {error}", hint=f"Give {row.allowed}, or `default`.") from error
    session.settings = load_settings()
    return session.settings


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
