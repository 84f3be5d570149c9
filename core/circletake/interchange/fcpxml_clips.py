"""What one clip of an FCPXML file says about itself: what part of its own time it uses, and what is seen and heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from circletake.errors import TimelineUnreadable
from circletake.interchange.fcpxml_nested import Inside, Use
from circletake.interchange.fcpxml_resources import Asset, Resources, length_in, place_of, time_in
from circletake.interchange.fcpxml_times import TimeMap, conformed
from circletake.interchange.rows import Looks
from circletake.interchange.xml import Element
from circletake.timebase import exact_rate
from circletake.timeline.model import TrackKind
from circletake.timeline.report import Report

MAX_CLIPS = 50_000
"""Most clips of a file with its compound clips opened, each time they are used; sound counts beside its picture."""

OF_MEDIA = frozenset(("asset-clip", "video", "audio"))
HOLDERS = frozenset(("clip", "sync-clip"))
ITEMS = OF_MEDIA | HOLDERS | {"ref-clip", "mc-clip", "title", "gap", "audition", "spine", "caption"}

_TECHNICAL = frozenset(("adjust-colorConform", "adjust-conform"))
"""What Final Cut writes beside every clip that needs it to be shown at all."""

_BOTH = (TrackKind.VIDEO, TrackKind.AUDIO)
_ENABLED: Mapping[str, tuple[TrackKind, ...]] = {"video": (TrackKind.VIDEO,), "audio": (TrackKind.AUDIO,), "none": ()}


@dataclass
class Film:
    """What all parts of one timeline share: `open` are the compound clips being read, outermost first.

    `conform` is the rate that media are conformed to: the timeline's, or that of the compound clip being read.
    """

    resources: Resources
    rate: Fraction
    report: Report
    open: list[str] = field(default_factory=list)
    ready: dict[str | Element, Inside] = field(default_factory=dict)
    clips: int = 0
    depth: int = 0
    conform: Fraction = Fraction(0)
    looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the timeline itself."""
        self.conform = self.rate
        self.looks = Looks(self.report)

    def count(self, clips: int) -> None:
        """Raise where a few nested compound clips stand for more than anybody cuts."""
        self.clips += clips
        if self.clips > MAX_CLIPS:
            hint = "Break the compound clips apart in Final Cut Pro and export the project again."
            message = f"its compound clips hold more than {MAX_CLIPS:,} clips together"
            raise TimelineUnreadable(message, hint=hint, path=self.report.path)


def use_of(element: Element, place: Fraction, film: Film) -> Use:
    """Which part of its own time an element that begins at `place` uses, and how that runs."""
    asset = film.resources.asset(element.get("ref")) if element.tag in OF_MEDIA else None
    start = time_in(element, "start", film.report)
    length = length_in(element, "duration", film.report)
    if start is None:
        start = asset.start if asset else first_moment(film, element)
    if length is None:
        length = (asset.duration if asset else None) or Fraction(0)
    pace = _pace(element, film)
    use = Use(place, start, start + length * pace, pace, _time_map(element, film.report))
    if not use.shown.is_even(use.start, use.end):
        film.report.note("Its speed changes; the mean speed stands for it.", place_of(element))
    return use


def first_moment(film: Film, element: Element) -> Fraction:
    """Where the own time of a compound or multicam clip begins, 0 for all others."""
    media = film.resources.of_kind(element.get("ref"), "media")
    holder = None if media is None else next((each for each in media if each.tag in {"sequence", "multicam"}), None)
    return Fraction(0) if holder is None else time_in(holder, "tcStart", film.report) or Fraction(0)


def picked_of(element: Element, report: Report) -> Element:
    """The clip of an audition that is picked, the first; any other element itself."""
    if element.tag != "audition":
        return element
    found = [child for child in element if child.tag in ITEMS]
    if not found:
        return element
    if len(found) > 1:
        report.note("Of an audition only the picked clip is shown.", place_of(found[0]))
    return found[0]


def is_treated(element: Element) -> bool:
    """Tell whether effects or adjustments change what a clip shows or sounds."""
    return any(each.tag.startswith(("filter-", "adjust-")) and each.tag not in _TECHNICAL for each in element)


def kinds_of(element: Element) -> tuple[TrackKind, ...]:
    """Whether a clip gives picture, sound or both."""
    if element.tag in {"video", "audio"}:
        return _ENABLED[element.tag]
    return _ENABLED.get(element.get("srcEnable", "all"), _BOTH)


def sounding(element: Element, use: Use, report: Report) -> Use:
    """The stretch that is heard where it is not the one that is seen."""
    start, length = time_in(element, "audioStart", report), length_in(element, "audioDuration", report)
    if start is None and length is None:
        return use
    begin = use.start if start is None else start
    end = use.end + begin - use.start if length is None else begin + length * use.pace
    return replace(use, place=use.at(begin), start=begin, end=end)


def _pace(element: Element, film: Film) -> Fraction:
    """Seconds of own time in a second of the timeline: not 1 where a medium is conformed to the timeline's rate."""
    conform = element.find("conform-rate")
    if conform is None or conform.get("scaleEnabled") == "0" or conform.get("srcFrameRate") is None:
        return Fraction(1)
    try:
        own = exact_rate(conform.get("srcFrameRate", ""))
    except ValueError as error:
        raise film.report.invalid(f"srcFrameRate: {error}", place_of(element)) from error
    pace = conformed(own, film.conform)
    if pace != 1:
        film.report.note(
            "It plays a little faster or slower, conformed to the timeline's frame rate.", place_of(element)
        )
    return pace


def _time_map(element: Element, report: Report) -> TimeMap:
    """The retiming of an element."""
    points: dict[Fraction, Fraction] = {}
    for point in element.iterfind("timeMap/timept"):
        time, value = time_in(point, "time", report), time_in(point, "value", report)
        if time is not None and value is not None:
            points[time] = value
    return TimeMap(tuple(sorted(points.items())))


def media_time(own: Fraction, asset: Asset) -> Fraction:
    """Seconds since a medium's first frame; some files count from there although they name its timecode."""
    if asset.duration == 0:
        return Fraction(0)
    return own - asset.start if own >= asset.start else max(Fraction(0), own)


def main_row(holder: Element, angle: str) -> list[Element]:
    """What follows each other in a sequence, or in that angle of a multicam clip: the first where it has no such."""
    if holder.tag == "sequence":
        return list(holder.find("spine") or ())
    angles = holder.findall("mc-angle")
    found = next((each for each in angles if each.get("angleID") == angle), angles[0] if angles else None)
    return [] if found is None or angle == "none" else list(found)


def angle_of(element: Element, kind: TrackKind) -> str:
    """The angle seen or heard; `none` where angles are named and none is for this."""
    sources = element.findall("mc-source")
    wanted = {"all", kind.value.lower()}
    found = next((each for each in sources if each.get("srcEnable", "all") in wanted), None)
    if found is not None:
        return found.get("angleID", "")
    return "none" if sources else ""
