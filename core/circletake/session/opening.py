"""Files to a project: films are probed and laid one after the other, a project file is opened as it was left."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from circletake.errors import ErrorInfo, MediaError, UsageError
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.project.files import is_project
from circletake.project.project import Project, ProjectMedia
from circletake.project.workspace import Workspace
from circletake.timebase import RationalTime
from circletake.timeline.model import Clip, Gap, MediaReference, Timeline, Track, TrackKind, clean_name

PICTURES = ("mp4", "mov", "m4v", "mkv", "webm", "avi", "mts", "m2ts", "ts", "mxf", "mpg", "mpeg", "vob", "wmv", "flv",
            "3gp", "ogv", "dv", "insv")  # fmt: skip
SOUNDS = ("wav", "mp3", "m4a", "aac", "flac", "ogg", "opus", "aif", "aiff")
FOOTAGE = frozenset(f".{name}" for name in (*PICTURES, *SOUNDS))
"""What is taken from a folder, by name; files named one by one are looked at whatever they are called."""

MOST_IN_A_FOLDER = 500
"""Films from one folder: a camera card's worth, and not a whole disk dropped by mistake."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Files to open: one project, or any number of films.

    `read_media` off leaves a project's media unread, for what concerns its marks alone: a pass over the packets of a
    day's footage takes minutes.
    """

    paths: tuple[Path, ...]
    read_media: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """A file of several that could not be used; the rest went on."""

    path: Path
    error: ErrorInfo


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A project ready to be taken by the door's own thread, with the media that could be read."""

    workspace: Workspace
    media: tuple[MediaInfo, ...]
    failures: tuple[Failure, ...] = ()


def open_files(request: OpenRequest, context: JobContext) -> Opened:
    """Open a project, or make one of films; a film of several that cannot be read is reported.

    Raises:
        UsageError: no file, or a project beside others.
        MediaError: no film at all could be read.
        TimelineError, ProjectError: the project cannot be used.
    """
    paths = footage_in(request.paths, context)
    projects = [path for path in paths if is_project(path)]
    if not paths or (projects and len(paths) > 1):
        raise UsageError("open one project, or any number of films", hint="Name the files; a project comes alone.")
    if projects:
        return _open_project(projects[0], context, read_media=request.read_media)
    media, errors = probe_all([path.absolute() for path in paths], context)
    if not media:
        raise errors[0]
    return Opened(Workspace.create(project_of(media)), media, to_failures(errors))


def footage_in(paths: Sequence[Path], context: JobContext) -> tuple[Path, ...]:
    """The files meant: a folder stands for the footage in it and below, by name, hidden files left out.

    Raises:
        UsageError: a folder without footage, or with more than `MOST_IN_A_FOLDER`.
    """
    found: list[Path] = []
    for path in paths:
        found += _inside(path, context) if path.is_dir() else [path]
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
