"""Icons by what they are for: Phosphor's, from QtAwesome, tinted by the theme."""

from __future__ import annotations

import functools
from typing import cast

import qtawesome  # type: ignore[import-untyped]  # it ships no types
from PySide6.QtGui import QIcon, QPixmap

from circletake_viewers.theme.look import current

NAMES = {
    "arrows-out": "ph.arrows-out",
    "caret-down": "ph.caret-down",
    "caret-right": "ph.caret-right",
    "cancel": "ph.x",
    "check": "ph.check",
    "close": "ph.x",
    "command": "ph.terminal",
    "copy": "ph.copy",
    "delete": "ph.trash",
    "dot": "ph.circle-fill",
    "error": "ph.warning-circle",
    "export": "ph.export",
    "film": "ph.film-strip",
    "filter": "ph.funnel",
    "fit": "ph.arrows-out-line-horizontal",
    "folder": "ph.folder-open",
    "info": "ph.info",
    "join": "ph.arrows-in-line-horizontal",
    "keyboard": "ph.keyboard",
    "log": "ph.article",
    "loop": "ph.repeat",
    "magnet": "ph.magnet-straight",
    "mark": "ph.bookmark-simple",
    "missing": "ph.link-break",
    "more": "ph.dots-three",
    "muted": "ph.speaker-slash",
    "next": "ph.skip-forward",
    "note": "ph.note-pencil",
    "open": "ph.folder-open",
    "pause": "ph.pause",
    "play": "ph.play",
    "plus": "ph.plus",
    "previous": "ph.skip-back",
    "project": "ph.file-text",
    "recover": "ph.clock-counter-clockwise",
    "redo": "ph.arrow-u-up-right",
    "reject": "ph.x",
    "save": "ph.floppy-disk",
    "search": "ph.magnifying-glass",
    "settings": "ph.gear",
    "sound": "ph.speaker-high",
    "split": "ph.scissors",
    "trim": "ph.arrows-in-line-horizontal",
    "undo": "ph.arrow-u-up-left",
    "wait": "ph.hourglass",
    "warning": "ph.warning",
    "zoom-in": "ph.magnifying-glass-plus",
    "zoom-out": "ph.magnifying-glass-minus",
}
"""Our name for each icon, and the set's. Source: Phosphor Icons 1.3, MIT."""


def icon(name: str, color: str | None = None) -> QIcon:
    """The icon in `color` (`#rrggbb`), by default the theme's text.

    Raises:
        KeyError: no icon has this name.
    """
    return _icon(NAMES[name], color or current().text, current().faint)


def pixmap(name: str, size: int, color: str | None = None, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` pixels a side, for a screen of `ratio` device pixels a pixel."""
    return _pixmap(NAMES[name], size, color or current().text, ratio)


@functools.cache
def _icon(name: str, color: str, disabled: str) -> QIcon:
    return cast("QIcon", qtawesome.icon(name, color=color, color_disabled=disabled))


@functools.cache
def _pixmap(name: str, size: int, color: str, ratio: float) -> QPixmap:
    drawn = _icon(name, color, color).pixmap(round(size * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    return drawn
