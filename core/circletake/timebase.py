"""Exact time: an integer count over an exact rate. A float second is only for people.

The words are OpenTimelineIO's (`RationalTime`, `TimeRange`, `start_time`, `duration`), but the rate is a
`Fraction`, so 30000/1001 is itself and a sum of a million frames is off by nothing. Drop frame is a way of
numbering frames, never a rate: a 30/1 recording may carry it, a 24000/1001 one may not.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Self

MAX_VALUE = 2**62
"""Largest count accepted: times must survive 64-bit containers with room to add two of them."""

MAX_RATE = 10**9
"""Largest rate accepted from outside: nanoseconds (Matroska) are the finest time base containers use."""

MAX_COMMON_RATE = 10**21
"""Largest rate a sum may need: the common rate of two outside ones, such as nanoseconds and 30000/1001."""

MIN_RATE = Fraction(1, 86400)
"""Smallest rate accepted from outside: a time lapse of one picture a day."""

NTSC_DENOMINATOR = 1001
"""NTSC rates are n * 1000 / 1001. Source: SMPTE ST 12-1."""

RATE_SNAP_DISTANCE = 2e-6
"""Frames a second within which a float means an NTSC rate: six decimals, as containers and OTIO files print them."""


MICROSECONDS = Fraction(1_000_000)
"""The rate for measured lengths: finer than any header is true."""


_RATE_TEXT = re.compile(r"\d{1,20}(\.\d{1,20})?|\d{1,20}/\d{1,20}")


class Rounding(Enum):
    """How a time that falls between two counts is placed."""

    NEAREST = "nearest"
    FLOOR = "floor"
    CEIL = "ceil"


def round_fraction(value: Fraction, rounding: Rounding = Rounding.NEAREST) -> int:
    """Round to an integer; halves go up, so that equal distances never depend on parity."""
    if rounding is Rounding.FLOOR:
        return math.floor(value)
    if rounding is Rounding.CEIL:
        return math.ceil(value)
    return math.floor(value + Fraction(1, 2))


def exact_rate(rate: float | str | Fraction) -> Fraction:
    """Turn any spelling of a frame rate into the exact fraction meant.

    `29.97`, `"29.97"`, `"30000/1001"` and `29.97002997` all become `30000/1001`; 25.0 becomes 25; an odd rate such
    as 23040000/767849 stays what it is.

    A float that is no such spelling means the simplest fraction it can stand for.

    Raises:
        ValueError: not a number, or not between `MIN_RATE` and `MAX_RATE`.
    """
    if isinstance(rate, str) and not _RATE_TEXT.fullmatch(rate.strip()):
        raise ValueError(f"{rate!r} is not a frame rate")  # an exponent could ask for a billion digits
    try:
        exact = Fraction(rate)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"{rate!r} is not a frame rate") from error
    if not MIN_RATE <= exact <= MAX_RATE:
        raise ValueError(f"a frame rate must lie between {MIN_RATE} and {MAX_RATE}, not {rate!r}")
    if exact.denominator in (1, NTSC_DENOMINATOR):
        return exact
    return _ntsc_meant(exact) or _simplest(exact, rate)


def _ntsc_meant(exact: Fraction) -> Fraction | None:
    """The NTSC rate that a number with two, three or six decimals stands for.

    Two or three decimals are believed only near multiples of 12 and 15: 24.98 is no PAL rate slowed down.
    """
    nominal = round(exact * NTSC_DENOMINATOR / 1000)
    candidate = Fraction(nominal * 1000, NTSC_DENOMINATOR)
    is_usual = nominal % 12 == 0 or nominal % 15 == 0
    spellings = (round(float(candidate), 2), round(float(candidate), 3)) if is_usual else ()
    spelled = any(abs(float(exact) - each) < 1e-9 for each in spellings)
    return candidate if nominal and (spelled or abs(exact - candidate) < RATE_SNAP_DISTANCE) else None


def _simplest(exact: Fraction, rate: float | str | Fraction) -> Fraction:
    """Of the fractions that print as the same float, one with few digits; anything but a float is itself."""
    if not isinstance(rate, float):
        return exact.limit_denominator(MAX_RATE) or exact
    tries = (exact.limit_denominator(10**digits) for digits in range(10))
    return next((each for each in tries if float(each) == rate), exact.limit_denominator(MAX_RATE))


def common_rate(first: Fraction, second: Fraction) -> Fraction:
    """Smallest rate at which counts of both rates are whole."""
    if first == second:
        return first
    return Fraction(
        math.lcm(first.numerator, second.numerator),
        math.gcd(first.denominator, second.denominator),
    )


@dataclass(frozen=True, slots=True, eq=False)
class RationalTime:
    """A moment or a length: `value` counts of 1/`rate` seconds.

    Equal when the seconds are equal, whatever the rate. Sums and differences are exact: operands of two rates meet
    at the smallest rate that holds both.
    """

    value: int
    rate: Fraction

    def __post_init__(self) -> None:
        """Refuse what no container can hold."""
        # In integers: comparing fractions would be the dearest part of making a time.
        if not 0 < self.rate.numerator <= MAX_COMMON_RATE * self.rate.denominator:
            raise ValueError(f"a rate must lie above 0 and up to {MAX_COMMON_RATE}, not {self.rate}")
        if abs(self.value) > MAX_VALUE:
            raise ValueError(f"time {self.value}/{self.rate} is beyond the largest a container can hold")

    @classmethod
    def zero(cls, rate: Fraction) -> Self:
        """The origin, counted at `rate`."""
        return cls(0, rate)

    @classmethod
    def from_seconds(cls, seconds: float | Fraction, rate: Fraction, rounding: Rounding = Rounding.NEAREST) -> Self:
        """The count nearest to `seconds` (or below, or above).

        Raises:
            ValueError: not finite, or too large.
        """
        try:
            exact = Fraction(seconds)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{seconds!r} is not a time in seconds") from error
        return cls(round_fraction(exact * rate, rounding), rate)

    @property
    def seconds(self) -> Fraction:
        """Exact seconds."""
        return self.value / self.rate

    def to_seconds(self) -> float:
        """Seconds for people."""
        return float(self.seconds)

    def rescaled_to(self, rate: Fraction, rounding: Rounding = Rounding.NEAREST) -> RationalTime:
        """The same moment counted at another rate; rounds when it falls between two counts."""
        if rate == self.rate:
            return self
        return RationalTime(round_fraction(self.seconds * rate, rounding), rate)

    def __add__(self, other: RationalTime) -> RationalTime:
        if self.rate is other.rate:  # nearly always: fractions cost twenty times an integer
            return RationalTime(self.value + other.value, self.rate)
        rate = common_rate(self.rate, other.rate)
        return RationalTime(int(self.value * (rate / self.rate)) + int(other.value * (rate / other.rate)), rate)

    def __sub__(self, other: RationalTime) -> RationalTime:
        return self + (-other)

    def __neg__(self) -> RationalTime:
        return RationalTime(-self.value, self.rate)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RationalTime):
            return NotImplemented
        if self.rate is other.rate:
            return self.value == other.value
        return self.seconds == other.seconds

    def __hash__(self) -> int:
        return hash(self.seconds)

    def __lt__(self, other: RationalTime) -> bool:
        if self.rate is other.rate:
            return self.value < other.value
        return self.seconds < other.seconds

    def __le__(self, other: RationalTime) -> bool:
        if self.rate is other.rate:
            return self.value <= other.value
        return self.seconds <= other.seconds

    def __gt__(self, other: RationalTime) -> bool:
        if self.rate is other.rate:
            return self.value > other.value
        return self.seconds > other.seconds

    def __ge__(self, other: RationalTime) -> bool:
        if self.rate is other.rate:
            return self.value >= other.value
        return self.seconds >= other.seconds


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of time: `start_time` is inside, the end is not. `duration` is never negative."""

    start_time: RationalTime
    duration: RationalTime

    def __post_init__(self) -> None:
        """Refuse a range that ends before it starts."""
        if self.duration.value < 0:
            raise ValueError(f"a range cannot last {float(self.duration.seconds):.3f} s")

    @classmethod
    def from_start_end(cls, start: RationalTime, end_exclusive: RationalTime) -> Self:
        """The range from `start` up to, not including, `end_exclusive`."""
        return cls(start, end_exclusive - start)

    @classmethod
    def from_seconds(cls, start: float | Fraction, end_exclusive: float | Fraction, rate: Fraction) -> Self:
        """The range between two moments, each placed on the nearest count of `rate`."""
        first = RationalTime.from_seconds(start, rate)
        return cls(first, RationalTime.from_seconds(end_exclusive, rate) - first)

    @property
    def end_time_exclusive(self) -> RationalTime:
        """The first moment after the range."""
        return self.start_time + self.duration

    def contains(self, time: RationalTime) -> bool:
        """Tell whether `time` is inside."""
        return self.start_time <= time < self.end_time_exclusive

    def covers(self, other: TimeRange) -> bool:
        """Tell whether all of `other` is inside."""
        return self.start_time <= other.start_time and other.end_time_exclusive <= self.end_time_exclusive

    def touches(self, other: TimeRange) -> bool:
        """Tell whether the two share a moment; a range without length is the moment it starts at."""
        if not other.duration.value:
            return self.contains(other.start_time)
        return self.start_time < other.end_time_exclusive and other.start_time < self.end_time_exclusive

    def intersection(self, other: TimeRange) -> TimeRange | None:
        """The part in both, or None where they do not share a moment."""
        start = max(self.start_time, other.start_time)
        end = min(self.end_time_exclusive, other.end_time_exclusive)
        return TimeRange.from_start_end(start, end) if start < end else None

    def rescaled_to(self, rate: Fraction) -> TimeRange:
        """Both ends placed on the nearest count of `rate`; neighbours that touched still touch."""
        if self.start_time.rate is rate is self.duration.rate:
            return self
        start = self.start_time.rescaled_to(rate)
        return TimeRange(start, self.end_time_exclusive.rescaled_to(rate) - start)

    def shifted(self, by: RationalTime) -> TimeRange:
        """The same length, moved."""
        return TimeRange(self.start_time + by, self.duration)


