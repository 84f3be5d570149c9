"""Tables of times as other tools write them: which column is what, and how its times are written, found by content."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from circletake.errors import TimelineUnreadable, UsageError
from circletake.interchange.colors import rgb_of
from circletake.interchange.edl_lines import USUAL_RATES
from circletake.interchange.format import Read, Source
from circletake.interchange.plain import MAX_ENTRIES, MILLISECONDS, as_read, seconds_of, shown_text, text_of
from circletake.interchange.tags import Tag, untagged
from circletake.timebase import RationalTime, TimeRange, exact_rate, from_timecode, may_drop_frames
from circletake.timeline.model import Marker, MarkState
from circletake.timeline.report import Report

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would run. Source: OWASP, CSV injection."""

MAX_CELLS = 1_000_000
"""Most cells of a table: fifty thousand rows of our own."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "start": (
        "start_seconds",
        "start time (seconds)",
        "start_timecode",
        "start timecode",
        "record in",
        "rec in",
        "start time",
        "start",
        "in",
        "in point",
        "begin",
        "timecode",
        "time",
        "position",
    ),
    "end": (
        "end_seconds",
        "end time (seconds)",
        "end_timecode",
        "end timecode",
        "record out",
        "rec out",
        "end time",
        "end",
        "out",
        "out point",
        "stop",
    ),
    "duration": ("duration_seconds", "length (seconds)", "duration_timecode", "duration", "length", "dur"),
    "name": ("name", "marker name", "title", "label", "clip name", "chapter", "scene number"),
    "comment": ("note", "notes", "description", "comment", "comments"),
    "color": ("color", "colour", "marker color"),
    "kind": ("marker type",),
    "id": ("id",),
    "state": ("state",),
    "score": ("score",),
}
"""What a column may be called, in lower case, the exact ones first. Source: our own tables, LosslessCut
`edlFormats.ts`, PySceneDetect `save-scenes`, Premiere's marker panel, Resolve's edit index."""

_ABSOLUTE = ("record in", "rec in")
"""Columns of timecodes that count as a Resolve timeline does, from hour one."""

_PLACES = {"start": 0, "end": 1, "name": 2}
"""Columns of a table without a header. Source: LosslessCut's CSV."""

_PLAIN_KINDS = ("", "comment", "marker")
_TIMECODE = re.compile(r"\d{1,3}[:;]\d\d[:;]\d\d[:;](\d{2,3})")
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SCORE = re.compile(r"\d{1,3}([.,]\d{1,6})?")
_MOST_LOOKED_AT = 20


def delimiter_of(text: str) -> str:
    """What separates the cells, by the first line that has any: a tab, else the more frequent of `,` and `;`."""
    for line in text[:20_000].split("\n")[:_MOST_LOOKED_AT]:
        if "\t" in line.strip():
            return "\t"
        if "," in line or ";" in line:
            return ";" if line.count(";") > line.count(",") else ","
    return ","


def is_table(text: str) -> bool:
    """Tell whether a text is a table that has times: by its header, or by times at the start of its first row."""
    if "\0" in text or text[:1] in ("<", "{", "["):
        return False
    lines = text[:60_000].replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LOOKED_AT]
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter_of(text)) if any(row)]
    except csv.Error:
        return False
    rows = _without_title(rows)
    columns = _header(rows[0]) if rows else None
    if columns is not None or not rows or len(rows[0]) < 2:
        return columns is not None
    first, second = rows[0][0], rows[0][1]
    return _is_time(first) and (_is_time(second) or not second.strip())


def _is_time(cell: str) -> bool:
    return seconds_of(cell) is not None or _TIMECODE.fullmatch(cell.strip()) is not None


def _without_title(rows: list[list[str]]) -> list[list[str]]:
    """PySceneDetect writes all its cuts in a line above the header."""
    title = bool(rows) and rows[0][0].strip().lower().startswith("timecode list")
    return rows[1:] if title else rows


def _header(row: Sequence[str]) -> dict[str, int] | None:
    """Where each column stands, and under which name the start does; None where the row is no header."""
    names = [cell.strip().lower().lstrip("#").strip() for cell in row]
    found: dict[str, int] = {}
    for column, known in _COLUMNS.items():
        name = next((name for name in known if name in names), None)
        if name is not None:
            found[column] = names.index(name)
    return found if "start" in found and len(found) > 1 else None


@dataclass(frozen=True, slots=True)
class _Clock:
    """How a table's times count: `rate` of its timecodes, `origin` what the timeline starts at."""

    rate: Fraction
    origin: Fraction = Fraction(0)

    def seconds(self, cell: str) -> Fraction | None:
        """The time in a cell; None where there is none."""
        text = cell.strip()
        match = _TIMECODE.fullmatch(text)
        if match is None:
            return seconds_of(text)
        hours, minutes, seconds, frame = re.split("[:;]", text)
        mark = ";" if ";" in text and may_drop_frames(self.rate) else ":"
        try:
            return from_timecode(f"{hours}:{minutes}:{seconds}{mark}{frame}", self.rate).seconds
        except ValueError:
            return None


