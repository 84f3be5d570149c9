"""The filmstrip: pictures at even distances, each the one nearest to its place; borders and names of clips."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from circletake.media.frames import FrameBatch
from circletake_viewers import theme
from circletake_viewers.state.shown import Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.scene import RADIUS, Scene, hatch, tag, within
from circletake_viewers.timeline.tiles import WIDTH, Sheet

WORDY = 100.0
"""Pixels from which a missing clip's name stands beside the word."""

NARROW = 3.0
"""Pixels below which a clip is but a line of colour."""


def paint_film(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of it."""
    for strip in strips.between(scene.cut, sheet.first, sheet.last):
        box = QRectF(sheet.x(strip.start), 0, (strip.end - strip.start) * sheet.per_frame, sheet.height)
        painter.save()
        painter.setClipRect(QRectF(max(box.left(), 0), 0, min(box.right(), WIDTH) - max(box.left(), 0), sheet.height))
        painter.fillRect(painter.clipBoundingRect(), theme.color(theme.current().ground))
        if box.width() >= NARROW:
            _inside(painter, sheet, scene, strip, box)
        painter.restore()
    _borders(painter, sheet, scene)


def _inside(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, box: QRectF) -> None:
    seen = theme.current()
    if strip.missing:
        hatch(painter, within(box, WIDTH), sheet.left, seen.error, is_strong=True)
        _label(painter, box, f"missing: {strip.name}" if _plate_room(box) >= WORDY else "missing")
        return
    until = strips.measured_until(scene.cut.clock, strip)
    batch, is_bare = strip.thumbnails, False
    if batch is not None and len(batch):
        _pictures(painter, sheet, scene, strip, batch, until)
    elif until >= strip.end or not strip.has_picture:
        is_bare = True
    else:
        hatch(painter, within(box, WIDTH), sheet.left, seen.cut)
    named = _label(painter, box, strip.name) if len(scene.cut.strips) > 1 else 0.0
    if is_bare:
        tag(painter, box.adjusted(named, 0, 0, 0), "no picture", seen.faint)


def _pictures(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, batch: FrameBatch, until: float) -> None:
    """Slots lie on a grid of their clip, so that those of neighbouring tiles meet."""
    clock, begin, end = scene.cut.clock, sheet.x(strip.start), sheet.x(strip.end)
    size = slot_width(batch, sheet.height)
    numbers = np.arange(max(0, math.floor(-begin / size)), math.ceil((min(end, WIDTH) - begin) / size))
    apart = size / sheet.per_frame / float(clock.rate) * strip.speed
    middles = np.asarray((numbers + 0.5) * apart + strips.media(clock, strip, strip.start), np.float64)
    nearest = nearest_pictures(batch, strip.cuts, middles)
    reached = strips.place(clock, strip, float(batch.seconds[-1])) if strip.speed > 0 else until
    reach = sheet.x(max(until, reached))
    for number, index in zip(numbers.tolist(), nearest.tolist(), strict=True):
        slot = QRectF(begin + number * size, 0, size, sheet.height)
        if slot.left() < reach:
            picture = scene.thumbs.get(batch.images[index], sheet.height, sheet.ratio)
            painter.drawPixmap(slot, picture, QRectF(picture.rect()))
    if reach < end:
        rest = within(QRectF(reach, 0, end - reach, sheet.height), WIDTH)
        painter.fillRect(rest, theme.color(theme.current().ground))
        hatch(painter, rest, sheet.left, theme.current().cut)


def slot_width(batch: FrameBatch, height: int) -> float:
    """Pixels a picture takes at a height."""
    rows, columns = batch.images.shape[1:3]
    return max(4.0, float(round(height * columns / rows)))


def nearest_pictures(batch: FrameBatch, cuts: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.intp]:
    """The picture nearest to each moment (N,), out of the same shot where that has one beside it."""
    after = np.minimum(np.searchsorted(batch.seconds, seconds), len(batch) - 1)
    before = np.maximum(after - 1, 0)
    shots, own = np.searchsorted(cuts, batch.seconds, "right"), np.searchsorted(cuts, seconds, "right")
    is_near = seconds - batch.seconds[before] <= batch.seconds[after] - seconds
    fits_before, fits_after = shots[before] == own, shots[after] == own
    return np.where(np.where(fits_before == fits_after, is_near, fits_before), before, after)


def _plate_room(box: QRectF) -> float:
    """Pixels a name on a plate may take."""
    return min(box.width() - 22, 230.0)


def _label(painter: QPainter, box: QRectF, text: str) -> float:
    """A clip's name at its left end, on a plate so that it can be read over any picture; tells how much it took."""
    font, seen = theme.font(theme.SMALL), theme.current()
    if _plate_room(box) < 16:
        return 0.0
    metrics = QFontMetricsF(font)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, _plate_room(box))
    plate = QRectF(box.left() + 5, box.top() + 4, metrics.horizontalAdvance(text) + 10, 17)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.faded(seen.stage, 0.78))
    painter.drawRoundedRect(plate, RADIUS, RADIUS)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setFont(font)
    painter.setPen(theme.color(seen.stage_text))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    return plate.right() - box.left()


def _borders(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """A thin line where one clip ends and the next begins."""
    painter.setPen(theme.color(theme.current().panel))
    shown = -2.0
    for strip in strips.between(scene.cut, sheet.first - 2 / sheet.per_frame, sheet.last)[:WIDTH]:
        x = round(sheet.x(strip.start))
        if strip.start and x - shown >= 2:
            painter.drawLine(QPointF(x, 0), QPointF(x, sheet.height))
            shown = x
