"""What a cut and its marks are, before any file."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Mark

RATE = Fraction(25)


def frames(start: int, end: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(end - start, RATE))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_mark_has_no_number_that_is_not_finite(number: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        Mark("a", frames(0, 1), "Goal", signals={"motion": 0.5, "sound": number})
    with pytest.raises(ValueError, match="scores go from 0 to 100"):
        Mark("a", frames(0, 1), "Goal", score=number)
