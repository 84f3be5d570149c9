import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.jobs.progress import MAX_A_SECOND, Progress, ProgressThinner, TimeLeft


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(thinner: ProgressThinner, clock: Clock, steps: int, step_seconds: float) -> list[Progress]:
    told = []
    for done in range(1, steps + 1):
        clock.now += step_seconds
        thinner.offer(done, steps)
        progress = thinner.due()
        if progress is not None:
            told.append(progress)
    return told


def test_ten_thousand_reports_in_two_seconds_become_at_most_thirty_a_second() -> None:
    clock = Clock()
    told = run(ProgressThinner(clock), clock, 10_000, 2 / 10_000)
    assert MAX_A_SECOND * 2 - 4 <= len(told) <= MAX_A_SECOND * 2 + 1


def test_slow_reports_all_pass() -> None:
    clock = Clock()
    assert len(run(ProgressThinner(clock), clock, 20, 0.5)) == 20


def test_the_last_report_is_held_until_asked_for() -> None:
    clock = Clock()
    thinner = ProgressThinner(clock)
    thinner.offer(1, 3)
    assert thinner.due() == Progress(1, 3, None)
    thinner.offer(2, 3)
    thinner.offer(3, 3)
    assert thinner.due() is None
    assert thinner.last() == Progress(3, 3, None)
    assert thinner.last() is None


def test_what_was_held_is_told_once_it_is_due() -> None:
    clock = Clock()
    thinner = ProgressThinner(clock)
    thinner.offer(1, 3)
    thinner.due()
    thinner.offer(2, 3)
    clock.now += 1 / MAX_A_SECOND + 1e-6
    assert thinner.due() == Progress(2, 3, None)
    assert thinner.due() is None


@pytest.mark.parametrize(("done", "total"), [(math.nan, 1), (1, math.inf), (-math.inf, 1)])
def test_progress_that_is_no_number_is_refused(done: float, total: float) -> None:
    with pytest.raises(ValueError, match="no progress"):
        ProgressThinner(Clock()).offer(done, total)


@pytest.mark.parametrize(
    ("offered", "told"), [((9, 4), (4, 4)), ((-1, 4), (0, 4)), ((5, 0), (5, 0)), ((5, -3), (5, 0))]
)
def test_progress_stays_between_nothing_and_all(offered: tuple[float, float], told: tuple[float, float]) -> None:
    thinner = ProgressThinner(Clock())
    thinner.offer(*offered)
    progress = thinner.last()
    assert progress is not None
    assert (progress.done, progress.total) == told


@given(rate=st.floats(0.1, 1000), step=st.floats(0.01, 5))
def test_a_steady_rate_gives_the_exact_time_left(rate: float, step: float) -> None:
    left = TimeLeft()
    seconds, total = 0.0, rate * 100
    told = None
    while seconds < 20:
        told = left.observe(seconds, seconds * rate, total)
        assert (told is None) == (seconds < 1.0)
        seconds += step
    assert told == pytest.approx(100 - (seconds - step), rel=1e-6)


def test_the_time_left_follows_a_change_of_speed_within_half_a_minute() -> None:
    left, done = TimeLeft(), 0.0
    told = None
    for second in range(90):
        told = left.observe(second, done, 1000)
        done += 10 if second < 60 else 1
    assert told == pytest.approx((1000 - done + 1) / 1, rel=0.3)


def test_an_unknown_total_has_no_time_left() -> None:
    left = TimeLeft()
    assert [left.observe(second, second, 0) for second in range(5)] == [None] * 5


def test_work_resumed_half_way_is_timed_from_there() -> None:
    left = TimeLeft()
    left.observe(0, 500, 1000)
    assert left.observe(10, 510, 1000) == pytest.approx(490)


def test_work_that_begins_again_forgets_its_old_rate() -> None:
    left = TimeLeft()
    left.observe(0, 0, 100)
    left.observe(10, 50, 100)
    assert left.observe(11, 0, 100) is None
    assert left.observe(21, 1, 100) == pytest.approx(990)
