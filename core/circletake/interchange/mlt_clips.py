"""MLT's producers as clips: which medium, which stretch of it, how fast."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import PurePosixPath
from types import MappingProxyType

from circletake.interchange.mlt_read import Cut, Graph
from circletake.interchange.xml import Element, line_of
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Marker, MediaReference, TrackKind, clean_name

MAX_SPEED = 10_000
"""Fastest speed believed; Kdenlive's dialog ends at 100 times."""

TITLES = frozenset(("kdenlivetitle", "pango", "qtext", "dynamictext", "subtitle", "glaxnimate", "webvfx"))
"""Services that draw over what lies below them."""

COLORS = frozenset(("color", "colour"))
IMAGES = frozenset(("qimage", "pixbuf"))
PROJECTS = frozenset(("xml", "xml-nogl", "consumer"))
FILMS = frozenset(("", "timewarp", "avformat", "avformat-novalidate", "loader", "loader-nogl", "vorbis", *PROJECTS))
"""Services that play a file, with picture, sound or both; no service at all means that the file decides."""

OWN_FILTERS = "237"
"""What `internal_added` is on filters and transitions that Kdenlive adds to every project."""

_SOUND_SUFFIXES = frozenset(
    (".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma", ".ac3")
)
_SPEED = re.compile(r"[+-]?(\d{1,9})(\.\d{1,30})?")
_STREAM = re.compile(r"meta\.media\.\d{1,4}\.stream\.type")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:")


@dataclass(frozen=True)
class Known:
    """What the editor's bin knows of a medium: its name there, and its markers in media time, by start.

    `has_picture` tells that it is seen somewhere in the project, and not only heard.
    """

    name: str = ""
    markers: tuple[Marker, ...] = ()
    has_picture: bool = False

    @cached_property
    def longest(self) -> RationalTime:
        """How long its longest marker lasts."""
        return max(each.range.duration for each in self.markers)

    def markers_in(self, used: TimeRange) -> tuple[Marker, ...]:
        """The markers that lie in a stretch of the medium."""
        if not self.markers:
            return ()
        first = bisect_left(self.markers, used.start_time - self.longest, key=_start)
        end = bisect_left(self.markers, used.end_time_exclusive, key=_start)
        return tuple(each for each in self.markers[first:end] if used.touches(each.range))


