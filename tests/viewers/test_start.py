"""What stands in the window's way is said in words, and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from circletake_viewers import start

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")


def opened_with(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept.pop("QT_QPA_PLATFORM", None)
    command = [sys.executable, "-m", "circletake_viewers"]
    return subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, check=False)


@LINUX_ONLY
@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "There is no screen"), ({"DISPLAY": ":4711"}, "The screen :4711 does not answer")],
    ids=["none", "dead"],
)
def test_without_a_screen_it_says_so_and_ends(environment: dict[str, str], said: str) -> None:
    done = opened_with(**environment)
    assert done.returncode == 1
    assert said in done.stderr
    assert "circletake --help" in done.stderr
    assert "Traceback" not in done.stderr


@LINUX_ONLY
def test_a_running_screen_is_no_trouble() -> None:
    assert start.trouble_with_screen({"DISPLAY": os.environ["DISPLAY"]}) is None
    assert start.trouble_with_screen({"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert start.trouble_with_screen({"QT_QPA_PLATFORM": "offscreen"}) is None


@LINUX_ONLY
def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "CURSOR_LIBRARY", "libnobody-has-this.so.0")
    trouble = start.trouble_with_screen({"DISPLAY": os.environ["DISPLAY"]})
    assert trouble is not None
    assert "libnobody-has-this.so.0" in trouble[0]
    assert "libxcb-cursor0" in trouble[1]


def test_a_missing_toolkit_is_explained() -> None:
    said = start.trouble_with_toolkit(ImportError("libEGL.so.1: cannot open shared object file: No such file"))
    assert "libEGL.so.1 is missing" in said[0]
    said = start.trouble_with_toolkit(ModuleNotFoundError("No module named 'PySide6'", name="PySide6"))
    assert "circletake[gui]" in said[1]


def test_a_fault_of_ours_is_not_taken_for_a_missing_toolkit() -> None:
    with pytest.raises(ImportError):
        start.trouble_with_toolkit(ImportError("cannot import name 'x'", name="circletake_viewers.app"))


def test_files_are_handed_on_by_their_whole_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    import circletake_viewers.app as app  # noqa: PLC0415 - start imports it as late

    seen: list[list[Path]] = []

    def run(files: list[Path]) -> int:
        seen.append(files)
        return 0

    monkeypatch.setattr(start, "trouble_with_screen", lambda _: None)
    monkeypatch.setattr(app, "run", run)
    assert start.main(["a.mp4"]) == 0
    assert seen == [[Path.cwd() / "a.mp4"]]
