"""The tracks as rows of thin bars: the less room a clip has, the less it says; the thinnest are drawn together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from circletake_viewers import theme
from circletake_viewers.state.shown import TrackBar
from circletake_viewers.timeline.lanes import Row
from circletake_viewers.timeline.layers import LEAST, Layer, Layers, Look, band
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.scene import Scene, draw_covered, hatch, runs, width_of, within
from circletake_viewers.timeline.tiles import WIDTH, Sheet

THIN = 8.0
"""Pixels below which a clip is but a stretch of colour, drawn together with all others of its look."""

STICKY = 400.0
"""Pixels from which a clip's words are drawn over the tiles, at its visible left end."""

WORDY = 12
"""Pixels a row is high from which its clips have words."""

LEAST_WORDS = 26.0
"""Pixels below which a name would be but an ellipsis."""

ROUND = 2.0
SIGN = 12
"""Pixels of a corner, and of the sign of what is missing."""

STRIPE = 6
"""Device pixels from one stripe to the next, where missing clips are too thin for Qt's pattern."""


def paint_tracks(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw one tile of them."""
    seen, layers = theme.current(), scene.layers.layers
    left, right = max(0.0, sheet.x(0)), min(float(WIDTH), sheet.x(scene.cut.frames))
    for number, layer in enumerate(layers):
        top, size = band(number, len(layers), sheet.height)
        painter.fillRect(QRectF(left, top, right - left, size), theme.color(seen.ground))
        numbers = layer.between(sheet.first - 2 / sheet.per_frame, sheet.last)
        wide = (layer.ends - layer.starts)[numbers.start : numbers.stop] * sheet.per_frame >= THIN
        found = np.arange(numbers.start, numbers.stop)
        _paint_thin(painter, sheet, layer, found[~wide], Row(top, size))
        for place in found[wide].tolist():
            bar = layer.row.bars[place]
            box = QRectF(round(sheet.x(bar.start)), top, 0, size)
            box.setRight(round(sheet.x(bar.end)) - 1)
            draw_bar(painter, within(box, WIDTH), bar, sheet.left, is_sound=layer.is_sound)
            if box.width() < STICKY:
                draw_words(painter, box, bar)


def _paint_thin(painter: QPainter, sheet: Sheet, layer: Layer, numbers: NDArray[np.intp], row: Row) -> None:
    """Clips that share pixels, as runs of them: a box for each would make thousands. Missing ones lie on top."""
    if not len(numbers):
        return
    lefts = np.round((layer.starts[numbers] * sheet.per_frame - sheet.left) * sheet.ratio)
    wide = (layer.ends[numbers] - layer.starts[numbers]) * sheet.per_frame
    # A pixel apart where that leaves enough of each.
    rights = lefts + np.round(np.where(wide > 4, wide - 1, np.maximum(wide, LEAST)) * sheet.ratio)
    looks = layer.looks[numbers]
    for look in np.unique(looks).tolist():
        alike = looks == look
        covered = np.zeros((round(row.height * sheet.ratio), round(WIDTH * sheet.ratio)), np.float32)
        covered[:, runs(lefts[alike], rights[alike], covered.shape[1])] = 1.0
        color = _ink(Look(look), is_sound=layer.is_sound)
        if look == Look.MISSING:
            covered *= _stripes(covered.shape, round(sheet.left * sheet.ratio))
        painter.save()
        painter.translate(0, row.top)
        draw_covered(painter, 0, covered, color, sheet.ratio)
        painter.restore()


def _stripes(shape: tuple[int, ...], left: int) -> NDArray[np.float32]:
    """Slanted lines (H, W) that meet those of the next tile, whose first device pixel of the content is `left`."""
    down, across = np.indices(shape)
    return np.where((across + down + left) % STRIPE < STRIPE // 2, np.float32(1), np.float32(0.35))


def _ink(look: Look, *, is_sound: bool) -> str:
    seen = theme.current()
    usual = seen.waveform if is_sound else seen.picture
    return {Look.MISSING: seen.error, Look.EMPTY: seen.cut, Look.USUAL: usual}[look]


def draw_bar(painter: QPainter, box: QRectF, bar: TrackBar, left: float, *, is_sound: bool) -> None:
    """A clip's box: filled, hatched where its file is missing, dashed where there never was one."""
    seen = theme.current()
    fill, line, style = seen.picture_fill, seen.picture, Qt.PenStyle.SolidLine
    if is_sound:
        fill, line = seen.sound_fill, seen.waveform
    if bar.missing:
        fill, line = seen.error_fill, seen.error
    elif not bar.has_media:
        fill, line, style = seen.panel, seen.faint, Qt.PenStyle.DashLine
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(line), 1, style))
    painter.setBrush(theme.color(fill))
    corner = min(ROUND, box.height() / 4)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if bar.missing:
        hatch(painter, box.adjusted(1, 1, -1, -1), left, seen.error, is_strong=True)


