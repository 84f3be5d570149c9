"""Where the items of a Final Cut Pro 7 XML track lie: a transition hides the edges of the clips beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from circletake.interchange.fcp7_values import TICKS, frames_of, number_of, rate_of, text_of
from circletake.interchange.xml import Element, line_of
from circletake.timebase import round_fraction
from circletake.timeline.model import clean_name
from circletake.timeline.report import Report

ITEMS = ("clipitem", "generatoritem")
"""What lies on a track and is seen or heard."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An item from `start` to `end`, in frames of the sequence; its `in` lies `hidden` frames before the cut."""

    item: Element
    start: int
    end: int
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class _Transition:
    start: int
    end: int
    cut: int


def place_of(item: Element) -> str:
    """`clip "name"`, or the line where it has no name."""
    name = clean_name(text_of(item, "name"))
    return f'clip "{name}"' if name else line_of(item)


def cuts_of(track: Element, rate: Fraction, report: Report, known: Mapping[str, Element]) -> Iterator[Cut]:
    """The clips of a track, in its order; where one fades into the next, both end at the transition's cut.

    An item without content means the one of its id in `known`: OpenTimelineIO writes a sound clip so that is like its
    picture.

    Raises:
        TimelineInvalid: a time that is none.
    """
    named = [child for child in track if child.tag in (*ITEMS, "transitionitem")]
    row = [child if len(child) else known.get(child.get("id", ""), child) for child in named]
    fades = [_transition(child, rate, report) if child.tag == "transitionitem" else None for child in row]
    end = 0
    for number, item in enumerate(row):
        if item.tag == "transitionitem":
            report.note("transitions are shown as cuts", line_of(item))
            continue
        before = fades[number - 1] if number else None
        after = fades[number + 1] if number + 1 < len(row) else None
        cut = _cut(item, before, after, rate, report, end)
        end = cut.end
        if cut.start < cut.end:
            yield cut
        else:
            report.note("clips that end before they begin are left out", place_of(item))


def _cut(
    item: Element, before: _Transition | None, after: _Transition | None, rate: Fraction, report: Report, free: int
) -> Cut:
    """An edge that a transition hides lies at its cut; one that nothing tells follows from the length of the media."""
    start, end = frames_of(item, "start", report), frames_of(item, "end", report)
    hidden = 0
    if start is None and before is not None:
        start, hidden = before.cut, before.cut - before.start
    if end is None and after is not None:
        end = after.cut
    if start is None or end is None:
        length = _length(item, rate, report) - hidden
        start = start if start is not None else free if end is None else end - length
        end = end if end is not None else start + length
    if start < 0:
        raise report.invalid("it begins before the sequence does", place_of(item))
    return Cut(item, start, end, hidden)


def _length(item: Element, rate: Fraction, report: Report) -> int:
    """Frames of the sequence that the media of an item fill."""
    first, last = frames_of(item, "in", report) or 0, frames_of(item, "out", report)
    last = frames_of(item, "duration", report) if last is None else last
    return round_fraction(((last or 0) - first) / (rate_of(item, report) or rate) * rate)


def _transition(item: Element, rate: Fraction, report: Report) -> _Transition | None:
    """None where it does not say where it lies."""
    start, end = frames_of(item, "start", report), frames_of(item, "end", report)
    if start is None or end is None or end < start:
        return None
    ticks = number_of(item, "cutPointTicks", report) if len(text_of(item, "cutPointTicks")) <= 13 else None
    finest = start + round_fraction(ticks / TICKS * rate) if ticks is not None else -1
    if start <= finest <= end:
        return _Transition(start, end, finest)
    alignment = text_of(item, "alignment").lower()
    cut = start if alignment.startswith("start") else end if alignment.startswith("end") else (start + end) // 2
    return _Transition(start, end, cut)
