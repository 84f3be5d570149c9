"""Markers of an OpenTimelineIO tree and our marks and markers, both ways.

Our own marker carries every field of its mark under our key, so it comes back whole; where another tool has moved
or renamed the marker since, that tool's word counts. Any other marker stays a marker.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import STATE_COLORS, Mark, Marker, Timeline, clean_name
from circletake.timeline.otio_values import Node, is_same, mapping, moved_range, ours
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY, clean_note, mark_fields, mark_from_fields

MARKER_COLORS = frozenset(
    ("BLACK", "BLUE", "CYAN", "GREEN", "MAGENTA", "ORANGE", "PINK", "PURPLE", "RED", "WHITE", "YELLOW")
)
"""Names every tool knows. Source: OpenTimelineIO `MarkerColor`."""

_ID_SPACE = uuid.UUID("6f0a7a51-6a1b-5b0c-9d0a-0d6a3cf1b7c4")


@dataclass(frozen=True)
class Found:
    """A marker of the tree and where it lies, in the time of whatever it is on."""

    node: Node
    span: TimeRange
    place: str

    def shifted(self, by: RationalTime) -> Found:
        """The same marker in the time of what surrounds that."""
        return replace(self, span=moved_range(self.span, by)) if by.value else self


def is_ours(node: Node) -> bool:
    """Tell whether a marker stands for a mark."""
    return "id" in ours(node)


def with_markers(timeline: Timeline, found: Iterable[Found], report: Report) -> Timeline:
    """The timeline with a mark for each marker of ours and the other markers as they are, all in timeline time."""
    marks: dict[str, Mark] = {}
    markers: list[Marker] = []
    for each in found:
        mark = _own_mark(each, timeline.rate, report)
        if mark is not None:
            mark = replace(mark, id=_stable_id(mark, len(marks))) if mark.id in marks else mark
            marks[mark.id] = mark
        elif each.span.start_time.value < 0:
            report.note("markers before the beginning are left out", each.place)
        else:
            markers.append(marker_from(each.node, each.span))
    return replace(timeline, marks=tuple(marks.values()), markers=tuple(markers))


def marker_from(node: Node, span: TimeRange) -> Marker:
    """A marker as another tool made it, at `span`."""
    metadata = mapping(node.get("metadata"))
    own = mapping(metadata.pop(KEY, None))
    shown = mapping(own.get("shown"))
    # Resolve keeps the note here and leaves the comment empty. Source: its own exports (version 21).
    note = mapping(metadata.get("Resolve_OTIO")).get("Note")
    kind = own.get("kind")
    return Marker(
        span,
        clean_name(_text(node, "name", shown)),
        clean_note(_text(node, "comment", shown) or (note if isinstance(note, str) and "comment" not in shown else "")),
        clean_name(_text(node, "color", shown)).lower(),
        clean_name(kind) if isinstance(kind, str) else "",
        MappingProxyType(metadata),
    )


def _text(node: Node, field: str, shown: Node) -> str:
    """What the file shows, or what we showed it in place of, unless another tool has changed it since."""
    value = node.get(field)
    pair = shown.get(field)
    if isinstance(pair, list) and len(pair) == 2 and pair[0] == value and isinstance(pair[1], str):
        return pair[1]
    return value if isinstance(value, str) else ""


def shown_as(marker: Marker, **texts: str) -> Marker:
    """The marker with other texts (`name`, `comment`, `color`) for a tool that needs them; reading takes them back."""
    changed = {field: [text, getattr(marker, field)] for field, text in texts.items() if text != getattr(marker, field)}
    if not changed:
        return marker
    metadata = {**marker.metadata, KEY: {**mapping(marker.metadata.get(KEY)), "shown": changed}}
    return replace(marker, **texts, metadata=MappingProxyType(metadata))  # type: ignore[arg-type]  # three texts


def _own_mark(found: Found, rate: Fraction, report: Report) -> Mark | None:
    if not is_ours(found.node):
        return None
    try:
        mark = mark_from_fields(ours(found.node))
    except ValueError:
        report.note("a damaged mark is read as a plain marker", found.place)
        return None
    if found.span.duration.value > 0 <= found.span.start_time.value and not is_same(found.span, mark.range):
        mark = replace(mark, range=_on_grid(found.span, rate))
    name = clean_name(found.node.get("name") or "")
    return mark if name == shown_name(mark) else replace(mark, name=name)


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


def mark_node(mark: Mark, span: Node) -> Node:
    """A mark as a marker of a timeline; `span` is its range as a tree."""
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": shown_name(mark),
        "comment": shown_comment(mark),
        "color": (mark.color if mark.color.upper() in MARKER_COLORS else STATE_COLORS[mark.state]).upper(),
        "marked_range": span,
        "metadata": {KEY: mark_fields(mark)},
    }


def marker_node(marker: Marker, span: Node, own: Mapping[str, object]) -> Node:
    """A marker of another tool; `span` is its range as a tree, `own` what goes under our key."""
    metadata = mapping(marker.metadata)
    under_key = {**mapping(metadata.pop(KEY, None)), **own, **({"kind": marker.kind} if marker.kind else {})}
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": marker.name,
        "comment": marker.comment,
        "color": marker.color.upper(),
        "marked_range": span,
        "metadata": {**metadata, KEY: under_key} if under_key else metadata,
    }
