"""The marks as arrays: which of them are seen, and in which row each lies. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from circletake.timeline.model import MarkState
from circletake_viewers.state.shown import MarkRow

DEEPEST = 3
"""Rows that overlapping marks part into; what overlaps still more shares a row."""

LEAST = 2.0
"""Pixels a mark has at least, so that none is invisible."""

APART = 2
"""Pixels between rows of overlapping marks."""

STATES = tuple(MarkState)
NUMBERS = {state: number for number, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Marks by start. Arrays are (N,): `starts`, `ends` (exclusive) and `reach`, the latest end so far, int64 frames.

    Marks that overlap lie in one of `depths` rows; `levels` says in which, 0 at the top. `states` counts in `STATES`.
    """

    rows: tuple[MarkRow, ...] = ()
    starts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)
    ends: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)
    reach: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)
    levels: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8), repr=False)
    depths: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8), repr=False)
    states: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8), repr=False)
    index: dict[str, int] = field(default_factory=dict, repr=False)

    def between(self, first: float, last: float) -> NDArray[np.intp]:
        """Numbers of the marks that share a moment with a range of places."""
        begin = int(np.searchsorted(self.reach, first, "right"))
        end = int(np.searchsorted(self.starts, last, "left"))
        return begin + np.flatnonzero(self.ends[begin:end] > first)

    def find(self, mark_id: str) -> MarkRow | None:
        """The mark of a name, or None."""
        number = self.index.get(mark_id)
        return None if number is None else self.rows[number]

    def lies_like(self, other: Stack) -> bool:
        """Tell whether the marks of both cover the same ranges."""
        return np.array_equal(self.starts, other.starts) and np.array_equal(self.ends, other.ends)


def row_at(level: int, depth: int, height: float) -> tuple[float, float]:
    """Top and height of one of `depth` rows in a lane of a height."""
    size = (height - (depth - 1) * APART) / depth
    return level * (size + APART), size


def row_of(stack: Stack, number: int, height: float) -> tuple[float, float]:
    """Top and height of a mark within its lane."""
    return row_at(int(stack.levels[number]), int(stack.depths[number]), height)


def stacked(rows: tuple[MarkRow, ...], before: Stack) -> Stack:
    """Marks by start as a stack; places are taken from `before` where they are the same."""
    starts = np.array([row.start for row in rows], np.int64)
    ends = np.array([row.end for row in rows], np.int64)
    states = np.array([NUMBERS[row.state] for row in rows], np.int8)
    index = {row.id: number for number, row in enumerate(rows)}
    made = Stack(rows, starts, ends, before.reach, before.levels, before.depths, states, index)
    if made.lies_like(before):
        return made
    levels, depths = _places(starts.tolist(), ends.tolist())
    reach = np.maximum.accumulate(ends) if len(ends) else ends
    return replace(made, reach=reach, levels=np.array(levels, np.int8), depths=np.array(depths, np.int8))


def _places(starts: list[int], ends: list[int]) -> tuple[list[int], list[int]]:
    """Rows for ranges by start: each group that hangs together has as many as it needs, at most `DEEPEST`."""
    levels, depths = [0] * len(starts), [1] * len(starts)
    begun, until, busy = 0, -1, list[int]()
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start >= until:
            depths[begun:number] = [len(busy)] * (number - begun)
            begun, busy = number, []
        levels[number] = _placed(busy, start, end)
        until = max(until, end)
    depths[begun:] = [len(busy)] * (len(starts) - begun)
    return levels, depths


def _placed(busy: list[int], start: int, end: int) -> int:
    """The highest row that is free, or a new one, or where there may be no more the one that is free first."""
    for level, until in enumerate(busy):
        if until <= start:
            busy[level] = end
            return level
    if len(busy) < DEEPEST:
        busy.append(end)
        return len(busy) - 1
    level = busy.index(min(busy))
    busy[level] = max(busy[level], end)
    return level
