"""The program with a window: made, dressed, run and closed."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler

from circletake.errors import ErrorInfo, SettingsError
from circletake.session.session import Session
from circletake.settings import Settings, load_settings
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.memory import load_memory
from circletake_viewers.toolkit import application, dress, spare_the_collector
from circletake_viewers.window import MainWindow

SWITCH_SECONDS = 0.0005
"""How long a thread of Python may keep the window waiting.

Source: docs/benchmarks.md: with the usual 5 ms two busy threads delay the window by 80 ms, with this by 25.
"""

_log = logging.getLogger(__name__)


def run(files: Sequence[Path]) -> int:
    """Open the window with files, and come back when it is closed; the exit code."""
    sys.setswitchinterval(SWITCH_SECONDS)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends it at once: the journal has every edit
    qInstallMessageHandler(log_toolkit)
    app = application()
    log = LogKeeper()
    logging.getLogger().addHandler(log)
    settings, fault = usable_settings()
    dress(app, settings)
    desk = Desk(Session(settings))
    window = MainWindow(desk, load_memory(), log)
    report_faults(desk)
    window.show()
    if fault is not None:
        desk.troubled.emit(fault)
    spare_the_collector()
    QTimer.singleShot(0, window, lambda: window.begin(files))
    try:
        return app.exec()
    finally:
        desk.close()
        logging.getLogger().removeHandler(log)


def log_toolkit(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    """Put what Qt has to say into the log, where the editor can find it."""
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }
    logging.getLogger("qt").log(levels.get(kind, logging.ERROR), "%s", text)


def usable_settings() -> tuple[Settings, Problem | None]:
    """The settings; where the file has a fault, the defaults, and the fault to show."""
    try:
        return load_settings(), None
    except SettingsError as error:
        return Settings(), Problem("Read the settings", ErrorInfo.of(error))


def report_faults(desk: Desk) -> None:
    """Show what nobody caught, on whatever thread, instead of printing it where nobody looks."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        _log.error("a fault nobody caught", exc_info=(kind, error, trace))
        desk.troubled.emit(Problem("Go on", ErrorInfo.of(error)))

    sys.excepthook = show
    threading.excepthook = lambda args: show(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
