"""Films to marks: each medium is scored once, its curves kept in the cache, its segments laid on the timeline."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from circletake.analysis.highlights import Analysis, Scored, ScoreRequest, conclude, revision_of, score_film
from circletake.analysis.segments import Segment, SegmentLimits
from circletake.analysis.signals import SignalsScorer
from circletake.analysis.stored import FORMAT, from_arrays, to_arrays
from circletake.errors import CircletakeError, ErrorInfo
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.media.spans import Spans, joined, parts_of, spans_of
from circletake.project.results import CachedResult, ResultStore, result_key
from circletake.session.laying import Laid, laid_under, stretches
from circletake.session.opening import Failure
from circletake.timebase import RationalTime, Rounding, TimeRange
from circletake.timeline.model import Clip, Mark, Timeline, TrackKind

LEAST_SECONDS = Fraction(1)
LEAST_SHARE = Fraction(1, 3)
"""What a clip must show of a segment that it cuts off, whichever is less: below it grazes an edge and says nothing."""


@dataclass(frozen=True, slots=True)
class AnalyseRequest:
    """Films to score, and which lengths of segment to look for in each.

    `spans` are the parts of a film to look at, as `used_spans` finds them; a film without any is looked at whole.
    `used` is what a timeline shows of it, as `used_media` finds it: what stands out in the handles alone is no segment.
    """

    media: tuple[MediaInfo, ...]
    limits: SegmentLimits
    fast: bool
    thumbnail_count: int
    spans: Mapping[Path, Spans] = field(default_factory=lambda: MappingProxyType({}))
    used: Mapping[Path, Spans] = field(default_factory=lambda: MappingProxyType({}))

    def narrowed(self, timeline: Timeline, handle: float) -> AnalyseRequest:
        """The same for what a timeline uses of these films, `handle` seconds around it; all of them where it has none.

        Of ten thousand clips that takes a third of a second.
        """
        spans = used_spans(timeline, {each.path: each for each in self.media}, handle)
        media = tuple(each for each in self.media if each.path in spans) or self.media
        return replace(self, media=media, spans=spans, used=used_media(timeline))

    def parts(self, media: MediaInfo) -> Spans:
        """The parts of a film to decode; none where it is decoded whole."""
        return parts_of(self.spans.get(media.path, ()), media.duration)

    def shown(self, media: MediaInfo) -> Spans:
        """What is used of a film that is decoded in parts; of one decoded whole all of it counts."""
        return self.used.get(media.path, ()) if self.parts(media) else ()

    def seconds(self, media: MediaInfo) -> float:
        """How much of a film is decoded."""
        parts = self.parts(media)
        return sum(part.duration.to_seconds() for part in parts) if parts else media.duration.to_seconds()


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
    total = sum(map(request.seconds, request.media))
    done = 0.0
    for media in request.media:
        part = _Part(context, media, request, done, total)
        try:
            film = analyse_film(media, request, store, part)
        except CircletakeError as error:
            if len(request.media) == 1:
                raise
            failures.append(Failure(media.path, ErrorInfo.of(error)))
        else:
            films.append(film)
            context.partial(film)
        done += request.seconds(media)
        context.progress(done, total)
    return Analysed(tuple(films), tuple(failures))


def analyse_film(media: MediaInfo, request: AnalyseRequest, store: ResultStore, context: JobContext) -> AnalysedFilm:
    """One film: its curves from the cache or from a sweep, then its segments.

    Curves of some spans are kept apart from those of the whole film, and of other spans: they compare with less.
    """
    began = time.monotonic()
    scorers = [SignalsScorer()]
    parts = request.parts(media)
    wanted: dict[str, object] = {"fast": request.fast, "thumbnails": request.thumbnail_count}
    if parts:
        wanted["spans"] = [[str(part.start_time.seconds), str(part.end_time_exclusive.seconds)] for part in parts]
    key = result_key(media.fingerprint, wanted, revision_of(scorers), FORMAT)
    scored = cached(store, key)
    was_cached = scored is not None
    if scored is None:
        asked = ScoreRequest(media, fast=request.fast, thumbnail_count=request.thumbnail_count, spans=parts)
        scored = score_film(asked, scorers, context)
        store.put(key, CachedResult(*to_arrays(scored)))
    analysis = conclude(media, scored, request.limits, used=request.shown(media), cached=was_cached)
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
        self, context: JobContext, media: MediaInfo, request: AnalyseRequest, before: float, total: float
    ) -> None:
        self._context = context
        self._media = media
        self._request = request
        self._before = before
        self._total = total

    def progress(self, done: float, total: float) -> None:  # noqa: ARG002 - films add up to the run's own total
        self._context.progress(self._before + done, self._total)

    def partial(self, value: object) -> None:
        if isinstance(value, Scored):
            value = conclude(self._media, value, self._request.limits, used=self._request.shown(self._media))
        self._context.partial(value)

    def checkpoint(self) -> None:
        self._context.checkpoint()


def used_spans(timeline: Timeline, media: Mapping[Path, MediaInfo], handle: float | Fraction) -> Mapping[Path, Spans]:
    """The parts of each film that the timeline's clips use, picture or sound, with `handle` seconds around each.

    Each part is there once, however many clips show it; parts near one another are one (`media.spans`). A film used
    (nearly) whole has one span, all of it; one that no clip uses is missing.
    """
    found = {
        path: spans_of(ranges, media[path].duration, handle)
        for path, ranges in _media_ranges(timeline).items()
        if path in media
    }
    return MappingProxyType({path: spans for path, spans in found.items() if spans})


def used_media(timeline: Timeline) -> Mapping[Path, Spans]:
    """The very media of each film that the timeline's clips show, each moment once; held frames are none."""
    return MappingProxyType({path: joined(ranges) for path, ranges in _media_ranges(timeline).items()})


