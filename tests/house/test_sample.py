"""The bundled clip holds what its truth says, measured on the decoded pictures and sound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


@pytest.fixture(scope="module")
def grays(sample_clip: Path) -> Gray:
    """Every picture in grey, (N, H, W)."""
    with av.open(str(sample_clip)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(container.streams.video[0])]
    return np.stack(frames)


@pytest.fixture(scope="module")
def sound(sample_clip: Path) -> NDArray[np.float32]:
    """The left channel at its own rate."""
    with av.open(str(sample_clip)) as container:
        blocks = [frame.to_ndarray()[0] for frame in container.decode(container.streams.audio[0])]
    return np.concatenate(blocks).astype(np.float32)


@pytest.fixture(scope="module")
def changes(grays: Gray) -> NDArray[np.float64]:
    """Mean absolute change from the picture before, on every fourth pixel; 0 for the first."""
    small = grays[:, ::4, ::4].astype(np.int16)
    return np.concatenate([[0.0], np.abs(np.diff(small, axis=0)).mean(axis=(1, 2))])


def burnt_number(picture: Gray, code: dict[str, Any]) -> int:
    """The frame number a picture carries as Gray code."""
    middle = code["size"] // 2
    row = picture[code["y"] + middle]
    lit = [row[code["x"] + bit * code["size"] + middle] > 112 for bit in range(code["bits"])]
    number = 0
    for bit in lit:
        number = number << 1 | (int(bit) ^ (number & 1))
    return number


def level(sound: NDArray[np.float32], frames: list[int], truth: dict[str, Any]) -> float:
    """Root mean square under a range of frames."""
    per_frame = truth["sample_rate"] // 30
    return float(np.sqrt(np.mean(np.square(sound[frames[0] * per_frame : frames[1] * per_frame]))))


def test_each_picture_carries_its_own_number(grays: Gray, sample_truth: dict[str, Any]) -> None:
    code = sample_truth["frame_code"]
    assert [burnt_number(picture, code) for picture in grays] == list(range(sample_truth["frames"]))


def test_scenes_join_without_gaps(sample_truth: dict[str, Any]) -> None:
    scenes = sample_truth["scenes"]
    assert scenes[0]["start_frame"] == 0
    assert scenes[-1]["end_frame"] == sample_truth["frames"]
    assert all(before["end_frame"] == after["start_frame"] for before, after in pairwise(scenes))
    assert [scene["start_frame"] for scene in scenes[1:]] == sample_truth["cuts"]


def test_a_cut_changes_more_than_anything_around_it(changes: NDArray[np.float64], sample_truth: dict[str, Any]) -> None:
    cuts = set(sample_truth["cuts"])
    for cut in cuts:
        around = [changes[i] for i in range(cut - 15, cut + 16) if i not in cuts]
        assert changes[cut] > 1.5 * max(around)


def test_the_card_stands_still_and_silent(
    changes: NDArray[np.float64], sound: NDArray[np.float32], sample_truth: dict[str, Any]
) -> None:
    first, last = sample_truth["still"]
    assert changes[first + 1 : last].max() < 0.3
    assert level(sound, [first + 3, last - 3], sample_truth) < 1e-4  # the codec smears a frame or two at its ends


def test_motion_is_strongest_where_it_should_be(changes: NDArray[np.float64], sample_truth: dict[str, Any]) -> None:
    first, last = sample_truth["strong_motion"]
    steady = changes.copy()
    steady[sample_truth["cuts"]] = steady[[cut + 1 for cut in sample_truth["cuts"]]]
    seconds = steady.reshape(-1, 30).mean(axis=1)
    strong = [first <= 30 * second < last for second in range(len(seconds))]
    assert seconds[strong].min() > 1.3 * seconds[np.logical_not(strong)].max()


def test_the_loudest_moment_is_the_finish(sound: NDArray[np.float32], sample_truth: dict[str, Any]) -> None:
    loud = level(sound, sample_truth["loud"], sample_truth)
    others = [
        level(sound, [start, start + 30], sample_truth)
        for start in range(0, sample_truth["frames"] - 30, 15)
        if start + 30 <= sample_truth["loud"][0] or start >= sample_truth["loud"][1]
    ]
    assert loud > 2 * max(others)
    assert np.abs(sound).max() < 1


def test_speech_is_heard_where_it_is_said(sound: NDArray[np.float32], sample_truth: dict[str, Any]) -> None:
    for sentence in sample_truth["speech"]:
        frames = [round(sentence["start_seconds"] * 30), round(sentence["end_seconds"] * 30)]
        before = level(sound, [frames[0] - 12, frames[0] - 1], sample_truth)
        assert level(sound, frames, sample_truth) > 8 * before
        assert sentence["words"] == sentence["text"].split()


def test_the_clip_is_small_and_free(sample_clip: Path, sample_truth: dict[str, Any]) -> None:
    assert sample_clip.stat().st_size < 3_000_000
    assert sample_truth["license"] == "CC0-1.0"
