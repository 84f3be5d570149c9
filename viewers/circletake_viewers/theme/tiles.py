"""Small tiles with letters, which stand for other programs: their own signs are trademarks."""

from __future__ import annotations

import functools

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPixmap

from circletake_viewers.theme.look import color, current, font
from circletake_viewers.theme.table import RADIUS_BUTTON

SHARE = 0.46
"""Height of the letters in their tile."""

SCALES = (1, 2)
"""Device pixels a pixel for which a tile is drawn."""


def tile(title: str, size: int) -> QIcon:
    """A tile of `size` pixels with the first letters of a program's name, in the present theme."""
    t = current()
    return _tile(monogram(title), size, t.raised, t.faint, t.text)


def monogram(title: str) -> str:
    """Two letters: those that begin its first two capitalised words, else the first two of its only one."""
    words = [word for word in title.split() if word[:1].isupper()] or title.split() or ["?"]
    return "".join(word[0] for word in words[:2]) if len(words) > 1 else words[0][:2]


@functools.cache
def _tile(letters: str, size: int, ground: str, edge: str, ink: str) -> QIcon:
    made = QIcon()
    for scale in SCALES:
        made.addPixmap(_drawn(letters, size, scale, (ground, edge, ink)))
    return made


def _drawn(letters: str, size: int, scale: int, colors: tuple[str, str, str]) -> QPixmap:
    ground, edge, ink = map(color, colors)
    drawn = QPixmap(size * scale, size * scale)
    drawn.setDevicePixelRatio(scale)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(edge)
    painter.setBrush(ground)
    place = QRectF(0.5, 0.5, size - 1, size - 1)
    painter.drawRoundedRect(place, RADIUS_BUTTON - 2, RADIUS_BUTTON - 2)
    painter.setFont(font(round(size * SHARE), QFont.Weight.DemiBold))
    painter.setPen(ink)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letters)
    painter.end()
    return drawn
