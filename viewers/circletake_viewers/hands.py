"""What each command does: the hands between keys and buttons, and the desk, the player and the timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from circletake.timeline.model import MarkState
from circletake_viewers.commands import BY_NAME, Command, Need
from circletake_viewers.desk import Desk
from circletake_viewers.player.player import Player
from circletake_viewers.state.marks import PROVISIONAL
from circletake_viewers.state.shown import MarkRow, Strip
from circletake_viewers.timeline.view import TimelineView

NEW_MARK_SECONDS = 5
"""Length of a mark made by one key: long enough to see and grab, trimmed right after."""

ZOOM_STEP = 1.5


class Hands(QObject):
    """Runs commands by name. Those that open something on the screen are the window's: `passed_on` names them."""

    passed_on = Signal(str)
    told = Signal(str)

    def __init__(self, desk: Desk, player: Player, timeline: TimelineView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._player, self._timeline = desk, player, timeline
        self._pending_in: int | None = None
        desk.ended.connect(self._forget_in)
        self._verbs = {**self._mark_verbs(), **self._play_verbs(), **self._timeline_verbs(), **self._project_verbs()}

    def run(self, name: str) -> None:
        """Do what a command says, where it makes sense now."""
        if not self.can(BY_NAME[name]):
            return
        verb = self._verbs.get(name)
        if verb is None:
            self.passed_on.emit(name)
        else:
            verb()

    def can(self, command: Command) -> bool:
        """Tell whether a command makes sense now."""
        shown = self._desk.shown
        return {
            Need.NOTHING: True,
            Need.CUT: shown.is_open,
            Need.MARK: bool(shown.selected),
            Need.MARKS: len(shown.selected) > 1,
            Need.UNDO: shown.top.undo is not None and not shown.top.keeper,
            Need.REDO: shown.top.redo is not None and not shown.top.keeper,
            Need.JOB: shown.status.job is not None,
            Need.MARKERS: bool(shown.tracks.flags),
            Need.MISSING: bool(shown.missing),
            Need.IMPORTED: shown.imported is not None,
        }[command.need]

    def select(self, ids: Sequence[str], *, go: bool = True) -> None:
        """Select marks; the newest is shown everywhere: listed, played from, explained, brought into the timeline."""
        self._desk.ask(selected=tuple(ids))
        row = self._row()
        if row is None:
            return
        if self._player.looped:
            self._player.loop((row.start, row.end))
        if go and not row.start <= self._player.frame < row.end:
            self._player.seek(row.start)
        self._timeline.reveal(row.start, row.end)

    def play_mark(self, mark_id: str = "") -> None:
        """Play a mark from its first frame to its last; the selected one by default."""
        if mark_id and mark_id not in self._desk.wish.selected:
            self.select((mark_id,), go=False)
        row = self._row()
        if row is not None:
            self._player.play_span(row.start, row.end)

    def trim(self, mark_id: str, start: int, end: int) -> None:
        """Give a mark another range, in timeline frames."""
        clock = self._desk.shown.cut.clock
        self._desk.ask(trial=None)
        if self._is_whole(mark_id):
            self._desk.do("trim", mark_id, start=clock.seconds(start), end=clock.seconds(end))

    def new_mark(self, start: int, end: int) -> None:
        """Make a mark and select it."""
        clock = self._desk.shown.cut.clock
        before = set(self._desk.shown.marks.made)
        self._desk.do("add", start=clock.seconds(start), end=clock.seconds(end))
        made = [each for each in self._desk.shown.marks.made if each not in before]
        self._desk.ask(selected=tuple(made))

    def _mark_verbs(self) -> dict[str, Callable[[], None]]:
        return {
            "keep": lambda: self._decide("keep"),
            "reject": lambda: self._decide("reject"),
            "undecide": lambda: self._edit("propose"),
            "delete-mark": lambda: self._edit("delete"),
            "join-marks": lambda: self._edit("join"),
            "set-in": self._set_in,
            "set-out": self._set_out,
            "new-mark": self._mark_here,
            "split-mark": self._split,
            "previous-mark": lambda: self._walk(-1),
            "next-mark": lambda: self._walk(1),
            "select-all": lambda: self._desk.ask(selected=tuple(row.id for row in self._desk.shown.marks.rows)),
        }

    def _play_verbs(self) -> dict[str, Callable[[], None]]:
        player = self._player
        return {
            "toggle-play": player.toggle,
            "play-mark": self.play_mark,
            "loop-mark": self._loop,
            "shuttle-back": lambda: player.shuttle(-1),
            "shuttle-stop": player.pause,
            "shuttle-forward": lambda: player.shuttle(1),
            "step-back": lambda: player.step(-1),
            "step-forward": lambda: player.step(1),
            "second-back": lambda: player.step(-self._second()),
            "second-forward": lambda: player.step(self._second()),
            "previous-cut": lambda: self._to_cut(-1),
            "next-cut": lambda: self._to_cut(1),
            "previous-marker": lambda: self._to_marker(-1),
            "next-marker": lambda: self._to_marker(1),
            "go-in": lambda: self._to_row(lambda row: row.start),
            "go-out": lambda: self._to_row(lambda row: row.end - 1),
            "go-strongest": self._to_strongest,
            "go-start": lambda: player.seek(0),
            "go-end": lambda: player.seek(max(0, player.frames - 1)),
            "mute": lambda: player.set_muted(not player.muted),
        }

    def _timeline_verbs(self) -> dict[str, Callable[[], None]]:
        return {
            "zoom-in": lambda: self._timeline.zoom(ZOOM_STEP),
            "zoom-out": lambda: self._timeline.zoom(1 / ZOOM_STEP),
            "zoom-fit": self._timeline.fit,
            "zoom-mark": self._zoom_to_mark,
            "toggle-snap": self._timeline.toggle_snap,
            "fold-tracks": self._timeline.toggle_tracks,
        }

    def _project_verbs(self) -> dict[str, Callable[[], None]]:
        return {
            "undo": lambda: self._run_action("undo"),
            "redo": lambda: self._run_action("redo"),
            "analyze": self._analyse,
            "cancel-job": self._desk.cancel,
        }

    def _analyse(self) -> None:
        keeper = self._desk.shown.top.keeper
        if keeper:
            self.told.emit(f"The project is open in {keeper}, so no marks can be added here.")
        else:
            self._desk.analyse()

    def _run_action(self, name: str) -> None:
        self._desk.do(name)

    def _row(self) -> MarkRow | None:
        shown = self._desk.shown
        focus = shown.selected[-1] if shown.selected else None
        return shown.marks.made[focus][1] if focus else None

    def _is_whole(self, mark_id: str) -> bool:
        """Tell whether a mark can be edited; one whose curves still grow cannot."""
        if mark_id.startswith(PROVISIONAL):
            self.told.emit("This one may still move: decide when the analysis is through.")
            return False
        return True

    def _chosen(self) -> tuple[str, ...]:
        return tuple(each for each in self._desk.shown.selected if self._is_whole(each))

    def _edit(self, action: str) -> None:
        if chosen := self._chosen():
            self._desk.do(action, *chosen)

    def _decide(self, action: str) -> None:
        """Decide on the selected marks, then play the next one that waits for a decision."""
        chosen = self._chosen()
        if not chosen:
            return
        follower = self._next_undecided(chosen)
        self._desk.do(action, *chosen)
        if follower is not None and not self._desk.shown.top.keeper:
            self.select((follower.id,), go=False)
            self._player.play_span(follower.start, follower.end)

    def _next_undecided(self, chosen: Sequence[str]) -> MarkRow | None:
        """The first proposed row after the chosen ones, as listed; then from the top."""
        rows = self._desk.shown.marks.rows
        taken = frozenset(chosen)
        places = [place for place, row in enumerate(rows) if row.id in taken]
        after = max(places, default=-1) + 1
        around = (*rows[after:], *rows[:after])
        waiting = (row for row in around if row.state is MarkState.PROPOSED and row.id not in taken)
        return next((row for row in waiting if not row.provisional), None)

    def _walk(self, step: int) -> None:
        rows = self._desk.shown.marks.rows
        if not rows:
            return
        focus = self._desk.wish.focus
        place = next((number for number, row in enumerate(rows) if row.id == focus), None)
        target = (0 if step > 0 else len(rows) - 1) if place is None else place + step
        if 0 <= target < len(rows):
            self.select((rows[target].id,), go=False)
            self._player.seek(rows[target].start)

    def _set_in(self) -> None:
        row = self._row()
        if row is not None and self._player.frame >= row.end:
            self.told.emit("That is behind the mark's end. Move its end first, or go back.")
        elif row is not None:
            self.trim(row.id, self._player.frame, row.end)
        else:
            self._wait_for_out()

    def _forget_in(self, name: str, _: object) -> None:
        """An in point belongs to the footage it was set in."""
        if name == "open-files":
            self._pending_in = None

    def _wait_for_out(self) -> None:
        self._pending_in = self._player.frame
        where = self._desk.shown.cut.clock.timecode(self._player.frame)
        self.told.emit(f"In at {where}. Go to the end of the moment and set the out point.")

    def _set_out(self) -> None:
        """The frame seen is the last one inside, as editors mean it."""
        row, end = self._row(), self._player.frame + 1
        if row is not None and end <= row.start:
            self.told.emit("That is before the mark's start. Move its start first, or go on.")
        elif row is not None:
            self.trim(row.id, row.start, end)
        elif self._pending_in is not None and self._pending_in < end:
            self.new_mark(self._pending_in, end)
            self._pending_in = None
        else:
            self.told.emit("Set the in point first, or select a mark to trim.")

    def _mark_here(self) -> None:
        frames = self._player.frames
        start = min(self._player.frame, frames - 1)
        end = min(frames, start + self._desk.shown.cut.clock.frame(NEW_MARK_SECONDS))
        if start < end:
            self.new_mark(start, end)

    def _split(self) -> None:
        here = self._player.frame
        rows = [row for row in (self._row(), *self._desk.shown.marks.lane) if row and row.start < here < row.end]
        if not rows:
            self.told.emit("Put the playhead inside a mark to split it.")
        elif self._is_whole(rows[0].id):
            self._desk.do("split", rows[0].id, at=self._desk.shown.cut.clock.seconds(here))

    def split_at(self, mark_id: str, frame: int) -> None:
        """Cut a mark in two at a frame, the first of the right part."""
        if self._is_whole(mark_id):
            self._desk.do("split", mark_id, at=self._desk.shown.cut.clock.seconds(frame))

    def _loop(self) -> None:
        row = self._row()
        self._player.loop(None if self._player.looped or row is None else (row.start, row.end))
        if row is not None and self._player.looped:
            self._player.play()

    def _second(self) -> int:
        return max(1, self._desk.shown.cut.clock.frame(1))

    def _to_cut(self, direction: int) -> None:
        shown = self._desk.shown
        shots = cut_frames(shown.cut.strips, float(shown.cut.clock.rate))
        edge = self._player.frames - 1 if direction > 0 else 0
        self._seek_beyond(np.union1d(shots, shown.tracks.shots), direction, max(0, edge))

    def _to_marker(self, direction: int) -> None:
        flags = self._desk.shown.tracks.flags
        if not flags:
            self.told.emit("No other tool left markers in this cut.")
            return
        starts = np.unique(np.array([flag.start for flag in flags], np.int64))
        self._seek_beyond(np.minimum(starts, max(0, self._player.frames - 1)), direction, self._player.frame)

    def _seek_beyond(self, places: NDArray[np.int64], direction: int, otherwise: int) -> None:
        """Go to the next of these frames, which rise, in a direction."""
        here = self._player.frame
        beyond = places[places > here] if direction > 0 else places[places < here][::-1]
        self._player.seek(int(beyond[0]) if len(beyond) else otherwise)

    def _to_row(self, place: Callable[[MarkRow], int]) -> None:
        row = self._row()
        if row is not None:
            self._player.seek(place(row))

    def _zoom_to_mark(self) -> None:
        row = self._row()
        if row is None:
            return
        room = (row.end - row.start) // 4
        self._timeline.zoom_to(max(0, row.start - room), min(self._player.frames, row.end + room))

    def _to_strongest(self) -> None:
        explained = self._desk.shown.explained
        if explained is not None and explained.moment is not None:
            self._player.seek(explained.moment)


def cut_frames(strips: Sequence[Strip], rate: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Timeline frames (N,) at which a new shot or clip begins, in order."""
    found: list[int] = []
    for strip in strips:
        cuts = (strip.cuts - strip.offset) / strip.speed if strip.speed else np.empty(0)
        frames = np.rint(cuts * rate).astype(np.int64)
        found += [strip.start, *frames[(frames > strip.start) & (frames < strip.end)].tolist()]
    return np.unique(np.asarray(found, np.int64))
