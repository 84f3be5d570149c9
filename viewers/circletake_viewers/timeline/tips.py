"""What is told about the thing under the mouse: plain text, made of what was measured or written elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from circletake_viewers.state.shown import Clock, Flag, MarkRow, TrackBar, TrackRow
from circletake_viewers.timeline import gutter
from circletake_viewers.timeline.canvas import Canvas
from circletake_viewers.timeline.hands import Hands
from circletake_viewers.timeline.lanes import Lane
from circletake_viewers.timeline.layers import LEAST, NEARBY

LONGEST = 300
"""Letters of a flag's comment, where several flags share one tool tip."""


def about(canvas: Canvas, hands: Hands, place: QPoint) -> str:
    """What there is to say about a pixel of the canvas; empty where there is nothing."""
    clock, layers, places = canvas.scene.cut.clock, canvas.scene.layers, canvas.places
    if flags := hands.flags_at(place):
        return about_flags(clock, flags)
    tracks = places.get(Lane.TRACKS)
    if tracks and hands.is_in_gutter(place):
        return gutter.words(layers, tracks, place.y(), folded=canvas.folded)
    at, reach = canvas.scale.at(place.x()), LEAST / canvas.scale.per_frame
    if tracks and (found := layers.bar_at(tracks, at, reach, place.y())):
        return about_bar(clock, *found)
    row = hands.mark_at(place)
    return about_mark(clock, row) if row else ""


def about_mark(clock: Clock, row: MarkRow) -> str:
    """A mark's title, range and score."""
    score = "" if row.score is None else f"  ·  {row.score:.0f} of 100"
    return f"{row.title}\n{clock.timecode(row.start)} – {clock.timecode(row.end)}{score}"


def about_bar(clock: Clock, row: TrackRow, bar: TrackBar) -> str:
    """A clip's name, track and range, and what is wrong with it."""
    speed = {"": "", "held": "  ·  held frame"}.get(bar.speed_text, f"  ·  plays at {bar.speed_text}")
    lines = [bar.name or "clip without a name"]
    lines.append(f"{row.label}  ·  {clock.timecode(bar.start)} – {clock.timecode(bar.end)}{speed}")
    if bar.missing:
        lines.append(f"missing: {bar.path}")
    elif not bar.has_media:
        lines.append("made in another tool: there is no file behind it")
    return "\n".join(lines)


def about_flags(clock: Clock, flags: tuple[Flag, ...]) -> str:
    """The nearest flags' names, places and comments."""
    told = [_about_flag(clock, flag, LONGEST if len(flags) > 1 else None) for flag in flags[:NEARBY]]
    rest = len(flags) - NEARBY
    return "\n".join(told + ([f"and {rest:,} more"] if rest > 0 else []))


def _about_flag(clock: Clock, flag: Flag, longest: int | None) -> str:
    until = f" – {clock.timecode(flag.end)}" if flag.end > flag.start else ""
    words = [clock.timecode(flag.start) + until, flag.kind, "on a clip" if flag.on_clip else ""]
    name = flag.name or "marker without a name"
    comment = f"\n{flag.comment[:longest]}" if flag.comment else ""
    return f"{name}\n{'  ·  '.join(filter(None, words))}{comment}"
