"""The legend: a chip for each curve, as many as there is room for, and the rest in a menu."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QToolButton, QWidget

from circletake_viewers import theme
from circletake_viewers.parts import menu_text, plain_tip
from circletake_viewers.state.shown import Legend
from circletake_viewers.timeline.scene import width_of

LINE = 14
"""Pixels of a chip's coloured line."""

LONGEST = 240
"""Pixels a curve's name may take."""

WHERE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute


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
        self.setToolTip(plain_tip(f"{what} ({source})" if source else what))
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


class LegendRow(QWidget):
    """Chips from left to right, the score's first; those that do not fit are in the menu at the end."""

    toggled = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        """No curve yet."""
        super().__init__(parent)
        self._chips: list[LegendChip] = []
        self._hidden: list[LegendChip] = []
        self._more = QToolButton(self)
        self._more.setProperty("look", "flat")
        self._more.setToolTip("More curves")
        self._more.setAccessibleName("More curves")
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._more.clicked.connect(self._open_menu)
        self._more.hide()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.TARGET)
        self.retint()

    def show_legend(self, entries: tuple[Legend, ...], source: str) -> None:
        """Chips for these curves; those that are there stay, and keep the focus."""
        ordered = sorted(entries, key=lambda each: each.color is not None)
        for chip in self._chips[len(ordered) :]:
            chip.hide()
            chip.deleteLater()
        del self._chips[len(ordered) :]
        while len(self._chips) < len(ordered):
            self._chips.append(self._new_chip())
        for chip, entry in zip(self._chips, ordered, strict=True):
            chip.show_entry(entry, source)
        self._place()

    @property
    def chips(self) -> tuple[LegendChip, ...]:
        """All of them, those in the menu too."""
        return tuple(self._chips)

    def retint(self) -> None:
        """The menu's icon in the theme's colours."""
        self._more.setIcon(theme.icon("more", theme.current().muted))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as there is room for now."""
        super().resizeEvent(event)
        self._place()

    def _new_chip(self) -> LegendChip:
        chip = LegendChip(self)
        chip.clicked.connect(lambda: self.toggled.emit(chip.entry.name))
        return chip

    def _place(self) -> None:
        widths = [chip.sizeHint().width() for chip in self._chips]
        room = self.width()
        if sum(widths) > room:
            room -= theme.TARGET + 4
        left, self._hidden = 0, []
        for chip, width in zip(self._chips, widths, strict=True):
            fits = left + width <= room and not self._hidden
            chip.setVisible(fits)
            if fits:
                chip.setGeometry(left, 0, width, theme.TARGET)
                left += width
            else:
                self._hidden.append(chip)
        self._more.setGeometry(left + 4, 0, theme.TARGET, theme.TARGET)
        self._more.setVisible(bool(self._hidden))

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for chip in self._hidden:
            action = QAction(menu_text(chip.text()), menu, checkable=True)
            action.setChecked(chip.entry.shown)
            action.triggered.connect(chip.click)
            menu.addAction(action)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
