"""Pictures made fit for a stage: colours, shape, turn; HDR brought down to a screen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.playback.test_program import PICTURE

from circletake.media.frames import VideoStream
from circletake.media.probe import probe
from circletake.playback.develop import Developer, Planes, View
from circletake.playback.tone import HLG, PQ, light, to_sdr


def flat(code: tuple[int, int, int], *, matrix: int = 1, span: int = 1, depth: int = 8) -> av.VideoFrame:
    """A picture of one colour, 1280 x 720."""
    frame = av.VideoFrame(1280, 720, "yuv420p" if depth == 8 else "yuv420p10le")
    for plane, level in zip(frame.planes, code, strict=True):
        wide = np.full(plane.buffer_size // (1 if depth == 8 else 2), level, np.uint8 if depth == 8 else "<u2")
        plane.update(wide.tobytes())
    frame.colorspace, frame.color_range = matrix, span
    return frame


def stream(rotation: int = 0, aspect: Fraction = Fraction(1)) -> VideoStream:
    return replace(PICTURE, rotation=rotation, sample_aspect_ratio=aspect)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (flat((63, 102, 240)), (255, 0, 0)),
        (flat((63, 102, 240), matrix=2), (255, 0, 0)),
        (flat((81, 90, 240), matrix=5), (255, 0, 0)),
        (flat((235, 128, 128), span=2), (235, 235, 235)),
        (flat((235 * 4, 512, 512), depth=10), (255, 255, 255)),
        (flat((63 * 4, 102 * 4, 240 * 4), depth=10), (255, 0, 0)),
    ],
    ids=["709", "untagged HD", "601", "full range", "10 bit white", "10 bit red"],
)
def test_colours_are_right_in_both_forms(frame: av.VideoFrame, expected: tuple[int, int, int]) -> None:
    developer = Developer(stream())
    pixels = developer.pixels(frame, View(320, 180))
    assert np.abs(pixels[90, 160, 2::-1].astype(int) - expected).max() <= 2
    planes = developer.planes(frame)
    assert np.abs(_by_hand(planes) - expected).max() <= 2


def _by_hand(p: Planes) -> NDArray[np.float64]:
    """The middle of a picture's planes as RGB, by the matrix's own formula."""
    full = (65535 if p.y.dtype == np.uint16 else 255) / p.scale
    y, u, v = (float(each[each.shape[0] // 2, each.shape[1] // 2]) / full for each in (p.y, p.u, p.v))
    u, v = u - 128 / 255, v - 128 / 255
    if not p.full_range:
        y, u, v = (y - 16 / 255) * 255 / 219, u * 255 / 224, v * 255 / 224
    red, blue = y + 2 * (1 - p.kr) * v, y + 2 * (1 - p.kb) * u
    green = (y - p.kr * red - p.kb * blue) / (1 - p.kr - p.kb)
    return np.array([red, green, blue]).clip(0, 1) * 255


@pytest.mark.parametrize(
    ("rotation", "aspect", "view", "shape"),
    [
        (0, Fraction(1), View(640, 640), (360, 640)),
        (90, Fraction(1), View(640, 640), (640, 360)),
        (0, Fraction(2), View(640, 640), (180, 640)),
        (270, Fraction(1, 2), View(720, 720), (640, 720)),
        (0, Fraction(1), View(2560, 5000), (1440, 2560)),
    ],
)
def test_pictures_are_upright_and_fill_the_view(
    rotation: int, aspect: Fraction, view: View, shape: tuple[int, int]
) -> None:
    pixels = Developer(stream(rotation, aspect)).pixels(flat((100, 128, 128)), view)
    assert pixels.shape == (*shape, 4)
    assert pixels.flags.c_contiguous


def test_an_odd_width_is_the_even_one_less_a_column() -> None:
    levels = np.random.default_rng(1).integers(16, 235, (720 * 3 // 2, 1280), np.uint8)
    frame, developer = av.VideoFrame.from_ndarray(levels, format="yuv420p"), Developer(stream())
    odd, even = (developer.pixels(frame, View(width, 1000)) for width in (949, 950))
    assert odd.shape == (534, 949, 4)
    assert np.array_equal(odd, even[:, :949])  # the scaler was asked for the even one, which is quick


def test_a_turned_picture_has_its_top_at_the_right_side() -> None:
    frame = flat((16, 128, 128))
    luma = np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(720, -1).copy()
    luma[:, :640] = 235  # the left half is white
    frame.planes[0].update(luma.tobytes())
    turned = Developer(stream(90)).pixels(frame, View(90, 160))
    assert turned[10, 45, 0] > 200  # clockwise: left becomes top
    assert turned[150, 45, 0] < 50


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_rises_all_the_way_and_ends_full(transfer: str) -> None:
    table = light(transfer)
    assert table[0] == 0
    assert np.all(np.diff(table) >= 0)
    assert table[-1] == pytest.approx(1, abs=1e-3)
    grey = np.linspace(0, 65535, 64).astype(np.uint16)[None, :]
    shown = to_sdr((grey, grey, grey), transfer).astype(int)
    assert np.all(np.diff(shown[0, :, 0]) >= 0)
    assert np.abs(shown[:, :, 0] - shown[:, :, 2]).max() <= 1  # grey stays grey


@pytest.mark.parametrize("name", ["hdr10_hevc_1080p_container_says_sdr.mp4", "iphone_dolbyvision_hlg10_rot90_0p1s.MOV"])
def test_hdr_clips_fill_the_screens_range(shared: Path, name: str) -> None:
    path = shared / "data" / "video" / name
    media = probe(path)
    assert media.picture is not None
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert isinstance(frame, av.VideoFrame)
    pixels = Developer(media.picture).pixels(frame, View(480, 480))
    middle = float(pixels[:, :, :3].mean())
    assert 40 < middle < 200
    assert max(pixels.shape[:2]) == 480
