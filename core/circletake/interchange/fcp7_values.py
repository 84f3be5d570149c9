"""Single values of Final Cut Pro 7 XML: rates, frame numbers, timecodes, colours.

Source of all elements: Apple, "Final Cut Pro XML Interchange Format" (version 5), and Premiere's own files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from circletake.interchange.colors import COLORS, RGB
from circletake.interchange.xml import Element, line_of
from circletake.timebase import (
    MAX_VALUE,
    NTSC_DENOMINATOR,
    RationalTime,
    exact_rate,
    from_timecode,
    may_drop_frames,
    round_fraction,
)
from circletake.timeline.model import TrackKind, clean_name
from circletake.timeline.report import Report

TICKS = 254_016_000_000
"""Premiere's counts a second: every common frame and sample is a whole number of them.

Source: Adobe, Premiere Pro scripting guide, "Time object".
"""

HIGHEST_RATE = 1000
"""Frames a second above which a timebase is not believed."""

KIND_NAMES = {TrackKind.VIDEO: "video", TrackKind.AUDIO: "audio"}

SWATCHES: Mapping[str, int] = MappingProxyType(
    {
        "green": 4281828977,
        "red": 4281740498,
        "purple": 4289825711,
        "orange": 4280578025,
        "yellow": 4281049552,
        "white": 4294967295,
        "blue": 4294741314,
        "cyan": 4292277273,
    }
)
"""Premiere's eight marker colours as `pproColor` has them: alpha, blue, green, red, a byte each.

Source: OpenTimelineIO `Color.from_agbr_int` (its test holds the red of a Premiere export); the others from sweeps of
Premiere's marker colours published beside readers of its projects. Premiere itself leaves green out.
"""

PREMIERE_COLORS: Mapping[str, RGB] = MappingProxyType({name: COLORS[name] for name in SWATCHES})
"""The same by our names, to find the nearest."""

_NAMES = {value: name for name, value in SWATCHES.items()}
_NUMBER = re.compile(r"[-+]?\d{1,18}(\.\d{1,15})?")
_SIXTEEN_BITS = 257


def text_of(element: Element, path: str) -> str:
    """The text of the first element at `path`, without the space around it; empty where there is none."""
    return (element.findtext(path) or "").strip()


def says(element: Element, path: str, word: str) -> bool:
    """Tell whether the text at `path` is `TRUE` or `FALSE`, whatever its case."""
    return text_of(element, path).upper() == word


def number_of(element: Element, path: str, report: Report) -> Fraction | None:
    """The number at `path`, None where there is none.

    Raises:
        TimelineInvalid: something else, or a number no time can have.
    """
    text = text_of(element, path)
    if not text:
        return None
    number = Fraction(text) if _NUMBER.fullmatch(text) else None
    if number is None or abs(number) > MAX_VALUE >> 20:
        raise report.invalid(f'"{clean_name(text)[:40]}" is no number of frames', line_of(element))
    return number


def frames_of(element: Element, path: str, report: Report) -> int | None:
    """The whole number of frames at `path`, None where there is none or -1, which means the same.

    Raises:
        TimelineInvalid: something else.
    """
    number = number_of(element, path, report)
    return None if number is None or number == -1 else round_fraction(number)


def rate_of(element: Element | None, report: Report) -> Fraction | None:
    """The exact rate that the `rate` of an element gives, None where it has none.

    Raises:
        TimelineInvalid: a timebase that is no rate.
    """
    text = "" if element is None else text_of(element, "rate/timebase")
    if element is None or not text:
        return None
    try:
        return _rate(text, slowed=says(element, "rate/ntsc", "TRUE"))
    except ValueError as error:
        raise report.invalid(str(error), line_of(element)) from error


@lru_cache(maxsize=64)
def _rate(base: str, *, slowed: bool) -> Fraction:
    """The same object for the same rate: times add fast where their rates are one."""
    rate = exact_rate(base)
    if rate > HIGHEST_RATE:
        raise ValueError(f"{clean_name(base)} frames a second is no rate of an edit")
    return rate * 1000 / NTSC_DENOMINATOR if slowed and rate.denominator == 1 else rate


def timecode_of(element: Element, rate: Fraction, report: Report) -> tuple[RationalTime | None, bool]:
    """The `timecode` of an element, and whether it is numbered with dropped frames; None where it has none.

    `frame` is believed before `string`: it needs no numbering to be understood.
    """
    node = element.find("timecode")
    if node is None:
        return None, False
    own = rate_of(node, report) or rate
    drops = text_of(node, "displayformat").upper() == "DF" and may_drop_frames(own)
    frame = number_of(node, "frame", report)
    if frame is not None:
        return RationalTime(round_fraction(frame), own), drops
    text = text_of(node, "string")
    try:
        return (from_timecode(numbered(text, drops=drops), own) if text else None), drops
    except ValueError:
        report.note("its timecode cannot be read and is left out", line_of(node))
        return None, drops


def numbered(text: str, *, drops: bool) -> str:
    """A timecode with colons, and before its frames the mark that its numbering asks for (`01:00:00;02`)."""
    head, mark, frames = text[:-3], text[-3:-2], text[-2:]
    return f"{head.replace(';', ':')}{';' if drops or mark in ';,' else ':'}{frames}"


def color_of(marker: Element) -> str:
    """The colour of a marker: Premiere's by name or as `#rrggbb`, else its `color`; empty where it has none."""
    packed = text_of(marker, "pproColor")
    if packed.isascii() and packed.isdigit() and len(packed) <= 10:
        return _named(int(packed))
    parts = [text_of(marker, f"color/{part}") for part in ("red", "green", "blue")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        return ""
    levels = [int(part) for part in parts]
    if max(levels) > 255:  # some tools write 16 bits
        levels = [min(255, level // _SIXTEEN_BITS) for level in levels]
    red, green, blue = levels
    same = next((name for name, rgb in COLORS.items() if rgb == (red, green, blue)), None)
    return same or f"#{red:02x}{green:02x}{blue:02x}"


def _named(packed: int) -> str:
    red, green, blue = packed & 255, packed >> 8 & 255, packed >> 16 & 255
    return _NAMES.get(packed) or f"#{red:02x}{green:02x}{blue:02x}"
