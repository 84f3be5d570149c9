"""From many threads to the window: in order, thinned, and no end is ever lost."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from circletake.jobs.job import DrivenJob, Ended, JobEvent, JobState, PartialFound, Progressed, StateChanged
from circletake_viewers.bridge import Bridge

THREADS, STEPS = 12, 300


class Grown:
    """A result of which only the newest counts."""


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge((Grown,))
    yield made
    made.close()


def deliveries(bridge: Bridge) -> list[tuple[JobEvent, ...]]:
    found: list[tuple[JobEvent, ...]] = []
    bridge.arrived.connect(found.append)
    return found


def test_of_what_nobody_saw_the_newest_alone_is_told(bridge: Bridge, qtbot: QtBot) -> None:
    told = deliveries(bridge)
    newest = Grown()
    bridge.hear(Progressed("a", 1, 1, 10, None))
    bridge.hear(PartialFound("a", 2, Grown()))
    bridge.hear(PartialFound("a", 3, "thumbnail 1"))
    bridge.hear(Progressed("b", 1, 1, 10, None))
    bridge.hear(PartialFound("a", 4, "thumbnail 2"))
    bridge.hear(PartialFound("a", 5, newest))
    bridge.hear(Progressed("a", 6, 2, 10, None))
    qtbot.waitUntil(lambda: bool(told))
    assert told == [
        (
            PartialFound("a", 3, "thumbnail 1"),
            Progressed("b", 1, 1, 10, None),
            PartialFound("a", 4, "thumbnail 2"),
            PartialFound("a", 5, newest),
            Progressed("a", 6, 2, 10, None),
        )
    ]


def test_states_and_ends_are_never_thinned(bridge: Bridge, qtbot: QtBot) -> None:
    told = deliveries(bridge)
    events: list[JobEvent] = [StateChanged("a", 1, JobState.LOADING), StateChanged("a", 2, JobState.RUNNING)]
    events += [Ended(name, 3, JobState.DONE, value=name) for name in "abc"]
    for event in events:
        bridge.hear(event)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [tuple(events)]


def test_what_comes_during_the_pause_waits_for_its_end(bridge: Bridge, qtbot: QtBot) -> None:
    told = deliveries(bridge)
    bridge.hear(Progressed("a", 1, 1, 10, None))
    qtbot.waitUntil(lambda: len(told) == 1)
    for step in range(2, 6):
        bridge.hear(Progressed("a", step, step, 10, None))
        QApplication.processEvents()
    assert bridge._pause.isActive()
    assert len(told) == 1
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1] == (Progressed("a", 5, 5, 10, None),)


def test_a_closed_one_hears_nothing(bridge: Bridge, qtbot: QtBot) -> None:
    told = deliveries(bridge)
    bridge.hear(Progressed("a", 1, 1, 10, None))
    bridge.close()
    bridge.hear(Ended("a", 2, JobState.DONE))
    qtbot.wait(50)
    assert told == []


def drive(job: DrivenJob[str], gate: threading.Barrier) -> None:
    """A worker that tells all it can as fast as it can."""
    gate.wait()
    job.advance(JobState.RUNNING)
    for step in range(STEPS):
        job.tell_progress(step, STEPS, None)
        if step % 10 == 0:
            job.tell_partial(f"result {step}")
        job.tell_partial(Grown())
    job.succeed(job.title)


def test_many_threads_lose_nothing_that_matters(bridge: Bridge, qtbot: QtBot) -> None:
    heard: dict[str, list[JobEvent]] = defaultdict(list)
    on: set[bool] = set()

    def listen(events: tuple[JobEvent, ...]) -> None:
        on.add(QThread.currentThread() is bridge.thread())
        for event in events:
            heard[event.job_id].append(event)

    bridge.arrived.connect(listen)
    jobs = [DrivenJob[str](f"job {number}") for number in range(THREADS)]
    for job in jobs:
        job.subscribe(bridge.hear)
    gate = threading.Barrier(THREADS)
    threads = [threading.Thread(target=drive, args=(job, gate)) for job in jobs]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: all(heard[job.id] and isinstance(heard[job.id][-1], Ended) for job in jobs), timeout=20_000)
    for thread in threads:
        thread.join()
    assert on == {True}
    for job in jobs:
        events = heard[job.id]
        numbers = [event.sequence for event in events]
        assert numbers == sorted(set(numbers))
        assert [event for event in events if isinstance(event, Ended)] == [events[-1]]
        results = [event.value for event in events if isinstance(event, PartialFound) and isinstance(event.value, str)]
        assert results == [f"result {step}" for step in range(0, STEPS, 10)]
        assert sum(isinstance(event, Progressed) for event in events) < STEPS
