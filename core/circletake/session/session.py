"""The session: one open project, what is known of its media, the jobs that work on it, and the cache of results.

Long work answers at once with a `Job`; whoever started it hands the job's value to `take` on the session's own thread,
so the project changes on one thread only. No door assumes another: a window, a terminal and a server use the same
verbs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

from circletake.analysis.highlights import Scored
from circletake.analysis.segments import SegmentLimits
from circletake.errors import UsageError
from circletake.export.plan import ExportMode
from circletake.jobs.context import JobContext
from circletake.jobs.job import Job, Listener
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane, Work
from circletake.media.frames import MediaInfo
from circletake.paths import cache_folder
from circletake.project.project import Project, ProjectMedia
from circletake.project.results import ResultStore
from circletake.project.workspace import Workspace
from circletake.session.analysing import (
    Analysed,
    AnalyseRequest,
    Recalled,
    RecallRequest,
    analyse,
    cached,
    recall,
)
from circletake.session.exporting import Export, Exported, ExportWish, TimelineFormat, export, plan
from circletake.session.importing import USUAL, MarksRead, MarksRequest, MarksTaken, ReadHow, read_marks
from circletake.session.marking import proposed, scored_where_moved
from circletake.session.opening import Opened, OpenRequest, open_files
from circletake.session.relinking import Relinked, RelinkRequest, find_media
from circletake.session.sending import Sending, SendWish, Sent, plan_send, send
from circletake.session.unsaved import Unsaved, find_unsaved, resume
from circletake.settings import (
    ANALYSE_HANDLES,
    CACHE_MEGABYTES,
    CPU_THREADS,
    EXPORT_MODE,
    EXPORT_QUALITY,
    EXPORT_TIMELINES,
    FAST,
    MAX_SECONDS,
    MIN_SECONDS,
    OVERWRITE,
    THUMBNAIL_COUNT,
    TOP,
    Settings,
)
from circletake.timeline.model import Timeline

Watcher = Callable[[Project], None]
R = TypeVar("R")
T = TypeVar("T")

ANALYSE = "Analyse"
"""The name of the step that an analysis makes."""


class Session:
    """Everything a door drives. Use it as a context manager, or call `close`."""

    def __init__(self, settings: Settings, *, cache: Path | None = None, keep_unsaved: bool = True) -> None:
        """Work with `settings`; results are kept under `cache`, by default the user's cache folder.

        `keep_unsaved` leaves the journal of edits that were not saved, for the next session to take up; a door where
        nobody would ask for them back turns it off.
        """
        self.settings = settings
        self._keep_unsaved = keep_unsaved
        self.queue = JobQueue(cpu_threads=settings.get(CPU_THREADS))
        self.store = ResultStore((cache or cache_folder()) / "results", settings.get(CACHE_MEGABYTES) << 20)
        self._workspace: Workspace | None = None
        self._media: dict[Path, MediaInfo] = {}
        self._scored: dict[Path, Scored | None] = {}
        self._watchers: list[Watcher] = []

    def __enter__(self) -> Self:
        """The session itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Cancel all work, wait at most two seconds, let go of the project."""
        self.queue.close()
        self._let_go()

    def let_go(self, *, forget: bool = False) -> None:
        """Close the project alone; `forget` drops edits that were not saved, else they stay in its journal."""
        if forget and self._workspace is not None:
            self._workspace.discard()
            self._workspace = None
        self._let_go()
        self._media, self._scored = {}, {}

    @property
    def workspace(self) -> Workspace:
        """The open project with its history.

        Raises:
            UsageError: nothing is open.
        """
        if self._workspace is None:
            raise UsageError("nothing is open", hint="Open a film or a project first.")
        return self._workspace

    @property
    def is_open(self) -> bool:
        """Tell whether there is a project to work on."""
        return self._workspace is not None

    @property
    def timeline(self) -> Timeline:
        """The cut and its marks as they are now."""
        return self.workspace.timeline

    @property
    def media(self) -> tuple[MediaInfo, ...]:
        """What is known of the project's media; missing ones are not among them."""
        return tuple(self._media.values())

    @property
    def media_by_path(self) -> Mapping[Path, MediaInfo]:
        """The same by path; a snapshot."""
        return MappingProxyType(dict(self._media))

    @property
    def curves(self) -> Mapping[Path, Scored]:
        """The curves that are in memory, by medium; a snapshot that reads no file."""
        return MappingProxyType({path: each for path, each in self._scored.items() if each is not None})

    @property
    def has_own_edits(self) -> bool:
        """Tell whether somebody did something that no file has: more than an analysis, which the cache has too."""
        if self._workspace is None or self._workspace.read_only or not self._workspace.modified:
            return False
        steps = (step.name for step in self._workspace.history.past)
        known = self._workspace.path is not None or self._workspace.recovered is not None
        return known or any(name != ANALYSE for name in steps)

    def sync(self) -> None:
        """Have every edit so far survive a power cut."""
        if self._workspace is not None:
            self._workspace.sync()

    def seal(self) -> None:
        """End a row of edits that count as one: what comes next is undone by itself."""
        if self._workspace is not None:
            self._workspace.seal()

    def scored(self, path: Path) -> Scored | None:
        """The newest curves of a medium: just made, or in the cache under one of the project's keys; else None."""
        if path not in self._scored:
            medium = self.workspace.project.medium(str(path))
            keys = self.workspace.project.analysis_keys if medium else ()
            found = (cached(self.store, key) for key in keys)
            self._scored[path] = next(
                (each for each in found if each and medium and each.fingerprint == medium.fingerprint), None
            )
        return self._scored[path]

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell `watcher` of every change of the project, on the thread that made it; call what comes back to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def open(
        self,
        paths: tuple[Path, ...],
        *,
        read_media: bool = True,
        how: ReadHow = USUAL,
        listener: Listener | None = None,
    ) -> Job[Opened]:
        """Read films, a project, or another tool's timeline in the background; hand the job's value to `take`."""
        title = f"Open {paths[0].name if paths else 'nothing'}"
        work = Work(title, OpenRequest(paths, read_media, how), open_files, lane=Lane.CPU)
        return self.queue.submit(work, listener=listener)

    def read_marks(self, path: Path) -> Job[MarksRead]:
        """Read marks that came back from an editor, or a list, in the background; hand the job's value to `take`.

        A file that states no rate counts as this timeline does.
        """
        request = MarksRequest(path, ReadHow(rate=str(self.timeline.rate)), self.workspace)
        return self.queue.submit(Work(f"Read {path.name}", request, read_marks, lane=Lane.CPU))

    def find_media(self, address: str, place: Path) -> Job[Relinked]:
        """Look for a missing medium, and the others that moved with it, at `place`; hand the job's value to `take`."""
        request = RelinkRequest(self.timeline, address, place, self.workspace)
        return self.queue.submit(Work(f"Look for {place.name}", request, find_media, lane=Lane.CPU))

    def submit(self, title: str, request: R, run: Callable[[R, JobContext], T]) -> Job[T]:
        """Do something in the background that needs no project."""
        return self.queue.submit(Work(title, request, run, lane=Lane.CPU))

    def find_unsaved(self) -> Job[tuple[Unsaved, ...]]:
        """Look for work that was never saved, in the background."""
        return self.queue.submit(Work("Look for unsaved work", None, find_unsaved, lane=Lane.CPU))

    def resume(self, journal: Path) -> Job[Opened]:
        """Take up work that was never saved, in the background; hand the job's value to `take`."""
        return self.queue.submit(Work("Take up unsaved work", journal, resume, lane=Lane.CPU))

    def recall(self) -> Job[Recalled]:
        """Read the project's curves from the cache in the background; hand the job's value to `take`."""
        project = self.workspace.project
        fingerprints = {path: media.fingerprint for path, media in self._media.items()}
        request = RecallRequest(project.analysis_keys, fingerprints)
        work = Work("Read results", request, lambda asked, context: recall(asked, self.store, context), lane=Lane.CPU)
        return self.queue.submit(work)

    def analyse(
        self,
        *,
        top: int | None = None,
        shortest: float | None = None,
        longest: float | None = None,
        fast: bool | None = None,
        listener: Listener | None = None,
    ) -> Job[Analysed]:
        """Score what the timeline uses of its media in the background; what is left out is taken from the settings.

        Raises:
            UsageError: nothing is open, or lengths that leave nothing to find.
        """
        get = self.settings.get
        lowest = get(MIN_SECONDS) if shortest is None else shortest
        highest = get(MAX_SECONDS) if longest is None else longest
        try:
            limits = SegmentLimits(lowest, highest, get(TOP) if top is None else top)
        except ValueError as error:
            hint = "Ask for at least one clip, a shortest length above 0, and a longest not below it."
            raise UsageError(str(error), hint=hint) from error
        skip = get(FAST) if fast is None else fast
        request = AnalyseRequest(self._shown_media(), limits, skip, get(THUMBNAIL_COUNT))
        cut, handle, store = self.timeline, get(ANALYSE_HANDLES), self.store

        def run(asked: AnalyseRequest, context: JobContext) -> Analysed:
            return analyse(asked.narrowed(cut, handle), store, context)

        return self.queue.submit(Work(f"Analyse {cut.name}", request, run, lane=Lane.GPU), listener=listener)

    def wish(self, folder: Path, **changes: object) -> ExportWish:
        """An export to `folder` as the settings have it, with `changes` by the names of `ExportWish`."""
        get = self.settings.get
        usual = ExportWish(
            folder,
            mode=ExportMode(get(EXPORT_MODE)),
            timelines=tuple(TimelineFormat(form) for form in get(EXPORT_TIMELINES)),
            overwrite=get(OVERWRITE),
            crf=get(EXPORT_QUALITY),
        )
        given = {name: value for name, value in changes.items() if value is not None}
        return replace(usual, **given)  # type: ignore[arg-type]  # names and values are ExportWish's own

    def plan_export(self, wish: ExportWish) -> Export:
        """What an export would write, where, how big; raises as `exporting.plan`."""
        return plan(self.timeline, self._media, wish, self.workspace.path)

    def export(self, planned: Export, listener: Listener | None = None) -> Job[Exported]:
        """Write what was planned, in the background."""
        count = len(planned.plan.clips)
        title = f"Export {count} clip{'' if count == 1 else 's'}"
        return self.queue.submit(Work(title, planned, export, lane=Lane.CPU), listener=listener)

    def plan_send(self, wish: SendWish) -> Sending:
        """Which files a program would get and what they lose; raises as `sending.plan_send`."""
        return plan_send(self.timeline, self._media, wish, self.workspace.path)

    def send(self, sending: Sending) -> Job[Sent]:
        """Write what was planned, in the background."""
        return self.queue.submit(Work(f"Send to {sending.editor.title}", sending, send, lane=Lane.CPU))

    def take(self, answer: object) -> object:
        """Make a finished job's value part of the session: a project, curves, an analysis, marks, or found media.

        Gives what a door tells of it: `MarksTaken` for marks that were read, None for marks or media that were asked
        for by a project that is not open any more, else the value itself.

        Raises:
            EditError: the project is open elsewhere; nothing is changed.
        """
        if isinstance(answer, MarksRead | Relinked) and answer.asked_for is not self._workspace:
            return None
        if isinstance(answer, MarksRead):
            return self._take_marks(answer)
        if isinstance(answer, Opened):
            self._take_opened(answer)
        elif isinstance(answer, Recalled):
            self._scored |= {path: each for path, each in answer.scored.items() if path in self._media}
        elif isinstance(answer, Analysed):
            self._take_analysed(answer)
        elif isinstance(answer, Relinked):
            self._take_relinked(answer)
        return answer

    def edit(self, name: str, change: Callable[[Timeline], Timeline], merge_key: str | None = None) -> None:
        """Do an edit: undoable by `name`, and on disk when this returns. Moved marks are scored anew.

        Raises:
            EditError: the edit does not fit, or the project is open elsewhere.
        """
        before = self.timeline
        after = scored_where_moved(before, change(before), self.scored)
        self.workspace.done(name, after, merge_key)
        self._tell()

    def undo(self) -> None:
        """One step back; nothing where there is none."""
        self.workspace.undo()
        self._tell()

    def redo(self) -> None:
        """One undone step again; nothing where there is none."""
        self.workspace.redo()
        self._tell()

    def take_conflict(self) -> None:
        """Apply the marks of a journal that builds on another content of the file, undoably."""
        self.workspace.take_conflict()
        self._tell()

    def save(self, path: Path | None = None) -> Path:
        """Write the project file; raises as `Workspace.save`."""
        return self.workspace.save(path)

    def _shown_media(self) -> tuple[MediaInfo, ...]:
        if not self._media:
            name = self.timeline.name
            raise UsageError(f"none of the media of {name} could be read", hint="Put the files back where they were.")
        return tuple(self._media.values())

    def _take_opened(self, opened: Opened) -> None:
        self._let_go()
        self._workspace = opened.workspace
        self._media = {media.path: media for media in opened.media}
        self._scored = {}
        self._tell()

    def _take_marks(self, read: MarksRead) -> MarksTaken:
        after, taken = read.laid_on(self.timeline)
        self.edit("Import marks", lambda _: after)
        return taken

    def _take_relinked(self, found: Relinked) -> None:
        project = self.workspace.project
        for info in found.media:
            project = project.with_medium(ProjectMedia(str(info.path), info.fingerprint, info.size))
        # It may be refused, and nothing is to have changed by then.
        self.workspace.done("Locate media", project.with_timeline(found.applied(self.timeline)))
        self._media |= {info.path: info for info in found.media}
        self._tell()

    def _let_go(self) -> None:
        if self._workspace is None:
            return
        # What a crash had left and is not saved yet is never thrown away.
        if not self._keep_unsaved and not self._workspace.recovered:
            self._workspace.discard()
        else:
            self._workspace.close()
        self._workspace = None

    def _take_analysed(self, analysed: Analysed) -> None:
        project = self.workspace.project
        # A run that was started for another project may end after this one was opened.
        films = [film for film in analysed.films if self._media.get(film.analysis.media.path) == film.analysis.media]
        for film in films:
            media = film.analysis.media
            self._scored[media.path] = film.analysis.scored
            project = project.with_medium(ProjectMedia(str(media.path), media.fingerprint, media.size))
            project = project.with_analysis(film.key) if film.key else project
        if films and not self.workspace.read_only:
            # The films of one run are one step, however their results trickle in.
            after = project.with_timeline(proposed(project.timeline, films))
            self.workspace.done(ANALYSE, after, merge_key="analyse")
            self._tell()

    def _tell(self) -> None:
        project = self.workspace.project
        for watcher in tuple(self._watchers):
            watcher(project)
