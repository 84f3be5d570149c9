"""From an item of Final Cut Pro 7 XML to a clip: what it shows of its medium, how fast, and the markers on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from circletake.interchange.fcp7_cuts import Cut, place_of
from circletake.interchange.fcp7_media import File, Files
from circletake.interchange.fcp7_speed import Warp, finer_in, warp_of
from circletake.interchange.fcp7_values import color_of, frames_of, rate_of, text_of
from circletake.interchange.xml import Element
from circletake.timebase import MICROSECONDS, RationalTime, TimeRange, round_fraction
from circletake.timeline.model import Clip, Marker, clean_name
from circletake.timeline.report import Report
from circletake.timeline.stored import clean_note

KEY = "fcp7"
"""The key of a clip's metadata under which its labels and log notes wait."""

_SAME = Fraction(1, 10**9)
_FINEST_PART = 100
_LOG = ("description", "scene", "shottake", "lognote")


@dataclass(frozen=True, slots=True)
class Used:
    """What an item uses of its medium: from which second on, how fast, and how it got there."""

    start: Fraction
    speed: Fraction
    warp: Warp
    rate: Fraction
    file: File | None


def used_by(cut: Cut, rate: Fraction, files: Files, report: Report) -> Used:
    """What the item at `cut` of a sequence at `rate` uses of its medium.

    Raises:
        TimelineInvalid: a number in it is none.
    """
    item, place = cut.item, place_of(cut.item)
    file = files.of(item, rate_of(item, report) or rate)
    own = rate_of(item, report) or (file.rate if file else None) or rate
    length = (frames_of(item, "duration", report) or 0) / own
    warp = warp_of(item, own, file.seconds if file and file.seconds else length, report)
    first = (frames_of(item, "in", report) or 0) + (frames_of(item, "subclipinfo/startoffset", report) or 0)
    start = (first / own if warp.speed == 1 else finer_in(item, first, own)) + cut.hidden / rate
    end = start + (cut.end - cut.start) / rate
    warp, bends = warp.flattened(start, end)
    if bends:
        report.note("a speed that changes within the clip is shown as its mean speed", place)
    begin = min(warp.media(start), warp.media(end))
    if file and _counts_timecode(begin, file):
        report.note("it counts its media from midnight instead of from their first frame, as is taken off", place)
        begin -= file.start
    if begin < 0:
        report.note("clips that begin before their medium does are shown from its first frame on", place)
    return Used(max(begin, Fraction(0)), warp.speed, warp, own, file)


def _counts_timecode(moment: Fraction, file: File) -> bool:
    """Tell whether a moment is beyond the medium's end, but inside it when its start timecode is taken off."""
    return 0 < file.seconds <= moment and 0 <= moment - file.start < file.seconds


def clip_of(cut: Cut, rate: Fraction, used: Used, report: Report) -> Clip:
    """The clip at `cut` of a sequence at `rate`.

    Raises:
        TimelineInvalid: a number in it is none.
    """
    item, file = cut.item, used.file
    media = file.media if file else None
    if media is None:
        report.note("titles and generated pictures have no file; the clip stays, empty", place_of(item))
    length = RationalTime(cut.end - cut.start, rate)
    name = clean_name(text_of(item, "name")) or (file.name if file else "")
    markers = tuple(markers_of(item, used.rate, report, lambda time: _in_media(time, used)))
    span = TimeRange(counted(used.start, used.rate), length)
    return Clip(name, span, media, MappingProxyType(_metadata(item)), used.speed, markers)


def counted(seconds: Fraction, rate: Fraction) -> RationalTime:
    """A moment in frames where it falls on one, else in parts of a frame, else in microseconds."""
    frames = round_fraction(seconds * rate)
    if abs(frames / rate - seconds) < _SAME:
        return RationalTime(frames, rate)
    parts = (seconds * rate).denominator
    return RationalTime.from_seconds(seconds, rate * parts if parts <= _FINEST_PART else MICROSECONDS)


def _in_media(time: Fraction, used: Used) -> Fraction:
    moment = time if used.speed == 0 else used.warp.media(time)
    return moment - used.file.start if used.file and _counts_timecode(moment, used.file) else moment


def markers_of(
    element: Element, rate: Fraction, report: Report, moved: Callable[[Fraction], Fraction] = lambda time: time
) -> Iterator[Marker]:
    """The markers right below an element, whose frames count at `rate`; `moved` takes their seconds to where they lie.

    Raises:
        TimelineInvalid: a number in them is none.
    """
    for node in element.findall("marker"):
        first, last = frames_of(node, "in", report), frames_of(node, "out", report)
        if first is None or first < 0:
            report.note("markers that lie nowhere are left out", place_of(element))
            continue
        ends = sorted(moved(frame / rate) for frame in (first, max(first, last or first)))
        start, end = (counted(max(second, Fraction(0)), rate) for second in ends)
        name, comment = clean_name(text_of(node, "name")), clean_note(text_of(node, "comment"))
        yield Marker(TimeRange.from_start_end(start, end), name, comment, color_of(node))


def _metadata(item: Element) -> dict[str, object]:
    """Labels and log notes, for whoever asks for them."""
    labels = [clean_name(text_of(item, f"labels/{tag}")) for tag in ("label", "label2")]
    notes = {tag: clean_note(text_of(item, f"logginginfo/{tag}")) for tag in _LOG}
    kept: dict[str, object] = {tag: note for tag, note in notes.items() if note}
    if any(labels):
        kept["labels"] = [label for label in labels if label]
    return {KEY: kept} if kept else {}
