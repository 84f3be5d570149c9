"""A clip's media seconds as timeline frames. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from circletake_viewers.state.shown import Clock, Cut, Strip


def place(clock: Clock, strip: Strip, seconds: float) -> float:
    """Where a media second lies on the timeline, in frames; may lie outside of the clip.

    All that a clip holds which holds a frame lies at its start.
    """
    return (seconds - strip.offset) / strip.speed * float(clock.rate) if strip.speed else float(strip.start)


def places(clock: Clock, strip: Strip, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for many media seconds at once, of a clip that does not hold a frame."""
    return (seconds - strip.offset) * (float(clock.rate) / strip.speed)


def media(clock: Clock, strip: Strip, frame: float) -> float:
    """The media second at a place on the timeline."""
    return frame / float(clock.rate) * strip.speed + strip.offset


def between_places(clock: Clock, strip: Strip, first: float, last: float) -> tuple[float, float]:
    """The media seconds between two places on the timeline, the earlier first."""
    ends = media(clock, strip, first), media(clock, strip, last)
    return min(ends), max(ends)


def to_frames(clock: Clock, strip: Strip, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The frames nearest to rising media seconds (N,), those inside of the clip or at its ends; rising too."""
    if not strip.speed:
        return np.empty(0, np.int64)
    begin, end = np.searchsorted(seconds, between_places(clock, strip, strip.start - 1, strip.end + 1))
    frames = np.floor(places(clock, strip, seconds[begin:end]) + 0.5).astype(np.int64)
    inside = frames[(frames >= strip.start) & (frames <= strip.end)]
    return inside if strip.speed > 0 else inside[::-1]


def measured_until(clock: Clock, strip: Strip) -> float:
    """The place up to which a clip was measured, in frames; its end where less than a frame is missing.

    Measuring goes forwards through a film, so a clip that plays backwards or holds a frame is measured wholly or not.
    """
    if strip.speed <= 0:
        latest = media(clock, strip, strip.start) - abs(strip.speed) / float(clock.rate)
        return float(strip.end if strip.measured > latest and strip.measured > 0 else strip.start)
    until = place(clock, strip, strip.measured)
    return float(strip.end) if until > strip.end - 1 else min(max(until, strip.start), strip.end)


def span(cut: Cut, first: float, last: float) -> range:
    """Numbers of the clips that lie between two places in frames."""
    begin = bisect_right(cut.strips, first, key=attrgetter("end"))
    return range(begin, bisect_left(cut.strips, last, key=attrgetter("start")))


def between(cut: Cut, first: float, last: float) -> tuple[Strip, ...]:
    """The clips that lie between two places in frames."""
    numbers = span(cut, first, last)
    return cut.strips[numbers.start : numbers.stop]
