"""The bar that says that media are missing, for as long as they are."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from circletake_viewers.parts import Elided, Sign, button
from circletake_viewers.state.missing import MissingFile

HEIGHT = 36
"""Pixels."""


class MissingBar(QWidget):
    """Shows how many files are missing; `wanted` asks to locate them. Hidden while none are."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._words = Elided()
        self.locate = button("Locate…", icon="search")
        self.locate.clicked.connect(self.wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(Sign("missing"))
        layout.addWidget(self._words, 1)
        layout.addWidget(self.locate)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while hidden."""
        return "" if self.isHidden() else self._words.text()

    def show_missing(self, files: tuple[MissingFile, ...]) -> None:
        """Show what is missing now."""
        self.setVisible(bool(files))
        if not files:
            return
        clips = sum(each.clips for each in files)
        what = f"{files[0].name} is missing" if len(files) == 1 else f"{len(files)} files are missing"
        self._words.setText(f"{what}; {clips} clip{' needs' if clips == 1 else 's need'} {_it(len(files))}")
        self.locate.setAccessibleName(f"Locate: {self._words.text()}")


def _it(count: int) -> str:
    return "it" if count == 1 else "them"
