"""What running work may say and must ask: three verbs, each a place to be cancelled."""

from __future__ import annotations

from typing import Protocol


class JobCancelled(Exception):
    """Raised inside work that nobody wants any more; it unwinds the work and is never an error."""


class JobContext(Protocol):
    """Handed to every piece of long work. Each verb can raise `JobCancelled`; call one per window, token or frame."""

    def progress(self, done: float, total: float) -> None:
        """Say how far the work is; `total` 0 means not known. Thinned before anyone sees it, so call it freely."""

    def partial(self, value: object) -> None:
        """Hand out a result as soon as it is found. `value` is frozen and holds arrays, never tensors."""

    def checkpoint(self) -> None:
        """A place to stop: serves the newest waiting request of the second lane, and raises when cancelled."""


class NoContext:
    """Work that nobody watches: progress goes nowhere and nothing cancels it."""

    def progress(self, done: float, total: float) -> None:
        """Ignore it."""

    def partial(self, value: object) -> None:
        """Ignore it."""

    def checkpoint(self) -> None:
        """Go on."""
