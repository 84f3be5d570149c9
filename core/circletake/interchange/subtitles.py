"""Subtitles as a list of times: SubRip (SRT) and WebVTT, of which chapters are one kind."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from circletake.interchange.format import Carries, Delivery, Feature, Format, Head, Kind, Read, Source
from circletake.interchange.plain import (
    OF_SECONDS,
    ONE_TEXT,
    as_read,
    by_time,
    clock,
    one_text,
    seconds_of,
    shown_text,
    stretch,
    text_of,
)
from circletake.timebase import TimeRange
from circletake.timeline.model import Marker
from circletake.timeline.report import Report

MAX_CUE = 100_000
"""Longest text of a cue looked at, in characters; a marker shows a thousand."""

_ARROW = "-->"
_SRT_START = re.compile(r"^[ \t]*[\d:]{5,12},\d{1,3}[ \t]*-->[ \t]*[\d:]{5,12},\d{1,3}", re.MULTILINE)

# SubRip has no way to write a bracket that is none of these, so that all others are text.
_SRT_TAG = re.compile(r"</?(?:b|i|u|s|font)(?:\s[^<>\n]{0,500})?>|\{\\[a-z][^{}\n]{0,100}\}", re.IGNORECASE)
_VTT_TAG = re.compile(r"<[^<>]{0,1000}>")


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue as written: the line its times stand on, the times, its text."""

    line: int
    times: str
    text: str


def _cues(text: str) -> Iterator[_Cue]:
    """The cues of either format: a line of times, and what follows it up to an empty line."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        number += 1
        if _ARROW not in lines[number - 1]:
            continue
        first = number
        while number < len(lines) and lines[number].strip():
            number += 1
        yield _Cue(first, lines[first - 1], " ".join(lines[first:number]))


def _without_blocks(text: str) -> str:
    """WebVTT without its notes, styles and regions; the lines keep their numbers."""
    kept: list[str] = []
    inside = fresh = False
    for line in text.split("\n"):
        empty = not line.strip()
        inside = not empty and (inside or (fresh and bool(re.match(r"(NOTE|STYLE|REGION)\b", line))))
        kept.append("" if inside else line)
        fresh = empty
    return "\n".join(kept)


def _span(times: str) -> TimeRange | None:
    """The stretch of a line such as `00:01.000 --> 00:02.000 align:start`; None where it is none."""
    before, _, after = times.partition(_ARROW)
    words = after.split()
    start, end = seconds_of(before), seconds_of(words[0]) if words else None
    if start is None or end is None or end < start:
        return None
    return stretch(start, end)


def _markers(text: str, plain: Callable[[str], str], report: Report) -> Iterator[Marker]:
    for cue in _cues(text):
        span = _span(cue.times)
        if span is None:
            report.note("A cue with times that make no sense is left out.", f"line {cue.line}")
        else:
            yield Marker(span, shown_text(plain(cue.text[:MAX_CUE])))


def _srt_text(text: str) -> str:
    return _SRT_TAG.sub("", text)


def _vtt_text(text: str) -> str:
    return html.unescape(_VTT_TAG.sub("", text))


def _read_srt(source: Source) -> Read:
    report = Report(source.path)
    return as_read(source, _markers(text_of(source, report), _srt_text, report), report)


def _read_vtt(source: Source) -> Read:
    report = Report(source.path)
    return as_read(source, _markers(_without_blocks(text_of(source, report)), _vtt_text, report), report)


def _write_srt(delivery: Delivery) -> bytes:
    blocks = []
    for number, marker in enumerate(by_time(delivery.timeline), 1):
        text = one_text(marker.name, marker.comment).replace(_ARROW, "→")
        text = _SRT_TAG.sub(lambda tag: f"‹{tag[0][1:-1]}›", text)
        blocks.append(f"{number}\r\n{_times(marker, ',')}\r\n{text}\r\n")
    return "\r\n".join(blocks).encode()


def _write_vtt(delivery: Delivery) -> bytes:
    blocks = ["WEBVTT\n"]
    for marker in by_time(delivery.timeline):
        text = html.escape(one_text(marker.name, marker.comment), quote=False)
        blocks.append(f"{_times(marker, '.')}\n{text}\n")
    return "\n".join(blocks).encode()


def _times(marker: Marker, mark: str) -> str:
    span = marker.range
    return f"{clock(span.start_time.seconds, mark)} {_ARROW} {clock(span.end_time_exclusive.seconds, mark)}"


def _is_vtt(head: Head) -> bool:
    return bool(re.match(r"WEBVTT(\s|\Z)", head.text))


def _is_srt(head: Head) -> bool:
    return not _is_vtt(head) and bool(_SRT_START.search(head.text))


CARRIES = Carries(
    wholly=frozenset(
        (
            Feature.TIMELINE_MARKERS,
            Feature.MARKER_NAMES,
            Feature.MARKER_RANGES,
            Feature.MARK_IDS,
            Feature.MARK_SCORES,
        )
    ),
    partly=MappingProxyType({**OF_SECONDS, Feature.MARKER_COMMENTS: ONE_TEXT}),
)

FORMATS = (
    Format(
        name="srt",
        title="SubRip subtitles",
        suffix=".srt",
        carries=CARRIES,
        kind=Kind.LIST,
        editors=("LosslessCut", "Subtitle Edit", "most players"),
        recognise=_is_srt,
        read=_read_srt,
        write=_write_srt,
        one_text=True,
    ),
    Format(
        name="vtt",
        title="WebVTT subtitles and chapters",
        suffix=".vtt",
        carries=CARRIES,
        kind=Kind.LIST,
        editors=("web players", "Subtitle Edit"),
        recognise=_is_vtt,
        read=_read_vtt,
        write=_write_vtt,
        one_text=True,
    ),
)
