"""A missing medium found again: where the editor says it is, and with it the others that moved the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from circletake.errors import MediaError, UsageError
from circletake.interchange.locate import locate, relink, same_move
from circletake.jobs.context import JobContext
from circletake.media.footage import FOOTAGE
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.timeline.model import Clip, Item, Timeline

DEEPEST = 6
MOST_FOLDERS = 5000
"""How far a folder is searched: a project's footage, and not a whole disk."""


@dataclass(frozen=True, slots=True)
class RelinkRequest:
    """A medium that is missing, by the address the timeline has, and the file it is now, or a folder to search.

    Without an address all that are missing are looked for in the folder.
    """

    timeline: Timeline
    address: str
    place: Path


@dataclass(frozen=True, slots=True)
class Relinked:
    """Addresses with the files they are now, and what was measured of them; `missing` are still not found.

    `reasons` says why, by address, where that is known.
    """

    found: tuple[tuple[str, MediaInfo], ...]
    missing: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def media(self) -> tuple[MediaInfo, ...]:
        """What was measured of each file found."""
        return tuple(info for _, info in self.found)

    def applied(self, timeline: Timeline) -> Timeline:
        """The timeline with these media in their new places."""
        for address, info in self.found:
            timeline = relink(timeline, address, info.path, info)
        return timeline


def missing_addresses(timeline: Timeline) -> tuple[str, ...]:
    """The addresses of media that are not there, each once, in order."""
    clips = (item for track in timeline.tracks for item in track.items if isinstance(item, Clip))
    urls = dict.fromkeys(clip.media.target_url for clip in clips if clip.media)
    return tuple(url for url in urls if not _is_there(url))


def _is_there(url: str) -> bool:
    try:
        return Path(url).is_absolute() and Path(url).is_file()
    except (OSError, ValueError):
        return False


def find_media(request: RelinkRequest, context: JobContext) -> Relinked:
    """Take the file named, or look for it by name in the folder named; then look for the other missing ones.

    Raises:
        UsageError: there is no file of that name in the folder; with no address, of none of the names.
        MediaError: the file is not media.
    """
    if not request.address:
        return _all_in(request, context)
    first = _file_at(request.place, request.address, context)
    found = [(request.address, probe(first, context))]
    others = [url for url in missing_addresses(request.timeline) if url != request.address]
    missing: list[str] = []
    for done, url in enumerate(others):
        context.progress(done, len(others))
        info = _moved_along(url, request.address, first, context)
        if info is None:
            missing.append(url)
        else:
            found.append((url, info))
    return Relinked(tuple(found), tuple(missing))


def _moved_along(url: str, address: str, first: Path, context: JobContext) -> MediaInfo | None:
    """What lies where `url` would be if it moved as the first one did; None where nothing usable does."""
    path = same_move(address, first, url)
    if path is None or path.suffix.lower() not in FOOTAGE or not path.is_file():
        return None
    return _probed(path, context)


def _all_in(request: RelinkRequest, context: JobContext) -> Relinked:
    """Every missing medium that is found in the folder, as it would be for a timeline just read."""
    wanted = _with_only(request.timeline, frozenset(missing_addresses(request.timeline)))
    located = locate(wanted, request.place, search=(request.place,), context=context)
    measured = {str(info.path): info for info in located.media}
    pairs = dict(zip(_addresses(wanted), _addresses(located.timeline), strict=True))
    found = tuple((url, measured[path]) for url, path in pairs.items() if path in measured)
    if pairs and not found:
        hint = "Choose another folder, or each file itself where it has another name or length now."
        raise UsageError("none of the missing files is in this folder", hint=hint, path=request.place)
    reasons = {each.url: each.reason for each in located.missing}
    return Relinked(found, tuple(reasons), MappingProxyType(reasons))


def _with_only(timeline: Timeline, addresses: frozenset[str]) -> Timeline:
    """The timeline with the clips of these media alone: the others need no second look."""
    tracks = (
        replace(track, items=tuple(each for each in track.items if _address(each) in addresses))
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tuple(tracks))


def _addresses(timeline: Timeline) -> tuple[str, ...]:
    return tuple(_address(item) for track in timeline.tracks for item in track.items)


def _address(item: Item) -> str:
    return item.media.target_url if isinstance(item, Clip) and item.media else ""


def _probed(path: Path, context: JobContext) -> MediaInfo | None:
    try:
        return probe(path, context)
    except MediaError:
        return None


def _file_at(place: Path, address: str, context: JobContext) -> Path:
    if not place.is_dir():
        return place
    name = address.replace("\\", "/").rpartition("/")[2].casefold()
    found = next((path for path in _files_in(place, context) if path.name.casefold() == name), None)
    if found is None:
        hint = "Choose another folder, or the file itself under its new name."
        raise UsageError(f"there is no {name} in this folder", hint=hint, path=place)
    return found


def _files_in(folder: Path, context: JobContext) -> Iterator[Path]:
    waiting, seen = [(folder, 0)], 0
    while waiting and seen < MOST_FOLDERS:
        context.checkpoint()
        here, depth = waiting.pop(0)
        seen += 1
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        yield from (entry for entry in entries if entry.is_file())
        if depth < DEEPEST:
            waiting += [(each, depth + 1) for each in entries if each.is_dir() and not each.is_symlink()]
