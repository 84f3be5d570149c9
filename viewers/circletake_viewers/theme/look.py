"""The theme as Qt values: palette, fonts, and the one style sheet."""

from __future__ import annotations

import functools

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from circletake_viewers.theme.sheet import style_sheet
from circletake_viewers.theme.table import BODY, DARK, Theme

_chosen = DARK
_motion = True


def current() -> Theme:
    """The theme in use."""
    return _chosen


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the program in `theme`, every window of it."""
    global _chosen  # noqa: PLW0603 - the program has one look, and painting asks for it everywhere
    _chosen = theme
    app.setStyle("Fusion")
    app.setFont(font(BODY))
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def wants_motion() -> bool:
    """Tell whether things may move to explain themselves."""
    return _motion


def set_motion(*, wanted: bool) -> None:
    """Let things move, or place them at once."""
    global _motion  # noqa: PLW0603 - the same for every window
    _motion = wanted


@functools.cache
def color(text: str) -> QColor:
    """A colour of the table as Qt's; do not change what comes back."""
    return QColor(text)


@functools.cache
def faded(text: str, alpha: float) -> QColor:
    """A colour of the table that lets through what lies under it; `alpha` 0 to 1."""
    seen = QColor(text)
    seen.setAlphaF(alpha)
    return seen


@functools.cache
def font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal, *, struck: bool = False) -> QFont:
    """The system's interface font, figures of one width; do not change what comes back."""
    made = QFont(QApplication.font().family())
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setStrikeOut(struck)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def palette(theme: Theme) -> QPalette:
    """What Qt's own parts are painted with."""
    role = QPalette.ColorRole
    roles = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.raised,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Link: theme.accent_text,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Light: theme.raised,
        role.Midlight: theme.raised,
        role.Shadow: theme.ground,
        role.Accent: theme.accent,
    }
    made = QPalette()
    for each, value in roles.items():
        made.setColor(each, QColor(value))
    for each in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.faint))
    return made
