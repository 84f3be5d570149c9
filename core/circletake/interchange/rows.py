"""Clips placed anywhere, as tracks: each lane a row with gaps, overlaps moved to a row of their own, nesting flattened.

Many formats say where a clip lies and on which lane; a `Timeline` says what follows what.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise
from operator import itemgetter

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Track, TrackKind
from circletake.timeline.report import Report

MOST_LOOKS = 100_000
"""Most clips and markers looked at to show nested timelines, half a second of work: sequences that show each
other twice, thirty deep, would make a billion."""


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


@dataclass
class Looks:
    """Counts what is looked at to show nested timelines, over a whole file: each use looks again."""

    report: Report
    count: int = 0

    def add(self, count: int) -> None:
        """Raise where a small file asks for the work of a huge one.

        Raises:
            TimelineInvalid: more than `MOST_LOOKS`.
        """
        self.count += count
        if self.count > MOST_LOOKS:
            raise self.report.invalid("its nested sequences hold too many clips and markers together", "the timeline")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of nested time in which `clip`, which begins at `origin`, is what shows."""

    start: RationalTime
    end: RationalTime
    clip: Clip
    origin: RationalTime


class Flat:
    """Tracks of one kind as one row, made once however often it is used: the topmost clip of each moment."""

    def __init__(self, tracks: Iterable[Track], rate: Fraction, looks: Looks) -> None:
        """Lay the tracks, the lowest first, over one another; `rate` is their timeline's."""
        self._looks = looks
        self._row = _topmost(tracks, rate)

    def during(self, span: TimeRange) -> tuple[Item, ...]:
        """What shows in `span`, gaps in between: as long as that, however long the tracks are."""
        items: list[Item] = []
        at, end = span.start_time, span.end_time_exclusive
        for number in range(bisect_right(self._row, at, key=_end), len(self._row)):
            stretch = self._row[number]
            start, stop = max(at, stretch.start), min(end, stretch.end)
            if start >= stop:
                break
            if at < start:
                items.append(Gap(start - at))
            self._looks.add(1 + len(stretch.clip.markers))
            items.append(stretch.clip.stretch(start - stretch.origin, stop - start))
            at = stop
        if at < end:
            items.append(Gap(end - at))
        return tuple(items)


def _end(stretch: _Stretch) -> RationalTime:
    return stretch.end


def _topmost(tracks: Iterable[Track], rate: Fraction) -> list[_Stretch]:
    """The topmost clip of each moment: from edge to edge, the highest of those that have begun and not ended."""
    placed = [
        (place.start_time, -level, place.end_time_exclusive, item)
        for level, track in enumerate(tracks)
        for place, item in track.placed(rate)
        if isinstance(item, Clip) and item.duration.value
    ]
    placed.sort(key=itemgetter(0))
    edges = sorted(edge for start, _, end, _ in placed for edge in (start, end))
    row: list[_Stretch] = []
    open_: list[tuple[int, int]] = []
    coming = 0
    for at, after in pairwise(edges):
        while coming < len(placed) and placed[coming][0] <= at:
            heappush(open_, (placed[coming][1], coming))
            coming += 1
        while open_ and placed[open_[0][1]][2] <= at:
            heappop(open_)
        if open_ and at < after:
            origin, _, _, clip = placed[open_[0][1]]
            goes_on = row and row[-1].end == at and row[-1].clip is clip and row[-1].origin == origin
            row.append(_Stretch(row.pop().start if goes_on else at, after, clip, origin))
    return row
