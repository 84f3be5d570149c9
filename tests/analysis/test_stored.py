"""A scored film goes into the cache and comes back to the last bit, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circletake.analysis.highlights import Scored, ScoreRequest, conclude, score_film
from circletake.analysis.segments import SegmentLimits
from circletake.analysis.signals import SignalsScorer
from circletake.analysis.stored import from_arrays, to_arrays
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.project.results import CachedResult, ResultStore, result_key


@pytest.fixture(scope="module")
def scored(sample_clip: Path) -> Scored:
    return score_film(ScoreRequest(probe(sample_clip), fast=True, thumbnail_count=5), [SignalsScorer()], NoContext())


def test_it_comes_back_to_the_last_bit(scored: Scored, sample_clip: Path, tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    key = result_key(scored.fingerprint, {}, scored.revision, 1)
    assert store.put(key, CachedResult(*to_arrays(scored)))
    entry = store.get(key)
    assert entry is not None
    again = from_arrays(entry.arrays, entry.header)
    assert again is not None
    first, second = to_arrays(scored), to_arrays(again)
    assert first[1] == second[1]
    assert first[0].keys() == second[0].keys()
    for name, array in first[0].items():
        assert np.array_equal(array, second[0][name]), name
    media, limits = probe(sample_clip), SegmentLimits(4, 12, 5)
    assert conclude(media, again, limits).segments == conclude(media, scored, limits).segments


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 0},
        {"duration": [1, "0"]},
        {"duration": [10**30, "1"]},
        {"hop": "x"},
        {"curves": [{"name": "motion"}]},
        {"report": []},
        {"speech": [0, "16000", 5]},
    ],
)
def test_a_header_that_does_not_hold_together_is_a_miss(scored: Scored, damage: dict[str, Any]) -> None:
    arrays, header = to_arrays(scored)
    assert from_arrays(arrays, header | damage) is None


@pytest.mark.parametrize("name", ["fused", "cuts", "curve_0", "thumbnails", "wave_high", "picture_motion"])
def test_a_missing_array_is_a_miss(scored: Scored, name: str) -> None:
    arrays, header = to_arrays(scored)
    del arrays[name]
    assert from_arrays(arrays, header) is None


def test_a_curve_of_another_length_is_a_miss(scored: Scored) -> None:
    arrays, header = to_arrays(scored)
    assert from_arrays(arrays | {"curve_0": np.zeros(3, np.float32)}, header) is None
