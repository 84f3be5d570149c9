"""The window's stories, from the drop to the written clip, with the keys an editor knows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from tests.films import Film

from circletake.analysis.highlights import conclude
from circletake.analysis.segments import SegmentLimits
from circletake.export.plan import ExportMode
from circletake.jobs.job import DrivenJob, Ended, JobState, PartialFound
from circletake.session.exporting import Exported, MarkChoice
from circletake.session.unsaved import Unsaved
from circletake.timeline.model import MarkState
from circletake_viewers.commands import COMMANDS
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.problem import Notice
from circletake_viewers.dialogs.recovery import RecoveryDialog
from circletake_viewers.dialogs.sure import Answer
from circletake_viewers.keymap import Keymap
from circletake_viewers.memory import Memory, load_memory
from circletake_viewers.screens import Screens
from circletake_viewers.window import MainWindow

PATIENCE_MS = 20_000


@pytest.fixture
def window(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """A window as it is on the first run."""
    made = MainWindow(desk, Memory(), LogKeeper())
    made.resize(1600, 900)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    monkeypatch.setattr(Screens, "leave", lambda _: Answer.DISCARD)
    made.close()
    made.deleteLater()


@pytest.fixture
def review(window: MainWindow, sample_clip: Path, qtbot: QtBot) -> MainWindow:
    """The window with the sample dropped on it and analysed."""
    drop(window, sample_clip)
    analysed(window, qtbot)
    return window


def drop(window: MainWindow, *files: Path) -> None:
    """Drag files over the window and let them go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(200, 200), action, data, button, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(200, 200), action, data, button, none))


