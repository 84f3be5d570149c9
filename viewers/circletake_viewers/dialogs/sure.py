"""The one question that has to be answered: what becomes of edits when their project is left."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from circletake_viewers.dialogs.frame import Dialog, wrapped
from circletake_viewers.parts import button, label


class Answer(Enum):
    """What to do with the edits."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


class SaveDialog(Dialog):
    """Asks about the edits of one project; Esc means to stay."""

    def __init__(self, name: str, kept: int, parent: QWidget | None = None) -> None:
        super().__init__("Save?", QSize(440, 10), parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)  # who asks reads the answer first
        self.answer = Answer.CANCEL
        marks = f"Its {kept} kept mark{'' if kept == 1 else 's'} and all other edits" if kept else "Your edits"
        title = label(f"Save {name}?", "title")
        title.setWordWrap(True)
        self.body.addWidget(title)
        self.body.addWidget(wrapped(f"{marks} are lost if you do not save.", "caption"))
        self.discard = self._offer("Do not save", Answer.DISCARD, "danger")
        self.stay = self._offer("Cancel", Answer.CANCEL)
        self.save = self._offer("Save", Answer.SAVE, "main")
        self.set_main(self.save)
        self.set_foot(self.discard, None, self.stay, self.save)
        self.save.setFocus()

    def _offer(self, words: str, answer: Answer, look: str = "") -> QPushButton:
        made = button(words, look)
        made.clicked.connect(lambda: self._take(answer))
        return made

    def _take(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()


def ask_to_save(parent: QWidget, name: str, *, kept: int = 0) -> Answer:
    """Wait for the user to say what becomes of the edits of project `name`, which holds `kept` kept marks."""
    dialog = SaveDialog(name, kept, parent)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.exec()
    dialog.deleteLater()
    return dialog.answer
