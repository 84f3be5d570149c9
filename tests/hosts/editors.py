"""Real editors, started unseen with a home of their own: they open a project of ours and save it again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

import pytest

SYSTEM_PYTHON = Path("/usr/bin/python3")
"""The interpreter that has the distribution's `mlt7`."""

SCREEN = "1600x900x24"

_KDENLIVE_SETTINGS = """[General]
version=22.12.3
firstRun=false
[misc]
openlastproject=false
use_exiftool=false
ffmpegpath=/usr/bin/ffmpeg
ffprobepath=/usr/bin/ffprobe
ffplaypath=/usr/bin/ffplay
rendererpath=/usr/bin/melt
[env]
mltpath=/usr/share/mlt-7/profiles
[unmanaged]
"""

_EXPAND = """
import sys, mlt7 as mlt
mlt.Factory.init()
profile = mlt.Profile()
producer = mlt.Producer(profile, "xml", sys.argv[1])
assert producer.is_valid(), "MLT refuses it"
producer.set("xml", None)
consumer = mlt.Consumer(profile, "xml", sys.argv[2])
consumer.set("no_meta", 1)
consumer.set("time_format", "frames")
consumer.connect(producer)
consumer.start()
print(producer.get_length(), profile.frame_rate_num(), profile.frame_rate_den())
"""


def needs(*programs: str) -> None:
    """Skip the test where a program is missing."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")


@dataclass(frozen=True)
class Desktop:
    """A screen nobody sees, with a home and a message bus of its own."""

    home: Path
    environment: dict[str, str]

    def run(self, *command: str | Path, timeout: float = 60) -> str:
        """Run a program to its end; its output, both kinds."""
        done = subprocess.run(
            [str(part) for part in command],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        return done.stdout.decode(errors="replace")

    def picture(self, path: Path) -> None:
        """Keep what the screen shows."""
        self.run("import", "-window", "root", path)

    def press(self, keys: str) -> None:
        """Press keys (`ctrl+s`) in the window that has them."""
        self.run("xdotool", "key", keys)

    @contextmanager
    def program(self, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
        """A program that runs until the end of the block."""
        with (self.home / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command], env=self.environment, cwd=self.home, stdout=log, stderr=log
            )
            try:
                yield process
            finally:
                stop(process)

    def log(self) -> str:
        """The last words of the program."""
        return (self.home / "log").read_text(errors="replace")[-2000:]


@contextmanager
def desktop(home: Path) -> Iterator[Desktop]:
    """A screen, a bus and a home below `home`."""
    needs("Xvfb", "dbus-daemon", "xdotool", "import", "gdbus")
    (home / "run").mkdir(parents=True)
    (home / "run").chmod(0o700)
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
            "-noreset",
            "+extension",
            "GLX",
        ],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        with _bus(home) as bus:
            yield Desktop(home, _environment(home, number, bus))
    finally:
        stop(screen)


@contextmanager
def _bus(home: Path) -> Iterator[str]:
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:dir={home / 'run'}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")},
    )
    try:
        yield _stdout(bus).readline().decode().strip()
    finally:
        stop(bus)
        _stdout(bus).close()


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def _environment(home: Path, number: str, bus: str) -> dict[str, str]:
    folders = {"config": "CONFIG_HOME", "cache": "CACHE_HOME", "data": "DATA_HOME", "run": "RUNTIME_DIR"}
    own = {f"XDG_{name}": str(home / folder) for folder, name in folders.items()}
    for folder in ("config", "tmp"):
        (home / folder).mkdir(exist_ok=True)
    return {
        **own,
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "DISPLAY": f":{number}",
        "DBUS_SESSION_BUS_ADDRESS": bus,
        "LANG": "C.UTF-8",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a program, and wait until it has."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(what: Callable[[], object], seconds: float, why: str) -> object:
    """The first answer that is something; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.5)
    return pytest.fail(why, pytrace=False)


