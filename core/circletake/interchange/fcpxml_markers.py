"""Markers of FCPXML as they stand on an element, in its own time: markers, chapters, to-dos, keywords, ratings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from urllib.parse import quote, unquote

from circletake.interchange.fcpxml_resources import length_in, time_in
from circletake.interchange.fcpxml_times import seconds_of, text_of
from circletake.interchange.tags import untagged
from circletake.interchange.xml import Element
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Marker, clean_name
from circletake.timeline.report import Report
from circletake.timeline.stored import clean_note

DONE = "completed"
"""The metadata key of a to-do that is ticked off."""

POINT = Fraction(1, 20)
"""Seconds up to which a marker is a point: Final Cut gives each the length of a frame, or of a sample of sound."""

OF_TIMELINE = "com.circletake.timelineMarkers"
"""The metadata key under which a clip keeps which of its markers stand for the timeline's: `12/25s:A%20name`.

The format allows keys of one's own.
"""

MAX_NAMED = 10_000

_KINDS = {"marker": "", "chapter-marker": "chapter", "keyword": "keyword", "rating": "rating"}


@dataclass(frozen=True, slots=True)
class Pointed:
    """A marker in the own time of the element it stands on, in seconds; `length` 0 for a point."""

    start: Fraction
    length: Fraction
    name: str
    comment: str = ""
    kind: str = ""
    done: bool = False
    of_timeline: bool = False

    @property
    def is_mark(self) -> bool:
        """Tell whether it stands for a mark of ours."""
        return untagged(self.comment)[1] is not None or untagged(self.name)[1] is not None

    def at(self, start: RationalTime, length: RationalTime) -> Marker:
        """The marker at a place in media or timeline time."""
        metadata: dict[str, object] = {DONE: True} if self.done else {}
        return Marker(TimeRange(start, length), self.name, self.comment, kind=self.kind, metadata=metadata)


def pointed(element: Element, start: Fraction, duration: Fraction, report: Report) -> tuple[Pointed, ...]:
    """The markers on an element that uses `duration` of its own time from `start` on.

    A keyword that begins with a marker and says the same is that marker's length: so are stretches written here.
    """
    found = [_read(child, start, duration, report) for child in element if child.tag in _KINDS]
    found += _analysed(element, start, duration, report)
    lengths = {(each.start, each.name): each.length for each in found if each.kind == "keyword"}
    merged = []
    for each in found:
        key = (each.start, as_keyword(each.name))
        takes = each.kind != "keyword" and not each.length and key in lengths
        merged.append(replace(each, length=lengths.pop(key)) if takes else each)
    kept = (each for each in merged if each.kind != "keyword" or (each.start, each.name) in lengths)
    named = _of_timeline(element)
    return tuple(replace(each, of_timeline=each.is_mark or (each.start, each.name) in named) for each in kept)


def named_marker(start: Fraction, name: str) -> str:
    """A marker as it stands under `OF_TIMELINE`."""
    return f"{text_of(start)}:{quote(name, safe='')}"


def _of_timeline(element: Element) -> frozenset[tuple[Fraction, str]]:
    """The starts and names of markers that stand for the timeline's."""
    values = (md.get("value", "") for md in element.iterfind("metadata/md") if md.get("key") == OF_TIMELINE)
    found = set()
    for text in " ".join(values).split()[:MAX_NAMED]:
        start, _, name = text.partition(":")
        with suppress(ValueError):
            found.add((seconds_of(start), unquote(name)))
    return frozenset(found)


def as_keyword(name: str) -> str:
    """A name as one keyword: Final Cut splits them at commas."""
    return clean_name(name.replace(",", ";")) or "Range"


def _read(element: Element, start: Fraction, duration: Fraction, report: Report) -> Pointed:
    kind = _KINDS[element.tag]
    is_range = element.tag in {"keyword", "rating"}
    length = length_in(element, "duration", report) or Fraction(0)
    if is_range and element.get("duration") is None:
        length = duration
    own = time_in(element, "start", report)
    return Pointed(
        start if own is None else own,
        length if is_range or length > POINT else Fraction(0),
        clean_name(element.get("value", "")),
        clean_note(element.get("note", "")),
        "to-do" if element.tag == "marker" and element.get(DONE) is not None else kind,
        element.get(DONE) == "1",
    )


def _analysed(element: Element, start: Fraction, duration: Fraction, report: Report) -> Iterator[Pointed]:
    """What Final Cut's analysis found (`onePerson`, `closeUp`)."""
    for each in element.findall("analysis-marker"):
        own = time_in(each, "start", report)
        length = length_in(each, "duration", report)
        name = clean_name(", ".join(child.get("value", "") for child in each))
        begin = start if own is None else own
        yield Pointed(begin, duration if length is None else length, name, kind="analysis")


def written_text(element: Element) -> str:
    """The words of a caption or title."""
    words = (piece for text in element.findall("text") for piece in text.itertext())
    return clean_name(" ".join(words)) or clean_name(element.get("name", ""))
