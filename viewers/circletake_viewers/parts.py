"""Small parts that several views share: key caps, captions, icon buttons, lines, text that gives way."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from circletake_viewers import theme

LONGEST_TIP = 1000
"""Letters of a tool tip; names may be longer than a screen."""


def label(text: str = "", look: str = "", parent: QWidget | None = None) -> QLabel:
    """A label that looks as the style sheet says of `look`; its text is never read as markup."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        made.setProperty("look", look)
    return made


def plain_tip(text: str) -> str:
    """A tool tip that shows `text` as it stands: names from files may look like markup, which Qt would follow."""
    text = text if len(text) <= LONGEST_TIP else f"{text[: LONGEST_TIP - 1]}…"
    return f'<span style="white-space: pre-wrap">{escape(text)}</span>' if GuiQt.mightBeRichText(text) else text


def menu_text(text: str) -> str:
    """A menu's caption that shows `text` as it stands: no letter of it is a shortcut, nothing after a tab a key."""
    return " ".join(text.split()).replace("&", "&&")


def key_cap(keys: str, parent: QWidget | None = None) -> QLabel:
    """A key as printed on a keyboard; `keys` is Qt's portable text, such as `Ctrl+K`."""
    return label(native(keys), "key", parent)


def native(keys: str) -> str:
    """Keys as this system writes them."""
    arrows = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "Return": "↵"}
    return arrows.get(keys) or QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


if TYPE_CHECKING:
    AnyButton = QAbstractButton
else:
    AnyButton = object  # Qt lets a class have but one base of its own


class Pressed(AnyButton):
    """A button that Space presses once Tab reached it; the window's shortcut would have the key otherwise."""

    def event(self, event: QEvent) -> bool:
        """Take Space while it has the focus."""
        claimed = event.type() == QEvent.Type.ShortcutOverride and self.hasFocus()
        if not (claimed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space):
            return super().event(event)
        event.accept()
        return True


class Tinted(Pressed):
    """A button whose icon is tinted anew when the theme changes."""

    _icon = ""

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        if self._icon:
            self.setIcon(theme.icon(self._icon, self._ink()))

    def _ink(self) -> str:
        return theme.current().muted


class IconButton(Tinted, QToolButton):
    """A flat button that shows an icon."""

    def __init__(self, icon: str, tip: str, parent: QWidget | None = None, *, size: int = theme.ICON) -> None:
        super().__init__(parent)
        self.setProperty("look", "flat")
        self.setIconSize(QSize(size, size))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFixedSize(max(theme.TARGET, size + 12), max(theme.TARGET, size + 12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_icon(icon)


def icon_button(icon: str, tip: str, parent: QWidget | None = None, *, size: int = theme.ICON) -> IconButton:
    """A flat button that shows an icon; `tip` is also its name for screen readers."""
    return IconButton(icon, tip, parent, size=size)


class Button(Tinted, QPushButton):
    """A push button, with an icon before its words or none."""

    def __init__(self, text: str, look: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        if look:
            self.setProperty("look", look)
        self.setIconSize(QSize(theme.SMALL_ICON, theme.SMALL_ICON))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_icon(icon)

    def _ink(self) -> str:
        t = theme.current()
        return t.on_accent if self.property("look") == "main" else t.text


def button(text: str, look: str = "", icon: str = "", parent: QWidget | None = None) -> Button:
    """A push button; `look` is `main`, `danger`, `link`, `chip` or nothing."""
    return Button(text, look, icon, parent)


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


class KeyButton(Pressed, QPushButton):
    """A button with the key that does the same printed at its right."""

    def __init__(
        self, text: str, keys: str = "", look: str = "", icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._keys = native(keys)
        self._icon = icon
        self.setProperty("look", look)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def set_keys(self, keys: str) -> None:
        """Print another key."""
        self._keys = native(keys)
        self.updateGeometry()
        self.update()

    def set_look(self, look: str) -> None:
        """Look otherwise: `main`, or nothing."""
        if self.property("look") != look:
            self.setProperty("look", look)
            self.style().polish(self)

    def sizeHint(self) -> QSize:
        """Room for icon, words and key."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) + 24
        width += theme.SMALL_ICON + 8 if self._icon else 0
        width += self._cap_width() + 10 if self._keys else 0
        return QSize(width, 28)

    def minimumSizeHint(self) -> QSize:
        """The same: words are never cut."""
        return self.sizeHint()

    def _cap_width(self) -> int:
        return QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(self._keys) + 10

    def paintEvent(self, _: QPaintEvent) -> None:
        """The button's own frame, then icon, words and cap, together in the middle."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text, option.icon = "", QIcon()
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._ink()
        left = (self.width() - self.sizeHint().width()) // 2 + 12
        if self._icon:
            drawn = theme.pixmap(self._icon, theme.SMALL_ICON, ink, self.devicePixelRatioF())
            painter.drawPixmap(left, (self.height() - theme.SMALL_ICON) // 2, drawn)
            left += theme.SMALL_ICON + 8
        painter.setFont(self.font())
        painter.setPen(theme.color(ink))
        width = painter.fontMetrics().horizontalAdvance(self.text())
        painter.drawText(left, 0, width + 1, self.height(), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._keys:
            self._draw_cap(painter, left + width + 10, ink)
        painter.end()

    def _ink(self) -> str:
        t = theme.current()
        if not self.isEnabled():
            return t.faint
        return t.on_accent if self.property("look") == "main" else t.text

    def _draw_cap(self, painter: QPainter, left: int, ink: str) -> None:
        cap = QRectF(left + 0.5, self.height() / 2 - 8.5, self._cap_width(), 17)
        painter.setPen(theme.faded(ink, 0.4))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.faded(ink, 0.8))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._keys)


class Sign(QLabel):
    """An icon that says what a text is, in the colour of its kind; tinted anew when the theme changes."""

    def __init__(self, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(theme.ICON)
        self._icon = ""
        self.show_icon(icon)

    def show_icon(self, icon: str) -> None:
        """Show another icon; nothing where the name is empty."""
        self._icon = icon
        t = theme.current()
        ink = {"error": t.error, "check": t.kept}.get(icon, t.muted)
        self.setPixmap(theme.pixmap(icon, theme.ICON, ink, self.devicePixelRatioF()) if icon else QPixmap())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.show_icon(self._icon)


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

    def setText(self, text: str) -> None:
        """Show other words."""
        super().setText(text)
        self._look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether the text still fits."""
        super().resizeEvent(event)
        self._look()

    def _look(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self.text()) <= self.width()
        self.setToolTip("" if fits else plain_tip(self.text()))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
