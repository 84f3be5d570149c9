"""Reading Shotcut's projects: MLT's XML, with tracks, captions and markers in properties that begin with `shotcut:`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from circletake.interchange.colors import COLORS, hex_of, rgb_of
from circletake.interchange.format import Head, Read, Source
from circletake.interchange.mlt import played
from circletake.interchange.mlt_clips import Clips
from circletake.interchange.mlt_read import Graph
from circletake.interchange.mlt_tracks import Sequences
from circletake.interchange.plain import shown_text
from circletake.interchange.xml import Element, line_of
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Marker
from circletake.timeline.report import Report

PLAIN_COLOR = "#008000"
"""The colour of a marker that nobody gave one: Shotcut's own for new markers."""


def recognise(head: Head) -> bool:
    """Tell whether it is one of Shotcut's projects."""
    return head.root == "mlt" and ('"shotcut' in head.text or 'title="Shotcut' in head.text)


def read(source: Source) -> Read:
    """The timeline of a project, or its playlist where it has no timeline.

    Raises:
        TimelineUnreadable: no whole XML, or no MLT project.
        TimelineInvalid: a time that cannot be, or there is nothing to play.
    """
    report = Report(source.path)
    graph = Graph(source, report)
    main = _timeline(graph)
    timeline = Sequences(graph, Clips(graph)).timeline(main)
    return Read(replace(timeline, markers=tuple(_markers(graph, main))), report.sentences())


def _timeline(graph: Graph) -> Element:
    own = [each for each in graph.tractors() if "shotcut" in graph.properties(each)]
    return own[-1] if own else played(graph)


def _markers(graph: Graph, main: Element) -> Iterator[Marker]:
    """The markers in the order of their numbers; one whose end is its start is a point."""
    for group in main.findall("properties"):
        if group.get("name") == "shotcut:markers":
            for each in group.findall("properties"):
                yield _marker(graph, each)


def _marker(graph: Graph, element: Element) -> Marker:
    facts = graph.properties(element)
    start = graph.frames(facts.get("start"), element)
    end = graph.frames(facts.get("end"), element, start)
    if start < 0:
        raise graph.report.invalid("a marker lies before the timeline", line_of(element))
    return Marker(
        range=TimeRange(RationalTime(start, graph.rate), RationalTime(max(0, end - start), graph.rate)),
        name=shown_text(facts.get("text", "")),
        color=_color(facts.get("color", "")),
    )


def _color(text: str) -> str:
    """The name of a colour that has exactly that value, else the value."""
    if hex_of(text) == PLAIN_COLOR:
        return ""
    rgb = rgb_of(text)
    return next((name for name, value in COLORS.items() if value == rgb), hex_of(text))
