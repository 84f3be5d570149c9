"""The score as a filled line, its parts as thin ones, and the film's cuts behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from circletake.analysis.scores import ScoreCurve
from circletake_viewers import theme
from circletake_viewers.state.shown import Cut, Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.reduce import polyline
from circletake_viewers.timeline.scene import Scene, covered_rows, draw_covered, hatch, tag, within
from circletake_viewers.timeline.tiles import WIDTH, Sheet

ABOVE = 4
BELOW = 3
"""Pixels kept free above a score of 1 and below one of 0."""

FILL = 0.2
BEHIND = 0.85
"""How much the area and the thin lines cover what lies behind."""

THICK, THIN = 1.6, 1.2
"""Pixels the score's line and the others are wide."""

NARROW = 3.0
"""Pixels below which a clip shows its highest level alone."""

Heights = NDArray[np.float64]

CROWDED = 5.0
FAINTEST = 0.3
"""Pixels between cuts below which their lines get fainter, and how faint they may get."""


def paint_curves(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of it."""
    across = strips.between(scene.cut, sheet.first, sheet.last)
    for strip in across:
        left, right = max(0.0, sheet.x(strip.start)), min(float(WIDTH), sheet.x(strip.end))
        painter.fillRect(QRectF(left, 0, right - left, sheet.height), theme.color(theme.current().ground))
        if (strip.end - strip.start) * sheet.per_frame >= NARROW:
            _behind(painter, sheet, scene, strip)
    _cuts(painter, sheet, scene.cut, across)
    # The score lies on top, whatever the order of the legend.
    for entry in sorted((each for each in scene.cut.legend if each.shown), key=lambda each: each.color is None):
        ends = _ends(sheet, scene, across, entry.name)
        if ends is not None:
            _line(painter, sheet, *ends, entry.color)


def _behind(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip) -> None:
    """What is not measured yet, and where the clip begins."""
    seen = theme.current()
    until = strips.measured_until(scene.cut.clock, strip)
    rest = QRectF(sheet.x(until), 0, (strip.end - until) * sheet.per_frame, sheet.height)
    if rest.width() > 0:
        hatch(painter, within(rest, WIDTH), sheet.left, seen.cut, is_strong=strip.missing)
    if until <= strip.start and strip.path is not None and not strip.missing:
        tag(painter, rest, "not measured yet", seen.faint)
    if strip.start:
        painter.fillRect(QRectF(round(sheet.x(strip.start)), 0, 1, sheet.height), theme.color(seen.panel))


def _line(painter: QPainter, sheet: Sheet, lefts: Heights, rights: Heights, color: int | None) -> None:
    seen, rows = theme.current(), round(sheet.height * sheet.ratio)
    covered = line(lefts, rights, (THICK if color is None else THIN) * sheet.ratio, rows)
    if color is None:
        middle = (lefts + rights) / 2
        area = covered_rows(middle, np.full_like(middle, rows), rows)
        area *= FILL
        draw_covered(painter, 0, np.maximum(covered, area, out=area), seen.accent, sheet.ratio)
    else:
        covered *= BEHIND
        draw_covered(painter, 0, covered, seen.curves[color % len(seen.curves)], sheet.ratio)


def line(lefts: Heights, rights: Heights, width: float, rows: int) -> NDArray[np.float32]:
    """How much a line covers of each device pixel (`rows`, W): through each column from its left height to its right.

    Where a height is NaN there is no line.
    """
    top, bottom = np.minimum(lefts, rights) - width / 2, np.maximum(lefts, rights) + width / 2
    return covered_rows(top, bottom, rows)


def _ends(sheet: Sheet, scene: Scene, across: tuple[Strip, ...], name: str) -> tuple[Heights, Heights] | None:
    """Device pixels from the top at which a curve enters and leaves each column (W,); NaN where it is not."""
    columns = round(WIDTH * sheet.ratio)
    levels = np.full((2, columns), np.nan)
    for strip in across:
        curve = next((each for each in strip.curves if each.name == name), None)
        known = strip.start, strips.measured_until(scene.cut.clock, strip)
        begin, end = (min(max(0, round(sheet.x(at) * sheet.ratio)), columns) for at in known)
        if curve is not None and begin < end:
            first, last = (
                strips.media(scene.cut.clock, strip, sheet.first + at / sheet.ratio / sheet.per_frame)
                for at in (begin, end)
            )
            levels[:, begin:end] = _levels(curve, first, last, end - begin, sheet.ratio)
    if np.isnan(levels).all():
        return None
    lefts, rights = (ABOVE + (1 - levels) * (sheet.height - ABOVE - BELOW)) * sheet.ratio
    return lefts, rights


def _levels(curve: ScoreCurve, first: float, last: float, columns: int, ratio: float) -> Heights:
    """A curve's level at the left and the right of each column between two media seconds (2, columns).

    The first is the later one where the clip plays backwards.
    """
    if first > last:
        return _levels(curve, last, first, columns, ratio)[::-1, ::-1]
    first = max(0.0, first)
    if columns < NARROW:
        return np.full((2, columns), _highest(curve, first, last))
    seconds, values = polyline(curve, first, last, (last - first) / columns * ratio)
    if not len(seconds):
        return np.full((2, columns), np.nan)
    borders = np.interp(np.linspace(first, last, columns + 1), seconds, values, left=np.nan, right=np.nan)
    return np.stack((borders[:-1], borders[1:]))


def _highest(curve: ScoreCurve, first: float, last: float) -> float:
    begin = int(first / curve.grid.hop_seconds)
    values = curve.values[begin : max(begin + 1, int(last / curve.grid.hop_seconds))]
    return float(values.max()) if len(values) else np.nan


def _cuts(painter: QPainter, sheet: Sheet, cut: Cut, across: tuple[Strip, ...]) -> None:
    """A line for each shot's beginning: one picture, since Qt takes 40 microseconds for each line."""
    pixels = [cut_pixels(sheet, cut, strip) for strip in across if len(strip.cuts)]
    found = np.unique(np.concatenate(pixels)) if pixels else np.empty(0, np.intp)
    found = found[(found >= 0) & (found < WIDTH)]
    if len(found):
        columns = np.zeros((1, WIDTH), np.float32)
        columns[0, found] = min(1.0, max(FAINTEST, WIDTH / len(found) / CROWDED))
        painter.save()
        painter.scale(1, sheet.height)
        draw_covered(painter, 0, columns, theme.current().cut, 1.0)
        painter.restore()


def cut_pixels(sheet: Sheet, cut: Cut, strip: Strip) -> NDArray[np.intp]:
    """The pixels of a tile on which one of a clip's shots begins."""
    if not strip.speed:
        return np.empty(0, np.intp)
    ends = max(sheet.first, strip.start), min(sheet.last, strip.end)
    begin, end = np.searchsorted(strip.cuts, strips.between_places(cut.clock, strip, *ends))
    places = strips.places(cut.clock, strip, strip.cuts[begin:end])
    return np.round(places * sheet.per_frame - sheet.left).astype(np.intp)
