"""Every real film is analysed through the window; every hostile file dropped on it gets a message, and no crash."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from circletake.session.session import Session
from circletake.settings import load_settings
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.sure import Answer
from circletake_viewers.memory import Memory
from circletake_viewers.screens import Screens
from circletake_viewers.window import MainWindow

PATIENCE_SECONDS = 60

FILMS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts", ".flv", ".mpg", ".m4v", ".3gp", ".wav", ".m4a", ".mp3", ".ogv")


class Answers:
    """What the desk said about the file dropped last."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.problems: list[Problem] = []
        self.ended: list[str] = []
        window.desk.troubled.connect(self.problems.append)
        window.desk.ended.connect(lambda name, _: self.ended.append(name))

    def drop(self, path: Path, *, last: str) -> None:
        """Drop a file, and wait for a problem or for the end of `last`."""
        self.problems.clear()
        self.ended.clear()
        self.window.open_files((path,))
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.problems and last not in self.ended:
            assert time.monotonic() < until, f"{path.name}: no answer"
            QApplication.processEvents()
            time.sleep(0.002)


@pytest.fixture
def answers(qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    desk = Desk(Session(load_settings(overrides={"analysis.min_seconds": 2.0}), cache=tmp_path / "cache"))
    window = MainWindow(desk, Memory(), LogKeeper())
    window.show()
    qtbot.waitExposed(window)
    monkeypatch.setattr(Screens, "leave", lambda _: Answer.DISCARD)
    yield Answers(window)
    window.close()
    desk.close()
    window.deleteLater()


@pytest.mark.slow
def test_every_film_is_analysed_and_shown(answers: Answers, shared: Path) -> None:
    films = [path for path in sorted((shared / "data" / "video").rglob("*")) if path.suffix.lower() in FILMS]
    assert len(films) > 20
    for film in films:
        answers.drop(film, last="analyze")
        shown = answers.window.desk.shown
        assert not answers.problems, f"{film.name}: {answers.problems[0].error.message}"
        assert shown.marks.rows, film.name
        assert shown.cut.strips[0].curves, film.name
        assert answers.window.work.player.frames == shown.cut.frames, film.name


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["malformed", "malformed_generated", "timelines_hostile"])
def test_every_hostile_file_gets_an_answer(answers: Answers, shared: Path, folder: str) -> None:
    files = [path for path in sorted((shared / "data" / folder).rglob("*")) if path.is_file() and path.suffix != ".md"]
    assert files
    for path in files:
        answers.drop(path, last="open-files")
        for problem in answers.problems:
            assert problem.error.kind != "internal_error", f"{path.name}: {problem.error.details}"
            assert problem.error.hint, path.name
        answers.window.screens.problems.clear()
        answers.window.desk.do("close", discard=True)
