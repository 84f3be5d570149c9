"""One process holds a project; a lock that a dead one left behind is nobody's."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from circletake.project import lock as lock_module
from circletake.project.lock import Holder, ProjectLock

HOLD = """
import sys
from pathlib import Path
from types import SimpleNamespace
from circletake.project import lock as lock_module
from circletake.project.lock import ProjectLock
held = ProjectLock.acquire(Path(sys.argv[1]))
print(type(held).__name__, flush=True)
sys.stdin.read()
"""


def holding(path: Path) -> subprocess.Popen[str]:
    """Another process that has the lock until its input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ProjectLock"
    return process


def ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cut.otio.lock"


def test_a_second_opener_is_told_who_holds_it(path: Path) -> None:
    process = holding(path)
    try:
        assert ProjectLock.acquire(path) == Holder(process.pid, platform.node())
    finally:
        ended(process)


def test_the_lock_of_a_killed_process_is_taken_over(path: Path) -> None:
    ended(holding(path))
    assert path.exists()
    held = ProjectLock.acquire(path)
    assert isinstance(held, ProjectLock)
    assert json.loads(path.read_text())["pid"] == os.getpid()
    held.release()
    assert not path.exists()
    held.release()


def test_one_process_cannot_take_it_twice(path: Path) -> None:
    held = ProjectLock.acquire(path)
    assert isinstance(held, ProjectLock)
    assert ProjectLock.acquire(path) == Holder(os.getpid(), platform.node())
    held.release()
    again = ProjectLock.acquire(path)
    assert isinstance(again, ProjectLock)
    again.release()


@pytest.mark.skipif(os.name == "nt", reason="replaces the lock call of POSIX")
@pytest.mark.parametrize(
    ("signature", "free"),
    [
        ("", True),
        ("garbage", True),
        (json.dumps({"pid": 2**22 + 1, "host": platform.node()}), True),
        (json.dumps({"pid": os.getpid(), "host": platform.node()}), False),
        (json.dumps({"pid": 1, "host": "another machine"}), False),
    ],
)
def test_where_the_disk_knows_no_locks_the_process_number_decides(
    path: Path, signature: str, free: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    path.write_text(signature)
    held = ProjectLock.acquire(path)
    assert isinstance(held, ProjectLock) is free
    if isinstance(held, ProjectLock):
        held.release()


@pytest.mark.parametrize(("pid", "running"), [(os.getpid(), True), (2**22 + 1, True), (0, False), (-5, False)])
def test_on_windows_no_process_is_asked_since_asking_would_stop_it(
    monkeypatch: pytest.MonkeyPatch, pid: int, *, running: bool
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "kill", lambda *call: asked.append(call[0]))
    with monkeypatch.context() as patch:
        patch.setattr(lock_module, "os", SimpleNamespace(name="nt", kill=os.kill))
        assert lock_module._is_running(Holder(pid, platform.node())) is running
    assert asked == []


@pytest.mark.skipif(os.name == "nt", reason="asks no process")
@pytest.mark.parametrize("pid", [0, -1, -(2**70), 2**70])
def test_a_number_no_process_has_holds_nothing(pid: int) -> None:
    assert not lock_module._is_running(Holder(pid, platform.node()))
