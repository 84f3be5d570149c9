"""The keys of the work printed under the list, as caps with words; they wrap like a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import native

HINTS = (
    (("keep",), "circle and play next"),
    (("reject",), "reject"),
    (("set-in", "set-out"), "trim"),
    (("previous-mark", "next-mark"), "walk the marks"),
    (("shuttle-back", "shuttle-stop", "shuttle-forward"), "play"),
    (("shortcuts",), "all shortcuts"),
)
"""Commands whose keys are shown, and what they do."""

LINE, CAP, APART, MARGIN = 20, 17, 10, 14


@dataclass(frozen=True, slots=True)
class _Piece:
    """A cap or words, and where."""

    text: str
    place: QRect
    is_cap: bool


class KeyHints(QWidget):
    """Shows the keys of `HINTS`, whatever they are bound to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hints: tuple[tuple[tuple[str, ...], str], ...] = ()

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Print these keys; what has none is left out."""
        found = [(tuple(native(keys[name][0]) for name in names if keys.get(name)), words) for names, words in HINTS]
        self._hints = tuple((caps, words) for caps, words in found if caps)
        self.setAccessibleName(", ".join(f"{' '.join(caps)}: {words}" for caps, words in self._hints))
        self.update()

    def height_at(self, width: int) -> int:
        """What all lines need, with some air; 0 where no key is known."""
        pieces = self._pieces(width)
        return pieces[-1].place.bottom() + 1 + 8 if pieces else 0

    def _pieces(self, width: int) -> list[_Piece]:
        found: list[_Piece] = []
        x, y = MARGIN, 10
        for caps, words in self._hints:
            group = self._group(caps, words)
            needed = group[-1].place.right() + 1
            if x > MARGIN and x + needed > width - MARGIN:
                x, y = MARGIN, y + LINE
            found += [_Piece(each.text, each.place.translated(x, y), each.is_cap) for each in group]
            x += needed + APART
        return found

    @staticmethod
    def _group(caps: tuple[str, ...], words: str) -> list[_Piece]:
        small, caption = QFontMetrics(theme.font(theme.SMALL)), QFontMetrics(theme.font(theme.CAPTION))
        found: list[_Piece] = []
        x = 0
        for cap in caps:
            width = max(CAP, small.horizontalAdvance(cap) + 10)
            found.append(_Piece(cap, QRect(x, 0, width, CAP), is_cap=True))
            x += width + 4
        found.append(_Piece(words, QRect(x, 0, caption.horizontalAdvance(words) + 1, CAP), is_cap=False))
        return found

    def paintEvent(self, _: QPaintEvent) -> None:
        """Caps and words."""
        t = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for piece in self._pieces(self.width()):
            place = QRectF(QStyle.visualRect(self.layoutDirection(), self.rect(), piece.place))
            if piece.is_cap:
                painter.setPen(theme.faded(t.muted, 0.5))
                painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setFont(theme.font(theme.SMALL if piece.is_cap else theme.CAPTION))
            painter.setPen(theme.color(t.muted if piece.is_cap else t.faint))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, piece.text)
        painter.end()
