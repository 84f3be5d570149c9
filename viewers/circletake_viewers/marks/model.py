"""The rows as Qt asks for them, changed by difference: what stays is not touched, so selection and place stay too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from circletake.timeline.model import MarkState
from circletake_viewers.parts import plain_tip
from circletake_viewers.state.shown import MarkRow

MOST_STEPS = 200
"""Runs of rows that come or go one by one; with more, starting anew is quicker."""

Index = QModelIndex | QPersistentModelIndex


class MarkModel(QAbstractListModel):
    """Holds `rows`. `renamed` carries a row's id and the name typed; `moved` a row's id, old place and new place."""

    renamed = Signal(str, str)
    moved = Signal(str, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[MarkRow] = ()
        self.editable = True
        self._places: dict[str, int] | None = {}

    def place(self, mark_id: str) -> int | None:
        """Where a row is, or None where it is not listed."""
        if self._places is None:
            self._places = {row.id: place for place, row in enumerate(self.rows)}
        return self._places.get(mark_id)

    def show_rows(self, rows: Sequence[MarkRow]) -> bool:
        """Hold these rows. Tells whether any came, went or moved."""
        before = self.rows
        if rows is before:
            return False
        is_same = len(rows) == len(before) and all(a is b or a.id == b.id for a, b in zip(before, rows, strict=True))
        if not is_same:
            self._places = None
            self._reshape(rows)
        self.rows = rows
        self._tell_changed(before, is_same=is_same)
        return not is_same

    def _tell_changed(self, before: Sequence[MarkRow], *, is_same: bool) -> None:
        """Rows that look otherwise; where some moved, any may."""
        if is_same:
            changed = [place for place, (a, b) in enumerate(zip(before, self.rows, strict=True)) if a is not b]
        else:
            changed = [0, len(self.rows) - 1] if self.rows else []
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))

    def _reshape(self, rows: Sequence[MarkRow]) -> None:
        wanted, held = {row.id for row in rows}, {row.id for row in self.rows}
        gone = runs(place for place, row in enumerate(self.rows) if row.id not in wanted)
        come = runs(place for place, row in enumerate(rows) if row.id not in held)
        if len(gone) + len(come) > MOST_STEPS:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            self.rows = (*self.rows[:first], *self.rows[last + 1 :])
            self.endRemoveRows()
        self._reorder(tuple(row for row in rows if row.id in held))
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            self.rows = (*self.rows[:first], *rows[first : last + 1], *self.rows[first:])
            self.endInsertRows()

    def _reorder(self, rows: tuple[MarkRow, ...]) -> None:
        old, new = [row.id for row in self.rows], [row.id for row in rows]
        if old == new:
            return
        step = single_move(old, new)
        if step is None:
            self._lay_out_anew(rows, new)
            return
        source, target = step
        self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), target + (target > source))
        self.rows = rows
        self.endMoveRows()
        self.moved.emit(new[target], source, target)

    def _lay_out_anew(self, rows: tuple[MarkRow, ...], ids: Sequence[str]) -> None:
        """Another order: what points at a row follows it."""
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        places = {mark_id: place for place, mark_id in enumerate(ids)}
        followed = [self.createIndex(places[self.rows[each.row()].id], 0) for each in held]
        self.rows = rows
        self.changePersistentIndexList(held, followed)
        self.layoutChanged.emit()

    # Qt's calls.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default, never changed
        """How many are listed."""
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be selected; names can be edited once the mark is whole."""
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        row = self._row(index)
        can_edit = self.editable and row is not None and not row.provisional
        return usual | Qt.ItemFlag.ItemIsEditable if can_edit else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title, whole where it is pointed at, and a row in words for screen readers."""
        row = self._row(index)
        if row is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.title)
        return spoken(row) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell of a new name; the row follows when the project has it."""
        row = self._row(index)
        text = str(value).strip()
        if row is None or role != Qt.ItemDataRole.EditRole or not text or text == row.title:
            return False
        self.renamed.emit(row.id, text)
        return True

    def _row(self, index: Index) -> MarkRow | None:
        return self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None


def spoken(row: MarkRow) -> str:
    """`rank 2, kept, Loud burst, score 94`."""
    state = "found so far" if row.provisional else row.state.value
    score = "no score" if row.score is None else f"score {row.score:.0f}"
    return ", ".join((f"rank {row.rank}", state, row.title, score, *(("has a note",) if row.noted else ())))


def sign(row: MarkRow) -> str:
    """The icon of a row's state."""
    return {MarkState.KEPT: "check", MarkState.PROPOSED: "dot", MarkState.REJECTED: "reject"}[row.state]


def runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """Rising places as runs (first, last) without a hole."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found


def single_move(old: Sequence[str], new: Sequence[str]) -> tuple[int, int] | None:
    """Where the one row stood and stands that makes `new` of `old` (the same names), or None where it takes more."""
    first = next(place for place, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
    last = next(place for place in range(len(old) - 1, -1, -1) if old[place] != new[place])
    if old[first] == new[last] and old[first + 1 : last + 1] == new[first:last]:
        return first, last
    if old[last] == new[first] and old[first:last] == new[first + 1 : last + 1]:
        return last, first
    return None
