import gc
import threading
import weakref
from dataclasses import dataclass

import pytest
from tests.jobs.conftest import PATIENCE, states, wait_until, work

from circletake.jobs.context import JobContext
from circletake.jobs.job import Ended, JobEvent, JobState
from circletake.jobs.queue import JobQueue
from circletake.jobs.work import Lane, Work


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
