"""The sample clip scored once through a session, as facts; and sessions that find those curves in their cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from circletake.analysis.highlights import Analysis
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake_viewers.state.facts import Facts

LENGTHS = {"analysis.min_seconds": 4.0, "analysis.max_seconds": 12.0}
"""Clips that fit the sample."""


@dataclass(frozen=True)
class Recorded:
    """What a session knew after one analysis of the sample; its curves lie in `cache`."""

    cache: Path
    facts: Facts
    analysis: Analysis
    path: Path


def record(sample: Path, folder: Path) -> Recorded:
    """Open and score the sample, with settings, state and cache of its own under `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "CACHE", "STATE"):
            patch.setenv(f"CIRCLETAKE_{name}_DIR", str(folder / name.lower()))
        with Session(load_settings(overrides=LENGTHS), cache=folder / "results", keep_unsaved=False) as session:
            session.take(session.open((sample,)).result(60))
            done = session.analyse().result(60)
            session.take(done)
            facts = Facts(session.timeline, session.media_by_path, session.curves)
            analysis = done.films[0].analysis
    return Recorded(folder / "results", facts, analysis, analysis.media.path)


@contextmanager
def analysed_session(recorded: Recorded) -> Iterator[Session]:
    """A session with the sample open and its marks proposed; nothing is decoded."""
    with Session(load_settings(overrides=LENGTHS), cache=recorded.cache, keep_unsaved=False) as session:
        session.take(session.open((recorded.path,)).result(60))
        session.take(session.analyse().result(60))
        yield session


def facts_of(session: Session) -> Facts:
    """What a session knows now."""
    return Facts(session.timeline, session.media_by_path, session.curves)
