"""What the lanes' painters draw from, and a few things that several of them draw."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetricsF, QImage, QPainter

from circletake_viewers import theme
from circletake_viewers.state.shown import Cut
from circletake_viewers.timeline.layers import Layers
from circletake_viewers.timeline.reduce import Peaks
from circletake_viewers.timeline.stack import Stack
from circletake_viewers.timeline.thumbs import Thumbs
from circletake_viewers.timeline.ticks import Units

RADIUS = 4.0

BESIDE = 32.0
"""Pixels drawn beyond an edge, so that a border there is not seen."""


@dataclass(slots=True)
class Scene:
    """The present values. `peaks` belong to the cut's strips, in their order."""

    cut: Cut = field(default_factory=Cut)
    layers: Layers = field(default_factory=Layers)
    stack: Stack = field(default_factory=Stack)
    selected: frozenset[str] = frozenset()
    units: Units = Units.TIMECODE
    peaks: tuple[Peaks | None, ...] = ()
    thumbs: Thumbs = field(default_factory=Thumbs)


def hatch(painter: QPainter, box: QRectF, left: float, color: str, *, is_strong: bool = False) -> None:
    """Fill a box with slanted lines that meet those of the next tile; `left` is the tile's content pixel."""
    pattern = Qt.BrushStyle.BDiagPattern if is_strong else Qt.BrushStyle.Dense7Pattern
    painter.setBrushOrigin(QPointF(-(left % 8), 0))
    painter.fillRect(box, QBrush(theme.faded(color, 0.9 if is_strong else 0.5), pattern))


def draw_covered(painter: QPainter, left: float, covered: NDArray[np.float32], color: str, ratio: float) -> None:
    """Draw one colour where `covered`, float32 (H, W) in [0, 1] for each device pixel, says how much of it there is.

    A line of a thousand points takes Qt ten milliseconds with soft edges; numpy and this take a third of one.
    """
    shares = (covered * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    rows, columns = shares.shape
    picture = QImage(shares.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    picture.setColorTable(_ramp(color))
    picture.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(left, 0), picture)


def covered_rows(top: NDArray[np.floating], bottom: NDArray[np.floating], rows: int) -> NDArray[np.float32]:
    """How much a bar from `top` to `bottom` (W,) covers of each pixel of its column, float32 (`rows`, W).

    Where one of them is NaN there is no bar.
    """
    nowhere = np.isnan(top) | np.isnan(bottom)
    first = np.where(nowhere, rows + 1, top).astype(np.float32)
    last = np.where(nowhere, rows + 1, bottom).astype(np.float32)
    place = np.arange(rows + 1, dtype=np.float32)[:, None]
    covered = np.minimum(place[1:], last)
    covered -= np.maximum(place[:-1], first)
    np.maximum(covered, 0, out=covered)
    return covered


def runs(lefts: NDArray[np.float64], rights: NDArray[np.float64], width: int) -> NDArray[np.bool_]:
    """The pixels (`width`,) that lie in one of the ranges at least."""
    begun, ended = (
        np.bincount(np.clip(each, 0, width).astype(np.intp), minlength=width + 1) for each in (lefts, rights)
    )
    return np.asarray(np.cumsum(begun - ended)[:width] > 0)


@functools.cache
def _ramp(color: str) -> list[int]:
    """A colour from nothing to all of it, as Qt's numbers."""
    opaque = theme.color(color).rgb() & 0xFFFFFF
    return [share << 24 | opaque for share in range(256)]


def within(box: QRectF, width: float) -> QRectF:
    """The part of a box that can be seen, and a little beside it: Qt draws nothing that is millions of pixels wide."""
    return box & QRectF(-BESIDE, box.top(), width + 2 * BESIDE, box.height())


def tag(painter: QPainter, box: QRectF, text: str, color: str) -> None:
    """A small word in the middle of a box, where there is room for it."""
    painter.setFont(theme.font(theme.SMALL))
    if width_of(text, theme.font(theme.SMALL)) + 8 <= box.width():
        painter.setPen(theme.color(color))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def width_of(text: str, font: QFont) -> float:
    """Pixels a text is wide."""
    return QFontMetricsF(font).horizontalAdvance(text)
