"""Clips and gaps of an OpenTimelineIO tree: in media time, with their markers, speed and media.

Where a medium's `available_range` begins at a timecode, the ranges and markers of its clips count from there; here
that start is taken off and kept as `MediaReference.start_timecode`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Marker, MediaReference, clean_name
from circletake.timeline.otio_marks import Found, is_ours, marker_from
from circletake.timeline.otio_speed import speed_and_rest
from circletake.timeline.otio_values import (
    Node,
    counted_at,
    exactly,
    mapping,
    marker_time,
    media_time,
    moved,
    ours,
    read_range,
    schema,
)
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY, time_from_text


@dataclass(frozen=True)
class Part:
    """An item of a row on its way to the timeline; `loose` are markers the item cannot hold, from its own start."""

    item: Item
    loose: tuple[Found, ...] = ()

    def cut(self, offset: RationalTime, duration: RationalTime) -> Part:
        """The stretch of `duration` that begins `offset` after the item's start."""
        span = TimeRange(offset, duration)
        loose = tuple(found.shifted(-offset) for found in self.loose if span.touches(found.span))
        length = counted_at(duration, self.item.duration.rate)
        if isinstance(self.item, Gap):
            return Part(replace(self.item, duration=length), loose)
        part = self.item.stretch(offset, length)
        start = counted_at(part.source_range.start_time, self.item.source_range.start_time.rate)
        return Part(replace(part, source_range=TimeRange(start, length)), loose)


def gap_part(node: Node, name: str, report: Report) -> Part:
    """A gap.

    Raises:
        TimelineInvalid: it has no length, or one that cannot be.
    """
    place = f'gap "{name}"' if name else "gap"
    span = read_range(node.get("source_range"), place, report)
    if span is None:
        raise report.invalid("it does not say how long it is", place)
    span = exactly(span, ours(node).get("exact"))
    if set(mapping(node.get("metadata"))) - {KEY} or node.get("effects"):
        report.note("effects and metadata of a gap are left out", place)
    gap = Gap(span.duration, name)
    return Part(gap, tuple(found.shifted(-span.start_time) for found in found_in(node, place, report)))


def found_in(node: Node, place: str, report: Report) -> Iterable[Found]:
    """The markers on `node`, in its own time."""
    for marker in node.get("markers", ()):
        span = read_range(marker.get("marked_range"), place, report)
        if span is not None:
            yield Found(marker, exactly(span, ours(marker).get("exact")), place)


def clip_part(node: Node, name: str, report: Report) -> Part:
    """A clip.

    Raises:
        TimelineInvalid: no length, or times that cannot be; the error names the clip.
    """
    place = f'clip "{name}"'
    media, kept = _media(node, place, report)
    start, available = (media.start_timecode, media.available_range) if media else (None, _available(node, report))
    raw = read_range(node.get("source_range"), place, report)
    span = available if raw is None else media_time(raw, start, available, ours(node).get("exact"))
    if span is None:
        raise report.invalid("neither the clip nor its media says how long it is", place)
    speed, effects = speed_and_rest(node.get("effects") or [])
    kept = {**effects, **switched_off(node, place, report), **kept}
    if "effects" in effects:
        report.note("effects are kept in the file but not shown", place)
    metadata = mapping(node.get("metadata"))
    metadata.pop(KEY, None)
    clip = Clip(name, span, media, with_kept(metadata, kept), speed)
    markers, loose = _markers(node, clip, place, report)
    return Part(replace(clip, markers=markers), loose)


def _markers(node: Node, clip: Clip, place: str, report: Report) -> tuple[tuple[Marker, ...], tuple[Found, ...]]:
    """The clip's markers in media time, and those of our marks from the clip's start on the timeline."""
    markers: list[Marker] = []
    loose: list[Found] = []
    for marker in node.get("markers", ()):
        raw = read_range(marker.get("marked_range"), place, report)
        if raw is None:
            continue
        span = marker_time(raw, clip, ours(marker).get("exact"))
        if is_ours(marker):
            loose.append(Found(marker, _on_timeline(span, clip), place))
        else:
            markers.append(marker_from(marker, span))
    return tuple(markers), tuple(loose)


def _on_timeline(span: TimeRange, clip: Clip) -> TimeRange:
    """A stretch of a clip's media from the clip's start; at another speed than normal it stands at its beginning."""
    if clip.speed != 1:
        return TimeRange(RationalTime.zero(clip.duration.rate), span.duration)
    return TimeRange(moved(span.start_time, -clip.source_range.start_time), span.duration)


def switched_off(node: Node, place: str, report: Report) -> Node:
    """What is kept of an item that its tool does not show."""
    if node.get("enabled") is not False:
        return {}
    report.note("switched off in the tool that made it, shown here", place)
    return {"enabled": False}


def with_kept(metadata: Node, kept: Node) -> MappingProxyType[str, Any]:
    """Metadata, with what our model has no field for under our key."""
    return MappingProxyType({**metadata, KEY: kept} if kept else metadata)


_MISSING: Node = {
    "OTIO_SCHEMA": "MissingReference.1",
    "metadata": {},
    "name": "",
    "available_range": None,
    "available_image_bounds": None,
}


def _active(node: Node) -> Node:
    return mapping(mapping(node.get("media_references")).get(str(node.get("active_media_reference_key"))))


def _available(node: Node, report: Report) -> TimeRange | None:
    """How long the medium is said to be, where there is no file of it."""
    return read_range(_active(node).get("available_range"), "media", report)


def _media(node: Node, place: str, report: Report) -> tuple[MediaReference | None, Node]:
    """The clip's medium where it is a file, and what is kept of its references."""
    active, references = _active(node), mapping(node.get("media_references"))
    external = schema(active) == "ExternalReference" and bool(active.get("target_url"))
    if not external and schema(active) not in ("", "MissingReference"):
        report.note(f"media of kind {schema(active)} has no file; the clip stays, empty", place)
    kept: Node = {}
    if len(references) > 1 or (not external and active not in (_MISSING, {})):
        kept["media_references"] = references
        kept["active_media_reference_key"] = node["active_media_reference_key"]
    return (_reference(active, place, report) if external else None), kept


def _reference(node: Node, place: str, report: Report) -> MediaReference:
    metadata = mapping(node.get("metadata"))
    own = mapping(metadata.pop(KEY, None))
    raw = read_range(node.get("available_range"), place, report)
    start = start_timecode(raw, own)
    available = None if raw is None else media_time(raw, start, None, own.pop("exact", None))
    own.pop("start_timecode", None)
    name = clean_name(node.get("name") or "")
    return MediaReference(node["target_url"], available, name, with_kept(metadata, own), start)


def start_timecode(available: TimeRange | None, own: Node) -> RationalTime | None:
    """What a medium's first frame is numbered: as we stored it, else where its range in the file begins."""
    if "start_timecode" in own:
        try:
            return time_from_text(own["start_timecode"])
        except ValueError:
            return None
    return available.start_time if available is not None and available.start_time.value else None
