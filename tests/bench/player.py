"""How quickly and how rightly the player shows: seeks, steps, scrubbing, playing, beside QMediaPlayer.

    python tests/bench/player.py [FILE...] [--seeks 30] [--play 10] [--only ours|qt]

Times run from the ask to the end of the paint of the frame asked for, in a window of 950 x 534 on DISPLAY. QMediaPlayer
is asked for the middle of a frame, which is where it is exact, and its time ends when the frame reaches a QVideoSink:
it is not painted. Without files, or beside them, two numbered films of 1080p30 are made, of key frames each 30 and
250: only there can `right` be told: each shown frame is held against the number burnt into it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from measure import percentile, table
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")

from PySide6.QtCore import QUrl  # noqa: E402
from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame, QVideoSink  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from tests.films import BITS, BLOCK, WIDTH, Film, make  # noqa: E402

from circletake.media.probe import probe  # noqa: E402
from circletake.playback.program import Program  # noqa: E402
from circletake.playback.showing import Picture  # noqa: E402
from circletake.timeline.model import MediaReference, Timeline  # noqa: E402
from circletake_viewers import theme  # noqa: E402
from circletake_viewers.player.image_painter import ImagePainter  # noqa: E402
from circletake_viewers.player.player import Player  # noqa: E402
from circletake_viewers.player.stage import Stage  # noqa: E402

NUMBERED_FRAMES = 600
SCRUB_ASKS, SCRUB_SECONDS = 60, 1 / 30
GIVE_UP = 5.0


def program_of(path: Path) -> Program:
    """A film, whole."""
    media = probe(path)
    reference = MediaReference(str(path), media.full_range)
    timeline = Timeline.of_media("film", reference, media.edit_rate, has_audio=media.sound is not None)
    return Program.of(timeline, {path: media})


def settle(app: object, seconds: float) -> None:
    """Let the window live for a while, and sleep between its events."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        app.processEvents()  # type: ignore[attr-defined]  # a QApplication
        time.sleep(0.0005)


def burnt(levels: NDArray[np.uint8]) -> int:
    """The number burnt into a picture of any size, from single samples; -1 where its two rows disagree."""
    block = BLOCK * levels.shape[1] / WIDTH
    rows = levels[[int(block / 2), int(block * 3 / 2)]][:, [int((bit + 0.5) * block) for bit in range(BITS)]]
    first, second = rows.astype(int)
    return int(sum(int(a > b) << bit for bit, (a, b) in enumerate(zip(first, second, strict=True))))


@dataclass
class Seen:
    """One frame shown: when, which number the shower says, which is burnt in (-1: not a numbered film)."""

    at: float
    index: int
    number: int
    preview: bool = False


@dataclass
class Rightness:
    """How many of the frames shown were the asked one."""

    right: int = 0
    shown: int = 0

    def add(self, *, right: bool) -> None:
        """One more."""
        self.right, self.shown = self.right + right, self.shown + 1

    def __str__(self) -> str:
        return f"{self.right} of {self.shown}" if self.shown else "-"


@dataclass
class Result:
    """What one way did on one file: rows of the table."""

    rows: list[tuple[str, ...]] = field(default_factory=list)

    def times(self, name: str, seconds: list[float], right: Rightness | None, note: str = "") -> None:
        """A row of times."""
        ms = [1000 * each for each in seconds] or [float("nan")]
        middle, high = f"{statistics.median(ms):.1f}", f"{percentile(ms, 0.95):.1f}"
        self.rows.append((name, middle, high, str(right or "-"), note))


