"""From our values to the JSON tree of an OpenTimelineIO file.

Counts and rates are floats in such a file. Where a time does not come back from them exactly, its exact text stands
in the object's metadata under our key, and other tools see the nearest float.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from circletake.timebase import MAX_RATE, RationalTime, TimeRange
from circletake.timeline.model import Clip, Item, Marker, MediaReference, Timeline, Track
from circletake.timeline.otio_clips import start_timecode
from circletake.timeline.otio_marks import mark_node, marker_node
from circletake.timeline.otio_speed import effects_of
from circletake.timeline.otio_values import (
    MAX_VALUE,
    Node,
    counted_at,
    mapping,
    marker_time,
    media_time,
    moved,
    read_time,
)
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY, range_text, time_text

_DEFAULT_MEDIA = "DEFAULT_MEDIA"


def tree_of(timeline: Timeline) -> Node:
    """The whole timeline as OpenTimelineIO's current schemas have it; the tree holds JSON values only."""
    metadata, own = _parted(timeline.metadata)
    kept = mapping(own.pop("kept", None))
    own["timeline"] = {"rate": str(timeline.rate), "drop_frame": timeline.drop_frame}
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
            "markers": [
                *(mark_node(mark, _range(mark.range)) for mark in timeline.marks),
                *(marker_node(marker, _range(marker.range), _exact(marker.range)) for marker in timeline.markers),
            ],
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
        "metadata": _with_own({}, _exact(span)),
    }


def _clip(clip: Clip) -> Node:
    metadata, own = _parted(clip.metadata)
    references = mapping(own.get("media_references"))
    active = own.get("active_media_reference_key", _DEFAULT_MEDIA)
    if clip.media is not None or active not in references:
        references[active] = _media(clip.media)
    start, available = (clip.media.start_timecode, clip.media.available_range) if clip.media else (None, None)
    span = _in_file(clip.source_range, start)
    returns = partial(media_time, start=start, available=available, stored=None)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": clip.name,
        "source_range": _range(span),
        "metadata": _with_own(metadata, _exact(clip.source_range, span, returns)),
        "effects": effects_of(clip.speed, own),
        "markers": [_clip_marker(marker, clip, start) for marker in clip.markers],
        "enabled": own.get("enabled", True),
        "media_references": references,
        "active_media_reference_key": active,
    }


def _clip_marker(marker: Marker, clip: Clip, start: RationalTime | None) -> Node:
    span = _in_file(marker.range, start)
    returns = partial(marker_time, clip=clip, stored=None)
    return marker_node(marker, _range(span), _exact(marker.range, span, returns))


def _media(media: MediaReference | None) -> Node:
    if media is None:
        return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}}
    metadata, own = _parted(media.metadata)
    available, span = media.available_range, None
    if available is not None:
        span = _in_file(available, media.start_timecode)
        own |= _exact(available, span, partial(media_time, start=media.start_timecode, available=None, stored=None))
    told = start_timecode(None if span is None else _read_back(span), {})
    if not _is_identical(told, media.start_timecode):
        own["start_timecode"] = None if media.start_timecode is None else time_text(media.start_timecode)
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": media.target_url,
        "name": media.name,
        "available_range": None if span is None else _range(span),
        "metadata": _with_own(metadata, own),
    }


def _in_file(span: TimeRange, start: RationalTime | None) -> TimeRange:
    """A range of media time as other tools count it: from the timecode of the medium's first frame."""
    if start is None:
        return span
    return TimeRange(counted_at(moved(span.start_time, start), span.duration.rate), span.duration)


def _parted(metadata: Mapping[str, Any]) -> tuple[Node, Node]:
    """What other tools stored, and what waits under our key."""
    rest = dict(metadata)
    return rest, mapping(rest.pop(KEY, None))


def _with_own(metadata: Node, own: Node) -> Node:
    return {**metadata, KEY: own} if own else metadata


def _exact(
    span: TimeRange, shown: TimeRange | None = None, returns: Callable[[TimeRange], TimeRange] | None = None
) -> Node:
    """The exact text of a range that would not come back from the floats; `returns` is what the reader does to them."""
    times = (span.start_time, span.duration)
    if all(time.rate <= MAX_RATE and abs(time.value) <= MAX_VALUE for time in times):
        read = _read_back(shown or span)
        read = returns(read) if returns else read
        if _is_identical(read.start_time, span.start_time) and _is_identical(read.duration, span.duration):
            return {}
    return {"exact": range_text(span)}


def _read_back(span: TimeRange) -> TimeRange:
    """What a reader takes from the floats."""
    start, duration = (read_time(_time(time), "", Report()) for time in (span.start_time, span.duration))
    return TimeRange(start, duration)


def _is_identical(first: RationalTime | None, second: RationalTime | None) -> bool:
    """Tell whether count and rate agree, not only the moment."""
    if first is None or second is None:
        return first is second
    return (first.value, first.rate) == (second.value, second.rate)


def _range(span: TimeRange) -> Node:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(span.start_time), "duration": _time(span.duration)}


def _time(time: RationalTime) -> Node:
    """The count and rate as floats; a rate no tool expects becomes nanoseconds."""
    near = time if time.rate <= MAX_RATE else time.rescaled_to(Fraction(MAX_RATE))
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(near.value), "rate": float(near.rate)}
