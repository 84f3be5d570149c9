"""Marks of a file laid on the open cut: what came back from an editor, or a list of times.

A file that holds the same cut has its marks where ours are. Another cut of the same media (the picks, trimmed and
reordered in the editor) has them elsewhere; each mark is then looked up by the media it shows.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise

from circletake.interchange.format import Feature, Format, Kind, ReadFile
from circletake.interchange.lifting import lifted, shown_markers
from circletake.interchange.tags import mark_finder
from circletake.interchange.uses import (
    Media,
    MediaIndex,
    Medium,
    TimeIndex,
    Use,
    all_uses,
    media_of,
    starts_of,
    uses_shown,
)
from circletake.timebase import RationalTime, TimeRange, round_fraction
from circletake.timeline.model import Mark, Marker, Timeline, TrackKind, clean_name
from circletake.timeline.stored import clean_note

_ID_SPACE = uuid.UUID("b5d0a1f2-6a52-5c0e-8a56-4f0a9d5b7e11")

_SPEEDS = frozenset((Feature.SPEED, Feature.REVERSE, Feature.FREEZE))
_TEXTS = frozenset((Feature.MARKER_NAMES, Feature.MARKER_COMMENTS))

_LOST = "what it marks is not in {own}, so it is left out."
_DOUBTFUL = "{own} has several files of the name of what it marks, so it is left out."
_REPEATED = "what it marks is in {own} more than once; it lies where that comes first."


@dataclass(frozen=True, slots=True)
class Laid:
    """Marks in the open cut's time, and sentences about those that found no place in it, or more than one."""

    marks: tuple[Mark, ...]
    warnings: tuple[str, ...] = ()


def lay(file: ReadFile, own: Timeline) -> Laid:
    """The marks and markers of a file as marks on the cut `own`; ten thousand clips take up to a second.

    A mark that `own` knows keeps its state, unless the file is of a kind in which it is decided: what a tag says was
    true when it was written. Markers without our id become proposals with an id made of what they say, so that reading
    a file twice gives the same marks twice, with what was made of them here since. Those that `own` shows as markers
    with the same text on the same frame are left out, since they came from there.
    """
    theirs, form = file.read.timeline, file.form
    way = _Way(file, own)
    find = mark_finder(own.marks)
    laid = []
    for mark in theirs.marks:
        known = find(mark.id)
        placed = way.place(mark, known)
        if placed is not None:
            state = known.state if known and not (form.marks_inside or form.decides) else mark.state
            laid.append(replace(mark, range=placed, strongest=None, state=state))
    shown = {(_frame(marker.range, own), text) for marker in shown_markers(own) for text in _texts(marker, form)}
    for marker in shown_markers(theirs):
        mark = _of_marker(marker, theirs.rate)
        known = find(mark.id)
        if known is not None:
            laid.append(known)
            continue
        placed = way.place(mark, None)
        if placed is not None and (_frame(placed, own), _text(marker, form)) not in shown:
            laid.append(replace(mark, range=placed))
    return Laid(tuple(laid), tuple(way.told()))


def markers_as_marks(timeline: Timeline) -> Timeline:
    """The timeline with a proposal for each marker on it or on a clip where it shows; no markers are left."""
    known = {mark.id for mark in timeline.marks}
    plain = lifted(timeline)
    found = (_of_marker(marker, timeline.rate) for marker in plain.markers)
    whole = _whole(timeline)
    placed = ((mark, _on(whole, mark.range)) for mark in found if mark.id not in known)
    marks = {mark.id: replace(mark, range=span) for mark, span in placed if span is not None}
    return replace(plain, markers=(), marks=(*timeline.marks, *marks.values()))


def _of_marker(marker: Marker, rate: Fraction) -> Mark:
    """A proposal where a marker lies, at least one frame long; always with the same id."""
    start = marker.range.start_time
    length = max(marker.range.duration, RationalTime(1, rate))
    facts = [marker.name, marker.comment, str(start.seconds), str(length.seconds)]
    name = clean_name(marker.name) or clean_name(marker.comment) or "Marker"
    return Mark(
        id=uuid.uuid5(_ID_SPACE, json.dumps(facts)).hex,
        range=TimeRange(start, length),
        name=name,
        note=clean_note(marker.comment) if marker.name else "",
        color=marker.color,
    )


