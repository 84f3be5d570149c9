"""The way of play and its clock, with scripted sound."""

from __future__ import annotations

from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given

from circletake.playback.clock import JUMP_SECONDS, STUCK_SECONDS, PlayClock
from circletake.playback.route import Route


def test_a_way_forwards_ends_before_its_end() -> None:
    way = Route(3, 0, 6)
    assert [way.frame(distance) for distance in range(5)] == [3, 4, 5, None, None]


def test_a_way_backwards_ends_on_its_first_frame() -> None:
    way = Route(2, 0, 6, -1)
    assert [way.frame(distance) for distance in range(5)] == [2, 1, 0, None, None]


def test_a_loop_runs_into_its_end_and_goes_round() -> None:
    assert [Route(3, 2, 5, 1, True).frame(distance) for distance in range(7)] == [3, 4, 2, 3, 4, 2, 3]
    assert [Route(3, 2, 5, -1, True).frame(distance) for distance in range(7)] == [3, 2, 4, 3, 2, 4, 3]


def test_what_is_heard_on_the_way() -> None:
    assert Route(30, 0, 60).spans(Fraction(30)) == ((Fraction(1), Fraction(2)), None)
    assert Route(45, 30, 60, 1, True).spans(Fraction(30)) == ((Fraction(3, 2), Fraction(2)), (Fraction(1), Fraction(2)))


def test_without_sound_the_wall_counts() -> None:
    clock = PlayClock.started(100.0, speed=2.0)
    assert clock.played(101.5) == pytest.approx(3.0)


def test_time_before_the_start_does_not_count() -> None:
    clock = PlayClock.started(100.0)
    assert clock.played(99.5) == 0  # asked with a time taken before a device was slow to start
    assert clock.played(100.1) == pytest.approx(0.1)


def test_the_first_frame_is_held_until_sound_moves() -> None:
    clock = PlayClock.started(100.0, follows=True)
    clock.hear(0.0, 101.7)
    assert clock.played(101.7) == 0
    clock.hear(0.03, 101.8)
    assert clock.played(101.8) == pytest.approx(0.03)
    assert clock.played(101.9) == pytest.approx(0.13)


def test_small_differences_are_made_up_smoothly() -> None:
    clock = PlayClock.started(0.0, follows=True)
    clock.hear(0.01, 0.0)
    clock.hear(1.02, 1.0)  # 10 ms ahead of the wall
    assert clock.played(1.0) == pytest.approx(1.01)
    assert clock.played(1.1) == pytest.approx(1.115)
    assert clock.played(2.0) == pytest.approx(2.02)


def test_behind_the_sound_it_jumps_ahead_of_it_it_waits() -> None:
    behind = PlayClock.started(0.0, follows=True)
    behind.hear(0.01, 0.0)
    behind.hear(1.5, 1.0)
    assert behind.played(1.0) == pytest.approx(1.5)
    ahead = PlayClock.started(0.0, follows=True)
    ahead.hear(0.01, 0.0)
    assert ahead.played(1.0) == pytest.approx(1.01)
    ahead.hear(0.81, 1.0)
    assert ahead.played(1.15) == pytest.approx(1.01, abs=0.01)
    assert ahead.played(1.3) < 1.2


@given(st.lists(st.tuples(st.floats(0.001, 0.05), st.floats(-0.03, 0.03)), min_size=5, max_size=60))
def test_it_never_runs_backwards_and_stays_near_what_was_heard(steps: list[tuple[float, float]]) -> None:
    clock, now, last = PlayClock.started(0.0, follows=True), 0.0, 0.0
    for passed, noise in steps:
        now += passed
        clock.hear(max(0.0, now + noise), now)
        played = clock.played(now)
        assert played >= last
        assert abs(played - now) < 2 * JUMP_SECONDS
        last = played


def test_a_device_that_takes_nothing_is_found_out_and_the_wall_goes_on() -> None:
    clock = PlayClock.started(0.0, follows=True)
    clock.hear(0.5, 0.5)
    assert not clock.is_stuck(1.0)
    assert clock.is_stuck(0.5 + STUCK_SECONDS + 0.1)
    before = clock.played(5.0)
    clock.follow_wall(5.0)
    assert not clock.is_stuck(99.0)
    assert clock.played(5.5) == pytest.approx(before + 0.5)
