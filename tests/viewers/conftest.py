"""The window's tests run on a real X server, and leave no window, no timer and no other fault behind."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication

from circletake.session.session import Session
from circletake.settings import load_settings
from circletake_viewers import theme
from circletake_viewers.desk import Desk
from circletake_viewers.toolkit import application

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these where there is no screen."""
    if sys.platform != "linux" or os.environ.get("DISPLAY"):
        return
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason="there is no screen; `installer/bootstrap.py test` starts one"))


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    """The application, made and dressed as the program does it."""
    app = QCoreApplication.instance() or application()
    assert isinstance(app, QApplication)
    theme.apply(app, theme.DARK)
    yield app
    app.processEvents()


@pytest.fixture(autouse=True)
def nothing_left_on_screen(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a window or a running timer behind."""
    before = {id(each) for each in qapp.topLevelWidgets()}
    timers = {id(each) for each in running_timers()}
    yield
    settle(qapp)
    left = [repr(each) for each in qapp.topLevelWidgets() if id(each) not in before and each.isVisible()]
    running = [f"{each!r} of {each.parent()!r}" for each in running_timers() if id(each) not in timers]
    if left or running:
        pytest.fail(f"left behind: {', '.join(left + running)}", pytrace=False)


def settle(app: QApplication) -> None:
    """Let everything that was to be deleted go."""
    app.processEvents()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()


def running_timers() -> list[QTimer]:
    """Every timer of Python's that still ticks."""
    found = [each for each in gc.get_objects() if type(each) is QTimer and shiboken6.isValid(each)]
    return [each for each in found if each.isActive()]


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    """A desk of its own, with an empty cache."""
    lengths = {"analysis.min_seconds": 2.0, "analysis.max_seconds": 8.0}
    made = Desk(Session(load_settings(overrides=lengths), cache=tmp_path / "cache"))
    yield made
    made.close()
