"""Pictures for a player, made on one thread: the newest frame wanted, or a ring filled ahead of play."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from circletake.playback.develop import View
from circletake.playback.producers import LONGEST_RUN, RUN_BYTES, Pace, Producer
from circletake.playback.program import Program
from circletake.playback.ring import Ring
from circletake.playback.route import Route
from circletake.playback.showing import Films, NoPicture, Showing, Shown, Stop, unreadable

_log = logging.getLogger(__name__)

A_STEP = 6
"""Frames whose decoding nobody notices (40 ms of 1080p on two cores); farther away a key frame is shown first."""

PATIENCE = 4
"""Pictures in a row that come late before a fast play shows key frames alone; a single seek is no reason."""

CLOSE_SECONDS = 2.0
"""Longest wait for the thread: one that reads the packets of a day's footage is left to end by itself."""

READ_ON = 8
"""Frames decoded after the one shown while nobody asks, so that the next steps are there."""


@dataclass(slots=True)
class _Want:
    frame: int
    preview: bool


@dataclass(slots=True)
class _Play:
    producer: Producer
    pace: Pace
    route: Route
    ring: Ring = field(default_factory=Ring)
    due: int = 0
    over: bool = False
    times_late: int = 0


class PictureFeed:
    """Serves one player. Its methods return at once and may be called from any thread; a thread of its own decodes.

    `on_ready` is called on that thread when `newest` has something, and once when play has its first picture.
    """

    def __init__(self, on_ready: Callable[[], None]) -> None:
        self._on_ready = on_ready
        self._changed = threading.Condition()
        self._program: Program | None = None
        self._view = View(640, 360)
        self._want: _Want | None = None
        self._play: _Play | None = None
        self._newest: Shown | None = None
        self._epoch = 0
        self._closing = False
        self._films = Films()
        self._told: set[type[Exception]] = set()
        self._thread = threading.Thread(target=self._run, name="circletake-pictures", daemon=True)
        self._thread.start()

    def load(self, program: Program | None) -> None:
        """Serve another program; what was wanted or played is dropped."""
        with self._changed:
            self._program, self._want, self._play, self._newest = program, None, None, None
            self._turn()

    def set_view(self, view: View) -> None:
        """Make pictures for another stage from now on; ask again for the one shown."""
        with self._changed:
            self._view = view

    def want(self, frame: int, *, preview: bool = True) -> None:
        """Have `newest` answer for a timeline frame; the newest call wins, and ends play.

        With `preview` the key frame before it comes first where the frame itself takes longer than a step.
        """
        with self._changed:
            self._want, self._play, self._newest = _Want(frame, preview), None, None
            self._turn()

    def newest(self) -> Shown | None:
        """What came last for the newest want, once."""
        with self._changed:
            shown, self._newest = self._newest, None
            return shown

    def play(self, route: Route, speed: float) -> None:
        """Make the pictures of a way ready, `speed` (above 0) times as fast as they were taken."""
        with self._changed:
            if self._program is None:
                return
            producer = Producer(Showing(self._program, self._films), route, speed)
            pace = Pace(producer.stride / (float(self._program.rate) * speed))
            self._want, self._play = None, _Play(producer, pace, route)
            self._turn()

    @property
    def stride(self) -> int:
        """Frames from one picture of the play to the next; 1 where nothing plays."""
        with self._changed:
            return self._play.producer.stride if self._play else 1

    @property
    def has_begun(self) -> bool:
        """Tell whether play has its first picture, or never will have one."""
        with self._changed:
            return self._play is None or self._play.over or len(self._play.ring) > 0

    def take(self, distance: int) -> tuple[int, Shown] | None:
        """The picture due at a distance on the way, with its own distance; None where no newer one is ready."""
        with self._changed:
            if self._play is None:
                return None
            self._play.due = distance
            taken = self._play.ring.take(distance)
            if taken:
                self._changed.notify()
            return taken

    def close(self) -> None:
        """End the thread and close the films; returns when it is done, or after two seconds. It serves nothing more."""
        with self._changed:
            self._closing = True
            self._turn()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_SECONDS)

    def _turn(self) -> None:
        """Give up what is being done; the condition is held."""
        self._epoch += 1
        self._changed.notify()

    def _run(self) -> None:
        try:
            while (task := self._next()) is not None:
                task()
                del task  # the pictures it holds are not kept while this thread waits
        finally:
            self._films.close()

    def _next(self) -> Callable[[], None] | None:
        """Wait for something to do; None when closing."""
        with self._changed:
            while not self._closing:
                program, view, stop = self._program, self._view, self._stop_of(self._epoch)
                if program and self._want:
                    want, self._want = self._want, None
                    return lambda: self._serve(Showing(program, self._films), want, view, stop)
                if self._play and self._has_room(self._play):
                    play = self._play
                    return lambda: self._advance(play, view, stop)
                self._changed.wait()
        return None

    def _stop_of(self, epoch: int) -> Stop:
        return lambda: self._epoch != epoch

    def _serve(self, showing: Showing, want: _Want, view: View, stop: Stop) -> None:
        try:
            self._answer(showing, want, view, stop)
        except Exception as error:  # noqa: BLE001 - the thread must outlive what nobody foresaw
            self._deliver(self._unforeseen(want.frame, error), stop)

    def _answer(self, showing: Showing, want: _Want, view: View, stop: Stop) -> None:
        place = showing.place(want.frame)
        if isinstance(place, NoPicture):
            self._deliver(place, stop)
            return
        if want.preview and place.film.reader.way_to(place.number) > A_STEP:
            self._deliver(showing.preview(want.frame, place, view), stop)
        if not stop():
            self._deliver(showing.exact(want.frame, place, view, stop=stop), stop)
            self._read_on(showing, want.frame, stop)

    def _read_on(self, showing: Showing, frame: int, stop: Stop) -> None:
        for ahead in range(frame + 1, min(frame + 1 + READ_ON, showing.program.frames)):
            place = showing.place(ahead)
            if stop() or isinstance(place, NoPicture) or place.film.reader.way_to(place.number) > A_STEP:
                return
            showing.read(place, stop)

    def _deliver(self, shown: Shown | None, stop: Stop) -> None:
        with self._changed:
            if shown is None or stop():
                return
            self._newest = shown
        self._on_ready()

    @staticmethod
    def _has_room(play: _Play) -> bool:
        if play.over:
            return False
        if not play.producer.makes_runs:
            return not play.ring.is_full
        return play.ring.bytes < RUN_BYTES and len(play.ring) < LONGEST_RUN  # what cannot be shown has no bytes

    def _advance(self, play: _Play, view: View, stop: Stop) -> None:
        """Make the next pictures of a play; what is already late is left out."""
        self._catch_up(play)
        began, made = time.monotonic(), 0
        for distance, shown in self._produced(play, view, stop):
            made += 1
            with self._changed:
                first = not len(play.ring) and distance == 0
                play.ring.put(distance, shown)
            if first:
                self._on_ready()
        if made:
            play.pace.measured((time.monotonic() - began) / made)
        elif not stop():
            play.over = True
            self._on_ready()

    def _produced(self, play: _Play, view: View, stop: Stop) -> Iterator[tuple[int, Shown]]:
        """What the producer makes; where it fails, one step that says so, and it goes on behind it."""
        producer = play.producer
        try:
            yield from producer.produce(view, stop)
        except Exception as error:  # noqa: BLE001 - the thread must outlive what nobody foresaw
            frame = play.route.frame(producer.next)
            if frame is not None:
                yield producer.next, self._unforeseen(frame, error)
                producer.next += producer.stride

    def _unforeseen(self, frame: int, error: Exception) -> NoPicture:
        """Say that there is no picture; the log has why, once for each kind of fault."""
        if type(error) not in self._told:
            self._told.add(type(error))
            _log.exception("no picture for frame %d", frame)
        return unreadable(frame, error)

    @staticmethod
    def _catch_up(play: _Play) -> None:
        producer = play.producer
        late = play.due - producer.next
        play.times_late = play.times_late + 1 if late > 0 and play.pace.is_too_slow else 0
        producer.keys_only = producer.keys_only or play.times_late >= PATIENCE
        if late > 0:
            steps = -(-late // producer.stride) + play.pace.lead
            producer.next += steps * producer.stride
