"""What a timeline loses in a format, worked out before anything is written.

The format says what it carries, the timeline says what it holds, and the difference is the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from circletake.interchange.format import Feature, Format, Kind
from circletake.timebase import RationalTime, may_drop_frames
from circletake.timeline.model import STATE_COLORS, Clip, Gap, Marker, Timeline, Track, TrackKind

MOST_PLACES = 3
"""Places named in a report; the count tells of the rest."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that will not survive as it is: `count` of them, the first few named in `places`.

    `whole` tells that nothing of it is left; else the sentence says what becomes of it.
    """

    feature: Feature
    sentence: str
    count: int
    places: tuple[str, ...]
    whole: bool


LOST: Mapping[Feature, str] = MappingProxyType(
    {
        Feature.RATE: "The frame rate is not written; whoever opens the file has to know it.",
        Feature.DROP_FRAME: "Timecode is numbered without dropped frames.",
        Feature.START_TIMECODE: "The timeline starts at zero instead of at its own timecode.",
        Feature.CUTS: "Clips are not written.",
        Feature.GAPS: "Empty places between clips are closed.",
        Feature.AUDIO: "Sound tracks are not written.",
        Feature.LAYERS: "Only the topmost clip of each moment is written.",
        Feature.TRACK_NAMES: "Names of tracks are lost.",
        Feature.CLIP_NAMES: "Clips are named after their files.",
        Feature.MEDIA_PATHS: "Where the media lie is not written.",
        Feature.MEDIA_TIMECODE: "The start timecode of media is not written.",
        Feature.PLACEHOLDERS: "Clips without a file, such as titles, become empty places.",
        Feature.MIXED_RATES: "Cuts that fall between two frames of the timeline move to the nearest frame.",
        Feature.SPEED: "Clips play at normal speed.",
        Feature.REVERSE: "Clips that play backwards play forwards.",
        Feature.FREEZE: "Held frames become running clips.",
        Feature.RETIMED_STARTS: "Clips at another speed begin on the nearest frame.",
        Feature.CLIP_MARKERS: "Markers on clips become markers on the timeline.",
        Feature.TIMELINE_MARKERS: "Markers on the timeline are not written.",
        Feature.MARKER_NAMES: "Names of markers are lost.",
        Feature.MARKER_COMMENTS: "Comments of markers are lost.",
        Feature.MARKER_COLORS: "Colours of markers are lost.",
        Feature.MARKER_RANGES: "Markers become points; their length is lost.",
        Feature.MARKER_KINDS: "All markers become plain ones.",
        Feature.CROWDED_MARKERS: "Of several markers on one frame, later ones move to the next frames.",
        Feature.MARK_IDS: "Marks are not known again when the file comes back.",
        Feature.MARK_SCORES: "Scores of marks are lost.",
        Feature.OTHER_TOOLS: "What other tools stored in the timeline (effects, labels) is not written.",
    }
)
"""What a feature's loss means to an editor, where the format says nothing better."""

_RULES_OF_SOME = (Feature.CROWDED_MARKERS, Feature.RETIMED_STARTS)
"""What is a loss only in formats that say so."""

_LIST_FEATURES = frozenset(
    (
        Feature.MARKER_NAMES,
        Feature.MARKER_COMMENTS,
        Feature.MARKER_COLORS,
        Feature.MARKER_RANGES,
        Feature.MARKER_KINDS,
        Feature.MARK_IDS,
        Feature.MARK_SCORES,
    )
)
"""What can be missed in a list of times, which counts from the start of a cut that nobody expects in it."""


def losses(timeline: Timeline, form: Format) -> tuple[Loss, ...]:
    """What of `timeline` will not survive in a format, in the order of `Feature`."""
    held = features_of(timeline)
    if form.kind is Kind.LIST and Feature.CLIP_MARKERS in held:  # in a list they lie on the timeline
        held.setdefault(Feature.TIMELINE_MARKERS, held[Feature.CLIP_MARKERS])
    if form.carries.colors:
        held[Feature.MARKER_COLORS] = tuple(_changing_colors(timeline, form.carries.colors))
    return tuple(
        _loss(feature, places, form) for feature, places in held.items() if places and not _survives(feature, form)
    )


def _changing_colors(timeline: Timeline, kept: frozenset[str]) -> Iterator[str]:
    """Markers and marks whose colour is not among those that stay."""
    yield from (_pointed(marker.name) for marker in _all_markers(timeline) if marker.color and marker.color not in kept)
    for mark in timeline.marks:
        if (mark.color or STATE_COLORS[mark.state]) not in kept:
            yield f'mark "{mark.name}"'


