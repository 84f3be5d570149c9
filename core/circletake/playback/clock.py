"""The clock of play: the picture follows what was heard; where nothing is heard it follows the wall."""

from __future__ import annotations

import math
from dataclasses import dataclass

JUMP_SECONDS = 0.04
"""Behind by more than this the clock jumps, ahead by more it waits. Source: EBU R37 allows sound to be 40 ms early."""

SLEW = 0.05
"""Share of a second by which the clock may run fast or slow to make up a smaller difference, seconds a second."""

STUCK_SECONDS = 4.0
"""A device that has taken nothing for so long is gone. A null sink of PulseAudio needs two to begin."""


@dataclass(slots=True)
class PlayClock:
    """Seconds played since `start`, asked with the wall's seconds; never runs backwards.

    With `follows`, time stands still until the sound first moves, then runs by the wall and is drawn to the sound.
    """

    speed: float = 1.0
    follows: bool = False
    _played: float = 0.0
    _at: float = 0.0
    _heard: float = 0.0
    _heard_at: float = 0.0
    _error: float = 0.0

    @classmethod
    def started(cls, now: float, *, speed: float = 1.0, follows: bool = False) -> PlayClock:
        """A clock that starts at `now`; `speed` is how many seconds of timeline pass in one of the wall."""
        return cls(speed, follows, 0.0, now, 0.0, now)

    def hear(self, heard: float, now: float) -> None:
        """Tell how many seconds of sound have left the device since the start."""
        if heard <= self._heard:
            return
        if self._heard == 0:
            self._at, self._played = now, heard * self.speed
        else:
            self._settle(heard * self.speed - self.played(now))
        self._heard, self._heard_at = heard, now

    def played(self, now: float) -> float:
        """Timeline seconds played until `now`."""
        if self.follows and self._heard == 0:
            self._at = now
            return self._played
        passed = max(0.0, now - self._at)
        share = SLEW if abs(self._error) <= JUMP_SECONDS else self.speed  # far ahead of the sound it stands still
        made_up = math.copysign(min(abs(self._error), passed * share), self._error)
        self._error -= made_up
        self._played += max(0.0, passed * self.speed + made_up)
        self._at = max(self._at, now)  # a moment before its start is none of its time
        return self._played

    def is_stuck(self, now: float) -> bool:
        """Tell whether the sound this clock follows has stopped coming."""
        return self.follows and now - self._heard_at > STUCK_SECONDS

    def follow_wall(self, now: float) -> None:
        """Go on without sound from where it is."""
        self.played(now)
        self.follows, self._error = False, 0.0

    def _settle(self, off: float) -> None:
        """Note how far the sound is ahead; where that is far, be there at once."""
        jump = off if off > JUMP_SECONDS else 0.0
        self._played += jump
        self._error = off - jump
