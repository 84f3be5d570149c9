"""What the mouse means on the canvas: it turns presses and moves into signals and into what is drawn meanwhile."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent

from circletake_viewers.state.shown import Cut, Flag, MarkRow, Tracks
from circletake_viewers.state.wish import Trial
from circletake_viewers.timeline import gutter, overlay
from circletake_viewers.timeline.canvas import Canvas
from circletake_viewers.timeline.drags import Drag, Draw, Pan, Scrub, Trim
from circletake_viewers.timeline.hits import Hit, hit
from circletake_viewers.timeline.lanes import Lane
from circletake_viewers.timeline.layers import FLAG_REACH
from circletake_viewers.timeline.overlay import Readout
from circletake_viewers.timeline.scale import Scale
from circletake_viewers.timeline.snapping import (
    NOWHERE,
    REACH,
    Kind,
    Part,
    Places,
    Span,
    Targets,
    edges_of,
    edges_of_tracks,
)

STEP = 1.2
"""How much nearer a notch of the wheel brings."""

NOTCH = 120.0
"""A notch in the units of Qt's wheel."""

PAN = 80.0
"""Pixels a notch moves along."""

BESIDE = 6.0
"""Pixels above and below the row of flags that count as it: alone it would be too thin to hit."""

BORDER = 24.0
FASTEST = 24.0
TICK_MS = 16
"""A drag this near to the border scrolls, up to so many pixels each tick."""


