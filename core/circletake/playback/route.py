"""The way play takes over a timeline: forwards or backwards, to an end or round a loop."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Route:
    """Play from timeline frame `first`, inside [`start`, `end`), forwards (`direction` 1) or backwards (-1).

    A place on the way is its distance from `first` in frames, which only grows, also round a loop.
    """

    first: int
    start: int
    end: int
    direction: int = 1
    loops: bool = False

    @property
    def run_up(self) -> int:
        """Frames from `first` to the end in sight, `first` included."""
        return self.end - self.first if self.direction > 0 else self.first - self.start + 1

    def frame(self, distance: int) -> int | None:
        """The timeline frame at a distance; None beyond the end of a way that does not loop."""
        if distance < self.run_up:
            return self.first + self.direction * distance
        if not self.loops:
            return None
        over = (distance - self.run_up) % (self.end - self.start)
        return self.start + over if self.direction > 0 else self.end - 1 - over

    def spans(self, rate: Fraction) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction] | None]:
        """What is heard on the way forwards, in timeline seconds: the first span, then the one that repeats."""
        repeated = (self.start / rate, self.end / rate) if self.loops else None
        return (self.first / rate, self.end / rate), repeated
