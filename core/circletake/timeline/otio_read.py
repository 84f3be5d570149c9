"""From the JSON tree of an OpenTimelineIO file to our values. Whatever has no place there is kept or reported.

The tree has passed OpenTimelineIO itself, so its shapes are those of the current schemas. What a clip or a track
holds beyond our model (effects, transitions, further media references) goes into its metadata under our key as it
was read, and `otio_write` puts it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from circletake.timebase import MICROSECONDS, RationalTime, TimeRange, may_drop_frames
from circletake.timeline.model import Gap, Timeline, Track, TrackKind, clean_name
from circletake.timeline.otio_clips import Part, clip_part, found_in, gap_part, switched_off, with_kept
from circletake.timeline.otio_marks import Found, with_markers
from circletake.timeline.otio_values import (
    DEFAULT_RATE,
    Node,
    counted_at,
    mapping,
    ours,
    read_range,
    read_time,
    schema,
)
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY

_HIGHEST_FRAME_RATE = 1000


def timeline_from_tree(tree: Node, path: Path | None) -> tuple[Timeline, tuple[str, ...]]:
    """The timeline and the sentences about what is not shown.

    Raises:
        TimelineInvalid: times that cannot be; the error names the clip.
        ValueError: sums of times beyond what a container can hold.
    """
    try:
        return _timeline(tree, Report(path))
    except ValueError:  # the rates of the file have no common one that a time can be counted at
        report = Report(path, grid=MICROSECONDS)
        report.note("times at odd rates are rounded to microseconds")
        return _timeline(tree, report)


def _timeline(tree: Node, report: Report) -> tuple[Timeline, tuple[str, ...]]:
    stack = mapping(tree.get("tracks"))
    rows = [row for row in (_row(child, report) for child in stack.get("children", ())) if row is not None]
    if read_range(stack.get("source_range"), "timeline", report):
        report.note("the timeline shows a part of its tracks; all of them are shown here")
    stored = mapping(ours(tree).get("timeline"))
    start = tree.get("global_start_time")
    start_time = None if start is None else read_time(start, "timeline start", report)
    rate = _stored_rate(stored) or _likely_rate(rows, start_time)
    metadata = mapping(tree.get("metadata"))
    timeline = Timeline(
        name=clean_name(tree.get("name") or ""),
        rate=rate,
        tracks=tuple(row.track for row in rows),
        drop_frame=may_drop_frames(rate) and (stored.get("drop_frame") is True or _says_drop_frame(metadata)),
        global_start_time=start_time,
        metadata=MappingProxyType(_timeline_metadata(metadata, stack)),
    )
    found = [*found_in(stack, "timeline", report), *(each for row in rows for each in row.found)]
    return with_markers(timeline, found, report), report.sentences()


def _timeline_metadata(metadata: Node, stack: Node) -> Node:
    """The file's metadata; what belongs to the stack waits under our key until it is written back."""
    own = mapping(metadata.pop(KEY, None))
    own.pop("timeline", None)
    own.pop("kept", None)
    kept = {name: stack[name] for name in ("metadata", "effects") if stack.get(name)}
    if stack.get("name", "tracks") != "tracks":
        kept["name"] = stack["name"]
    own |= {"kept": kept} if kept else {}
    return {**metadata, KEY: own} if own else metadata


