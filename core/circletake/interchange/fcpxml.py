"""FCPXML, what Final Cut Pro and DaVinci Resolve exchange."""

from __future__ import annotations

from types import MappingProxyType

from circletake.interchange.fcpxml_read import read
from circletake.interchange.fcpxml_write import write
from circletake.interchange.format import Carries, Feature, Format, Head

_CARRIES = Carries(
    wholly=frozenset(
        (
            Feature.RATE,
            Feature.DROP_FRAME,
            Feature.START_TIMECODE,
            Feature.CUTS,
            Feature.GAPS,
            Feature.LAYERS,
            Feature.CLIP_NAMES,
            Feature.MEDIA_PATHS,
            Feature.PLACEHOLDERS,
            Feature.MEDIA_TIMECODE,
            Feature.SPEED,
            Feature.REVERSE,
            Feature.FREEZE,
            Feature.CLIP_MARKERS,
            Feature.MARKER_NAMES,
            Feature.MARKER_COMMENTS,
            Feature.MARKER_RANGES,
            Feature.MARK_IDS,
            Feature.MARK_SCORES,
        )
    ),
    partly=MappingProxyType(
        {
            Feature.AUDIO: "Sound joins the picture it belongs to; other sound may come back on other tracks, "
            "and sound without media is left out.",
            Feature.MIXED_RATES: "Pictures that begin between two frames move to the nearest frame.",
            Feature.TIMELINE_MARKERS: "Markers stand on the clips under them in Final Cut; they are the timeline's "
            "again when the file comes back, but for those on placeholders.",
            Feature.MARKER_KINDS: "Chapters, to-dos, keywords, ratings and captions stay; others become plain markers.",
        }
    ),
)


def _is_fcpxml(head: Head) -> bool:
    return head.root == "fcpxml"


FORMAT = Format(
    name="fcpxml",
    title="Final Cut Pro (FCPXML)",
    suffix=".fcpxml",
    carries=_CARRIES,
    editors=("Final Cut Pro", "DaVinci Resolve"),
    recognise=_is_fcpxml,
    read=read,
    write=write,
)
