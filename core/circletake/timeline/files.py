"""Timelines in OpenTimelineIO files: the one place that speaks to OpenTimelineIO.

It is the judge of the schema in both directions. Reading: the guard's JSON goes through it, which brings old schemas
up to date, and comes back as a tree. Writing: our tree goes through it before a byte reaches the disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opentimelineio  # type: ignore[import-untyped]  # it ships no types

from circletake import paths
from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.timeline import guard
from circletake.timeline.model import Timeline
from circletake.timeline.otio_read import timeline_from_tree
from circletake.timeline.otio_values import Node, mapping, schema
from circletake.timeline.otio_write import tree_of

MAX_INDENTED = 2_000_000
"""Characters up to which a file is laid out for people: Python's encoder is ten times slower at it."""

_NATIVE_NAMES = re.compile(r" \(of type '[^']*'\)| \(near line \d+\)|\bN14opentimelineio\w*")
_REFUSALS = (ValueError, KeyError, TypeError, RuntimeError, opentimelineio.exceptions.OTIOError)


@dataclass(frozen=True, slots=True)
class ReadTimeline:
    """A timeline as read; `warnings` are sentences about what the file holds and this program does not show."""

    timeline: Timeline
    warnings: tuple[str, ...] = ()


def read_timeline(path: Path) -> ReadTimeline:
    """Read an OpenTimelineIO file. What kind of file it is, its content says, not its name.

    Raises:
        TimelineUnreadable: missing, of another kind, or refused for safety.
        TimelineInvalid: its values contradict each other; the error names the clip.
    """
    return timeline_from_bytes(guard.read_bytes(path), path)


def timeline_from_bytes(data: bytes, path: Path | None = None) -> ReadTimeline:
    """Read the bytes of an OpenTimelineIO file; `path` is only named in errors.

    Raises:
        TimelineUnreadable: of another kind, or refused for safety.
        TimelineInvalid: its values contradict each other; the error names the clip.
    """
    tree = _single_timeline(_through_otio(guard.parse(data, path), path), path)
    try:
        timeline, warnings = timeline_from_tree(tree, path)
    except ValueError as error:
        raise TimelineInvalid(str(error), hint="Correct it in the tool that made it.", path=path) from error
    return ReadTimeline(timeline, warnings)


def timeline_from_text(text: str) -> ReadTimeline:
    """Read the text of an OpenTimelineIO file; raises as `timeline_from_bytes` does."""
    return timeline_from_bytes(text.encode("utf-8", "surrogatepass"))


def timeline_to_text(timeline: Timeline) -> str:
    """The text of an OpenTimelineIO file; reading it gives an equal timeline.

    Raises:
        TimelineInvalid: metadata that is not JSON, or that OpenTimelineIO refuses.
    """
    try:
        text = json.dumps(tree_of(timeline), allow_nan=False, ensure_ascii=False, default=_plain)
        # Half a surrogate pair, as in a file name that is no Unicode, becomes a question mark.
        indent = 4 if len(text) < MAX_INDENTED else None
        return json.dumps(_judged(text.encode("utf-8", "replace").decode("utf-8")), indent=indent)
    except _REFUSALS as error:
        hint = "Remove what another tool stored in the timeline and try again."
        raise TimelineInvalid(f"the timeline cannot be written: {error}", hint=hint) from error


def write_timeline(timeline: Timeline, path: Path) -> None:
    """Write an OpenTimelineIO file, whole or not at all. Marks become markers that every such tool shows.

    Raises:
        TimelineInvalid: metadata that is not JSON.
        OSError: the folder cannot be written.
    """
    text = timeline_to_text(timeline)
    with paths.written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _plain(value: object) -> Node:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _judged(text: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The tree of `text` in OpenTimelineIO's current schemas, with every float as it stands in `text`."""
    parsed = opentimelineio.core.deserialize_json_from_string(text)
    return _with_floats(json.loads(opentimelineio.core.serialize_json_to_string(parsed, indent=-1)), json.loads(text))


def _with_floats(judged: Any, written: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The first tree with the floats of the second: OpenTimelineIO's reader is off by a last bit now and then."""
    if isinstance(judged, dict) and isinstance(written, dict):
        return {key: _with_floats(value, written.get(key)) for key, value in judged.items()}
    if isinstance(judged, list) and isinstance(written, list) and len(judged) == len(written):
        return [_with_floats(*pair) for pair in zip(judged, written, strict=True)]
    return written if isinstance(judged, float) and isinstance(written, float) else judged


def _through_otio(tree: object, path: Path | None) -> Node:
    """The same tree in OpenTimelineIO's current schemas."""
    try:
        return mapping(_judged(json.dumps(tree, allow_nan=False)))
    except _REFUSALS as error:
        reason = _NATIVE_NAMES.sub("", str(error).strip("\"'"))
        hint = "Export it again, as OpenTimelineIO 0.18 or earlier."
        raise TimelineUnreadable(f"OpenTimelineIO refuses it: {reason}", hint=hint, path=path) from error


def _single_timeline(tree: Node, path: Path | None) -> Node:
    """The timeline in the file; one alone in a collection counts too."""
    found = [node for node in tree.get("children", ()) if schema(node) == "Timeline"]
    if schema(tree) == "SerializableCollection" and len(found) == 1:
        return mapping(found[0])
    if schema(tree) == "Timeline":
        return tree
    what = f"{len(found)} timelines" if found else schema(tree) or "plain JSON"
    raise TimelineUnreadable(f"this holds {what}, not one timeline", hint="Export a single timeline.", path=path)
