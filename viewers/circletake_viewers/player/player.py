"""The player: one object the window drives. It keeps the picture in step with the sound, or with the wall."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from circletake.playback.develop import View
from circletake.playback.pictures import PictureFeed
from circletake.playback.producers import EXACT_UP_TO
from circletake.playback.program import Program
from circletake.playback.route import Route
from circletake_viewers.player.beat import Beat
from circletake_viewers.player.sink import QtSink, SoundSink

MAX_SPEED = 8.0

LONGEST_TICK = 0.015
"""Seconds between two looks at the sound while playing."""

PATIENCE = 1.5
"""Seconds play waits for its first picture and sound before it goes on without."""

Now = Callable[[], float]


class Player(QObject):
    """Plays a program. Frames are timeline frames; `frame` is where the playhead stands.

    `moved` tells each new place of the playhead, `shown` what is to be seen there (a `Shown`), `changed` that playing,
    speed, loop or volume is another, `troubled` a sentence worth telling. Call `close` before letting go of it.
    """

    moved = Signal(int)
    shown = Signal(object)
    changed = Signal()
    troubled = Signal(str)
    _ready = Signal()

    def __init__(
        self, parent: QObject | None = None, *, sink: SoundSink | None = None, now: Now = time.monotonic
    ) -> None:
        """`sink` and `now` are for tests; by default the system's device and the wall's clock."""
        super().__init__(parent)
        self._pictures = PictureFeed(self._ready.emit)
        self._beat = Beat(sink or QtSink(self), self._ready.emit, self.troubled.emit)
        self._now = now
        self._program: Program | None = None
        self._view = View(640, 360)
        self._frame = 0
        self._speed = 1.0
        self._route: Route | None = None
        self._asked_at = 0.0
        self._distance = -1
        self._dropped = 0
        self._loop: tuple[int, int] | None = None
        self._span: tuple[int, int] | None = None
        self._volume, self._muted = 1.0, False
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._ready.connect(self._on_ready, Qt.ConnectionType.QueuedConnection)

    @property
    def frame(self) -> int:
        """Where the playhead stands."""
        return self._frame

    @property
    def frames(self) -> int:
        """How many frames there are; 0 without a film."""
        return self._program.frames if self._program else 0

    @property
    def rate(self) -> Fraction:
        """Frames a second; 25 without a film."""
        return self._program.rate if self._program else Fraction(25)

    @property
    def program(self) -> Program | None:
        """What is played."""
        return self._program

    @property
    def playing(self) -> bool:
        """Tell whether it plays."""
        return self._route is not None

    @property
    def speed(self) -> float:
        """How fast it plays, or would: negative backwards."""
        return self._speed

    @property
    def looped(self) -> tuple[int, int] | None:
        """The frames it goes round in, end exclusive."""
        return self._loop

    @property
    def volume(self) -> float:
        """0 to 1."""
        return self._volume

    @property
    def muted(self) -> bool:
        """Tell whether sound is off."""
        return self._muted

    @property
    def dropped(self) -> int:
        """Frames that were due since play began and never shown. Above double speed none are counted: many are due."""
        return self._dropped

    def load(self, program: Program | None) -> None:
        """Show another program, from the frame the playhead stands at. An equal one changes nothing."""
        if program == self._program:
            return
        self._stop()
        self._program = program
        self._loop = self._span = None
        self._pictures.load(program)
        self._move(min(self._frame, max(0, self.frames - 1)), tell=True)
        self._want(preview=False)
        if program is None:
            self.shown.emit(None)
        self.changed.emit()

    def set_view(self, view: View) -> None:
        """Make pictures for another stage."""
        other_form, self._view = view.planes != self._view.planes, view
        self._pictures.set_view(view)
        if not self.playing:
            self._want(preview=False)
        elif other_form:
            self._begin()  # what waits ready is of no use to the new painter

    def seek(self, frame: int) -> None:
        """Go to a frame, and play on from there where it was playing."""
        was_playing, self._span = self.playing, None
        self._move(self._inside(frame))
        if was_playing:
            self._begin()
        else:
            self._want()

    def scrub(self, frame: int, final: bool = False) -> None:  # noqa: FBT001, FBT002 - the last ask of a drag
        """Go to a frame while a hand drags the playhead: key frames first, the right one as soon as it is there."""
        self._halt()
        if final or self._inside(frame) != self._frame:
            self._move(self._inside(frame))
            self._want()

    def step(self, count: int) -> None:
        """Go so many frames on, or back where negative, and stand."""
        self._halt()
        self._move(self._inside(self._frame + count))
        self._want()

    def play(self, speed: float = 1.0) -> None:
        """Play from here at a speed of up to 8, backwards where negative."""
        self._span = None
        self._start(speed)

    def play_span(self, start: int, end: int) -> None:
        """Play frames `start` up to `end` once, then stand on the last."""
        self._span = (self._inside(start), max(self._inside(start) + 1, min(end, self.frames)))
        self._move(self._span[0])
        self._start(1.0)

    def pause(self) -> None:
        """Stand on the frame shown."""
        if self._halt():
            self._want(preview=False)

    def toggle(self) -> None:
        """Play where it stands, stand where it plays."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def shuttle(self, direction: int) -> None:
        """J (-1), K (0) and L (1): again is twice as fast, the other way starts at its plain speed."""
        if direction == 0:
            self.pause()
        elif self.playing and self._speed * direction > 0:
            self.play(direction * min(MAX_SPEED, abs(self._speed) * 2))
        else:
            self.play(float(direction))

    def loop(self, span: tuple[int, int] | None) -> None:
        """Go round in frames `span` (end exclusive); None ends it."""
        if span is not None:
            start = self._inside(span[0])
            span = (start, max(start + 1, min(span[1], self.frames)))
        if span == self._loop:
            return
        self._loop = span
        if self.playing:
            self._begin()
        self.changed.emit()

    def set_volume(self, volume: float) -> None:
        """0 to 1; takes the mute off."""
        self._volume, self._muted = min(max(volume, 0.0), 1.0), False
        self._beat.set_volume(self._volume)
        self.changed.emit()

    def set_muted(self, muted: bool) -> None:  # noqa: FBT001 - a setter
        """Turn the sound off or on."""
        self._muted = muted
        self._beat.set_volume(0.0 if muted else self._volume)
        self.changed.emit()

    def set_offset(self, milliseconds: float) -> None:
        """Show pictures so much later than the device says the sound is: for headphones that take their time."""
        self._beat.offset = milliseconds / 1000

    def close(self) -> None:
        """Stop, and end the threads. Again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._stop()
        self._pictures.close()
        self._beat.close()

    def _inside(self, frame: int) -> int:
        return min(max(frame, 0), max(0, self.frames - 1))

    def _move(self, frame: int, *, tell: bool = False) -> None:
        if frame != self._frame or tell:
            self._frame = frame
            self.moved.emit(frame)

    def _want(self, *, preview: bool = True) -> None:
        if self._program and not self._closed:
            self._pictures.want(self._frame, preview=preview)

    def _start(self, speed: float) -> None:
        if not self._program or not self.frames or self._closed:
            return
        self._speed = max(-MAX_SPEED, min(MAX_SPEED, speed)) or 1.0
        self._dropped = 0
        self._beat.trust_device()
        self._begin()
        self.changed.emit()

    def _begin(self) -> None:
        """Have the way from here made ready; the clock starts when its first picture is there."""
        self._stop()
        if self._program is None:
            return
        self._route = self._way()
        self._distance = -1
        self._pictures.play(self._route, abs(self._speed))
        self._beat.prepare(self._program, self._route, self._speed)
        self._asked_at = self._now()
        self._timer.start(1)

    def _way(self) -> Route:
        start, end = self._span or self._loop or (0, self.frames)
        forwards, first, free = self._speed > 0, self._frame, not (self._span or self._loop)
        at_end = free and first == (end - 1 if forwards else start)
        if at_end or not start <= first < end:
            first = start if forwards else end - 1
        return Route(first, start, end, 1 if forwards else -1, loops=self._loop is not None and self._span is None)

    def _halt(self) -> bool:
        """Stop where it plays; tells whether it did."""
        if not self.playing:
            return False
        self._stop()
        self._span, self._speed = None, 1.0
        self.changed.emit()
        return True

    def _stop(self) -> None:
        self._timer.stop()
        self._beat.stop()
        self._route = None

    @Slot()
    def _on_ready(self) -> None:
        if self._closed:
            return
        if self._route is not None:
            self._tick()
        elif (shown := self._pictures.newest()) is not None:
            self.shown.emit(shown)

    @Slot()
    def _tick(self) -> None:
        """Show what is due, and come again when the next frame is."""
        if self._route is None:
            return
        now = self._now()
        if not self._beat.is_running and not self._started(now):
            self._timer.start(5)
            return
        played = self._beat.played(now)
        if self._show(int(played * float(self.rate) + 1e-6)):
            self._timer.start(self._until_next(played))

    def _started(self, now: float) -> bool:
        """Start sound and clock once both feeds have something."""
        ready = self._pictures.has_begun and self._beat.is_ready
        if not ready and now - self._asked_at < PATIENCE:
            return False
        self._beat.start(self._now)
        return True

    def _show(self, distance: int) -> bool:
        """Show the newest picture due; False where the way is over."""
        if (taken := self._pictures.take(distance)) is not None:
            place, picture = taken
            self._count_dropped(place)
            self._distance = place
            self.shown.emit(picture)
            self._move(picture.frame)
        if self._route is not None and self._route.frame(distance) is None:
            self._end()
        return self._route is not None

    def _count_dropped(self, place: int) -> None:
        if abs(self._speed) <= EXACT_UP_TO:
            self._dropped += max(0, (place - self._distance) // self._pictures.stride - 1)

    def _end(self) -> None:
        """Stand on the last frame of the way."""
        if self._route is not None:
            last = self._route.frame(self._route.run_up - 1)
            self._halt()
            self._move(self._frame if last is None else last)
            self._want(preview=False)

    def _until_next(self, played: float) -> int:
        """Milliseconds until the next frame is due."""
        frame_seconds = 1 / float(self.rate)
        wait = (frame_seconds - played % frame_seconds) / abs(self._speed)
        return max(1, -int(-1000 * min(wait, LONGEST_TICK) // 1))
