"""The table's promises: contrasts as the design asks, and no colour anywhere else."""

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

import circletake_viewers
from circletake_viewers.theme.icons import NAMES, icon, pixmap
from circletake_viewers.theme.table import DARK, LIGHT, Theme, contrast

READABLE = 4.5
"""Smallest contrast for text. Source: WCAG 2.2, 1.4.3."""

VIEWERS = Path(circletake_viewers.__file__).parent


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("role", ["text", "muted", "faint", "accent_text", "kept", "proposed", "error"])
def test_text_is_readable_on_the_panel(theme: Theme, role: str) -> None:
    assert contrast(getattr(theme, role), theme.panel) >= READABLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("text", "raised"),
        ("text", "hover"),
        ("text", "kept_fill"),
        ("text", "proposed_fill"),
        ("text", "accent_fill"),
        ("text", "error_fill"),
        ("on_accent", "accent"),
        ("stage_text", "stage"),
        ("muted", "ground"),
    ],
)
def test_text_is_readable_where_it_stands(theme: Theme, text: str, ground: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= READABLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_curves_stand_out_from_the_panel(theme: Theme) -> None:
    # 2.5 and not 3 for the light set: the design asks for a third darker, no more, and the legend names each line.
    assert min(contrast(each, theme.panel) for each in theme.curves) >= 2.5


def test_no_colour_lives_outside_the_table() -> None:
    literal = re.compile(r"#[0-9a-fA-F]{6}\b|QColor\(\s*\d|Qt\.GlobalColor\.(?!transparent)|rgba?\(\s*\d")
    found = [
        f"{path.name}: {line.strip()}"
        for path in VIEWERS.rglob("*.py")
        if path.name != "table.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if literal.search(line)
    ]
    assert not found


def test_every_icon_is_in_the_set_and_draws_something(qapp: QApplication) -> None:
    for name in NAMES:
        drawn = pixmap(name, 18, DARK.text).toImage()
        seen = sum(drawn.pixelColor(x, y).alpha() > 100 for x in range(18) for y in range(18))
        assert seen > 3, name
        assert not icon(name, DARK.text).pixmap(16, 16).isNull()
