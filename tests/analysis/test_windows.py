"""The grid: which windows a film has, and how time-stamped values land on them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from circletake.analysis.windows import WindowGrid, smoothed
from circletake.timebase import MICROSECONDS, RationalTime


def grid(seconds: float) -> WindowGrid:
    return WindowGrid(RationalTime.from_seconds(seconds, MICROSECONDS))


@pytest.mark.parametrize(
    ("seconds", "windows"), [(0.0, 1), (0.4, 1), (0.5, 1), (0.51, 2), (3.0, 6), (10_800.0, 21_600)]
)
def test_a_film_has_a_window_every_half_second_and_at_least_one(seconds: float, windows: int) -> None:
    assert len(grid(seconds)) == windows


def test_a_mean_takes_the_values_under_each_window_and_bridges_holes() -> None:
    film = grid(4.0)
    seconds = np.array([0.1, 0.2, 3.6, 3.8])
    values = np.array([2.0, 4.0, 10.0, 20.0], np.float32)
    means = film.mean(seconds, values)
    assert means[0] == pytest.approx(3.0)
    assert means[-1] == pytest.approx(15.0)
    assert np.all(np.diff(means) >= 0), "a hole is bridged by its neighbours, not filled with zeros"


def test_a_peak_is_found_in_the_hop_it_lies_in() -> None:
    film = grid(3.0)
    seconds = np.arange(0, 3, 0.1)
    values = np.zeros(30, np.float32)
    values[17] = 9.0
    assert int(np.argmax(film.peak(seconds, values))) == 3


def test_a_density_counts_events_a_second() -> None:
    film = grid(100.0)
    rate = film.density(np.arange(0.25, 100, 1.0), sigma=5.0)
    assert rate[100] == pytest.approx(1.0, abs=0.02)
    assert rate[0] == pytest.approx(1.0, abs=0.1), "the film's end is not a drop in the rate"


def test_values_outside_the_film_are_left_out() -> None:
    film = grid(2.0)
    assert film.density(np.array([-1.0, 5.0]), sigma=1.0).max() == 0.0


def test_smoothing_keeps_a_constant() -> None:
    assert smoothed(np.full(7, 3.0), 2.0) == pytest.approx(np.full(7, 3.0))


def test_a_grid_can_have_other_lengths() -> None:
    film = WindowGrid(RationalTime(16, Fraction(1)), hop=Fraction(2), length=Fraction(4))
    assert len(film) == 8
    assert film.centers[3] == 7.0
