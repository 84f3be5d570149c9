"""Marks of a file laid on the open cut: what came back from an editor, or a list of times.

A file that holds the same cut has its marks where ours are. Another cut of the same media (the picks, trimmed and
reordered in the editor) has them elsewhere; each mark is then looked up by the media it shows.
"""

from __future__ import annotations

import json
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import PurePosixPath
from urllib.parse import unquote

from circletake.interchange.format import Kind, ReadFile
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Item, Mark, Marker, Timeline, TrackKind, clean_name
from circletake.timeline.stored import clean_note

_ID_SPACE = uuid.UUID("b5d0a1f2-6a52-5c0e-8a56-4f0a9d5b7e11")


@dataclass(frozen=True, slots=True)
class Laid:
    """Marks in the open cut's time, and sentences about those that found no place in it."""

    marks: tuple[Mark, ...]
    warnings: tuple[str, ...] = ()


def lay(file: ReadFile, own: Timeline) -> Laid:
    """The marks and markers of a file as marks on the cut `own`.

    Markers without our id become proposals with an id made of what they say, so that reading a file twice gives the
    same marks twice; those that `own` shows as markers already, since they came from there, are left out.
    """
    theirs = file.read.timeline
    is_list = file.form.kind is Kind.LIST
    marks = (*theirs.marks, *(_of_marker(marker, theirs.rate) for marker in _markers(theirs)))
    same = is_list or _is_same_cut(theirs, own)
    known = [(marker.name, marker.range.rescaled_to(own.rate).start_time.value) for marker in _markers(own)]
    laid, lost = [], []
    for mark in marks:
        placed = _on(own, mark.range) if same else _by_media(mark.range, theirs, own)
        if placed is None:
            lost.append(mark.name)
        elif not any(mark.name.startswith(name) and placed.start_time.value == start for name, start in known):
            laid.append(replace(mark, range=placed, strongest=None))
    return Laid(tuple(laid), _told(lost, own))


def markers_as_marks(timeline: Timeline) -> Timeline:
    """The timeline with a proposal for each marker on it or on a clip where it shows; no markers are left."""
    known = {mark.id for mark in timeline.marks}
    found = (_of_marker(marker, timeline.rate) for marker in _markers(timeline))
    placed = ((mark, _on(timeline, mark.range)) for mark in found if mark.id not in known)
    marks = {mark.id: replace(mark, range=span) for mark, span in placed if span is not None}
    tracks = tuple(
        replace(track, items=tuple(_without_markers(item) for item in track.items)) for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks, markers=(), marks=(*timeline.marks, *marks.values()))


def has_markers(timeline: Timeline) -> bool:
    """Tell whether there is a marker on the timeline, or on a clip where it shows."""
    return any(True for _ in _markers(timeline))


def lifted(timeline: Timeline) -> Timeline:
    """The timeline with the markers of its clips on itself, where they show: for formats that keep none on clips."""
    tracks = tuple(
        replace(track, items=tuple(_without_markers(item) for item in track.items)) for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks, markers=tuple(_markers(timeline)))


def _without_markers(item: Item) -> Item:
    return replace(item, markers=()) if isinstance(item, Clip) and item.markers else item


def _markers(timeline: Timeline) -> Iterator[Marker]:
    """The timeline's markers, and those of its clips where they show."""
    yield from timeline.markers
    seen = set()
    for track in timeline.tracks:
        for placed, item in track.placed(timeline.rate):
            if not isinstance(item, Clip):
                continue
            for marker in item.markers:
                on_timeline = replace(marker, range=_shown_at(marker.range, item, placed))
                key = (on_timeline.range, marker.name, marker.comment)
                if placed.touches(on_timeline.range) and key not in seen:
                    seen.add(key)
                    yield on_timeline


def _shown_at(span: TimeRange, clip: Clip, placed: TimeRange) -> TimeRange:
    """Where a clip at `placed` shows a stretch of its media."""
    speed = abs(clip.speed) or Fraction(1)
    since = (span.start_time - clip.media_range.start_time).seconds / speed
    length = span.duration.seconds / speed
    if clip.speed < 0:
        since = clip.duration.seconds - since - length
    rate = placed.duration.rate
    start = placed.start_time + RationalTime.from_seconds(since, rate)
    return TimeRange(start, RationalTime.from_seconds(length, rate))


def _of_marker(marker: Marker, rate: Fraction) -> Mark:
    """A proposal where a marker lies, at least one frame long; always with the same id."""
    start = marker.range.start_time
    length = max(marker.range.duration, RationalTime(1, rate))
    facts = [marker.name, marker.comment, str(start.seconds), str(length.seconds)]
    name = clean_name(marker.name) or clean_name(marker.comment) or "Marker"
    return Mark(
        id=uuid.uuid5(_ID_SPACE, json.dumps(facts)).hex,
        range=TimeRange(start, length),
        name=name,
        note=clean_note(marker.comment) if marker.name else "",
        color=marker.color,
    )


def _is_same_cut(theirs: Timeline, own: Timeline) -> bool:
    """Tell whether both show the same media in the same places; a cut without clips says nothing else."""
    first, second = _places(theirs), _places(own)
    return not first or first == second


def _places(timeline: Timeline) -> list[tuple[Fraction, str]]:
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    seen = timeline.shown(whole, TrackKind.VIDEO) or timeline.shown(whole, TrackKind.AUDIO)
    frames = timeline.rate
    return [(Fraction(round(place.start_time.seconds * frames)) / frames, _file_name(clip)) for place, clip, _ in seen]


def _file_name(clip: Clip) -> str:
    """The name of a clip's file without its folder, however it is spelled."""
    if clip.media is None:
        return ""
    place = unquote(clip.media.target_url).replace("\\", "/")
    return unicodedata.normalize("NFC", PurePosixPath(place).name).casefold()


def _by_media(span: TimeRange, theirs: Timeline, own: Timeline) -> TimeRange | None:
    """Where `own` shows the media that lies under `span` in `theirs`."""
    for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
        for place, clip, in_media in theirs.shown(span, kind):
            start = _start_in(own, kind, _file_name(clip), in_media.start_time)
            if start is not None:
                return _on(own, TimeRange(start - (place.start_time - span.start_time), span.duration))
    return None


def _start_in(own: Timeline, kind: TrackKind, name: str, moment: RationalTime) -> RationalTime | None:
    point = TimeRange(moment, RationalTime.zero(moment.rate))
    for track in own.tracks:
        for placed, item in track.placed(own.rate) if track.kind is kind else ():
            if isinstance(item, Clip) and name and _file_name(item) == name and item.media_range.touches(point):
                return _shown_at(point, item, placed).start_time
    return None


def _on(own: Timeline, span: TimeRange) -> TimeRange | None:
    """The part of `span` that lies on the cut, on its frames."""
    whole = TimeRange(RationalTime.zero(own.rate), own.duration)
    placed = span.rescaled_to(own.rate)
    long_enough = TimeRange(placed.start_time, max(placed.duration, RationalTime(1, own.rate)))
    return long_enough.intersection(whole)


def _told(lost: list[str], own: Timeline) -> tuple[str, ...]:
    if not lost:
        return ()
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return (f'"{lost[0]}"{more}: what it marks is not in {own.name}, so it is left out.',)
