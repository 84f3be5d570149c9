"""The waveform as even bars, and the pauses in speech under it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from circletake.media.waveform import PEAKS_A_SECOND
from circletake_viewers import theme
from circletake_viewers.state.shown import Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.reduce import Peaks
from circletake_viewers.timeline.scene import Scene, covered_rows, draw_covered, hatch, tag
from circletake_viewers.timeline.tiles import WIDTH, Sheet

PITCH = 3
BAR = 2
"""Pixels from bar to bar, and those a bar is wide."""

LOUD = 0.9
"""How much of half the lane's height full scale takes."""

PAUSE = 3
"""Pixels a pause's line is high."""


def paint_sound(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of it."""
    cut = scene.cut
    for number in strips.span(cut, sheet.first, sheet.last):
        strip = cut.strips[number]
        left, right = max(0.0, sheet.x(strip.start)), min(float(WIDTH), sheet.x(strip.end))
        if right > left:
            painter.save()
            painter.setClipRect(QRectF(left, 0, right - left, sheet.height))
            _inside(painter, sheet, scene, strip, scene.peaks[number])
            painter.restore()


def _inside(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, peaks: Peaks | None) -> None:
    seen, clock = theme.current(), scene.cut.clock
    until = strips.measured_until(clock, strip)
    box = QRectF(sheet.x(strip.start), 0, (strip.end - strip.start) * sheet.per_frame, sheet.height)
    if strip.missing:
        hatch(painter, box, sheet.left, seen.cut, is_strong=True)
        return
    if peaks is not None:
        _pauses(painter, sheet, scene, strip)
        _bars(painter, sheet, scene, strip, peaks)
    elif until >= strip.end:
        tag(painter, box, "no sound", seen.faint)
    rest = QRectF(sheet.x(until), 0, (strip.end - until) * sheet.per_frame, sheet.height)
    if rest.width() > 0:
        hatch(painter, rest, sheet.left, seen.cut)


def _bars(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, peaks: Peaks) -> None:
    """Bars lie on a grid of the whole timeline, so that those of neighbouring tiles meet."""
    rate = float(scene.cut.clock.rate)
    lead = sheet.left % PITCH
    count = math.ceil((WIDTH + lead) / PITCH)
    peaks_a_pixel = PEAKS_A_SECOND / rate / sheet.per_frame
    begin = strips.media(scene.cut.clock, strip, (sheet.left - lead) / sheet.per_frame) * PEAKS_A_SECOND
    low, high = peaks.columns(begin, PITCH * peaks_a_pixel, count)
    heard = sheet.x(strips.place(scene.cut.clock, strip, peaks.waveform.seconds))
    painter.save()
    painter.setClipRect(QRectF(0, 0, heard, sheet.height), Qt.ClipOperation.IntersectClip)
    covered = bars(low, high, sheet.height, sheet.ratio)
    draw_covered(painter, -lead, covered, theme.current().waveform, sheet.ratio)
    painter.restore()


def bars(low: NDArray[np.int8], high: NDArray[np.int8], height: int, ratio: float) -> NDArray[np.float32]:
    """How much bars cover of each device pixel (H, W): from lowest to highest value, thin where nothing is heard."""
    rows, pitch, bar = round(height * ratio), round(PITCH * ratio), round(BAR * ratio)
    middle, half = rows / 2, rows / 2 * LOUD
    top = middle - np.maximum(high / 127 * half, ratio / 2)
    bottom = middle + np.maximum(-low / 127 * half, ratio / 2)
    columns = np.zeros((rows, len(low), pitch), np.float32)
    columns[:, :, :bar] = covered_rows(top, bottom, rows)[:, :, None]
    return columns.reshape(rows, -1)


def _pauses(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip) -> None:
    """A quiet line at the lane's foot for each stretch without speech."""
    clock, seen = scene.cut.clock, theme.current()
    first, last = (strips.media(clock, strip, each) for each in (sheet.first, sheet.last))
    begin = int(np.searchsorted(strip.pauses[:, 1], first))
    end = int(np.searchsorted(strip.pauses[:, 0], last))
    places = (strip.pauses[begin:end] - strip.offset) * float(clock.rate) * sheet.per_frame - sheet.left
    wide = places[places[:, 1] - places[:, 0] >= 2]
    boxes = [QRectF(left + 0.5, sheet.height - PAUSE, right - left - 1, PAUSE) for left, right in wide.tolist()]
    for box in boxes:
        painter.fillRect(box, theme.color(seen.hover))
