"""What an edge clings to while it is dragged, and where it may go. Pure; frames are ints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

from circletake_viewers.state.shown import Cut, Tracks
from circletake_viewers.timeline.strips import to_frames

REACH = 8.0
"""Pixels within which an edge snaps."""


class Kind(IntEnum):
    """What there is to snap to; of several at one place the first is named."""

    CUT = 0
    FLAG = 1
    EDIT = 2
    PAUSE = 3
    PLAYHEAD = 4
    MARK = 5
    END = 6


WORDS = ("cut", "marker", "end of a clip", "pause", "playhead", "mark", "end of the timeline")
"""How each kind is called."""


class Part(Enum):
    """What of a mark is held."""

    START = "start"
    END = "end"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Snap:
    """A place an edge clung to."""

    frame: int
    kind: Kind


Places = dict[Kind, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Places to snap to: `frames` int64 (N,) rising, `kinds` int8 (N,)."""

    frames: NDArray[np.int64]
    kinds: NDArray[np.int8]

    @classmethod
    def of(cls, places: Places) -> Targets:
        """All of them in one row."""
        frames = np.concatenate([np.empty(0, np.int64), *places.values()])
        kinds = np.concatenate(
            [np.empty(0, np.int8), *(np.full(len(at), kind, np.int8) for kind, at in places.items())]
        )
        order = np.lexsort((kinds, frames))
        return cls(frames[order], kinds[order])

    def near(self, place: float, reach: float) -> Snap | None:
        """The nearest within `reach` frames of a place, or None."""
        first = int(np.searchsorted(self.frames, place - reach, "left"))
        last = int(np.searchsorted(self.frames, place + reach, "right"))
        if first == last:
            return None
        best = first + int(np.argmin(np.abs(self.frames[first:last] - place)))
        return Snap(int(self.frames[best]), Kind(int(self.kinds[best])))


NOWHERE = Targets(np.empty(0, np.int64), np.empty(0, np.int8))
"""Nothing to snap to."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range that is tried: `end` is exclusive. `snap` tells what it clings to."""

    start: int
    end: int
    snap: Snap | None = None


def edges_of(cut: Cut) -> Places:
    """Shot cuts, ends of speech pauses, and the ends of the timeline."""
    cuts = [to_frames(cut.clock, strip, strip.cuts) for strip in cut.strips]
    pauses = [to_frames(cut.clock, strip, strip.pauses.ravel()) for strip in cut.strips]
    none = np.empty(0, np.int64)
    return {
        Kind.CUT: np.concatenate([none, *cuts]),
        Kind.PAUSE: np.concatenate([none, *pauses]),
        Kind.END: np.array([0, cut.frames], np.int64),
    }


def edges_of_tracks(tracks: Tracks) -> Places:
    """The ends of every track's clips, and where other tools pointed."""
    flags = [edge for flag in tracks.flags for edge in (flag.start, flag.end)]
    return {Kind.EDIT: tracks.edits, Kind.FLAG: np.unique(np.array(flags, np.int64))}


def trimmed(held: Span, part: Part, place: float, frames: int, targets: Targets, reach: float) -> Span:
    """A mark after its edge, or as a whole its start, was dragged to `place`; never outside of 0 to `frames`.

    `reach` is in frames; a mark keeps at least one frame.
    """
    if part is Part.BODY:
        return _moved(held, place, frames, targets, reach)
    snap = targets.near(place, reach)
    wanted = snap.frame if snap else math.floor(place + 0.5)
    if part is Part.START:
        start = max(0, min(wanted, held.end - 1))
        return Span(start, held.end, snap if start == wanted else None)
    end = min(max(wanted, held.start + 1), frames)
    return Span(held.start, end, snap if end == wanted else None)


def _moved(held: Span, place: float, frames: int, targets: Targets, reach: float) -> Span:
    length = held.end - held.start
    begin, finish = targets.near(place, reach), targets.near(place + length, reach)
    wanted, snap = math.floor(place + 0.5), None
    if begin and (not finish or abs(begin.frame - place) <= abs(finish.frame - place - length)):
        wanted, snap = begin.frame, begin
    elif finish:
        wanted, snap = finish.frame - length, finish
    start = max(0, min(wanted, frames - length))
    return Span(start, start + length, snap if start == wanted else None)


def drawn(anchor: int, place: float, frames: int, targets: Targets, reach: float) -> Span:
    """A new range from `anchor` to where the mouse is, either way; at least one frame."""
    snap = targets.near(place, reach)
    wanted = min(max(0, snap.frame if snap else math.floor(place + 0.5)), frames)
    start, end = min(anchor, wanted), max(anchor, wanted)
    if start == end:
        end = min(end + 1, frames)
        start = min(start, end - 1)
    return Span(start, end, snap)
