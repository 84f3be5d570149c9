"""The way from the terminal to the window: `circletake [FILE...]`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from circletake.errors import UsageError

DOORS = "circletake.doors"
"""The group of entry points under which doors that this package must not import make themselves known."""


def open_window(files: Sequence[Path], commands: Sequence[str]) -> int:
    """Open the window with these files, and wait until it is closed; its exit code.

    Raises:
        UsageError: a word is neither a file nor a command, or the window is not installed.
    """
    for file in files:
        if not file.exists():
            raise UsageError(f"there is no file {str(file)!r}", hint=_hint(str(file), commands))
    found = tuple(entry_points(group=DOORS, name="window"))
    if not found:
        raise UsageError("the window is not installed", hint='pip install "circletake[gui]"')
    door = cast("Callable[[list[str]], int]", found[0].load())
    return door([str(file) for file in files])


def _hint(word: str, commands: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, commands, n=1)
    if near:
        return f"Did you mean the command `{near[0]}`?"
    return "Check the path. `circletake --help` lists the commands."
