"""Kdenlive's projects: one format from 23.04 on, another for the versions before, which cannot open the new one."""

from __future__ import annotations

import re
from types import MappingProxyType

from circletake.interchange.format import Carries, Delivery, Feature, Format, Head
from circletake.interchange.kdenlive_read import read
from circletake.interchange.kdenlive_write import Generation, write
from circletake.interchange.mlt_write import RETIMED

_OLDER = re.compile(r'docproperties\.version">\s*(?:0\.\d|1\.0\d)')

_WHOLLY = frozenset(
    (
        Feature.RATE,
        Feature.CUTS,
        Feature.GAPS,
        Feature.AUDIO,
        Feature.LAYERS,
        Feature.TRACK_NAMES,
        Feature.MEDIA_PATHS,
        Feature.PLACEHOLDERS,
        Feature.SPEED,
        Feature.REVERSE,
        Feature.FREEZE,
        Feature.TIMELINE_MARKERS,
        Feature.MARKER_NAMES,
        Feature.MARK_IDS,
        Feature.MARK_SCORES,
    )
)

_COLORS = frozenset(("purple", "blue", "cyan", "green", "lemon", "yellow", "orange", "red"))

_PARTLY = {
    Feature.CLIP_NAMES: "Kdenlive names a medium, not its clips: where names differ, clips are named after the file.",
    Feature.CLIP_MARKERS: "Markers belong to the medium: they show on every clip of it.",
    Feature.RETIMED_STARTS: RETIMED,
    Feature.CROWDED_MARKERS: "A frame holds one guide: a second one on the same frame moves to the next.",
    Feature.MARKER_COMMENTS: "Name and comment of a marker become one text.",
    Feature.MARKER_COLORS: "Colours become the nearest of Kdenlive's nine.",
}


def _recognise_older(head: Head) -> bool:
    return head.root == "mlt" and "kdenlive:" in head.text and _OLDER.search(head.text) is not None


def _recognise(head: Head) -> bool:
    return head.root == "mlt" and "kdenlive:" in head.text and not _recognise_older(head)


def _write_sequences(delivery: Delivery) -> bytes:
    return write(delivery, Generation.SEQUENCES)


def _write_single(delivery: Delivery) -> bytes:
    return write(delivery, Generation.SINGLE)


FORMATS = (
    Format(
        name="kdenlive",
        title="Kdenlive project",
        suffix=".kdenlive",
        carries=Carries(
            _WHOLLY,
            MappingProxyType(
                _PARTLY | {Feature.MARKER_RANGES: "Older versions of Kdenlive show markers and guides as points."}
            ),
            _COLORS,
        ),
        editors=("Kdenlive 23.04 and later",),
        recognise=_recognise,
        read=read,
        write=_write_sequences,
        one_text=True,
    ),
    Format(
        name="kdenlive-22",
        title="Kdenlive project, up to 22.12",
        suffix=".kdenlive",
        carries=Carries(
            _WHOLLY,
            MappingProxyType(
                _PARTLY
                | {Feature.MARKER_RANGES: "Markers and guides become points; marks have their length in their text."}
            ),
            _COLORS,
        ),
        editors=("Kdenlive up to 22.12",),
        recognise=_recognise_older,
        read=read,
        write=_write_single,
        one_text=True,
    ),
)
