"""Cards: three lines, details to copy, a place that holds, and no more of them than can be read."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from circletake.errors import ErrorInfo, MediaNotFound
from circletake_viewers.desk import Problem
from circletake_viewers.dialogs.frame import sentence
from circletake_viewers.dialogs.problem import SHOWN, Problems


def problem(name: str = "a.mp4") -> Problem:
    error = MediaNotFound("there is no such file", hint="Look for it.", path=name, details="line 1\nline 2")
    return Problem("Open", ErrorInfo.of(error))


def test_a_card_says_what_was_tried_what_stood_in_the_way_and_what_to_do(window: QWidget) -> None:
    problems = Problems(window)
    problems.show_problem(problem())
    (card,) = problems.cards
    assert card.lines == ("Open", "a.mp4: there is no such file.", "Look for it.")
    assert [text for text in (each.text() for each in card.findChildren(QLabel)) if text] == list(card.lines)
    assert "Look for it." in card.accessibleName()


def test_details_unfold_and_everything_can_be_copied(window: QWidget) -> None:
    problems = Problems(window)
    problems.show_problem(problem())
    (card,) = problems.cards
    assert not card.details.text.isVisible()
    card.details.fold.click()
    assert card.details.text.isVisible()
    assert card.details.text.toPlainText() == "line 1\nline 2"
    card.details.copy.click()
    assert QGuiApplication.clipboard().text() == "\n".join((*card.lines, "", "line 1\nline 2"))


def test_only_a_few_are_shown_and_the_rest_is_counted(window: QWidget) -> None:
    problems = Problems(window)
    for number in range(SHOWN + 2):
        problems.show_problem(problem(str(number)))
    assert [card.isVisible() for card in problems.cards] == [True] * SHOWN + [False, False]
    assert problems.more.text() == "and 2 more problems"
    problems.close_newest()
    assert problems.more.text() == "and 1 more problem"
    assert sum(card.isVisible() for card in problems.cards) == SHOWN
    problems.close_all.click()
    assert not problems.isVisible()


def test_the_same_problem_is_not_told_twice(window: QWidget) -> None:
    problems = Problems(window)
    problems.show_problem(problem())
    problems.show_problem(problem())
    assert len(problems.cards) == 1


def test_cards_keep_to_the_corner_and_leave_the_rest_to_the_mouse(window: QWidget, qtbot: QtBot) -> None:
    problems = Problems(window)
    problems.show_problem(problem())
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: problems.geometry().right() > 1300)
    assert problems.geometry().bottom() < 800
    assert problems.height() < 300
    assert window.childAt(20, 20) is None


def test_esc_on_a_card_puts_it_away(window: QWidget) -> None:
    problems = Problems(window)
    problems.show_problem(problem())
    QTest.keyClick(problems.cards[0], Qt.Key.Key_Escape)
    assert not problems.cards
    assert not problems.close_newest()


def test_a_notice_goes_by_itself_but_not_under_the_mouse(window: QWidget) -> None:
    problems, pressed = Problems(window), []
    notice = problems.show_notice("3 clips written", "Open folder", lambda: pressed.append(1))
    assert notice.timer.isActive()
    notice.enterEvent(QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert not notice.timer.isActive()
    notice.leaveEvent(QEvent(QEvent.Type.Leave))
    assert notice.timer.isActive()
    notice.action.click()
    assert pressed == [1]
    assert not problems.isVisible()


def test_a_lasting_notice_waits(window: QWidget) -> None:
    notice = Problems(window).show_notice("12 edits are back", "Undo", lasting=True)
    notice.leaveEvent(QEvent(QEvent.Type.Leave))
    assert not notice.timer.isActive()
    assert notice.isVisible()


def test_keys_of_the_window_do_not_reach_into_a_card(window: QWidget) -> None:
    heard: list[str] = []
    for key in ("Space", "Esc"):
        QShortcut(QKeySequence(key), window, lambda key=key: heard.append(key))
    problems = Problems(window)
    problems.show_problem(problem())
    window.activateWindow()
    card = problems.cards[0]
    card.details.fold.setFocus()
    QTest.keyClick(card.details.fold, Qt.Key.Key_Space)
    assert card.details.text.isVisible()
    QTest.keyClick(card.details.fold, Qt.Key.Key_Escape)
    assert not problems.cards
    assert not heard


def test_messages_become_sentences_without_spoiling_names() -> None:
    assert sentence("there is no such file") == "There is no such file."
    assert sentence("a.mp4: there is none") == "a.mp4: there is none."
    assert sentence("Choose another folder.") == "Choose another folder."
