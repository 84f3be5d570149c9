"""A CMX 3600 decision list, in the dialects editors write, as a timeline."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from circletake.errors import TimelineUnreadable, UsageError
from circletake.interchange.edl_lines import (
    BLACK,
    UNNAMED,
    Decisions,
    Event,
    Numbering,
    counted_on,
    day_of,
    invalid,
    midnights,
    numbering,
    parsed,
)
from circletake.interchange.edl_notes import Locator, Said, said_of
from circletake.interchange.format import Read, Source
from circletake.interchange.plain import text_of
from circletake.interchange.rows import Placement, tracks_of
from circletake.timebase import RationalTime, TimeRange, nominal_frames
from circletake.timeline.model import Clip, Marker, MediaReference, Timeline, TrackKind, clean_name
from circletake.timeline.report import Report

METADATA_KEY = "cmx_3600"
"""Where a clip keeps what its event says beside the cut. Source: OpenTimelineIO's adapter uses the same."""

MAX_LAYERS = 64
"""Most events that may lie over one another on one track."""

_SUFFIX = re.compile(r".*\.[A-Za-z0-9]{2,5}")
_CHANNEL = re.compile(r"A(\d{0,2})")
_PICTURE = re.compile(r"V(\d{0,2})|B")

_TRANSITIONS = {
    "D": "A dissolve is shown as a cut at its start.",
    "W": "A wipe is shown as a cut at its start.",
    "K": "A key lies on a track above what it covers, without its effect.",
}

