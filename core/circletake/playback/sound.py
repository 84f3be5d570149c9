"""Sound for a player, decoded ahead on one thread and read without waiting."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator

from circletake.playback.listening import CHANNELS, RATE, Listening, Samples, quicker
from circletake.playback.program import Program
from circletake.playback.route import Route

_log = logging.getLogger(__name__)

SAMPLE_BYTES = 2 * CHANNELS
"""Bytes of one moment of sound, all channels."""

AHEAD_BYTES = RATE * SAMPLE_BYTES
"""A second decoded ahead: a seek in a film with a slow disk does not silence it."""

READY_BYTES = RATE // 5 * SAMPLE_BYTES
"""Enough to begin with: a device's buffer and as much again."""

CLOSE_SECONDS = 2.0
"""Longest wait for the thread: one that waits for a dead network drive is left to end by itself."""

SPEEDS = (1.0, 2.0)
"""Speeds forwards at which there is sound; at others it says nothing to anyone."""


class SoundFeed:
    """Serves one player. Its methods return at once and may be called from any thread; a thread of its own decodes."""

    def __init__(self, on_ready: Callable[[], None]) -> None:
        """`on_ready` is called on the feed's thread when enough is there to begin."""
        self._on_ready = on_ready
        self._changed = threading.Condition()
        self._source: Iterator[Samples] | None = None
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._over = False
        self._closing = False
        self._listening = Listening()
        self._told: set[type[Exception]] = set()
        self.underruns = 0
        self._thread = threading.Thread(target=self._run, name="circletake-sound", daemon=True)
        self._thread.start()

    def play(self, program: Program, route: Route, speed: float) -> None:
        """Serve the sound of a way forwards, from its first frame on; `speed` is one of `SPEEDS`."""
        blocks = _way(self._listening, program, route)
        with self._changed:
            self._source = quicker(blocks, speed) if speed != 1 else blocks
            self._drop()
            self._changed.notify()

    def stop(self) -> None:
        """Serve silence."""
        with self._changed:
            self._source = None
            self._drop()

    @property
    def is_ready(self) -> bool:
        """Tell whether play can begin without running dry at once."""
        with self._changed:
            return self._over or self._source is None or self._bytes >= READY_BYTES

    def read(self, frames: int) -> bytes:
        """The next `frames` samples, 16 bit, left and right in turn; silence, counted, where they come too late."""
        with self._changed:
            wanted = frames * SAMPLE_BYTES
            taken = self._taken(wanted)
            if len(taken) < wanted and not self._over and self._source is not None:
                self.underruns += 1
            self._changed.notify()
        return taken.ljust(wanted, b"\0")

    def close(self) -> None:
        """End the thread and close the files; returns when it is done, or after two seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_SECONDS)

    def _taken(self, wanted: int) -> bytes:
        parts = []
        while wanted > 0 and self._waiting:
            part = self._waiting.popleft()
            if len(part) > wanted:
                self._waiting.appendleft(part[wanted:])
                part = part[:wanted]
            parts.append(part)
            wanted -= len(part)
            self._bytes -= len(part)
        return b"".join(parts)

    def _drop(self) -> None:
        self._waiting.clear()
        self._bytes, self._over, self.underruns = 0, False, 0

    def _run(self) -> None:
        try:
            while (source := self._next()) is not None:
                self._add(source, self._made(source))
        finally:
            self._listening.close()

    def _made(self, source: Iterator[Samples]) -> Samples | None:
        """The next block; None where there is no more, also because nobody foresaw a fault: the rest is silence."""
        try:
            return next(source, None)
        except Exception as error:  # noqa: BLE001 - the thread must outlive it
            if type(error) not in self._told:
                self._told.add(type(error))
                _log.exception("sound ends early")
            return None

    def _next(self) -> Iterator[Samples] | None:
        """Wait for room; None when closing."""
        with self._changed:
            while not self._closing:
                if self._source is not None and not self._over and self._bytes < AHEAD_BYTES:
                    return self._source
                self._changed.wait()
        return None

    def _add(self, source: Iterator[Samples], block: Samples | None) -> None:
        with self._changed:
            if source is not self._source:
                return
            was_ready = self.is_ready
            self._over = block is None
            if block is not None:
                self._waiting.append(block.tobytes())
                self._bytes += block.nbytes
            tell = self.is_ready and not was_ready
        if tell:
            self._on_ready()


def _way(listening: Listening, program: Program, route: Route) -> Iterator[Samples]:
    first, repeated = route.spans(program.rate)
    yield from listening.span(program, *first)
    for span in itertools.repeat(repeated) if repeated else ():
        yield from listening.span(program, *span)
