"""The score as a filled line, its parts as thin ones, and the film's cuts behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from circletake.analysis.scores import ScoreCurve
from circletake_viewers import theme
from circletake_viewers.state.shown import Legend, Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.reduce import polyline
from circletake_viewers.timeline.scene import Scene, hatch
from circletake_viewers.timeline.tiles import WIDTH, Sheet

ABOVE = 4
BELOW = 3
"""Pixels kept free above a score of 1 and below one of 0."""

FILL = 0.2
THIN = 0.85
"""How much the area and the thin lines cover what lies behind."""

CROWDED = 5.0
"""Pixels between cuts below which their lines get fainter."""


def paint_curves(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of it."""
    shown = [each for each in scene.cut.legend if each.shown]
    for strip in strips.between(scene.cut, sheet.first, sheet.last):
        left, right = max(0.0, sheet.x(strip.start)), min(float(WIDTH), sheet.x(strip.end))
        if right > left:
            painter.save()
            painter.setClipRect(QRectF(left, 0, right - left, sheet.height))
            painter.fillRect(QRectF(left, 0, right - left, sheet.height), theme.color(theme.current().ground))
            _inside(painter, sheet, scene, strip, shown)
            painter.restore()


def _inside(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, shown: list[Legend]) -> None:
    seen = theme.current()
    until = strips.measured_until(scene.cut.clock, strip)
    rest = QRectF(sheet.x(until), 0, (strip.end - until) * sheet.per_frame, sheet.height)
    if rest.width() > 0:
        hatch(painter, rest, sheet.left, seen.cut, is_strong=strip.missing)
    _cuts(painter, sheet, scene, strip)
    if strip.start:
        painter.fillRect(QRectF(round(sheet.x(strip.start)), 0, 1, sheet.height), theme.color(seen.panel))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # The score lies on top, whatever the order of the legend.
    for each in sorted(shown, key=lambda entry: entry.color is None):
        curve = next((curve for curve in strip.curves if curve.name == each.name), None)
        if curve is not None:
            _line(painter, sheet, scene, strip, curve, each.color)


def _line(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, curve: ScoreCurve, color: int | None) -> None:
    points = _points(sheet, scene, strip, curve)
    if not points:
        return
    seen = theme.current()
    if color is None:
        area = QPolygonF([QPointF(points[0].x(), sheet.height), *points, QPointF(points[-1].x(), sheet.height)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.faded(seen.accent, FILL))
        painter.drawPolygon(area)
        painter.setPen(QPen(theme.color(seen.accent), 1.6))
    else:
        painter.setPen(QPen(theme.faded(seen.curves[color % len(seen.curves)], THIN), 1.2))
    painter.drawPolyline(QPolygonF(points))


def _points(sheet: Sheet, scene: Scene, strip: Strip, curve: ScoreCurve) -> list[QPointF]:
    clock = scene.cut.clock
    first, last = (strips.media(clock, strip, each) for each in (sheet.first, sheet.last))
    seconds, values = polyline(curve, max(0.0, first), last, (last - first) / WIDTH)
    x = (seconds - strip.offset) * float(clock.rate) * sheet.per_frame - sheet.left
    y = ABOVE + (1 - values) * (sheet.height - ABOVE - BELOW)
    return [QPointF(*each) for each in zip(x.tolist(), y.tolist(), strict=True)]


def _cuts(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip) -> None:
    pixels = cut_pixels(strip.cuts, *_across(sheet, scene, strip))
    if len(pixels):
        apart = WIDTH / len(pixels)
        painter.setPen(QPen(theme.faded(theme.current().cut, round(min(1.0, max(0.3, apart / CROWDED)), 1)), 1))
        for x in pixels.tolist():
            painter.drawLine(QPointF(x + 0.5, 0), QPointF(x + 0.5, sheet.height))


def _across(sheet: Sheet, scene: Scene, strip: Strip) -> tuple[float, float]:
    """Media second at the tile's left edge, and pixels a second."""
    return strips.media(scene.cut.clock, strip, sheet.first), float(scene.cut.clock.rate) * sheet.per_frame


def cut_pixels(cuts: NDArray[np.float64], first: float, per_second: float) -> NDArray[np.float64]:
    """The pixels of a tile on which a cut lies, each once."""
    begin, end = np.searchsorted(cuts, (first, first + WIDTH / per_second))
    return np.unique(np.round((cuts[begin:end] - first) * per_second))
