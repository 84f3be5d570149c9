"""Plain text from strangers: its encoding, its times, and the texts of markers in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from types import MappingProxyType

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange.format import Feature, Read, Source
from circletake.interchange.tags import untagged
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Marker, Timeline, clean_name
from circletake.timeline.report import Report

MILLISECONDS = Fraction(1000)
"""The rate of lists that count in seconds: each frame of up to 500 a second is found again from it."""

MAX_TEXT = 32 * 2**20
"""Largest list read, in bytes; a day of cuts a second apart stays below a tenth of it."""

MAX_ENTRIES = 200_000
"""Most entries of a list, or events of a decision list."""

MAX_LINES = 2_000_000
"""Most lines of a list, which may have two ends each: ten for each entry."""

MAX_SECONDS = 10_000 * 3600
"""Longest time read from a list; a file that says more is damaged."""

PADDING = "\0\x1a"
"""What old systems fill the last block of a file with."""

OF_SECONDS: Mapping[Feature, str] = MappingProxyType(
    {
        Feature.RATE: "Times are in seconds, without a frame rate.",
        Feature.DROP_FRAME: "Times are in seconds, not in timecode.",
        Feature.START_TIMECODE: "Times count from zero, the timeline's first frame.",
    }
)
"""What lists that count in seconds say of what they lack."""

ONE_TEXT = "A marker has one text, its name with the comment behind it."

_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_CLOCK = re.compile(r"(?:(?:(?P<h>\d{1,4}):)?(?P<m>\d{1,4}):)?(?P<s>\d{1,8})(?:[.,](?P<f>\d{1,9}))?")


def text_of(source: Source, report: Report) -> str:
    """The text of a list, each line ended by a line feed. What is no UTF-8 is read as Windows text, and said so.

    Raises:
        TimelineUnreadable: no text, or too much of it.
    """
    if len(source.data) > MAX_TEXT:
        message = f"the file has {len(source.data) / 2**20:.0f} MiB; {MAX_TEXT >> 20} MiB of text is the most read"
        raise TimelineUnreadable(message, hint="Export only the part you need.", path=source.path)
    if source.data.count(b"\n") + source.data.count(b"\r") > 2 * MAX_LINES:
        hint = "Export only the part you need."
        raise TimelineUnreadable(f"there are more than {MAX_LINES:,} lines", hint=hint, path=source.path)
    if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return source.text
    whole = replace(source, data=source.data.rstrip(PADDING.encode()))
    try:
        return whole.text
    except TimelineUnreadable:
        if _NO_TEXT.search(whole.data):
            raise
    report.note("The text is not UTF-8. It was read as Windows text, so some letters may be wrong.")
    return whole.data.decode("cp1252", "replace").replace("\r\n", "\n").replace("\r", "\n")


def one_text(name: str, comment: str) -> str:
    """A marker's single text, on one line, its tag whole however long it is."""
    both = f"{name}: {comment}" if name and comment and not comment.startswith("[ct:") else f"{name} {comment}"
    return shown_text(both)


def shown_text(text: str) -> str:
    """A text from a file as a marker shows it: on one line, of bounded length, its tag whole."""
    rest, tag = untagged(" ".join(text.split()))
    return " ".join(filter(None, (clean_name(rest), str(tag) if tag else "")))


def seconds_of(text: str) -> Fraction | None:
    """Seconds, exactly, of `83.5`, `1:23.5`, `0:01:23,5`; None where the text is no such time."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(match[part] or 0) for part in "hms")
    if (match["h"] and minutes > 59) or (match["m"] and seconds > 59):
        return None
    digits = match["f"] or ""
    total = Fraction((hours * 60 + minutes) * 60 + seconds) + Fraction(int(digits or 0), 10 ** len(digits))
    return total if total <= MAX_SECONDS else None


def stretch(start: Fraction, end: Fraction) -> TimeRange:
    """The stretch between two moments in seconds, in milliseconds."""
    return TimeRange.from_seconds(start, end, MILLISECONDS)


def clock(seconds: Fraction, mark: str = ".") -> str:
    """`01:02:03.456`, `mark` before the milliseconds; what lies before zero is zero."""
    count = max(0, RationalTime.from_seconds(seconds, MILLISECONDS).value)
    whole, thousandths = divmod(count, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{thousandths:03d}"


def as_read(source: Source, markers: Iterable[Marker], report: Report, rate: Fraction = MILLISECONDS) -> Read:
    """A list of times: a timeline without tracks that is named after its file.

    Raises:
        TimelineUnreadable: there is no time in it.
        TimelineInvalid: there are too many.
    """
    found = tuple(islice(markers, MAX_ENTRIES + 1))
    if not found:
        hint = "Export the list again from the tool that made it."
        raise TimelineUnreadable("there is no time in this list", hint=hint, path=source.path)
    if len(found) > MAX_ENTRIES:
        message = f"there are more than {MAX_ENTRIES:,} entries"
        raise TimelineInvalid(message, hint="Export only the part you need.", path=source.path)
    name = clean_name(source.path.stem) or "List"
    return Read(Timeline(name, rate, markers=found), report.sentences())


def by_time(timeline: Timeline) -> list[Marker]:
    """A timeline's markers in the order of time."""
    return sorted(timeline.markers, key=lambda marker: marker.range.start_time.seconds)
