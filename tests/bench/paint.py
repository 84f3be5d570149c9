"""What a frame of the timeline costs: panning, zooming, the playhead, a growing analysis.

    python tests/bench/paint.py [--frames 300] [--hours 2] [--thumbnails 400]

A frame is one change, painted and handed to the screen at once; `fps` is how many follow one another in a second.
Needs a screen; the window is 1600x900, the timeline its lowest 330 pixels.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from measure import percentile, table
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from circletake.analysis.scores import ScoreCurve
from circletake.analysis.windows import WindowGrid
from circletake.media.frames import FrameBatch
from circletake.media.waveform import PEAKS_A_SECOND, Waveform
from circletake.timebase import RationalTime
from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.state.shown import Clock, Cut, Legend, MarkRow, Strip
from circletake_viewers.timeline.overlay import Readout
from circletake_viewers.timeline.view import TimelineView

RATE = Fraction(25)
MARKS = (0, 1_000, 10_000)
SIZE, HEIGHT = (1600, 900), 330
CURVES = ("score", "motion", "loudness", "novelty")
LEGEND = tuple(Legend(name, name.title(), place - 1 if place else None, True) for place, name in enumerate(CURVES))


def main() -> None:
    """Measure with each number of marks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--thumbnails", type=int, default=400)
    given = parser.parse_args()
    app = QApplication([])
    theme.apply(app, theme.DARK)
    film = strip(given.hours * 3600, given.thumbnails)
    window, view = shown()
    for count in MARKS:
        view.show_cut(cut_of(film))
        view.show_marks(marks(count, film.end))
        rows = [row(app, view, name, steps(view, film, given.frames)) for name, steps in WAYS.items()]
        print(table(f"{count:,} marks", ("CPU ms", "p99", "wall ms", "p99", "worst", "fps", "tiles MiB"), rows), "\n")
    window.close()


def shown() -> tuple[QWidget, TimelineView]:
    """The timeline at the foot of a window."""
    window, view = QWidget(), TimelineView()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(QWidget(window), 1)
    column.addWidget(view)
    view.setFixedHeight(HEIGHT)
    window.resize(*SIZE)
    window.show()
    return window, view


def cut_of(film: Strip) -> Cut:
    """A timeline of one film."""
    return Cut(Clock(RATE), film.end, (film,), LEGEND, "signals only")


def strip(seconds: float, thumbnails: int) -> Strip:
    """A film with all there is to draw."""
    chance = np.random.default_rng(7)
    peaks = int(seconds * PEAKS_A_SECOND)
    loud = np.abs(np.sin(np.arange(peaks) / 3000)) * chance.random(peaks)
    images = chance.integers(0, 255, (thumbnails, 90, 160, 3), np.uint8)
    times = np.linspace(0, seconds, thumbnails, endpoint=False, dtype=np.float64)
    return Strip(
        "film",
        Path("film.mp4"),
        0,
        int(seconds * RATE),
        0.0,
        thumbnails=FrameBatch(images, times),
        waveform=Waveform((loud * -127).astype(np.int8), (loud * 127).astype(np.int8)),
        cuts=np.sort(chance.random(int(seconds / 4)) * seconds),
        pauses=np.arange(5, seconds - 5, 7)[:, None] + np.array([0.0, 1.5]),
        curves=curves(seconds, chance),
        measured=seconds,
    )


def curves(seconds: float, chance: np.random.Generator) -> tuple[ScoreCurve, ...]:
    """Wavy lines."""
    grid = WindowGrid(RationalTime.from_seconds(seconds, Fraction(1000)))
    noise = 0.2 * chance.random((len(CURVES), len(grid)))
    waves = [0.4 + 0.3 * np.sin(grid.centers / (9 + each)) + noise[each] for each in range(len(CURVES))]
    return tuple(
        ScoreCurve(name, name.title(), "signals only", grid, wave.astype(np.float32))
        for name, wave in zip(CURVES, waves, strict=True)
    )


