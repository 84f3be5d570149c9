"""Clips placed anywhere, as tracks: each lane a row with gaps, overlaps moved to a row of their own, nesting flattened.

Many formats say where a clip lies and on which lane; a `Timeline` says what follows what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Timeline, Track, TrackKind


@dataclass(frozen=True, slots=True)
class Placement:
    """A clip and where it begins on the timeline; higher lanes of pictures cover lower ones.

    `track` names the row where the file names it.
    """

    start: RationalTime
    clip: Clip
    kind: TrackKind = TrackKind.VIDEO
    lane: int = 0
    track: str = ""

    @property
    def end(self) -> RationalTime:
        """The first moment after it."""
        return self.start + self.clip.duration


def tracks_of(placements: Iterable[Placement]) -> tuple[Track, ...]:
    """Video tracks from the lowest lane up, then audio tracks; clips without length are left out.

    Times are kept as they are; a start below zero raises.

    Raises:
        ValueError: a clip begins before the timeline does.
    """
    rows: dict[tuple[TrackKind, int], list[Placement]] = {}
    for each in sorted(placements, key=lambda each: each.start.seconds):
        if each.start.value < 0:
            raise ValueError(f'clip "{each.clip.name}" begins before the timeline')
        if each.clip.duration.value:
            rows.setdefault((each.kind, each.lane), []).append(each)
    found: list[Track] = []
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        number = 0
        for lane in sorted(lane for own, lane in rows if own is kind):
            for row in _without_overlap(rows[kind, lane]):
                number += 1
                name = row[0].track or f"{kind.value[0]}{number}"
                found.append(Track(name, kind, tuple(_items(row))))
    return tuple(found)


def _without_overlap(row: list[Placement]) -> list[list[Placement]]:
    """The row, and above it the rows of clips that lie over one of it."""
    rows: list[list[Placement]] = []
    free: list[int] = []
    taken: list[tuple[RationalTime, int]] = []
    for each in row:
        while taken and taken[0][0] <= each.start:
            heappush(free, heappop(taken)[1])
        number = heappop(free) if free else len(rows)
        if number == len(rows):
            rows.append([])
        rows[number].append(each)
        heappush(taken, (each.end, number))
    return rows


def _items(row: list[Placement]) -> Iterator[Item]:
    end = RationalTime.zero(row[0].clip.duration.rate)
    for each in row:
        if each.start > end:
            yield Gap(each.start - end)
        yield each.clip
        end = each.end


def flattened(nested: Timeline, span: TimeRange, kind: TrackKind) -> tuple[Item, ...]:
    """What a nested timeline shows (or sounds) in `span`: the topmost clip of each moment, gaps in between.

    As long as `span`, however long the nested timeline is.
    """
    items: list[Item] = []
    at = span.start_time
    places = _places(nested, kind)
    for place, clip, _ in nested.shown(span, kind):
        if at < place.start_time:
            items.append(Gap(place.start_time - at))
        own = next(own for own in places[id(clip)] if own.covers(place))
        items.append(clip.stretch(place.start_time - own.start_time, place.duration))
        at = place.end_time_exclusive
    if at < span.end_time_exclusive:
        items.append(Gap(span.end_time_exclusive - at))
    return tuple(items)


def _places(nested: Timeline, kind: TrackKind) -> dict[int, list[TimeRange]]:
    """Where each clip of `nested` lies, by its identity: one clip may lie at several places."""
    found: dict[int, list[TimeRange]] = {}
    for track in nested.tracks:
        for own, item in track.placed(nested.rate) if track.kind is kind else ():
            found.setdefault(id(item), []).append(own)
    return found
