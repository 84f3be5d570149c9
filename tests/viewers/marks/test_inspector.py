"""What the inspector says, and what it asks for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot
from tests.viewers.marks.made import CLOCK, KEYS, explained, row

from circletake.timebase import RationalTime
from circletake.timeline.model import MarkState
from circletake_viewers.marks.fields import frame_meant
from circletake_viewers.marks.inspector import LEAST_WIDTH, Inspector
from circletake_viewers.state.shown import Clock

LEFT = Qt.MouseButton.LeftButton
MARK = row("one")


@pytest.fixture
def panel(qtbot: QtBot) -> Inspector:
    made = Inspector()
    qtbot.addWidget(made)
    made.resize(316, 760)
    made.set_keys(KEYS)
    made.show_mark(explained(MARK), CLOCK)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def words(panel: Inspector) -> str:
    return "\n".join(each.text() for each in panel.findChildren(QLabel) if each.isVisible())


def test_it_explains(panel: Inspector) -> None:
    seen = words(panel)
    for expected in ("Title of one", "80", "of 100  ·  1st of 4", "signals only", "loudness rise 14 LU", "2.0 s"):
        assert expected in seen
    assert panel.moment.link.text() == "00:00:10:12"
    assert [part.name for part in panel.parts.rows if part.isVisible()] == ["motion", "speech"]
    assert panel.parts.rows[1].accessibleName() == "Speech, 22 of 100, weight in the score 0.5"


def test_nothing_selected_says_what_will_be_here(panel: Inspector) -> None:
    panel.show_mark(None, CLOCK)
    assert "No mark selected" in words(panel)


def test_a_mark_made_by_hand_has_no_number(panel: Inspector) -> None:
    by_hand = explained(
        row("own", score=None), caption="Marked by hand, so it has no score", parts=(), moment=None, source=""
    )
    panel.show_mark(by_hand, CLOCK)
    seen = words(panel)
    assert "Marked by hand, so it has no score" in seen
    assert "of 100" not in seen
    assert "What carried it" not in seen
    assert "Produced by" not in seen


def test_buttons_name_commands_and_take_back(qtbot: QtBot, panel: Inspector) -> None:
    told: list[str] = []
    panel.wanted.connect(told.append)
    QTest.mouseClick(panel.decisions.keep, LEFT)
    panel.show_mark(explained(replace(MARK, state=MarkState.KEPT)), CLOCK)
    assert panel.decisions.keep.text() == "Kept"
    assert panel.decisions.keep.property("look") == "main"
    QTest.mouseClick(panel.decisions.keep, LEFT)
    QTest.mouseClick(panel.decisions.reject, LEFT)
    assert told == ["keep", "undecide", "reject"]


def test_several_are_decided_at_once(qtbot: QtBot, panel: Inspector) -> None:
    panel.show_mark(explained(replace(MARK, state=MarkState.KEPT), others=3), CLOCK)
    assert "and 3 more selected" in words(panel)
    assert panel.decisions.keep.text() == "Keep 4"
    told: list[str] = []
    panel.wanted.connect(told.append)
    for button in (panel.decisions.keep, panel.decisions.reject, panel.decisions.join):
        QTest.mouseClick(button, LEFT)
    assert told == ["keep", "reject", "join-marks"]


def test_numbers_follow_what_is_tried(panel: Inspector) -> None:
    panel.show_mark(explained(replace(MARK, score=91.4, start=230), tried=True), CLOCK)
    seen = words(panel)
    assert "trying" in seen
    assert "91" in seen
    assert panel.ends.first.text() == "00:00:09:14"


def typed(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def test_a_typed_time_trims(qtbot: QtBot, panel: Inspector) -> None:
    typed(panel.ends.first, "00:00:09:00")
    with qtbot.waitSignal(panel.trim_wanted) as told:
        QTest.keyClick(panel.ends.first, Qt.Key.Key_Return)
    assert told.args == ["one", 216, 288]


def test_arrows_nudge_by_a_frame(qtbot: QtBot, panel: Inspector) -> None:
    told: list[tuple[object, ...]] = []
    panel.trim_wanted.connect(lambda *args: told.append(args))
    QTest.keyClick(panel.ends.first, Qt.Key.Key_Up)
    QTest.keyClick(panel.ends.last, Qt.Key.Key_Down)
    assert told == [("one", 241, 288), ("one", 240, 287)]


@pytest.mark.parametrize(
    ("text", "why"),
    [("soon", "Type a time such as 00:00:10:00."), ("00:00:10:99", "Type a time"), ("00:01:00:00", "In must come")],
)
def test_a_wrong_time_is_shaken_off(qtbot: QtBot, panel: Inspector, text: str, why: str) -> None:
    with qtbot.assertNotEmitted(panel.trim_wanted):
        typed(panel.ends.first, text)
        QTest.keyClick(panel.ends.first, Qt.Key.Key_Return)
    assert panel.ends.first.text() == "00:00:10:00"
    assert panel.ends.message.isVisible()
    assert panel.ends.message.text().startswith(why)
    QTest.keyClick(panel.ends.first, Qt.Key.Key_Backspace)
    assert not panel.ends.message.isVisible()


def test_what_is_being_typed_is_not_replaced(qtbot: QtBot, panel: Inspector) -> None:
    typed(panel.ends.first, "00:00:0")
    panel.show_mark(explained(replace(MARK, score=79.0)), CLOCK)
    assert panel.ends.first.text() == "00:00:0"
    QTest.keyClick(panel.ends.first, Qt.Key.Key_Escape)
    assert panel.ends.first.text() == "00:00:10:00"


def test_the_name_is_edited_in_place(qtbot: QtBot, panel: Inspector) -> None:
    QTest.mouseDClick(panel.name, LEFT, pos=panel.name.rect().center())
    QTest.keyClicks(panel.name.field, "The jump")
    with qtbot.waitSignal(panel.renamed) as told:
        QTest.keyClick(panel.name.field, Qt.Key.Key_Return)
    assert told.args == ["one", "The jump"]
    panel.edit_name()
    QTest.keyClicks(panel.name.field, "no")
    with qtbot.assertNotEmitted(panel.renamed):
        QTest.keyClick(panel.name.field, Qt.Key.Key_Escape)
    assert not panel.name.editing


def test_a_note_is_taken_when_one_leaves_it(qtbot: QtBot, panel: Inspector) -> None:
    panel.edit_note()
    QTest.keyClicks(panel.note, "good laugh")
    with qtbot.waitSignal(panel.noted) as told:
        panel.note.clearFocus()
    assert told.args == ["one", "good laugh"]


def test_a_note_being_written_is_kept_when_another_mark_comes(qtbot: QtBot, panel: Inspector) -> None:
    panel.edit_note()
    QTest.keyClicks(panel.note, "good laugh")
    with qtbot.waitSignal(panel.noted) as told:
        panel.show_mark(explained(row("two", 2), note="of two"), CLOCK)
    assert told.args == ["one", "good laugh"]
    assert panel.note.toPlainText() == "of two"


def test_a_note_asked_for_is_brought_into_view(qtbot: QtBot, panel: Inspector) -> None:
    panel.resize(316, 320)
    panel.edit_note()
    assert panel.note.hasFocus()
    seen = panel._scroll.viewport().rect()
    assert seen.contains(panel.note.mapTo(panel._scroll.viewport(), panel.note.rect().center()))


def test_a_curve_and_a_moment_are_asked_for(qtbot: QtBot, panel: Inspector) -> None:
    with qtbot.waitSignal(panel.curve_wanted) as curve:
        QTest.mouseClick(panel.parts.rows[0], LEFT)
    assert curve.args == ["motion"]
    with qtbot.waitSignal(panel.seek_wanted) as moment:
        QTest.mouseClick(panel.moment.link, LEFT)
    assert moment.args == [252]


def test_read_only_lets_nothing_be_changed(qtbot: QtBot, panel: Inspector) -> None:
    panel.set_read_only(read_only=True)
    panel.edit_name()
    assert not panel.name.editing
    assert panel.note.isReadOnly()
    assert not panel.decisions.keep.isEnabled()
    with qtbot.assertNotEmitted(panel.trim_wanted):
        QTest.keyClick(panel.ends.first, Qt.Key.Key_Up)


def test_what_still_grows_cannot_be_decided_yet(panel: Inspector) -> None:
    panel.show_mark(explained(replace(MARK, provisional=True)), CLOCK)
    assert not panel.decisions.keep.isEnabled()
    panel.show_mark(explained(MARK), CLOCK)
    assert panel.decisions.keep.isEnabled()


@pytest.mark.parametrize("state", list(MarkState))
def test_nothing_is_cut_at_its_least_width(qtbot: QtBot, panel: Inspector, state: MarkState) -> None:
    panel.show_mark(explained(replace(MARK, state=state), others=12), CLOCK)
    panel.resize(LEAST_WIDTH, 500)
    qtbot.wait(1)
    assert panel.minimumSizeHint().width() <= LEAST_WIDTH
    for part in (panel.decisions.keep, panel.decisions.reject, panel.ends.first, panel.ends.last):
        assert part.width() >= part.minimumSizeHint().width()


def test_keys_typed_here_are_no_shortcuts(qtbot: QtBot) -> None:
    window, panel = QMainWindow(), Inspector()
    qtbot.addWidget(window)
    window.setCentralWidget(panel)
    heard: list[str] = []
    for keys in ("C", "Return", "Up", "Space"):
        action = QAction(keys, window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False, keys=keys: heard.append(keys))
        window.addAction(action)
    panel.show_mark(explained(MARK), CLOCK)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    panel.edit_note()
    qtbot.waitUntil(panel.note.hasFocus)
    QTest.keyClicks(panel.note, "c c")
    QTest.keyClick(panel.note, Qt.Key.Key_Return)
    panel.edit_name()
    QTest.keyClicks(panel.name.field, "c")
    QTest.keyClick(panel.name.field, Qt.Key.Key_Return)
    panel.ends.first.setFocus()
    QTest.keyClick(panel.ends.first, Qt.Key.Key_Up)
    assert heard == []


@pytest.mark.parametrize(
    ("text", "frame"), [("00:00:10:00", 240), ("10:00", 240), ("1000", 240), ("1:02:03:04", 89356), ("4", 4)]
)
def test_times_are_read_as_people_type_them(text: str, frame: int) -> None:
    assert frame_meant(text, CLOCK) == frame


def test_times_are_read_as_the_timeline_counts() -> None:
    ntsc = Fraction(30000, 1001)
    hour = Clock(ntsc, drop_frame=True, first=RationalTime(107892, ntsc))
    for frame in (0, 1799, 1800, 17982, 50000):
        assert frame_meant(hour.timecode(frame), hour) == frame
    fast = Clock(Fraction(120))
    assert frame_meant(fast.timecode(1234), fast) == 1234


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4:5", "00:00:70:00", "-1", "12345678901"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|out of range"):
        frame_meant(text, CLOCK)
