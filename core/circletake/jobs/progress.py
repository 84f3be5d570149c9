"""How far, how fast, how long: progress thinned to what an eye can follow, and the time left."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Seconds that only go forward, such as `time.monotonic`."""

MAX_A_SECOND = 30
"""Progress events a second a job; more than a screen shows is waste. Source: docs/architecture.md, a job's journey."""

SMOOTHING_SECONDS = 8.0
"""Time over which the rate forgets: long enough for a slow frame, short enough for a change of scene."""

MEANINGFUL_AFTER = 1.0
"""Seconds of work before a time left is told; a guess from less jumps about."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` (0: not known); `seconds_left` None until it can be told."""

    done: float
    total: float
    seconds_left: float | None


class TimeLeft:
    """Seconds left, from a rate smoothed over the last seconds.

    An exponential mean weighted by time, divided by the weight seen so far, so that the first seconds count fully.
    Source: the bias correction of Kingma and Ba, Adam, 2015, section 3, with a step that varies.
    """

    def __init__(self) -> None:
        self._restart(0.0, math.inf, 0.0)

    def _restart(self, now: float, done: float, total: float) -> None:
        self._began, self._seen, self._done, self._total = now, now, done, total
        self._rate = self._weight = 0.0

    def observe(self, now: float, done: float, total: float) -> float | None:
        """Seconds left at time `now`, or None while they cannot be told; work that begins again is timed again."""
        if done < self._done or total != self._total:
            self._restart(now, done, total)
        elif now > self._seen:
            self._smooth(now, done)
        if total <= 0 or now - self._began < MEANINGFUL_AFTER or self._rate <= 0:
            return None
        return max(0.0, total - done) * self._weight / self._rate

    def _smooth(self, now: float, done: float) -> None:
        keep = math.exp(-(now - self._seen) / SMOOTHING_SECONDS)
        rate = (done - self._done) / (now - self._seen)
        self._rate = keep * self._rate + (1 - keep) * rate
        self._weight = keep * self._weight + (1 - keep)
        self._seen, self._done = now, done


class ProgressThinner:
    """Lets through what is due and holds the rest; the last one is never lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = TimeLeft()
        self._told = -math.inf
        self._held: Progress | None = None

    def offer(self, done: float, total: float) -> None:
        """Note how far the work is.

        Raises:
            ValueError: not a number.
        """
        if not (math.isfinite(done) and math.isfinite(total)):
            raise ValueError(f"{done} of {total} is no progress")
        total = max(0.0, total)
        done = min(max(0.0, done), total) if total else max(0.0, done)
        self._held = Progress(done, total, self._left.observe(self._clock(), done, total))

    def due(self) -> Progress | None:
        """What should be told now, or None: nothing new, or too soon after the last."""
        now = self._clock()
        if self._held is None or now - self._told < 1 / MAX_A_SECOND:
            return None
        self._told = now
        return self.last()

    def last(self) -> Progress | None:
        """What was held back, due or not."""
        held, self._held = self._held, None
        return held
