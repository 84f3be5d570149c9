"""Threads that take jobs from one row: started when there is work, gone when the row is closed."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any

from circletake.jobs.work import Task

_log = logging.getLogger(__name__)

AnyTask = Task[Any, Any]
"""A row holds work of every kind; only the task itself knows which."""


class Workers:
    """Up to `limit` daemon threads named `circletake-<name>-<number>`, which run tasks in the order they came.

    A thread that dies fails the job it had in hand and is replaced when more work waits.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self._limit = limit
        self._changed = threading.Condition()
        self._row: deque[AnyTask] = deque()
        self._in_hand: dict[threading.Thread, AnyTask] = {}
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._started = 0
        self._closed = False

    def put(self, task: AnyTask) -> None:
        """Run `task` when its turn comes; a closed row cancels it."""
        with self._changed:
            closed = self._closed
            if not closed:
                self._row.append(task)
        if closed:
            task.job.give_up()
        else:
            self._wake()

    def close(self) -> None:
        """Take nothing more, and give up what waits and what runs. Does not wait: see `join`."""
        with self._changed:
            self._closed = True
            waiting = [*self._row]
            self._row.clear()
            running = [*self._in_hand.values()]
            self._changed.notify_all()
        for task in waiting:
            task.job.give_up()
        for task in running:
            task.job.cancel()

    def join(self, deadline: float) -> bool:
        """Wait until `time.monotonic()` reaches `deadline` for the threads to leave; tell whether all did.

        The job of a thread that does not leave ends as cancelled, so that nobody waits for it.
        """
        with self._changed:
            others = [thread for thread in self._threads if thread is not threading.current_thread()]
        for thread in others:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            stuck = [*self._in_hand.values()]
        left = not any(thread.is_alive() for thread in others)
        for task in stuck:
            if task.job.give_up():
                _log.warning("job %r did not stop in time and was left behind", task.job.title)
        return left

    def _wake(self) -> None:
        """Give the row to an idle thread, or start one where all are busy and the limit allows."""
        with self._changed:
            self._changed.notify()
            if self._idle >= self._pending() or len(self._threads) >= self._limit or self._closed:
                return
            try:
                self._start_thread()
            except RuntimeError as error:  # the system gives no more threads, or the interpreter is leaving
                failure = error
            else:
                return
            orphans = [] if self._threads else [*iter(self._next, None)]
        for task in orphans:
            task.job.fail(failure)

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._loop, name=f"circletake-{self.name}-{self._started + 1}", daemon=True)
        thread.start()  # it waits for the condition, which is held, before it looks at the row
        self._threads.append(thread)
        self._started += 1

    def _pending(self) -> int:
        """How many tasks wait; the condition is held."""
        return len(self._row)

    def _next(self) -> AnyTask | None:
        """The task whose turn it is, out of the row; the condition is held."""
        return self._row.popleft() if self._row else None

    def _take(self) -> AnyTask | None:
        """Wait for a task and put it in this thread's hand; None when the row is closed."""
        with self._changed:
            while True:
                task = None if self._closed else self._next()
                if task is not None:
                    self._in_hand[threading.current_thread()] = task
                if task is not None or self._closed:
                    return task
                self._idle += 1
                self._changed.wait()
                self._idle -= 1

    def _loop(self) -> None:
        try:
            while (task := self._take()) is not None:
                self._perform(task)
                del task  # what it holds is not kept while this thread waits
                self._put_down()
        finally:
            self._leave()

    def _perform(self, task: AnyTask) -> None:
        task.perform()

    def _put_down(self) -> AnyTask | None:
        with self._changed:
            return self._in_hand.pop(threading.current_thread(), None)

    def _leave(self) -> None:
        """Sign off this thread; one that dies at work fails its job and leaves the row to another."""
        task = self._put_down()
        with self._changed:
            self._threads.remove(threading.current_thread())
            more = self._pending() > 0
        if more:
            self._wake()
        if task is not None:
            task.job.fail(RuntimeError(f"the thread {threading.current_thread().name} died at work"))
