"""CMX 3600 edit decision lists (EDL)."""

from __future__ import annotations

import re
from types import MappingProxyType

from circletake.interchange.edl_lines import Note
from circletake.interchange.edl_notes import LOCATORS, bar_locator
from circletake.interchange.edl_read import read
from circletake.interchange.edl_write import write
from circletake.interchange.format import Carries, Feature, Format, Head
from circletake.interchange.plain import PADDING

_EVENT = re.compile(r"^[ \t]*\d{3,6}[A-Z]?\s[^\n]{1,100}?\s\d\d[:;]\d\d[:;]\d\d[:;.]\d\d\s", re.MULTILINE)
_HEAD = re.compile(r"(?:TITLE|FCM):", re.IGNORECASE)

_SPEED = "Speeds are rounded to a tenth of a frame a second, and the media used with them to whole frames."


def is_list(head: Head) -> bool:
    """Tell whether a file looks like a decision list of any kind: by an event, or by its title and name."""
    titled = head.suffix == ".edl" and _HEAD.match(head.text)
    return "\0" not in head.text.rstrip(PADDING) and bool(_EVENT.search(head.text) or titled)


def marks_only(head: Head) -> bool:
    """Tell whether a list's events are Resolve's timeline markers and no cut.

    They are where the first line that is about the first event holds a marker (`|C:ResolveColor`), and no line names a
    clip. Every other list is a cut.
    """
    event = _EVENT.search(head.text)
    if event is None or "CLIP NAME:" in head.text.upper():
        return False
    below = head.text[head.text.find("\n", event.end()) + 1 :].lstrip().split("\n", 1)[0]
    return bar_locator(Note(0, below)) is not None


def _recognise(head: Head) -> bool:
    """A decision list that is not one of markers alone: see `marks_only`."""
    return is_list(head) and not marks_only(head)


CARRIES = Carries(
    wholly=frozenset(
        (
            Feature.DROP_FRAME,
            Feature.START_TIMECODE,
            Feature.CUTS,
            Feature.GAPS,
            Feature.AUDIO,
            Feature.CLIP_NAMES,
            Feature.MEDIA_PATHS,
            Feature.PLACEHOLDERS,
            Feature.FREEZE,
            Feature.TIMELINE_MARKERS,
            Feature.MARKER_NAMES,
            Feature.MARK_IDS,
            Feature.MARK_SCORES,
        )
    ),
    partly=MappingProxyType(
        {
            Feature.MEDIA_TIMECODE: "Source times include the start of the media, which is looked up in them again.",
            Feature.SPEED: _SPEED,
            Feature.REVERSE: _SPEED,
            Feature.CLIP_MARKERS: "Markers on clips become markers of the timeline; those that do not show are lost.",
            Feature.MARKER_COMMENTS: "A marker has one text, its name with the comment behind it.",
            Feature.MARKER_COLORS: "Colours become the nearest of Avid's eight.",
            Feature.MARKER_RANGES: "Markers become points; marks get their length back when the list is read here.",
        }
    ),
    colors=frozenset(LOCATORS),
)

FORMAT = Format(
    name="edl",
    title="CMX 3600 edit decision list",
    suffix=".edl",
    carries=CARRIES,
    editors=("Avid Media Composer", "DaVinci Resolve", "Premiere Pro", "most others"),
    recognise=_recognise,
    read=read,
    write=write,
    sources_count_timecode=True,
    one_text=True,
)