def _media_ranges(timeline: Timeline) -> dict[Path, list[TimeRange]]:
    found: dict[Path, list[TimeRange]] = {}
    for track in timeline.tracks:
        for item in track.items:
            if isinstance(item, Clip) and item.media:
                found.setdefault(Path(item.media.target_url), []).append(item.media_range)
    return found


def marks_of(analyses: Sequence[Analysis], timeline: Timeline) -> tuple[Mark, ...]:
    """The segments as proposed marks, wherever the timeline shows them whole or in part.

    A segment shown in several places has a mark in each; the same stretch shown on two tracks at once has one. Clips
    through which a film runs on without a visible cut count as one, so a cut in its middle does not split a mark. Where
    a clip ends in other material the mark ends too; one of which less than `LEAST_SECONDS` or `LEAST_SHARE` is left is
    dropped. A clip at another speed has a mark as long as it shows the segment, one that holds a frame has none.
    """
    places: dict[Path, list[Laid]] = {analysis.media.path: [] for analysis in analyses}
    for laid in stretches(timeline):
        if laid.path in places:
            places[laid.path].append(laid)
    marks: list[Mark] = []
    for analysis in analyses:
        found = sorted(places[analysis.media.path], key=lambda each: each.start)
        for segment in analysis.segments:
            marks += _marks(segment, found)
    return tuple(marks)


def _marks(segment: Segment, places: Sequence[Laid]) -> Iterator[Mark]:
    """A mark for each place that shows enough of a segment, in time order."""
    first, last = segment.range.start_time.seconds, segment.range.end_time_exclusive.seconds
    enough = min(last - first, LEAST_SECONDS, (last - first) * LEAST_SHARE)
    reached: RationalTime | None = None
    for laid in places:
        if laid.high <= first or laid.low >= last or min(last, laid.high) - max(first, laid.low) < enough:
            continue
        span = laid.span(segment.range)
        if span is not None and (reached is None or span.end_time_exclusive > reached):
            reached = span.end_time_exclusive
            yield _mark(segment, laid, span)


def _mark(segment: Segment, laid: Laid, span: TimeRange) -> Mark:
    strongest = laid.moment(segment.strongest)
    return Mark(
        id=Mark.new_id(),
        range=span,
        name=segment.title,
        score=segment.score,
        source=segment.method,
        signals=dict(segment.signals),
        strongest=strongest if strongest is not None and span.contains(strongest) else None,
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
    """Where a mark lies in the medium it shows first, or None where it shows none.

    Of a clip that holds a frame the range has no length.
    """
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        for clip, span in timeline.media_ranges(mark.range, kind):
            if clip.media:
                return Path(clip.media.target_url), span
    return None


def scored_anew(scored: Scored | None, timeline: Timeline, mark: Mark) -> Mark:
    """A mark with the score of where it lies now in the film it shows first, of which `scored` are the curves.

    It stays as it is where there are no curves; where they do not reach it has no score.
    """
    shown, laid = media_range(timeline, mark), laid_under(timeline, mark)
    if scored is None or shown is None or laid is None:
        return mark
    if not scored.knows(shown[1]):
        return replace(mark, score=None, signals={}, strongest=None)
    segment = scored.describe(shown[1])
    strongest = laid.moment(segment.strongest)
    inside = strongest if strongest is not None and mark.range.contains(strongest) else None
    return replace(mark, score=segment.score, signals=dict(segment.signals), strongest=inside)
