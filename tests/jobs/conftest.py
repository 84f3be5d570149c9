"""Work for the tests: scripted, and told when to go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from circletake.jobs.context import JobContext
from circletake.jobs.job import Ended, JobEvent, JobState, StateChanged
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane, Work

PATIENCE = 10.0
"""Seconds to wait for what must come."""


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    with JobQueue(cpu_threads=2) as made:
        yield made


def work(
    run: Callable[[str, JobContext], object],
    *,
    load: Callable[[str, JobContext], object] | None = None,
    lane: Lane = Lane.CPU,
) -> Work[str, object]:
    return Work("test", "request", run, load, lane)


def answer(value: object, *, lane: Lane = Lane.CPU) -> Work[str, object]:
    return work(lambda _request, _context: value, lane=lane)


class Gate:
    """Work that says it has begun and then goes from checkpoint to checkpoint until let through."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, request: str, context: JobContext) -> str:
        self.begun.set()
        while not self.open.wait(0.001):
            context.checkpoint()
        return "through"


def states(events: list[JobEvent]) -> list[JobState]:
    return [event.state for event in events if isinstance(event, StateChanged | Ended)]


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)
