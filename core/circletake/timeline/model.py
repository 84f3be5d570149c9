"""The cut and the marks on it, as frozen values. The words mean what OpenTimelineIO means by them.

A `Timeline` is a stack of tracks; a track is a row of items without holes (a hole is a `Gap`); a clip's
`source_range` is in media time, which starts at 0 with the container's first timestamp. A `Mark` lies on the
timeline itself, in timeline time, and is stored as a Marker.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Self

from circletake.timebase import RationalTime, TimeRange

MAX_NAME = 1000
"""Longest name kept, in characters; longer ones come from broken or hostile files."""

_EMPTY: Mapping[str, object] = MappingProxyType({})
_NO_SIGNALS: Mapping[str, float] = MappingProxyType({})
_NORMAL = Fraction(1)


def _empty() -> Mapping[str, object]:
    return _EMPTY


def _no_signals() -> Mapping[str, float]:
    return _NO_SIGNALS


# C0 and C1 controls break terminals and CSV files; the bidirectional overrides make a name read as another; half a
# surrogate pair cannot be written as UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_name(text: str) -> str:
    """A name fit to show: control characters and direction overrides become spaces, length is bounded."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:MAX_NAME].rstrip()


class TrackKind(StrEnum):
    """What a track carries."""

    VIDEO = "Video"
    AUDIO = "Audio"


class MarkState(StrEnum):
    """What the editor decided about a mark."""

    PROPOSED = "proposed"
    KEPT = "kept"
    REJECTED = "rejected"


STATE_COLORS = {MarkState.KEPT: "green", MarkState.PROPOSED: "blue", MarkState.REJECTED: "red"}
"""How a mark looks in other tools, unless it has a colour of its own."""


