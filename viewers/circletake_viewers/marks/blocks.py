"""The parts of the inspector that only show: the score, what carried it, the strongest moment."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from circletake_viewers import theme
from circletake_viewers.marks.pieces import PartRow, TimeLink
from circletake_viewers.parts import label
from circletake_viewers.state.shown import Clock, Explained, Part

AROUND = (0, 12, 0, 4)
"""Space round a block, its own, so that one that hides takes it along."""


def column(parent: QWidget, gap: int) -> QVBoxLayout:
    """The parts of a block, one below the other."""
    made = QVBoxLayout(parent)
    made.setContentsMargins(*AROUND)
    made.setSpacing(gap)
    return made


class ScoreBlock(QWidget):
    """The one big number, what it counts, and where the mark stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = label(look="caption")
        self.caption.setWordWrap(True)
        self.number = label(look="big")
        self.place = label(look="caption")
        self.trying = label("trying", "caption")
        self._row = QWidget()
        line = QHBoxLayout(self._row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.GAP[1])
        line.addWidget(self.number)
        line.addWidget(self.place, 1)
        line.addWidget(self.trying)
        for part in (self.place, self.trying):
            part.setAlignment(Qt.AlignmentFlag.AlignBottom)
            part.setContentsMargins(0, 0, 0, 7)
        layout = column(self, 0)
        layout.addWidget(self.caption)
        layout.addWidget(self._row)

    def show_score(self, explained: Explained) -> None:
        """Show a mark's score, or only why it has none."""
        self.caption.setText(explained.caption)
        score = explained.row.score
        self._row.setVisible(score is not None)
        self.number.setText("" if score is None else f"{score:.0f}")
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("88"))
        self.place.setText(f"of 100  ·  {explained.place}")
        # It keeps its room, so that nothing moves under the hand that drags.
        self.trying.setText("trying" if explained.tried else "")


class PartsBlock(QWidget):
    """Each signal's share; `curve_wanted` names the one clicked."""

    curve_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[PartRow] = []
        self._layout = column(self, 0)
        self._layout.addWidget(label("What carried it", "caption"))
        self._layout.addSpacing(theme.GAP[0])

    def show_parts(self, parts: tuple[Part, ...]) -> None:
        """Show these; rows once made are used again."""
        for _ in range(len(parts) - len(self.rows)):
            self._add_row()
        for row, part in zip(self.rows, parts, strict=False):
            row.show_part(part)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(parts))
        self.setVisible(bool(parts))

    def _add_row(self) -> None:
        row = PartRow(self)
        row.clicked.connect(lambda: self.curve_wanted.emit(row.name))
        self._layout.addWidget(row)
        self.rows.append(row)


class MomentBlock(QWidget):
    """The moment that stood out most; `seek_wanted` carries its frame."""

    seek_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link = TimeLink()
        self.words = label(look="caption")
        self.words.setWordWrap(True)
        self.words.setContentsMargins(0, 4, 0, 0)
        # Room for two lines always, so that what is below stays while an edge is dragged.
        self.words.setMinimumHeight(2 * QFontMetrics(theme.font(theme.CAPTION)).lineSpacing() + 4)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._frame = 0
        line = QHBoxLayout()
        line.setSpacing(theme.GAP[1])
        line.addWidget(self.link, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1, Qt.AlignmentFlag.AlignTop)
        layout = column(self, 2)
        layout.addWidget(label("Strongest moment", "caption"))
        layout.addLayout(line)
        self.link.clicked.connect(lambda: self.seek_wanted.emit(self._frame))

    def show_moment(self, frame: int | None, words: str, clock: Clock) -> None:
        """Show where, and what stood out there."""
        self.setVisible(frame is not None)
        if frame is not None:
            self._frame = frame
            self.link.setText(clock.timecode(frame))
            self.link.updateGeometry()
            self.words.setText(words)


class SourceBlock(QWidget):
    """What gave the mark its score."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = label()
        self.words.setWordWrap(True)
        layout = column(self, 2)
        layout.addWidget(label("Produced by", "caption"))
        layout.addWidget(self.words)

    def show_source(self, source: str) -> None:
        """Name it; nothing where nothing did."""
        self.setVisible(bool(source))
        self.words.setText(source)