def marks(count: int, frames: int) -> tuple[MarkRow, ...]:
    """Marks of up to 20 seconds, or shorter where so many would not fit; some of them overlap."""
    chance = np.random.default_rng(3)
    starts = np.sort(chance.integers(0, frames - 600, count)).tolist()
    longest = max(8, min(500, 2 * frames // max(1, count)))
    states = list(MarkState)
    return tuple(
        MarkRow(
            f"m{number}", number + 1, f"Loud burst, number {number}", states[number % 3], number % 100, start,
            start + int(chance.integers(4, longest)),
        )
        for number, start in enumerate(starts)
    )  # fmt: skip


Steps = Iterator[None]


def pan_near(view: TimelineView, film: Strip, frames: int) -> Steps:
    """A minute across the window, 12 pixels a frame."""
    view.zoom_to(film.end // 3, film.end // 3 + 1500)
    yield
    for _ in range(frames):
        view.canvas.set_scale(view.canvas.scale.panned(12))
        yield


def pan_far(view: TimelineView, film: Strip, frames: int) -> Steps:
    """A quarter of the film across the window, 12 pixels a frame."""
    view.zoom_to(film.end // 4, film.end // 2)
    yield
    for number in range(frames):
        view.canvas.set_scale(view.canvas.scale.panned(12 if number < frames / 2 else -12))
        yield


def zoom(view: TimelineView, _film: Strip, frames: int) -> Steps:
    """In and out again at one place, 6 percent a frame: no two frames have one zoom."""
    view.fit()
    yield
    for number in range(frames):
        view.zoom(1.06 if number % 120 < 60 else 1 / 1.06, 700.0)
        yield


def playhead(view: TimelineView, film: Strip, frames: int) -> Steps:
    """It runs through a minute."""
    view.zoom_to(0, 1500)
    yield
    for number in range(frames):
        view.set_playhead(number * 5 % film.end, follow=True)
        yield


def hover(view: TimelineView, _film: Strip, frames: int) -> Steps:
    """The cursor line goes across."""
    view.fit()
    yield
    for number in range(frames):
        x = float(number * 5 % 1600)
        view.canvas.point_at(x, Readout("00:00:27:00  ·  27.00 s  ·  frame 675", x, 2))
        yield


def growing(view: TimelineView, film: Strip, frames: int) -> Steps:
    """The analysis comes along; every update brings sound, pictures and whole new curves."""
    view.fit()
    chance = np.random.default_rng(5)
    wave, pictures = film.waveform, film.thumbnails
    assert wave is not None
    assert pictures is not None
    cuts = []
    for number in range(1, frames + 1):
        until = film.measured * number / frames
        heard, seen = int(until * PEAKS_A_SECOND), int(np.searchsorted(pictures.seconds, until))
        grown = replace(
            film,
            measured=until,
            waveform=Waveform(wave.low[:heard], wave.high[:heard]),
            thumbnails=FrameBatch(pictures.images[:seen], pictures.seconds[:seen]),
            cuts=film.cuts[: np.searchsorted(film.cuts, until)],
            pauses=film.pauses[: np.searchsorted(film.pauses[:, 0], until)],
            curves=curves(until, chance),
        )
        cuts.append(cut_of(grown))
    yield
    for cut in cuts:
        view.show_cut(cut)
        yield
    view.show_cut(cut_of(film))


WAYS: dict[str, Callable[[TimelineView, Strip, int], Steps]] = {
    "pan, a minute wide": pan_near,
    "pan, a quarter wide": pan_far,
    "zoom": zoom,
    "playhead": playhead,
    "hover": hover,
    "growing analysis": growing,
}


def row(app: QApplication, view: TimelineView, name: str, steps: Steps) -> tuple[str, ...]:
    """Run one way to its end, frame by frame."""
    next(steps)  # what it needs is made, and it looks at where it begins
    settle(app, view)
    walls, cpus = [], []
    while True:
        wall, cpu = time.perf_counter(), time.process_time()
        done = next(steps, StopIteration) is StopIteration
        app.processEvents()
        if done:
            break
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    settle(app, view)
    return (
        name,
        f"{statistics.median(cpus):.1f}",
        f"{percentile(cpus, 0.99):.1f}",
        f"{statistics.median(walls):.1f}",
        f"{percentile(walls, 0.99):.1f}",
        f"{max(walls):.1f}",
        f"{1000 * len(walls) / sum(walls):.0f}",
        f"{view.canvas.picture.tiles.bytes / 2**20:.0f}",
    )


def settle(app: QApplication, view: TimelineView) -> None:
    """Let everything be drawn that is still to be drawn."""
    app.processEvents()
    while not view.canvas.settled:
        app.processEvents()


if __name__ == "__main__":
    main()
