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
        frame = counting.frame(number * step)
        if frame >= 0:
            yield Tick(frame, counting.label(number * step) if number % counting.parts == 0 else "")
        number += 1


class _Timecode:
    """Counts timecode numbers: with drop frame some of them are left out, and the timeline may begin late."""

    def __init__(self, clock: Clock, per_frame: float) -> None:
        self.clock = clock
        self.nominal = nominal_frames(clock.rate)
        self.first = clock.first.rescaled_to(clock.rate).value if clock.first else 0
        few = [each for each in FRAMES if each < self.nominal]
        steps = (*few, *(each * self.nominal for each in SECONDS))
        self.step = next((each for each in steps if each * per_frame >= APART), steps[-1])
        self.parts = _parts(self.step, per_frame, self.nominal)

    def number(self, frame: float) -> float:
        """Of a frame; at most a second's worth too small where numbers are left out, which only draws more."""
        return frame + self.first

    def frame(self, number: float) -> float:
        count = round(number)
        if not self.clock.drop_frame or count < 0:
            return count - self.first
        dropped = self.nominal // 15
        minutes = count // (60 * self.nominal)
        begun = minutes * 60 * self.nominal
        left_out = dropped * (minutes - minutes // 10)
        is_full = minutes % 10 == 0 or count - begun >= dropped
        return (count if is_full else begun + dropped) - left_out - self.first

    def label(self, number: float) -> str:
        text = self.clock.timecode(round(self.frame(number)))
        return text if self.step < self.nominal else text[: text.rfind(";" if self.clock.drop_frame else ":")]


class _Seconds:
    """Counts tenths of a second from the timeline's beginning."""

    def __init__(self, clock: Clock, per_frame: float) -> None:
        self.rate = float(clock.rate)
        steps = (1, 2, 5, *(each * 10 for each in SECONDS))
        per_tenth = per_frame * self.rate / 10
        self.step = next((each for each in steps if each * per_tenth >= APART), steps[-1])
        self.parts = _parts(self.step, per_tenth, 10)

    def number(self, frame: float) -> float:
        return frame / self.rate * 10

    def frame(self, number: float) -> float:
        return number * self.rate / 10

    def label(self, number: float) -> str:
        return f"{number / 10:.0f} s" if self.step >= 10 else f"{number / 10:.1f} s"


def _parts(step: int, size: float, second: int) -> int:
    """Into how many ticks a step is parted: whole counts, whole seconds where the step is longer than one."""
    unit = second if step > second else 1
    return next((each for each in PARTS if step % (each * unit) == 0 and step * size / each >= MINOR_APART), 1)
