"""What the mouse does: it scrubs, trims, moves, draws, and gives up; each is told in frames."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.viewers.timeline.conftest import MARKS, Hand, settle
from tests.viewers.timeline.values import cut_of, mark, strip

from circletake_viewers.state.shown import Legend
from circletake_viewers.state.wish import Trial
from circletake_viewers.timeline.lanes import Lane
from circletake_viewers.timeline.view import TimelineView

ALT = Qt.KeyboardModifier.AltModifier


def told(view: TimelineView, name: str) -> list[Any]:
    heard: list[Any] = []
    getattr(view, name).connect(lambda *values: heard.append(values))
    return heard


def escape(view: TimelineView, hand: Hand) -> bool:
    """Whether the canvas kept the key from the window's shortcuts."""
    key = (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, *key)
    override.ignore()
    hand.app.sendEvent(view.canvas, override)
    hand.app.sendEvent(view.canvas, QKeyEvent(QEvent.Type.KeyPress, *key))
    return override.isAccepted()


def test_the_wheel_zooms_at_the_cursor(view: TimelineView, hand: Hand) -> None:
    x = hand.x(700)
    hand.wheel(x, 8)
    assert view.canvas.scale.per_frame > 3
    assert abs(hand.x(700) - x) < 0.01
    hand.wheel(x, -30)
    assert view.canvas.scale.is_fitted


def test_shift_and_the_wheel_pan(view: TimelineView, hand: Hand) -> None:
    view.zoom(4, 0)
    before = view.canvas.scale
    hand.wheel(600, -1, Qt.KeyboardModifier.ShiftModifier)
    assert view.canvas.scale.per_frame == before.per_frame
    assert view.canvas.scale.origin > before.origin


@pytest.mark.parametrize("lane", [Lane.RULER, Lane.FILM, Lane.SOUND, Lane.CURVES])
def test_a_drag_over_the_film_scrubs(view: TimelineView, hand: Hand, lane: Lane) -> None:
    heard = told(view, "scrubbed")
    hand.drag(100.5, 200.5, lane)
    assert heard[0] == (100, False)
    assert heard[-1] == (200, True)
    assert [frame for frame, _ in heard] == sorted(frame for frame, _ in heard)


def test_an_edge_is_trimmed_and_clings_to_a_cut(view: TimelineView, hand: Hand) -> None:
    tried, done = told(view, "trim_tried"), told(view, "trim_done")
    hand.drag(800, 754, Lane.MARKS)
    assert done == [("b", 750, 1000, "trim")]
    assert tried[-1] == ("b", 750, 1000)


def test_with_alt_nothing_clings(view: TimelineView, hand: Hand) -> None:
    done = told(view, "trim_done")
    hand.drag(800, 754, Lane.MARKS, ALT)
    assert done == [("b", 754, 1000, "trim")]


def test_with_snapping_off_nothing_clings(view: TimelineView, hand: Hand) -> None:
    done = told(view, "trim_done")
    view.header.snap.click()
    hand.drag(1000, 1003, Lane.MARKS)
    hand.drag(800, 754, Lane.MARKS)
    assert done[-1] == ("b", 754, 1000, "trim")


def test_the_playhead_and_other_marks_are_clung_to(view: TimelineView, hand: Hand) -> None:
    done = told(view, "trim_done")
    view.set_playhead(640)
    hand.drag(500, 643, Lane.MARKS)
    hand.drag(800, 503, Lane.MARKS)
    assert done == [("a", 300, 640, "trim"), ("b", 500, 1000, "trim")]


def test_a_mark_is_moved_by_its_middle_and_stays_inside(view: TimelineView, hand: Hand) -> None:
    done = told(view, "trim_done")
    hand.drag(400, -300, Lane.MARKS)
    assert done == [("a", 0, 200, "move")]


