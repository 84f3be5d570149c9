"""Shapes in boxes, and the OpenGL asked for: what both painters need."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QSurfaceFormat


def fitted(shape: QSize, box: QSize) -> QRect:
    """The largest rectangle of a shape inside a box, in its middle."""
    return centred(shape.scaled(box, Qt.AspectRatioMode.KeepAspectRatio), box)


def centred(size: QSize, box: QSize) -> QRect:
    """A rectangle of a size in the middle of a box."""
    return QRect(QPoint((box.width() - size.width()) // 2, (box.height() - size.height()) // 2), size)


def core_format() -> QSurfaceFormat:
    """The OpenGL asked for: 3.3 core, which every card of the last ten years has."""
    asked = QSurfaceFormat()
    asked.setVersion(3, 3)
    asked.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    return asked
