"""The part of the timeline that is painted: it keeps what is shown, and paints no more than what changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from circletake_viewers import theme
from circletake_viewers.state.shown import Cut, MarkRow, Tracks
from circletake_viewers.state.wish import Trial
from circletake_viewers.timeline import gutter, overlay
from circletake_viewers.timeline.changes import spoiled
from circletake_viewers.timeline.lanes import Extras, Lane, Row, least_height, rows
from circletake_viewers.timeline.layers import Layers
from circletake_viewers.timeline.overlay import Readout
from circletake_viewers.timeline.paint_tracks import draw_sticky_words
from circletake_viewers.timeline.picture import Picture
from circletake_viewers.timeline.reduce import Peaks
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.scene import Scene
from circletake_viewers.timeline.snapping import Span
from circletake_viewers.timeline.stack import stacked
from circletake_viewers.timeline.ticks import Units

SLIDE_MS = 120
"""How long the view takes to slide to what it shall show. Source: the design's numbers."""

FLIP = 200.0
"""Pixels around a changed stretch in which a picture or a rounded border may change with it."""


MANY = 32
"""Marks that are no longer looked up tile by tile when they change: with hundreds of tiles that would be felt."""


class Canvas(QWidget):
    """Paints lanes and what lies over them. What the mouse does is for `Hands` to know."""

    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty timeline."""
        super().__init__(parent)
        self.scene = Scene()
        self.picture = Picture(self.scene)
        self.scale = Scale()
        self.playhead = 0
        self.folded = False
        self._in_gutter = False
        self._follows = False
        self.settled = False
        self._trial: Trial | None = None
        self._tried: Trial | None = None
        self._new: Span | None = None
        self._snap: int | None = None
        self._cursor: float | None = None
        self._readout: Readout | None = None
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self.update)
        self._slide = QVariantAnimation(self, duration=SLIDE_MS)
        self._slide.valueChanged.connect(lambda origin: self._go(self.scale.panned(float(origin) - self.scale.origin)))
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(least_height())

    @property
    def extras(self) -> Extras:
        """The lanes that this cut needs beside the usual ones."""
        return self.scene.layers.extras(folded=self.folded)

    @property
    def places(self) -> dict[Lane, Row]:
        """Where each lane lies now."""
        return rows(self.height(), self.extras)

    # What is shown.

    def show_cut(self, cut: Cut) -> None:
        """Draw this film; only what differs is drawn again."""
        before = self.scene.cut
        if cut is before:
            return
        for each in spoiled(before, cut):
            self.picture.tiles.spoil(each.lane, each.first, each.last, FLIP)
        self.scene.peaks = _peaks(self.scene, cut)
        self.scene.cut = cut
        if cut.frames != before.frames:
            self.set_scale(self.scale.lasting(cut.frames))
        self.update()

    def show_tracks(self, tracks: Tracks) -> None:
        """Draw the cut's own tracks, and what other tools pointed out."""
        if tracks is self.scene.layers.tracks:
            return
        self.scene.layers = Layers.of(tracks)
        for lane in (Lane.TRACKS, Lane.FLAGS):
            self.picture.tiles.spoil(lane)
        self._lay_out()

    def fold(self, *, folded: bool) -> None:
        """Show the tracks as one thin row, or each of them."""
        self.folded = folded
        self._lay_out()

    def point_at_gutter(self, *, inside: bool) -> None:
        """Draw the tracks' headers as something to press, or as what they say."""
        if inside != self._in_gutter:
            self._in_gutter = inside
            self.update()

    def _lay_out(self) -> None:
        self.setMinimumHeight(least_height(self.extras))
        self.update()

    def show_marks(self, marks: tuple[MarkRow, ...]) -> None:
        """Draw these marks, by start."""
        before = self.scene.stack
        if marks is before.rows:
            return
        self._tried = None
        stack = self.scene.stack = stacked(marks, before)
        if stack.lies_like(before):
            self._spoil_marks([new for old, new in zip(before.rows, marks, strict=True) if old is not new])
        else:
            self.picture.tiles.spoil(Lane.MARKS)
        self.update()

    def show_selection(self, ids: tuple[str, ...]) -> None:
        """Circle these marks."""
        chosen = frozenset(ids)
        found = (self.scene.stack.find(mark_id) for mark_id in chosen ^ self.scene.selected)
        self._spoil_marks([row for row in found if row])
        if chosen != self.scene.selected:
            self.scene.selected = chosen
            self.update()

    def _spoil_marks(self, rows: Sequence[MarkRow]) -> None:
        """Have these drawn anew: place by place where they are few, else the whole lane at once."""
        if len(rows) > MANY:
            self.picture.tiles.spoil(Lane.MARKS)
            return
        for row in rows:
            self.picture.tiles.spoil(Lane.MARKS, row.start, row.end, overlay.HEAD)

    def show_trial(self, trial: Trial | None) -> None:
        """Draw a mark where it is tried."""
        if trial != self._trial or self._tried:
            self._trial, self._tried = trial, None
            self.update()

    def set_playhead(self, frame: int, *, follow: bool) -> None:
        """Move the playhead; with `follow` turn the page when it leaves.

        Who looks elsewhere meanwhile is left in peace: only a playhead that was seen, or begins to run, is followed.
        """
        was_seen = 0 <= self.scale.x(self.playhead) <= self.scale.width
        if follow and (was_seen or not self._follows) and self.scale.frames:
            self._go(self.scale.paged(frame))
        self._follows = follow
        if frame != self.playhead:
            self.update(self._stripe(self.playhead))
            self.playhead = frame
            self.update(self._stripe(frame))

    def set_units(self, units: Units) -> None:
        """Count in these."""
        self.scene.units = units
        self.picture.tiles.spoil(Lane.RULER)
        self.update()

    # What the hand is about to do.

    def show_drag(self, tried: Trial | None, new: Span | None, snap: int | None, readout: Readout | None) -> None:
        """Draw what a drag would do, and say it."""
        self._tried, self._new, self._snap, self._readout = tried, new, snap, readout
        self._cursor = None
        self.update()

    def point_at(self, x: float | None, readout: Readout | None) -> None:
        """Draw the cursor line and what is said beside it, or nothing."""
        for area in self._pointed():
            self.update(area)
        self._cursor, self._readout = x, readout
        for area in self._pointed():
            self.update(area)

    @property
    def trial(self) -> Trial | None:
        """The mark that is tried somewhere else: by the hand, or from outside."""
        return self._tried or self._trial

    # Where it looks.

    def set_scale(self, scale: Scale) -> None:
        """Look there now."""
        self._slide.stop()
        self._go(scale)

    def slide_to(self, scale: Scale) -> None:
        """Look there, sliding when only the place differs and things may move."""
        if scale.per_frame != self.scale.per_frame or not theme.wants_motion() or not self.isVisible():
            self.set_scale(scale)
        elif scale.origin != self.scale.origin:
            self._slide.stop()
            self._slide.setStartValue(self.scale.origin)
            self._slide.setEndValue(scale.origin)
            self._slide.start()

    def _go(self, scale: Scale) -> None:
        if scale != self.scale:
            self.scale = scale
            self.update()
            self.scale_changed.emit()

    # Qt's calls.

    def sizeHint(self) -> QSize:
        """Room for curves and marks beside the fixed lanes."""
        return QSize(800, 280)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep looking at the same place."""
        self.set_scale(self.scale.resized(float(event.size().width())))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing moves where nobody looks."""
        self._slide.stop()
        self._again.stop()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw all anew in another theme or font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.picture.tiles.clear()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was asked for."""
        painter = QPainter(self)
        area, ratio = event.rect(), self.devicePixelRatioF()
        scale, places = self.scale.aligned(ratio), self.places
        painter.fillRect(area, theme.color(theme.current().panel))
        if not self.scene.cut.frames:
            overlay.draw_hint(painter, "The timeline appears here once footage is open.", QRectF(self.rect()))
            self.settled = True
            return
        is_whole = self.picture.paint(painter, area, scale, places, ratio)
        self._paint_over(painter, scale, ratio)
        # A stripe alone says nothing about the rest of the lanes.
        self.settled = is_whole and (self.settled or area == self.rect())
        if not is_whole:
            self._again.start()

    def _paint_over(self, painter: QPainter, scale: Scale, ratio: float) -> None:
        stack, places = self.scene.stack, self.places
        lane = places[Lane.MARKS]
        overlay.draw_sticky_words(painter, stack, scale, lane)
        if not stack.rows and not self._new:
            hint = "No marks yet. Drag here to draw one."
            overlay.draw_hint(painter, hint, QRectF(0, lane.top, self.width(), lane.height))
        if (trial := self.trial) and (row := stack.find(trial.mark_id)):
            overlay.draw_tried(painter, stack, scale, lane, row, Span(trial.start, trial.end))
        if self._new:
            overlay.draw_new(painter, scale, lane, self._new)
        if tracks := places.get(Lane.TRACKS):
            draw_sticky_words(painter, self.scene.layers, scale, tracks, gutter.width(self.scene.layers, tracks))
            gutter.draw(painter, self.scene.layers, tracks, folded=self.folded, pointed=self._in_gutter)
        if self._cursor is not None:
            overlay.draw_cursor(painter, self._cursor, places)
        overlay.draw_playhead(painter, scale.x(self.playhead), places, ratio)
        if self._snap is not None:
            overlay.draw_snap(painter, scale.x(self._snap), places)
        if self._readout:
            overlay.draw_readout(painter, self._readout, self.width())

    def _stripe(self, frame: int) -> QRect:
        return overlay.stripe(self.scale.x(frame), self.height())

    def _pointed(self) -> list[QRect]:
        areas = [] if self._cursor is None else [overlay.stripe(self._cursor, self.height())]
        if self._readout:
            areas.append(self._readout.box(self.width()).toAlignedRect())
        return areas


def _peaks(scene: Scene, cut: Cut) -> tuple[Peaks | None, ...]:
    """The sound of each strip; several strips of one film share it, and a growing one continues."""
    known = {id(each.waveform): each for each in scene.peaks if each}
    by_path = {
        strip.path: each for strip, each in zip(scene.cut.strips, scene.peaks, strict=True) if each and strip.path
    }
    made: list[Peaks | None] = []
    for strip in cut.strips:
        wave = strip.waveform
        if wave is None or not len(wave.low):
            made.append(None)
            continue
        if id(wave) not in known:
            known[id(wave)] = Peaks(wave, by_path.get(strip.path) if strip.path else None)
        made.append(known[id(wave)])
    return tuple(made)
