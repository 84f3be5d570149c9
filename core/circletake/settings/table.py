"""The table of settings: a row says what a setting is called, what it does, and which values it takes."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from circletake.errors import SettingsError

SettingValue = bool | int | float | str | tuple[str, ...]
"""What a setting can hold; a list in the file is a tuple here."""

T = TypeVar("T", bound=SettingValue)

PREFIX = "CIRCLETAKE_"
"""How the names of environment variables begin."""

_SWITCH_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Kind(StrEnum):
    """Which values a setting takes, and so which control a form draws."""

    SWITCH = "switch"
    WHOLE_NUMBER = "whole number"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One row. `key` is section and name; `unit` is for people; `minimum` and `maximum` are allowed themselves."""

    key: str
    title: str
    text: str
    kind: Kind
    default: T
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""

    def __post_init__(self) -> None:
        """Refuse a row whose own default is not allowed."""
        self.checked(self.default)

    @property
    def section(self) -> str:
        """The table it stands under in the file."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name in that table."""
        return self.key.partition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.key.upper().replace(".", "_")

    @property
    def allowed(self) -> str:
        """The values it takes, in words."""
        if self.kind is Kind.SWITCH:
            return "true or false"
        if self.kind is Kind.CHOICE:
            return f"one of {', '.join(self.choices)}"
        if self.kind is Kind.CHOICES:
            return f"any of {', '.join(self.choices)}"
        return f"a {self.kind} from {self.minimum:g} to {self.maximum:g}"

    def checked(self, value: object) -> T:
        """`value` as this setting holds it.

        Raises:
            ValueError: of another kind, or not allowed; the message says what is.
        """
        normal = self._normal(value)
        if normal is None:
            raise ValueError(f"{value!r} is not {self.allowed}")
        return cast("T", normal)

    def parsed(self, text: str) -> T:
        """The value a person typed; several choices are parted by commas.

        Raises:
            ValueError: of another kind, or not allowed; the message says what is.
        """
        word = text.strip()
        if self.kind is Kind.SWITCH:
            return self.checked(_SWITCH_WORDS.get(word.lower(), word))
        if self.kind is Kind.CHOICES:
            return self.checked([part.strip() for part in word.split(",") if part.strip()])
        if self.kind is Kind.CHOICE:
            return self.checked(word)
        try:
            return self.checked(int(word) if self.kind is Kind.WHOLE_NUMBER else float(word))
        except ValueError:
            raise ValueError(f"{text!r} is not {self.allowed}") from None

    def _normal(self, value: object) -> SettingValue | None:
        if self.kind is Kind.SWITCH:
            return value if isinstance(value, bool) else None
        if self.kind is Kind.CHOICE:
            return value if isinstance(value, str) and value in self.choices else None
        if self.kind is Kind.CHOICES:
            return self._normal_choices(value)
        return self._normal_number(value)

    def _normal_choices(self, value: object) -> tuple[str, ...] | None:
        if not isinstance(value, list | tuple) or not all(each in self.choices for each in value):
            return None
        return tuple(dict.fromkeys(str(each) for each in value))

    def _normal_number(self, value: object) -> SettingValue | None:
        whole = self.kind is Kind.WHOLE_NUMBER
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return None
        if not cast("float", self.minimum) <= value <= cast("float", self.maximum):  # neither holds for NaN
            return None
        return value if whole else float(value)


