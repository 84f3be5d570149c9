"""A timeline on the screen, and the hand that moves over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.viewers.timeline.values import cut_of, mark, strip

from circletake.timeline.model import MarkState
from circletake_viewers.timeline.lanes import Lane, rows
from circletake_viewers.timeline.view import TimelineView

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton

MARKS = (mark("a", 300, 500, MarkState.KEPT), mark("b", 800, 1000), mark("c", 1200, 1400, MarkState.REJECTED))


@dataclass
class Hand:
    """Presses and moves over the canvas, in its pixels."""

    view: TimelineView
    app: QApplication

    def x(self, frame: float) -> float:
        return self.view.canvas.scale.x(frame)

    def y(self, lane: Lane) -> float:
        row = rows(self.view.canvas.height())[lane]
        return row.top + row.height / 2

    def press(self, frame: float, lane: Lane, keys: Qt.KeyboardModifier = NONE, by: float = 0.0) -> None:
        self._send(QEvent.Type.MouseButtonPress, QPointF(self.x(frame) + by, self.y(lane)), LEFT, keys)

    def move(self, x: float, lane: Lane, keys: Qt.KeyboardModifier = NONE) -> None:
        self._send(QEvent.Type.MouseMove, QPointF(x, self.y(lane)), Qt.MouseButton.NoButton, keys)

    def release(self, x: float, lane: Lane, keys: Qt.KeyboardModifier = NONE) -> None:
        self._send(QEvent.Type.MouseButtonRelease, QPointF(x, self.y(lane)), LEFT, keys)

    def drag(self, frame: float, to: float, lane: Lane, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(frame, lane, keys)
        end = self.x(to)
        for x in (self.x(frame) + 5, (self.x(frame) + end) / 2, end):
            self.move(x, lane, keys)
        self.release(end, lane, keys)

    def double(self, frame: float, lane: Lane) -> None:
        self._send(QEvent.Type.MouseButtonDblClick, QPointF(self.x(frame), self.y(lane)), LEFT, NONE)

    def wheel(self, x: float, notches: float, keys: Qt.KeyboardModifier = NONE) -> None:
        place = QPointF(x, self.y(Lane.CURVES))
        turn, phase = QPoint(0, round(notches * 120)), Qt.ScrollPhase.NoScrollPhase
        glob = self.view.canvas.mapToGlobal(place)
        event = QWheelEvent(place, glob, QPoint(), turn, Qt.MouseButton.NoButton, keys, phase, False)
        self.app.sendEvent(self.view.canvas, event)

    def _send(self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        held = LEFT if kind is not QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
        event = QMouseEvent(kind, place, self.view.canvas.mapToGlobal(place), button, held, keys)
        self.app.sendEvent(self.view.canvas, event)


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> Iterator[TimelineView]:
    """Sixty seconds at 25 frames, three marks on them, 1232 pixels wide."""
    made = TimelineView()
    made.resize(1232, 330)
    made.show_cut(cut_of(strip(60.0)))
    made.show_marks(MARKS)
    with qtbot.waitExposed(made):
        made.show()
    settle(qtbot, made)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def hand(view: TimelineView, qapp: QApplication) -> Hand:
    """Over that timeline."""
    return Hand(view, qapp)


def settle(qtbot: QtBot, view: TimelineView) -> None:
    """Wait until every tile in sight is drawn."""
    view.canvas.repaint()
    qtbot.waitUntil(lambda: view.canvas.settled)


def picture(qtbot: QtBot, view: TimelineView) -> QImage:
    """The canvas as it is seen."""
    settle(qtbot, view)
    return view.canvas.grab().toImage()
