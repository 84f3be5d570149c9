"""A parser in a process of its own: whatever it does, the caller gets bytes or one kind of error."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from circletake.errors import TimelineUnreadable
from circletake.timeline.child import Limits, NoChild, run_limited

ECHO = "sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
POSIX = pytest.mark.skipif(os.name == "nt", reason="limits as POSIX has them")


def test_bytes_go_in_and_come_out() -> None:
    data = bytes(range(256)) * 4000  # more than a pipe holds
    assert run_limited(ECHO, data) == data[::-1]


def test_it_knows_opentimelineio_but_nothing_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIRCLETAKE_SECRET", "1")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    script = "import os, opentimelineio; sys.stdout.write(repr(sorted(os.environ)) + repr(sys.path))"
    told = run_limited(script, b"").decode()
    assert "SECRET" not in told
    assert "nowhere" not in told


def test_a_refusal_is_told_in_its_own_words() -> None:
    script = "sys.stdout.write('this is\\x1b no \\u202etimeline'); sys.stdout.flush(); sys.exit(3)"
    with pytest.raises(TimelineUnreadable, match="this is no timeline") as caught:
        run_limited(script, b"", Path("a.otio"))
    assert caught.value.path == Path("a.otio")
    assert caught.value.hint


@pytest.mark.parametrize(
    "script",
    [
        "raise ValueError('oops')",
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.kill(os.getpid(), 9)",
        "sys.exit(1)",
    ],
)
@POSIX
def test_a_crash_is_an_error_like_any_other(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TimelineUnreadable, match="broke down"):
        run_limited(script, b"x" * 1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_what_went_wrong_is_kept_for_a_report() -> None:
    with pytest.raises(TimelineUnreadable) as caught:
        run_limited("raise ValueError('oops')", b"")
    assert "ValueError: oops" in caught.value.details


@pytest.mark.parametrize("script", ["import time; time.sleep(60)", "while True: pass", "pass"])
def test_what_takes_too_long_is_stopped(script: str) -> None:
    started = time.monotonic()
    with pytest.raises(TimelineUnreadable):
        run_limited(script + "\nimport time; time.sleep(60)", b"x" * 1_000_000, limits=Limits(seconds=0.5))
    assert time.monotonic() - started < 5


@POSIX
def test_memory_and_files_are_limited(tmp_path: Path) -> None:
    if sys.platform == "linux":  # others count address space in ways of their own
        with pytest.raises(TimelineUnreadable) as caught:
            run_limited("bytearray(2**30)", b"", limits=Limits(memory=2**28))
        assert "MemoryError" in caught.value.details
    with pytest.raises(TimelineUnreadable):
        run_limited(f"with open({str(tmp_path / 'a')!r}, 'wb') as file: file.write(b'x' * 100)", b"")
    assert (tmp_path / "a").read_bytes() == b""


def test_an_endless_answer_ends() -> None:
    with pytest.raises(TimelineUnreadable, match="more than 1 MiB"):
        run_limited("while True: sys.stdout.buffer.write(bytes(65536))", b"", limits=Limits(output=2**20))


def test_a_program_frozen_into_one_file_is_never_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(NoChild):
        run_limited(ECHO, b"")
    monkeypatch.delattr(sys, "frozen")
    monkeypatch.setattr(sys, "executable", "/opt/Circletake/Circletake")
    with pytest.raises(NoChild):
        run_limited(ECHO, b"")
    monkeypatch.setattr(sys, "executable", "/nowhere/python3")
    with pytest.raises(NoChild):
        run_limited(ECHO, b"")
