"""The choice about a timeline that arrives with marks made here: into the open cut, or in its place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from circletake.session.arriving import Arrived
from circletake_viewers.dialogs.frame import Dialog, wrapped
from circletake_viewers.parts import Elided, button


class ArrivalDialog(Dialog):
    """Asks what a file is meant for; Esc drops it."""

    marks_wanted = Signal(tuple)
    open_wanted = Signal(tuple)

    def __init__(self, arrived: Arrived, parent: QWidget | None = None) -> None:
        super().__init__("Marks that come back", QSize(520, 10), parent)
        count = arrived.marks
        title = Elided(arrived.files[0].name, "title")
        title.setSizePolicy(title.sizePolicy().horizontalPolicy(), title.sizePolicy().Policy.Fixed)
        marks = "1 mark that was made here" if count == 1 else f"{count} marks that were made here"
        text = f"It brings back {marks}. Those this cut still has are moved and renamed as they come; others are added."
        self.marks = button("Import its marks into this cut", "main", "import")
        self.instead = button("Open it instead")
        cancel = button("Cancel")
        for part, signal in ((self.marks, self.marks_wanted), (self.instead, self.open_wanted)):
            part.clicked.connect(self.close)
            part.clicked.connect(lambda _=False, wanted=signal: wanted.emit(arrived.files))
        cancel.clicked.connect(self.close)
        self.body.addWidget(title)
        self.body.addWidget(wrapped(text, "caption"))
        self.set_foot(cancel, None, self.instead, self.marks)
        self.set_main(self.marks)
        self.marks.setFocus()
        self.fit_height()