def read(source: Source) -> Read:
    """The rows that have a time, as markers; in milliseconds, or in frames where the table has timecodes.

    Raises:
        TimelineUnreadable: no table, or none with times.
        TimelineInvalid: too many rows.
        UsageError: `source.rate` is no frame rate.
    """
    report = Report(source.path)
    text = text_of(source, report)
    rows = _without_title(_rows(text, source.path))
    columns = _header(rows[0]) if rows else None
    body = rows[1:] if columns is not None else rows
    places = columns if columns is not None else _PLACES
    rate = _rate(body, places, source, report)
    start = places["start"]
    absolute = columns is not None and rows[0][start].strip().lower() in _ABSOLUTE
    clock = _Clock(rate or MILLISECONDS)
    if absolute:
        first = min(filter(None, (clock.seconds(row[start]) for row in body if len(row) > start)), default=Fraction(0))
        clock = _Clock(clock.rate, Fraction(first // 3600 * 3600))
    return as_read(source, _markers(body, places, clock, report), report, clock.rate)


def _rows(text: str, path: Path) -> list[list[str]]:
    found: list[list[str]] = []
    delimiter = delimiter_of(text.lstrip())
    if text.count(delimiter) > MAX_CELLS:
        hint = "Export only the columns and rows you need."
        raise TimelineUnreadable(f"there are more than {MAX_CELLS:,} cells in it", hint=hint, path=path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append(row)
            if len(found) > MAX_ENTRIES:
                break
    except csv.Error as error:
        hint = "Export the table again from the tool that made it."
        place = f"line {reader.line_num}"
        raise TimelineUnreadable(f"this is no table: {error}", hint=hint, path=path, place=place) from error
    return found


def _rate(rows: list[list[str]], places: Mapping[str, int], source: Source, report: Report) -> Fraction | None:
    """The rate of the timecodes; None where times are in seconds."""
    used = [places[column] for column in ("start", "end", "duration") if column in places]
    cells = (row[place].strip() for row in rows for place in used if place < len(row))
    codes = [(cell, int(match[1])) for cell in cells if (match := _TIMECODE.fullmatch(cell))]
    if source.rate is not None:
        try:
            asked = exact_rate(source.rate)
        except ValueError as error:
            raise UsageError(str(error), hint="Name a frame rate such as 25 or 29.97.", path=source.path) from error
        return asked if codes else None
    if not codes:
        return None
    highest = max(frame for _, frame in codes)
    if any(";" in cell for cell, _ in codes):
        rate = Fraction(30000, 1001) if highest < 30 else Fraction(60000, 1001)
    else:
        rate = Fraction(next((each for each in USUAL_RATES if highest < each), USUAL_RATES[-1]))
    report.note(
        f"The table does not say its frame rate. It was read at {float(rate):.6g} frames a second, the lowest usual "
        "rate that has all of its numbers; choose another rate when you open it."
    )
    return rate


def _markers(rows: list[list[str]], places: Mapping[str, int], clock: _Clock, report: Report) -> Iterator[Marker]:
    for number, row in enumerate(rows, 1):
        cells = {column: _undefused(row[place]) for column, place in places.items() if place < len(row)}
        span = _span(cells, clock)
        if span is None:
            report.note("A row without times that make sense is left out.", f"row {number}")
        else:
            yield _marker(span, cells)


def _undefused(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def _span(cells: Mapping[str, str], clock: _Clock) -> TimeRange | None:
    """From start to end, or for a duration; an empty start is the beginning, an empty end makes a point."""
    start = clock.seconds(cells["start"]) if cells.get("start", "").strip() else clock.origin
    end = _end(cells, clock, start) if start is not None else None
    if start is None or end is None or not clock.origin <= start <= end:
        return None
    if not (cells.get("start", "").strip() or cells.get("end", "").strip()):
        return None
    return _ranged(start - clock.origin, end - clock.origin, clock.rate)


def _end(cells: Mapping[str, str], clock: _Clock, start: Fraction) -> Fraction | None:
    if cells.get("end", "").strip():
        return clock.seconds(cells["end"])
    if cells.get("duration", "").strip():
        length = clock.seconds(cells["duration"])
        return None if length is None else start + length
    return start


def _ranged(start: Fraction, end: Fraction, rate: Fraction) -> TimeRange:
    first = RationalTime.from_seconds(start, rate)
    return TimeRange(first, RationalTime.from_seconds(end, rate) - first)


def _marker(span: TimeRange, cells: Mapping[str, str]) -> Marker:
    comment = shown_text(cells.get("comment", ""))
    tag = _tag(cells)
    if tag:
        comment = " ".join(filter(None, (untagged(comment)[0], str(tag))))
    color, kind = cells.get("color", "").strip().lower(), cells.get("kind", "").strip().lower()
    return Marker(
        range=span,
        name=shown_text(cells.get("name", "")),
        comment=comment,
        color=color if rgb_of(color) else "",
        kind="" if kind in _PLAIN_KINDS else kind[:100],
    )


def _tag(cells: Mapping[str, str]) -> Tag | None:
    """What the cells of a mark say, which people may have changed; None where the row is of no mark."""
    mark_id, state, score = (cells.get(column, "").strip() for column in ("id", "state", "score"))
    if not _ID.fullmatch(mark_id) or state.lower() not in list(MarkState):
        return None
    level = float(score.replace(",", ".")) if _SCORE.fullmatch(score) else None
    return Tag(mark_id, MarkState(state.lower()), level if level is None or level <= 100 else None)
