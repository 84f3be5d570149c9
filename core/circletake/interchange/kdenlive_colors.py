"""Kdenlive's nine categories of markers and guides, and the colours they have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from circletake.interchange.colors import RGB, nearest, rgb_of

CATEGORIES: Mapping[int, str] = MappingProxyType(
    dict(
        enumerate(
            ("#9b59b6", "#3daee9", "#1abc9c", "#1cdc9a", "#c9ce3b", "#fdbc4b", "#f39c1f", "#f47750", "#da4453"),
        )
    )
)
"""Number to colour. Source: `guidesCategories` of projects that Kdenlive 24 saved."""

NAMES = ("purple", "blue", "cyan", "green", "lemon", "yellow", "orange", "#f47750", "red")
"""The same by our names, in the order of their numbers; salmon has none."""

_PALETTE: Mapping[str, RGB] = MappingProxyType(
    {name: rgb for name, color in zip(NAMES, CATEGORIES.values(), strict=True) if (rgb := rgb_of(color))}
)


def category_of(color: str) -> int:
    """The number of the category whose colour is nearest; 0 where the text is no colour."""
    name = nearest(color, _PALETTE)
    return 0 if name is None else NAMES.index(name)
