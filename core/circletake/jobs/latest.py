"""Only the newest question counts: a slot that keeps one request, and a way to tell a stale answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from circletake.jobs.job import new_job_id

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Room for one waiting item. Safe to use from every thread; every item put is either taken or dropped, once."""

    def __init__(self, on_drop: Callable[[T], None]) -> None:
        """`on_drop` gets each item that was replaced before anyone took it, on the thread that replaced it."""
        self._on_drop = on_drop
        self._lock = threading.Lock()
        self._waiting: list[T] = []

    def put(self, item: T) -> None:
        """Wait in the slot; whatever waited there is dropped."""
        with self._lock:
            replaced, self._waiting = self._waiting, [item]
        for old in replaced:
            self._on_drop(old)

    def take(self) -> T | None:
        """The item that waits, which leaves the slot empty; None where there is none."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken[0] if taken else None

    def clear(self) -> None:
        """Drop what waits."""
        item = self.take()
        if item is not None:
            self._on_drop(item)


class Newest:
    """Tells whether an answer belongs to the last question asked. One per view and kind of question.

    Ask for an id, submit the job under it, and compare each event's `job_id`: an answer that is not to the newest
    question is dropped, never shown.
    """

    def __init__(self) -> None:
        self._id = ""

    def ask(self) -> str:
        """A fresh id; answers to every earlier one are stale from now on."""
        self._id = new_job_id()
        return self._id

    def is_newest(self, request_id: str) -> bool:
        """Tell whether nothing was asked after `request_id`."""
        return request_id == self._id
