import logging
import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from circletake.errors import MediaNotFound
from circletake.jobs.context import JobCancelled
from circletake.jobs.job import (
    TRANSITIONS,
    DrivenJob,
    Ended,
    JobEvent,
    JobState,
    PartialFound,
    Progressed,
    StateChanged,
)

ENDS = {JobState.DONE, JobState.CANCELLED, JobState.FAILED}


def test_the_table_names_every_state() -> None:
    assert set(TRANSITIONS) == set(JobState)


def test_only_the_three_ends_lead_nowhere() -> None:
    assert {state for state in JobState if state.ended} == ENDS


def test_every_state_can_be_reached_and_every_other_state_can_end_in_cancelled_or_failed() -> None:
    reached, edge = {JobState.QUEUED}, {JobState.QUEUED}
    while edge:
        edge = {after for state in edge for after in TRANSITIONS[state]} - reached
        reached |= edge
    assert reached == set(JobState)
    for state in set(JobState) - ENDS:
        assert {JobState.CANCELLED, JobState.FAILED} <= TRANSITIONS[state]


def test_a_step_the_table_lacks_is_refused() -> None:
    job = DrivenJob[int]("x")
    job.advance(JobState.RUNNING)
    with pytest.raises(ValueError, match="from running to queued"):
        job.advance(JobState.QUEUED)


def test_a_failed_job_raises_the_original_error_and_tells_it_as_a_value() -> None:
    job = DrivenJob[int]("probe")
    error = MediaNotFound("There is no such file.", hint="Choose another.", path="a.mp4")
    job.fail(error)
    with pytest.raises(MediaNotFound) as caught:
        job.result()
    assert caught.value is error
    assert job.error is not None
    assert (job.error.kind, job.error.hint) == ("media_not_found", "Choose another.")


def test_a_result_that_does_not_come_in_time_says_where_the_job_is() -> None:
    job = DrivenJob[int]("sweep")
    with pytest.raises(TimeoutError, match="queued"):
        job.result(timeout=0)


def test_cancelling_a_waiting_job_ends_it_at_once() -> None:
    job = DrivenJob[int]("x")
    job.cancel()
    assert job.state is JobState.CANCELLED
    with pytest.raises(JobCancelled):
        job.result(timeout=0)
    with pytest.raises(JobCancelled):
        job.advance(JobState.RUNNING)


def test_who_listens_late_hears_the_newest_state_first() -> None:
    job = DrivenJob[int]("x")
    job.advance(JobState.LOADING)
    heard: list[JobEvent] = []
    job.subscribe(heard.append)
    job.advance(JobState.RUNNING)
    job.succeed(7)
    assert heard == [
        StateChanged(job.id, 1, JobState.LOADING),
        StateChanged(job.id, 2, JobState.RUNNING),
        Ended(job.id, 3, JobState.DONE, value=7),
    ]


def test_who_listens_after_the_end_hears_the_end() -> None:
    job = DrivenJob[str]("x")
    job.advance(JobState.RUNNING)
    job.succeed("found")
    heard: list[JobEvent] = []
    job.subscribe(heard.append)
    assert heard == [Ended(job.id, 2, JobState.DONE, value="found")]


def test_who_stops_listening_hears_nothing_more() -> None:
    job = DrivenJob[int]("x")
    heard: list[JobEvent] = []
    stop = job.subscribe(heard.append)
    stop()
    stop()
    job.advance(JobState.RUNNING)
    assert len(heard) == 1


def test_a_listener_that_acts_on_its_job_does_not_upset_the_order_for_others() -> None:
    job = DrivenJob[int]("x")
    heard: list[int] = []

    def meddle(event: JobEvent) -> None:
        if isinstance(event, StateChanged) and event.state is JobState.RUNNING:
            job.tell_partial("from inside")

    job.subscribe(meddle)
    job.subscribe(lambda event: heard.append(event.sequence))
    job.advance(JobState.RUNNING)
    job.succeed(1)
    assert heard == [0, 1, 2, 3]


def test_a_listener_may_ask_for_the_result_when_told_of_the_end() -> None:
    job = DrivenJob[int]("x")
    results: list[int] = []
    job.subscribe(lambda event: results.append(job.result(timeout=0)) if isinstance(event, Ended) else None)
    job.advance(JobState.RUNNING)
    job.succeed(3)
    assert results == [3]


