"""Avid log exchange (ALE): a table of clips, read as a timeline of one after the other.

Source: Avid, "Avid Log Specifications": heading, column names, data, separated by tabs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange.format import Carries, Format, Head, Read, Source
from circletake.interchange.rows import Placement, tracks_of
from circletake.timebase import RationalTime, TimeRange, exact_rate, from_timecode, may_drop_frames
from circletake.timeline.model import Clip, MediaReference, Timeline, TrackKind, clean_name
from circletake.timeline.report import Report
from circletake.timeline.stored import clean_note

KEY = "ale"
"""The key of metadata under which the heading and the other columns wait."""

MOST_ROWS = 100_000
MOST_COLUMNS = 1000

_HIGHEST_RATE = 1000
_FORMAT_RATES = {"PAL": Fraction(25), "NTSC": Fraction(30000, 1001)}
_SHOWN = frozenset(("name", "start", "end", "duration"))
_PATHS = ("unc path", "unc", "filepath", "file path", "source file path", "source file", "filename", "tape")
"""Columns that say where a clip's media are, the surest first."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table: its cells by column, in lower case."""

    number: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        return f"line {self.number}"


@dataclass(frozen=True, slots=True)
class _Log:
    """The parts of a file."""

    heading: Mapping[str, str]
    rows: tuple[_Row, ...]


def read(source: Source) -> Read:
    """Read the log; source times are timecodes of the media.

    Raises:
        TimelineUnreadable: no log, or one with other separators than tabs.
        TimelineInvalid: a timecode that is none.
    """
    log = _parsed(source)
    report = Report(source.path)
    rate = _rate(log, source, report)
    report.note("a log has no cut; its clips are shown one after the other")
    placements: list[Placement] = []
    at = RationalTime.zero(rate)
    for row in log.rows:
        span = _span(row, rate, report)
        if span is None:
            report.note("clips without a start and an end timecode are left out", row.place)
            continue
        clip = _clip(row, span)
        placements += [Placement(at, clip, kind) for kind in _kinds(row)]
        at = at + span.duration
    drops = any(";" in row.cells.get("start", "") for row in log.rows) and may_drop_frames(rate)
    metadata = MappingProxyType({KEY: dict(log.heading)})
    timeline = Timeline(source.path.stem, rate, tracks_of(placements), drop_frame=drops, metadata=metadata)
    return Read(timeline, report.sentences())


def _parsed(source: Source) -> _Log:
    heading: dict[str, str] = {}
    columns: list[str] | None = None
    rows: list[_Row] = []
    part = ""
    for number, line in enumerate(source.text.split("\n"), 1):
        word = line.strip().lower()
        if word in ("heading", "column", "data") and part != "data":
            part = word
        elif not word:
            continue
        elif part == "heading":
            name, _, value = line.partition("\t")
            heading[clean_name(name)] = clean_name(value)
            _check_separator(heading, source)
        elif part == "column" and columns is None:
            columns = [name.strip().lower() for name in line.split("\t")][:MOST_COLUMNS]
        elif part == "data" and columns:
            cells = zip(columns, (cell.strip() for cell in line.split("\t")), strict=False)
            rows.append(_Row(number, {name: cell for name, cell in cells if cell}))
        if len(rows) > MOST_ROWS:
            raise _refused(f"there are more than {MOST_ROWS:,} clips", source)
    if not columns or not rows:
        raise _refused("there is no table of clips in it", source)
    return _Log(heading, tuple(rows))


def _check_separator(heading: Mapping[str, str], source: Source) -> None:
    separator = heading.get("FIELD_DELIM", "TABS")
    if separator.upper() != "TABS":
        raise _refused(f"its columns are separated by {separator}, not by tabs", source)


def _refused(message: str, source: Source) -> TimelineUnreadable:
    hint = "Export it again from the tool that made it, as an Avid log (ALE) with tabs."
    return TimelineUnreadable(message, hint=hint, path=source.path)


