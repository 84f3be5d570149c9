"""A parser in a process of its own: whatever it does, the caller gets bytes or one kind of error."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from circletake.errors import TimelineUnreadable
from circletake.interchange.registry import read_file
from circletake.jobs.context import JobCancelled, NoContext
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


def test_much_that_nobody_asked_for_holds_nothing_up() -> None:
    flood = "data = sys.stdin.buffer.read()\nsys.stderr.write('x' * 1_000_000 + 'the end')\n"
    assert run_limited(flood + "sys.stdout.write('done')", b"", limits=Limits(seconds=10)) == b"done"
    with pytest.raises(TimelineUnreadable) as caught:
        run_limited(flood + "sys.exit(1)", b"", limits=Limits(seconds=10))
    assert caught.value.details.endswith("the end")
    assert len(caught.value.details) < 10_000


GRANDCHILD = (
    "import subprocess\n"
    "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "sys.stdout.write(str(started.pid))\n"
    "sys.stdout.flush()\n"
)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, or is about to: its parent, the system's first one, has yet to notice."""
    state = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux shows them")
def test_what_a_child_starts_ends_with_it_and_is_not_waited_for() -> None:
    started = time.monotonic()
    pid = int(run_limited(GRANDCHILD, b""))
    assert time.monotonic() - started < 5
    assert is_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux shows them")
def test_a_child_that_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "pipe"
    os.mkfifo(told)
    reader = os.open(told, os.O_RDONLY | os.O_NONBLOCK)
    script = f"import os, time\nwith open({str(told)!r}, 'w') as file: file.write(str(os.getpid()))\ntime.sleep(60)"

    class UntilKnown(NoContext):
        pid = b""

        def checkpoint(self) -> None:
            self.pid = self.pid or os.read(reader, 100)
            if self.pid:
                raise JobCancelled

    context = UntilKnown()
    started = time.monotonic()
    try:
        with pytest.raises(JobCancelled):
            run_limited(script, b"x" * 1_000_000, limits=Limits(seconds=20), context=context)
    finally:
        os.close(reader)
    assert time.monotonic() - started < 5
    assert is_gone(int(context.pid))


@pytest.mark.parametrize("name", ["resolvable/cut.otio", "aaf/multiple_markers.aaf"])
def test_whoever_reads_a_file_may_stop_it(name: str, shared: Path) -> None:
    class Unwanted(NoContext):
        def checkpoint(self) -> None:
            raise JobCancelled

    path = shared / "data" / "timelines" / name
    assert read_file(path, context=NoContext()).read.timeline.tracks
    with pytest.raises(JobCancelled):
        read_file(path, context=Unwanted())
