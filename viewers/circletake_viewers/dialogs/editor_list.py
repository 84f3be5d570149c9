"""The editing programs to choose from, each with its tile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from circletake.interchange.editors import EDITORS
from circletake_viewers import theme
from circletake_viewers.parts import plain_tip

WIDTH = 224
TILE = 22
ROW = 34
"""Sizes in pixels."""


class EditorList(QListWidget):
    """The programs, each with its tile."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Editor")
        self.setFixedWidth(WIDTH)
        self.setIconSize(QSize(TILE, TILE))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for editor in EDITORS:
            item = QListWidgetItem(editor.title)
            item.setData(Qt.ItemDataRole.UserRole, editor.name)
            item.setSizeHint(QSize(WIDTH - 16, ROW))
            item.setToolTip(plain_tip(editor.title))
            self.addItem(item)
        self._tint()

    @property
    def chosen(self) -> str:
        """The program's name."""
        item = self.item(max(0, self.currentRow()))
        return str(item.data(Qt.ItemDataRole.UserRole))

    def choose(self, name: str) -> None:
        """Select a program; the first one where none is called so."""
        names = [editor.name for editor in EDITORS]
        self.setCurrentRow(names.index(name) if name in names else 0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        for place in range(self.count()):
            item = self.item(place)
            item.setIcon(theme.tile(item.text(), TILE))
