"""Curves and segments of a film of which only parts were measured."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from circletake.analysis.edges import Edges
from circletake.analysis.highlights import Scored, ScoreRequest, conclude, score_film
from circletake.analysis.measured import Measured
from circletake.analysis.scores import ScoreCurve, robust_z
from circletake.analysis.segments import SegmentLimits, find_segments
from circletake.analysis.signals import SignalsScorer, deviations_of, fuse
from circletake.analysis.stored import from_arrays, to_arrays
from circletake.analysis.windows import WindowGrid, smoothed
from circletake.jobs.context import NoContext
from circletake.media.frames import FrameBatch, MediaInfo
from circletake.media.loudness import Loudness
from circletake.media.measures import PictureMeasures
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange


def span(start: float, end: float) -> TimeRange:
    return TimeRange.from_seconds(start, end, Fraction(1000))


PARTS = (span(40, 80), span(400, 460))
GRID = WindowGrid(RationalTime(600, Fraction(1)), spans=PARTS)
WHOLE = WindowGrid(RationalTime(600, Fraction(1)))


def test_a_grid_knows_the_windows_of_its_spans_alone() -> None:
    assert GRID.known.sum() == 200
    assert GRID.centers[GRID.known][[0, 79, 80, -1]].tolist() == [40.25, 79.75, 400.25, 459.75]
    assert WHOLE.known.all()
    assert list(GRID.rooms) == [(40, 80), (400, 460)]
    assert list(WHOLE.rooms) == [(0, 600)]


def test_windows_under_a_stretch_are_the_measured_ones_where_there_are_any() -> None:
    places = np.arange(len(GRID))
    assert places[GRID.seen(30, 42)].tolist() == [80, 81, 82, 83]
    assert places[GRID.seen(100, 102)].tolist() == [200, 201, 202, 203]
    assert places[WHOLE.seen(30, 42)].tolist() == list(range(60, 84))


def test_times_fall_into_runs_at_what_was_left_out() -> None:
    times = np.array([39.999, 41, 79, 399.999, 401])
    assert GRID.runs(times) == (slice(0, 3), slice(3, 5))
    assert GRID.runs(times[:2]) == (slice(0, 2),)
    assert WHOLE.runs(times) == (slice(0, 5),)
    assert WHOLE.runs(times[:0]) == ()


def test_an_average_beside_a_hole_is_one_beside_an_end() -> None:
    values = np.random.default_rng(1).random(len(GRID))
    found = GRID.smoothed(values, 8.0)
    for start, end in ((80, 160), (800, 920)):
        assert np.allclose(found[start:end], smoothed(values[start:end], 8.0))


def test_deviations_compare_with_what_was_measured() -> None:
    values = np.random.default_rng(2).random(len(GRID)).astype(np.float32)
    found = robust_z(values, 0.01, GRID.known)
    assert np.allclose(found[GRID.known], robust_z(values[GRID.known], 0.01))
    assert not found[~GRID.known].any()


def curve(
    levels: NDArray[np.float32], grid: WindowGrid = GRID, measured: NDArray[np.float32] | None = None
) -> ScoreCurve:
    return ScoreCurve("motion", "Motion", "signals only", grid, levels, measured=measured)


def test_the_usual_of_a_curve_is_that_of_measured_windows() -> None:
    measured = np.where(GRID.known, np.float32(7), np.float32(0))
    made = curve(np.zeros(len(GRID), np.float32), measured=measured)
    assert made.usual == 7
    assert not deviations_of(made).any()


def test_levels_and_moments_come_from_measured_windows() -> None:
    levels = np.where(GRID.known, np.float32(0.2), np.float32(0))
    levels[810] = 0.9
    made = curve(levels)
    assert made.level(70, 90) == pytest.approx(0.2)
    assert made.strongest(395, 450) == pytest.approx(405.25)


@pytest.mark.parametrize(("start", "end"), [(40.0, 52.0), (68.0, 80.0), (400.0, 412.0), (448.0, 460.0)])
def test_a_segment_lies_inside_of_one_span(start: float, end: float) -> None:
    levels = np.where(GRID.known, np.float32(0.2), np.float32(0))
    levels[GRID.span(start, end)] = 0.9
    fused = curve(levels)
    cuts = np.array([38.0, 39.5, 80.5, 399.0, 461.0])
    found = find_segments(fused, [fused], Edges(cuts, ()), SegmentLimits(10, 30, 5), Fraction(25))
    assert found
    assert all(any(part.covers(each.range) for part in PARTS) for each in found)
    best = found[0].range
    assert best.start_time.to_seconds() == pytest.approx(start, abs=1.5)
    assert best.end_time_exclusive.to_seconds() == pytest.approx(end, abs=1.5)


def test_what_stands_out_where_nothing_is_used_makes_no_segment() -> None:
    levels = np.where(GRID.known, np.float32(0.2), np.float32(0))
    levels[GRID.span(408, 418)], levels[GRID.span(430, 436)] = 0.9, 0.4
    fused = curve(levels)
    limits, used = SegmentLimits(5, 30, 1), [span(420, 450)]
    best = [
        find_segments(fused, [fused], Edges(np.empty(0), ()), limits, Fraction(25), each)[0].range
        for each in ((), used, [span(41.1, 41.2)])
    ]
    assert [each.start_time.to_seconds() for each in best] == [408, 430, 408]
    assert best[1].duration.to_seconds() == 6


def test_where_no_span_is_long_enough_the_longest_makes_a_segment() -> None:
    grid = WindowGrid(GRID.duration, spans=(span(40, 44), span(400, 408)))
    fused = curve(np.where(grid.known, np.float32(0.5), np.float32(0)), grid)
    found = find_segments(fused, [fused], Edges(np.empty(0), ()), SegmentLimits(15, 60, 5), Fraction(25))
    assert [each.range.start_time.to_seconds() for each in found] == [400.0]
    assert found[0].range.duration.to_seconds() == 8.0


def calm() -> Measured:
    """A film that is the same throughout, but other from part to part: dark and quiet, then light and loud."""
    moments = np.concatenate([np.arange(40, 80, 0.04), np.arange(400, 460, 0.04)])
    later = (moments > 300).astype(np.float32)
    motion, grey = np.full(len(moments), 2, np.float32), np.full(len(moments), 128, np.float32)
    motion[[0, 1000]] = 0  # what a meter says of the first picture of a span
    change = np.zeros(len(moments), np.float32)
    pictures = PictureMeasures(moments, motion, change, change, 50 + 100 * later, grey, grey)
    steps = np.concatenate([np.arange(40.1, 80, 0.1), np.arange(400.1, 460, 0.1)])
    loudness = Loudness(steps, np.where(steps > 300, np.float32(-10), np.float32(-40)))
    small = FrameBatch(np.empty((0, 9, 16, 3), np.uint8), np.empty(0))
    return Measured(pictures, np.empty(0), small, None, loudness, None, None)


def test_a_join_is_no_event() -> None:
    curves = {each.name: each for each in SignalsScorer().curves(calm(), GRID)}
    assert set(curves) >= {"motion", "colour", "burst", "loudness"}
    for name in ("motion", "colour", "burst"):
        measured = curves[name].measured
        assert measured is not None
        assert np.ptp(measured[GRID.known]) == pytest.approx(0, abs=1e-5), name
    assert all(not each.values[~GRID.known].any() for each in curves.values())
    fused = fuse(tuple(curves.values()), GRID, "signals only")
    assert not fused.values[~GRID.known].any()
    assert np.ptp(fused.values[800:920]) < 0.01


@pytest.fixture(scope="module")
def media(sample_clip: Path) -> MediaInfo:
    return probe(sample_clip)


@pytest.fixture(scope="module")
def part(media: MediaInfo) -> Scored:
    return score_film(ScoreRequest(media, thumbnail_count=8, spans=(span(4, 20),)), [SignalsScorer()], NoContext())


def test_parts_of_the_sample_hold_its_cuts_there_and_nothing_else(part: Scored, media: MediaInfo) -> None:
    whole = score_film(ScoreRequest(media, thumbnail_count=8), [SignalsScorer()], NoContext())
    inside = [cut for cut in whole.measured.cuts.tolist() if 4 < cut < 20]
    assert part.measured.cuts.tolist() == inside
    assert {each.name for each in part.curves} <= {each.name for each in whole.curves}
    assert part.measured.pictures is not None
    assert part.measured.pictures.seconds[[0, -1]].tolist() == pytest.approx([4, 20 - 1 / 30], abs=0.01)
    assert part.grid.duration == media.duration
    assert part.knows(span(19, 30))
    assert not part.knows(span(21, 30))
    found = conclude(media, part, SegmentLimits(4, 12)).segments
    assert found
    assert all(span(4, 20).covers(each.range) for each in found)


def test_parts_come_back_from_the_cache_as_they_were(part: Scored) -> None:
    arrays, header = to_arrays(part)
    again = from_arrays(arrays, header)
    assert again is not None
    assert again.grid == part.grid
    assert np.array_equal(again.grid.known, part.grid.known)
    del header["spans"]
    older = from_arrays(arrays, header)
    assert older is not None
    assert older.grid.spans == ()
