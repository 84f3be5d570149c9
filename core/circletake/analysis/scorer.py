"""What scores windows: the protocol every scorer answers, measured or learned."""

from __future__ import annotations

from typing import Protocol

from circletake.analysis.measured import Measured
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.windows import WindowGrid
from circletake.media.frames import MediaInfo
from circletake.media.sweep import Consumers


class Scorer(Protocol):
    """Turns what a sweep saw into curves. One instance serves one analysis."""

    @property
    def name(self) -> str:
        """What the results are labelled with, such as `signals only`."""

    @property
    def revision(self) -> str:
        """Changes whenever the same film would score otherwise; part of the result's key."""

    def consumers(self, media: MediaInfo, grid: WindowGrid) -> Consumers:
        """What it wants from the sweep besides the usual measures; may be nothing."""

    def curves(self, measured: Measured, grid: WindowGrid) -> tuple[ScoreCurve, ...]:
        """Curves from what was seen so far: all windows, in [0, 1]; signals the film lacks are left out."""
