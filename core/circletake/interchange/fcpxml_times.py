"""Times of FCPXML: exact fractions of a second, and how a clip's own time runs against what it shows."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from circletake.timebase import NTSC_DENOMINATOR, RationalTime, nominal_frames, round_fraction

MAX_SECONDS = 10**9
"""Longest time read: thirty years."""

FLICKS = Fraction(705_600_000)
"""Counts a second that hold a frame of every usual rate and a sample of every usual sound.

Source: Facebook (C. Horvath), "Flicks", 2018.
"""

FINEST = 10**4
"""Most parts of a frame that a time in a medium is split into to stay exact; flicks hold the rest."""

FINEST_SPEED = 10**6
"""Largest denominator of a speed: with the finest times it stays within what a time can count."""

NEAR_FRAME = Fraction(1, 1000)
"""Part of a frame within which a time is meant to lie on it: files round their fractions."""

LARGEST_DENOMINATOR = 2**31 - 1
"""Final Cut reads 32 bits below the line. Source: the remark on times in Apple's document type."""

CONFORMED_NEAR = Fraction(1, 16)
"""Relative distance up to which media are played frame for frame: 25 in 23.98, not 30 in 25."""

_TIME = re.compile(r"(-?\d{1,19})(?:/(\d{1,10})|(\.\d{1,12}))?s?")


def seconds_of(text: str) -> Fraction:
    """Seconds of `1001/30000s`, `5s` or `1.5s`.

    Raises:
        ValueError: no such time, or beyond `MAX_SECONDS`.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None or (match[2] and not int(match[2])):
        raise ValueError(f"{text[:40]!r} is not a time such as 1001/30000s")
    seconds = Fraction(match[1] + match[3]) if match[3] else Fraction(int(match[1]), int(match[2] or 1))
    if abs(seconds) > MAX_SECONDS:
        raise ValueError(f"{text[:40]} is longer than thirty years")
    return seconds


def text_of(seconds: Fraction) -> str:
    """Seconds as FCPXML has them; what does not fit is rounded to flicks."""
    if seconds.denominator > LARGEST_DENOMINATOR:
        seconds = Fraction(round_fraction(seconds * FLICKS)) / FLICKS
    return f"{seconds.numerator}s" if seconds.denominator == 1 else f"{seconds.numerator}/{seconds.denominator}s"


def in_media(seconds: Fraction, *rates: Fraction) -> RationalTime:
    """A time counted at the first of `rates` that holds it, else at a fine part of that, else in flicks."""
    for rate in rates:
        if (seconds * rate).denominator == 1:
            return RationalTime(int(seconds * rate), rate)
    frames = seconds * rates[0]
    if frames.denominator <= FINEST:
        return RationalTime(frames.numerator, rates[0] * frames.denominator)
    return RationalTime(round_fraction(seconds * FLICKS), FLICKS)


def on_frame(seconds: Fraction, rate: Fraction) -> RationalTime:
    """The nearest frame."""
    return RationalTime(round_fraction(seconds * rate), rate)


def edge(seconds: Fraction, rate: Fraction) -> RationalTime:
    """The frame where it means one, else the nearest flick."""
    frames = seconds * rate
    near = round_fraction(frames)
    if abs(frames - near) <= NEAR_FRAME:
        return RationalTime(near, rate)
    return RationalTime(round_fraction(seconds * FLICKS), FLICKS)


def conformed(own: Fraction, timeline: Fraction) -> Fraction:
    """Media seconds that pass in a second of a timeline to whose rate media of rate `own` are conformed.

    Media of a near rate play frame for frame; 23.98 and 47.95 play at 24 and 48 in any other timeline. Other rates
    keep their speed, but for the thousandth between 29.97 and 30. Source: times of markers shown by Final Cut Pro
    beside its own exports at 23.98, 24, 30, 50, 59.94 and 60, in the tests of orchetect/swift-fcpxml.
    """
    if abs(timeline / own - 1) <= CONFORMED_NEAR:
        return timeline / own
    if own.denominator == NTSC_DENOMINATOR and nominal_frames(own) % 24 == 0:
        return nominal_frames(own) / own
    for ratio in (timeline / own, own / timeline):
        whole = round_fraction(ratio)
        if whole and abs(ratio / whole - 1) < Fraction(1, 500):
            return ratio / whole if ratio == timeline / own else whole / ratio
    return Fraction(1)


@dataclass(frozen=True, slots=True)
class TimeMap:
    """A clip's own time against the time of what it shows, through `points` (own, shown) in the order of own time."""

    points: tuple[tuple[Fraction, Fraction], ...]

    def at(self, own: Fraction) -> Fraction:
        """What is shown at `own`; beyond the ends it goes on as it did."""
        if len(self.points) < 2:
            return own - self.points[0][0] + self.points[0][1] if self.points else own
        index = min(max(bisect_right(self.points, own, key=_own), 1), len(self.points) - 1)
        (time, value), (later, end) = self.points[index - 1 : index + 1]
        return value + (own - time) * (end - value) / (later - time)

    def is_even(self, start: Fraction, end: Fraction) -> bool:
        """Tell whether the speed is the same all through `start` to `end`."""
        slopes = {
            (after - before) / (later - time)
            for (time, before), (later, after) in pairwise(self.points)
            if time < end and later > start
        }
        return len(slopes) <= 1


def _own(point: tuple[Fraction, Fraction]) -> Fraction:
    return point[0]


UNCHANGED = TimeMap(())
