"""The Review layout: which on the left, what in the middle, why on the right, when below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from circletake.media.frames import MediaInfo
from circletake.playback.program import Program
from circletake.timeline.model import Timeline
from circletake_viewers.desk import Desk
from circletake_viewers.hands import Hands
from circletake_viewers.marks.inspector import Inspector
from circletake_viewers.marks.list import MarkList
from circletake_viewers.panels.missing import MissingBar
from circletake_viewers.player.player import Player
from circletake_viewers.player.stage import Stage
from circletake_viewers.player.transport import TransportBar
from circletake_viewers.state.shown import Shown
from circletake_viewers.state.wish import Trial
from circletake_viewers.timeline.view import TimelineView

COLUMNS = (336, 948, 316)
ROWS = (528, 300)
"""Widths and heights at 1600 by 900 as designed; what is left beside them grows with the window."""


class Workplace(QWidget):
    """List, player, inspector and timeline, wired so that a click in one moves the other three.

    `laid_out` tells that a part has another size.
    """

    laid_out = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.player = Player(self)
        self.missing = MissingBar()
        self.stage = Stage(self.player)
        self.transport = TransportBar(self.player)
        self.marks = MarkList()
        self.inspector = Inspector()
        self.timeline = TimelineView()
        self.hands = Hands(desk, self.player, self.timeline, self)
        self._columns = self._split(Qt.Orientation.Horizontal, self.marks, self._middle(), self.inspector)
        self._rows = self._split(Qt.Orientation.Vertical, self._columns, self.timeline)
        self._columns.setSizes(COLUMNS)
        self._columns.setStretchFactor(1, 1)
        self._rows.setSizes(ROWS)
        self._rows.setStretchFactor(0, 2)
        self._rows.setStretchFactor(1, 1)
        self._rows.splitterMoved.connect(lambda _, __: self.laid_out.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._rows)
        self.timeline.installEventFilter(self)
        self._played: tuple[object, object] = (None, None)
        self._listed = (desk.wish.states, desk.wish.order)
        self._wire_marks()
        self._wire_timeline()
        self._wire_player()

    def _middle(self) -> QWidget:
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.missing)
        layout.addWidget(self.stage, 1)
        layout.addWidget(self.transport)
        middle.setMinimumWidth(360)
        return middle

    @staticmethod
    def _split(direction: Qt.Orientation, *parts: QWidget) -> QSplitter:
        made = QSplitter(direction)
        made.setHandleWidth(1)
        made.setChildrenCollapsible(False)
        for part in parts:
            made.addWidget(part)
        return made

    @property
    def below_stage(self) -> int:
        """How high everything under the picture is, in pixels: what lies over the window keeps off the marks."""
        timeline = self.timeline.height() if self.timeline.isVisible() else 0
        return timeline + self.transport.height()

    @property
    def sizes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Widths of the columns and heights of the rows, to remember."""
        return tuple(self._columns.sizes()), tuple(self._rows.sizes())

    def set_sizes(self, columns: Sequence[int], rows: Sequence[int]) -> None:
        """Go back to remembered sizes."""
        if len(columns) == len(COLUMNS) and len(rows) == len(ROWS):
            self._columns.setSizes(list(columns))
            self._rows.setSizes(list(rows))

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Print these keys where their actions are."""
        self.marks.set_keys(keys)
        self.inspector.set_keys(keys)
        for name, given in keys.items():
            self.transport.set_keys(name, given[0] if given else "")

    def show_cut_in_player(self, timeline: Timeline | None, media: Mapping[Path, MediaInfo]) -> None:
        """Play this cut; the same one goes on playing."""
        tracks = timeline.tracks if timeline else None
        if tracks is not self._played[0] or media is not self._played[1]:
            self._played = (tracks, media)
            self.player.load(Program.of(timeline, media) if timeline else None)

    def show_alone(self, *, stage: bool) -> None:
        """Leave only the picture and its transport, or bring everything back."""
        for part in (self.marks, self.inspector, self.timeline):
            part.setVisible(not stage)
        self.missing.show_missing(() if stage else self.desk.shown.missing)
        self.laid_out.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that places changed."""
        super().resizeEvent(event)
        self.laid_out.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell that the timeline grew for its tracks."""
        if event.type() == QEvent.Type.Resize:
            self.laid_out.emit()
        return super().eventFilter(watched, event)

    def show_state(self, now: Shown, before: Shown) -> None:
        """Show what changed."""
        if now.cut is not before.cut:
            self.timeline.show_cut(now.cut)
            self.stage.show_clock(now.cut.clock)
            self.transport.show_clock(now.cut.clock)
        if now.missing != before.missing:
            self.missing.show_missing(now.missing)
        if now.tracks is not before.tracks:
            self.timeline.show_tracks(now.tracks)
        if now.marks is not before.marks:
            self.marks.show_marks(now.marks, now.cut.clock)
            self.timeline.show_marks(now.marks.lane)
        if now.selected != before.selected:
            self.marks.show_selection(now.selected)
            self.timeline.show_selection(now.selected)
        if now.trial != before.trial:
            self.timeline.show_trial(now.trial)
        if now.explained is not before.explained or now.cut.clock != before.cut.clock:
            self.inspector.show_mark(now.explained, now.cut.clock)
        if now.top.keeper != before.top.keeper:
            self.inspector.set_read_only(read_only=bool(now.top.keeper))
            self.marks.set_read_only(read_only=bool(now.top.keeper))
        listed = (self.desk.wish.states, self.desk.wish.order)
        if listed != self._listed:
            self._listed = listed
            self.marks.show_filter(*listed)

    def _wire_marks(self) -> None:
        desk, hands = self.desk, self.hands
        self.marks.selected.connect(hands.select)
        self.marks.activated.connect(hands.play_mark)
        self.marks.filtered.connect(lambda states: desk.ask(states=states))
        self.marks.ordered.connect(lambda order: desk.ask(order=order))
        self.marks.renamed.connect(lambda mark, name: desk.do("rename", mark, name))
        self.inspector.wanted.connect(hands.run)
        self.inspector.trim_wanted.connect(hands.trim)
        self.inspector.seek_wanted.connect(self.player.seek)
        self.inspector.renamed.connect(lambda mark, name: desk.do("rename", mark, name))
        self.inspector.noted.connect(lambda mark, text: desk.do("note", mark, text))
        self.inspector.curve_wanted.connect(self._toggle_curve)
        self.inspector.left.connect(self.marks.view.setFocus)

    def _wire_timeline(self) -> None:
        desk, hands, line = self.desk, self.hands, self.timeline
        line.scrubbed.connect(self._scrub)
        line.selected.connect(self._select_in_lane)
        line.activated.connect(hands.play_mark)
        line.trim_tried.connect(lambda mark, start, end: desk.ask(trial=Trial(mark, start, end)))
        line.trim_done.connect(lambda mark, start, end, _: hands.trim(mark, start, end))
        line.trim_given_up.connect(lambda: desk.ask(trial=None))
        line.range_drawn.connect(hands.new_mark)
        line.split_wanted.connect(hands.split_at)
        line.curve_toggled.connect(self._toggle_curve)

    def _wire_player(self) -> None:
        self.player.moved.connect(lambda frame: self.timeline.set_playhead(frame, follow=self.player.playing))
        self.transport.wanted.connect(self.hands.run)
        self.missing.wanted.connect(lambda: self.hands.run("locate-media"))
        self.stage.fullscreen_wanted.connect(lambda: self.hands.run("fullscreen"))

    def _scrub(self, frame: int, final: bool) -> None:  # noqa: FBT001 - a signal's arguments have no names
        self.player.scrub(frame, final)

    def _select_in_lane(self, mark_id: str, extend: bool) -> None:  # noqa: FBT001 - a signal's arguments have no names
        chosen = self.desk.wish.selected
        if not mark_id:
            self.desk.ask(selected=())
        elif not extend:
            self.hands.select((mark_id,))
        elif mark_id in chosen:
            self.desk.ask(selected=tuple(each for each in chosen if each != mark_id))
        else:
            self.hands.select((*chosen, mark_id))

    def _toggle_curve(self, name: str) -> None:
        shown = self.desk.wish.shown_curves
        self.desk.ask(shown_curves=shown ^ {name})
