"""What holds for every test: nothing is left behind, nothing is logged by surprise, nobody calls out.

Fixtures to ask for: `shared`, `sample_clip`, `sample_truth`, `film_of`, `expected_logs`.
"""

from __future__ import annotations

import functools
import importlib
import ipaddress
import itertools
import logging
import multiprocessing
import os
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.films import Film, make

import circletake_resources

LEAK_GRACE_SECONDS = 2.0
"""How long a thread or process may take to end after its test: as long as the app itself may take to close."""

FOLDER_VARIABLES = ("CIRCLETAKE_CONFIG_DIR", "CIRCLETAKE_CACHE_DIR", "CIRCLETAKE_STATE_DIR")
SHARED_VARIABLE = "CIRCLETAKE_SHARED"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data (`data/`, `golden/`); the test is skipped where none is named."""
    named = os.environ.get(SHARED_VARIABLE)
    if not named:
        pytest.skip(f"{SHARED_VARIABLE} names no folder of shared test data")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"{SHARED_VARIABLE} names {folder}, which is not a folder", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def sample_clip() -> Path:
    """The bundled clip; read it, never write to it."""
    return circletake_resources.sample_clip()


@pytest.fixture(scope="session")
def sample_truth() -> dict[str, Any]:
    """What the bundled clip holds."""
    return circletake_resources.sample_truth()


@pytest.fixture(scope="session")
def film_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Film], Path]:
    """Where a test film is; made when first asked for."""
    folder = tmp_path_factory.mktemp("films")
    made: dict[str, Path] = {}

    def find(film: Film) -> Path:
        key = repr(film)  # two rooms may give two films one name
        if key not in made:
            made[key] = make(film, Path(tempfile.mkdtemp(dir=folder)))
        return made[key]

    return find


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process running."""
    threads, children = set(threading.enumerate()), set(child_processes())
    yield
    deadline = time.monotonic() + LEAK_GRACE_SECONDS
    while left := leaked(threads, children):
        if time.monotonic() > deadline:
            pytest.fail(f"left behind: {', '.join(left)}", pytrace=False)
        time.sleep(0.01)


def leaked(threads: set[threading.Thread], children: set[int]) -> list[str]:
    """Names of threads and processes that were not there before.

    Threads that Python did not start (Qt's, a codec's) are not ours to join.
    """
    fresh = [each for each in threading.enumerate() if each not in threads]
    named = [f"thread {each.name!r}" for each in fresh if not isinstance(each, threading._DummyThread)]
    born = {pid: name for pid, name in child_processes().items() if pid not in children}
    return named + [f"process {pid} ({name})" for pid, name in born.items()]


def child_processes() -> dict[int, str]:
    """Running children of this process, by id; outside Linux only those multiprocessing knows."""
    found = {child.pid or 0: child.name for child in multiprocessing.active_children()}
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in read_or_empty(children).split():
            state = read_or_empty(Path(f"/proc/{pid}/stat")).rpartition(") ")[2][:1]
            command = read_or_empty(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")
            if state not in ("", "Z") and "resource_tracker" not in command:  # it ends with the interpreter
                found.setdefault(int(pid), command.strip()[:80])
    return found


def read_or_empty(path: Path) -> str:
    """What a file of /proc says; nothing where its process has just ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class ExpectedLogs(logging.Handler):
    """Collects warnings and worse. Each of `patterns` (`re.search`) allows those that match, and demands one."""

    def __init__(self) -> None:
        """Start with nothing expected."""
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.patterns: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.records.append(record)

    def complaints(self) -> list[str]:
        """Records nobody expected, and expectations nobody met."""
        texts = [f"{each.name} {each.levelname}: {each.getMessage()}" for each in self.records]
        surprises = [text for text in texts if not any(re.search(pattern, text) for pattern in self.patterns)]
        unmet = [pattern for pattern in self.patterns if not any(re.search(pattern, text) for text in texts)]
        return [*(f"logged {text}" for text in surprises), *(f"never logged {pattern!r}" for pattern in unmet)]


@pytest.fixture(autouse=True)
def expected_logs(request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """Fail a test that logs a warning or worse without saying so.

    It says so with `@pytest.mark.expected_logs("pattern")`, or by calling this fixture with the pattern.
    """
    handler = ExpectedLogs()
    for marker in request.node.iter_markers("expected_logs"):
        handler.patterns.extend(marker.args)
    logging.getLogger().addHandler(handler)
    try:
        yield handler.patterns.append
    finally:
        logging.getLogger().removeHandler(handler)
    if found := handler.complaints():
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture(scope="session")
def next_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Names a fresh folder at each call; it is made when somebody writes."""
    base, numbers = tmp_path_factory.mktemp("homes"), itertools.count()
    return lambda: base / str(next(numbers))


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, next_home: Callable[[], Path]) -> None:
    """Give each test its own settings, cache and state, and none of the user's variables."""
    for name in [name for name in os.environ if name.startswith("CIRCLETAKE_") and name != SHARED_VARIABLE]:
        monkeypatch.delenv(name)
    home = next_home()
    for name in FOLDER_VARIABLES:
        monkeypatch.setenv(name, str(home / name.split("_")[1].lower()))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def no_calls_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that reaches for another machine, also where the code under test swallows the refusal."""
    attempts: list[str] = []

    def refuse(host: object) -> None:
        attempts.append(str(host))
        pytest.fail(f"a test reached for {host}; tests stay on this machine", pytrace=False)

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name), 1, refuse))
    monkeypatch.setattr(socket.socket, "sendto", guarded(socket.socket.sendto, -1, refuse))
    monkeypatch.setattr(socket, "getaddrinfo", guarded(socket.getaddrinfo, 0, refuse))
    yield
    if attempts:
        pytest.fail(f"reached for {', '.join(attempts)}", pytrace=False)


def guarded(call: Callable[..., Any], place: int, refuse: Callable[[object], None]) -> Callable[..., Any]:
    """The same call, refused where the address at `place` of its arguments is another machine's."""

    @functools.wraps(call)
    def checked(*arguments: Any, **more: Any) -> Any:
        address = arguments[place] if arguments else more.get("host")
        host = address[0] if isinstance(address, tuple) else address
        if (isinstance(address, tuple) or call is REAL_GETADDRINFO) and not is_here(host):
            refuse(host)
        return call(*arguments, **more)

    return checked


REAL_GETADDRINFO = socket.getaddrinfo


def is_here(host: object) -> bool:
    """Tell whether a host name or address means this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs an accelerator where none answers."""
    if item.get_closest_marker("gpu") and not accelerator_answers():
        pytest.skip("no accelerator answers on this machine")


@functools.cache
def accelerator_answers() -> bool:
    """Ask torch, which is imported for tests that carry the marker and for no other."""
    return bool(importlib.import_module("torch").cuda.is_available())
