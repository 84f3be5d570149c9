"""The list itself: what is under the cursor stays there while rows come and go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QCursor, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from circletake_viewers import theme
from circletake_viewers.marks.model import MarkModel, runs
from circletake_viewers.marks.rows import Mood, RowPainter, draw_row, title_at
from circletake_viewers.state.shown import Clock, MarkRow

SLIDE_MS = 120
"""Time a row takes to its new rank. Source: the design's numbers."""


class MarkView(QListView):
    """Rows of marks. `chosen` carries the selected ids, the newest last; `played` a double-clicked one."""

    chosen = Signal(tuple)
    played = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marks = MarkModel(self)
        self.ids: tuple[str, ...] = ()
        self._painter = RowPainter(self.marks, self)
        self._is_quiet = False
        self._has_told = False
        self._moved = ""
        self._slide = QVariantAnimation(self, duration=SLIDE_MS, endValue=0.0)
        self._slide.valueChanged.connect(lambda _: self.viewport().update())
        self._slide.finished.connect(self._rest)
        self._set_up()
        self.marks.moved.connect(self._begin_slide)
        self.clicked.connect(self._tell_click)
        self.doubleClicked.connect(lambda index: self.played.emit(self.marks.rows[index.row()].id))

    def _set_up(self) -> None:
        self.setModel(self.marks)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.verticalScrollBar().setSingleStep(theme.ROW // 2)
        self.setAccessibleName("Marks")

    def show_rows(self, rows: Sequence[MarkRow], clock: Clock, *, hold: bool = True) -> None:
        """List these rows. With `hold` what is looked at stays in place, else the selected row is brought into view."""
        self._painter.clock = clock
        held = self._looked_at() if hold else ()
        self._rest()
        self._is_quiet = True
        if self.marks.show_rows(rows):
            self.doItemsLayout()
            self._select()
            self._hold(held)
        self._is_quiet = False
        if not hold:
            self.reveal()

    def show_selection(self, ids: tuple[str, ...]) -> None:
        """Select these rows, wherever they were selected, and bring the newest into view."""
        if ids == self.ids:
            return
        self.ids = ids
        self._is_quiet = True
        self._select()
        self._is_quiet = False
        self.reveal()

    def reveal(self) -> None:
        """Bring the newest selected row into view, moving as little as needed."""
        place = self.marks.place(self.ids[-1]) if self.ids else None
        if place is not None:
            self.scrollTo(self.marks.index(place), QAbstractItemView.ScrollHint.EnsureVisible)

    def edit_name(self, mark_id: str) -> None:
        """Let a row's title be typed in its place."""
        place = self.marks.place(mark_id)
        if place is not None:
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.scrollTo(self.marks.index(place), QAbstractItemView.ScrollHint.EnsureVisible)
            self.edit(self.marks.index(place))

    # What stays in place.

    def _looked_at(self) -> tuple[tuple[str, int], ...]:
        """Rows in view with their y, the one under the cursor first; none where the list stands at its top unwatched.

        Seen from the top, better marks that arrive belong above.
        """
        bar, rows = self.verticalScrollBar().value(), self.marks.rows
        first = bar // theme.ROW
        last = min(len(rows), first + self.viewport().height() // theme.ROW + 2)
        seen = [(rows[place].id, place * theme.ROW - bar) for place in range(first, last)]
        y = self._pointed_at()
        if y is not None:
            return tuple(sorted(seen, key=lambda each: abs(each[1] + theme.ROW // 2 - y)))
        return tuple(each for each in seen if each[1] >= 0) if bar > 0 else ()

    def _pointed_at(self) -> int | None:
        """The cursor's y, or None where it is elsewhere."""
        return self.viewport().mapFromGlobal(QCursor.pos()).y() if self.viewport().underMouse() else None

    def _hold(self, seen: tuple[tuple[str, int], ...]) -> None:
        """Scroll so that the first of `seen` that is still listed, and not itself on its way, is where it was."""
        for mark_id, y in seen:
            place = self.marks.place(mark_id)
            if place is not None and mark_id != self._moved:
                self.verticalScrollBar().setValue(place * theme.ROW - y)
                return

    def _begin_slide(self, mark_id: str, source: int, target: int) -> None:
        self._moved = mark_id
        if theme.wants_motion() and self.isVisible():
            self._painter.left_out = mark_id
            self._slide.setStartValue(float((source - target) * theme.ROW))
            self._slide.start()

    def _rest(self) -> None:
        """Every row is where it belongs."""
        self._slide.stop()
        self._moved = self._painter.left_out = ""
        self.viewport().update()

    # Selection.

    def _select(self) -> None:
        """Make Qt's selection that of `ids`, without scrolling."""
        places = {mark_id: self.marks.place(mark_id) for mark_id in self.ids}
        listed = sorted(place for place in places.values() if place is not None)
        selection = QItemSelection()
        for first, last in runs(listed):
            selection.select(self.marks.index(first), self.marks.index(last))
        scrolls = self.hasAutoScroll()
        self.setAutoScroll(False)
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flag.ClearAndSelect)
        newest = places[self.ids[-1]] if self.ids else None
        current = self.marks.index(newest) if newest is not None else QModelIndex()
        self.selectionModel().setCurrentIndex(current, flag.NoUpdate)
        self.setAutoScroll(scrolls)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell what a hand selected."""
        super().selectionChanged(selected, deselected)
        if self._is_quiet:
            return
        rows = self.marks.rows
        found = self.selectionModel().selection()
        spans = sorted((span.top(), span.bottom()) for span in map(found.at, range(found.count())))
        now = [row.id for first, last in spans for row in rows[first : last + 1]]
        held = set(now)
        before = set(self.ids)
        ids = [*(each for each in self.ids if each in held), *(each for each in now if each not in before)]
        current = self.currentIndex().row()
        if 0 <= current < len(rows) and rows[current].id in held:
            ids.remove(rows[current].id)
            ids.append(rows[current].id)
        self.ids = tuple(ids)
        self._has_told = True
        self.chosen.emit(self.ids)

    def _tell_click(self) -> None:
        """A click on what is selected already is one too: the others go there."""
        if not self._has_told:
            self.chosen.emit(self.ids)

    # Qt's calls.

    def dataChanged(
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Paint anew; rows keep their height, so nothing is laid out, which a plain list would do for all of them."""
        QAbstractItemView.dataChanged(self, first, last, list(roles))

    def edit(self, index: QModelIndex | QPersistentModelIndex, *how: object) -> bool | None:  # type: ignore[override]  # Qt has two of this name
        """Edit; by a second click only where it meets the title, since a row is clicked to go there too."""
        if not how:
            super().edit(index)
            return None
        trigger, event = cast("tuple[QAbstractItemView.EditTrigger, QEvent]", how)
        if trigger is QAbstractItemView.EditTrigger.SelectedClicked and isinstance(event, QMouseEvent):
            title = title_at(self.visualRect(index), self.marks.rows[index.row()], self.layoutDirection())
            if not title.contains(event.position().toPoint()):
                return False
        return bool(super().edit(index, trigger, event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click."""
        self._has_told = False
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter plays; the one that ends typing a name comes by here too, and does not."""
        is_typing = self.state() is QAbstractItemView.State.EditingState
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not is_typing and self.currentIndex().isValid():
            self.played.emit(self.marks.rows[self.currentIndex().row()].id)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the row pointed at, or of the current one."""
        index, place = self.indexAt(event.pos()), event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        self.menu_wanted.emit(self.marks.rows[index.row()].id if index.isValid() else "", place)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still."""
        super().hideEvent(event)
        self._rest()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and over them the one on its way."""
        super().paintEvent(event)
        place = self.marks.place(self._painter.left_out) if self._painter.left_out else None
        if place is None:
            return
        row = self.marks.rows[place]
        rect = self.visualRect(self.marks.index(place)).translated(0, round(self._slide.currentValue() or 0))
        mood = Mood(
            self._painter.clock, self.layoutDirection(), selected=row.id in self.ids, ratio=self.devicePixelRatioF()
        )
        painter = QPainter(self.viewport())
        painter.fillRect(rect, theme.color(theme.current().panel))
        draw_row(painter, rect, row, mood)
        painter.end()
