"""The signals scorer on the sample clip, of which the truth is known, and on what it must leave out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circletake.analysis.highlights import Scored, ScoreRequest, conclude, score_film
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.segments import SegmentLimits
from circletake.analysis.signals import MEASURES, SIGNALS_ONLY, SignalsScorer, fuse
from circletake.analysis.table import signal_table
from circletake.jobs.context import JobCancelled, NoContext
from circletake.media.frames import Frame, MediaInfo
from circletake.media.loudness import Loudness
from circletake.media.probe import probe

FRAMES_A_SECOND = 30


class Heard(NoContext):
    """A context that keeps what it is told, and can cancel after a while."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.partials: list[object] = []
        self.done: list[float] = []
        self._left = cancel_after

    def partial(self, value: object) -> None:
        self.partials.append(value)

    def progress(self, done: float, total: float) -> None:
        assert 0 <= done <= total
        self.done.append(done)

    def checkpoint(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise JobCancelled


@pytest.fixture(scope="module")
def media(sample_clip: Path) -> MediaInfo:
    return probe(sample_clip)


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def scored(media: MediaInfo, heard: Heard) -> Scored:
    return score_film(ScoreRequest(media, thumbnail_count=20), [SignalsScorer()], heard)


def curve(scored: Scored, name: str) -> ScoreCurve:
    return next(each for each in scored.curves if each.name == name)


def seconds(frames: tuple[int, int]) -> tuple[float, float]:
    return frames[0] / FRAMES_A_SECOND, frames[1] / FRAMES_A_SECOND


def test_every_row_of_the_table_is_measured_and_has_a_reason() -> None:
    assert {spec.name for spec in signal_table().signals} == set(MEASURES)
    assert all(spec.reason.endswith(".") and spec.weight > 0 and spec.floor > 0 for spec in signal_table().signals)
    weights = signal_table().segment
    assert weights.mean + weights.peak + weights.hook == pytest.approx(1.0)


def test_every_signal_of_a_film_with_picture_sound_and_speech_is_there(scored: Scored) -> None:
    assert [each.name for each in scored.curves] == [spec.name for spec in signal_table().signals]
    assert {each.source for each in (*scored.curves, scored.fused)} == {SIGNALS_ONLY}


def test_cuts_are_found_on_their_very_frames(scored: Scored, sample_truth: dict[str, Any]) -> None:
    assert np.rint(scored.measured.cuts * FRAMES_A_SECOND).astype(int).tolist() == sample_truth["cuts"]


def test_motion_is_strong_where_it_was_drawn_and_absent_in_the_still(
    scored: Scored, sample_truth: dict[str, Any]
) -> None:
    motion = curve(scored, "motion")
    assert motion.level(*seconds(sample_truth["strong_motion"])) > 0.8
    assert motion.level(*seconds(sample_truth["still"])) < 0.3


def test_the_loudest_rise_is_the_burst(scored: Scored, sample_truth: dict[str, Any]) -> None:
    start, end = seconds(sample_truth["loud"])
    burst = curve(scored, "burst")
    assert burst.measured is not None
    assert start - 0.5 <= burst.grid.centers[int(np.argmax(burst.measured))] <= end + 0.5


def test_silence_is_the_quietest_stretch(scored: Scored, sample_truth: dict[str, Any]) -> None:
    loudness = curve(scored, "loudness")
    start, end = seconds(sample_truth["silence"])
    assert loudness.level(start + 0.5, end - 0.5) == pytest.approx(float(loudness.values.min()), abs=0.01)


def test_speech_is_heard_where_it_is_spoken_and_nowhere_else(scored: Scored, sample_truth: dict[str, Any]) -> None:
    speech = curve(scored, "speech")
    for sentence in sample_truth["speech"]:
        assert speech.level(sentence["start_seconds"], sentence["end_seconds"]) > 0.7, sentence["text"]
    assert speech.level(*seconds(sample_truth["strong_motion"])) < 0.4


def test_the_best_segment_holds_the_race_and_its_burst(
    media: MediaInfo, scored: Scored, sample_truth: dict[str, Any]
) -> None:
    best = conclude(media, scored, SegmentLimits(4, 12, 5)).segments[0]
    start, end = seconds(sample_truth["loud"])
    assert best.range.start_time.to_seconds() <= start < end <= best.range.end_time_exclusive.to_seconds()
    assert "motion" in best.title.lower()


def test_segment_edges_lie_on_cuts_or_outside_words(media: MediaInfo, scored: Scored) -> None:
    analysis = conclude(media, scored, SegmentLimits(4, 12, 5))
    probabilities = curve(scored, "speech").measured
    assert probabilities is not None
    cuts = {round(float(cut) * FRAMES_A_SECOND) for cut in scored.measured.cuts} | {0, 1260}
    for segment in analysis.segments:
        for edge in (segment.range.start_time, segment.range.end_time_exclusive):
            window = scored.grid.span(edge.to_seconds(), edge.to_seconds()).start
            assert edge.value in cuts or probabilities[window] < 0.9


def test_thumbnails_arrive_while_the_sweep_runs(scored: Scored, heard: Heard) -> None:
    frames = [value for value in heard.partials if isinstance(value, Frame)]
    assert len(frames) == len(scored.measured.thumbnails) == 20
    assert frames[0].image.shape == (90, 160, 3)
    assert heard.done == sorted(heard.done)


def test_a_silent_track_leaves_the_sound_signals_out(scored: Scored) -> None:
    loudness = scored.measured.loudness
    assert loudness is not None
    silent = replace(
        scored.measured,
        loudness=Loudness(loudness.seconds, np.full_like(loudness.momentary, -70)),
        speech=None,
    )
    names = {each.name for each in SignalsScorer().curves(silent, scored.grid)}
    assert names == {"motion", "cuts", "colour"}


def test_no_signal_at_all_gives_a_flat_score_and_no_made_up_one(scored: Scored) -> None:
    assert fuse((), scored.grid, "nothing").values.max() == 0


def test_a_film_is_scored_the_same_twice(media: MediaInfo, scored: Scored) -> None:
    again = score_film(ScoreRequest(media, thumbnail_count=20), [SignalsScorer()], NoContext())
    assert np.array_equal(again.fused.values, scored.fused.values)


def test_fast_mode_says_so_and_finds_the_same_best_moment(media: MediaInfo, sample_truth: dict[str, Any]) -> None:
    fast = score_film(ScoreRequest(media, fast=True), [SignalsScorer()], NoContext())
    analysis = conclude(media, fast, SegmentLimits(4, 12, 3))
    assert any("Fast mode" in warning for warning in analysis.warnings)
    assert fast.report.pictures < media.video[0].frame_count
    start, end = seconds(sample_truth["loud"])
    best = analysis.segments[0].range
    assert best.start_time.to_seconds() <= start < end <= best.end_time_exclusive.to_seconds()


def test_a_cancelled_run_stops_at_the_next_packet(media: MediaInfo) -> None:
    with pytest.raises(JobCancelled):
        score_film(ScoreRequest(media), [SignalsScorer()], Heard(cancel_after=50))
