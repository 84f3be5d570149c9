"""The list of work: rows stay and change in place, each can be stopped, errors say what to do."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from circletake.errors import ErrorInfo
from circletake.jobs.job import JobState
from circletake_viewers.dialogs.jobs import STEPS, JobsPanel, state_line
from circletake_viewers.state.facts import JobFact

RUNNING = JobFact("a", "analyze", "Analyse film", JobState.RUNNING, done=15, total=60, seconds_left=9)
FAULT = ErrorInfo("export_failed", "the disk is full", "Make room.", "trace")
FAILED = JobFact("b", "export", "Export 2 clips", JobState.FAILED, error=FAULT)


def test_progress_changes_a_row_in_place(window: QWidget) -> None:
    panel = JobsPanel(window)
    panel.show()
    panel.show_jobs((RUNNING,))
    row, height = panel.rows["a"], panel.height()
    panel.show_jobs((replace(RUNNING, done=30),))
    assert panel.rows["a"] is row
    assert row.bar.value() == STEPS // 2
    assert row.state.text() == "50 % · 0:30.0 of 1:00.0 · 9 s left"
    assert panel.height() == height
    panel.close()


def test_a_failed_one_says_what_to_do_and_keeps_the_details(window: QWidget) -> None:
    panel = JobsPanel(window)
    panel.show()
    panel.show_jobs((RUNNING, FAILED))
    assert panel.rows["b"].error.text == "The disk is full. Make room."
    assert not panel.rows["b"].cancel.isVisible()
    panel.show_jobs((replace(RUNNING, state=JobState.DONE), FAILED))
    assert not panel.rows["a"].bar.isVisible()
    panel.close()


def test_work_is_stopped_by_its_id_and_what_ended_is_cleared(window: QWidget, qtbot: QtBot) -> None:
    panel = JobsPanel(window)
    panel.show()
    panel.show_jobs((RUNNING,))
    assert not panel.clear.isEnabled()
    with qtbot.waitSignal(panel.cancel_wanted) as cancelled:
        panel.rows["a"].cancel.click()
    assert cancelled.args == ["a"]
    panel.show_jobs((RUNNING, FAILED))
    with qtbot.waitSignal(panel.clear_wanted):
        panel.clear.click()
    panel.show_jobs((RUNNING,))
    assert list(panel.rows) == ["a"]
    panel.close()


def test_esc_takes_it_away_for_good(window: QWidget, qtbot: QtBot) -> None:
    panel = JobsPanel(window)
    panel.show()
    with qtbot.waitSignal(panel.destroyed):
        QTest.keyClick(panel, Qt.Key.Key_Escape)


def test_a_state_is_a_few_words() -> None:
    assert state_line(replace(RUNNING, state=JobState.QUEUED)) == "waiting"
    assert state_line(JobFact("c", "open-files", "Open", JobState.RUNNING)) == "running"
    ended = replace(RUNNING, state=JobState.DONE, outcome="3 marks found", began=10.0, ended=22.0)
    assert state_line(ended) == "3 marks found · 12 s"
    assert state_line(FAILED) == "failed"
