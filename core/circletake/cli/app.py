"""The program: a command for each action, and the one place that turns errors into words and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from circletake import __version__
from circletake.actions import ACTIONS
from circletake.cli.call import Terminal, complain
from circletake.cli.commands import command
from circletake.cli.demo import demo
from circletake.cli.window import open_window
from circletake.errors import CircletakeError, ErrorInfo
from circletake.session.session import Session
from circletake.settings import load_settings

INTERRUPTED = 130
"""Exit code after Ctrl+C: 128 + SIGINT. Source: POSIX shells."""

GROUPS = {"timeline": "Look into other editors' timelines, convert them, take their markers."}
"""Words that gather commands, with what they are about."""

BROKEN_PIPE = 141
"""Exit code when nobody reads on: 128 + SIGPIPE. Source: POSIX shells."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 when done, 1 when it failed, 2 when it was asked wrongly."""
    # A path may hold what looks like an emoji's name.
    terminal = Terminal(Console(emoji=False), Console(stderr=True, emoji=False))
    app = build_app(terminal)
    try:
        answer = app(
            list(sys.argv[1:] if arguments is None else arguments),
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except CycloptsError as error:
        complain(terminal, str(error), "See `circletake --help`, or `circletake COMMAND --help`.")
        return 2
    except KeyboardInterrupt:
        complain(
            terminal,
            "Cancelled.",
            "Nothing is left half-written. Finished clips stay; --overwrite makes them again.",
        )
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has gone; Python would complain once more when it closes the stream.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - lives as long as the process
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the one place that turns every error into words
        info = ErrorInfo.of(error)
        complain(terminal, info.message, info.hint)
        if info.kind == "internal_error":
            terminal.err.print(info.details, markup=False, highlight=False)
        return error.exit_code if isinstance(error, CircletakeError) else 1
    return answer if isinstance(answer, int) else 0


def build_app(terminal: Terminal) -> App:
    """The program with a command for each action."""
    app = App(
        name="circletake",
        version=__version__,
        help="Finds the takes worth clipping in long footage, says why, and exports the ones you keep.",
        suppress_keyboard_interrupt=False,
        console=terminal.out,
        error_console=terminal.err,
    )
    for action in (each for each in ACTIONS.values() if not each.lasting):
        _group(app, action.under).command(command(action, terminal), name=action.name)
    app.command(_demo_command(terminal), name="demo")
    names = [*(name for name, action in ACTIONS.items() if not (action.lasting or action.under)), *GROUPS, "demo"]

    def window(*files: Annotated[Path, Parameter(help="Films, or one project, to open in the window.")]) -> int:
        return open_window(files, names)

    window.__doc__ = "Open the window; with a command, stay in the terminal."
    app.default(window)
    return app


def _group(app: App, under: str) -> App:
    """Where a command belongs: the program itself, or a word that gathers several."""
    if not under:
        return app
    if under not in app:
        app.command(App(name=under, help=GROUPS[under], suppress_keyboard_interrupt=False))
    return app[under]


def _demo_command(terminal: Terminal) -> Callable[..., int]:
    def run(
        file: Annotated[Path | None, Parameter(help="Your own film instead of the sample.")] = None,
        *,
        to: Annotated[Path, Parameter(help="The folder to write to.")] = Path("demo-output"),
        overwrite: Annotated[bool, Parameter(help="Replace an earlier demo.")] = False,
    ) -> int:
        with Session(load_settings(), keep_unsaved=False) as session:
            return demo(session, file, to, overwrite=overwrite, out=terminal.out, err=terminal.err)

    run.__doc__ = "Run the whole job on the bundled sample: analyse, rank, export."
    return run
