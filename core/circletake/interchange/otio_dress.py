"""What other tools need to see in an OpenTimelineIO file, so that reading it here gives back what was there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from circletake.interchange.colors import COLORS, RGB, nearest
from circletake.interchange.tags import markers_of, untagged
from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, from_timecode
from circletake.timeline.addresses import media_url
from circletake.timeline.model import Clip, Mark, Marker, MediaReference, Timeline, clean_name
from circletake.timeline.otio_marks import shown_as
from circletake.timeline.stored import KEY, mark_fields

Palette = Mapping[str, RGB]


def palette(names: Iterable[str]) -> Palette:
    """The colours of those names that are known here."""
    return MappingProxyType({name: COLORS[name] for name in sorted(names) if name in COLORS})


def with_clips(timeline: Timeline, changed: Callable[[Clip], Clip]) -> Timeline:
    """The same cut with each clip changed."""
    tracks = tuple(
        replace(track, items=tuple(changed(item) if isinstance(item, Clip) else item for item in track.items))
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks)


def with_marks_as_markers(timeline: Timeline, *, name_in_comment: bool) -> Timeline:
    """The cut with a marker for each mark, which says twice which one it is: in its comment, and whole under our key.

    Where a tool drops what it does not know, the comment stays; `name_in_comment` is for tools that show it alone.
    """

    def marker(mark: Mark, plain: Marker) -> Marker:
        lead = (
            f"{plain.name}: " if name_in_comment and mark.note.strip() else f"{plain.name} " if name_in_comment else ""
        )
        return replace(plain, comment=f"{lead}{plain.comment}", metadata=MappingProxyType({KEY: mark_fields(mark)}))

    return replace(timeline, marks=(), markers=(*timeline.markers, *map(marker, timeline.marks, markers_of(timeline))))


def without_names_in_comments(timeline: Timeline) -> Timeline:
    """The cut with comments of tagged markers as they were before the name was put into them."""

    def plain(marker: Marker) -> Marker:
        comment, tag = untagged(marker.comment)
        if tag is None or not comment.startswith(marker.name):
            return marker
        note = "" if comment == marker.name else comment.removeprefix(f"{marker.name}: ")
        return replace(marker, comment=f"{note} {tag}".strip())

    return replace(timeline, markers=tuple(map(plain, timeline.markers)))


def dressed(timeline: Timeline, colors: Palette) -> Timeline:
    """Every marker with a name, a comment and a colour the other tool has."""

    def clip(each: Clip) -> Clip:
        return replace(each, markers=tuple(_dressed(marker, colors) for marker in each.markers))

    timeline = with_clips(timeline, clip)
    return replace(timeline, markers=tuple(_dressed(marker, colors) for marker in timeline.markers))


def _dressed(marker: Marker, colors: Palette) -> Marker:
    name = marker.name or clean_name(marker.comment.partition("\n")[0]) or marker.kind or "Marker"
    color = nearest(marker.color, colors) or marker.color
    color = color if color == marker.color else color.upper()  # as the file has it
    return shown_as(marker, name=name, comment=marker.comment or name, color=color)


def measured(timeline: Timeline, media: Mapping[Path, MediaInfo]) -> Timeline:
    """The cut with what is known of its media where it says nothing itself: their length, their first timecode."""

    def clip(each: Clip) -> Clip:
        return each if each.media is None else replace(each, media=_measured(each.media, media))

    return with_clips(timeline, clip)


def _measured(reference: MediaReference, media: Mapping[Path, MediaInfo]) -> MediaReference:
    path = Path(reference.target_url)
    if not path.is_absolute():
        return reference
    reference = replace(reference, target_url=media_url(path), name=reference.name or clean_name(path.name))
    info = media.get(path)
    if info is None:
        return reference
    return replace(
        reference,
        available_range=reference.available_range or info.full_range,
        start_timecode=reference.start_timecode or start_of(info),
    )


def start_of(info: MediaInfo) -> RationalTime | None:
    """The timecode of a medium's first frame, None where it has none or one that cannot be."""
    if not info.start_timecode:
        return None
    try:
        return from_timecode(info.start_timecode, info.edit_rate)
    except ValueError:
        return None
