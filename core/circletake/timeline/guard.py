"""What a timeline file must pass before a native parser sees it: its size, its kind, its depth, its numbers.

The native parser recurses once per bracket and can be crashed by a few kilobytes of them, reads NaN where JSON has
none, and follows references between objects in circles. So the text is measured first, then read by Python's parser,
and the native one only ever sees what was written out again from that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from circletake.errors import TimelineUnreadable

MAX_BYTES = 256 * 2**20
"""Largest timeline read: a day of one-second clips with heavy metadata stays below a tenth of it."""

MAX_DEPTH = 100
"""Deepest nesting of brackets read; timelines from real editors stay below 30."""

MAX_VALUES = 3_000_000
"""Most values of a project of which only some keys are read: twenty thousand clips of OpenShot's with all of
their curves."""

_LARGEST_INT = 2**63 - 1
_SCAN_BYTES = 4 * 2**20

# Possessive, and content with the end of the file as a closing quote: the scan stays linear on any bytes.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?(?:"|\Z)', re.DOTALL)

_STRINGS = re.compile(rb'(?:[^"]*+' + _STRING.pattern + rb"){1,10000}+", re.DOTALL)

_NO_NUMBER = re.compile(_STRING.pattern + rb"|-?\b(?:Infinity|Inf|NaN)\b", re.DOTALL)

_DEPTH_CHANGE = np.zeros(256, np.int8)
_DEPTH_CHANGE[[ord("["), ord("{")]] = 1
_DEPTH_CHANGE[[ord("]"), ord("}")]] = -1

_BINARY_KINDS = (
    (b"PK\x03\x04", "a zip archive, such as .otioz or .drp"),
    (b"\x1f\x8b", "a gzip archive, such as a Premiere or compressed Kdenlive project"),
    (b"\xd0\xcf\x11\xe0", "an AAF file"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"SQLite format 3", "a database"),
)
_XML_KINDS = (
    ("<xmeml", "Final Cut Pro 7 XML"),
    ("<fcpxml", "FCPXML"),
    ("<ges", "a GStreamer editing project (XGES)"),
    ("kdenlive", "a Kdenlive project"),
    ("<mlt", "an MLT project"),
    ("<html", "a web page"),
)
_EDL = re.compile(r"\s*(TITLE:|FCM:|\d{3,6}\s+\S+\s+[AVB])")


def read_bytes(path: Path) -> bytes:
    """The whole file.

    Raises:
        TimelineUnreadable: missing, not a file, not permitted, or larger than `MAX_BYTES`.
    """
    try:
        if path.is_dir():
            hint = "Name the timeline inside it."
            raise TimelineUnreadable("this is a folder, not a timeline", hint=hint, path=path)
        if not path.is_file():
            raise TimelineUnreadable("there is no such file", hint="Check the name and the folder.", path=path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TimelineUnreadable(
                f"the file has {size / 2**20:.0f} MiB; a timeline of more than {MAX_BYTES >> 20} MiB is not read",
                hint="Export only the sequence you need, without rendered data.",
                path=path,
            )
        return path.read_bytes()
    except OSError as error:
        raise TimelineUnreadable(
            f"the file cannot be read: {error.strerror or error}", hint="Check its permissions.", path=path
        ) from error


def parse(data: bytes, path: Path | None = None, *, keys: frozenset[str] | None = None) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Read JSON that is safe to hand on: UTF-8, shallow, only finite numbers, no references between objects.

    What OpenTimelineIO writes where JSON has no word for a number (`Inf`, `NaN`) is null; `no_numbers` counts them.
    Markers as later OpenTimelineIO versions write them come back in the form this version reads. With `keys`, objects
    keep these alone, and there may be `MAX_VALUES`.

    Raises:
        TimelineUnreadable: another kind of file, or text that is refused; the message says which and where.
    """
    kind = kind_of(data)
    if kind:
        raise TimelineUnreadable(
            f"this is {kind}; timelines are read from OpenTimelineIO files (.otio)",
            hint="Export the timeline as OpenTimelineIO from your editor and open that.",
            path=path,
        )
    if keys is not None and sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise _refused(f"there are more than {MAX_VALUES:,} values in it", path)
    text = _decoded(_NO_NUMBER.sub(_as_null, data) if no_numbers(data) else data, path)
    depth = _depth(data)
    if depth > MAX_DEPTH:
        raise _refused(f"brackets are nested {depth} deep; {MAX_DEPTH} is the most that is read", path)
    hook = _checked if keys is None else partial(_picked, keys)
    try:
        return json.loads(text, object_hook=hook, parse_int=_bounded, parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _refused(f"this is not JSON: {error.msg}", path, place) from error
    except (ValueError, RecursionError) as error:
        raise _refused(str(error), path) from error


def _picked(keys: frozenset[str], node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key in keys}


def no_numbers(data: bytes) -> int:
    """How many values are infinite or no number at all."""
    if not any(word in data for word in (b"Inf", b"NaN")):
        return 0
    return sum(not match[0].startswith(b'"') for match in _NO_NUMBER.finditer(data))


def _as_null(match: re.Match[bytes]) -> bytes:
    return match[0] if match[0].startswith(b'"') else b"null"


def kind_of(data: bytes) -> str | None:
    """What a file that is not JSON looks like, by its content; None for JSON."""
    for signature, kind in _BINARY_KINDS:
        if data.startswith(signature):
            return kind
    head = data[:4096].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not head:
        return "an empty file"
    if head.startswith("<"):
        return next((kind for mark, kind in _XML_KINDS if mark in head.lower()), "XML of an unknown kind")
    if _EDL.match(head):
        return "an edit decision list (EDL)"
    if head.startswith("Heading"):
        return "an Avid log (ALE)"
    return None if head[0] in "{[" else "no timeline"


def _decoded(data: bytes, path: Path | None) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("the text is not UTF-8", path, f"byte {error.start}") from error


def _depth(data: bytes) -> int:
    """Deepest nesting of brackets outside strings."""
    depth = deepest = 0
    for piece in _without_strings(data):
        codes = np.frombuffer(piece, np.uint8)
        for start in range(0, len(codes), _SCAN_BYTES):
            depths = np.cumsum(_DEPTH_CHANGE[codes[start : start + _SCAN_BYTES]], dtype=np.int64) + depth
            depth, deepest = int(depths[-1]), max(deepest, int(depths.max()))
    return deepest


def _without_strings(data: bytes) -> Iterator[bytes]:
    """All that is outside strings, some thousand strings at a time: what lies between them would fill the memory."""
    at = 0
    while match := _STRINGS.match(data, at):
        at = match.end()
        yield _STRING.sub(b"", match[0])
    yield data[at:]


def _refused(message: str, path: Path | None, place: str | None = None) -> TimelineUnreadable:
    hint = "Export the timeline again from the tool that made it."
    return TimelineUnreadable(message, hint=hint, path=path, place=place)


def _checked(node: dict[str, Any]) -> dict[str, Any]:
    schema = node.get("OTIO_SCHEMA")
    if isinstance(schema, str) and schema.startswith("SerializableObjectRef"):
        raise ValueError("objects that refer to each other are not read")
    return _older_marker(node) if schema == "Marker.3" else node


def _older_marker(node: dict[str, Any]) -> dict[str, Any]:
    """Later OpenTimelineIO keeps a marker's colour as a Color object; here it is a name, or `#rrggbb`."""
    color = node.get("color")
    name = (color.get("name") or _hex(color)) if isinstance(color, dict) else color
    return {**node, "OTIO_SCHEMA": "Marker.2", "color": name if isinstance(name, str) else ""}


def _hex(color: dict[str, Any]) -> str:
    parts = [color.get(part) for part in "rgb"]
    known = [round(min(max(part, 0), 1) * 255) for part in parts if isinstance(part, int | float)]
    return "#{:02x}{:02x}{:02x}".format(*known) if len(known) == len(parts) else ""


def _bounded(digits: str) -> int | float:
    """An integer a C++ program can hold; a larger one becomes the nearest float, as it would there."""
    value = int(digits) if len(digits) <= len("-9223372036854775808") else None
    return value if value is not None and -_LARGEST_INT - 1 <= value <= _LARGEST_INT else _finite(digits)


def _finite(number: str) -> float:
    value = float(number)
    if not np.isfinite(value):
        raise ValueError(f"{number[:40]} is not a number that JSON has")
    return value
