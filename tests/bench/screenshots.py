"""Takes the pictures in docs/screenshots: the real window on a real film, in each state that matters.

DISPLAY=:99 python tests/bench/screenshots.py FILM [--to docs/screenshots] [--light]

The films beside FILM make the cut that another editor's file brings.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QRect, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from circletake.interchange.registry import format_named
from circletake.interchange.writing import write_file
from circletake.media.footage import FOOTAGE
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.session.session import Session
from circletake.settings import Settings, load_settings, write_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Marker, MediaReference, Timeline, Track, TrackKind
from circletake_viewers import theme
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.send import SendDialog
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
        self.take_imported(film)
        self.take_send()
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

    def take_imported(self, film: Path) -> None:
        """A cut that another editor made, on several tracks, with that editor's markers."""
        self.window.screens.leave = lambda: Answer.DISCARD  # type: ignore[method-assign]  # nobody is there to be asked
        films = [probe(each) for each in sorted(film.parent.iterdir()) if each.suffix in FOOTAGE]
        path = film.with_name("rough cut.xml")
        write_file(rough_cut(films), format_named("premiere"), {each.path: each for each in films}, path)
        self.desk.forget_ended_jobs()
        self.window.open_files((path,))
        self.until(lambda: any(job.kind == "analyze" and job.state.ended for job in self.desk.shown.jobs))
        path.unlink()
        rows = self.desk.shown.marks.rows
        self.desk.do("keep", *[row.id for row in rows[:2]])
        self.desk.do("note", rows[0].id, "Opens the trailer")
        self.window.work.hands.select((rows[0].id,))
        self.window.work.hands.run("go-strongest")
        spin(1.5)
        self.take("imported")

    def take_send(self) -> None:
        """What it loses on the way to a program that keeps less than we do."""
        self.window.screens.problems.hide()
        self.window.screens.exchange.send("openshot")
        (dialog,) = self.window.findChildren(SendDialog)
        self.until(lambda: dialog.settled)
        spin(0.4)
        middle = QPoint((self.window.width() - dialog.width()) // 2, (self.window.height() - dialog.height()) // 2)
        picture = self.window.grab()
        painter = QPainter(picture)
        painter.drawPixmap(middle, dialog.grab())
        painter.setPen(theme.color(theme.current().faint))
        painter.drawRect(QRect(middle, dialog.size()))
        painter.end()
        self.keep("send", picture)
        dialog.close()

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
        self.keep(name, (widget or self.window).grab())

    def keep(self, name: str, picture: QPixmap) -> None:
        """Write a picture."""
        path = self.folder / f"{name}{self.suffix}.png"
        picture.save(str(path))
        print(path)

    def until(self, done: Callable[[], bool], seconds: float = 60) -> None:
        """Let the window live until something is done."""
        ends = time.monotonic() + seconds
        while not done():
            if time.monotonic() > ends:
                raise TimeoutError("it did not come to pass")
            spin(0.01)


def rough_cut(films: list[MediaInfo]) -> Timeline:
    """Stretches of each film in turn, some above, each with its sound, and two markers."""
    rate = films[0].edit_rate

    def span(start: float, seconds: float) -> TimeRange:
        return TimeRange(RationalTime.from_seconds(start, rate), RationalTime.from_seconds(seconds, rate))

    def clip(number: int, start: float, seconds: float) -> Clip:
        path = films[number % len(films)].path
        return Clip(path.stem, span(start, seconds), MediaReference(str(path), name=path.name))

    stretches = [(0, 12, 8), (1, 2, 5), (0, 24, 9), (2, 1, 6), (3, 2, 5), (0, 44, 10), (2, 15, 6)]
    base = tuple(clip(*each) for each in stretches)
    above = (Gap(span(0, 11).duration), clip(2, 3, 4), Gap(span(0, 8).duration), clip(3, 1, 4.5))
    title = (Gap(span(0, 31).duration), clip(1, 7, 3))
    sounds = tuple(
        each if films[stretch[0] % len(films)].sound else Gap(each.duration)
        for stretch, each in zip(stretches, base, strict=True)
    )
    tracks = [("V1", TrackKind.VIDEO, base), ("V2", TrackKind.VIDEO, above), ("V3", TrackKind.VIDEO, title)]
    return Timeline(
        "Rough cut",
        rate,
        tuple(Track(*each) for each in (*tracks, ("A1", TrackKind.AUDIO, sounds))),
        markers=(
            Marker(span(9, 0), "Check the colour", "Too green against the next one", "red"),
            Marker(span(27, 5), "Music from here", "", "cyan"),
        ),
        global_start_time=RationalTime.from_seconds(3600, rate),
    )


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
