"""Which mark, and which part of it, lies under the mouse. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from circletake_viewers.state.shown import MarkRow
from circletake_viewers.timeline.lanes import Row
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.snapping import Part
from circletake_viewers.timeline.stack import APART, LEAST, Stack, row_of

GRIP = 6.0
"""Pixels either side of an edge by which it can be held. Source: the design's numbers."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A part of a mark."""

    row: MarkRow
    part: Part


def hit(stack: Stack, scale: Scale, lane: Row, selected: Container[str], x: float, y: float) -> Hit | None:
    """What lies under a pixel: marks it is inside of go first, then selected, then short ones."""
    found: list[tuple[tuple[float, bool, int], Hit]] = []
    for number in stack.between(scale.at(x - GRIP - LEAST), scale.at(x + GRIP)).tolist():
        top, size = row_of(stack, number, lane.height)
        if not lane.top + top - APART / 2 <= y < lane.top + top + size + APART / 2:
            continue
        row = stack.rows[number]
        left, right = scale.x(row.start), max(scale.x(row.end), scale.x(row.start) + LEAST)
        outside = max(left - x, x - right, 0.0)
        if outside <= GRIP:
            order = (outside, row.id not in selected, row.end - row.start)
            found.append((order, Hit(row, _part(left, right, x))))
    return min(found, key=lambda each: each[0])[1] if found else None


def _part(left: float, right: float, x: float) -> Part:
    """Inside, a short mark keeps half of its length for being moved."""
    inner = min(GRIP, (right - left) / 4)
    if x < left + inner:
        return Part.START
    return Part.END if x >= right - inner else Part.BODY
