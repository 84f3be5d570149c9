"""Marks as arrays: those in sight are found, those that overlap lie in rows of their own."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from tests.viewers.timeline.values import mark

from circletake_viewers.timeline.hits import hit
from circletake_viewers.timeline.lanes import Row
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.snapping import Part
from circletake_viewers.timeline.stack import DEEPEST, Stack, row_of, stacked

ranges = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 80)), max_size=30).map(
    lambda pairs: tuple(mark(str(n), start, start + size) for n, (start, size) in enumerate(sorted(pairs)))
)
LANE = Row(200, 40)


@given(ranges, st.floats(-50, 600), st.floats(0, 200))
def test_those_in_sight_are_found(rows: tuple, first: float, size: float) -> None:  # type: ignore[type-arg]
    stack, last = stacked(rows, Stack()), first + size
    seen = [number for number, row in enumerate(rows) if row.start < last and row.end > first]
    assert stack.between(first, last).tolist() == seen


@given(ranges)
def test_overlapping_marks_share_no_row_while_there_are_rows(rows: tuple) -> None:  # type: ignore[type-arg]
    stack = stacked(rows, Stack())
    for (a, first), (b, second) in itertools.combinations(enumerate(rows), 2):
        if first.end > second.start and stack.depths[a] < DEEPEST:
            assert stack.levels[a] != stack.levels[b]
            assert stack.depths[a] == stack.depths[b]


@given(ranges)
def test_every_mark_has_a_pixel_by_which_it_can_be_held(rows: tuple) -> None:  # type: ignore[type-arg]
    stack, scale = stacked(rows, Stack()), Scale(1000, 20_000, 20, 0)
    for number, row in enumerate(rows):
        if stack.depths[number] < DEEPEST:
            top, size = row_of(stack, number, LANE.height)
            found = hit(stack, scale, LANE, (), scale.x((row.start + row.end) / 2), LANE.top + top + size / 2)
            assert found
            assert found.row is row


def test_an_edge_is_held_six_pixels_either_side() -> None:
    stack, scale = stacked((mark("a", 100, 200),), Stack()), Scale(1000, 1000, 1, 0)

    def part(x: float) -> Part | None:
        found = hit(stack, scale, LANE, (), x, 210)
        return found.part if found else None

    assert [part(x) for x in (93, 94.5, 105, 107, 193, 195, 205, 207)] == [
        None, Part.START, Part.START, Part.BODY, Part.BODY, Part.END, Part.END, None,
    ]  # fmt: skip
    assert hit(stack, scale, LANE, (), 150, 190) is None


def test_a_short_mark_keeps_a_middle() -> None:
    stack, scale = stacked((mark("a", 100, 108),), Stack()), Scale(1000, 1000, 1, 0)
    found = hit(stack, scale, LANE, (), 104, 210)
    assert found
    assert found.part is Part.BODY


def test_places_are_kept_when_only_states_changed() -> None:
    rows = (mark("a", 0, 10), mark("b", 5, 20))
    before = stacked(rows, Stack())
    assert stacked((rows[0], mark("b", 5, 20, rank=9)), before).levels is before.levels
