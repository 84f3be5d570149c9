"""What goes out: the marks as a new timeline, or the timeline they lie on with them as markers. Pure values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Mark, Marker, Timeline, Track, clean_name

MARK_KEY = "circletake_mark"
"""The metadata key under which a clip of the picks says which mark it comes from."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How picks lie one after the other: `handles` of the cut before and after each, `spacing` of nothing between."""

    handles: RationalTime
    spacing: RationalTime


def picks(timeline: Timeline, marks: Sequence[Mark], layout: Layout | None = None) -> Timeline:
    """The marks as a new timeline, in the order given: every track, cut to each mark, butted or spaced.

    Clips point at their original media, are named after their mark and say so in their metadata; each mark lies over
    what it marks, its handles outside it. Markers under a mark come along.
    """
    zero = RationalTime.zero(timeline.rate)
    layout = layout or Layout(zero, zero)
    whole = TimeRange(zero, timeline.duration)
    spans = [_widened(whole, mark.range, layout.handles) for mark in marks]
    starts = _starts(spans, layout.spacing)
    moves = [start - span.start_time for start, span in zip(starts, spans, strict=True)]
    tracks = (_row(timeline, track, marks, spans, layout.spacing) for track in timeline.tracks)
    return Timeline(
        name=clean_name(f"{timeline.name} picks"),
        rate=timeline.rate,
        tracks=tuple(track for track in tracks if any(isinstance(item, Clip) for item in track.items)),
        marks=tuple(_moved(mark, by) for mark, by in zip(marks, moves, strict=True)),
        drop_frame=timeline.drop_frame,
        markers=tuple(_markers(timeline, spans, moves)),
    )


def _widened(whole: TimeRange, span: TimeRange, handles: RationalTime) -> TimeRange:
    wide = TimeRange(span.start_time - handles, span.duration + handles + handles)
    return wide.intersection(whole) or span


def _starts(spans: Sequence[TimeRange], spacing: RationalTime) -> list[RationalTime]:
    """Where each pick begins on the new timeline."""
    starts: list[RationalTime] = []
    at = RationalTime.zero(spacing.rate)
    for span in spans:
        starts.append(at)
        at = at + span.duration + spacing
    return starts


def _row(
    timeline: Timeline, track: Track, marks: Sequence[Mark], spans: Sequence[TimeRange], spacing: RationalTime
) -> Track:
    items: list[Item] = []
    placed = Placed.of(track, timeline)
    for number, (mark, span) in enumerate(zip(marks, spans, strict=True)):
        if number and spacing.value:
            items.append(Gap(spacing))
        items += [_told(item, mark) for item in placed.cut(span)]
    return Track(track.name, track.kind, tuple(items))


def _told(item: Item, mark: Mark) -> Item:
    """A clip that says which mark it comes from."""
    if isinstance(item, Gap):
        return item
    about: dict[str, object] = {"id": mark.id, "name": mark.name, "score": mark.score, "source": mark.source}
    return replace(item, name=mark.name or item.name, metadata={**item.metadata, MARK_KEY: about})


@dataclass(frozen=True, slots=True)
class Placed:
    """A track's items where they lie, with their ends: cut anywhere without a look at all of them."""

    items: tuple[tuple[TimeRange, Item], ...]
    ends: tuple[RationalTime, ...]

    @classmethod
    def of(cls, track: Track, timeline: Timeline) -> Self:
        """The items of a track of `timeline`."""
        items = tuple(track.placed(timeline.rate))
        return cls(items, tuple(placed.end_time_exclusive for placed, _ in items))

    def cut(self, span: TimeRange) -> Iterator[Item]:
        """What lies in `span`, exactly as long: items cut at its ends, a gap where the track is shorter."""
        at = span.start_time
        for number in range(bisect_right(self.ends, at), len(self.items)):
            placed, item = self.items[number]
            shared = placed.intersection(span)
            if placed.start_time >= span.end_time_exclusive:
                break
            if shared is None:  # an item without length
                continue
            since = shared.start_time - placed.start_time
            yield item.stretch(since, shared.duration) if isinstance(item, Clip) else Gap(shared.duration)
            at = shared.end_time_exclusive
        if at < span.end_time_exclusive:
            yield Gap(span.end_time_exclusive - at)


def _moved(mark: Mark, by: RationalTime) -> Mark:
    strongest = None if mark.strongest is None else mark.strongest + by
    return replace(mark, range=mark.range.shifted(by), strongest=strongest)


def _markers(timeline: Timeline, spans: Sequence[TimeRange], moves: Sequence[RationalTime]) -> Iterator[Marker]:
    markers = sorted(timeline.markers, key=_start)
    for span, by in zip(spans, moves, strict=True):
        first = bisect_left(markers, span.start_time, key=_start)
        for marker in markers[first : bisect_left(markers, span.end_time_exclusive, key=_start)]:
            if span.covers(marker.range):
                yield replace(marker, range=marker.range.shifted(by))


def _start(marker: Marker) -> RationalTime:
    return marker.range.start_time


def annotated(timeline: Timeline, marks: Sequence[Mark]) -> Timeline:
    """The timeline as it is, with these marks alone."""
    return timeline.with_marks(tuple(marks))
