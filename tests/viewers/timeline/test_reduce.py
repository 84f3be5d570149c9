"""Fewer numbers, the same picture: against the plain way over every peak."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.viewers.timeline.values import curve

from circletake.media.waveform import Waveform
from circletake_viewers.timeline.reduce import STEP, Peaks, continues, polyline


def wave(count: int, seed: int = 0) -> Waveform:
    chance = np.random.default_rng(seed)
    low = chance.integers(-127, 1, count, np.int8)
    return Waveform(low, -low // 2)


@settings(max_examples=50)
@given(st.integers(1, 20_000), st.integers(-500, 20_000), st.sampled_from([16, 64, 512, 4096]), st.integers(1, 40))
def test_columns_hold_the_lowest_and_highest_peak(count: int, start: int, step: int, columns: int) -> None:
    sound = wave(count)
    start -= start % 4096  # whole groups of every floor, so that none reaches over a column's border
    low, high = Peaks(sound).columns(start, step, columns)
    for place in range(columns):
        begin = start + place * step
        part = slice(begin, begin + step) if 0 <= begin < count else slice(0, 0)
        assert low[place] == (sound.low[part].min() if len(sound.low[part]) else 0)
        assert high[place] == (sound.high[part].max() if len(sound.high[part]) else 0)


@settings(max_examples=30)
@given(st.integers(0, 9000), st.integers(0, 9000))
def test_growing_sound_has_the_same_pyramid_as_whole_sound(known: int, more: int) -> None:
    whole = wave(known + more)
    part = Waveform(whole.low[:known], whole.high[:known])
    grown, fresh = Peaks(whole, Peaks(part)), Peaks(whole)
    assert all(np.array_equal(a, b) for a, b in zip(grown.low + grown.high, fresh.low + fresh.high, strict=True))
    assert len(fresh.low[1]) == -(-len(whole.low) // STEP)


def test_other_sound_is_not_taken_for_the_same() -> None:
    assert continues(wave(10), Waveform(wave(10).low, wave(10).high))
    assert not continues(wave(10), wave(20, seed=1))


def test_a_line_from_afar_loses_no_peak() -> None:
    line = curve("score", 3600)
    line.values[1234] = 1.0
    _, values = polyline(line, 0, 3600, 10.0)
    assert values.max() == 1.0
    assert len(values) < 400


def test_neighbouring_stretches_of_a_line_meet() -> None:
    line = curve("score", 3600)
    line.values[:] = np.random.default_rng(1).random(len(line.values))
    left, right = (polyline(line, *ends, 3.0) for ends in ((0, 1000), (1000, 2000)))
    shared = np.intersect1d(left[0], right[0])
    assert len(shared) >= 3
    assert np.array_equal(np.interp(shared, *left), np.interp(shared, *right))
