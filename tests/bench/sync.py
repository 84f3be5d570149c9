"""How far picture and sound are apart while playing, on a PulseAudio null sink whose monitor is recorded.

    python tests/bench/sync.py [--seconds 60] [--size 1920x1080]

A film is made whose frames carry their number and which beeps each half second. It is played by the player in a real
window (DISPLAY is needed). For each beep: when the frame that begins with it was painted, against when the beep left
the sink. Positive: the picture came later than the sound.

When a beep left is read from the sink's monitor, which hands samples out as they are rendered. Recording it with 5 ms
of latency makes the sink render in pieces of 5 ms (240 samples, seen), so that a sample leaves within 5 ms of being
handed out; those 5 ms are added. The second measure needs no monitor: the place in the film that the device says it
has played (`processedUSecs`) at the moment of painting.

What it cannot tell: what a sound card, a Bluetooth link or a screen add behind the server.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from measure import percentile, table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from player import burnt, program_of, settle  # noqa: E402 - found through the line above
from PySide6.QtGui import QPaintEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from tests.films import BEEP_EVERY, Film, make  # noqa: E402

from circletake_viewers.player.image_painter import ImagePainter  # noqa: E402
from circletake_viewers.player.player import Player  # noqa: E402
from circletake_viewers.player.sink import QtSink  # noqa: E402
from circletake_viewers.player.stage import Stage  # noqa: E402

RATE = 48_000
PIECE_SECONDS = 0.005
"""What the sink renders at once while its monitor is recorded with this latency."""

LOUD = 2000
QUIET_SAMPLES = RATE // 10


class Recording:
    """The monitor of the sink: samples with the time each chunk of them came."""

    def __init__(self) -> None:
        command = ["parec", "-d", "ci.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        self._process = subprocess.Popen([*command, "--latency-msec=5"], stdout=subprocess.PIPE)
        self._chunks: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while chunk := os.read(stream.fileno(), 1 << 16):
            self._chunks.append((time.monotonic(), chunk))

    def stop(self) -> None:
        """No more."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()

    def beeps(self) -> list[float]:
        """When each beep left the sink: its place in the recording on the line that the earliest chunks lie on."""
        starts = np.cumsum([0, *(len(chunk) // 2 for _, chunk in self._chunks[:-1])])
        lateness = np.array([came for came, _ in self._chunks]) - starts / RATE
        settled = lateness[len(lateness) // 20 :]
        rendered = float(np.percentile(settled, 1))
        samples = np.frombuffer(b"".join(chunk for _, chunk in self._chunks), np.int16).astype(np.int32)
        loud = np.flatnonzero(np.abs(samples) > LOUD)
        onsets = loud[np.flatnonzero(np.diff(loud, prepend=-RATE) > QUIET_SAMPLES)]
        return [rendered + at / RATE + PIECE_SECONDS for at in onsets]


@contextmanager
def sound_server() -> Iterator[None]:
    """A PulseAudio of our own with a null sink, in a folder of its own."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_RUNTIME_DIR=home, QT_LOGGING_RULES="qt.multimedia.*=false")
        loads = (f"module-null-sink sink_name=ci rate={RATE}", "module-native-protocol-unix")
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *(f"--load={each}" for each in loads)]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": home})
        try:
            while not (Path(home) / "pulse" / "native").exists():
                time.sleep(0.05)
            yield
        finally:
            server.terminate()
            server.wait()


def film_for(seconds: int, size: tuple[int, int]) -> Path:
    """The film, kept between runs."""
    folder = Path(tempfile.gettempdir()) / f"circletake-sync-{seconds}-{size[0]}x{size[1]}"
    folder.mkdir(exist_ok=True)
    path = folder / "sync.mp4"
    if not path.exists():
        made = make(Film("made", frames=30 * seconds, group=250, size=size, options={"preset": "veryfast"}), folder)
        made.rename(path)
    return path


def main() -> None:
    """Play, record, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--size", default="1920x1080")
    given = parser.parse_args()
    if not shutil.which("pulseaudio") or not os.environ.get("DISPLAY"):
        sys.exit("this needs pulseaudio and a DISPLAY")
    width, height = map(int, given.size.split("x"))
    path = film_for(given.seconds, (width, height))
    with sound_server():
        played(path)


def played(path: Path) -> None:
    """Play the film once and print the table."""
    painted: dict[int, tuple[float, float]] = {}
    sink = QtSink()
    app = QApplication([])
    paint = ImagePainter.paintEvent

    def timed(self: ImagePainter, event: QPaintEvent) -> None:
        paint(self, event)
        if (picture := self._picture) is not None and player.playing:
            painted.setdefault(picture.index, (time.monotonic(), sink.heard()))

    ImagePainter.paintEvent = timed  # type: ignore[method-assign]  # measured where it happens
    player = Player(sink=sink)
    stage = Stage(player)
    stage._is_chosen = True  # images are what is timed here, also where there is a graphics card
    stage.resize(950, 534)
    stage.show()
    program = program_of(path)
    player.load(program)
    settle(app, 1.0)
    assert isinstance(stage.painter, ImagePainter)
    assert_numbers(app, stage.painter, player)
    recording = Recording()
    settle(app, 1.0)
    player.play()
    while player.playing:
        settle(app, 0.5)
    dropped = player.dropped
    settle(app, 0.5)
    recording.stop()
    player.close()
    ImagePainter.paintEvent = paint  # type: ignore[method-assign]
    report(painted, recording.beeps(), float(program.rate), dropped=dropped)


def assert_numbers(app: QApplication, painter: ImagePainter, player: Player) -> None:
    """Make sure that a picture's number is what is burnt into it, so that the number stands for the flash."""
    for frame in (15, 0):
        player.seek(frame)
        settle(app, 0.5)
        assert painter._picture is not None
        assert painter._picture.pixels is not None
        found = burnt(painter._picture.pixels[:, :, 1])
        assert found == painter._picture.index == frame, f"frame {frame} shows {found}"


def report(painted: dict[int, tuple[float, float]], beeps: list[float], rate: float, *, dropped: int) -> None:
    """Print how far apart they are, by both measures."""
    step = float(BEEP_EVERY) * rate
    flashes = {number: painted[int(number * step)] for number in range(1, 10_000) if int(number * step) in painted}
    first = flashes[min(flashes)][0]
    heard = {round((beep - first) / float(BEEP_EVERY)) + min(flashes): beep for beep in beeps}
    by_ear = [1000 * (flashes[number][0] - heard[number]) for number in flashes if number in heard]
    by_count = [1000 * (flashes[number][1] - number * float(BEEP_EVERY)) for number in flashes]
    rows = [row("beeps recorded from the sink", by_ear), row("processedUSecs when painted", by_count)]
    columns = ("beeps", "median ms", "p95 of distance", "worst", "within 40 ms")
    print(table("picture against sound", columns, rows))
    print(f"\n{len(painted)} frames painted, {dropped} dropped, {len(beeps)} beeps recorded.")
    print("Not measured: what a sound card, a wireless link and a screen add; there is none here.")


def row(name: str, offsets: list[float]) -> tuple[str, ...]:
    """One measure."""
    away = [abs(each) for each in offsets] or [float("nan")]
    within = sum(each <= 40 for each in away)
    middle = statistics.median(offsets) if offsets else float("nan")
    worst = max(offsets, key=abs, default=float("nan"))
    return (name, str(len(offsets)), f"{middle:+.1f}", f"{percentile(away, 0.95):.1f}", f"{worst:+.1f}", f"{within}")


if __name__ == "__main__":
    main()
