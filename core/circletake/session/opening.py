"""Files to a project: films are probed and laid one after the other, a project file is opened as it was left."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from circletake.errors import ErrorInfo, MediaError, UsageError
from circletake.interchange.format import FILM_KEY
from circletake.interchange.registry import file_in, is_list, is_timeline
from circletake.jobs.context import JobContext
from circletake.media.footage import FOOTAGE
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.project.files import is_own_project, is_project
from circletake.project.project import Project, ProjectMedia
from circletake.project.workspace import Workspace
from circletake.session.importing import USUAL, Imported, MarksRequest, ReadHow, import_timeline, read_marks
from circletake.timebase import RationalTime
from circletake.timeline.addresses import media_path
from circletake.timeline.model import Clip, Gap, MediaReference, Timeline, Track, TrackKind, clean_name

MOST_IN_A_FOLDER = 500
"""Films from one folder: a camera card's worth, and not a whole disk dropped by mistake."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Files to open: one project, one timeline of another tool, or any number of films, with lists of times on them.

    `how` is for a timeline.

    `read_media` off leaves a project's media unread, for what concerns its marks alone: a pass over the packets of a
    day's footage takes minutes.
    """

    paths: tuple[Path, ...]
    read_media: bool = True
    how: ReadHow = USUAL


@dataclass(frozen=True, slots=True)
class Failure:
    """A file of several that could not be used; the rest went on."""

    path: Path
    error: ErrorInfo


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A project ready to be taken by the door's own thread, with the media that could be read.

    `imported` tells of the other tool's timeline it was made of.
    """

    workspace: Workspace
    media: tuple[MediaInfo, ...]
    failures: tuple[Failure, ...] = ()
    imported: Imported | None = None


def open_files(request: OpenRequest, context: JobContext) -> Opened:
    """Open a project, or make one of a timeline or of films; a film of several that cannot be read is reported.

    Raises:
        UsageError: no file, or a project or timeline beside others.
        MediaError: no film at all could be read.
        TimelineError, ProjectError: the project or timeline cannot be used.
    """
    paths = footage_in(request.paths, context)
    lists = [path for path in paths if is_list(path)]
    rest = [path for path in paths if path not in lists]
    cuts = [path for path in rest if is_project(path) or is_timeline(path)]
    if not paths or (cuts and len(rest) > 1):
        hint = "Name the files; a project or a timeline comes alone."
        raise UsageError("open one project or timeline, or any number of films", hint=hint)
    if cuts and not cuts[0].is_dir() and is_own_project(cuts[0]):
        _refuse_lists(lists)
        return _open_project(cuts[0], context, read_media=request.read_media)
    if cuts:
        cut = import_timeline(cuts[0], request.how, context)
        return Opened(_laid(cut.project, lists, request.how, context), cut.media, imported=cut.imported)
    films = rest or [_film_of(lists[0], request.how, context)]
    media, errors = probe_all([path.absolute() for path in films], context)
    if not media:
        raise errors[0]
    return Opened(_laid(project_of(media), lists, request.how, context), media, to_failures(errors))


def _film_of(path: Path, how: ReadHow, context: JobContext) -> Path:
    """The film that a list alone names, beside it.

    Raises:
        UsageError: it names none, or the film is not there.
    """
    first = read_marks(MarksRequest(path, how), context)
    name = first.file.read.timeline.metadata.get(FILM_KEY)
    film = media_path(name, path.absolute().parent) if isinstance(name, str) else None
    if film is None or film.suffix.lower() not in FOOTAGE or not film.is_file():
        hint = f"Put {name} beside it and open it again." if name else "Open the footage together with it."
        kind = first.file.form.title
        raise UsageError(f"this is a list of times ({kind}), which needs its footage", hint=hint, path=path)
    return film


def _laid(project: Project, lists: Sequence[Path], how: ReadHow, context: JobContext) -> Workspace:
    """A new project with the marks of lists on it; one that states no rate counts as the project does."""
    timeline = project.timeline
    told: tuple[str, ...] = ()
    asked = replace(how, rate=how.rate or str(timeline.rate))
    for path in lists:
        timeline, taken = read_marks(MarksRequest(path, asked), context).laid_on(timeline)
        told = (*told, *taken.warnings)
    workspace = Workspace.create(project.with_timeline(timeline))
    workspace.warnings = (*workspace.warnings, *told)
    return workspace


