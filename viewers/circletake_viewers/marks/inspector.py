"""The right panel: why a mark stands where it stands, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from circletake_viewers import theme
from circletake_viewers.marks.blocks import MomentBlock, PartsBlock, ScoreBlock, SourceBlock
from circletake_viewers.marks.decisions import Decisions
from circletake_viewers.marks.ends import EndsBlock
from circletake_viewers.marks.fields import NameLine, NoteField
from circletake_viewers.parts import Elided, label, line, native
from circletake_viewers.state.shown import Clock, Explained

LEAST_WIDTH = 260
SIDE = 16


class Inspector(QWidget):
    """Explains one mark. `wanted` names a command; trims are in timeline frames, the end exclusive.

    `left` tells that a key ended the note, and the hands want to go on elsewhere.
    """

    left = Signal()
    wanted = Signal(str)
    trim_wanted = Signal(str, int, int)
    seek_wanted = Signal(int)
    renamed = Signal(str, str)
    noted = Signal(str, str)
    curve_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(LEAST_WIDTH)
        self._mark_id = ""
        self._explained: Explained | None = None
        self._read_only = False
        self.name = NameLine()
        self._span = Elided("", "caption")
        self.score, self.parts, self.moment = ScoreBlock(), PartsBlock(), MomentBlock()
        self.source = SourceBlock()
        self.ends, self.note, self.decisions = EndsBlock(), NoteField(), Decisions()
        self._scroll = QScrollArea()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.note.left.connect(self.left)

    # Values in.

    def show_mark(self, explained: Explained | None, clock: Clock) -> None:
        """Explain this mark; a note being written to another one is taken first."""
        self._explained = explained
        self._pages.setCurrentIndex(0 if explained is None else 1)
        mark_id = explained.row.id if explained else ""
        if mark_id != self._mark_id:
            self._leave()
            self._mark_id = mark_id
        if explained is not None:
            self._show(explained, clock)

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Print these keys."""
        self.decisions.set_keys(keys)
        strongest = native(next(iter(keys.get("go-strongest", ())), ""))
        self.moment.link.setToolTip(f"Go there ({strongest})" if strongest else "Go there")

    def set_read_only(self, *, read_only: bool) -> None:
        """Let the mark be changed, or not."""
        self._read_only = read_only
        if self._explained is not None:
            self._lock(self._explained)

    def edit_name(self) -> None:
        """Let the name be typed."""
        self._scroll.ensureWidgetVisible(self.name)
        self.name.edit()

    def edit_note(self) -> None:
        """Let the note be typed."""
        if self._explained is not None and not self.note.isReadOnly():
            self._scroll.ensureWidgetVisible(self.note)
            self.note.moveCursor(QTextCursor.MoveOperation.End)
            self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def commit(self) -> None:
        """Take what is being typed, before the window goes."""
        self.note.commit()

    # Steps.

    def _show(self, explained: Explained, clock: Clock) -> None:
        row = explained.row
        self.name.show_name(row.title)
        self._span.setText(f"{explained.span}  ·  {explained.length}")
        self._span.setToolTip(self._span.text())
        self.score.show_score(explained)
        self.parts.show_parts(explained.parts)
        self.moment.show_moment(explained.moment, explained.moment_text, clock)
        self.source.show_source(explained.source)
        self.ends.show_ends(row.start, row.end, clock)
        if not (self.note.hasFocus() and self.note.is_dirty):
            self.note.show_note(explained.note)
        self._lock(explained)

    def _lock(self, explained: Explained) -> None:
        """What still grows cannot be changed, nor anything where somebody else has the project."""
        read_only = self._read_only or explained.row.provisional
        self.name.can_edit = not read_only
        self.note.setReadOnly(read_only)
        self.ends.set_read_only(read_only=read_only)
        self.decisions.show_mark(explained, read_only=read_only)

    def _leave(self) -> None:
        """Another mark is coming: keep the note that was being written, drop half a name or time."""
        self.name.give_up()
        self.ends.forget_typed()
        if self.note.is_dirty and not self.note.isReadOnly():
            mark_id, text = self._mark_id, self.note.toPlainText().strip()
            # Not now: whoever shows us this mark is still telling others.
            QTimer.singleShot(0, self, lambda: self.noted.emit(mark_id, text))
        self.note.show_note("")

    def _connect(self) -> None:
        self.name.named.connect(lambda name: self.renamed.emit(self._mark_id, name))
        self.parts.curve_wanted.connect(self.curve_wanted)
        self.moment.seek_wanted.connect(self.seek_wanted)
        self.ends.trimmed.connect(lambda start, end: self.trim_wanted.emit(self._mark_id, start, end))
        self.note.written.connect(lambda text: self.noted.emit(self._mark_id, text))
        self.decisions.wanted.connect(self.wanted)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._page())

    def _page(self) -> QWidget:
        """What is explained scrolls; the buttons below stay where the hand knows them."""
        made = QWidget()
        layout = QVBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        scroll = self._scroll
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self._body())
        layout.addWidget(scroll, 1)
        layout.addWidget(line())
        foot = QWidget()
        inner = QVBoxLayout(foot)
        inner.setContentsMargins(SIDE, theme.GAP[2], SIDE, theme.GAP[2])
        inner.addWidget(self.decisions)
        layout.addWidget(foot)
        return made

    def _body(self) -> QWidget:
        made = QWidget()
        made.setObjectName("panel")
        layout = QVBoxLayout(made)
        layout.setContentsMargins(SIDE, 10, SIDE, theme.GAP[2])
        layout.setSpacing(0)
        for part in (self.name, self._span, self.score, self.parts, self.moment, self.ends):
            layout.addWidget(part)
        layout.addSpacing(theme.GAP[2])
        layout.addWidget(self.note)
        layout.addWidget(self.source)
        layout.addStretch(1)
        return made

    def _empty_page(self) -> QWidget:
        made = QWidget()
        layout = QVBoxLayout(made)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.addStretch(1)
        title = label("No mark selected", "title")
        words = label("Select one to see its score, what carried it, and its strongest moment.", "caption")
        for part in (title, words):
            part.setWordWrap(True)
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(part)
        layout.addStretch(1)
        return made
