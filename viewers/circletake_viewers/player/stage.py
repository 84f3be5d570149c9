"""The stage: the picture in the dark, which frame it is, and a calm word where there is none."""

from __future__ import annotations

import logging

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from circletake.playback.program import Absence
from circletake.playback.showing import NoPicture, Picture, Shown
from circletake_viewers import theme
from circletake_viewers.player.image_painter import ImagePainter
from circletake_viewers.player.painters import PicturePainter, choose_painter, is_real_gpu, renderer_name
from circletake_viewers.player.player import Player
from circletake_viewers.state.shown import Clock

_log = logging.getLogger(__name__)

RESIZE_PAUSE = 80
"""Milliseconds a size must hold before pictures are made for it; the old one is stretched meanwhile."""

NOTES = {
    Absence.MISSING: ("missing", "The film is missing", "Find it, and it will be shown here again."),
    Absence.NO_FILE: ("project", "No file", "The timeline names none for this clip: it may be a title, or on tape."),
    Absence.SOUND_ONLY: ("sound", "Sound only", "There is no picture here; it plays all the same."),
    Absence.UNREADABLE: ("warning", "This cannot be shown", ""),
}
"""Icon, title and words for what is not there. A gap says nothing: it is meant to be dark."""


class Stage(QWidget):
    """Shows what a player shows. A double click asks for the full screen."""

    fullscreen_wanted = Signal()

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._clock = Clock()
        self.painter: PicturePainter = ImagePainter(self)
        self._is_chosen = False
        self._note = _Note(self)
        self._caption = _Caption(self)
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(RESIZE_PAUSE)
        self._resized.timeout.connect(self._ask_for_size)
        self.setMinimumSize(160, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture")
        player.shown.connect(self._show)
        player.moved.connect(self._name_frame)

    def show_clock(self, clock: Clock) -> None:
        """Number frames as the timeline does."""
        self._clock = clock
        self._name_frame(self._player.frame)

    def sizeHint(self) -> QSize:
        """Sixteen by nine."""
        return QSize(960, 540)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stretch what is there, and ask for the right size once it holds."""
        super().resizeEvent(event)
        self.painter.widget().setGeometry(self.rect())
        self._note.setGeometry(self.rect())
        self._place_caption()
        self._resized.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for pictures of this size."""
        super().showEvent(event)
        self._ask_for_size()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for nothing more."""
        self._resized.stop()
        super().hideEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the full screen."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fullscreen_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme, another font: place the caption anew."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._place_caption()

    def use_painter(self, painter: PicturePainter) -> None:
        """Show pictures with another painter, a child of this stage, from now on."""
        old, self.painter = self.painter, painter
        old.widget().deleteLater()
        painter.widget().setGeometry(self.rect())
        painter.widget().show()
        painter.widget().lower()
        self._ask_for_size()

    @Slot()
    def _choose(self) -> None:
        """Ask for a graphics card once the first picture is there: it takes time that a first paint has not."""
        renderer = renderer_name()
        if is_real_gpu(renderer):
            _log.info("pictures are painted by %s", renderer)
            self.use_painter(choose_painter(self, renderer, self._without_card))

    @Slot(str)
    def _without_card(self, why: str) -> None:
        _log.warning("the graphics card refused, pictures are painted on the processor: %s", why)
        self.use_painter(ImagePainter(self))

    @Slot()
    def _ask_for_size(self) -> None:
        self._player.set_view(self.painter.view())

    @Slot(object)
    def _show(self, shown: Shown | None) -> None:
        picture = shown if isinstance(shown, Picture) else None
        if picture and not self._is_chosen:
            self._is_chosen = True
            QTimer.singleShot(0, self, self._choose)
        self.painter.show_picture(picture)
        self._note.say(shown if isinstance(shown, NoPicture) else None)
        self._caption.set_preview(preview=picture is not None and picture.preview)
        self._name_frame(self._player.frame)

    @Slot(int)
    def _name_frame(self, frame: int) -> None:
        self._caption.set_text(f"frame {frame}", self._clock.timecode(frame))
        self._caption.setVisible(self._player.frames > 0)
        self._place_caption()

    def _place_caption(self) -> None:
        size = self._caption.sizeHint()
        place = QRect(theme.GAP[2], self.height() - theme.GAP[2] - size.height(), size.width(), size.height())
        if place != self._caption.geometry():
            self._caption.setGeometry(place)


class _Caption(QWidget):
    """Number and timecode on a dark chip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._parts: tuple[str, str] = ("", "")
        self._preview = False

    def set_text(self, number: str, timecode: str) -> None:
        """Say which frame it is."""
        if (number, timecode) != self._parts:
            self._parts = (number, timecode)
            self.update()

    def set_preview(self, *, preview: bool) -> None:
        """Say whether the right frame is still on its way."""
        if preview != self._preview:
            self._preview = preview
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the widest figures, so that it does not jump."""
        metrics = QFontMetrics(theme.font(theme.CAPTION))
        gaps = theme.GAP[1] * (4 if self._preview else 3)
        words = [*self._parts, *(["preview"] if self._preview else [])]
        return QSize(sum(metrics.horizontalAdvance(each) for each in words) + gaps, metrics.height() + theme.GAP[1])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The chip."""
        t, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.faded(t.stage, 0.82))
        painter.drawRoundedRect(self.rect(), theme.GAP[0], theme.GAP[0])
        painter.setFont(theme.font(theme.CAPTION))
        metrics, x = painter.fontMetrics(), theme.GAP[1]
        words = [(part, t.stage_text) for part in self._parts]
        for text, color in [*words, *([("preview", t.accent)] if self._preview else [])]:
            painter.setPen(theme.color(color))
            painter.drawText(QRect(x, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += metrics.horizontalAdvance(text) + theme.GAP[1]


class _Note(QWidget):
    """Why the stage is dark: an icon, a title, a line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words: tuple[str, str, str] | None = None
        self.hide()

    def say(self, missing: NoPicture | None) -> None:
        """Say it, or nothing."""
        words = NOTES.get(missing.absence) if missing else None
        if words and missing and missing.message:
            words = (words[0], words[1], missing.message[:1].upper() + missing.message[1:])
        if words != self._words:
            self._words = words
            self.setVisible(words is not None)
            self.setAccessibleName(" ".join(words[1:]) if words else "")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The three of them, one below the other."""
        if self._words is None:
            return
        icon, title, line = self._words
        t, painter = theme.current(), QPainter(self)
        middle = self.rect().center()
        size = 2 * theme.GAP[4]
        drawn = theme.pixmap(icon, size, t.faint, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - size // 2, middle.y() - size - theme.GAP[1], drawn)
        top = middle.y() + theme.GAP[0]
        for text, pixels, color in ((title, theme.TITLE, t.stage_text), (line, theme.BODY, t.faint)):
            painter.setFont(theme.font(pixels))
            painter.setPen(theme.color(color))
            width = self.width() - 2 * theme.GAP[4]
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)
            height = painter.fontMetrics().height()
            painter.drawText(QRect(theme.GAP[4], top, width, height), Qt.AlignmentFlag.AlignHCenter, shown)
            top += height + theme.GAP[0]
