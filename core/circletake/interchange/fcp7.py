"""Final Cut Pro 7 XML (xmeml): read from every tool that writes it, written for Premiere and for Resolve."""

from __future__ import annotations

from types import MappingProxyType

from circletake.interchange.fcp7_read import read
from circletake.interchange.fcp7_values import SWATCHES
from circletake.interchange.fcp7_write import write_premiere, write_resolve
from circletake.interchange.format import Carries, Feature, Format, Head

_WHOLLY = frozenset(
    (
        Feature.RATE,
        Feature.DROP_FRAME,
        Feature.START_TIMECODE,
        Feature.CUTS,
        Feature.GAPS,
        Feature.AUDIO,
        Feature.LAYERS,
        Feature.TRACK_NAMES,
        Feature.CLIP_NAMES,
        Feature.MEDIA_PATHS,
        Feature.PLACEHOLDERS,
        Feature.MEDIA_TIMECODE,
        Feature.SPEED,
        Feature.REVERSE,
        Feature.CLIP_MARKERS,
        Feature.TIMELINE_MARKERS,
        Feature.MARKER_NAMES,
        Feature.MARKER_COMMENTS,
        Feature.MARKER_RANGES,
        Feature.MARK_IDS,
        Feature.MARK_SCORES,
    )
)

_PARTLY = {
    Feature.MIXED_RATES: "Cuts between two frames move to the nearest frame of the timeline or of their medium.",
    Feature.RETIMED_STARTS: "Clips at another speed begin on the nearest frame of the medium at that speed.",
    Feature.FREEZE: "Held frames are written as a level speed curve.",
}

_DROPPED = "DaVinci Resolve drops markers of this format; send them as a marker list too."

_DROPPED_MARKERS = (Feature.TIMELINE_MARKERS, Feature.CLIP_MARKERS, Feature.MARK_IDS, Feature.MARK_SCORES)


def _recognise(head: Head) -> bool:
    return head.root == "xmeml"


FORMATS = (
    Format(
        name="premiere",
        title="Premiere Pro (Final Cut Pro 7 XML)",
        suffix=".xml",
        carries=Carries(
            _WHOLLY,
            MappingProxyType({**_PARTLY, Feature.MARKER_COLORS: "Colours become the nearest of Premiere's eight."}),
            frozenset(SWATCHES),
        ),
        editors=("Premiere Pro",),
        recognise=_recognise,
        read=read,
        write=write_premiere,
    ),
    Format(
        name="resolve-xml",
        title="DaVinci Resolve (Final Cut Pro 7 XML)",
        suffix=".xml",
        carries=Carries(
            (_WHOLLY | {Feature.MARKER_COLORS}) - {*_DROPPED_MARKERS, Feature.TRACK_NAMES},
            MappingProxyType(
                {
                    **_PARTLY,
                    **dict.fromkeys(_DROPPED_MARKERS, _DROPPED),
                    Feature.TRACK_NAMES: "DaVinci Resolve numbers its tracks; their names do not show there.",
                }
            ),
        ),
        editors=("DaVinci Resolve",),
        write=write_resolve,
    ),
)
