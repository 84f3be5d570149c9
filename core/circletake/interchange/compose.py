"""What goes out: the marks as a new timeline, or the timeline they lie on with them as markers. Pure values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
    spans = [_widened(timeline, mark.range, layout.handles) for mark in marks]
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


def _widened(timeline: Timeline, span: TimeRange, handles: RationalTime) -> TimeRange:
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
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
    for number, (mark, span) in enumerate(zip(marks, spans, strict=True)):
        if number and spacing.value:
            items.append(Gap(spacing))
        items += [_told(item, mark) for item in cut_of(track, timeline, span)]
    return Track(track.name, track.kind, tuple(items))


def _told(item: Item, mark: Mark) -> Item:
    """A clip that says which mark it comes from."""
    if isinstance(item, Gap):
        return item
    about: dict[str, object] = {"id": mark.id, "name": mark.name, "score": mark.score, "source": mark.source}
    return replace(item, name=mark.name or item.name, metadata={**item.metadata, MARK_KEY: about})


def cut_of(track: Track, timeline: Timeline, span: TimeRange) -> Iterator[Item]:
    """What a track holds in `span`, exactly as long: items cut at its ends, a gap where the track is shorter."""
    at = span.start_time
    for placed, item in track.placed(timeline.rate):
        shared = placed.intersection(span)
        if shared is None:
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
    for span, by in zip(spans, moves, strict=True):
        for marker in timeline.markers:
            if span.covers(marker.range) and span.touches(marker.range):
                yield replace(marker, range=marker.range.shifted(by))


def annotated(timeline: Timeline, marks: Sequence[Mark]) -> Timeline:
    """The timeline as it is, with these marks alone."""
    return timeline.with_marks(tuple(marks))
