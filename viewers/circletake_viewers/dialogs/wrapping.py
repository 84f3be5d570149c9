"""Lists whose sentences wrap: Qt's own views give a row the height of one line."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from circletake_viewers import theme
from circletake_viewers.parts import plain_tip

AIR = 8
"""Pixels above and below a sentence together, and between it and its icon."""

Index = QModelIndex | QPersistentModelIndex


class Wrapping(QStyledItemDelegate):
    """Gives each row the height that its text needs in the width there is."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Wrap."""
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the text is."""
        self.initStyleOption(option, index)
        icon = theme.ICON + AIR if not option.icon.isNull() else 0
        room = QRect(0, 0, max(40, self._width(index) - icon - 2 * AIR), 10_000)
        text = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, option.text)
        return QSize(room.width(), max(theme.TARGET, text.height() + AIR))

    def _width(self, index: Index) -> int:
        if not isinstance(self._view, QTreeWidget):
            return self._view.viewport().width()
        depth, above = 1, index.parent()
        while above.isValid():
            depth, above = depth + 1, above.parent()
        return self._view.columnWidth(index.column()) - depth * self._view.indentation()


class SentenceList(QListWidget):
    """Sentences to read, and to copy with Ctrl+C."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setWordWrap(True)
        self.setItemDelegate(Wrapping(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy all lines that are selected."""
        if event.matches(QKeySequence.StandardKey.Copy):
            lines = (self.item(row).text() for row in range(self.count()) if self.item(row).isSelected())
            QGuiApplication.clipboard().setText("\n".join(lines))
        else:
            super().keyPressEvent(event)


class SentenceTree(QTreeWidget):
    """Sentences under headings, with a short column at their right; one stop for Tab, unfolded by the arrow keys."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.setItemDelegateForColumn(0, Wrapping(self))
        self.setWordWrap(True)
        self.setIndentation(theme.SMALL_ICON)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


def branch(text: str, beside: str = "", *, said: str = "", tip: str = "") -> QTreeWidgetItem:
    """A line of a tree; `said` is what screen readers say instead of `text`."""
    made = QTreeWidgetItem([text, beside])
    made.setForeground(1, theme.color(theme.current().muted))
    made.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if said:
        made.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)
    if tip:
        made.setToolTip(0, plain_tip(tip))
    return made
