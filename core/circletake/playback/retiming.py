"""Which frame of its film a clip shows that does not play at its film's own speed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, TimeRange

FINEST = Fraction(10**9)
"""Counts a second of the times handed out: finer than any container's, so that rounding never crosses a frame."""

SLIP = Fraction(1, 1000)
"""Share of a frame by which a place may miss a frame's start and still mean it: tools print speeds to a few digits."""


@dataclass(frozen=True, slots=True)
class Retiming:
    """A stretch at `speed` media seconds a second, from timeline second `start` on; all times in seconds.

    The media from `low` up to `high` are used: backwards from `high` where the speed is negative, `low` alone where it
    is zero. The film has `rate` frames a second, the first at `zero`; without `is_even` they last differently long.
    """

    speed: Fraction
    start: Fraction
    low: Fraction
    high: Fraction
    rate: Fraction
    zero: Fraction
    is_even: bool

    @classmethod
    def of(cls, placed: TimeRange, in_media: TimeRange, speed: Fraction, film: MediaInfo) -> Self:
        """The retiming of a clip that lies at `placed` and uses `in_media` of a film with a picture."""
        picture = film.picture
        return cls(
            speed,
            placed.start_time.seconds,
            in_media.start_time.seconds,
            in_media.end_time_exclusive.seconds,
            film.edit_rate,
            picture.start_time.seconds if picture else Fraction(0),
            is_even=not (picture and picture.variable_frame_rate),
        )

    def time(self, seconds: Fraction) -> RationalTime:
        """The media time of the frame shown at timeline `seconds`: always of one that is used.

        Forwards that is the frame that runs at that moment of media; backwards the one that ends there, so that a clip
        at -1 shows the very frames of one at 1.
        """
        passed = (seconds - self.start) * self.speed
        moment = self.low + passed if self.speed >= 0 else self.high + passed
        wanted = self._on_frame(moment) if self.is_even else self._within(moment)
        return RationalTime(math.ceil(wanted * FINEST), FINEST)

    def _on_frame(self, moment: Fraction) -> Fraction:
        place = (moment - self.zero) * self.rate
        number = math.floor(place + SLIP) if self.speed >= 0 else math.ceil(place - SLIP) - 1
        first = math.floor((self.low - self.zero) * self.rate + SLIP)
        last = max(first, math.ceil((self.high - self.zero) * self.rate - SLIP) - 1)
        return self.zero + min(max(number, first), last) / self.rate

    def _within(self, moment: Fraction) -> Fraction:
        """Where frames are uneven only the film's own index knows them; half a usual one keeps off what is not used."""
        half = 1 / (2 * self.rate)
        wanted = moment if self.speed >= 0 else moment - half
        return max(self.low, min(wanted, self.high - half))