def analysed(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until every mark is there."""

    def done() -> bool:
        jobs = [job for job in window.desk.shown.jobs if job.kind == "analyze"]
        return bool(jobs) and all(job.state.ended for job in jobs) and bool(window.desk.shown.marks.rows)

    qtbot.waitUntil(done, timeout=PATIENCE_MS)


def press(window: QWidget, *keys: str) -> None:
    """Type keys on the window."""
    for key in keys:
        QTest.keySequence(window, key)


def state_of(window: MainWindow, mark_id: str) -> MarkState:
    return window.desk.shown.marks.made[mark_id][1].state


def test_a_film_dropped_is_shown_at_once_and_marked_soon(window: MainWindow, sample_clip: Path, qtbot: QtBot) -> None:
    assert window.pages.currentWidget() is window.welcome
    drop(window, sample_clip)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.work, timeout=PATIENCE_MS)
    assert window.work.player.frames == 1260
    analysed(window, qtbot)
    shown = window.desk.shown
    assert [row.rank for row in shown.marks.rows] == list(range(1, len(shown.marks.rows) + 1))
    assert shown.top.chip == "signals only · no model weights"
    assert window.desk.shown.cut.strips[0].waveform is not None


def test_circle_plays_the_next_reject_the_one_after_and_undo_brings_both_back(review: MainWindow, qtbot: QtBot) -> None:
    first, second, third = [row.id for row in review.desk.shown.marks.rows[:3]]
    press(review, "Down")
    assert review.desk.wish.focus == first
    press(review, "C")
    assert state_of(review, first) is MarkState.KEPT
    assert review.desk.wish.focus == second
    qtbot.waitUntil(lambda: review.work.player.playing, timeout=PATIENCE_MS)
    press(review, "X")
    assert state_of(review, second) is MarkState.REJECTED
    assert review.desk.wish.focus == third
    assert review.top.export.text() == "Export 1 kept"
    press(review, "K", "Ctrl+Z", "Ctrl+Z")
    assert {row.state for row in review.desk.shown.marks.rows} == {MarkState.PROPOSED}
    press(review, "Ctrl+Shift+Z")
    assert state_of(review, first) is MarkState.KEPT


def test_in_and_out_trim_at_the_playhead_and_score_anew(review: MainWindow) -> None:
    row = review.desk.shown.marks.rows[0]
    press(review, "Down")
    review.work.player.seek(row.start + 40)
    press(review, "I")
    review.work.player.seek(row.end - 31)
    press(review, "O")
    now = review.desk.shown.marks.made[row.id][1]
    assert (now.start, now.end) == (row.start + 40, row.end - 30)
    assert now.score != row.score
    assert review.desk.shown.explained is not None
    assert review.desk.shown.explained.row == now


def test_in_and_out_without_a_mark_make_one(review: MainWindow) -> None:
    review.desk.ask(selected=())
    review.work.player.seek(100)
    press(review, "I")
    review.work.player.seek(160)
    press(review, "O")
    assert review.desk.shown.explained is not None
    made = review.desk.shown.explained.row
    assert (made.start, made.end, made.state) == (100, 161, MarkState.KEPT)


def test_a_new_mark_is_split_where_the_playhead_stands(review: MainWindow) -> None:
    count = len(review.desk.shown.marks.lane)
    review.work.player.seek(30)
    press(review, "M")
    review.work.player.seek(60)
    press(review, "S")
    lengths = [(row.start, row.end) for row in review.desk.shown.marks.lane]
    assert len(lengths) == count + 2
    assert (30, 60) in lengths
    assert (60, 180) in lengths


def test_a_click_in_the_lane_moves_list_player_and_inspector(review: MainWindow) -> None:
    row = review.desk.shown.marks.lane[-1]
    review.work.timeline.selected.emit(row.id, False)
    assert review.work.player.frame == row.start
    assert review.desk.shown.explained is not None
    assert review.desk.shown.explained.row.id == row.id


def test_dragging_an_edge_scores_live_and_changes_the_project_once(review: MainWindow) -> None:
    row = review.desk.shown.marks.rows[0]
    review.work.hands.select((row.id,))
    steps = len(review.desk.session.workspace.history.past)
    for moved in (5, 20, 45):
        review.work.timeline.trim_tried.emit(row.id, row.start + moved, row.end)
    tried = review.desk.shown.explained
    assert tried is not None
    assert tried.tried
    assert len(review.desk.session.workspace.history.past) == steps
    review.work.timeline.trim_done.emit(row.id, row.start + 45, row.end, "trim")
    done = review.desk.shown.explained
    assert done is not None
    assert (done.tried, done.row.score, done.parts) == (False, tried.row.score, tried.parts)
    assert len(review.desk.session.workspace.history.past) == steps + 1


def test_kept_marks_are_exported(review: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    press(review, "Down", "C", "K")
    with qtbot.waitSignal(
        review.desk.ended, timeout=PATIENCE_MS, check_params_cb=lambda name, _: name == "export"
    ) as done:
        review.desk.do("export", to=tmp_path / "clips", marks=MarkChoice.KEPT, mode=ExportMode.COPY)
    assert done.args is not None
    exported = done.args[1]
    assert isinstance(exported, Exported)
    assert [clip.ok for clip in exported.report.clips] == [True]
    assert all(clip.path.exists() for clip in exported.report.clips)


def test_a_file_that_is_no_film_leaves_a_message_and_the_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypisom" + os.urandom(4000))
    drop(window, broken)
    qtbot.waitUntil(lambda: bool(window.screens.problems.cards), timeout=PATIENCE_MS)
    assert window.pages.currentWidget() is window.welcome


def test_a_second_film_takes_the_place_of_the_first(
    review: MainWindow, qtbot: QtBot, film_of: Callable[..., Path]
) -> None:
    other = film_of(Film("other", frames=60))
    review.desk.do("undo")
    drop(review, other)
    qtbot.waitUntil(lambda: review.work.player.frames == 60, timeout=PATIENCE_MS)
    assert review.desk.shown.top.title == "other"
    assert load_memory().recent[0] == other


def test_letters_typed_into_a_field_are_no_commands(review: MainWindow, qtbot: QtBot) -> None:
    row = review.desk.shown.marks.rows[0]
    press(review, "Down")
    review.work.inspector.edit_name()
    field = review.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "cxm")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert review.desk.shown.marks.made[row.id][1].title.endswith("cxm")
    assert state_of(review, row.id) is MarkState.PROPOSED


def test_enter_after_a_name_takes_it_and_plays_nothing(review: MainWindow, qtbot: QtBot) -> None:
    press(review, "Down", "F2")
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "Mine")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: review.desk.shown.marks.rows[0].title == "Mine", timeout=PATIENCE_MS)
    assert not review.work.player.playing


def test_tab_goes_round_the_whole_window(review: MainWindow) -> None:
    press(review, "Down")
    review.work.marks.view.setFocus()
    seen: list[QWidget] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or review, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused)
    parts = (review.top, review.work.transport, review.work.inspector, review.work.timeline)
    assert all(any(part.isAncestorOf(each) for each in seen) for part in parts)
    assert review.work.marks.view in seen


def test_a_note_ends_by_a_key_and_the_hands_go_on(review: MainWindow) -> None:
    press(review, "Down", "N")
    note = review.work.inspector.note
    QTest.keyClicks(note, "a word")
    QTest.keyClick(note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert review.desk.shown.explained is not None
    assert review.desk.shown.explained.note == "a word"
    assert review.work.marks.view.hasFocus()


def test_every_command_has_somebody_who_does_it(review: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    review.desk.ask(selected=tuple(row.id for row in review.desk.shown.marks.rows[:2]))
    opened: list[str] = []
    monkeypatch.setattr(review.screens, "_openers", dict.fromkeys(review.screens._openers, lambda: None))
    review.work.hands.passed_on.connect(opened.append)
    for command in COMMANDS:
        known = set(review.work.hands._verbs) | set(review.screens._openers)
        assert command.name in known, command.name
        if command.name in review.screens._openers and review.work.hands.can(command):
            review.work.hands.run(command.name)
            assert opened[-1] == command.name


def test_an_edit_is_asked_about_before_another_film_takes_its_place(
    desk: Desk, qtbot: QtBot, sample_clip: Path, film_of: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(_: QWidget, name: str, **__: int) -> Answer:
        asked.append(name)
        return answers.pop()

    monkeypatch.setattr("circletake_viewers.screens.ask_to_save", ask)
    other = film_of(Film("other", frames=60))
    window = MainWindow(desk, Memory(), LogKeeper())
    window.show()
    try:
        drop(window, sample_clip)
        analysed(window, qtbot)
        mark = desk.shown.marks.rows[0].id
        desk.do("rename", mark, "Mine")
        answers = [Answer.CANCEL]
        window.open_files((other,))
        assert asked == ["sample"]
        assert desk.shown.marks.made[mark][1].title == "Mine"
        answers = [Answer.DISCARD]
        window.open_files((other,))
        qtbot.waitUntil(lambda: desk.shown.top.title == "other", timeout=PATIENCE_MS)
        desk.do("find-unsaved")
    finally:
        answers = [Answer.DISCARD]
        window.close()
        window.deleteLater()


def test_a_file_that_cannot_be_opened_leaves_what_is_open(review: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = review.desk.shown.marks.rows
    notes = tmp_path / "notes.txt"
    notes.write_text("no film")
    drop(review, notes)
    qtbot.waitUntil(lambda: bool(review.screens.problems.cards), timeout=PATIENCE_MS)
    assert review.desk.shown.marks.rows == before
    assert review.pages.currentWidget() is review.work


def test_the_project_that_is_open_is_not_opened_again(review: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    review.desk.do("save", path)
    jobs = review.desk.shown.jobs
    review.open_files((path,))
    assert review.desk.shown.jobs == jobs
    assert not review.desk.shown.top.keeper


def test_an_in_point_is_forgotten_with_its_film(review: MainWindow, qtbot: QtBot, film_of: Callable[..., Path]) -> None:
    review.desk.ask(selected=())
    review.work.player.seek(10)
    press(review, "I")
    drop(review, film_of(Film("other", frames=60)))
    qtbot.waitUntil(lambda: review.work.player.frames == 60, timeout=PATIENCE_MS)
    made = set(review.desk.shown.marks.made)
    review.desk.ask(selected=())
    review.work.player.seek(40)
    press(review, "O")
    assert set(review.desk.shown.marks.made) == made


def test_a_loop_follows_the_selection(review: MainWindow) -> None:
    first, second = review.desk.shown.marks.rows[:2]
    review.work.hands.select((first.id,))
    press(review, "Ctrl+L", "K", "Down")
    assert review.work.player.looped == (second.start, second.end)


def test_an_analysis_that_is_stopped_leaves_what_it_found(review: MainWindow) -> None:
    desk = review.desk
    (media,), (scored,) = desk.media.values(), desk._facts.scored.values()
    analysis = conclude(media, scored, SegmentLimits(2, 8, 5))
    desk.do("undo")
    job = DrivenJob[object]("Analyse", "stopped")
    desk._book.add("analyze", job, 0.0)
    desk._taken = set()
    desk._hear((PartialFound("stopped", 1, analysis), Ended("stopped", 2, JobState.CANCELLED)))
    assert [row.provisional for row in desk.shown.marks.rows] == [False] * len(analysis.segments)
    assert desk.shown.cut.strips[0].curves


def test_closing_while_clips_are_written_is_asked_about(review: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    review.desk._book.add("export", DrivenJob[object]("Export", "running"), 0.0)
    review.desk._refresh()
    monkeypatch.setattr("circletake_viewers.screens.QMessageBox.exec", lambda _: 0)
    review.close()
    assert review.isVisible()
    review.desk._book.forget_ended()
    review.desk._book.facts = ()
    review.desk._refresh()


def test_the_whole_screen_shows_the_picture_alone_and_esc_brings_all_back(review: MainWindow) -> None:
    press(review, "F11")
    assert not review.work.timeline.isVisible()
    assert review.work.stage.isVisible()
    QTest.keyClick(review, Qt.Key.Key_Escape)
    assert review.work.timeline.isVisible()
    assert review.top.isVisible()


def test_sizes_and_order_are_found_again(review: MainWindow) -> None:
    review.work.set_sizes((400, 860, 340), (500, 328))
    review.remember()
    columns, rows = review.work.sizes
    assert (load_memory().columns, load_memory().rows) == (columns, rows)


EDITOR = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake_viewers.desk import Desk
from circletake_viewers.toolkit import application
app = application()
desk = Desk(Session(load_settings(overrides={"analysis.on_open": False})))
def edit():
    number = len(desk.shown.marks.made)
    desk.do("add", start=float(number % 40), end=float(number % 40) + 1, name=f"Edit {number}")
    print(len(desk.shown.marks.made), flush=True)
timer = QTimer(interval=5)
timer.timeout.connect(edit)
desk.ended.connect(lambda name, value: timer.start())
desk.do("open-files", Path(sys.argv[1]))
app.exec()
"""


def test_killed_while_editing_every_edit_is_offered_and_comes_back(
    window: MainWindow, sample_clip: Path, qtbot: QtBot
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(sample_clip)], stdout=subprocess.PIPE, text=True
    ) as editor:
        assert editor.stdout is not None
        count = 0
        until = time.monotonic() + 20
        while count < 25 and time.monotonic() < until:
            count = int(editor.stdout.readline() or 0)
        editor.send_signal(signal.SIGKILL)
        told = [int(line) for line in editor.stdout.read().splitlines()]
    done = max([count, *told])
    seen: list[tuple[Unsaved, ...]] = []
    window.desk.ended.connect(lambda name, value: seen.append(value) if name == "find-unsaved" else None)
    window.begin(())
    qtbot.waitUntil(lambda: bool(window.findChildren(RecoveryDialog)), timeout=PATIENCE_MS)
    (dialog,) = window.findChildren(RecoveryDialog)
    (found,) = seen[0]
    assert isinstance(found, Unsaved)
    assert found.marks in (done, done + 1)  # the last one may have been on disk before it was told
    dialog.resume_wanted.emit(found.journal)
    dialog.close()
    qtbot.waitUntil(lambda: len(window.desk.shown.marks.made) == found.marks, timeout=PATIENCE_MS)


