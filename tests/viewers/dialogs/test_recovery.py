"""After a crash: nothing is lost unless somebody says so twice."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from circletake.session.unsaved import Unsaved
from circletake_viewers.dialogs.recovery import RecoveryDialog, about, ago

FIRST = Unsaved(Path("/a.journal"), "battle", 12, 8, 3, time.time() - 250)
SECOND = Unsaved(Path("/b.journal"), "talk", 1, 1, 0, time.time(), "line 3 does not fit")


@pytest.fixture
def dialog() -> Iterator[RecoveryDialog]:
    made = RecoveryDialog((FIRST, SECOND))
    made.show()
    yield made
    if shiboken6.isValid(made):
        made.close()


def test_a_project_says_when_and_how_much() -> None:
    assert about(FIRST, FIRST.changed + 250) == "Changed 4 minutes ago · 12 edits · 8 marks, 3 kept"
    assert about(SECOND, SECOND.changed) == "Changed just now · 1 edit · 1 mark, 0 kept"
    assert [ago(each) for each in (59, 60, 3600, 90000, 2e5)] == [
        "just now", "1 minute ago", "1 hour ago", "1 day ago", "2 days ago",
    ]  # fmt: skip


def test_going_on_is_one_key_away_and_keeps_the_other(dialog: RecoveryDialog, qtbot: QtBot) -> None:
    assert dialog.projects[0].go_on.isDefault()
    with qtbot.assertNotEmitted(dialog.forget_wanted), qtbot.waitSignal(dialog.resume_wanted) as wanted:
        dialog.projects[0].go_on.click()
    assert wanted.args == [FIRST.journal]


def test_throwing_away_asks_once_more(dialog: RecoveryDialog, qtbot: QtBot) -> None:
    row = dialog.projects[1]
    row.throw.click()
    assert row.sure.text() == "Throw 1 edit away for good"
    row.spare.click()
    assert not row.sure.isVisible()
    row.throw.click()
    with qtbot.waitSignal(dialog.forget_wanted) as wanted:
        row.sure.click()
    assert wanted.args == [SECOND.journal]
    assert len(dialog.projects) == 1


def test_the_last_answer_closes_it(dialog: RecoveryDialog, qtbot: QtBot) -> None:
    for row in tuple(dialog.projects):
        row.keep.click()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