class Ours:
    """The player in a window."""

    name = "player"

    def __init__(self, app: QApplication, path: Path, *, numbered: bool) -> None:
        self._app, self._numbered = app, numbered
        self.seen: list[Seen] = []
        self.costs: list[float] = []
        self.last: Picture | None = None
        self._paint, self._tick = ImagePainter.paintEvent, Player._tick
        self._patch()
        self.player = Player()
        self._stage = Stage(self.player)
        self._stage._is_chosen = True  # images are what is timed here, also where there is a graphics card
        self._stage.resize(950, 534)
        self._stage.show()
        self.program = program_of(path)
        began = time.monotonic()
        self.player.load(self.program)
        self.wait(lambda: bool(self.seen))
        self.opened = time.monotonic() - began
        settle(app, 0.7)

    def _patch(self) -> None:
        """Note the end of each paint, and what painting and ticking cost the window's thread."""
        bench = self

        def paint(self: ImagePainter, event: object) -> None:
            began = time.thread_time()
            bench._paint(self, event)  # type: ignore[arg-type]
            bench.costs.append(time.thread_time() - began)
            picture = self._picture
            if picture is not None and picture is not bench.last and picture.pixels is not None:
                bench.last = picture  # the caption over it has it painted again
                number = burnt(picture.pixels[:, :, 1]) if bench._numbered else -1
                bench.seen.append(Seen(time.monotonic(), picture.index, number, picture.preview))

        ImagePainter.paintEvent = paint  # type: ignore[method-assign]

    def close(self) -> None:
        """End it."""
        self.player.close()
        self._stage.close()
        ImagePainter.paintEvent = self._paint  # type: ignore[method-assign]
        settle(self._app, 0.05)

    def wait(self, done: Callable[[], bool]) -> None:
        """Until it is so, or for ever and a day."""
        until = time.monotonic() + GIVE_UP
        while not done() and time.monotonic() < until:
            self._app.processEvents()
            time.sleep(0.0003)

    def ask(
        self, act: Callable[[], None], *, first: bool = False, wanted: int | None = None
    ) -> tuple[float, Seen | None]:
        """Do something; seconds until the frame it leads to was painted, and that frame.

        While other asks are on their way, `wanted` tells which number is waited for.
        """
        self.seen.clear()
        began = time.monotonic()
        act()

        def found() -> Seen | None:
            usable = (each for each in self.seen if first or not each.preview)
            return next((each for each in usable if wanted in (None, each.number)), None)

        self.wait(lambda: found() is not None)
        seen = found()
        return (seen.at if seen else time.monotonic()) - began, seen


def measure_ours(app: QApplication, path: Path, given: argparse.Namespace, *, numbered: bool) -> Result:
    """All of it with our player."""
    result, bench = Result(), Ours(app, path, numbered=numbered)
    player, frames = bench.player, bench.player.frames
    chance = random.Random(7)

    def checked(acts: list[tuple[Callable[[], None], int]]) -> tuple[list[float], Rightness]:
        seconds, right = [], Rightness()
        for act, frame in acts:
            took, seen = bench.ask(act)
            seconds.append(took)
            if numbered:
                right.add(right=seen is not None and seen.number == frame)
        return seconds, right

    targets = [chance.randrange(frames) for _ in range(given.seeks)]
    result.times("random seek", *checked([(partial(player.seek, to), to) for to in targets]))
    firsts = []
    for to in (chance.randrange(frames) for _ in range(given.seeks)):
        firsts.append(bench.ask(partial(player.seek, to), first=True)[0])
        bench.wait(lambda: any(not each.preview for each in bench.seen))
    result.times("seek, first picture", firsts, None, "key frame or the right one")
    middle = frames // 2
    bench.ask(lambda: player.seek(middle))
    settle(app, 0.5)
    result.times("step forward", *checked([(lambda: player.step(1), middle + 1 + n) for n in range(30)]))
    result.times("step back", *checked([(lambda: player.step(-1), middle + 29 - n) for n in range(60)]))
    scrub_ours(app, bench, result, chance, numbered=numbered)
    play_ours(app, bench, result, given.play, numbered=numbered)
    bench.close()
    return result


def scrub_ours(app: QApplication, bench: Ours, result: Result, chance: random.Random, *, numbered: bool) -> None:
    """A hand drags the playhead: asks at 30 a second, then lets go."""
    frames, player = bench.player.frames, bench.player
    last, previews, shown = [], [], 0
    for _ in range(3):
        start, end = chance.randrange(frames), chance.randrange(frames)
        for ask in range(SCRUB_ASKS):
            to = start + (end - start) * ask // SCRUB_ASKS
            bench.seen.clear()
            began = time.monotonic()
            player.scrub(to)
            while time.monotonic() - began < SCRUB_SECONDS:
                app.processEvents()
                time.sleep(0.0003)
            if bench.seen:
                previews.append(bench.seen[0].at - began)
                shown += 1
        last.append(bench.ask(partial(player.scrub, end, True), wanted=end if numbered else None)[0])
        settle(app, 0.3)
    result.times("scrub, ask to first picture", previews, None, f"{shown} of {3 * SCRUB_ASKS} asks gave one in time")
    result.times("scrub, last ask to the frame", last, None)