def _frame(span: TimeRange, own: Timeline) -> int:
    return span.start_time.rescaled_to(own.rate).value


def _text(marker: Marker, form: Format) -> tuple[str, str]:
    """What a marker of a file says: name and comment, in one where the format does not keep both apart."""
    name, comment = (" ".join(text.split()) for text in (marker.name, marker.comment))
    if form.carries.wholly >= _TEXTS:
        return name, comment
    return (f"{name}: {comment}" if name and comment else name or comment), ""


def _texts(marker: Marker, form: Format) -> set[tuple[str, str]]:
    """What a marker of ours may say in a file: all of it, or its name alone where comments are lost."""
    whole, name = _text(marker, form), " ".join(marker.name.split())
    return {whole} if form.carries.wholly >= _TEXTS or not name else {whole, (name, "")}


def _whole(own: Timeline) -> TimeRange:
    return TimeRange(RationalTime.zero(own.rate), own.duration)


def _on(whole: TimeRange, span: TimeRange) -> TimeRange | None:
    """The part of `span` that lies on the cut, on its frames."""
    rate = whole.start_time.rate
    placed = span.rescaled_to(rate)
    long_enough = TimeRange(placed.start_time, max(placed.duration, RationalTime(1, rate)))
    return long_enough.intersection(whole)


@dataclass(frozen=True, slots=True)
class _Found:
    """A stretch of the file's cut and where the open cut shows its media, in seconds."""

    theirs: Use
    start: Fraction
    end: Fraction


