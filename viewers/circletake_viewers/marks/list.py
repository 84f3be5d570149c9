"""The left panel: all marks, best first, with what was decided on each."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.marks.hints import KeyHints
from circletake_viewers.marks.view import MarkView
from circletake_viewers.parts import Elided, button, icon_button, label, line
from circletake_viewers.state.shown import Clock, Marks
from circletake_viewers.state.wish import Order

HEADER = 40
LEAST_ROWS = 4
"""Rows that must fit above the hints; else the hints give way."""

ALL = frozenset(MarkState)


class MarkList(QWidget):
    """Shows `Marks`. Ids are those of the rows; `selected` carries the newest last.

    `filtered` carries the states to be listed, `ordered` an `Order`; the answer to both is another `Marks`.
    `menu_wanted` has an empty id where no row was meant.
    """

    selected = Signal(tuple)
    activated = Signal(str)
    filtered = Signal(frozenset)
    ordered = Signal(object)
    menu_wanted = Signal(str, QPoint)
    renamed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(220)
        self._states, self._order = ALL, Order.RANK
        self._holds = True
        self.view = MarkView(self)
        self._summary = Elided("", "caption")
        self.filter = icon_button("filter", "Filter and order", self)
        self._state_actions: dict[MarkState, QAction] = {}
        self._order_actions: dict[Order, QAction] = {}
        self.menu = self._make_menu()
        self._empty = label(look="caption")
        self._show_all = button("Show all", "link", parent=self)
        self._hidden = button("", "link", parent=self)
        self.hints = KeyHints(self)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_marks(Marks(), Clock())

    # Values in.

    def show_marks(self, marks: Marks, clock: Clock) -> None:
        """List these marks. What is looked at stays in place, unless another order or filter was just asked for."""
        self.view.show_rows(marks.rows, clock, hold=self._holds)
        self._holds = True
        self._summary.setText(marks.summary)
        self._summary.setToolTip(marks.summary)
        self._empty.setText(marks.empty)
        self._show_all.setVisible(not marks.rows and marks.hidden > 0)
        self._hidden.setVisible(bool(marks.rows) and marks.hidden > 0)
        self._hidden.setText(f"{marks.hidden} hidden by the filter  ·  Show all")
        self._pages.setCurrentIndex(0 if marks.rows else 1)

    def show_selection(self, ids: tuple[str, ...]) -> None:
        """Select these rows; the newest comes into view."""
        self.view.show_selection(ids)

    def show_filter(self, states: frozenset[MarkState], order: Order) -> None:
        """Say in the menu what is listed and how."""
        self._states, self._order = states, order
        for state, action in self._state_actions.items():
            action.setChecked(state in states)
        self._order_actions[order].setChecked(True)
        self._tint()

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Print these keys under the list."""
        self.hints.set_keys(keys)
        self._give_room()

    def set_read_only(self, *, read_only: bool) -> None:
        """Let names be typed, or not."""
        self.view.marks.editable = not read_only

    def edit(self, mark_id: str) -> None:
        """Let a mark's name be typed in its row."""
        self.view.edit_name(mark_id)

    # Steps.

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(line(self))
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty_page())
        column.addWidget(self._pages, 1)
        column.addWidget(self._hidden)
        column.addWidget(self.hints)

    def _header(self) -> QWidget:
        made = QWidget(self)
        made.setFixedHeight(HEADER - 1)
        layout = QHBoxLayout(made)
        layout.setContentsMargins(12, 0, 12, 0)
        title = label("Marks")
        title.setFont(theme.font(theme.BODY, QFont.Weight.DemiBold))
        layout.addWidget(title)
        layout.addWidget(self._summary, 1)
        layout.addWidget(self.filter)
        self.filter.setMenu(self.menu)
        self.filter.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return made

    def _empty_page(self) -> QWidget:
        made = QWidget(self)
        layout = QVBoxLayout(made)
        layout.setContentsMargins(24, 24, 24, 24)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        layout.addWidget(self._empty)
        layout.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        return made

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for state in (MarkState.PROPOSED, MarkState.KEPT, MarkState.REJECTED):
            action = QAction(state.value.capitalize(), menu, checkable=True, checked=True)
            action.triggered.connect(self._filter_by_hand)
            menu.addAction(action)
            self._state_actions[state] = action
        menu.addAction("Show all", self._all)
        menu.addSeparator()
        orders = QActionGroup(menu)
        for order in Order:
            action = QAction(f"Order {order.value}", orders, checkable=True, checked=order is self._order)
            action.triggered.connect(lambda _=False, wanted=order: self._ask_order(wanted))
            menu.addAction(action)
            self._order_actions[order] = action
        return menu

    def _connect(self) -> None:
        view = self.view
        view.chosen.connect(self.selected)
        view.played.connect(self.activated)
        view.menu_wanted.connect(self.menu_wanted)
        view.marks.renamed.connect(self.renamed)
        self._show_all.clicked.connect(self._all)
        self._hidden.clicked.connect(self._all)

    def _filter_by_hand(self) -> None:
        self._ask_states(frozenset(state for state, action in self._state_actions.items() if action.isChecked()))

    def _all(self) -> None:
        self._ask_states(ALL)

    def _ask_states(self, states: frozenset[MarkState]) -> None:
        self._holds = False
        self.show_filter(states, self._order)
        self.filtered.emit(states)

    def _ask_order(self, order: Order) -> None:
        self._holds = False
        self.show_filter(self._states, order)
        self.ordered.emit(order)

    def _tint(self) -> None:
        t = theme.current()
        self.filter.setIcon(theme.icon("filter", t.muted if self._states == ALL else t.accent_text))
        left_out = "" if self._states == ALL else ": some are hidden"
        self.filter.setToolTip(f"Filter and order{left_out}")

    def _give_room(self) -> None:
        """The hints show where enough rows are left above them."""
        needed = self.hints.height_at(self.width())
        self.hints.setFixedHeight(needed)
        self.hints.setVisible(0 < needed <= self.height() - HEADER - LEAST_ROWS * theme.ROW)

    # Qt's calls.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether the hints still have room."""
        super().resizeEvent(event)
        self._give_room()

    def changeEvent(self, event: QEvent) -> None:
        """Tint the icon anew in another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._tint()
