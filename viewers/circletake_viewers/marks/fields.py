"""Fields to type in: keys typed there stay there, whatever they would do elsewhere in the window."""

from __future__ import annotations

import math
import re
from typing import cast

from PySide6.QtCore import QEvent, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QStackedLayout, QWidget

from circletake.timebase import from_timecode, nominal_frames
from circletake_viewers import theme
from circletake_viewers.parts import Elided, plain_tip
from circletake_viewers.state.shown import Clock

SHAKE_MS = 240
SHAKE_PIXELS = 5

_PARTS = re.compile(r"\d{1,9}|\d{1,3}([:;.,]\d{1,3}){1,3}")


def is_typing(event: QKeyEvent) -> bool:
    """Tell whether a key belongs to the text: not one held with Ctrl, Alt or Meta, and none of the F keys."""
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return not event.modifiers() & held and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35


class Field(QLineEdit):
    """A line of text; the window's shortcuts do not hear what is typed in it."""

    def event(self, event: QEvent) -> bool:
        """Claim keys before a shortcut does."""
        if event.type() is QEvent.Type.ShortcutOverride and is_typing(cast("QKeyEvent", event)):
            event.accept()
            return True
        return super().event(event)


class NameLine(QWidget):
    """A name that becomes a field when asked: by double click, or `edit`. `named` carries what was typed."""

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.can_edit = True
        self.editing = False
        self.label = Elided("", "title")
        self.field = Field()
        self.field.setAccessibleName("Name of the mark")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.label)
        self._pages.addWidget(self.field)
        self.field.returnPressed.connect(self._commit)
        self.field.editingFinished.connect(self._commit)
        self.field.installEventFilter(self)
        self.setFixedHeight(28)

    def show_name(self, name: str) -> None:
        """Show this name; what is being typed stays."""
        self.label.setText(name)
        self.label.setToolTip(plain_tip(name))

    def edit(self) -> None:
        """Let the name be typed."""
        if self.can_edit:
            self.field.setText(self.label.text())
            self.field.selectAll()
            self.editing = True
            self._pages.setCurrentWidget(self.field)
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def give_up(self) -> None:
        """Go back to the name as it is."""
        self.editing = False  # first, since a field that hides says that it is finished
        self._pages.setCurrentWidget(self.label)

    def _commit(self) -> None:
        if not self.editing:
            return
        text = self.field.text().strip()
        self.give_up()
        if text and text != self.label.text():
            self.named.emit(text)

    def eventFilter(self, _: object, event: QEvent) -> bool:
        """Esc in the field gives up."""
        if event.type() is QEvent.Type.KeyPress and cast("QKeyEvent", event).key() == Qt.Key.Key_Escape:
            self.give_up()
            return True
        return False

    def mouseDoubleClickEvent(self, _: QMouseEvent) -> None:
        """Let the name be typed."""
        self.edit()


class TimeField(Field):
    """A timecode to type. `entered` carries the timeline frame meant, `refused` why what was typed is none."""

    entered = Signal(int)
    refused = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.BODY))
        self.frame, self._clock = 0, Clock()
        self._is_wrong = False
        self._shake = QVariantAnimation(self, duration=SHAKE_MS, startValue=0.0, endValue=1.0)
        self._shake.valueChanged.connect(self._lean)
        self.returnPressed.connect(self.commit)

    def minimumSizeHint(self) -> QSize:
        """Room for a whole timecode."""
        width = self.fontMetrics().horizontalAdvance(self._clock.timecode(0)) + 22
        return QSize(width, super().minimumSizeHint().height())

    def show_frame(self, frame: int, clock: Clock) -> None:
        """Show a frame's timecode; what is being typed stays."""
        self.frame, self._clock = frame, clock
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def commit(self) -> None:
        """Take what was typed, or refuse it."""
        if not self.isModified():
            return
        try:
            frame = frame_meant(self.text(), self._clock)
        except ValueError:
            self.refuse(f"Type a time such as {self._clock.timecode(self.frame)}.")
            return
        self._restore()
        if frame != self.frame:
            self.entered.emit(frame)

    def refuse(self, why: str) -> None:
        """Shake off what was typed, and say why."""
        self._restore()
        self._is_wrong = True
        self.update()
        if theme.wants_motion():
            self._shake.start()
        self.refused.emit(why)

    def calm(self) -> None:
        """No longer wrong."""
        self._is_wrong = False
        self.update()

    def _restore(self) -> None:
        self.setText(self._clock.timecode(self.frame))
        self.setModified(False)

    def _lean(self, share: float) -> None:
        lean = round(SHAKE_PIXELS * math.sin(share * 6 * math.pi) * (1 - share))
        self.setTextMargins(max(0, lean), 0, max(0, -lean), 0)

    # Qt's calls.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down nudge by a frame, Esc forgets what was typed."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step and not self.isReadOnly():
            self._restore()
            self.entered.emit(self.frame + step)
        elif event.key() == Qt.Key.Key_Escape:
            self._restore()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        self.commit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still."""
        super().hideEvent(event)
        self._shake.stop()
        self.setTextMargins(0, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A wrong one has a red frame."""
        super().paintEvent(event)
        if self._is_wrong:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color(theme.current().error))
            painter.drawRoundedRect(
                self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS_BUTTON, theme.RADIUS_BUTTON
            )
            painter.end()


class NoteField(QPlainTextEdit):
    """A note of some lines, taken when one leaves it. `written` carries it; `left` tells that a key ended it."""

    written = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Note")
        self.setPlaceholderText("Write a note; Ctrl+Enter takes it")
        self.setTabChangesFocus(True)
        self.setFixedHeight(64)
        self._note = ""

    @property
    def is_dirty(self) -> bool:
        """Tell whether something was typed that nobody took yet."""
        return self.toPlainText().strip() != self._note.strip()

    def show_note(self, note: str) -> None:
        """Show this note, in place of whatever stands there."""
        if note != self.toPlainText():
            self.setPlainText(note)
        self._note = note

    def commit(self) -> None:
        """Hand over what was typed."""
        if self.is_dirty:
            self._note = self.toPlainText().strip()
            self.written.emit(self._note)

    def event(self, event: QEvent) -> bool:
        """Claim keys before a shortcut does."""
        if event.type() is QEvent.Type.ShortcutOverride and is_typing(cast("QKeyEvent", event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter takes the note, Esc forgets what was typed."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.setPlainText(self._note)
            self.left.emit()
        elif is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.commit()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the note."""
        super().focusOutEvent(event)
        self.commit()


def frame_meant(text: str, clock: Clock) -> int:
    """The timeline frame of a timecode as people type it: `01:02:03:04`, `3:04`, or `304`, read from the right.

    Raises:
        ValueError: no such time.
    """
    tidy = text.strip()
    if not _PARTS.fullmatch(tidy):
        raise ValueError(f"{text!r} is not a time")
    width = max(2, len(str(nominal_frames(clock.rate) - 1)))
    if tidy.isdigit():
        digits = tidy.zfill(6 + width)
        parts = [digits[: -4 - width], digits[-4 - width : -2 - width], digits[-2 - width : -width], digits[-width:]]
    else:
        parts = re.split("[:;.,]", tidy)
    hours, minutes, seconds, frames = (0,) * (4 - len(parts)) + tuple(int(part) for part in parts)
    mark = ";" if clock.drop_frame else ":"
    time = from_timecode(f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:0{width}d}", clock.rate)
    return (time - clock.first if clock.first else time).rescaled_to(clock.rate).value
