"""What puts a picture on the screen, behind one protocol, and the choice between its two kinds."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QRect
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat

from circletake.playback.develop import View
from circletake.playback.showing import Picture

SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "gdi generic", "basic render")
"""In the names of renderers that draw on the processor: there a shader costs 12 to 26 times what an image does."""

GL_RENDERER = 0x1F01
"""OpenGL's number for the name of the renderer."""


class PicturePainter(Protocol):
    """A widget that shows one picture, in its shape, in the middle of a dark stage."""

    def show_picture(self, picture: Picture | None) -> None:
        """Show it at the next paint; None shows the stage alone."""

    def view(self) -> View:
        """What pictures should be made for."""

    def picture_rect(self) -> QRect:
        """Where the picture lies, in the widget's own coordinates; empty without one."""


def core_format() -> QSurfaceFormat:
    """The OpenGL asked for: 3.3 core, which every card of the last ten years has."""
    asked = QSurfaceFormat()
    asked.setVersion(3, 3)
    asked.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    return asked


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
