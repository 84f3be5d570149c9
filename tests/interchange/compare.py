"""What did not come back from a format, by feature: the plain judge of the matrix and of round trips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from circletake.interchange.format import Feature
from circletake.interchange.lifting import lifted
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.addresses import media_path
from circletake.timeline.model import Clip, Gap, Item, Marker, Timeline, TrackKind


def differences(before: Timeline, after: Timeline, folder: Path, *, is_list: bool = False) -> dict[Feature, str]:
    """Each feature in which the two differ, with both values; of a list only what a list holds."""
    wanted = _OF_LISTS if is_list else {**_OF_CUTS, **_OF_LISTS}
    if is_list:
        before = replace(lifted(before), tracks=())
    after = _without_extras(before, after)
    read_at = after.rate
    after = replace(after, rate=before.rate)  # a list in milliseconds is judged in frames
    if not is_list and _clip_markers(before, folder) != _clip_markers(after, folder):
        after = _without_moved(before, after)
        judged = _without_lost(before, after)
    else:
        judged = before
    if _empty(judged) != _empty(after):
        judged, after = _with_media(judged), _with_media(after)
    found: dict[Feature, str] = {}
    if read_at != before.rate and not is_list:
        found[Feature.RATE] = f"{before.rate} became {read_at}"
    for feature, look in wanted.items():
        first = look(before if feature in (Feature.CLIP_MARKERS, Feature.PLACEHOLDERS) else judged, folder)
        second = look(after, folder)
        if first != second:
            found[feature] = f"{first} became {second}"
    if found.keys() & {Feature.SPEED, Feature.REVERSE, Feature.FREEZE} and _beginnings(before) == _beginnings(after):
        for feature in _OF_SPEED:
            found.pop(feature, None)
    return found


def _beginnings(timeline: Timeline) -> object:
    return [_frames(media.start_time.seconds, timeline) for _, _, media in _shown(timeline, TrackKind.VIDEO)]


_OF_SPEED = (Feature.CUTS, Feature.AUDIO, Feature.MIXED_RATES, Feature.RETIMED_STARTS)
"""What follows from another speed, which uses more or less of the media."""


def _without_extras(before: Timeline, after: Timeline) -> Timeline:
    """Without what a format adds where nothing was said: a usual start, a usual colour, a comment in the name."""
    if before.global_start_time is None:
        after = replace(after, global_start_time=None)
    said = {marker.name: marker for marker in _every(before)}
    whole = {f"{marker.name}: {marker.comment}": marker for marker in said.values() if marker.comment}

    def plain(marker: Marker) -> Marker:
        if marker.name in whole:
            marker = replace(marker, name=whole[marker.name].name)
        own = said.get(marker.name)
        if own and marker.kind == "chapter" and not own.range.duration.value:  # a chapter lasts until the next
            marker = replace(marker, range=TimeRange(marker.range.start_time, own.range.duration))
        return replace(marker, color="") if own and not own.color else marker

    tracks = tuple(
        replace(track, items=tuple(_with_markers(item, plain) for item in track.items)) for track in after.tracks
    )
    return replace(after, tracks=tracks, markers=tuple(plain(marker) for marker in after.markers))


def _without_moved(before: Timeline, after: Timeline) -> Timeline:
    """Without markers of clips that came back on the timeline: that they left the clip is told as such."""
    names = {marker.name for marker in before.markers}
    own = {marker.name for clip in _clips(before) for marker in clip.markers}
    moved = tuple(marker for marker in after.markers if marker.name in own - names)
    kept = tuple(marker for marker in after.markers if marker not in moved)
    back = tuple(marker for marker in moved if marker.name not in {m.name for c in _clips(after) for m in c.markers})
    return replace(after, markers=kept, metadata={"moved": back})


def _empty(timeline: Timeline) -> list[str]:
    return [clip.name for clip in _clips(timeline) if clip.media is None]


def _with_media(timeline: Timeline) -> Timeline:
    """With a gap for each clip without a file: that it is gone is told as such."""

    def kept(item: Item) -> Item:
        return Gap(item.duration) if isinstance(item, Clip) and item.media is None else item

    tracks = (replace(track, items=tuple(map(kept, track.items))) for track in timeline.tracks)
    return replace(timeline, tracks=tuple(tracks))


def _without_lost(before: Timeline, after: Timeline) -> Timeline:
    """Without markers of clips that did not come back at all: their names and colours are no loss of their own."""
    back = {marker.name for marker in _every(after)}

    def kept(item: Item) -> Item:
        if not isinstance(item, Clip):
            return item
        return replace(item, markers=tuple(marker for marker in item.markers if marker.name in back))

    tracks = (replace(track, items=tuple(map(kept, track.items))) for track in before.tracks)
    return replace(before, tracks=tuple(tracks))


def _with_markers(item: Item, change: Callable[[Marker], Marker]) -> Item:
    return replace(item, markers=tuple(map(change, item.markers))) if isinstance(item, Clip) else item


def _frames(seconds: Fraction, timeline: Timeline) -> int:
    return RationalTime.from_seconds(seconds, timeline.rate).value


def _span(span: TimeRange, timeline: Timeline) -> tuple[int, int]:
    return _frames(span.start_time.seconds, timeline), _frames(span.end_time_exclusive.seconds, timeline)


def _shown(timeline: Timeline, kind: TrackKind) -> list[tuple[TimeRange, Clip, TimeRange]]:
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    return list(timeline.shown(whole, kind))


def _sources(timeline: Timeline, kind: TrackKind) -> list[object]:
    """What is shown, each stretch by its length and media, wherever it lies; of retimed ones the length alone."""
    return [
        (_frames(place.duration.seconds, timeline), _span(media, timeline) if clip.speed == 1 else None)
        for place, clip, media in _shown(timeline, kind)
    ]


def _places(timeline: Timeline, _: Path) -> object:
    return [_span(place, timeline) for place, _, _ in _shown(timeline, TrackKind.VIDEO)]


def _clips(timeline: Timeline, kind: TrackKind = TrackKind.VIDEO) -> list[Clip]:
    return [clip for _, clip, _ in _shown(timeline, kind)]


def _paths(timeline: Timeline, folder: Path) -> object:
    return [str(media_path(clip.media.target_url, folder)) if clip.media else None for clip in _clips(timeline)]


def _layers(timeline: Timeline, _: Path) -> object:
    return [
        (track.kind, sum(isinstance(item, Clip) for item in track.items))
        for track in timeline.tracks
        if any(isinstance(item, Clip) for item in track.items) and track.kind is TrackKind.VIDEO
    ]


def _timecodes(timeline: Timeline, _: Path) -> object:
    starts = (clip.media.start_timecode if clip.media else None for clip in _clips(timeline))
    return [0 if start is None else start.seconds for start in starts]


def _speeds(wanted: Callable[[Fraction], bool]) -> Callable[[Timeline, Path], object]:
    return lambda timeline, _: [clip.speed for clip in _clips(timeline) if wanted(clip.speed)]


def _retimed(timeline: Timeline, _: Path) -> object:
    """The media that retimed clips use, since retimed media have frames of their own."""
    return [_span(media, timeline) for _, clip, media in _shown(timeline, TrackKind.VIDEO) if clip.speed != 1]


def _clip_markers(timeline: Timeline, _: Path) -> object:
    starts = ([_frames(each.range.start_time.seconds, timeline) for each in clip.markers] for clip in _clips(timeline))
    return [each for each in starts if each]


def _every(timeline: Timeline) -> list[Marker]:
    """All markers, by what they say, so that nothing depends on where they came back."""
    moved = timeline.metadata.get("moved", ())
    assert isinstance(moved, tuple)
    own = [*timeline.markers, *moved, *(marker for clip in _clips(timeline) for marker in clip.markers)]
    return sorted(own, key=lambda marker: marker.name)


def _of_markers(look: Callable[[Marker, Timeline], object]) -> Callable[[Timeline, Path], object]:
    return lambda timeline, _: [look(marker, timeline) for marker in _every(timeline)]


def _starts(timeline: Timeline, _: Path) -> object:
    own = sorted((marker.name, _frames(marker.range.start_time.seconds, timeline)) for marker in timeline.markers)
    return own, sorted(_span(mark.range, timeline)[0] for mark in timeline.marks)


def _ranges(timeline: Timeline, _: Path) -> object:
    own = [_frames(marker.range.duration.seconds, timeline) for marker in _every(timeline)]
    marks = sorted(timeline.marks, key=lambda mark: mark.range.start_time.seconds)
    return own, [_frames(mark.range.duration.seconds, timeline) for mark in marks]


def _ids(timeline: Timeline, _: Path) -> object:
    return sorted((mark.id[:12], mark.state) for mark in timeline.marks)


def _scores(timeline: Timeline, _: Path) -> object:
    return sorted((mark.id[:12], mark.score) for mark in timeline.marks)


def _names(timeline: Timeline, _: Path) -> object:
    return [marker.name for marker in _every(timeline)], sorted(mark.name for mark in timeline.marks)


def _comments(timeline: Timeline, _: Path) -> object:
    return [marker.comment for marker in _every(timeline)], sorted(mark.note for mark in timeline.marks)


_USUAL = {"", *(f"{kind}{number}" for kind in "VA" for number in range(9))}

_OF_CUTS: dict[Feature, Callable[[Timeline, Path], object]] = {
    Feature.CUTS: lambda timeline, _: _sources(timeline, TrackKind.VIDEO),
    Feature.MIXED_RATES: lambda timeline, _: [
        media.start_time.seconds for _, clip, media in _shown(timeline, TrackKind.VIDEO) if clip.speed == 1
    ],
    Feature.GAPS: _places,
    Feature.AUDIO: lambda timeline, _: _sources(timeline, TrackKind.AUDIO),
    Feature.LAYERS: _layers,
    Feature.CLIP_NAMES: lambda timeline, _: [clip.name for clip in _clips(timeline)],
    Feature.TRACK_NAMES: lambda timeline, _: [track.name for track in timeline.tracks if track.name not in _USUAL],
    Feature.MEDIA_PATHS: _paths,
    Feature.MEDIA_TIMECODE: _timecodes,
    Feature.PLACEHOLDERS: lambda timeline, _: _empty(timeline),
    Feature.SPEED: _speeds(lambda speed: speed > 0 and speed != 1),
    Feature.REVERSE: _speeds(lambda speed: speed < 0),
    Feature.FREEZE: _speeds(lambda speed: speed == 0),
    Feature.RETIMED_STARTS: _retimed,
    Feature.CLIP_MARKERS: _clip_markers,
    Feature.DROP_FRAME: lambda timeline, _: timeline.drop_frame,
    Feature.START_TIMECODE: lambda timeline, _: (
        0 if timeline.global_start_time is None else timeline.global_start_time.seconds
    ),
}
_OF_LISTS: dict[Feature, Callable[[Timeline, Path], object]] = {
    Feature.TIMELINE_MARKERS: _starts,
    Feature.MARKER_NAMES: _names,
    Feature.MARKER_COMMENTS: _comments,
    Feature.MARKER_COLORS: _of_markers(lambda marker, _: marker.color),
    Feature.MARKER_RANGES: _ranges,
    Feature.MARK_IDS: _ids,
    Feature.MARK_SCORES: _scores,
}
