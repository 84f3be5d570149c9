"""Numbers as the window says them."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.viewers.state.recorded import Recorded

from circletake.analysis.scores import ScoreCurve
from circletake.analysis.windows import WindowGrid
from circletake.jobs.job import JobState
from circletake.timebase import RationalTime
from circletake.timeline.edits import keep, reject
from circletake.timeline.model import MarkState
from circletake_viewers.state.bars import left_text, media_line, progress_line, resolve_status, resolve_top
from circletake_viewers.state.facts import Facts, JobFact
from circletake_viewers.state.inspector import moment_text, ordinal
from circletake_viewers.state.marks import length_text, levels, summary
from circletake_viewers.state.shown import MarkRow
from circletake_viewers.state.wish import Wish

RUNNING = JobFact("1", "analyze", "Analyse", JobState.RUNNING, 44.0, 70.5, 4.0)


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_ordinals(number: int, text: str) -> None:
    assert ordinal(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (89, "89 s"), (100, "2 min"), (3600, "1 h 0 min"), (4810, "1 h 20 min")]
)
def test_time_left(seconds: float, text: str) -> None:
    assert left_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(10.94, "10.9 s"), (59.94, "59.9 s"), (59.96, "1:00.0"), (75, "1:15.0")])
def test_lengths(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


def test_what_is_kept_is_counted_and_summed() -> None:
    spans = {"a": (0, 450, MarkState.KEPT), "b": (60, 90, MarkState.KEPT), "c": (0, 9, MarkState.PROPOSED)}
    rows = [MarkRow(name, 1, name, state, None, start, end) for name, (start, end, state) in spans.items()]
    assert summary(rows, Fraction(30000, 1001)) == "3 found · 2 kept · 16.0 s"
    assert summary(rows[2:], Fraction(25)) == "1 found · 0 kept"


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (RUNNING, "62 % · 0:44.0 of 1:10.5 · 4 s left"),
        (replace(RUNNING, seconds_left=None), "62 % · 0:44.0 of 1:10.5"),
        (replace(RUNNING, total=0.0, seconds_left=None), ""),
        (replace(RUNNING, done=80.0, seconds_left=None), "100 % · 1:20.0 of 1:10.5"),
        (replace(RUNNING, kind="open", done=1, total=2, seconds_left=None), "50 %"),
        (replace(RUNNING, state=JobState.QUEUED), "waiting"),
        (replace(RUNNING, state=JobState.LOADING), "loading"),
    ],
)
def test_progress(job: JobFact, text: str) -> None:
    assert progress_line(job) == text


def test_the_status_shows_what_runs_before_what_waits() -> None:
    waiting = replace(RUNNING, id="0", state=JobState.QUEUED)
    failed = replace(RUNNING, id="2", state=JobState.FAILED, ended=2.0)
    status = resolve_status(Wish(), Facts(jobs=(waiting, failed, RUNNING)))
    assert status.job is RUNNING
    assert (status.waiting, status.failed) == (1, 1)
    assert resolve_status(Wish(looked=3.0), Facts(jobs=(failed,))).failed == 0
    assert status.share == pytest.approx(44 / 70.5)
    assert str(os.cpu_count()) in status.machine


def test_footage_in_a_line(recorded: Recorded) -> None:
    assert media_line(tuple(recorded.facts.media.values())) == "30 fps · 640×360 · H264"
    assert media_line(()) == ""
    assert media_line(tuple(recorded.facts.media.values()) * 3) == "3 films"


def test_the_main_button_says_what_it_will_do(recorded: Recorded) -> None:
    facts = recorded.facts
    assert facts.timeline is not None
    marks = facts.timeline.marks
    assert resolve_top(facts).export == f"Export {len(marks)} proposed"
    kept = replace(facts, timeline=keep(facts.timeline, marks[0].id))
    assert resolve_top(kept).export == "Export 1 kept"
    rejected = replace(facts, timeline=reject(facts.timeline, *(mark.id for mark in marks)))
    assert resolve_top(rejected).export == "Export 0 kept"
    assert not resolve_top(rejected).can_export


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "no file yet, edits are kept"),
        ({"path": Path("a.otio")}, "saved"),
        ({"path": Path("a.otio"), "modified": True}, "edited since the last save"),
        ({"journal_fault": "disk full"}, "edits are not being kept: save now"),
        ({"keeper": "process 7"}, "read only: open in another window (process 7)"),
    ],
)
def test_whether_it_is_saved(recorded: Recorded, changes: dict[str, object], words: str) -> None:
    assert resolve_top(replace(recorded.facts, **changes)).saved == words  # type: ignore[arg-type]  # names and values are those of Facts


def test_the_chip_names_what_scores(recorded: Recorded) -> None:
    assert resolve_top(Facts()).chip == "signals only · no model weights"
    (scored,) = recorded.facts.scored.values()
    learned = replace(recorded.facts, scored={recorded.path: replace(scored, method="some model")})
    assert resolve_top(learned).chip == "some model"


def curve_of(values: list[float], measured: list[float], unit: str, name: str = "loudness rise") -> ScoreCurve:
    grid = WindowGrid(
        RationalTime.from_seconds(len(values) * WindowGrid(RationalTime(1, Fraction(1))).hop_seconds, Fraction(1000))
    )
    size = len(grid)
    return ScoreCurve(
        name,
        name.capitalize(),
        "signals only",
        grid,
        np.resize(np.array(values, np.float32), size),
        unit=unit,
        measured=np.resize(np.array(measured, np.float32), size),
    )


@pytest.mark.parametrize(
    ("unit", "peak", "words"),
    [
        ("LU", 14.2, "loudness rise 14 LU"),
        ("share of time", 0.8, "loudness rise 80 % of the time"),
        ("of full scale", 3.1, "loudness rise 3.1× its median"),
        ("of full scale", 31.0, "loudness rise 31× its median"),
    ],
)
def test_a_moment_is_told_in_the_signals_own_units(unit: str, peak: float, words: str) -> None:
    count = 40
    values, measured = [0.2] * count, [1.0] * count
    values[20], measured[20] = 0.95, peak
    curve = curve_of(values, measured, unit)
    assert moment_text((curve,), float(curve.grid.centers[20])) == words


def test_levels_of_a_flat_curve_are_flat() -> None:
    curve = curve_of([0.4] * 50, [1.0] * 50, "LU")
    found = levels(curve, np.array([[0.5, 3.0], [1.0, 1.2]]))
    assert found == pytest.approx(np.full((2, 6), 0.4), abs=1e-6)
