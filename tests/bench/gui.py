"""What the window costs: start, waiting while an analysis runs, frames a second of the timeline, dropped frames.

    DISPLAY=:99 python tests/bench/gui.py [FILM] [--seconds 20] [--marks 10000] [--starts 5]

Without FILM a 1080p30 film of a minute is made. Runs on any screen; Xvfb gives the software renderer's figures. The
loop's delay is that of a 16 ms precise timer with a small repaint: how much later than asked it came, while nothing
else ran, and while everything did.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from circletake.session.session import Session
from circletake.settings import load_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Mark, MarkState, Timeline
from circletake_viewers.app import SWITCH_SECONDS
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.sure import Answer
from circletake_viewers.memory import Memory
from circletake_viewers.toolkit import application, dress, spare_the_collector
from circletake_viewers.window import MainWindow

TICK_MS = 16

STARTER = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEvent, QObject, QTimer
from circletake_viewers import window as rooms

began, film = float(sys.argv[1]), sys.argv[2]

class Probe(QObject):
    def __init__(self, window):
        super().__init__(window)
        self.window = window
        window.top.installEventFilter(self)
        window.work.player.shown.connect(self.on_picture)
        self.done = set()

    def tell(self, what):
        if what not in self.done:
            self.done.add(what)
            print(what, time.monotonic() - began, flush=True)

    def eventFilter(self, part, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: self.tell("visible"))
        return False

    def on_picture(self, shown):
        if shown is not None and getattr(shown, "picture", shown) is not None:
            self.tell("usable")
            QTimer.singleShot(50, self.window.close)

plain = rooms.MainWindow.__init__
def probed(self, *given, **named):
    plain(self, *given, **named)
    self.probe = Probe(self)
rooms.MainWindow.__init__ = probed
from circletake_viewers.start import main
sys.exit(main([film]))
"""


@dataclass
class Delays:
    """How late each tick of a timer came, in milliseconds."""

    values: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        late = np.asarray(self.values or [0.0])
        over = 100 * float(np.mean(late > TICK_MS))
        figures = (np.median(late), np.percentile(late, 99), late.max())
        return f"| {name} | " + " | ".join(f"{each:.1f}" for each in figures) + f" | {over:.1f} % | {len(late)} |"


def main() -> int:
    """Print every table."""
    wish = read_wish()
    with tempfile.TemporaryDirectory() as folder:
        film = wish.film or make_film(Path(folder))
        os.environ.update(
            {f"CIRCLETAKE_{name}_DIR": f"{folder}/{name.lower()}" for name in ("CONFIG", "CACHE", "STATE")}
        )
        show_starts(film, wish.starts)
        app = application()
        sys.setswitchinterval(SWITCH_SECONDS)
        dress(app, load_settings())
        with opened(film) as window:
            show_painting(window, wish.marks)
            show_delays(window, wish.marks, wish.seconds)
            show_playback(window, wish.seconds)
    return 0


def read_wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("film", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=20, help="length of each measurement")
    parser.add_argument("--marks", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=5)
    return parser.parse_args()


def make_film(folder: Path) -> Path:
    """A minute of 1080p30 with sound, key frames two seconds apart; grain makes it cost what a real one does."""
    path = folder / "bench.mp4"
    picture = "mandelbrot=size=1920x1080:rate=30,noise=alls=6:allf=t"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "anoisesrc=a=0.1:r=48000",
               "-t", "60", "-c:v", "libx264", "-preset", "veryfast", "-b:v", "4M", "-g", "60", "-pix_fmt", "yuv420p",
               "-c:a", "aac", str(path)]  # fmt: skip
    subprocess.run(command, check=True)
    return path


