"""Both painters show the same picture: matrix, range, depth, turn and shape, on a real OpenGL."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from tests.playback.test_program import PICTURE

from circletake.playback.develop import Developer, View
from circletake.playback.showing import Picture
from circletake_viewers.player.image_painter import ImagePainter
from circletake_viewers.player.painters import is_real_gpu, renderer_name

SIZE = (320, 240)


def drawing(form: str, *, matrix: int, span: int, transfer: int = 1) -> av.VideoFrame:
    """A soft picture with colours in every corner, as a film's frame."""
    across, down = np.meshgrid(np.linspace(0, 1, 256), np.linspace(0, 1, 144))
    rgb = np.stack([across, down, 1 - across * down], axis=2) * 220 + 16
    rgb[:48, :64] = (250, 20, 20)  # the top left corner tells which way is up
    source = av.VideoFrame.from_ndarray(rgb.astype(np.uint8), format="rgb24")
    frame = source.reformat(format=form, dst_colorspace=matrix, dst_color_range=span)
    frame.colorspace, frame.color_range, frame.color_trc = matrix, span, transfer
    return frame


CASES = {
    "709": (drawing("yuv420p", matrix=1, span=1), 0, Fraction(1)),
    "601": (drawing("yuv420p", matrix=5, span=1), 0, Fraction(1)),
    "full range": (drawing("yuvj420p", matrix=5, span=2), 0, Fraction(1)),
    "10 bit": (drawing("yuv420p10le", matrix=1, span=1), 0, Fraction(1)),
    "4:2:2 10 bit": (drawing("yuv422p10le", matrix=1, span=1), 0, Fraction(1)),
    "turned right": (drawing("yuv420p", matrix=1, span=1), 90, Fraction(1)),
    "turned left": (drawing("yuv420p", matrix=1, span=1), 270, Fraction(1)),
    "upside down": (drawing("yuv420p", matrix=1, span=1), 180, Fraction(1)),
    "wide pixels": (drawing("yuv420p", matrix=1, span=1), 0, Fraction(4, 3)),
    "wide pixels, turned": (drawing("yuv420p", matrix=1, span=1), 90, Fraction(3, 4)),
    "grey": (drawing("gray", matrix=1, span=2), 0, Fraction(1)),
    "HLG": (drawing("yuv420p10le", matrix=9, span=1, transfer=18), 0, Fraction(1)),
    "PQ": (drawing("yuv420p10le", matrix=9, span=1, transfer=16), 0, Fraction(1)),
}


@pytest.fixture(scope="module")
def renderer(qapp: object) -> str:
    """What draws OpenGL here."""
    name = renderer_name()
    if not name:
        pytest.skip("no OpenGL here")
    return name


@pytest.fixture
def painters(qtbot: QtBot, renderer: str) -> tuple[ImagePainter, object]:
    from circletake_viewers.player.gl_painter import GLPainter  # noqa: PLC0415 - as the program does

    made = (ImagePainter(), GLPainter())
    for painter in made:
        qtbot.addWidget(painter)
        painter.resize(*SIZE)
        with qtbot.waitExposed(painter):
            painter.show()
    return made


def shown_by(image: QImage) -> NDArray[np.float64]:
    """A grabbed image as RGB (H, W, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8)[: plain.height() * plain.bytesPerLine()]
    return rows.reshape(plain.height(), -1)[:, : 3 * plain.width()].reshape(plain.height(), -1, 3).astype(np.float64)


@pytest.mark.parametrize("case", CASES)
def test_both_painters_show_the_same(painters: tuple[ImagePainter, object], case: str) -> None:
    frame, rotation, aspect = CASES[case]
    developer = Developer(replace(PICTURE, rotation=rotation, sample_aspect_ratio=aspect))
    images, cards = painters
    images.show_picture(Picture(0, 0, True, pixels=developer.pixels(frame, View(*SIZE))))
    cards.show_picture(Picture(0, 0, True, planes=developer.planes(frame)))  # type: ignore[attr-defined]  # a GLPainter, imported late
    by_image = shown_by(images.grab().toImage())
    by_card = shown_by(cards.grabFramebuffer())  # type: ignore[attr-defined]
    assert by_image.shape == by_card.shape == (SIZE[1], SIZE[0], 3)
    assert images.picture_rect() == cards.picture_rect()  # type: ignore[attr-defined]
    away = np.abs(by_image - by_card)
    assert away.mean() < 3
    assert np.percentile(away, 95) < 12
    assert by_image.std() > 20  # something is there


def test_software_is_no_graphics_card(renderer: str) -> None:
    assert not is_real_gpu("llvmpipe (LLVM 15.0.6, 256 bits)")
    assert not is_real_gpu("Google SwiftShader")
    assert not is_real_gpu("")
    assert is_real_gpu("NVIDIA GeForce RTX 4090/PCIe/SSE2")


def test_a_picture_of_another_size_is_stretched_till_the_right_one_comes(qtbot: QtBot) -> None:
    painter = ImagePainter()
    qtbot.addWidget(painter)
    painter.resize(200, 200)
    painter.show_picture(Picture(0, 0, True, pixels=np.full((36, 64, 4), 255, np.uint8)))
    seen = shown_by(painter.grab().toImage())
    assert painter.picture_rect().width() == 200
    assert seen[100, 5].min() > 250
    assert seen[10, 100].max() < 30
    painter.show_picture(None)
    assert shown_by(painter.grab().toImage()).max() < 30
