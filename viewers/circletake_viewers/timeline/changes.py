"""What of the lanes looks otherwise after the cut changed, so that only that is drawn again. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.scores import ScoreCurve
from circletake_viewers.state.shown import Clock, Cut, Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.lanes import Lane


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A stretch of a lane, in frames, that must be drawn again."""

    lane: Lane
    first: float = -math.inf
    last: float = math.inf


def spoiled(before: Cut, after: Cut) -> Iterator[Spoiled]:
    """All that the step from one cut to the next changed."""
    if _lies_otherwise(before, after):
        yield from (Spoiled(lane) for lane in Lane)
        return
    if before.legend != after.legend:
        yield Spoiled(Lane.CURVES)
    for old, new in zip(before.strips, after.strips, strict=True):
        if old is not new:
            yield from _in_strip(after.clock, old, new)


def _lies_otherwise(before: Cut, after: Cut) -> bool:
    return (
        before.clock != after.clock
        or before.frames != after.frames
        or len(before.strips) != len(after.strips)
        or any(_outline(old) != _outline(new) for old, new in zip(before.strips, after.strips, strict=True))
    )


def _outline(strip: Strip) -> tuple[object, ...]:
    place = strip.start, strip.end, strip.offset, strip.speed
    return *place, strip.name, strip.missing, strip.has_picture, strip.has_sound


def _in_strip(clock: Clock, old: Strip, new: Strip) -> Iterator[Spoiled]:
    """Where the measured part grew, every lane; besides, each from where its own numbers begin to differ."""

    def until_end(lane: Lane, seconds: float) -> Spoiled:
        first = strips.place(clock, new, seconds) if new.speed > 0 else float(new.start)
        return Spoiled(lane, first, new.end)

    until = sorted((strips.measured_until(clock, old), strips.measured_until(clock, new)))
    if until[0] != until[1]:
        # Where nothing was measured a word says so, in the middle of the whole clip.
        last = new.end if until[0] <= new.start else until[1]
        yield from (Spoiled(lane, until[0], last) for lane in (Lane.FILM, Lane.SOUND, Lane.CURVES))
    if (seconds := _sound_differs(old, new)) is not None:
        yield until_end(Lane.SOUND, seconds)
    if (seconds := _film_differs(old, new)) is not None:
        yield until_end(Lane.FILM, seconds)
    if (seconds := _curves_differ(old, new)) is not None:
        yield until_end(Lane.CURVES, seconds)


def _sound_differs(old: Strip, new: Strip) -> float | None:
    places = [_first_difference(old.pauses.ravel(), new.pauses.ravel())]
    if old.waveform is not new.waveform:
        if old.waveform is None or new.waveform is None:
            return -math.inf
        seconds = new.waveform.seconds / max(1, len(new.waveform.low))
        for known, fresh in ((old.waveform.low, new.waveform.low), (old.waveform.high, new.waveform.high)):
            index = _first_index(known, fresh)
            places.append(None if index is None else index * seconds)
    return min((each for each in places if each is not None), default=None)


def _film_differs(old: Strip, new: Strip) -> float | None:
    """Pictures that came, and cuts, since they part one picture's stretch from the next one's."""
    cut = _first_difference(old.cuts, new.cuts)
    if old.thumbnails is new.thumbnails or (old.thumbnails is None or new.thumbnails is None):
        return cut if old.thumbnails is new.thumbnails else -math.inf
    index = _first_index(old.thumbnails.seconds, new.thumbnails.seconds)
    if index is None:
        return cut
    # The picture before the first new one was shown for part of its way.
    fresh = float(new.thumbnails.seconds[index - 1]) if 0 < index <= len(new.thumbnails) else -math.inf
    return fresh if cut is None else min(fresh, cut)


def _curves_differ(old: Strip, new: Strip) -> float | None:
    places = [_first_difference(old.cuts, new.cuts)]
    if old.curves is not new.curves:
        if [each.name for each in old.curves] != [each.name for each in new.curves]:
            return -math.inf
        places += [_curve_differs(*pair) for pair in zip(old.curves, new.curves, strict=True)]
    return min((each for each in places if each is not None), default=None)


def _curve_differs(old: ScoreCurve, new: ScoreCurve) -> float | None:
    if old.grid.hop != new.grid.hop:
        return -math.inf
    index = _first_index(old.values, new.values)
    # The line to the first new value begins at the one before; that one reached to the end of its window.
    return None if index is None else (index - 1) * new.grid.hop_seconds


def _first_difference(old: NDArray[np.float64], new: NDArray[np.float64]) -> float | None:
    """The smallest value that is in one of two rising rows where they begin to differ, or None."""
    index = _first_index(old, new)
    return None if index is None else min(float(each[index]) for each in (old, new) if index < len(each))


def _first_index(old: NDArray[np.generic], new: NDArray[np.generic]) -> int | None:
    """Where two rows begin to differ, or None."""
    if old is new:
        return None
    both = min(len(old), len(new))
    if np.array_equal(old[:both], new[:both]):
        return None if len(old) == len(new) else both
    return int(np.argmax(old[:both] != new[:both]))
