"""GStreamer's structures as text, `name, key=(type)value, …;`, which GES puts into XML attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from circletake.timebase import MAX_VALUE, RationalTime, exact_rate, round_fraction

SECOND = 10**9
"""Nanoseconds, which GES counts times in."""

NANOSECONDS = Fraction(SECOND)

Fields = Mapping[str, str]
"""The values of a structure by key, without their types and quotes."""

_NAME = re.compile(r"[\s;]*+([^\s,;=\"]++)\s*+")
_FIELD = re.compile(
    r"\s*+,\s*+(?P<key>[^\s,;=\"]++)\s*+=\s*+(?:\([^()\"]*+\)\s*+)?+"
    r"(?P<value>\"(?:[^\"\\]|\\.)*+\"|\[[^\[\]\"]*+\]|\{[^{}\"]*+\}|<[^<>\"]*+>|[^,;\"\s][^,;\"]*+|)",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(?:([0-3][0-7]{2})|(.))", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_+/:.-]+")
_DIGITS = re.compile(r"\d{1,19}")
_FRACTION = re.compile(r"(\d{1,10})/(\d{1,10})")


def structures(text: str) -> Iterator[tuple[str, Fields]]:
    """The structures of a text in their order, (name, fields); whatever follows what is none is left out."""
    at = 0
    while match := _NAME.match(text, at):
        name, at = match[1], match.end()
        fields: dict[str, str] = {}
        while field := _FIELD.match(text, at):
            at = field.end()
            value = field["value"].strip()
            fields[field["key"]] = unquoted(value)
        yield name, fields


def fields_of(text: str | None) -> Fields:
    """The fields of the first structure of a text, none where there is no structure."""
    return next(structures(text), ("", {}))[1] if text else {}


def unquoted(value: str) -> str:
    r"""A value without its quotes, its escapes replaced: `\ooo` is a byte of UTF-8, any other letter itself."""
    if len(value) < 2 or value[0] != '"':
        return value
    data = _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]) if match[1] else match[2], value[1:-1].encode())
    return data.decode("utf-8", "replace")


def quoted(text: str) -> str:
    """A text as a value: in quotes where it holds more than letters, digits and a few signs."""
    if _PLAIN.fullmatch(text):
        return text
    return '"' + "".join(_escaped(byte) for byte in text.encode(errors="replace")) + '"'


def _escaped(byte: int) -> str:
    letter = chr(byte)
    if byte < 0x20 or byte >= 0x7F:
        return f"\\{byte:03o}"
    return letter if _PLAIN.fullmatch(letter) else f"\\{letter}"


def wrapped(text: str) -> str:
    """Structures as a value of another: in quotes, with quotes and backslashes escaped and nothing else."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def structure(name: str, fields: Iterable[tuple[str, str, str]] = ()) -> str:
    """A structure of (key, type, value as text), without the semicolon that ends it."""
    return ", ".join((name, *(f"{key}=({kind}){value}" for key, kind, value in fields)))


def nanoseconds(text: str | None) -> int | None:
    """A count of nanoseconds, None where it is missing or cannot be one."""
    if text is None or not _DIGITS.fullmatch(text.strip()):
        return None
    value = int(text)
    return value if value <= MAX_VALUE else None


def rate_of(text: str | None) -> Fraction | None:
    """A frame rate written as a fraction, None where it is none."""
    match = _FRACTION.fullmatch(text.strip()) if text else None
    if match is None or not int(match[2]):
        return None
    try:
        return exact_rate(Fraction(int(match[1]), int(match[2])))
    except ValueError:
        return None


def exact_time(count: int, rates: Iterable[Fraction]) -> RationalTime:
    """The moment of `count` nanoseconds: a frame of the first rate that has one there, else the nanoseconds.

    A sum of two rounded counts may be off by one.
    """
    for rate in rates:
        frame = round_fraction(count * rate / SECOND)
        if abs(to_nanoseconds(RationalTime(frame, rate)) - count) <= 1:
            return RationalTime(frame, rate)
    return RationalTime(count, NANOSECONDS)


def to_nanoseconds(time: RationalTime) -> int:
    """The nearest count of nanoseconds."""
    return round_fraction(time.seconds * SECOND)
