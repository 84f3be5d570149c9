"""The page where nothing is open: where to drop, what was open last, and what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import Elided, KeyButton, button, key_cap, label, plain_tip, row

RECENT = 3
"""Files named as open last."""

WIDTH = 480
ROW = 44
"""Sizes in pixels; `ROW` is the height of a file open last."""

DROP = "Drop footage or a timeline here"

PROMISE = "You can play it at once. Meanwhile the best moments are found and marked, on this machine alone."

EDITORS = "Timelines of Premiere Pro, DaVinci Resolve, Final Cut Pro, Avid, Kdenlive and others open too."


class WelcomePage(QWidget):
    """A target to drop footage on. `open_wanted` asks for a file dialog, `file_wanted` names a file."""

    open_wanted = Signal()
    sample_wanted = Signal()
    file_wanted = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dropping = False
        self._sign = label()
        self._title = label(DROP, "title")
        self._promise = label(PROMISE, "caption")
        self._promise.setWordWrap(True)
        self._editors = label(EDITORS, "hint")
        self._editors.setWordWrap(True)
        self.open = KeyButton("Open footage or a timeline", "Ctrl+O", "main", "folder")
        self.open.clicked.connect(self.open_wanted)
        self.sample = button("Try the sample film", "link")
        self.sample.clicked.connect(self.sample_wanted)
        self._target = QWidget(self)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        self._fill_target()
        self._lay_out()
        self._dress()

    def _fill_target(self) -> None:
        self._target.setFixedWidth(WIDTH)
        inside = QVBoxLayout(self._target)
        inside.setContentsMargins(24, 24, 24, 24)
        inside.setSpacing(12)
        for part in (self._sign, self._title, self._promise, self._editors):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(part)
        inside.addLayout(row(None, self.open, None))
        inside.addLayout(row(None, self.sample, None))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(self._target, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(16)
        layout.addLayout(self._recent)
        layout.addStretch(3)
        layout.addLayout(row(None, key_cap("Ctrl+K"), label("find any command", "hint"), key_cap("?"),
                             label("all shortcuts", "hint"), None))  # fmt: skip
        layout.addSpacing(16)

    def show_recent(self, files: Sequence[Path]) -> None:
        """Name the files open last."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for path in files[:RECENT]:
            self._recent.addWidget(self._file(path), 0, Qt.AlignmentFlag.AlignHCenter)

    def _file(self, path: Path) -> QWidget:
        made = button("", "flat")
        made.setFixedWidth(WIDTH)
        # The sheet has the last word on heights; it counts neither padding nor border.
        made.setStyleSheet(f"QPushButton {{ min-height: {ROW - 10}px }}")
        made.setToolTip(plain_tip(str(path)))
        made.setAccessibleName(f"Open {path.name}")
        made.clicked.connect(lambda: self.file_wanted.emit(path))
        sign = label()
        sign.setPixmap(theme.pixmap("project" if path.suffix == ".otio" else "film", theme.ICON, theme.current().muted))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Elided(path.name))
        words.addWidget(Elided(str(path.parent), "hint"))
        line = row(sign, gap=12)
        line.setContentsMargins(12, 4, 12, 4)
        line.addLayout(words, 1)
        made.setLayout(line)
        for part in made.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return made

    def show_dropping(self, *, dropping: bool) -> None:
        """Light up while something hangs over the window."""
        self._dropping = dropping
        self._title.setText("Let go to open it" if dropping else DROP)
        self._dress()
        self.update()

    def _dress(self) -> None:
        t = theme.current()
        self._sign.setPixmap(
            theme.pixmap("film", 40, t.accent if self._dropping else t.muted, self.devicePixelRatioF())
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the target's border."""
        super().paintEvent(event)
        t = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color(t.accent if self._dropping else t.faint), 1.2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.color(t.accent_fill if self._dropping else t.panel))
        painter.drawRoundedRect(QRectF(self._target.geometry()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.end()
