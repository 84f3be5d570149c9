"""From the threads that work to the window: job events gathered, thinned, and handed over in one signal."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from circletake.jobs.job import JobEvent, PartialFound, Progressed

EVERY_MS = 33
"""Least time between two deliveries: what an eye can follow. Source: docs/architecture.md, a job's journey."""


class Bridge(QObject):
    """Listens to jobs on any thread and tells the window's, in order.

    `arrived` carries a tuple of events. Of one job's progress, and of its partial results of a type that grows, only
    the newest that nobody saw is kept; all else is told.
    """

    arrived = Signal(tuple)
    _woken = Signal()

    def __init__(self, growing: tuple[type, ...] = (), parent: QObject | None = None) -> None:
        """Make one that keeps the newest alone of the partial results in `growing`."""
        super().__init__(parent)
        self._growing = growing
        self._lock = threading.Lock()
        self._waiting: dict[object, JobEvent] = {}
        self._asked = False
        self._closed = False
        self._pause = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._pause.timeout.connect(self._hand_over)
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def hear(self, event: JobEvent) -> None:
        """Take an event; called on the thread that caused it."""
        with self._lock:
            if self._closed:
                return
            key = self._key(event)
            self._waiting.pop(key, None)  # a newer one takes its place in the order too
            self._waiting[key] = event
            asked, self._asked = self._asked, True
        if not asked:
            self._woken.emit()

    def close(self) -> None:
        """Hear nothing more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        self._pause.stop()

    @Slot()
    def _wake(self) -> None:
        if not self._pause.isActive():
            self._hand_over()

    @Slot()
    def _hand_over(self) -> None:
        with self._lock:
            events, self._waiting = tuple(self._waiting.values()), {}
            self._asked = False
        if events:
            self._pause.start()
            self.arrived.emit(events)

    def _key(self, event: JobEvent) -> object:
        """What an event replaces: nothing but its like."""
        if isinstance(event, Progressed):
            return event.job_id, "progress"
        if isinstance(event, PartialFound) and isinstance(event.value, self._growing):
            return event.job_id, type(event.value)
        return event.job_id, event.sequence
