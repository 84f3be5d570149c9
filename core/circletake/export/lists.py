"""Kept marks as lists that other programs read: a CMX 3600 decision list, a table, a timeline of the picks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from urllib.parse import unquote

from circletake.paths import written_whole
from circletake.timebase import RationalTime, TimeRange, from_timecode, may_drop_frames, nominal_frames, to_timecode
from circletake.timeline.model import Clip, Gap, Item, Mark, Timeline, Track, TrackKind, clean_name

RECORD_START = "01:00:00:00"
"""Where the first event is recorded: programmes start at hour one. Source: EBU R 122."""

MAX_REEL = 8
"""Longest reel name. Source: CMX 3600 edit decision list format, field 2."""

MARK_KEY = "circletake_mark"
"""The metadata key under which a clip of the picks says which mark it comes from."""

CSV_ENCODING = "utf-8-sig"
"""UTF-8 with a byte order mark: without it spreadsheets read accents as Latin-1."""

CSV_COLUMNS = (
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
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Avid's eight locator colours, which editors that read `* LOC:` know.
_LOCATOR_COLORS = {
    "RED": ("red", "rose", "salmon"),
    "GREEN": ("green", "mint", "olive"),
    "BLUE": ("blue", "sky", "teal"),
    "CYAN": ("cyan",),
    "MAGENTA": ("magenta", "purple", "fuchsia", "pink", "lavender"),
    "YELLOW": ("yellow", "lemon", "orange", "sand", "cream"),
    "BLACK": ("black", "cocoa"),
    "WHITE": ("white",),
}


@dataclass(frozen=True, slots=True)
class StartTimecode:
    """The number a medium gives its first frame: counted at the medium's own rate, `drop_frame` as it is written."""

    time: RationalTime
    drop_frame: bool


_NO_TIMECODES: Mapping[str, StartTimecode] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A run of timecodes, each one frame after the other."""

    first: int
    stop: int
    rate: Fraction
    drop: bool

    def texts(self) -> tuple[str, str]:
        """The first one, and the one after the last."""
        return _timecode(self.first, self.rate, drop=self.drop), _timecode(self.stop, self.rate, drop=self.drop)

    def begins(self, *, backwards: bool) -> str:
        """The timecode of the frame that is played first."""
        return _timecode(self.stop - 1 if backwards else self.first, self.rate, drop=self.drop)


@dataclass(frozen=True, slots=True)
class _Event:
    """One line of a decision list: what is played, by the medium's own numbers, and where it is recorded."""

    reel: str
    channels: str
    source: _Numbers
    record: _Numbers
    clip_name: str
    speed: Fraction = Fraction(1)


def edl_text(
    timeline: Timeline,
    marks: Sequence[Mark],
    start_timecodes: Mapping[str, StartTimecode] = _NO_TIMECODES,
    *,
    title: str = "",
    record_start: str = RECORD_START,
) -> str:
    """The marks, butted in the order given, as a CMX 3600 decision list; each carries its name as a locator.

    `start_timecodes` is each medium's own start timecode by its `target_url`; a medium without one starts at zero and
    is numbered as the timeline is. An `FCM:` line stands where the numbering of sources changes. What is empty under
    a mark is black (`BL`). Lines end with a line feed.

    Raises:
        ValueError: `record_start` is no timecode at this rate.
    """
    drop = timeline.drop_frame and may_drop_frames(timeline.rate)
    lines = [f"TITLE: {_line(title or timeline.name) or 'CIRCLETAKE'}", _code_mode(drop=drop), ""]
    position = from_timecode(_numbered(record_start, drop=drop), timeline.rate).value
    reels: dict[str, str] = {}
    number, mode = 0, drop
    for mark in marks:
        begin = position
        for event in _events(timeline, mark, start_timecodes, reels, position):
            number += 1
            if event.source.drop is not mode:
                mode = event.source.drop
                lines.append(_code_mode(drop=mode))
            lines += _event_lines(number, event)
            if event.record.first == begin:
                where = event.record.texts()[0]
                lines.append(f"* LOC: {where} {_locator_color(mark.color):<7} {_line(mark.name)}".rstrip())
            position = event.record.stop
    return "\n".join(lines) + "\n"


def _code_mode(*, drop: bool) -> str:
    """Frame code mode: how the sources that follow are numbered. Source: CMX 3600 edit decision list format."""
    return f"FCM: {'' if drop else 'NON-'}DROP FRAME"


