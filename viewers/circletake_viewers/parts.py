"""Small parts that several views share: key caps, captions, icon buttons, lines, text that gives way."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from circletake_viewers import theme


def label(text: str = "", look: str = "", parent: QWidget | None = None) -> QLabel:
    """A label that looks as the style sheet says of `look`; its text is never read as markup."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        made.setProperty("look", look)
    return made


def key_cap(keys: str, parent: QWidget | None = None) -> QLabel:
    """A key as printed on a keyboard; `keys` is Qt's portable text, such as `Ctrl+K`."""
    return label(native(keys), "key", parent)


def native(keys: str) -> str:
    """Keys as this system writes them."""
    arrows = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "Return": "↵"}
    return arrows.get(keys) or QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def icon_button(icon: str, tip: str, parent: QWidget | None = None, *, size: int = theme.ICON) -> QToolButton:
    """A flat button that shows an icon; `tip` is also its name for screen readers."""
    made = QToolButton(parent)
    made.setProperty("look", "flat")
    made.setIcon(theme.icon(icon, theme.current().muted))
    made.setIconSize(QSize(size, size))
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setFixedSize(max(theme.TARGET, size + 12), max(theme.TARGET, size + 12))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def button(text: str, look: str = "", icon: str = "", parent: QWidget | None = None) -> QPushButton:
    """A push button; `look` is `main`, `danger`, `link`, `chip` or nothing."""
    made = QPushButton(text, parent)
    if look:
        made.setProperty("look", look)
    if icon:
        t = theme.current()
        made.setIcon(theme.icon(icon, t.on_accent if look == "main" else t.text))
        made.setIconSize(QSize(theme.SMALL_ICON, theme.SMALL_ICON))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def line(parent: QWidget | None = None) -> QFrame:
    """A separator, one pixel high."""
    made = QFrame(parent)
    made.setObjectName("line")
    made.setFixedHeight(1)
    return made


def row(*parts: QWidget | None, gap: int = 8) -> QHBoxLayout:
    """Widgets side by side; None stands for the space that stretches."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(gap)
    for part in parts:
        if part is None:
            made.addStretch(1)
        else:
            made.addWidget(part)
    return made


class Elided(QLabel):
    """A line of text that gives way with an ellipsis; the whole text is its tool tip then."""

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if look:
            self.setProperty("look", look)

    def minimumSizeHint(self) -> QSize:
        """As narrow as an ellipsis."""
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether the text still fits."""
        super().resizeEvent(event)
        fits = self.fontMetrics().horizontalAdvance(self.text()) <= self.width()
        self.setToolTip("" if fits else self.text())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