_GENERATED = re.compile(r"\b(?:FROM|TO|KEY)? ?CLIP IS A (?:GENERATOR|STILL)\b", re.IGNORECASE)
_EFFECT = re.compile(r"(?:CLIP|VIDEO|AUDIO) FILTER|AVX\d? EFFECT|SPLIT:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class _Lain:
    """An event in frames: where it is recorded, from where in its source it is, and what is said about it."""

    event: Event
    said: Said
    start: int
    stop: int
    source: int
    source_stop: int


SPEED_PARTS = (1, 2, 3, 4, 5, 8, 10)
"""Speeds are mostly whole, halves or quarters, at finest tenths; simpler ones are tried first."""

_TENTH = Fraction(1, 10)


def read(source: Source) -> Read:
    """The cut; audio channels of an event as clips on audio tracks, keys above, empty events as gaps.

    Source times are timecodes of the media. The rate is `source.rate`, else guessed and said so.

    Raises:
        TimelineUnreadable: no decision list.
        TimelineInvalid: an event with impossible times; the line is named.
        UsageError: `source.rate` is no frame rate.
    """
    report = Report(source.path)
    decisions = parsed(text_of(source, report), source.path)
    numbers = numbers_of(decisions, source, report)
    lain = _lain(decisions, numbers)
    start = min(each.start for each in lain)
    end = max(each.stop for each in lain)
    rate = numbers.rate
    clips = {each: _clip(each, numbers, report) for each in _shown(lain, report)}
    kept, markers = _markers(lain, clips, (start, end), numbers, report)
    placements = [placed for each, clip in kept.items() for placed in _placements(each, clip, start, report)]
    _refuse_piles(placements, numbers)
    timeline = Timeline(
        name=decisions.title or clean_name(source.path.stem),
        rate=rate,
        tracks=tracks_of(placements),
        drop_frame=numbers.drop,
        global_start_time=RationalTime(start, rate),
        metadata=head_metadata(decisions),
        markers=markers,
    )
    return Read(timeline, report.sentences(), rate_guessed=source.rate is None)


def numbers_of(decisions: Decisions, source: Source, report: Report) -> Numbering:
    """How a list that has events counts.

    Raises:
        TimelineUnreadable: it has none.
        UsageError: `source.rate` is no frame rate.
    """
    if not decisions.groups:
        hint = "Export the list again as CMX 3600."
        raise TimelineUnreadable("there is no event in this decision list", hint=hint, path=source.path)
    try:
        numbers, guessed = numbering(decisions, source.rate, source.path)
    except ValueError as error:
        raise UsageError(str(error), hint="Name a frame rate such as 25 or 29.97.", path=source.path) from error
    if guessed:
        report.note(
            f"An EDL does not say its frame rate. It was read at {float(numbers.rate):.6g} frames a second, the lowest "
            "usual rate that has all of its numbers; choose another rate when you open it."
        )
    return numbers


def head_metadata(decisions: Decisions) -> dict[str, object]:
    """What stands before the first event."""
    comments = [clean_name(note.text.lstrip("*")) for note in decisions.head]
    return {METADATA_KEY: {"comments": comments}} if comments else {}


def _lain(decisions: Decisions, numbers: Numbering) -> list[_Lain]:
    """All events in frames; times after midnight count on."""
    found: list[_Lain] = []
    day = day_of(numbers.rate, drop=numbers.drop)
    for group in decisions.groups:
        for event, said in zip(group.events, said_of(group), strict=True):
            source, source_stop = (numbers.source(text, event) for text in event.times[:2])
            start, stop = (numbers.record(text, event.line) for text in event.times[2:])
            stop = counted_on(start, stop, source_stop - source, day)
            source_stop = counted_on(source, source_stop, stop - start, day)
            if stop < start:
                raise invalid("the event ends before it begins", numbers.path, event.place)
            found.append(_Lain(event, said, start, stop, source, source_stop))
    moves = midnights([(each.start, each.stop) for each in found], day)
    return [
        replace(each, start=each.start + by, stop=each.stop + by) if by else each
        for each, by in zip(found, moves, strict=True)
    ]


def _shown(lain: list[_Lain], report: Report) -> Iterator[_Lain]:
    """The events that show or sound; what a transition starts from has no length and needs no word."""
    for each in lain:
        if each.stop > each.start and each.event.reel.upper() not in BLACK:
            yield each
        elif each.event.transition != "C" and each.event.reel.upper() not in BLACK:
            report.note("An event without length is not shown.", each.event.place)


def _clip(lain: _Lain, numbers: Numbering, report: Report) -> Clip:
    event, said = lain.event, lain.said
    duration = RationalTime(lain.stop - lain.start, numbers.rate)
    speed = _speed(lain, numbers, report)
    start = _first_used(lain, speed, numbers)
    _tell_effects(event, said, report)
    reel = said.reel or event.reel
    name = said.name or _stem(said.file) or (reel if reel.upper() not in UNNAMED else "")
    url = _address(said, reel)
    media = MediaReference(url, name=name) if url else None
    return Clip(name, TimeRange(start, duration), media, _metadata(event, said, reel), speed)


def _tell_effects(event: Event, said: Said, report: Report) -> None:
    if event.transition not in ("C", "KB"):
        report.note(_TRANSITIONS[event.transition[0]], event.place)
    if said.colors:
        report.note("A colour correction (ASC CDL) is kept, but not shown.", event.place)
    if any(_EFFECT.match(comment) for comment in said.comments):
        report.note("An effect or a split delay is kept as text, but not shown.", event.place)


def _speed(lain: _Lain, numbers: Numbering, report: Report) -> Fraction:
    """Source frames a frame, as the list says; NTSC speeds such as 59.94 count against the exact rate."""
    said = lain.said
    if not said.speed:
        if said.freeze:
            return Fraction(0)
        if lain.source_stop - lain.source != lain.stop - lain.start:
            sentence = (
                "The source is longer or shorter than the place it is recorded at, and no speed is given. "
                "The recorded length counts, at normal speed."
            )
            report.note(sentence, lain.event.place)
        return Fraction(1)
    factor = _factor(Fraction(said.speed.lstrip("+-")), numbers.rate)
    return -factor if said.speed.startswith("-") else factor


def _factor(written: Fraction, rate: Fraction) -> Fraction:
    """The simplest share of the rate that is written as `written` frames a second, in tenths, cut off or rounded.

    047.9 at 23.976 is twice the speed, and so is 048.0: programs count by the exact rate or by the nominal one.
    """
    for parts in SPEED_PARTS:
        for base in (rate, Fraction(nominal_frames(rate))):
            factor = Fraction(round(written / base * parts), parts)
            if abs(factor * base - written) < _TENTH:
                return factor
    return written / nominal_frames(rate)


def _first_used(lain: _Lain, speed: Fraction, numbers: Numbering) -> RationalTime:
    """The earliest moment of the source that is used.

    A reversed event begins to play at its `M2` timecode and runs down from that frame. Source: CMX 3600 motion memory;
    Final Cut writes the same number as source in, others the last frame before source out.
    """
    start = RationalTime(lain.source, numbers.rate)
    if speed >= 0:
        return start
    first = lain.source
    if _is_timecode(lain.said.speed_at):
        first = max(first, numbers.source(lain.said.speed_at, lain.event))
    used = (lain.stop - lain.start) * -speed
    begin = Fraction(first + 1) - used
    if begin < 0:
        return start
    return RationalTime(begin.numerator, numbers.rate * begin.denominator)


def _is_timecode(text: str) -> bool:
    return len(re.findall("[:;]", text)) == 3


def _stem(file: str) -> str:
    return clean_name(file.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0])


