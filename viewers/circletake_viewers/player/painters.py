"""What puts a picture on the screen, behind one protocol, and the choice between its two kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QRect
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QWidget

from circletake.playback.develop import View
from circletake.playback.showing import Picture
from circletake_viewers.player.geometry import core_format
from circletake_viewers.player.image_painter import ImagePainter

SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "gdi generic", "basic render")
"""In the names of renderers that draw on the processor: there a shader costs 12 to 26 times what an image does."""

GL_RENDERER = 0x1F01
"""OpenGL's number for the name of the renderer."""


class PicturePainter(Protocol):
    """Shows one picture, in its shape, in the middle of a dark stage."""

    def widget(self) -> QWidget:
        """Where it is shown."""

    def show_picture(self, picture: Picture | None) -> None:
        """Show it at the next paint; None shows the stage alone."""

    def view(self) -> View:
        """What pictures should be made for."""

    def picture_rect(self) -> QRect:
        """Where the picture lies, in the widget's own coordinates; empty without one."""


def renderer_name() -> str:
    """The name of what draws OpenGL here; empty where there is none. Costs tens of milliseconds: ask once, late."""
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.setFormat(core_format())
    surface.create()
    context.setFormat(core_format())
    if not surface.isValid() or not context.create() or not context.makeCurrent(surface):
        return ""
    name = str(context.functions().glGetString(GL_RENDERER) or "")
    context.doneCurrent()
    return name


def is_real_gpu(renderer: str) -> bool:
    """Tell whether a renderer is a graphics card."""
    return bool(renderer) and not any(each in renderer.lower() for each in SOFTWARE)


def choose_painter(parent: QWidget, renderer: str, failed: Callable[[str], None]) -> PicturePainter:
    """The painter for a renderer; `failed` is called where a card's driver refuses the shaders."""
    if not is_real_gpu(renderer):
        return ImagePainter(parent)
    from circletake_viewers.player.gl_painter import GLPainter  # noqa: PLC0415 - 70 ms for PyOpenGL, only with a card

    painter = GLPainter(parent)
    painter.failed.connect(failed)
    return painter
