"""The row over the timeline: which curves are drawn, what edges cling to, and how near one looks."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from circletake_viewers import theme
from circletake_viewers.state.shown import Cut, Legend
from circletake_viewers.timeline.legend import LegendRow
from circletake_viewers.timeline.ticks import Units

HEIGHT = 36
UNITS_WIDTH = 84
"""Pixels that hold the longest unit, so that nothing moves when it changes."""

SNAP_HINT = "Edges cling to what is near; hold Alt to move freely"


class Header(QWidget):
    """Chips on the left, tools on the right."""

    curve_toggled = Signal(str)
    snap_toggled = Signal(bool)
    units_wanted = Signal()
    fit_wanted = Signal()
    zoom_wanted = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        """No curve yet."""
        super().__init__(parent)
        self._legend: tuple[Legend, ...] = ()
        self._source = ""
        self.legend = LegendRow(self)
        self.snap = self._chip("Snap: cut · pause · playhead", SNAP_HINT)
        self.snap.setCheckable(True)
        self.snap.setChecked(True)
        self.units = self._chip("timecode", "Count in timecode or in seconds")
        self.units.setMinimumWidth(UNITS_WIDTH)
        self.fit = self._chip("fit", "See the whole timeline")
        self.out = self._tool("zoom-out", "Farther (wheel down)")
        self.near = self._tool("zoom-in", "Nearer (wheel up)")
        self._lay_out()
        self.legend.toggled.connect(self.curve_toggled)
        self.snap.toggled.connect(self.snap_toggled)
        self.units.clicked.connect(self.units_wanted)
        self.fit.clicked.connect(self.fit_wanted)
        self.out.clicked.connect(lambda: self.zoom_wanted.emit(1 / 1.5))
        self.near.clicked.connect(lambda: self.zoom_wanted.emit(1.5))

    def show_legend(self, cut: Cut) -> None:
        """Chips for a cut's curves."""
        if (cut.legend, cut.source) != (self._legend, self._source):
            self._legend, self._source = cut.legend, cut.source
            self.legend.show_legend(cut.legend, cut.source)

    def show_units(self, units: Units) -> None:
        """Say how the ruler counts."""
        self.units.setText(units.value)

    def retint(self) -> None:
        """Icons in the theme's colours."""
        self.legend.retint()
        muted = theme.current().muted
        for button, name in ((self.out, "zoom-out"), (self.near, "zoom-in")):
            button.setIcon(theme.icon(name, muted))
        self.snap.setIcon(theme.icon("magnet", theme.current().accent_text if self.snap.isChecked() else muted))

    def _tool(self, icon: str, hint: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("look", "flat")
        button.setIcon(theme.icon(icon, theme.current().muted))
        button.setIconSize(QSize(theme.SMALL_ICON, theme.SMALL_ICON))
        button.setToolTip(hint)
        button.setAccessibleName(hint)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _chip(self, text: str, hint: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("look", "chip")
        button.setToolTip(hint)
        button.setAccessibleName(f"{text}: {hint}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP[1], theme.GAP[0], theme.GAP[3], theme.GAP[0])
        row.setSpacing(theme.GAP[1])
        row.addWidget(self.legend, 1)
        for button in (self.snap, self.units, self.fit, self.out, self.near):
            row.addWidget(button)
        self.setFixedHeight(HEIGHT)
        self.snap.toggled.connect(lambda _: self.retint())
        self.retint()
