"""A clip's media seconds as timeline frames. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from circletake_viewers.state.shown import Clock, Cut, Strip


def place(clock: Clock, strip: Strip, seconds: float) -> float:
    """Where a media second lies on the timeline, in frames; may lie outside of the clip."""
    return (seconds - strip.offset) * float(clock.rate)


def media(clock: Clock, strip: Strip, frame: float) -> float:
    """The media second at a place on the timeline."""
    return frame / float(clock.rate) + strip.offset


def to_frames(clock: Clock, strip: Strip, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The frames nearest to rising media seconds (N,), those inside of the clip or at its ends."""
    ends = media(clock, strip, strip.start - 1), media(clock, strip, strip.end + 1)
    begin, end = np.searchsorted(seconds, ends)
    frames = np.floor((seconds[begin:end] - strip.offset) * float(clock.rate) + 0.5).astype(np.int64)
    return frames[(frames >= strip.start) & (frames <= strip.end)]


def measured_until(clock: Clock, strip: Strip) -> float:
    """The place up to which a clip was measured, in frames; its end where less than a frame is missing."""
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
