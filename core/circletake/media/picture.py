"""One decoded frame as a sweep sees it: a sparse grid of its samples, taken once and shared by every consumer.

Scaling a picture costs a tenth of decoding it; looking at a few thousand of its samples costs a hundredth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import av
import numpy as np
from numpy.typing import NDArray

LUMA_GRID = (64, 36)
"""Brightness samples across and down: one in 30 of a 1080p picture each way, enough to tell cuts and motion."""

CHROMA_GRID = (32, 18)
"""Colour samples across and down; each costs a read from memory far away, and colour changes in large areas."""

Grid = NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """A frame during a sweep. `frame` is the decoder's and only valid until the consumer returns: copy what is kept.

    `seconds` is media time; `number` counts frames of the sweep, which in a fast sweep skips some of the file's.
    `begins` tells that it does not follow the one before: what lies between was left out.
    """

    frame: av.VideoFrame
    number: int
    seconds: float
    key_frame: bool
    begins: bool = False

    @property
    def luma(self) -> Grid:
        """Brightness samples, uint8 (h, w) of about `LUMA_GRID`, whatever the bit depth."""
        return self._planes[0]

    @property
    def chroma(self) -> tuple[Grid, Grid]:
        """Colour differences, two uint8 (h, w) of about `CHROMA_GRID`; grey pictures have 128 everywhere."""
        if len(self._planes) < 3:
            flat = np.full((1, 1), 128, np.uint8)
            return flat, flat
        return self._planes[1], self._planes[2]

    @cached_property
    def _planes(self) -> tuple[Grid, ...]:
        planar = self.frame if _is_planar_yuv(self.frame) else self.frame.reformat(format="yuv420p")
        depth = planar.format.components[0].bits
        grids = (LUMA_GRID, CHROMA_GRID, CHROMA_GRID)
        return tuple(_sampled(plane, depth, grid) for plane, grid in zip(planar.planes, grids, strict=False))


def _is_planar_yuv(frame: av.VideoFrame) -> bool:
    """Planes of their own for Y, U and V, in whole bytes of this machine's order."""
    name = frame.format.name
    return name.startswith(("yuv4", "yuvj4", "gray")) and not name.endswith("be") and not frame.format.is_bit_stream


def _sampled(plane: av.video.plane.VideoPlane, depth: int, size: tuple[int, int]) -> Grid:
    """About `size` (across, down) samples spread over a plane, as 8-bit values.

    Samples are taken from the middle of each grid cell, so the first and last rows and columns do not count more.
    """
    wide = depth > 8
    data = memoryview(plane)
    samples = np.frombuffer(data, np.uint16) if wide else np.frombuffer(data, np.uint8)
    row = plane.line_size // samples.itemsize
    image = samples[: row * plane.height].reshape(plane.height, row)[:, : plane.width]
    down, across = max(1, plane.height // size[1]), max(1, plane.width // size[0])
    grid = image[down // 2 :: down, across // 2 :: across]
    return (grid >> (depth - 8 if wide else 0)).astype(np.uint8)
