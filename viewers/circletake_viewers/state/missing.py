"""Media the cut shows and nobody could read: what is missing, where it should be, how much of the cut needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from circletake.media.frames import MediaInfo
from circletake.timeline.addresses import address_parts
from circletake.timeline.model import Clip, Timeline, Track, TrackKind


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A medium by the `address` the timeline has; its `name`, the `folder` it should be in, and the clips it is in."""

    address: str
    name: str
    folder: str
    clips: int


def resolve_missing(timeline: Timeline | None, media: Mapping[Path, MediaInfo]) -> tuple[MissingFile, ...]:
    """Each medium that is not there, once, in the order of the tracks.

    A film with sound counts the clips of its picture: picture and sound of one cut are one clip to an editor.
    """
    if timeline is None:
        return ()
    pictures, sounds = (_addresses(timeline.tracks, kind) for kind in (TrackKind.VIDEO, TrackKind.AUDIO))
    there = {str(path) for path in media}
    return tuple(
        _described(address, pictures[address] or sounds[address])
        for address in dict.fromkeys((*pictures, *sounds))
        if address not in there
    )


def _addresses(tracks: Iterable[Track], kind: TrackKind) -> Counter[str]:
    items = (item for track in tracks if track.kind is kind for item in track.items)
    return Counter(
        item.media.target_url for item in items if isinstance(item, Clip) and item.media and item.media.target_url
    )


def _described(address: str, clips: int) -> MissingFile:
    parts = next(iter(address_parts(address)), ())
    if not parts:
        return MissingFile(address, address, "", clips)
    root, folders = (parts[0], parts[1:-1]) if parts[0] in ("/", "//") else ("", parts[:-1])
    return MissingFile(address, parts[-1], root + "/".join(folders), clips)