@pytest.mark.expected_logs("a listener of job 'x' failed")
def test_a_listener_that_raises_is_logged_once_and_the_others_still_hear(caplog: pytest.LogCaptureFixture) -> None:
    job = DrivenJob[int]("x")
    heard: list[JobEvent] = []

    def faulty(event: JobEvent) -> None:
        raise RuntimeError("a view broke")

    job.subscribe(faulty)
    job.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        job.advance(JobState.RUNNING)
        job.tell_partial(1)
        assert job.succeed(2)
    assert len(heard) == 4
    assert job.result() == 2
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


def test_a_listener_that_ends_the_thread_does_not_keep_the_end_from_the_others() -> None:
    job = DrivenJob[int]("x")
    heard: list[JobEvent] = []

    def leave(event: JobEvent) -> None:
        if isinstance(event, Ended):
            raise SystemExit

    job.subscribe(leave)
    job.subscribe(heard.append)
    with pytest.raises(SystemExit):
        job.give_up()
    assert isinstance(heard[-1], Ended)


def test_events_of_two_threads_arrive_in_the_order_of_their_numbers() -> None:
    job = DrivenJob[int]("x")
    job.advance(JobState.RUNNING)
    heard: list[int] = []
    job.subscribe(lambda event: heard.append(event.sequence))

    def talk() -> None:
        for number in range(500):
            job.tell_partial(number)

    threads = [threading.Thread(target=talk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.succeed(0)
    assert heard == list(range(1, 2003))


def test_an_event_waits_until_the_one_before_it_was_heard() -> None:
    job = DrivenJob[int]("x")
    job.advance(JobState.RUNNING)
    heard: list[int] = []
    inside, go_on = threading.Event(), threading.Event()

    def slow(event: JobEvent) -> None:
        if event.sequence == 2:
            inside.set()
            go_on.wait(5)
        heard.append(event.sequence)

    job.subscribe(slow)
    teller = threading.Thread(target=job.tell_partial, args=("first",))
    teller.start()
    assert inside.wait(5)
    job.tell_partial("second")
    assert heard == [1]
    go_on.set()
    teller.join()
    assert heard == [1, 2, 3]


class TheTable(RuleBasedStateMachine):
    """Whatever a worker and a hundred impatient doors do, a job keeps to its table and ends once."""

    @initialize()
    def make(self) -> None:
        self.job = DrivenJob[int]("any")
        self.heard: list[JobEvent] = []
        self.state = JobState.QUEUED
        self.job.subscribe(self.heard.append)

    @rule(to=st.sampled_from([JobState.LOADING, JobState.RUNNING, JobState.QUEUED]))
    def advance(self, to: JobState) -> None:
        if self.state.ended:
            with pytest.raises(JobCancelled):
                self.job.advance(to)
        elif to is self.state or to in TRANSITIONS[self.state]:
            self.job.advance(to)
            self.state = to
        else:
            with pytest.raises(ValueError, match="cannot go"):
                self.job.advance(to)

    @rule()
    def succeed(self) -> None:
        if self.state.ended:
            assert not self.job.succeed(1)
        elif self.state is JobState.RUNNING:
            assert self.job.succeed(1)
            self.state = JobState.DONE
        else:
            with pytest.raises(ValueError, match="cannot go"):
                self.job.succeed(1)

    @rule()
    def fail(self) -> None:
        assert self.job.fail(RuntimeError("broke")) is not self.state.ended
        self.state = self.state if self.state.ended else JobState.FAILED

    @rule()
    def cancel(self) -> None:
        self.job.cancel()
        assert self.job.cancel_requested
        self.state = JobState.CANCELLED if self.state is JobState.QUEUED else self.state

    @rule()
    def give_up(self) -> None:
        assert self.job.give_up() is not self.state.ended
        self.state = self.state if self.state.ended else JobState.CANCELLED

    @rule(value=st.integers())
    def talk(self, value: int) -> None:
        before = len(self.heard)
        self.job.tell_partial(value)
        self.job.tell_progress(1, 2, None)
        assert len(self.heard) - before == (0 if self.state.ended else 2)

    @invariant()
    def states_agree(self) -> None:
        assert self.job.state is self.state
        assert self.job.wait(0) is self.state.ended

    @invariant()
    def events_are_numbered_without_a_hole_and_nothing_follows_the_end(self) -> None:
        assert [event.sequence for event in self.heard] == list(range(len(self.heard)))
        ends = [event for event in self.heard if isinstance(event, Ended)]
        assert len(ends) == int(self.state.ended)
        if ends:
            assert self.heard[-1] is ends[0]
            assert ends[0].state is self.state
        assert all(isinstance(event, StateChanged | Progressed | PartialFound | Ended) for event in self.heard)


TheTable.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
test_a_job_keeps_to_its_table = TheTable.TestCase
