import random
import threading
from collections.abc import Callable

import pytest
from tests.jobs.conftest import PATIENCE, Gate, answer, states, wait_until, work

from circletake.errors import MediaUnreadable
from circletake.jobs.context import JobCancelled, JobContext
from circletake.jobs.job import Ended, JobEvent, JobState, PartialFound, Progressed, StateChanged
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane, Work


def test_work_with_a_model_goes_through_every_state_in_order(queue: JobQueue) -> None:
    events: list[JobEvent] = []
    loaded: list[str] = []

    def run(request: str, context: JobContext) -> object:
        context.progress(1, 2)
        context.partial("half")
        context.progress(2, 2)
        return len(loaded)

    job = queue.submit(
        work(run, load=lambda request, _context: loaded.append(request), lane=Lane.GPU), listener=events.append
    )
    assert job.result(PATIENCE) == 1
    wait_until(lambda: isinstance(events[-1], Ended))
    assert states(events) == [JobState.QUEUED, JobState.LOADING, JobState.RUNNING, JobState.DONE]
    assert [event.sequence for event in events] == list(range(len(events)))
    assert {event.job_id for event in events} == {job.id}
    assert isinstance(events[-1], Ended)
    assert events[-1].value == 1
    assert [event.value for event in events if isinstance(event, PartialFound)] == ["half"]
    last = [event for event in events if isinstance(event, Progressed)][-1]
    assert (last.done, last.total) == (2, 2)
    assert isinstance(events[-2], Progressed)


def test_work_without_a_model_never_says_loading(queue: JobQueue) -> None:
    events: list[JobEvent] = []
    queue.submit(answer(1), listener=events.append).wait(PATIENCE)
    wait_until(lambda: isinstance(events[-1], Ended))
    assert JobState.LOADING not in states(events)


def test_gpu_work_runs_on_one_thread_in_the_order_it_came(queue: JobQueue) -> None:
    order: list[int] = []
    threads: set[str] = set()

    def numbered(number: int) -> Work[str, object]:
        def run(request: str, context: JobContext) -> None:
            order.append(number)
            threads.add(threading.current_thread().name)

        return work(run, lane=Lane.GPU)

    jobs = [queue.submit(numbered(number)) for number in range(50)]
    assert all(job.wait(PATIENCE) for job in jobs)
    assert order == list(range(50))
    assert threads == {"circletake-gpu-1"}


def test_cpu_work_uses_no_more_threads_than_allowed_and_no_sooner_than_needed() -> None:
    with JobQueue(cpu_threads=3) as queue:
        assert not [t for t in threading.enumerate() if t.name.startswith("circletake")]
        assert queue.submit(answer(1)).result(PATIENCE) == 1
        names: set[str] = set()
        gates = [Gate() for _ in range(3)]
        jobs = [queue.submit(work(gate)) for gate in gates]
        assert all(gate.begun.wait(PATIENCE) for gate in gates)
        names = {t.name for t in threading.enumerate() if t.name.startswith("circletake")}
        assert names == {"circletake-cpu-1", "circletake-cpu-2", "circletake-cpu-3"}
        for gate in gates:
            gate.open.set()
        assert [job.result(PATIENCE) for job in jobs] == ["through"] * 3


def test_a_long_gpu_job_does_not_hold_up_the_cpu(queue: JobQueue) -> None:
    gate = Gate()
    queue.submit(work(gate, lane=Lane.GPU))
    assert gate.begun.wait(PATIENCE)
    assert queue.submit(answer("export")).result(PATIENCE) == "export"


def test_cancelling_while_queued_means_it_never_runs(queue: JobQueue) -> None:
    gate, ran = Gate(), threading.Event()
    queue.submit(work(gate, lane=Lane.GPU))
    assert gate.begun.wait(PATIENCE)
    job = queue.submit(work(lambda _request, _context: ran.set(), lane=Lane.GPU))
    job.cancel()
    assert job.state is JobState.CANCELLED
    gate.open.set()
    assert queue.submit(answer(1, lane=Lane.GPU)).result(PATIENCE) == 1
    assert not ran.is_set()


def test_cancelling_while_loading_means_it_never_runs(queue: JobQueue) -> None:
    loading, go_on, ran = threading.Event(), threading.Event(), threading.Event()

    def load(request: str, context: JobContext) -> None:
        loading.set()
        go_on.wait(PATIENCE)

    job = queue.submit(work(lambda _request, _context: ran.set(), load=load, lane=Lane.GPU))
    assert loading.wait(PATIENCE)
    assert job.state is JobState.LOADING
    job.cancel()
    go_on.set()
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)
    assert not ran.is_set()


@pytest.mark.parametrize("lane", Lane)
def test_cancelling_while_running_stops_at_the_next_checkpoint(queue: JobQueue, lane: Lane) -> None:
    gate = Gate()
    job = queue.submit(work(gate, lane=lane))
    assert gate.begun.wait(PATIENCE)
    job.cancel()
    assert job.wait(PATIENCE)
    assert job.state is JobState.CANCELLED
    assert job.error is None