def draw_words(painter: QPainter, box: QRectF, bar: TrackBar) -> None:
    """A clip's speed at the right, and as much of its name as there is room for; what is missing says so first."""
    if box.height() < WORDY:
        return
    inner = box.adjusted(5, 0, -4, 0)
    if bar.speed_text:
        inner.setRight(_badge(painter, inner, bar.speed_text))
    if bar.missing:
        _missing(painter, inner, bar.name)
    elif inner.width() >= LEAST_WORDS:
        _text(painter, inner, _elided(bar.name, inner.width()), theme.current().text)


def _badge(painter: QPainter, inner: QRectF, text: str) -> float:
    """A clip's speed on a plate; tells where it begins, and draws nothing where it does not fit."""
    seen, font = theme.current(), theme.font(theme.SMALL, QFont.Weight.DemiBold)
    width = width_of(text, font) + 8
    if width > inner.width() + 6:
        return inner.right()
    plate = QRectF(inner.right() + 2 - width, inner.top() + 1, width, inner.height() - 2)
    painter.fillRect(plate, theme.color(seen.panel))
    painter.setFont(font)
    painter.setPen(theme.color(seen.text))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    return plate.left() - 4


def _missing(painter: QPainter, inner: QRectF, name: str) -> None:
    """The sign, and beside it the word and the name, on a plate over the stripes."""
    seen = theme.current()
    if inner.width() < SIGN:
        return
    words = _elided(f"missing: {name}", inner.width() - SIGN - 8)
    size = width_of(words, theme.font(theme.SMALL)) + 4 if words else 0.0
    plate = QRectF(inner.left() - 3, inner.top() + 1, SIGN + 6 + size, inner.height() - 2)
    painter.fillRect(plate, theme.color(seen.error_fill))
    sign = theme.pixmap("warning", SIGN, seen.error, painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(inner.left(), inner.center().y() - SIGN / 2), sign)
    _text(painter, inner.adjusted(SIGN + 4, 0, 0, 0), words, seen.text)


def _elided(text: str, room: float) -> str:
    """As much of a text as there is room for; nothing where that would be but an ellipsis."""
    if room < LEAST_WORDS - 8:
        return ""
    words = QFontMetricsF(theme.font(theme.SMALL)).elidedText(text, Qt.TextElideMode.ElideRight, room)
    return "" if words == "…" else words


def _text(painter: QPainter, box: QRectF, text: str, color: str) -> None:
    if text:
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color(color))
        where = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(box, int(where | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip), text)


def draw_sticky_words(painter: QPainter, layers: Layers, scale: Scale, lane: Row, begin: float) -> None:
    """Write what wide clips say where they begin to be seen, from pixel `begin` on."""
    for number, layer in enumerate(layers.layers):
        top, size = band(number, len(layers.layers), lane.height)
        if size < WORDY:
            return
        seen = layer.between(scale.first, scale.last)
        wide = (layer.ends - layer.starts)[seen.start : seen.stop] * scale.per_frame >= STICKY
        for bar in (layer.row.bars[seen.start + place] for place in np.flatnonzero(wide).tolist()):
            left, right = max(scale.x(bar.start), begin), min(scale.x(bar.end) - 1, scale.width)
            draw_words(painter, QRectF(left, lane.top + top, right - left, size), bar)
