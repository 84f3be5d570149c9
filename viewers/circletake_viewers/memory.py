"""What the window remembers from one run to the next. It is worth no error: what cannot be read is forgotten."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from circletake.paths import state_folder, written_whole
from circletake_viewers.state.wish import Order

VERSION = 1
"""Version of the file this program writes; one of another version is not read."""

RECENT = 10
"""Files remembered as open last."""

MAX_BYTES = 1_000_000
"""Largest file read; ours has some thousand bytes."""

_log = logging.getLogger(__name__)

Json = Any
"""A value as JSON has it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Defaults are those of the first run.

    `geometry` is the window's place, Qt's own bytes in base64. `columns` and `rows` are sizes in pixels, empty for the
    usual ones. `folders` are the last ones used, by purpose. `recent` begins with the newest; whether those files are
    still there is not asked, for a disk that is gone would hold the window up. `editor` is the program sent to last, by
    name. `volume` is 0 to 1.
    """

    geometry: str = ""
    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    recent: tuple[Path, ...] = ()
    folders: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    export_folder: Path | None = None
    editor: str = ""
    volume: float = 1.0
    muted: bool = False
    snap: bool = True
    tracks_folded: bool = False
    order: Order = Order.RANK
    shown_curves: frozenset[str] = frozenset()

    def with_recent(self, path: Path) -> Memory:
        """The same after a file was opened."""
        others = (each for each in self.recent if each != path)
        return replace(self, recent=(path, *others)[:RECENT])

    def without_recent(self, path: Path) -> Memory:
        """The same after a file turned out to be gone."""
        return replace(self, recent=tuple(each for each in self.recent if each != path))

    def with_folder(self, purpose: str, folder: Path) -> Memory:
        """The same after a folder was used for something."""
        return replace(self, folders=MappingProxyType({**self.folders, purpose: folder}))

    def with_editor(self, name: str) -> Memory:
        """The same after something was sent to a program."""
        return replace(self, editor=name)

    def save(self, path: Path | None = None) -> None:
        """Store it; where that fails, only a line in the log tells."""
        text = json.dumps(
            {"version": VERSION} | {each.name: _stored(getattr(self, each.name)) for each in fields(self)}
        )
        try:
            with written_whole(path or memory_path()) as temporary:
                temporary.write_text(text, encoding="utf-8")
        except OSError as error:
            _log.info("what the window remembers was not stored: %s", error)


def memory_path() -> Path:
    """Where it is kept."""
    return state_folder() / "window.json"


def load_memory(path: Path | None = None) -> Memory:
    """What was stored. Never fails: a damaged or newer file counts as none, a value of another kind as its default."""
    document = _document(path or memory_path())
    if document.get("version") != VERSION:
        return Memory()
    read = {name: _READERS[name](value) for name, value in document.items() if name in _READERS}
    return Memory(**{name: value for name, value in read.items() if value is not None})


def _document(place: Path) -> dict[str, Json]:
    try:
        if place.stat().st_size > MAX_BYTES:
            return {}
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _stored(value: object) -> Json:
    """A value as JSON has it."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _stored(each) for key, each in value.items()}
    if isinstance(value, tuple | frozenset):
        return [_stored(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return value


def _base64(value: Json) -> str | None:
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        return None
    return str(value)


def _name(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _bool(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _share(value: Json) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None


def _path(value: Json) -> Path | None:
    return Path(value) if isinstance(value, str) and value and "\0" not in value else None


def _paths(value: Json) -> tuple[Path, ...] | None:
    found = [_path(each) for each in value] if isinstance(value, list) else []
    return tuple(dict.fromkeys(path for path in found if path))[:RECENT]


def _folders(value: Json) -> Mapping[str, Path] | None:
    found = {name: _path(each) for name, each in value.items()} if isinstance(value, dict) else {}
    return MappingProxyType({name: path for name, path in found.items() if path})


def _sizes(value: Json) -> tuple[int, ...] | None:
    fits = isinstance(value, list) and all(type(each) is int and 0 <= each < 1 << 20 for each in value)
    return tuple(value) if fits else None


def _order(value: Json) -> Order | None:
    return Order(value) if value in list(Order) else None


def _names(value: Json) -> frozenset[str] | None:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else None


_READERS: Mapping[str, Any] = MappingProxyType(
    {
        "geometry": _base64,
        "columns": _sizes,
        "rows": _sizes,
        "recent": _paths,
        "folders": _folders,
        "export_folder": _path,
        "editor": _name,
        "volume": _share,
        "muted": _bool,
        "snap": _bool,
        "tracks_folded": _bool,
        "order": _order,
        "shown_curves": _names,
    }
)
"""What makes each field's value of what the file holds; None where it is of another kind."""
