"""Lines that check themselves: `length crc32 {json}`, both numbers in eight hexadecimal digits."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

_HEAD = re.compile(rb"([0-9a-f]{8}) ([0-9a-f]{8}) ")
_HEAD_BYTES = 18


@dataclass(frozen=True, slots=True)
class Records:
    """The records up to the first line that is not whole; `problem` says what is wrong with that one.

    A line cut short at the very end is what a power cut leaves, and no problem.
    """

    values: tuple[dict[str, Any], ...]
    problem: str = ""


def encoded(record: dict[str, Any]) -> bytes:
    """One record as a line.

    Raises:
        ValueError: not a JSON value.
    """
    body = json.dumps(record, allow_nan=False, separators=(",", ":")).encode("ascii")
    return b"%08x %08x %s\n" % (len(body), zlib.crc32(body), body)


def decoded(data: bytes) -> Records:
    """All whole records at the start of `data`."""
    values: list[dict[str, Any]] = []
    at = 0
    while at < len(data):
        record, size = _record(data, at)
        if record is None:
            at_end = b"\n" not in data[at:].rstrip(b"\0")
            return Records(tuple(values), "" if at_end else f"line {len(values) + 1} is damaged")
        values.append(record)
        at += size
    return Records(tuple(values))


def _record(data: bytes, at: int) -> tuple[dict[str, Any] | None, int]:
    head = _HEAD.match(data, at)
    if head is None:
        return None, 0
    start, length = at + _HEAD_BYTES, int(head[1], 16)
    body = data[start : start + length]
    end = start + length + 1
    if len(body) != length or data[end - 1 : end] != b"\n" or zlib.crc32(body) != int(head[2], 16):
        return None, 0
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None, 0
    return (value, end - at) if isinstance(value, dict) else (None, 0)
