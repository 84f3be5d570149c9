"""The bar at the top: what is open, whether it is saved, what scores it, and the one main button."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QIcon, QPainter, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import Elided, KeyButton, button, icon_button, native, plain_tip, row
from circletake_viewers.state.bars import left_text
from circletake_viewers.state.shown import Top

LOGO = 18

WIDEST = 360
NARROWEST = 160
BESIDE = 940
"""Pixels: a title gives way when it would take more than the first, or than is left beside all else."""


class TopBar(QWidget):
    """Shows a `Top`. `wanted` names the command of a button; `menu_wanted` asks for the program's menu.

    `editors_wanted` asks for the menu of programs to send to, at a place on the screen.
    """

    wanted = Signal(str)
    menu_wanted = Signal()
    editors_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.TOP_BAR)
        self._top = Top()
        self._keys: Mapping[str, tuple[str, ...]] = {}
        self.menu = _menu_button(self)
        self.menu.clicked.connect(self.menu_wanted)
        self._title = Elided()
        self._title.setFont(theme.font(theme.BODY, theme.font(theme.BODY).Weight.DemiBold))
        self._saved = Elided(look="caption")
        for part in (self._title, self._saved):  # they give way where the window is narrow
            part.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.undo = self._command("undo", "Undo")
        self.redo = self._command("redo", "Redo")
        self._chip = button("", "chip", "dot")
        self._chip.setIconSize(QSize(8, 8))
        self._chip.clicked.connect(lambda: self.wanted.emit("doctor"))
        self.search = button("Ctrl+K", "chip", "command")
        self.search.clicked.connect(lambda: self.wanted.emit("everything"))
        self.settings = self._command("settings", "Settings")
        self.export = KeyButton("Export", "E", "main", "export")
        self.export.clicked.connect(lambda: self.wanted.emit("export"))
        self.send = button("Send", icon="send")
        self.send.clicked.connect(lambda: self.wanted.emit("send"))
        self.editors = icon_button("caret-down", "Send to which editor", self, size=12)
        self.editors.clicked.connect(self._ask_for_editors)
        self._lay_out()
        self._clock = QTimer(self, interval=5000)
        self._clock.timeout.connect(self._tell_age)
        self.show_top(Top())

    def _command(self, name: str, tip: str) -> QToolButton:
        made = icon_button(name, tip, self)
        made.clicked.connect(lambda: self.wanted.emit(name))
        return made

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 12, 0)
        layout.setSpacing(8)
        left: tuple[QWidget, ...] = (self.menu, self._title, self._saved, self.undo, self.redo)
        right: tuple[QWidget, ...] = (self._chip, self.search, self.settings, self._send_pair(), self.export)
        for part in left:
            layout.addWidget(part)
        layout.addStretch(1)
        for part in right:
            layout.addWidget(part)

    def _send_pair(self) -> QWidget:
        """A button with two parts: send as last time, or choose to whom."""
        made = QWidget()
        made.setLayout(row(self.send, self.editors, gap=1))
        return made

    def _ask_for_editors(self) -> None:
        self.editors_wanted.emit(self.send.mapToGlobal(QPoint(0, self.send.height() + 4)))

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Print these keys."""
        self._keys = keys
        self.export.set_keys(next(iter(keys.get("export", ())), ""))
        search = next(iter(keys.get("everything", ())), "")
        self.search.setText(f" {native(search)}")
        self.search.setToolTip(f"Find any command or mark ({native(search)})")
        send = native(next(iter(keys.get("send", ())), ""))
        self.send.setToolTip(f"Send to an editor, and see what is lost on the way ({send})")
        self.settings.setToolTip(f"Settings ({native(next(iter(keys.get('settings', ())), ''))})")
        self._tell_steps()

    def show_top(self, top: Top) -> None:
        """Show what is open."""
        self._top = top
        is_open = bool(top.title)
        self._title.setText(top.title or "Circletake")
        self._fit_title()
        for part in (self._saved, self.undo, self.redo, self._chip, self.send, self.editors, self.export):
            part.setVisible(is_open)
        self._chip.setText(f" {top.chip}")  # a little air after the dot
        self._chip.setToolTip(plain_tip(top.chip_hint))
        self._chip.setIcon(theme.icon("dot", theme.current().accent))
        self.export.setText(top.export)
        self.export.setEnabled(top.can_export)
        self.export.setToolTip("" if top.can_export else "Keep a mark first, then export it.")
        self.export.updateGeometry()
        self._tell_age()
        self._tell_steps()

    def _fit_title(self) -> None:
        room = max(NARROWEST, min(WIDEST, self.width() - BESIDE))
        self._title.setMaximumWidth(min(room, self._title.fontMetrics().horizontalAdvance(self._title.text()) + 4))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the other words their place."""
        super().resizeEvent(event)
        self._fit_title()

    def _tell_steps(self) -> None:
        for part, verb, name in ((self.undo, "Undo", self._top.undo), (self.redo, "Redo", self._top.redo)):
            keys = native(next(iter(self._keys.get(verb.lower(), ())), ""))
            part.setEnabled(name is not None and not self._top.keeper)
            part.setToolTip(plain_tip(f"{verb} {name or ''} ({keys})".replace("  ", " ")))

    def _tell_age(self) -> None:
        words = self._top.saved
        if self._top.saved_at is not None:
            age = max(0.0, time.time() - self._top.saved_at)
            words = "saved just now" if age < 5 else f"saved {left_text(age)} ago" if age < 86400 else "saved"
        self._saved.setText(f"·  {words}" if words else "")

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the age of the last save true."""
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._clock.stop()


def _menu_button(parent: QWidget) -> QToolButton:
    """The sign of the program, a circle drawn by hand round a take, which opens the menu."""
    made = QToolButton(parent)
    made.setProperty("look", "flat")
    made.setIcon(logo(LOGO, parent.devicePixelRatioF()))
    made.setIconSize(QSize(LOGO, LOGO))
    made.setFixedSize(30, 30)
    made.setToolTip("Menu")
    made.setAccessibleName("Menu")
    return made


def logo(size: int, ratio: float = 1.0) -> QIcon:
    """The program's sign."""
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(theme.color(theme.current().accent), size / 9)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    middle, radius = QPointF(size / 2, size / 2), size * 0.4
    # A stroke that begins above where it ends, as a hand draws it.
    painter.drawArc(
        round(middle.x() - radius), round(middle.y() - radius), round(2 * radius), round(2 * radius), 70 * 16, 310 * 16
    )
    painter.end()
    return QIcon(picture)
