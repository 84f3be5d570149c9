"""How a row of the list is painted: state, title, place and length, the score's shape, the score."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.marks.fields import Field
from circletake_viewers.marks.model import MarkModel, sign
from circletake_viewers.state.marks import LEVELS, length_text
from circletake_viewers.state.shown import Clock, MarkRow

SIGN = 14
NOTE = 12
BAR, BAR_GAP, BAR_HEIGHT = 4, 2, 20
SHAPE = LEVELS * BAR + (LEVELS - 1) * BAR_GAP
SCORE = 34
"""Width of a score: three figures."""

TEXT_LEFT, MARGIN, EDGE = 38, 12, 3
NARROW = 240
"""Width below which the shape makes room for the title."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the parts of a row are, in pixels; mirrored where one reads from the right."""

    sign: QRect
    title: QRect
    second: QRect
    shape: QRect
    score: QRect
    edge: QRect


def cells_of(rect: QRect, direction: Qt.LayoutDirection) -> Cells:
    """The parts of a row that takes up `rect`."""
    left, top, right, middle = rect.left(), rect.top(), rect.right() + 1, rect.center().y() + 1
    score = QRect(right - MARGIN - SCORE, top, SCORE, rect.height())
    room = SHAPE if rect.width() >= NARROW else 0
    shape = QRect(score.left() - 4 - room, middle - BAR_HEIGHT // 2, room, BAR_HEIGHT)
    width = max(0, shape.left() - 8 - left - TEXT_LEFT)
    found = (
        QRect(left + 13, middle - SIGN // 2, SIGN, SIGN),
        QRect(left + TEXT_LEFT, middle - 19, width, 20),
        QRect(left + TEXT_LEFT, middle + 1, width, 16),
        shape,
        score,
        QRect(left, top, EDGE, rect.height()),
    )
    return Cells(*(QStyle.visualRect(direction, rect, each) for each in found))


def title_at(rect: QRect, row: MarkRow, direction: Qt.LayoutDirection) -> QRect:
    """Where the words of a row's title are, without the empty rest of their cell."""
    cell = cells_of(rect, direction).title
    words = QRect(cell)
    words.setWidth(min(cell.width(), QFontMetrics(theme.font(theme.BODY)).horizontalAdvance(row.title)))
    return QStyle.visualRect(direction, cell, words)


@dataclass(frozen=True, slots=True)
class Mood:
    """What a row's looks depend on besides itself."""

    clock: Clock
    direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight
    selected: bool = False
    hovered: bool = False
    ratio: float = 1.0


def draw_row(painter: QPainter, rect: QRect, row: MarkRow, mood: Mood) -> None:
    """Paint one row."""
    cells = cells_of(rect, mood.direction)
    painter.setLayoutDirection(mood.direction)
    _draw_ground(painter, rect, cells, mood)
    _draw_sign(painter, cells.sign, row, mood)
    _draw_words(painter, cells, row, mood)
    _draw_shape(painter, cells.shape, row, mood)
    _draw_score(painter, cells.score, row)


def _draw_ground(painter: QPainter, rect: QRect, cells: Cells, mood: Mood) -> None:
    t = theme.current()
    if mood.selected:
        painter.fillRect(rect, theme.color(t.accent_fill))
        painter.fillRect(cells.edge, theme.color(t.accent))
    elif mood.hovered:
        painter.fillRect(rect, theme.faded(t.hover, 0.4))
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color(t.line))


def _draw_sign(painter: QPainter, cell: QRect, row: MarkRow, mood: Mood) -> None:
    """A tick, a dot or a cross; a ring where nothing is settled yet."""
    t = theme.current()
    if row.provisional or row.state is MarkState.PROPOSED:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(t.faint), 1.4) if row.provisional else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if row.provisional else theme.color(t.proposed))
        painter.drawEllipse(QPointF(cell.center()) + QPointF(0.5, 0.5), 3.6, 3.6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        return
    ink = t.kept if row.state is MarkState.KEPT else t.faint
    painter.drawPixmap(cell, theme.pixmap(sign(row), SIGN, ink, mood.ratio))


def _draw_words(painter: QPainter, cells: Cells, row: MarkRow, mood: Mood) -> None:
    t = theme.current()
    is_rejected = row.state is MarkState.REJECTED
    ink = t.faint if is_rejected else t.muted if row.provisional else t.text
    start = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    _draw_text(painter, cells.title, row.title, theme.font(theme.BODY, struck=is_rejected), ink, start)
    words = second_line(row, mood.clock)
    small = theme.font(theme.CAPTION)
    _draw_text(painter, cells.second, words, small, t.muted, start)
    end = QFontMetrics(small).horizontalAdvance(words) + 8
    if row.noted and end + NOTE <= cells.second.width():
        spot = QRect(cells.second.left() + end, cells.second.center().y() - NOTE // 2 + 1, NOTE, NOTE)
        spot = QStyle.visualRect(mood.direction, cells.second, spot)
        painter.drawPixmap(spot, theme.pixmap("note", NOTE, t.muted, mood.ratio))


def second_line(row: MarkRow, clock: Clock) -> str:
    """`00:00:27:00  ·  10.9 s`, and that it may still change."""
    parts = (clock.timecode(row.start), length_text(clock.seconds(row.end - row.start)))
    return "  ·  ".join((*parts, "so far") if row.provisional else parts)


def _draw_shape(painter: QPainter, cell: QRect, row: MarkRow, mood: Mood) -> None:
    """Six bars, from a foot of two pixels to the height of the cell."""
    if not row.shape or not cell.width():
        return
    t = theme.current()
    ink = theme.color(t.accent) if mood.selected else theme.faded(t.faint, 0.3 if row.provisional else 0.6)
    levels = row.shape if mood.direction is Qt.LayoutDirection.LeftToRight else row.shape[::-1]
    for place, level in enumerate(levels):
        height = 2 + round((BAR_HEIGHT - 2) * min(1.0, max(0.0, level)))
        left = cell.left() + place * (BAR + BAR_GAP)
        painter.fillRect(left, cell.bottom() + 1 - height, BAR, height, ink)


def _draw_score(painter: QPainter, cell: QRect, row: MarkRow) -> None:
    t = theme.current()
    is_quiet = row.provisional or row.state is MarkState.REJECTED
    text = "–" if row.score is None else f"{row.score:.0f}"
    font = theme.font(theme.TITLE, QFont.Weight.DemiBold)
    end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    _draw_text(painter, cell, text, font, t.muted if is_quiet or row.score is None else t.text, end)


def _draw_text(painter: QPainter, cell: QRect, text: str, font: QFont, ink: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
    painter.drawText(QRectF(cell), int(where | Qt.TextFlag.TextSingleLine), shown)


class RowPainter(QStyledItemDelegate):
    """Paints rows of a `MarkModel`, and lets a title be typed in its place."""

    def __init__(self, model: MarkModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.clock = Clock()
        self.left_out = ""
        """A row that is on its way and painted elsewhere."""

    def _mood(self, option: QStyleOptionViewItem) -> Mood:
        """What the view says of a row."""
        state = option.state
        return Mood(
            self.clock,
            option.direction,
            selected=bool(state & QStyle.StateFlag.State_Selected),
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            ratio=option.widget.devicePixelRatioF(),
        )

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        row = self._model.rows[index.row()]
        if row.id != self.left_out:
            draw_row(painter, option.rect, row, self._mood(option))

    def sizeHint(self, _: QStyleOptionViewItem, __: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are of one height."""
        return QSize(0, theme.ROW)

    def createEditor(
        self, parent: QWidget, _: QStyleOptionViewItem, __: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A field that keeps its keys to itself."""
        made = Field(parent)
        made.setAccessibleName("Name of the mark")
        return made

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Fill it once; what is being typed is not replaced when the row changes."""
        if isinstance(editor, Field) and not editor.isModified() and not editor.text():
            editor.setText(self._model.rows[index.row()].title)
            editor.selectAll()

    def setModelData(self, editor: QWidget, _: object, index: QModelIndex | QPersistentModelIndex) -> None:
        """Hand over what was typed."""
        if isinstance(editor, Field):
            self._model.setData(index, editor.text())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Over the title, wide enough to type."""
        cells = cells_of(option.rect, option.direction)
        editor.setGeometry(cells.title.united(cells.shape).adjusted(-9, -4, 0, -(cells.shape.height() // 2) + 4))
