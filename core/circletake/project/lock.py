"""One process edits a project at a time: a lock file beside it that names the holder.

The operating system holds the lock and lets go of it when the process ends, however it ends, so a file left behind by
a killed process is simply locked again. Where the disk knows no locks, the process number in the file decides; on
Windows, where asking for a process may stop it, the file then counts as held.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCKED_BYTE = 1 << 30
"""Windows locks keep others from reading the bytes locked: one far behind the text is locked."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a project."""

    pid: int = 0
    host: str = ""

    def __str__(self) -> str:
        """For people."""
        return f"process {self.pid} on {self.host}" if self.pid else "another process"


class ProjectLock:
    """A lock held until `release`, or the end of the process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Use `acquire`."""
        self._path = path
        self._descriptor: int | None = descriptor

    @staticmethod
    def path_for(project: Path) -> Path:
        """Where the lock of a project file lies."""
        return project.with_name(f".{project.name}.lock")

    @classmethod
    def acquire(cls, path: Path) -> ProjectLock | Holder:
        """Take the lock file at `path`, or say who has it.

        Raises:
            OSError: the folder cannot be written.
        """
        for _ in range(100):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            holder = _held_by(descriptor)
            if holder is not None:
                os.close(descriptor)
                return holder
            if _is_still_at(path, descriptor):
                _sign(descriptor)
                return cls(path, descriptor)
            os.close(descriptor)  # the last holder removed the file between our opening and locking it
        return Holder()

    def release(self) -> None:
        """Let go; once is enough, twice does no harm."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        if os.name == "nt":  # where an open file cannot be removed
            os.close(descriptor)
        with contextlib.suppress(OSError):
            self._path.unlink()
        if os.name != "nt":  # where the name must go first: the next holder may lock a new file of that name
            os.close(descriptor)


def _held_by(descriptor: int) -> Holder | None:
    """Lock the open file; None where that worked."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return _signature(descriptor)
    except OSError:
        holder = _signature(descriptor)
        return holder if _is_running(holder) else None
    return None


def _is_still_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    text = json.dumps({"pid": os.getpid(), "host": platform.node()})
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def _signature(descriptor: int) -> Holder:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        node = json.loads(os.read(descriptor, 1000))
        return Holder(int(node["pid"]), str(node["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()


def _is_running(holder: Holder) -> bool:
    """Tell whether the holder may still be there; one on another machine may, and so may any on Windows."""
    if holder.pid <= 0 or holder.host != platform.node() or os.name == "nt":
        return holder.pid > 0
    try:
        os.kill(holder.pid, 0)  # asks only; on Windows signal 0 is Ctrl+C, and would stop the holder
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
