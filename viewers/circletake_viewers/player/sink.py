"""Where sound goes: the system's device through Qt, or nothing, behind one small protocol."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from circletake.playback.listening import CHANNELS, RATE
from circletake.playback.sound import SAMPLE_BYTES

if TYPE_CHECKING:
    from PySide6.QtCore import QIODevice
    from PySide6.QtMultimedia import QAudioSink

BUFFER_SECONDS = 0.1
"""Sound given to the device ahead; a busy moment of the window shorter than this is not heard."""

PUMP_MILLISECONDS = 10
"""How often the device is filled up: its buffer lasts ten times as long."""

_log = logging.getLogger(__name__)

Read = Callable[[int], bytes]
"""Gives the next so many samples, 16 bit, left and right in turn; never waits."""


class SoundSink(Protocol):
    """A device that plays what it is given, and tells how much of it was heard."""

    def start(self, read: Read) -> bool:
        """Begin to play what `read` gives; False where there is no device to play on."""

    def stop(self) -> None:
        """Fall silent at once and forget what was not heard yet."""

    def heard(self) -> float:
        """Seconds of sound that have left since `start`; moves in steps, stands still until the first left."""

    @property
    def is_lost(self) -> bool:
        """Tell whether the device went away while playing."""

    def set_volume(self, volume: float) -> None:
        """0 silent to 1 full, as the ear counts."""


class QtSink(QObject):
    """The system's default device."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sink: QAudioSink | None = None
        self._device: QIODevice | None = None
        self._read: Read | None = None
        self._volume = 1.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PUMP_MILLISECONDS)
        self._timer.timeout.connect(self._pump)

    def start(self, read: Read) -> bool:
        """Begin on whatever device is the default now."""
        # Here, not at the top: QtMultimedia costs 85 ms and 35 MB, which the first paint of a window need not wait for.
        try:
            from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices, QtAudio  # noqa: PLC0415
        except ImportError as error:  # a system library for sound is missing: pictures play all the same
            _log.info("no sound: %s", error)
            return False
        self.stop()
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return False
        form = QAudioFormat()
        form.setSampleRate(RATE)
        form.setChannelCount(CHANNELS)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._sink = QAudioSink(device, form, self)
        self._sink.setBufferSize(round(BUFFER_SECONDS * RATE) * SAMPLE_BYTES)
        self._sink.setVolume(self._volume)
        self._device = self._sink.start()
        if self._sink.error() != QtAudio.Error.NoError:  # then there is no device to write to, whatever came back
            self.stop()
            return False
        self._read = read
        self._pump()
        self._timer.start()
        return True

    def stop(self) -> None:
        """Let go of the device: the next start may find another default."""
        self._timer.stop()
        sink, self._sink, self._device, self._read = self._sink, None, None, None
        if sink is not None:
            sink.reset()
            sink.deleteLater()

    def heard(self) -> float:
        """As the device counts."""
        return self._sink.processedUSecs() / 1e6 if self._sink else 0.0

    @property
    def is_lost(self) -> bool:
        """Tell whether the device reports an error."""
        if self._sink is None:
            return True
        from PySide6.QtMultimedia import QtAudio  # noqa: PLC0415 - already there, since a sink is

        return self._sink.error() in (QtAudio.Error.IOError, QtAudio.Error.FatalError, QtAudio.Error.OpenError)

    def set_volume(self, volume: float) -> None:
        """Set the device's own volume for this program."""
        self._volume = volume**3  # ears count in ratios; a cube comes near and ends at silence
        if self._sink:
            self._sink.setVolume(self._volume)

    def _pump(self) -> None:
        if self._sink is None or self._device is None or self._read is None:
            return
        room = self._sink.bytesFree() // SAMPLE_BYTES
        if room > 0:
            self._device.write(self._read(room))
