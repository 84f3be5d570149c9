"""How a mark travels through another editor and is known again: a short tag at the end of a marker's text.

`[ct:3f2a9c01b7de k 88 250f]`: the first twelve digits of the mark's id, its state's first letter, its score, and its
length in frames where the format has points alone. `n5` at the end says that the first five characters of the text
are the name and the note follows. Whatever stands before the tag is the editor's to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import STATE_COLORS, Mark, Marker, MarkState, Timeline, clean_name
from circletake.timeline.stored import clean_note

ID_DIGITS = 12
"""Digits of an id that travel: two of a thousand marks share them once in half a billion projects."""

_TAG = re.compile(
    r"\s*\[ct:(?P<id>[0-9A-Za-z_-]{1,64}) (?P<state>[kpr])"
    r"(?: (?P<score>\d{1,3}(?:\.\d{1,3})?))?(?: (?P<frames>\d{1,9})f)?(?: n(?P<named>\d{1,4}))?\]"
)
_BETWEEN = ": "
"""What stands between name and note in one text."""

_STATES = {state.value[0]: state for state in MarkState}


@dataclass(frozen=True, slots=True)
class Tag:
    """What a marker's text says about the mark it stands for.

    `frames` is the mark's length at the timeline's rate; `named` how many characters of the text are its name, where
    the note follows in the same text.
    """

    id: str
    state: MarkState
    score: float | None = None
    frames: int | None = None
    named: int | None = None

    def __str__(self) -> str:
        """As it stands in a text."""
        score = "" if self.score is None else f" {round(self.score, 2):g}"
        frames = "" if self.frames is None else f" {self.frames}f"
        named = "" if self.named is None else f" n{self.named}"
        return f"[ct:{self.id} {self.state.value[0]}{score}{frames}{named}]"

    def parted(self, text: str) -> tuple[str, str]:
        """Name and note of a text that holds both; all of it is the name where no note was written."""
        if self.named is None:
            return text, ""
        if text[self.named : self.named + len(_BETWEEN)] == _BETWEEN:
            return text[: self.named], text[self.named + len(_BETWEEN) :]
        name, _, note = text.partition(_BETWEEN)  # somebody changed the name
        return name, note


def tag_of(mark: Mark, rate: Fraction) -> Tag:
    """The tag of a mark on a timeline of `rate`."""
    return Tag(mark.id[:ID_DIGITS], mark.state, mark.score, mark.range.duration.rescaled_to(rate).value)


def untagged(text: str) -> tuple[str, Tag | None]:
    """A text without its tag, and the tag; the text as it is where there is none."""
    match = _TAG.search(text)
    if match is None:
        return text, None
    score = float(match["score"]) if match["score"] else None
    tag = Tag(
        match["id"],
        _STATES[match["state"]],
        score if score is None or score <= 100 else None,
        int(match["frames"]) if match["frames"] else None,
        int(match["named"]) if match["named"] else None,
    )
    return (text[: match.start()] + text[match.end() :]).strip(), tag


def with_markers(timeline: Timeline, *, one_text: bool = False) -> Timeline:
    """The timeline with a tagged marker for each mark and no marks, as a writer takes it.

    `one_text` puts the note into the name too, for formats whose markers have a single text.
    """
    markers = (marker_of(mark, timeline.rate, one_text=one_text) for mark in timeline.marks)
    return replace(timeline, marks=(), markers=(*timeline.markers, *markers))


def marker_of(mark: Mark, rate: Fraction, *, one_text: bool = False) -> Marker:
    """A mark as another editor shows it: its name, then score, note and tag."""
    tag = tag_of(mark, rate)
    name = clean_name(mark.name) or "Mark"
    note = " ".join(mark.note.split())
    color = mark.color or STATE_COLORS[mark.state]
    if one_text and note:
        return Marker(mark.range, f"{name}{_BETWEEN}{note} {replace(tag, named=len(name))}", color=color)
    if one_text:
        return Marker(mark.range, f"{name} {tag}", color=color)
    return Marker(mark.range, name, " ".join(filter(None, (note, str(tag)))), color)


def adopted(timeline: Timeline) -> Timeline:
    """The timeline with a mark for each tagged marker, on it or on one of its clips; other markers stay.

    A marker that stands twice, as on a clip and on the timeline, gives one mark, the timeline's.
    """
    found: dict[str, Mark] = {}
    plain: list[Marker] = []
    for marker in timeline.markers:
        mark = _mark(marker, timeline.rate)
        if mark is None:
            plain.append(marker)
        elif mark.range.start_time.value >= 0:
            found.setdefault(mark.id, mark)
    known = {mark.id for mark in timeline.marks}
    marks = tuple(mark for mark in found.values() if mark.id not in known)
    if not found:
        return timeline
    return replace(timeline, marks=(*timeline.marks, *marks), markers=tuple(plain))


def _mark(marker: Marker, rate: Fraction) -> Mark | None:
    comment, tag = untagged(marker.comment)
    name, other = untagged(marker.name)
    tag = tag or other
    if tag is None:
        return None
    start = marker.range.start_time.rescaled_to(rate)
    frames = marker.range.duration.rescaled_to(rate).value
    length = frames if frames > 1 or tag.frames is None else tag.frames
    title, note = tag.parted(name) if other is not None and not comment else (name, comment)
    return Mark(
        id=tag.id,
        range=TimeRange(start, RationalTime(max(1, length), rate)),
        name=clean_name(title),
        state=tag.state,
        score=tag.score,
        source="" if tag.score is None else "marker",
        note=clean_note(note),
        color="" if marker.color == STATE_COLORS[tag.state] else marker.color,
    )


def merged(marks: Iterable[Mark], incoming: Iterable[Mark]) -> tuple[Mark, ...]:
    """Marks updated by those that came back from an editor: the same id moves and renames, a new one is added.

    An incoming id of `ID_DIGITS` digits means the mark whose id begins with it. What an editor cannot know (signals,
    the exact score) stays.
    """
    result = {mark.id: mark for mark in marks}
    by_start = {mark_id[:ID_DIGITS]: mark_id for mark_id in result}
    for each in incoming:
        own = result.get(each.id) or result.get(by_start.get(each.id[:ID_DIGITS], ""))
        result[own.id if own else each.id] = _updated(own, each) if own else each
    return tuple(result.values())


def _updated(own: Mark, incoming: Mark) -> Mark:
    changed = replace(
        own,
        range=incoming.range,
        name=incoming.name or own.name,
        note=incoming.note or own.note,
        state=incoming.state,
        strongest=own.strongest if own.strongest and incoming.range.contains(own.strongest) else None,
    )
    if incoming.color:
        changed = replace(changed, color=incoming.color)
    return own if changed == own else replace(changed, edited=True)
