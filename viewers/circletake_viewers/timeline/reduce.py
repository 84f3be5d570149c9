"""Sound and curves as few numbers as there are pixels. Pure numpy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.scores import ScoreCurve
from circletake.media.waveform import Waveform

STEP = 16
"""Values of one floor of the pyramid that make one of the next."""

FLOORS = 3
"""Floors above the ground: 4096 peaks, 41 s of sound, are one value on the top one."""

Bytes = NDArray[np.int8]


class Peaks:
    """A waveform with ever coarser copies of itself, so that any zoom reads few values."""

    def __init__(self, waveform: Waveform, before: Peaks | None = None) -> None:
        """`before` are the peaks of a waveform that this one continues: what it has is not made again."""
        same = before if before and continues(before.waveform, waveform) else None
        self.waveform: Waveform = waveform
        self.low: list[Bytes] = _pyramid(waveform.low, np.minimum, same.low if same else [])
        self.high: list[Bytes] = _pyramid(waveform.high, np.maximum, same.high if same else [])

    def columns(self, start: float, step: float, count: int) -> tuple[Bytes, Bytes]:
        """Lowest and highest value (count,) of columns that are `step` peaks wide, the first beginning at `start`.

        Columns beyond the sound are 0.
        """
        floor = 0
        while floor < FLOORS and step / STEP ** (floor + 1) >= 2:
            floor += 1
        size = STEP**floor
        begins = np.floor((start + np.arange(count + 1) * step) / size).astype(np.int64)
        return _columns(self.low[floor], begins, np.minimum), _columns(self.high[floor], begins, np.maximum)


def continues(before: Waveform, after: Waveform) -> bool:
    """Tell whether a waveform begins with all of another one."""
    known = len(before.low)
    return (
        known <= len(after.low)
        and np.array_equal(after.low[:known], before.low)
        and np.array_equal(after.high[:known], before.high)
    )


def _columns(values: Bytes, begins: NDArray[np.int64], merge: np.ufunc) -> Bytes:
    inside = (begins[:-1] >= 0) & (begins[:-1] < len(values))
    made = np.zeros(len(begins) - 1, np.int8)
    if inside.any():
        starts = begins[:-1][inside]
        end = max(int(starts[-1]) + 1, min(int(begins[1:][inside][-1]), len(values)))
        made[inside] = merge.reduceat(values[:end], starts)
    return made


def _pyramid(values: Bytes, merge: np.ufunc, before: list[Bytes]) -> list[Bytes]:
    floors = [values]
    for number in range(1, FLOORS + 1):
        below = floors[-1]
        # The last value of a floor may stand for fewer than `STEP`: it is made again.
        kept = before[number][:-1] if before else below[:0]
        floors.append(np.concatenate((kept, _merged(below[len(kept) * STEP :], merge))))
    return floors


def _merged(values: Bytes, merge: Callable[[Bytes, Bytes], Bytes]) -> Bytes:
    """Each `STEP` values as one, halved again and again: that is several times faster than along a short axis."""
    if not len(values):
        return values
    padded = np.concatenate((values, np.repeat(values[-1:], -len(values) % STEP)))
    while len(padded) > -(-len(values) // STEP):
        padded = merge(padded[0::2], padded[1::2])
    return padded


Line = tuple[NDArray[np.float64], NDArray[np.float64]]


def polyline(curve: ScoreCurve, first: float, last: float, apart: float) -> Line:
    """Media seconds (N,) and values (N,) of a curve between two moments, `apart` seconds from point to point.

    Where several windows share a point the highest counts, so that no peak is lost from afar. Groups begin at the
    curve's own beginning, so neighbouring stretches meet; the ends reach to the borders of the outer windows.
    """
    hop, count = curve.grid.hop_seconds, len(curve.values)
    size = max(1, math.ceil(apart / hop))
    begin = max(0, int(first / hop) // size - 2) * size
    end = min(count, (int(last / hop) // size + 3) * size)
    if begin >= end:
        return np.empty(0), np.empty(0)
    starts = np.arange(begin, end, size)
    values = np.maximum.reduceat(curve.values[:end], starts).astype(np.float64)
    seconds = (starts + np.minimum(starts + size, count)) / 2 * hop
    if begin == 0:
        seconds, values = np.concatenate(([0.0], seconds)), np.concatenate((values[:1], values))
    if end == count:
        seconds, values = np.concatenate((seconds, [count * hop])), np.concatenate((values, values[-1:]))
    return seconds, values
