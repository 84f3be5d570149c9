"""What a job does: a frozen request and the function that answers it, run once, or twice where memory ran out."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, Self, TypeVar, runtime_checkable

from circletake.errors import ErrorInfo
from circletake.jobs.context import JobCancelled, JobContext
from circletake.jobs.job import DrivenJob, JobState
from circletake.jobs.progress import Clock, Progress, ProgressThinner

R = TypeVar("R")
T = TypeVar("T")


class Lane(StrEnum):
    """Which threads run a job."""

    GPU = "gpu"
    """The one thread that may touch CUDA: models and renderers."""
    CPU = "cpu"
    """A small pool: decoding, sound, export."""


@dataclass(frozen=True, slots=True)
class Work(Generic[R, T]):
    """All that a run needs.

    `run(request, context)` answers with the result; `load(request, context)`, where given, comes before it and makes
    the models ready. Both call a verb of the context once a window, token or frame.
    """

    title: str
    request: R
    run: Callable[[R, JobContext], T]
    load: Callable[[R, JobContext], object] | None = None
    lane: Lane = Lane.CPU


@runtime_checkable
class Shrinkable(Protocol):
    """A request that knows a plan with less memory."""

    def smaller(self) -> Self | None:
        """The same question at the next smaller plan, or None at the smallest."""


@runtime_checkable
class Planned(Protocol):
    """A request that can say what it needs."""

    @property
    def plan(self) -> str:
        """A few words for people, such as `16 frames at 224 px, 6 GB`."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, by name, so that no framework has to be imported to ask."""
    return any(cls is MemoryError or cls.__name__ == "OutOfMemoryError" for cls in type(error).__mro__)


def _nothing() -> None:
    """No second lane to serve."""


class Task(Generic[R, T]):
    """A job together with its work: what a worker takes from its queue and performs."""

    def __init__(self, job: DrivenJob[T], work: Work[R, T], clock: Clock = time.monotonic) -> None:
        """`clock` times the progress."""
        self.job = job
        self._work = work
        self._thinner = ProgressThinner(clock)
        self._tried: list[R] = []

    def perform(self, serve: Callable[[], None] = _nothing, free: Callable[[], None] | None = None) -> None:
        """Run the work and end the job, whatever happens. Nothing where it ended while it waited.

        `serve` gives the second lane its turn at each checkpoint; `free` gives memory back when it ran out.
        """
        if self.job.ended:
            return
        try:
            value = self._answer(_Context(self.job, self._thinner, serve), free)
        except JobCancelled:
            self._flush()
            self.job.give_up()
        except BaseException as error:  # noqa: BLE001 - a job ends with its error, also one meant to end the thread
            self._flush()
            info = self._describe(error)
            _let_go(error)
            self.job.fail(error, info)
        else:
            self._flush()
            self.job.succeed(value)

    def _answer(self, context: JobContext, free: Callable[[], None] | None) -> T:
        try:
            return self._attempt(self._work.request, context)
        except Exception as error:
            again = self._next_request(free) if is_out_of_memory(error) else None
            if again is None:
                raise
            _let_go(error)
        # Here the error is gone, and with it the arrays its frames held: now there is something to free.
        if free is not None:
            free()
        context.checkpoint()
        return self._attempt(again, context)

    def _attempt(self, request: R, context: JobContext) -> T:
        self._tried.append(request)
        if self._work.load is not None:
            self.job.advance(JobState.LOADING)
            self._work.load(request, context)
            context.checkpoint()
        self.job.advance(JobState.RUNNING)
        return self._work.run(request, context)

    def _next_request(self, free: Callable[[], None] | None) -> R | None:
        """What to try after memory ran out: the smaller plan, or the same one where there is something to free."""
        smaller = _smaller(self._work.request)
        if smaller is not None:
            return smaller
        return self._work.request if free is not None else None

    def _describe(self, error: BaseException) -> ErrorInfo:
        if not is_out_of_memory(error) or not self._tried:
            return ErrorInfo.of(error)
        plans = list(dict.fromkeys(request.plan for request in self._tried if isinstance(request, Planned)))
        tried = f" for {', nor for '.join(plans)}" if plans else ""
        message = f"There was not enough memory{tried}: {self._work.title}."
        return ErrorInfo("out_of_memory", message, _what_would_fit(self._tried[-1]), ErrorInfo.of(error).details)

    def _flush(self) -> None:
        progress = self._thinner.last()
        if progress is not None:
            _tell(self.job, progress)


def _smaller(request: R) -> R | None:
    return request.smaller() if isinstance(request, Shrinkable) else None


def _what_would_fit(request: object) -> str:
    smaller = _smaller(request)
    if isinstance(smaller, Planned):
        return f"Choose {smaller.plan}, or close other programs that use memory; then try again."
    if smaller is not None:
        return "Choose a smaller plan, or close other programs that use memory; then try again."
    return "This is the smallest plan there is: close other programs that use memory, then try again."


def _let_go(error: BaseException) -> None:
    """Empty the frames an error passed through, so that a failed run does not keep its arrays alive."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        traceback.clear_frames(link.__traceback__)
        chain.append(link)
        link = link.__cause__ or link.__context__


def _tell(job: DrivenJob[T], progress: Progress) -> None:
    job.tell_progress(progress.done, progress.total, progress.seconds_left)


class _Context(Generic[T]):
    """The three verbs, each a place to be cancelled and a turn for the second lane."""

    def __init__(self, job: DrivenJob[T], thinner: ProgressThinner, serve: Callable[[], None]) -> None:
        self._job = job
        self._thinner = thinner
        self._serve = serve

    def progress(self, done: float, total: float) -> None:
        self._thinner.offer(done, total)
        self.checkpoint()

    def partial(self, value: object) -> None:
        self._job.tell_partial(value)
        self.checkpoint()

    def checkpoint(self) -> None:
        self._stop_if_unwanted()
        due = self._thinner.due()
        if due is not None:
            _tell(self._job, due)
        self._serve()
        self._stop_if_unwanted()

    def _stop_if_unwanted(self) -> None:
        if self._job.cancel_requested:
            raise JobCancelled(self._job.title)
