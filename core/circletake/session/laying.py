"""Between media time and timeline time: where clips show a stretch of their film, whatever speed they have. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from circletake.timebase import RationalTime, TimeRange, round_fraction
from circletake.timeline.model import Clip, Mark, Timeline, Track, TrackKind


@dataclass(frozen=True, slots=True)
class Laid:
    """A stretch of one film as it lies on a timeline of `rate`; all times in exact seconds.

    Timeline time from `start` up to `end` shows media time from `low` up to `high`, `speed` media seconds a second:
    backwards from `high` where that is negative, `low` alone where it is zero.
    """

    path: Path
    start: Fraction
    end: Fraction
    low: Fraction
    high: Fraction
    speed: Fraction
    rate: Fraction

    @classmethod
    def of(cls, path: Path, placed: TimeRange, in_media: TimeRange, speed: Fraction, rate: Fraction) -> Laid:
        """Where a clip of `speed` at `placed` shows `in_media` of its film."""
        first, last = placed.start_time.seconds, placed.end_time_exclusive.seconds
        return cls(path, first, last, in_media.start_time.seconds, in_media.end_time_exclusive.seconds, speed, rate)

    def follows(self, before: Laid) -> bool:
        """Tell whether nobody could see a cut between the two: the same film goes on at the same speed."""
        if (self.path, self.speed, self.start) != (before.path, before.speed, before.end):
            return False
        return self.low == before.high if self.speed > 0 else self.speed < 0 and self.high == before.low

    def joined(self, before: Laid) -> Laid:
        """Both as one stretch."""
        low, high = min(self.low, before.low), max(self.high, before.high)
        return Laid(self.path, before.start, self.end, low, high, self.speed, self.rate)

    def span(self, in_media: TimeRange) -> TimeRange | None:
        """The timeline frames that show any of a stretch of media; None where they do not make one, or it is held."""
        low = max(self.low, in_media.start_time.seconds)
        high = min(self.high, in_media.end_time_exclusive.seconds)
        if low >= high or not self.speed:
            return None
        first, last = sorted((self._seconds(low), self._seconds(high)))
        begin, end = round_fraction(first * self.rate), round_fraction(last * self.rate)
        return TimeRange(RationalTime(begin, self.rate), RationalTime(end - begin, self.rate)) if begin < end else None

    def moment(self, in_media: RationalTime) -> RationalTime | None:
        """The timeline frame at which a moment of media shows; None where it does not, or is held."""
        if not self.speed or not self.low <= in_media.seconds < self.high:
            return None
        place = self._seconds(in_media.seconds) * self.rate
        if self.speed < 0:  # a frame of the timeline begins with the end of its stretch of media
            return RationalTime(math.ceil(place) - 1, self.rate)
        last = math.ceil(self._seconds(self.high) * self.rate) - 1
        return RationalTime(min(round_fraction(place), last), self.rate)

    def in_media(self, moment: RationalTime) -> Fraction:
        """The media second that shows at a moment of the timeline."""
        passed = (moment.seconds - self.start) * self.speed
        return self.low + passed if self.speed >= 0 else self.high + passed

    def _seconds(self, in_media: Fraction) -> Fraction:
        from_start = in_media - (self.low if self.speed > 0 else self.high)
        return self.start + from_start / self.speed


def stretches(timeline: Timeline) -> Iterator[Laid]:
    """Where the timeline shows local files; a sound clip only where its file shows no picture.

    Neighbours on one track between which nobody could see a cut come as one.
    """
    seen: set[Path] = set()
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        found = [laid for track in timeline.tracks if track.kind is kind for laid in _joined(track, timeline.rate)]
        yield from (laid for laid in found if laid.path not in seen)
        seen |= {laid.path for laid in found}


def _joined(track: Track, rate: Fraction) -> Iterator[Laid]:
    before: Laid | None = None
    for placed, item in track.placed(rate):
        if not isinstance(item, Clip) or not item.media or not Path(item.media.target_url).is_absolute():
            continue
        laid = Laid.of(Path(item.media.target_url), placed, item.media_range, item.speed, rate)
        if before and laid.follows(before):
            before = laid.joined(before)
            continue
        if before:
            yield before
        before = laid
    if before:
        yield before


def laid_under(timeline: Timeline, mark: Mark) -> Laid | None:
    """The first stretch of a film that a mark shows, or None where it shows none."""
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        for placed, clip, in_media in timeline.shown(mark.range, kind):
            if clip.media:
                return Laid.of(Path(clip.media.target_url), placed, in_media, clip.speed, timeline.rate)
    return None
