"""In and out of a mark, to read and to type."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from circletake_viewers import theme
from circletake_viewers.marks.blocks import AROUND
from circletake_viewers.marks.fields import TimeField
from circletake_viewers.parts import label
from circletake_viewers.state.shown import Clock


class EndsBlock(QWidget):
    """Two timecodes with the frames they mean. `trimmed` carries start and end (exclusive) in timeline frames."""

    trimmed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.last = TimeField("In"), TimeField("Out")
        self.first.setToolTip("Where the mark begins. Type a time, or nudge it with ↑ ↓")
        self.last.setToolTip("Where the mark has ended. Type a time, or nudge it with ↑ ↓")
        self._first_frame, self._last_frame = label(look="hint"), label(look="hint")
        self.message = label(look="error")
        self.message.setWordWrap(True)
        self._lay_out()
        self._clear()
        for field in (self.first, self.last):
            field.refused.connect(self._complain)
            field.textEdited.connect(self._clear)
        self.first.entered.connect(self._move_first)
        self.last.entered.connect(self._move_last)

    def show_ends(self, start: int, end: int, clock: Clock) -> None:
        """Show these ends; what is being typed stays."""
        if (start, end) != (self.first.frame, self.last.frame):
            self._clear()
        self.first.show_frame(start, clock)
        self.last.show_frame(end, clock)
        self._first_frame.setText(f"first frame {start}")
        self._last_frame.setText(f"last frame {end - 1}")

    def set_read_only(self, *, read_only: bool) -> None:
        """Let times be typed, or not."""
        for field in (self.first, self.last):
            field.setReadOnly(read_only)

    def forget_typed(self) -> None:
        """What was typed was meant for another mark."""
        for field in (self.first, self.last):
            field.setModified(False)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(*AROUND)
        grid.setHorizontalSpacing(theme.GAP[1])
        grid.setVerticalSpacing(2)
        columns = (("In", self.first, self._first_frame), ("Out", self.last, self._last_frame))
        for place, (name, field, read_out) in enumerate(columns):
            caption = label(name, "caption")
            caption.setBuddy(field)
            grid.addWidget(caption, 0, place)
            grid.addWidget(field, 1, place)
            grid.addWidget(read_out, 2, place)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self.message, 3, 0, 1, 2)

    def _move_first(self, frame: int) -> None:
        if frame < 0:
            self.first.refuse("That is before the beginning.")
        elif frame >= self.last.frame:
            self.first.refuse("In must come before out.")
        else:
            self._clear()
            self.trimmed.emit(frame, self.last.frame)

    def _move_last(self, frame: int) -> None:
        if frame <= self.first.frame:
            self.last.refuse("Out must come after in.")
        else:
            self._clear()
            self.trimmed.emit(self.first.frame, frame)

    def _complain(self, why: str) -> None:
        self.message.setText(why)
        self.message.show()

    def _clear(self) -> None:
        self.message.hide()
        for field in (self.first, self.last):
            field.calm()
