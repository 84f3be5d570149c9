"""Nothing moves by itself, except where a test asks for it."""

from collections.abc import Iterator

import pytest

from circletake_viewers import theme


@pytest.fixture(autouse=True)
def standing_still() -> Iterator[None]:
    theme.set_motion(wanted=False)
    yield
    theme.set_motion(wanted=True)
