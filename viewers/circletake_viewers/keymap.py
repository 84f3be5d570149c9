"""Which keys do what: the commands' own, changed by what the user stored in `keys.toml`.

The file is TOML: `version` at its top, and a table `keys` with a list of keys for each command changed, in Qt's
portable text. An empty list takes a command's keys away. Names that this version does not know are kept.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtGui import QKeySequence

from circletake.paths import config_folder, written_whole
from circletake.settings.tomltext import with_values
from circletake_viewers.commands import BY_NAME, COMMANDS

VERSION = 1
"""Version of the file this program writes."""

MAX_BYTES = 1_000_000
"""Largest file read; ours has some hundred bytes."""

_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Conflict:
    """One key that several commands, by name, answer to; none of them runs then."""

    key: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keymap:
    """`own` are the user's keys by command, names of other versions among them.

    `fault` is a sentence on what in the file could not be used; empty where all was fine.
    """

    own: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    fault: str = ""

    @property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of every command, in the order of the list."""
        return {command.name: self.own.get(command.name, command.keys) for command in COMMANDS}

    def with_keys(self, name: str, keys: Iterable[str]) -> Keymap:
        """The same with other keys for one command; none at all is allowed.

        Raises:
            KeyError: there is no such command.
            ValueError: not a key; the message names it.
        """
        given = tuple(dict.fromkeys(normal(key) for key in keys))
        own = {other: kept for other, kept in self.own.items() if other != name}
        if given != BY_NAME[name].keys:
            own[name] = given
        return replace(self, own=MappingProxyType(own))

    def taken_over(self, name: str, key: str) -> Keymap:
        """The same with `key` added to one command and taken from every other."""
        key = normal(key)
        changed = self
        for other, keys in self.keys.items():
            if other != name and key in keys:
                changed = changed.with_keys(other, (each for each in keys if each != key))
        return changed.with_keys(name, (*self.keys[name], key))

    def with_defaults(self) -> Keymap:
        """The commands' own keys; what other versions stored stays."""
        return Keymap(MappingProxyType({name: keys for name, keys in self.own.items() if name not in BY_NAME}))

    def holders(self, key: str) -> tuple[str, ...]:
        """The commands that answer to a key."""
        key = normal(key)
        return tuple(name for name, keys in self.keys.items() if key in keys)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Keys that more than one command answers to."""
        used: dict[str, list[str]] = {}
        for name, keys in self.keys.items():
            for key in keys:
                used.setdefault(key, []).append(name)
        return tuple(Conflict(key, tuple(names)) for key, names in used.items() if len(names) > 1)

    def save(self, path: Path | None = None) -> None:
        """Store the user's keys; comments in the file stay, a file that is no TOML is written anew.

        Raises:
            OSError: the file cannot be written.
        """
        place = path or keys_path()
        text, document = _readable(place)
        stored = document.get("keys")
        table = dict(stored) if isinstance(stored, dict) else {}
        wanted: dict[str, list[str] | None] = {name: None for name in table if name in BY_NAME}
        wanted |= {name: list(keys) for name, keys in self.own.items()}
        changed = {name: keys for name, keys in wanted.items() if keys is None or keys != table.get(name)}
        version = max(VERSION, _version(document))
        table = {**table, **wanted}
        document = {**document, "version": version, "keys": {n: keys for n, keys in table.items() if keys is not None}}
        lines: dict[tuple[str, str], object] = {("", "version"): version}
        lines |= {("keys", name): keys for name, keys in changed.items()}
        with written_whole(place.resolve()) as temporary:
            temporary.write_text(with_values(text, lines, document), encoding="utf-8")


def keys_path() -> Path:
    """Where the user's keys are kept."""
    return config_folder() / "keys.toml"


def normal(key: str) -> str:
    """A key as it is compared and stored, in Qt's portable text: `ctrl+k` becomes `Ctrl+K`.

    Raises:
        ValueError: not a key.
    """
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or not text:
        raise ValueError(f"{key!r} is not a key")
    return text


def load_keymap(path: Path | None = None) -> Keymap:
    """The user's keys. Never fails: what cannot be used is left out, and `fault` says so; the file is not touched."""
    place = path or keys_path()
    try:
        document = tomllib.loads(_text(place))
    except FileNotFoundError:
        return Keymap()
    except (OSError, ValueError, RecursionError) as error:
        return Keymap(fault=f"Your keys in {place} could not be read ({error}), so the usual ones are in force.")
    table = document.get("keys", {})
    if not isinstance(table, dict):
        return Keymap(fault=f"Your keys in {place} need a table [keys], so the usual ones are in force.")
    own = {name: _keys_in(value) for name, value in table.items()}
    wrong = [name for name, keys in own.items() if keys is None]
    fault = f"In {place} these are no keys: {', '.join(wrong)}; the usual ones are in force there." if wrong else ""
    return Keymap(MappingProxyType({name: keys for name, keys in own.items() if keys is not None}), fault)


def _keys_in(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    try:
        return tuple(dict.fromkeys(normal(each) for each in value))
    except ValueError:
        return None


def _text(place: Path) -> str:
    if place.stat().st_size > MAX_BYTES:
        raise ValueError("it is too large")
    return place.read_text(encoding="utf-8-sig")


def _readable(place: Path) -> tuple[str, dict[str, Any]]:
    """What a file holds now; nothing where it cannot be read."""
    try:
        text = _text(place)
        return text, tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return "", {}


def _version(document: Mapping[str, Any]) -> int:
    version = document.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else VERSION
