"""The shape of an OpenTimelineIO file that DaVinci Resolve imports whole.

Source: exchanges measured with Resolve Studio 19.1: sources count timecode, each medium says how long it is, the
timeline says where it starts, paths are bare. Notes of markers are kept under Resolve's own key: version 21 was seen
to import a marker's comment empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from circletake.interchange.otio_dress import with_clips
from circletake.timebase import RationalTime, Rounding, TimeRange
from circletake.timeline.model import Clip, Marker, Timeline

_NOTES = "Resolve_OTIO"


def shaped(timeline: Timeline) -> Timeline:
    """The timeline with all that Resolve asks for, its markers' comments where Resolve looks for them."""
    ends = _ends(timeline)
    timeline = replace(
        timeline,
        markers=tuple(map(_noted, timeline.markers)),
        global_start_time=timeline.global_start_time or RationalTime.zero(timeline.rate),
    )
    return with_clips(timeline, lambda clip: _measured(clip, ends))


def _clips(timeline: Timeline) -> Iterator[Clip]:
    return (item for track in timeline.tracks for item in track.items if isinstance(item, Clip))


def _ends(timeline: Timeline) -> dict[str, RationalTime]:
    """How far each medium is used, in whole frames of the timeline; as long as it is at least."""
    ends: defaultdict[str, RationalTime] = defaultdict(lambda: RationalTime.zero(timeline.rate))
    for clip in _clips(timeline):
        if clip.media is not None:
            end = clip.media_range.end_time_exclusive.rescaled_to(timeline.rate, Rounding.CEIL)
            ends[clip.media.target_url] = max(ends[clip.media.target_url], end)
    return ends


def _measured(clip: Clip, ends: dict[str, RationalTime]) -> Clip:
    media, markers = clip.media, tuple(map(_noted, clip.markers))
    if media is not None and media.available_range is None:
        end = ends[media.target_url]
        media = replace(media, available_range=TimeRange(RationalTime.zero(end.rate), end))
    return replace(clip, media=media, markers=markers)


def _noted(marker: Marker) -> Marker:
    if not marker.comment or _NOTES in marker.metadata:
        return marker
    note = {"Keywords": [], "Note": marker.comment}
    return replace(marker, metadata=MappingProxyType({**marker.metadata, _NOTES: note}))
