"""The one thread that owns the GPU, and its second lane: questions of which only the newest is answered.

Nothing else touches CUDA, so there are no locks. A long job calls its context's verbs; there the newest waiting
question of each channel (a novel view, a seek) is answered before the job goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from circletake.jobs.latest import LatestSlot
from circletake.jobs.workers import AnyTask, Workers


class GpuWorker(Workers):
    """One row, one thread, and one newest-only slot a channel."""

    def __init__(self, free: Callable[[], None] | None = None) -> None:
        """`free` drops loaded models when memory ran out; it runs on the GPU thread."""
        super().__init__("gpu", 1)
        self._free = free
        self._slots: dict[str, LatestSlot[AnyTask]] = {}
        self._waiting = threading.Event()
        self._serving: AnyTask | None = None

    def put_newest(self, channel: str, task: AnyTask) -> None:
        """Answer `task` at the next checkpoint, before every row; what waited in its channel is cancelled."""
        with self._changed:
            slot = self._slots.setdefault(channel, LatestSlot(_drop))
            closed = self._closed
        if closed:
            _drop(task)
            return
        slot.put(task)
        self._waiting.set()
        if self._closed:  # closed between the two: nobody will take it any more
            slot.clear()
        self._wake()

    def close(self) -> None:
        """Take nothing more, and give up what waits and what runs, in both lanes."""
        super().close()
        for slot in self._all_slots():
            slot.clear()
        serving = self._serving
        if serving is not None:
            serving.job.cancel()

    def join(self, deadline: float) -> bool:
        """As `Workers.join`; a question that is still being answered is given up as well."""
        left = super().join(deadline)
        serving = self._serving
        if serving is not None:
            serving.job.give_up()
        return left

    def serve_waiting(self) -> None:
        """Answer the newest question of each channel. Called at every checkpoint of the job that runs."""
        if not self._waiting.is_set():
            return
        self._waiting.clear()
        for slot in self._all_slots():
            task = slot.take()
            if task is not None:
                self._answer(task)

    def _answer(self, task: AnyTask) -> None:
        """Answer inside another job: its models are in use, so nothing is freed and nobody else gets a turn."""
        self._serving = task
        if self._closed:  # closed after it left its slot
            task.job.cancel()
        try:
            task.perform()
        finally:
            self._serving = None

    def _perform(self, task: AnyTask) -> None:
        owner = threading.get_ident()

        def serve() -> None:
            # Work may report from threads of its own (a decoder's): those must not run models.
            if threading.get_ident() == owner:
                self.serve_waiting()

        task.perform(serve, self._free)

    def _pending(self) -> int:
        return super()._pending() + self._waiting.is_set()

    def _next(self) -> AnyTask | None:
        self._waiting.clear()
        for slot in self._slots.values():
            task = slot.take()
            if task is not None:
                self._waiting.set()  # other channels may wait as well
                return task
        return super()._next()

    def _all_slots(self) -> list[LatestSlot[AnyTask]]:
        with self._changed:
            return [*self._slots.values()]


def _drop(task: AnyTask) -> None:
    task.job.give_up()
