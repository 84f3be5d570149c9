"""The ruler: labelled ticks, and shorter ones between them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from circletake_viewers import theme
from circletake_viewers.timeline.scale import PAD
from circletake_viewers.timeline.scene import Scene, width_of
from circletake_viewers.timeline.ticks import ticks
from circletake_viewers.timeline.tiles import WIDTH, Sheet

LONG, SHORT = 11, 4
"""Heights of ticks in pixels."""


def paint_ruler(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of it."""
    seen = theme.current()
    foot = sheet.height - 1
    end = min(float(WIDTH), sheet.x(scene.cut.frames))
    painter.fillRect(QRectF(0, foot, end, 1), theme.color(seen.line))
    painter.setFont(theme.font(theme.SMALL))
    last = min(sheet.last, scene.cut.frames)
    for tick in ticks(scene.cut.clock, scene.units, sheet.per_frame, sheet.first, last):
        x = round(sheet.x(tick.frame)) + 0.5
        painter.setPen(theme.color(seen.cut))
        painter.drawLine(QPointF(x, foot - (LONG if tick.label else SHORT)), QPointF(x, foot - 1))
        if tick.label and x + width_of(tick.label, theme.font(theme.SMALL)) <= sheet.x(scene.cut.frames) + PAD - 6:
            painter.setPen(theme.color(seen.muted))
            painter.drawText(QRectF(x + 4, 0, 200, foot), Qt.AlignmentFlag.AlignVCenter, tick.label)