def test_a_click_moves_nothing_and_selects(view: TimelineView, hand: Hand) -> None:
    selected, done, gone = told(view, "selected"), told(view, "trim_done"), told(view, "trim_given_up")
    hand.press(400, Lane.MARKS)
    hand.move(hand.x(400) + 3, Lane.MARKS)
    hand.release(hand.x(400) + 3, Lane.MARKS)
    hand.press(900, Lane.MARKS, Qt.KeyboardModifier.ControlModifier)
    hand.release(hand.x(900), Lane.MARKS)
    hand.press(650, Lane.MARKS)
    hand.release(hand.x(650), Lane.MARKS)
    assert selected == [("a", False), ("b", True), ("", False)]
    assert (done, gone) == ([], [])


def test_escape_gives_a_drag_up(view: TimelineView, hand: Hand) -> None:
    done, gone = told(view, "trim_done"), told(view, "trim_given_up")
    assert not escape(view, hand)
    hand.press(500, Lane.MARKS)
    hand.move(hand.x(600), Lane.MARKS)
    assert view.canvas.trial == Trial("a", 300, 600)
    assert escape(view, hand)
    hand.release(hand.x(600), Lane.MARKS)
    assert (done, gone) == ([], [()])
    assert view.canvas.trial is None


def test_the_tried_place_stays_until_the_project_answers(view: TimelineView, hand: Hand) -> None:
    hand.drag(500, 560, Lane.MARKS, ALT)
    assert view.canvas.trial == Trial("a", 300, 560)
    view.show_marks((mark("a", 300, 560), *MARKS[1:]))
    assert view.canvas.trial is None


def test_a_trial_from_outside_is_drawn_but_never_under_the_hand(view: TimelineView, hand: Hand) -> None:
    view.show_trial(Trial("b", 700, 900))
    assert view.canvas.trial == Trial("b", 700, 900)
    hand.press(500, Lane.MARKS)
    hand.move(hand.x(560), Lane.MARKS, ALT)
    view.show_trial(Trial("b", 1, 2))
    assert view.canvas.trial == Trial("a", 300, 560)
    escape(view, hand)


def test_a_mark_that_goes_while_dragged_is_let_go(view: TimelineView, hand: Hand) -> None:
    gone = told(view, "trim_given_up")
    hand.press(500, Lane.MARKS)
    hand.move(hand.x(600), Lane.MARKS)
    view.show_marks(MARKS[1:])
    assert gone == [()]
    assert not view.hands.is_busy


def test_a_range_is_drawn_where_no_mark_is(view: TimelineView, hand: Hand) -> None:
    drawn = told(view, "range_drawn")
    hand.drag(700, 560, Lane.MARKS, ALT)
    hand.drag(1050, 1103, Lane.MARKS)
    assert drawn == [(560, 700), (1050, 1103)]


def test_a_drag_at_the_border_scrolls(view: TimelineView, hand: Hand, qtbot: QtBot) -> None:
    view.zoom_to(200, 600)
    tried = told(view, "trim_tried")
    hand.press(500, Lane.MARKS)
    hand.move(view.canvas.width() - 2, Lane.MARKS, ALT)
    qtbot.waitUntil(lambda: bool(tried) and tried[-1][2] > 700, timeout=3000)
    assert tried[-1][:2] == ("a", 300)
    escape(view, hand)
    assert not view.hands.is_busy


