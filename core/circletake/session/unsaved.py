"""Work that was never saved: what a crash or a closed window left in journals, and how it is taken up or let go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from circletake.errors import UsageError
from circletake.jobs.context import JobContext
from circletake.project.lock import Holder, ProjectLock
from circletake.project.recovery import recover_unsaved, unsaved_journals
from circletake.project.workspace import Workspace
from circletake.session.opening import Opened, media_paths, probe_all, to_failures
from circletake.timeline.model import MarkState

MOST_OFFERED = 20
"""Projects offered at once, the newest: nobody reads more, and older ones are offered when these are settled."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A project that has no file: its name, how much was done to it, and when last, in seconds since 1970."""

    journal: Path
    name: str
    edits: int
    marks: int
    kept: int
    changed: float
    problem: str = ""


def find_unsaved(_: object, context: JobContext) -> tuple[Unsaved, ...]:
    """Projects left without a file that no running program has open, newest first, `MOST_OFFERED` at most."""
    found: list[Unsaved] = []
    for journal in unsaved_journals():
        context.checkpoint()
        if len(found) == MOST_OFFERED:
            break
        described = _described(journal) if _is_free(journal) else None
        if described is not None:
            found.append(described)
    return tuple(found)


def _is_free(journal: Path) -> bool:
    try:
        lock = ProjectLock.acquire(ProjectLock.path_for(journal))
    except OSError:
        return False
    if isinstance(lock, Holder):
        return False
    lock.release()
    return True


def _described(journal: Path) -> Unsaved | None:
    recovered = recover_unsaved(journal)
    if recovered is None:
        return None
    timeline = recovered.project.timeline
    kept = len(timeline.marks_in_state(MarkState.KEPT))
    changed = journal.stat().st_mtime
    edits = len(recovered.edits)
    return Unsaved(journal, timeline.name, edits, len(timeline.marks), kept, changed, recovered.problem)


def resume(journal: Path, context: JobContext) -> Opened:
    """Take a project up where it was left.

    Raises:
        UsageError: there is nothing in the journal, or another program has it open.
        JobCancelled: asked to stop; the journal stays.
    """
    workspace = Workspace.resume(journal)
    if workspace is None:
        hint = "Close the other window, or open the footage again."
        raise UsageError("this work is open elsewhere, or empty", hint=hint, path=journal)
    try:
        media, errors = probe_all(media_paths(workspace.timeline), context)
    except BaseException:
        workspace.close()  # nobody will take it: let go of its lock
        raise
    return Opened(workspace, media, to_failures(errors))


def forget(journal: Path) -> None:
    """Let go of a project that was never saved, for good; one that is open elsewhere stays.

    Raises:
        OSError: the file cannot be removed.
    """
    if _is_free(journal):
        journal.unlink(missing_ok=True)
