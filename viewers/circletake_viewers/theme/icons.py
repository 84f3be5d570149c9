"""Icons by what they are for: Phosphor's, from QtAwesome's files, tinted by the theme.

The package brings the font and the table of its signs; its code is not imported, for that alone takes 130 ms of the
window's start (it loads every Qt module that another binding may have).
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from circletake_viewers.theme.look import color as color_of
from circletake_viewers.theme.look import current

FONT = "qtawesome/fonts/phosphor-1.3.0.ttf"
SIGNS = "qtawesome/fonts/phosphor-charmap-1.3.0.json"

SHARE = 0.95
"""Height of a sign's letter box in its icon: the font leaves a little air round each."""

NAMES = {
    "arrows-out": "arrows-out",
    "caret-down": "caret-down",
    "caret-right": "caret-right",
    "cancel": "x",
    "changed": "pencil-simple",
    "check": "check",
    "close": "x",
    "command": "terminal",
    "copy": "copy",
    "delete": "trash",
    "dot": "circle-fill",
    "error": "warning-circle",
    "export": "export",
    "film": "film-strip",
    "filter": "funnel",
    "fit": "arrows-out-line-horizontal",
    "folder": "folder-open",
    "import": "download-simple",
    "info": "info",
    "join": "arrows-in-line-horizontal",
    "keyboard": "keyboard",
    "log": "article",
    "loop": "repeat",
    "lost": "x-circle",
    "magnet": "magnet-straight",
    "mark": "bookmark-simple",
    "marker": "flag",
    "missing": "link-break",
    "more": "dots-three",
    "muted": "speaker-slash",
    "next": "skip-forward",
    "note": "note-pencil",
    "open": "folder-open",
    "pause": "pause",
    "play": "play",
    "plus": "plus",
    "previous": "skip-back",
    "project": "file-text",
    "recover": "clock-counter-clockwise",
    "redo": "arrow-u-up-right",
    "reject": "x",
    "save": "floppy-disk",
    "search": "magnifying-glass",
    "send": "paper-plane-tilt",
    "settings": "gear",
    "sound": "speaker-high",
    "split": "scissors",
    "trim": "arrows-in-line-horizontal",
    "undo": "arrow-u-up-left",
    "wait": "hourglass",
    "warning": "warning",
    "zoom-in": "magnifying-glass-plus",
    "zoom-out": "magnifying-glass-minus",
}
"""Our name for each icon, and the set's. Source: Phosphor Icons 1.3, MIT."""


def icon(name: str, color: str | None = None) -> QIcon:
    """The icon in `color` (`#rrggbb`), by default the theme's text; faint where it is disabled.

    Raises:
        KeyError: no icon has this name.
    """
    return _icon(NAMES[name], color or current().text, current().faint)


def pixmap(name: str, size: int, color: str | None = None, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` pixels a side, for a screen of `ratio` device pixels a pixel."""
    return _pixmap(NAMES[name], size, color or current().text, ratio)


@functools.cache
def _icon(sign: str, color: str, disabled: str) -> QIcon:
    return QIcon(_Sign(sign, color, disabled))


@functools.cache
def _pixmap(sign: str, size: int, color: str, ratio: float) -> QPixmap:
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    _draw(painter, drawn.rect(), sign, color)
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


class _Sign(QIconEngine):
    """Draws a letter of the font at any size."""

    def __init__(self, sign: str, color: str, disabled: str) -> None:
        super().__init__()
        self._sign, self._color, self._disabled = sign, color, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _: QIcon.State) -> None:
        """Draw it."""
        _draw(painter, rect, self._sign, self._disabled if mode is QIcon.Mode.Disabled else self._color)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """It as a picture."""
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        """Another of the same."""
        return _Sign(self._sign, self._color, self._disabled)


def _draw(painter: QPainter, rect: QRect, sign: str, color: str) -> None:
    font = QFont(_family())
    font.setPixelSize(max(1, round(rect.height() * SHARE)))
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font)
    painter.setPen(color_of(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _letters()[sign])


@functools.cache
def _family() -> str:
    """The font's name, once Qt knows it."""
    number = QFontDatabase.addApplicationFont(str(_file(FONT)))
    return QFontDatabase.applicationFontFamilies(number)[0]


@functools.cache
def _letters() -> dict[str, str]:
    """Each sign's letter in the font."""
    codes: dict[str, str] = json.loads(_file(SIGNS).read_text(encoding="utf-8"))
    return {name: chr(int(code, 16)) for name, code in codes.items()}


def _file(name: str) -> Path:
    return Path(str(importlib.metadata.distribution("QtAwesome").locate_file(name)))
