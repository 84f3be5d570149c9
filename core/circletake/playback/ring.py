"""Pictures ready before they are due."""

from __future__ import annotations

from collections import deque

from circletake.playback.showing import Shown

RING_BYTES = 96 * 2**20
"""Most that waits ready while playing forwards: 45 pictures of 950 x 534, 11 of 1080p."""

RING_PICTURES = 30
"""And never more than these: a second, so that a cut within a film of long groups is bridged."""


class Ring:
    """Pictures by their distance on the way, nearest first. Whoever shares it holds a lock."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Shown]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def bytes(self) -> int:
        """Memory of all of them."""
        return self._bytes

    @property
    def is_full(self) -> bool:
        """Tell whether no more should be made ready."""
        return len(self._waiting) >= RING_PICTURES or (self._bytes >= RING_BYTES and len(self._waiting) > 1)

    def put(self, distance: int, shown: Shown) -> None:
        """Add one that lies behind all others."""
        self._waiting.append((distance, shown))
        self._bytes += shown.size

    def take(self, distance: int) -> tuple[int, Shown] | None:
        """The last one due at a distance, with its own; earlier ones are dropped. None where none is due."""
        taken = None
        while self._waiting and self._waiting[0][0] <= distance:
            taken = self._waiting.popleft()
            self._bytes -= taken[1].size
        return taken
