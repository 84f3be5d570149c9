"""The slim bar under the timeline: the whole of it, the part that is seen, and where the marks lie."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.timeline.scale import PAD, Scale
from circletake_viewers.timeline.stack import STATES, Stack

HEIGHT = 14
BAR = 6
LEAST = 16.0
"""Pixels the seen part has at least, so that it can be held."""


class Overview(QWidget):
    """A scroll bar that shows what it scrolls over; empty while all is seen."""

    moved = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        """Nothing to scroll."""
        super().__init__(parent)
        self._scale = Scale()
        self._stack = Stack()
        self._marks: QPixmap | None = None
        self._grip: float | None = None
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Visible part of the timeline")
        self.setToolTip("Drag to move along; double-click to see all")

    def show_scale(self, scale: Scale) -> None:
        """Show which part is seen."""
        if (scale.frames, scale.width) != (self._scale.frames, self._scale.width):
            self._marks = None
        self._scale = scale
        self.update()

    def show_stack(self, stack: Stack) -> None:
        """Show where marks lie."""
        self._stack, self._marks = stack, None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The marks, and over them the part that is seen."""
        if self._scale.is_fitted or not self._scale.frames:
            return
        seen, painter = theme.current(), QPainter(self)
        if self._marks is None or self._marks.devicePixelRatio() != self.devicePixelRatioF():
            self._marks = self._drawn_marks()
        painter.drawPixmap(0, 0, self._marks)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_busy = self._grip is not None or self.underMouse()
        painter.setPen(theme.color(seen.muted if is_busy else seen.faint))
        painter.setBrush(theme.faded(seen.text, 0.22 if is_busy else 0.14))
        painter.drawRoundedRect(self._part().adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold the seen part, or bring it here first."""
        part, x = self._part(), event.position().x()
        self._grip = x - part.left() if part.left() <= x <= part.right() else part.width() / 2
        self._drag(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move along."""
        if self._grip is not None:
            self._drag(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        self.update()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """See all."""
        self.moved.emit(Scale.fitted(self._scale.frames, self._scale.width))

    def _drag(self, x: float) -> None:
        share = (x - (self._grip or 0.0) - PAD) / self._room()
        self.moved.emit(self._scale.panned(share * self._scale.total - self._scale.origin))

    def _room(self) -> float:
        return max(1.0, self.width() - 2 * PAD)

    def _part(self) -> QRectF:
        total = max(1.0, self._scale.total)
        left = max(0.0, self._scale.origin) / total
        right = min(total, self._scale.origin + self._scale.width) / total
        width = max(LEAST, (right - left) * self._room())
        return QRectF(min(PAD + left * self._room(), self.width() - PAD - width), 0, width, HEIGHT)

    def _drawn_marks(self) -> QPixmap:
        seen, ratio = theme.current(), self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        top = (HEIGHT - BAR) / 2
        painter.fillRect(QRectF(PAD, top, self._room(), BAR), theme.color(seen.ground))
        places = self._stack.starts / self._scale.frames * self._room() + PAD
        wide = np.maximum((self._stack.ends - self._stack.starts) / self._scale.frames * self._room(), 2.0)
        colors = {MarkState.REJECTED: seen.cut, MarkState.PROPOSED: seen.proposed, MarkState.KEPT: seen.kept}
        painter.setPen(Qt.PenStyle.NoPen)
        for state, color in colors.items():
            chosen = self._stack.states == STATES.index(state)
            pairs = np.unique(np.round(np.stack((places[chosen], wide[chosen]), axis=1)), axis=0)
            painter.setBrush(theme.color(color))
            painter.drawRects([QRectF(left, top, width, BAR) for left, width in pairs.tolist()])
        painter.end()
        return picture
