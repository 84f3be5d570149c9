"""The list under `?`: all commands, and other keys for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from circletake_viewers.commands import BY_NAME, Group
from circletake_viewers.dialogs.shortcuts import ShortcutSheet, in_columns
from circletake_viewers.keymap import Keymap, keys_path, load_keymap


@pytest.fixture
def sheet() -> Iterator[ShortcutSheet]:
    made = ShortcutSheet(Keymap())
    made.show()
    yield made
    if shiboken6.isValid(made):
        made.close()


def press(sheet: ShortcutSheet, name: str, key: Qt.Key) -> None:
    """Click a command, and press its new key."""
    sheet.rows[name].click()
    QTest.keyClick(sheet.rebind.field, key)


def test_every_command_is_listed_under_its_group_with_its_keys(sheet: ShortcutSheet) -> None:
    assert list(sheet.rows) == list(BY_NAME)
    assert sorted(group for column in in_columns(3) for group in column) == sorted(Group)
    caps = [each.text() for each in sheet.rows["step-back"].findChildren(QLabel) if each.property("look") == "key"]
    assert caps == ["←", ","]
    assert sheet.rows["keep"].accessibleName() == "Circle and play the next: C"


def test_a_free_key_is_taken_stored_and_told(sheet: ShortcutSheet, qtbot: QtBot) -> None:
    press(sheet, "keep", Qt.Key.Key_F5)
    assert not sheet.rebind.conflict.text
    with qtbot.waitSignal(sheet.changed) as changed:
        sheet.rebind.use.click()
    assert changed.args[0].keys["keep"] == ("F5",)
    assert load_keymap().keys["keep"] == ("F5",)
    assert sheet.rows["keep"].keys == ("F5",)
    assert not sheet.rebind.isVisible()


def test_one_more_key_leaves_the_others(sheet: ShortcutSheet) -> None:
    press(sheet, "keep", Qt.Key.Key_F5)
    sheet.rebind.add.click()
    assert sheet.keymap.keys["keep"] == ("C", "F5")


def test_a_key_in_use_is_told_at_once_and_can_be_taken_over(sheet: ShortcutSheet) -> None:
    press(sheet, "keep", Qt.Key.Key_X)
    assert BY_NAME["reject"].title in sheet.rebind.conflict.text
    assert sheet.rebind.use.text() == "Take it over"
    sheet.rebind.use.click()
    assert (sheet.keymap.keys["keep"], sheet.keymap.keys["reject"]) == (("X",), ())
    assert not sheet.keymap.conflicts()


def test_its_own_key_is_no_conflict(sheet: ShortcutSheet) -> None:
    press(sheet, "keep", Qt.Key.Key_C)
    assert not sheet.rebind.conflict.text
    sheet.rebind.use.click()
    assert sheet.keymap.keys["keep"] == ("C",)


def test_keys_can_be_dropped_and_brought_back(sheet: ShortcutSheet) -> None:
    assert not sheet.usual.isEnabled()
    sheet.rows["keep"].click()
    sheet.rebind.none.click()
    assert sheet.keymap.keys["keep"] == ()
    sheet.usual.click()
    assert sheet.keymap == Keymap()
    assert load_keymap() == Keymap()


def test_esc_leaves_the_strip_and_then_the_list(sheet: ShortcutSheet, qtbot: QtBot) -> None:
    sheet.rows["keep"].click()
    QTest.keyClick(sheet.rebind.field, Qt.Key.Key_Escape)
    assert not sheet.rebind.isVisible()
    assert sheet.keymap == Keymap()
    QTest.keyClick(sheet.filter, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not shiboken6.isValid(sheet))


def test_words_and_keys_find_commands(sheet: ShortcutSheet) -> None:
    sheet.filter.setText("shift+z")
    assert [name for name, each in sheet.rows.items() if each.isVisible()] == ["zoom-fit"]
    sheet.filter.setText("timeline zoom out")
    assert [name for name, each in sheet.rows.items() if each.isVisible()] == ["zoom-out"]


def test_keys_that_cannot_be_stored_are_in_force_and_it_is_said(
    sheet: ShortcutSheet, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CIRCLETAKE_CONFIG_DIR", str(tmp_path / "file"))
    press(sheet, "keep", Qt.Key.Key_F5)
    with qtbot.waitSignal(sheet.changed):
        sheet.rebind.use.click()
    assert sheet.error.text


def test_a_bad_file_is_told_here() -> None:
    keys_path().parent.mkdir(parents=True, exist_ok=True)
    keys_path().write_text("[keys", encoding="utf-8")
    sheet = ShortcutSheet(load_keymap())
    sheet.show()
    assert "could not be read" in sheet.error.text
    sheet.close()
