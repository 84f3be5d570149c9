"""Where all long work goes: one lane for the GPU, one small pool for the CPU, and a way out within two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from circletake.jobs.gpu_worker import GpuWorker
from circletake.jobs.job import DrivenJob, Ended, Job, JobEvent, Listener
from circletake.jobs.progress import Clock
from circletake.jobs.work import Lane, Task, Work
from circletake.jobs.workers import Workers

R = TypeVar("R")
T = TypeVar("T")

CLOSE_SECONDS = 2.0
"""Longest wait for running work when the program closes. Source: docs/architecture.md, a job's journey."""

VIEW_CHANNEL = "view"
"""The usual channel of the second lane."""


class JobQueue:
    """Runs work in the background. Use it as a context manager, or call `close`; threads start with the first job."""

    def __init__(
        self, *, cpu_threads: int = 2, free: Callable[[], None] | None = None, clock: Clock = time.monotonic
    ) -> None:
        """Make a queue of `cpu_threads` CPU threads and one GPU thread.

        `free` drops loaded models when memory ran out in the GPU lane, on the GPU thread; `clock` times progress.
        """
        if cpu_threads < 1:
            raise ValueError(f"a queue needs at least one CPU thread, not {cpu_threads}")
        self._clock = clock
        self._gpu = GpuWorker(free)
        self._cpu = Workers("cpu", cpu_threads)
        self._lock = threading.Lock()
        self._live: dict[str, Job[Any]] = {}

    def submit(self, work: Work[R, T], *, listener: Listener | None = None, job_id: str | None = None) -> Job[T]:
        """Queue `work` in its lane; `listener` hears every event, from `queued` on.

        A closed queue answers with a job that is cancelled already, so that a view which asks too late needs no care.

        Raises:
            ValueError: a job with this id is still on its way.
        """
        job: DrivenJob[T] = DrivenJob(work.title, job_id)
        self._enlist(job, listener)
        lane = self._gpu if work.lane is Lane.GPU else self._cpu
        lane.put(Task(job, work, self._clock))
        return job

    def submit_newest(
        self,
        work: Work[R, T],
        *,
        channel: str = VIEW_CHANNEL,
        listener: Listener | None = None,
        job_id: str | None = None,
    ) -> Job[T]:
        """Answer `work` on the GPU thread as soon as it can: at the next checkpoint of what runs there.

        What waited in the same channel and had not begun is cancelled. Pass `Newest.ask()` as `job_id` to tell stale
        answers.

        Raises:
            ValueError: a job with this id is still on its way.
        """
        job: DrivenJob[T] = DrivenJob(work.title, job_id)
        self._enlist(job, listener)
        self._gpu.put_newest(channel, Task(job, work, self._clock))
        return job

    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs that have not ended, oldest first."""
        with self._lock:
            return tuple(job for job in self._live.values() if not job.ended)

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        for job in self.jobs():
            job.cancel()

    def close(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Cancel all, wait at most `timeout` seconds, leave; tell whether every thread has gone.

        A job that does not stop in time ends as cancelled; its thread is a daemon and does not keep the program alive.
        """
        deadline = time.monotonic() + timeout
        for lane in (self._gpu, self._cpu):
            lane.close()
        left = [lane.join(deadline) for lane in (self._gpu, self._cpu)]
        return all(left)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enlist(self, job: Job[Any], listener: Listener | None) -> None:
        with self._lock:
            if job.id in self._live:
                raise ValueError(f"a job with id {job.id} is still on its way")
            self._live[job.id] = job
        job.subscribe(self._strike_out)
        if listener is not None:
            job.subscribe(listener)

    def _strike_out(self, event: JobEvent) -> None:
        if isinstance(event, Ended):
            with self._lock:
                self._live.pop(event.job_id, None)