_TIMECODE = re.compile(r"(?P<sign>-?)(?P<h>\d{1,3}):(?P<m>\d\d):(?P<s>\d\d)(?P<mark>[:;.,])(?P<f>\d{2,3})")


def nominal_frames(rate: Fraction) -> int:
    """Frames a timecode second counts to: 30 for 30000/1001, 24 for 24000/1001."""
    return max(1, round_fraction(rate))


def may_drop_frames(rate: Fraction) -> bool:
    """Tell whether drop-frame numbering exists for `rate`: multiples of 30 only. Source: SMPTE ST 12-1."""
    return nominal_frames(rate) % 30 == 0 and nominal_frames(rate) <= 120


def _dropped_per_minute(rate: Fraction) -> int:
    return nominal_frames(rate) // 15


def to_timecode(time: RationalTime, rate: Fraction, *, drop_frame: bool = False) -> str:
    """`hh:mm:ss:ff`, or `hh:mm:ss;ff` with drop-frame numbering, of the frame nearest to `time`.

    Numbers 0 and 1 (0 to 3 at 60) of each minute are left out, except each tenth minute. Source: SMPTE ST 12-1.

    Raises:
        ValueError: drop frame asked for a rate that has none.
    """
    if drop_frame and not may_drop_frames(rate):
        raise ValueError(f"there is no drop-frame numbering at {float(rate):.3f} frames a second")
    frames = time.rescaled_to(rate).value
    sign, number = ("-" if frames < 0 else ""), abs(frames)
    nominal = nominal_frames(rate)
    if drop_frame:
        dropped = _dropped_per_minute(rate)
        per_minute = nominal * 60 - dropped
        tens, rest = divmod(number, per_minute * 10 + dropped)
        minutes_past = max(0, (rest - dropped) // per_minute)
        number += dropped * (9 * tens + minutes_past)
    seconds, frame = divmod(number, nominal)
    separator, width = (";" if drop_frame else ":"), len(str(nominal - 1))
    hours, minutes, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02d}:{minutes:02d}:{second:02d}{separator}{frame:0{max(2, width)}d}"


