"""What the views draw: frozen, made by `resolve`, with nothing left to decide. Times are timeline frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.scores import ScoreCurve
from circletake.media.frames import FrameBatch
from circletake.media.waveform import Waveform
from circletake.session.importing import Imported
from circletake.timebase import RationalTime, TimeRange, may_drop_frames, to_timecode
from circletake.timeline.model import Mark, MarkState, TrackKind
from circletake_viewers.state.facts import JobFact
from circletake_viewers.state.missing import MissingFile
from circletake_viewers.state.wish import Trial


@dataclass(frozen=True, slots=True)
class Clock:
    """How the timeline counts: frames a second, how its timecode is numbered, and where it starts."""

    rate: Fraction = Fraction(25)
    drop_frame: bool = False
    first: RationalTime | None = None

    def timecode(self, frame: int) -> str:
        """The timecode of a frame."""
        time = RationalTime(frame, self.rate)
        drop_frame = self.drop_frame and may_drop_frames(self.rate)  # a project may say so at any rate
        return to_timecode(self.first + time if self.first else time, self.rate, drop_frame=drop_frame)

    def seconds(self, frames: int) -> float:
        """A length or place in seconds."""
        return float(frames / self.rate)

    def frame(self, seconds: float) -> int:
        """The frame nearest to a place in seconds."""
        return RationalTime.from_seconds(seconds, self.rate).value

    def span(self, start: int, end: int) -> TimeRange:
        """Two frames as exact timeline time."""
        return TimeRange(RationalTime(start, self.rate), RationalTime(end - start, self.rate))


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One clip as it lies on the timeline, and what was measured of its medium so far.

    `start` and `end` (exclusive) are timeline frames. Media time in seconds = timeline seconds * `speed` + `offset`:
    `speed` is negative where the clip plays backwards, 0 where it holds a frame. `cuts` float64 (C,) and `pauses`
    float64 (P, 2) are media seconds; `curves` begin with the score itself. What is not measured yet, or not there, is
    None or empty. `measured` is the media second up to which measuring has come from where the clip begins in it.
    """

    name: str
    path: Path | None
    start: int
    end: int
    offset: float
    missing: bool = False
    has_picture: bool = True
    has_sound: bool = True
    thumbnails: FrameBatch | None = field(default=None, repr=False)
    waveform: Waveform | None = field(default=None, repr=False)
    cuts: NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64), repr=False)
    pauses: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2), np.float64), repr=False)
    curves: tuple[ScoreCurve, ...] = field(default=(), repr=False)
    measured: float = 0.0
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Legend:
    """A curve's entry: `color` is its place in the theme's curves, None for the score, which has the accent."""

    name: str
    title: str
    color: int | None
    shown: bool


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What the timeline draws besides marks: `strips` in time order, `frames` long."""

    clock: Clock = field(default_factory=Clock)
    frames: int = 0
    strips: tuple[Strip, ...] = ()
    legend: tuple[Legend, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class TrackBar:
    """A clip on its track, from frame `start` to `end` (exclusive).

    `missing` tells that its file is not there; without `has_media` it never had one. `speed_text` reads `2x`, `-1x` or
    `held`, and is empty at normal speed.
    """

    name: str
    start: int
    end: int
    missing: bool = False
    speed_text: str = ""
    has_media: bool = True
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track of the cut, its clips in time order. `label` says which it is: `V2`, `A1`."""

    name: str
    kind: TrackKind
    bars: tuple[TrackBar, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What another tool pointed out: a moment where `start` is `end`, else a stretch. `color` is `#rrggbb` or empty."""

    start: int
    end: int
    name: str
    comment: str = ""
    color: str = ""
    kind: str = ""
    on_clip: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The cut's tracks from the topmost picture down to the last sound, and flags by start.

    A `plain` cut has nothing to say here. `edits` int64 (N,) are the frames, rising, at which a clip of any track
    begins or ends; `shots` those of the pictures.
    """

    rows: tuple[TrackRow, ...] = ()
    flags: tuple[Flag, ...] = ()
    plain: bool = True
    edits: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)
    shots: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A mark as list and lane show it. `rank` counts from 1, by score; `shape` is the score inside it, six levels.

    A `provisional` one was found in curves that still grow; it becomes a mark when they are whole.
    """

    id: str
    rank: int
    title: str
    state: MarkState
    score: float | None
    start: int
    end: int
    shape: tuple[float, ...] = ()
    noted: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The list: `rows` as listed, `lane` all of them by start. `summary` reads `4 found · 1 kept · 10.9 s`.

    `hidden` counts those the filter leaves out; `empty` says why there are none. `made` keeps each mark's row beside
    the mark it was made of, so that the next list makes only what is new.
    """

    rows: tuple[MarkRow, ...] = ()
    lane: tuple[MarkRow, ...] = ()
    summary: str = ""
    hidden: int = 0
    empty: str = ""
    made: Mapping[str, tuple[Mark, MarkRow]] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A signal's share of a mark's score: `level` 0 to 100, `weight` as fused, `color` as in the legend."""

    name: str
    title: str
    level: int
    weight: float
    color: int


@dataclass(frozen=True, slots=True)
class Explained:
    """The inspector's mark. `others` counts further selected ones; `span` and `length` are text, frames are numbers."""

    row: MarkRow
    span: str
    length: str
    caption: str
    place: str
    parts: tuple[Part, ...]
    moment: int | None
    moment_text: str
    source: str
    note: str
    others: int = 0
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Top:
    """The top bar. `chip` says what scores; `export` what the main button will do."""

    title: str = ""
    saved: str = ""
    saved_at: float | None = None
    chip: str = ""
    chip_hint: str = ""
    export: str = "Export"
    can_export: bool = False
    undo: str | None = None
    redo: str | None = None
    keeper: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The status bar: the job that runs, if any, and what the footage and the machine are."""

    job: JobFact | None = None
    line: str = ""
    share: float | None = None
    waiting: int = 0
    failed: int = 0
    machine: str = ""
    media: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """All of it. Parts that did not change are the same objects as before, so views compare by identity."""

    is_open: bool = False
    cut: Cut = field(default_factory=Cut)
    tracks: Tracks = field(default_factory=Tracks)
    marks: Marks = field(default_factory=Marks)
    selected: tuple[str, ...] = ()
    trial: Trial | None = None
    explained: Explained | None = None
    top: Top = field(default_factory=Top)
    status: Status = field(default_factory=Status)
    jobs: tuple[JobFact, ...] = ()
    missing: tuple[MissingFile, ...] = ()
    imported: Imported | None = None
