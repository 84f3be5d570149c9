"""OpenTimelineIO files, for every tool that opens them, and in the shape that DaVinci Resolve takes."""

from __future__ import annotations

from types import MappingProxyType

from circletake.interchange.format import Carries, Delivery, Feature, Format, Head, Read, Source
from circletake.interchange.otio_bundles import is_otioz, read_otioz
from circletake.interchange.otio_dress import (
    dressed,
    measured,
    palette,
    with_marks_as_markers,
    without_names_in_comments,
)
from circletake.interchange.otio_resolve import shaped
from circletake.interchange.resolve_markers import RESOLVE_COLORS
from circletake.timeline.files import timeline_of_stranger, timeline_to_text
from circletake.timeline.otio_marks import MARKER_COLORS

_OTIO = palette(name.lower() for name in MARKER_COLORS)
_RESOLVE = palette(name.lower() for name in RESOLVE_COLORS)


def _recognise(head: Head) -> bool:
    """JSON that names a schema; by its name alone what only looks like JSON, so that the error says what is wrong."""
    looks_so = head.text[:1] in ("{", "[")
    return looks_so and ('"OTIO_SCHEMA"' in head.text or head.suffix == ".otio")


def read(source: Source) -> Read:
    """The timeline of a file, one of several by name.

    Raises:
        TimelineUnreadable: of another kind, damaged, or refused for safety.
        TimelineInvalid: values that contradict each other; the error names the clip.
    """
    found = timeline_of_stranger(source.data, source.path, source.sequence, source.context)
    return Read(without_names_in_comments(found.timeline), found.warnings, found.others)


def write(delivery: Delivery) -> bytes:
    """The file: absolute paths, and on every marker both a name and a comment, since each tool shows another one.

    Raises:
        TimelineInvalid: metadata that OpenTimelineIO refuses.
    """
    timeline = with_marks_as_markers(delivery.timeline, name_in_comment=True)
    timeline = dressed(measured(timeline, delivery.media), _OTIO)
    return timeline_to_text(timeline).encode("utf-8")


def write_for_resolve(delivery: Delivery) -> bytes:
    """The file as Resolve's import takes it.

    Raises:
        TimelineInvalid: metadata that OpenTimelineIO refuses.
    """
    timeline = with_marks_as_markers(delivery.timeline, name_in_comment=False)
    timeline = dressed(shaped(measured(timeline, delivery.media)), _RESOLVE)
    return timeline_to_text(timeline).encode("utf-8")


_WHOLLY = frozenset(Feature) - {Feature.DROP_FRAME, Feature.MARKER_COLORS, Feature.MARKER_KINDS}
_PARTLY = {
    Feature.DROP_FRAME: "Files of this kind do not say that timecode drops frames: it is known again here, and the "
    "other program goes by its own setting.",
    Feature.MARKER_KINDS: "All markers are plain ones elsewhere; their kind is known again here.",
}
_COLORS = "Colours become the nearest of {}; they are themselves again here."

CARRIES = Carries(
    _WHOLLY,
    MappingProxyType({**_PARTLY, Feature.MARKER_COLORS: _COLORS.format("the eleven that OpenTimelineIO has")}),
    frozenset(_OTIO),
)

_RESOLVE_UNSEEN = "Written as OpenTimelineIO has it; check these clips in Resolve, whose import of them was not seen."

CARRIES_TO_RESOLVE = Carries(
    _WHOLLY - {Feature.REVERSE, Feature.FREEZE},
    MappingProxyType(
        {
            **_PARTLY,
            Feature.MARKER_COLORS: _COLORS.format("Resolve's sixteen"),
            Feature.REVERSE: _RESOLVE_UNSEEN,
            Feature.FREEZE: _RESOLVE_UNSEEN,
        }
    ),
    frozenset(_RESOLVE),
)

FORMATS = (
    Format(
        name="otio",
        title="OpenTimelineIO",
        suffix=".otio",
        carries=CARRIES,
        editors=("DaVinci Resolve", "Premiere Pro", "Kdenlive", "OpenTimelineIO tools"),
        recognise=_recognise,
        read=read,
        write=write,
        marks_inside=True,
    ),
    Format(
        name="resolve-otio",
        title="OpenTimelineIO for DaVinci Resolve",
        suffix=".otio",
        carries=CARRIES_TO_RESOLVE,
        editors=("DaVinci Resolve",),
        write=write_for_resolve,
        marks_inside=True,
    ),
    # Bundles are read alone: they hold copies of all media, or clips without any.
    # Source: OpenTimelineIO, "File Bundles": media that is not in the bundle becomes a missing reference.
    Format(
        name="otioz",
        title="OpenTimelineIO archive",
        suffix=".otioz",
        carries=Carries(),
        recognise=is_otioz,
        read=read_otioz,
    ),
    Format(name="otiod", title="OpenTimelineIO folder", suffix=".otiod", carries=Carries(), read=read),
)