def play_ours(app: QApplication, bench: Ours, result: Result, seconds: int, *, numbered: bool) -> None:
    """Play both ways."""
    player = bench.player
    for speed in (1.0, -1.0, 2.0, -2.0):
        start = 0 if speed > 0 else player.frames - 1
        bench.ask(partial(player.seek, start))
        settle(app, 0.5)
        bench.seen.clear()
        bench.costs.clear()
        began, cpu = time.monotonic(), time.process_time()
        player.play(speed)
        while player.playing and time.monotonic() - began < seconds:
            settle(app, 0.05)
        cpu = time.process_time() - cpu
        passed, dropped = time.monotonic() - began, player.dropped
        player.pause()
        indexes = [each.index for each in bench.seen]
        right = Rightness()
        for each in bench.seen if numbered else ():
            right.add(right=each.number == each.index)
        paint = 1000 * statistics.median(bench.costs) if bench.costs else 0
        note = f"{len(set(indexes))} shown, {dropped} dropped in {passed:.1f} s; paint {paint:.2f} ms CPU, "
        note += f"process {100 * cpu / passed:.0f} % of a core"
        gaps = [b.at - a.at for a, b in zip(bench.seen[5:], bench.seen[6:], strict=False)]
        result.times(f"play {speed:g}x, paint to paint", gaps, right, note)


class Qts:
    """QMediaPlayer with a sink that takes the frames."""

    def __init__(self, app: QApplication, path: Path, *, numbered: bool) -> None:
        self._app, self._numbered = app, numbered
        self.program = program_of(path)
        self.frames = self.program.frames
        self.seen: list[Seen] = []
        self.sink, self.player = QVideoSink(), QMediaPlayer()
        self.sink.videoFrameChanged.connect(self._frame)
        self.player.setVideoSink(self.sink)
        self.player.setSource(QUrl.fromLocalFile(str(path)))
        self.player.pause()
        self.wait(lambda: bool(self.seen))
        settle(app, 0.5)

    def _frame(self, frame: QVideoFrame) -> None:
        if not frame.isValid():
            return
        at = time.monotonic()
        index = round(Fraction(frame.startTime(), 1_000_000) * self.program.rate)
        number = -1
        if self._numbered and frame.map(QVideoFrame.MapMode.ReadOnly):
            width, height, stride = frame.width(), frame.height(), frame.bytesPerLine(0)
            plane = np.frombuffer(frame.bits(0), np.uint8)[: stride * height].reshape(height, stride)[:, :width]
            number = burnt(plane)
            frame.unmap()
        self.seen.append(Seen(at, index, number))

    def wait(self, done: Callable[[], bool]) -> None:
        """Until it is so, or too long."""
        until = time.monotonic() + GIVE_UP
        while not done() and time.monotonic() < until:
            self._app.processEvents()
            time.sleep(0.0003)

    def position(self, frame: int) -> int:
        """The millisecond in the middle of a frame."""
        return int((Fraction(2 * frame + 1, 2) / self.program.rate) * 1000)

    def seek(self, frame: int) -> tuple[float, Seen | None]:
        """Seconds until a frame came, and it."""
        self.seen.clear()
        began = time.monotonic()
        self.player.setPosition(self.position(frame))
        self.wait(lambda: bool(self.seen))
        return (self.seen[0].at if self.seen else time.monotonic()) - began, self.seen[0] if self.seen else None


