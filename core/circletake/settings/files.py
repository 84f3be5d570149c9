"""The settings file and the environment: read with care, written without touching what is not ours.

The file is TOML with a table a section and `version` at its top. A file of this version or an older one must know
every name; one of a newer version may hold more, which is kept.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from circletake.errors import SettingsError
from circletake.paths import config_folder, written_whole
from circletake.settings.table import PREFIX, SETTINGS, Setting, SettingValue, find_setting, nearest
from circletake.settings.tomltext import with_values
from circletake.settings.values import Origin, Settings, checked_value

VERSION = 1
"""Version of the file this program writes."""

MAX_BYTES = 1_000_000
"""Largest settings file read; ours has some hundred bytes."""

Document = dict[str, Any]
"""A TOML document; its values are whatever a person wrote there."""

Migration = Callable[[Document], Document]

MIGRATIONS: Mapping[int, Migration] = {}
"""From each older version to the next: `MIGRATIONS[1]` makes a document of version 2 out of one of version 1."""

_FOLDERS = {"CIRCLETAKE_CONFIG_DIR", "CIRCLETAKE_CACHE_DIR", "CIRCLETAKE_STATE_DIR"}
_SECTIONS = tuple(dict.fromkeys(setting.section for setting in SETTINGS))


def settings_path() -> Path:
    """Where the settings are kept."""
    return config_folder() / "settings.toml"


def load_settings(
    path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings in force: default < file < environment < `overrides` (flags, by key).

    `path` is the usual file when left out, and need not exist; `environment` is this process's.

    Raises:
        SettingsError: a file that cannot be read, a name nobody knows, or a value that is not allowed.
    """
    place = settings_path() if path is None else path
    variables = os.environ if environment is None else environment
    from_file = _values_in(_migrated(_read(place), place), place)
    merged = {key: (value, Origin.FILE) for key, value in from_file.items()}
    merged |= {key: (value, Origin.ENVIRONMENT) for key, value in _values_of(variables).items()}
    given = {
        key: (checked_value(find_setting(key), value), Origin.OVERRIDE) for key, value in (overrides or {}).items()
    }
    try:
        return Settings(MappingProxyType(merged | given))
    except SettingsError as error:
        raise SettingsError(error.message, hint=error.hint, path=place, place=error.place) from error


def write_settings(changes: Mapping[str, SettingValue | None], path: Path | None = None) -> None:
    """Store `changes` by key (None: back to the default); comments and what a newer version stored stay in place.

    Raises:
        SettingsError: a key nobody knows, a value that is not allowed, or a file that cannot be read.
        OSError: the file cannot be written.
    """
    place = settings_path() if path is None else path
    checked = {
        find_setting(key): None if value is None else checked_value(find_setting(key), value)
        for key, value in changes.items()
    }
    document = _migrated(_read(place), place)
    _values_in(document, place)
    version = max(VERSION, _version(document, place))
    document = {"version": version} | document | {"version": version}
    lines: dict[tuple[str, str], object] = {("", "version"): version}
    for setting, value in checked.items():
        plain = list(value) if isinstance(value, tuple) else value
        lines[setting.section, setting.name] = plain
        _put(document, setting, plain)
    Settings({key: (value, Origin.FILE) for key, value in _values_in(document, place).items()})
    text = with_values(_text(place), lines, document)
    with written_whole(place.resolve()) as temporary:  # the file a link points to, not the link
        temporary.write_text(text, encoding="utf-8")


def _put(document: Document, setting: Setting[Any], value: object) -> None:
    if value is None:
        document.get(setting.section, {}).pop(setting.name, None)
    else:
        document.setdefault(setting.section, {})[setting.name] = value


def _text(path: Path) -> str:
    """What the file says; nothing where there is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SettingsError("This is too large to be a settings file.", hint="Delete or rename it.", path=path)
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        hint = "Save it as UTF-8, or delete it to go back to the defaults."
        raise SettingsError("The settings are not written in UTF-8.", hint=hint, path=path) from error
    except OSError as error:
        message = f"The settings cannot be read: {error.strerror}."
        raise SettingsError(message, hint="Check who may read the file.", path=path) from error


def _read(path: Path) -> Document:
    try:
        return tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hint = "Correct that line, or delete the file to go back to the defaults."
        raise SettingsError(f"The settings are not valid TOML: {error}.", hint=hint, path=path) from error


def _version(document: Document, path: Path) -> int:
    version = document.get("version", VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise SettingsError(f"{version!r} is not a version.", hint="Delete that line.", path=path, place="version")
    return version


def _migrated(document: Document, path: Path) -> Document:
    """`document` as this version writes it, one small step a version."""
    for version in range(_version(document, path), VERSION):
        document = {**MIGRATIONS[version](document), "version": version + 1}
    return document


def _values_in(document: Document, path: Path) -> dict[str, SettingValue]:
    newer = _version(document, path) > VERSION
    values: dict[str, SettingValue] = {}
    for section, content in document.items():
        if section == "version":
            continue
        if section not in _SECTIONS:
            _refuse_unless(newer, section, list(_SECTIONS), path)
        elif not isinstance(content, dict):
            raise SettingsError("This must be a table.", hint=f"Write [{section}].", path=path, place=section)
        else:
            values |= _section_values(section, content, path, newer=newer)
    return values


def _section_values(section: str, content: Document, path: Path, *, newer: bool) -> dict[str, SettingValue]:
    rows = {setting.key: setting for setting in SETTINGS if setting.section == section}
    values: dict[str, SettingValue] = {}
    for name, value in content.items():
        key = f"{section}.{name}"
        if key in rows:
            values[key] = _checked_in(rows[key], value, path)
        else:
            _refuse_unless(newer, key, [setting.key for setting in SETTINGS], path)
    return values


def _checked_in(setting: Setting[Any], value: object, path: Path) -> SettingValue:
    try:
        return checked_value(setting, value)
    except SettingsError as error:
        raise SettingsError(error.message, hint=error.hint, path=path, place=setting.key) from error


def _refuse_unless(newer: bool, name: str, names: list[str], path: Path) -> None:  # noqa: FBT001 - reads as a sentence
    if not newer:
        raise SettingsError("There is no such setting.", hint=nearest(name, names), path=path, place=name)


def _values_of(environment: Mapping[str, str]) -> dict[str, SettingValue]:
    """Values set by `CIRCLETAKE_SECTION_NAME`; other variables of ours belong to someone else."""
    by_variable = {setting.variable: setting for setting in SETTINGS}
    values: dict[str, SettingValue] = {}
    for variable, text in environment.items():
        setting = by_variable.get(variable)
        if setting is not None:
            values[setting.key] = _parsed(setting, variable, text)
        elif variable not in _FOLDERS and variable.startswith(tuple(f"{PREFIX}{s.upper()}_" for s in _SECTIONS)):
            hint = nearest(variable, list(by_variable))
            raise SettingsError("There is no such setting.", hint=hint, place=variable)
    return values


def _parsed(setting: Setting[Any], variable: str, text: str) -> SettingValue:
    try:
        value: SettingValue = setting.parsed(text)
    except ValueError as error:
        raise SettingsError(f"{error}.", hint=f"Give {setting.allowed}.", place=variable) from error
    return value
