"""MLT's XML as a graph: who stands for what, and how long. The engine of Kdenlive and Shotcut reads files the same way.

Services (consumers, filters, web pages, generators) are names here; none is started and no file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

from circletake.errors import TimelineUnreadable
from circletake.interchange.format import Source
from circletake.interchange.xml import Element, line_of, parse
from circletake.timebase import exact_rate, round_fraction
from circletake.timeline.report import Report

MAX_FRAMES = 2**40
"""Largest count of frames believed: a thousand years at 30 a second."""

MAX_PLAYED = 400_000
"""Most entries looked at, counted again each time their playlist is, half a second of work: an entry may ask to be
played often, and a playlist may be used often."""

MAX_NESTING = 60
"""Deepest nesting of sequences by name; Kdenlive's own test projects stay below 5."""

DEFAULT_RATE = Fraction(25)
"""What MLT plays a file without a profile at. Source: MLT, `mlt_profile_init`, `dv_pal`."""

DEFAULT_LENGTH = 15_000
"""Frames of a producer that names no length. Source: MLT, `mlt_producer_init`."""

LEAVES = ("producer", "chain")
"""Elements that are a medium or a generator; playlists and tractors are made of others."""

_NODES = (*LEAVES, "playlist", "tractor")
_FRAMES = re.compile(r"-?\d{1,15}")
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6})(?:[.,](\d{1,9})\d{0,20})?")
_TIMECODE = re.compile(r"(\d{1,6}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})")


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of `node`: from its frame `first` on, `length` frames; `at` is the entry or track that asks for it."""

    node: Element | None
    first: int
    length: int
    at: Element


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing, for `length` frames."""

    length: int


