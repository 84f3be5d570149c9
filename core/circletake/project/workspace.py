"""An open project: its file, its lock, its undo history and its journal, kept in step.

Every edit goes through `done`, is undoable by name, and is on disk before `done` returns. A second opener of the same
project gets it read-only.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

from circletake import paths
from circletake.errors import EditError
from circletake.project.files import LoadedProject, is_project, load_project, save_project
from circletake.project.history import History
from circletake.project.journal import Journal, journal_path, new_unsaved_path, sheltered_journal_path
from circletake.project.lock import Holder, ProjectLock
from circletake.project.project import Project
from circletake.project.recovery import Recovered, recover_onto, recover_unsaved
from circletake.timeline.model import Timeline

_log = logging.getLogger(__name__)

Lock = TypeVar("Lock", bound=ProjectLock | Holder | None)


class Workspace:
    """A project being edited, from one thread. Made by `create`, `open` and `resume`; ends with `close`.

    `warnings` are sentences about what the file holds and this program does not show. `recovered` tells what a
    crash had left in the journal and is in the project again. `conflict` is a journal that builds on another content
    of the file: it is kept beside, and `take_conflict` takes its marks. `journal_fault` says why edits are not
    journalled, where they are not.
    """

    def __init__(self, project: Project, loaded: LoadedProject | None = None, path: Path | None = None) -> None:
        """Use `create`, `open` or `resume`."""
        self._history = History(project)
        self._saved = loaded
        self._path = path
        self._lock: ProjectLock | None = None
        self._journal: Journal | None = None
        self._unsaved = new_unsaved_path()
        self.holder: Holder | None = None
        self.warnings: tuple[str, ...] = () if loaded is None else loaded.warnings
        self.recovered: Recovered | None = None
        self.conflict: Recovered | None = None
        self.journal_fault = ""

    @classmethod
    def create(cls, project: Project) -> Self:
        """A new project without a file; it is journalled from the start."""
        workspace = cls(project)
        with contextlib.suppress(OSError):
            workspace._unsaved.parent.mkdir(parents=True, exist_ok=True)
        with _released_on_failure(_lock_of(workspace._unsaved)) as lock:
            workspace._hold(lock)
            workspace._start_journal()
        return workspace

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a project file, with the edits a crash may have left in its journal.

        Raises:
            TimelineError, ProjectError: the file cannot be used.
        """
        path = path.absolute()
        with _released_on_failure(_lock_of_file(path)) as lock:  # before reading: a holder may save and close meanwhile
            loaded = load_project(path)
            workspace = cls(loaded.project, loaded, path)
            workspace._hold(lock)
            if not workspace.read_only:
                for place in (_real(path), journal_path(path)):
                    paths.remove_abandoned(place)
                workspace._take_recovery(recover_onto(loaded, path))
                workspace._start_journal()
        return workspace

    @classmethod
    def resume(cls, journal: Path) -> Self | None:
        """Take up a project that was never saved, from its journal; None where it is open elsewhere or empty.

        Raises:
            OSError: the journal's folder cannot be written.
        """
        lock = ProjectLock.acquire(ProjectLock.path_for(journal))
        if isinstance(lock, Holder):
            return None
        with _released_on_failure(lock):
            recovered = recover_unsaved(journal)
            if recovered is None:
                lock.release()
                return None
            workspace = cls(recovered.project)
            workspace._lock, workspace._unsaved, workspace.recovered = lock, journal, recovered
            workspace._start_journal()
        return workspace

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self._history.present

    @property
    def timeline(self) -> Timeline:
        """The cut and its marks as they are now."""
        return self._history.present.timeline

    @property
    def history(self) -> History[Project]:
        """What can be undone and redone."""
        return self._history

    @property
    def path(self) -> Path | None:
        """The project's file, None while it has none."""
        return self._path

    @property
    def read_only(self) -> bool:
        """Tell whether another process holds the project; `holder` says which."""
        return self.holder is not None

    @property
    def is_foreign(self) -> bool:
        """Tell whether the file is another tool's, so that saving there would make it a project."""
        return self._saved is not None and self._saved.is_foreign

    @property
    def modified(self) -> bool:
        """Tell whether there are edits the file lacks."""
        return self._saved is None or self._saved.project.timeline != self.timeline or not self._same_fields()

    def done(self, name: str, state: Project | Timeline, merge_key: str | None = None) -> Project:
        """Take the result of an edit: it is undoable by `name` and on disk when this returns.

        Raises:
            EditError: the project is open elsewhere.
            ValueError, TypeError, TimelineInvalid: values that no file can hold; the project is as before.
        """
        after = self.project.with_timeline(state) if isinstance(state, Timeline) else state
        return self._moved(self._history.done(name, after, merge_key), name)

    def seal(self) -> None:
        """End a row of merging edits: the mouse button was let go."""
        self._history = self._history.sealed()

    def undo(self) -> Project:
        """One step back."""
        return self._moved(self._history.undone(), f"Undo {self._history.undo_name}")

    def redo(self) -> Project:
        """One undone step again."""
        return self._moved(self._history.redone(), f"Redo {self._history.redo_name}")

    def take_conflict(self) -> Project:
        """Apply the marks of a conflicting journal to the present ones, as one undoable edit; none is lost."""
        if self.conflict is not None:
            taken = {mark.id: mark for mark in (*self.timeline.marks, *self.conflict.marks)}
            self.done("Take journal", self.timeline.with_marks(tuple(taken.values())))
            self.conflict = None
        return self.project

    def save(self, path: Path | None = None) -> Path:
        """Write the project file, here or at another place, and start a new journal.

        Raises:
            EditError: the project is open elsewhere, has no file yet and `path` is None, or another program wrote
                the file since.
            TimelineInvalid: metadata that no OpenTimelineIO file can hold.
            OSError: the folder cannot be written; file and journal are as before.
        """
        if path is None and self._path is None:
            raise EditError("the project has no file yet", hint="Choose where to save it.")
        target = (path or self._path or Path()).absolute()
        if self._path is None or _real(target) != _real(self._path):
            return self._save_as(target)
        self._refuse_read_only()
        self._refuse_changed_elsewhere(target)
        self._take_saved(save_project(self.project, target, self._journal.mark if self._journal else None))
        self._path = target
        self._start_journal()
        return target

    def sync(self) -> None:
        """Ask the disk to keep every edit so far: called a second after the last, a power cut costs nothing then."""
        if self._journal is not None:
            try:
                self._journal.sync()
            except OSError as error:
                self._fault(error)

    def close(self) -> None:
        """Let go of file, journal and lock. Edits that are not saved stay in the journal; `discard` drops them."""
        if self._journal is not None:
            self._journal.close()
            untouched = self._saved is None and self.recovered is None and self._history.undo_name is None
            if untouched or not self.modified:
                self._journal.discard()
            self._journal = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def discard(self) -> None:
        """Close, and forget the edits that are not saved."""
        if self._journal is not None:
            self._journal.discard()
            self._journal = None
        self.close()

    def _moved(self, history: History[Project], name: str) -> Project:
        """On disk first: an edit that no journal can hold has not happened. A full disk stops no work."""
        self._refuse_read_only()
        if self._journal is not None:
            try:
                self._journal.append(self.project, history.present, name)
                self.journal_fault = ""
            except OSError as error:
                self._fault(error)
        self._history = history
        return history.present

    def _refuse_read_only(self) -> None:
        if self.holder is not None:
            raise EditError(
                f"the project is open in {self.holder} and can only be looked at here",
                hint="Close it there and open it again, or save a copy under another name.",
            )

    def _refuse_changed_elsewhere(self, target: Path) -> None:
        try:
            with target.open("rb") as file:
                now = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return
        if self._saved is not None and now != self._saved.sha256:
            raise EditError(
                "another program wrote the file since it was opened here",
                hint="Save under another name, or close it and open it again: your edits stay in its journal.",
                path=target,
            )

    def _same_fields(self) -> bool:
        saved = self.project if self._saved is None else self._saved.project
        same_cut = replace(saved, timeline=self.timeline, modified_by=self.project.modified_by)
        return same_cut == self.project

    def _hold(self, lock: ProjectLock | Holder | None) -> None:
        if isinstance(lock, Holder):
            self.holder = lock
        else:
            self._lock = lock

    def _take_recovery(self, recovered: Recovered | None) -> None:
        if recovered is None:
            return
        if recovered.conflicted or recovered.problem:
            recovered = replace(recovered, journal=_set_aside(recovered.journal))
        if recovered.conflicted:
            self.conflict = recovered
            return
        self.recovered = recovered
        self._history = self._history.done("Recover edits", recovered.project)

    def _start_journal(self) -> None:
        """A new journal in the place of the old one, which lies there until the new one is whole."""
        old = self._journal
        if old is not None:
            old.close()
        self._journal, path = None, self._path
        places = (self._unsaved,) if path is None else (journal_path(path), sheltered_journal_path(path))
        saved, base = (None, "") if self._saved is None else (self._saved.project, self._saved.sha256)
        for place in places:
            try:
                self._journal = Journal.start(place, self.project, saved, base, path)
            except OSError as error:
                self._fault(error)
                continue
            self.journal_fault = ""
            if old is not None and old.path != place:
                old.discard()
            return

    def _save_as(self, target: Path) -> Path:
        _refuse_other_files(target)
        lock = ProjectLock.acquire(ProjectLock.path_for(_real(target)))
        if isinstance(lock, Holder):
            raise EditError(f"{target.name} is open in {lock}", hint="Choose another name, or close it there.")
        with _released_on_failure(lock):
            self._take_saved(save_project(self.project, target))
        if self._lock is not None:
            self._lock.release()
        self._lock, self._path, self.holder = lock, target, None
        self._start_journal()
        return target

    def _take_saved(self, saved: LoadedProject) -> None:
        self._saved = saved
        self._history = self._history.with_present(saved.project)

    def _fault(self, error: OSError) -> None:
        self.journal_fault = f"Edits are not protected against a crash: {error.strerror or error}."
        _log.warning("journal: %s", error)