def _survives(feature: Feature, form: Format) -> bool:
    if feature in _RULES_OF_SOME:
        return feature not in form.carries.partly
    if form.kind is Kind.LIST and feature not in _LIST_FEATURES and feature not in form.carries.partly:
        return True
    return feature in form.carries.wholly


def _loss(feature: Feature, places: tuple[str, ...], form: Format) -> Loss:
    sentence = form.carries.partly.get(feature)
    return Loss(feature, sentence or LOST[feature], len(places), places[:MOST_PLACES], whole=sentence is None)


def features_of(timeline: Timeline) -> dict[Feature, tuple[str, ...]]:
    """What a timeline holds: each feature with the places where it does."""
    found = {feature: tuple(places(timeline)) for feature, places in _HOLDS.items()}
    return {feature: places for feature, places in found.items() if places}


def _clips(timeline: Timeline) -> Iterator[tuple[Track, Clip]]:
    return ((track, item) for track in timeline.tracks for item in track.items if isinstance(item, Clip))


def _clips_where(wanted: Callable[[Clip], bool]) -> Callable[[Timeline], Iterator[str]]:
    return lambda timeline: (_named(clip) for _, clip in _clips(timeline) if wanted(clip))


def _named(clip: Clip) -> str:
    return f'clip "{clip.name}"'


def _gaps(timeline: Timeline) -> Iterator[str]:
    """Empty places that have something after them."""
    for track in timeline.tracks:
        last = max((n for n, item in enumerate(track.items) if isinstance(item, Clip)), default=-1)
        yield from (f"track {track.name}" for item in track.items[: last + 1] if isinstance(item, Gap))


def _sounds(timeline: Timeline) -> Iterator[str]:
    return (f"track {track.name}" for track in _used(timeline, TrackKind.AUDIO))


def _layers(timeline: Timeline) -> Iterator[str]:
    for kind in TrackKind:
        yield from (f"track {track.name}" for track in _used(timeline, kind)[1:])


def _used(timeline: Timeline, kind: TrackKind) -> list[Track]:
    tracks = (track for track in timeline.tracks if track.kind is kind)
    return [track for track in tracks if any(isinstance(item, Clip) for item in track.items)]


def _track_names(timeline: Timeline) -> Iterator[str]:
    """Names that say more than which track it is."""
    for kind in TrackKind:
        usual = {f"{kind.value[0]}{number}" for number in range(1, 1 + len(timeline.tracks))}
        yield from (f"track {track.name}" for track in _used(timeline, kind) if track.name not in {*usual, ""})


def _has_own_name(clip: Clip) -> bool:
    if clip.media is None:
        return bool(clip.name)
    file = PurePosixPath(clip.media.target_url.replace("\\", "/"))
    return clip.name not in (file.name, file.stem, "")


def _media_timecodes(clip: Clip) -> bool:
    start = clip.media.start_timecode if clip.media else None
    return start is not None and start.value != 0


def _off_grid(timeline: Timeline) -> Iterator[str]:
    rate = timeline.rate
    for track, clip in _clips(timeline):
        markers = (marker.range.start_time for marker in clip.markers)
        times = (clip.source_range.start_time, clip.duration, *markers)
        if any((time.seconds * rate).denominator != 1 for time in times):
            yield f"{_named(clip)} on track {track.name}"


def _retimed_starts(timeline: Timeline) -> Iterator[str]:
    """Clips that begin or end between two frames of their medium as it plays at their speed."""
    for _, clip in _clips(timeline):
        speed, used = abs(clip.speed), clip.media_range
        if speed not in (0, 1) or clip.speed < 0:
            ends = (used.start_time, used.end_time_exclusive)
            if any((time.seconds * timeline.rate / (speed or 1)).denominator != 1 for time in ends):
                yield _named(clip)


def _start(timeline: Timeline) -> Iterator[str]:
    if timeline.global_start_time is not None and timeline.global_start_time.value:
        yield "timeline"


def _drop_frame(timeline: Timeline) -> Iterator[str]:
    if timeline.drop_frame and may_drop_frames(timeline.rate):
        yield "timeline"


def _all_markers(timeline: Timeline) -> Iterator[Marker]:
    yield from timeline.markers
    yield from (marker for _, clip in _clips(timeline) for marker in clip.markers)


def _markers_where(wanted: Callable[[Marker], bool]) -> Callable[[Timeline], Iterator[str]]:
    return lambda timeline: (_pointed(marker.name) for marker in _all_markers(timeline) if wanted(marker))


