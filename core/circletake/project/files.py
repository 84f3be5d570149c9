"""Project files: an OpenTimelineIO timeline that every such tool opens, with our data under one metadata key.

The key `circletake` on the timeline holds `version` and the fields of `Project`; the key of the same name on each
marker holds its mark. A timeline without them opens as a new project. A file of an older version passes through the
migrations, one for each step; one of a newer version is refused, so that nothing in it is lost by saving.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from circletake import __version__, paths
from circletake.errors import ProjectTooNew, ProjectUnreadable, TimelineUnreadable
from circletake.project.project import Project, ProjectMedia
from circletake.timeline.addresses import media_path, media_url
from circletake.timeline.files import ReadTimeline, timeline_from_bytes, timeline_of_stranger, timeline_to_text
from circletake.timeline.guard import parse, read_bytes
from circletake.timeline.model import Clip, Item, Timeline
from circletake.timeline.stored import KEY

PROJECT_SUFFIX = ".otio"

_HEAD = 2**16
"""Bytes in which an OpenTimelineIO file names its schema; another tool's metadata may come first."""

VERSION = 1
"""Version of what stands under our key; every change of a field's meaning raises it and adds a migration."""

Node = dict[str, Any]

MIGRATIONS: Mapping[int, Callable[[Node], Node]] = MappingProxyType({})
"""For each old version, what makes its fields those of the next one. Version 1 is the first."""


@dataclass(frozen=True, slots=True)
class JournalMark:
    """How far a journal is contained in a saved file: its identity, and the number of the last record contained."""

    id: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class LoadedProject:
    """A project as read, with what names the bytes it was read from.

    `warnings` are sentences about what the file holds and this program does not show; `is_foreign` tells that
    another tool made the file.
    """

    project: Project
    sha256: str
    journal: JournalMark = JournalMark()
    warnings: tuple[str, ...] = ()
    is_foreign: bool = False


