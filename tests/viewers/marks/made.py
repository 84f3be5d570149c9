"""Marks as the window would show them, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from circletake.timeline.model import MarkState
from circletake_viewers.commands import COMMANDS
from circletake_viewers.state.shown import Clock, Explained, MarkRow, Marks, Part

CLOCK = Clock(Fraction(24))
KEYS = {command.name: command.keys for command in COMMANDS}


def row(name: str, rank: int = 1, state: MarkState = MarkState.PROPOSED, score: float | None = 80.0) -> MarkRow:
    start = 24 * 10 * rank
    return MarkRow(name, rank, f"Title of {name}", state, score, start, start + 48, (0.2, 0.4, 0.9, 0.7, 0.5, 0.3))


def rows(count: int) -> tuple[MarkRow, ...]:
    return tuple(row(f"mark-{number}", number + 1) for number in range(count))


def listed(found: Sequence[MarkRow], **more: object) -> Marks:
    return Marks(rows=tuple(found), lane=tuple(found), summary=f"{len(found)} found", **more)  # type: ignore[arg-type]  # names and values are those of Marks


MOTION = Part("motion", "Motion", 88, 1.0, 0)


def explained(of: MarkRow, **more: object) -> Explained:
    usual: dict[str, object] = {
        "span": f"{CLOCK.timecode(of.start)} – {CLOCK.timecode(of.end)}",
        "length": "2.0 s",
        "caption": "Rank in this timeline, by measured signals",
        "place": "1st of 4",
        "parts": (MOTION, Part("speech", "Speech", 22, 0.5, 4)),
        "moment": of.start + 12,
        "moment_text": "loudness rise 14 LU",
        "source": "signals only",
        "note": "",
    }
    return Explained(of, **{**usual, **more})  # type: ignore[arg-type]  # names and values are those of Explained