def show_starts(film: Path, count: int) -> None:
    """Seconds from the start of the process to the first paint, and to the first picture of a film named."""
    seen: dict[str, list[float]] = {"visible": [], "usable": []}
    for number in range(count + 1):
        command = [sys.executable, "-c", STARTER, str(time.monotonic()), str(film)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        found = dict(line.split() for line in done.stdout.splitlines())
        for name, values in seen.items():
            if number:  # the first warms the disk's cache
                values.append(float(found[name]))
    print("\n| start, warm | median | worst |\n|---|---|---|")
    for name, values in seen.items():
        print(f"| {name} | {statistics.median(values):.2f} s | {max(values):.2f} s |")


@contextmanager
def opened(film: Path) -> Iterator[MainWindow]:
    """A window of 1600 by 900 with the film in it, not analysed yet."""
    settings = load_settings(overrides={"analysis.on_open": False})
    desk = Desk(Session(settings))
    desk.troubled.connect(lambda problem: print(f"! {problem.tried}: {problem.error.message}"))
    window = MainWindow(desk, Memory(), LogKeeper())
    window.resize(1600, 900)
    window.show()
    spare_the_collector()
    window.open_files((film,))
    wait(lambda: desk.shown.is_open and not desk.shown.status.job, 60)
    spin(1.0)
    try:
        yield window
    finally:
        window.screens.leave = lambda: Answer.DISCARD  # type: ignore[method-assign]  # nobody is there to be asked
        window.close()
        desk.close()


def add_marks(window: MainWindow, count: int) -> None:
    """So many marks at once, evenly laid, of all states."""

    def fill(timeline: Timeline) -> Timeline:
        frames = timeline.duration.rescaled_to(timeline.rate).value
        starts = np.linspace(0, frames - 3, count).astype(int)
        states = tuple(MarkState)
        marks = tuple(
            Mark(f"bench{number}", TimeRange(RationalTime(int(start), timeline.rate), RationalTime(2, timeline.rate)),
                 f"Mark {number}", states[number % 3], score=float(number % 101), source="bench")
            for number, start in enumerate(starts)
        )  # fmt: skip
        return timeline.with_marks(marks)

    window.desk.session.edit("Fill", fill)


def show_painting(window: MainWindow, count: int) -> None:
    """Frames a second of the whole window while the timeline is panned and zoomed as fast as it goes."""
    add_marks(window, count)
    spin(1.0)
    view = window.work.timeline
    print(f"\n| painting, {count} marks | frames a second | median ms | p99 ms | worst ms |\n|---|---|---|---|---|")
    view.fit()
    view.zoom(8)
    spin(0.5)
    back = [1] * 60 + [-1] * 60
    for name, step in (
        ("pan", lambda number: view.canvas.set_scale(view.canvas.scale.panned(24 * back[number % 120]))),
        ("zoom", lambda number: view.zoom(1.04 if number % 120 < 60 else 1 / 1.04)),
    ):
        times = [timed(step, number) for number in range(360)]
        rate = len(times) / (sum(times) / 1000)
        print(f"| {name} | {rate:.0f} | " + " | ".join(f"{each:.1f}" for each in spread(times)) + " |")
    view.fit()


def timed(step: Callable[[int], object], number: int) -> float:
    """Milliseconds until a step is on the screen."""
    began = time.perf_counter()
    step(number)
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - began)


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    return float(np.median(values)), float(np.percentile(values, 99)), float(np.max(values))


def show_delays(window: MainWindow, count: int, seconds: float) -> None:
    """How late the loop's ticks come: at rest, while the film is analysed, and while it plays meanwhile."""
    print(f"\n| event loop, {count} marks: late by, ms | median | p99 | worst | over 16 ms | ticks |")
    print("|---|---|---|---|---|---|")
    print(Delays(ticks(window, lambda: False, seconds / 2)).row("at rest"))
    window.desk.analyse()
    print(Delays(ticks(window, lambda: not is_analysing(window), 300)).row("while analysing"))
    forget_results(window)
    window.desk.analyse()
    window.work.player.seek(0)
    window.work.player.play()
    print(Delays(ticks(window, lambda: not is_analysing(window), 300)).row("while analysing and playing"))
    window.work.player.pause()


def is_analysing(window: MainWindow) -> bool:
    return any(not job.state.ended for job in window.desk.shown.jobs if job.kind == "analyze")


def forget_results(window: MainWindow) -> None:
    """Empty the cache, so that the next analysis is a whole one."""
    for place in Path(os.environ["CIRCLETAKE_CACHE_DIR"]).rglob("*"):
        if place.is_file():
            place.unlink()


def ticks(window: MainWindow, is_over: Callable[[], bool], seconds: float) -> list[float]:
    """How late each tick came until it is over, or `seconds` have gone."""
    late: list[float] = []
    previous = time.perf_counter()
    loop = QEventLoop()
    ends = previous + seconds

    def tick() -> None:
        nonlocal previous
        now = time.perf_counter()
        late.append(max(0.0, 1000 * (now - previous) - TICK_MS))
        previous = now
        window.top.update(0, 0, 8, 8)
        if now > ends or is_over():
            loop.quit()

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    timer.stop()
    return late[1:]


def show_playback(window: MainWindow, seconds: float) -> None:
    """Frames dropped while the film plays and nothing else runs."""
    player = window.work.player
    player.seek(0)
    spin(1.0)
    shown: list[float] = []
    player.moved.connect(lambda _: shown.append(time.perf_counter()))
    player.play()
    spin(seconds)
    dropped, played = player.dropped, len(shown)
    player.pause()
    gaps = 1000 * np.diff(shown)
    print("\n| playback at rest | frames | dropped | gap median ms | gap p99 ms |\n|---|---|---|---|---|")
    figures = f"{np.median(gaps):.1f} | {np.percentile(gaps, 99):.1f}"
    print(f"| {float(player.rate):.4g} fps | {played} | {dropped} | {figures} |")


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait(done: Callable[[], bool], seconds: float) -> None:
    """Let the window live until something is done."""
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            raise TimeoutError("it did not come to pass")
        spin(0.02)


if __name__ == "__main__":
    sys.exit(main())