class _Way:
    """From places of a file's cut to places of the open one."""

    def __init__(self, file: ReadFile, own: Timeline) -> None:
        theirs, self._own = file.read.timeline, own
        self._whole = _whole(own)
        self._told: dict[str, list[str]] = {_LOST: [], _DOUBTFUL: [], _REPEATED: []}
        media = Media(media_of(own))
        self._like = {each: media.like(each) for each in media_of(theirs)}
        self._seen = cache(partial(uses_shown, theirs))
        self._starts = starts_of(own) if file.form.sources_count_timecode else {}
        self._theirs: dict[TrackKind, TimeIndex] = {}
        self._ours: dict[TrackKind, MediaIndex] = {}
        self._in_place = file.form.kind is Kind.LIST or self._is_same_cut(file.form)

    def place(self, mark: Mark, known: Mark | None) -> TimeRange | None:
        """Where a mark of the file lies on the open cut; None, and told, where it shows nothing of it."""
        doubts: set[str] = set()
        found = mark.range if self._in_place else self._by_media(mark, known, doubts)
        placed = found and _on(self._whole, found)
        if placed is None:
            self._told[_DOUBTFUL if _DOUBTFUL in doubts else _LOST].append(mark.name)
        elif _REPEATED in doubts:
            self._told[_REPEATED].append(mark.name)
        return placed

    def told(self) -> Iterator[str]:
        """Sentences about marks that found no place, or more than one."""
        for sentence, names in self._told.items():
            if names:
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                yield f'"{names[0]}"{more}: {sentence.format(own=self._own.name)}'

    def _is_same_cut(self, form: Format) -> bool:
        """Tell whether both show the same of the same media in the same places; a cut without clips says nothing else.

        Sources that count by timecode are compared with each other, since where their media start may not be known.
        """
        theirs = self._seen(TrackKind.VIDEO) or self._seen(TrackKind.AUDIO)
        ours = uses_shown(self._own, TrackKind.VIDEO) or uses_shown(self._own, TrackKind.AUDIO)
        if not theirs:
            return True
        offsets: dict[Medium, Fraction] = {}
        if form.sources_count_timecode:
            for one, other in zip(theirs, ours, strict=False):
                offsets.setdefault(one.medium, one.first - other.first)
        pairs = zip(theirs, ours, strict=False)
        return len(theirs) == len(ours) and all(
            one == other
            or (
                self._is_same(one, other, offsets.get(one.medium, Fraction(0)))
                and (one.speed == other.speed or not form.carries.wholly >= _SPEEDS)
            )
            for one, other in pairs
        )

    def _is_same(self, theirs: Use, own: Use, offset: Fraction) -> bool:
        """Tell whether two uses are the same, on whole frames; a retimed one begins on frames of its own."""
        rate = self._own.rate
        apart = abs(round_fraction((theirs.first - offset) * rate) - round_fraction(own.first * rate))
        return (
            (own.medium in self._like[theirs.medium] or own.medium == theirs.medium)
            and round_fraction(theirs.start * rate) == round_fraction(own.start * rate)
            and round_fraction(theirs.end * rate) == round_fraction(own.end * rate)
            and apart <= (0 if own.speed == 1 else max(Fraction(1), abs(own.speed)))
        )

    def _by_media(self, mark: Mark, known: Mark | None, doubts: set[str]) -> TimeRange | None:
        """Where the open cut shows the media under a mark: the earliest moment of it, as long as its media lasts there.

        A mark that is known goes where its media are shown nearest to where it was.
        """
        start, end = mark.range.start_time.seconds, mark.range.end_time_exclusive.seconds
        near = known.range.start_time.seconds if known else None
        for kind in (TrackKind.VIDEO, TrackKind.AUDIO):
            if kind not in self._theirs:
                self._theirs[kind] = TimeIndex(self._seen(kind))
                self._ours[kind] = MediaIndex(all_uses(self._own, kind))
            found: list[_Found] = []
            for piece in self._theirs[kind].under(start, end):
                wanted = found[-1].end if found else near if near is None else near + piece.start - start
                place = self._shown(piece, kind, wanted, doubts)
                found += [place] if place else []
            if found:
                return self._joined(found, start, end)
        return None

    def _joined(self, found: list[_Found], start: Fraction, end: Fraction) -> TimeRange:
        """One stretch over what was found, where it follows each other here too; else as long as it was."""
        first = found[0].start - (found[0].theirs.start - start)
        last = found[-1].end + end - found[-1].theirs.end
        apart = max(
            (abs(b.start - a.end - (b.theirs.start - a.theirs.end)) for a, b in pairwise(found)), default=Fraction(0)
        )
        last = last if apart < 1 / self._own.rate else first + end - start
        return TimeRange.from_seconds(first, last, self._own.rate)

    def _shown(self, piece: Use, kind: TrackKind, wanted: Fraction | None, doubts: set[str]) -> _Found | None:
        """Where the open cut shows a piece: nearest to `wanted`, else where it first shows all of it."""
        like = self._like[piece.medium]
        if len(like) > 1:
            doubts.add(_DOUBTFUL)
        if len(like) != 1:
            return None
        offset = self._starts.get(like[0], Fraction(0))
        first, last = piece.first - offset, piece.last - offset
        spare = Fraction(1, 2) / self._own.rate
        uses = [use for use in self._ours[kind].of(like[0], first, last) if use.speed or last - first < 3 * spare]
        if not uses:
            return None
        whole = [use for use in uses if use.first - spare <= first and last <= use.last + spare]
        if not whole:
            whole = [max(uses, key=lambda use: min(use.last, last) - max(use.first, first))]
        places = [_found(piece, use, first, last, wanted) for use in whole]
        if wanted is not None:
            return min(places, key=lambda place: abs(place.start - wanted))
        if len(places) > 1:
            doubts.add(_REPEATED)
        return places[0]


def _found(piece: Use, use: Use, first: Fraction, last: Fraction, wanted: Fraction | None) -> _Found:
    """Where a use shows the media of a piece; what is held lasts as long as it does in the file."""
    length = piece.end - piece.start
    start, end = use.shows(first, last)
    if not use.speed:
        start = use.start if wanted is None else max(use.start, min(wanted, use.end - length))
    return _Found(piece, start, start + length if not use.speed or not piece.speed else end)
