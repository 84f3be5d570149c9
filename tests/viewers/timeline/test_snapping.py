"""Edges cling to what is near, keep a frame, and never leave the timeline."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.viewers.timeline.values import cut_of, strip

from circletake_viewers.timeline.snapping import NOWHERE, Kind, Part, Snap, Span, Targets, drawn, edges_of, trimmed

FRAMES = 1000
TARGETS = Targets.of({Kind.CUT: np.array([100, 500], np.int64), Kind.PLAYHEAD: np.array([500, 506], np.int64)})
spans = st.tuples(st.integers(0, FRAMES - 1), st.integers(1, FRAMES)).map(
    lambda pair: Span(pair[0], max(pair[0] + 1, pair[1]))
)
targets = st.lists(st.integers(0, FRAMES), max_size=8).map(
    lambda frames: Targets.of({Kind.MARK: np.array(sorted(frames), np.int64)})
)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (103.0, Snap(100, Kind.CUT)),
        (109.0, None),
        (501.0, Snap(500, Kind.CUT)),
        (504.9, Snap(506, Kind.PLAYHEAD)),
        (-40.0, None),
    ],
)
def test_the_nearest_is_chosen_and_a_cut_is_named_first(place: float, found: Snap | None) -> None:
    assert TARGETS.near(place, 8) == found


@given(spans, st.sampled_from(Part), st.floats(-2000, 3000), targets, st.floats(0, 50))
def test_a_dragged_mark_stays_inside_and_keeps_a_frame(
    held: Span, part: Part, place: float, around: Targets, reach: float
) -> None:
    tried = trimmed(held, part, place, FRAMES, around, reach)
    assert 0 <= tried.start < tried.end <= FRAMES
    if part is Part.BODY:
        assert tried.end - tried.start == held.end - held.start
    else:
        assert tried.start == held.start or tried.end == held.end
    if tried.snap:
        assert tried.snap.frame in (tried.start, tried.end)


def test_each_end_of_a_moved_mark_may_cling() -> None:
    assert trimmed(Span(0, 200), Part.BODY, 297, FRAMES, TARGETS, 8) == Span(300, 500, Snap(500, Kind.CUT))
    assert trimmed(Span(0, 200), Part.BODY, 103, FRAMES, TARGETS, 8) == Span(100, 300, Snap(100, Kind.CUT))
    assert trimmed(Span(0, 200), Part.BODY, 103, FRAMES, NOWHERE, 8) == Span(103, 303)


@given(st.integers(0, FRAMES), st.floats(-2000, 3000))
def test_a_new_range_has_a_frame_at_least(anchor: int, place: float) -> None:
    made = drawn(anchor, place, FRAMES, NOWHERE, 8)
    assert 0 <= made.start < made.end <= FRAMES
    assert made.start <= anchor <= made.end


def test_cuts_and_pauses_are_where_their_clip_lies() -> None:
    first, second = strip(20), strip(20, start=500)
    found = edges_of(cut_of(first, second))
    assert found[Kind.CUT].tolist() == [250, 750]
    assert found[Kind.PAUSE].tolist() == [100, 125, 600, 625]
    assert found[Kind.END].tolist() == [0, 1000]
