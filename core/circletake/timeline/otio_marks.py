"""Markers of an OpenTimelineIO tree and our marks, both ways.

Our own marker carries every field of its mark under our key, so it comes back whole; where another tool has moved
or renamed the marker since, that tool's word counts. Any other marker becomes a proposed mark.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Mark, MarkState, Timeline, clean_name
from circletake.timeline.otio_values import Node, is_same, mapping, ours, read_range
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY, clean_note, mark_fields, mark_from_fields

STATE_COLORS = {MarkState.KEPT: "GREEN", MarkState.PROPOSED: "BLUE", MarkState.REJECTED: "RED"}
"""How a mark looks in other tools, unless it has a colour of its own."""

MARKER_COLORS = frozenset(
    ("BLACK", "BLUE", "CYAN", "GREEN", "MAGENTA", "ORANGE", "PINK", "PURPLE", "RED", "WHITE", "YELLOW")
)
"""Names every tool knows. Source: OpenTimelineIO `MarkerColor`."""

_ID_SPACE = uuid.UUID("6f0a7a51-6a1b-5b0c-9d0a-0d6a3cf1b7c4")


@dataclass(frozen=True)
class Marker:
    """A marker read from a track or a clip; `offset` takes its times to timeline time."""

    node: Node
    offset: RationalTime
    place: str


def with_markers(
    timeline: Timeline, whole: TimeRange, on_stack: Iterable[Node], elsewhere: Sequence[Marker], report: Report
) -> Timeline:
    """The timeline with a mark for every marker that lies on it; `whole` is all of it."""
    zero = RationalTime.zero(timeline.rate)
    marks: dict[str, Mark] = {}
    foreign: Node = {}
    for marker in (*(Marker(node, zero, "timeline") for node in on_stack), *elsewhere):
        mark = _own_mark(marker, timeline.rate, report) or _foreign_mark(marker, whole, report)
        if mark is None:
            continue
        if mark.id in marks:
            mark = replace(mark, id=_stable_id(mark, len(marks)))
        marks[mark.id] = mark
        metadata = {key: value for key, value in mapping(marker.node.get("metadata")).items() if key != KEY}
        foreign |= {mark.id: metadata} if metadata else {}
    if foreign:
        own = mapping(timeline.metadata.get(KEY))
        own["kept"] = {**mapping(own.get("kept")), "marker_metadata": foreign}
        timeline = replace(timeline, metadata=MappingProxyType({**timeline.metadata, KEY: own}))
    return timeline.with_marks(tuple(marks.values()))


def _own_mark(marker: Marker, rate: Fraction, report: Report) -> Mark | None:
    fields = ours(marker.node)
    if not fields:
        return None
    try:
        mark = mark_from_fields(fields)
    except ValueError:
        report.note("a damaged mark is read as a plain marker", marker.place)
        return None
    span = _placed(marker, report)
    if span is not None and span.duration.value > 0 and not is_same(span, mark.range):
        mark = replace(mark, range=_on_grid(span, rate))
    name = clean_name(marker.node.get("name") or "")
    return mark if name == shown_name(mark) else replace(mark, name=name)


def _foreign_mark(marker: Marker, whole: TimeRange, report: Report) -> Mark | None:
    """A proposal where the marker lies; at least one frame long, None where it is off the timeline."""
    node = marker.node
    span = _placed(marker, report)
    shared = None if span is None else _on_grid(span, whole.start_time.rate).intersection(whole)
    if shared is None:
        report.note("markers beyond the end of the timeline are left out", marker.place)
        return None
    name, comment = clean_name(node.get("name") or ""), clean_note(node.get("comment") or "")
    tools = [key for key in mapping(node.get("metadata")) if key != KEY]
    mark = Mark(
        id="unnamed",
        range=shared,
        name=name or clean_name(comment) or "Marker",
        source=clean_name(tools[0]) if tools else "marker",
        note=comment if name else "",
        color=clean_name(node.get("color") or ""),
    )
    return replace(mark, id=_stable_id(mark, 0))


def _placed(marker: Marker, report: Report) -> TimeRange | None:
    span = read_range(marker.node.get("marked_range"), marker.place, report)
    return None if span is None else span.shifted(marker.offset)


def _on_grid(span: TimeRange, rate: Fraction) -> TimeRange:
    """Whole frames of the timeline, at least one."""
    placed = span.rescaled_to(rate)
    return TimeRange(placed.start_time, max(placed.duration, RationalTime(1, rate)))


def _stable_id(mark: Mark, number: int) -> str:
    """The same id at every reading of the same file: a journal speaks of marks by id."""
    facts = [number, mark.name, str(mark.range.start_time.seconds), str(mark.range.duration.seconds), mark.note]
    return uuid.uuid5(_ID_SPACE, json.dumps(facts)).hex


def shown_name(mark: Mark) -> str:
    """What other tools list the mark as: never empty."""
    return mark.name or "Mark"


def shown_comment(mark: Mark) -> str:
    """What other tools show as its text: Kdenlive shows only this one, never the name."""
    score = "" if mark.score is None else f" {mark.score:.0f}"
    head = f"{shown_name(mark)} ({mark.state.value}{score})"
    return f"{head}: {mark.note}" if mark.note else head


def marker_node(mark: Mark, span: Node, foreign_metadata: object) -> Node:
    """A mark as a marker of a timeline; `span` is its range as a tree."""
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": shown_name(mark),
        "comment": shown_comment(mark),
        "color": mark.color.upper() if mark.color.upper() in MARKER_COLORS else STATE_COLORS[mark.state],
        "marked_range": span,
        "metadata": {**mapping(foreign_metadata), KEY: mark_fields(mark)},
    }
