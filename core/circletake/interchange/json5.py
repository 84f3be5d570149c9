"""JSON5, as far as project files use it, turned into JSON: names without quotes, single quotes, trailing commas.

Nothing is evaluated; the JSON is then read with all the checks that any other gets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

MAX_CHARACTERS = 2 * 2**20
"""Longest text read: some twenty thousand segments."""

_TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]++|//[^\n]*+|/\*.*?\*/)
    |(?P<text>"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+')
    |(?P<number>[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?)(?![\w.])
    |(?P<word>[A-Za-z_$][\w$]{0,200})
    |(?P<mark>[][{}:,])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": " ", "\n": ""}
_CONSTANTS = ("true", "false", "null")


def to_json(text: str) -> bytes:
    """The same value as JSON.

    Raises:
        ValueError: too long, or what JSON5 does not have; the line is named.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"there are more than {MAX_CHARACTERS:,} characters")
    return "".join(_written(text)).encode("utf-8", "replace")


def _written(text: str) -> Iterator[str]:
    """Pieces of JSON; a comma waits until something follows it that is no closing bracket."""
    comma = ""
    for kind, piece in _tokens(text):
        if piece == ",":
            if comma:
                raise ValueError("two commas follow each other")
            comma = ","
            continue
        if piece not in ("}", "]"):
            yield comma
        comma = ""
        yield _json(kind, piece)
    yield comma


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1} is not understood")
        at = match.end()
        kind = match.lastgroup or ""
        if kind != "space":
            yield kind, match[0]


def _json(kind: str, piece: str) -> str:
    if kind == "text":
        return json.dumps(_ESCAPE.sub(_letter, piece[1:-1]))
    if kind == "number":
        return _number(piece)
    return piece if kind == "mark" or piece in _CONSTANTS else json.dumps(piece)


def _letter(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _LETTERS.get(match[3], match[3])


def _number(piece: str) -> str:
    """A number with digits on both sides of its point, without plus sign or leading zeros."""
    sign = "-" if piece.startswith("-") else ""
    whole, point, rest = piece.lstrip("+-").partition(".")
    if not point:
        whole, exponent, rest = whole.partition("e") if "e" in whole else whole.partition("E")
        return f"{sign}{whole.lstrip('0') or '0'}{exponent}{rest}"
    rest = rest if rest[:1].isdigit() else f"0{rest}"
    return f"{sign}{whole.lstrip('0') or '0'}.{rest}"
