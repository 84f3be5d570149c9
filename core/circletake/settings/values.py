"""The values in force, each with where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar, cast, overload

from circletake.errors import SettingsError
from circletake.settings.table import NOT_ABOVE, SETTINGS, Setting, SettingValue, find_setting

T = TypeVar("T", bound=SettingValue)


class Origin(StrEnum):
    """Where a value came from; a later one wins."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OVERRIDE = "override"


_NONE: Mapping[str, tuple[SettingValue, Origin]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Without arguments: the defaults. Every value is allowed, and the pairs agree."""

    _set: Mapping[str, tuple[SettingValue, Origin]] = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        """Refuse pairs that contradict each other."""
        for low, high in NOT_ABOVE:
            if self.get(low) > self.get(high):
                message = f"{low.title} ({self.get(low):g} {low.unit}) is above {high.title} ({self.get(high):g})."
                hint = f"Lower {low.key} ({self.origin(low)}) or raise {high.key} ({self.origin(high)})."
                raise SettingsError(message, hint=hint, place=low.key)

    @overload
    def get(self, key: Setting[T]) -> T: ...
    @overload
    def get(self, key: str) -> SettingValue: ...
    def get(self, key: Setting[T] | str) -> T | SettingValue:
        """The value of a row (`get(MIN_SECONDS)`, typed) or of a key (`get("analysis.min_seconds")`).

        Raises:
            SettingsError: no such key.
        """
        row = _row(key)
        return cast("SettingValue", self._set[row.key][0] if row.key in self._set else row.default)

    def origin(self, key: Setting[Any] | str) -> Origin:
        """Where the value came from.

        Raises:
            SettingsError: no such key.
        """
        row = _row(key)
        return self._set[row.key][1] if row.key in self._set else Origin.DEFAULT

    def with_value(self, key: Setting[Any] | str, value: object, origin: Origin = Origin.OVERRIDE) -> Settings:
        """The same settings with one value explicitly given.

        Raises:
            SettingsError: no such key, a value that is not allowed, or one that contradicts another setting.
        """
        return self.with_values({_row(key).key: value}, origin)

    def with_values(self, values: Mapping[str, object], origin: Origin = Origin.OVERRIDE) -> Settings:
        """The same settings with several values at once, so that a pair can change together.

        Raises:
            SettingsError: as for `with_value`.
        """
        checked = {key: (checked_value(find_setting(key), value), origin) for key, value in values.items()}
        return Settings(MappingProxyType({**self._set, **checked}))

    def items(self) -> Iterator[tuple[Setting[Any], SettingValue, Origin]]:
        """Every row of the table with its value and where that came from."""
        for row in SETTINGS:
            yield row, self.get(row.key), self.origin(row)


def _row(key: Setting[Any] | str) -> Setting[Any]:
    return find_setting(key) if isinstance(key, str) else key


def checked_value(row: Setting[Any], value: object) -> SettingValue:
    """`value` as `row` holds it.

    Raises:
        SettingsError: not allowed; the hint says what is.
    """
    try:
        return cast("SettingValue", row.checked(value))
    except ValueError as error:
        raise SettingsError(f"{error}.", hint=f"Give {row.allowed}.", place=row.key) from error
