"""The form shows every setting of the table, stores each change at once, and says what was wrong beside it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox
from pytestqt.qtbot import QtBot

from circletake.session.session import Session
from circletake.settings import (
    EXPORT_MODE,
    EXPORT_TIMELINES,
    FAST,
    MAX_SECONDS,
    MIN_SECONDS,
    SETTINGS,
    TOP,
    Setting,
    find_setting,
    load_settings,
    settings_path,
)  # fmt: skip
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.setting_fields import Field
from circletake_viewers.dialogs.settings import SettingsDialog, shown_value


@pytest.fixture
def plain_desk(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose settings come from file and environment alone; the mode is set by the latter."""
    monkeypatch.setenv(EXPORT_MODE.variable, "copy")
    desk = Desk(Session(load_settings()))
    yield desk
    desk.close()


@pytest.fixture
def dialog(plain_desk: Desk) -> Iterator[SettingsDialog]:
    made = SettingsDialog(plain_desk)
    made.show()
    yield made
    made.close()


def field(dialog: SettingsDialog, setting: Setting) -> Field:  # type: ignore[type-arg]  # of whatever values
    return dialog.rows[setting.key].field


def test_every_setting_has_a_control_of_its_kind(dialog: SettingsDialog) -> None:
    assert list(dialog.rows) == [setting.key for setting in SETTINGS]
    assert isinstance(field(dialog, FAST).widget, QCheckBox)
    assert isinstance(field(dialog, TOP).widget, QSpinBox)
    assert isinstance(field(dialog, MIN_SECONDS).widget, QDoubleSpinBox)
    assert isinstance(field(dialog, EXPORT_MODE).widget, QComboBox)
    assert len(field(dialog, EXPORT_TIMELINES).widget.findChildren(QCheckBox)) == 3


def test_showing_values_stores_nothing(dialog: SettingsDialog) -> None:
    assert not settings_path().exists()


def test_a_change_is_in_force_and_stored_and_can_be_taken_back(dialog: SettingsDialog, qtbot: QtBot) -> None:
    row = dialog.rows[TOP.key]
    assert (row.origin.text(), row.back.isVisible()) == ("default", False)
    box = row.field.widget
    assert isinstance(box, QSpinBox)
    with qtbot.waitSignal(dialog.changed) as changed:
        box.setValue(25)
    assert changed.args == [TOP.key]
    assert load_settings().get(TOP) == 25
    assert (row.origin.text(), row.back.isVisible()) == ("your choice", True)
    row.back.click()
    assert load_settings().get(TOP) == TOP.default
    assert box.value() == TOP.default


def test_typing_a_number_counts_once_it_is_whole(dialog: SettingsDialog, qtbot: QtBot) -> None:
    box = field(dialog, TOP).widget
    assert isinstance(box, QSpinBox)
    told: list[str] = []
    dialog.changed.connect(told.append)
    box.selectAll()
    QTest.keyClicks(box, "250")
    assert not told
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert told == [TOP.key]
    assert load_settings().get(TOP) == 250
    assert dialog.isVisible()


def test_several_choices_are_stored_together(dialog: SettingsDialog) -> None:
    otio, edl, _ = field(dialog, EXPORT_TIMELINES).widget.findChildren(QCheckBox)
    edl.click()
    assert load_settings().get(EXPORT_TIMELINES.key) == ("otio", "edl")
    otio.click()
    edl.click()
    assert load_settings().get(EXPORT_TIMELINES.key) == ()


def test_values_that_contradict_each_other_are_told_beside_the_field_and_not_stored(dialog: SettingsDialog) -> None:
    box = field(dialog, MIN_SECONDS).widget
    assert isinstance(box, QDoubleSpinBox)
    box.setValue(300)
    assert "is above" in dialog.rows[MIN_SECONDS.key].error.text
    assert box.value() == MIN_SECONDS.default
    assert not settings_path().exists()
    box = field(dialog, MAX_SECONDS).widget
    assert isinstance(box, QDoubleSpinBox)
    box.setValue(400)
    assert not dialog.rows[MIN_SECONDS.key].error.text


def test_what_the_environment_sets_is_shown_and_locked(dialog: SettingsDialog) -> None:
    row = dialog.rows[EXPORT_MODE.key]
    assert not row.field.widget.isEnabled()
    assert EXPORT_MODE.variable in row.origin.text()


def test_a_file_that_cannot_be_written_is_told_beside_the_field(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("x") / "file"
    place.touch()
    monkeypatch.setenv("CIRCLETAKE_CONFIG_DIR", str(place))
    field(dialog, FAST).given.emit("true")
    assert dialog.rows[FAST.key].error.text


def test_words_find_settings_and_their_headings(dialog: SettingsDialog) -> None:
    dialog.search.setText("longest CLIP")
    assert [key for key, row in dialog.rows.items() if row.isVisible()] == [MAX_SECONDS.key]
    dialog.search.setText("nothing of the kind")
    assert not any(row.isVisible() for row in dialog.rows.values())


def test_values_are_for_people() -> None:
    rows = [find_setting(each.key) for each in (MIN_SECONDS, FAST, EXPORT_TIMELINES)]
    assert [shown_value(row, row.default) for row in rows] == ["15 seconds", "off", "otio"]