def _rate(log: _Log, source: Source, report: Report) -> Fraction:
    """The rate that the heading gives, else the one asked for, else that of its video format."""
    said = log.heading.get("FPS") or source.rate
    if said is None:
        known = _FORMAT_RATES.get(log.heading.get("VIDEO_FORMAT", "").upper())
        report.note(f"the log names no frame rate; it is read at {float(known or 24):g} frames a second")
        return known or Fraction(24)
    try:
        return _usual(said)
    except ValueError as error:
        hint = "Correct FPS in the heading of the log."
        raise TimelineInvalid(str(error), hint=hint, path=source.path, place="heading") from error


def _usual(rate: float | str) -> Fraction:
    exact = exact_rate(rate)
    if not 1 <= exact <= _HIGHEST_RATE:
        raise ValueError(f"{rate} frames a second is no rate of an edit")
    return exact


def _own_rate(row: _Row, rate: Fraction) -> Fraction:
    """The rate of a clip's own timecode."""
    try:
        return _usual(row.cells["fps"])
    except (KeyError, ValueError):
        return rate


def _span(row: _Row, rate: Fraction, report: Report) -> TimeRange | None:
    """From the start to the end timecode, else as long as it says; None where it says too little.

    Timecodes count at the clip's own rate, its length on the timeline in frames of `rate`.
    """
    own = _own_rate(row, rate)
    start, end, length = (_timecode(row, name, own, report) for name in ("start", "end", "duration"))
    duration = end - start if start is not None and end is not None else length
    if start is None or duration is None:
        return None
    if start.value < 0 or duration.value <= 0:
        raise report.invalid("it begins before midnight, or ends before it begins", row.place)
    return TimeRange(start, max(duration.rescaled_to(rate), RationalTime(1, rate)))


def _timecode(row: _Row, name: str, rate: Fraction, report: Report) -> RationalTime | None:
    text = row.cells.get(name)
    if not text:
        return None
    plain = f"{text[:-3].replace(';', ':')}{text[-3:]}"
    try:
        return from_timecode(plain, rate)
    except ValueError as error:
        raise report.invalid(f"{name}: {clean_name(str(error))[:200]}", row.place) from error


def _clip(row: _Row, span: TimeRange) -> Clip:
    url = next(_addresses(row), "")
    name = clean_name(row.cells.get("name", ""))
    others = {clean_name(key): clean_note(value) for key, value in row.cells.items() if key not in _SHOWN}
    media = MediaReference(url, name=clean_name(row.cells.get("source file", "")) or name) if url else None
    return Clip(name, span, media, MappingProxyType({KEY: others} if others else {}))


def _addresses(row: _Row) -> Iterator[str]:
    """Where the media may be: a path before a name, a name before a tape."""
    folder, file = row.cells.get("source path", ""), row.cells.get("source file", "")
    if folder and file:
        yield folder + ("" if folder.endswith(("/", "\\")) else "\\" if "\\" in folder else "/") + file
    yield from (row.cells[name] for name in _PATHS if name in row.cells)
    if "name" in row.cells:
        yield row.cells["name"]


def _kinds(row: _Row) -> tuple[TrackKind, ...]:
    """Picture, sound or both, as `VA1A2` says; picture where nothing is said."""
    tracks = row.cells.get("tracks", "V").upper()
    kinds = ((TrackKind.VIDEO, "V"), (TrackKind.AUDIO, "A"))
    return tuple(kind for kind, letter in kinds if letter in tracks) or (TrackKind.VIDEO,)


def _recognise(head: Head) -> bool:
    first = head.text.split("\n", 1)[0].strip()
    return first == "Heading"


FORMAT = Format(
    name="ale",
    title="Avid log (ALE)",
    suffix=".ale",
    carries=Carries(),
    editors=("Avid Media Composer",),
    recognise=_recognise,
    read=read,
    sources_count_timecode=True,
)
