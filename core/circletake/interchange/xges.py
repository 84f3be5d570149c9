"""Projects of GES (.xges), the engine of Pitivi: clips with picture and sound on layers, times in nanoseconds.

Source: projects as GES 1.22 saves them.
"""

from __future__ import annotations

from types import MappingProxyType

from circletake.interchange.format import Carries, Feature, Format
from circletake.interchange.xges_read import read, recognise
from circletake.interchange.xges_write import write

FORMAT = Format(
    name="xges",
    title="Pitivi or GES project",
    suffix=".xges",
    carries=Carries(
        frozenset(
            {
                Feature.RATE,
                Feature.CUTS,
                Feature.GAPS,
                Feature.AUDIO,
                Feature.LAYERS,
                Feature.MEDIA_PATHS,
                Feature.SPEED,
                Feature.TIMELINE_MARKERS,
                Feature.CLIP_MARKERS,
                Feature.MARKER_NAMES,
                Feature.MARKER_COMMENTS,
                Feature.MARKER_COLORS,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            }
        ),
        MappingProxyType(
            {
                Feature.TRACK_NAMES: "A layer with picture and sound has one name, the picture track's.",
                Feature.CLIP_NAMES: "Pitivi shows the names of files; names of clips are kept in the file.",
                Feature.MIXED_RATES: "Clips begin and end on whole frames of the timeline; where their media begins "
                "is kept to a nanosecond.",
                Feature.MARKER_RANGES: "Markers are points in Pitivi; their length is kept in the file.",
                Feature.MARKER_KINDS: "All markers look alike in Pitivi; their kind is kept in the file.",
            }
        ),
    ),
    editors=("Pitivi",),
    recognise=recognise,
    read=read,
    write=write,
    one_text=True,
)
"""Projects as GES 1.22 and later open them."""
