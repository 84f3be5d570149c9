"""Markers of clips where they show on the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from circletake.timebase import TimeRange
from circletake.timeline.model import Clip, Item, Marker, Timeline


def lifted(timeline: Timeline) -> Timeline:
    """The timeline with the markers of its clips on itself, where they show: for formats that keep none on clips."""
    tracks = tuple(
        replace(track, items=tuple(_without_markers(item) for item in track.items)) for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks, markers=tuple(shown_markers(timeline)))


def has_markers(timeline: Timeline) -> bool:
    """Tell whether there is a marker on the timeline, or on a clip where it shows."""
    return any(True for _ in shown_markers(timeline))


def shown_markers(timeline: Timeline) -> Iterator[Marker]:
    """The timeline's markers, and those of its clips where they show; what picture and sound both have once."""
    yield from timeline.markers
    seen = set()
    for track in timeline.tracks:
        for placed, item in track.placed(timeline.rate):
            if not isinstance(item, Clip):
                continue
            for marker in item.markers:
                shown = on_timeline(marker, item, placed, timeline.rate)
                key = shown and (shown.range, marker.name, marker.comment)
                if shown is not None and key not in seen:
                    seen.add(key)
                    yield shown


def on_timeline(marker: Marker, clip: Clip, placed: TimeRange, rate: Fraction) -> Marker | None:
    """A clip's marker where the clip, which lies at `placed`, shows it; None where it does not."""
    shown = clip.shown_at(marker.range, rate)
    return None if shown is None else replace(marker, range=shown.shifted(placed.start_time))


def _without_markers(item: Item) -> Item:
    return replace(item, markers=()) if isinstance(item, Clip) and item.markers else item
