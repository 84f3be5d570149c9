"""The timeline as the window sees it: values in, wishes out."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QVBoxLayout, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import plain_tip
from circletake_viewers.state.shown import Cut, MarkRow, Tracks
from circletake_viewers.state.wish import Trial
from circletake_viewers.timeline import tips
from circletake_viewers.timeline.canvas import Canvas
from circletake_viewers.timeline.hands import Hands
from circletake_viewers.timeline.header import Header
from circletake_viewers.timeline.lanes import Lane
from circletake_viewers.timeline.overview import Overview
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.ticks import Units


class TimelineView(QWidget):
    """Film, sound, curves and marks over time. All places are timeline frames, ends are exclusive.

    `selected` carries an empty name where no mark was clicked; `menu_wanted` where none was meant. `trim_done` ends
    with the verb: `trim` for an edge, `move` for the whole mark.
    """

    scrubbed = Signal(int, bool)
    selected = Signal(str, bool)
    activated = Signal(str)
    trim_tried = Signal(str, int, int)
    trim_done = Signal(str, int, int, str)
    trim_given_up = Signal()
    range_drawn = Signal(int, int)
    split_wanted = Signal(str, int)
    menu_wanted = Signal(str, QPoint)
    curve_toggled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty timeline."""
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Timeline")
        self.header = Header(self)
        self.canvas = Canvas(self)
        self.overview = Overview(self)
        self.hands = Hands(self.canvas)
        self._lay_out()
        self._connect()

    # Values in.

    def show_cut(self, cut: Cut) -> None:
        """Draw this film and what was measured of it."""
        if cut is not self.canvas.scene.cut:
            self.header.show_legend(cut)
            self.canvas.show_cut(cut)

    def show_tracks(self, tracks: Tracks) -> None:
        """Draw the cut's own tracks and the flags of other tools; nothing where they say no more than the film does."""
        self.canvas.show_tracks(tracks)

    def show_marks(self, marks: tuple[MarkRow, ...]) -> None:
        """Draw these marks, sorted by start."""
        if marks is not self.canvas.scene.stack.rows:
            self.canvas.show_marks(marks)
            self.overview.show_stack(self.canvas.scene.stack)
            self.hands.look_again()

    def show_selection(self, ids: tuple[str, ...]) -> None:
        """Circle these marks."""
        self.canvas.show_selection(ids)

    def show_trial(self, trial: Trial | None) -> None:
        """Draw a mark where it is tried, from wherever it is tried; what is dragged here goes before."""
        if not self.hands.is_dragging:
            self.canvas.show_trial(trial)

    def set_playhead(self, frame: int, *, follow: bool = False) -> None:
        """Move the playhead; with `follow` turn the page when it leaves, but never while something is dragged."""
        self.canvas.set_playhead(frame, follow=follow and not self.hands.is_busy)

    # Where it looks.

    def reveal(self, start: int, end: int) -> None:
        """Move as little as needed to see a range; never under a hand that holds something."""
        if self.hands.is_busy:
            return
        self.canvas.slide_to(self.canvas.scale.revealing(start, end))

    def fit(self) -> None:
        """See the whole timeline."""
        self.canvas.set_scale(Scale.fitted(self.canvas.scale.frames, self.canvas.scale.width))

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Come nearer (`factor` above 1) or go farther; what lies at pixel `at` of the canvas stays there.

        Without `at` that is the playhead where it is seen, else the middle.
        """
        x = self.canvas.scale.x(self.canvas.playhead)
        seen = x if 0 <= x <= self.canvas.width() else None
        self.canvas.set_scale(self.canvas.scale.zoomed(factor, seen if at is None else at))

    @property
    def snaps(self) -> bool:
        """Tell whether edges cling to cuts, pauses and the playhead."""
        return self.header.snap.isChecked()

    def set_snap(self, *, on: bool) -> None:
        """Let edges cling, or not."""
        self.header.snap.setChecked(on)

    def toggle_snap(self) -> None:
        """The other way round."""
        self.set_snap(on=not self.snaps)

    @property
    def tracks_folded(self) -> bool:
        """Tell whether the tracks are one thin row."""
        return self.canvas.folded

    def fold_tracks(self, *, folded: bool) -> None:
        """Make the tracks one thin row, or show each of them."""
        self.canvas.fold(folded=folded)

    def toggle_tracks(self) -> None:
        """The other way round."""
        self.fold_tracks(folded=not self.tracks_folded)

    def zoom_to(self, start: int, end: int) -> None:
        """Come as near as a range can be seen whole."""
        self.canvas.set_scale(self.canvas.scale.showing(start, end))

    # Qt's calls.

    def changeEvent(self, event: QEvent) -> None:
        """Tint icons anew in another theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self.header.retint()
        super().changeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the canvas's mouse to the hands."""
        if watched is not self.canvas:
            return super().eventFilter(watched, event)
        return self._mouse(event) or self._other(event)

    def _mouse(self, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.MouseButtonPress:
            self.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
            self.hands.press(cast("QMouseEvent", event))
        elif kind is QEvent.Type.MouseMove:
            self.hands.move(cast("QMouseEvent", event))
        elif kind is QEvent.Type.MouseButtonRelease:
            self.hands.release(cast("QMouseEvent", event))
        elif kind is QEvent.Type.MouseButtonDblClick:
            self._double(cast("QMouseEvent", event))
        elif kind is QEvent.Type.Wheel:
            self.hands.wheel(cast("QWheelEvent", event))
        else:
            return False
        return True

    def _other(self, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.Leave:
            self.hands.leave()
        elif kind is QEvent.Type.Hide:
            self.hands.give_up()
        elif kind is QEvent.Type.NativeGesture:
            return self._pinch(cast("QNativeGestureEvent", event))
        elif kind is QEvent.Type.ContextMenu:
            self._menu(cast("QContextMenuEvent", event))
            return True
        elif kind is QEvent.Type.ToolTip:
            return self._tell(cast("QHelpEvent", event))
        elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return self._key(cast("QKeyEvent", event))
        return False

    def _double(self, event: QMouseEvent) -> None:
        row = self.hands.mark_at(event.position())
        if row and event.button() is Qt.MouseButton.LeftButton:
            self.activated.emit(row.id)
        else:
            self.hands.press(event)

    def _pinch(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self.zoom(1 + event.value(), event.position().x())
        return True

    def _key(self, event: QKeyEvent) -> bool:
        """Esc gives a drag up, before any shortcut of the window hears of it."""
        if event.key() != Qt.Key.Key_Escape or not self.hands.is_dragging:
            return False
        event.accept()
        if event.type() is QEvent.Type.KeyPress:
            self.hands.give_up()
        return True

    def _menu(self, event: QContextMenuEvent) -> None:
        if event.pos().y() < self.canvas.places[Lane.RULER].bottom:
            self._units_menu(event.globalPos())
            return
        row = self.hands.mark_at(event.pos())
        if row and row.id not in self.canvas.scene.selected:
            self.selected.emit(row.id, False)  # noqa: FBT003 - a signal has no keywords
        self.menu_wanted.emit(row.id if row else "", event.globalPos())

    def _units_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for units in Units:
            action = QAction(f"Count in {units.value}", menu, checkable=True)
            action.setChecked(units is self.canvas.scene.units)
            action.triggered.connect(lambda _, chosen=units: self._count_in(chosen))
            menu.addAction(action)
        menu.popup(place)

    def _tell(self, event: QHelpEvent) -> bool:
        text = tips.about(self.canvas, self.hands, event.pos())
        if text:
            QToolTip.showText(event.globalPos(), plain_tip(text), self.canvas)
        else:
            QToolTip.hideText()
        return True

    # Steps.

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP[0])
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.overview)
        self.canvas.setAccessibleName("Timeline: film, tracks, sound, curves and marks")
        self.canvas.installEventFilter(self)

    def _connect(self) -> None:
        hands, header = self.hands, self.header
        hands.scrubbed.connect(self.scrubbed)
        hands.selected.connect(self.selected)
        hands.trim_tried.connect(self.trim_tried)
        hands.trim_done.connect(self.trim_done)
        hands.trim_given_up.connect(self.trim_given_up)
        hands.range_drawn.connect(self.range_drawn)
        hands.split_wanted.connect(self.split_wanted)
        hands.fold_wanted.connect(self.toggle_tracks)
        header.curve_toggled.connect(self.curve_toggled)
        header.snap_toggled.connect(lambda wanted: setattr(hands, "snaps", wanted))
        header.units_wanted.connect(self._other_units)
        header.fit_wanted.connect(self.fit)
        header.zoom_wanted.connect(self.zoom)
        self.canvas.scale_changed.connect(lambda: self.overview.show_scale(self.canvas.scale))
        self.overview.moved.connect(self.canvas.set_scale)

    def _other_units(self) -> None:
        self._count_in(Units.SECONDS if self.canvas.scene.units is Units.TIMECODE else Units.TIMECODE)

    def _count_in(self, units: Units) -> None:
        self.canvas.set_units(units)
        self.header.show_units(units)
