"""What this machine has and lacks, and what to do about each lack."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from circletake.session.doctor import Check, Health
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.frame import Dialog, selectable, wrapped
from circletake_viewers.parts import Sign, button, label

ICONS = {Health.OK: "check", Health.NOTE: "info", Health.FAULT: "error"}


class DoctorDialog(Dialog):
    """Examines the machine once it is on the screen, and shows each check."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Check this machine", QSize(720, 560), parent)
        self._desk = desk
        self.checks: tuple[Check, ...] = ()
        self._asked = False
        self._summary = label("Looking…", "title")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(12)
        self._rows.setColumnStretch(2, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._rows)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(inside)
        self.body.addWidget(self._summary)
        self.body.addWidget(scroll, 1)
        self.copy = button("Copy all", icon="copy")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(as_text(self.checks)))
        done = button("Close")
        done.clicked.connect(self.close)
        self.set_main(done)
        self.set_foot(self.copy, None, done)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the machine after the window has been painted."""
        super().showEvent(event)
        if not self._asked:
            self._asked = True
            QTimer.singleShot(0, self, self.look)

    def look(self) -> None:
        """Examine, and show what was found."""
        found = self._desk.do("doctor")
        self.checks = tuple(each for each in found if isinstance(each, Check)) if isinstance(found, tuple) else ()
        for place, check in enumerate(self.checks):
            self._add(place, check)
        self._summary.setText(_summary(self.checks))
        self.copy.setEnabled(bool(self.checks))

    def _add(self, place: int, check: Check) -> None:
        sign = Sign(ICONS[check.health])
        sign.setAccessibleName(check.health)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(selectable(wrapped(check.found)))
        if check.remedy:
            words.addWidget(selectable(wrapped(check.remedy, "caption")))
        top = Qt.AlignmentFlag.AlignTop
        self._rows.addWidget(sign, place, 0, top)
        self._rows.addWidget(QLabel(check.name), place, 1, top)
        self._rows.addLayout(words, place, 2, top)


def _summary(checks: tuple[Check, ...]) -> str:
    faults = sum(check.health is Health.FAULT for check in checks)
    if not checks:
        return "The machine could not be looked at."
    return f"{faults} thing{'' if faults == 1 else 's'} to put right" if faults else "Everything that is needed is here"


def as_text(checks: tuple[Check, ...]) -> str:
    """The checks as lines to send to somebody."""
    lines = (f"{check.health:5}  {check.name}: {check.found}" for check in checks)
    remedies = (f"\n       {check.remedy}" if check.remedy else "" for check in checks)
    return "\n".join(line + remedy for line, remedy in zip(lines, remedies, strict=True))
