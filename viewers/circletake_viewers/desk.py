"""The desk: what every view talks to. It holds the session, keeps wish and facts, and tells what is shown.

Views change the project by `do`, which runs an action; they change what they look at by `ask`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from circletake.actions import ACTIONS
from circletake.analysis.highlights import Analysis
from circletake.errors import CircletakeError, ErrorInfo
from circletake.jobs.job import Ended, Job, JobEvent, JobState, PartialFound
from circletake.media.footage import FOOTAGE
from circletake.media.frames import Frame, MediaInfo
from circletake.project.project import Project
from circletake.session.analysing import Analysed, AnalysedFilm, Recalled
from circletake.session.arriving import look_at
from circletake.session.exporting import Export, ExportWish, plan
from circletake.session.importing import USUAL, MarksRead, ReadHow
from circletake.session.opening import Failure, Opened
from circletake.session.relinking import Relinked
from circletake.session.sending import Sending, SendWish, plan_send
from circletake.session.session import Session
from circletake.settings import ANALYSE_ON_OPEN
from circletake.timeline.model import Timeline
from circletake_viewers.bridge import Bridge
from circletake_viewers.jobbook import JobBook
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.resolve import Resolved, resolve
from circletake_viewers.state.shown import Shown
from circletake_viewers.state.wish import Wish

SYNC_MS = 1000
"""Time after an edit at which the disk is asked to keep it. A power cut costs no more than that."""


ABSENT = "media_not_found"
"""The kind of the error that says that a film is not there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What was `tried`, and the error that stood in the way, with what to do next; `action` names the job's."""

    tried: str
    error: ErrorInfo
    action: str = ""