def test_the_middle_button_and_the_bar_below_move_along(view: TimelineView, hand: Hand) -> None:
    view.zoom_to(500, 700)
    before = view.canvas.scale
    middle, place = Qt.MouseButton.MiddleButton, QPoint(600, 100)
    QTest.mousePress(view.canvas, middle, pos=place)
    hand.move(500, Lane.CURVES)
    QTest.mouseRelease(view.canvas, middle, pos=QPoint(500, 100))
    assert view.canvas.scale.origin == before.origin + 100
    QTest.mouseClick(view.overview, Qt.MouseButton.LeftButton, pos=QPoint(view.overview.width() // 2, 5))
    assert abs(view.canvas.scale.at(view.canvas.width() / 2) - 750) < 5
    view.fit()
    assert view.canvas.scale.is_fitted


def test_nothing_slides_or_pages_under_a_hand(view: TimelineView, hand: Hand) -> None:
    view.zoom_to(0, 400)
    before = view.canvas.scale
    hand.press(350, Lane.MARKS)
    view.reveal(1200, 1400)
    view.set_playhead(390, follow=True)
    view.set_playhead(500, follow=True)
    assert view.canvas.scale == before
    hand.release(hand.x(350), Lane.MARKS)


def test_double_and_right_clicks_are_told(view: TimelineView, hand: Hand) -> None:
    played, menus = told(view, "activated"), told(view, "menu_wanted")
    hand.double(400, Lane.MARKS)
    for frame in (400, 650):
        place = QPoint(round(hand.x(frame)), round(hand.y(Lane.MARKS)))
        hand.app.sendEvent(
            view.canvas, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.canvas.mapToGlobal(place))
        )
    assert played == [("a",)]
    assert [name for name, _ in menus] == ["a", ""]


def test_alt_and_a_click_split_a_mark(view: TimelineView, hand: Hand) -> None:
    wanted = told(view, "split_wanted")
    hand.press(400, Lane.MARKS, ALT)
    hand.release(hand.x(400), Lane.MARKS, ALT)
    assert wanted == [("a", 400)]


def test_a_running_playhead_is_followed_until_one_looks_elsewhere(view: TimelineView) -> None:
    view.zoom_to(0, 100)
    view.set_playhead(50, follow=True)
    before = view.canvas.scale
    view.set_playhead(105, follow=True)
    assert view.canvas.scale.origin > before.origin
    view.zoom_to(1000, 1100)
    elsewhere = view.canvas.scale
    view.set_playhead(107, follow=True)
    assert view.canvas.scale == elsewhere


def test_what_is_revealed_is_seen(view: TimelineView, qtbot: QtBot) -> None:
    view.zoom_to(0, 100)
    view.reveal(800, 850)
    qtbot.waitUntil(lambda: view.canvas.scale.x(800) >= 0 and view.canvas.scale.x(850) <= view.canvas.width())


def test_chips_wish_and_keep_what_they_show(view: TimelineView) -> None:
    wished = told(view, "curve_toggled")
    score, motion = view.header.legend.chips
    assert (score.text(), score.isChecked()) == ("Score, signals only", True)
    motion.click()
    assert wished == [("motion",)]
    assert not motion.isChecked()


def test_chips_that_do_not_fit_wait_in_a_menu(view: TimelineView, qtbot: QtBot) -> None:
    wished = told(view, "curve_toggled")
    many = tuple(Legend(f"c{number}", f"A curve {number}", number - 1 if number else None, True) for number in range(9))
    view.show_cut(replace(cut_of(strip(60.0)), legend=many))
    view.resize(900, 330)
    chips = view.header.legend.chips
    qtbot.waitUntil(lambda: 1 < sum(chip.isVisible() for chip in chips) < 9)
    assert view.minimumSizeHint().width() < 700
    chips[-1].click()
    assert wished == [("c8",)]


def test_the_ruler_counts_seconds_when_asked(view: TimelineView) -> None:
    view.header.units.click()
    assert view.header.units.text() == "seconds"


def test_an_empty_timeline_takes_every_touch(view: TimelineView, hand: Hand, qtbot: QtBot) -> None:
    view.show_marks(())
    view.show_cut(cut_of())
    hand.drag(0, 100, Lane.FILM)
    hand.drag(0, 100, Lane.MARKS)
    hand.wheel(300, 3)
    view.reveal(0, 10)
    view.zoom_to(0, 10)
    settle(qtbot, view)
    view.show_cut(cut_of(strip(5.0)))
    assert view.canvas.scale.is_fitted