class Clips:
    """Makes clips of the producers of a graph; `known` is the bin, by the number Kdenlive gives each medium."""

    def __init__(self, graph: Graph, known: Mapping[str, Known] = MappingProxyType({})) -> None:
        self._graph = graph
        self._known = known
        self._kinds: dict[Element, frozenset[TrackKind]] = {}
        self._references: dict[Element, MediaReference] = {}

    def kinds(self, node: Element) -> frozenset[TrackKind]:
        """What a producer has, picture or sound, as far as the file tells."""
        if node not in self._kinds:
            self._kinds[node] = self._find_kinds(node)
        return self._kinds[node]

    def _find_kinds(self, node: Element) -> frozenset[TrackKind]:
        facts = self._graph.properties(node)
        if facts.get("mlt_service", "") not in FILMS:
            return frozenset((TrackKind.VIDEO,))
        streams = {text for name, text in facts.items() if _STREAM.fullmatch(name)}
        picture = "video" in streams or not streams
        sound = "audio" in streams or not streams
        if not streams and PurePosixPath(address(facts)).suffix.lower() in _SOUND_SUFFIXES:
            picture = False
        picture = picture and facts.get("video_index") != "-1" and facts.get("set.test_image") != "1"
        sound = sound and facts.get("audio_index") != "-1" and facts.get("set.test_audio") != "1"
        found = {TrackKind.VIDEO: picture, TrackKind.AUDIO: sound}
        return frozenset(kind for kind, there in found.items() if there)

    def clip(self, cut: Cut, node: Element, kind: TrackKind) -> Clip | None:
        """The stretch as a clip; None where there is nothing of that kind to show."""
        facts = self._graph.properties(node)
        service = facts.get("mlt_service", "")
        if service in TITLES:
            self._graph.report.note("A title is left out; what lies under it shows.", line_of(cut.at))
            return None
        if facts.get("set.test_image") == "1" == facts.get("set.test_audio"):
            self._graph.report.note("A clip that is switched off is left out.", line_of(cut.at))
            return None
        if kind is TrackKind.AUDIO and service not in FILMS:
            return None
        self._tell_effects(cut.at, node)
        known = self._known.get(facts.get("kdenlive:id", ""), Known())
        speed, first = self._speed(cut, node, facts)
        media = self._media(node, facts) if service in FILMS or service in IMAGES else None
        if media is None and service not in COLORS:
            self._graph.report.note("A generated picture is shown as a clip without a medium.", line_of(cut.at))
        if service in PROJECTS:
            self._graph.report.note("A project used as a clip is not opened; its address is kept.", line_of(cut.at))
        clip = Clip(self._name(facts, known), TimeRange(first, self._time(cut.length)), media, speed=speed)
        if kind is TrackKind.AUDIO and known.has_picture:
            return clip  # the markers stand on its picture
        return replace(clip, markers=known.markers_in(clip.seen_range))

    def _time(self, frames: int) -> RationalTime:
        return RationalTime(frames, self._graph.rate)

    def _media(self, node: Element, facts: Mapping[str, str]) -> MediaReference:
        if node not in self._references:
            self._references[node] = self._refer(node, facts)
        return self._references[node]

    def _refer(self, node: Element, facts: Mapping[str, str]) -> MediaReference:
        url = address(facts)
        length = self._graph.frames(facts.get("length"), node)
        whole = 0 < length < 2**31 - 1 and facts.get("mlt_service", "").startswith("avformat")
        is_relative = not url.startswith("/") and not _DRIVE.match(url) and not _SCHEME.match(url)
        return MediaReference(
            target_url=url,
            available_range=TimeRange(self._time(0), self._time(length)) if whole else None,
            name=clean_name(_file_name(url)),
            metadata={"root": self._graph.folder} if is_relative and self._graph.folder else MappingProxyType({}),
        )

    def _name(self, facts: Mapping[str, str], known: Known) -> str:
        own = facts.get("shotcut:caption") or facts.get("kdenlive:clipname") or known.name
        return clean_name(own or _file_name(address(facts)) or facts.get("mlt_service", ""))

    def _speed(self, cut: Cut, node: Element, facts: Mapping[str, str]) -> tuple[Fraction, RationalTime]:
        """How fast it plays, and the first moment of media used."""
        graph = self._graph
        held = self._held(cut.at)
        if facts.get("mlt_service") in IMAGES:
            return Fraction(0), self._time(0)
        speed = self._warp(node, facts)
        first = cut.first
        if speed < 0:  # backwards, MLT counts from the producer's last frame
            first = graph.playtime(node) + graph.frames(node.get("in"), node) - cut.first - cut.length
        elif held is not None:
            first = held if node.tag == "chain" else first + held
        if first < 0:
            raise graph.report.invalid("a clip that plays backwards begins after its medium ends", line_of(cut.at))
        start = RationalTime(first * abs(speed.numerator), graph.rate * speed.denominator)
        whole = start.rescaled_to(graph.rate)  # counted in frames where that is exact
        return (Fraction(0) if held is not None else speed), whole if whole == start else start

    def _warp(self, node: Element, facts: Mapping[str, str]) -> Fraction:
        links = map(self._graph.properties, node.findall("link"))
        if any(link.get("mlt_service") == "timeremap" for link in links):
            note = "A clip whose speed changes on the way is shown at its normal speed."
            self._graph.report.note(note, line_of(node))
        if facts.get("mlt_service") != "timewarp":
            return Fraction(1)
        text = (facts.get("warp_speed") or facts.get("resource", "").partition(":")[0]).strip()
        if not _SPEED.fullmatch(text) or not 0 < abs(Fraction(text)) <= MAX_SPEED:
            raise self._graph.report.invalid(f"{text[:40]!r} is no speed", line_of(node))
        return meant_speed(Fraction(text))

    def _held(self, entry: Element) -> int | None:
        """The frame, from the clip's start, that a freeze effect holds; None where it runs."""
        for each in entry.findall("filter"):
            facts = self._graph.properties(each)
            if facts.get("mlt_service") == "freeze" and facts.get("disable") != "1":
                if facts.get("freeze_after") == "1" or facts.get("freeze_before") == "1":
                    note = "A clip that holds a frame for a part of its length is shown running."
                    self._graph.report.note(note, line_of(each))
                    return None
                return max(0, self._graph.frames(facts.get("frame"), each))
        return None

    def _tell_effects(self, entry: Element, node: Element) -> None:
        for each in (*entry.findall("filter"), *node.findall("filter")):
            facts = self._graph.properties(each)
            is_own = facts.get("internal_added") == OWN_FILTERS or facts.get("disable") == "1"
            if not is_own and facts.get("mlt_service") != "freeze":
                self._graph.report.note("Effects on a clip are left out.", line_of(entry))
                return


def address(facts: Mapping[str, str]) -> str:
    """Where the medium is: the original, where the editor works with a lighter copy."""
    original = facts.get("shotcut:originalResource") or (
        facts.get("kdenlive:originalurl") if facts.get("kdenlive:proxy", "-") not in ("", "-") else ""
    )
    if original:
        return original
    resource = facts.get("resource", "")
    if facts.get("mlt_service") == "timewarp":
        return facts.get("warp_resource") or resource.partition(":")[2]
    return resource


def _start(marker: Marker) -> RationalTime:
    return marker.range.start_time


def meant_speed(written: Fraction) -> Fraction:
    """The simplest speed that a decimal of six digits or more stands for: 1.333333 means 4/3."""
    simple = written.limit_denominator(1000)
    return simple if simple and abs(simple - written) < Fraction(1, 10**6) else written.limit_denominator(10**6)


def _file_name(url: str) -> str:
    return PurePosixPath(url.replace("\\", "/")).name