def _refuse_lists(lists: Sequence[Path]) -> None:
    """A project of ours is not changed by opening it.

    Raises:
        UsageError: there are lists beside it.
    """
    if lists:
        hint = "Open the project first, then import the marks."
        raise UsageError("marks are not laid on a project while it opens", hint=hint, path=lists[0])


def footage_in(paths: Sequence[Path], context: JobContext) -> tuple[Path, ...]:
    """The files meant: a folder stands for the footage in it and below, by name, hidden files left out.

    A folder that editors show as one file is a timeline.

    Raises:
        UsageError: a folder without footage, or with more than `MOST_IN_A_FOLDER`.
    """
    found: list[Path] = []
    for path in paths:
        is_folder = path.is_dir() and file_in(path) == path
        found += _inside(path, context) if is_folder else [path]
    return tuple(found)


def _inside(folder: Path, context: JobContext) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        context.checkpoint()
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if _is_footage(name)]
        if len(found) > MOST_IN_A_FOLDER:
            hint = "Open a folder further in, or the files you need."
            raise UsageError(f"there are more than {MOST_IN_A_FOLDER} films in this folder", hint=hint, path=folder)
    if not found:
        raise UsageError("there is no footage in this folder", hint="Open the films themselves.", path=folder)
    return sorted(found)


def _is_footage(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in FOOTAGE


def _open_project(path: Path, context: JobContext, *, read_media: bool) -> Opened:
    workspace = Workspace.open(path)
    try:
        media, errors = probe_all(media_paths(workspace.timeline), context) if read_media else ((), ())
    except BaseException:
        workspace.close()  # nobody will take it: let go of its lock
        raise
    return Opened(workspace, media, to_failures(errors))


def probe_all(paths: Sequence[Path], context: JobContext) -> tuple[tuple[MediaInfo, ...], tuple[MediaError, ...]]:
    """Probe each file once; one that fails gives its error, which names it, and the rest goes on."""
    media: list[MediaInfo] = []
    errors: list[MediaError] = []
    for path in dict.fromkeys(paths):
        try:
            media.append(probe(path, context))
        except MediaError as error:
            errors.append(error)
    return tuple(media), tuple(errors)


def to_failures(errors: Sequence[MediaError]) -> tuple[Failure, ...]:
    """What could not be probed, as values to show."""
    return tuple(Failure(error.path or Path(), ErrorInfo.of(error)) for error in errors)


def media_paths(timeline: Timeline) -> tuple[Path, ...]:
    """The local files a timeline shows, each once, in order; other addresses are not followed."""
    places = (clip.media.target_url for clip in clips_of(timeline) if clip.media)
    return tuple(dict.fromkeys(Path(place) for place in places if Path(place).is_absolute()))


def clips_of(timeline: Timeline) -> Iterable[Clip]:
    """Every clip of every track."""
    return (item for track in timeline.tracks for item in track.items if isinstance(item, Clip))


def project_of(media: Sequence[MediaInfo]) -> Project:
    """A new project that shows films one after the other, at the first one's rate."""
    rate = media[0].edit_rate
    tracks = (_track("V1", TrackKind.VIDEO, media, rate), _track("A1", TrackKind.AUDIO, media, rate))
    kept = tuple(track for track in tracks if any(isinstance(item, Clip) for item in track.items))
    more = f" and {len(media) - 1} more" if len(media) > 1 else ""
    timeline = Timeline(clean_name(media[0].path.stem) + more, rate, kept, drop_frame=media[0].drop_frame)
    return Project(timeline, tuple(ProjectMedia(str(each.path), each.fingerprint, each.size) for each in media))


def _track(name: str, kind: TrackKind, media: Sequence[MediaInfo], rate: Fraction) -> Track:
    return Track(name, kind, tuple(_item(each, kind, rate) for each in media))


def _item(media: MediaInfo, kind: TrackKind, rate: Fraction) -> Clip | Gap:
    span = media.full_range.rescaled_to(rate)
    present = media.picture if kind is TrackKind.VIDEO else media.sound
    if present is None:
        return Gap(RationalTime(max(1, span.duration.value), rate))
    return Clip(clean_name(media.path.stem), span, MediaReference(str(media.path), span, media.path.name))
