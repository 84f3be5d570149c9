from collections.abc import Iterator

import pytest

from circletake.jobs.queue import JobQueue


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    with JobQueue(cpu_threads=2) as made:
        yield made
