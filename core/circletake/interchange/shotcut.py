"""Shotcut's projects."""

from __future__ import annotations

from types import MappingProxyType

from circletake.interchange.format import Carries, Feature, Format
from circletake.interchange.mlt_write import RETIMED
from circletake.interchange.shotcut_read import read, recognise
from circletake.interchange.shotcut_write import write

FORMAT = Format(
    name="shotcut",
    title="Shotcut project",
    suffix=".mlt",
    carries=Carries(
        frozenset(
            (
                Feature.RATE,
                Feature.CUTS,
                Feature.GAPS,
                Feature.AUDIO,
                Feature.LAYERS,
                Feature.TRACK_NAMES,
                Feature.CLIP_NAMES,
                Feature.MEDIA_PATHS,
                Feature.PLACEHOLDERS,
                Feature.SPEED,
                Feature.REVERSE,
                Feature.FREEZE,
                Feature.TIMELINE_MARKERS,
                Feature.MARKER_NAMES,
                Feature.MARKER_COLORS,
                Feature.MARKER_RANGES,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            )
        ),
        MappingProxyType(
            {
                Feature.RETIMED_STARTS: RETIMED,
                Feature.MARKER_COMMENTS: "Name and comment of a marker become one text.",
            }
        ),
    ),
    editors=("Shotcut",),
    recognise=recognise,
    read=read,
    write=write,
    one_text=True,
)