class Hands(QObject):
    """One for a canvas."""

    scrubbed = Signal(int, bool)
    selected = Signal(str, bool)
    trim_tried = Signal(str, int, int)
    trim_done = Signal(str, int, int, str)
    trim_given_up = Signal()
    range_drawn = Signal(int, int)
    split_wanted = Signal(str, int)
    fold_wanted = Signal()

    def __init__(self, canvas: Canvas) -> None:
        """Nothing is held."""
        super().__init__(canvas)
        self.snaps = True
        self._canvas = canvas
        self._drag: Drag | None = None
        self._at = QPointF()
        self._is_free = False
        self._edges: tuple[Cut, Places] = (canvas.scene.cut, edges_of(canvas.scene.cut))
        self._edits: tuple[Tracks, Targets] = (Tracks(), NOWHERE)
        self._scroll = QTimer(self, interval=TICK_MS)
        self._scroll.timeout.connect(self._scroll_on)

    @property
    def is_dragging(self) -> bool:
        """Tell whether something follows the mouse that can be given up."""
        return isinstance(self._drag, (Trim, Draw)) and self._drag.span is not None

    @property
    def is_busy(self) -> bool:
        """Tell whether a button is down that means something."""
        return self._drag is not None

    # The mouse.

    def press(self, event: QMouseEvent) -> None:
        """Take hold of what lies under the mouse."""
        self._note(event)
        x = self._at.x()
        if event.button() is Qt.MouseButton.MiddleButton:
            self._drag = Pan(x)
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() is Qt.MouseButton.LeftButton and self._scale.frames:
            if self._is_in_marks():
                self._press_in_marks(event, x)
            elif self.is_in_gutter(self._at):
                self.fold_wanted.emit()
            else:
                self._press_in_film(x)
        if self._drag and not isinstance(self._drag, Pan):
            self._scroll.start()

    def move(self, event: QMouseEvent) -> None:
        """Let what is held follow, or say what lies under the mouse."""
        self._note(event)
        if isinstance(self._drag, Pan):
            self._canvas.set_scale(self._scale.panned(self._drag.x - self._at.x()))
            self._drag = Pan(self._at.x())
        elif self._drag:
            self._follow()
        else:
            self._hover()

    def release(self, event: QMouseEvent) -> None:
        """Let go: what was tried is wanted."""
        self._note(event)
        drag = self._drag
        if drag is None:
            return
        if not isinstance(drag, Pan):
            self._follow()
            drag = self._drag or drag
        self._let_go()
        if isinstance(drag, Scrub):
            self.scrubbed.emit(drag.frame, True)  # noqa: FBT003 - a signal has no keywords
        elif isinstance(drag, Trim):
            self._done(drag)
        elif isinstance(drag, Draw):
            self._drawn(drag)
        self._hover()

    def wheel(self, event: QWheelEvent) -> None:
        """Come nearer or go farther at the cursor; with Shift, or sideways, move along."""
        pixels, turned = event.pixelDelta(), event.angleDelta()
        along = turned.x() if abs(turned.x()) > abs(turned.y()) else 0
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            along = along or turned.y()
        if along:
            moved = pixels.x() or along / NOTCH * PAN
            self._canvas.set_scale(self._scale.panned(-moved))
        else:
            self._canvas.set_scale(self._scale.zoomed(STEP ** (turned.y() / NOTCH), event.position().x()))
        self._at = event.position()
        if self._drag and not isinstance(self._drag, Pan):
            self._follow()
        elif not self._drag:
            self._hover()

    def leave(self) -> None:
        """Say nothing more."""
        if not self._drag:
            self._canvas.point_at(None, None)
            self._canvas.point_at_gutter(inside=False)

    def give_up(self) -> None:
        """Put back what is held."""
        drag = self._drag
        self._let_go()
        if isinstance(drag, Trim) and drag.span:
            self.trim_given_up.emit()

    def look_again(self) -> None:
        """Marks came or went: what is held may be one of them."""
        if isinstance(self._drag, Trim) and not self._canvas.scene.stack.find(self._drag.row.id):
            self.give_up()

    def mark_at(self, place: QPointF | QPoint) -> MarkRow | None:
        """The mark under a pixel of the canvas."""
        found = self._hit(float(place.x()), float(place.y()))
        return found.row if found else None

    def flags_at(self, place: QPointF | QPoint) -> tuple[Flag, ...]:
        """What other tools pointed out near a pixel of the canvas, the nearest first; else the stretches it lies in."""
        lane = self._canvas.places.get(Lane.FLAGS)
        if lane is None or not lane.top - BESIDE <= place.y() < lane.bottom + BESIDE:
            return ()
        return self._poles_at(float(place.x())) or self._canvas.scene.layers.flags_over(self._scale.at(place.x()))

    def is_in_gutter(self, place: QPointF | QPoint) -> bool:
        """Tell whether a pixel of the canvas lies on the tracks' headers."""
        lane = self._canvas.places.get(Lane.TRACKS)
        return lane is not None and gutter.area(self._canvas.scene.layers, lane).contains(QPointF(place))

    # Steps.

    @property
    def _scale(self) -> Scale:
        return self._canvas.scale

    def _note(self, event: QMouseEvent) -> None:
        self._at = event.position()
        self._is_free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)

    def _is_in_marks(self) -> bool:
        return self._at.y() >= self._canvas.places[Lane.MARKS].top

    def _hit(self, x: float, y: float) -> Hit | None:
        scene, lane = self._canvas.scene, self._canvas.places[Lane.MARKS]
        return hit(scene.stack, self._scale, lane, scene.selected, x, y)

    def _poles_at(self, x: float) -> tuple[Flag, ...]:
        return self._canvas.scene.layers.flags_near(self._scale.at(x), FLAG_REACH / self._scale.per_frame)

    def _press_in_film(self, x: float) -> None:
        """Bring the playhead here; onto a flag where one was meant."""
        lane = self._canvas.places.get(Lane.FLAGS)
        is_near = lane is not None and lane.top - BESIDE <= self._at.y() < lane.bottom + BESIDE
        poles = self._poles_at(x) if is_near else ()
        if poles:
            self._drag = Scrub(min(poles[0].start, self._scale.frames - 1), x)
        else:
            self._drag = Scrub(-1).to(x, self._scale, self._edit_targets() if self._clings() else NOWHERE)
        self.scrubbed.emit(self._drag.frame, False)  # noqa: FBT003 - a signal has no keywords

    def _edit_targets(self) -> Targets:
        """What the playhead clings to."""
        tracks = self._canvas.scene.layers.tracks
        if self._edits[0] is not tracks:
            self._edits = tracks, Targets.of(edges_of_tracks(tracks))
        return self._edits[1]

    def _press_in_marks(self, event: QMouseEvent, x: float) -> None:
        extends = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        found = self._hit(x, self._at.y())
        if found is None:
            targets = self._targets(None)
            snap = (targets if self._clings() else NOWHERE).near(self._scale.at(x), REACH / self._scale.per_frame)
            self._drag = Draw(snap.frame if snap else self._scale.edge(x), x, targets)
            return
        row, held = found.row, (found.row.end if found.part is Part.END else found.row.start)
        splits = self._is_free and found.part is Part.BODY
        self._drag = Trim(row, found.part, x, held - self._scale.at(x), self._targets(row.id), splits)
        self._canvas.point_at(None, None)
        self.selected.emit(row.id, bool(event.modifiers() & extends))

    def _follow(self) -> None:
        x, drag = self._at.x(), self._drag
        if isinstance(drag, Scrub):
            scrub = drag.to(x, self._scale, self._edit_targets() if self._clings() else NOWHERE)
            self._drag = scrub
            self._hover()
            if scrub.frame != drag.frame:
                self.scrubbed.emit(scrub.frame, False)  # noqa: FBT003 - a signal has no keywords
        elif isinstance(drag, (Trim, Draw)):
            moved = drag.to(x, self._scale, drag.targets if self._clings() else NOWHERE)
            self._drag = moved
            if moved.span and moved.span != drag.span:
                self._try(moved, moved.span)

    def _try(self, drag: Trim | Draw, span: Span) -> None:
        clock = self._canvas.scene.cut.clock
        snap = span.snap.frame if span.snap else None
        top = self._canvas.places[Lane.MARKS].top - overlay.PLATE - 2
        if isinstance(drag, Draw):
            readout = Readout(overlay.new_words(clock, span), self._at.x(), top)
            self._canvas.show_drag(None, span, snap, readout)
            return
        readout = Readout(overlay.tried_words(clock, drag.held, span, drag.part), self._at.x(), top)
        self._canvas.show_drag(Trial(drag.row.id, span.start, span.end), None, snap, readout)
        self._canvas.setCursor(_shape(drag.part, held=True))
        self.trim_tried.emit(drag.row.id, span.start, span.end)

    def _done(self, drag: Trim) -> None:
        """The tried place stays drawn until the project's own answer comes."""
        span = drag.span
        if span is None:
            if drag.splits:
                self.split_wanted.emit(drag.row.id, self._scale.edge(self._at.x()))
        elif (span.start, span.end) == (drag.row.start, drag.row.end):
            self.trim_given_up.emit()
        else:
            self._canvas.show_drag(Trial(drag.row.id, span.start, span.end), None, None, None)
            verb = "move" if drag.part is Part.BODY else "trim"
            self.trim_done.emit(drag.row.id, span.start, span.end, verb)

    def _drawn(self, drag: Draw) -> None:
        if drag.span:
            self.range_drawn.emit(drag.span.start, drag.span.end)
        else:
            self.selected.emit("", False)  # noqa: FBT003 - a signal has no keywords

    def _let_go(self) -> None:
        self._drag = None
        self._scroll.stop()
        self._canvas.unsetCursor()
        self._canvas.show_drag(None, None, None, None)

    def _hover(self) -> None:
        x, y = self._at.x(), self._at.y()
        inside = self._canvas.rect().contains(self._at.toPoint()) or isinstance(self._drag, Scrub)
        if not self._scale.frames or not inside:
            self._canvas.point_at(None, None)
            self._canvas.point_at_gutter(inside=False)
            return
        clock = self._canvas.scene.cut.clock
        if not self._drag and self._hover_over_signs():
            return
        frame = self._drag.frame if isinstance(self._drag, Scrub) else self._scale.frame(x)
        found = self._hit(x, y) if self._is_in_marks() and not self._drag else None
        if found and found.part is not Part.BODY:
            top = self._canvas.places[Lane.MARKS].top - overlay.PLATE - 2
            self._canvas.point_at(None, Readout(overlay.edge_words(clock, found), x, top))
        else:
            self._canvas.point_at(x, Readout(overlay.pointed_at(clock, frame), x, 2))
        if not self._drag:
            self._canvas.setCursor(_shape(found.part if found else None, held=False))

    def _hover_over_signs(self) -> bool:
        """Over a header or a flag, look like something to press."""
        inside, poles = self.is_in_gutter(self._at), self.flags_at(self._at) and self._poles_at(self._at.x())
        self._canvas.point_at_gutter(inside=inside)
        if inside:
            self._canvas.point_at(None, None)
        elif poles:
            words = overlay.flag_words(self._canvas.scene.cut.clock, poles)
            self._canvas.point_at(
                self._at.x(), Readout(words, self._at.x(), self._canvas.places[Lane.FLAGS].bottom + 4)
            )
        if inside or poles:
            self._canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        return inside or bool(poles)

    def _clings(self) -> bool:
        return self.snaps and not self._is_free

    def _targets(self, mark_id: str | None) -> Targets:
        """All an edge may cling to; a mark does not cling to itself."""
        scene = self._canvas.scene
        number = None if mark_id is None else scene.stack.index.get(mark_id)
        ends = [scene.stack.starts, scene.stack.ends]
        others = np.concatenate(ends if number is None else [np.delete(each, number) for each in ends])
        if self._edges[0] is not scene.cut:
            self._edges = scene.cut, edges_of(scene.cut)
        return Targets.of(
            {
                **self._edges[1],
                **edges_of_tracks(scene.layers.tracks),
                Kind.PLAYHEAD: np.array([self._canvas.playhead], np.int64),
                Kind.MARK: others,
            }
        )

    def _scroll_on(self) -> None:
        x, width = self._at.x(), self._canvas.width()
        beyond = min(x - BORDER, 0.0) + max(x - (width - BORDER), 0.0)
        is_begun = isinstance(self._drag, Scrub) or self.is_dragging
        if beyond and is_begun:
            speed = math.copysign(min(FASTEST, abs(beyond)), beyond)
            before = self._scale
            self._canvas.set_scale(before.panned(speed))
            if self._scale != before:
                self._follow()


def _shape(part: Part | None, *, held: bool) -> Qt.CursorShape:
    if part in (Part.START, Part.END):
        return Qt.CursorShape.SizeHorCursor
    if part is Part.BODY:
        return Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor
    return Qt.CursorShape.ArrowCursor
