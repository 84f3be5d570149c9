"""Test films, made once a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.export.films import Film, make


@pytest.fixture(scope="session")
def film_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Film], Path]:
    """Where a test film is; made when first asked for."""
    folder = tmp_path_factory.mktemp("films")
    made: dict[str, Path] = {}

    def find(film: Film) -> Path:
        if film.name not in made:
            made[film.name] = make(film, folder)
        return made[film.name]

    return find