@pytest.mark.parametrize("verb", ["progress", "partial", "checkpoint"])
def test_each_verb_is_a_place_to_be_cancelled(queue: JobQueue, verb: str) -> None:
    begun, cancelled, survived = threading.Event(), threading.Event(), threading.Event()
    calls: dict[str, Callable[[JobContext], None]] = {
        "progress": lambda context: context.progress(1, 2),
        "partial": lambda context: context.partial("x"),
        "checkpoint": lambda context: context.checkpoint(),
    }

    def run(request: str, context: JobContext) -> None:
        begun.set()
        cancelled.wait(PATIENCE)
        calls[verb](context)
        survived.set()

    job = queue.submit(work(run))
    assert begun.wait(PATIENCE)
    job.cancel()
    cancelled.set()
    assert job.wait(PATIENCE)
    assert job.state is JobState.CANCELLED
    assert not survived.is_set()


def test_work_that_is_complete_when_the_cancel_comes_stays_done(queue: JobQueue) -> None:
    begun, cancelled = threading.Event(), threading.Event()

    def run(request: str, context: JobContext) -> str:
        begun.set()
        cancelled.wait(PATIENCE)
        return "written"

    job = queue.submit(work(run))
    assert begun.wait(PATIENCE)
    job.cancel()
    cancelled.set()
    assert job.result(PATIENCE) == "written"


def test_a_storm_of_cancels_leaves_every_job_ended_once() -> None:
    ends: dict[str, int] = {}
    lock = threading.Lock()

    def count(event: JobEvent) -> None:
        if isinstance(event, Ended):
            with lock:
                ends[event.job_id] = ends.get(event.job_id, 0) + 1

    def run(request: str, context: JobContext) -> None:
        for _ in range(20):
            context.checkpoint()

    with JobQueue(cpu_threads=2) as queue:
        lanes = [Lane.CPU, Lane.GPU]
        jobs = [queue.submit(work(run, lane=lanes[number % 2]), listener=count) for number in range(400)]

        def storm(seed: int) -> None:
            for job in random.Random(seed).sample(jobs, len(jobs)):
                job.cancel()

        threads = [threading.Thread(target=storm, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(job.wait(PATIENCE) for job in jobs)
        wait_until(lambda: len(ends) == len(jobs))
        assert queue.jobs() == ()
        assert queue.submit(answer("still alive")).result(PATIENCE) == "still alive"
    assert set(ends.values()) == {1}
    assert {job.state for job in jobs} <= {JobState.DONE, JobState.CANCELLED}


def test_a_failing_job_ends_as_failed_and_the_next_one_runs(queue: JobQueue) -> None:
    error = MediaUnreadable("The index is damaged.", hint="Copy the file again.", path="a.mov")

    def run(request: str, context: JobContext) -> None:
        raise error

    events: list[JobEvent] = []
    job = queue.submit(work(run), listener=events.append)
    with pytest.raises(MediaUnreadable) as caught:
        job.result(PATIENCE)
    assert caught.value is error
    wait_until(lambda: isinstance(events[-1], Ended))
    assert isinstance(events[-1], Ended)
    assert events[-1].error is not None
    assert events[-1].error.kind == "media_unreadable"
    assert queue.submit(answer(1)).result(PATIENCE) == 1


def test_a_job_that_ends_its_thread_fails_and_nobody_hangs(queue: JobQueue) -> None:
    def run(request: str, context: JobContext) -> None:
        raise SystemExit(3)

    for lane in Lane:
        job = queue.submit(work(run, lane=lane))
        with pytest.raises(SystemExit):
            job.result(PATIENCE)
        assert job.state is JobState.FAILED
        assert queue.submit(answer(1, lane=lane)).result(PATIENCE) == 1


# The thread is meant to die; pytest reports it all the same.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_fails_its_job_and_the_row_goes_on(queue: JobQueue) -> None:
    gate = Gate()
    queue.submit(work(gate, lane=Lane.GPU))
    assert gate.begun.wait(PATIENCE)

    def kill(event: JobEvent) -> None:
        if not (isinstance(event, StateChanged) and event.state is JobState.QUEUED):
            raise SystemExit

    doomed = queue.submit(answer(1, lane=Lane.GPU), listener=kill)
    after = queue.submit(answer(2, lane=Lane.GPU))
    gate.open.set()
    assert doomed.wait(PATIENCE)
    assert doomed.state is JobState.FAILED
    assert after.result(PATIENCE) == 2


def test_a_system_without_threads_fails_the_job(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    job = queue.submit(answer(1))
    assert job.wait(0)
    assert job.state is JobState.FAILED


def test_progress_is_thinned_but_its_last_word_and_all_partials_arrive() -> None:
    now = [0.0]
    events: list[JobEvent] = []

    def run(request: str, context: JobContext) -> None:
        for done in range(1, 3001):
            now[0] += 0.001
            context.progress(done, 3000)
            if done % 10 == 0:
                context.partial(done)

    with JobQueue(clock=lambda: now[0]) as queue:
        assert queue.submit(work(run), listener=events.append).wait(PATIENCE)
        wait_until(lambda: isinstance(events[-1], Ended))
    told = [event for event in events if isinstance(event, Progressed)]
    assert 80 <= len(told) <= 91
    assert told[-1].done == 3000
    assert told[-1].seconds_left == 0
    assert told[0].seconds_left is None
    assert len([event for event in events if isinstance(event, PartialFound)]) == 300
