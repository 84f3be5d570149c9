"""A timeline as a CMX 3600 decision list: one row of pictures, one pair of sounds."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from urllib.parse import unquote

from circletake.errors import TimelineInvalid
from circletake.interchange.colors import COLORS, RGB, nearest
from circletake.interchange.edl_lines import BLACK, UNNAMED, day_of
from circletake.interchange.edl_notes import LOCATORS
from circletake.interchange.format import Delivery
from circletake.interchange.plain import one_text
from circletake.media.frames import MediaInfo
from circletake.timebase import (
    RationalTime,
    TimeRange,
    from_timecode,
    may_drop_frames,
    nominal_frames,
    round_fraction,
    to_timecode,
)
from circletake.timeline.model import Clip, Marker, Timeline, TrackKind, clean_name

START = "01:00:00:00"
"""Where a timeline without a timecode of its own starts: programmes do at hour one. Source: EBU R 122."""

MAX_REEL = 8
"""Longest reel name. Source: CMX 3600 edit decision list format, field 2."""

NO_COLOR = "GREEN"
"""The locator of a marker without a colour: a locator has to have one."""

_PALETTE: MappingProxyType[str, RGB] = MappingProxyType({LOCATORS[name]: COLORS[name] for name in LOCATORS})
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Code:
    """How a list's frames are numbered: `start` is the number of the timeline's first frame."""

    rate: Fraction
    drop: bool
    start: int

    def text(self, frame: int, *, drop: bool | None = None) -> str:
        """The timecode of a frame number, within 24 hours; `drop` where a source counts in its own way."""
        drops = self.drop if drop is None else drop and may_drop_frames(self.rate)
        return to_timecode(RationalTime(frame % day_of(self.rate, drop=drops), self.rate), self.rate, drop_frame=drops)

    def frame(self, time: RationalTime) -> int:
        """The frame nearest to a moment of the timeline."""
        return time.rescaled_to(self.rate).value


def code_of(timeline: Timeline) -> Code:
    """How a timeline's list counts: from its own timecode, else from hour one."""
    rate, drop = timeline.rate, timeline.drop_frame and may_drop_frames(timeline.rate)
    start = timeline.global_start_time or from_timecode(START[:-3] + (";00" if drop else ":00"), rate)
    return Code(rate, drop, start.rescaled_to(rate).value)


def refuse_days(code: Code, frames: int, path: Path, place: str | None = None) -> None:
    """Refuse what lasts so many frames where timecode, which begins anew each day, cannot number them.

    Raises:
        TimelineInvalid: they are a day or more.
    """
    if frames >= day_of(code.rate, drop=code.drop):
        hint = "Write it in a format that counts in frames, such as OpenTimelineIO or Final Cut Pro XML."
        message = "this reaches 24 hours or more, where the timecode of a decision list begins anew"
        raise TimelineInvalid(message, hint=hint, path=path, place=place)


@dataclass(frozen=True, slots=True)
class _Row:
    """What one event plays, in frames of the timeline; `clip` is None for black."""

    start: int
    stop: int
    clip: Clip | None = None
    used: TimeRange | None = None
    channels: str = "V"


@dataclass(slots=True)
class _Sheet:
    """The list while it is written: reels by address, lines, the numbering last said."""

    code: Code
    media: dict[str, tuple[RationalTime, bool]]
    drop: bool
    reels: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def write(delivery: Delivery) -> bytes:
    """The list as UTF-8 with Windows line ends, which every editor takes.

    Raises:
        TimelineInvalid: it lasts a day or longer, which timecode cannot number.
    """
    timeline = delivery.timeline
    code = code_of(timeline)
    rows = _paired(_rows(timeline, code, TrackKind.VIDEO), _rows(timeline, code, TrackKind.AUDIO))
    points = _points(timeline, code)
    rows = _filled(rows, max((at + 1 for at, _ in points), default=0))
    _refuse_days(rows, code, delivery.path)
    sheet = _Sheet(code, _starts(delivery), code.drop)
    sheet.lines += [f"TITLE: {clean_name(timeline.name) or 'CIRCLETAKE'}", mode_line(drop=code.drop), ""]
    under = _under(rows, points)
    for number, row in enumerate(rows, 1):
        _write_row(sheet, number, row)
        sheet.lines += [_locator(code, at, marker) for at, marker in under.get(number - 1, ())]
    return ("\r\n".join(sheet.lines) + "\r\n").encode()