def is_project(path: Path) -> bool:
    """Tell a project or OpenTimelineIO timeline from any other file, by its content."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError):
        return path.suffix.lower() == PROJECT_SUFFIX
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"OTIO_SCHEMA"' in head


def is_own_project(path: Path) -> bool:
    """Tell whether a file holds a project of this program, not only a timeline; damaged ones count as one.

    Raises:
        TimelineUnreadable: missing, or too large to be read.
    """
    data = read_bytes(path)
    if not is_project(path) or f'"{KEY}"'.encode() not in data:
        return False
    try:
        own = _mapping(_mapping(_mapping(parse(data, path)).get("metadata")).get(KEY))
    except TimelineUnreadable:
        return True
    return "version" in own


def load_project(path: Path) -> LoadedProject:
    """Read a project file, or another tool's timeline as a new project.

    Raises:
        TimelineUnreadable: missing, or no OpenTimelineIO file.
        TimelineInvalid: its values contradict each other.
        ProjectTooNew: written by a newer Circletake.
        ProjectUnreadable: our part of it is damaged.
    """
    return _loaded(timeline_of_stranger, read_bytes(path), path)


def project_from_bytes(data: bytes, path: Path) -> LoadedProject:
    """Read the bytes of a project that this program wrote; media are looked for from the folder of `path`.

    Raises as `load_project`.
    """
    return _loaded(timeline_from_bytes, data, path)


def _loaded(judged: Callable[[bytes, Path], ReadTimeline], data: bytes, path: Path) -> LoadedProject:
    read = judged(data, path)
    own = dict(_mapping(read.timeline.metadata.get(KEY)))
    kept = own.pop("kept", None)
    metadata = {key: value for key, value in read.timeline.metadata.items() if key != KEY}
    metadata |= {KEY: {"kept": kept}} if kept else {}
    timeline = replace(read.timeline, metadata=MappingProxyType(metadata))
    is_foreign = "version" not in own
    fields = {} if is_foreign else migrated(own, path)
    found = _found_media(timeline, _mapping(fields.get("places")), path.absolute().parent)
    project = Project(_relinked(timeline, lambda url: found.get(url, url)))
    try:
        project = with_fields(project, fields, found) if fields else project
        mark = _mapping(fields.get("journal"))
        journal = JournalMark(str(mark.get("id", "")), int(mark.get("position", 0)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProjectUnreadable(
            f"the project's own data is damaged: {error!r}",
            hint="Remove the timeline's metadata key circletake to open the cut and its markers.",
            path=path,
        ) from error
    return LoadedProject(project, hashlib.sha256(data).hexdigest(), journal, read.warnings, is_foreign)


def save_project(project: Project, path: Path, journal: JournalMark | None = None) -> LoadedProject:
    """Write a project file, whole or not at all; answers what reading it will give.

    Media at or below the project's folder are named relative to it, others absolutely, and both are recorded.
    `journal` says which edits the file contains. A link is followed, so it stays a link.

    Raises:
        TimelineInvalid: metadata that no OpenTimelineIO file can hold.
        OSError: the folder cannot be written.
    """
    target = Path(os.path.realpath(path))
    mark = journal or JournalMark()
    saved = replace(project, modified_by=f"Circletake {__version__}")
    data = project_to_text(saved, path.absolute().parent, mark).encode("utf-8")
    with paths.written_whole(target) as temporary:
        temporary.write_bytes(data)
    return LoadedProject(saved, hashlib.sha256(data).hexdigest(), mark)


def project_to_text(project: Project, folder: Path | None, journal: JournalMark | None = None) -> str:
    """The text of a project file in `folder`; without a folder all media are named absolutely.

    Raises:
        TimelineInvalid: metadata that no OpenTimelineIO file can hold.
    """
    mark = journal or JournalMark()
    fields = {"version": VERSION, **fields_of(project, folder), "journal": {"id": mark.id, "position": mark.position}}
    timeline = _relinked(project.timeline, lambda url: _portable(url, folder))
    own = {**_mapping(timeline.metadata.get(KEY)), **fields}
    return timeline_to_text(replace(timeline, metadata={**timeline.metadata, KEY: own}))


def migrated(own: Mapping[str, Any], path: Path) -> Node:
    """Our fields of a file, brought to `VERSION`.

    Raises:
        ProjectTooNew: of a later version.
        ProjectUnreadable: of no version, or of one that cannot be migrated.
    """
    version, fields = own["version"], dict(own)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ProjectUnreadable(f"{version!r} is no project version", hint="Open a backup of the file.", path=path)
    if version > VERSION:
        raise ProjectTooNew(
            f"the project has version {version}; this Circletake reads up to {VERSION}",
            hint="Update Circletake, or open the project where it was made and export the timeline.",
            path=path,
        )
    for step in range(version, VERSION):
        if step not in MIGRATIONS:
            raise ProjectUnreadable(
                f"there is no way from version {step}", hint="Open it with an earlier Circletake and save.", path=path
            )
        fields = MIGRATIONS[step](fields)
    return fields


def fields_of(project: Project, folder: Path | None = None) -> Node:
    """The project but for its timeline, as JSON values."""
    return {
        "created_by": project.created_by,
        "modified_by": project.modified_by,
        "analysis_keys": list(project.analysis_keys),
        "settings": dict(project.settings),
        "media": [
            {"url": _portable(medium.path, folder), "fingerprint": medium.fingerprint, "size": medium.size}
            for medium in project.media
        ],
        "places": {_portable(place, folder): _portable(place, None) for place in _places(project)},
    }


def with_fields(project: Project, fields: Mapping[str, Any], found: Mapping[str, str] | None = None) -> Project:
    """The project with what `fields_of` made; `found` says where media are now, by address.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: fields that `fields_of` does not make.
    """
    places = found or {url: _absolute_path(url) for url in fields["places"]}
    return replace(
        project,
        created_by=str(fields["created_by"]),
        modified_by=str(fields["modified_by"]),
        analysis_keys=tuple(str(key) for key in fields["analysis_keys"]),
        settings=MappingProxyType(dict(fields["settings"].items())),
        media=tuple(
            ProjectMedia(places.get(node["url"], node["url"]), str(node["fingerprint"]), int(node["size"]))
            for node in fields["media"]
        ),
    )


def _places(project: Project) -> dict[str, None]:
    """Where all media are, known and not yet looked at, each once."""
    return dict.fromkeys((*(medium.path for medium in project.media), *_addresses(project.timeline)))


def _addresses(timeline: Timeline) -> Iterator[str]:
    for track in timeline.tracks:
        for item in track.items:
            if isinstance(item, Clip) and item.media is not None:
                yield item.media.target_url


def _found_media(timeline: Timeline, places: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Where each address leads now: from the project's folder, else where the file was when the project was saved."""
    found: dict[str, str] = {}
    for url in {*_addresses(timeline), *places}:
        near, recorded = media_path(url, folder), places.get(url)
        if (near is None or not near.is_file()) and isinstance(recorded, str):
            far = media_path(recorded, folder)
            near = far if far is not None and (near is None or far.is_file()) else near
        if near is not None:
            found[url] = str(near)
    return found


def _relinked(timeline: Timeline, renamed: Callable[[str], str]) -> Timeline:
    """The same cut with other addresses; items that keep theirs are the same objects."""

    def item(each: Item) -> Item:
        if not isinstance(each, Clip) or each.media is None or renamed(each.media.target_url) == each.media.target_url:
            return each
        return replace(each, media=replace(each.media, target_url=renamed(each.media.target_url)))

    tracks = tuple(replace(track, items=tuple(item(each) for each in track.items)) for track in timeline.tracks)
    return replace(timeline, tracks=tracks)


def _portable(place: str, folder: Path | None) -> str:
    return media_url(Path(place), folder) if Path(place).is_absolute() else place


def _absolute_path(url: str) -> str:
    path = media_path(url, Path("/")) if url.startswith("file:") else None
    return url if path is None else str(path)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
