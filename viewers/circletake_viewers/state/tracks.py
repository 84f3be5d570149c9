"""The cut's own tracks, clip by clip, and what other tools pointed out in it, in timeline frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from circletake.interchange.colors import hex_of
from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, TimeRange, round_fraction
from circletake.timeline.model import Clip, Marker, Timeline, Track, TrackKind
from circletake_viewers.state.shown import Flag, TrackBar, TrackRow, Tracks

Count = int | Fraction
"""Frames, or a place between two; a plain int wherever the clips count as the timeline does, for that is faster."""

DIGITS = 3
"""Digits of a speed that are shown."""


def resolve_tracks(timeline: Timeline | None, media: Mapping[Path, MediaInfo]) -> Tracks:
    """Rows from the topmost picture down, then the sound; flags by start.

    A marker on a clip is shown where the clip shows its moment of media. What lies outside of the timeline is left out.
    """
    if timeline is None:
        return Tracks()
    labelled = [*reversed(list(_labelled(timeline, TrackKind.VIDEO))), *_labelled(timeline, TrackKind.AUDIO)]
    placed = [list(_placed(track, timeline.rate)) for _, track in labelled]
    paths = _Paths(media)
    rows = tuple(
        TrackRow(track.name, track.kind, tuple(_bar(each, paths) for each in lying), label)
        for (label, track), lying in zip(labelled, placed, strict=True)
    )
    frames = timeline.duration.rescaled_to(timeline.rate).value
    found = [*_timeline_flags(timeline, frames)]
    for lying in placed:
        found += [flag for each in lying if each.clip.markers for flag in _clip_flags(each, timeline.rate)]
    # Picture and sound of one file often carry the same marker.
    flags = sorted(dict.fromkeys(found), key=lambda flag: (flag.start, flag.end))
    pictures = tuple(row for row in rows if row.kind is TrackKind.VIDEO)
    return Tracks(rows, tuple(flags), is_plain(rows), _edges(rows), _edges(pictures or rows))


def is_plain(rows: tuple[TrackRow, ...]) -> bool:
    """Tell whether tracks say nothing that the film strip and the sound do not.

    Such a cut has one picture without holes and one sound that lies like it; nothing is missing or at another speed.
    """
    kinds = [row.kind for row in rows]
    if len(set(kinds)) != len(kinds) or any(bar.missing or bar.speed_text for row in rows for bar in row.bars):
        return False
    spans = [[(bar.start, bar.end) for bar in row.bars] for row in rows if row.bars]
    if not spans:
        return True
    is_whole = spans[0][0][0] == 0 and all(before[1] == after[0] for before, after in pairwise(spans[0]))
    return is_whole and all(set(each) <= set(spans[0]) for each in spans)


def speed_text(speed: Fraction) -> str:
    """A clip's speed in few letters: `2x`, `-1x`, `held`; nothing at normal speed."""
    if not speed:
        return "held"
    text = np.format_float_positional(float(speed), precision=DIGITS, fractional=False, trim="-")
    return "" if text == "1" else f"{text}x"


@dataclass(frozen=True, slots=True)
class _Lying:
    """A clip from `begin` to `end`, which may lie between two frames."""

    clip: Clip
    begin: Count
    end: Count

    @property
    def first(self) -> int:
        return _nearest(self.begin)

    @property
    def last(self) -> int:
        return _nearest(self.end)


class _Paths:
    """Each address's path, and whether it is there: many clips share one."""

    def __init__(self, media: Mapping[Path, MediaInfo]) -> None:
        self._media = media
        self._known: dict[str, tuple[Path, bool]] = {}

    def of(self, clip: Clip) -> tuple[Path | None, bool]:
        """A clip's path, and whether it is missing."""
        if clip.media is None:
            return None, False
        address = clip.media.target_url
        if address not in self._known:
            path = Path(address)
            self._known[address] = path, path not in self._media
        return self._known[address]


def _labelled(timeline: Timeline, kind: TrackKind) -> Iterator[tuple[str, Track]]:
    tracks = (track for track in timeline.tracks if track.kind is kind)
    return ((f"{kind.value[0]}{number}", track) for number, track in enumerate(tracks, start=1))


def _placed(track: Track, rate: Fraction) -> Iterator[_Lying]:
    begin: Count = 0
    for item in track.items:
        end = begin + _frames(item.duration, rate)
        if isinstance(item, Clip):
            yield _Lying(item, begin, end)
        begin = end


def _frames(time: RationalTime, rate: Fraction) -> Count:
    return time.value if time.rate == rate else time.value * rate / time.rate


def _nearest(count: Count) -> int:
    return count if isinstance(count, int) else round_fraction(count)


def _bar(lying: _Lying, paths: _Paths) -> TrackBar:
    clip = lying.clip
    path, missing = paths.of(clip)
    speed = "" if clip.speed == 1 else speed_text(clip.speed)
    return TrackBar(clip.name, lying.first, lying.last, missing, speed, clip.media is not None, path)


def _edges(rows: Iterable[TrackRow]) -> NDArray[np.int64]:
    edges = [edge for row in rows for bar in row.bars for edge in (bar.start, bar.end)]
    return np.unique(np.array(edges, np.int64))


def _flag(marker: Marker, start: int, end: int, *, on_clip: bool) -> Flag:
    return Flag(start, end, marker.name, marker.comment, hex_of(marker.color), marker.kind, on_clip)


def _timeline_flags(timeline: Timeline, frames: int) -> Iterator[Flag]:
    for marker in timeline.markers:
        begin = _frames(marker.range.start_time, timeline.rate)
        start, end = _nearest(begin), _nearest(begin + _frames(marker.range.duration, timeline.rate))
        if start <= frames and end >= 0:
            yield _flag(marker, max(0, start), min(end, frames), on_clip=False)


def _clip_flags(lying: _Lying, rate: Fraction) -> Iterator[Flag]:
    for marker in lying.clip.markers:
        place = _shown_at(lying, marker.range, rate)
        if place is not None:
            yield _flag(marker, *place, on_clip=True)


def _shown_at(lying: _Lying, span: TimeRange, rate: Fraction) -> tuple[int, int] | None:
    """The frames on which a clip shows a stretch of its media, or None; twice the same one for a moment."""
    clip = lying.clip
    begin = _frames(span.start_time, rate) - _frames(clip.source_range.start_time, rate)
    end = begin + _frames(span.duration, rate)
    speed, used = abs(clip.speed), (lying.end - lying.begin) * abs(clip.speed)
    if not speed:
        is_held = begin <= 0 < end or begin == end == 0
        return (lying.first, lying.last if begin < end else lying.first) if is_held else None
    if not (0 <= begin < used if begin == end else begin < used and end > 0):
        return None
    ends = lying.begin + begin / speed, lying.begin + end / speed
    if clip.speed < 0:
        ends = lying.begin + lying.end - ends[1], lying.begin + lying.end - ends[0]
    if begin == end:
        # Backwards, a moment lies on the frame that ends there.
        frame = _nearest(ends[0]) if clip.speed > 0 else ceil(ends[0]) - 1
        frame = min(max(frame, lying.first), max(lying.first, lying.last - 1))
        return frame, frame
    return max(_nearest(ends[0]), lying.first), min(_nearest(ends[1]), lying.last)
