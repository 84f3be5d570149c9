"""How a mark travels through another editor and is known again: a short tag at the end of a marker's text.

`[ct:3f2a9c01b7de k 88 250f]`: twelve digits that stand for the mark's id, its state's first letter, its score, and its
length in frames where the format has points alone. The digits are the first of the id where it begins with as many
hexadecimal ones and no other mark's does with the same, else the first of its SHA-256. `n5` at the end says that the
first five characters of the text are the name and the note follows. Whatever stands before the tag is the editor's to
change.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from circletake.interchange.lifting import on_timeline
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import STATE_COLORS, Clip, Item, Mark, Marker, MarkState, Timeline, Track, clean_name
from circletake.timeline.stored import clean_note

ID_DIGITS = 12
"""Digits of an id that travel: two of a thousand marks share them once in half a billion projects."""

UNNAMED = "Mark"
"""What a mark without a name is called in other tools."""

_TAG = re.compile(
    r"\s*\[ct:(?P<id>[0-9A-Za-z_-]{1,64}) (?P<state>[kpr])"
    r"(?: (?P<score>\d{1,3}(?:\.\d{1,3})?))?(?: (?P<frames>\d{1,9})f)?(?: n(?P<named>\d{1,4}))?\]"
)
_BETWEEN = ": "
"""What stands between name and note in one text."""

_OPENING, _HARMLESS = "[ct:", "[ct\u200b:"
"""How a tag begins, and the same with a space of no width, for a name or note that holds these characters itself."""

_HEX_ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}")

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


def tag_of(mark: Mark, rate: Fraction, tag_id: str | None = None) -> Tag:
    """The tag of a mark on a timeline of `rate`; `tag_id` where the usual one would not do."""
    frames = mark.range.duration.rescaled_to(rate).value
    return Tag(tag_id or _short(mark.id) or _digest(mark.id), mark.state, mark.score, frames)


def _short(mark_id: str) -> str:
    """The first digits of an id that begins with as many hexadecimal ones; else empty."""
    match = _HEX_ID.match(mark_id)
    return match[0] if match else ""


def _digest(mark_id: str) -> str:
    """As many digits of an id of any shape."""
    return hashlib.sha256(mark_id.encode("utf-8", "surrogatepass")).hexdigest()[:ID_DIGITS]


def untagged(text: str) -> tuple[str, Tag | None]:
    """A text without its tag, the last one in it, and the tag; the text as it is where there is none."""
    found = [*_TAG.finditer(text)]
    if not found:
        return text, None
    match = found[-1]
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
    return replace(timeline, marks=(), markers=(*timeline.markers, *markers_of(timeline, one_text=one_text)))


def markers_of(timeline: Timeline, *, one_text: bool = False) -> Iterator[Marker]:
    """A tagged marker for each mark; marks whose ids begin alike are told apart by digests of the whole id."""
    alike = Counter(_short(mark.id) for mark in timeline.marks)
    for mark in timeline.marks:
        tag_id = _digest(mark.id) if alike[_short(mark.id)] > 1 else None
        yield marker_of(mark, timeline.rate, one_text=one_text, tag_id=tag_id)


def marker_of(mark: Mark, rate: Fraction, *, one_text: bool = False, tag_id: str | None = None) -> Marker:
    """A mark as another editor shows it: its name, then note and tag. `tag_id` as in `tag_of`."""
    tag = tag_of(mark, rate, tag_id)
    name, note = _shown_texts(mark)
    color = mark.color or STATE_COLORS[mark.state]
    if one_text and note:
        return Marker(mark.range, f"{name}{_BETWEEN}{note} {replace(tag, named=len(name))}", color=color)
    if one_text:
        return Marker(mark.range, f"{name} {tag}", color=color)
    return Marker(mark.range, name, " ".join(filter(None, (note, str(tag)))), color)


def _shown_texts(mark: Mark) -> tuple[str, str]:
    """Name and note on one line each; what looks like a tag in them is none to a reader."""
    name, note = clean_name(mark.name) or UNNAMED, " ".join(mark.note.split())
    return name.replace(_OPENING, _HARMLESS), note.replace(_OPENING, _HARMLESS)


def adopted(timeline: Timeline) -> Timeline:
    """The timeline with a mark for each tagged marker, on it or on one of its clips where it shows.

    Other markers stay. A tag that stands more than once gives one mark, the timeline's before a clip's; what lies
    elsewhere, as on a copy of a clip, stays as a plain marker, and so does what begins before the timeline.
    """
    found: dict[str, Mark] = {}
    plain: list[Marker] = []
    for marker in timeline.markers:
        plain += _taken(marker, timeline.rate, found)
    tracks = tuple(_without_marks(track, timeline.rate, found, plain) for track in timeline.tracks)
    if not found and plain == [*timeline.markers]:
        return timeline
    known = {mark.id for mark in timeline.marks}
    marks = tuple(mark for mark in found.values() if mark.id not in known)
    return replace(timeline, tracks=tracks, marks=(*timeline.marks, *marks), markers=tuple(plain))


def _without_marks(track: Track, rate: Fraction, found: dict[str, Mark], plain: list[Marker]) -> Track:
    """The track without the tagged markers that its clips show."""
    items: list[Item] = []
    for placed, item in track.placed(rate):
        kept: list[Marker] = []
        for marker in item.markers if isinstance(item, Clip) else ():
            shown = on_timeline(marker, item, placed, rate) if isinstance(item, Clip) and _is_tagged(marker) else None
            if shown is None:
                kept.append(marker)
            else:
                plain += _taken(shown, rate, found)
        items.append(replace(item, markers=tuple(kept)) if isinstance(item, Clip) else item)
    return replace(track, items=tuple(items))


def _taken(marker: Marker, rate: Fraction, found: dict[str, Mark]) -> list[Marker]:
    """Take a marker's mark; gives what stays of the marker beside it."""
    mark = _mark(marker, rate)
    if mark is None:
        return [marker]
    first = found.get(mark.id)
    if first is None and mark.range.start_time.value >= 0:
        found[mark.id] = mark
        return []
    if first is not None and first.range.end_time_exclusive == mark.range.start_time:  # a clip cut in two
        whole = TimeRange(first.range.start_time, first.range.duration + mark.range.duration)
        found[mark.id] = replace(first, range=whole)
        return []
    if first is not None and first.range.touches(mark.range):
        return []
    return [replace(marker, name=untagged(marker.name)[0], comment=untagged(marker.comment)[0])]


