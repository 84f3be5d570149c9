"""Marker colours: one table of names, and the nearest of what another tool has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

RGB = tuple[int, int, int]

COLORS: Mapping[str, RGB] = MappingProxyType(
    {
        # Resolve's sixteen, by name. Source: the list of marker colours in its scripting interface; the values were
        # picked from pictures of its colour menu and only serve to find a near one elsewhere.
        "blue": (0, 127, 227),
        "cyan": (0, 206, 208),
        "green": (0, 173, 0),
        "yellow": (240, 157, 0),
        "red": (225, 36, 1),
        "pink": (255, 68, 200),
        "purple": (144, 19, 254),
        "fuchsia": (192, 46, 111),
        "rose": (255, 161, 185),
        "lavender": (161, 147, 200),
        "sky": (146, 226, 253),
        "mint": (114, 219, 0),
        "lemon": (220, 233, 90),
        "sand": (196, 145, 94),
        "cocoa": (110, 81, 67),
        "cream": (245, 235, 225),
        # OpenTimelineIO's that Resolve lacks. Source: OpenTimelineIO `MarkerColor`.
        "orange": (255, 128, 0),
        "magenta": (255, 0, 255),
        "black": (0, 0, 0),
        "white": (255, 255, 255),
    }
)
"""Names a marker's colour may have here, in lower case, with the sRGB they stand for."""

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


def rgb_of(color: str) -> RGB | None:
    """The sRGB of a name of `COLORS` or of `#rrggbb`; None for anything else."""
    match = _HEX.fullmatch(color.strip())
    if match:
        red, green, blue = bytes.fromhex(match[1])
        return red, green, blue
    return COLORS.get(color.strip().lower())


def hex_of(color: str) -> str:
    """`#rrggbb` of a colour; empty where it is none."""
    rgb = rgb_of(color)
    return "" if rgb is None else "#{:02x}{:02x}{:02x}".format(*rgb)


def name_of(rgb: RGB, names: Iterable[str] = COLORS) -> str:
    """The name whose colour is nearest to `rgb`."""
    return min(names, key=lambda name: distance(COLORS[name], rgb))


def nearest(color: str, palette: Mapping[str, RGB]) -> str | None:
    """The key of another tool's palette for a colour: the same name, else the nearest; None where it is none."""
    wanted = color.strip().lower()
    same = next((key for key in palette if key.lower() == wanted), None)
    rgb = rgb_of(color)
    if same is not None or rgb is None:
        return same
    return min(palette, key=lambda key: distance(palette[key], rgb))


def distance(first: RGB, second: RGB) -> float:
    """How different two colours look, roughly: squared, weighted by how red they are.

    Source: T. Riemersma, "Colour metric", CompuPhase: the low-cost approximation.
    """
    mean = (first[0] + second[0]) / 2
    red, green, blue = (a - b for a, b in zip(first, second, strict=True))
    return (2 + mean / 256) * red**2 + 4 * green**2 + (2 + (255 - mean) / 256) * blue**2
