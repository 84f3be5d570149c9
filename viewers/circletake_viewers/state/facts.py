"""What is the case: the project, what is known of its media, and the work that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from circletake.analysis.highlights import Analysis, Scored
from circletake.errors import ErrorInfo
from circletake.jobs.job import JobState
from circletake.media.frames import MediaInfo
from circletake.session.importing import Imported
from circletake.timeline.model import Timeline


@dataclass(frozen=True, slots=True)
class JobFact:
    """A job as the status bar and the jobs panel show it.

    `kind` is the action that began it. `done` of `total` in the work's own unit, seconds of film unless `unit` says
    otherwise; `total` 0 means not known. `began` and `ended` are seconds of a clock that only goes forward.
    """

    id: str
    kind: str
    title: str
    state: JobState
    done: float = 0.0
    total: float = 0.0
    seconds_left: float | None = None
    began: float = 0.0
    ended: float | None = None
    error: ErrorInfo | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything the views need to know, as it is now. `timeline` is None while nothing is open.

    `scored` holds the whole curves of each film, `growing` what is known of those being scored now. `keeper` names the
    program that holds the project, where this one may only look. `saved_at` is when the file was last written, in
    seconds since 1970; None while there is no file. `imported` tells of the other tool's timeline the cut was made of.
    """

    timeline: Timeline | None = None
    media: Mapping[Path, MediaInfo] = field(default_factory=lambda: MappingProxyType({}))
    scored: Mapping[Path, Scored] = field(default_factory=lambda: MappingProxyType({}))
    growing: Mapping[Path, Analysis] = field(default_factory=lambda: MappingProxyType({}))
    path: Path | None = None
    modified: bool = False
    saved_at: float | None = None
    keeper: str = ""
    journal_fault: str = ""
    undo_name: str | None = None
    redo_name: str | None = None
    jobs: tuple[JobFact, ...] = ()
    imported: Imported | None = None