def _rows(timeline: Timeline, code: Code, kind: TrackKind) -> list[_Row]:
    """The topmost clips of a kind, on whole frames."""
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    found = (
        _Row(code.frame(place.start_time), code.frame(place.end_time_exclusive), clip, used)
        for place, clip, used in timeline.shown(whole, kind)
    )
    return [row for row in found if row.stop > row.start]


def _paired(pictures: list[_Row], sounds: list[_Row]) -> list[_Row]:
    """Pictures with their own sound as one event, the rest as events of their own, by time."""
    twins = {_same(row): row for row in sounds}
    rows = []
    for row in pictures:
        twin = twins.pop(_same(row), None)
        rows.append(replace(row, channels="AA/V") if twin else row)
    rows += [replace(row, channels="AA") for row in twins.values()]
    return sorted(rows, key=lambda row: (row.start, row.channels == "AA"))


def _refuse_days(rows: list[_Row], code: Code, path: Path) -> None:
    refuse_days(code, max((row.stop for row in rows), default=0), path)
    for row in rows:
        if row.used and row.clip:
            refuse_days(code, code.frame(row.used.end_time_exclusive), path, f'clip "{row.clip.name}"')


def _same(row: _Row) -> tuple[object, ...]:
    clip = row.clip
    url = clip.media.target_url if clip and clip.media else ""
    return row.start, row.stop, url, row.used, clip.speed if clip else 0, clip.name if clip else ""


def _filled(rows: list[_Row], least: int) -> list[_Row]:
    """The rows with black where nothing plays, up to `least` frames: markers lie on events."""
    filled, end = [], 0
    for row in rows:
        if row.start > end:
            filled.append(_Row(end, row.start))
        filled.append(row)
        end = max(end, row.stop)
    if end < least:
        filled.append(_Row(end, least))
    return filled


def _starts(delivery: Delivery) -> dict[str, tuple[RationalTime, bool]]:
    """For each address, which timecode its first frame has, and whether that counts with dropped frames."""
    found: dict[str, tuple[RationalTime, bool]] = {}
    drop = delivery.timeline.drop_frame
    for track in delivery.timeline.tracks:
        for item in track.items:
            media = item.media if isinstance(item, Clip) else None
            if media is None or media.target_url in found:
                continue
            info = delivery.media.get(Path(media.target_url))
            if info is not None:
                found[media.target_url] = _own_start(info, drop=drop)
            elif media.start_timecode is not None:
                found[media.target_url] = media.start_timecode, drop
    return found


def _own_start(info: MediaInfo, *, drop: bool) -> tuple[RationalTime, bool]:
    """A medium without a timecode starts at zero and is numbered as the timeline is."""
    try:
        return from_timecode(info.start_timecode or "", info.edit_rate), info.drop_frame
    except ValueError:  # none, or none that its rate has
        return RationalTime.zero(info.edit_rate), drop


def _write_row(sheet: _Sheet, number: int, row: _Row) -> None:
    """An event with what is said about it."""
    code = sheet.code
    record = f"{code.text(code.start + row.start)} {code.text(code.start + row.stop)}"
    if row.clip is None or row.used is None:
        source = f"{code.text(0)} {code.text(row.stop - row.start)}"
        sheet.lines.append(f"{number:03d}  {BLACK[0]:<8} {row.channels:<5} C        {source} {record}")
        return
    clip = row.clip
    url = clip.media.target_url if clip.media else ""
    reel = _reel(sheet, url)
    start, drop = sheet.media.get(url, (RationalTime.zero(code.rate), code.drop))
    first, last = _source(code, row, row.used, _numbered_at(code, start, drop=drop))
    drop = drop and may_drop_frames(code.rate)
    if drop is not sheet.drop:
        sheet.drop = drop
        sheet.lines.append(mode_line(drop=drop))
    source = f"{code.text(first, drop=drop)} {code.text(last, drop=drop)}"
    sheet.lines.append(f"{number:03d}  {reel:<8} {row.channels:<5} C        {source} {record}")
    if clip.speed != 1:
        begin = last - 1 if clip.speed < 0 else first
        sheet.lines.append(f"M2   {reel:<8}       {_motion(clip, code)}                {code.text(begin, drop=drop)}")
    sheet.lines += _named(clip, url)