def _stored_rate(stored: Node) -> Fraction | None:
    """The rate as we wrote it, in full."""
    try:
        rate = Fraction(stored["rate"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return rate if 0 < rate <= _HIGHEST_FRAME_RATE else None


def _likely_rate(rows: Sequence[Row], start_time: RationalTime | None) -> Fraction:
    """The rate most clips are cut at, pictures before sound; the file itself names none."""
    for kinds in ((TrackKind.VIDEO,), tuple(TrackKind)):
        rates = Counter(
            item.duration.rate
            for row in rows
            for item in row.track.items
            if row.track.kind in kinds and 1 < item.duration.rate <= _HIGHEST_FRAME_RATE and item.duration.value
        )
        if rates:
            return rates.most_common(1)[0][0]
    usable = start_time is not None and 1 < start_time.rate <= _HIGHEST_FRAME_RATE
    return start_time.rate if start_time is not None and usable else DEFAULT_RATE


def _says_drop_frame(metadata: Node) -> bool:
    """Premiere and Final Cut Pro 7 say it in their timecode block."""
    return mapping(mapping(metadata.get("fcp_xml")).get("timecode")).get("displayformat") == "DF"


@dataclass(frozen=True)
class Row:
    """A track, and the markers on it that are none of a clip's, in timeline time."""

    track: Track
    found: tuple[Found, ...] = ()


def _row(node: Node, report: Report) -> Row | None:
    name = clean_name(node.get("name") or "")
    if schema(node) != "Track":
        parts = _parts([node], TrackKind.VIDEO, report, [])
        return Row(Track(name, TrackKind.VIDEO, tuple(part.item for part in parts)), _found(parts))
    kind = _kind(node, report, name)
    if kind is None:
        return None
    place = f'track "{name}"'
    transitions: list[list[Any]] = []
    parts = _parts(node["children"], kind, report, transitions)
    span = read_range(node.get("source_range"), place, report)
    row = _trimmed(parts, span, place, report) if span else parts
    lead = -span.start_time if span and row is not parts else RationalTime.zero(DEFAULT_RATE)
    own = tuple(found.shifted(lead) for found in found_in(node, place, report))
    kept = {**({"transitions": transitions} if transitions else {}), **_kept(node, place, report)}
    metadata = mapping(node.get("metadata"))
    metadata.pop(KEY, None)
    track = Track(name, kind, tuple(part.item for part in row), with_kept(metadata, kept))
    return Row(track, (*own, *_found(row)))


def _found(parts: Sequence[Part]) -> tuple[Found, ...]:
    """Markers that their items cannot hold, in the row's time."""
    found: list[Found] = []
    at = _start_of(parts)
    for part in parts:
        found += (each.shifted(at) for each in part.loose)
        at = at + part.item.duration
    return tuple(found)


def _kept(node: Node, place: str, report: Report) -> Node:
    """What our model has no field for, as it was read."""
    kept = switched_off(node, place, report)
    if node.get("effects"):
        report.note("effects are kept in the file but not shown", place)
        kept["effects"] = node["effects"]
    return kept


def _kind(node: Node, report: Report, name: str) -> TrackKind | None:
    if schema(node) != "Track":
        return TrackKind.VIDEO
    try:
        return TrackKind(node.get("kind") or "Video")
    except ValueError:
        report.note(f'tracks of kind "{clean_name(str(node["kind"]))}" are left out', f'track "{name}"')
        return None


def _parts(children: Iterable[Node], kind: TrackKind, report: Report, transitions: list[list[Any]]) -> list[Part]:
    parts: list[Part] = []
    for child in children:
        name = clean_name(child.get("name") or "")
        kind_of_child = schema(child)
        if kind_of_child == "Clip":
            parts.append(clip_part(child, name, report))
        elif kind_of_child == "Gap":
            parts.append(gap_part(child, name, report))
        elif kind_of_child == "Transition":
            report.note("transitions are kept in the file but cuts are shown", f'transition "{name}"')
            transitions.append([len(parts), child])
        elif kind_of_child in ("Stack", "Track"):
            parts += _nested(child, name, kind, report)
        else:
            report.note(
                f'items of kind "{clean_name(kind_of_child)}" are not understood; their length is kept', f'"{name}"'
            )
            span = read_range(child.get("source_range"), f'"{name}"', report)
            parts += [Part(Gap(span.duration, name))] if span else []
    return parts


def _nested(node: Node, name: str, kind: TrackKind, report: Report) -> list[Part]:
    """The parts of a nested timeline; where more than one layer shows, a gap of its length."""
    place = f'nested timeline "{name}"'
    span = read_range(node.get("source_range"), place, report)
    if node.get("effects"):
        report.note("effects on a nested timeline are left out", place)
    if node.get("markers"):
        report.note("markers on a nested timeline are left out", place)
    dropped: list[list[Any]] = []
    layers = [node] if schema(node) == "Track" else [layer for layer in node["children"] if _shows(layer, kind)]
    rows = [
        _parts(layer["children"] if schema(layer) == "Track" else [layer], kind, report, dropped) for layer in layers
    ]
    if len(rows) == 1:
        inner = read_range(layers[0].get("source_range"), place, report) if layers[0] is not node else None
        row = _trimmed(rows[0], inner, place, report) if inner and schema(layers[0]) == "Track" else rows[0]
        return _trimmed(row, span, place, report) if span else row
    report.note("a nested timeline of several layers is shown as a gap of its length", place)
    lengths = [_length(row) for row in rows]
    length = span.duration if span else max(lengths, default=RationalTime.zero(DEFAULT_RATE))
    return [Part(Gap(length, name))]


def _shows(layer: Node, kind: TrackKind) -> bool:
    if schema(layer) != "Track":
        return True
    return bool(layer["children"]) and layer.get("kind") == kind


def _length(parts: Sequence[Part]) -> RationalTime:
    return sum((part.item.duration for part in parts), _start_of(parts))


def _start_of(parts: Sequence[Part]) -> RationalTime:
    """Zero, counted as the first item is."""
    return RationalTime.zero(parts[0].item.duration.rate if parts else DEFAULT_RATE)


def _trimmed(parts: list[Part], wanted: TimeRange, place: str, report: Report) -> list[Part]:
    """The part of a row inside `wanted`, in the row's own time; gaps stand where it reaches beyond."""
    total = TimeRange(_start_of(parts), _length(parts))
    shown = total.intersection(wanted)
    if shown is None:
        report.note("its range lies outside its content; all of it is shown", place)
        return parts
    row = [_padding(shown.start_time - wanted.start_time, wanted)]
    at = total.start_time
    for part in parts:
        shared = TimeRange(at, part.item.duration).intersection(shown)
        row += [part.cut(shared.start_time - at, shared.duration)] if shared else []
        at = at + part.item.duration
    row.append(_padding(wanted.end_time_exclusive - shown.end_time_exclusive, wanted))
    return [part for part in row if part.item.duration.value > 0]


def _padding(duration: RationalTime, wanted: TimeRange) -> Part:
    length = counted_at(duration, wanted.duration.rate)
    return Part(Gap(length))
