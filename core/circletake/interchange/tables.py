"""Tables of times: our own CSV, and those of LosslessCut, Premiere's markers, PySceneDetect and Resolve's index."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from types import MappingProxyType

from circletake.interchange.format import Carries, Delivery, Feature, Format, Head, Kind
from circletake.interchange.plain import OF_SECONDS
from circletake.interchange.table_read import FORMULA, delimiter_of, is_table, read
from circletake.interchange.tags import untagged
from circletake.timebase import RationalTime, may_drop_frames, to_timecode
from circletake.timeline.model import Marker, Timeline, clean_name

COLUMNS = (
    "rank",
    "name",
    "state",
    "start_seconds",
    "end_seconds",
    "duration_seconds",
    "start_exact",
    "end_exact",
    "duration_exact",
    "start_timecode",
    "end_timecode",
    "duration_timecode",
    "score",
    "source",
    "signals",
    "strongest_seconds",
    "note",
    "id",
    "color",
)
"""A row tells the id, state and score of a mark in cells of their own, where people may sort and change them."""

ENCODING = "utf-8-sig"
"""UTF-8 with a byte order mark: without it spreadsheets read accents as Latin-1."""


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs. Source: OWASP, CSV injection."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def table_text(timeline: Timeline, *, delimiter: str = ",") -> str:
    """The timeline's markers as a table (RFC 4180, lines end with CR LF), ranked in the order given.

    Seconds have six decimals; exact times are fractions of a second such as `1001/30`; timecodes count from the
    timeline's own start. A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n", delimiter=delimiter)
    writer.writerow(COLUMNS)
    for rank, marker in enumerate(timeline.markers, 1):
        cells = _cells(timeline, marker)
        writer.writerow([str(rank), *(cells.get(column, "") for column in COLUMNS[1:])])
    return table.getvalue()


def _cells(timeline: Timeline, marker: Marker) -> dict[str, str]:
    """A marker by column; what a marker does not know stays empty."""
    note, tag = untagged(marker.comment)
    name, other = untagged(marker.name)
    tag = tag or other
    span = marker.range
    times = {"start": span.start_time, "end": span.end_time_exclusive, "duration": span.duration}
    return {
        "name": defused(clean_name(name)),
        "note": defused(clean_name(note)),
        "color": defused(marker.color),
        "id": defused(tag.id) if tag else "",
        "state": tag.state.value if tag else "",
        "score": "" if tag is None or tag.score is None else f"{tag.score:.2f}",
        **{f"{which}_seconds": f"{time.to_seconds():.6f}" for which, time in times.items()},
        **{f"{which}_exact": str(time.seconds) for which, time in times.items()},
        **{f"{which}_timecode": _timecode(timeline, time, which) for which, time in times.items()},
    }


def _timecode(timeline: Timeline, time: RationalTime, which: str) -> str:
    origin = timeline.global_start_time or RationalTime.zero(timeline.rate)
    moment = time if which == "duration" else time + origin
    drop = timeline.drop_frame and may_drop_frames(timeline.rate)
    return to_timecode(moment.rescaled_to(timeline.rate), timeline.rate, drop_frame=drop)


def _write_csv(delivery: Delivery) -> bytes:
    return table_text(delivery.timeline).encode(ENCODING, "replace")


def _write_tsv(delivery: Delivery) -> bytes:
    return table_text(delivery.timeline, delimiter="\t").encode(ENCODING, "replace")


def _is_csv(head: Head) -> bool:
    return delimiter_of(head.text) != "\t" and is_table(head.text)


def _is_tsv(head: Head) -> bool:
    return delimiter_of(head.text) == "\t" and is_table(head.text)


_CARRIES = Carries(
    wholly=frozenset(
        (
            Feature.TIMELINE_MARKERS,
            Feature.MARKER_NAMES,
            Feature.MARKER_COLORS,
            Feature.MARKER_RANGES,
            Feature.MARK_IDS,
            Feature.MARK_SCORES,
        )
    ),
    partly=MappingProxyType(
        {
            **OF_SECONDS,
            Feature.MARKER_COMMENTS: "Comments become one line.",
            Feature.RATE: "Times count in seconds when the table is read; timecodes stand beside them.",
        }
    ),
)

FORMATS: Sequence[Format] = (
    Format(
        name="csv",
        title="Table, separated by commas",
        suffix=".csv",
        carries=_CARRIES,
        kind=Kind.LIST,
        editors=("spreadsheets",),
        recognise=_is_csv,
        read=read,
        write=_write_csv,
        decides=True,
    ),
    Format(
        name="tsv",
        title="Table, separated by tabs",
        suffix=".tsv",
        carries=_CARRIES,
        kind=Kind.LIST,
        editors=("spreadsheets",),
        recognise=_is_tsv,
        read=read,
        write=_write_tsv,
        decides=True,
    ),
)