def kdenlive_saves(here: Desktop, project: Path, picture: Path | None = None) -> bytes:
    """Open a project in Kdenlive and have it saved; the file it wrote."""
    needs("kdenlive")
    (here.home / "config" / "kdenliverc").write_text(_KDENLIVE_SETTINGS)
    before = project.read_bytes()
    with here.program("kdenlive", project):
        names = wait_for(lambda: _kdenlive_names(here), 30, "Kdenlive did not start")
        assert isinstance(names, list)
        time.sleep(8)  # it answers before the project is loaded, and says no word when it is
        if picture is not None:
            here.picture(picture)
        call = ("gdbus", "call", "--session", "--dest", names[0], "--object-path", "/kdenlive/MainWindow_1")
        here.run(*call, "--method", "org.kde.KMainWindow.activateAction", "file_save")
        wait_for(lambda: project.read_bytes() != before, 15, f"Kdenlive did not save: {here.log()}")
        time.sleep(0.5)
        return project.read_bytes()


def _kdenlive_names(here: Desktop) -> list[str]:
    answer = here.run(
        *("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus"),
        *("--method", "org.freedesktop.DBus.ListNames"),
    )
    return re.findall(r"org\.kde\.kdenlive-\d+", answer)


def shotcut_saves(here: Desktop, project: Path, picture: Path | None = None) -> bytes:
    """Open a project in Shotcut and have it saved; the file it wrote."""
    needs("shotcut")
    before = project.read_bytes()
    with here.program("shotcut", "--noupgrade", project):
        wait_for(
            lambda: project.stem in here.run("xdotool", "search", "--name", ".*", "getwindowname", "%@"),
            30,
            "Shotcut did not open it",
        )
        time.sleep(8)  # the window has the file's name before the timeline is drawn
        if picture is not None:
            here.picture(picture)
        here.press("ctrl+s")
        wait_for(lambda: project.read_bytes() != before, 15, f"Shotcut did not save: {here.log()}")
        time.sleep(0.5)
        return project.read_bytes()


@dataclass(frozen=True)
class Engine:
    """What MLT itself makes of a project: its length and rate, and what each playlist plays.

    An entry is (file name, first frame, last frame); a hole is its length.
    """

    frames: int
    rate: tuple[int, int]
    playlists: dict[str, list[tuple[str, int, int] | int]]


def engine_sees(here: Desktop, project: Path) -> Engine:
    """Load a project with the MLT engine and write down what it made of it."""
    if not SYSTEM_PYTHON.exists() or "no" in here.run(
        SYSTEM_PYTHON, "-c", "try:\n import mlt7\nexcept ImportError: print('no')"
    ):
        pytest.skip("python3-mlt is not installed")
    expanded = here.home / "expanded.xml"
    answer = here.run(SYSTEM_PYTHON, "-c", _EXPAND, project, expanded)
    frames, *rate = (int(word) for word in answer.split()[-3:])
    root = ET.parse(expanded).getroot()
    names = {each.get("id"): _file(each) for each in root.iter() if each.tag in ("producer", "chain")}
    playlists: dict[str, list[tuple[str, int, int] | int]] = {}
    for playlist in root.iter("playlist"):
        row: list[tuple[str, int, int] | int] = []
        for each in playlist:
            if each.tag == "blank":
                row.append(int(each.get("length", "0")))
            elif each.tag == "entry":
                row.append((names.get(each.get("producer"), ""), int(each.get("in", "0")), int(each.get("out", "0"))))
        playlists[playlist.get("id", "")] = row
    return Engine(frames, (rate[0], rate[1]), playlists)


def _file(producer: ET.Element) -> str:
    facts = {each.get("name"): each.text or "" for each in producer.findall("property")}
    return facts.get("resource", "").rpartition("/")[2]


def rendered(here: Desktop, project: Path, film: Path) -> str:
    """Render a project with melt, as small and fast as it goes; its words."""
    needs("melt")
    form = ("vcodec=libx264", "preset=ultrafast", "crf=12", "g=1", "acodec=aac", "real_time=-1")
    return here.run("melt", project, "-consumer", f"avformat:{film}", *form, timeout=120)