def _named(clip: Clip, url: str) -> list[str]:
    """Which clip it is: editors look for the file called so; a name of its own stands below, where they skip it."""
    name = clean_name(clip.name)
    path = unquote(url, errors="replace") if url.startswith("file:") else url
    file = clean_name(path.replace("\\", "/").rsplit("/", 1)[-1])
    lines = [f"* FROM CLIP NAME: {file or name}"] if file or name else []
    lines += [f"* SOURCE FILE: {_BREAKS.sub('?', url)}"] if url else []
    return [*lines, *([f"* CLIP NAME: {name}"] if file and name not in ("", file) else [])]


def _numbered_at(code: Code, start: RationalTime, *, drop: bool) -> int:
    """A medium's first frame in the list's numbering: the same clock time, as editors show it at any rate."""
    own, ours = nominal_frames(start.rate), nominal_frames(code.rate)
    if drop and own != ours:
        return start.rescaled_to(code.rate).value
    return round_fraction(Fraction(start.value * ours, own))


def _source(code: Code, row: _Row, used: TimeRange, zero: int) -> tuple[int, int]:
    """First frame used and the one after the last; as many as recorded at normal speed."""
    first = zero + code.frame(used.start_time)
    if row.clip is not None and row.clip.speed != 1:
        return first, max(first + 1, zero + code.frame(used.end_time_exclusive))
    return first, first + row.stop - row.start


def _motion(clip: Clip, code: Code) -> str:
    """Frames a second, to a tenth, as motion memory has it; what moves at all never becomes zero."""
    tenths = round_fraction(abs(clip.speed) * nominal_frames(code.rate) * 10)
    tenths = max(1, tenths) if clip.speed else 0
    return f"{'-' if clip.speed < 0 else ''}{tenths // 10:03d}.{tenths % 10}"


def _reel(sheet: _Sheet, url: str) -> str:
    """At most eight capitals and digits of a file's name, another for each file; `AX` where there is none."""
    if not url:
        return UNNAMED[0]
    if url not in sheet.reels:
        stem = PurePosixPath(unquote(url, errors="replace").replace("\\", "/")).stem.upper()
        base = re.sub(r"[^A-Z0-9_]", "", stem)[:MAX_REEL] or "REEL"
        taken = {*sheet.reels.values(), *BLACK, *UNNAMED}
        reel, count = base, 1
        while reel in taken:
            count += 1
            reel = f"{base[: MAX_REEL - len(str(count))]}{count}"
        sheet.reels[url] = reel
    return sheet.reels[url]


def _points(timeline: Timeline, code: Code) -> list[tuple[int, Marker]]:
    """All markers by frame: the timeline's, and those of clips where they show."""
    found = [(code.frame(marker.range.start_time), marker) for marker in timeline.markers]
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    seen: set[tuple[int, str, str]] = set()
    for kind in TrackKind:
        for place, clip, used in timeline.shown(whole, kind):
            part = replace(clip, source_range=TimeRange(used.start_time, place.duration))
            for marker in clip.markers:
                shown = part.shown_at(marker.range, code.rate)
                if shown is None:
                    continue
                key = (code.frame(place.start_time + shown.start_time), marker.name, marker.comment)
                if key not in seen:
                    seen.add(key)
                    found.append((key[0], marker))
    return sorted(((at, marker) for at, marker in found if at >= 0), key=lambda point: point[0])


def _under(rows: list[_Row], points: list[tuple[int, Marker]]) -> dict[int, list[tuple[int, Marker]]]:
    """The markers by the row they lie on: of those that play, the one that began last."""
    found: dict[int, list[tuple[int, Marker]]] = {}
    starts = [row.start for row in rows]
    for at, marker in points:
        row = bisect.bisect_right(starts, at) - 1
        while rows[row].stop <= at and row:
            row -= 1
        found.setdefault(row, []).append((at, marker))
    return found


def _locator(code: Code, at: int, marker: Marker) -> str:
    color = nearest(marker.color, _PALETTE) or NO_COLOR
    return f"* LOC: {code.text(code.start + at)} {color:<7} {one_text(marker.name, marker.comment)}".rstrip()


def mode_line(*, drop: bool) -> str:
    """Frame code mode: how the sources that follow are numbered. Source: CMX 3600 edit decision list format."""
    return f"FCM: {'' if drop else 'NON-'}DROP FRAME"
