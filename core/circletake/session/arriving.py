"""Files that arrive while a cut is open: to be opened, or with marks to lay on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from circletake.errors import CircletakeError
from circletake.interchange.registry import is_list, is_timeline, read_file
from circletake.jobs.context import JobContext
from circletake.project.files import is_own_project


class Arrival(Enum):
    """What files are good for: `EITHER` leaves the choice, for a timeline that carries marks made here."""

    OPEN = auto()
    MARKS = auto()
    EITHER = auto()


@dataclass(frozen=True, slots=True)
class Arrived:
    """The files, what they are good for, and how many marks made here they carry where that leaves a choice."""

    files: tuple[Path, ...]
    arrival: Arrival
    marks: int = 0


def look_at(files: tuple[Path, ...], context: JobContext) -> Arrived:
    """Tell what files are good for. A file that cannot be read is to be opened, which says why."""
    context.checkpoint()
    if files and all(is_list(path) for path in files):
        return Arrived(files, Arrival.MARKS)
    marks = _marks_in(files[0], context) if len(files) == 1 and is_timeline(files[0]) else 0
    return Arrived(files, Arrival.EITHER if marks else Arrival.OPEN, marks)


def _marks_in(path: Path, context: JobContext) -> int:
    """How many marks another tool's timeline brings back; a project of ours is no such timeline."""
    try:
        is_own = path.is_file() and is_own_project(path)
        return 0 if is_own else len(read_file(path, context=context).read.timeline.marks)
    except (CircletakeError, OSError):
        return 0
