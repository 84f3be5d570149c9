"""Files that moved: by the end of their old address below known folders, by what moved with them, and by name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from circletake.jobs.context import JobContext
from circletake.media.footage import FOOTAGE
from circletake.timeline.addresses import Listed, address_parts, is_safe_file, media_path, same_name, spelled_file

DEEPEST = 6
"""Folders below a searched one that are looked into."""

MOST_ENTRIES = 50_000
"""Names looked at in one searched folder and below: a project's footage, and not a whole disk."""

MOST_SECONDS = 10.0
"""How long one folder is searched."""

PARENTS = 2
"""Folders above the timeline's in which the end of an address is tried."""

LONGEST_END = 8
"""Parts of an address that are looked for elsewhere."""

Parts = tuple[str, ...]


def is_footage(path: Path) -> bool:
    """Tell whether a file may be opened as media: a regular one outside system folders, called as footage is."""
    return path.suffix.lower() in FOOTAGE and is_safe_file(path)


def same_move(old_url: str, new_path: Path, other_url: str, listed: Listed | None = None) -> Path | None:
    """Where `other_url` is now if it moved with `old_url`, which is now `new_path`; None where it lay elsewhere.

    The file need not be there. `listed` as in `spelled_file`.
    """
    for old, other in product(address_parts(old_url), address_parts(other_url)):
        shared = max(1, _shared_end(old, new_path.parts))  # a file that was renamed as well leaves its folder
        rest = _rest(old[:-shared], other)
        if rest:
            now = Path(*new_path.parts[:-shared])
            return spelled_file(now, rest, listed) or media_path(str(now.joinpath(*rest)), now)
    return None


def _rest(before: Parts, other: Parts) -> Parts:
    """What follows `before` in `other`; nothing where it begins in another way."""
    begins = len(other) > len(before) and all(same_name(a) == same_name(b) for a, b in zip(before, other, strict=False))
    rest = other[len(before) :] if begins else ()
    return rest if rest and not _leaves(rest) else ()


def _leaves(rest: Parts) -> bool:
    """Tell whether parts do not simply lead down from a folder."""
    return ".." in rest or rest[0] in ("/", "//") or rest[0].endswith(":")


def _shared_end(old: Parts, new: Parts) -> int:
    pairs = zip(reversed(old), reversed(new), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if same_name(a) != same_name(b)), min(len(old), len(new)))


def ends_of(url: str) -> Iterator[Parts]:
    """The ends of an address with a folder in them, the longest first: `footage/day 1/a.mp4`, `day 1/a.mp4`."""
    for parts in address_parts(url):
        last_up = max((n for n, part in enumerate(parts) if part == ".."), default=-1)
        names = [part for part in parts[last_up + 1 :] if not _leaves((part,))][-LONGEST_END:]
        yield from (tuple(names[start:]) for start in range(len(names) - 1))


def below(url: str, folder: Path, others: Iterable[Path], listed: Listed) -> Path | None:
    """The file at the longest end of `url` below `folder`, one of `others`, or one of the folders above `folder`."""
    places = (folder, *others, *folder.parents[:PARENTS])
    found = (spelled_file(place, end, listed) for end in ends_of(url) for place in places)
    return next((path for path in found if path is not None and is_footage(path)), None)


@dataclass
class Index:
    """Footage below some folders by name, listed when first asked for."""

    folders: tuple[Path, ...]
    context: JobContext
    given_up: list[Path] = field(default_factory=list)
    _files: dict[str, list[Path]] | None = None

    def named_as(self, url: str) -> dict[Path, int]:
        """Files of the address's name, each with how many parts of the address its path ends in."""
        if self._files is None:
            self._files = self._listed()
        found: dict[Path, int] = {}
        for parts in address_parts(url):
            for path in self._files.get(same_name(parts[-1]) if parts else "", ()):
                found[path] = max(found.get(path, 0), _shared_end(parts, path.parts))
        return found

    def _listed(self) -> dict[str, list[Path]]:
        files: dict[str, list[Path]] = {}
        seen: set[str] = set()
        for folder in self.folders:
            for path in self._below(folder):
                real = os.path.realpath(path)
                if real not in seen:
                    seen.add(real)
                    files.setdefault(same_name(path.name), []).append(path)
        return files

    def _below(self, folder: Path) -> Iterator[Path]:
        waiting, count, until = [(folder, 0)], 0, time.monotonic() + MOST_SECONDS
        while waiting:
            self.context.checkpoint()
            here, depth = waiting.pop(0)
            files, folders = _entries(here, MOST_ENTRIES - count)
            count += len(files) + len(folders)
            yield from (path for path in files if is_footage(path))
            waiting += [(each, depth + 1) for each in folders if depth < DEEPEST]
            if count >= MOST_ENTRIES or time.monotonic() > until:
                self.given_up.append(folder)
                return


def _entries(folder: Path, most: int) -> tuple[list[Path], list[Path]]:
    """Files and folders in one, in the order of their names; links to folders are not followed, hidden ones left."""
    files: list[Path] = []
    folders: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry, _ in zip(entries, range(most), strict=False):
                if entry.is_dir(follow_symlinks=False):
                    folders += [] if entry.name.startswith(".") else [folder / entry.name]
                elif Path(entry.name).suffix.lower() in FOOTAGE:
                    files.append(folder / entry.name)
    except OSError:
        return [], []
    return sorted(files), sorted(folders)
