"""What the dialogs share that plan while one chooses: marks, a folder, a plan made anew once typing rests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton, QRadioButton, QWidget

from circletake.session.exporting import MarkChoice
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.export_preview import Preview, mark_counts
from circletake_viewers.dialogs.frame import Dialog, Inline
from circletake_viewers.dialogs.planner import Planner
from circletake_viewers.dialogs.send_preview import SendPreview
from circletake_viewers.parts import Elided

SETTLE_MS = 150
"""How long typing rests before the plan is made anew."""

CHOICES = {MarkChoice.KEPT: "Kept", MarkChoice.PROPOSED: "Proposed", MarkChoice.ALL: "Kept and proposed"}


class PlannedDialog(Dialog):
    """Asks for marks and a folder, and tells what a plan of them says. `_timer` runs out when it is to be made anew."""

    def __init__(
        self, title: str, size: QSize, desk: Desk, folder: Path, planner: Planner, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, size, parent)
        self._desk = desk
        self._planner = planner
        self.destroyed.connect(planner.release)
        self._begins = False
        self.marks = {choice: QRadioButton() for choice in CHOICES}
        self.folder = QLineEdit(str(folder))
        self.replace = QCheckBox("Replace files of the same name")
        self._notes, self.refusal = Inline(), Inline()
        self.reason = Elided(look="caption")
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)

    @property
    def settled(self) -> bool:
        """Tell whether what is shown is what is chosen."""
        return not self._timer.isActive() and not self._planner.busy

    def count_marks(self) -> None:
        """Say beside each choice how many marks it means."""
        for choice, count in mark_counts(self._desk.timeline).items():
            self.marks[choice].setText(f"{CHOICES[choice]} ({count})")
            self.marks[choice].setEnabled(count > 0 or self.marks[choice].isChecked())

    def ask_for_folder(self, title: str) -> None:
        """Let a folder be chosen."""
        chosen = QFileDialog.getExistingDirectory(self, title, self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def show_verdict(self, preview: Preview | SendPreview, go: QPushButton) -> bool:
        """Say whether the plan can be carried out by `go`; tells whether that was asked for before it was known."""
        begins, self._begins = self._begins, False
        self._notes.show_note(" ".join(preview.notes))
        self.refusal.show_error(preview.refusal)
        go.setText(preview.button)
        go.setEnabled(preview.ready)
        self.reason.setText("" if preview.ready or preview.refusal is None else preview.refusal.hint)
        return begins

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop planning."""
        super().hideEvent(event)
        self._timer.stop()