@dataclass(frozen=True, slots=True)
class MediaReference:
    """Where a clip's media is.

    `target_url` is as the file has it (a path or a `file:` address); `available_range` is in media time.
    `start_timecode` is what the file that names it says its first frame is numbered, None where it says nothing.
    """

    target_url: str
    available_range: TimeRange | None = None
    name: str = ""
    metadata: Mapping[str, object] = field(default_factory=_empty, repr=False)
    start_timecode: RationalTime | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """What somebody pointed out in another tool: a point where `range` has no length, else a stretch.

    A clip's markers count in its media time, a timeline's in timeline time. `color` is a name of
    `interchange.colors` or `#rrggbb`, empty where the tool has none; `kind` is the tool's own word for it
    (`chapter`, `to-do`, `keyword`), empty for a plain one.
    """

    range: TimeRange
    name: str = ""
    comment: str = ""
    color: str = ""
    kind: str = ""
    metadata: Mapping[str, object] = field(default_factory=_empty, repr=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing, for a while."""

    duration: RationalTime
    name: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of one medium, or of none where the media is missing by intent.

    `source_range` begins at the earliest moment of media used and lasts as long as the clip does on the timeline, as
    OpenTimelineIO has it; `speed` media seconds pass in each second of the timeline. A negative speed plays the stretch
    backwards, zero holds its first frame.
    """

    name: str
    source_range: TimeRange
    media: MediaReference | None
    metadata: Mapping[str, object] = field(default_factory=_empty, repr=False)
    speed: Fraction = _NORMAL
    markers: tuple[Marker, ...] = ()

    @property
    def duration(self) -> RationalTime:
        """Length on the timeline."""
        return self.source_range.duration

    @property
    def media_range(self) -> TimeRange:
        """The stretch of media used: longer than the clip where it plays fast, empty where it holds a frame."""
        if self.speed == 1:
            return self.source_range
        return TimeRange(self.source_range.start_time, _scaled(self.duration, abs(self.speed)))

    @property
    def seen_range(self) -> TimeRange:
        """The stretch of media that is seen: as `media_range`, one frame where the clip holds it."""
        if self.speed:
            return self.media_range
        return TimeRange(self.source_range.start_time, RationalTime(1, self.duration.rate))

    def shown_at(self, span: TimeRange, rate: Fraction) -> TimeRange | None:
        """Where a stretch of its media shows, from the clip's start on, in frames of `rate`; None where it does not.

        A point lies on the frame that shows it: played backwards, that frame begins where the point's own ends. What a
        held frame shows begins with the clip.
        """
        if not self.seen_range.touches(span):
            return None
        speed, frame = abs(self.speed) or Fraction(1), 1 / rate
        since = (span.start_time.seconds - self.source_range.start_time.seconds) / speed if self.speed else Fraction(0)
        length = span.duration.seconds / speed
        if self.speed < 0:
            since = self.duration.seconds - since - (length or frame / speed)
        whole = self.duration.seconds
        start = max(Fraction(0), since if length else min(since, whole - frame))
        end = max(start, min(since + length, whole))
        return TimeRange.from_seconds(start, end if length else start, rate)

    def media_time(self, since_start: RationalTime) -> RationalTime:
        """The moment of media shown `since_start` after the clip begins; its end gives the last moment used."""
        start = self.source_range.start_time
        if self.speed == 1:
            return start + since_start
        passed = _scaled(since_start, abs(self.speed))
        return start + passed if self.speed >= 0 else self.media_range.end_time_exclusive - passed

    def stretch(self, start: RationalTime, duration: RationalTime) -> Clip:
        """The part of it that begins `start` after its own start; markers outside the media used go."""
        first = self.media_time(start if self.speed >= 0 else start + duration)
        part = replace(self, source_range=TimeRange(first, duration))
        seen = part.seen_range
        kept = tuple(marker for marker in self.markers if seen.touches(marker.range))
        return part if kept == self.markers else replace(part, markers=kept)


Item = Clip | Gap


_rate = attrgetter("rate")


def _scaled(time: RationalTime, factor: Fraction) -> RationalTime:
    """`time` times `factor`, exactly: a finer rate holds what is no whole count."""
    return RationalTime(time.value * factor.numerator, time.rate * factor.denominator)


@dataclass(frozen=True, slots=True)
class Track:
    """A row of items, one after the other."""

    name: str
    kind: TrackKind
    items: tuple[Item, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=_empty, repr=False)

    def placed(self, rate: Fraction) -> Iterator[tuple[TimeRange, Item]]:
        """Each item with its range in timeline time, counted at `rate`."""
        start = RationalTime.zero(rate)
        for item in self.items:
            yield TimeRange(start, item.duration), item
            start = start + item.duration

    def duration(self, rate: Fraction) -> RationalTime:
        """Length of all items together, counted at `rate` where that holds it."""
        lengths = [item.duration for item in self.items]
        runs = (RationalTime(sum(each.value for each in run), run_rate) for run_rate, run in groupby(lengths, _rate))
        return sum(runs, RationalTime.zero(rate))


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch worth a decision.

    `range` is in timeline time. `score` is 0 to 100, a rank inside this timeline, with `source` naming what
    produced it (`signals only`); None where a person made the mark. `signals` holds each signal's level in [0, 1];
    `strongest` is the moment that carried it. `edited` tells that a person trimmed, named or noted it since.
    """

    id: str
    range: TimeRange
    name: str
    state: MarkState = MarkState.PROPOSED
    score: float | None = None
    source: str = ""
    signals: Mapping[str, float] = field(default_factory=_no_signals)
    strongest: RationalTime | None = None
    note: str = ""
    color: str = ""
    edited: bool = False

    def __post_init__(self) -> None:
        """Refuse a mark without length, without identity, with a score off the scale or a level that is no number."""
        if not self.id:
            raise ValueError("a mark needs an id")
        if self.range.duration.value <= 0:
            raise ValueError(f"mark {self.name!r} has no length")
        if self.score is not None and not 0 <= self.score <= 100:
            raise ValueError(f"mark {self.name!r} has score {self.score}; scores go from 0 to 100")
        if not all(map(math.isfinite, self.signals.values())):
            raise ValueError(f"mark {self.name!r} has a signal whose level is not finite")

    @staticmethod
    def new_id() -> str:
        """A fresh identity, kept through every edit and export."""
        return uuid.uuid4().hex

    @property
    def decided(self) -> bool:
        """Tell whether the editor has kept or rejected it."""
        return self.state is not MarkState.PROPOSED

    @property
    def is_kept_by_hand(self) -> bool:
        """Tell whether a person's work is in it, so that no new analysis may take its place."""
        return self.decided or self.edited or self.score is None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A cut at `rate` frames a second, with the marks on it.

    `drop_frame` is how its timecode is numbered; `global_start_time` is the timecode of its first frame.
    `marks` are in no particular order; ids are unique. `markers` are what other tools pointed out and nobody made a
    mark of. `metadata` is what other tools stored, kept untouched.
    """

    name: str
    rate: Fraction
    tracks: tuple[Track, ...] = ()
    marks: tuple[Mark, ...] = ()
    drop_frame: bool = False
    global_start_time: RationalTime | None = None
    metadata: Mapping[str, object] = field(default_factory=_empty, repr=False)
    markers: tuple[Marker, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two marks with one identity."""
        if self.rate <= 0:
            raise ValueError(f"a timeline cannot run at {self.rate} frames a second")
        if len({mark.id for mark in self.marks}) != len(self.marks):
            raise ValueError("two marks share one id")

    @classmethod
    def of_media(cls, name: str, media: MediaReference, rate: Fraction, *, has_audio: bool = True) -> Self:
        """A timeline that shows one medium whole: a video track, and an audio track where there is sound.

        Raises:
            ValueError: the medium's available range is not known.
        """
        if media.available_range is None:
            raise ValueError(f"the length of {media.target_url} is not known")
        clip = Clip(name, media.available_range, media)
        kinds = [TrackKind.VIDEO, *([TrackKind.AUDIO] if has_audio else [])]
        names = {TrackKind.VIDEO: "V1", TrackKind.AUDIO: "A1"}
        return cls(name, rate, tuple(Track(names[kind], kind, (clip,)) for kind in kinds))

    @property
    def duration(self) -> RationalTime:
        """Length of the longest track."""
        return max((track.duration(self.rate) for track in self.tracks), default=RationalTime.zero(self.rate))

    def mark(self, mark_id: str) -> Mark | None:
        """The mark with this id, or None."""
        return next((mark for mark in self.marks if mark.id == mark_id), None)

    def marks_in_state(self, *states: MarkState) -> tuple[Mark, ...]:
        """Marks in any of the states, by start."""
        return tuple(sorted((m for m in self.marks if m.state in states), key=lambda m: (m.range.start_time, m.id)))

    def with_marks(self, marks: tuple[Mark, ...]) -> Timeline:
        """The same cut with other marks."""
        return replace(self, marks=marks)

    def media_ranges(self, span: TimeRange, kind: TrackKind = TrackKind.VIDEO) -> tuple[tuple[Clip, TimeRange], ...]:
        """What shows under `span`, in time order: the topmost clip of `kind` of each moment, in media time.

        A clip without a file, such as a title, shows only where no other lies: those under it are seen through it.
        """
        return tuple((clip, in_media) for _, clip, in_media in self.shown(span, kind))

    def shown(
        self, span: TimeRange, kind: TrackKind = TrackKind.VIDEO
    ) -> tuple[tuple[TimeRange, Clip, TimeRange], ...]:
        """The same with where on the timeline each stretch lies: (timeline time, clip, media time), in time order.

        Media time is as long as the stretch, except where the clip's speed is not 1.
        """
        found: list[tuple[TimeRange, Clip, TimeRange]] = []
        uncovered = [span]
        rows = [
            [(placed, item) for placed, item in track.placed(self.rate) if isinstance(item, Clip)]
            for track in reversed(self.tracks)
            if track.kind is kind
        ]
        filmed = [[each for each in row if each[1].media] for row in rows]
        others = [[each for each in row if not each[1].media] for row in rows]
        for clips in (*filmed, *others):
            seen, uncovered = _seen_through(uncovered, clips)
            found += seen
        return tuple(sorted(found, key=lambda each: each[0].start_time))


def _in_media(clip: Clip, placed: TimeRange, part: TimeRange) -> TimeRange:
    """The media under `part` of a clip that lies at `placed`."""
    if clip.speed == 1:
        return part.shifted(clip.source_range.start_time - placed.start_time)
    return clip.stretch(part.start_time - placed.start_time, part.duration).media_range


def _seen_through(
    holes: list[TimeRange], clips: list[tuple[TimeRange, Clip]]
) -> tuple[list[tuple[TimeRange, Clip, TimeRange]], list[TimeRange]]:
    """What of a row shows through holes in the rows above, and the holes that are left; all in time order."""
    seen: list[tuple[TimeRange, Clip, TimeRange]] = []
    left: list[TimeRange] = []
    first = 0
    for hole in holes:
        start, end = hole.start_time, hole.end_time_exclusive
        while first < len(clips) and clips[first][0].end_time_exclusive <= start:
            first += 1
        for at in range(first, len(clips)):
            placed, clip = clips[at]
            if placed.start_time >= end:
                break
            shared = placed.intersection(hole)
            if shared is None:
                continue
            if start < shared.start_time:
                left.append(TimeRange.from_start_end(start, shared.start_time))
            seen.append((shared, clip, _in_media(clip, placed, shared)))
            start = shared.end_time_exclusive
        if start < end:
            left.append(TimeRange.from_start_end(start, end))
    return seen, left
