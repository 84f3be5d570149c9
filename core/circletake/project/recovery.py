"""What a journal brings back after a crash: read, checked against the file, and never applied behind anyone's back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from circletake.errors import CircletakeError
from circletake.project.differences import applied, marks_after
from circletake.project.files import LoadedProject
from circletake.project.journal import header, journal_path, sheltered_journal_path, unsaved_folder
from circletake.project.project import Project
from circletake.project.records import Records, decoded
from circletake.timeline.guard import MAX_BYTES
from circletake.timeline.model import Mark, Timeline
from circletake.timeline.otio_values import DEFAULT_RATE

_CHANGE_FAULTS = (KeyError, TypeError, ValueError, AttributeError, CircletakeError)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A project with the edits its file lacks.

    `edits` are their names, oldest first. `conflicted` means that the journal builds on another content of the file:
    offer it, do not apply it; `marks` are then those it adds or changes, for any content. `problem` says where the
    journal is damaged; edits after that place are lost.
    """

    project: Project
    edits: tuple[str, ...]
    journal: Path
    conflicted: bool = False
    problem: str = ""
    marks: tuple[Mark, ...] = ()


def recover_onto(loaded: LoadedProject, path: Path) -> Recovered | None:
    """What the journal of the project at `path`, which reads as `loaded`, holds beyond it, or None."""
    place = next((place for place in (journal_path(path), sheltered_journal_path(path)) if place.is_file()), None)
    if place is None:
        return None
    records = read_records(place)
    try:
        mark, base = header(records.values[0] if records.values else {})
    except ValueError as error:
        return Recovered(loaded.project, (), place, problem=records.problem or str(error))
    contained = loaded.journal.position if mark.id == loaded.journal.id else 0
    conflicted = mark.id != loaded.journal.id and base != loaded.sha256
    project, edits, problem = _replayed(loaded.project, records, contained)
    if not edits and not problem:
        return None
    return Recovered(project, edits, place, conflicted, problem, _marks_set(records) if conflicted else ())


def recover_unsaved(journal: Path) -> Recovered | None:
    """The project of a journal that belongs to no file, or None where it holds none."""
    records = read_records(journal)
    project, edits, problem = _replayed(Project(Timeline("", rate=DEFAULT_RATE)), records, 0)
    return Recovered(project, edits, journal, problem=problem) if edits else None


def unsaved_journals() -> tuple[Path, ...]:
    """Journals of projects that were never saved, newest first; those of running processes are among them."""
    found = unsaved_folder().glob("*.journal")
    return tuple(sorted(found, key=lambda place: place.stat().st_mtime, reverse=True))


def read_records(journal: Path) -> Records:
    """All whole lines; what cannot be read at all is a problem and no error."""
    try:
        if journal.stat().st_size > MAX_BYTES:
            return Records((), "the journal is too large to read")
        return decoded(journal.read_bytes())
    except OSError as error:
        return Records((), f"the journal cannot be read: {error.strerror or error}")


def _replayed(project: Project, records: Records, contained: int) -> tuple[Project, tuple[str, ...], str]:
    edits: list[str] = []
    for record in records.values[1:]:
        if not _follows(record, contained):
            continue
        try:
            project = applied(project, record)
        except _CHANGE_FAULTS as error:
            return project, tuple(edits), f"line {record.get('n')} does not fit: {error}"
        edits.append(str(record.get("name", "")))
    return project, tuple(edits), records.problem


def _marks_set(records: Records) -> tuple[Mark, ...]:
    """Marks that the journal's lines hold, as the last of them leaves them; those it dropped again are not there."""
    marks: dict[str, Mark] = {}
    for record in records.values[1:]:
        try:
            marks = marks_after(marks, record)
        except _CHANGE_FAULTS:
            break
    return tuple(marks.values())


def _follows(record: dict[str, Any], contained: int) -> bool:
    number = record.get("n")
    return isinstance(number, int) and number > contained
