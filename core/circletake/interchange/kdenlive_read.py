"""Reading Kdenlive's projects: MLT's XML, with the editor's own facts in properties that begin with `kdenlive:`.

Up to 22.12 (generation 4) a project is one timeline, the last tractor. From 23.04 on (generation 5) it holds sequences,
each a tractor with a `kdenlive:uuid`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeGuard

from circletake.errors import TimelineUnreadable
from circletake.interchange.colors import hex_of
from circletake.interchange.format import Read, Source
from circletake.interchange.kdenlive_colors import CATEGORIES, NAMES
from circletake.interchange.mlt_clips import Clips, Known
from circletake.interchange.mlt_read import MAX_FRAMES, Blank, Graph
from circletake.interchange.mlt_tracks import Sequences
from circletake.interchange.plain import shown_text
from circletake.interchange.xml import Element, line_of
from circletake.timebase import RationalTime, TimeRange, round_fraction
from circletake.timeline.guard import parse
from circletake.timeline.model import Marker, Timeline, clean_name
from circletake.timeline.report import Report

_DOCUMENT = "kdenlive:docproperties."
_SEQUENCE = "kdenlive:sequenceproperties."
_OLD_POINT = re.compile(r"kdenlive:(guide|marker)\.(\d{1,9})(?:[.,](\d{1,9})\d{0,20})?")


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A timeline of a project; older projects have one, without a name."""

    name: str
    uuid: str
    tractor: Element


def read(source: Source) -> Read:
    """The sequence that was open, or the one asked for.

    Raises:
        TimelineUnreadable: no whole XML, or no MLT project.
        TimelineInvalid: a time that cannot be, a sequence that contains itself, or one that is not there.
    """
    report = Report(source.path)
    project = _Project(Graph(source, report), report, source.path)
    wanted = project.chosen(source.sequence)
    timeline = project.timeline(wanted)
    others = tuple(each.name for each in project.sequences if each is not wanted)
    return Read(timeline, report.sentences(), others)


