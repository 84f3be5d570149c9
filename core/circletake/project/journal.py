"""Edits since the last save, on disk the moment they are made.

A journal is a row of lines. Each is `length crc32 {json}`, both numbers in eight hexadecimal digits, so a line that
was cut short or damaged is known. The first names the journal and the file it builds on; each later one holds the
difference between two states: marks set and dropped, fields changed, or the whole project where the cut changed.

A line goes to the operating system at once, so killing the process loses nothing. The disk is asked to keep it at
most every `SYNC_SECONDS`, so a power cut loses little.

A save writes the file, with this journal's name and the number of its last line inside, and then starts a new
journal. Killed in between, the old journal still lies there, but the file says that it is contained.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import Any, Self

from circletake import paths
from circletake.project.differences import difference
from circletake.project.files import JournalMark
from circletake.project.project import Project
from circletake.project.records import encoded

SYNC_SECONDS = 0.5
"""Longest time between a line and asking the disk to keep the one before."""

FORMAT = 1


def journal_path(project: Path) -> Path:
    """Where the journal of a project file lies: beside the file itself, where `project` is a link to it."""
    real = Path(os.path.realpath(project))
    return real.with_name(f".{real.name}.journal")


def sheltered_journal_path(project: Path) -> Path:
    """Where it lies instead if the project's folder cannot be written."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(project))).hexdigest()[:32]
    return paths.state_folder() / "journals" / f"{name}.journal"


def unsaved_folder() -> Path:
    """Where journals of projects lie that were never saved."""
    return paths.state_folder() / "unsaved"


def new_unsaved_path() -> Path:
    """A fresh place for the journal of a project that has no file yet."""
    return unsaved_folder() / f"{secrets.token_hex(8)}.journal"


class Journal:
    """An open journal. Used from one thread; `append` writes before it returns."""

    def __init__(self, path: Path, name: str, position: int) -> None:
        """Use `start`."""
        self._path = path
        self._name = name
        self._position = position
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        self._end = os.fstat(self._descriptor).st_size
        self._synced = time.monotonic()
        self._whole_next = False

    @classmethod
    def start(cls, path: Path, current: Project, saved: Project | None, base: str, project: Path | None = None) -> Self:
        """Begin a journal at `path`, in the place of any that lies there.

        `base` is the SHA-256 of the project file and `saved` what it holds; `current` goes on from there. Without
        `saved` the whole of `current` is written. `project` is where the file is, for whoever finds the journal.

        Raises:
            OSError: the folder cannot be written.
        """
        name = secrets.token_hex(8)
        head = {"journal": FORMAT, "id": name, "base": base, "project": "" if project is None else str(project)}
        lines = [encoded(head)]
        change = difference(saved, current)
        if change:
            lines.append(encoded({"n": 1, "name": "", **change}))
        with paths.written_whole(path) as temporary:
            temporary.write_bytes(b"".join(lines))
        return cls(path, name, len(lines) - 1)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    @property
    def mark(self) -> JournalMark:
        """What a file that contains every line so far says."""
        return JournalMark(self._name, self._position)

    def append(self, before: Project, after: Project, name: str) -> None:
        """Write what leads from one state to the next; `name` is the edit's, for the report after a crash.

        Raises:
            OSError: the disk is full or gone. The journal stays readable, and the next line that fits holds the
                whole project, so nothing but the time in between is at risk.
        """
        change = difference(None if self._whole_next else before, after)
        if not change:
            return
        line = encoded({"n": self._position + 1, "name": name, **change})
        try:
            self._write(line)
        except BaseException:
            self._whole_next = True
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(line)
        self._position += 1
        self._whole_next = False
        if time.monotonic() - self._synced >= SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Ask the disk to keep every line so far."""
        os.fsync(self._descriptor)
        self._synced = time.monotonic()

    def close(self) -> None:
        """Keep every line and let go of the file."""
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def discard(self) -> None:
        """Remove it: its edits are saved, or not wanted."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(self._descriptor, view) :]


def header(record: dict[str, Any]) -> tuple[JournalMark, str]:
    """A journal's name and base, from its first line.

    Raises:
        ValueError: not the first line of a journal of this format.
    """
    if record.get("journal") != FORMAT or not isinstance(record.get("id"), str):
        raise ValueError("this is no journal of this version")
    return JournalMark(record["id"], 0), str(record.get("base", ""))
