"""The log: kept from any thread, bounded, filtered, followed."""

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from circletake_viewers.dialogs.log import KEPT, LogDialog, LogKeeper


@pytest.fixture
def keeper() -> LogKeeper:
    return LogKeeper()


def log(keeper: LogKeeper, level: int, text: str) -> None:
    keeper.handle(logging.LogRecord("circletake.test", level, "", 0, text, None, None))


@pytest.fixture
def dialog(keeper: LogKeeper, qtbot: QtBot) -> Iterator[LogDialog]:
    made = LogDialog(keeper)
    made.show()
    yield made
    made.close()


def test_lines_of_many_threads_are_kept_once_each_and_only_so_many(keeper: LogKeeper) -> None:
    def write() -> None:
        for number in range(KEPT // 2):
            log(keeper, logging.INFO, str(number))

    threads = [threading.Thread(target=write) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    lines = keeper.since()
    assert len(lines) == KEPT
    assert [each.number for each in lines] == list(range(KEPT // 2 + 1, KEPT // 2 * 3 + 1))
    assert keeper.since(lines[-2].number) == lines[-1:]


def test_a_line_that_cannot_be_written_stops_nobody(keeper: LogKeeper, capsys: pytest.CaptureFixture[str]) -> None:
    keeper.handle(logging.LogRecord("x", logging.INFO, "", 0, "%d", ("no number",), None))
    assert not keeper.since()
    assert "no number" in capsys.readouterr().err


def test_new_lines_come_by_themselves(keeper: LogKeeper, dialog: LogDialog, qtbot: QtBot) -> None:
    log(keeper, logging.INFO, "one")
    qtbot.waitUntil(lambda: "one" in dialog.lines.toPlainText())
    log(keeper, logging.INFO, "two")
    dialog.look()
    assert dialog.lines.toPlainText().count("one") == 1
    assert dialog.lines.toPlainText().endswith("two")


def test_level_and_words_choose_the_lines(keeper: LogKeeper, dialog: LogDialog) -> None:
    log(keeper, logging.INFO, "opened a film")
    log(keeper, logging.WARNING, "a film is damaged")
    dialog.level.setCurrentIndex(2)
    assert "opened" not in dialog.lines.toPlainText()
    dialog.level.setCurrentIndex(0)
    dialog.filter.setText("OPENED")
    dialog.look()
    assert "damaged" not in dialog.lines.toPlainText()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == dialog.lines.toPlainText()


def test_enter_in_the_filter_presses_no_button(dialog: LogDialog) -> None:
    QGuiApplication.clipboard().setText("mine")
    QTest.keyClick(dialog.filter, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert QGuiApplication.clipboard().text() == "mine"
