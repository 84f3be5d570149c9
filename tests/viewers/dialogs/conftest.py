"""What tests of dialogs share: the sample film, open and scored once a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from circletake.jobs.job import JobState
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake_viewers.desk import Desk, Problem

WAIT_MS = 20_000
"""Longest wait for work in the background; it takes some hundred."""


@pytest.fixture(scope="module")
def scored(qapp: QApplication, sample_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the sample's curves, so that each desk has its marks at once."""
    cache = tmp_path_factory.mktemp("cache")
    with Session(load_settings(environment={}), cache=cache, keep_unsaved=False) as session:
        session.take(session.open((sample_clip,)).result())
        session.analyse(shortest=2, longest=6, top=3).result()
    return cache


@pytest.fixture
def open_desk(qtbot: QtBot, sample_clip: Path, scored: Path) -> Iterator[Desk]:
    """A desk with the sample open, and its three marks."""
    short = {"analysis.min_seconds": 2.0, "analysis.max_seconds": 6.0, "analysis.top": 3}
    desk = Desk(Session(load_settings(overrides=short), cache=scored, keep_unsaved=False))
    desk.do("open-files", sample_clip)
    qtbot.waitUntil(lambda: bool(desk.timeline and desk.timeline.marks), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: all(fact.state is JobState.DONE for fact in desk.shown.jobs), timeout=WAIT_MS)
    yield desk
    desk.close()


@pytest.fixture
def troubles(open_desk: Desk) -> list[Problem]:
    """Every problem the desk tells."""
    found: list[Problem] = []
    open_desk.troubled.connect(found.append)
    return found


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window of the smallest size to put things over."""
    made = QWidget()
    made.resize(1100, 680)
    qtbot.addWidget(made)
    made.show()
    return made
