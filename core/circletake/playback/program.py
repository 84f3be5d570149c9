"""What is seen and heard at each moment of a timeline: a row of stretches for the eye, one for the ear.

Equal cuts give equal programs, whatever the marks on them, so that a player can tell that nothing changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from circletake.media.frames import MediaInfo
from circletake.playback.retiming import Retiming
from circletake.timebase import RationalTime, Rounding, TimeRange, round_fraction
from circletake.timeline.model import Clip, Timeline, TrackKind

_NORMAL = Fraction(1)


class Absence(StrEnum):
    """Why there is no picture."""

    GAP = "gap"
    MISSING = "missing"
    NO_FILE = "no file"
    SOUND_ONLY = "sound only"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture to show: a film and a time in it (media time)."""

    path: Path
    time: RationalTime


@dataclass(frozen=True, slots=True)
class Stretch:
    """Timeline frames `start` up to, not including, `end` of one film; media time = timeline time + `offset`.

    `retiming` tells the media time instead where the film does not play at its own speed. `absence` says why nothing
    can be shown here, None where it can.
    """

    start: int
    end: int
    path: Path
    offset: RationalTime
    absence: Absence | None = None
    retiming: Retiming | None = None

    @property
    def speed(self) -> Fraction:
        """Media seconds a second: negative where it runs backwards, 0 where one frame is held."""
        return self.retiming.speed if self.retiming else _NORMAL


@dataclass(frozen=True, slots=True)
class SoundStretch:
    """Sound from timeline seconds `start` up to `end`; `media_start` is where it begins in its file's media time.

    `speed` is media seconds a second; backwards and held (0 and below) it is silent.
    """

    start: Fraction
    end: Fraction
    path: Path
    media_start: Fraction
    speed: Fraction = _NORMAL


@dataclass(frozen=True, slots=True)
class Program:
    """A timeline ready to be played: `frames` frames at `rate`, films described by `media`.

    `pictures` and `sound` are in time order and do not overlap; what no stretch covers is a gap.
    """

    rate: Fraction
    frames: int
    pictures: tuple[Stretch, ...]
    sound: tuple[SoundStretch, ...]
    media: Mapping[Path, MediaInfo] = field(repr=False, hash=False)

    @classmethod
    def of(cls, timeline: Timeline, media: Mapping[Path, MediaInfo]) -> Program:
        """The program of a cut; clips of films that are not in `media` are shown as missing and are silent."""
        duration = timeline.duration
        whole = TimeRange(RationalTime.zero(timeline.rate), duration)
        pictures, sound = _pictures(timeline, whole, media), _sound(timeline, whole, media)
        used = {each.path for each in pictures} | {each.path for each in sound}
        frames = round_fraction(duration.seconds * timeline.rate, Rounding.CEIL)
        return cls(timeline.rate, frames, pictures, sound, {path: media[path] for path in used & media.keys()})

    def stretch_at(self, frame: int) -> Stretch | None:
        """The stretch that covers a timeline frame, or None in a gap."""
        place = bisect_right(self.pictures, frame, key=lambda each: each.start) - 1
        return self.pictures[place] if place >= 0 and frame < self.pictures[place].end else None

    def picture_at(self, frame: int) -> Moment | None:
        """What to show at a timeline frame; None where there is nothing: `absence_at` says why."""
        stretch = self.stretch_at(frame)
        if stretch is None or stretch.absence:
            return None
        if stretch.retiming:
            return Moment(stretch.path, stretch.retiming.time(self.seconds_at(frame)))
        return Moment(stretch.path, RationalTime(frame, self.rate) + stretch.offset)

    def absence_at(self, frame: int) -> Absence | None:
        """Why there is no picture at a timeline frame; None where there is one."""
        stretch = self.stretch_at(frame)
        if stretch is not None:
            return stretch.absence
        heard = self.sound_at(self.seconds_at(frame))
        return Absence.SOUND_ONLY if heard and not self.media[heard.path].picture else Absence.GAP

    def sound_at(self, seconds: Fraction) -> SoundStretch | None:
        """The stretch of sound at timeline seconds, or None where there is silence."""
        place = bisect_right(self.sound, seconds, key=lambda each: each.start) - 1
        return self.sound[place] if place >= 0 and seconds < self.sound[place].end else None

    def seconds_at(self, frame: int) -> Fraction:
        """When a frame begins, in timeline seconds."""
        return frame / self.rate


def _pictures(timeline: Timeline, whole: TimeRange, media: Mapping[Path, MediaInfo]) -> tuple[Stretch, ...]:
    found = []
    for placed, clip, in_media in timeline.shown(whole, TrackKind.VIDEO):
        start, end = (
            round_fraction(time.seconds * timeline.rate, Rounding.CEIL)
            for time in (placed.start_time, placed.end_time_exclusive)
        )
        if start < end:
            path = Path(clip.media.target_url) if clip.media else Path()
            offset = in_media.start_time - placed.start_time
            info = media.get(path)
            retiming = _retiming(placed, clip, in_media, info)
            found.append(Stretch(start, end, path, offset, _absence(clip, info), retiming))
    return tuple(found)


def _retiming(placed: TimeRange, clip: Clip, in_media: TimeRange, info: MediaInfo | None) -> Retiming | None:
    if clip.speed == 1 or info is None or not info.picture:
        return None
    return Retiming.of(placed, in_media, clip.speed, info)


def _absence(clip: Clip, media: MediaInfo | None) -> Absence | None:
    if media is None:
        return Absence.MISSING if clip.media else Absence.NO_FILE
    return None if media.picture else Absence.SOUND_ONLY


def _sound(timeline: Timeline, whole: TimeRange, media: Mapping[Path, MediaInfo]) -> tuple[SoundStretch, ...]:
    found = []
    for placed, clip, in_media in timeline.shown(whole, TrackKind.AUDIO):
        path = Path(clip.media.target_url) if clip.media else Path()
        if (info := media.get(path)) and info.sound:
            seconds = (placed.start_time.seconds, placed.end_time_exclusive.seconds, in_media.start_time.seconds)
            found.append(SoundStretch(seconds[0], seconds[1], path, seconds[2], clip.speed))
    return tuple(found)
