"""The waveform as even bars, and the pauses in speech under it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from circletake.media.waveform import PEAKS_A_SECOND
from circletake_viewers import theme
from circletake_viewers.state.shown import Strip
from circletake_viewers.timeline import strips
from circletake_viewers.timeline.reduce import Bytes, Peaks
from circletake_viewers.timeline.scene import Scene, covered_rows, draw_covered, hatch, tag, within
from circletake_viewers.timeline.tiles import WIDTH, Sheet

PITCH = 3
BAR = 2
"""Pixels from bar to bar, and those a bar is wide."""

LOUD = 0.9
"""How much of half the lane's height full scale takes."""

NARROW = 3.0
"""Pixels below which a clip is not told apart from its neighbours."""

PAUSE = 3
"""Pixels a pause's line is high."""


def paint_sound(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of it. Bars lie on a grid of the whole timeline, so that those of neighbouring tiles meet."""
    lead = sheet.left % PITCH
    low, high = np.full((2, math.ceil((WIDTH + lead) / PITCH)), np.nan)
    for number in strips.span(scene.cut, sheet.first, sheet.last):
        strip, peaks = scene.cut.strips[number], scene.peaks[number]
        if (strip.end - strip.start) * sheet.per_frame >= NARROW:
            _around(painter, sheet, scene, strip, is_heard=peaks is not None)
        if peaks is not None:
            begin, end = (round((sheet.x(at) + lead) / PITCH) for at in _heard(scene, strip, peaks))
            bars_seen = slice(min(max(0, begin), len(low)), min(max(0, end), len(low)))
            if bars_seen.start < bars_seen.stop:
                low[bars_seen], high[bars_seen] = _peaks(sheet, scene, strip, peaks, bars_seen)
    if not np.isnan(low).all():
        covered = bars(low, high, sheet.height, sheet.ratio)
        draw_covered(painter, -lead, covered, theme.current().waveform, sheet.ratio)


def _around(painter: QPainter, sheet: Sheet, scene: Scene, strip: Strip, *, is_heard: bool) -> None:
    """What there is besides bars: pauses, or why there are no bars."""
    seen = theme.current()
    until = strips.measured_until(scene.cut.clock, strip)
    box = QRectF(sheet.x(strip.start), 0, (strip.end - strip.start) * sheet.per_frame, sheet.height)
    if strip.missing:
        hatch(painter, within(box, WIDTH), sheet.left, seen.cut, is_strong=True)
        return
    if is_heard:
        _pauses(painter, sheet, scene, strip)
    elif until >= strip.end or not strip.has_sound:
        tag(painter, box, "no sound", seen.faint)
        return
    rest = QRectF(sheet.x(until), 0, (strip.end - until) * sheet.per_frame, sheet.height)
    if rest.width() > 0:
        hatch(painter, within(rest, WIDTH), sheet.left, seen.cut)


def _heard(scene: Scene, strip: Strip, peaks: Peaks) -> tuple[float, float]:
    """From which place to which a clip's sound is known, in frames."""
    clock = scene.cut.clock
    if strip.speed <= 0:
        is_whole = peaks.waveform.seconds >= strips.media(clock, strip, strip.start)
        return strip.start, strip.end if strip.speed and is_whole else strip.start
    until = strips.place(clock, strip, peaks.waveform.seconds)
    return strip.start, min(until, strip.end, strips.measured_until(clock, strip))


def _peaks(sheet: Sheet, scene: Scene, strip: Strip, peaks: Peaks, seen: slice) -> tuple[Bytes, Bytes]:
    """Lowest and highest sample under some of the tile's bars."""
    lead = sheet.left % PITCH
    a_pixel = PEAKS_A_SECOND / float(scene.cut.clock.rate) / sheet.per_frame
    left = (sheet.left - lead + seen.start * PITCH) / sheet.per_frame
    count, wide = seen.stop - seen.start, PITCH * a_pixel * abs(strip.speed)
    begin = strips.media(scene.cut.clock, strip, left) * PEAKS_A_SECOND
    if strip.speed > 0:
        return peaks.columns(begin, wide, count)
    low, high = peaks.columns(begin - count * wide, wide, count)
    return low[::-1], high[::-1]


def bars(low: NDArray[np.float64], high: NDArray[np.float64], height: int, ratio: float) -> NDArray[np.float32]:
    """How much bars cover of each device pixel (H, W): from lowest to highest value, thin where it is quiet.

    A bar whose values are NaN is not there.
    """
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
    ends = max(sheet.first, strip.start), min(sheet.last, strip.end)
    if not strip.speed:
        return
    first, last = strips.between_places(clock, strip, *ends)
    begin = int(np.searchsorted(strip.pauses[:, 1], first))
    end = int(np.searchsorted(strip.pauses[:, 0], last))
    frames = strips.places(clock, strip, np.clip(strip.pauses[begin:end], first, last))
    places = (frames if strip.speed > 0 else frames[:, ::-1]) * sheet.per_frame - sheet.left
    wide = places[places[:, 1] - places[:, 0] >= 2]
    for left, right in wide.tolist():
        painter.fillRect(QRectF(left + 0.5, sheet.height - PAUSE, right - left - 1, PAUSE), theme.color(seen.hover))
