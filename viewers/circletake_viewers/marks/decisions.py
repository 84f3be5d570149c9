"""The buttons that decide: on the mark explained, or on all that are selected."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.marks.pieces import Pair
from circletake_viewers.parts import KeyButton, button, label, native
from circletake_viewers.state.shown import Explained


class Decisions(QWidget):
    """Keep, reject, and join where several are selected. `wanted` names the command."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: Mapping[str, tuple[str, ...]] = {}
        self._state = MarkState.PROPOSED
        self._count = 1
        self.keep = KeyButton("Keep", "C", "", "check")
        self.reject = KeyButton("Reject", "X", "", "reject")
        self.join = button("Join", "link", "join")
        self._others = label(look="caption")
        self._several = QWidget()
        line = QHBoxLayout(self._several)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._others, 1)
        line.addWidget(self.join)
        self._pair = Pair(self.keep, self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP[1])
        layout.addWidget(self._several)
        layout.addWidget(self._pair)
        self.keep.clicked.connect(lambda: self._decide("keep", MarkState.KEPT))
        self.reject.clicked.connect(lambda: self._decide("reject", MarkState.REJECTED))
        self.join.clicked.connect(lambda: self.wanted.emit("join-marks"))

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Print these keys."""
        self._keys = keys
        self.keep.set_keys(self._key("keep"))
        self.reject.set_keys(self._key("reject"))
        self._say()

    def show_mark(self, explained: Explained, *, read_only: bool) -> None:
        """Say what a press will do, and to how many."""
        self._state, self._count = explained.row.state, explained.others + 1
        for part in (self.keep, self.reject, self.join):
            part.setEnabled(not read_only)
        self._several.setVisible(explained.others > 0)
        self._others.setText(f"and {explained.others} more selected")
        self._say()

    def changeEvent(self, event: QEvent) -> None:
        """Tint the icon anew in another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.join.setIcon(theme.icon("join"))

    def _say(self) -> None:
        if self._count > 1:
            words = (f"Keep {self._count}", f"Reject {self._count}")
        else:
            words = (
                "Kept" if self._state is MarkState.KEPT else "Keep",
                "Rejected" if self._state is MarkState.REJECTED else "Reject",
            )
        is_kept = self._count == 1 and self._state is MarkState.KEPT
        self.keep.set_look("main" if is_kept else "")
        for part, text in zip((self.keep, self.reject), words, strict=True):
            part.setText(text)
            part.updateGeometry()
        self.join.setText(f"Join {self._count}")
        self._give_tips()
        self._pair.arrange()

    def _give_tips(self) -> None:
        back = f"Take the decision back ({native(self._key('undecide'))})"
        decided = self._state if self._count == 1 else None
        self.keep.setToolTip(back if decided is MarkState.KEPT else "Circle: it will be exported")
        self.reject.setToolTip(back if decided is MarkState.REJECTED else "Put aside; it stays in the list")
        self.join.setToolTip(f"Make one mark of them ({native(self._key('join-marks'))})")

    def _key(self, command: str) -> str:
        return next(iter(self._keys.get(command, ())), "")

    def _decide(self, command: str, state: MarkState) -> None:
        """A second press takes a decision back."""
        is_so = self._count == 1 and self._state is state
        self.wanted.emit("undecide" if is_so else command)