class Graph:
    """A file's elements by name. `folder` is the `root` that relative addresses were written against."""

    def __init__(self, source: Source, report: Report) -> None:
        self.report = report
        self.root = parse(source.data, source.path)
        if self.root.tag != "mlt":
            message = "this is XML, but no MLT project"
            raise TimelineUnreadable(message, hint="Open the project file itself.", path=source.path, place="line 1")
        self.folder = self.root.get("root", "")
        self.rate = self._rate(source)
        self._named = {name: each for each in self.root.iter() if _is_node(each) and (name := each.get("id"))}
        self._properties: dict[Element, dict[str, str]] = {}
        self._playtimes: dict[Element, int] = {}
        self._measured: list[Element] = []
        self._played = 0

    def _rate(self, source: Source) -> Fraction:
        profile = self.root.find("profile")
        if profile is None and source.rate is None:
            self.report.note(f"The file names no frame rate; it is read at {DEFAULT_RATE}, as MLT plays it.")
            return DEFAULT_RATE
        try:
            if profile is None:
                return exact_rate(source.rate or "")
            return exact_rate(f"{profile.get('frame_rate_num', '')}/{profile.get('frame_rate_den', '1')}")
        except ValueError as error:
            raise self.report.invalid(str(error), line_of(profile if profile is not None else self.root)) from error

    def properties(self, node: Element) -> dict[str, str]:
        """The texts of an element's own properties, by name."""
        known = self._properties.get(node)
        if known is None:
            known = {each.get("name", ""): each.text or "" for each in node.findall("property")}
            self._properties[node] = known
        return known

    def named(self, name: str) -> Element | None:
        """The producer, playlist or tractor of that name."""
        return self._named.get(name)

    def of(self, reference: Element) -> Element | None:
        """What an entry or a track stands for: the element it names or holds; None where there is none."""
        name = reference.get("producer")
        if name is not None:
            return self._named.get(name)
        return next((each for each in reference if _is_node(each)), None)

    def tractors(self) -> list[Element]:
        """The tractors that lie in the file itself, in its order."""
        return [each for each in self.root if each.tag == "tractor"]

    def tracks(self, tractor: Element) -> list[Element]:
        """The references of a tractor, from the lowest up."""
        inside = tractor.find("multitrack")
        return (tractor if inside is None else inside).findall("track")

    def frames(self, text: str | None, place: Element, default: int = 0) -> int:
        """A time in frames: written as frames, as a clock or as timecode.

        Raises:
            TimelineInvalid: none of these, or beyond `MAX_FRAMES`.
        """
        if text is None or not text.strip():
            return default
        frames = _frames(text.strip(), self.rate)
        if frames is None or abs(frames) > MAX_FRAMES:
            raise self.report.invalid(f"{text[:40]!r} is no time", line_of(place))
        return frames

    def row(self, playlist: Element) -> Iterator[Cut | Blank]:
        """What a playlist plays, one after the other."""
        for each in playlist:
            if each.tag == "blank":
                yield Blank(max(0, self.frames(each.get("length"), each)))
            elif each.tag == "entry":
                cut = self.cut(each)
                repeats = max(1, self.frames(each.get("repeat"), each, 1))
                self._played += repeats
                if self._played > MAX_PLAYED:
                    raise self.report.invalid(f"more than {MAX_PLAYED:,} clips are played", line_of(each))
                yield from [cut] * repeats

    def cut(self, reference: Element) -> Cut:
        """The stretch an entry or a track asks for; a stretch of a stretch counts from the outer one's start."""
        node = self.of(reference)
        asked = self.frames(reference.get("in"), reference)
        last = self.frames(reference.get("out"), reference, -1)
        if reference.get("out") is None and node is not None:
            last = self.playtime(node) - 1
        own = 0 if node is None else self.frames(node.get("in"), node)
        first = own + asked
        if first < 0:
            raise self.report.invalid("a clip begins before its medium does", line_of(reference))
        return Cut(node, first, max(0, last - asked + 1), reference)

    def playtime(self, node: Element) -> int:
        """Frames that a producer, playlist or tractor plays.

        Raises:
            TimelineInvalid: it contains itself, or is nested too deep.
        """
        if node not in self._playtimes:
            self.check_nesting(node, self._measured)
            self._measured.append(node)
            self._playtimes[node] = self._measure(node)
            self._measured.pop()
        return self._playtimes[node]

    def check_nesting(self, node: Element, inside: list[Element]) -> None:
        """Refuse `node` in the elements it lies `inside` where it is one of them, or they are too many.

        Raises:
            TimelineInvalid: one of both.
        """
        if node in inside:
            raise self.report.invalid("a sequence contains itself", line_of(node))
        if len(inside) >= MAX_NESTING:
            raise self.report.invalid(f"sequences are nested more than {MAX_NESTING} deep", line_of(node))

    def _measure(self, node: Element) -> int:
        if node.get("out") is not None:
            return max(0, self.frames(node.get("out"), node) - self.frames(node.get("in"), node) + 1)
        if node.tag == "playlist":
            return sum(each.length for each in self.row(node))
        if node.tag == "tractor":
            return max((self.cut(track).length for track in self.tracks(node)), default=0)
        length = self.frames(self.properties(node).get("length"), node, DEFAULT_LENGTH)
        return max(0, length - self.frames(node.get("in"), node))


def is_leaf(node: Element) -> bool:
    """Tell whether it is a medium or a generator, and not made of other elements."""
    return node.tag in LEAVES


def _is_node(element: object) -> TypeGuard[Element]:
    return isinstance(element, Element) and element.tag in _NODES


def _frames(text: str, rate: Fraction) -> int | None:
    """Frames of a text; a clock means the nearest frame, as MLT has it."""
    if _FRAMES.fullmatch(text):
        return int(text)
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds, part = match.groups(default="0")
        whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        return round_fraction((whole + Fraction(int(part), 10 ** len(part))) * rate)
    if match := _TIMECODE.fullmatch(text):
        hour, minute, second, frame = (int(part) for part in match.groups())
        return ((hour * 60 + minute) * 60 + second) * round_fraction(rate) + frame
    return None