def _address(said: Said, reel: str) -> str:
    """The file an event plays, as far as the list says: its file, or the name or reel that is one, or its tape."""
    if any(_GENERATED.search(comment) for comment in said.comments):
        return ""
    if said.file:
        return said.file
    files = (text for text in (said.name, reel) if _SUFFIX.fullmatch(text))
    tape = "" if reel.upper() in UNNAMED else reel
    return next(files, "") or (tape and (said.name or tape))


def _metadata(event: Event, said: Said, reel: str) -> dict[str, object]:
    """What the clip itself cannot say."""
    facts: dict[str, object] = {"reel": reel, **said.colors}
    if event.transition != "C":
        facts["transition"] = f"{event.transition} {event.length:03d}"
    if said.comments:
        facts["comments"] = list(said.comments)
    return {METADATA_KEY: facts}


def _placements(lain: _Lain, clip: Clip, origin: int, report: Report) -> Iterator[Placement]:
    """The clip on each track its channels name; its markers on the first."""
    start = RationalTime(lain.start - origin, clip.duration.rate)
    lanes = [*_lanes(lain)]
    if not lanes:
        report.note("An event on no track is left out.", lain.event.place)
    for count, (kind, lane) in enumerate(lanes):
        yield Placement(start, replace(clip, markers=()) if count and clip.markers else clip, kind, lane)


def _lanes(lain: _Lain) -> Iterator[tuple[TrackKind, int]]:
    """Track kinds and lanes: `AA/V` gives a picture and a pair of sounds, which count as one clip."""
    channels = lain.event.channels
    if channels == "NONE":
        return
    picture = _PICTURE.search(channels)
    if picture:
        above = 1 if lain.event.transition in ("K", "KO") else 0
        yield TrackKind.VIDEO, max(0, int(picture[1] or 1) - 1) + above
    numbers = [int(number or 1) for number in _CHANNEL.findall(channels)]
    numbers += lain.said.channels + ([1] if "B" in channels else [])
    for pair in sorted({(number - 1) // 2 for number in numbers if number}):
        odd = 2 * pair + 1
        yield TrackKind.AUDIO, odd if odd in numbers else odd + 1


def _refuse_piles(placements: list[Placement], numbers: Numbering) -> None:
    """Refuse more layers than any editor makes: each would be a track, and finding them takes the square of it.

    Raises:
        TimelineInvalid: there are more than `MAX_LAYERS`.
    """
    ends: dict[tuple[TrackKind, int], list[int]] = {}
    for each in sorted(placements, key=lambda placed: placed.start.value):
        row = ends.setdefault((each.kind, each.lane), [])
        while row and row[0] <= each.start.value:
            heapq.heappop(row)
        heapq.heappush(row, each.end.value)
        if len(row) > MAX_LAYERS:
            message = f"more than {MAX_LAYERS} events lie over one another"
            raise invalid(message, numbers.path, f'clip "{each.clip.name}"')


def _markers(
    lain: list[_Lain], clips: dict[_Lain, Clip], span: tuple[int, int], numbers: Numbering, report: Report
) -> tuple[dict[_Lain, Clip], tuple[Marker, ...]]:
    """The clips with the markers that count in their source, and those of the timeline."""
    own: list[Marker] = []
    day = day_of(numbers.rate, drop=numbers.drop)
    for each in lain:
        for locator in each.said.locators:
            at = numbers.record(locator.time, locator.line) if locator.time else each.start
            late = at + (each.stop - at) // day * day  # the last time before the event's end that is numbered so
            at = late if each.start <= late else at
            if not each.start <= at <= each.stop and each in clips and each.source <= at < each.source_stop:
                clip = clips[each]
                clips[each] = replace(clip, markers=(*clip.markers, marker_at(locator, at, numbers.rate)))
            elif at >= span[0]:
                own.append(marker_at(locator, at - span[0], numbers.rate))
            else:
                report.note("A locator before the start of the list is left out.", f"line {locator.line}")
    return clips, tuple(own)


def marker_at(locator: Locator, frame: int, rate: Fraction) -> Marker:
    """A locator as a marker."""
    span = TimeRange(RationalTime(frame, rate), RationalTime(locator.frames, rate))
    return Marker(span, locator.text, locator.comment, locator.color)
