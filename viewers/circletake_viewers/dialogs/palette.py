"""The list under Ctrl+K: a line to type, and the commands, marks and files that fit it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.commands import Command
from circletake_viewers.dialogs.fuzzy import best
from circletake_viewers.keymap import Keymap
from circletake_viewers.parts import label, native, plain_tip
from circletake_viewers.state.shown import Clock, MarkRow

WIDTH = 600
ROW = 36
ROWS = 11
TOP = 72
"""Sizes in pixels, `ROWS` a number: of what is seen without scrolling. `TOP` is the distance from the window's top."""

FOUND = 60
"""Entries listed at most: further typing is quicker than scrolling."""

UNASKED_FILES = 3
"""Files listed before anything is typed."""


class Sort(Enum):
    """What an entry is."""

    COMMAND = auto()
    MARK = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its `title`, a `hint` beside it, `keys` at its end; `value` is what the signal will carry."""

    sort: Sort
    value: object
    title: str
    hint: str = ""
    keys: tuple[str, ...] = ()
    icon: str = ""


def command_entries(commands: Sequence[Command], keymap: Keymap) -> tuple[Entry, ...]:
    """Entries of commands."""
    keys = keymap.keys
    return tuple(
        Entry(Sort.COMMAND, each.name, each.title, each.group, keys[each.name][:2], each.icon or "command")
        for each in commands
        if each.name != "everything"
    )


def mark_entry(row: MarkRow, clock: Clock) -> Entry:
    """The entry of a mark."""
    icon = {MarkState.KEPT: "check", MarkState.PROPOSED: "dot", MarkState.REJECTED: "reject"}[row.state]
    return Entry(Sort.MARK, row.id, row.title, clock.timecode(row.start), icon=icon)


def file_entry(path: Path) -> Entry:
    """The entry of a file."""
    icon = "project" if path.suffix == ".otio" else "film"
    return Entry(Sort.FILE, path, path.name, str(path.parent), icon=icon)


class Palette(QFrame):
    """Gone once something is chosen, Esc pressed or clicked elsewhere; one signal tells what was chosen."""

    command_wanted = Signal(str)
    mark_wanted = Signal(str)
    file_wanted = Signal(object)

    def __init__(
        self,
        commands: Sequence[Command],
        keymap: Keymap,
        marks: Sequence[MarkRow],
        clock: Clock,
        recent: Sequence[Path],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("card")
        self._commands, self._marks, self._clock = command_entries(commands, keymap), tuple(marks), clock
        self._files = tuple(file_entry(path) for path in recent)
        self._named = [(f"{each.title} {each.hint}".casefold(), each) for each in (*self._commands, *self._files)]
        self._titles = [(row.title.casefold(), row) for row in self._marks]
        self._times: list[tuple[str, MarkRow]] = []
        self.field = QLineEdit(placeholderText="Find a command, a mark or a file")
        self.field.setAccessibleName("Find a command, a mark or a file")
        self.field.textChanged.connect(self._look)
        self.field.installEventFilter(self)
        self.model = _Entries(self)
        self.list = QListView(uniformItemSizes=True)
        self.list.setMouseTracking(True)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self._nothing = label("Nothing is called so.", "hint")
        self._nothing.setContentsMargins(8, 8, 8, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self.field, self.list, self._nothing):
            layout.addWidget(part)
        self._look("")

    def found(self) -> tuple[Entry, ...]:
        """What is listed now, best first."""
        return self.model.entries

    def showEvent(self, event: QShowEvent) -> None:
        """Come up centred at the top of the window, ready to type."""
        super().showEvent(event)
        self._fit()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the keys that walk the list work while typing."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._walk(event):
            return True
        return super().eventFilter(watched, event)

    def _walk(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS - 1, Qt.Key.Key_PageUp: 1 - ROWS}
        key, row, count = Qt.Key(event.key()), self.list.currentIndex().row(), len(self.found())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(row)
        elif key == Qt.Key.Key_Escape:
            self.close()
        elif key in steps and count:
            step = steps[key]
            # One step goes round; a page stops at the end.
            self._go((row + step) % count if abs(step) == 1 else min(max(row + step, 0), count - 1))
        else:
            return key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        return True

    def _go(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row))

    def _look(self, text: str) -> None:
        self.model.show_entries(self._fitting(text.strip()))
        self._go(0)
        self.list.setVisible(bool(self.found()))
        self._nothing.setVisible(not self.found())
        if self.isVisible():
            self._fit()

    def _fitting(self, query: str) -> tuple[Entry, ...]:
        if not query:
            return (*self._files[:UNASKED_FILES], *self._commands)
        found: list[Entry | MarkRow] = best(query, self._texts(query), FOUND)
        return tuple(mark_entry(each, self._clock) if isinstance(each, MarkRow) else each for each in found)

    def _texts(self, query: str) -> Iterator[tuple[str, Entry | MarkRow]]:
        yield from self._named
        # Timecodes are worked out only once digits are typed: there may be ten thousand.
        if any(letter.isdigit() for letter in query):
            self._times = self._times or [
                (f"{title} {self._clock.timecode(row.start)}", row) for title, row in self._titles
            ]
            yield from self._times
        else:
            yield from self._titles

    def _choose(self, row: int) -> None:
        entries = self.found()
        if not 0 <= row < len(entries):
            return
        chosen = entries[row]
        self.close()
        signal = {Sort.COMMAND: self.command_wanted, Sort.MARK: self.mark_wanted, Sort.FILE: self.file_wanted}
        signal[chosen.sort].emit(chosen.value)

    def _fit(self) -> None:
        lines = min(ROWS, max(1, len(self.found())))
        self.list.setFixedHeight(lines * ROW)
        host = self.parentWidget()
        window = host.window() if host else self
        place = window.mapToGlobal(QPoint((window.width() - WIDTH) // 2, TOP))
        self.setFixedWidth(WIDTH)
        self.adjustSize()
        self.move(place)


class _Entries(QAbstractListModel):
    """The entries listed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """List others."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - as Qt has it
        """How many there are."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """An entry: as text for screen readers, whole for drawing."""
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole and entry.sort is Sort.FILE:
            return plain_tip(str(entry.value))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join(filter(None, (entry.title, entry.hint, *map(native, entry.keys))))
        return None


class _Line(QStyledItemDelegate):
    """Draws an entry: icon, title, hint, keys."""

    def sizeHint(self, _: QStyleOptionViewItem, __: QModelIndex | QPersistentModelIndex) -> QSize:
        """All are equally high."""
        return QSize(1, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one."""
        entry = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(entry, Entry):
            return
        t, box = theme.current(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            is_current = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(t.accent_fill if is_current else t.hover))
            painter.drawRoundedRect(QRectF(box).adjusted(0, 1, 0, -1), theme.RADIUS_BUTTON, theme.RADIUS_BUTTON)
        ink = {"check": t.kept, "dot": t.proposed}.get(entry.icon, t.muted) if entry.sort is Sort.MARK else t.muted
        size = theme.SMALL_ICON if entry.icon != "dot" else theme.SMALL_ICON // 2
        ratio = painter.device().devicePixelRatioF()
        middle = QPoint(box.left() + 20 - size // 2, box.center().y() + 1 - size // 2)
        painter.drawPixmap(middle, theme.pixmap(entry.icon, size, ink, ratio))
        self._draw_words(painter, entry, box.adjusted(40, 0, -8, 0))
        painter.restore()

    def _draw_words(self, painter: QPainter, entry: Entry, box: QRect) -> None:
        t, centred = theme.current(), Qt.AlignmentFlag.AlignVCenter
        right = box.right()
        for keys in reversed(entry.keys):
            right = _draw_cap(painter, native(keys), right, box.center().y()) - 4
        body, caption = theme.font(theme.BODY), theme.font(theme.CAPTION)
        room = right - box.left() - 12
        hint_room = min(QFontMetrics(caption).horizontalAdvance(entry.hint), room // 2)
        title = QFontMetrics(body).elidedText(entry.title, Qt.TextElideMode.ElideRight, room - hint_room - 12)
        painter.setFont(body)
        painter.setPen(theme.color(t.text))
        painter.drawText(box, centred, title)
        left = box.left() + QFontMetrics(body).horizontalAdvance(title) + 12
        hint = QFontMetrics(caption).elidedText(entry.hint, Qt.TextElideMode.ElideMiddle, max(0, right - 12 - left))
        painter.setFont(caption)
        painter.setPen(theme.color(t.faint))
        painter.drawText(QRect(left, box.top(), max(0, right - left), box.height()), centred, hint)


def _draw_cap(painter: QPainter, keys: str, right: int, middle: int) -> int:
    """Draw a key that ends at `right`; where it begins."""
    t, font = theme.current(), theme.font(theme.SMALL)
    width = QFontMetrics(font).horizontalAdvance(keys) + 12
    cap = QRectF(right - width + 0.5, middle - 8.5, width, 18)
    painter.setPen(theme.color(t.faint))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(cap, 3, 3)
    painter.setFont(font)
    painter.setPen(theme.color(t.muted))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keys)
    return right - width
