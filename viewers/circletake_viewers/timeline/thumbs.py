"""Small pictures ready to draw: turned into Qt's kind once, and only so many kept."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

KEPT = 600
"""Pictures kept: some 7 MB at one device pixel a pixel."""

SAMPLE = 8
"""Every eighth pixel each way tells two pictures of a film apart."""

Key = tuple[int, float, bytes]


class Thumbs:
    """Pictures at the filmstrip's height, those used last at the end."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: OrderedDict[Key, QPixmap] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, image: NDArray[np.uint8], height: int, ratio: float) -> QPixmap:
        """A picture uint8 RGB (H, W, 3) at `height` pixels of `ratio` device pixels."""
        key = (height, ratio, image[::SAMPLE, ::SAMPLE].tobytes())
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = _scaled(image, height, ratio)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found


def _scaled(image: NDArray[np.uint8], height: int, ratio: float) -> QPixmap:
    pixels = np.ascontiguousarray(image)
    rows, columns = pixels.shape[:2]
    whole = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    made = QPixmap.fromImage(whole.scaledToHeight(round(height * ratio), Qt.TransformationMode.SmoothTransformation))
    made.setDevicePixelRatio(ratio)
    return made
