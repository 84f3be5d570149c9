"""Timelines in OpenTimelineIO files: the one place that speaks to OpenTimelineIO.

It is the judge of the schema in both directions. Reading: the guard's JSON goes through it, which brings old schemas
up to date, and comes back as a tree. Writing: our tree goes through it before a byte reaches the disk. What strangers
made is judged in a process of its own, since the judge is native code; what we wrote ourselves is judged here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import opentimelineio  # type: ignore[import-untyped]  # it ships no types

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.jobs.context import JobContext
from circletake.timeline import guard
from circletake.timeline.child import Limits, NoChild, run_limited
from circletake.timeline.model import Timeline, clean_name
from circletake.timeline.otio_read import timeline_from_tree
from circletake.timeline.otio_values import Node, mapping, schema
from circletake.timeline.otio_write import tree_of

MAX_INDENTED = 2_000_000
"""Characters up to which a file is laid out for people: Python's encoder is ten times slower at it."""

_NATIVE_NAMES = re.compile(r": near line \d+| \(of type '[^']*'\)| \(near line \d+\)|\bN14opentimelineio\w*")
_REFUSALS = (ValueError, KeyError, TypeError, RuntimeError, opentimelineio.exceptions.OTIOError)

_TAKEN, _REFUSED = b"=", b"!"
_JUDGE = """
import opentimelineio as otio
given = sys.stdin.buffer.read().decode("utf-8")
try:
    parsed = otio.core.deserialize_json_from_string(given)
    result = "=" + otio.core.serialize_json_to_string(parsed, indent=-1)
except (ValueError, KeyError, TypeError, RuntimeError, otio.exceptions.OTIOError) as error:
    result = "!" + str(error)
sys.stdout.buffer.write(result.encode("utf-8", "replace"))
"""
"""What `_judged_here` does, for a process of its own."""


@dataclass(frozen=True, slots=True)
class ReadTimeline:
    """A timeline as read.

    `warnings` are sentences about what the file holds and this program does not show; `others` are the names of the
    file's further timelines.
    """

    timeline: Timeline
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def timeline_of_stranger(
    data: bytes, path: Path, name: str | None = None, context: JobContext | None = None
) -> ReadTimeline:
    """Read the bytes of a file that anybody may have made: native code sees them in a process of its own alone.

    Of several timelines in the file it is the one called `name`, or the first.

    Raises:
        TimelineUnreadable: of another kind, or refused for safety.
        TimelineInvalid: its values contradict each other; the error names the clip.
        JobCancelled: asked to stop by `context`.
    """
    emptied = guard.no_numbers(data)
    try:
        judge = partial(_judged_apart, context=context)
        timelines = _timelines(_through_otio(guard.parse(data, path), path, judge), path)
    except TimelineUnreadable as error:
        if not emptied:
            raise
        message = f"{error.message}; {emptied} of its values are infinite or no numbers at all"
        raise TimelineUnreadable(message, hint=error.hint, path=path) from error
    names = [clean_name(str(tree.get("name") or "")) for tree in timelines]
    if name is not None and name not in names:
        hint = f"It holds {', '.join(names)}."
        raise TimelineUnreadable(f'there is no timeline "{name}" in this file', hint=hint, path=path)
    place = 0 if name is None else names.index(name)
    read = _read(timelines[place], path)
    told = (f"{emptied} infinite or missing numbers in other tools' data are left empty",) if emptied else ()
    return ReadTimeline(read.timeline, (*read.warnings, *told), (*names[:place], *names[place + 1 :]))


def timeline_from_bytes(data: bytes, path: Path | None = None) -> ReadTimeline:
    """Read the bytes of an OpenTimelineIO file; `path` is only named in errors.

    Raises:
        TimelineUnreadable: of another kind, or refused for safety.
        TimelineInvalid: its values contradict each other; the error names the clip.
    """
    timelines = _timelines(_through_otio(guard.parse(data, path), path, _judged_here), path)
    if len(timelines) > 1:
        message = f"this holds {len(timelines)} timelines, not one timeline"
        raise TimelineUnreadable(message, hint="Export a single timeline.", path=path)
    return _read(timelines[0], path)


