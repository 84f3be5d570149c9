"""Pictures painted as images: made on the decoding thread in the stage's own size, so that painting is a copy."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from circletake.playback.develop import View
from circletake.playback.showing import Picture
from circletake_viewers import theme
from circletake_viewers.player.geometry import centred, fitted


class ImagePainter(QWidget):
    """Draws on the processor; the right one wherever there is no graphics card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture: Picture | None = None
        self._image: QImage | None = None

    def widget(self) -> QWidget:
        """Itself."""
        return self

    def show_picture(self, picture: Picture | None) -> None:
        """Show it at the next paint."""
        self._picture, self._image = picture, None
        if picture is not None and picture.pixels is not None:
            pixels = picture.pixels  # the image only points at it: the picture is kept beside
            height, width = pixels.shape[:2]
            self._image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
        self.update()

    def view(self) -> View:
        """Pixels for all of this widget."""
        ratio = self.devicePixelRatioF()
        return View(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def picture_rect(self) -> QRect:
        """Where the picture lies."""
        if self._image is None:
            return QRect()
        return fitted(self._image.size(), self.size())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and the stage round it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color(theme.current().stage))
        if self._image is None:
            return
        if self._fits():
            self._image.setDevicePixelRatio(self.devicePixelRatioF())
            size = self._image.deviceIndependentSize().toSize()
            painter.drawImage(centred(size, self.size()).topLeft(), self._image)
        else:  # made for another size: the right one is on its way
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.picture_rect(), self._image)

    def _fits(self) -> bool:
        """Tell whether the picture was made for this widget: it touches two of its edges and crosses none."""
        view = self.view()
        assert self._image is not None  # noqa: S101 - asked while painting one
        across, down = view.width - self._image.width(), view.height - self._image.height()
        return min(across, down) == 0
