"""Segments: where they are found, how long they are, what they are called, and that they never overlap."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from circletake.analysis.edges import Edges
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.segments import PLAIN, SegmentLimits, Stretches, find_segments, score_of
from circletake.analysis.windows import WindowGrid
from circletake.timebase import MICROSECONDS, RationalTime, TimeRange

RATE = Fraction(30000, 1001)
NOTHING = Edges(np.empty(0), ())


def fused(values: NDArray[np.float64]) -> ScoreCurve:
    grid = WindowGrid(RationalTime.from_seconds(len(values) * 0.5, MICROSECONDS))
    return ScoreCurve("score", "Score", "test", grid, values.astype(np.float32))


def hill(length: int, *places: tuple[int, int, float], ground: float = 0.2) -> ScoreCurve:
    values = np.full(length, ground)
    for first, last, height in places:
        values[first:last] = height
    return fused(values)


def test_the_raised_stretch_is_found_with_its_own_length() -> None:
    assert Stretches(hill(400, (100, 150, 0.8)), 15, 60).best() == (50.0, 75.0)


def test_the_best_comes_first_and_the_second_is_another_place() -> None:
    stretches = Stretches(hill(600, (100, 150, 0.7), (300, 350, 0.9)), 15, 60)
    assert stretches.best() == (150.0, 175.0)
    stretches.take_out(150.0, 175.0)
    assert stretches.best() == (50.0, 75.0)


def test_a_flat_film_still_gives_one_segment() -> None:
    assert len(find_segments(hill(400), [], NOTHING, SegmentLimits(15, 60, 10), RATE)) == 1


def test_a_place_lost_to_snapping_is_made_up_elsewhere() -> None:
    # The best stretch grows to the pause at 90 s and covers the second best; the third is found all the same.
    film = hill(600, (100, 140, 0.9), (141, 175, 0.85), (400, 440, 0.5))
    speech = (TimeRange.from_seconds(69.0, 76.5, RATE),)
    found = find_segments(film, [], Edges(np.empty(0), speech), SegmentLimits(15, 60, 2), RATE)
    assert len(found) == 2


def test_a_film_shorter_than_the_shortest_clip_is_one_segment() -> None:
    (segment,) = find_segments(hill(6), [], NOTHING, SegmentLimits(15, 60, 10), RATE)
    assert segment.range.start_time.value == 0
    assert segment.range.duration.to_seconds() == pytest.approx(3.0, abs=0.02)


def test_three_hours_are_done_in_memory_that_fits() -> None:
    random.seed(3)
    values = np.clip(np.array([random.gauss(0.3, 0.1) for _ in range(21_600)]), 0, 1)
    found = find_segments(fused(values), [], NOTHING, SegmentLimits(15, 60, 20), RATE)
    assert len(found) == 20


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 1, width=32), min_size=1, max_size=300),
    st.floats(1, 30),
    st.floats(1, 4),
    st.integers(1, 12),
    st.lists(st.floats(0, 150), max_size=20),
)
def test_segments_keep_every_promise(
    values: list[float], shortest: float, times: float, count: int, cuts: list[float]
) -> None:
    curve = fused(np.array(values))
    limits = SegmentLimits(shortest, shortest * times, count)
    found = find_segments(curve, [curve], Edges(np.array(sorted(cuts)), ()), limits, RATE)
    again = find_segments(curve, [curve], Edges(np.array(sorted(cuts)), ()), limits, RATE)
    assert found == again, "equal inputs give equal segments"
    assert 1 <= len(found) <= count
    assert [segment.score for segment in found] == sorted((segment.score for segment in found), reverse=True)
    frame = float(1 / RATE)
    for segment in found:
        assert 0 <= segment.score <= 100
        assert segment.range.start_time.rate == RATE
        assert segment.range.contains(segment.strongest)
        length = segment.range.duration.to_seconds()
        assert min(shortest, len(values) / 2) - 2 * frame <= length <= shortest * times + 2 * frame
    for before, after in pairwise(sorted(found, key=lambda segment: segment.range.start_time.seconds)):
        assert before.range.end_time_exclusive <= after.range.start_time


def test_a_strong_start_scores_higher_than_a_strong_end() -> None:
    early, late = hill(60, (0, 6, 0.9)), hill(60, (54, 60, 0.9))
    assert score_of(early, 0, 30) > score_of(late, 0, 30)


def test_a_stretch_nothing_carried_is_called_so() -> None:
    (segment,) = find_segments(hill(60), [], NOTHING, SegmentLimits(15, 60, 1), RATE)
    assert segment.title == PLAIN


@pytest.mark.parametrize(("shortest", "longest", "count"), [(0, 10, 1), (20, 10, 1), (5, 10, 0)])
def test_limits_nothing_can_meet_are_refused(shortest: float, longest: float, count: int) -> None:
    with pytest.raises(ValueError, match=r"found|leave"):
        SegmentLimits(shortest, longest, count)
