"""Takes the pictures in docs/screenshots: the real window on a real film, in each state that matters.

DISPLAY=:99 python tests/bench/screenshots.py FILM [--to docs/screenshots] [--light]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from circletake.session.session import Session
from circletake.settings import Settings, load_settings, write_settings
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.sure import Answer
from circletake_viewers.memory import Memory
from circletake_viewers.state.wish import Trial
from circletake_viewers.toolkit import application, dress
from circletake_viewers.window import MainWindow

SIZE = (1600, 900)
LENGTHS: dict[str, float | int] = {"analysis.min_seconds": 6.0, "analysis.max_seconds": 12.0, "analysis.top": 5}
"""Clips short enough that a film of a minute has several."""


def main() -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("film", type=Path)
    parser.add_argument("--to", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--light", action="store_true")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wish.film.parent, prefix="circletake-") as folder:
        os.environ.update({f"CIRCLETAKE_{name}_DIR": f"{folder}/{name}" for name in ("CONFIG", "CACHE", "STATE")})
        app = application()
        write_settings({**LENGTHS, "window.theme": "light" if wish.light else "dark"})
        settings = load_settings()
        dress(app, settings)
        Photographer(wish.to, settings, "-light" if wish.light else "").take_all(wish.film)
    return 0


class Photographer:
    """Leads one window through its states."""

    def __init__(self, folder: Path, settings: Settings, suffix: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.suffix = folder, suffix
        self.desk = Desk(Session(settings))
        self.window = MainWindow(self.desk, Memory(), LogKeeper())
        self.window.resize(*SIZE)
        self.window.show()

    def take_all(self, film: Path) -> None:
        """Every picture, in the order an editor would see them."""
        spin(0.8)
        self.take("empty")
        self.take_error(film)
        self.window.open_files((film,))
        self.until(lambda: any(strip.curves for strip in self.desk.shown.cut.strips))
        self.until(lambda: (self.desk.shown.status.share or 1) > 0.55)
        spin(0.2)
        self.take("analysing")
        self.until(lambda: any(job.kind == "analyze" and job.state.ended for job in self.desk.shown.jobs))
        spin(1.0)
        self.take("analysed")
        self.take_review()
        self.take_trimming()
        for name in ("export", "settings", "shortcuts", "everything", "jobs"):
            self.take_over(name)
        self.window.screens.leave = lambda: Answer.DISCARD  # type: ignore[method-assign]  # nobody is there to be asked
        self.window.close()
        self.desk.close()

    def take_error(self, film: Path) -> None:
        """What a file that is no film gets."""
        broken = film.with_name("broken.mp4")
        broken.write_bytes(b"\0\0\0\x18ftypisom" + bytes(3000))
        self.window.open_files((broken,))
        self.until(lambda: bool(self.window.screens.problems.cards))
        broken.unlink()
        spin(0.3)
        self.take("error")
        self.window.screens.problems.clear()

    def take_review(self) -> None:
        """The Review layout at work: one kept, one rejected, the best selected."""
        rows = self.desk.shown.marks.rows
        self.desk.do("keep", rows[0].id)
        self.desk.do("reject", rows[-1].id)
        self.window.work.hands.select((rows[0].id,))
        self.window.work.hands.run("go-strongest")
        spin(1.0)
        self.take("review")
        self.take("inspector", self.window.work.inspector)

    def take_trimming(self) -> None:
        """An edge under the hand, scored where it would lie."""
        row = self.desk.shown.marks.rows[1]
        self.window.work.hands.select((row.id,))
        self.window.work.hands.run("zoom-mark")
        spin(0.6)
        self.desk.ask(trial=Trial(row.id, row.start + 40, row.end))
        self.window.work.player.seek(row.start + 40)
        spin(0.6)
        self.take("trimming")
        self.desk.ask(trial=None)
        self.window.work.hands.run("zoom-fit")

    def take_over(self, name: str) -> None:
        """A dialog by the command that opens it, over the window where it is part of it."""
        before = set(QApplication.topLevelWidgets())
        self.window.work.hands.run(name)
        spin(0.8)
        fresh = [each for each in QApplication.topLevelWidgets() if each not in before and each.isVisible()]
        self.take(name, fresh[-1] if fresh else self.window)
        for each in fresh:
            each.close()
        if not fresh:
            self.window.work.hands.run(name)
        spin(0.2)

    def take(self, name: str, widget: QWidget | None = None) -> None:
        """One picture."""
        path = self.folder / f"{name}{self.suffix}.png"
        (widget or self.window).grab().save(str(path))
        print(path)

    def until(self, done: Callable[[], bool], seconds: float = 60) -> None:
        """Let the window live until something is done."""
        ends = time.monotonic() + seconds
        while not done():
            if time.monotonic() > ends:
                raise TimeoutError("it did not come to pass")
            spin(0.01)


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
