"""Change one value in a TOML text and leave every other line as its writer left it, comments and all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

import tomli_w

_TABLE = re.compile(r"\s*\[\s*(?P<name>[A-Za-z0-9_-]+)\s*\]\s*(#.*)?")
_ANY_TABLE = re.compile(r"\s*\[.*\]\s*(#.*)?")
_KEY = re.compile(r"\s*(?P<name>[A-Za-z0-9_-]+)\s*=")


def with_values(text: str, changes: Mapping[tuple[str, str], object], document: Mapping[str, object]) -> str:
    """`text` with `changes` ((table, name) -> value; None takes the line out; table "" is the top).

    `document` is what the new text must say. Where the text is laid out in a way that cannot be patched line by line
    (dotted keys, inline tables), the document is written anew: no value is lost, only comments are.
    """
    patched = text
    for (table, name), value in changes.items():
        patched = _with_value(patched, table, name, value)
    try:
        same = tomllib.loads(patched) == document
    except tomllib.TOMLDecodeError:
        same = False
    return patched if same else tomli_w.dumps(document)


def _with_value(text: str, table: str, name: str, value: object) -> str:
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    start, end = _table_lines(lines, table)
    found = next((n for n in range(start, end) if _key_on(lines[n]) == name), None)
    if found is not None:
        stop = _value_end(lines, found, end)
        lines[found:stop] = [] if value is None else [_line(name, value) + _comment(lines[found:stop])]
    elif value is not None:
        _insert(lines, table, start, end, _line(name, value))
    return "\n".join(lines) + "\n"


def _table_lines(lines: list[str], table: str) -> tuple[int, int]:
    """Where the lines of `table` begin and end; both are the end of the text where it is not there."""
    heads = [n for n, line in enumerate(lines) if _ANY_TABLE.fullmatch(line)]
    if not table:
        return 0, heads[0] if heads else len(lines)
    for n in heads:
        match = _TABLE.fullmatch(lines[n])
        if match and match["name"] == table:
            return n + 1, next((head for head in heads if head > n), len(lines))
    return len(lines), len(lines)


def _key_on(line: str) -> str | None:
    match = _KEY.match(line)
    return match["name"] if match else None


def _value_end(lines: list[str], first: int, end: int) -> int:
    """The line after the value that begins on line `first`: lists and long texts take several."""
    for stop in range(first + 1, end + 1):
        if _parsed(lines[first:stop]) is not None:
            return stop
    return first + 1


def _parsed(lines: list[str]) -> dict[str, object] | None:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _comment(lines: list[str]) -> str:
    """The comment behind a value: from the first `#` that can go without changing what the text says."""
    whole, last = _parsed(lines), lines[-1]
    for position in (n for n, letter in enumerate(last) if letter == "#"):
        if _parsed([*lines[:-1], last[:position]]) == whole:
            return "  " + last[position:]
    return ""


def _insert(lines: list[str], table: str, start: int, end: int, line: str) -> None:
    if table and start == end == len(lines):
        head = f"[{table}]"
        if not any(_TABLE.fullmatch(each) and each.strip().startswith(head) for each in lines):
            lines += ["", head] if lines else [head]
        lines.append(line)
        return
    while end > start and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, line)


def _line(name: str, value: object) -> str:
    return " ".join(tomli_w.dumps({name: value}, multiline_strings=False).split("\n")).strip()
