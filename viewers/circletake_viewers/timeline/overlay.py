"""What is drawn over the lanes: playhead, cursor line, read-outs, and the range that is tried."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from circletake_viewers import theme
from circletake_viewers.state.shown import Clock, Flag, MarkRow
from circletake_viewers.timeline.hits import Hit
from circletake_viewers.timeline.lanes import Lane, Row
from circletake_viewers.timeline.paint_marks import STICKY, draw_mark, draw_words
from circletake_viewers.timeline.scale import PAD, Scale
from circletake_viewers.timeline.scene import width_of, within
from circletake_viewers.timeline.snapping import WORDS, Part, Span
from circletake_viewers.timeline.stack import Stack, row_of

HEAD = 11
"""Pixels the playhead's head is wide; odd, so that its tip lies on the line."""

PLATE = 20
"""Pixels a read-out is high."""

LONGEST = 60
"""Letters of a flag's name beside the cursor; the tool tip has all of it."""

GHOST = 0.65
"""How much a mark fades where it was while another place is tried."""


@dataclass(frozen=True, slots=True)
class Readout:
    """A few words on a plate beside the place they speak of, `x`; with a line there in the accent when it `snaps`."""

    text: str
    x: float
    top: int
    snaps: bool = False

    def box(self, width: int) -> QRectF:
        """Where the plate lies, inside of a widget of this width."""
        size = width_of(self.text, theme.font(theme.SMALL)) + 16
        left = self.x + 8 if self.x + 8 + size <= width else self.x - 8 - size
        return QRectF(min(max(0.0, left), max(0.0, width - size)), self.top, size, PLATE)


def stripe(x: float, height: int) -> QRect:
    """What must be painted again when the playhead or the cursor line leaves or reaches a pixel."""
    return QRect(round(x) - HEAD, 0, 2 * HEAD + 1, height)


def pointed_at(clock: Clock, frame: int) -> str:
    """What the cursor says about a place."""
    return f"{clock.timecode(frame)}  ·  {clock.seconds(frame):.2f} s  ·  frame {frame}"


def flag_words(clock: Clock, flags: tuple[Flag, ...]) -> str:
    """What the cursor says over a flag: its name, cut short, and where it stands."""
    name = flags[0].name or flags[0].kind or "marker"
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    others = f"  ·  {len(flags) - 1} more" if len(flags) > 1 else ""
    return f"{name}  ·  {clock.timecode(flags[0].start)}{others}"


def edge_words(clock: Clock, hit: Hit) -> str:
    """What the cursor says over a mark's edge."""
    place = hit.row.start if hit.part is Part.START else hit.row.end
    return f"{_name(hit.part)} {clock.timecode(place)}  ·  {clock.seconds(hit.row.end - hit.row.start):.1f} s"


def tried_words(clock: Clock, held: Span, span: Span, part: Part) -> str:
    """What is said while a mark is dragged: where, how long, how many frames away from before, what it clings to."""
    place, before = (span.end, held.end) if part is Part.END else (span.start, held.start)
    length = f"{clock.seconds(span.end - span.start):.1f} s"
    where = f"{_name(part)} {clock.timecode(place)}"
    if part is Part.BODY:
        where = f"{clock.timecode(span.start)} – {clock.timecode(span.end)}"
    words = [where, length, f"{place - before:+d} frames" if abs(place - before) != 1 else f"{place - before:+d} frame"]
    return "  ·  ".join(words + ([f"at {WORDS[span.snap.kind]}"] if span.snap else []))


def new_words(clock: Clock, span: Span) -> str:
    """What is said while a new range is drawn."""
    words = [f"New {clock.timecode(span.start)} – {clock.timecode(span.end)}"]
    words.append(f"{clock.seconds(span.end - span.start):.1f} s")
    return "  ·  ".join(words + ([f"at {WORDS[span.snap.kind]}"] if span.snap else []))


def _name(part: Part) -> str:
    return "In" if part is Part.START else "Out"


