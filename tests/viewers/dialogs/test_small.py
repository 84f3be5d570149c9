"""The question before leaving, and the look at the machine."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from circletake.session.doctor import Check, Health
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.doctor import DoctorDialog, as_text
from circletake_viewers.dialogs.sure import Answer, SaveDialog, ask_to_save


def answer_with(press: str) -> None:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SaveDialog)
    if press == "esc":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    elif press == "return":
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    else:
        dialog.discard.click()


@pytest.mark.parametrize(
    ("press", "answer"), [("esc", Answer.CANCEL), ("return", Answer.SAVE), ("discard", Answer.DISCARD)]
)
def test_leaving_edits_is_answered_by_key_or_button(window: QWidget, press: str, answer: Answer) -> None:
    QTimer.singleShot(0, window, lambda: answer_with(press))
    assert ask_to_save(window, "battle", kept=2) is answer


def test_the_machine_is_looked_at_once_shown_and_can_be_copied(desk: Desk, qtbot: QtBot) -> None:
    dialog = DoctorDialog(desk)
    assert not dialog.checks
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.checks), timeout=10_000)
    dialog.copy.click()
    assert "Circletake" in QGuiApplication.clipboard().text()
    dialog.close()


def test_checks_as_text_name_remedies() -> None:
    checks = (Check("Room", Health.OK, "9 GB free"), Check("Screen", Health.FAULT, "none", "Start a desktop."))
    assert as_text(checks) == "ok     Room: 9 GB free\nfault  Screen: none\n       Start a desktop."