class Desk(QObject):
    """One window's work. All of it happens on the window's thread, except the jobs.

    `changed` carries what is shown now and what was before; `troubled` a `Problem`; `ended` an action's name and the
    value of its job, when that is done.
    """

    changed = Signal(Shown, Shown)
    troubled = Signal(Problem)
    ended = Signal(str, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._wish, self._facts = Wish(), Facts()
        self._resolved = resolve(self._wish, self._facts, Resolved())
        self._book = JobBook()
        self._taken: set[Path] = set()
        self._opening = ""
        self._hearing = self._discards = False
        self._saved_at: float | None = None
        self._sync = QTimer(self, singleShot=True, interval=SYNC_MS)
        self._sync.timeout.connect(session.sync)
        self._done: list[tuple[str, object]] = []
        self._is_closed = False
        self._bridge = Bridge((Analysis, Frame), self)
        self._bridge.arrived.connect(self._hear)
        self._stop_watching = session.watch(self._on_project)

    @property
    def shown(self) -> Shown:
        """What is shown now."""
        return self._resolved.shown

    @property
    def wish(self) -> Wish:
        """What is wished to be seen."""
        return self._wish

    @property
    def timeline(self) -> Timeline | None:
        """The open cut, or None."""
        return self._facts.timeline

    @property
    def media(self) -> Mapping[Path, MediaInfo]:
        """What is known of the open cut's media."""
        return self._facts.media

    @property
    def modified(self) -> bool:
        """Tell whether there are edits that the project's file lacks."""
        return self._facts.modified

    def close(self) -> None:
        """Cancel all work and let go of the project; edits that were not saved stay in its journal."""
        if self._is_closed:
            return
        self._is_closed = True
        self._sync.stop()
        self._stop_watching()
        self._bridge.close()
        self.session.close()

    def ask(self, **changes: Any) -> None:  # noqa: ANN401 - names and types are those of Wish
        """Look at something else: the wish with `changes`, by the names of `Wish`."""
        self._wish = replace(self._wish, **changes)
        self._refresh()

    def do(self, name: str, /, *given: object, **named: object) -> object:
        """Run an action by name; a job is followed until it ends. What goes wrong is told by `troubled`.

        Returns what the action gave, or None where it failed.
        """
        action = ACTIONS[name]
        try:
            answer = action.function(self.session, *given, **named)
        except Exception as error:  # noqa: BLE001 - the one place of the window that turns every error into words
            self.troubled.emit(Problem(action.title, ErrorInfo.of(error)))
            return None
        if action.edits:
            self.session.seal()
        if isinstance(answer, Job):
            self._follow(name, answer)
        elif name == "close":
            self._clear()
        elif name == "save":
            self._saved_at = _changed_at(self.session.workspace.path)
            self._take_stock()
            self._refresh()
        return answer

    def open(self, files: Sequence[Path], *, discard: bool, how: ReadHow = USUAL) -> None:
        """Read footage, a project or a timeline; it takes the place of what is open once it is there.

        `discard` drops the edits of what was open then; else they stay in its journal.
        """
        self._discards = discard
        self.do("open-files", *files, sequence=how.sequence, rate=how.rate)

    def may_bring_marks(self, files: Sequence[Path]) -> bool:
        """Tell whether files could hold marks for the open cut: neither footage, nor while only looking is allowed."""
        is_footage = any(path.suffix.lower() in FOOTAGE for path in files)
        return bool(files) and not is_footage and self.shown.is_open and not self.shown.top.keeper

    def look_at(self, files: Sequence[Path]) -> None:
        """Find out what files are good for that arrive while a cut is open; `ended` tells it, as `Arrived`."""
        self._follow("look-at", self.session.submit(f"Look at {files[0].name}", tuple(files), look_at))

    def resume(self, journal: Path, *, discard: bool) -> None:
        """Take up work that was never saved, in the same way."""
        self._discards = discard
        self.do("resume", journal)

    def has_open(self, files: Sequence[Path]) -> bool:
        """Tell whether these files are the project that is open: opened twice it would lock itself out."""
        path = self._facts.path
        return path is not None and len(files) == 1 and files[0].absolute() == path

    def plan_export(self, wish: ExportWish) -> Callable[[], Export]:
        """A call that plans the export of what is open now, on any thread; it raises as `exporting.plan`."""
        session = self.session
        return partial(plan, session.timeline, session.media_by_path, wish, session.workspace.path)

    def plan_send(self, wish: SendWish) -> Callable[[], Sending]:
        """A call that plans what an editing program gets of what is open now, on any thread; raises as `plan_send`."""
        session = self.session
        return partial(plan_send, session.timeline, session.media_by_path, wish, session.workspace.path)

    def cancel(self, job_id: str = "") -> None:
        """Stop a job by its id, or the one the status bar shows."""
        status = self.shown.status.job
        self._book.cancel(job_id or (status.id if status else ""))

    def look_at_jobs(self) -> None:
        """Note that somebody looked at the list of work."""
        self.ask(looked=time.monotonic())

    def forget_ended_jobs(self) -> None:
        """Empty the list of work that has ended."""
        self._book.forget_ended()
        self._refresh()

    def _follow(self, name: str, job: Job[Any]) -> None:
        if name in ("open-files", "resume"):
            self._book.cancel(self._opening)
            self._opening = job.id
        self._book.add(name, job, time.monotonic())
        self._refresh()
        job.subscribe(self._bridge.hear)

    def _hear(self, events: tuple[JobEvent, ...]) -> None:
        self._hearing = True
        try:
            for event in events:
                self._take_event(event, time.monotonic())
        finally:
            self._hearing = False
        self._refresh()
        done, self._done = self._done, []
        for name, value in done:
            self.ended.emit(name, value)
            if isinstance(value, Opened):
                self._begin_scoring()

    def _take_event(self, event: JobEvent, now: float) -> None:
        self._book.note(event, now)
        if isinstance(event, PartialFound):
            self._take_partial(event.value)
        elif isinstance(event, Ended):
            self._take_end(event)

    def _take_partial(self, value: object) -> None:
        if isinstance(value, Analysis):
            self._grow(value)
        elif isinstance(value, AnalysedFilm):
            self._take_films((value,))

    def _grow(self, analysis: Analysis) -> None:
        path = analysis.media.path
        if self._facts.media.get(path) == analysis.media and path not in self._taken:
            self._facts = replace(self._facts, growing={**self._facts.growing, path: analysis})

    def _take_films(self, films: tuple[AnalysedFilm, ...]) -> None:
        """Make finished films' marks part of the project, each film once a run."""
        fresh = tuple(film for film in films if film.analysis.media.path not in self._taken)
        if not fresh or not self.session.is_open or self.session.workspace.read_only:
            return
        self._taken |= {film.analysis.media.path for film in fresh}
        growing = {path: each for path, each in self._facts.growing.items() if path not in self._taken}
        self._facts = replace(self._facts, growing=growing)
        try:
            self.session.take(Analysed(fresh))
        except CircletakeError as error:
            self.troubled.emit(Problem("Analyse", ErrorInfo.of(error)))
        self._facts = replace(self._facts, scored=self.session.curves)

    def _take_end(self, event: Ended) -> None:
        name, title = self._book.about(event.job_id)
        if event.state is JobState.FAILED and event.error is not None:
            self.troubled.emit(Problem(title, event.error, name))
        if name == "analyze":
            if event.state is JobState.CANCELLED:
                # What was measured before it was stopped is worth having.
                self._take_films(tuple(AnalysedFilm(each, "", 0.0) for each in self._facts.growing.values()))
            self._facts = replace(self._facts, growing={})
            self.session.seal()
        if event.state is not JobState.DONE:
            self._let_go_of(event.value)
        elif isinstance(event.value, Opened):
            self._take_opened(event.value, is_newest=event.job_id == self._opening)
        else:
            self._take_value(name, title, event.value)

    def _take_value(self, name: str, title: str, value: object) -> None:
        if isinstance(value, Analysed):
            self._take_films(value.films)
            self._tell_failures(title, value.failures)
        elif isinstance(value, Recalled) and self.session.is_open:
            self.session.take(value)
            self._facts = replace(self._facts, scored=self.session.curves)
        elif isinstance(value, MarksRead | Relinked):
            value = self._take_edit(title, value)
            if value is None:
                return
        self._done.append((name, value))

    def _take_edit(self, title: str, value: MarksRead | Relinked) -> object:
        """Make marks or media that were looked for part of the project, as one step; gives what became of them.

        None where it failed, and where the project they were for is not open any more.
        """
        try:
            taken = self.session.take(value)
        except CircletakeError as error:
            self.troubled.emit(Problem(title, ErrorInfo.of(error)))
            return None
        if taken is not None:
            self.session.seal()
            self._facts = replace(self._facts, media=self.session.media_by_path)
        return taken

    def _take_opened(self, opened: Opened, *, is_newest: bool) -> None:
        if not is_newest:
            self._let_go_of(opened)
            return
        self._book.cancel_kind("analyze")
        self.session.let_go(forget=self._discards)
        self._saved_at = _changed_at(opened.workspace.path)
        self.session.take(opened)
        self._facts = replace(
            self._facts, media=self.session.media_by_path, scored={}, growing={}, imported=opened.imported
        )
        self._taken = set()
        self._wish = Wish(order=self._wish.order, shown_curves=self._wish.shown_curves, looked=time.monotonic())
        is_new = opened.workspace.path is None  # what a project lacks is shown as long as it is missing
        self._tell_failures("Open", tuple(each for each in opened.failures if is_new or each.error.kind != ABSENT))
        self._done.append(("open-files", opened))

    def _begin_scoring(self) -> None:
        """Bring the curves of a project back, or score footage that is new."""
        if self.session.workspace.project.analysis_keys:
            self.do("recall")
        elif self.session.settings.get(ANALYSE_ON_OPEN) and self._facts.media and not self.session.workspace.read_only:
            self.analyse()

    def analyse(self) -> None:
        """Score the open footage; a run on its way is stopped."""
        self._book.cancel_kind("analyze")
        self._taken = set()
        self._facts = replace(self._facts, growing={})
        self.do("analyze")

    @staticmethod
    def _let_go_of(value: object) -> None:
        """Close what was opened too late for anyone to want it."""
        if isinstance(value, Opened):
            value.workspace.close()

    def _tell_failures(self, title: str, failures: tuple[Failure, ...]) -> None:
        for failure in failures:
            self.troubled.emit(Problem(f"{title} {failure.path.name}", failure.error))

    def _on_project(self, _: Project) -> None:
        self._take_stock()
        self._sync.start()
        if not self._hearing:  # whoever hears shows everything once, at the end
            self._refresh()

    def _take_stock(self) -> None:
        """Look at what the session holds now."""
        workspace = self.session.workspace
        self._facts = replace(
            self._facts,
            timeline=workspace.timeline,
            path=workspace.path,
            modified=workspace.modified,
            saved_at=self._saved_at,
            keeper=str(workspace.holder or ""),
            journal_fault=workspace.journal_fault,
            undo_name=workspace.history.undo_name,
            redo_name=workspace.history.redo_name,
        )

    def _clear(self) -> None:
        self._book.cancel_kind("analyze")
        self._facts, self._wish = Facts(), Wish(order=self._wish.order)
        self._refresh()

    def _refresh(self) -> None:
        before = self._resolved
        self._facts = replace(self._facts, jobs=self._book.facts)
        self._resolved = resolve(self._wish, self._facts, before)
        self._wish = self._resolved.wish
        self.changed.emit(self._resolved.shown, before.shown)


def _changed_at(path: Path | None) -> float | None:
    """When a file was last written, in seconds since 1970; None where that cannot be told."""
    try:
        return path.stat().st_mtime if path else None
    except OSError:
        return None
