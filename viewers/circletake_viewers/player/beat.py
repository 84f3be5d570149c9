"""What play runs by: the sound of a device with a clock that follows it, or the wall where nothing is heard."""

from __future__ import annotations

from collections.abc import Callable

from circletake.playback.clock import PlayClock
from circletake.playback.program import Program
from circletake.playback.route import Route
from circletake.playback.sound import SPEEDS, SoundFeed
from circletake_viewers.player.sink import SoundSink

NO_DEVICE = "There is no sound device: playing without sound."
DEVICE_LOST = "The sound device stopped answering: playing on without sound."


class Beat:
    """One player's sound and time. A device that fails is left alone until `trust_device`, and told of once.

    `offset` seconds are taken off what was played: for headphones that take their time.
    """

    def __init__(self, sink: SoundSink, on_ready: Callable[[], None], tell: Callable[[str], None]) -> None:
        """`on_ready` is called on another thread when sound can begin, `tell` with a sentence on trouble."""
        self._sounds = SoundFeed(on_ready)
        self._sink = sink
        self._tell = tell
        self._clock: PlayClock | None = None
        self._speed = 1.0
        self._is_audible = self._silent = self._told = False
        self.offset = 0.0

    @property
    def is_running(self) -> bool:
        """Tell whether the clock has started."""
        return self._clock is not None

    @property
    def is_ready(self) -> bool:
        """Tell whether the clock can start without the sound running dry at once."""
        return not self._has_sound or self._sounds.is_ready

    def trust_device(self) -> None:
        """Try the device anew from the next `prepare` on."""
        self._silent = False

    def prepare(self, program: Program, route: Route, speed: float) -> None:
        """Have the sound of a way decoded; the clock stands."""
        self.stop()
        self._speed = abs(speed)
        self._is_audible = speed in SPEEDS and bool(program.sound)
        if self._has_sound:
            self._sounds.play(program, route, speed)

    def start(self, now: Callable[[], float]) -> None:
        """Start the sound and the clock."""
        follows = self._has_sound and self._sink.start(self._sounds.read)
        if self._has_sound and not follows:
            self._go_silent("" if self._told else NO_DEVICE)
        if self._has_sound or self._silent:
            self._told = self._silent
        # Asked only now: the first start of a device takes long, and nothing was played meanwhile.
        self._clock = PlayClock.started(now(), speed=self._speed, follows=follows)

    def played(self, now: float) -> float:
        """Timeline seconds to show since the start; 0 before it."""
        clock = self._clock  # who hears of a lost device may stop play
        if clock is None:
            return 0.0
        self._listen(clock, now)
        return max(0.0, clock.played(now) - self.offset)

    def stop(self) -> None:
        """Be silent, and forget the time."""
        self._sink.stop()
        self._sounds.stop()
        self._clock = None

    def set_volume(self, volume: float) -> None:
        """0 to 1, as heard."""
        self._sink.set_volume(volume)

    def close(self) -> None:
        """End its thread."""
        self._sounds.close()

    @property
    def _has_sound(self) -> bool:
        return self._is_audible and not self._silent

    def _listen(self, clock: PlayClock, now: float) -> None:
        if not clock.follows:
            return
        clock.hear(self._sink.heard(), now)
        if self._sink.is_lost or clock.is_stuck(now):
            clock.follow_wall(now)
            self._sink.stop()
            self._go_silent(DEVICE_LOST)

    def _go_silent(self, message: str) -> None:
        self._silent = True
        self._sounds.stop()
        if message:
            self._tell(message)
