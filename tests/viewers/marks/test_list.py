"""What a hand does with the list, and what the list does not do to the hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from tests.viewers.marks.made import CLOCK, KEYS, listed, row, rows

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.marks.list import MarkList
from circletake_viewers.marks.rows import cells_of, second_line, title_at
from circletake_viewers.state.wish import Order

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TWELVE = rows(12)


@pytest.fixture
def panel(qtbot: QtBot) -> MarkList:
    made = MarkList()
    qtbot.addWidget(made)
    made.resize(336, 528)
    made.set_keys(KEYS)
    made.show_marks(listed(TWELVE), CLOCK)
    with qtbot.waitExposed(made):
        made.show()
    return made


def middle(panel: MarkList, place: int) -> QPoint:
    return panel.view.visualRect(panel.view.marks.index(place)).center()


def click(panel: MarkList, place: int, held: Qt.KeyboardModifier | None = None) -> None:
    QTest.mouseClick(
        panel.view.viewport(), LEFT, held or Qt.KeyboardModifier.NoModifier, middle(panel, place) + QPoint(100, 0)
    )


def selected_rows(panel: MarkList) -> list[int]:
    return sorted(index.row() for index in panel.view.selectionModel().selectedIndexes())


def y_of(panel: MarkList, mark_id: str) -> int:
    place = panel.view.marks.place(mark_id)
    assert place is not None
    return panel.view.visualRect(panel.view.marks.index(place)).top()


def test_clicks_select_and_the_newest_is_last(qtbot: QtBot, panel: MarkList) -> None:
    told: list[tuple[str, ...]] = []
    panel.selected.connect(told.append)
    click(panel, 2)
    click(panel, 4, CTRL)
    click(panel, 1, CTRL)
    assert told == [("mark-2",), ("mark-2", "mark-4"), ("mark-2", "mark-4", "mark-1")]
    click(panel, 4, CTRL)
    assert told.pop() == ("mark-2", "mark-1")
    click(panel, 0)
    click(panel, 3, SHIFT)
    assert told.pop() == ("mark-0", "mark-1", "mark-2", "mark-3")


def test_a_click_on_what_is_selected_is_told_again(qtbot: QtBot, panel: MarkList) -> None:
    click(panel, 2)
    with qtbot.waitSignal(panel.selected) as told:
        click(panel, 2)
    assert told.args == [("mark-2",)]


def test_a_selection_made_elsewhere_is_shown_and_not_told_back(qtbot: QtBot, panel: MarkList) -> None:
    with qtbot.assertNotEmitted(panel.selected):
        panel.show_selection(("mark-1", "mark-11"))
    assert selected_rows(panel) == [1, 11]
    assert panel.view.viewport().rect().contains(middle(panel, 11))


def test_results_that_arrive_leave_selection_and_place(qtbot: QtBot, panel: MarkList) -> None:
    panel.show_selection(("mark-5",))
    bar = panel.view.verticalScrollBar()
    bar.setValue(2 * theme.ROW + 10)
    before = y_of(panel, "mark-5")
    better = tuple(row(f"new-{number}", number + 1) for number in range(3))
    with qtbot.assertNotEmitted(panel.selected):
        panel.show_marks(listed((*better, *TWELVE)), CLOCK)
    assert selected_rows(panel) == [8]
    assert y_of(panel, "mark-5") == before


def test_at_its_top_the_list_shows_what_arrives_there(panel: MarkList) -> None:
    panel.show_marks(listed((row("best"), *TWELVE)), CLOCK)
    assert y_of(panel, "best") == 0


def test_a_decision_changes_one_row_and_moves_none(panel: MarkList) -> None:
    panel.view.verticalScrollBar().setValue(100)
    kept = (*TWELVE[:4], replace(TWELVE[4], state=MarkState.KEPT), *TWELVE[5:])
    panel.show_marks(listed(kept), CLOCK)
    assert panel.view.verticalScrollBar().value() == 100
    assert panel.view.marks.rows[4].state is MarkState.KEPT


def test_what_the_filter_hides_is_selected_when_it_is_back(panel: MarkList) -> None:
    panel.show_selection(("mark-3",))
    panel.show_marks(listed((*TWELVE[:3], *TWELVE[4:]), hidden=1), CLOCK)
    assert selected_rows(panel) == []
    panel.show_marks(listed(TWELVE), CLOCK)
    assert selected_rows(panel) == [3]


def test_the_menu_filters_and_orders(qtbot: QtBot, panel: MarkList) -> None:
    actions = {action.text(): action for action in panel.menu.actions()}
    with qtbot.waitSignal(panel.filtered) as told:
        actions["Rejected"].trigger()
    assert told.args == [frozenset({MarkState.PROPOSED, MarkState.KEPT})]
    with qtbot.waitSignal(panel.filtered) as told:
        actions["Show all"].trigger()
    assert told.args == [frozenset(MarkState)]
    assert actions["Rejected"].isChecked()
    with qtbot.waitSignal(panel.ordered) as ordered:
        actions["Order by time"].trigger()
    assert ordered.args == [Order.TIME]


def test_another_order_brings_the_selected_row_into_view(panel: MarkList) -> None:
    panel.show_selection(("mark-0",))
    {action.text(): action for action in panel.menu.actions()}["Order by time"].trigger()
    panel.show_marks(listed(TWELVE[::-1]), CLOCK)
    assert selected_rows(panel) == [11]
    assert panel.view.viewport().rect().contains(middle(panel, 11))


def test_double_click_and_enter_play(qtbot: QtBot, panel: MarkList) -> None:
    with qtbot.waitSignal(panel.activated) as told:
        click(panel, 3)
        QTest.mouseDClick(panel.view.viewport(), LEFT, pos=middle(panel, 3))
    assert told.args == ["mark-3"]
    click(panel, 1)
    with qtbot.waitSignal(panel.activated) as told:
        QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert told.args == ["mark-1"]


def test_arrows_walk(qtbot: QtBot, panel: MarkList) -> None:
    click(panel, 1)
    with qtbot.waitSignal(panel.selected) as told:
        QTest.keyClick(panel.view, Qt.Key.Key_Down)
    assert told.args == [("mark-2",)]


def test_the_menu_of_a_row_names_it(qtbot: QtBot, panel: MarkList) -> None:
    with qtbot.waitSignal(panel.menu_wanted) as told:
        place = middle(panel, 2)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, panel.view.viewport().mapToGlobal(place))
        QApplication.sendEvent(panel.view.viewport(), event)
    assert told.args[0] == "mark-2"


def editor_of(panel: MarkList) -> QLineEdit:
    return next(iter(panel.view.viewport().findChildren(QLineEdit)))


def test_a_name_is_typed_in_its_row(qtbot: QtBot, panel: MarkList) -> None:
    panel.edit("mark-2")
    field = editor_of(panel)
    assert field.text() == "Title of mark-2"
    QTest.keyClicks(field, "The jump")
    with qtbot.waitSignal(panel.renamed) as told:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert told.args == ["mark-2", "The jump"]


def test_a_slow_second_click_on_the_title_edits_it(qtbot: QtBot, panel: MarkList, qapp: QApplication) -> None:
    usual = qapp.doubleClickInterval()
    qapp.setDoubleClickInterval(1)
    try:
        for place in (middle(panel, 2) + QPoint(100, 0), title_of(panel, 2)):
            click(panel, 2)
            qtbot.wait(10)
            QTest.mouseClick(panel.view.viewport(), LEFT, pos=place)
            qtbot.wait(30)
            is_open = bool(panel.view.viewport().findChildren(QLineEdit))
            assert is_open == (place == title_of(panel, 2))
    finally:
        qapp.setDoubleClickInterval(usual)


def title_of(panel: MarkList, place: int) -> QPoint:
    rect = panel.view.visualRect(panel.view.marks.index(place))
    return title_at(rect, panel.view.marks.rows[place], Qt.LayoutDirection.LeftToRight).center()


def test_a_name_being_typed_survives_results(qtbot: QtBot, panel: MarkList) -> None:
    panel.edit("mark-2")
    field = editor_of(panel)
    QTest.keyClicks(field, "The ju")
    changed = tuple(replace(each, score=70.0) for each in TWELVE)
    panel.show_marks(listed((row("best"), *changed)), CLOCK)
    assert field.text() == "The ju"
    with qtbot.waitSignal(panel.renamed) as told:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert told.args == ["mark-2", "The ju"]


def test_an_empty_list_says_why(panel: MarkList) -> None:
    panel.show_marks(listed((), empty="3 marks hidden by the filter.", hidden=3), CLOCK)
    assert panel._empty.isVisible()
    assert panel._empty.text() == "3 marks hidden by the filter."
    assert panel._show_all.isVisible()


def test_the_hints_give_way_to_the_rows(qtbot: QtBot, panel: MarkList) -> None:
    assert panel.hints.isVisible()
    assert "C: circle and play next" in panel.hints.accessibleName()
    panel.resize(336, 250)
    assert not panel.hints.isVisible()


def test_keys_bound_otherwise_are_printed(panel: MarkList) -> None:
    panel.set_keys({**KEYS, "keep": ("F5",), "reject": ()})
    assert "F5: circle and play next" in panel.hints.accessibleName()
    assert "reject" not in panel.hints.accessibleName()


def test_ten_thousand_rows_are_shown_and_changed(panel: MarkList) -> None:
    many = rows(10_000)
    panel.show_marks(listed(many), CLOCK)
    panel.view.verticalScrollBar().setValue(300_000)
    panel.show_marks(listed((*many[:5000], replace(many[5000], state=MarkState.KEPT), *many[5001:])), CLOCK)
    assert panel.view.verticalScrollBar().value() == 300_000
    panel.show_selection(("mark-9999",))
    assert selected_rows(panel) == [9999]
    assert panel.view.viewport().rect().contains(middle(panel, 9999))


def test_a_moved_row_slides_to_its_place(qtbot: QtBot, panel: MarkList) -> None:
    theme.set_motion(wanted=True)
    panel.show_marks(listed((TWELVE[3], *TWELVE[:3], *TWELVE[4:])), CLOCK)
    assert panel.view._painter.left_out == "mark-3"
    qtbot.waitUntil(lambda: not panel.view._painter.left_out)


def test_a_slide_that_is_overtaken_leaves_no_hole(panel: MarkList) -> None:
    theme.set_motion(wanted=True)
    panel.show_marks(listed((TWELVE[3], *TWELVE[:3], *TWELVE[4:])), CLOCK)
    panel.show_marks(listed((TWELVE[3], *TWELVE[:3], *TWELVE[4:11])), CLOCK)
    assert panel.view._painter.left_out == ""


def test_the_row_under_the_cursor_stays_there(panel: MarkList, monkeypatch: pytest.MonkeyPatch) -> None:
    many = rows(40)
    panel.show_marks(listed(many), CLOCK)
    monkeypatch.setattr(panel.view, "_pointed_at", lambda: middle(panel, 2).y())
    before = y_of(panel, "mark-2")
    panel.show_marks(listed((row("best"), *many)), CLOCK)
    assert y_of(panel, "mark-2") == before


def test_a_row_that_moves_does_not_take_the_list_along(panel: MarkList, monkeypatch: pytest.MonkeyPatch) -> None:
    many = rows(40)
    panel.show_marks(listed(many), CLOCK)
    panel.view.verticalScrollBar().setValue(10 * theme.ROW)
    monkeypatch.setattr(panel.view, "_pointed_at", lambda: middle(panel, 12).y())
    before = y_of(panel, "mark-11")
    panel.show_marks(listed((many[12], *many[:12], *many[13:])), CLOCK)
    assert y_of(panel, "mark-11") == before


def test_rows_are_mirrored_for_those_who_read_from_the_right(panel: MarkList) -> None:
    rect = panel.view.visualRect(panel.view.marks.index(0))
    cells = cells_of(rect, Qt.LayoutDirection.RightToLeft)
    assert cells.score.right() < cells.shape.left() < cells.title.left() < cells.sign.left()
    panel.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert not panel.grab().isNull()


def test_a_provisional_row_says_so() -> None:
    assert second_line(replace(row("x"), provisional=True), CLOCK) == "00:00:10:00  ·  2.0 s  ·  so far"
