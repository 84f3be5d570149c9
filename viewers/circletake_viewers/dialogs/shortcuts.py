"""The list under `?`: every command with its keys, by group; a click on one gives it another key."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from circletake.errors import ErrorInfo
from circletake_viewers import theme
from circletake_viewers.commands import BY_NAME, COMMANDS, Command, Group
from circletake_viewers.dialogs.frame import Dialog, Inline
from circletake_viewers.keymap import Keymap
from circletake_viewers.parts import Elided, button, key_cap, label, row

COLUMNS = 3
ROW = 28
CAP = 20
"""Heights of a line and of a key, in pixels."""


class Press(Enum):
    """What a new key does to the ones a command has."""

    REPLACE = auto()
    ADD = auto()


class CommandRow(QPushButton):
    """A command and its keys; pressed to change them."""

    def __init__(self, command: Command, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.command = command
        self.keys: tuple[str, ...] = ()
        self.setProperty("look", "flat")
        self.setFixedHeight(ROW)
        self.setToolTip("Change the key")
        self._caps = QHBoxLayout()
        self._caps.setSpacing(4)
        line = row(Elided(command.title), gap=8)
        line.setStretch(0, 1)
        line.setContentsMargins(8, 0, 8, 0)
        line.addLayout(self._caps)
        self.setLayout(line)

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Print these keys."""
        self.keys = keys
        while (item := self._caps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for key in keys:
            cap = key_cap(key)
            cap.setFixedHeight(CAP)
            self._caps.addWidget(cap, 0, Qt.AlignmentFlag.AlignVCenter)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{self.command.title}: {', '.join(keys) or 'no key'}")


class KeyField(QKeySequenceEdit):
    """Takes one key with its modifiers; Tab walks on, and Esc gives up unless it is wanted."""

    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumSequenceLength(1)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(160)
        self.setAccessibleName("New key")

    def event(self, event: QEvent) -> bool:
        """Leave Tab to the focus and Esc to the dialog."""
        if isinstance(event, QKeyEvent) and not event.modifiers():
            if event.key() == Qt.Key.Key_Tab:
                return self.focusNextChild() if event.type() == QEvent.Type.KeyPress else True
            if event.key() == Qt.Key.Key_Escape:
                if event.type() == QEvent.Type.KeyPress:
                    self.given_up.emit()
                return True
        return super().event(event)

    @property
    def key(self) -> str:
        """The key pressed, in Qt's portable text; empty while there is none."""
        return self.keySequence().toString(QKeySequence.SequenceFormat.PortableText)


class Rebind(QFrame):
    """The strip in which one command gets another key. `wanted` carries the new keymap; `closed` when left."""

    wanted = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._keymap, self._command = Keymap(), COMMANDS[0]
        self._title = label()
        self._title.setFont(theme.font(theme.BODY, theme.font(theme.BODY).Weight.DemiBold))
        self.field = KeyField()
        self.field.keySequenceChanged.connect(self._look)
        self.field.given_up.connect(self.closed)
        self.use = button("Use this key", "main")
        self.use.clicked.connect(lambda: self._take(Press.REPLACE))
        self.add = button("Add this key")
        self.add.clicked.connect(lambda: self._take(Press.ADD))
        self.none = button("No key", "link")
        self.none.clicked.connect(lambda: self.wanted.emit(self._keymap.with_keys(self._command.name, ())))
        self.usual = button("Default", "link")
        self.usual.clicked.connect(
            lambda: self.wanted.emit(self._keymap.with_keys(self._command.name, self._command.keys))
        )
        cancel = button("Cancel", "link")
        cancel.clicked.connect(self.closed)
        self.conflict = Inline()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addLayout(row(self.field, self.use, self.add, None, self.none, self.usual, cancel))
        layout.addWidget(self.conflict)

    def begin(self, command: Command, keymap: Keymap) -> None:
        """Ask for a key of this command."""
        self._keymap, self._command = keymap, command
        self._title.setText(f"{command.title}: press the new key")
        self.none.setEnabled(bool(keymap.keys[command.name]))
        self.usual.setEnabled(keymap.keys[command.name] != command.keys)
        self.field.clear()
        self._look()
        self.field.setFocus()

    def _look(self) -> None:
        key = self.field.key
        others = [name for name in self._keymap.holders(key) if name != self._command.name] if key else []
        self.use.setEnabled(bool(key))
        self.add.setEnabled(bool(key) and bool(self._keymap.keys[self._command.name]))
        self.use.setText("Take it over" if others else "Use this key")
        self.add.setText("Take it over as one more" if others else "Add this key")
        titles = ", ".join(BY_NAME[name].title for name in others)
        said = "Take it over, and it does that no longer; or press another key."
        self.conflict.show_note(f"This key does: {titles}." if others else "", said)

    def _take(self, how: Press) -> None:
        name, key = self._command.name, self.field.key
        kept = self._keymap if how is Press.ADD else self._keymap.with_keys(name, ())
        self.wanted.emit(kept.taken_over(name, key))


class ShortcutSheet(Dialog):
    """Lists and changes keys. `changed` carries the keymap that is in force and stored from then on."""

    changed = Signal(object)

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__("Shortcuts", QSize(1040, 640), parent)
        self.keymap = keymap
        self.filter = QLineEdit(placeholderText="Find a command or a key", clearButtonEnabled=True)
        self.filter.setAccessibleName("Find a command or a key")
        self.filter.textChanged.connect(self._find)
        self.rows = {command.name: CommandRow(command) for command in COMMANDS}
        self._headings = {group: label(group, "caption") for group in Group}
        self.rebind = Rebind()
        self.rebind.hide()
        self.rebind.wanted.connect(self._use)
        self.rebind.closed.connect(self._leave)
        self.error = Inline()
        self.usual = button("Back to defaults", "link")
        self.usual.clicked.connect(lambda: self._use(self.keymap.with_defaults()))
        self._lay_out()
        self._show()
        self.filter.setFocus()

    def _lay_out(self) -> None:
        inside = QWidget()
        columns = row(gap=24)
        columns.setContentsMargins(0, 0, 8, 0)
        for groups in in_columns(COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(0)
            for group in groups:
                self._headings[group].setContentsMargins(8, 12, 0, 4)
                column.addWidget(self._headings[group])
                for each in self.rows.values():
                    if each.command.group is group:
                        column.addWidget(each)
                        each.clicked.connect(lambda _=False, made=each: self._begin(made.command))
            column.addStretch(1)
            columns.addLayout(column, 1)
        inside.setLayout(columns)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        for part in (self.filter, scroll, self.rebind, self.error):
            self.body.addWidget(part)
        self.body.setStretchFactor(scroll, 1)
        close = button("Close")
        close.clicked.connect(self.close)
        self.set_foot(label("Click a command to give it another key.", "hint"), None, self.usual, close)

    def _begin(self, command: Command) -> None:
        self.rebind.show()
        self.rebind.begin(command, self.keymap)

    def _leave(self) -> None:
        self.rebind.hide()
        self.filter.setFocus()

    def _use(self, keymap: Keymap) -> None:
        """Store and tell new keys; where they cannot be stored, they are still in force until the end."""
        self.keymap = keymap
        try:
            keymap.save()
            self.error.show_error(None)
        except OSError as error:
            self.error.show_error(ErrorInfo.of(error))
        self._leave()
        self._show()
        self.changed.emit(keymap)

    def _show(self) -> None:
        for name, keys in self.keymap.keys.items():
            self.rows[name].show_keys(keys)
        self.usual.setEnabled(any(name in BY_NAME for name in self.keymap.own))
        if self.keymap.fault:
            self.error.show_note(self.keymap.fault, "Your next change here writes the file anew.")

    def _find(self, text: str) -> None:
        wanted = text.casefold().split()
        for each in self.rows.values():
            words = f"{each.command.group} {each.command.title}".casefold()
            keys = [key.casefold() for key in each.keys]
            each.setVisible(all(word in words or word in keys for word in wanted))
        for group, heading in self._headings.items():
            rows = (each for each in self.rows.values() if each.command.group is group)
            heading.setVisible(any(not each.isHidden() for each in rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the strip first."""
        if event.key() == Qt.Key.Key_Escape and not self.rebind.isHidden():
            self._leave()
        else:
            super().keyPressEvent(event)


def in_columns(count: int) -> Sequence[Sequence[Group]]:
    """The groups, each in the column that is shortest when its turn comes."""
    columns: list[list[Group]] = [[] for _ in range(count)]
    heights = [0] * count
    for group in Group:
        place = heights.index(min(heights))
        columns[place].append(group)
        heights[place] += 2 + sum(command.group is group for command in COMMANDS)
    return columns