def _is_tagged(marker: Marker) -> bool:
    return any(untagged(text)[1] is not None for text in (marker.name, marker.comment) if _OPENING in text)


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
        name=clean_name(title.replace(_HARMLESS, _OPENING)),
        state=tag.state,
        score=tag.score,
        source="" if tag.score is None else "marker",
        note=clean_note(note.replace(_HARMLESS, _OPENING)),
        color="" if marker.color == STATE_COLORS[tag.state] else marker.color,
    )


def mark_finder(marks: Iterable[Mark]) -> Callable[[str], Mark | None]:
    """What finds the mark that an incoming id means: that id itself, or the one it is the tag of.

    The first digits count where they mean one mark alone.
    """
    by_id = {mark.id: mark for mark in marks}
    alike = Counter(map(_short, by_id))
    by_tag = {_short(each): mark for each, mark in by_id.items() if alike[_short(each)] == 1}
    by_tag.pop("", None)
    by_tag |= {_digest(each): mark for each, mark in by_id.items()}

    def find(mark_id: str) -> Mark | None:
        own = by_id.get(mark_id) or by_tag.get(mark_id)
        whole = by_tag.get(_short(mark_id))  # of a mark that was itself read from a tag
        return own or (whole if whole and whole.id == _short(mark_id) else None)

    return find


def merged(marks: Iterable[Mark], incoming: Iterable[Mark]) -> tuple[Mark, ...]:
    """Marks updated by those that came back from an editor: a known one moves and renames, a new one is added.

    What an editor cannot know (signals, the exact score) stays. So does a name or note that came back empty: many
    editors drop texts, and a note deleted there is one click here, while a lost one is lost.
    """
    result = {mark.id: mark for mark in marks}
    find = mark_finder(result.values())
    for each in incoming:
        own = find(each.id)
        result[own.id if own else each.id] = _updated(result[own.id], each) if own else each
    return tuple(result.values())


def _updated(own: Mark, incoming: Mark) -> Mark:
    sent = own.range.rescaled_to(incoming.range.start_time.rate)
    span = own.range if sent == incoming.range else incoming.range
    name, note = (text.replace(_HARMLESS, _OPENING) for text in _shown_texts(own))
    changed = replace(
        own,
        range=span,
        name=incoming.name if incoming.name not in ("", name) else own.name,
        note=incoming.note if " ".join(incoming.note.split()) not in ("", note) else own.note,
        state=incoming.state,
        strongest=own.strongest if own.strongest and span.contains(own.strongest) else None,
    )
    if incoming.color:
        changed = replace(changed, color=incoming.color)
    return own if changed == own else replace(changed, edited=True)
