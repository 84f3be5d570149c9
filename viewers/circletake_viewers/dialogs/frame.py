"""What all dialogs share: their window, their foot, texts that wrap, and an error shown where it belongs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from circletake.errors import ErrorInfo
from circletake_viewers import theme
from circletake_viewers.parts import Elided, Sign, button, label, line, row

EDGE = 16
"""Space between a dialog's content and its border, in pixels."""

DETAILS_HEIGHT = 160
"""Largest height of details unfolded, in pixels."""


class Dialog(QDialog):
    """A window over the work that does not lock it, and is gone once closed.

    Its content goes into `body`; `foot` holds what can be pressed at the end, begun with what is said beside it.
    """

    def __init__(self, title: str, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(_fitting(size, parent))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        self.body.setSpacing(12)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addLayout(self.body, 1)
        self._main: QPushButton | None = None

    def set_foot(self, *parts: QWidget | None) -> None:
        """Put these at the bottom, under a line; None and texts that give way take the space that is left."""
        foot = row(*parts)
        for place, part in enumerate(parts):
            if isinstance(part, Elided):
                foot.setStretch(place, 1)
        foot.setContentsMargins(EDGE, 12, EDGE, 12)
        self._outer.addWidget(line())
        self._outer.addLayout(foot)

    def fit_height(self) -> None:
        """Be as high as what is in it: texts that wrap do not ask for their lines by themselves."""
        self.resize(self.width(), self._outer.totalHeightForWidth(self.width()))

    def set_main(self, main: QPushButton) -> None:
        """Let Enter press this button from every field; without one Enter means nothing there."""
        self._main = main
        main.setDefault(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the main button alone, never the first one that happens to be there."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif self._main is not None and self._main.isEnabled():
            self._main.click()


def show_once(parent: QWidget, kind: type[QWidget], new: Callable[[], QWidget]) -> None:
    """Show a new dialog, or bring the one of its kind that is open to the front."""
    present(next((each for each in parent.findChildren(kind) if each.isVisible()), None) or new())


def present(dialog: QWidget) -> None:
    """Show a window before all others, ready for keys."""
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def _fitting(size: QSize, parent: QWidget | None) -> QSize:
    """No larger than the window it belongs to, or than the screen."""
    if parent is not None:
        return size.boundedTo(parent.window().size() - QSize(32, 48))
    return size.boundedTo(QGuiApplication.primaryScreen().availableSize())


def wrapped(text: str = "", look: str = "", parent: QWidget | None = None) -> QLabel:
    """A text of several lines, as wide as there is room."""
    made = label(text, look, parent)
    made.setWordWrap(True)
    made.setMinimumWidth(1)
    return made


def sentence(text: str) -> str:
    """A message as a sentence: a capital first where it begins with a word, a full stop last."""
    text = text.strip()
    if text and text[-1] not in ".!?…":
        text += "."
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def selectable(text: QLabel) -> QLabel:
    """The same label, whose text can be marked and copied with mouse and keys."""
    text.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return text


class Inline(QFrame):
    """What stands in the way and what to do, shown beside what it is about; hidden while there is nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = Sign()
        self._message = selectable(wrapped())
        self._hint = wrapped(look="caption")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._message)
        words.addWidget(self._hint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while hidden."""
        return "" if self.isHidden() else f"{self._message.text()} {self._hint.text()}".strip()

    def show_error(self, error: ErrorInfo | None) -> None:
        """Say it, or nothing."""
        self.setVisible(error is not None)
        if error is not None:
            self._say("error", sentence(error.message), sentence(error.hint))

    def show_note(self, message: str, hint: str = "") -> None:
        """Say something that stops nobody; nothing where `message` is empty."""
        self.setVisible(bool(message))
        if message:
            self._say("info", message, hint)

    def _say(self, icon: str, message: str, hint: str) -> None:
        self._sign.show_icon(icon)
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(f"{message} {hint}".strip())


class Details(QWidget):
    """Text worth copying, folded away; nothing to unfold where it is empty. `turned` tells that its height changed."""

    turned = Signal()

    def __init__(self, lines: tuple[str, ...], details: str, parent: QWidget | None = None) -> None:
        """Copying takes `lines`, which stand above, and the `details`."""
        super().__init__(parent)
        self._whole = "\n".join((*lines, "", details)).rstrip()
        self.fold = button("Details", "link", "caret-right")
        self.fold.setVisible(bool(details))
        self.fold.clicked.connect(self._turn)
        self.copy = button("Copy", "link", "copy")
        self.copy.setToolTip("Copy these lines and the details")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._whole))
        self.text = QPlainTextEdit(details, readOnly=True)
        self.text.setFont(fixed_font())
        self.text.setMinimumHeight(DETAILS_HEIGHT // 2)
        self.text.setMaximumHeight(DETAILS_HEIGHT)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Details")
        self.text.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row(self.fold, self.copy, None, gap=4))
        layout.addWidget(self.text)

    def _turn(self) -> None:
        opened = self.text.isHidden()
        self.text.setVisible(opened)
        self.fold.set_icon("caret-down" if opened else "caret-right")
        self.turned.emit()


class Fold(QWidget):
    """Further choices under a line that unfolds them; `unfolded` tells that it did."""

    unfolded = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turn = button(title, "link", "caret-right")
        self.turn.setAccessibleDescription("folded")
        self.turn.clicked.connect(self._turn)
        self._inside = QWidget()
        self._inside.hide()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row(self.turn, None))
        layout.addWidget(self._inside)

    def add(self, part: QWidget) -> None:
        """Put a part into it."""
        self._column.addWidget(part)

    def _turn(self) -> None:
        self.unfold(opened=self._inside.isHidden())

    def unfold(self, *, opened: bool = True) -> None:
        """Show or hide what is in it."""
        self._inside.setVisible(opened)
        self.turn.set_icon("caret-down" if opened else "caret-right")
        self.turn.setAccessibleDescription("unfolded" if opened else "folded")
        if opened:
            self.unfolded.emit()


def fixed_font() -> QFont:
    """The system's font in which all letters are equally wide, for text that a machine wrote."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(theme.CAPTION)
    return made


def is_escape(event: QKeyEvent) -> bool:
    """Tell whether Esc alone was pressed."""
    return event.key() == Qt.Key.Key_Escape and not event.modifiers()


def keep_own_keys(event: QEvent) -> None:
    """Take Space and Esc for what lies over the window and has the focus; the window's shortcuts would have them."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or event.modifiers():
        return
    if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Escape):
        event.accept()
