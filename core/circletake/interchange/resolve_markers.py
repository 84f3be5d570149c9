"""DaVinci Resolve's timeline markers as it exports and imports them: a decision list with an event for each marker."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from circletake.interchange.colors import COLORS, nearest
from circletake.interchange.edl import is_list, marks_only
from circletake.interchange.edl_lines import Decisions, Numbering, day_of, parsed
from circletake.interchange.edl_notes import said_of
from circletake.interchange.edl_read import head_metadata, marker_at, numbers_of
from circletake.interchange.edl_write import Code, code_of, mode_line, refuse_days
from circletake.interchange.format import Carries, Delivery, Feature, Format, Head, Kind, Read, Source
from circletake.interchange.plain import by_time, shown_text, text_of
from circletake.timebase import RationalTime, from_timecode, to_timecode
from circletake.timeline.model import Marker, Timeline, clean_name
from circletake.timeline.report import Report

RESOLVE_COLORS = (
    "Blue",
    "Cyan",
    "Green",
    "Yellow",
    "Red",
    "Pink",
    "Purple",
    "Fuchsia",
    "Rose",
    "Lavender",
    "Sky",
    "Mint",
    "Lemon",
    "Sand",
    "Cocoa",
    "Cream",
)
"""Source: the marker colours of Resolve's scripting interface."""

NO_COLOR = "Blue"
"""What Resolve gives a new marker."""

_START = re.compile(r"\* START: (\d\d:\d\d:\d\d[:;]\d{2,3})")
"""How our lists say where the timeline starts, above the first event, where Resolve reads nothing."""

_PALETTE = MappingProxyType({name: COLORS[name.lower()] for name in RESOLVE_COLORS})


def read(source: Source) -> Read:
    """The markers. Resolve does not say where the timeline starts; it is taken for the full hour before the first.

    Raises:
        TimelineUnreadable: no decision list.
        TimelineInvalid: an event with impossible times; the line is named.
        UsageError: `source.rate` is no frame rate.
    """
    report = Report(source.path)
    decisions = parsed(text_of(source, report), source.path)
    numbers = numbers_of(decisions, source, report)
    found: list[tuple[int, Marker]] = []
    said_start = _said_start(decisions, numbers)
    day = day_of(numbers.rate, drop=numbers.drop)
    opening = next(decisions.events())
    first = numbers.record(opening.times[2], opening.line) - day // 2 if said_start is None else said_start
    for group in decisions.groups:
        for event, said in zip(group.events, said_of(group), strict=True):
            at = numbers.record(event.times[2], event.line)
            at += day if at < first else 0  # after midnight
            found += [(at, marker_at(locator, at, numbers.rate)) for locator in said.locators]
            if not said.locators:
                report.note("An event without a marker is left out.", event.place)
    start = said_start
    if start is None:
        start = _hour_before(min((at for at, _ in found), default=0), numbers.rate, drop=numbers.drop)
    by = RationalTime(-start, numbers.rate)
    timeline = Timeline(
        name=decisions.title or clean_name(source.path.stem),
        rate=numbers.rate,
        drop_frame=numbers.drop,
        global_start_time=RationalTime(start, numbers.rate),
        metadata=head_metadata(decisions),
        markers=tuple(replace(marker, range=marker.range.shifted(by)) for _, marker in found),
    )
    return Read(timeline, report.sentences(), rate_guessed=source.rate is None)


def _said_start(decisions: Decisions, numbers: Numbering) -> int | None:
    """The frame the timeline starts at, as our own lists say; None in all others."""
    for note in decisions.head:
        match = _START.fullmatch(note.text)
        if match:
            return numbers.record(match[1], note.line)
    return None


def _hour_before(frame: int, rate: Fraction, *, drop: bool) -> int:
    """The frame of the full hour at or before another."""
    hour = int(to_timecode(RationalTime(frame, rate), rate, drop_frame=drop).split(":")[0])
    return from_timecode(f"{hour:02d}:00:00{';' if drop else ':'}00", rate).value


def write(delivery: Delivery) -> bytes:
    """An event of one frame for each marker, as Resolve exports them, counted from the timeline's timecode.

    Raises:
        TimelineInvalid: a marker lies a day or longer after the start, which timecode cannot number.
    """
    timeline = delivery.timeline
    code = code_of(timeline)
    lines = [f"TITLE: {clean_name(timeline.name) or 'CIRCLETAKE'}", mode_line(drop=code.drop), ""]
    markers = by_time(timeline)
    frames = [code.frame(marker.range.start_time) for marker in markers] or [0]
    refuse_days(code, frames[-1] + 1, delivery.path)
    first, is_late = code.start + frames[0], code.start + frames[-1] >= day_of(code.rate, drop=code.drop)
    if is_late or code.start != _hour_before(first, code.rate, drop=code.drop):
        lines.insert(2, f"* START: {code.text(code.start)}")
    for number, marker in enumerate(markers, 1):
        lines += _event_lines(number, marker, code)
    return ("\r\n".join(lines) + "\r\n").encode()


def _event_lines(number: int, marker: Marker, code: Code) -> list[str]:
    first = code.start + code.frame(marker.range.start_time)
    times = f"{code.text(first)} {code.text(first + 1)}"
    color = nearest(marker.color, _PALETTE) or NO_COLOR
    frames = max(1, code.frame(marker.range.end_time_exclusive) - code.frame(marker.range.start_time))
    note = shown_text(marker.comment)
    # Resolve takes a line that begins with a digit for an event, and one with an asterisk for a comment.
    note = f"- {note}" if note[:1].isdigit() or note.startswith("*") else note
    about = f"{note} |C:ResolveColor{color} |M:{shown_text(marker.name)} |D:{frames}"
    return [f"{number:03d}  001      V     C        {times} {times}  ", about, ""]


def _recognise(head: Head) -> bool:
    """A decision list whose first event is a marker, and in which no clip is named: see `marks_only`."""
    return is_list(head) and marks_only(head)


FORMAT = Format(
    name="resolve-markers",
    title="DaVinci Resolve timeline markers",
    suffix=".edl",
    carries=Carries(
        wholly=frozenset(
            (
                Feature.DROP_FRAME,
                Feature.START_TIMECODE,
                Feature.MARKER_NAMES,
                Feature.MARKER_RANGES,
                Feature.TIMELINE_MARKERS,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            )
        ),
        partly=MappingProxyType(
            {
                Feature.MARKER_COMMENTS: "Comments become one line.",
                Feature.MARKER_COLORS: "Colours become the nearest of Resolve's sixteen.",
            }
        ),
        colors=frozenset(name.lower() for name in RESOLVE_COLORS),
    ),
    kind=Kind.LIST,
    editors=("DaVinci Resolve",),
    recognise=_recognise,
    read=read,
    write=write,
)
