"""What the editor wants to see: nothing here changes the project."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from circletake.timeline.model import MarkState


class Order(StrEnum):
    """How the list of marks is ordered."""

    RANK = "by rank"
    TIME = "by time"


@dataclass(frozen=True, slots=True)
class Trial:
    """A mark's range while an edge of it is dragged: `start` and `end` (exclusive) in timeline frames."""

    mark_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is selected, in which order, which marks and curves are shown, and what is being tried.

    `selected` are mark ids, the newest last; that one is what the inspector explains. `states` are those listed.
    `looked` is when the list of work was last looked at, on the jobs' clock: failures before are no news.
    """

    selected: tuple[str, ...] = ()
    order: Order = Order.RANK
    states: frozenset[MarkState] = frozenset(MarkState)
    shown_curves: frozenset[str] = frozenset()
    trial: Trial | None = None
    looked: float = 0.0

    @property
    def focus(self) -> str | None:
        """The mark the inspector explains, or None."""
        return self.selected[-1] if self.selected else None
