"""What the hand is doing with the mouse button down: one frozen value for each kind of drag."""

from __future__ import annotations

from dataclasses import dataclass, replace

from circletake_viewers.state.shown import MarkRow
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.snapping import REACH, Part, Span, Targets, drawn, trimmed

BEGINS = 4.0
"""Pixels the mouse moves before a press on a mark becomes a drag: a click with an unsteady hand moves nothing."""


CLINGS = 5.0
"""Pixels within which the playhead snaps: fewer than an edge, for most who scrub want any frame."""


@dataclass(frozen=True, slots=True)
class Scrub:
    """The playhead follows the mouse. `frame` is where it was sent last.

    Pressed on a flag, at pixel `held`, it stands there until the mouse has clearly moved.
    """

    frame: int
    held: float | None = None

    def to(self, x: float, scale: Scale, targets: Targets) -> Scrub:
        """The drag after the mouse came to a pixel."""
        if self.held is not None and abs(x - self.held) < BEGINS:
            return self
        snap = targets.near(scale.at(x), CLINGS / scale.per_frame)
        return Scrub(min(snap.frame, max(0, scale.frames - 1)) if snap else scale.frame(x))


@dataclass(frozen=True, slots=True)
class Pan:
    """The content follows the mouse, last seen at `x`."""

    x: float


@dataclass(frozen=True, slots=True)
class Trim:
    """A mark's edge or body follows the mouse.

    `grip` is how far, in frames, the mouse was from what it holds; `span` is None until the drag has begun.
    """

    row: MarkRow
    part: Part
    pressed: float
    grip: float
    targets: Targets
    splits: bool = False
    span: Span | None = None

    @property
    def held(self) -> Span:
        """The mark as it was."""
        return Span(self.row.start, self.row.end)

    def to(self, x: float, scale: Scale, targets: Targets) -> Trim:
        """The drag after the mouse came to a pixel."""
        if self.span is None and abs(x - self.pressed) < BEGINS:
            return self
        reach = REACH / scale.per_frame
        place = scale.at(x) + self.grip
        return replace(self, span=trimmed(self.held, self.part, place, scale.frames, targets, reach))


@dataclass(frozen=True, slots=True)
class Draw:
    """A new range grows from `anchor` to the mouse."""

    anchor: int
    pressed: float
    targets: Targets
    span: Span | None = None

    def to(self, x: float, scale: Scale, targets: Targets) -> Draw:
        """The drag after the mouse came to a pixel."""
        if self.span is None and abs(x - self.pressed) < BEGINS:
            return self
        reach = REACH / scale.per_frame
        return replace(self, span=drawn(self.anchor, scale.at(x), scale.frames, targets, reach))


Drag = Scrub | Pan | Trim | Draw
