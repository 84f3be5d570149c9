"""Hard cuts: a picture that differs at once, much more than its neighbours, and goes on differing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circletake.media.measures import LASTING_FRAMES, PictureMeasures

NEIGHBOURS = 6
"""Pictures either side whose change is what is usual here; a pan or a shaking camera raises it."""

LEAST_CHANGE = 0.08
"""Share of samples that must change bins: below it two shots look alike to an editor too."""

LEAST_MOTION = 5.0
"""Grey levels (0-255) by which the picture must change: fades of a still picture stay below."""

ABOVE_USUAL = 3.0
"""How many times the neighbours' change a cut must reach."""

CLEAR_CHANGE = 0.25
CLEAR_ABOVE_USUAL = 1.8
"""A change this large is a cut at less distance from its neighbours: out of an explosion, or into one."""

LASTING_SHARE = 0.5
"""Part of the change that must remain a few pictures later; a flash leaves none."""

SHORTEST_SHOT = 0.2
"""Seconds: cuts closer than this are one event, a flash or a strobe; the strongest stands for it."""


def find_cuts(measures: PictureMeasures) -> NDArray[np.float64]:
    """Media times in seconds of the first picture of each new shot, rising, float64 (C,)."""
    if len(measures) < 2:
        return np.empty(0, np.float64)
    strength = measures.change * measures.motion
    usual = _usual(strength)
    clear = (measures.change >= CLEAR_CHANGE) & (strength >= CLEAR_ABOVE_USUAL * usual)
    lasting = _lasting(measures.lasting)
    is_cut = (
        (measures.change >= LEAST_CHANGE)
        & (measures.motion >= LEAST_MOTION)
        & (clear | (strength >= ABOVE_USUAL * usual))
        & (lasting >= LASTING_SHARE * measures.change)
    )
    is_cut[0] = False
    return _apart(measures.seconds[is_cut], strength[is_cut])


def _lasting(lasting: NDArray[np.float32]) -> NDArray[np.float32]:
    """The least that any picture of the new shot differs from any of the old one, `LASTING_FRAMES` apart: (N,).

    A flash fails on the way in, being over soon, and on the way out, coming back to what was before.
    """
    padded = np.append(lasting, np.repeat(lasting[-1], LASTING_FRAMES - 1))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, LASTING_FRAMES).min(axis=1), np.float32)


def _usual(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest of the neighbours' second-largest values on either side: (N,).

    The largest itself may be another cut nearby; the second-largest is what motion does here.
    """
    padded = np.pad(strength, NEIGHBOURS, mode="constant")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)
    others = np.delete(around, NEIGHBOURS, axis=1)
    return np.partition(others, -2, axis=1)[:, -2]


def _apart(times: NDArray[np.float64], strength: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of times closer than `SHORTEST_SHOT`, the strongest."""
    kept: list[int] = []
    for number in range(len(times)):
        if kept and times[number] - times[kept[-1]] < SHORTEST_SHOT:
            if strength[number] > strength[kept[-1]]:
                kept[-1] = number
        else:
            kept.append(number)
    return times[kept]
