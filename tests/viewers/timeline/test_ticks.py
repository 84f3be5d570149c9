"""The ruler's labels: far enough apart, and at round times in every way of counting."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.timebase import RationalTime, may_drop_frames
from circletake_viewers.state.shown import Clock
from circletake_viewers.timeline.ticks import APART, Tick, Units, ticks

NTSC = Fraction(30000, 1001)
rates = st.sampled_from([Fraction(24), Fraction(25), NTSC, Fraction(60000, 1001), Fraction(120)])


def labelled(clock: Clock, units: Units, per_frame: float, first: float, last: float) -> list[Tick]:
    return [tick for tick in ticks(clock, units, per_frame, first, last) if tick.label]


@given(rates, st.sampled_from(Units), st.floats(0.0005, 20), st.floats(0, 2e6), st.booleans())
def test_labels_never_touch_and_cover_the_view(
    rate: Fraction, units: Units, per_frame: float, first: float, drop: bool
) -> None:
    clock = Clock(rate, drop_frame=drop and may_drop_frames(rate))
    last = first + 1600 / per_frame
    found = labelled(clock, units, per_frame, first, last)
    gaps = [(b.frame - a.frame) * per_frame for a, b in itertools.pairwise(found)]
    assert all(gap >= APART * 0.9 for gap in gaps)
    assert len(list(ticks(clock, units, per_frame, first, last))) < 1600
    assert len(found) >= 2 or per_frame < 0.005


def test_seconds_and_frames_are_labelled_by_how_near_one_looks() -> None:
    clock = Clock(Fraction(25))
    assert [tick.label for tick in labelled(clock, Units.TIMECODE, 4, 0, 100)][:3] == [
        "00:00:00", "00:00:01", "00:00:02",
    ]  # fmt: skip
    assert [tick.label for tick in labelled(clock, Units.TIMECODE, 20, 0, 20)][:3] == [
        "00:00:00:00", "00:00:00:05", "00:00:00:10",
    ]  # fmt: skip
    assert [tick.label for tick in labelled(clock, Units.SECONDS, 4, 0, 100)][:2] == ["0 s", "1 s"]


def test_single_frames_are_marked_when_they_are_wide() -> None:
    found = list(ticks(Clock(Fraction(25)), Units.TIMECODE, 20, 0, 20))
    assert [tick.frame for tick in found] == list(range(21))


def test_dropped_numbers_are_never_labelled() -> None:
    clock = Clock(NTSC, drop_frame=True)
    found = labelled(clock, Units.TIMECODE, 96 / 1800, 0, 1800 * 21)
    assert [tick.frame for tick in found][:3] == [0, 1800, 3598]
    assert all(clock.timecode(round(tick.frame)).startswith(tick.label) for tick in found)
    assert next(tick for tick in found if tick.label == "00:10:00").frame == 17982


def test_a_timeline_that_begins_late_is_labelled_from_there() -> None:
    clock = Clock(Fraction(25), first=RationalTime(25 * 3600 + 5, Fraction(25)))
    found = labelled(clock, Units.TIMECODE, 4, 0, 100)
    assert (found[0].frame, found[0].label) == (20, "01:00:01")


@pytest.mark.parametrize("units", Units)
def test_nothing_is_labelled_before_the_beginning(units: Units) -> None:
    assert all(tick.frame >= 0 for tick in ticks(Clock(), units, 0.5, -500, 100))