def draw_sticky_words(painter: QPainter, stack: Stack, scale: Scale, lane: Row) -> None:
    """Write what wide marks say where they begin to be seen."""
    numbers = stack.between(max(0.0, scale.first), scale.last)
    wide = numbers[(stack.ends[numbers] - stack.starts[numbers]) * scale.per_frame >= STICKY]
    for number in wide.tolist():
        row = stack.rows[number]
        left, right = max(scale.x(row.start), 0.0), min(scale.x(row.end), scale.width)
        top, size = row_of(stack, number, lane.height)
        painter.save()
        box = QRectF(left, lane.top + top, right - left, size)
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        draw_words(painter, box, row)
        painter.restore()


def draw_tried(painter: QPainter, stack: Stack, scale: Scale, lane: Row, row: MarkRow, span: Span) -> None:
    """Draw a mark where it is tried, and fade it where it was."""
    top, size = row_of(stack, stack.index[row.id], lane.height)
    was = within(QRectF(scale.x(row.start), lane.top + top, (row.end - row.start) * scale.per_frame, size), scale.width)
    painter.fillRect(was, theme.faded(theme.current().panel, GHOST))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(scale.x(span.start), lane.top + top, max(2.0, (span.end - span.start) * scale.per_frame), size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(theme.current().panel))
    painter.drawRoundedRect(within(box, scale.width), theme.RADIUS_MARK, theme.RADIUS_MARK)
    draw_mark(painter, within(box, scale.width), row, is_selected=True)
    # Its score is that of where it was; the inspector shows what it would be here.
    draw_words(painter, box & QRectF(0, lane.top, scale.width, lane.height), replace(row, score=None))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def draw_new(painter: QPainter, scale: Scale, lane: Row, span: Span) -> None:
    """Draw a range that becomes a mark."""
    seen = theme.current()
    box = QRectF(scale.x(span.start), lane.top, (span.end - span.start) * scale.per_frame, lane.height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(seen.accent), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(theme.faded(seen.accent, 0.2))
    inner = within(box, scale.width).adjusted(1, 1, -1, -1)
    painter.drawRoundedRect(inner, theme.RADIUS_MARK, theme.RADIUS_MARK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def draw_playhead(painter: QPainter, x: float, rows: dict[Lane, Row], ratio: float) -> None:
    """Draw the line through all lanes, and its head in the ruler."""
    seen = theme.current()
    left = round(x * ratio) / ratio
    ruler, foot = rows[Lane.RULER], rows[Lane.MARKS].bottom
    painter.fillRect(QRectF(left, ruler.bottom - 6, 1, foot - ruler.bottom + 8), theme.color(seen.playhead))
    middle, half = left + 0.5, HEAD / 2
    head = [(-half, -13), (half, -13), (half, -8), (0, -2), (-half, -8)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(seen.playhead))
    painter.drawPolygon(QPolygonF([QPointF(middle + dx, ruler.bottom + dy) for dx, dy in head]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def draw_cursor(painter: QPainter, x: float, rows: dict[Lane, Row]) -> None:
    """Draw the thin line under the mouse."""
    top = rows[Lane.RULER].bottom
    line = QRectF(round(x), top, 1, rows[Lane.MARKS].bottom - top)
    painter.fillRect(line, theme.faded(theme.current().text, 0.35))


def draw_snap(painter: QPainter, x: float, rows: dict[Lane, Row]) -> None:
    """Draw the line of what an edge clings to."""
    top = rows[Lane.RULER].bottom
    line = QRectF(round(x), top, 1, rows[Lane.MARKS].bottom - top)
    painter.fillRect(line, theme.color(theme.current().accent))


def draw_readout(painter: QPainter, readout: Readout, width: int) -> None:
    """Draw the plate and its words."""
    seen, box = theme.current(), readout.box(width)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(seen.cut), 1))
    painter.setBrush(theme.color(seen.raised))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS_MARK, theme.RADIUS_MARK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color(seen.text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, readout.text)


def draw_hint(painter: QPainter, text: str, box: QRectF) -> None:
    """Words in an empty place."""
    painter.setFont(theme.font(theme.CAPTION))
    painter.setPen(theme.color(theme.current().faint))
    painter.drawText(box.adjusted(PAD, 0, -PAD, 0), Qt.AlignmentFlag.AlignCenter, text)