def _refuse_other_files(target: Path) -> None:
    """A project never takes the place of footage, or of anything else that is none."""
    if target.exists() and not (target.is_file() and (target.stat().st_size == 0 or is_project(target))):
        raise EditError(f"{target.name} is there already, and is no project", hint="Choose another name.")


def _real(path: Path) -> Path:
    """Where a save of `path` writes: links are followed."""
    return Path(os.path.realpath(path))


def _lock_of(place: Path) -> ProjectLock | Holder | None:
    """The lock at a place; None where its folder cannot be written."""
    try:
        return ProjectLock.acquire(ProjectLock.path_for(place))
    except OSError as error:
        _log.info("no lock for %s: %s", place, error)
        return None


def _lock_of_file(path: Path) -> ProjectLock | Holder | None:
    """The lock beside the real file, else beside the sheltered journal, so that no two openers share one."""
    lock = _lock_of(_real(path))
    if lock is not None:
        return lock
    shelter = sheltered_journal_path(path)
    with contextlib.suppress(OSError):
        shelter.parent.mkdir(parents=True, exist_ok=True)
    return _lock_of(shelter)


@contextlib.contextmanager
def _released_on_failure(lock: Lock) -> Iterator[Lock]:
    try:
        yield lock
    except BaseException:
        if isinstance(lock, ProjectLock):
            lock.release()
        raise


def _set_aside(journal: Path) -> Path:
    """Keep a journal that is not applied, beside its place."""
    kept = journal.with_name(f"{journal.name}.kept-{time.strftime('%Y%m%d-%H%M%S')}")
    with contextlib.suppress(OSError):
        return journal.replace(kept)
    return journal
