"""The lines of a CMX 3600 decision list as events and what is said about them, and its timecodes as frame numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from circletake.errors import TimelineInvalid
from circletake.interchange.plain import MAX_ENTRIES
from circletake.timebase import exact_rate, from_timecode, may_drop_frames, nominal_frames
from circletake.timeline.model import clean_name

BLACK = ("BL", "BLK", "BLACK")
"""Reels that mean an empty picture. Source: CMX 3600 format, field 2, and Avid's and Edius's lists."""

UNNAMED = ("AX", "")
"""Reels that name no tape: AX is the auxiliary source, which editors write for any file."""

USUAL_RATES = (24, 25, 30, 50, 60)
"""What a list without dropped frames may run at, the slowest first."""

MAX_NOTES = 1000
"""Most lines kept that tell about one event."""

_TIMECODE = re.compile(r"-?\d{1,3}[:;]\d{1,2}[:;]\d{1,2}[:;.,]\d{1,3}")
_LOCATED = re.compile(r"\bLOC\b:?\s*(\d{1,3}[:;]\d{1,2}[:;]\d{1,2}[:;.,]\d{1,3})")
_TRANSITION = re.compile(r"C|D|W\d{1,4}|K[BO]?")
_NUMBER = re.compile(r"\d{3,6}")
_LENGTH = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Event:
    """One edit as written: `times` are source in, source out, record in, record out.

    `transition` is C, D, W with its number, K, KB or KO; `length` its frames. `drop` is what the last `FCM` line above
    says about the numbering, None where there is none.
    """

    line: int
    number: str
    reel: str
    channels: str
    transition: str
    length: int
    times: tuple[str, str, str, str]
    drop: bool | None

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Note:
    """A line that is no event."""

    line: int
    text: str


@dataclass(slots=True)
class Group:
    """Events of one number that follow each other, and the lines below that tell about them."""

    events: list[Event] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Decisions:
    """A whole list as written. `drop` is what the first `FCM` line says, None where there is none."""

    title: str = ""
    drop: bool | None = None
    head: list[Note] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """All of them, as they stand."""
        return (event for group in self.groups for event in group.events)


def parsed(text: str, path: Path) -> Decisions:
    """The list as written; timecodes are not yet looked at.

    Raises:
        TimelineInvalid: a line that begins as an event does and is none; too many of them.
    """
    decisions = Decisions()
    mode: bool | None = None
    count = 0
    for number, raw in enumerate(io.StringIO(text), 1):
        line = raw.strip(" \t\n\x1a\ufeff")
        word = line[:6].upper()
        if not line:
            continue
        if word == "TITLE:":
            decisions.title = decisions.title or clean_name(line[6:])
        elif word.startswith("FCM:"):
            mode = "NON" not in line[4:].upper()
            decisions.drop = mode if decisions.drop is None else decisions.drop
        else:
            event = _event(line, number, mode, path)
            count += event is not None
            _add(decisions, event or Note(number, line))
        if count > MAX_ENTRIES:
            raise invalid(f"there are more than {MAX_ENTRIES:,} events", path, f"line {number}")
    return decisions


def _add(decisions: Decisions, found: Event | Note) -> None:
    group = decisions.groups[-1] if decisions.groups else None
    if isinstance(found, Note):
        notes = group.notes if group else decisions.head
        if len(notes) < MAX_NOTES:
            notes.append(found)
    elif group is None or group.notes or group.events[0].number != found.number:
        decisions.groups.append(Group([found]))
    else:
        group.events.append(found)


def _event(line: str, number: int, mode: bool | None, path: Path) -> Event | None:  # noqa: FBT001 - what FCM says
    """The event on a line; None where the line is something else."""
    words = line.split()
    if line[0] == "*" or "|C:" in line or words[0] in ("M2", ">>>"):
        return None
    times = [word for word in words[-4:] if _TIMECODE.fullmatch(word)]
    if len(times) == 4 and len(words) >= 7:
        found = _described(words[1:-4])
        if found:
            reel, channels, transition, length = found
            source_in, source_out, record_in, record_out = times
            columns = (source_in, source_out, record_in, record_out)
            return Event(number, words[0], reel, channels, transition, length, columns, mode)
    if len(times) >= 2 and _NUMBER.fullmatch(words[0]):
        raise invalid("this event is not whole", path, f"line {number}")
    return None


def _described(words: list[str]) -> tuple[str, str, str, int] | None:
    """Reel, channels, transition and its length, from the words between number and times."""
    rest = [*words]
    length = int(rest.pop()) if len(rest) > 2 and _LENGTH.fullmatch(rest[-1]) else 0
    if len(rest) > 2 and rest[-1].upper() in ("B", "O") and rest[-2].upper() == "K":
        rest[-2:] = [f"K{rest[-1]}"]
    if len(rest) < 2 or not _TRANSITION.fullmatch(rest[-1].upper()):
        return None
    return clean_name(" ".join(rest[:-2])), rest[-2].upper(), rest[-1].upper(), length


def invalid(message: str, path: Path, place: str) -> TimelineInvalid:
    """The error for what stands on a line."""
    hint = "Correct the line in a text editor, or export the list again from the tool that made it."
    return TimelineInvalid(message, hint=hint, path=path, place=place)


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a list's timecodes count: its rate, and whether a colon may stand for dropped frames.

    Editors that mark dropped frames by semicolons mean whole numbering by colons; others leave it to the `FCM` lines.
    """

    path: Path
    rate: Fraction
    marked: bool
    drop: bool

    def source(self, text: str, event: Event) -> int:
        """The frame number of a source timecode.

        Raises:
            TimelineInvalid: no such timecode at this rate.
        """
        return self._frames(text, bool(event.drop), event.line)

    def record(self, text: str, line: int) -> int:
        """The frame number of a record timecode.

        Raises:
            TimelineInvalid: no such timecode at this rate.
        """
        return self._frames(text, self.drop, line)

    def _frames(self, text: str, said: bool, line: int) -> int:  # noqa: FBT001 - what FCM says
        colon_drops = said and not self.marked and may_drop_frames(self.rate)
        try:
            return _number(text, self.rate, colon_drops)
        except ValueError as error:
            problem = invalid(str(error), self.path, f"line {line}")
            if "out of range" in str(error):
                problem.hint = "If the list runs at a higher rate, choose that when you open it; else correct the line."
            raise problem from error


