"""Waiting for a job at a terminal: a bar with the time left, Ctrl+C cancels."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn
from rich.text import Text

from circletake.jobs.job import Ended, Job, JobEvent, Progressed
from circletake.timebase import format_clock

T = TypeVar("T")

POLL_SECONDS = 0.1
"""How often the bar is drawn and Ctrl+C is noticed."""


class _TimeLeft(ProgressColumn):
    """The job's own estimate of the time left."""

    def render(self, task: Task) -> Text:
        seconds: float | None = task.fields.get("left")
        return Text("" if seconds is None else f"{format_clock(seconds)} left", style="progress.remaining")


class _Watch:
    """Keeps a job's newest progress; events arrive on the worker's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: Progressed | None = None
        self.ended = threading.Event()

    def __call__(self, event: JobEvent) -> None:
        if isinstance(event, Progressed):
            with self._lock:
                self._newest = event
        elif isinstance(event, Ended):
            self.ended.set()

    @property
    def newest(self) -> Progressed | None:
        with self._lock:
            return self._newest


def wait(job: Job[T], console: Console) -> T:
    """The job's value; a bar on `console` where it is a terminal.

    Raises:
        KeyboardInterrupt: Ctrl+C; the job was cancelled and has ended, or two seconds passed.
        Exception: what made the job fail.
    """
    watch = _Watch()
    job.subscribe(watch)
    try:
        if console.is_terminal:
            _draw(job, watch, console)
        while not watch.ended.wait(POLL_SECONDS):
            pass
    except KeyboardInterrupt:
        job.cancel()
        job.wait(2.0)
        raise
    return job.result()


def _draw(job: Job[Any], watch: _Watch, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _TimeLeft())
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task(job.title, total=None, left=None)
        while not watch.ended.wait(POLL_SECONDS):
            newest = watch.newest
            if newest is not None:
                bars.update(bar, completed=newest.done, total=newest.total or None, left=newest.seconds_left)
