"""The tracks and flags as arrays: which of them are seen, and where each lies. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from circletake.timeline.model import TrackKind
from circletake_viewers.state.shown import Flag, TrackBar, TrackRow, Tracks
from circletake_viewers.timeline.lanes import Extras, Row

LEAST = 2.0
"""Pixels a clip has at least, so that none is invisible."""

FLAG_REACH = 9.0
"""Pixels around a flag's pole by which it can be hit."""

NEARBY = 3
"""Flags that are spoken of at once, where several share a place."""


class Look(IntEnum):
    """How a clip is drawn; of several on one pixel the highest is seen."""

    EMPTY = 0
    USUAL = 1
    MISSING = 2


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A track. Arrays are (N,), one for each clip: `starts` and `ends` int64 frames, `looks` int8."""

    row: TrackRow
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    looks: NDArray[np.int8]

    @classmethod
    def of(cls, row: TrackRow) -> Layer:
        """A track's clips as arrays."""
        starts = np.array([bar.start for bar in row.bars], np.int64)
        ends = np.array([bar.end for bar in row.bars], np.int64)
        return cls(row, starts, ends, np.array([_look(bar) for bar in row.bars], np.int8))

    @property
    def is_sound(self) -> bool:
        """Tell whether it is heard, not seen."""
        return self.row.kind is TrackKind.AUDIO

    def between(self, first: float, last: float) -> range:
        """Numbers of the clips that share a moment with a range of places."""
        begin = int(np.searchsorted(self.ends, first, "right"))
        return range(begin, max(begin, int(np.searchsorted(self.starts, last, "left"))))


def _look(bar: TrackBar) -> Look:
    if bar.missing:
        return Look.MISSING
    return Look.USUAL if bar.has_media else Look.EMPTY


def _none() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """All tracks, and the flags by start: `starts` and `ends` (M,) int64 frames, `reach` the latest end so far."""

    tracks: Tracks = field(default_factory=Tracks)
    layers: tuple[Layer, ...] = ()
    starts: NDArray[np.int64] = field(default_factory=_none, repr=False)
    ends: NDArray[np.int64] = field(default_factory=_none, repr=False)
    reach: NDArray[np.int64] = field(default_factory=_none, repr=False)

    @classmethod
    def of(cls, tracks: Tracks) -> Layers:
        """A cut's tracks and flags; no tracks where they would say nothing."""
        starts = np.array([flag.start for flag in tracks.flags], np.int64)
        ends = np.array([flag.end for flag in tracks.flags], np.int64)
        layers = () if tracks.plain else tuple(Layer.of(row) for row in tracks.rows)
        return cls(tracks, layers, starts, ends, np.maximum.accumulate(ends) if len(ends) else ends)

    def extras(self, *, folded: bool) -> Extras:
        """The lanes these need."""
        return Extras(bool(self.tracks.flags), len(self.layers), folded)

    def flags_between(self, first: float, last: float) -> NDArray[np.intp]:
        """Numbers of the flags that share a moment with a range of places, or stand at its ends."""
        begin = int(np.searchsorted(self.reach, first, "left"))
        end = int(np.searchsorted(self.starts, last, "right"))
        return begin + np.flatnonzero(self.ends[begin:end] >= first)

    def flags_near(self, place: float, reach: float) -> tuple[Flag, ...]:
        """The flags that begin within `reach` frames of a place, the nearest first."""
        begin, end = (
            np.searchsorted(self.starts, place - reach, "left"),
            np.searchsorted(self.starts, place + reach, "right"),
        )
        order = np.argsort(np.abs(self.starts[begin:end] - place), kind="stable")
        return tuple(self.tracks.flags[number] for number in (begin + order).tolist())

    def flags_over(self, place: float) -> tuple[Flag, ...]:
        """The stretches a place lies in, those that began last first."""
        return tuple(self.tracks.flags[number] for number in self.flags_between(place, place)[::-1].tolist())

    def bar_at(self, lane: Row, place: float, reach: float, y: float) -> tuple[TrackRow, TrackBar] | None:
        """The clip at a place and a height, or the nearest at most `reach` frames away: some are but a pixel wide."""
        if not self.layers or not lane.top <= y < lane.bottom:
            return None
        layer = self.layers[min(len(self.layers) - 1, int((y - lane.top) * len(self.layers) / lane.height))]
        numbers = layer.between(place - reach, place + reach)
        around = sorted(numbers, key=lambda number: _apart(layer.row.bars[number], place))
        return (layer.row, layer.row.bars[around[0]]) if around else None


def _apart(bar: TrackBar, place: float) -> float:
    return max(bar.start - place, place - bar.end, 0.0)


def band(number: int, count: int, height: int) -> tuple[int, int]:
    """Top and height of one of `count` tracks within their lane; a little apart where there is room."""
    top, bottom = number * height // count, (number + 1) * height // count
    apart = 2 if bottom - top >= 10 else int(bottom - top >= 3)
    return top, max(1, bottom - top - apart)
