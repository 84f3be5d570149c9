"""The project and the machine: open, analyse, export, save, undo, settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from circletake.actions.table import Needs, Say, action
from circletake.errors import UsageError
from circletake.export.plan import ExportMode
from circletake.jobs.job import Job
from circletake.session.analysing import Analysed, Recalled
from circletake.session.doctor import Check, examine
from circletake.session.exporting import Exported, MarkChoice, TimelineFormat
from circletake.session.importing import ReadHow
from circletake.session.opening import Opened
from circletake.session.session import Session
from circletake.session.unsaved import Unsaved, forget
from circletake.settings import Settings, find_setting, load_settings, write_settings


@action("Open", needs=Needs.NOTHING, key="Ctrl+O", lasting=True)
def open_files(session: Session, *files: Path, sequence: str | None = None, rate: str | None = None) -> Job[Opened]:
    """Read films, one project, or another tool's timeline, and show them."""
    return session.open(files, how=ReadHow(sequence, rate))


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
