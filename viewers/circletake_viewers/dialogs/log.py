"""The log: the last lines kept while the program runs, and the window that shows them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QSize, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from circletake.paths import state_folder
from circletake_viewers.dialogs.frame import Dialog, fixed_font
from circletake_viewers.parts import button, label, plain_tip, row

KEPT = 5000
"""Lines kept; the oldest go first. At some 150 bytes each that is below a megabyte."""

EVERY_MS = 250
"""How often the window looks for new lines: often enough to follow, and it never wakes for each line."""

LEVELS = (("Everything", logging.DEBUG), ("Notes and worse", logging.INFO), ("Warnings and worse", logging.WARNING),
          ("Errors", logging.ERROR))  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: `number` counts all there ever were, from 1."""

    number: int
    level: int
    text: str


class LogKeeper(logging.Handler):
    """Keeps the newest lines of all loggers; written from any thread."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(asctime)s  %(levelname)-7s  %(name)s: %(message)s", "%H:%M:%S"))
        self._guard = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=KEPT)
        self._count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; one that cannot be put into words is told as logging itself tells it."""
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001 - a wrong line in the log must never stop the work it speaks of
            self.handleError(record)
            return
        with self._guard:
            self._count += 1
            self._lines.append(LogLine(self._count, record.levelno, text))

    def since(self, number: int = 0) -> tuple[LogLine, ...]:
        """The lines kept after one of this number, oldest first."""
        with self._guard:
            if number >= self._count:
                return ()
            return tuple(line for line in self._lines if line.number > number)


class LogDialog(Dialog):
    """Shows a keeper's lines: by level, by text, following what comes."""

    def __init__(self, keeper: LogKeeper, parent: QWidget | None = None) -> None:
        super().__init__("Log", QSize(900, 560), parent)
        self._keeper = keeper
        self._seen = 0
        self.level = QComboBox()
        for words, level in LEVELS:
            self.level.addItem(words, level)
        self.level.setAccessibleName("Which lines")
        self.level.currentIndexChanged.connect(self._show_anew)
        self.filter = QLineEdit(placeholderText="Only lines with these words", clearButtonEnabled=True)
        self.filter.setAccessibleName("Only lines with these words")
        self.filter.textChanged.connect(self._show_anew)
        self.lines = QPlainTextEdit(readOnly=True, maximumBlockCount=KEPT)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setFont(fixed_font())
        self.lines.setAccessibleName("Log")
        self.body.addLayout(row(self.level, self.filter))
        self.body.addWidget(self.lines, 1)
        self.copy = button("Copy all", icon="copy")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.lines.toPlainText()))
        self.folder = button("Open folder", icon="folder")
        self.folder.setToolTip(plain_tip(str(state_folder())))
        self.folder.clicked.connect(open_state_folder)
        self.close_button = button("Close")
        self.close_button.clicked.connect(self.close)
        self._count = label(look="hint")
        self.set_foot(self.copy, self.folder, None, self._count, self.close_button)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._show_anew()

    def look(self) -> None:
        """Add the lines that came since."""
        fresh = self._keeper.since(self._seen)
        if not fresh:
            return
        self._seen = fresh[-1].number
        bar = self.lines.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        wanted = [line.text for line in fresh if self._is_wanted(line)]
        if wanted:
            self.lines.appendPlainText("\n".join(wanted))
        if follows:
            bar.setValue(bar.maximum())
        self._tell_count()

    def _show_anew(self) -> None:
        self._seen = 0
        self.lines.clear()
        self.look()
        self._tell_count()

    def _tell_count(self) -> None:
        document = self.lines.document()
        count = 0 if document.isEmpty() else document.blockCount()
        self._count.setText(f"{count} line{'' if count == 1 else 's'}" if count else "No lines like these yet")

    def _is_wanted(self, line: LogLine) -> bool:
        return line.level >= self.level.currentData() and self.filter.text().casefold() in line.text.casefold()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what comes."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._timer.stop()


def open_state_folder() -> None:
    """Show the folder with journals and this window's memory in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(state_folder())))
