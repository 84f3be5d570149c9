"""The main job: one sweep over a film, curves from what it saw, segments from the curves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from circletake.analysis.edges import Edges
from circletake.analysis.measured import Measured, Meters
from circletake.analysis.scorer import Scorer
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.segments import Segment, SegmentLimits, describe, find_segments
from circletake.analysis.signals import fuse
from circletake.analysis.windows import WindowGrid
from circletake.errors import MediaUnreadable
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.media.spans import place_after
from circletake.media.sweep import Consumers, SweepReport, sweep
from circletake.speech.vad import speech_spans
from circletake.timebase import MICROSECONDS, RationalTime, TimeRange

LIVE_SECONDS = 1.0
"""Seconds between two looks at unfinished curves; often enough to see them grow."""

LIVE_SHARE = 20
"""Work done between two looks, in multiples of what a look costs."""


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """All a run needs to score a film. `fast` leaves out pictures nothing refers to; the result says so.

    `spans` are the parts of it to decode (`media.spans`), none for all; windows outside of them are not known.
    """

    media: MediaInfo
    fast: bool = False
    thumbnail_count: int = 200
    spans: tuple[TimeRange, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A film's curves, before any length of segment was asked for; what the cache keeps.

    `method` names what scored it; `seconds_spent` is the run's own wall time.
    """

    fingerprint: str
    method: str
    revision: str
    fast: bool
    grid: WindowGrid
    curves: tuple[ScoreCurve, ...]
    fused: ScoreCurve
    measured: Measured = field(repr=False)
    report: SweepReport
    seconds_spent: float = 0.0

    def describe(self, span: TimeRange) -> Segment:
        """Score and name any stretch of media time, for a mark whose ends were moved."""
        return describe(self.fused, self.curves, span)

    def knows(self, span: TimeRange) -> bool:
        """Tell whether any window under a stretch of media time was measured."""
        windows = self.grid.span(span.start_time.to_seconds(), span.end_time_exclusive.to_seconds())
        return bool(self.grid.known[windows].any())


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Curves and the segments found in them, best first. `cached` tells that no picture was decoded for it."""

    media: MediaInfo
    scored: Scored
    limits: SegmentLimits
    segments: tuple[Segment, ...]
    cached: bool = False

    @property
    def method(self) -> str:
        """What the results are labelled with."""
        return self.scored.method

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the editor about the file and the run."""
        skipped = ("Fast mode: pictures that no other refers to were left out.",) if self.scored.fast else ()
        return (*self.media.warnings, *self.scored.report.warnings, *skipped)


def revision_of(scorers: Sequence[Scorer]) -> str:
    """What changes whenever the same film would score otherwise."""
    return "+".join(scorer.revision for scorer in scorers)


def score_film(request: ScoreRequest, scorers: Sequence[Scorer], context: JobContext) -> Scored:
    """Sweep the film, or its spans, once and score every window of that.

    Hands out thumbnails (`Frame`) and growing `Scored` on the way.

    Raises:
        JobCancelled: asked to stop.
        MediaUnreadable: nothing in it can be measured.
    """
    began = time.monotonic()
    media, spans = request.media, request.spans
    count, found = request.thumbnail_count, context.partial
    meters = Meters(media, thumbnail_count=count, thumbnail_found=found, spans=spans)
    grid = WindowGrid(media.duration, spans=spans)
    consumers = _joined([meters.consumers, *(scorer.consumers(media, grid) for scorer in scorers)])

    def so_far(duration: RationalTime, report: SweepReport) -> Scored:
        spent = time.monotonic() - began
        reached = WindowGrid(duration, spans=_up_to(spans, duration))
        return _scored(request, scorers, meters.measured(), reached, report, spent)

    live = _Live(context, lambda done: so_far(_moment(place_after(spans, done)), SweepReport(0, 0.0, 0)))
    report = sweep(media, consumers, live, fast=request.fast, spans=spans)
    scored = so_far(media.duration, report)
    if not scored.curves:
        raise MediaUnreadable(
            "there is nothing in it to measure: no second picture, and nothing to hear",
            hint="Play it in another program to see whether it is whole.",
            path=media.path,
        )
    return scored


def conclude(
    media: MediaInfo,
    scored: Scored,
    limits: SegmentLimits,
    *,
    used: Sequence[TimeRange] = (),
    cached: bool = False,
) -> Analysis:
    """Find the segments of these lengths in curves already made, of what is `used` or of all; decodes nothing."""
    edges = edges_of(scored.measured)
    segments = find_segments(scored.fused, scored.curves, edges, limits, media.edit_rate, used)
    return Analysis(media, scored, limits, segments, cached)


def edges_of(measured: Measured) -> Edges:
    """Cuts and pauses to snap to."""
    return Edges(measured.cuts, speech_spans(measured.speech) if measured.speech else ())


def _scored(
    request: ScoreRequest,
    scorers: Sequence[Scorer],
    measured: Measured,
    grid: WindowGrid,
    report: SweepReport,
    spent: float,
) -> Scored:
    method = " + ".join(scorer.name for scorer in scorers)
    curves = tuple(curve for scorer in scorers for curve in scorer.curves(measured, grid))
    return Scored(
        fingerprint=request.media.fingerprint,
        method=method,
        revision=revision_of(scorers),
        fast=request.fast,
        grid=grid,
        curves=curves,
        fused=fuse(curves, grid, method),
        measured=measured,
        report=report,
        seconds_spent=spent,
    )


def _joined(parts: Sequence[Consumers]) -> Consumers:
    return Consumers(
        [consumer for part in parts for consumer in part.video],
        [consumer for part in parts for consumer in part.audio],
        [consumer for part in parts for consumer in part.sound],
    )


def _up_to(spans: Sequence[TimeRange], end: RationalTime) -> tuple[TimeRange, ...]:
    """The spans, or their parts, before a moment."""
    before = TimeRange(RationalTime.zero(end.rate), end)
    return tuple(part for span in spans if (part := span.intersection(before)))


def _moment(seconds: float) -> RationalTime:
    return RationalTime.from_seconds(seconds, MICROSECONDS)


class _Live:
    """A context that, besides passing everything on, hands out unfinished curves now and then."""

    def __init__(self, context: JobContext, so_far: Callable[[float], Scored]) -> None:
        self._context = context
        self._so_far = so_far
        self._next = time.monotonic() + LIVE_SECONDS

    def progress(self, done: float, total: float) -> None:
        self._context.progress(done, total)
        now = time.monotonic()
        if now >= self._next and done > 0:
            self._context.partial(self._so_far(done))
            cost = time.monotonic() - now
            self._next = now + max(LIVE_SECONDS, LIVE_SHARE * cost)

    def partial(self, value: object) -> None:
        self._context.partial(value)

    def checkpoint(self) -> None:
        self._context.checkpoint()
