"""The bar under the stage: where the playhead stands, the buttons of play, speed and sound."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from circletake_viewers import theme
from circletake_viewers.commands import BY_NAME
from circletake_viewers.parts import icon_button, native
from circletake_viewers.player.player import Player
from circletake_viewers.state.shown import Clock

SPEEDS = (-8, -4, -2, -1, 1, 2, 4, 8)

ROUND = 34
"""The play button's diameter, in pixels."""

SLIDER_WIDTH = 72
WITH_SLIDER, WITH_TOTAL, NARROWEST = 640, 560, 430
"""Widths of the bar from which there is room for the volume slider, for the total length, for the buttons alone."""


class TransportBar(QWidget):
    """Listens to a player. `wanted` names the command of the button pressed; volume and speed go to the player."""

    wanted = Signal(str)

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._clock = Clock()
        self._buttons: dict[str, QAbstractButton] = {}
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.TRANSPORT)
        self.setMinimumWidth(NARROWEST)
        self._here, self._total = _Digits(theme.TITLE, "text", self), _Digits(theme.CAPTION, "muted", self)
        self._chip = self._speed_chip()
        self._volume = self._volume_slider()
        self._lay_out()
        player.moved.connect(self._place)
        player.changed.connect(self._refresh)
        self._refresh()

    def show_clock(self, clock: Clock) -> None:
        """Number frames as the timeline does."""
        self._clock = clock
        self._refresh()

    def set_keys(self, command: str, keys: str) -> None:
        """Tell that a command has other keys now: its button's tool tip names them."""
        if command in self._buttons:
            title = BY_NAME[command].title
            self._buttons[command].setToolTip(f"{title}  {native(keys)}" if keys else title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let what is least needed give way where it is narrow."""
        super().resizeEvent(event)
        self._volume.setVisible(self.width() >= WITH_SLIDER)
        self._total.setVisible(self.width() >= WITH_TOTAL)

    def _lay_out(self) -> None:
        """Three parts, the middle one in the middle whatever the others need."""
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.GAP[2], 0, theme.GAP[2], 0)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        grid.addLayout(_side_by_side(self._here, self._total, None), 0, 0)
        self._play = _PlayButton(self)
        middle = ("split-mark", "previous-mark", "toggle-play", "next-mark", "loop-mark")
        grid.addLayout(_side_by_side(*(self._command(name) for name in middle)), 0, 1)
        mute, full = self._command("mute"), self._command("fullscreen")
        grid.addLayout(_side_by_side(None, self._chip, mute, self._volume, full), 0, 2)

    def _command(self, name: str) -> QAbstractButton:
        command = BY_NAME[name]
        made: QAbstractButton = self._play if name == "toggle-play" else icon_button(command.icon, command.title, self)
        if name == "loop-mark":
            made.setCheckable(True)
        made.clicked.connect(lambda: self._press(name))
        self._buttons[name] = made
        self.set_keys(name, command.keys[0] if command.keys else "")
        return made

    def _press(self, name: str) -> None:
        self._refresh()  # a button that toggles shows what is, not what was pressed
        self.wanted.emit(name)

    def _speed_chip(self) -> QPushButton:
        chip = _Chip(self)
        chip.setProperty("look", "chip")
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setToolTip("Speed  J K L")
        menu = QMenu(chip)
        for speed in SPEEDS:
            action = QAction(_times(speed), menu)
            action.triggered.connect(lambda _checked=False, speed=speed: self._player.play(speed))
            menu.addAction(action)
        chip.setMenu(menu)
        return chip

    def _volume_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(0, 100)
        slider.setFixedWidth(SLIDER_WIDTH)
        slider.setToolTip("Volume")
        slider.setAccessibleName("Volume")
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.valueChanged.connect(lambda value: self._player.set_volume(value / 100))
        return slider

    @Slot()
    def _refresh(self) -> None:
        player, t = self._player, theme.current()
        self._play.set_playing(playing=player.playing)
        self._buttons["loop-mark"].setChecked(player.looped is not None)
        self._buttons["loop-mark"].setIcon(theme.icon("loop", t.accent if player.looped else t.muted))
        silent = player.muted or player.volume == 0
        self._buttons["mute"].setIcon(theme.icon("muted" if silent else "sound", t.muted))
        self._chip.setText(_times(player.speed))
        self._chip.setAccessibleName(f"Speed {_times(player.speed)}")
        blocked = self._volume.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        self._volume.setValue(0 if player.muted else round(player.volume * 100))
        self._volume.blockSignals(blocked)
        for button in self._buttons.values():
            button.setEnabled(player.frames > 0)
        self._buttons["fullscreen"].setEnabled(True)
        self._total.say(f"/ {self._clock.timecode(player.frames)}" if player.frames else "")
        self._place(player.frame)

    @Slot(int)
    def _place(self, frame: int) -> None:
        self._here.say(self._clock.timecode(frame) if self._player.frames else "")


class _Chip(QPushButton):
    """A chip as high as a thing to hit must be, whatever the style sheet's own height."""

    def sizeHint(self) -> QSize:
        """Not lower than a target."""
        return super().sizeHint().expandedTo(QSize(0, theme.TARGET))


class _Digits(QWidget):
    """A timecode that keeps its width while it runs; painted, since a label lays its window out for each text."""

    def __init__(self, pixels: int, color: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._pixels, self._color, self._text = pixels, color, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show a time; only another number of figures asks for another width."""
        if text == self._text:
            return
        grew, self._text = len(text) != len(self._text), text
        self.setAccessibleName(text)
        if grew:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the text: its figures all have one width."""
        width = QFontMetrics(theme.font(self._pixels)).horizontalAdvance(self._text)
        return QSize(width + theme.GAP[0], theme.TARGET)

    def paintEvent(self, _: QPaintEvent) -> None:
        """The figures."""
        painter = QPainter(self)
        painter.setFont(theme.font(self._pixels))
        painter.setPen(theme.color(getattr(theme.current(), self._color)))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)


class _PlayButton(QAbstractButton):
    """Round, bright, the one thing to hit without looking."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._playing = False
        self.setFixedSize(ROUND, ROUND)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_playing(self, *, playing: bool) -> None:
        """Offer the other of play and pause."""
        self._playing = playing
        self.setAccessibleName("Pause" if playing else "Play")
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """A disc with the icon cut out of it."""
        t, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = t.text if self.isEnabled() else t.raised
        painter.setBrush(theme.faded(disc, 0.85) if self.underMouse() or self.isDown() else theme.color(disc))
        painter.setPen(theme.color(t.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        size = theme.ICON
        ink = t.panel if self.isEnabled() else t.faint
        drawn = theme.pixmap("pause" if self._playing else "play", size, ink, self.devicePixelRatioF())
        painter.drawPixmap((ROUND - size) // 2, (ROUND - size) // 2, drawn)


def _times(speed: float) -> str:
    return f"{speed:g}×".replace("-", "−")


def _side_by_side(*parts: QWidget | None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.GAP[1])
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
    return row