def _pointed(name: str) -> str:
    return f'marker "{name}"' if name else "marker"


def _with_marks(
    wanted: Callable[[Marker], bool], marks: Callable[[Timeline], Iterator[str]]
) -> Callable[[Timeline], Iterator[str]]:
    markers = _markers_where(wanted)

    def places(timeline: Timeline) -> Iterator[str]:
        yield from markers(timeline)
        yield from marks(timeline)

    return places


def _marks(timeline: Timeline) -> Iterator[str]:
    return (f'mark "{mark.name}"' for mark in timeline.marks)


def _noted_marks(timeline: Timeline) -> Iterator[str]:
    return (f'mark "{mark.name}"' for mark in timeline.marks if mark.note)


def _scored_marks(timeline: Timeline) -> Iterator[str]:
    return (f'mark "{mark.name}"' for mark in timeline.marks if mark.score is not None)


def _long_marks(timeline: Timeline) -> Iterator[str]:
    frame = RationalTime(1, timeline.rate)
    return (f'mark "{mark.name}"' for mark in timeline.marks if mark.range.duration > frame)


def _timeline_markers(timeline: Timeline) -> Iterator[str]:
    yield from (_pointed(marker.name) for marker in timeline.markers)
    yield from _marks(timeline)


def _crowded(timeline: Timeline) -> Iterator[str]:
    """Markers and marks that begin on a frame where another one does."""
    seen: set[int] = set()
    own = ((_pointed(marker.name), marker.range) for marker in timeline.markers)
    marks = ((f'mark "{mark.name}"', mark.range) for mark in timeline.marks)
    for name, span in (*own, *marks):
        frame = span.start_time.rescaled_to(timeline.rate).value
        if frame in seen:
            yield name
        seen.add(frame)


def _other_tools(timeline: Timeline) -> Iterator[str]:
    """What is not ours; picks say of each clip which mark it was."""
    if _has_others(timeline.metadata):
        yield "timeline"
    yield from (_named(clip) for _, clip in _clips(timeline) if _has_others(clip.metadata))


def _has_others(metadata: Mapping[str, object]) -> bool:
    return any(not key.startswith("circletake") for key in metadata)


def _first_clip(timeline: Timeline) -> Iterator[str]:
    return (_named(clip) for _, clip in _clips(timeline))


_HOLDS: Mapping[Feature, Callable[[Timeline], Iterator[str]]] = MappingProxyType(
    {
        Feature.RATE: lambda _: iter(("timeline",)),
        Feature.DROP_FRAME: _drop_frame,
        Feature.START_TIMECODE: _start,
        Feature.CUTS: _first_clip,
        Feature.GAPS: _gaps,
        Feature.AUDIO: _sounds,
        Feature.LAYERS: _layers,
        Feature.TRACK_NAMES: _track_names,
        Feature.CLIP_NAMES: _clips_where(_has_own_name),
        Feature.MEDIA_PATHS: _clips_where(lambda clip: clip.media is not None),
        Feature.MEDIA_TIMECODE: _clips_where(_media_timecodes),
        Feature.PLACEHOLDERS: _clips_where(lambda clip: clip.media is None),
        Feature.MIXED_RATES: _off_grid,
        Feature.SPEED: _clips_where(lambda clip: clip.speed > 0 and clip.speed != 1),
        Feature.REVERSE: _clips_where(lambda clip: clip.speed < 0),
        Feature.FREEZE: _clips_where(lambda clip: clip.speed == 0),
        Feature.RETIMED_STARTS: _retimed_starts,
        Feature.CLIP_MARKERS: _clips_where(lambda clip: bool(clip.markers)),
        Feature.TIMELINE_MARKERS: _timeline_markers,
        Feature.MARKER_NAMES: _with_marks(lambda marker: bool(marker.name), _marks),
        Feature.MARKER_COMMENTS: _with_marks(lambda marker: bool(marker.comment), _noted_marks),
        Feature.MARKER_COLORS: _with_marks(lambda marker: bool(marker.color), _marks),
        Feature.MARKER_RANGES: _with_marks(lambda marker: marker.range.duration.value > 0, _long_marks),
        Feature.MARKER_KINDS: _markers_where(lambda marker: bool(marker.kind)),
        Feature.CROWDED_MARKERS: _crowded,
        Feature.MARK_IDS: _marks,
        Feature.MARK_SCORES: _scored_marks,
        Feature.OTHER_TOOLS: _other_tools,
    }
)
"""How each feature is found in a timeline: the places that hold it."""
