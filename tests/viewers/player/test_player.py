"""Stories of the player: play, pause, J K L, step, scrub, loop; with a sink that is scripted, and with none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from tests.films import Film
from tests.playback.conftest import program_of

from circletake.playback.program import Absence, Program
from circletake.playback.showing import NoPicture, Picture
from circletake.timebase import RationalTime
from circletake_viewers.player.beat import DEVICE_LOST, NO_DEVICE
from circletake_viewers.player.player import Player
from circletake_viewers.player.sink import Read
from circletake_viewers.player.stage import Stage
from circletake_viewers.player.transport import TransportBar
from circletake_viewers.state.shown import Clock

FILM = Film("player", frames=150, group=50)
MUTE = Film("player_mute", frames=40, audio_tracks=0)


class ScriptedSink:
    """A device whose progress the test sets; it keeps what it was given."""

    def __init__(self) -> None:
        self.has_device, self.lost, self.running = True, False, False
        self.seconds, self.volume, self.starts = 0.0, 1.0, 0
        self.given = b""

    def start(self, read: Read) -> bool:
        self.starts += 1
        self.running, self.seconds = self.has_device, 0.0
        self.given = read(4800) if self.has_device else b""
        return self.has_device

    def stop(self) -> None:
        self.running = False

    def heard(self) -> float:
        return self.seconds

    @property
    def is_lost(self) -> bool:
        return self.lost

    def set_volume(self, volume: float) -> None:
        self.volume = volume


@pytest.fixture
def sink() -> ScriptedSink:
    return ScriptedSink()


@pytest.fixture
def program(film_of: Callable[[Film], Path]) -> Program:
    return program_of(film_of(FILM))


@pytest.fixture
def player(qtbot: QtBot, sink: ScriptedSink, program: Program) -> Iterator[Player]:
    made = Player(sink=sink)
    with qtbot.waitSignal(made.shown):
        made.load(program)
    yield made
    made.close()


def test_it_opens_on_its_first_frame_and_an_equal_program_changes_nothing(
    qtbot: QtBot, player: Player, program: Program, film_of: Callable[[Film], Path]
) -> None:
    assert (player.frame, player.frames, player.rate, player.playing) == (0, 150, Fraction(30), False)
    player.seek(77)
    with qtbot.assertNotEmitted(player.changed):
        player.load(program_of(film_of(FILM)))
    assert player.frame == 77
    player.load(program_of(film_of(MUTE)))
    assert player.frame == 39


def test_seeks_and_steps_show_the_frame_they_name(qtbot: QtBot, player: Player) -> None:
    shown: list[Picture] = []
    player.shown.connect(shown.append)
    acts: tuple[tuple[Callable[[], None], int], ...] = (
        (partial(player.seek, 120), 120),
        (partial(player.step, 1), 121),
        (partial(player.step, -2), 119),
        (partial(player.step, 500), 149),
        (partial(player.seek, -5), 0),
        (partial(player.scrub, 60, True), 60),
    )
    for act, frame in acts:
        act()
        assert player.frame == frame  # the playhead does not wait for the picture
        qtbot.waitUntil(partial(_is_shown, shown, frame))


def _is_shown(shown: list[Picture], frame: int) -> bool:
    return bool(shown) and shown[-1].index == frame and shown[-1].exact


def test_the_picture_follows_the_sound(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    player.play()
    qtbot.waitUntil(lambda: sink.running)
    qtbot.wait(60)
    assert player.frame == 0  # nothing was heard yet
    sink.seconds = 2.0
    qtbot.waitUntil(lambda: 60 <= player.frame < 75)
    player.pause()
    assert not sink.running
    assert not player.playing
    assert any(sink.given)


def test_sound_that_stops_holds_the_picture(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    player.play()
    qtbot.waitUntil(lambda: sink.running)
    sink.seconds = 0.5
    qtbot.waitUntil(lambda: player.frame >= 15)
    sink.lost = True
    with qtbot.waitSignal(player.troubled) as told:
        pass
    assert told.args == [DEVICE_LOST]
    held = player.frame
    qtbot.waitUntil(lambda: player.frame > held + 3)  # it goes on by the wall


def test_who_hears_of_a_lost_device_may_stop_play(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    player.troubled.connect(player.pause)
    player.play()
    qtbot.waitUntil(lambda: sink.running)
    sink.lost = True
    qtbot.waitUntil(lambda: not player.playing)
    held = player.frame
    qtbot.wait(100)
    assert player.frame == held


def test_without_a_device_it_plays_on_and_says_so_once(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    told: list[str] = []
    player.troubled.connect(told.append)
    sink.has_device = False
    player.play()
    qtbot.waitUntil(lambda: player.frame > 5)
    player.pause()
    player.play()
    qtbot.waitUntil(lambda: player.frame > 10)
    assert told == [NO_DEVICE]


def test_j_k_and_l(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    sink.has_device = False
    speeds = []
    for direction in (1, 1, 1, 1, 1, -1, -1, 1):
        player.shuttle(direction)
        speeds.append(player.speed)
    assert speeds == [1, 2, 4, 8, 8, -1, -2, 1]
    player.shuttle(0)
    assert (player.playing, player.speed) == (False, 1)


def test_it_plays_backwards_to_the_first_frame_and_stands_there(qtbot: QtBot, player: Player) -> None:
    frames: list[int] = []
    player.seek(20)
    player.moved.connect(frames.append)
    player.play(-1)
    qtbot.waitUntil(lambda: not player.playing)
    assert player.frame == 0
    assert frames == sorted(frames, reverse=True)
    assert player.dropped + len(set(frames)) >= 20


def test_at_the_end_it_stands_on_the_last_frame_and_begins_anew(
    qtbot: QtBot, player: Player, sink: ScriptedSink
) -> None:
    sink.has_device = False
    player.seek(140)
    player.play()
    qtbot.waitUntil(lambda: not player.playing)
    assert player.frame == 149
    player.toggle()
    qtbot.waitUntil(lambda: 0 < player.frame < 100)
    player.toggle()
    assert not player.playing


def test_a_loop_goes_round_and_a_span_plays_once(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    sink.has_device = False
    frames: list[int] = []
    player.moved.connect(frames.append)
    player.loop((30, 36))
    player.play()
    qtbot.waitUntil(lambda: len(frames) > 12)
    assert set(frames) <= set(range(30, 36))
    assert any(second < first for first, second in itertools.pairwise(frames))
    player.loop(None)
    player.play_span(100, 106)
    qtbot.waitUntil(lambda: not player.playing)
    assert player.frame == 105


def test_a_seek_while_playing_plays_on_from_there(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    player.play()
    qtbot.waitUntil(lambda: sink.running)
    player.seek(100)
    qtbot.waitUntil(lambda: sink.running and sink.starts == 2)
    sink.seconds = 0.2
    qtbot.waitUntil(lambda: player.frame >= 106)
    assert player.playing


def test_volume_and_mute_reach_the_device(player: Player, sink: ScriptedSink) -> None:
    player.set_volume(0.4)
    assert sink.volume == 0.4
    player.set_muted(True)
    assert (sink.volume, player.muted) == (0.0, True)
    player.set_muted(False)
    assert sink.volume == 0.4


def test_closing_twice_while_playing_is_fine(qtbot: QtBot, player: Player, sink: ScriptedSink) -> None:
    player.play(-2)
    player.close()
    player.close()
    player.play()
    assert not player.playing


def test_the_stage_names_the_frame_and_says_why_there_is_none(qtbot: QtBot, player: Player) -> None:
    stage = Stage(player)
    qtbot.addWidget(stage)
    stage.show_clock(Clock(player.rate))
    stage.resize(400, 300)
    with qtbot.waitExposed(stage):
        stage.show()
    qtbot.waitUntil(lambda: stage.painter.picture_rect().width() == 400)
    player.seek(45)
    assert stage._caption._parts == ("frame 45", "00:00:01:15")
    player.shown.emit(NoPicture(45, Absence.MISSING))
    assert stage._note.isVisible()
    assert "missing" in stage._note.accessibleName()
    player.shown.emit(NoPicture(45, Absence.GAP))
    assert not stage._note.isVisible()
    with qtbot.waitSignal(stage.fullscreen_wanted):
        QTest.mouseDClick(stage, Qt.MouseButton.LeftButton)


def test_stage_and_bar_number_frames_as_the_timeline_does(qtbot: QtBot, player: Player) -> None:
    stage, bar = Stage(player), TransportBar(player)
    qtbot.addWidget(stage)
    qtbot.addWidget(bar)
    player.seek(45)
    ntsc = Fraction(30_000, 1001)
    for clock, said in (
        (Clock(ntsc, drop_frame=True, first=RationalTime(107_892, ntsc)), "01:00:01;15"),
        (Clock(Fraction(25), drop_frame=True, first=RationalTime(1, Fraction(1))), "00:00:02:20"),  # 25 drops none
    ):
        stage.show_clock(clock)
        bar.show_clock(clock)
        assert (stage._caption._parts[1], bar._here.accessibleName()) == (said, said)


def test_a_resized_stage_gets_pictures_of_its_size(qtbot: QtBot, player: Player) -> None:
    stage = Stage(player)
    qtbot.addWidget(stage)
    with qtbot.waitExposed(stage):
        stage.show()
    sizes: list[tuple[int, int]] = []
    player.shown.connect(lambda shown: sizes.append(shown.pixels.shape[:2]))
    stage.resize(480, 200)
    qtbot.waitUntil(lambda: bool(sizes) and sizes[-1] == (200, 356))
    assert (stage.width(), stage.height()) == (480, 200)


def test_the_bar_names_commands_and_shows_what_is(qtbot: QtBot, player: Player) -> None:
    bar = TransportBar(player)
    qtbot.addWidget(bar)
    bar.resize(900, 48)
    bar.show()
    names = ["split-mark", "previous-mark", "toggle-play", "next-mark", "loop-mark", "mute", "fullscreen"]
    wanted: list[str] = []
    bar.wanted.connect(wanted.append)
    for name in names:
        QTest.mouseClick(bar._buttons[name], Qt.MouseButton.LeftButton)
    assert wanted == names
    assert not bar._buttons["loop-mark"].isChecked()  # nobody has looped anything yet
    for button in bar.findChildren(QAbstractButton):
        assert button.toolTip()
        assert min(button.width(), button.height()) >= 24
    player.loop((3, 9))
    player.set_muted(True)
    player.play(-2)
    assert bar._buttons["loop-mark"].isChecked()
    assert bar._chip.text() == "−2×"
    assert bar._volume.value() == 0
    assert bar._buttons["toggle-play"].accessibleName() == "Pause"
