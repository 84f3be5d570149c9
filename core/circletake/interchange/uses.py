"""Where a timeline uses which stretch of which medium, and the way back: looked up by media, fast for large cuts."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from urllib.parse import unquote

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Timeline, TrackKind

Medium = tuple[str, ...]
"""A medium's address in parts, the file's name last, spelled one way; empty where there is none."""

_SLACK = 1e-6
"""Seconds by which a lookup in floats reaches further; what it finds is compared exactly."""


@dataclass(frozen=True, slots=True)
class Use:
    """A stretch of a timeline, from `start` to `end`, that shows a medium from `first` to `last`; all in seconds.

    `speed` as in `Clip`; a held frame is one frame of media.
    """

    start: Fraction
    end: Fraction
    medium: Medium
    first: Fraction
    last: Fraction
    speed: Fraction

    def part(self, start: Fraction, end: Fraction) -> Use:
        """The part of it from one moment of the timeline to another, both inside."""
        if not self.speed:
            return replace(self, start=start, end=end)
        pace = abs(self.speed)
        first = self.first + pace * (start - self.start if self.speed > 0 else self.end - end)
        return replace(self, start=start, end=end, first=first, last=first + pace * (end - start))

    def shows(self, first: Fraction, last: Fraction) -> tuple[Fraction, Fraction]:
        """Where on the timeline a stretch of its medium lies, also beyond its ends; a held frame shows all along."""
        if not self.speed:
            return self.start, self.end
        pace = abs(self.speed)
        since, until = (first - self.first) / pace, (last - self.first) / pace
        return (self.start + since, self.start + until) if self.speed > 0 else (self.end - until, self.end - since)


def uses_shown(timeline: Timeline, kind: TrackKind) -> list[Use]:
    """What is seen or heard of each moment, in time order."""
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    frame = 1 / timeline.rate
    return [_use(place, clip, media, frame) for place, clip, media in timeline.shown(whole, kind)]


def all_uses(timeline: Timeline, kind: TrackKind) -> list[Use]:
    """Every clip of a kind, also where another one lies over it, by start."""
    frame = 1 / timeline.rate
    found = [
        _use(placed, item, item.media_range, frame)
        for track in timeline.tracks
        if track.kind is kind
        for placed, item in track.placed(timeline.rate)
        if isinstance(item, Clip)
    ]
    return sorted(found, key=lambda use: use.start)


def _use(place: TimeRange, clip: Clip, media: TimeRange, frame: Fraction) -> Use:
    first, start, length = media.start_time.seconds, place.start_time.seconds, place.duration.seconds
    used = length * abs(clip.speed) if clip.speed else frame
    return Use(start, start + length, medium_of(clip), first, first + used, clip.speed)


def medium_of(clip: Clip) -> Medium:
    """A clip's medium, however its address is spelled."""
    return _parts(clip.media.target_url) if clip.media else ()


@lru_cache(maxsize=1024)
def _parts(url: str) -> Medium:
    place = unquote(url).replace("\\", "/").removeprefix("file:")
    parts = unicodedata.normalize("NFC", place).casefold().split("/")
    return tuple(part for part in parts if part not in ("", "localhost"))


def media_of(timeline: Timeline) -> set[Medium]:
    """All media of a timeline; an empty one where a clip has none."""
    return {medium_of(item) for track in timeline.tracks for item in track.items if isinstance(item, Clip)}


class Media:
    """The media of a cut, found again under other addresses."""

    def __init__(self, media: Iterable[Medium]) -> None:
        self._by_name: dict[str, set[Medium]] = defaultdict(set)
        for each in media:
            if each:
                self._by_name[each[-1]].add(each)

    def like(self, wanted: Medium) -> tuple[Medium, ...]:
        """Those of the same name: the one at the same place, else those that share the longest end of the path."""
        found = self._by_name.get(wanted[-1], set()) if wanted else set()
        if wanted in found:
            return (wanted,)
        shared = {each: _shared_end(each, wanted) for each in found}
        most = max(shared.values(), default=0)
        return tuple(sorted(each for each in found if shared[each] == most))


def _shared_end(first: Medium, second: Medium) -> int:
    count = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        count += 1
    return count


class MediaIndex:
    """Uses by medium and media time. Uses of like length lie together, so that one long one slows down no lookup."""

    def __init__(self, uses: Iterable[Use]) -> None:
        rows: dict[tuple[Medium, int], list[Use]] = defaultdict(list)
        for use in uses:
            length = int((use.last - use.first) * 1000).bit_length()
            rows[use.medium, length].append(use)
        self._rows: dict[Medium, list[tuple[float, list[float], list[Use]]]] = defaultdict(list)
        for (medium, length), row in rows.items():
            row.sort(key=lambda use: use.first)
            self._rows[medium].append((2**length / 1000, [float(use.first) for use in row], row))

    def of(self, medium: Medium, first: Fraction, last: Fraction) -> list[Use]:
        """The uses that show any of a stretch of a medium, by start."""
        low, high = float(first) - _SLACK, float(last) + _SLACK
        found = [
            use
            for longest, firsts, row in self._rows.get(medium, ())
            for use in row[bisect_left(firsts, low - longest) : bisect_right(firsts, high)]
            if use.first < last and first < use.last
        ]
        return sorted(found, key=lambda use: use.start)


class TimeIndex:
    """Uses that follow each other in time, by time."""

    def __init__(self, uses: Iterable[Use]) -> None:
        self._uses = list(uses)
        self._ends = [use.end for use in self._uses]

    def under(self, start: Fraction, end: Fraction) -> Iterator[Use]:
        """The parts that lie between two moments, in time order."""
        for at in range(bisect_right(self._ends, start), len(self._uses)):
            use = self._uses[at]
            if use.start >= end:
                break
            yield use.part(max(start, use.start), min(end, use.end))


def starts_of(timeline: Timeline) -> Mapping[Medium, Fraction]:
    """The timecode at which each medium starts, in seconds, where the timeline knows it."""
    clips = (item for track in timeline.tracks for item in track.items if isinstance(item, Clip))
    told = ((medium_of(clip), clip.media.start_timecode) for clip in clips if clip.media)
    return {medium: start.seconds for medium, start in told if start is not None}
