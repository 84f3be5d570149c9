"""The rows of the timeline from top to bottom. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

RULER = 24
FILM = 40
SOUND = 36
BETWEEN = 6
"""Heights in pixels; curves and marks share what is left."""

FLAGS = 13
"""Height of the row of flags, which is part of the ruler."""

TRACK, LEAST_TRACK, FOLDED = 18, 16, 12
"""Heights of a track where there is room, of one whose clips can still say their names, and of all of them folded."""

MOST_TRACKS, LEAST_TRACKS = 192, 80
"""Heights of all tracks together, with room and without; where there are many each gets less."""

LEAST_CURVES, LEAST_MARKS, MOST_MARKS = 40, 36, 48
MARKS_SHARE = 0.4


class Lane(IntEnum):
    """What is drawn in tiles of its own."""

    RULER = 0
    MARKS = 1
    FILM = 2
    CURVES = 3
    SOUND = 4
    FLAGS = 5
    TRACKS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A lane's place: `top` and `height` in pixels."""

    top: int
    height: int

    @property
    def bottom(self) -> int:
        """The first pixel below."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Extras:
    """What only some cuts need: a row of flags, and the tracks, all in one thin row while they are folded."""

    flags: bool = False
    tracks: int = 0
    folded: bool = False

    @property
    def lanes(self) -> int:
        """Lanes below the ruler that other cuts do not have."""
        return int(self.tracks > 0)

    @property
    def ruler(self) -> int:
        """Height of the flags under the ruler."""
        return FLAGS if self.flags else 0

    def least(self) -> int:
        """The smallest height of the tracks."""
        return min(self._folded, self.tracks * LEAST_TRACK, LEAST_TRACKS)

    def most(self) -> int:
        """The greatest."""
        return min(self._folded, self.tracks * TRACK, MOST_TRACKS)

    @property
    def _folded(self) -> int:
        return FOLDED if self.folded else MOST_TRACKS


NONE = Extras()


def rows(height: int, extras: Extras = NONE) -> dict[Lane, Row]:
    """Where each lane lies in a widget of this height; without those that have nothing to show."""
    free = height - _fixed(extras)
    spare = free - LEAST_CURVES - MOST_MARKS
    tracks = min(extras.most(), max(extras.least(), spare))
    free -= tracks
    marks = min(max(LEAST_MARKS, int(free * MARKS_SHARE)), MOST_MARKS)
    lying = {
        Lane.FILM: FILM,
        Lane.TRACKS: tracks,
        Lane.SOUND: SOUND,
        Lane.CURVES: max(LEAST_CURVES, free - marks),
        Lane.MARKS: marks,
    }
    found = {Lane.RULER: Row(0, RULER)}
    if extras.flags:
        found[Lane.FLAGS] = Row(RULER, FLAGS)
    top = RULER + extras.ruler
    for lane, size in lying.items():
        if size:
            found[lane] = Row(top + BETWEEN, size)
            top = found[lane].bottom
    return found


def least_height(extras: Extras = NONE) -> int:
    """The smallest height at which every lane can be read."""
    return _fixed(extras) + extras.least() + LEAST_CURVES + LEAST_MARKS


def _fixed(extras: Extras) -> int:
    return RULER + extras.ruler + FILM + SOUND + (5 + extras.lanes) * BETWEEN
