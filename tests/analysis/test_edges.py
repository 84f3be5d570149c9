"""Edges: cuts and pauses attract them, words repel them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.analysis.edges import FLICKER, REACH, Edges, Limits
from circletake.timebase import TimeRange

RATE = Fraction(1000)


def speech(*spans: tuple[float, float]) -> tuple[TimeRange, ...]:
    return tuple(TimeRange.from_seconds(start, end, RATE) for start, end in spans)


def edges(cuts: Sequence[float] = (), *spans: tuple[float, float]) -> Edges:
    return Edges(np.array(cuts, np.float64), speech(*spans))


WIDE = Limits(0.0, 100.0, 5.0, 60.0)


def test_an_edge_moves_onto_a_cut_in_reach() -> None:
    assert edges([9.0, 31.0]).place(10.0, 30.0, WIDE) == (9.0, 31.0)


def test_an_edge_far_from_every_cut_stays() -> None:
    assert edges([50.0]).place(10.0, 30.0, WIDE) == (10.0, 30.0)


def test_an_edge_never_lies_inside_a_word_where_a_pause_is_near() -> None:
    place = edges([], (8.0, 12.0), (28.0, 33.0)).place(10.0, 30.0, WIDE)
    assert place is not None
    start, end = place
    assert not edges([], (8.0, 12.0), (28.0, 33.0)).in_speech(start)
    assert not edges([], (8.0, 12.0), (28.0, 33.0)).in_speech(end)


def test_a_cut_in_the_middle_of_a_word_is_not_taken() -> None:
    place = edges([10.0], (8.0, 12.0)).place(10.2, 30.0, WIDE)
    assert place is not None
    assert place[0] != 10.0


def test_an_edge_does_not_flicker_beside_a_cut() -> None:
    found = edges([9.8]).place(10.0, 30.0, WIDE)
    assert found is not None
    assert found[0] == 9.8, f"an edge within {FLICKER} s of a cut goes onto it"


def test_speech_that_never_pauses_leaves_the_edge_where_it_was() -> None:
    assert edges([], (0.0, 100.0)).place(10.0, 30.0, WIDE) == (10.0, 30.0)


def test_neighbouring_words_share_the_pause_between_them() -> None:
    # 0.15 s of pause: less than the lead-in and the lead-out together.
    place = edges([], (5.0, 10.0), (10.15, 30.0)).place(10.5, 40.0, Limits(0, 100, 5, 60))
    assert place is not None
    assert 10.0 <= place[0] <= 10.15


seconds = st.floats(0, 100, allow_nan=False)


@given(st.lists(seconds, max_size=20), st.lists(st.tuples(seconds, st.floats(0.3, 20)), max_size=8), seconds, seconds)
def test_what_is_placed_always_keeps_its_limits(
    cuts: list[float], spans: list[tuple[float, float]], start: float, length: float
) -> None:
    spoken: list[tuple[float, float]] = []
    for first, lasting in sorted(spans):
        if not spoken or first > spoken[-1][1] + 0.05:
            spoken.append((first, first + lasting))
    limits = Limits(0.0, 100.0, 5.0, 60.0)
    end = min(100.0, start + min(max(length, 5.0), 60.0))
    placed = edges(sorted(cuts), *spoken).place(start, end, limits)
    if placed is None:
        assert end - start < limits.shortest
        return
    first, last = placed
    assert limits.low <= first < last <= limits.high
    assert limits.shortest - 1e-3 <= last - first <= limits.longest + 1e-3


def test_reach_is_what_an_editor_would_move_an_edge_by() -> None:
    assert edges([10.0 + REACH + 0.1]).place(10.0, 30.0, WIDE) == pytest.approx((10.0, 30.0))