class _Project:
    """A project's bin, guides and sequences."""

    def __init__(self, graph: Graph, report: Report, path: Path) -> None:
        self._graph = graph
        self._report = report
        self._path = path
        main_bin = graph.named("main_bin")
        self._facts = {} if main_bin is None else graph.properties(main_bin)
        self._bin = main_bin
        self._colors = self._categories()
        self.sequences = self._sequences()

    def chosen(self, name: str | None) -> _Sequence:
        """The sequence of that name or uuid; the one that was open for None.

        Raises:
            TimelineInvalid: there is none.
        """
        if not self.sequences:
            raise self._report.invalid("there is no timeline in this project", "the project")
        if name is None:
            return self.sequences[0]
        found = next((each for each in self.sequences if name in (each.name, each.uuid)), None)
        if found is None:
            names = ", ".join(f'"{each.name}"' for each in self.sequences)
            raise self._report.invalid(f'there is no sequence "{clean_name(name)}"; there are {names}', "the project")
        return found

    def timeline(self, sequence: _Sequence) -> Timeline:
        """The sequence with its guides, clips with the markers of their media."""
        clips = Clips(self._graph, self._known())
        made = Sequences(self._graph, clips).timeline(sequence.tractor)
        return replace(made, name=sequence.name, markers=self._guides(sequence))

    def _sequences(self) -> list[_Sequence]:
        """Those of the project, the one that was open first."""
        found: dict[str, _Sequence] = {}
        for each in self._graph.tractors():
            facts = self._graph.properties(each)
            uuid = facts.get("kdenlive:uuid", "")
            if uuid and (uuid not in found or each.get("id") == uuid):
                found[uuid] = _Sequence(clean_name(facts.get("kdenlive:clipname", "")), uuid, each)
        if not found:
            tractors = [each for each in self._graph.tractors() if self._graph.tracks(each)]
            return [_Sequence("", "", tractors[-1])] if tractors else []
        opened = self._facts.get(f"{_DOCUMENT}opensequences", "").split(";")
        first = [self._facts.get(f"{_DOCUMENT}activetimeline", ""), *opened, self._facts.get(f"{_DOCUMENT}uuid", "")]
        order = dict.fromkeys(uuid for uuid in (*first, *found) if uuid in found)
        return [found[uuid] for uuid in order]

    def _known(self) -> dict[str, Known]:
        """What the bin knows of each medium, by the number Kdenlive gives it."""
        known: dict[str, Known] = {}
        shown = set(self._shown())
        cuts = () if self._bin is None else self._graph.row(self._bin)
        for cut in cuts:
            if isinstance(cut, Blank) or cut.node is None:
                continue
            facts = self._graph.properties(cut.node)
            number = facts.get("kdenlive:id", "")
            markers = (*self._listed(facts.get("kdenlive:markers", ""), cut.node), *self._old(facts))
            by_start = tuple(sorted(markers, key=lambda each: each.range.start_time))
            known[number] = Known(clean_name(facts.get("kdenlive:clipname", "")), by_start, number in shown)
        return known

    def _shown(self) -> Iterator[str]:
        """Numbers of the media that some track shows, and not only plays the sound of."""
        for playlist in self._graph.root.iter("playlist"):
            nodes = () if playlist is self._bin else map(self._graph.of, playlist.findall("entry"))
            for facts in (self._graph.properties(node) for node in nodes if node is not None):
                if facts.get("set.test_image") != "1":
                    yield facts.get("kdenlive:id", "")

    def _guides(self, sequence: _Sequence) -> tuple[Marker, ...]:
        facts = self._graph.properties(sequence.tractor)
        text = facts.get(f"{_SEQUENCE}guides") or self._facts.get(f"{_DOCUMENT}guides", "")
        return (*self._listed(text, sequence.tractor), *self._old(self._facts))

    def _listed(self, text: str, place: Element) -> tuple[Marker, ...]:
        """The markers of a list as Kdenlive stores it."""
        return tuple(
            Marker(
                range=TimeRange(*(self._time(each.get(key, 0)) for key in ("pos", "duration"))),
                name=shown_text(str(each.get("comment", ""))),
                color=self._color(each.get("type", 0)),
            )
            for each in self._objects(text, place)
            if _is_count(each.get("pos")) and _is_count(each.get("duration", 0))
        )

    def _objects(self, text: str, place: Element) -> list[dict[str, Any]]:
        if not text.strip():
            return []
        try:
            found = parse(text.encode("utf-8", "replace"), self._path)
        except TimelineUnreadable:
            found = None
        rows = found if isinstance(found, list) else []
        objects = [each for each in rows if isinstance(each, dict)]
        if found is None or len(objects) < len(rows):
            self._report.note("Markers that cannot be read are left out.", line_of(place))
        return objects

    def _old(self, facts: Mapping[str, str]) -> tuple[Marker, ...]:
        """Guides and markers as they were before lists: a property each, named after its second."""
        found = []
        for name, text in facts.items():
            match = _OLD_POINT.fullmatch(name)
            if match is not None:
                part = match[3] or "0"
                seconds = int(match[2]) + Fraction(int(part), 10 ** len(part))
                kind, _, comment = text.partition(":") if match[1] == "marker" else ("0", "", text)
                point = TimeRange(self._time(round_fraction(seconds * self._graph.rate)), self._time(0))
                color = self._color(int(kind)) if kind.isdecimal() and len(kind) < 3 else ""
                found.append(Marker(point, shown_text(comment), color=color))
        return tuple(sorted(found, key=lambda each: each.range.start_time))

    def _time(self, frames: int) -> RationalTime:
        return RationalTime(frames, self._graph.rate)

    def _color(self, category: object) -> str:
        return self._colors.get(category, "") if isinstance(category, int) else ""

    def _categories(self) -> dict[int, str]:
        """Colours by the number of the category: Kdenlive's nine, or the project's own."""
        colors = dict(enumerate(NAMES))
        place = self._graph.root if self._bin is None else self._bin
        for each in self._objects(self._facts.get(f"{_DOCUMENT}guidesCategories", ""), place):
            number, color = each.get("index"), hex_of(str(each.get("color", "")))
            if _is_count(number) and color and color != CATEGORIES.get(number):
                colors[number] = color
        return colors


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_FRAMES
