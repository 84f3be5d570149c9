"""The sample, scored once for all tests of this room."""

from pathlib import Path

import pytest
from tests.viewers.state.recorded import Recorded, record


@pytest.fixture(scope="session")
def recorded(sample_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(sample_clip, tmp_path_factory.mktemp("recorded"))
