"""Where an editor would cut: on a shot cut or in a pause, never in the middle of a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from circletake.timebase import TimeRange

REACH = 2.5
"""Seconds an end may be moved to a cut or pause."""

SPEECH_REACH = 8.0
"""Seconds an end may be moved to get out of speech: about one sentence."""

LEAD_IN = 0.1
"""Seconds kept before the first word."""

LEAD_OUT = 0.2
"""Seconds kept after the last word, for its breath."""

OFF_CUT = 0.4
"""Cost of an edge that lies in a pause but on no cut, against 1.0 for moving it by `REACH`."""

PLAIN_COST = 1.2
"""Cost of leaving an edge where it is: moved to a cut or pause whenever one is in reach."""

IN_SPEECH_COST = 50.0
"""Cost of an edge inside speech: taken only where speech never pauses in reach."""

FLICKER = 0.45
"""Seconds: an edge this close to a cut shows a flash of the other shot, so it goes onto the cut."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The room for a stretch and the lengths it may have, in seconds."""

    low: float
    high: float
    shortest: float
    longest: float


@dataclass(frozen=True, slots=True)
class _Edge:
    seconds: float
    cost: float


class Edges:
    """All cuts and pauses of a film."""

    def __init__(self, cuts: NDArray[np.float64], speech: Sequence[TimeRange]) -> None:
        """`cuts` float64 (C,) rising seconds; `speech` spans in order, not touching."""
        self._cuts = cuts
        self._starts = np.array([span.start_time.to_seconds() for span in speech])
        self._ends = np.array([span.end_time_exclusive.to_seconds() for span in speech])

    def in_speech(self, seconds: float) -> bool:
        """Tell whether somebody speaks at a moment; the very ends of a span are outside it."""
        span = int(np.searchsorted(self._starts, seconds, side="left")) - 1
        return span >= 0 and seconds < float(self._ends[span])

    def place(self, start: float, end: float, limits: Limits) -> tuple[float, float] | None:
        """The best pair of edges near a rough stretch, inside `limits`; None where nothing fits.

        Of all pairs the cheapest is taken, the earliest of equals.
        """
        starts = self._candidates(start, limits, self._word_starts(start))
        ends = self._candidates(end, limits, self._word_ends(end))
        slack = 1e-6
        fitting = [
            (first.cost + last.cost, first.seconds, last.seconds)
            for first, last in product(starts, ends)
            if limits.shortest - slack <= last.seconds - first.seconds <= limits.longest + slack
        ]
        if not fitting:
            return self._pressed(start, end, limits)
        _, first_second, last_second = min(fitting)
        return first_second, last_second

    def _candidates(self, seconds: float, limits: Limits, words: list[float]) -> list[_Edge]:
        wanted = min(max(seconds, limits.low), limits.high)
        near = self._cuts[(self._cuts >= seconds - REACH) & (self._cuts <= seconds + REACH)]
        edges = [_Edge(float(cut), self._cost(float(cut), seconds, 0.0)) for cut in near]
        edges += [_Edge(word, self._cost(word, seconds, OFF_CUT)) for word in words]
        edges += [
            _Edge(bound, self._cost(bound, seconds, 0.0))
            for bound in (limits.low, limits.high)
            if abs(bound - seconds) <= REACH
        ]
        edges.append(_Edge(wanted, self._cost(wanted, seconds, PLAIN_COST)))
        return [edge for edge in edges if limits.low <= edge.seconds <= limits.high]

    def _cost(self, seconds: float, wanted: float, kind: float) -> float:
        speech = IN_SPEECH_COST if self.in_speech(seconds) else 0.0
        distance = float(np.min(np.abs(self._cuts - seconds))) if len(self._cuts) else np.inf
        flicker = 0.5 if 1e-6 < distance < FLICKER else 0.0
        return abs(seconds - wanted) / REACH + kind + speech + flicker

    def _word_starts(self, seconds: float) -> list[float]:
        """Just before the words that begin around a moment, never inside the words before."""
        near = np.flatnonzero(np.abs(self._starts - seconds) <= SPEECH_REACH)
        return [max(float(self._starts[i]) - LEAD_IN, float(self._ends[i - 1]) if i else 0.0) for i in near]

    def _word_ends(self, seconds: float) -> list[float]:
        """Just after the words that end around a moment, never inside the words after."""
        near = np.flatnonzero(np.abs(self._ends - seconds) <= SPEECH_REACH)
        after = [float(self._starts[i + 1]) if i + 1 < len(self._starts) else np.inf for i in near]
        return [min(float(self._ends[i]) + LEAD_OUT, bound) for i, bound in zip(near, after, strict=True)]

    @staticmethod
    def _pressed(start: float, end: float, limits: Limits) -> tuple[float, float] | None:
        """The rough stretch moved and cut into its room; None where the room is too short."""
        length = min(max(end - start, limits.shortest), limits.longest, limits.high - limits.low)
        if length < limits.shortest - 1e-6:
            return None
        first = min(max(start, limits.low), limits.high - length)
        return first, first + length
