"""The bar at the bottom: the work that runs, how far it is, and what machine and footage it runs on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import button, label
from circletake_viewers.state.bars import VERBS
from circletake_viewers.state.shown import Status

STEPS = 1000
"""Steps of the progress bar."""


class StatusBar(QWidget):
    """Shows a `Status`. `cancel_wanted` names a job; `jobs_wanted` asks for the list of work."""

    cancel_wanted = Signal(str)
    jobs_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.STATUS_BAR)
        self._status = Status()
        self._verb = label(look="caption")
        self._bar = QProgressBar(textVisible=False, maximum=STEPS)
        self._bar.setFixedWidth(180)
        self._line = label(look="caption")
        self.cancel = button("Cancel", "link")
        self.cancel.clicked.connect(self._cancel)
        self.jobs = button("", "link")
        self.jobs.clicked.connect(self.jobs_wanted)
        self._machine = label(look="caption")
        self._media = label(look="caption")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(12)
        for part in (self._verb, self._bar, self._line, self.cancel, self.jobs):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self._machine)
        layout.addWidget(self._media)
        self.show_status(Status())

    def show_status(self, status: Status) -> None:
        """Show what runs."""
        self._status = status
        job = status.job
        for part in (self._bar, self._line, self.cancel):
            part.setVisible(job is not None)
        self._verb.setText((VERBS.get(job.kind) or job.title) if job else "Ready")
        if job is not None:
            # Without an end in sight the bar only says that something moves.
            self._bar.setMaximum(STEPS if status.share is not None else 0)
            self._bar.setValue(round(STEPS * (status.share or 0)))
            self._line.setText(status.line)
        self._tell_jobs(status)
        self._machine.setText(status.machine)
        self._media.setText(status.media)

    def _cancel(self) -> None:
        if self._status.job is not None:
            self.cancel_wanted.emit(self._status.job.id)

    def _tell_jobs(self, status: Status) -> None:
        words = []
        if status.waiting:
            words.append(f"{status.waiting} more waiting")
        if status.failed:
            words.append(f"{status.failed} failed")
        self.jobs.setText(" · ".join(words))
        self.jobs.setVisible(bool(words))
        self.jobs.setIcon(theme.icon("error" if status.failed else "wait", theme.current().muted))