MIN_SECONDS = Setting(
    "analysis.min_seconds",
    "Shortest clip",
    "No proposed clip is shorter than this.",
    Kind.NUMBER,
    15.0,
    minimum=1,
    maximum=600,
    unit="seconds",
)
MAX_SECONDS = Setting(
    "analysis.max_seconds",
    "Longest clip",
    "No proposed clip is longer than this.",
    Kind.NUMBER,
    60.0,
    minimum=1,
    maximum=3600,
    unit="seconds",
)
TOP = Setting(
    "analysis.top",
    "Number of clips",
    "How many of the best clips are proposed.",
    Kind.WHOLE_NUMBER,
    10,
    minimum=1,
    maximum=500,
    unit="clips",
)
FAST = Setting(
    "analysis.fast",
    "Fast analysis",
    "Skip frames that no other frame refers to: faster, and short movements may be missed.",
    Kind.SWITCH,
    default=False,
)
ANALYSE_HANDLES = Setting(
    "analysis.handles",
    "Handles around clips",
    "How much of a film before and after each clip of a timeline is analysed too; what no clip uses is left out.",
    Kind.NUMBER,
    10.0,
    minimum=0,
    maximum=600,
    unit="seconds",
)
ANALYSE_ON_OPEN = Setting(
    "analysis.on_open",
    "Analyse at once",
    "Start the analysis as soon as footage is dropped on the window.",
    Kind.SWITCH,
    default=True,
)
MARK_THRESHOLD = Setting(
    "analysis.mark_threshold",
    "Score that counts",
    "A clip with this score or more counts as one that will be shared.",
    Kind.NUMBER,
    70.0,
    minimum=0,
    maximum=100,
    unit="points",
)
THUMBNAIL_COUNT = Setting(
    "media.thumbnail_count",
    "Thumbnails",
    "How many small pictures of a medium are kept for the timeline.",
    Kind.WHOLE_NUMBER,
    200,
    minimum=10,
    maximum=5000,
    unit="pictures",
)
EXPORT_MODE = Setting(
    "export.mode",
    "How clips are cut",
    "smart encodes only the edges anew and copies the rest; copy starts and ends at key frames; "
    "encode makes every frame anew.",
    Kind.CHOICE,
    "smart",
    choices=("smart", "copy", "encode"),
)
EXPORT_TIMELINES = Setting(
    "export.timelines",
    "Timeline files",
    "Which timeline files are written beside the clips: otio opens in most editors, edl is a CMX 3600 decision list, "
    "csv is for spreadsheets.",
    Kind.CHOICES,
    ("otio",),
    choices=("otio", "edl", "csv"),
)
OVERWRITE = Setting(
    "export.overwrite",
    "Replace files",
    "Replace files of the same name; without it an export that would is refused.",
    Kind.SWITCH,
    default=False,
)
EXPORT_QUALITY = Setting(
    "export.quality",
    "Quality of encoded frames",
    "The encoder's constant rate factor: 1 is the best, 18 looks lossless, 51 is the worst.",
    Kind.WHOLE_NUMBER,
    18,
    minimum=1,
    maximum=51,
    unit="CRF",
)
SOUND_OFFSET = Setting(
    "player.sound_offset",
    "Sound delay",
    "How much later the loudspeaker sounds than the system says: wireless ones need 100 to 300.",
    Kind.WHOLE_NUMBER,
    0,
    minimum=-500,
    maximum=1000,
    unit="milliseconds",
)
THEME = Setting(
    "window.theme",
    "Colours",
    "dark keeps the eye on the film; system follows the desktop.",
    Kind.CHOICE,
    "dark",
    choices=("dark", "light", "system"),
)
MOTION = Setting(
    "window.motion",
    "Movement",
    "Let things move where that explains what happened.",
    Kind.SWITCH,
    default=True,
)
CACHE_MEGABYTES = Setting(
    "cache.max_megabytes",
    "Room for results",
    "The oldest stored results are deleted when all together take more than this.",
    Kind.WHOLE_NUMBER,
    2048,
    minimum=0,
    maximum=1_000_000,
    unit="megabytes",
)
CPU_THREADS = Setting(
    "jobs.cpu_threads",
    "Jobs side by side",
    "How many decoding and export jobs run at the same time.",
    Kind.WHOLE_NUMBER,
    2,
    minimum=1,
    maximum=64,
    unit="jobs",
)

SETTINGS: tuple[Setting[Any], ...] = (
    MIN_SECONDS,
    MAX_SECONDS,
    TOP,
    FAST,
    ANALYSE_HANDLES,
    ANALYSE_ON_OPEN,
    MARK_THRESHOLD,
    THUMBNAIL_COUNT,
    EXPORT_MODE,
    EXPORT_TIMELINES,
    OVERWRITE,
    EXPORT_QUALITY,
    SOUND_OFFSET,
    THEME,
    MOTION,
    CACHE_MEGABYTES,
    CPU_THREADS,
)
"""Every setting, in the order of the form."""

NOT_ABOVE = ((MIN_SECONDS, MAX_SECONDS),)
"""Pairs of which the first must not be larger than the second."""

_BY_KEY = {setting.key: setting for setting in SETTINGS}


def nearest(name: str, names: list[str]) -> str:
    """A hint that offers the nearest of `names`, or all of them where none is near."""
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(names)}."


def find_setting(key: str) -> Setting[Any]:
    """The row of `key`.

    Raises:
        SettingsError: there is none; the hint offers the nearest.
    """
    found = _BY_KEY.get(key)
    if found is None:
        raise SettingsError(f"There is no setting {key!r}.", hint=nearest(key, list(_BY_KEY)))
    return found
