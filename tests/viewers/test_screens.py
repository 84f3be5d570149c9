"""What comes up over the window, and what it remembers of files."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.export import ExportDialog
from circletake_viewers.dialogs.frame import Dialog
from circletake_viewers.dialogs.jobs import JobsPanel
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.memory import Memory, load_memory
from circletake_viewers.parts import Button, Elided
from circletake_viewers.window import MainWindow

NAMELESS = Path("/" + "a" * 300)
"""A path that the system does not even look up."""


@pytest.fixture
def window(desk: Desk, tmp_path: Path) -> Iterator[MainWindow]:
    """A window that remembers files which are not there."""
    made = MainWindow(desk, Memory(recent=(tmp_path / "gone.mp4", tmp_path / "gone.otio", NAMELESS)), LogKeeper())
    made.resize(1600, 900)
    made.show()
    yield made
    desk.do("close", discard=True)
    made.close()
    made.deleteLater()


def offered(window: MainWindow) -> list[Button]:
    """What the welcome page offers to open again."""
    return [each for each in window.welcome.findChildren(Button) if each.accessibleName()]


def test_files_are_offered_as_remembered_until_they_turn_out_to_be_gone(window: MainWindow, qtbot: QtBot) -> None:
    window.screens.show_menu()
    (menu,) = [each for each in window.findChildren(QMenu) if each.title() == "Open again"]
    assert [each.text() for each in menu.actions()] == ["gone.mp4", "gone.otio", NAMELESS.name]
    for each in window.findChildren(QMenu):
        each.close()
    while left := len(offered(window)):
        offered(window)[0].click()
        qtbot.waitUntil(partial(lambda before: len(offered(window)) < before, left), timeout=20_000)
    assert window.screens.problems.cards
    assert load_memory().recent == ()


def test_files_open_last_have_room_for_name_and_folder(window: MainWindow) -> None:
    window.welcome.grab()
    for each in offered(window):
        words = each.findChildren(Elided)
        assert len(words) == 2
        assert not words[0].geometry().intersects(words[1].geometry())
        assert all(part.height() >= part.fontMetrics().height() for part in words)


def test_clips_of_the_sample_do_not_go_into_the_program(window: MainWindow, sample_clip: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.desk.ended, timeout=20_000):
        window.desk.do("open-files", sample_clip)
    window.screens.run("export")
    (dialog,) = window.findChildren(ExportDialog)
    assert dialog.folder.text() == str(Path.home() / "Circletake clips")
    dialog.close()


@pytest.mark.parametrize("name", ["settings", "log", "doctor", "shortcuts"])
def test_a_dialog_asked_for_twice_comes_to_the_front_once(window: MainWindow, qtbot: QtBot, name: str) -> None:
    window.screens.run(name)
    window.screens.run(name)
    (dialog,) = window.findChildren(Dialog)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    window.screens.run(name)
    assert dialogs_of(window)
    for each in dialogs_of(window):
        each.close()


def dialogs_of(window: MainWindow) -> list[QWidget]:
    return [each for each in window.findChildren(Dialog) if each.isVisible()]


def test_esc_takes_the_list_of_work_away_wherever_the_focus_is(window: MainWindow, qtbot: QtBot) -> None:
    window.screens.run("jobs")
    (panel,) = window.findChildren(JobsPanel)
    with qtbot.waitSignal(panel.destroyed):
        QTest.keyClick(window, Qt.Key.Key_Escape)


def test_after_leaving_on_the_whole_screen_the_next_run_begins_with_a_window(window: MainWindow, desk: Desk) -> None:
    window.resize(1300, 760)
    window.screens.run("fullscreen")
    window.remember()
    again = MainWindow(desk, load_memory(), LogKeeper())
    assert not again.isFullScreen()
    assert again.normalGeometry().size().toTuple() == (1300, 760)
    again.work.player.close()
    again.deleteLater()
