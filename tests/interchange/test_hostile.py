"""Timelines made to harm: a result or a clean error, nothing of the machine opened, nobody called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from circletake.errors import CircletakeError, UsageError
from circletake.jobs.context import NoContext
from circletake.session.converting import InfoRequest, look_into
from circletake.session.importing import USUAL

SPIED = ("/etc/", "/proc/", "/dev/", "/sys/", "/boot/", "\\\\")

_seen: list[str] = []
_watching = False


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event == "open" and isinstance(arguments[0], str | bytes):
        _seen.append(str(arguments[0]))
    if _watching and event in ("socket.connect", "socket.getaddrinfo"):
        _seen.append(f"{event} {arguments}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """The files opened and the hosts called meanwhile; Python's own audit events tell, and cannot be got round."""
    global _watching  # noqa: PLW0603 - an audit hook stays for good, so it is switched
    if not _hooked:
        sys.addaudithook(_note)
        _hooked.append(True)
    _seen.clear()
    _watching = True
    try:
        yield _seen
    finally:
        _watching = False


_hooked: list[bool] = []


def hostile_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_hostile_file_gives_a_result_or_a_clean_error(shared: Path) -> None:
    folder = shared / "data" / "timelines_hostile"
    internal, opened = {}, {}
    for name in hostile_names(folder):
        with watched() as seen:
            try:
                cut = look_into(InfoRequest(folder / name, USUAL), NoContext())
            except CircletakeError as error:
                said = f"{error.message} {error.hint} {error.place or ''}"
                if isinstance(error, UsageError) or not error.hint or "root:" in said:
                    internal[name] = said
            except Exception as error:
                internal[name] = repr(error)
            else:
                if any("root:" in clip for clip in str(cut.timeline).splitlines()):
                    internal[name] = "the passwords"
            outside = [place for place in seen if place.startswith(SPIED) or "socket" in place]
            if outside:
                opened[name] = outside
    assert internal == {}
    assert opened == {}
