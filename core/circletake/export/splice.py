"""Which frames of a clip can be copied as they are, and which few must be encoded anew: pure arithmetic on an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from circletake.media.index import PacketIndex
from circletake.timebase import TimeRange, round_fraction

SNAP_SHARE = Fraction(1, 4)
"""Share of a frame by which a cut may miss a frame's own start and still mean it: containers round their times."""

MIN_COPIED = 2
"""Fewest copied frames worth two splices."""


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The frames of one clip: numbers `first` up to, not including, `stop` of the index.

    `pts` int64 (N,) are their source timestamps; the clip's time 0 is `zero` and it ends at `end` (source ticks).
    """

    first: int
    stop: int
    zero: int
    end: int
    pts: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return self.stop - self.first

    def clip_pts(self) -> NDArray[np.int64]:
        """Timestamps inside the clip: the first is 0, also where its frame began before the cut."""
        shifted = self.pts - self.zero
        return np.maximum(shifted, 0)


def span_of(index: PacketIndex, cut: TimeRange) -> Span:
    """The frames shown during `cut` (media time); a cut within a quarter frame of a frame's start means that frame.

    Raises:
        ValueError: no frame is shown then.
    """
    slack = index.frame_ticks * float(SNAP_SHARE)
    start = round_fraction(cut.start_time.seconds / index.time_base) + index.origin
    end = round_fraction(cut.end_time_exclusive.seconds / index.time_base) + index.origin
    shown = index.sorted_pts
    if not len(index) or end <= shown[0] or start >= index.end_pts:
        raise ValueError("no picture is shown in this range")
    first = max(0, int(np.searchsorted(shown, start + slack, side="right")) - 1)
    stop = max(first + 1, int(np.searchsorted(shown, end - slack, side="left")))
    pts = shown[first:stop]
    zero = int(pts[0]) if abs(int(pts[0]) - start) <= slack or start < pts[0] else start
    following = int(shown[stop]) if stop < len(shown) else index.end_pts
    finish = following if abs(following - end) <= slack or stop == len(shown) else end
    return Span(first, stop, zero, max(finish, int(pts[-1]) + 1), pts)


@dataclass(frozen=True, slots=True, eq=False)
class Splice:
    """How a clip is put together: `head` frames encoded, packets `copied` as they are, `tail` frames encoded.

    `head` and `tail` are source timestamps in showing order; `copied` are positions in the index, in decoding order.
    `open_entry` tells that the first copied key frame is one of an open group, whose leading frames are in `head`.
    """

    head: NDArray[np.int64] = field(repr=False)
    copied: NDArray[np.int64] = field(repr=False)
    tail: NDArray[np.int64] = field(repr=False)
    open_entry: bool = False


def find_splice(index: PacketIndex, span: Span, safe_keys: Sequence[int]) -> Splice | None:
    """Copy from the first of `safe_keys` (positions in the index) that lies in the clip; None where too little is.

    The copy ends where the packets so far, in decoding order, are exactly the frames so far in showing order: there
    a run of reordered frames is complete, and what follows starts with a fresh encoder.
    """
    starts = [key for key in safe_keys if span.pts[0] <= index.pts[key] <= span.pts[-1]]
    if not starts:
        return None
    start = min(starts, key=lambda key: int(index.pts[key]))
    entry = int(index.pts[start])
    copied = _whole_run(index, start, entry, int(span.pts[-1]))
    if len(copied) < MIN_COPIED:
        return None
    last = int(index.pts[copied].max())
    return Splice(span.pts[span.pts < entry], copied, span.pts[span.pts > last])


def _whole_run(index: PacketIndex, start: int, entry: int, last: int) -> NDArray[np.int64]:
    """Positions from `start` on, without leading frames, up to the last point where no frame is missing before it."""
    positions = np.arange(start, len(index.pts), dtype=np.int64)
    positions = positions[index.pts[start:] >= entry]
    pts = index.pts[positions]
    inside = int(np.searchsorted(np.maximum.accumulate(pts), last, side="right"))
    inside = min(inside, int(np.argmax(index.hidden[positions])) if index.hidden[positions].any() else inside)
    whole = np.flatnonzero(whole_so_far(index, pts[:inside]))
    return positions[: int(whole[-1]) + 1] if len(whole) else positions[:0]


def whole_so_far(index: PacketIndex, pts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each prefix of `pts` (decoding order): are these exactly the frames from its first to its latest shown?

    Such a prefix holds as many frames as lie between the two in showing order.
    """
    if not len(pts):
        return np.zeros(0, np.bool_)
    rank = np.searchsorted(index.sorted_pts, np.maximum.accumulate(pts)) - np.searchsorted(index.sorted_pts, pts[0])
    return np.asarray(rank + 1 == np.arange(1, len(pts) + 1), np.bool_)


def decode_times(pts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Decoding times for packets in decoding order: rising, never after their own showing time.

    The n-th packet is decoded when the n-th frame would be shown, earlier by the longest wait any frame has.
    """
    shown = np.sort(pts)
    return shown - int((shown - pts).max())
