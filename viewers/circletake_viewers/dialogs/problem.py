"""Cards in the lower right corner: a problem with what to do about it, and a notice that goes by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from circletake_viewers import theme
from circletake_viewers.desk import Problem
from circletake_viewers.dialogs.frame import Details, is_escape, keep_own_keys, selectable, sentence, wrapped
from circletake_viewers.parts import Sign, button, icon_button, label, row

SHOWN = 3
"""Problem cards shown at once; further ones wait behind them."""

WIDTH = 400
EDGE = 12
"""Sizes in pixels; `EDGE` is the distance from the window's border."""

NOTICE_MS = 6000
"""How long a notice stays: twice the time that ten words take to read."""


class ProblemCard(QFrame):
    """Three lines: what was tried, what stood in the way, what to do; and details to copy. `closed` when put away."""

    closed = Signal()

    def __init__(self, problem: Problem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self.setObjectName("card")
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        error = problem.error
        self.lines = (problem.tried, sentence(error.message), sentence(error.hint))
        self.setAccessibleName(" ".join((sentence(f"{problem.tried} did not work"), *self.lines[1:])))
        self.close_button = icon_button("close", "Close this (Esc)", size=theme.SMALL_ICON)
        self.close_button.clicked.connect(self.closed)
        self.details = Details(self.lines, error.details)
        self._lay_out()

    def _lay_out(self) -> None:
        sign = Sign("error")
        tried = wrapped(self.lines[0])
        tried.setFont(theme.font(theme.BODY, theme.font(theme.BODY).Weight.DemiBold))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(tried, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        for text in (wrapped(self.lines[1]), wrapped(self.lines[2], "caption")):
            selectable(text).setContentsMargins(theme.ICON + 8, 0, 8, 0)
            text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            layout.addWidget(text)
        self.details.setContentsMargins(theme.ICON + 2, 0, 0, 0)
        layout.addWidget(self.details)

    def event(self, event: QEvent) -> bool:
        """Let its own buttons have their keys."""
        keep_own_keys(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away."""
        if is_escape(event):
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class Notice(QFrame):
    """A quiet line, with a button where there is something to do with it. It goes by itself; the mouse holds it."""

    closed = Signal()

    def __init__(self, text: str, action: str = "", parent: QWidget | None = None, *, lasting: bool = False) -> None:
        """A `lasting` one stays until it is closed or its button pressed."""
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(WIDTH)
        self.text = text
        self.setAccessibleName(text)
        self.action = button(action, "link")
        self.action.setVisible(bool(action))
        self.action.clicked.connect(self.closed)
        close = icon_button("close", "Close this", size=theme.SMALL_ICON)
        close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(wrapped(text), 1)
        layout.addWidget(self.action)
        layout.addWidget(close)
        self.timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self.timer.timeout.connect(self.closed)
        self._lasting = lasting
        self._wait()

    def _wait(self) -> None:
        if not self._lasting:
            self.timer.start()

    def event(self, event: QEvent) -> bool:
        """Let its own buttons have their keys."""
        keep_own_keys(event)
        return super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the mouse is over it."""
        super().enterEvent(event)
        self.timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go after a while."""
        super().leaveEvent(event)
        self._wait()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self.timer.stop()


class Problems(QWidget):
    """Holds the cards over the lower right corner of `parent`, `above` pixels from its lower edge."""

    def __init__(self, parent: QWidget, above: int = theme.STATUS_BAR) -> None:
        super().__init__(parent)
        self._host, self._above = parent, above
        self._waiting: list[ProblemCard] = []
        self.more = label(look="caption")
        self.close_all = button("Close all", "link")
        self.close_all.clicked.connect(self.clear)
        self._many = QFrame()
        self._many.setObjectName("card")
        heap = row(self.more, None, self.close_all)
        heap.setContentsMargins(12, 4, 8, 4)
        self._many.setLayout(heap)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._many)
        parent.installEventFilter(self)
        self._place()

    def keep_off(self, above: int) -> None:
        """Stay so many pixels from the lower edge: what is worked on there is not covered."""
        if above != self._above:
            self._above = above
            self._place()

    @property
    def cards(self) -> tuple[ProblemCard, ...]:
        """The problems not put away yet, the newest first."""
        return tuple(self._waiting)

    def show_problem(self, problem: Problem) -> None:
        """Show a problem above all else; one that is told already is not told twice."""
        same = next((card for card in self._waiting if card.problem == problem), None)
        if same is not None:
            self._waiting.remove(same)
            self._waiting.insert(0, same)
        else:
            card = ProblemCard(problem, self)
            card.closed.connect(lambda: self._put_away(card))
            card.details.turned.connect(self._place)
            self._layout.addWidget(card)
            self._waiting.insert(0, card)
        self._arrange()
        _announce(self._waiting[0])

    def show_notice(
        self, text: str, action: str = "", then: Callable[[], object] | None = None, *, lasting: bool = False
    ) -> Notice:
        """Say something quietly; `then` is called when the button named `action` is pressed.

        A `lasting` notice waits until it is answered or closed: for what is lost once it has gone.
        """
        notice = Notice(text, action, self, lasting=lasting)
        if then is not None:
            notice.action.clicked.connect(lambda _=False: then())
        notice.closed.connect(lambda: self._drop(notice))
        self._layout.insertWidget(0, notice)
        notice.show()
        self._arrange()
        _announce(notice)
        return notice

    def close_newest(self) -> bool:
        """Put the newest problem away; tell whether there was one."""
        if not self._waiting:
            return False
        self._put_away(self._waiting[0])
        return True

    def clear(self) -> None:
        """Put all problems away."""
        for card in tuple(self._waiting):
            self._drop(card)
        self._waiting.clear()
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the corner when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _put_away(self, card: ProblemCard) -> None:
        if card in self._waiting:
            self._waiting.remove(card)
            self._drop(card)
            self._arrange()

    def _drop(self, widget: QWidget) -> None:
        widget.hide()
        self._layout.removeWidget(widget)
        widget.deleteLater()
        self._place()

    def _arrange(self) -> None:
        """The newest stand lowest, nearest to the corner."""
        for card in self._waiting:
            self._layout.removeWidget(card)
        for place, card in enumerate(reversed(self._waiting)):
            self._layout.addWidget(card)
            card.setVisible(place >= len(self._waiting) - SHOWN)
        behind = len(self._waiting) - SHOWN
        self._many.setVisible(behind > 0)
        self.more.setText(f"and {behind} more problem{'' if behind == 1 else 's'}")
        self._place()

    def _place(self) -> None:
        host = self._host
        self._layout.activate()
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        self.setVisible(any(not each.isHidden() for each in self.findChildren(QFrame, options=direct)))
        height = min(self._layout.totalHeightForWidth(WIDTH), host.height() - self._above - 2 * EDGE)
        self.setGeometry(host.width() - WIDTH - EDGE, host.height() - self._above - EDGE - height, WIDTH, height)
        self.raise_()


def _announce(widget: QWidget) -> None:
    """Let screen readers speak it."""
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
