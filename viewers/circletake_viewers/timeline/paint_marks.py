"""Marks as boxes: the less room one has, the less it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.state.shown import MarkRow
from circletake_viewers.timeline.scene import Scene, draw_covered, runs, width_of, within
from circletake_viewers.timeline.stack import DEEPEST, LEAST, STATES, Stack, row_at, row_of
from circletake_viewers.timeline.tiles import WIDTH, Sheet

ONLY_RANK = 40.0
ONLY_COLOR = 12.0
"""Pixels below which a mark shows its rank alone, or its colour alone. Source: the design's numbers."""

STICKY = 400.0
"""Pixels from which a mark's words are drawn over the tiles, at its visible left end."""


FAINT = 0.6
"""How strong a mark looks that was rejected, or may still move while curves grow."""

UPWARDS = (MarkState.REJECTED, MarkState.PROPOSED, MarkState.KEPT)
"""Which colour lies over which, where marks share a pixel."""


def paint_marks(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of them."""
    stack = scene.stack
    around = 2 / sheet.per_frame
    numbers = stack.between(sheet.first - around, sheet.last + around)
    wide = (stack.ends[numbers] - stack.starts[numbers]) * sheet.per_frame >= ONLY_COLOR
    chosen = [each for each in (stack.index.get(mark_id) for mark_id in scene.selected) if each is not None]
    _paint_narrow(painter, sheet, stack, numbers[~wide], chosen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    picked = np.isin(numbers, chosen)
    for number in (*numbers[wide & ~picked].tolist(), *numbers[wide & picked].tolist()):
        row = stack.rows[number]
        top, size = row_of(stack, number, sheet.height)
        box = QRectF(sheet.x(row.start), top, (row.end - row.start) * sheet.per_frame, size)
        draw_mark(painter, within(box, WIDTH), row, is_selected=row.id in scene.selected)
        if box.width() < STICKY:
            draw_words(painter, box, row)


def _paint_narrow(painter: QPainter, sheet: Sheet, stack: Stack, numbers: NDArray[np.intp], chosen: list[int]) -> None:
    """Marks that show only a colour, as runs of pixels: a box for each would make thousands. Kept ones lie on top."""
    if not len(numbers):
        return
    lefts = np.round((stack.starts[numbers] * sheet.per_frame - sheet.left) * sheet.ratio)
    wide = (stack.ends[numbers] - stack.starts[numbers]) * sheet.per_frame
    # A pixel apart where that leaves enough of each.
    rights = lefts + np.round(np.where(wide > 4, wide - 1, np.maximum(wide, LEAST)) * sheet.ratio)
    kinds = np.where(np.isin(numbers, chosen), len(STATES), stack.states[numbers])
    places = stack.depths[numbers] * DEEPEST + stack.levels[numbers]
    for kind in (*(STATES.index(each) for each in UPWARDS), len(STATES)):
        covered = np.zeros((round(sheet.height * sheet.ratio), round(WIDTH * sheet.ratio)), np.float32)
        color, share = _solid(kind)
        for place in np.unique(places[kinds == kind]).tolist():
            alike = (kinds == kind) & (places == place)
            top, size = row_at(place % DEEPEST, place // DEEPEST, sheet.height)
            lane = slice(round(top * sheet.ratio), round((top + size) * sheet.ratio))
            covered[lane, runs(lefts[alike], rights[alike], covered.shape[1])] = share
        draw_covered(painter, 0, covered, color, sheet.ratio)


def _solid(kind: int) -> tuple[str, float]:
    seen = theme.current()
    if kind == len(STATES):
        return seen.accent, 1.0
    return {
        MarkState.KEPT: (seen.kept, 1.0),
        MarkState.PROPOSED: (seen.proposed, 0.85),
        MarkState.REJECTED: (seen.faint, 0.45),
    }[STATES[kind]]


def draw_mark(painter: QPainter, box: QRectF, row: MarkRow, *, is_selected: bool) -> None:
    """A mark's box in its state's look."""
    seen = theme.current()
    fill, line, style = {
        MarkState.KEPT: (seen.kept_fill, seen.kept, Qt.PenStyle.SolidLine),
        MarkState.PROPOSED: (seen.proposed_fill, seen.proposed, Qt.PenStyle.SolidLine),
        MarkState.REJECTED: (seen.raised, seen.faint, Qt.PenStyle.DashLine),
    }[row.state]
    strength = FAINT if row.provisional else 1.0
    pen = QPen(theme.color(seen.accent), 2) if is_selected else QPen(theme.faded(line, strength), 1, style)
    if style is Qt.PenStyle.DashLine and not is_selected:
        pen.setDashPattern([3, 3])
    inset = pen.widthF() / 2
    painter.setPen(pen)
    painter.setBrush(theme.faded(fill, FAINT if row.state is MarkState.REJECTED else strength))
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), theme.RADIUS_MARK, theme.RADIUS_MARK)


def draw_words(painter: QPainter, box: QRectF, row: MarkRow) -> None:
    """Rank at the left, score at the right, and between them as much of the title as there is room for."""
    seen = theme.current()
    is_rejected = row.state is MarkState.REJECTED
    size = theme.CAPTION if box.height() >= 20 else theme.SMALL
    color = seen.faint if is_rejected else seen.muted if row.provisional else seen.text
    plain, bold = theme.font(size), theme.font(size, QFont.Weight.DemiBold)
    rank = str(row.rank)
    middle = Qt.AlignmentFlag.AlignVCenter
    if box.height() < 11:
        return
    if box.width() < ONLY_RANK:
        if width_of(rank, plain) <= box.width() - 4:
            _text(painter, box, rank, plain, color, Qt.AlignmentFlag.AlignCenter)
        return
    inner = box.adjusted(10, 0, -10, 0) if box.width() >= 80 else box.adjusted(5, 0, -5, 0)
    _text(painter, inner, rank, plain, color if is_rejected else seen.muted, Qt.AlignmentFlag.AlignLeft | middle)
    score = "" if row.score is None else f"{row.score:.0f}"
    used = width_of(score, bold)
    begin = width_of(rank, plain) + 7
    if begin + used + 4 > inner.width():
        return
    _text(painter, inner, score, plain if is_rejected else bold, color, Qt.AlignmentFlag.AlignRight | middle)
    room = inner.adjusted(begin, 0, -(used + 8), 0)
    struck = theme.font(size, struck=is_rejected)
    title = QFontMetricsF(struck).elidedText(row.title, Qt.TextElideMode.ElideRight, room.width())
    if room.width() >= 18 and title not in ("", "…"):
        _text(painter, room, title, struck, color, Qt.AlignmentFlag.AlignLeft | middle)


def _text(painter: QPainter, box: QRectF, text: str, font: QFont, color: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(theme.color(color))
    painter.drawText(box, int(where | Qt.AlignmentFlag.AlignAbsolute | Qt.TextFlag.TextSingleLine), text)
