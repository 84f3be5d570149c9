"""Before the window: what it needs from this machine, said in words where it is missing.

No Qt is imported at the top, so that a missing one can be explained.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

TERMINAL = "`circletake --help` shows what works in the terminal, which needs no screen."

CURSOR_LIBRARY = "libxcb-cursor.so.0"
"""What Qt's X11 part asks for and most desktops lack. Source: Qt 6.5 release notes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, with the files named; 1 where it cannot be opened."""
    trouble = trouble_with_screen(os.environ)
    if trouble is not None:
        return complain(trouble)
    try:
        from circletake_viewers.app import run  # noqa: PLC0415 - only here can its absence be explained
    except ImportError as error:
        return complain(trouble_with_toolkit(error))
    files = sys.argv[1:] if arguments is None else arguments
    return run([Path(file).absolute() for file in files])


def complain(trouble: tuple[str, str]) -> int:
    """Say in the terminal why there is no window, and what to do; the exit code."""
    print("\n".join(("The window cannot be opened.", *trouble)), file=sys.stderr)
    return 1


def trouble_with_screen(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """What stands between this process and a screen, and what to do about it; None where nothing does."""
    if sys.platform != "linux" or environment.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return None
    if environment.get("WAYLAND_DISPLAY"):
        return None
    display = environment.get("DISPLAY", "")
    if not display:
        return "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set.", f"Start it on a desktop. {TERMINAL}"
    if not answers(display):
        hint = f"Check DISPLAY, or whether you may use that screen (xhost, ssh -X). {TERMINAL}"
        return f"The screen {display} does not answer.", hint
    if not loads(CURSOR_LIBRARY):
        hint = "Debian, Ubuntu: sudo apt-get install libxcb-cursor0. Fedora: sudo dnf install xcb-util-cursor."
        return f"The system library {CURSOR_LIBRARY} is missing.", hint
    return None


def trouble_with_toolkit(error: ImportError) -> tuple[str, str]:
    """Why the window's libraries cannot be loaded, and how to bring them."""
    library = re.match(r"(lib[\w.+-]+): cannot open shared object", str(error))
    if library:
        hint = "`python3 installer/bootstrap.py app` installs what is missing, or names it."
        return f"The system library {library[1]} is missing.", hint
    if (error.name or "").split(".")[0] in ("PySide6", "shiboken6"):
        return f"The window's toolkit is not installed: {error}.", 'pip install "circletake[gui]"'
    raise error


def answers(display: str) -> bool:
    """Tell whether an X server listens at `display`, such as `:0` or `host:10.0`; Qt would end the process."""
    found = re.fullmatch(r"(?P<host>[^:]*):(?P<number>\d+)(\.\d+)?", display)
    if not found:
        return os.path.exists(display.rpartition(":")[0])  # noqa: PTH110 - launchd's sockets are paths with a number
    number = int(found["number"])
    if found["host"] not in ("", "unix"):
        return _connects(socket.AF_INET, (found["host"], 6000 + number))
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen
    return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, f"\0{path}")


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(2)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def loads(library: str) -> bool:
    """Tell whether a system library is there."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
