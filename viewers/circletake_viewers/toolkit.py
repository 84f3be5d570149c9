"""The toolkit made ready: the one application object, dressed as the settings ask."""

from __future__ import annotations

import gc
import os
import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QSurfaceFormat
from PySide6.QtWidgets import QApplication

from circletake import __version__
from circletake.settings import MOTION, THEME, Settings
from circletake_viewers import theme


def application() -> QApplication:
    """The one application object, with what Qt wants to know before there is one."""
    # It describes each stream and each library it looks for, at length.
    os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")
    shape = QSurfaceFormat()
    shape.setVersion(3, 3)
    shape.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    QSurfaceFormat.setDefaultFormat(shape)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("circletake")
    app.setApplicationDisplayName("Circletake")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("circletake")
    return app


def spare_the_collector() -> None:
    """Let Python's collector pass over what the program itself is made of, which stays to the end.

    A full collection looks at every object, 50 ms at a time when the modules are among them; a picture is due each 33.
    """
    gc.freeze()


def dress(app: QApplication, settings: Settings) -> None:
    """Give the program the theme that the settings ask for."""
    wanted = settings.get(THEME)
    if wanted == "system":
        light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
        wanted = "light" if light else "dark"
    theme.set_motion(wanted=settings.get(MOTION))
    theme.apply(app, theme.LIGHT if wanted == "light" else theme.DARK)
