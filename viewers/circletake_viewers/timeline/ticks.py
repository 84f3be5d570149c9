"""What the ruler says: round times that are far enough apart to be read. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from circletake.timebase import nominal_frames
from circletake_viewers.state.shown import Clock

APART = 96.0
"""Pixels between two labels at least."""

MINOR_APART = 6.0
"""Pixels between two ticks at least."""

SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
FRAMES = (1, 2, 5, 10, 15)
PARTS = (10, 6, 5, 4, 3, 2)
"""Into how many a labelled step may be parted, the most first."""


class Units(StrEnum):
    """How the ruler counts."""

    TIMECODE = "timecode"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the ruler at `frame`; without a label it is a short one."""

    frame: float
    label: str = ""


def ticks(clock: Clock, units: Units, per_frame: float, first: float, last: float) -> Iterator[Tick]:
    """Those between two places in frames, `per_frame` pixels a frame; one more at the left, whose label reaches in."""
    counting = _Seconds(clock, per_frame) if units is Units.SECONDS else _Timecode(clock, per_frame)
    step = counting.step / counting.parts
    number = math.floor((counting.number(first) - counting.step) / step)
    until = counting.number(last)
    while number * step <= until:
        is_labelled = number % counting.parts == 0
        frame = counting.frame(number * step)
        if frame is not None and frame >= 0:
            yield Tick(frame, counting.label(number * step) if is_labelled else "")
        number += 1


class _Timecode:
    """Counts timecode numbers: with drop frame some of them are left out, and the timeline may begin late."""

    def __init__(self, clock: Clock, per_frame: float) -> None:
        self.clock = clock
        self.nominal = nominal_frames(clock.rate)
        self.dropped = self.nominal // 15 if clock.drop_frame else 0
        self.first = clock.first.rescaled_to(clock.rate).value if clock.first else 0
        few = [each for each in FRAMES if each < self.nominal]
        steps = (*few, *(each * self.nominal for each in SECONDS))
        self.step = next((each for each in steps if each * per_frame >= APART), steps[-1])
        self.parts = _parts(self.step, per_frame, self.nominal)

    def number(self, frame: float) -> float:
        """The number a frame has: more than frames passed, where numbers are left out. Source: SMPTE ST 12-1."""
        passed = frame + self.first
        if not self.dropped or passed < 0:
            return passed
        per_minute = 60 * self.nominal - self.dropped
        tens, rest = divmod(passed, per_minute * 10 + self.dropped)
        return passed + self.dropped * (9 * tens + max(0, (rest - self.dropped) // per_minute))

    def frame(self, number: float) -> float | None:
        """The frame that has a number.

        One that is left out has none; but a label of whole seconds then stands at the first frame after it.
        """
        count = round(number)
        if not self.dropped or count < 0:
            return count - self.first
        minutes, rest = divmod(count, 60 * self.nominal)
        if minutes % 10 and rest < self.dropped:
            if count % self.step or self.step < self.nominal:
                return None
            count += self.dropped - rest
        return count - self.dropped * (minutes - minutes // 10) - self.first

    def label(self, number: float) -> str:
        """Timecode; without frames where only whole seconds are labelled."""
        text = self.clock.timecode(round(self.frame(number) or 0))
        return text if self.step < self.nominal else text[: text.rfind(";" if self.dropped else ":")]


class _Seconds:
    """Counts tenths of a second from the timeline's beginning."""

    def __init__(self, clock: Clock, per_frame: float) -> None:
        self.rate = float(clock.rate)
        steps = (1, 2, 5, *(each * 10 for each in SECONDS))
        per_tenth = per_frame * self.rate / 10
        self.step = next((each for each in steps if each * per_tenth >= APART), steps[-1])
        self.parts = _parts(self.step, per_tenth, 10)

    def number(self, frame: float) -> float:
        """Tenths of a second at a place."""
        return frame / self.rate * 10

    def frame(self, number: float) -> float | None:
        """The place of a number of tenths."""
        return number * self.rate / 10

    def label(self, number: float) -> str:
        """Seconds; with tenths where they are labelled."""
        return f"{number / 10:.0f} s" if self.step >= 10 else f"{number / 10:.1f} s"


def _parts(step: int, size: float, second: int) -> int:
    """Into how many ticks a step is parted: whole counts, whole seconds where the step is longer than one."""
    unit = second if step > second else 1
    return next((each for each in PARTS if step % (each * unit) == 0 and step * size / each >= MINOR_APART), 1)
