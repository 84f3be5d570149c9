"""From our values to the JSON tree of an OpenTimelineIO file.

Counts and rates are floats in such a file. Where a time does not come back from them exactly, its exact text stands
in the object's metadata under our key, and other tools see the nearest float.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from circletake.timebase import MAX_RATE, RationalTime, TimeRange
from circletake.timeline.model import Clip, Item, MediaReference, Timeline, Track
from circletake.timeline.otio_marks import marker_node
from circletake.timeline.otio_values import MAX_VALUE, Node, mapping, read_time
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY, range_text

_DEFAULT_MEDIA = "DEFAULT_MEDIA"


def tree_of(timeline: Timeline) -> Node:
    """The whole timeline as OpenTimelineIO's current schemas have it; the tree holds JSON values only."""
    metadata, own = _parted(timeline.metadata)
    kept = mapping(own.pop("kept", None))
    own["timeline"] = {"rate": str(timeline.rate), "drop_frame": timeline.drop_frame}
    foreign = mapping(kept.get("marker_metadata"))
    start = timeline.global_start_time
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": timeline.name,
        "global_start_time": None if start is None else _time(start),
        "metadata": {**metadata, KEY: own},
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "name": kept.get("name", "tracks"),
            "metadata": kept.get("metadata", {}),
            "effects": kept.get("effects", []),
            "markers": [marker_node(mark, _range(mark.range), foreign.get(mark.id)) for mark in timeline.marks],
            "children": [_track(track) for track in timeline.tracks],
        },
    }


def _track(track: Track) -> Node:
    metadata, own = _parted(track.metadata)
    children = [_item(item) for item in track.items]
    for index, transition in reversed(own.get("transitions", [])):
        children.insert(index, transition)
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": track.name,
        "kind": track.kind.value,
        "metadata": metadata,
        "effects": own.get("effects", []),
        "enabled": own.get("enabled", True),
        "children": children,
    }


def _item(item: Item) -> Node:
    if isinstance(item, Clip):
        return _clip(item)
    span = TimeRange(RationalTime.zero(item.duration.rate), item.duration)
    return {
        "OTIO_SCHEMA": "Gap.1",
        "name": item.name,
        "source_range": _range(span),
        "metadata": _with_exact({}, span),
    }


def _clip(clip: Clip) -> Node:
    metadata, own = _parted(clip.metadata)
    references = mapping(own.get("media_references"))
    active = own.get("active_media_reference_key", _DEFAULT_MEDIA)
    if clip.media is not None or active not in references:
        references[active] = _media(clip.media)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": clip.name,
        "source_range": _range(clip.source_range),
        "metadata": _with_exact(metadata, clip.source_range),
        "effects": own.get("effects", []),
        "enabled": own.get("enabled", True),
        "media_references": references,
        "active_media_reference_key": active,
    }


def _media(media: MediaReference | None) -> Node:
    if media is None:
        return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}}
    available = media.available_range
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": media.target_url,
        "name": media.name,
        "available_range": None if available is None else _range(available),
        "metadata": _with_exact(_parted(media.metadata)[0], available),
    }


def _parted(metadata: Mapping[str, Any]) -> tuple[Node, Node]:
    """What other tools stored, and what waits under our key."""
    rest = dict(metadata)
    return rest, mapping(rest.pop(KEY, None))


def _with_exact(metadata: Node, span: TimeRange | None) -> Node:
    if span is None or all(_survives(time) for time in (span.start_time, span.duration)):
        return metadata
    return {**metadata, KEY: {"exact": range_text(span)}}


def _survives(time: RationalTime) -> bool:
    if time.rate > MAX_RATE or abs(time.value) > MAX_VALUE:
        return False
    read = read_time(_time(time), "", Report())
    return (read.value, read.rate) == (time.value, time.rate)


def _range(span: TimeRange) -> Node:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(span.start_time), "duration": _time(span.duration)}


def _time(time: RationalTime) -> Node:
    """The count and rate as floats; a rate no tool expects becomes nanoseconds."""
    near = time if time.rate <= MAX_RATE else time.rescaled_to(Fraction(MAX_RATE))
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(near.value), "rate": float(near.rate)}