def from_timecode(text: str, rate: Fraction) -> RationalTime:
    """Read `hh:mm:ss:ff`; a `;` or `,` before the frames means drop-frame numbering.

    Raises:
        ValueError: not a timecode, a number out of range, or a number drop-frame leaves out.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a timecode such as 01:02:03:04")
    drop_frame = match["mark"] in ";,"
    hours, minutes, seconds, frame = (int(match[part]) for part in "hmsf")
    nominal = nominal_frames(rate)
    if minutes > 59 or seconds > 59 or frame >= nominal:
        raise ValueError(f"{text!r} has a part out of range at {nominal} frames a second")
    number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frame
    if drop_frame:
        if not may_drop_frames(rate):
            raise ValueError(f"{text!r} is drop-frame, which does not exist at {float(rate):.3f} frames a second")
        dropped = _dropped_per_minute(rate)
        if seconds == 0 and frame < dropped and minutes % 10:
            raise ValueError(f"{text!r} is a number that drop-frame counting leaves out")
        total_minutes = hours * 60 + minutes
        number -= dropped * (total_minutes - total_minutes // 10)
    return RationalTime(-number if match["sign"] else number, rate)


def format_clock(seconds: float | Fraction) -> str:
    """`1:02:03.4` or `2:03.4`: a time for people, in tenths."""
    tenths = round_fraction(Fraction(seconds) * 10)
    sign, tenths = ("-" if tenths < 0 else ""), abs(tenths)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02d}" if hours else f"{minutes}"
    prefix = f"{hours}:" if hours else ""
    return f"{sign}{prefix}{clock}:{rest // 10:02d}.{rest % 10}"
