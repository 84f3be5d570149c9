"""Exact time stays exact, whatever spelling, rate or numbering it comes in."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.timebase import (
    MAX_RATE,
    MAX_VALUE,
    MIN_RATE,
    RationalTime,
    Rounding,
    TimeRange,
    common_rate,
    exact_rate,
    format_clock,
    from_timecode,
    may_drop_frames,
    round_fraction,
    to_timecode,
)

NTSC_24, NTSC_30, NTSC_60 = (Fraction(each * 1000, 1001) for each in (24, 30, 60))
NUMBERINGS = [
    (NTSC_30, True),
    (NTSC_60, True),
    (Fraction(30), True),
    (NTSC_24, False),
    (NTSC_30, False),
    (Fraction(25), False),
    (Fraction(120), True),
    (Fraction(100), False),
]
DAY_FRAMES = 24 * 3600 * 120

rates = st.sampled_from([NTSC_24, NTSC_30, NTSC_60, *(Fraction(each) for each in (24, 25, 30, 48000, 90000, 10**9))])


@st.composite
def times(draw: st.DrawFn) -> RationalTime:
    """Any moment within four months of zero."""
    rate = draw(rates)
    return RationalTime(draw(st.integers(math.ceil(-(10**7) * rate), math.floor(10**7 * rate))), rate)


@pytest.mark.parametrize(("rate", "drop_frame"), NUMBERINGS)
@given(frame=st.integers(0, DAY_FRAMES))
def test_every_frame_comes_back_from_its_timecode(rate: Fraction, drop_frame: bool, frame: int) -> None:
    text = to_timecode(RationalTime(frame, rate), rate, drop_frame=drop_frame)
    assert (";" in text) is drop_frame
    back = from_timecode(text, rate)
    assert (back.value, back.rate) == (frame, rate)


@pytest.mark.parametrize(("rate", "drop_frame"), NUMBERINGS)
def test_timecode_of_twenty_minutes_never_repeats_and_never_skips_back(rate: Fraction, drop_frame: bool) -> None:
    texts = [to_timecode(RationalTime(frame, rate), rate, drop_frame=drop_frame) for frame in range(20 * 60 * 30)]
    assert texts == sorted(set(texts))


@pytest.mark.parametrize(
    ("frame", "rate", "expected"),
    [
        (1799, NTSC_30, "00:00:59;29"),
        (1800, NTSC_30, "00:01:00;02"),
        (17981, NTSC_30, "00:09:59;29"),
        (17982, NTSC_30, "00:10:00;00"),
        (107892, NTSC_30, "01:00:00;00"),
        (3600, NTSC_60, "00:01:00;04"),
        (2589408, NTSC_30, "24:00:00;00"),
    ],
)
def test_drop_frame_leaves_out_the_numbers_of_smpte_12(frame: int, rate: Fraction, expected: str) -> None:
    assert to_timecode(RationalTime(frame, rate), rate, drop_frame=True) == expected


def test_drop_frame_keeps_clock_time_within_three_frames_over_a_day() -> None:
    lead = 86400 - from_timecode("24:00:00;00", NTSC_30).seconds
    assert 0 < lead < 3 / NTSC_30


@pytest.mark.parametrize("text", ["00:01:00;00", "00:01:00;01", "00:11:00;01"])
def test_a_number_that_drop_frame_leaves_out_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="leaves out"):
        from_timecode(text, NTSC_30)


@pytest.mark.parametrize("rate", [NTSC_24, Fraction(24), Fraction(25), Fraction(50)])
def test_rates_without_drop_frame_refuse_it(rate: Fraction) -> None:
    assert not may_drop_frames(rate)
    with pytest.raises(ValueError, match="drop-frame"):
        to_timecode(RationalTime(1, rate), rate, drop_frame=True)
    with pytest.raises(ValueError, match="drop-frame"):
        from_timecode("00:00:01;00", rate)


@pytest.mark.parametrize("text", ["", "1:2:3:4", "00:00:00", "00:60:00:00", "00:00:61:00", "00:00:00:30", "x" * 9999])
def test_what_is_no_timecode_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"timecode|out of range"):
        from_timecode(text, Fraction(30))


@given(frame=st.integers(-DAY_FRAMES, -1))
def test_times_before_zero_have_a_sign(frame: int) -> None:
    text = to_timecode(RationalTime(frame, NTSC_30), NTSC_30, drop_frame=True)
    assert text.startswith("-")
    assert from_timecode(text, NTSC_30).value == frame


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (23.976, NTSC_24),
        (23.98, NTSC_24),
        ("23.976", NTSC_24),
        (29.97, NTSC_30),
        ("29.97", NTSC_30),
        (29.97002997, NTSC_30),
        (30000 / 1001, NTSC_30),
        ("30000/1001", NTSC_30),
        (Fraction(2997, 100), NTSC_30),
        (59.94, NTSC_60),
        (119.88, Fraction(120000, 1001)),
        (14.99, Fraction(15000, 1001)),
        (25, Fraction(25)),
        (25.0, Fraction(25)),
        (12.5, Fraction(25, 2)),
        (24.98, Fraction(2498, 100)),
        (10.99, Fraction(1099, 100)),
        (1 / 3, Fraction(1, 3)),
        (Fraction(23040000, 767849), Fraction(23040000, 767849)),
        (float(Fraction(23040000, 767849)), Fraction(23040000, 767849)),
    ],
)
def test_every_spelling_of_a_rate_means_one_fraction(spelling: float | str | Fraction, expected: Fraction) -> None:
    assert exact_rate(spelling) == expected


@given(nominal=st.integers(1, 1000))
def test_ntsc_rates_survive_a_float(nominal: int) -> None:
    rate = Fraction(nominal * 1000, 1001)
    assert exact_rate(float(rate)) == rate


@given(numerator=st.integers(1, 10**8), denominator=st.integers(1, 10**6))
def test_measured_rates_survive_a_float(numerator: int, denominator: int) -> None:
    rate = Fraction(numerator, denominator)
    if not 1 <= rate <= 1000 or exact_rate(rate) != rate:  # the second kind is a spelling of an NTSC rate
        return
    assert exact_rate(float(rate)) in (rate, exact_rate(rate))


@pytest.mark.parametrize(
    "rate",
    [
        *(math.nan, math.inf, -math.inf, 1e300, 1e-300, 0, -25, -0.0),
        *("", "x", "nan", "inf", "1/0", "0/1", "-25", "1e999999999", "1e-999999999", "9" * 10**6, "25 fps"),
        *(Fraction(MAX_RATE + 1), MIN_RATE / 2),
    ],
)
def test_hostile_rates_are_refused_at_once(rate: float | str | Fraction) -> None:
    with pytest.raises(ValueError, match="frame rate"):
        exact_rate(rate)


@given(first=times(), second=times())
def test_sums_and_differences_are_exact(first: RationalTime, second: RationalTime) -> None:
    assert (first + second).seconds == first.seconds + second.seconds
    assert (first - second).seconds == first.seconds - second.seconds
    assert first + second - second == first


def test_a_million_frames_added_one_by_one_are_off_by_nothing() -> None:
    frame, total = RationalTime(1, NTSC_30), RationalTime.zero(Fraction(25))
    for _ in range(10_000):
        total = total + frame
    assert total.seconds == Fraction(10_000 * 1001, 30_000)


@given(first=rates, second=rates)
def test_the_common_rate_holds_counts_of_both(first: Fraction, second: Fraction) -> None:
    common = common_rate(first, second)
    assert (common / first).denominator == 1
    assert (common / second).denominator == 1


@given(first=times(), second=times())
def test_equal_times_are_one_key_whatever_their_rate(first: RationalTime, second: RationalTime) -> None:
    assert (first == second) == (first.seconds == second.seconds)
    assert (first < second) == (first.seconds < second.seconds)
    if first == second:
        assert hash(first) == hash(second)


@given(time=times(), rate=rates)
def test_rescaling_moves_a_time_by_at_most_half_a_count(time: RationalTime, rate: Fraction) -> None:
    placed = time.rescaled_to(rate)
    assert abs(placed.seconds - time.seconds) <= 1 / rate / 2
    assert time.rescaled_to(rate, Rounding.FLOOR) <= time <= time.rescaled_to(rate, Rounding.CEIL)


@given(value=st.fractions())
def test_halves_round_up(value: Fraction) -> None:
    assert round_fraction(value) == math.floor(value + Fraction(1, 2))


@given(first=times(), second=times(), third=times(), rate=rates)
def test_neighbours_still_touch_on_another_grid(
    first: RationalTime, second: RationalTime, third: RationalTime, rate: Fraction
) -> None:
    start, middle, end = sorted((first, second, third))
    left = TimeRange.from_start_end(start, middle).rescaled_to(rate)
    right = TimeRange.from_start_end(middle, end).rescaled_to(rate)
    assert left.end_time_exclusive == right.start_time


@given(first=times(), second=times(), third=times(), fourth=times())
def test_the_intersection_is_inside_both(
    first: RationalTime, second: RationalTime, third: RationalTime, fourth: RationalTime
) -> None:
    one = TimeRange.from_start_end(min(first, second), max(first, second))
    other = TimeRange.from_start_end(min(third, fourth), max(third, fourth))
    shared = one.intersection(other)
    if not one.duration.value or not other.duration.value:
        assert shared is None or not shared.duration.value
    elif shared is None:
        assert one.end_time_exclusive <= other.start_time or other.end_time_exclusive <= one.start_time
    else:
        assert one.covers(shared)
        assert other.covers(shared)
        assert shared == other.intersection(one)


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e300])
def test_hostile_seconds_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="time"):
        RationalTime.from_seconds(seconds, Fraction(25))


def test_times_no_container_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        RationalTime(MAX_VALUE + 1, Fraction(25))
    for rate in (Fraction(0), Fraction(-25), Fraction(10**22)):
        with pytest.raises(ValueError, match="rate"):
            RationalTime(0, rate)
    with pytest.raises(ValueError, match="cannot last"):
        TimeRange(RationalTime(0, Fraction(25)), RationalTime(-1, Fraction(25)))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00.0"), (59.96, "1:00.0"), (61.5, "1:01.5"), (3723.4, "1:02:03.4"), (-1.5, "-0:01.5")],
)
def test_a_clock_reads_in_tenths(seconds: float, expected: str) -> None:
    assert format_clock(seconds) == expected