def _numbered(timecode: str, *, drop: bool) -> str:
    """The same clock time in the list's own numbering."""
    return timecode[:-3] + (";" if drop else ":") + timecode[-2:]


def _events(
    timeline: Timeline, mark: Mark, starts: Mapping[str, StartTimecode], reels: dict[str, str], position: int
) -> Iterator[_Event]:
    """A line for each clip and each hole under a mark; record times butt and together last as long as the mark."""
    rate, drop = timeline.rate, timeline.drop_frame and may_drop_frames(timeline.rate)
    seen = timeline.media_ranges(mark.range, TrackKind.VIDEO)
    heard = timeline.media_ranges(mark.range, TrackKind.AUDIO)
    channels = "AA" if heard and not seen else "AA/V" if heard else "V"
    played = RationalTime.zero(rate)
    begin = position
    for placed, clip, span in _filled(timeline, mark.range, TrackKind.VIDEO if seen else TrackKind.AUDIO):
        played = played + placed.duration
        record = _Numbers(position, begin + played.rescaled_to(rate).value, rate, drop)
        frames = record.stop - record.first
        if frames <= 0:
            continue
        position = record.stop
        if clip is None:
            yield _Event("BL", channels, _Numbers(0, frames, rate, drop), record, "")
            continue
        url = clip.media.target_url if clip.media else ""
        name = PurePosixPath(unquote(url).replace("\\", "/")).name or clip.name
        start = starts.get(url, StartTimecode(RationalTime.zero(rate), drop))
        source = _source_numbers(span, start, rate, frames if clip.speed == 1 else None)
        yield _Event(_reel(url, name, reels), channels, source, record, _line(name), clip.speed)


def _filled(timeline: Timeline, span: TimeRange, kind: TrackKind) -> Iterator[tuple[TimeRange, Clip | None, TimeRange]]:
    """What shows under `span` as (timeline time, clip, media time); a hole has None for its clip, and no media."""
    start = span.start_time
    for placed, clip, in_media in timeline.shown(span, kind):
        if start < placed.start_time:
            hole = TimeRange.from_start_end(start, placed.start_time)
            yield hole, None, hole
        yield placed, clip, in_media
        start = placed.end_time_exclusive
    if start < span.end_time_exclusive:
        hole = TimeRange.from_start_end(start, span.end_time_exclusive)
        yield hole, None, hole


def _source_numbers(span: TimeRange, start: StartTimecode, rate: Fraction, frames: int | None) -> _Numbers:
    """A stretch of a medium in its own numbers.

    It is as long as its `frames` of record where both count the same to a second; at another speed (`frames` is None)
    it has its own length.
    """
    own = start.time.rate
    zero, inside = start.time.value, span.rescaled_to(own)
    first = zero + inside.start_time.value
    is_alike = frames is not None and nominal_frames(own) == nominal_frames(rate)
    count = frames if is_alike and frames is not None else max(1, inside.duration.value)
    return _Numbers(first, first + count, own, start.drop_frame and may_drop_frames(own))


def _reel(url: str, name: str, reels: dict[str, str]) -> str:
    """A reel name of at most eight capitals and digits, one for each medium; `AX` where there is none."""
    if not url:
        return "AX"
    if url not in reels:
        stem = re.sub(r"[^A-Z0-9_]", "", PurePosixPath(name).stem.upper())[:MAX_REEL] or "REEL"
        taken, count, reel = set(reels.values()) | {"AX", "BL"}, 1, stem
        while reel in taken:
            count += 1
            reel = f"{stem[: MAX_REEL - len(str(count))]}{count}"
        reels[url] = reel
    return reels[url]


def _event_lines(number: int, event: _Event) -> list[str]:
    times = " ".join([*event.source.texts(), *event.record.texts()])
    lines = [f"{number:03d}  {event.reel:<8} {event.channels:<5} C        {times}"]
    if event.speed != 1:
        # Motion memory: frames of the source a second, then where it begins. Source: CMX 3600, section M2.
        pace, begins = float(event.speed * event.record.rate), event.source.begins(backwards=event.speed < 0)
        lines.append(f"M2   {event.reel:<8}       {pace:05.1f}                {begins}")
    return [*lines, *([f"* FROM CLIP NAME: {event.clip_name}"] if event.clip_name else [])]


def _timecode(frame: int, rate: Fraction, *, drop: bool) -> str:
    """Timecode wraps at midnight: a clock has 24 hours."""
    day = nominal_frames(rate) * 86_400
    if drop:
        day -= nominal_frames(rate) // 15 * (24 * 60 - 24 * 6)
    return to_timecode(RationalTime(frame % day, rate), rate, drop_frame=drop)


