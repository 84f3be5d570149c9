"""The desk: what is opened, scored and decided comes back as what is shown; what goes wrong comes back as words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.viewers.state.recorded import LENGTHS, Recorded, record

from circletake.jobs.job import Job
from circletake.paths import state_folder
from circletake.project.files import save_project
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake.timeline.model import MarkState
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.state.shown import Shown
from circletake_viewers.state.wish import Order, Trial

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def recorded(sample_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(sample_clip, tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def warm(qapp: QApplication, recorded: Recorded) -> Iterator[Desk]:
    """A desk that finds the sample's curves in its cache."""
    made = Desk(Session(load_settings(overrides=LENGTHS), cache=recorded.cache))
    yield made
    made.close()


@pytest.fixture
def analysed(warm: Desk, sample_clip: Path, qtbot: QtBot) -> Desk:
    warm.do("open-files", sample_clip)
    at_rest(warm, qtbot)
    return warm


def at_rest(desk: Desk, qtbot: QtBot) -> None:
    """Wait until no job runs."""
    qtbot.waitUntil(
        lambda: bool(desk.shown.jobs) and all(job.state.ended for job in desk.shown.jobs), timeout=PATIENCE_MS
    )


def troubles(desk: Desk) -> list[Problem]:
    found: list[Problem] = []
    desk.troubled.connect(found.append)
    return found


def locks() -> list[Path]:
    return sorted(state_folder().rglob("*.lock"))


def best(desk: Desk) -> str:
    return desk.shown.marks.rows[0].id


def test_a_film_is_opened_scored_and_shown(desk: Desk, sample_clip: Path, qtbot: QtBot) -> None:
    ended: list[str] = []
    growing: list[Shown] = []
    desk.ended.connect(lambda name, _: ended.append(name))
    desk.changed.connect(lambda now, _: growing.append(now))
    wrong = troubles(desk)
    desk.do("open-files", sample_clip)
    qtbot.waitUntil(lambda: ended == ["open-files", "analyze"], timeout=PATIENCE_MS)
    assert wrong == []
    rows = desk.shown.marks.rows
    assert len(rows) >= 2
    assert not any(row.provisional for row in rows)
    assert desk.shown.top.title == "sample"
    assert desk.shown.status.job is None
    assert desk.shown.cut.strips[0].thumbnails is not None
    assert any(now.status.line.endswith("left") or "%" in now.status.line for now in growing)
    assert [job.outcome for job in desk.shown.jobs] == ["1 film", f"{len(rows)} marks found"]


def test_each_change_names_the_last(analysed: Desk) -> None:
    told: list[tuple[Shown, Shown]] = []
    first = analysed.shown
    analysed.changed.connect(lambda now, before: told.append((now, before)))
    analysed.ask(selected=(best(analysed),))
    analysed.ask(order=Order.TIME)
    assert told[0][1] is first
    assert told[1][1] is told[0][0]
    assert told[1][0] is analysed.shown


@pytest.mark.parametrize("content", [b"", b"not a film", b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40])
def test_a_malformed_file_is_told_and_nothing_is_open(desk: Desk, tmp_path: Path, qtbot: QtBot, content: bytes) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(content)
    wrong = troubles(desk)
    desk.do("open-files", broken)
    qtbot.waitUntil(lambda: bool(wrong), timeout=PATIENCE_MS)
    assert "broken.mp4" in wrong[0].tried
    assert wrong[0].error.message
    assert wrong[0].error.hint
    assert not desk.shown.is_open
    assert desk.shown.status.failed == 1
    assert locks() == []


