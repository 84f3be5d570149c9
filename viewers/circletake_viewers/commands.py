"""Everything the window answers to: one table, from which menus, keys, the list under `?` and Ctrl+K are drawn.

A command that is an action of the program takes its key from there; the others move or show and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from circletake.actions import ACTIONS


class Group(StrEnum):
    """The headings of the list."""

    MARKS = "Marks"
    PLAY = "Play"
    TIMELINE = "Timeline"
    PROJECT = "Project"
    WINDOW = "Window"


class Need(StrEnum):
    """What must be there for a command to make sense."""

    NOTHING = "nothing"
    CUT = "open footage"
    MARK = "a selected mark"
    MARKS = "several selected marks"
    UNDO = "something to undo"
    REDO = "something to redo"
    JOB = "running work"
    MARKERS = "markers of another tool"
    MISSING = "missing media"
    IMPORTED = "a timeline of another tool"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to ask of the window. `keys` as Qt's portable text; `repeats` while its key is held down."""

    name: str
    title: str
    group: Group
    keys: tuple[str, ...] = ()
    need: Need = Need.CUT
    icon: str = ""
    repeats: bool = False


def _key(action: str) -> tuple[str, ...]:
    return (ACTIONS[action].key,)


_G, _N = Group, Need

COMMANDS: tuple[Command, ...] = (
    Command("keep", "Circle and play the next", _G.MARKS, _key("keep"), _N.MARK, "check"),
    Command("reject", "Reject and play the next", _G.MARKS, _key("reject"), _N.MARK, "reject"),
    Command("undecide", "Take the decision back", _G.MARKS, ("U",), _N.MARK),
    Command("set-in", "In: begin the mark at the playhead", _G.MARKS, ("I",), _N.CUT),
    Command("set-out", "Out: end the mark at the playhead", _G.MARKS, ("O",), _N.CUT),
    Command("new-mark", "New mark at the playhead", _G.MARKS, _key("add"), _N.CUT, "plus"),
    Command("split-mark", "Split the mark at the playhead", _G.MARKS, _key("split"), _N.CUT, "split"),
    Command("join-marks", "Join the selected marks", _G.MARKS, ("Ctrl+J",), _N.MARKS, "join"),
    Command("rename-mark", "Rename the mark", _G.MARKS, ("F2",), _N.MARK),
    Command("note-mark", "Write a note to the mark", _G.MARKS, ("N",), _N.MARK, "note"),
    Command("delete-mark", "Delete the mark for good", _G.MARKS, ("Del",), _N.MARK, "delete"),
    Command("previous-mark", "Previous mark", _G.MARKS, ("Up",), _N.CUT, "previous", repeats=True),
    Command("next-mark", "Next mark", _G.MARKS, ("Down",), _N.CUT, "next", repeats=True),
    Command("select-all", "Select all marks listed", _G.MARKS, ("Ctrl+A",), _N.CUT),
    Command("toggle-play", "Play or pause", _G.PLAY, ("Space",), _N.CUT, "play"),
    Command("play-mark", "Play the mark", _G.PLAY, ("Return", "Enter"), _N.MARK, "play"),
    Command("loop-mark", "Loop the mark", _G.PLAY, ("Ctrl+L",), _N.CUT, "loop"),
    Command("shuttle-back", "Play backwards, again for faster", _G.PLAY, ("J",), _N.CUT),
    Command("shuttle-stop", "Stop", _G.PLAY, ("K",), _N.CUT),
    Command("shuttle-forward", "Play forwards, again for faster", _G.PLAY, ("L",), _N.CUT),
    Command("step-back", "One frame back", _G.PLAY, ("Left", ","), _N.CUT, repeats=True),
    Command("step-forward", "One frame forward", _G.PLAY, ("Right", "."), _N.CUT, repeats=True),
    Command("second-back", "One second back", _G.PLAY, ("Shift+Left",), _N.CUT, repeats=True),
    Command("second-forward", "One second forward", _G.PLAY, ("Shift+Right",), _N.CUT, repeats=True),
    Command("previous-cut", "Previous shot", _G.PLAY, ("PgUp",), _N.CUT, repeats=True),
    Command("next-cut", "Next shot", _G.PLAY, ("PgDown",), _N.CUT, repeats=True),
    Command("previous-marker", "Previous marker of another tool", _G.PLAY, ("Shift+PgUp",), _N.CUT, repeats=True),
    Command("next-marker", "Next marker of another tool", _G.PLAY, ("Shift+PgDown",), _N.CUT, repeats=True),
    Command("go-in", "To the mark's first frame", _G.PLAY, ("Shift+I",), _N.MARK),
    Command("go-out", "To the mark's last frame", _G.PLAY, ("Shift+O",), _N.MARK),
    Command("go-strongest", "To the mark's strongest moment", _G.PLAY, ("G",), _N.MARK),
    Command("go-start", "To the beginning", _G.PLAY, ("Home",), _N.CUT),
    Command("go-end", "To the end", _G.PLAY, ("End",), _N.CUT),
    Command("mute", "Sound off or on", _G.PLAY, ("Ctrl+M",), _N.NOTHING, "muted"),
    Command("zoom-in", "Zoom in", _G.TIMELINE, ("+", "="), _N.CUT, "zoom-in", repeats=True),
    Command("zoom-out", "Zoom out", _G.TIMELINE, ("-",), _N.CUT, "zoom-out", repeats=True),
    Command("zoom-fit", "Show everything", _G.TIMELINE, ("Shift+Z",), _N.CUT, "fit"),
    Command("zoom-mark", "Zoom to the mark", _G.TIMELINE, ("Z",), _N.MARK),
    Command("toggle-snap", "Snap on or off", _G.TIMELINE, ("Shift+N",), _N.CUT, "magnet"),
    Command("fold-tracks", "Fold or unfold the tracks", _G.TIMELINE, ("T",), _N.CUT),
    Command("open-files", "Open footage, a project or a timeline…", _G.PROJECT, _key("open-files"), _N.NOTHING, "open"),
    Command("save", "Save the project", _G.PROJECT, _key("save"), _N.CUT, "save"),
    Command("save-as", "Save the project as…", _G.PROJECT, ("Ctrl+Shift+S",), _N.CUT),
    Command("close-project", "Close the project", _G.PROJECT, _key("close"), _N.CUT),
    Command("analyze", "Analyse again", _G.PROJECT, ("Ctrl+R",), _N.CUT, "search"),
    Command("cancel-job", "Cancel what is running", _G.PROJECT, ("Ctrl+.",), _N.JOB, "cancel"),
    Command("export", "Export…", _G.PROJECT, _key("export"), _N.CUT, "export"),
    Command("send", "Send to an editor…", _G.PROJECT, ("Ctrl+E",), _N.CUT, "send"),
    Command("import-marks", "Import marks…", _G.PROJECT, ("Ctrl+Shift+I",), _N.CUT, "import"),
    Command("adopt-markers", "Make marks of markers", _G.PROJECT, (), _N.MARKERS, "marker"),
    Command("locate-media", "Locate missing media…", _G.PROJECT, (), _N.MISSING, "missing"),
    Command("import-report", "What was read of this timeline…", _G.PROJECT, (), _N.IMPORTED, "info"),
    Command("undo", "Undo", _G.PROJECT, _key("undo"), _N.UNDO, "undo", repeats=True),
    Command("redo", "Redo", _G.PROJECT, (*_key("redo"), "Ctrl+Y"), _N.REDO, "redo", repeats=True),
    Command("everything", "Find any command or mark", _G.WINDOW, ("Ctrl+K",), _N.NOTHING, "command"),
    Command("shortcuts", "All shortcuts", _G.WINDOW, ("?",), _N.NOTHING, "keyboard"),
    Command("settings", "Settings…", _G.WINDOW, ("Ctrl+,",), _N.NOTHING, "settings"),
    Command("jobs", "Work running and done", _G.WINDOW, ("Ctrl+Shift+J",), _N.NOTHING, "wait"),
    Command("log", "Log", _G.WINDOW, ("Ctrl+Shift+L",), _N.NOTHING, "log"),
    Command("doctor", "Check this machine", _G.WINDOW, (), _N.NOTHING, "info"),
    Command("fullscreen", "Full screen", _G.WINDOW, ("F11",), _N.NOTHING, "arrows-out"),
    Command("quit", "Quit", _G.WINDOW, ("Ctrl+Q",), _N.NOTHING),
)
"""Every command, in the order of the list."""

BY_NAME = {command.name: command for command in COMMANDS}
