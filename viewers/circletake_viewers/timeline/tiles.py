"""Pieces of lanes kept as pictures: drawn once, shown many times, forgotten when memory is asked for others."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QPixmap

from circletake_viewers.timeline.lanes import Lane
from circletake_viewers.timeline.scale import Scale

WIDTH = 512
"""Pixels a tile is wide: four cover a wide window, and one is drawn within a frame."""

LIMIT = 64 * 2**20
"""Bytes of pictures kept: some 30 views of all lanes at 1600 pixels, 8 where a pixel is four of the device's."""

LEVELS = 4
"""Zooms remembered as a stand-in while tiles of a new one are drawn."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The piece of content that a tile shows: `number` tiles from the timeline's beginning, at one zoom."""

    lane: Lane
    per_frame: float
    number: int
    height: int
    ratio: float

    @property
    def left(self) -> float:
        """Content pixel of its left edge."""
        return float(self.number * WIDTH)

    @property
    def first(self) -> float:
        """Place of its left edge in frames."""
        return self.left / self.per_frame

    @property
    def last(self) -> float:
        """Place of its right edge in frames."""
        return (self.left + WIDTH) / self.per_frame

    def x(self, frame: float) -> float:
        """Pixel within the tile of a place in frames."""
        return frame * self.per_frame - self.left


@dataclass(slots=True)
class Tile:
    """A drawn sheet; one that is not `fresh` shows what was, until it is drawn again."""

    picture: QPixmap
    fresh: bool = True


class Tiles:
    """Drawn sheets, those used last at the end; together at most `LIMIT` bytes."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Keep nothing yet."""
        self._limit = limit
        self._kept: OrderedDict[Sheet, Tile] = OrderedDict()
        self._levels: list[float] = []
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, sheet: Sheet) -> Tile | None:
        """What was drawn of a sheet, fresh or not."""
        if tile := self._kept.get(sheet):
            self._kept.move_to_end(sheet)
        return tile

    def put(self, sheet: Sheet, picture: QPixmap) -> None:
        """Keep a picture, and forget those not used for longest where it gets too much."""
        if old := self._kept.pop(sheet, None):
            self.bytes -= _bytes(old.picture)
        self._kept[sheet] = Tile(picture)
        self.bytes += _bytes(picture)
        self._remember(sheet.per_frame)
        while self.bytes > self._limit and len(self._kept) > 1:
            _, tile = self._kept.popitem(last=False)
            self.bytes -= _bytes(tile.picture)

    def spoil(self, lane: Lane, first: float = -math.inf, last: float = math.inf, margin: float = 0.0) -> None:
        """What lies between two places, and `margin` pixels around, no longer looks as drawn."""
        for sheet, tile in self._kept.items():
            around = margin / sheet.per_frame
            if sheet.lane == lane and sheet.first <= last + around and sheet.last >= first - around:
                tile.fresh = False

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._levels.clear()
        self.bytes = 0

    def stand_ins(self, sheet: Sheet) -> Iterator[tuple[Sheet, QPixmap]]:
        """Tiles of other zooms that show the same place: those drawn last, and below them those from farthest away."""
        chosen: list[tuple[Sheet, QPixmap]] = []
        for level in reversed(self._levels):
            covering, is_whole = self._covering(sheet, level)
            if covering and (is_whole or not chosen):
                chosen = covering + chosen
            if is_whole:
                break
        yield from chosen

    def _covering(self, sheet: Sheet, level: float) -> tuple[list[tuple[Sheet, QPixmap]], bool]:
        if level == sheet.per_frame:
            return [], False
        first = max(0, math.floor(sheet.first * level / WIDTH))
        last = math.ceil(sheet.last * level / WIDTH)
        if last - first > WIDTH:
            return [], False
        numbers = range(first, max(last, first + 1))
        sheets = [Sheet(sheet.lane, level, number, sheet.height, sheet.ratio) for number in numbers]
        found = [(each, self._kept[each].picture) for each in sheets if each in self._kept]
        return found, len(found) == len(sheets)

    def _remember(self, level: float) -> None:
        if level in self._levels:
            self._levels.remove(level)
        self._levels.append(level)
        if len(self._levels) > LEVELS:
            # The one from farthest away stays: it covers whatever comes.
            self._levels.remove(next(each for each in self._levels if each != min(self._levels)))


def seen(scale: Scale, left: float, right: float) -> range:
    """Numbers of the tiles between two pixels of the widget."""
    first = max(0, math.floor((left + scale.origin) / WIDTH))
    last = math.ceil(min(right + scale.origin, scale.total + 1) / WIDTH)
    return range(first, max(first, last))


def _bytes(picture: QPixmap) -> int:
    return picture.width() * picture.height() * picture.depth() // 8
