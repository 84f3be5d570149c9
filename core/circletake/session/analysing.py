"""Films to marks: each medium is scored once, its curves kept in the cache, its segments laid on the timeline."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from circletake.analysis.highlights import Analysis, Scored, ScoreRequest, conclude, revision_of, score_film
from circletake.analysis.segments import Segment, SegmentLimits
from circletake.analysis.signals import SignalsScorer
from circletake.analysis.stored import FORMAT, from_arrays, to_arrays
from circletake.errors import CircletakeError, ErrorInfo
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.project.results import CachedResult, ResultStore, result_key
from circletake.session.opening import Failure
from circletake.timebase import RationalTime, Rounding, TimeRange
from circletake.timeline.model import Clip, Mark, Timeline, Track, TrackKind


@dataclass(frozen=True, slots=True)
class AnalyseRequest:
    """Films to score, and which lengths of segment to look for in each."""

    media: tuple[MediaInfo, ...]
    limits: SegmentLimits
    fast: bool
    thumbnail_count: int


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedFilm:
    """One film's analysis with the key of its curves in the cache, and the wall seconds it took just now.

    `key` is empty for a run that was stopped: what it found is shown, and nothing of it is in the cache.
    """

    analysis: Analysis
    key: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Analysed:
    """All films of a run; those that failed are told apart."""

    films: tuple[AnalysedFilm, ...]
    failures: tuple[Failure, ...] = ()


def analyse(request: AnalyseRequest, store: ResultStore, context: JobContext) -> Analysed:
    """Score every film, from the cache where it is there, and find its segments.

    Hands out `AnalysedFilm` for each finished one, and while one runs its thumbnails and its growing `Analysis`. A film
    that fails is reported and the rest goes on; a single one raises.

    Raises:
        JobCancelled: films finished before keep their cached curves.
        MediaError: the only film could not be scored.
    """
    films: list[AnalysedFilm] = []
    failures: list[Failure] = []
    total = sum(media.duration.to_seconds() for media in request.media)
    done = 0.0
    for media in request.media:
        part = _Part(context, media, request.limits, done, total)
        try:
            film = analyse_film(media, request, store, part)
        except CircletakeError as error:
            if len(request.media) == 1:
                raise
            failures.append(Failure(media.path, ErrorInfo.of(error)))
        else:
            films.append(film)
            context.partial(film)
        done += media.duration.to_seconds()
        context.progress(done, total)
    return Analysed(tuple(films), tuple(failures))


def analyse_film(media: MediaInfo, request: AnalyseRequest, store: ResultStore, context: JobContext) -> AnalysedFilm:
    """One film: its curves from the cache or from a sweep, then its segments."""
    began = time.monotonic()
    scorers = [SignalsScorer()]
    wanted = {"fast": request.fast, "thumbnails": request.thumbnail_count}
    key = result_key(media.fingerprint, wanted, revision_of(scorers), FORMAT)
    scored = cached(store, key)
    was_cached = scored is not None
    if scored is None:
        asked = ScoreRequest(media, fast=request.fast, thumbnail_count=request.thumbnail_count)
        scored = score_film(asked, scorers, context)
        store.put(key, CachedResult(*to_arrays(scored)))
    analysis = conclude(media, scored, request.limits, cached=was_cached)
    return AnalysedFilm(analysis, key, time.monotonic() - began)


def cached(store: ResultStore, key: str) -> Scored | None:
    """The curves kept under a key, or None."""
    entry = store.get(key)
    return None if entry is None else from_arrays(entry.arrays, entry.header)


@dataclass(frozen=True, slots=True)
class RecallRequest:
    """Which results to look for: the project's keys, newest first, and each medium's fingerprint."""

    keys: tuple[str, ...]
    fingerprints: Mapping[Path, str]


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """The curves found in the cache; what was deleted there is missing."""

    scored: Mapping[Path, Scored]


def recall(request: RecallRequest, store: ResultStore, context: JobContext) -> Recalled:
    """Read the newest curves of each medium from the cache."""
    found: dict[str, Scored] = {}
    for key in request.keys:
        context.checkpoint()
        scored = cached(store, key) if len(found) < len(request.fingerprints) else None
        if scored is not None:
            found.setdefault(scored.fingerprint, scored)
    return Recalled({path: found[each] for path, each in request.fingerprints.items() if each in found})


class _Part:
    """One film's share of a run's progress."""

    def __init__(
        self, context: JobContext, media: MediaInfo, limits: SegmentLimits, before: float, total: float
    ) -> None:
        self._context = context
        self._media = media
        self._limits = limits
        self._before = before
        self._total = total

    def progress(self, done: float, total: float) -> None:  # noqa: ARG002 - films add up to the run's own total
        self._context.progress(self._before + done, self._total)

    def partial(self, value: object) -> None:
        self._context.partial(
            conclude(self._media, value, self._limits) if isinstance(value, Scored) else value,
        )

    def checkpoint(self) -> None:
        self._context.checkpoint()


def marks_of(analyses: Sequence[Analysis], timeline: Timeline) -> tuple[Mark, ...]:
    """The segments as proposed marks, wherever the timeline shows them whole or in part."""
    by_path = {analysis.media.path: analysis for analysis in analyses}
    marks: list[Mark] = []
    for placed, clip, path in _shown(timeline):
        analysis = by_path.get(path)
        for segment in analysis.segments if analysis else ():
            mark = _mark(segment, placed, clip, timeline)
            if mark is not None:
                marks.append(mark)
    return tuple(marks)


def _shown(timeline: Timeline) -> Iterator[tuple[TimeRange, Clip, Path]]:
    """Clips that show a local file; a sound clip only where its file shows no picture, which has the same marks."""
    seen: set[Path] = set()
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        found = [entry for track in timeline.tracks if track.kind is kind for entry in _placed(track, timeline)]
        yield from (entry for entry in found if entry[2] not in seen)
        seen |= {path for _, _, path in found}


def _placed(track: Track, timeline: Timeline) -> Iterator[tuple[TimeRange, Clip, Path]]:
    for placed, item in track.placed(timeline.rate):
        if isinstance(item, Clip) and item.media and Path(item.media.target_url).is_absolute():
            yield placed, item, Path(item.media.target_url)


def _mark(segment: Segment, placed: TimeRange, clip: Clip, timeline: Timeline) -> Mark | None:
    moved = placed.start_time - clip.source_range.start_time
    shown = segment.range.shifted(moved).intersection(placed)
    span = shown.rescaled_to(timeline.rate) if shown else None
    if span is None or span.duration.value < 1:
        return None
    strongest = (segment.strongest + moved).rescaled_to(timeline.rate)
    return Mark(
        id=Mark.new_id(),
        range=span,
        name=segment.title,
        score=segment.score,
        source=segment.method,
        signals=dict(segment.signals),
        strongest=strongest if span.contains(strongest) else None,
    )


class FilmMap:
    """Which film shows where, worked out once for many marks."""

    def __init__(self, timeline: Timeline) -> None:
        """Look at all of `timeline`."""
        self._rate = timeline.rate
        whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
        self._rows = [self._row(timeline, whole, kind) for kind in (TrackKind.VIDEO, TrackKind.AUDIO)]

    def _row(self, timeline: Timeline, whole: TimeRange, kind: TrackKind) -> list[tuple[int, int, Path]]:
        """First frame touched, end of the last one, and film of each stretch, in order."""
        return [
            (
                place.start_time.rescaled_to(self._rate, Rounding.FLOOR).value,
                place.end_time_exclusive.rescaled_to(self._rate, Rounding.CEIL).value,
                Path(clip.media.target_url),
            )
            for place, clip, _ in timeline.shown(whole, kind)
            if clip.media
        ]

    def film_of(self, mark: Mark) -> Path | None:
        """The film a mark shows first, or None where it shows none."""
        span = mark.range.rescaled_to(self._rate)
        start, end = span.start_time.value, span.end_time_exclusive.value
        for row in self._rows:
            place = bisect_right(row, start, key=lambda each: each[1])
            if place < len(row) and row[place][0] < end:
                return row[place][2]
        return None


def media_range(timeline: Timeline, mark: Mark) -> tuple[Path, TimeRange] | None:
    """Where a mark lies in the medium it shows first, or None where it shows none."""
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        for clip, span in timeline.media_ranges(mark.range, kind):
            if clip.media:
                return Path(clip.media.target_url), span
    return None
