"""Chapters as people write them under a film: a time and a title on each line, as YouTube takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from circletake.errors import TimelineUnreadable
from circletake.interchange.format import Carries, Delivery, Feature, Format, Head, Kind, Read, Source
from circletake.interchange.plain import OF_SECONDS, as_read, by_time, seconds_of, shown_text, stretch, text_of
from circletake.interchange.table_read import is_table
from circletake.interchange.tags import untagged
from circletake.timebase import RationalTime, Rounding
from circletake.timeline.model import Marker, Timeline, clean_name
from circletake.timeline.report import Report

FIRST = "Start"
"""What stands at 0:00 where nothing else does: YouTube shows no chapters without one there.

Source: YouTube Help, "Video chapters": the first at 00:00, at least three, in order, each ten seconds or longer.
"""

MAX_BYTES = 2**20
"""Longest text read; YouTube takes 5000 characters."""

_TIME = r"(?P<time>(?:\d{1,3}:)?\d{1,3}:\d\d(?:\.\d{1,3})?)"
_BETWEEN = r"[\s\-–—:|.)\]]{0,6}"
_BEFORE = re.compile(rf"[^\w:]{{0,4}}{_TIME}(?!:?\d){_BETWEEN}(?P<title>\S.{{0,4000}})?")
_AFTER = re.compile(rf"(?P<title>.{{1,500}}?)[\s\-–—:|([]{{1,6}}{_TIME}[)\]\s]{{0,3}}")
_MOST_LOOKED_AT = 200


def _entry(line: str) -> tuple[Fraction, str] | None:
    """Time and title on a line, in either order; None where there is no time."""
    text = line.strip()[:5000]
    match = _BEFORE.fullmatch(text) or _AFTER.fullmatch(text)
    seconds = seconds_of(match["time"]) if match else None
    if match is None or seconds is None:
        return None
    return seconds, shown_text(_opened(match["title"] or ""))


def _opened(title: str) -> str:
    """A title without the end of a range (`0:00 - 1:30 Title`)."""
    return re.sub(rf"\A{_TIME}(?!:?\d){_BETWEEN}", "", title)


def _read(source: Source) -> Read:
    """Chapters as stretches up to the next one; the last is a point, since nothing says where it ends.

    Raises:
        TimelineUnreadable: there is no time in it, or far more than chapters.
    """
    report = Report(source.path)
    if len(source.data) > MAX_BYTES:
        hint = "Copy the lines with times into a file of their own."
        raise TimelineUnreadable("this text is too long for a list of chapters", hint=hint, path=source.path)
    found: list[tuple[Fraction, str]] = []
    for number, line in enumerate(text_of(source, report).split("\n"), 1):
        entry = _entry(line) if line.strip() else None
        if entry:
            found.append(entry)
        elif line.strip():
            report.note("A line without a time is left out.", f"line {number}")
    return as_read(source, _markers(sorted(found, key=lambda entry: entry[0])), report)


def _markers(entries: list[tuple[Fraction, str]]) -> Iterator[Marker]:
    ends = [after for (_, _), (after, _) in pairwise(entries)]
    ends += [start for start, _ in entries[-1:]]
    for (start, title), end in zip(entries, ends, strict=True):
        yield Marker(stretch(start, end), title, kind="chapter")


def _write(delivery: Delivery) -> bytes:
    """A line for each marker; names as visitors may read them, without our tags and notes."""
    lines = [(_second(marker), _title(marker)) for marker in by_time(delivery.timeline)]
    if lines and lines[0][0] > 0:
        lines.insert(0, (0, FIRST))
    clocks = _longest(delivery.timeline)
    return "".join(f"{_clock(second, hours=clocks)} {title}\n" for second, title in lines).encode()


def _second(marker: Marker) -> int:
    return max(0, marker.range.start_time.rescaled_to(Fraction(1), Rounding.FLOOR).value)


def _title(marker: Marker) -> str:
    return clean_name(untagged(marker.name)[0]) or clean_name(untagged(marker.comment)[0]) or "Chapter"


def _longest(timeline: Timeline) -> bool:
    """Tell whether a chapter begins after the first hour, so that all times are written with hours."""
    hour = RationalTime(3600, Fraction(1))
    return any(marker.range.start_time >= hour for marker in timeline.markers)


def _clock(second: int, *, hours: bool) -> str:
    if hours:
        return f"{second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f"{second // 60}:{second % 60:02d}"


def _recognise(head: Head) -> bool:
    """Two lines or more with a time, first of all lines or most of them; in a text file a single line that has one."""
    if "\0" in head.text or head.text[:1] in ("<", "{") or is_table(head.text):
        return False
    lines = [line for line in head.text[:20_000].splitlines() if line.strip()][:_MOST_LOOKED_AT]
    timed = [bool(_entry(line)) for line in lines]
    if len(lines) == 1:
        return timed[0] and head.suffix == ".txt" and bool(_BEFORE.fullmatch(lines[0].strip()))
    return sum(timed) >= 2 and (timed[0] or 2 * sum(timed) >= len(timed))


FORMAT = Format(
    name="youtube",
    title="YouTube chapters",
    suffix=".txt",
    carries=Carries(
        partly=MappingProxyType(
            {
                **OF_SECONDS,
                Feature.TIMELINE_MARKERS: "Chapters begin at whole seconds. YouTube shows them where there are three "
                "or more, each ten seconds or longer.",
                Feature.MARKER_NAMES: "Names stay; marks come back as chapters.",
                Feature.MARKER_COMMENTS: "Comments are not written: visitors read the text.",
                Feature.MARKER_RANGES: "A chapter lasts until the next one begins.",
                Feature.MARKER_KINDS: "All markers become chapters.",
                Feature.MARK_IDS: "Marks are not known again: visitors read the text, so it holds no ids.",
                Feature.MARK_SCORES: "Scores are not written: visitors read the text.",
            }
        ),
    ),
    kind=Kind.LIST,
    editors=("YouTube",),
    recognise=_recognise,
    read=_read,
    write=_write,
)
