"""A decoder's picture made fit to be shown: as pixels of the stage's size, or as planes for a graphics card."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from circletake.media.convert import HD_HEIGHT, UNSPECIFIED, source_colorspace
from circletake.media.frames import VideoStream
from circletake.playback.tone import HLG, PQ, to_sdr

Pixels = NDArray[np.uint8]
"""(H, W, 4) in the order blue, green, red, unused: what Qt calls RGB32."""

FULL_RANGE = 2
"""FFmpeg's number for codes from 0 to 255. Source: ITU-T H.273."""

_TRANSFERS = {16: PQ, 18: HLG}
_MATRICES = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593), 7: (0.212, 0.087), 4: (0.30, 0.11)}
"""Red's and blue's share of brightness, by FFmpeg's number of the matrix. Source: ITU-T H.273, table 4."""
_MATRIX_601 = (0.299, 0.114)


@dataclass(frozen=True, slots=True)
class View:
    """What pictures are made for: a stage of `width` x `height` device pixels, or with `planes` a graphics card."""

    width: int
    height: int
    planes: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """A picture as the decoder has it, for a painter that does the rest.

    `y`, `u`, `v` are uint8 or uint16 (H, W), rows possibly apart; the colour planes may be smaller. A sample as a share
    of its type's full value, times `scale`, counts as 8-bit codes do: black is 16 / 255. `kr` and `kb` are the matrix.
    `transfer` names an HDR curve, None means SDR. Shown in the shape `width` x `height`, turned clockwise by
    `rotation`.
    """

    y: NDArray[Any] = field(repr=False)
    u: NDArray[Any] = field(repr=False)
    v: NDArray[Any] = field(repr=False)
    scale: float
    full_range: bool
    kr: float
    kb: float
    transfer: str | None
    rotation: int
    width: int
    height: int


class Developer:
    """Makes pictures of one film fit to be shown; one thread's, since it keeps the scaler's tables."""

    def __init__(self, stream: VideoStream) -> None:
        self._rotation = stream.rotation
        self._aspect = stream.sample_aspect_ratio
        self._reformatter = VideoReformatter()

    def pixels(self, frame: av.VideoFrame, view: View) -> Pixels:
        """Upright, in the film's shape, as large as the view allows."""
        width, height = self._fitted(frame, view)
        coded = (height, width) if self._rotation % 180 else (width, height)
        if transfer := _TRANSFERS.get(int(frame.color_trc)):
            green, blue, red = (_plane(each, wide=True) for each in self._scaled(frame, coded, "gbrp16le").planes)
            image = np.empty((coded[1], coded[0], 4), np.uint8)
            image[:, :, 2::-1] = to_sdr((red, green, blue), transfer)
        else:
            even = (coded[0] + coded[0] % 2, coded[1])  # FFmpeg scales to an odd width three times as slowly
            rows = _rows(self._scaled(frame, even, "bgr0").planes[0], np.uint8)
            image = rows[:, : 4 * coded[0]].reshape(coded[1], coded[0], 4)
        return np.ascontiguousarray(np.rot90(image, -self._rotation // 90))

    def planes(self, frame: av.VideoFrame) -> Planes:
        """The decoder's planes, without a copy where it has brightness and colour in planes of their own."""
        tag = int(frame.colorspace)
        fallback = _MATRICES[1] if tag == UNSPECIFIED and frame.height >= HD_HEIGHT else _MATRIX_601
        kr, kb = _MATRICES.get(tag, fallback)
        full = int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj")
        if not _is_planar(frame):
            frame, (kr, kb), full = frame.reformat(format="yuv444p", dst_colorspace=1), _MATRICES[1], False
        bits = frame.format.components[0].bits
        parts = [_plane(plane, wide=bits > 8) for plane in frame.planes[:3]]
        scale = 65535 / (255 << bits - 8) if bits > 8 else 1.0
        if len(parts) < 3:
            grey = np.full((1, 1), 1 << (bits - 1), parts[0].dtype)
            parts += [grey, grey]
        width, height = self._shape(frame)
        transfer = _TRANSFERS.get(int(frame.color_trc))
        y, u, v = parts
        return Planes(y, u, v, scale, full, kr, kb, transfer, self._rotation, width, height)

    def _scaled(self, frame: av.VideoFrame, size: tuple[int, int], form: str) -> av.VideoFrame:
        return self._reformatter.reformat(
            frame,
            *size,
            form,
            src_colorspace=source_colorspace(frame),
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA if size[0] < frame.width else Interpolation.BICUBIC,
            threads=1,
        )

    def _shape(self, frame: av.VideoFrame) -> tuple[int, int]:
        width = max(1, round(frame.width * self._aspect))
        return (frame.height, width) if self._rotation % 180 else (width, frame.height)

    def _fitted(self, frame: av.VideoFrame, view: View) -> tuple[int, int]:
        width, height = self._shape(frame)
        scale = min(view.width / width, view.height / height)
        return max(1, round(width * scale)), max(1, round(height * scale))


def _is_planar(frame: av.VideoFrame) -> bool:
    name = frame.format.name
    known = name.startswith(("yuv4", "yuvj4", "gray"))
    return known and not name.endswith("be") and not frame.format.is_bit_stream and "f" not in name


def _plane(plane: av.video.plane.VideoPlane, *, wide: bool) -> NDArray[Any]:
    return _rows(plane, np.uint16 if wide else np.uint8)[:, : plane.width]


def _rows(plane: av.video.plane.VideoPlane, sample: type[np.uint8 | np.uint16]) -> NDArray[Any]:
    """All of a plane's memory, row by row, with what pads them."""
    data = np.frombuffer(memoryview(plane), sample)
    row = plane.line_size // data.itemsize
    return data[: row * plane.height].reshape(plane.height, row)
