"""The score as a filled line, its parts as thin ones, and the film's cuts behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from circletake.analysis.scores import ScoreCurve
from circletake_viewers import theme
from circletake_viewers.state.shown import Legend, Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.reduce import polyline
from circletake_viewers.timeline.scene import Scene, covered_rows, draw_covered, hatch, tag
from circletake_viewers.timeline.tiles import WIDTH, Sheet

ABOVE = 4
BELOW = 3
"""Pixels kept free above a score of 1 and below one of 0."""

FILL = 0.2
BEHIND = 0.85
"""How much the area and the thin lines cover what lies behind."""

THICK, THIN = 1.6, 1.2
"""Pixels the score's line and the others are wide."""

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
    if until <= strip.start and not strip.missing:
        tag(painter, rest, "not measured yet", seen.faint)
    _cuts(painter, sheet, scene, strip)
    if strip.start:
        painter.fillRect(QRectF(round(sheet.x(strip.start)), 0, 1, sheet.height), theme.color(seen.panel))
    # The score lies on top, whatever the order of the legend.
    for each in sorted(shown, key=lambda entry: entry.color is None):
        curve = next((curve for curve in strip.curves if curve.name == each.name), None)
        if curve is not None:
            _line(painter, sheet, scene, strip, curve, each.color)


def _line(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, curve: ScoreCurve, color: int | None) -> None:
    heights = _heights(sheet, scene, strip, curve)
    seen, width = theme.current(), (THICK if color is None else THIN) * sheet.ratio
    covered = line(heights, width, round(sheet.height * sheet.ratio))
    if color is None:
        middle = (heights[:-1] + heights[1:]) / 2
        area = covered_rows(middle, np.where(np.isnan(middle), np.nan, len(covered)), len(covered))
        covered = covered + (1 - covered) * np.nan_to_num(area) * FILL
    tint = seen.accent if color is None else seen.curves[color % len(seen.curves)]
    draw_covered(painter, 0, covered if color is None else covered * BEHIND, tint, sheet.ratio)


def line(heights: NDArray[np.float64], width: float, rows: int) -> NDArray[np.float32]:
    """How much a line covers of each device pixel (`rows`, W): it runs through `heights` (W + 1,) at their borders.

    Where a height is NaN there is no line.
    """
    top = np.minimum(heights[:-1], heights[1:]) - width / 2
    bottom = np.maximum(heights[:-1], heights[1:]) + width / 2
    return np.nan_to_num(covered_rows(top, bottom, rows))


def _heights(sheet: Sheet, scene: Scene, strip: Strip, curve: ScoreCurve) -> NDArray[np.float64]:
    """Device pixels from the top at which the curve crosses the border of each column; NaN where it is not."""
    first, last = (strips.media(scene.cut.clock, strip, each) for each in (sheet.first, sheet.last))
    seconds, values = polyline(curve, max(0.0, first), last, (last - first) / WIDTH)
    if not len(seconds):
        return np.full(round(WIDTH * sheet.ratio) + 1, np.nan)
    borders = np.linspace(first, last, round(WIDTH * sheet.ratio) + 1)
    levels = np.interp(borders, seconds, values, left=np.nan, right=np.nan)
    return (ABOVE + (1 - levels) * (sheet.height - ABOVE - BELOW)) * sheet.ratio


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