def test_a_malformed_file_leaves_what_is_open(analysed: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a film")
    wrong, before = troubles(analysed), analysed.shown.marks
    analysed.do("open-files", broken)
    at_rest(analysed, qtbot)
    assert len(wrong) == 1
    assert analysed.shown.marks is before


@pytest.mark.parametrize("is_late", [False, True], ids=["the first still runs", "the first has just ended"])
def test_the_second_of_two_opens_wins_and_no_lock_is_left(
    warm: Desk, sample_clip: Path, tmp_path: Path, qtbot: QtBot, is_late: bool
) -> None:
    second = tmp_path / "second.mp4"
    shutil.copyfile(sample_clip, second)
    wrong = troubles(warm)
    first = warm.do("open-files", sample_clip)
    assert isinstance(first, Job)
    assert not is_late or first.wait(10)
    warm.do("open-files", second)
    qtbot.waitUntil(lambda: warm.shown.is_open, timeout=PATIENCE_MS)
    at_rest(warm, qtbot)
    assert warm.shown.top.title == "second"
    assert wrong == []
    assert len(locks()) == 1
    warm.close()
    assert locks() == []


def test_opening_another_lets_go_of_the_first(analysed: Desk, sample_clip: Path, tmp_path: Path, qtbot: QtBot) -> None:
    second = tmp_path / "second.mp4"
    shutil.copyfile(sample_clip, second)
    analysed.ask(selected=(best(analysed),))
    analysed.do("open-files", second)
    at_rest(analysed, qtbot)
    assert analysed.shown.top.title == "second"
    assert analysed.shown.selected == ()
    assert len(locks()) == 1


def test_a_cancelled_analysis_leaves_the_film_open(desk: Desk, sample_clip: Path, qtbot: QtBot) -> None:
    wrong = troubles(desk)
    desk.do("open-files", sample_clip)
    qtbot.waitUntil(lambda: any(job.kind == "analyze" for job in desk.shown.jobs), timeout=PATIENCE_MS)
    desk.cancel()
    at_rest(desk, qtbot)
    assert [job.state.value for job in desk.shown.jobs] == ["done", "cancelled"]
    assert wrong == []
    assert desk.shown.is_open
    assert desk.shown.marks.rows == ()
    assert desk.shown.marks.empty.startswith("Nothing scored yet")


def test_a_decision_is_shown_and_taken_back(analysed: Desk) -> None:
    before, mark = analysed.session.workspace.project, best(analysed)
    analysed.do("keep", mark)
    assert analysed.shown.marks.rows[0].state is MarkState.KEPT
    assert analysed.shown.top.undo == "Keep"
    assert analysed.shown.top.export == "Export 1 kept"
    after = analysed.session.workspace.project
    analysed.do("undo")
    assert analysed.session.workspace.project == before
    assert analysed.shown.top.redo == "Keep"
    analysed.do("redo")
    assert analysed.session.workspace.project == after


def test_two_trims_are_two_steps(analysed: Desk) -> None:
    row = analysed.shown.marks.rows[0]
    steps = len(analysed.session.workspace.history.past)
    for start in (row.start + 3, row.start + 6):
        analysed.do("trim", row.id, start=start / 30, end=row.end / 30)
    assert len(analysed.session.workspace.history.past) == steps + 2


def test_what_does_not_fit_is_told_and_changes_nothing(analysed: Desk) -> None:
    wrong, before = troubles(analysed), analysed.shown.marks
    assert analysed.do("trim", best(analysed), start=5.0, end=5.0) is None
    assert analysed.do("keep", "no such mark") is None
    assert [problem.tried for problem in wrong] == ["Trim", "Keep"]
    assert all(problem.error.hint for problem in wrong)
    assert analysed.shown.marks is before


def test_a_trial_changes_what_is_shown_and_not_the_project(analysed: Desk) -> None:
    row, project = analysed.shown.marks.rows[0], analysed.session.workspace.project
    analysed.ask(selected=(row.id,), trial=Trial(row.id, row.start + 9, row.end))
    assert analysed.shown.explained is not None
    assert analysed.shown.explained.tried
    assert analysed.shown.explained.row.start == row.start + 9
    assert analysed.session.workspace.project is project


def test_a_project_open_elsewhere_can_only_be_looked_at(
    analysed: Desk, recorded: Recorded, tmp_path: Path, qtbot: QtBot
) -> None:
    saved = analysed.do("save", tmp_path / "cut.otio")
    assert analysed.shown.top.saved == "saved"
    other = Desk(Session(load_settings(overrides=LENGTHS), cache=recorded.cache))
    try:
        wrong = troubles(other)
        other.do("open-files", saved)
        qtbot.waitUntil(lambda: other.shown.is_open, timeout=PATIENCE_MS)
        at_rest(other, qtbot)
        assert other.shown.top.saved.startswith("read only")
        assert other.shown.marks.rows[0].shape
        other.do("keep", best(other))
        assert [problem.tried for problem in wrong] == ["Keep"]
    finally:
        other.close()


def test_closing_the_project_shows_nothing(analysed: Desk) -> None:
    analysed.do("close", discard=True)
    assert not analysed.shown.is_open
    assert analysed.shown.marks.rows == ()
    assert locks() == []


# Undo.

EDITS = ("keep", "reject", "propose", "trim", "split", "join", "add", "delete", "rename", "note")
edit = st.tuples(st.sampled_from(EDITS), st.integers(0, 10**6), st.integers(0, 1259), st.integers(1, 300))


def carry_out(desk: Desk, verb: str, which: int, frame: int, length: int) -> None:
    """One edit as hands would do it, on whichever mark there is."""
    marks = desk.session.timeline.marks
    seconds = frame / 30, min(1260, frame + length) / 30
    if verb == "add":
        desk.do("add", start=seconds[0], end=seconds[1], name=f"Mark {which}")
        return
    if not marks:
        return
    mark = marks[which % len(marks)]
    if verb in ("keep", "reject", "propose", "delete"):
        desk.do(verb, mark.id)
    elif verb == "trim":
        desk.do("trim", mark.id, start=seconds[0], end=seconds[1])
    elif verb == "split":
        span = mark.range.rescaled_to(desk.session.timeline.rate)
        if span.duration.value > 1:
            desk.do("split", mark.id, at=(span.start_time.value + 1 + which % (span.duration.value - 1)) / 30)
    elif verb == "join" and len(marks) > 1:
        desk.do("join", mark.id, marks[(which + 1) % len(marks)].id)
    elif verb == "rename":
        desk.do("rename", mark.id, f"Name {frame}")
    elif verb == "note":
        desk.do("note", mark.id, f"Note {frame}\nline two")


def undo_all(desk: Desk, steps: int) -> None:
    while len(desk.session.workspace.history.past) > steps:
        desk.do("undo")


def test_undo_of_random_edits_returns_the_identical_project(analysed: Desk, tmp_path: Path) -> None:
    workspace = analysed.session.workspace
    first, steps = workspace.project, len(workspace.history.past)
    unedited = save_project(first, tmp_path / "before.otio").sha256
    wrong = troubles(analysed)
    made: list[int] = []

    @given(st.lists(edit, min_size=500, max_size=500))
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def undone(edits: list[tuple[str, int, int, int]]) -> None:
        for each in edits:
            carry_out(analysed, *each)
        last = workspace.project
        made.append(len(workspace.history.past) - steps)
        undo_all(analysed, steps)
        assert workspace.project == first
        assert save_project(workspace.project, tmp_path / "after.otio").sha256 == unedited
        while workspace.history.redo_name:
            analysed.do("redo")
        assert workspace.project == last
        undo_all(analysed, steps)

    undone()
    assert wrong == []
    assert max(made) > 300
