import gc
import random
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from circletake.errors import MediaUnreadable
from circletake.jobs.context import JobCancelled, JobContext
from circletake.jobs.job import Ended, Job, JobEvent, JobState, PartialFound, Progressed, StateChanged
from circletake.jobs.latest import Newest
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane, Work

PATIENCE = 10.0


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


class OutOfMemoryError(RuntimeError):
    """Named as a framework names its own."""


@dataclass(frozen=True)
class Plan:
    frames: int

    @property
    def plan(self) -> str:
        return f"{self.frames} frames"

    def smaller(self) -> "Plan | None":
        return Plan(self.frames // 2) if self.frames > 4 else None


@pytest.mark.parametrize("error", [MemoryError, OutOfMemoryError])
def test_out_of_memory_frees_once_and_tries_the_smaller_plan(error: type[Exception]) -> None:
    freed: list[str] = []
    loads: list[int] = []
    events: list[JobEvent] = []

    def run(request: Plan, context: JobContext) -> int:
        if request.frames > 8:
            raise error("no room")
        return request.frames

    with JobQueue(free=lambda: freed.append(threading.current_thread().name)) as queue:
        job = queue.submit(
            Work("judge", Plan(16), run, lambda plan, _context: loads.append(plan.frames), Lane.GPU),
            listener=events.append,
        )
        assert job.result(PATIENCE) == 8
        wait_until(lambda: isinstance(events[-1], Ended))
    assert freed == ["circletake-gpu-1"]
    assert loads == [16, 8]
    walk = [JobState.QUEUED, JobState.LOADING, JobState.RUNNING, JobState.LOADING, JobState.RUNNING, JobState.DONE]
    assert states(events) == walk


def test_out_of_memory_twice_fails_and_says_what_would_fit() -> None:
    freed: list[int] = []
    tried: list[int] = []

    def run(request: Plan, context: JobContext) -> None:
        tried.append(request.frames)
        raise OutOfMemoryError("no room")

    with JobQueue(free=lambda: freed.append(1)) as queue:
        job = queue.submit(Work("Judge the take", Plan(32), run, lane=Lane.GPU))
        with pytest.raises(OutOfMemoryError):
            job.result(PATIENCE)
    assert tried == [32, 16]
    assert freed == [1]
    assert job.error is not None
    assert job.error.kind == "out_of_memory"
    assert "32 frames, nor for 16 frames" in job.error.message
    assert "8 frames" in job.error.hint
    assert "OutOfMemoryError" in job.error.details


def test_the_smallest_plan_that_does_not_fit_is_tried_again_after_freeing() -> None:
    tried: list[int] = []

    def run(request: Plan, context: JobContext) -> int:
        tried.append(request.frames)
        if len(tried) == 1:
            raise MemoryError
        return request.frames

    with JobQueue(free=lambda: None) as queue:
        assert queue.submit(Work("x", Plan(4), run, lane=Lane.GPU)).result(PATIENCE) == 4
    assert tried == [4, 4]


def test_without_a_smaller_plan_or_anything_to_free_memory_is_not_tried_twice(queue: JobQueue) -> None:
    tried: list[str] = []

    def run(request: str, context: JobContext) -> None:
        tried.append(request)
        raise MemoryError

    job = queue.submit(work(run))
    with pytest.raises(MemoryError):
        job.result(PATIENCE)
    assert tried == ["request"]
    assert job.error is not None
    assert "smallest plan" in job.error.hint


class Tensor:
    """Something big a run holds."""


@pytest.mark.parametrize("smallest", [False, True])
def test_what_a_run_held_is_gone_before_memory_is_freed_and_after_it_failed(*, smallest: bool) -> None:
    held: list[weakref.ref[Tensor]] = []
    alive_when_freed: list[bool] = []

    def run(request: Plan, context: JobContext) -> None:
        tensor = Tensor()
        held.append(weakref.ref(tensor))
        error = OutOfMemoryError("no room")  # a name for it makes a ring: error, traceback, frame, error
        raise error

    gc.disable()
    try:
        with JobQueue(free=lambda: alive_when_freed.append(held[0]() is not None)) as queue:
            job = queue.submit(Work("x", Plan(4 if smallest else 16), run, lane=Lane.GPU))
            assert job.wait(PATIENCE)
        assert alive_when_freed == [False]
        assert [ref() for ref in held] == [None, None]
    finally:
        gc.enable()


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
