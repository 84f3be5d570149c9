"""The row over the timeline: which curves are drawn, what edges cling to, and how near one looks."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QToolButton, QWidget

from circletake_viewers import theme
from circletake_viewers.state.shown import Cut, Legend
from circletake_viewers.timeline.scene import width_of
from circletake_viewers.timeline.ticks import Units

HEIGHT = 36
LINE = 14
"""Pixels of a chip's coloured line."""

SNAP_HINT = "Edges cling to what is near; hold Alt to move freely"

WHERE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute

LONGEST = 240
"""Pixels a curve's name may take."""


class LegendChip(QAbstractButton):
    """A curve's colour and name; pressed, the curve is drawn."""

    def __init__(self, parent: QWidget) -> None:
        """Say nothing yet."""
        super().__init__(parent)
        self.entry = Legend("", "", None, shown=False)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_entry(self, entry: Legend, source: str) -> None:
        """Stand for a curve; the score's chip says what made it, the others tell when asked."""
        self.entry = entry
        self.setText(f"{entry.title}, {source}" if entry.color is None and source else entry.title)
        self.setChecked(entry.shown)
        verb = "Hide" if entry.shown else "Show"
        what = "How promising each moment is" if entry.color is None else f"{verb} the curve of {entry.title.lower()}"
        self.setToolTip(f"{what} ({source})" if source else what)
        self.setAccessibleName(f"Curve: {self.text()}")
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:
        """A click only wishes: the chip is bright when the curve is drawn."""

    def sizeHint(self) -> QSize:
        """The line, the name, and a little around them."""
        words = min(LONGEST, width_of(self.text(), theme.font(theme.CAPTION)))
        return QSize(round(LINE + words) + 22, theme.TARGET)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bright when its curve is drawn."""
        seen = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse() or self.hasFocus():
            painter.setBrush(theme.color(seen.raised))
            painter.drawRoundedRect(self.rect(), theme.RADIUS_BUTTON, theme.RADIUS_BUTTON)
        color = seen.accent if self.entry.color is None else seen.curves[self.entry.color % len(seen.curves)]
        painter.setBrush(theme.faded(color, 1.0 if self.isChecked() else 0.45))
        painter.drawRoundedRect(QRectF(8, self.height() / 2 - 1.5, LINE, 3), 1.5, 1.5)
        painter.setFont(theme.font(theme.CAPTION))
        painter.setPen(theme.color(seen.text if self.isChecked() else seen.faint))
        room = QRectF(8 + LINE + 6, 0, self.width() - LINE - 22, self.height())
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(room.width()) + 2)
        painter.drawText(room.adjusted(0, 0, 2, 0), int(WHERE), words)


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
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.GAP[0])
        self.snap = self._chip("Snap: cut · pause · playhead", SNAP_HINT)
        self.snap.setCheckable(True)
        self.snap.setChecked(True)
        self.units = self._chip("timecode", "Count in timecode or in seconds")
        self.fit = self._chip("fit", "See the whole timeline")
        self.out = self._tool("zoom-out", "Farther (wheel down)")
        self.near = self._tool("zoom-in", "Nearer (wheel up)")
        self._lay_out()
        self.snap.toggled.connect(self.snap_toggled)
        self.units.clicked.connect(self.units_wanted)
        self.fit.clicked.connect(self.fit_wanted)
        self.out.clicked.connect(lambda: self.zoom_wanted.emit(1 / 1.5))
        self.near.clicked.connect(lambda: self.zoom_wanted.emit(1.5))

    def show_legend(self, cut: Cut) -> None:
        """Chips for these curves, the score first; those that are there stay, and keep the focus."""
        if (cut.legend, cut.source) == (self._legend, self._source):
            return
        self._legend, self._source = cut.legend, cut.source
        entries = sorted(cut.legend, key=lambda each: each.color is not None)
        while self._chips.count() > len(entries):
            self._drop_chip()
        while self._chips.count() < len(entries):
            self._add_chip()
        for chip, entry in zip(self.chips(), entries, strict=True):
            chip.show_entry(entry, cut.source)

    def chips(self) -> list[LegendChip]:
        """The chips from left to right."""
        items = (self._chips.itemAt(place) for place in range(self._chips.count()))
        return [chip for item in items if item and isinstance(chip := item.widget(), LegendChip)]

    def _add_chip(self) -> None:
        chip = LegendChip(self)
        chip.clicked.connect(lambda: self.curve_toggled.emit(chip.entry.name))
        self._chips.addWidget(chip)

    def _drop_chip(self) -> None:
        item = self._chips.takeAt(self._chips.count() - 1)
        if item and (chip := item.widget()):
            chip.hide()
            chip.deleteLater()

    def show_units(self, units: Units) -> None:
        """Say how the ruler counts."""
        self.units.setText(units.value)

    def retint(self) -> None:
        """Icons in the theme's colours."""
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
        row.addLayout(self._chips)
        row.addStretch(1)
        for button in (self.snap, self.units, self.fit, self.out, self.near):
            row.addWidget(button)
        self.setFixedHeight(HEIGHT)
        self.snap.toggled.connect(lambda _: self.retint())
        self.retint()
