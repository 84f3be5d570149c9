"""Small parts of the inspector: a signal's bar, a time to go to, two buttons that give way to each other."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QStyle, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import plain_tip
from circletake_viewers.state.shown import Part

TITLE_WIDTH = 112
LEVEL_WIDTH, WEIGHT_WIDTH = 34, 42
BAR = 5
LEAST_BAR = 32


class PartRow(QAbstractButton):
    """One signal's share of a score; a click asks for its curve."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part: Part | None = None
        self.setFixedHeight(theme.TARGET)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def name(self) -> str:
        """The signal's name."""
        return self.part.name if self.part else ""

    def show_part(self, part: Part) -> None:
        """Show this share."""
        if part == self.part:
            return
        self.part = part
        weight = f"×{part.weight:.1f} is its weight in the score."
        self.setToolTip(plain_tip(f"{part.title}: {part.level} of 100. {weight}\nShow curve"))
        self.setAccessibleName(f"{part.title}, {part.level} of 100, weight in the score {part.weight:.1f}")
        self.update()

    def sizeHint(self) -> QSize:
        """As the drawing has it."""
        return QSize(284, theme.TARGET)

    def minimumSizeHint(self) -> QSize:
        """The title gives way first, then the bar."""
        return QSize(200, theme.TARGET)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Title, bar, level, weight."""
        if self.part is None:
            return
        t = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(theme.color(t.muted) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.faded(t.hover, 0.5))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        title = min(TITLE_WIDTH, self.width() - LEVEL_WIDTH - WEIGHT_WIDTH - LEAST_BAR)
        level = self.width() - WEIGHT_WIDTH - LEVEL_WIDTH
        body, bold = theme.font(theme.BODY), theme.font(theme.BODY, QFont.Weight.Medium)
        last = self._cell(level + LEVEL_WIDTH, WEIGHT_WIDTH - 2)
        self._text(painter, self._cell(0, title - 6), self.part.title, body, t.text)
        self._bar(painter, self._cell(title, level - title - 4), self.part)
        self._text(painter, self._cell(level, LEVEL_WIDTH), str(self.part.level), bold, t.text, at_end=True)
        self._text(painter, last, f"×{self.part.weight:.1f}", theme.font(theme.CAPTION), t.faint, at_end=True)
        painter.end()

    def _cell(self, left: int, width: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(left, 0, width, self.height()))

    def _text(self, painter: QPainter, cell: QRect, text: str, font: QFont, ink: str, *, at_end: bool = False) -> None:
        side = Qt.AlignmentFlag.AlignRight if at_end else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(theme.color(ink))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
        painter.drawText(cell, int(side | Qt.AlignmentFlag.AlignVCenter), shown)

    def _bar(self, painter: QPainter, cell: QRect, part: Part) -> None:
        t = theme.current()
        track = QRectF(cell.left(), cell.center().y() + 1 - BAR / 2, cell.width(), BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(t.line))
        painter.drawRoundedRect(track, BAR / 2, BAR / 2)
        full = track.width() * min(100, max(0, part.level)) / 100
        filled = QRectF(track.left(), track.top(), full, BAR)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            filled.moveRight(track.right())
        painter.setBrush(theme.color(t.curves[part.color % len(t.curves)]))
        painter.drawRoundedRect(filled, BAR / 2, BAR / 2)


class TimeLink(QAbstractButton):
    """A timecode that can be gone to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(theme.font(theme.BODY))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The text, high enough to hit."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, theme.TARGET)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """The text, underlined when pointed at."""
        t = theme.current()
        painter = QPainter(self)
        is_lit = self.underMouse() or self.hasFocus()
        painter.setFont(self.font())
        painter.setPen(theme.color(t.accent_text if is_lit else t.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.text())
        if is_lit:
            base = self.height() // 2 + self.fontMetrics().ascent() // 2 + 2
            painter.drawLine(0, base, self.width() - 2, base)
        painter.end()


class Pair(QWidget):
    """Two widgets side by side; one above the other where that is too narrow."""

    def __init__(self, first: QWidget, second: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = (first, second)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self._box.addWidget(first, 1)
        self._box.addWidget(second, 1)

    def arrange(self) -> None:
        """See how there is room for both."""
        needed = sum(part.minimumSizeHint().width() for part in self._parts) + self._box.spacing()
        direction = QBoxLayout.Direction
        wanted = direction.LeftToRight if needed <= self.width() else direction.TopToBottom
        if wanted != self._box.direction():
            self._box.setDirection(wanted)

    def minimumSizeHint(self) -> QSize:
        """One of them must fit."""
        widths = [part.minimumSizeHint().width() for part in self._parts]
        return QSize(max(widths), self._box.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See how there is room for both."""
        super().resizeEvent(event)
        self.arrange()
