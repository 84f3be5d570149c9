"""What an export did, clip by clip."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from circletake.errors import ErrorInfo
from circletake.export.plan import ExportMode
from circletake.timebase import RationalTime


@dataclass(frozen=True, slots=True)
class Written:
    """What is really in a clip.

    `start` and `end` are exact media times of its first frame and of the end of its last. `start_early` and
    `end_late` are the seconds by which they lie outside the range asked for (copy only; else 0). `audio_offset` is
    the time between the first picture and the first sound (positive where sound starts later). `frames_copied` of
    `frames` are bit for bit those of the source. `verified` tells that the file was read back and found right.
    """

    mode: ExportMode
    start: RationalTime
    end: RationalTime
    frames: int
    frames_copied: int = 0
    start_early: Fraction = Fraction(0)
    end_late: Fraction = Fraction(0)
    audio_offset: Fraction = Fraction(0)
    verified: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipReport:
    """One clip: `written` and `size` in bytes, or the `error` that left no file behind.

    `wanted` is the mode asked for, `reason` why the one in `written` is another (empty where it is not).
    """

    name: str
    mark_id: str
    path: Path
    wanted: ExportMode
    reason: str = ""
    written: Written | None = None
    size: int = 0
    error: ErrorInfo | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the clip is there."""
        return self.written is not None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """All clips of a run, in the plan's order."""

    folder: Path
    clips: tuple[ClipReport, ...]

    @property
    def failed(self) -> tuple[ClipReport, ...]:
        """Clips that could not be written."""
        return tuple(clip for clip in self.clips if not clip.ok)

    @property
    def bytes(self) -> int:
        """Room all clips take."""
        return sum(clip.size for clip in self.clips)
