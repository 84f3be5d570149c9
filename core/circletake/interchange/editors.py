"""The editing programs a cut is sent to: which format each opens best, and how it is opened there."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from circletake.errors import UsageError


@dataclass(frozen=True, slots=True)
class Editor:
    """A program: `timeline` is the format for a cut, `markers` the one for a cut whose markers matter most.

    `marker_list` is a list of markers that lies on a timeline already open there, empty where there is none. `how`
    tells where the file is opened.
    """

    name: str
    title: str
    timeline: str
    markers: str
    how: str
    marker_list: str = ""


EDITORS = (
    Editor(
        "resolve",
        "DaVinci Resolve",
        "resolve-xml",
        "resolve-otio",
        "File, Import, Timeline: the XML finds moved media, the OTIO keeps markers. The marker list: right-click the "
        "timeline in the media pool, Timelines, Import, Timeline Markers from EDL.",
        "resolve-markers",
    ),
    Editor("premiere", "Premiere Pro", "premiere", "premiere", "File, Import, then open the sequence in its bin."),
    Editor("final-cut", "Final Cut Pro", "fcpxml", "fcpxml", "File, Import, XML."),
    Editor("kdenlive", "Kdenlive", "kdenlive", "kdenlive", "File, Open (Kdenlive 23.04 or later)."),
    Editor("kdenlive-22", "Kdenlive up to 22.12", "kdenlive-22", "kdenlive-22", "File, Open."),
    Editor("shotcut", "Shotcut", "shotcut", "shotcut", "File, Open File."),
    Editor("openshot", "OpenShot", "openshot", "openshot", "File, Open Project."),
    Editor("blender", "Blender", "blender", "blender", "Run `blender --python FILE`, or open it in the text editor."),
    Editor("pitivi", "Pitivi", "xges", "xges", "Open it as a project."),
    Editor("avid", "Avid Media Composer", "edl", "edl", "File, Input, EDL."),
    Editor("otio", "Others (OpenTimelineIO)", "otio", "otio", "See the program's import menu."),
)
"""In the order of a menu. Source: the formats each program was seen to open; see docs/interchange.md."""


def editor_named(name: str) -> Editor:
    """The editor of that name.

    Raises:
        UsageError: no such editor; the nearest name is offered.
    """
    found = next((each for each in EDITORS if each.name == name), None)
    if found is not None:
        return found
    names = [each.name for each in EDITORS]
    near = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]}?" if near else f"One of {', '.join(names)}."
    raise UsageError(f"there is no editor called {name!r}", hint=hint)
