"""Where frames lie: whatever is zoomed, panned or resized, the timeline stays in sight and the cursor's frame put."""

from hypothesis import given
from hypothesis import strategies as st

from circletake_viewers.timeline.scale import CLOSEST, PAD, Scale

DAY = 24 * 3600 * 30
widths = st.floats(200, 4000)
lengths = st.integers(1, DAY)
scales = st.builds(
    lambda frames, width, zoom, pan: Scale.fitted(frames, width).zoomed(zoom).panned(pan),
    lengths,
    widths,
    st.floats(1, 1e6),
    st.floats(-1e6, 1e8),
)


def test_all_of_a_timeline_is_seen_from_edge_to_edge() -> None:
    scale = Scale.fitted(1000, 1032)
    assert (scale.x(0), scale.x(1000)) == (PAD, 1032 - PAD)
    assert scale.is_fitted


@given(scales, st.floats(0, 1), st.floats(1, 50))
def test_zooming_in_keeps_what_is_under_the_cursor(scale: Scale, place: float, factor: float) -> None:
    x = min(max(scale.x(0), place * scale.width), scale.x(scale.frames))
    zoomed = scale.zoomed(factor, x)
    assert abs(zoomed.x(scale.at(x)) - x) < 0.5


@given(scales, st.floats(0.001, 1000), st.floats(-1e9, 1e9))
def test_the_timeline_never_leaves_the_view(scale: Scale, factor: float, pan: float) -> None:
    moved = scale.zoomed(factor).panned(pan)
    assert moved.x(0) <= PAD + 1e-3
    assert moved.x(moved.frames) >= moved.width - PAD - 1e-3
    assert moved.per_frame <= max(CLOSEST, Scale.fitted(scale.frames, scale.width).per_frame) + 1e-9


@given(scales, st.floats(-1e5, 1e5))
def test_pixels_name_frames_that_exist(scale: Scale, x: float) -> None:
    assert 0 <= scale.frame(x) < scale.frames
    assert 0 <= scale.edge(x) <= scale.frames


@given(scales, st.data())
def test_a_revealed_range_is_seen(scale: Scale, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, scale.frames - 1))
    end = data.draw(st.integers(start + 1, scale.frames))
    shown = scale.revealing(start, end)
    assert shown.x(start) <= shown.width
    assert shown.x(end) >= 0
    if (end - start) * scale.per_frame <= scale.width - 2 * PAD:
        assert shown.x(start) >= PAD - 1e-3
        assert shown.x(end) <= shown.width - PAD + 1e-3


@given(scales, widths)
def test_what_is_all_seen_stays_so_when_resized(scale: Scale, width: float) -> None:
    assert Scale.fitted(scale.frames, scale.width).resized(width).is_fitted
    assert scale.resized(width).x(0) <= PAD + 1e-3


def test_a_running_playhead_turns_the_page_only_when_it_leaves() -> None:
    scale = Scale.fitted(10_000, 1000).zoomed(20, 0)
    assert scale.paged(scale.frame(500)) is scale
    gone = scale.frame(995)
    assert 0 < scale.paged(gone).x(gone) < 200


def test_nothing_at_all_can_be_zoomed_and_pointed_at() -> None:
    empty = Scale.fitted(0, 800)
    assert empty.zoomed(3, 10).panned(50).frame(400) == 0
    assert empty.lasting(100).is_fitted
