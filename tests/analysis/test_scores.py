"""Curves: how values become levels, and what a curve refuses."""

from __future__ import annotations

import numpy as np
import pytest

from circletake.analysis.scores import ScoreCurve, combined_z, level_of, robust_z
from circletake.analysis.windows import WindowGrid
from circletake.timebase import MICROSECONDS, RationalTime

FILM = WindowGrid(RationalTime.from_seconds(5.0, MICROSECONDS))


def curve(values: list[float]) -> ScoreCurve:
    return ScoreCurve("score", "Score", "test", FILM, np.array(values, np.float32))


def test_a_robust_z_ignores_the_outlier_it_measures() -> None:
    values = np.array([1, 2, 3, 2, 1, 2, 3, 2, 1000], np.float32)
    z = robust_z(values, floor=0.1)
    assert z[1] == pytest.approx(0.0)
    assert z[-1] > 100


def test_a_flat_signal_says_nothing() -> None:
    z = robust_z(np.full(20, 7.0, np.float32), floor=0.5)
    assert np.all(z == 0)


def test_noise_below_the_floor_is_not_blown_up() -> None:
    noise = np.array([0.0, 0.001, -0.001, 0.0005] * 5, np.float32)
    assert np.abs(robust_z(noise, floor=1.0)).max() < 0.01


def test_levels_rise_with_deviation_and_stay_in_range() -> None:
    levels = level_of(np.array([-1e9, -1.0, 0.0, 1.0, 3.0, 1e9]))
    assert np.all(np.diff(levels) >= 0)
    assert levels[3] == pytest.approx(0.5)
    assert 0 <= levels[0] < levels[-1] <= 1


def test_equal_signals_reinforce_each_other() -> None:
    one = np.array([0.0, 1.0, 2.0])
    both = combined_z([one, one], [1.0, 1.0])
    assert both == pytest.approx(one * np.sqrt(2))


@pytest.mark.parametrize("values", [[0.5] * 9, [1.5] + [0.0] * 9, [float("nan")] + [0.0] * 9, [-0.1] + [0.0] * 9])
def test_a_curve_off_its_grid_or_scale_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="curve 'score'"):
        curve(values)


def test_the_strongest_moment_is_the_first_of_equals() -> None:
    wave = curve([0, 0, 0.9, 0, 0, 0.9, 0, 0, 0, 0])
    assert wave.strongest(0, 5) == pytest.approx(1.25)
    assert wave.strongest(2.0, 5) == pytest.approx(2.75)
    assert wave.level(0, 5) == pytest.approx(0.18)
