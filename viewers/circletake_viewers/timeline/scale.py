"""Where frames lie on the screen. Pure: no widget, no clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

PAD = 16.0
"""Pixels between the timeline's ends and the widget's, when all the way there."""

CLOSEST = 20.0
"""Pixels a frame has at most, unless so few frames are there that they have more when all are seen."""

PAGE_SHARE = 0.1
"""Where in the view the playhead stands after a page was turned, and a range that is longer than the view begins."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`frames` frames of `per_frame` pixels each; content pixel `origin` lies at the left edge of `width` pixels."""

    frames: int = 0
    width: float = 1.0
    per_frame: float = 1.0
    origin: float = -PAD

    @classmethod
    def fitted(cls, frames: int, width: float) -> Scale:
        """All of the timeline, from edge to edge."""
        return cls(frames, width, fit_size(frames, width), -PAD)

    @property
    def total(self) -> float:
        """Length of the whole timeline in pixels."""
        return self.frames * self.per_frame

    @property
    def is_fitted(self) -> bool:
        """Tell whether all of it is seen."""
        return self.per_frame <= fit_size(self.frames, self.width) * (1 + 1e-9)

    @property
    def first(self) -> float:
        """The place, in frames, at the left edge; below 0 where the timeline begins later."""
        return self.origin / self.per_frame

    @property
    def last(self) -> float:
        """The place, in frames, at the right edge."""
        return (self.origin + self.width) / self.per_frame

    def x(self, frame: float) -> float:
        """Pixel of a frame's beginning."""
        return frame * self.per_frame - self.origin

    def at(self, x: float) -> float:
        """The place under a pixel, in frames; may lie outside of the timeline."""
        return (x + self.origin) / self.per_frame

    def frame(self, x: float) -> int:
        """The frame under a pixel; the nearest one where there is none."""
        return min(max(0, math.floor(self.at(x))), max(0, self.frames - 1))

    def edge(self, x: float) -> int:
        """The border between two frames nearest to a pixel, 0 to `frames`."""
        return min(max(0, math.floor(self.at(x) + 0.5)), self.frames)

    def zoomed(self, factor: float, at: float | None = None) -> Scale:
        """Nearer (`factor` above 1) or farther; what is under pixel `at`, by default the middle, stays there."""
        if not self.frames:
            return self
        x = self.width / 2 if at is None else at
        least = fit_size(self.frames, self.width)
        size = min(max(self.per_frame * factor, least), max(CLOSEST, least))
        return _inside(replace(self, per_frame=size, origin=self.at(x) * size - x))

    def panned(self, pixels: float) -> Scale:
        """Moved along; content goes left when `pixels` is above 0."""
        return _inside(replace(self, origin=self.origin + pixels))

    def resized(self, width: float) -> Scale:
        """The same place in another width; what was all seen stays all seen."""
        if self.is_fitted:
            return Scale.fitted(self.frames, width)
        size = max(self.per_frame, fit_size(self.frames, width))
        return _inside(replace(self, width=width, per_frame=size))

    def lasting(self, frames: int) -> Scale:
        """The same place in a timeline of another length; what was all seen stays all seen."""
        if self.is_fitted or not frames:
            return Scale.fitted(frames, self.width)
        size = max(self.per_frame, fit_size(frames, self.width))
        return _inside(replace(self, frames=frames, per_frame=size))

    def showing(self, start: int, end: int) -> Scale:
        """As near as a range can be seen whole, with a little around it."""
        room = max(1.0, self.width - 2 * PAD)
        length = max(1, end - start)
        scaled = self.zoomed(room / (length * self.per_frame))
        middle = (start + end) / 2 * scaled.per_frame
        return _inside(replace(scaled, origin=middle - self.width / 2))

    def revealing(self, start: int, end: int) -> Scale:
        """Moved as little as needed to see a range; its beginning, where it is too long to be seen whole."""
        left, right, room = self.x(start), self.x(end), self.width - 2 * PAD
        if right - left > room:
            is_seen = -room < left - PAD < self.width / 2
            return self if is_seen and right > PAD else self.panned(left - self.width * PAGE_SHARE)
        if left < PAD:
            return self.panned(left - PAD)
        return self.panned(max(0.0, right - (self.width - PAD)))

    def paged(self, frame: int) -> Scale:
        """The page on which a running playhead stands."""
        x = self.x(frame)
        if 0 <= x <= self.width - PAD:
            return self
        return self.panned(x - self.width * PAGE_SHARE)

    def aligned(self, ratio: float) -> Scale:
        """Begin on a whole device pixel, `ratio` of them a pixel, so that pictures stay sharp."""
        return replace(self, origin=round(self.origin * ratio) / ratio)


def _inside(scale: Scale) -> Scale:
    most = scale.total + PAD - scale.width
    return replace(scale, origin=max(-PAD, min(scale.origin, most)))


def fit_size(frames: int, width: float) -> float:
    """Pixels a frame has when all are seen."""
    return max(1.0, width - 2 * PAD) / max(1, frames)
