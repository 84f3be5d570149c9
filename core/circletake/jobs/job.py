"""A piece of long work as a value to hold: its states, what it tells, and how it ends.

A door holds a `Job`: it can look, wait, listen and cancel. The worker holds the same object as a `DrivenJob` and moves
it along the table. Events reach the listeners in the order of their numbers, on the thread that caused them (the
worker's, or the caller's for a job that had not begun); nobody's lock is held while a listener runs.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from circletake.errors import ErrorInfo
from circletake.jobs.context import JobCancelled

T = TypeVar("T")

_log = logging.getLogger(__name__)


class JobState(StrEnum):
    """Where a job is on its way."""

    QUEUED = "queued"
    LOADING = "loading"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Tell whether nothing follows."""
        return not TRANSITIONS[self]


TRANSITIONS: Mapping[JobState, frozenset[JobState]] = MappingProxyType(
    {
        # A queued job fails where the system gives no thread to run it.
        JobState.QUEUED: frozenset({JobState.LOADING, JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
        JobState.LOADING: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
        # Back to loading: memory ran out, the models were freed, and a smaller plan is tried.
        JobState.RUNNING: frozenset({JobState.LOADING, JobState.DONE, JobState.CANCELLED, JobState.FAILED}),
        JobState.DONE: frozenset(),
        JobState.CANCELLED: frozenset(),
        JobState.FAILED: frozenset(),
    }
)
"""Every state, and those that may follow it."""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to job `job_id`; `sequence` counts that job's events from 0."""

    job_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class StateChanged(JobEvent):
    """The job is queued, loading or running now; ends are told by `Ended`."""

    state: JobState


@dataclass(frozen=True, slots=True)
class Progressed(JobEvent):
    """`done` of `total` (0: not known) in the work's own unit; `seconds_left` is None until it can be told."""

    done: float
    total: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class PartialFound(JobEvent):
    """A result on the way: frozen, with arrays in it, never tensors."""

    value: object = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended(JobEvent):
    """The last event of every job: with `value` when done, with `error` when failed, with neither when cancelled."""

    state: JobState
    value: object = field(default=None, repr=False)
    error: ErrorInfo | None = None


Listener = Callable[[JobEvent], None]


def new_job_id() -> str:
    """A name no other job has."""
    return uuid.uuid4().hex


class Job(Generic[T]):
    """A handle on work that runs, or will, or did. Safe to use from every thread."""

    def __init__(self, title: str, job_id: str | None = None) -> None:
        """`title` is for people; `job_id` names the job in its events, a fresh name when left out."""
        self.id = job_id or new_job_id()
        self.title = title
        self._state = JobState.QUEUED
        self._value: T | None = None
        self._failure: BaseException | None = None
        self._error: ErrorInfo | None = None
        self._wanted = True
        self._finished = threading.Event()
        self._lock = threading.Lock()
        self._sequence = 0
        self._newest: StateChanged | Ended = StateChanged(self.id, 0, JobState.QUEUED)
        self._listeners: list[Listener] = []
        self._faulty: list[Listener] = []
        self._outbox: deque[tuple[Listener, JobEvent]] = deque()
        self._delivering = False

    def __repr__(self) -> str:
        return f"<Job {self.title!r} {self._state}>"

    @property
    def state(self) -> JobState:
        """Where it is now."""
        return self._state

    @property
    def ended(self) -> bool:
        """Tell whether it is done, cancelled or failed."""
        return self._state.ended

    @property
    def error(self) -> ErrorInfo | None:
        """Why it failed, or None."""
        return self._error

    @property
    def cancel_requested(self) -> bool:
        """Tell whether nobody wants the result any more."""
        return not self._wanted

    def cancel(self) -> None:
        """Ask it to stop: at once while it waits, else at its next checkpoint; work already complete stays done."""
        self._wanted = False
        if self._state is JobState.QUEUED:
            self._end_cancelled(only_from=JobState.QUEUED)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, `timeout` seconds at most (None: as long as it takes); tell whether it came.

        Not from inside other work: two jobs of one lane would wait for each other.
        """
        return self._finished.wait(timeout)

    def result(self, timeout: float | None = None) -> T:
        """What the work gave, once it ended.

        Raises:
            TimeoutError: it did not end within `timeout` seconds.
            JobCancelled: it was cancelled.
            BaseException: it failed; the original error.
        """
        if not self.wait(timeout):
            raise TimeoutError(f"{self.title!r} is still {self._state} after {timeout} s")
        if self._failure is not None:
            raise self._failure
        if self._state is JobState.CANCELLED:
            raise JobCancelled(self.title)
        return cast("T", self._value)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` every event from now on, the newest state first; call what comes back to stop.

        The newest state is told on the calling thread, all others on the thread that causes them, so a listener hands
        over quickly. One that raises is logged once and never hurts the job.
        """
        with self._lock:
            self._listeners.append(listener)
            self._outbox.append((listener, self._newest))
        self._deliver()
        return lambda: self._unsubscribe(listener)

    def _unsubscribe(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def _end_cancelled(self, only_from: JobState | None = None) -> bool:
        with self._lock:
            if self._state.ended or (only_from is not None and self._state is not only_from):
                return False
            self._move(JobState.CANCELLED)
            self._post_end(Ended(self.id, self._next(), JobState.CANCELLED))
        self._deliver()
        return True

    def _move(self, state: JobState) -> None:
        """Take one step of the table; the lock is held."""
        if state not in TRANSITIONS[self._state]:
            raise ValueError(f"a job cannot go from {self._state} to {state}")
        self._state = state

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _post(self, event: JobEvent) -> None:
        """Lay `event` out for every listener; the lock is held, so the order is that of the numbers."""
        self._outbox.extend((listener, event) for listener in self._listeners)

    def _post_end(self, event: Ended) -> None:
        self._newest = event
        self._post(event)
        self._finished.set()

    def _deliver(self) -> None:
        """Hand out what lies in the outbox, unless a thread is at it already: that one takes it along."""
        while True:
            with self._lock:
                if self._delivering or not self._outbox:
                    return
                listener, event = self._outbox.popleft()
                if listener not in self._listeners:
                    continue
                self._delivering = True
            try:
                self._tell(listener, event)
            except BaseException:
                self._stop_delivering()
                self._deliver()  # what ends a thread must not swallow the others' events
                raise
            self._stop_delivering()

    def _stop_delivering(self) -> None:
        with self._lock:
            self._delivering = False

    def _tell(self, listener: Listener, event: JobEvent) -> None:
        try:
            listener(event)
        except Exception:  # noqa: BLE001 - a view's fault is the view's, the work goes on
            if listener not in self._faulty:
                self._faulty.append(listener)
                _log.exception("a listener of job %r failed", self.title)
        if isinstance(event, Ended):
            self._unsubscribe(listener)


class DrivenJob(Job[T]):
    """The worker's side of a job: the only one that moves it along. After the end every verb does nothing."""

    def advance(self, state: JobState) -> None:
        """Go on to `state`, loading or running.

        Raises:
            JobCancelled: it ended meanwhile.
            ValueError: the table has no such step.
        """
        with self._lock:
            if self._state.ended:
                raise JobCancelled(self.title)
            if state is self._state:
                return
            self._move(state)
            self._newest = StateChanged(self.id, self._next(), state)
            self._post(self._newest)
        self._deliver()

    def tell_progress(self, done: float, total: float, seconds_left: float | None) -> None:
        """Pass on how far the work is."""
        self._say(lambda sequence: Progressed(self.id, sequence, done, total, seconds_left))

    def tell_partial(self, value: object) -> None:
        """Pass on a result found on the way."""
        self._say(lambda sequence: PartialFound(self.id, sequence, value))

    def succeed(self, value: T) -> bool:
        """End with `value`; False where it had ended already."""
        with self._lock:
            if self._state.ended:
                return False
            self._move(JobState.DONE)
            self._value = value
            self._post_end(Ended(self.id, self._next(), JobState.DONE, value=value))
        self._deliver()
        return True

    def fail(self, error: BaseException, info: ErrorInfo | None = None) -> bool:
        """End with `error`, described by `info`; False where it had ended already."""
        described = info or ErrorInfo.of(error)
        with self._lock:
            if self._state.ended:
                return False
            self._move(JobState.FAILED)
            self._failure, self._error = error, described
            self._post_end(Ended(self.id, self._next(), JobState.FAILED, error=described))
        self._deliver()
        return True

    def give_up(self) -> bool:
        """End as cancelled, wherever it is; False where it had ended already."""
        self._wanted = False
        return self._end_cancelled()

    def _say(self, event: Callable[[int], JobEvent]) -> None:
        with self._lock:
            if self._state.ended:
                return
            self._post(event(self._next()))
        self._deliver()