def test_a_project_opened_says_when_it_was_saved(
    review: MainWindow, qtbot: QtBot, tmp_path: Path, film_of: Callable[..., Path]
) -> None:
    path = tmp_path / "cut.otio"
    review.desk.do("save", path)
    drop(review, film_of(Film("other", frames=60)))
    qtbot.waitUntil(lambda: review.work.player.frames == 60, timeout=PATIENCE_MS)
    drop(review, path)
    qtbot.waitUntil(lambda: review.desk.shown.top.title == "sample", timeout=PATIENCE_MS)
    assert review.desk.shown.top.saved_at is not None


def test_keys_that_two_commands_share_are_told_at_the_start(desk: Desk, qtbot: QtBot) -> None:
    shared = Keymap().with_keys("reject", ("C",))
    window = MainWindow(desk, Memory(), LogKeeper(), shared)
    window.show()
    window.screens.tell_key_faults()
    told = [label.text() for notice in window.findChildren(Notice) for label in notice.findChildren(QLabel)]
    assert any("C is the key of several commands" in text and "Reject" in text for text in told)
    window.close()
    window.deleteLater()


def test_keys_that_are_fine_are_not_spoken_of(window: MainWindow) -> None:
    window.screens.tell_key_faults()
    assert not window.findChildren(Notice)
