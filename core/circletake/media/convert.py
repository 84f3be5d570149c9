"""Decoded pictures to RGB, with the right matrix and range."""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

UNSPECIFIED = 2
"""FFmpeg's number for a tag that is not there. Source: ITU-T H.273, tables 2 to 4."""

HD_HEIGHT = 720
"""From this height on an untagged film is taken as BT.709, below as BT.601. Source: FFmpeg, mpv, Kdenlive agree."""


def source_colorspace(frame: av.VideoFrame) -> Colorspace | None:
    """The matrix to decode with where the frame names none; None means the frame's own tag is used."""
    if int(frame.colorspace) != UNSPECIFIED:
        return None
    return Colorspace.ITU709 if frame.height >= HD_HEIGHT else Colorspace.ITU601


class RgbConverter:
    """Turns pictures of one film into RGB; kept by whoever converts many, since its tables cost more than a picture.

    Not for two threads at once.
    """

    def __init__(self, scaling: Interpolation | None = None) -> None:
        """`scaling` is how sizes change: by area downwards and bicubic upwards when left out."""
        self._reformatter = VideoReformatter()
        self._scaling = scaling

    def rgb(self, frame: av.VideoFrame, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """The picture as uint8 RGB (H, W, 3), scaled to `size` (width, height) where one is given."""
        width, height = size or (frame.width, frame.height)
        usual = Interpolation.AREA if width < frame.width else Interpolation.BICUBIC
        rgb = self._reformatter.reformat(
            frame,
            width,
            height,
            "rgb24",
            src_colorspace=source_colorspace(frame),
            dst_color_range=ColorRange.JPEG,
            interpolation=self._scaling or usual,
            threads=1,
        )
        return rgb.to_ndarray().astype(np.uint8, copy=False)


def to_rgb(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """A single picture as uint8 RGB (H, W, 3), scaled to `size` (width, height) where one is given."""
    return RgbConverter().rgb(frame, size)


def fitted(width: int, height: int, box: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the same shape inside `box` (width, height); never enlarged."""
    scale = min(1.0, box[0] / width, box[1] / height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
