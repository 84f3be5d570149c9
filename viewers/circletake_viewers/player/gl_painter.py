"""Pictures painted by a graphics card: the decoder's planes go up as they are, a shader does the rest."""

from __future__ import annotations

import ctypes
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from circletake.playback.develop import Planes, View
from circletake.playback.showing import Picture
from circletake.playback.tone import SDR_GAMMA, TO_709, light
from circletake_viewers import theme
from circletake_viewers.player.geometry import core_format, fitted
from circletake_viewers.player.opengl import GL

PLANES: Final = ("y_plane", "u_plane", "v_plane")
LIGHT_UNIT: Final = 3

LIMITED = (255 / 219, 255 / 224)
FULL = (1.0, 1.0)
"""What brightness and colour differences are stretched by. Source: ITU-R BT.709."""


class GLPainter(QOpenGLWidget):
    """Draws on a graphics card. `failed` says that it cannot: then use the other painter."""

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(core_format())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._planes: Planes | None = None
        self._dirty = False
        self._program = 0
        self._textures: list[int] = []
        self._shapes: list[tuple[object, ...]] = [()] * len(PLANES)
        self._lit_for: str | None = None

    def widget(self) -> QWidget:
        """Itself."""
        return self

    def show_picture(self, picture: Picture | None) -> None:
        """Show it at the next paint."""
        self._planes = picture.planes if picture else None
        self._dirty = True
        self.update()

    def view(self) -> View:
        """Planes; their size does not depend on the widget's."""
        ratio = self.devicePixelRatioF()
        return View(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)), planes=True)

    def picture_rect(self) -> QRect:
        """Where the picture lies."""
        if self._planes is None:
            return QRect()
        return fitted(QSize(self._planes.width, self._planes.height), self.size())

    def initializeGL(self) -> None:
        """Compile the shaders and make the textures, once a context."""
        context = self.context()
        context.aboutToBeDestroyed.connect(self._release)
        try:
            self._program = _program()
        except RuntimeError as error:
            self.failed.emit(str(error))
            return
        self._vertices = GL.glGenVertexArrays(1)
        self._textures = [int(each) for each in GL.glGenTextures(len(PLANES) + 1)]
        self._shapes, self._lit_for, self._dirty = [()] * len(PLANES), None, True

    def paintGL(self) -> None:
        """The stage, and the picture in its middle."""
        stage = theme.color(theme.current().stage)
        GL.glClearColor(stage.redF(), stage.greenF(), stage.blueF(), 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        if self._planes is None or not self._program:
            return
        if self._dirty:
            self._upload(self._planes)
            self._dirty = False
        ratio = self.devicePixelRatioF()
        box = QSize(round(self.width() * ratio), round(self.height() * ratio))
        place = fitted(QSize(self._planes.width, self._planes.height), box)
        GL.glViewport(place.x(), box.height() - place.y() - place.height(), place.width(), place.height())
        self._draw(self._planes)
        GL.glViewport(0, 0, box.width(), box.height())

    def _draw(self, planes: Planes) -> None:
        GL.glUseProgram(self._program)
        self._set_uniforms(planes)
        for unit, texture in enumerate(self._textures):
            GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
            GL.glBindTexture(GL.GL_TEXTURE_1D if unit == LIGHT_UNIT else GL.GL_TEXTURE_2D, texture)
        GL.glBindVertexArray(self._vertices)
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        GL.glBindVertexArray(0)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glUseProgram(0)

    def _set_uniforms(self, planes: Planes) -> None:
        matrix, zero = colour_matrix(planes)
        for unit, name in enumerate((*PLANES, "light")):
            GL.glUniform1i(self._place(name), unit)
        GL.glUniform1f(self._place("scale"), planes.scale)
        GL.glUniform3f(self._place("zero"), *zero)
        GL.glUniformMatrix3fv(self._place("matrix"), 1, GL.GL_TRUE, matrix)
        GL.glUniform1i(self._place("is_hdr"), planes.transfer is not None)
        GL.glUniformMatrix3fv(self._place("primaries"), 1, GL.GL_TRUE, TO_709)
        GL.glUniform1f(self._place("gamma"), SDR_GAMMA)
        GL.glUniformMatrix2fv(self._place("turn"), 1, GL.GL_TRUE, turn_matrix(planes.rotation))

    def _place(self, uniform: str) -> int:
        return int(GL.glGetUniformLocation(self._program, uniform))

    def _upload(self, planes: Planes) -> None:
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        for number, plane in enumerate((planes.y, planes.u, planes.v)):
            GL.glActiveTexture(GL.GL_TEXTURE0 + number)
            GL.glBindTexture(GL.GL_TEXTURE_2D, self._textures[number])
            self._upload_plane(number, plane)
        GL.glPixelStorei(GL.GL_UNPACK_ROW_LENGTH, 0)  # the window's own painting uploads too
        if planes.transfer and planes.transfer != self._lit_for:
            self._upload_light(planes.transfer)

    def _upload_plane(self, number: int, plane: NDArray[Any]) -> None:
        wide = plane.dtype == np.uint16
        kind = GL.GL_UNSIGNED_SHORT if wide else GL.GL_UNSIGNED_BYTE
        height, width = plane.shape
        GL.glPixelStorei(GL.GL_UNPACK_ROW_LENGTH, plane.strides[0] // plane.itemsize)
        start = ctypes.c_void_p(plane.ctypes.data)
        if self._shapes[number] == (*plane.shape, wide):
            GL.glTexSubImage2D(GL.GL_TEXTURE_2D, 0, 0, 0, width, height, GL.GL_RED, kind, start)
        else:
            form = GL.GL_R16 if wide else GL.GL_R8
            GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, form, width, height, 0, GL.GL_RED, kind, start)
            _smooth(GL.GL_TEXTURE_2D, GL.GL_LINEAR_MIPMAP_LINEAR)
            self._shapes[number] = (*plane.shape, wide)
        GL.glGenerateMipmap(GL.GL_TEXTURE_2D)  # a 4K film in a small stage would shimmer without

    def _upload_light(self, transfer: str) -> None:
        table = light(transfer)
        GL.glActiveTexture(GL.GL_TEXTURE0 + LIGHT_UNIT)
        GL.glBindTexture(GL.GL_TEXTURE_1D, self._textures[LIGHT_UNIT])
        start = ctypes.c_void_p(table.ctypes.data)
        GL.glTexImage1D(GL.GL_TEXTURE_1D, 0, GL.GL_R32F, len(table), 0, GL.GL_RED, GL.GL_FLOAT, start)
        _smooth(GL.GL_TEXTURE_1D, GL.GL_LINEAR)
        self._lit_for = transfer

    def _release(self) -> None:
        """Let go of what the card holds, before its context goes."""
        if not self._textures:
            return
        self.makeCurrent()
        GL.glDeleteTextures(self._textures)
        GL.glDeleteVertexArrays(1, [self._vertices])
        GL.glDeleteProgram(self._program)
        self.doneCurrent()
        self._textures, self._program = [], 0


def colour_matrix(planes: Planes) -> tuple[NDArray[np.float32], tuple[float, float, float]]:
    """(3, 3) from brightness and colour differences to RGB, and the codes to take off before, as shares of full."""
    kr, kb = planes.kr, planes.kb
    kg = 1 - kr - kb
    bright, colour = FULL if planes.full_range else LIMITED
    red, blue = 2 * (1 - kr), 2 * (1 - kb)
    matrix = np.array([[1, 0, red], [1, -kb * blue / kg, -kr * red / kg], [1, blue, 0]])
    matrix = matrix * np.array([bright, colour, colour])
    black = 0.0 if planes.full_range else 16 / 255
    return matrix.astype(np.float32), (black, 128 / 255, 128 / 255)


def turn_matrix(rotation: int) -> NDArray[np.float32]:
    """(2, 2) from a place on the upright picture to the coded one, both counted from the middle, down positive."""
    cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation % 360]
    return np.array([[cos, sin], [-sin, cos]], np.float32)


def _smooth(target: int, smaller: int) -> None:
    GL.glTexParameteri(target, GL.GL_TEXTURE_MIN_FILTER, smaller)
    GL.glTexParameteri(target, GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR)
    GL.glTexParameteri(target, GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE)
    GL.glTexParameteri(target, GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE)


def _program() -> int:
    """Compile and link.

    Raises:
        RuntimeError: the driver refused; the message is its own.
    """
    program = GL.glCreateProgram()
    for name, kind in (("picture.vert", GL.GL_VERTEX_SHADER), ("picture.frag", GL.GL_FRAGMENT_SHADER)):
        shader = GL.glCreateShader(kind)
        GL.glShaderSource(shader, files("circletake_resources").joinpath("shaders", name).read_text("utf-8"))
        GL.glCompileShader(shader)
        if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
            raise RuntimeError(f"{name}: {GL.glGetShaderInfoLog(shader)!r}")
        GL.glAttachShader(program, shader)
        GL.glDeleteShader(shader)
    GL.glLinkProgram(program)
    if not GL.glGetProgramiv(program, GL.GL_LINK_STATUS):
        raise RuntimeError(f"{GL.glGetProgramInfoLog(program)!r}")
    return int(program)
