"""A short-lived Python of its own for parsers that a file might crash: it can be killed, and takes nothing along.

Native parsers and those of others run here, on bytes from a pipe, with limits on time, memory and what they may write
to disk (nothing). Whatever becomes of the process, the caller gets bytes or a `TimelineUnreadable`.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import IO

from circletake.errors import TimelineUnreadable
from circletake.jobs.context import JobContext, NoContext
from circletake.timeline.model import clean_name

REFUSED = 3
"""Exit code of a script that refuses its input; what it wrote says why, in words for an editor."""

_CHUNK = 1 << 16
_MOST_DETAILS = 4000
_MOST_WORDS = 300

_POLL_SECONDS = 0.05
"""How often a running child is looked at: whether it is still wanted, in time, and within its limits."""

_LAST_BYTES_SECONDS = 1.0
"""What the pipes of a child that has ended may still take; longer only where a child of its own got away."""

_SYSTEM_VARIABLES = ("SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
"""What an interpreter may need to find its own libraries."""

# A limit that a system does not know, or has set lower already, is left as it is: the wall clock ends it all the same.
_PRELUDE = """
import sys
try:
    import resource
except ImportError:
    import msvcrt
    msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX | msvcrt.SEM_NOOPENFILEERRORBOX)
else:
    limits = dict(RLIMIT_AS=int(sys.argv[1]), RLIMIT_CPU=int(sys.argv[2]), RLIMIT_CORE=0, RLIMIT_FSIZE=0)
    for name, most in limits.items():
        try:
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
        except (AttributeError, ValueError, OSError):
            pass
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: seconds on the clock, bytes of address space, bytes of result."""

    seconds: float = 20.0
    memory: int = 2 * 2**30
    output: int = 256 * 2**20


class NoChild(Exception):
    """No interpreter can be started here: the program is frozen into one file, or the system refuses."""


def run_limited(
    script: str, data: bytes, path: Path | None = None, limits: Limits | None = None, context: JobContext | None = None
) -> bytes:
    """What `script` writes to its standard output when it is given `data`; `path` is only named in errors.

    The script knows the standard library and installed packages, none of this program's files and no variables. With
    exit code `REFUSED` its output is the error's message. Whatever it starts ends with it.

    Raises:
        TimelineUnreadable: it refused, crashed, was killed for time or memory, or wrote too much.
        NoChild: it cannot be started at all.
        JobCancelled: asked to stop by `context`.
    """
    limits = limits or Limits()
    process = _started(script, limits)
    answer, words = _Listener(process.stdout, limits.output), _Listener(process.stderr, _MOST_DETAILS)
    threads = (answer, words, Thread(target=_give, args=(process.stdin, data), daemon=True))
    for thread in threads:
        thread.start()
    try:
        in_time = _ended(process, answer, limits, context or NoContext())
    finally:
        _kill(process)
        for thread in threads:
            thread.join(_LAST_BYTES_SECONDS)
    result = None if answer.count > limits.output else bytes(answer.kept)
    code = process.returncode if in_time else None
    if code == 0 and result is not None:
        return result
    if code == REFUSED and result is not None:
        raise _unreadable(clean_name(result.decode("utf-8", "replace"))[:_MOST_WORDS], path)
    details = bytes(words.kept).decode("utf-8", "replace")
    raise _unreadable(_reason(result, limits, in_time=in_time), path, details)


def _started(script: str, limits: Limits) -> subprocess.Popen[bytes]:
    """A Python that knows nothing of this one: -I keeps the user's variables and folders out, -B writes no cache."""
    interpreter = Path(sys.executable or "none")
    # Where the program is one frozen file, or lives inside another, its executable would be started a second time.
    if getattr(sys, "frozen", False) or not interpreter.stem.lower().startswith(("python", "pypy")):
        raise NoChild("there is no Python to start")
    # The clock is to end it first, since it tells that from a crash.
    numbers = (str(limits.memory), str(math.ceil(limits.seconds) + 2))
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter with our own text
            [str(interpreter), "-I", "-B", "-X", "faulthandler", "-c", _PRELUDE + script, *numbers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: os.environ[name] for name in _SYSTEM_VARIABLES if name in os.environ},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=True,
        )
    except OSError as error:
        raise NoChild(str(error)) from error


class _Listener(Thread):
    """Reads a pipe to its end, so that nobody waits for it: counts all bytes and keeps the last ones."""

    def __init__(self, pipe: IO[bytes] | None, most: int) -> None:
        super().__init__(daemon=True)
        self._pipe, self._most = _pipe(pipe), most
        self.kept, self.count, self.ended = bytearray(), 0, Event()

    def run(self) -> None:
        with suppress(OSError), self._pipe:
            while chunk := os.read(self._pipe.fileno(), _CHUNK):
                self.kept += chunk
                del self.kept[: -self._most]
                self.count += len(chunk)
        self.ended.set()


def _give(pipe: IO[bytes] | None, data: bytes) -> None:
    """Write to a child; one that ends early has said why in another way."""
    with suppress(OSError), _pipe(pipe) as given:
        given.write(data)


def _ended(process: subprocess.Popen[bytes], answer: _Listener, limits: Limits, context: JobContext) -> bool:
    """Wait for a child; false where its time ran out. One that has written too much is not waited for."""
    until = time.monotonic() + limits.seconds
    while process.poll() is None and answer.count <= limits.output:
        if time.monotonic() > until:
            return False
        context.checkpoint()
        if answer.ended.wait(_POLL_SECONDS):
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_SECONDS)
    return True


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a child, and what it has started where the system knows them as one group."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):  # nobody is left
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "all three are pipes"  # noqa: S101 - for the type checker
    return pipe


def _reason(result: bytes | None, limits: Limits, *, in_time: bool) -> str:
    if result is None:
        return f"more than {limits.output >> 20} MiB came out of it"
    if not in_time:
        return f"reading it took more than {limits.seconds:g} s and was stopped"
    return "what reads it broke down on it, or ran out of the memory it may use"


def _unreadable(message: str, path: Path | None, details: str = "") -> TimelineUnreadable:
    hint = "Export it again from the tool that made it, or in another format."
    return TimelineUnreadable(message, hint=hint, path=path, details=details)
