"""The lanes on the screen: tiles where they are drawn, stretched ones until then, so many milliseconds a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from circletake_viewers import theme
from circletake_viewers.timeline.lanes import Lane, Row
from circletake_viewers.timeline.paint_curves import paint_curves
from circletake_viewers.timeline.paint_film import paint_film
from circletake_viewers.timeline.paint_flags import paint_flags
from circletake_viewers.timeline.paint_marks import paint_marks
from circletake_viewers.timeline.paint_ruler import paint_ruler
from circletake_viewers.timeline.paint_sound import paint_sound
from circletake_viewers.timeline.paint_tracks import paint_tracks
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.scene import Scene
from circletake_viewers.timeline.tiles import WIDTH, Sheet, Tiles, seen

BUDGET = 0.004
"""Seconds a frame may spend on drawing tiles; the one begun is finished. 16 ms are a frame, and the rest needs some."""

PAINTERS: Mapping[Lane, Callable[[QPainter, Sheet, Scene], None]] = {
    Lane.RULER: paint_ruler,
    Lane.MARKS: paint_marks,
    Lane.FILM: paint_film,
    Lane.CURVES: paint_curves,
    Lane.SOUND: paint_sound,
    Lane.FLAGS: paint_flags,
    Lane.TRACKS: paint_tracks,
}


class Picture:
    """Paints the lanes. `made` counts tiles drawn."""

    def __init__(self, scene: Scene) -> None:
        """Draw from `scene`, which its owner changes."""
        self.scene = scene
        self.tiles = Tiles()
        self.made = 0
        self._turn = 0

    def paint(self, painter: QPainter, area: QRect, scale: Scale, rows: Mapping[Lane, Row], ratio: float) -> bool:
        """Paint the lanes inside of `area`; tells whether all of it is as it should be, or must be painted again."""
        missing: list[Sheet] = []
        for lane, row in rows.items():
            if area.top() < row.bottom and area.bottom() >= row.top:
                for number in seen(scale, area.left(), area.right() + 1):
                    sheet = Sheet(lane, scale.per_frame, number, row.height, ratio)
                    if not self._show(painter, sheet, scale, row):
                        missing.append(sheet)
        return self._make(painter, missing, scale, rows)

    def _show(self, painter: QPainter, sheet: Sheet, scale: Scale, row: Row) -> bool:
        """Paint what there is of a sheet, and tell whether that is the sheet itself as it now looks."""
        place = QPointF(sheet.left - scale.origin, row.top)
        if tile := self.tiles.get(sheet):
            painter.drawPixmap(place, tile.picture)
            return tile.fresh
        clip = QRectF(place.x(), row.top, WIDTH, row.height)
        for other, picture in self.tiles.stand_ins(sheet):
            target, source = _overlap(clip, other, scale, row)
            if target.width() > 0:
                painter.drawPixmap(target, picture, source)
        return False

    def _make(self, painter: QPainter, missing: list[Sheet], scale: Scale, rows: Mapping[Lane, Row]) -> bool:
        until = time.perf_counter() + BUDGET
        self._turn += 1
        for done, sheet in enumerate(sorted(missing, key=self._order)):
            if time.perf_counter() > until and done:
                return False
            picture = self.draw(sheet)
            self.tiles.put(sheet, picture)
            painter.drawPixmap(QPointF(sheet.left - scale.origin, rows[sheet.lane].top), picture)
        return True

    def _order(self, sheet: Sheet) -> tuple[int, int]:
        """Each lane goes first in turn, and from either side: while one zooms fast there is never time for all."""
        return (sheet.lane - self._turn) % len(Lane), sheet.number if self._turn % 2 else -sheet.number

    def draw(self, sheet: Sheet) -> QPixmap:
        """A sheet drawn anew."""
        self.made += 1
        picture = QPixmap(round(WIDTH * sheet.ratio), round(sheet.height * sheet.ratio))
        picture.setDevicePixelRatio(sheet.ratio)
        picture.fill(theme.color(theme.current().panel))
        painter = QPainter(picture)
        try:
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            PAINTERS[sheet.lane](painter, sheet, self.scene)
        finally:
            painter.end()  # a picture that is still painted on takes the process with it
        return picture


def _overlap(clip: QRectF, other: Sheet, scale: Scale, row: Row) -> tuple[QRectF, QRectF]:
    """Where a tile of another zoom is to be painted inside of `clip`, and which part of its picture, in its pixels."""
    stretch = scale.per_frame / other.per_frame
    left = other.left * stretch - scale.origin
    begin, end = max(clip.left(), left), min(clip.right(), left + WIDTH * stretch)
    target = QRectF(begin, row.top, end - begin, row.height)
    unit = other.ratio / stretch
    return target, QRectF((begin - left) * unit, 0, (end - begin) * unit, row.height * other.ratio)
