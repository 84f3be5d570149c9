"""What an FCPXML file says about itself before the story begins: formats, assets, media, and checked attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from circletake.interchange.fcpxml_times import in_media, seconds_of
from circletake.interchange.xml import Element, line_of
from circletake.timebase import TimeRange, exact_rate
from circletake.timeline.model import MediaReference, clean_name
from circletake.timeline.report import Report

DEFAULT_RATE = Fraction(24)
"""Frames a second where a file names none."""

FINEST_RATE = 10**4
"""Largest denominator of a frame rate: 1001 is the usual one."""

MAX_LANE = 10_000

_NAMED_RATE = re.compile(r"FFVideoFormat\w{1,40}?(?P<scan>[pi])(?P<rate>\d{2,4})")
_LANE = re.compile(r"-?\d{1,5}")


def named(element: Element) -> str:
    """The element's own name, fit to show."""
    return clean_name(element.get("name", ""))


def place_of(element: Element) -> str:
    """`clip "B", line 12`: how a sentence names an element."""
    name = named(element)
    kind = "clip" if element.tag.endswith("clip") or element.tag in {"video", "audio"} else element.tag
    return f'{kind} "{name}", {line_of(element)}' if name else line_of(element)


def time_in(element: Element, name: str, report: Report) -> Fraction | None:
    """The seconds of an attribute, None where it is missing.

    Raises:
        TimelineInvalid: it is no time.
    """
    text = element.get(name)
    if text is None:
        return None
    try:
        return seconds_of(text)
    except ValueError as error:
        raise report.invalid(f"{name}: {error}", place_of(element)) from error


def length_in(element: Element, name: str, report: Report) -> Fraction | None:
    """The same for a length.

    Raises:
        TimelineInvalid: it is no time, or below zero.
    """
    length = time_in(element, name, report)
    if length is not None and length < 0:
        raise report.invalid(f"{name}: it lasts {float(length):g} s", place_of(element))
    return length


def lane_of(element: Element) -> int:
    """Above its parent where positive, below where negative; what is no number counts as 0."""
    text = element.get("lane", "0").strip()
    lane = int(text) if _LANE.fullmatch(text) else 0
    return max(-MAX_LANE, min(MAX_LANE, lane))


@dataclass(frozen=True, slots=True)
class Asset:
    """A medium of the file: `start` is its first timecode in seconds, `rate` its frames a second where known."""

    media: MediaReference
    start: Fraction
    duration: Fraction | None
    has_video: bool
    has_audio: bool
    rate: Fraction | None


@dataclass
class Resources:
    """The `resources` of a file, looked up by id."""

    report: Report
    elements: dict[str, Element] = field(default_factory=dict)
    _assets: dict[str, Asset] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Element, report: Report) -> Resources:
        """All resources of a file, the first of each id."""
        found = cls(report)
        for resources in root.findall("resources"):
            for element in resources:
                found.elements.setdefault(element.get("id", ""), element)
        return found

    def of_kind(self, ref: str | None, tag: str) -> Element | None:
        """The resource with that id, if it is of that kind."""
        element = self.elements.get(ref or "")
        return element if element is not None and element.tag == tag else None

    def rate(self, format_id: str | None) -> Fraction | None:
        """Frames a second of a format, by its frame duration or its name; None where it has none.

        Raises:
            TimelineInvalid: its frames last no time.
        """
        element = self.of_kind(format_id, "format")
        if element is None:
            return None
        duration = time_in(element, "frameDuration", self.report)
        if duration is None:
            return _rate_in(element.get("name", ""))
        try:
            return exact_rate((1 / duration).limit_denominator(FINEST_RATE))
        except (ValueError, ZeroDivisionError) as error:
            raise self.report.invalid(f"frameDuration: {element.get('frameDuration')}", place_of(element)) from error

    def asset(self, ref: str | None) -> Asset | None:
        """The asset with that id."""
        element = self.of_kind(ref, "asset")
        if element is None or ref is None:
            return None
        if ref not in self._assets:
            self._assets[ref] = self._read(element)
        return self._assets[ref]

    def _read(self, element: Element) -> Asset:
        start = time_in(element, "start", self.report)
        duration = length_in(element, "duration", self.report)
        rate = self.rate(element.get("format"))
        counted = rate or DEFAULT_RATE
        url = _address(element)
        media = MediaReference(
            target_url=url,
            available_range=TimeRange(in_media(Fraction(0), counted), in_media(duration, counted))
            if duration
            else None,
            name=named(element) or clean_name(url.rpartition("/")[2]),
            start_timecode=None if start is None else in_media(start, counted),
        )
        said = {key: element.get(key) for key in ("hasVideo", "hasAudio")}
        silent = not any(said.values())
        return Asset(
            media,
            start or Fraction(0),
            duration,
            silent or said["hasVideo"] == "1",
            silent or said["hasAudio"] == "1",
            rate,
        )


def _address(asset: Element) -> str:
    """Where the original lies, else its proxy; before 1.9 the asset says so itself."""
    copies = sorted(asset.findall("media-rep"), key=lambda each: each.get("kind", "original-media") != "original-media")
    return next((each.get("src", "") for each in copies), asset.get("src", ""))


def _rate_in(name: str) -> Fraction | None:
    """The rate in a format's name: `FFVideoFormat1080p2398`; an interlaced one counts fields."""
    match = _NAMED_RATE.fullmatch(name)
    if match is None:
        return None
    digits = match["rate"]
    rate = exact_rate(f"{digits[:-2]}.{digits[-2:]}" if len(digits) == 4 else digits)
    return rate / 2 if match["scan"] == "i" else rate
