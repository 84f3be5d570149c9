import threading
import time

import pytest
from tests.jobs.conftest import PATIENCE, Gate, answer, wait_until, work

from circletake.jobs.context import JobContext
from circletake.jobs.job import Ended, JobEvent, JobState
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane


def test_closing_cancels_what_waits_and_what_runs_in_both_lanes() -> None:
    queue = JobQueue(cpu_threads=1)
    gates = {lane: Gate() for lane in Lane}
    running = [queue.submit(work(gate, lane=lane)) for lane, gate in gates.items()]
    assert all(gate.begun.wait(PATIENCE) for gate in gates.values())
    waiting = [queue.submit(answer(1, lane=lane)) for lane in Lane]
    assert queue.jobs() == (*running, *waiting)
    assert queue.close()
    assert {job.state for job in [*running, *waiting]} == {JobState.CANCELLED}


@pytest.mark.expected_logs("was left behind")
def test_closing_leaves_a_stuck_job_after_two_seconds_and_nobody_waits_for_it() -> None:
    release, begun = threading.Event(), threading.Event()
    ends: list[Ended] = []

    def run(request: str, context: JobContext) -> str:
        begun.set()
        release.wait(PATIENCE)
        return "too late"

    queue = JobQueue()
    stuck = queue.submit(work(run), listener=lambda e: ends.append(e) if isinstance(e, Ended) else None)
    assert begun.wait(PATIENCE)
    started = time.monotonic()
    assert not queue.close(timeout=2.0)
    assert 1.9 < time.monotonic() - started < 2.6
    assert stuck.wait(0)
    assert stuck.state is JobState.CANCELLED
    daemons = [t for t in threading.enumerate() if t.name.startswith("circletake")]
    assert daemons
    assert all(thread.daemon for thread in daemons)
    release.set()
    for thread in daemons:
        thread.join(PATIENCE)
    assert [end.state for end in ends] == [JobState.CANCELLED]


@pytest.mark.expected_logs("was left behind")
def test_closing_gives_up_a_question_stuck_inside_a_job() -> None:
    release, begun, gate = threading.Event(), threading.Event(), Gate()
    queue = JobQueue()
    long = queue.submit(work(gate, lane=Lane.GPU))
    assert gate.begun.wait(PATIENCE)

    def view(request: str, context: JobContext) -> None:
        begun.set()
        release.wait(PATIENCE)

    asked = queue.submit_newest(work(view))
    assert begun.wait(PATIENCE)
    waiting = queue.submit_newest(answer(1))
    assert not queue.close(timeout=0.05)
    assert {long.state, asked.state, waiting.state} == {JobState.CANCELLED}
    release.set()


def test_a_closed_queue_answers_with_a_cancelled_job() -> None:
    queue = JobQueue()
    assert queue.close()
    assert queue.close()
    for job in (queue.submit(answer(1)), queue.submit(answer(1, lane=Lane.GPU)), queue.submit_newest(answer(1))):
        assert job.state is JobState.CANCELLED
    assert queue.jobs() == ()


def test_closing_from_a_listener_does_not_deadlock() -> None:
    queue = JobQueue()
    closed = threading.Event()

    def close(event: JobEvent) -> None:
        if isinstance(event, Ended):
            queue.close(timeout=0.2)
            closed.set()

    gate = Gate()
    queue.submit(work(gate), listener=close)
    assert gate.begun.wait(PATIENCE)
    gate.open.set()
    assert closed.wait(PATIENCE)


def test_two_live_jobs_cannot_share_an_id(queue: JobQueue) -> None:
    gate = Gate()
    first = queue.submit(work(gate), job_id="same")
    with pytest.raises(ValueError, match="still on its way"):
        queue.submit(answer(1), job_id="same")
    gate.open.set()
    assert first.wait(PATIENCE)
    wait_until(lambda: queue.jobs() == ())


def test_a_queue_without_threads_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        JobQueue(cpu_threads=0)
