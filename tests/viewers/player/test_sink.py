"""The system's device, where there is one; without one it says so and nothing breaks."""

from __future__ import annotations

import sys

import pytest
from pytestqt.qtbot import QtBot

from circletake.playback.sound import SAMPLE_BYTES
from circletake_viewers.player.sink import QtSink


@pytest.mark.qt_log_ignore("pa_context_connect")  # Qt's own words where there is no sound server
def test_a_device_is_fed_or_said_not_to_be_there(qtbot: QtBot) -> None:
    asked: list[int] = []

    def read(frames: int) -> bytes:
        asked.append(frames)
        return bytes(frames * SAMPLE_BYTES)

    sink = QtSink()
    sink.set_volume(0.0)
    if sink.start(read):
        assert asked
        assert not sink.is_lost
    else:
        assert not asked
        assert sink.is_lost
    assert sink.heard() < 1
    sink.stop()
    sink.stop()
    assert sink.heard() == 0


def test_without_the_system_s_sound_libraries_there_is_no_device(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    sink = QtSink()
    assert not sink.start(bytes)
    assert sink.is_lost
