"""The list of work: what runs and how far it is, what waits, how the rest ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from circletake.jobs.job import JobState
from circletake_viewers import theme
from circletake_viewers.dialogs.frame import Details, Inline, is_escape, keep_own_keys, sentence
from circletake_viewers.parts import Elided, button, icon_button, label, line, row
from circletake_viewers.state.bars import left_text, progress_line
from circletake_viewers.state.facts import JobFact

STEPS = 1000
"""Steps of a progress bar."""

WIDTH = 440
HEIGHT = 380
HEAD = 38
EDGE = 8
"""Sizes in pixels; `HEIGHT` is the largest."""


class JobRow(QWidget):
    """One job. `cancel_wanted` carries its id."""

    cancel_wanted = Signal(str)
    turned = Signal()

    def __init__(self, fact: JobFact, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fact: JobFact | None = None
        self._title, self.state = Elided(), label(look="caption")
        self.bar = QProgressBar(textVisible=False, maximum=STEPS)
        self.cancel = icon_button("cancel", "Cancel this", size=theme.SMALL_ICON)
        self.cancel.clicked.connect(lambda: self.cancel_wanted.emit(fact.id))
        policy = self.cancel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.cancel.setSizePolicy(policy)
        self.error = Inline()
        head = row(self._title, self.state, self.cancel)
        head.setStretch(0, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 4, 8, 8)
        self._layout.setSpacing(4)
        self._layout.addLayout(head)
        self._layout.addWidget(self.bar)
        self._layout.addWidget(self.error)
        self.show_fact(fact)

    def show_fact(self, fact: JobFact) -> None:
        """Show how the job is now; nothing is done where that is as before."""
        if fact is self._fact:
            return
        self._fact = fact
        self._title.setText(fact.title)
        self.state.setText(state_line(fact))
        self.bar.setVisible(not fact.state.ended)
        self.cancel.setVisible(not fact.state.ended)
        if not fact.state.ended:
            self._show_progress(fact)
        if fact.error is not None and self.error.isHidden():
            self._show_error(fact)

    def _show_progress(self, fact: JobFact) -> None:
        # Work that waits stands still; work without an end in sight only moves.
        unknown = fact.total <= 0 and fact.state is not JobState.QUEUED
        self.bar.setMaximum(0 if unknown else STEPS)
        if not unknown:
            self.bar.setValue(round(STEPS * fact.done / fact.total) if fact.total > 0 else 0)

    def _show_error(self, fact: JobFact) -> None:
        error = fact.error
        if error is None:
            return
        self.error.show_error(error)
        details = Details((fact.title, sentence(error.message), sentence(error.hint)), error.details)
        details.setContentsMargins(theme.ICON, 0, 0, 0)
        details.turned.connect(self.turned)
        self._layout.addWidget(details)


def state_line(fact: JobFact) -> str:
    """How a job is, in a few words: `63 % · 4 s left`, `3 clips written · 12 s`, `failed`."""
    if not fact.state.ended:
        return progress_line(fact) or "running"
    words = fact.outcome or "done" if fact.state is JobState.DONE else str(fact.state)
    if fact.ended is None or fact.ended - fact.began < 1:
        return words
    return f"{words} · {left_text(fact.ended - fact.began)}"


class JobsPanel(QFrame):
    """Lies over the lower left corner of `parent`, `above` pixels from its lower edge; gone once closed.

    `cancel_wanted` names a job; `clear_wanted` asks to forget those that ended.
    """

    cancel_wanted = Signal(str)
    clear_wanted = Signal()

    def __init__(self, parent: QWidget, above: int = theme.STATUS_BAR) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Work running and done")
        self._host, self._above = parent, above
        self.rows: dict[str, JobRow] = {}
        self.clear = button("Clear ended", "link")
        self.clear.clicked.connect(self.clear_wanted)
        close = icon_button("close", "Close this (Esc)", size=theme.SMALL_ICON)
        close.clicked.connect(self.close)
        self._empty = label("No work yet. What runs in the background is listed here.", "hint")
        self._empty.setContentsMargins(12, 12, 12, 16)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._lay_out(close)
        parent.installEventFilter(self)
        self.show_jobs(())
        self.setFocus()

    def _lay_out(self, close: QWidget) -> None:
        head = row(label("Work"), None, self.clear, close)
        head.setContentsMargins(12, 4, 8, 4)
        self._inside = QWidget()
        inside = self._list = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 4, 0, 4)
        inside.addWidget(self._empty)
        inside.addLayout(self._column)
        inside.addStretch(1)
        self._scroll = _Scroll(self._inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(line())
        layout.addWidget(self._scroll, 1)

    def show_jobs(self, jobs: Sequence[JobFact]) -> None:
        """Show these, the newest at the top; rows of jobs shown already are only told what changed."""
        known = {fact.id for fact in jobs}
        changed = known != self.rows.keys()
        for gone in [each for each in self.rows if each not in known]:
            self._drop(gone)
        for fact in jobs:
            if fact.id in self.rows:
                changed = changed or fact.state.ended
                self.rows[fact.id].show_fact(fact)
            else:
                self._add(fact)
        self._empty.setVisible(not jobs)
        self.clear.setEnabled(any(fact.state.ended for fact in jobs))
        if changed or not jobs:
            self._place()

    def _add(self, fact: JobFact) -> None:
        made = JobRow(fact)
        made.cancel_wanted.connect(self.cancel_wanted)
        made.turned.connect(self._place)
        self.rows[fact.id] = made
        self._column.insertWidget(0, made)

    def _drop(self, job_id: str) -> None:
        made = self.rows.pop(job_id)
        made.hide()
        self._column.removeWidget(made)
        made.deleteLater()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the rows need, now that they are dressed."""
        super().showEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the corner when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Let its own buttons have their keys."""
        keep_own_keys(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes it."""
        if is_escape(event):
            self.close()
        else:
            super().keyPressEvent(event)

    def _place(self) -> None:
        inside = self._list
        inside.activate()
        wanted = (
            inside.totalHeightForWidth(WIDTH - 2) if inside.hasHeightForWidth() else inside.totalSizeHint().height()
        )
        height = min(HEAD + wanted, HEIGHT, self._host.height() - self._above - 2 * EDGE)
        self.setGeometry(EDGE, self._host.height() - self._above - EDGE - height, WIDTH, height)
        self.raise_()


class _Scroll(QScrollArea):
    """Scrolls up and down alone."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setWidget(inside)

    def minimumSizeHint(self) -> QSize:
        """As small as need be."""
        return QSize(0, 0)
