"""The tracks' headers at the left edge: which track is which. A click folds them all into one thin row, and back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from circletake_viewers import theme
from circletake_viewers.timeline.lanes import BETWEEN, Row
from circletake_viewers.timeline.layers import Layers, band
from circletake_viewers.timeline.paint_tracks import WORDY
from circletake_viewers.timeline.scale import PAD
from circletake_viewers.timeline.scene import width_of

SIGN = 12
"""Pixels of the sign that stands for all headers where there is no room for each."""

MOST_NAMES = 12
"""Tracks that are named one by one when asked."""


def width(layers: Layers, lane: Row) -> float:
    """Pixels the headers take."""
    if not _has_words(layers, lane):
        return PAD - 1
    return max(PAD - 1, *(width_of(layer.row.label, _font()) + 2 for layer in layers.layers))


def area(layers: Layers, lane: Row) -> QRectF:
    """Where a click folds: all headers together, and a little around, for one folded row alone would be too thin."""
    wide = max(float(theme.TARGET), width(layers, lane))
    around = max(BETWEEN / 2, (theme.TARGET - lane.height) / 2)
    return QRectF(0, lane.top - around, wide, lane.height + 2 * around)


def draw(painter: QPainter, layers: Layers, lane: Row, *, folded: bool, pointed: bool) -> None:
    """Draw the headers over the lane, brighter while the mouse is there."""
    seen, wide = theme.current(), width(layers, lane)
    ink = seen.text if pointed else seen.muted
    ground = theme.color(seen.hover if pointed else seen.panel)
    if not _has_words(layers, lane):
        painter.fillRect(QRectF(0, lane.top, wide, lane.height), ground)
        sign = theme.pixmap("caret-right" if folded else "caret-down", SIGN, ink, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF((wide - SIGN) / 2, lane.top + max(0.0, (min(lane.height, 24) - SIGN) / 2)), sign)
        return
    painter.setFont(_font())
    painter.setPen(theme.color(ink))
    for number, layer in enumerate(layers.layers):
        top, size = band(number, len(layers.layers), lane.height)
        box = QRectF(0, lane.top + top, wide, size)
        painter.fillRect(box, ground)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, layer.row.label)


def words(layers: Layers, lane: Row, y: float, *, folded: bool) -> str:
    """What is said about the header under a pixel."""
    rows = [layer.row for layer in layers.layers]
    if folded:
        names = ", ".join(row.label for row in rows[:MOST_NAMES]) + (", …" if len(rows) > MOST_NAMES else "")
        return f"{len(rows)} track{'s' * (len(rows) != 1)}: {names}\nClick to unfold"
    row = rows[min(len(rows) - 1, max(0, int((y - lane.top) * len(rows) / lane.height)))]
    name = f" · {row.name}" if row.name and row.name != row.label else ""
    count = f"{len(row.bars):,} clip{'s' * (len(row.bars) != 1)}"
    return f"{row.label}{name} · {count}\nClick to fold the tracks"


def _has_words(layers: Layers, lane: Row) -> bool:
    return lane.height // len(layers.layers) - 2 >= WORDY


def _font() -> QFont:
    return theme.font(theme.SMALL)
