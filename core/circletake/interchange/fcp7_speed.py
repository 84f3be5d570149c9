"""How a retimed clip of Final Cut Pro 7 XML plays its medium.

A clip's `in` and `out` count frames of the clip as retimed: at 200 %, frame 100 of it is frame 200 of the medium; a
clip that plays backwards begins with the medium's last frame. Source: Apple, "Final Cut Pro XML Interchange Format",
and the graph that Premiere writes beside the speed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction

from circletake.interchange.fcp7_values import TICKS, number_of, says, text_of
from circletake.interchange.xml import Element
from circletake.timeline.report import Report

FASTEST = 1000
"""Speed beyond which a filter is not believed: 100 000 %, where Premiere ends."""

_PERCENT = re.compile(r"[-+]?\d{1,9}(\.\d{1,15})?")
_FINEST = (10_000, 1_000_000)
_SAME = Fraction(1, 10**9)
_SAME_SPEED = Fraction(1, 10**12)


@dataclass(frozen=True, slots=True)
class Warp:
    """How media time follows clip time, both in seconds.

    `whole` is the length of the medium, from whose end a clip that plays backwards counts. `graph` holds corners
    (clip time, media time) where the speed changes.
    """

    speed: Fraction = Fraction(1)
    whole: Fraction = Fraction(0)
    graph: tuple[tuple[Fraction, Fraction], ...] = ()

    def media(self, time: Fraction) -> Fraction:
        """The moment of media at a moment of the clip."""
        if self.graph:
            return _between(self.graph, time)
        return time * self.speed if self.speed >= 0 else self.whole + time * self.speed

    def flattened(self, start: Fraction, end: Fraction) -> tuple[Warp, bool]:
        """The same with one speed from `start` to `end`, and whether that changes what is seen."""
        if not self.graph or end <= start:
            return self, False
        first, last = self.media(start), self.media(end)
        speed = _snapped((last - first) / (end - start))
        bends = any(abs(first + (at - start) * speed - value) > _SAME for at, value in self.graph if start < at < end)
        return Warp(speed, last - end * speed if speed < 0 else Fraction(0), self.graph), bends


def warp_of(item: Element, rate: Fraction, whole: Fraction, report: Report) -> Warp:
    """How an item plays its medium of `whole` seconds; its frames count at `rate`."""
    offset = number_of(item, "stillframeoffset", report)
    if offset is not None and says(item, "stillframe", "TRUE"):
        return _held(offset / rate)
    for effect in item.iterfind("filter/effect"):
        if text_of(effect, "effectid").lower() == "timeremap":
            return _remapped(effect, rate, whole, report)
    return Warp()


def _held(moment: Fraction) -> Warp:
    return Warp(Fraction(0), graph=((Fraction(0), moment),))


def _remapped(effect: Element, rate: Fraction, whole: Fraction, report: Report) -> Warp:
    values = {text_of(each, "parameterid").lower(): each for each in effect.iterfind("parameter")}
    graph = values.get("graphdict")
    varies = "variablespeed" in values and text_of(values["variablespeed"], "value") not in ("", "0", "FALSE")
    if varies and graph is not None:
        corners = {
            (number_of(key, "when", report) or Fraction(0)) / rate: (number_of(key, "value", report) or Fraction(0))
            / rate
            for key in graph.iterfind("keyframe")
        }
        if corners:
            return Warp(graph=tuple(sorted(corners.items())))
    text = text_of(values["speed"], "value") if "speed" in values else "100"
    speed = _snapped(Fraction(text) / 100) if _PERCENT.fullmatch(text) else Fraction(1)
    if abs(speed) > FASTEST:
        report.note("a speed beyond 100 000 % is shown as normal speed")
        return Warp()
    if "reverse" in values and says(values["reverse"], "value", "TRUE"):
        speed = -abs(speed)
    return Warp(speed, whole)


def _snapped(speed: Fraction) -> Fraction:
    """The plain fraction that a percentage with some decimals stands for, never one too fine to count with."""
    tries = [speed.limit_denominator(most) for most in _FINEST]
    return next((plain for plain in tries if abs(plain - speed) < _SAME_SPEED), tries[-1])


def _between(graph: tuple[tuple[Fraction, Fraction], ...], time: Fraction) -> Fraction:
    """A straight line between corners, level before the first and after the last."""
    place = bisect_right(graph, time, key=lambda corner: corner[0])
    if place in (0, len(graph)):
        return graph[min(place, len(graph) - 1)][1]
    (start, first), (end, last) = graph[place - 1 : place + 1]
    return first + (last - first) * (time - start) / (end - start)


def finer_in(item: Element, frames: int, rate: Fraction) -> Fraction:
    """Seconds of clip time at which an item begins: its `in`, finer where Premiere's ticks agree with it."""
    text = text_of(item, "pproTicksIn")
    coarse = frames / rate
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return coarse
    fine = Fraction(int(text), TICKS)
    return fine if abs(fine - coarse) * rate <= Fraction(1, 2) else coarse
