"""The rows of the timeline from top to bottom. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

RULER = 24
FILM = 40
SOUND = 36
BETWEEN = 6
"""Heights in pixels; curves and marks share what is left."""

LEAST_CURVES, LEAST_MARKS, MOST_MARKS = 40, 36, 48
MARKS_SHARE = 0.4


class Lane(IntEnum):
    """What is drawn in tiles of its own."""

    RULER = 0
    MARKS = 1
    FILM = 2
    CURVES = 3
    SOUND = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A lane's place: `top` and `height` in pixels."""

    top: int
    height: int

    @property
    def bottom(self) -> int:
        """The first pixel below."""
        return self.top + self.height


def rows(height: int) -> dict[Lane, Row]:
    """Where each lane lies in a widget of this height."""
    free = height - RULER - FILM - SOUND - 5 * BETWEEN
    marks = min(max(LEAST_MARKS, int(free * MARKS_SHARE)), MOST_MARKS)
    curves = max(LEAST_CURVES, free - marks)
    film = Row(RULER + BETWEEN, FILM)
    sound = Row(film.bottom + BETWEEN, SOUND)
    curve = Row(sound.bottom + BETWEEN, curves)
    return {
        Lane.RULER: Row(0, RULER),
        Lane.FILM: film,
        Lane.SOUND: sound,
        Lane.CURVES: curve,
        Lane.MARKS: Row(curve.bottom + BETWEEN, marks),
    }


def least_height() -> int:
    """The smallest height at which every lane can be read."""
    return RULER + FILM + SOUND + LEAST_CURVES + LEAST_MARKS + 5 * BETWEEN
