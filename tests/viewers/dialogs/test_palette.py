"""Ctrl+K: what a few letters find, and what choosing does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from circletake.timeline.model import MarkState
from circletake_viewers.commands import COMMANDS
from circletake_viewers.dialogs.fuzzy import best, fit
from circletake_viewers.dialogs.palette import Palette, Sort
from circletake_viewers.keymap import Keymap
from circletake_viewers.state.shown import Clock, MarkRow

ROWS = (
    MarkRow("m1", 1, "Loud burst", MarkState.KEPT, 94, 250, 500),
    MarkRow("m2", 2, "Quiet words", MarkState.PROPOSED, 71, 1000, 1100),
)


@pytest.fixture
def palette(window: QWidget) -> Iterator[Palette]:
    keymap = Keymap().with_keys("export", ["F9"])
    made = Palette(COMMANDS, keymap, ROWS, Clock(), (Path("/films/battle.otio"),), window)
    made.show()
    yield made
    if shiboken6.isValid(made):
        made.close()


def titles(palette: Palette) -> list[str]:
    return [each.title for each in palette.found()]


@pytest.mark.parametrize(
    ("query", "text"), [("exp", "export…"), ("k m", "keep the mark"), ("zmk", "zoom to the mark"), ("", "anything")]
)
def test_letters_in_order_fit(query: str, text: str) -> None:
    assert fit(query, text) is not None


@pytest.mark.parametrize(
    ("query", "text"), [("x", "keep"), ("pek", "keep"), ("keep x", "keep"), ("em", "ending of a film")]
)
def test_others_do_not(query: str, text: str) -> None:
    assert fit(query, text) is None


def test_the_beginning_of_a_word_is_better_than_its_middle_and_that_than_letters_here_and_there() -> None:
    texts = ["amok art", "gemma", "the mark", "mark"]
    assert best("MA", [(text, text) for text in texts], 9) == ["mark", "the mark", "gemma", "amok art"]
    assert best("mk", [(text, text) for text in ("mark it", "a mk")], 9) == ["a mk", "mark it"]
    assert best("ma", [("mark", 1), ("mark", 2), ("mark", 3)], 2) == [1, 2]


def test_before_typing_files_and_commands_are_listed(palette: Palette) -> None:
    assert titles(palette)[:2] == ["battle.otio", "Circle and play the next"]
    assert all(each.sort is not Sort.MARK for each in palette.found())


def test_keys_shown_are_the_users(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "export")
    assert palette.found()[0].keys == ("F9",)


def test_a_mark_is_found_by_name_and_by_time(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "quiet")
    assert (palette.found()[0].value, palette.found()[0].hint) == ("m2", "00:00:40:00")
    palette.field.setText("00:10")
    assert titles(palette) == ["Loud burst"]


def test_typing_walking_and_enter_run_a_command(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "zoom")
    second = palette.found()[1]
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.command_wanted) as wanted:
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert wanted.args == [second.value]
    qtbot.waitUntil(lambda: not shiboken6.isValid(palette))


def test_up_from_the_first_goes_to_the_last(palette: Palette) -> None:
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == len(palette.found()) - 1


def test_a_click_takes_a_file(palette: Palette, qtbot: QtBot) -> None:
    with qtbot.waitSignal(palette.file_wanted) as wanted:
        palette.list.clicked.emit(palette.model.index(0))
    assert wanted.args == [Path("/films/battle.otio")]


def test_nothing_found_is_said_and_enter_does_nothing(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "qqq")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert not palette.list.isVisible()


def test_esc_takes_it_away(palette: Palette, qapp: QApplication, qtbot: QtBot) -> None:
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not shiboken6.isValid(palette))
