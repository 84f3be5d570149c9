"""LosslessCut's project files (`.llc`): named segments of one film, in seconds.

Source: LosslessCut `src/renderer/src/types.ts`, `llcProjectV1Schema` to `llcProjectV3Schema`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from circletake.errors import TimelineUnreadable
from circletake.interchange.format import Carries, Delivery, Feature, Format, Head, Kind, Read, Source
from circletake.interchange.json5 import to_json
from circletake.interchange.plain import (
    MAX_SECONDS,
    OF_SECONDS,
    ONE_TEXT,
    as_read,
    by_time,
    one_text,
    shown_text,
    stretch,
    text_of,
)
from circletake.timeline import guard
from circletake.timeline.model import Clip, Marker, Timeline, TrackKind
from circletake.timeline.report import Report

VERSION = 2
"""The version written: the first in which a segment without an end is a point."""

_OLD_END = "A segment without an end, which lasts to the end of its film, becomes a point."


def _read(source: Source) -> Read:
    """The segments.

    Raises:
        TimelineUnreadable: no project file, or one without segments.
    """
    report = Report(source.path)
    hint = "Save the project again in LosslessCut."
    try:
        project = guard.parse(to_json(text_of(source, report)), source.path)
    except ValueError as error:
        raise TimelineUnreadable(f"this is no LosslessCut project: {error}", hint=hint, path=source.path) from error
    segments = project.get("cutSegments") if isinstance(project, dict) else None
    if not isinstance(segments, list):
        raise TimelineUnreadable("there are no segments in this project", hint=hint, path=source.path)
    if project.get("overlayClips"):
        report.note("Texts laid over the film are not read.")
    return as_read(source, _markers(segments, project.get("version"), report), report)


def _markers(segments: list[Any], version: object, report: Report) -> Iterator[Marker]:
    for number, segment in enumerate(segments, 1):
        place = f"segment {number}"
        if not isinstance(segment, dict):
            report.note("What is no segment is left out.", place)
            continue
        start = _seconds(segment.get("start", 0))
        end = _seconds(segment["end"]) if segment.get("end") is not None else start
        if start is None or end is None or end < start:
            report.note("A segment with times that make no sense is left out.", place)
            continue
        if version == 1 and segment.get("end") is None:
            report.note(_OLD_END, place)
        name = segment.get("name")
        yield Marker(stretch(start, end), shown_text(name) if isinstance(name, str) else "", metadata=_kept(segment))


def _seconds(value: object) -> Fraction | None:
    """A time in seconds, as far as it is one."""
    number = 0 if value is None else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= MAX_SECONDS:
        return None
    return Fraction(number)


def _kept(segment: Mapping[str, Any]) -> dict[str, object]:
    """The segment's own labels."""
    tags = segment.get("tags")
    return {"losslesscut": {"tags": tags}} if isinstance(tags, dict) and tags else {}


def _write(delivery: Delivery) -> bytes:
    timeline = delivery.timeline
    name = _media_name(timeline)
    project = {
        "version": VERSION,
        **({"mediaFileName": name} if name else {}),
        "cutSegments": [_segment(marker) for marker in by_time(timeline)],
    }
    return (json.dumps(project, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _segment(marker: Marker) -> dict[str, object]:
    span = marker.range
    start = _rounded(span.start_time.seconds)
    end = {"end": _rounded(span.end_time_exclusive.seconds)} if span.duration.value else {}
    return {"start": start, **end, "name": one_text(marker.name, marker.comment)}


def _rounded(seconds: Fraction) -> float:
    return max(0.0, round(float(seconds), 6))


def _media_name(timeline: Timeline) -> str:
    """The film the segments count in: that of a timeline that shows one film from its beginning."""
    clips = [item for track in timeline.tracks for item in track.items if isinstance(item, Clip)]
    pictures = [track for track in timeline.tracks if track.kind is TrackKind.VIDEO]
    urls = {clip.media.target_url for clip in clips if clip.media}
    whole = all(len(track.items) == 1 for track in pictures) and all(
        clip.source_range.start_time.value == 0 for clip in clips
    )
    return PurePath(urls.pop()).name if whole and len(urls) == 1 else ""


def _recognise(head: Head) -> bool:
    return head.text.startswith(("{", "//", "/*")) and "cutSegments" in head.text and "OTIO_SCHEMA" not in head.text


FORMAT = Format(
    name="llc",
    title="LosslessCut project",
    suffix=".llc",
    carries=Carries(
        wholly=frozenset(
            (
                Feature.TIMELINE_MARKERS,
                Feature.MARKER_NAMES,
                Feature.MARKER_RANGES,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            )
        ),
        partly=MappingProxyType({**OF_SECONDS, Feature.MARKER_COMMENTS: ONE_TEXT}),
    ),
    kind=Kind.LIST,
    editors=("LosslessCut",),
    recognise=_recognise,
    read=_read,
    write=_write,
    one_text=True,
)
