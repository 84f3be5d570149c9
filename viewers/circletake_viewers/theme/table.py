"""The one table of looks: colours of both themes, sizes of type, space and parts. No Qt here, and no colour elsewhere.

Contrasts on the panel are measured by `tests/viewers/test_theme.py`, with WCAG's formula.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, each `#rrggbb`.

    `accent_text` is the accent where it is text. `picture` and `waveform` stand for what is seen and what is heard.
    `curves` are the lines of the score's parts, in order.
    """

    name: str
    ground: str
    panel: str
    raised: str
    hover: str
    line: str
    stage: str
    stage_text: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_text: str
    accent_fill: str
    kept: str
    kept_fill: str
    proposed: str
    proposed_fill: str
    error: str
    error_fill: str
    playhead: str
    waveform: str
    sound_fill: str
    picture: str
    picture_fill: str
    cut: str
    curves: tuple[str, ...]


DARK: Final = Theme(
    name="dark",
    ground="#161618",
    panel="#1d1d20",
    raised="#2a2a2e",
    hover="#35353a",
    line="#2d2d31",
    stage="#0e0e10",
    stage_text="#e8e8ea",
    text="#e8e8ea",
    muted="#9a9aa4",
    faint="#8b8b95",
    accent="#f2b33d",
    on_accent="#1b1405",
    accent_text="#f2b33d",
    accent_fill="#332a17",
    kept="#4cc38a",
    kept_fill="#1d3b2d",
    proposed="#6ea8fe",
    proposed_fill="#1e2d47",
    error="#ff7a6b",
    error_fill="#3a211f",
    playhead="#ffffff",
    waveform="#64778f",
    sound_fill="#29323e",
    picture="#77777f",
    picture_fill="#36363b",
    cut="#3d3d43",
    # Okabe and Ito's set. Source: https://jfly.uni-koeln.de/color/
    curves=("#56b4e9", "#e69f00", "#cc79a7", "#009e73", "#f0e442", "#d55e00"),
)

LIGHT: Final = Theme(
    name="light",
    ground="#ececee",
    panel="#f6f6f7",
    raised="#e4e4e7",
    hover="#d9d9dd",
    line="#d5d5d9",
    stage="#0e0e10",
    stage_text="#e8e8ea",
    text="#1c1c1f",
    muted="#5d5d66",
    faint="#6b6b74",
    accent="#f2b33d",
    on_accent="#1b1405",
    accent_text="#8a5a00",
    accent_fill="#faeccf",
    kept="#1a7f4b",
    kept_fill="#cfeadb",
    proposed="#2560c4",
    proposed_fill="#d5e2f8",
    error="#c0362c",
    error_fill="#f8dcd9",
    playhead="#1c1c1f",
    waveform="#71839a",
    sound_fill="#d3dde9",
    picture="#85858e",
    picture_fill="#dfdfe3",
    cut="#c4c4ca",
    # The same set, a third darker.
    curves=("#39789b", "#996a00", "#88516f", "#00694d", "#a0982c", "#8e3f00"),
)

BODY: Final = 13
CAPTION: Final = 12
SMALL: Final = 11
TITLE: Final = 15
BIG: Final = 34
"""Sizes of type, in pixels."""

GAP: Final = (4, 8, 12, 16, 24)
"""The only distances between things, in pixels."""

RADIUS_BUTTON: Final = 6
RADIUS_MARK: Final = 5
RADIUS_CHIP: Final = 11

ROW: Final = 56
TOP_BAR: Final = 44
TRANSPORT: Final = 48
STATUS_BAR: Final = 28
"""Heights, in pixels."""

ICON: Final = 18
SMALL_ICON: Final = 16
TARGET: Final = 24
"""Smallest side of anything to hit, in pixels."""


MIXES: Final = 20
"""Steps in which a colour that could not be seen is changed."""


def contrast(first: str, second: str) -> float:
    """How well two colours part, 1 to 21. Source: WCAG 2.2, relative luminance and contrast ratio."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@functools.cache
def told_apart(color: str, ground: str, ink: str, least: float = 3.0) -> str:
    """A colour from outside, brought nearer to `ink` until it can be told from the ground; `least` is the contrast.

    Source: WCAG 2.2, 1.4.11, for what is no text.
    """
    first, last = (tuple(bytes.fromhex(each[1:])) for each in (color, ink))
    steps = range(MIXES + 1)
    mixed = (
        "#" + bytes(round(a + (b - a) * step / MIXES) for a, b in zip(first, last, strict=True)).hex() for step in steps
    )
    return next((each for each in mixed if contrast(each, ground) >= least), ink)


def _luminance(color: str) -> float:
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