def _line(text: str) -> str:
    """Text that stays on one line: separators of every script's lines and pages become spaces."""
    return clean_name(re.sub("[\u2028\u2029]", " ", text))


def _locator_color(color: str) -> str:
    wanted = color.strip().lower()
    return next((name for name, words in _LOCATOR_COLORS.items() if wanted in words), "GREEN")


def csv_text(timeline: Timeline, marks: Sequence[Mark]) -> str:
    """The marks as a table (RFC 4180, lines end with CR LF), ranked in the order given; write it as `CSV_ENCODING`.

    Seconds have six decimals; exact times are fractions of a second such as `1001/30`; timecodes count from the
    timeline's own start. A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for rank, mark in enumerate(marks, 1):
        writer.writerow(_row(timeline, mark, rank))
    return table.getvalue()


def _row(timeline: Timeline, mark: Mark, rank: int) -> list[str]:
    span = mark.range
    start, end, length = span.start_time, span.end_time_exclusive, span.duration
    origin = timeline.global_start_time or RationalTime.zero(timeline.rate)
    drop = timeline.drop_frame and may_drop_frames(timeline.rate)
    signals = "; ".join(f"{_line(name)} {level:.3f}" for name, level in sorted(mark.signals.items()))
    return [
        str(rank),
        defused(_line(mark.name)),
        mark.state.value,
        *(f"{time.to_seconds():.6f}" for time in (start, end, length)),
        *(str(time.seconds) for time in (start, end, length)),
        *(
            _timecode(time.rescaled_to(timeline.rate).value, timeline.rate, drop=drop)
            for time in (start + origin, end + origin)
        ),
        _timecode(length.rescaled_to(timeline.rate).value, timeline.rate, drop=drop),
        "" if mark.score is None else f"{mark.score:.2f}",
        defused(_line(mark.source)),
        defused(signals),
        "" if mark.strongest is None else f"{mark.strongest.to_seconds():.6f}",
        defused(_line(mark.note)),
    ]


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs. Source: OWASP, CSV injection."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def kept_timeline(timeline: Timeline, marks: Sequence[Mark]) -> Timeline:
    """The marks butted in the order given: picture on V1, sound on A1, each clip pointing at its original medium.

    Each clip's metadata names its mark under `MARK_KEY`; the marks lie over their clips. Where one of the tracks has
    nothing under a mark, a gap keeps them in step.
    """
    rows = {kind: _picks(timeline, marks, kind) for kind in (TrackKind.VIDEO, TrackKind.AUDIO)}
    names = {TrackKind.VIDEO: "V1", TrackKind.AUDIO: "A1"}
    tracks = tuple(
        Track(names[kind], kind, items) for kind, items in rows.items() if any(isinstance(item, Clip) for item in items)
    )
    name = clean_name(f"{timeline.name} picks")
    return Timeline(name, timeline.rate, tracks, tuple(_butted(marks, timeline.rate)), timeline.drop_frame)


def _picks(timeline: Timeline, marks: Sequence[Mark], kind: TrackKind) -> tuple[Item, ...]:
    return tuple(item for mark in marks for item in _pick(timeline, mark, kind))


def _pick(timeline: Timeline, mark: Mark, kind: TrackKind) -> Iterator[Item]:
    """What shows under a mark, each clip saying which mark it comes from, with gaps where nothing does.

    Clips keep their speed, and of their markers those inside of what is left.
    """
    about: dict[str, object] = {"id": mark.id, "name": mark.name, "score": mark.score, "source": mark.source}
    for placed, clip, in_media in _filled(timeline, mark.range, kind):
        if clip is None:
            yield Gap(placed.duration)
        else:
            part = replace(clip, source_range=TimeRange(in_media.start_time, placed.duration))
            part = part.stretch(RationalTime.zero(timeline.rate), placed.duration)
            yield replace(part, name=mark.name or clip.name, metadata={**clip.metadata, MARK_KEY: about})


def _butted(marks: Sequence[Mark], rate: Fraction) -> Iterator[Mark]:
    start = RationalTime.zero(rate)
    for mark in marks:
        moved = start - mark.range.start_time
        strongest = None if mark.strongest is None else mark.strongest + moved
        yield replace(mark, range=mark.range.shifted(moved), strongest=strongest)
        start = start + mark.range.duration


def write_list(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a list whole or not at all; its line ends stay as they are.

    Raises:
        OSError: the place cannot be written.
    """
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding=encoding, newline="")
