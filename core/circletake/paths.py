"""Where things live on this machine, and how files come to be there whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

APP = "circletake"

MAX_FILE_STEM = 120
"""Longest file name we make, in bytes: 255 less room for suffixes, numbers and the temporary name."""

ABANDONED_SECONDS = 60
"""Age of the last byte from which a temporary file belongs to nobody: writers that live write on."""

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')
# Source: Microsoft, "Naming Files, Paths, and Namespaces"; the superscript digits count too.
_WINDOWS_DEVICES = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"),
}


def config_folder() -> Path:
    """The user's settings; `CIRCLETAKE_CONFIG_DIR` overrides."""
    return _folder("CIRCLETAKE_CONFIG_DIR", platformdirs.user_config_path(APP, appauthor=False))


def cache_folder() -> Path:
    """Results that can be made again; safe to delete at any time. `CIRCLETAKE_CACHE_DIR` overrides."""
    return _folder("CIRCLETAKE_CACHE_DIR", platformdirs.user_cache_path(APP, appauthor=False))


def state_folder() -> Path:
    """Journals of what was not saved; `CIRCLETAKE_STATE_DIR` overrides."""
    return _folder("CIRCLETAKE_STATE_DIR", platformdirs.user_state_path(APP, appauthor=False))


def _folder(variable: str, default: Path) -> Path:
    return Path(os.environ.get(variable) or default).expanduser()


def safe_stem(text: str, fallback: str = "clip") -> str:
    """A file name without its suffix that every system takes, whatever the text: no separators, devices or dots.

    Never empty, at most `MAX_FILE_STEM` bytes, letters of every script kept.
    """
    stem = _NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", text))
    stem = " ".join(stem.split()).lstrip(". -")
    stem = stem.encode("utf-8", "ignore")[:MAX_FILE_STEM].decode("utf-8", "ignore").lstrip(". -").rstrip(". ")
    return fallback if not stem or stem.split(".")[0].strip().lower() in _WINDOWS_DEVICES else stem


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; on a clean exit flush it to disk and rename it, else delete it.

    A reader, a crash or a full disk never sees half a file under the final name. The temporary name keeps the
    suffix, for writers that choose a format by it.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        with suppress(OSError):  # the file is there; some network disks do not sync folders
            _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def remove_abandoned(path: Path) -> None:
    """Remove what writers of `path` left that were killed more than `ABANDONED_SECONDS` ago."""
    stem, suffix = re.escape(path.stem[:40]), re.escape(path.suffix)
    _remove_old(path.parent, re.compile(rf"\.{stem}\.[0-9a-f]{{8}}\.part{suffix}"))


def remove_abandoned_in(folder: Path) -> None:
    """Remove what killed writers of any file in `folder` left, as `remove_abandoned` does for one."""
    _remove_old(folder, re.compile(r"\..*\.[0-9a-f]{8}\.part(\..*)?", re.DOTALL))


def _remove_old(folder: Path, likely: re.Pattern[str]) -> None:
    with suppress(OSError):
        for each in [path for path in folder.iterdir() if likely.fullmatch(path.name)]:
            with suppress(OSError):  # somebody else removed it, or still writes it (Windows)
                if time.time() - each.lstat().st_mtime > ABANDONED_SECONDS:
                    each.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Push a file or folder to the disk; folders cannot be opened on Windows, where a rename is durable anyway."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(folder: Path) -> int:
    """Room on the disk that holds `folder`, which need not exist yet.

    Raises:
        OSError: there is no such disk.
    """
    places = (folder.absolute(), *folder.absolute().parents)
    existing = next((place for place in places if place.exists()), places[-1])
    return shutil.disk_usage(existing).free
