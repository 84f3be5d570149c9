"""What a timeline uses of its films is analysed once, and what is found lies wherever the timeline shows it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings

from circletake.analysis.highlights import Analysis, Scored
from circletake.analysis.measured import Measured
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.segments import Segment, SegmentLimits
from circletake.analysis.windows import WindowGrid
from circletake.jobs.context import NoContext
from circletake.media.frames import FrameBatch, MediaInfo
from circletake.media.probe import probe
from circletake.media.sweep import SweepReport
from circletake.project.project import Project
from circletake.project.results import ResultStore
from circletake.project.workspace import Workspace
from circletake.session.analysing import (
    AnalysedFilm,
    AnalyseRequest,
    analyse,
    marks_of,
    scored_anew,
    used_media,
    used_spans,
)
from circletake.session.answers import film_json
from circletake.session.laying import Laid
from circletake.session.opening import Opened
from circletake.session.session import Session
from circletake.settings import ANALYSE_HANDLES, load_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Mark, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)
FILM, TAPE = Path("/film.mov"), Path("/tape.wav")
HOUR = RationalTime(90_000, RATE)
MEDIA = {path: MediaInfo(path, 1, path.stem, "mov", HOUR, (), ()) for path in (FILM, TAPE)}


def frames(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def clip(start: int, length: int, speed: float | Fraction = 1, path: Path = FILM) -> Clip:
    """`start` and `length` in seconds of 25 frames."""
    span = frames(start * 25, length * 25)
    return Clip("clip", span, MediaReference(str(path)), speed=Fraction(speed))


def gap(seconds: int) -> Gap:
    return Gap(RationalTime(seconds * 25, RATE))


def cut(*items: Item, kind: TrackKind = TrackKind.VIDEO, other: tuple[Item, ...] = ()) -> Timeline:
    tracks = [Track("1", kind, items), *([Track("2", TrackKind.VIDEO, other)] if other else [])]
    return Timeline("cut", RATE, tuple(tracks))


def segment(start: float, end: float, strongest: float | None = None) -> Segment:
    span = TimeRange.from_seconds(start, end, RATE)
    moment = RationalTime.from_seconds(start + 1 if strongest is None else strongest, RATE)
    return Segment(span, 80.0, "Loud burst", {"motion": 0.5}, moment, "signals only")


def analysis(*segments: Segment, path: Path = FILM) -> Analysis:
    grid = WindowGrid(HOUR, spans=(TimeRange.from_seconds(0, 100, RATE),))
    curve = ScoreCurve("score", "Score", "signals only", grid, np.where(grid.known, np.float32(0.5), np.float32(0)))
    small = FrameBatch(np.empty((0, 9, 16, 3), np.uint8), np.empty(0))
    measured = Measured(None, np.empty(0), small, None, None, None, None)
    scored = Scored("f", "signals only", "1", False, grid, (), curve, measured, SweepReport(0, 0, 0))
    return Analysis(MEDIA[path], scored, SegmentLimits(), segments)


def spans(timeline: Timeline, handle: float = 0) -> dict[str, list[tuple[float, float]]]:
    found = used_spans(timeline, MEDIA, handle)
    return {
        path.stem: [(each.start_time.to_seconds(), each.end_time_exclusive.to_seconds()) for each in parts]
        for path, parts in found.items()
    }


def test_what_clips_use_is_found_once_with_handles() -> None:
    timeline = cut(clip(100, 4), gap(9), clip(1000, 8), clip(100, 4), other=(clip(104, 4),))
    assert spans(timeline) == {"film": [(100, 108), (1000, 1008)]}
    assert spans(timeline, 10) == {"film": [(88, 120), (988, 1020)]}


def test_what_is_used_is_told_without_handles() -> None:
    timeline = cut(clip(100, 4), clip(102, 4), clip(500, 3, 0), clip(106, 4, -2), clip(8, 4, path=TAPE))
    found = {
        path.stem: [(each.start_time.to_seconds(), each.end_time_exclusive.to_seconds()) for each in parts]
        for path, parts in used_media(timeline).items()
    }
    assert found == {"film": [(100, 114)], "tape": [(8, 12)]}


def test_speed_and_sound_count_and_unused_and_unknown_films_do_not() -> None:
    assert spans(cut(clip(100, 8, 2))) == {"film": [(100, 116)]}
    assert spans(cut(clip(100, 8, -2))) == {"film": [(100, 116)]}
    assert spans(cut(clip(100, 8, 0))) == {"film": [(100, 104)]}
    assert spans(cut(clip(8, 4, path=TAPE), kind=TrackKind.AUDIO)) == {"tape": [(8, 12)]}
    assert spans(cut(clip(8, 4, path=Path("/other.mov")))) == {}


def test_a_film_laid_whole_is_one_span_of_its_own_length() -> None:
    timeline = Timeline.of_media("film", MediaReference(str(FILM), TimeRange(RationalTime(0, RATE), HOUR)), RATE)
    assert spans(timeline, 10) == {"film": [(0, 3600)]}
    request = AnalyseRequest((MEDIA[FILM],), SegmentLimits(), False, 9, used_spans(timeline, MEDIA, 10))
    assert request.parts(MEDIA[FILM]) == ()
    assert request.seconds(MEDIA[FILM]) == 3600


def marked(timeline: Timeline, *segments: Segment) -> list[tuple[float, float, float | None]]:
    """Start, end and strongest moment of each mark, in seconds."""
    return [
        (
            mark.range.start_time.to_seconds(),
            mark.range.end_time_exclusive.to_seconds(),
            None if mark.strongest is None else mark.strongest.to_seconds(),
        )
        for mark in marks_of([analysis(*segments)], timeline)
    ]


def test_an_answer_tells_what_was_looked_at_and_how_fast() -> None:
    answer = film_json(AnalysedFilm(analysis(segment(10, 20)), "key", 20.0), 70.0)
    assert answer["analysed"] == [{"start": 0.0, "end": 100.0}]
    assert answer["timing"]["times_real_time"] == 5.0


def test_a_request_is_narrowed_to_what_is_used_where_anything_is() -> None:
    request = AnalyseRequest((MEDIA[FILM], MEDIA[TAPE]), SegmentLimits(), False, 9)
    narrowed = request.narrowed(cut(clip(100, 4)), 10)
    assert narrowed.media == (MEDIA[FILM],)
    assert narrowed.seconds(MEDIA[FILM]) == 28
    assert [each.duration.to_seconds() for each in narrowed.shown(MEDIA[FILM])] == [4]
    assert request.narrowed(cut(gap(3)), 10).media == request.media


def test_a_segment_has_a_mark_in_every_place_that_shows_it() -> None:
    timeline = cut(clip(0, 20), clip(500, 20), clip(5, 20))
    assert marked(timeline, segment(6, 16, 8)) == [(6, 16, 8), (41, 51, 43)]


def test_a_cut_nobody_can_see_does_not_split_a_mark() -> None:
    assert marked(cut(clip(0, 10), clip(10, 10)), segment(6, 16)) == [(6, 16, 7)]
    assert marked(cut(clip(10, 10, -1), clip(0, 10, -1)), segment(6, 16, 8)) == [(4, 14, 11.96)]
    assert len(marked(cut(clip(0, 10), gap(1), clip(10, 10)), segment(6, 16))) == 2
    assert len(marked(cut(clip(0, 10), clip(10, 10, 2)), segment(6, 16))) == 2


def test_a_mark_ends_where_its_clip_ends_and_goes_where_nothing_is_left_of_it() -> None:
    assert marked(cut(clip(0, 10)), segment(6, 16)) == [(6, 10, 7)]
    assert marked(cut(clip(0, 7)), segment(6, 16, 8)) == [(6, 7, None)]
    assert marked(cut(Clip("c", frames(0, 7 * 25 - 1), MediaReference(str(FILM)))), segment(6, 16)) == []
    assert marked(cut(clip(0, 10)), segment(9.6, 10.6)) == [(9.6, 10, None)]
    assert marked(cut(clip(0, 10)), segment(9.8, 10.8)) == []
    assert marked(cut(clip(0, 10)), segment(4, 4.2, 4.08)) == [(4, 4.2, 4.08)]


def test_the_same_stretch_on_two_tracks_has_one_mark() -> None:
    assert marked(cut(clip(0, 20), other=(clip(0, 20),)), segment(6, 16)) == [(6, 16, 7)]
    assert len(marked(cut(clip(0, 20), other=(gap(30), clip(0, 20))), segment(6, 16))) == 2


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (2, (1, 4, 2)),
        (Fraction(1, 2), (4, 10, 8)),
        # Of frames 200 to 249 the one of second 4, frame 100, is the 151st from the end: the timeline's frame 149.
        (-1, (2, 8, 5.96)),
        (-2, (6, 9, 7.96)),
    ],
)
def test_a_mark_lasts_as_long_as_its_clip_shows_the_segment(
    speed: Fraction, expected: tuple[float, float, float]
) -> None:
    assert marked(cut(gap(5), clip(0, 10, speed)), segment(2, 8, 4)) == [tuple(second + 5 for second in expected)]


def test_a_held_frame_has_no_mark() -> None:
    assert marked(cut(clip(4, 10, 0)), segment(2, 8)) == []


speeds = st.fractions(Fraction(-4), Fraction(4), max_denominator=12).filter(bool)


@given(speeds, st.integers(0, 200), st.integers(1, 400), st.integers(0, 400))
@example(Fraction(2), 0, 117, 233)  # the last half of the last frame
@settings(max_examples=200)
def test_a_moment_lies_at_the_frame_that_shows_it(speed: Fraction, start: int, length: int, place: int) -> None:
    item = Clip("c", frames(start, length), MediaReference(str(FILM)), speed=speed)
    laid = Laid.of(FILM, frames(50, length), item.media_range, speed, RATE)
    moment = laid.moment(RationalTime(place, RATE))
    assert (moment is None) == (not laid.low <= Fraction(place) / RATE < laid.high)
    if moment is not None:
        assert 50 <= moment.value < 50 + length
        shown = item.stretch(moment - RationalTime(50, RATE), RationalTime(1, RATE)).media_range
        slack = abs(speed) / RATE
        assert shown.start_time.seconds - slack <= Fraction(place) / RATE <= shown.end_time_exclusive.seconds + slack


def test_a_mark_that_moved_has_the_score_of_where_it_lies() -> None:
    scored = analysis().scored
    mark = Mark("1", frames(100, 50), "m", score=12.0, source="signals only", signals={"motion": 1.0})
    assert scored_anew(None, cut(clip(0, 20)), mark) is mark
    assert scored_anew(scored, cut(clip(0, 20)), mark).score == pytest.approx(50)
    moved = scored_anew(scored, cut(clip(0, 20, -2)), mark)
    assert moved.strongest is not None
    assert mark.range.contains(moved.strongest)
    gone = scored_anew(scored, cut(clip(200, 20)), mark)
    assert (gone.score, gone.signals, gone.strongest) == (None, {}, None)
    held = scored_anew(scored, cut(clip(8, 20, 0)), mark)
    assert held.score == pytest.approx(50)
    assert held.strongest is None


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "results", 1 << 30)


def test_parts_have_a_cache_entry_of_their_own(store: ResultStore, sample_clip: Path) -> None:
    media = probe(sample_clip)
    timeline = cut(clip(8, 6, path=sample_clip))
    used = used_spans(timeline, {sample_clip: media}, 2)
    request = AnalyseRequest((media,), SegmentLimits(4, 12), False, 8, used)
    first, again = (analyse(request, store, NoContext()).films[0] for _ in range(2))
    assert (first.analysis.cached, again.analysis.cached) == (False, True)
    assert first.key == again.key
    wider = replace(request, spans=used_spans(timeline, {sample_clip: media}, 6))
    whole = replace(request, spans={})
    covered = replace(request, spans={sample_clip: (TimeRange(RationalTime(0, RATE), media.duration),)})
    keys = [analyse(each, store, NoContext()).films[0].key for each in (wider, whole, covered)]
    assert len({first.key, *keys}) == 3
    assert keys[1] == keys[2]
    assert {part.start_time.to_seconds() for part in first.analysis.scored.grid.spans} == {4}


def test_a_session_analyses_what_its_timeline_uses(tmp_path: Path, sample_clip: Path) -> None:
    timeline = cut(clip(8, 4, path=sample_clip), clip(9, 2, path=sample_clip))
    chosen = load_settings(overrides={ANALYSE_HANDLES.key: 2.0})
    with Session(chosen, cache=tmp_path / "cache", keep_unsaved=False) as session:
        session.take(Opened(Workspace.create(Project(timeline)), (probe(sample_clip),)))
        analysed = session.analyse(shortest=2, longest=8).result(60)
        session.take(analysed)
        (film,) = analysed.films
        assert film.analysis.scored.measured.pictures is not None
        seen = film.analysis.scored.measured.pictures.seconds
        assert seen[[0, -1]].tolist() == pytest.approx([4, 16], abs=0.05)
        marks = session.timeline.marks
        assert marks
        assert all(mark.range.end_time_exclusive <= session.timeline.duration for mark in marks)
