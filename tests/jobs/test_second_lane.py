import threading
import time

import pytest
from tests.jobs.conftest import PATIENCE, Gate, answer, wait_until, work

from circletake.jobs.context import JobContext
from circletake.jobs.job import Ended, Job, JobEvent, JobState
from circletake.jobs.latest import Newest
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane


def test_a_question_is_answered_inside_a_long_gpu_job_on_its_thread(queue: JobQueue) -> None:
    gate, places = Gate(), []
    long = queue.submit(work(gate, lane=Lane.GPU))
    assert gate.begun.wait(PATIENCE)

    def view(request: str, context: JobContext) -> str:
        places.append(threading.current_thread().name)
        context.checkpoint()
        return "seen"

    assert queue.submit_newest(work(view)).result(PATIENCE) == "seen"
    assert not long.ended
    assert places == ["circletake-gpu-1"]
    gate.open.set()
    assert long.result(PATIENCE) == "through"


def test_a_question_is_answered_when_the_gpu_is_idle(queue: JobQueue) -> None:
    assert queue.submit_newest(answer("seen")).result(PATIENCE) == "seen"
    assert queue.submit_newest(answer("again")).result(PATIENCE) == "again"


def test_of_many_questions_only_the_newest_waits_and_each_channel_keeps_its_own(queue: JobQueue) -> None:
    hold, begun = threading.Event(), threading.Event()

    def run(request: str, context: JobContext) -> None:
        begun.set()
        hold.wait(PATIENCE)
        context.checkpoint()

    queue.submit(work(run, lane=Lane.GPU))
    assert begun.wait(PATIENCE)
    newest, answers = Newest(), []

    def keep_fresh(event: JobEvent) -> None:
        if isinstance(event, Ended) and event.state is JobState.DONE and newest.is_newest(event.job_id):
            answers.append(event.value)

    views = [queue.submit_newest(answer(number), listener=keep_fresh, job_id=newest.ask()) for number in range(100)]
    seek = queue.submit_newest(answer("seek"), channel="seek")
    assert [job.state for job in views[:-1]] == [JobState.CANCELLED] * 99
    hold.set()
    assert views[-1].result(PATIENCE) == 99
    assert seek.result(PATIENCE) == "seek"
    wait_until(lambda: answers == [99])


def test_a_job_cancelled_while_a_question_is_answered_stops_at_that_checkpoint(queue: JobQueue) -> None:
    asked, went_on = threading.Event(), threading.Event()

    def run(request: str, context: JobContext) -> None:
        asked.wait(PATIENCE)
        context.checkpoint()
        went_on.set()

    long = queue.submit(work(run, lane=Lane.GPU))
    wait_until(lambda: long.state is JobState.RUNNING)
    view = queue.submit_newest(work(lambda _request, _context: long.cancel()))
    asked.set()
    assert view.wait(PATIENCE)
    assert long.wait(PATIENCE)
    assert long.state is JobState.CANCELLED
    assert not went_on.is_set()


def test_a_long_question_lets_the_other_channels_have_their_turn(queue: JobQueue) -> None:
    hold, begun = threading.Event(), threading.Event()

    def block(request: str, context: JobContext) -> None:
        begun.set()
        hold.wait(PATIENCE)

    queue.submit(work(block, lane=Lane.GPU))
    assert begun.wait(PATIENCE)
    sought = threading.Event()

    def view(request: str, context: JobContext) -> bool:
        deadline = time.monotonic() + PATIENCE
        while not sought.is_set() and time.monotonic() < deadline:
            context.checkpoint()
        return sought.is_set()

    seen = queue.submit_newest(work(view))
    queue.submit_newest(work(lambda _request, _context: sought.set()), channel="seek")
    hold.set()
    assert seen.result(PATIENCE + 1) is True


def test_a_question_that_fails_does_not_hurt_the_job_it_interrupts(queue: JobQueue) -> None:
    gate = Gate()
    long = queue.submit(work(gate, lane=Lane.GPU))
    assert gate.begun.wait(PATIENCE)

    def broken(request: str, context: JobContext) -> None:
        raise ValueError("no such view")

    with pytest.raises(ValueError, match="no such view"):
        queue.submit_newest(work(broken)).result(PATIENCE)
    gate.open.set()
    assert long.result(PATIENCE) == "through"


def test_questions_from_many_threads_all_end_and_the_last_is_answered(queue: JobQueue) -> None:
    gate = Gate()
    queue.submit(work(gate, lane=Lane.GPU))
    jobs: list[Job[object]] = []

    def ask() -> None:
        jobs.extend([queue.submit_newest(answer("seen")) for _ in range(200)])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = queue.submit_newest(answer("last"))
    assert last.result(PATIENCE) == "last"
    assert len(jobs) == 800
    assert all(job.wait(PATIENCE) for job in jobs)
    assert {job.state for job in jobs} <= {JobState.DONE, JobState.CANCELLED}


def test_a_checkpoint_from_a_helper_thread_never_runs_a_question(queue: JobQueue) -> None:
    helper_done, asked = threading.Event(), threading.Event()
    places: list[str] = []

    def run(request: str, context: JobContext) -> None:
        asked.wait(PATIENCE)

        def helper() -> None:
            context.checkpoint()
            helper_done.set()

        thread = threading.Thread(target=helper)
        thread.start()
        thread.join()
        assert places == []
        context.checkpoint()

    long = queue.submit(work(run, lane=Lane.GPU))
    wait_until(lambda: long.state is JobState.RUNNING)
    view = queue.submit_newest(work(lambda _r, _c: places.append(threading.current_thread().name)))
    asked.set()
    assert view.wait(PATIENCE)
    assert long.result(PATIENCE) is None
    assert helper_done.is_set()
    assert places == ["circletake-gpu-1"]
