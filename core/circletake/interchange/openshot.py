"""OpenShot's projects (.osp): clips with picture and sound on layers, points as markers.

Source: projects as OpenShot 2.6.1 saves them.
"""

from __future__ import annotations

from types import MappingProxyType

from circletake.interchange.format import Carries, Feature, Format
from circletake.interchange.openshot_read import read, recognise
from circletake.interchange.openshot_write import write

FORMAT = Format(
    name="openshot",
    title="OpenShot project",
    suffix=".osp",
    carries=Carries(
        frozenset(
            {
                Feature.RATE,
                Feature.CUTS,
                Feature.GAPS,
                Feature.AUDIO,
                Feature.LAYERS,
                Feature.CLIP_NAMES,
                Feature.MEDIA_PATHS,
                Feature.SPEED,
                Feature.REVERSE,
                Feature.FREEZE,
                Feature.TIMELINE_MARKERS,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            }
        ),
        MappingProxyType(
            {
                Feature.TRACK_NAMES: "A layer with picture and sound has one name, the picture track's.",
                Feature.MARKER_NAMES: "OpenShot keeps the names of markers but shows them only in newer versions.",
                Feature.MARKER_COMMENTS: "OpenShot keeps the comments of markers but does not show them.",
                Feature.MARKER_COLORS: "Colours become the nearest of OpenShot's five.",
                Feature.MARKER_RANGES: "Markers are points in OpenShot; their length is kept in the file.",
                Feature.MARKER_KINDS: "All markers look alike in OpenShot; their kind is kept in the file.",
            }
        ),
        frozenset(("blue", "green", "purple", "red", "yellow")),
    ),
    editors=("OpenShot",),
    recognise=recognise,
    read=read,
    write=write,
)
"""Projects as OpenShot 2.6 and later open them."""
