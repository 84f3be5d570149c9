"""Small timelines to show: what the window would hand over, made by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from circletake.analysis.scores import ScoreCurve
from circletake.analysis.windows import WindowGrid
from circletake.media.frames import FrameBatch
from circletake.media.waveform import PEAKS_A_SECOND, Waveform
from circletake.timebase import RationalTime
from circletake.timeline.model import MarkState
from circletake_viewers.state.shown import Clock, Cut, Legend, MarkRow, Strip

RATE = Fraction(25)
LEGEND = (Legend("score", "Score", None, shown=True), Legend("motion", "Motion", 0, shown=False))


def strip(seconds: float = 60.0, *, start: int = 0, until: float | None = None, name: str = "film") -> Strip:
    """A film on the timeline from frame `start`, measured up to `until` seconds; cuts each 10, a pause from 4 to 5."""
    measured = seconds if until is None else until
    seen = np.arange(0, measured, 2.0)
    heard = int(measured * PEAKS_A_SECOND)
    loud = (np.arange(heard) % 100).astype(np.int8)
    return Strip(
        name,
        Path(name),
        start,
        start + int(seconds * RATE),
        -start / float(RATE),
        thumbnails=FrameBatch(np.full((len(seen), 36, 64, 3), 120, np.uint8), seen),
        waveform=Waveform(-loud, loud),
        cuts=np.arange(10.0, measured, 10.0),
        pauses=np.array([[4.0, 5.0]]),
        curves=(curve("score", measured), curve("motion", measured)),
        measured=measured,
    )


def curve(name: str, seconds: float, level: float = 0.5) -> ScoreCurve:
    """A flat one."""
    grid = WindowGrid(RationalTime.from_seconds(max(seconds, 0.5), Fraction(1000)))
    return ScoreCurve(name, name.title(), "signals only", grid, np.full(len(grid), level, np.float32))


def cut_of(*strips: Strip) -> Cut:
    """A timeline of these clips."""
    return Cut(Clock(RATE), max((each.end for each in strips), default=0), strips, LEGEND, "signals only")


def mark(mark_id: str, start: int, end: int, state: MarkState = MarkState.PROPOSED, rank: int = 1) -> MarkRow:
    """A mark from frame to frame."""
    return MarkRow(mark_id, rank, f"Mark {mark_id}", state, 80.0, start, end)
