"""What other tools pointed out: a pennant for the timeline's own, a diamond for a clip's, a bar for a stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from circletake_viewers import theme
from circletake_viewers.state.shown import Flag
from circletake_viewers.timeline.scene import Scene
from circletake_viewers.timeline.tiles import WIDTH, Sheet

APART = 3
"""Pixels between two flags at least: of those that are nearer to each other one stands for all."""

PENNANT = ((1.0, 1.0), (9.0, 1.0), (6.5, 4.0), (9.0, 7.0), (1.0, 7.0))
DIAMOND = ((0.5, 0.5), (4.5, 4.5), (0.5, 8.5), (-3.5, 4.5))
"""Corners, in pixels from the flag's pole and from the top."""

REACH = 10.0
"""Pixels a flag takes beside its pole."""

BAR = 3
"""Pixels a stretch's bar is high, at the foot."""


def paint_flags(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of them."""
    layers, around = scene.layers, REACH / sheet.per_frame
    numbers = layers.flags_between(sheet.first - around, sheet.last + around)
    lefts = np.round(layers.starts[numbers] * sheet.per_frame - sheet.left)
    rights = np.round(layers.ends[numbers] * sheet.per_frame - sheet.left)
    flags = layers.tracks.flags
    _stretches(painter, sheet, flags, numbers, lefts, rights)
    # Counted from the timeline's beginning, so that neighbouring tiles choose the same ones.
    _, chosen = np.unique((lefts + sheet.left) // APART, return_index=True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for place in chosen.tolist():
        _flag(painter, sheet, flags[int(numbers[place])], float(lefts[place]))


def tint(flag: Flag) -> str:
    """A flag's own colour as far as it can be seen here, else the theme's."""
    seen = theme.current()
    return theme.told_apart(flag.color, seen.panel, seen.text) if flag.color else seen.muted


def _stretches(
    painter: QPainter,
    sheet: Sheet,
    flags: tuple[Flag, ...],
    numbers: NDArray[np.intp],
    lefts: NDArray[np.float64],
    rights: NDArray[np.float64],
) -> None:
    """Bars of those that last; the one that began last lies on top. Those that would look alike are drawn once."""
    ends = np.clip(np.stack((lefts, rights), axis=1), 0, WIDTH).astype(np.intp)
    shown = {
        (left, right, tint(flags[number])): None
        for number, (left, right) in zip(numbers.tolist(), ends.tolist(), strict=True)
        if right > left
    }
    for left, right, color in shown:
        painter.fillRect(QRectF(left, sheet.height - BAR - 1, right - left, BAR), theme.color(color))


def _flag(painter: QPainter, sheet: Sheet, flag: Flag, x: float) -> None:
    color = theme.color(tint(flag))
    if not flag.on_clip:
        painter.fillRect(QRectF(x, 1, 1, sheet.height - 2), color)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([QPointF(x + dx, dy) for dx, dy in (DIAMOND if flag.on_clip else PENNANT)]))