def _read(tree: Node, path: Path | None) -> ReadTimeline:
    try:
        timeline, warnings = timeline_from_tree(tree, path)
    except ValueError as error:
        raise TimelineInvalid(str(error), hint="Correct it in the tool that made it.", path=path) from error
    return ReadTimeline(timeline, warnings)


def timeline_to_text(timeline: Timeline) -> str:
    """The text of an OpenTimelineIO file; reading it gives an equal timeline.

    Raises:
        TimelineInvalid: metadata that is not JSON, or that OpenTimelineIO refuses.
    """
    try:
        text = json.dumps(tree_of(timeline), allow_nan=False, ensure_ascii=False, default=_plain)
        # Half a surrogate pair, as in a file name that is no Unicode, becomes a question mark.
        indent = 4 if len(text) < MAX_INDENTED else None
        return json.dumps(_judged_here(text.encode("utf-8", "replace").decode("utf-8")), indent=indent)
    except _REFUSALS as error:
        hint = "Remove what another tool stored in the timeline and try again."
        raise TimelineInvalid(f"the timeline cannot be written: {error}", hint=hint) from error


def _plain(value: object) -> Node:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _judged_here(text: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The tree of `text` in OpenTimelineIO's current schemas, with every float as it stands in `text`."""
    parsed = opentimelineio.core.deserialize_json_from_string(text)
    return _with_floats(json.loads(opentimelineio.core.serialize_json_to_string(parsed, indent=-1)), json.loads(text))


def _judged_apart(text: str, context: JobContext | None = None) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The same from a process that may break down."""
    try:
        answer = run_limited(_JUDGE, text.encode(), limits=_limits(len(text)), context=context)
    except NoChild:
        # Frozen into one file there is no interpreter to start. The guard has seen the text and takes out all that is
        # known to crash the parser; what is not known would take the program down.
        return _judged_here(text)
    if answer[:1] == _REFUSED:
        raise ValueError(answer[1:].decode("utf-8", "replace"))
    if answer[:1] != _TAKEN:
        raise ValueError("its answer was no timeline")
    return _with_floats(guard.parse(answer[1:]), json.loads(text))


def _limits(size: int) -> Limits:
    """For `size` characters: some forty bytes of objects each, a second for each megabyte."""
    return Limits(seconds=20 + size / 1e6, memory=2**30 + 50 * size, output=2**24 + 4 * size)


def _with_floats(judged: Any, written: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    """The first tree with the floats of the second: OpenTimelineIO's reader is off by a last bit now and then."""
    if isinstance(judged, dict) and isinstance(written, dict):
        return {key: _with_floats(value, written.get(key)) for key, value in judged.items()}
    if isinstance(judged, list) and isinstance(written, list) and len(judged) == len(written):
        return [_with_floats(*pair) for pair in zip(judged, written, strict=True)]
    return written if isinstance(judged, float) and isinstance(written, float) else judged


def _through_otio(tree: object, path: Path | None, judge: Callable[[str], Any]) -> Node:
    """The same tree in OpenTimelineIO's current schemas."""
    try:
        return mapping(judge(json.dumps(tree, allow_nan=False)))
    except TimelineUnreadable as error:
        raise TimelineUnreadable(error.message, hint=error.hint, path=path, details=error.details) from error
    except _REFUSALS as error:
        reason = _NATIVE_NAMES.sub("", str(error).strip("\"'"))
        hint = "Export it again, as OpenTimelineIO 0.18 or earlier."
        raise TimelineUnreadable(f"OpenTimelineIO refuses it: {reason}", hint=hint, path=path) from error


def _timelines(tree: Node, path: Path | None) -> list[Node]:
    """The timelines in the file, one alone or those of a collection."""
    if schema(tree) == "Timeline":
        return [tree]
    found = [mapping(node) for node in tree.get("children", ()) if schema(node) == "Timeline"]
    if schema(tree) == "SerializableCollection" and found:
        return found
    what = schema(tree) or "plain JSON"
    raise TimelineUnreadable(f"this holds {what}, not one timeline", hint="Export a single timeline.", path=path)