def measure_qt(app: QApplication, path: Path, given: argparse.Namespace, *, numbered: bool) -> Result:
    """The same with QMediaPlayer, as far as it can."""
    result, bench = Result(), Qts(app, path, numbered=numbered)
    chance = random.Random(7)

    def checked(frames: list[int]) -> tuple[list[float], Rightness]:
        seconds, right = [], Rightness()
        for frame in frames:
            took, seen = bench.seek(frame)
            seconds.append(took)
            if numbered:
                right.add(right=seen is not None and seen.number == frame)
            settle(app, 0.02)
        return seconds, right

    result.times("random seek", *checked([chance.randrange(bench.frames) for _ in range(given.seeks)]))
    middle = bench.frames // 2
    bench.seek(middle)
    result.times("step forward", *checked([middle + 1 + n for n in range(30)]))
    result.times("step back", *checked([middle + 29 - n for n in range(60)]))
    shown, last, firsts = 0, [], []
    for _ in range(3):
        start, end = chance.randrange(bench.frames), chance.randrange(bench.frames)
        for ask in range(SCRUB_ASKS):
            bench.seen.clear()
            began = time.monotonic()
            bench.player.setPosition(bench.position(start + (end - start) * ask // SCRUB_ASKS))
            settle(app, SCRUB_SECONDS - (time.monotonic() - began))
            if bench.seen:
                firsts.append(bench.seen[0].at - began)
                shown += 1
        last.append(bench.seek(end)[0])
        settle(app, 0.5)
    result.times("scrub, ask to first picture", firsts, None, f"{shown} of {3 * SCRUB_ASKS} asks gave one in time")
    result.times("scrub, last ask to the frame", last, None, "first frame after it")
    for speed in (1.0, 2.0):
        bench.seek(0)
        settle(app, 0.5)
        bench.seen.clear()
        bench.player.setPlaybackRate(speed)
        began, cpu = time.monotonic(), time.process_time()
        bench.player.play()
        settle(app, min(given.play, bench.frames / float(bench.program.rate) / speed - 0.3))
        passed, cpu = time.monotonic() - began, time.process_time() - cpu
        bench.player.pause()
        gaps = [b.at - a.at for a, b in zip(bench.seen[5:], bench.seen[6:], strict=False)]
        numbers = [each.number if numbered else each.index for each in bench.seen]
        dropped = max(numbers, default=0) - min(numbers, default=0) + 1 - len(set(numbers))
        note = f"{len(set(numbers))} shown, {dropped} dropped in {passed:.1f} s; not painted, "
        note += f"process {100 * cpu / passed:.0f} % of a core"
        result.times(f"play {speed:g}x, frame to frame", gaps, None, note)
    result.rows.append(("play -1x, -2x", "-", "-", "-", "it has no reverse"))
    bench.player.stop()
    bench.player.setSource(QUrl())
    settle(app, 0.2)
    return result


def numbered_films() -> list[Path]:
    """Two films of 1080p30, kept between runs."""
    folder = Path(tempfile.gettempdir()) / "circletake-numbered"
    folder.mkdir(exist_ok=True)
    paths = []
    for group in (30, 250):
        path = folder / f"numbered_gop{group}.mp4"
        if not path.exists():
            # scenecut would add key frames: groups are to be as long as they say
            options = {"preset": "veryfast", "x264-params": "scenecut=0"}
            film = Film(f"made{group}", NUMBERED_FRAMES, group=group, size=(1920, 1080), options=options)
            make(film, folder).rename(path)
        paths.append(path)
    return paths


def main() -> None:
    """Measure every file given, and the numbered ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--seeks", type=int, default=30)
    parser.add_argument("--play", type=int, default=10)
    parser.add_argument("--only", choices=("ours", "qt"))
    given = parser.parse_args()
    app = QApplication([])
    theme.apply(app, theme.DARK)
    numbered = numbered_films()
    for path in [*numbered, *given.files]:
        columns = ("median ms", "p95 ms", "right", "")
        for name, way in (("player", measure_ours), ("QMediaPlayer", measure_qt)):
            if given.only != ("qt" if name == "player" else "ours"):
                found = way(app, path.absolute(), given, numbered=path in numbered)
                print(table(f"{path.name}, {name}", columns, found.rows))
                print(f"\nLoad of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores.", flush=True)
                print()


if __name__ == "__main__":
    main()
