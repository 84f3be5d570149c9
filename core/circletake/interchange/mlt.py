"""Plain MLT XML, as melt and others write it: what the engine would play."""

from __future__ import annotations

from circletake.interchange.format import Carries, Format, Head, Read, Source
from circletake.interchange.mlt_clips import Clips
from circletake.interchange.mlt_read import Graph, is_leaf
from circletake.interchange.mlt_tracks import Sequences
from circletake.interchange.xml import Element
from circletake.timeline.report import Report


def read(source: Source) -> Read:
    """What a file plays: its last tractor, else its last playlist, else its last producer.

    Raises:
        TimelineUnreadable: no whole XML, or no MLT project.
        TimelineInvalid: a time that cannot be, or there is nothing to play.
    """
    report = Report(source.path)
    graph = Graph(source, report)
    timeline = Sequences(graph, Clips(graph)).timeline(played(graph))
    return Read(timeline, report.sentences())


def played(graph: Graph) -> Element:
    """The element that a file plays.

    Raises:
        TimelineInvalid: there is none.
    """
    playlists = [each for each in graph.root if each.tag == "playlist"]
    leaves = [each for each in graph.root if is_leaf(each)]
    for of_kind in (graph.tractors(), [each for each in playlists if len(each.findall("entry"))], leaves):
        if of_kind:
            return of_kind[-1]
    raise graph.report.invalid("there is nothing in this project that plays", "the file")


def _recognise(head: Head) -> bool:
    return head.root == "mlt"


FORMAT = Format(
    name="mlt",
    title="MLT project",
    suffix=".mlt",
    carries=Carries(),
    editors=("melt",),
    recognise=_recognise,
    read=read,
)
