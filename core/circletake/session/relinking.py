"""A missing medium found again: where the editor says it is, and with it the others that are there or moved along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from circletake.errors import UsageError
from circletake.interchange.locate import locate, moved_with, relinked
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.project.workspace import Workspace
from circletake.timeline.addresses import address_parts
from circletake.timeline.model import Clip, Item, Timeline

MOST_NAMED = 3
"""Missing media that an error names."""


@dataclass(frozen=True, slots=True)
class RelinkRequest:
    """A medium that is missing, by the address the timeline has, and the file it is now, or a folder to search.

    Without an address all that are missing are looked for in the folder. `asked_for` is the project it is done for.
    """

    timeline: Timeline
    address: str
    place: Path
    asked_for: Workspace | None = None


@dataclass(frozen=True, slots=True)
class Relinked:
    """Addresses with the files they are now, and what was measured of them; `missing` are still not found.

    `reasons` says why, by address, where that is known; `asked_for` as in the request.
    """

    found: tuple[tuple[str, MediaInfo], ...]
    missing: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    asked_for: Workspace | None = None

    @property
    def media(self) -> tuple[MediaInfo, ...]:
        """What was measured of each file found."""
        return tuple(info for _, info in self.found)

    def applied(self, timeline: Timeline) -> Timeline:
        """The timeline with these media in their new places."""
        return relinked(timeline, dict(self.found))


def missing_addresses(timeline: Timeline) -> tuple[str, ...]:
    """The addresses of media that are not there, each once, in order."""
    return tuple(url for url in dict.fromkeys(_addresses(timeline)) if url and not _is_there(url))


def _is_there(url: str) -> bool:
    try:
        return Path(url).is_absolute() and Path(url).is_file()
    except (OSError, ValueError):
        return False


def find_media(request: RelinkRequest, context: JobContext) -> Relinked:
    """Take the file named and others that moved with it, or look in the folder named for all that are missing.

    Raises:
        UsageError: no clip has the address, or it is not in the folder; with no address, none of them is.
        MediaError: the file is not media.
    """
    timeline, lost = request.timeline, missing_addresses(request.timeline)
    address = _as_written(request.address, timeline)
    if request.address and not address:
        known = ", ".join(lost[:MOST_NAMED]) + (" and others" if len(lost) > MOST_NAMED else "")
        hint = f"Missing are {known}." if lost else "Nothing is missing."
        raise UsageError(f"no clip shows {request.address}", hint=hint)
    reasons: dict[str, str] = {}
    if address and not request.place.is_dir():
        place = request.place.absolute()
        others = _with_only(timeline, frozenset(lost) - {address})
        found = {address: probe(place, context), **moved_with(others, address, place, context)}
    else:
        found, reasons = _in_folder(request, address, context)
    missing = tuple(url for url in lost if url not in found)
    return Relinked(tuple(found.items()), missing, MappingProxyType(reasons), request.asked_for)


def _as_written(address: str, timeline: Timeline) -> str:
    """The address as the timeline has it, however this one is spelled; nothing where no clip has it."""
    known = _addresses(timeline)
    if address in known:
        return address
    parts = set(address_parts(address))
    return next((url for url in dict.fromkeys(known) if parts.intersection(address_parts(url))), "")


def _in_folder(
    request: RelinkRequest, address: str, context: JobContext
) -> tuple[dict[str, MediaInfo], dict[str, str]]:
    """Media found in a folder as they would be for a timeline just read, and why others are not."""
    timeline, folder = request.timeline, request.place
    wanted = _with_only(timeline, frozenset(missing_addresses(timeline)) | ({address} if address else set()))
    located = locate(wanted, folder, search=(folder,), context=context)
    measured = {str(info.path): info for info in located.media}
    pairs = dict(zip(_addresses(wanted), _addresses(located.timeline), strict=True))
    found = {url: measured[path] for url, path in pairs.items() if path in measured}
    reasons = {each.url: each.reason for each in located.missing}
    hint = "Choose another folder, or the file itself where it has another name or length now."
    if address and address not in found:
        reason = reasons.get(address, "there is no such file here")
        raise UsageError(f"{address}: {reason}", hint=hint, path=folder)
    if reasons and not found:
        raise UsageError("none of the missing files is in this folder", hint=hint, path=folder)
    return found, reasons


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