@lru_cache(maxsize=4096)
def _number(text: str, rate: Fraction, colon_drops: bool) -> int:  # noqa: FBT001 - a key of the cache
    if text.startswith("-"):
        raise ValueError(f"{text!r} lies before zero")
    hours, minutes, seconds, frame = re.split("[:;.,]", text)
    mark = ";" if colon_drops or ";" in text or "," in text else ":"
    return from_timecode(f"{hours}:{minutes:0>2}:{seconds:0>2}{mark}{frame:0>2}", rate).value


def numbering(decisions: Decisions, asked: float | str | None, path: Path) -> tuple[Numbering, bool]:
    """How the list's timecodes count, and whether its rate had to be guessed.

    Raises:
        ValueError: `asked` is no rate.
    """
    times = [text for event in decisions.events() for text in event.times]
    marked = any(";" in text or "," in text for text in times)
    drops = marked or any(event.drop for event in decisions.events())
    rate = _guessed([*times, *_located(decisions)], drops=drops) if asked is None else exact_rate(asked)
    records = [text for event in decisions.events() for text in event.times[2:]]
    drop = any(";" in text or "," in text for text in records) if marked else bool(decisions.drop)
    return Numbering(path, rate, marked, drop and may_drop_frames(rate)), asked is None


def _located(decisions: Decisions) -> Iterator[str]:
    """Timecodes of locators, which count as the list does."""
    notes = (note for group in decisions.groups for note in group.notes)
    return (match[1] for note in notes if (match := _LOCATED.search(note.text)))


def _guessed(times: list[str], *, drops: bool) -> Fraction:
    """The lowest usual rate that has every frame number."""
    highest = max((int(re.split("[:;.,]", text)[-1]) for text in times), default=0)
    if drops:
        return Fraction(30000, 1001) if highest < 30 else Fraction(60000, 1001)
    return Fraction(next((rate for rate in USUAL_RATES if highest < rate), USUAL_RATES[-1]))


def counted_on(start: int, stop: int, length: int, day: int) -> int:
    """`stop` of a stretch that begins at `start`, a `day` later where it lies after midnight.

    It does where it is more than half a day early, or where the stretch then has the `length` known from elsewhere.
    """
    is_over = stop < start and (start - stop > day // 2 or (stop - start - length) % day == 0)
    return stop + day if is_over else stop


def midnights(spans: Sequence[tuple[int, int]], day: int) -> list[int]:
    """By how much each of the stretches, as they follow each other in a list, is to be moved: whole days.

    Each begins as near as can be to where the one before begins or ends. A list that is in no order of time then goes
    back at most once: what begins more than half a day before its first event is of the next day.
    """
    moves: list[int] = []
    last = spans[:1]
    for start, stop in spans:
        ends = [end for span in last for end in span]
        now = moves[-1] if moves else 0
        move = min((now, now + day, now - day), key=lambda by: min(abs(start + by - end) for end in ends))
        moves.append(move)
        last = [(start + move, stop + move)]
    starts = [start + move for (start, _), move in zip(spans, moves, strict=True)]
    if starts == sorted(starts):
        return moves
    return [day if start < spans[0][0] - day // 2 else 0 for start, _ in spans]


def day_of(rate: Fraction, *, drop: bool) -> int:
    """Frames in 24 hours of timecode."""
    nominal = nominal_frames(rate)
    return nominal * 86_400 - (nominal // 15 * (24 * 60 - 24 * 6) if drop else 0)
