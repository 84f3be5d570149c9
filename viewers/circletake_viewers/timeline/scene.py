"""What the lanes' painters draw from, and a few things that several of them draw."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetricsF, QPainter

from circletake_viewers import theme
from circletake_viewers.state.shown import Cut
from circletake_viewers.timeline.reduce import Peaks
from circletake_viewers.timeline.stack import Stack
from circletake_viewers.timeline.thumbs import Thumbs
from circletake_viewers.timeline.ticks import Units

RADIUS = 4.0


@dataclass(slots=True)
class Scene:
    """The present values. `peaks` belong to the cut's strips, in their order."""

    cut: Cut = field(default_factory=Cut)
    stack: Stack = field(default_factory=Stack)
    selected: frozenset[str] = frozenset()
    units: Units = Units.TIMECODE
    peaks: tuple[Peaks | None, ...] = ()
    thumbs: Thumbs = field(default_factory=Thumbs)


def hatch(painter: QPainter, box: QRectF, left: float, color: str, *, is_strong: bool = False) -> None:
    """Fill a box with slanted lines that meet those of the next tile; `left` is the tile's content pixel."""
    pattern = Qt.BrushStyle.BDiagPattern if is_strong else Qt.BrushStyle.Dense7Pattern
    painter.setBrushOrigin(QPointF(-(left % 8), 0))
    painter.fillRect(box, QBrush(theme.faded(color, 0.9 if is_strong else 0.5), pattern))


def tag(painter: QPainter, box: QRectF, text: str, color: str) -> None:
    """A small word in the middle of a box, where there is room for it."""
    painter.setFont(theme.font(theme.SMALL))
    if width_of(text, theme.font(theme.SMALL)) + 8 <= box.width():
        painter.setPen(theme.color(color))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def width_of(text: str, font: QFont) -> float:
    """Pixels a text is wide."""
    return QFontMetricsF(font).horizontalAdvance(text)
