"""Reads timelines with little memory to spare and a time to be killed at; prints what came of each.

python -m tests.interchange.bounded FILE...
"""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path

from circletake.errors import CircletakeError
from circletake.interchange.registry import read_file

MEMORY = 250 * 2**20
"""Bytes a file may take beside the program itself."""

SECONDS = 20
"""Ten times what a file may take, for slow machines: what runs away runs for minutes."""


def main(paths: list[Path]) -> None:
    """Read one after the other; each has its own line."""
    own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    for path in paths:
        signal.alarm(SECONDS)
        print(f"{path.name}: {outcome(path)}", flush=True)
    signal.alarm(0)


def outcome(path: Path) -> str:
    """`read`, the kind of error, or how it failed."""
    try:
        read_file(path)
    except CircletakeError as error:
        return f"{error.kind}: {error.message}"
    except BaseException as error:
        return f"FAILED {error!r}"[:200]
    return "read"


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
