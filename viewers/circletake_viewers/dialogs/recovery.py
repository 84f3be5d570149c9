"""What a crash left: projects that were never saved, to go on with, to keep, or to throw away."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from circletake.session.unsaved import Unsaved
from circletake_viewers.dialogs.frame import Dialog, Inline, wrapped
from circletake_viewers.parts import Elided, button, label, line, row


def ago(seconds: float) -> str:
    """How long since: `just now`, `4 minutes ago`, `3 hours ago`, `2 days ago`."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def about(project: Unsaved, now: float) -> str:
    """What was done to a project, and when."""
    edits = f"{project.edits} edit{'' if project.edits == 1 else 's'}"
    marks = f"{project.marks} mark{'' if project.marks == 1 else 's'}"
    return f"Changed {ago(now - project.changed)} · {edits} · {marks}, {project.kept} kept"


class _Project(QFrame):
    """One project and what to do with it."""

    resumed = Signal()
    kept = Signal()
    forgotten = Signal()

    def __init__(self, project: Unsaved, *, is_first: bool) -> None:
        super().__init__()
        self.go_on = button("Go on with it", "main" if is_first else "")
        self.keep = button("Keep for later", "link")
        self.throw = button("Throw away…", "link")
        self.sure = button(f"Throw {project.edits} edit{'' if project.edits == 1 else 's'} away for good", "danger")
        self.spare = button("No, keep it", "link")
        for part, signal in ((self.go_on, self.resumed), (self.keep, self.kept), (self.sure, self.forgotten)):
            part.clicked.connect(signal)
        self.throw.clicked.connect(lambda: self._ask(asked=True))
        self.spare.clicked.connect(lambda: self._ask(asked=False))
        title = Elided(project.name, "title")
        title.setSizePolicy(title.sizePolicy().horizontalPolicy(), title.sizePolicy().Policy.Fixed)
        damage = Inline()
        if project.problem:
            damage.show_note("Only a part could be read; edits after that are lost.", project.problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(4)
        layout.addWidget(title)
        layout.addWidget(label(about(project, time.time()), "caption"))
        layout.addWidget(damage)
        layout.addSpacing(4)
        layout.addLayout(row(self.go_on, self.keep, self.throw, self.sure, self.spare, None))
        self._ask(asked=False)

    def _ask(self, *, asked: bool) -> None:
        for part in (self.go_on, self.keep, self.throw):
            part.setVisible(not asked)
        for part in (self.sure, self.spare):
            part.setVisible(asked)
        (self.spare if asked else self.go_on).setFocus()


class RecoveryDialog(Dialog):
    """Offers each project. `resume_wanted` and `forget_wanted` carry its journal; closing keeps what is left."""

    resume_wanted = Signal(Path)
    forget_wanted = Signal(Path)

    def __init__(self, unsaved: Sequence[Unsaved], parent: QWidget | None = None) -> None:
        super().__init__("Work that was not saved", QSize(560, min(560, 190 + 110 * len(unsaved))), parent)
        self.projects: list[_Project] = []
        count = len(unsaved)
        self.body.addWidget(
            label("This was not saved" if count == 1 else f"These {count} projects were not saved", "title")
        )
        self.body.addWidget(
            wrapped("The program ended before they had a file. Everything is here, up to the last second.", "caption")
        )
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        for place, project in enumerate(unsaved):
            if place:
                column.addWidget(line())
            column.addWidget(self._offer(project, is_first=place == 0))
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self.body.addWidget(scroll, 1)
        later = button("Keep all for later")
        later.setToolTip("They are offered again when the program starts next time")
        later.clicked.connect(self.close)
        self.set_foot(None, later)
        self.set_main(self.projects[0].go_on)
        self.projects[0].go_on.setFocus()

    def _offer(self, project: Unsaved, *, is_first: bool) -> _Project:
        made = _Project(project, is_first=is_first)
        made.resumed.connect(lambda: self._resume(project.journal))
        made.kept.connect(lambda: self._settle(made))
        made.forgotten.connect(lambda: self._forget(made, project.journal))
        self.projects.append(made)
        return made

    def _resume(self, journal: Path) -> None:
        self.close()
        self.resume_wanted.emit(journal)

    def _forget(self, project: _Project, journal: Path) -> None:
        self.forget_wanted.emit(journal)
        self._settle(project)

    def _settle(self, project: _Project) -> None:
        """One less to answer for; the last one closes the dialog."""
        project.hide()
        self.projects.remove(project)
        if not self.projects:
            self.close()
