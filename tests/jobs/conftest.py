import threading
import time
from collections.abc import Iterator

import pytest

from circletake.jobs.queue import JobQueue


def job_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("circletake-")]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    deadline = time.monotonic() + 2
    while job_threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert job_threads() == []


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    with JobQueue(cpu_threads=2) as made:
        yield made
