"""Where sounds begin: the rise of the spectrum, fifty times a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circletake.media.columns import Column
from circletake.media.sweep import SAMPLE_RATE

ONSETS_A_SECOND = 50
HOP = SAMPLE_RATE // ONSETS_A_SECOND
WINDOW = 1024
"""Samples: 64 ms, long enough to tell pitches apart, short enough to place an attack."""

COMPRESSION = 100.0
"""Log compression of magnitudes, so that quiet attacks count too.

Source: Müller, Fundamentals of Music Processing, section 6.1.2.
"""

BLOCK = 128
"""Spectra made at once."""


class OnsetMeter:
    """A sweep's consumer that measures spectral flux: the sum of rises of the log spectrum since the hop before."""

    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        """Start with nothing heard; half a window of silence puts the first value at media time 0."""
        self._ends: float | None = None
        self._pending = np.zeros(WINDOW // 2, np.float32)
        self._shape = np.hanning(WINDOW).astype(np.float32)
        self._last: NDArray[np.float32] | None = None
        self._flux = Column()

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        """Take the next block; where something was left out before it, it is heard like a film's first."""
        if start_seconds > (self._ends or 0.0) + 1 / ONSETS_A_SECOND:
            self._skip_to(round(start_seconds * ONSETS_A_SECOND))
        self._ends = start_seconds + len(samples) / SAMPLE_RATE
        self._pending = np.concatenate((self._pending, samples))
        if len(self._pending) >= WINDOW + (BLOCK - 1) * HOP:
            self._measure()

    def finish(self) -> None:
        """Measure what is left."""
        self._pending = np.concatenate((self._pending, np.zeros(WINDOW // 2, np.float32)))
        self._measure()

    def result(self) -> NDArray[np.float32]:
        """Flux so far, float32 (N,), `ONSETS_A_SECOND` from media time 0, mean rise a frequency bin; 0 left out."""
        return self._flux.array()

    def _skip_to(self, count: int) -> None:
        if self._ends is not None:
            self.finish()
        self._flux.extend(np.zeros(max(0, count - len(self._flux)), np.float32))
        self._pending = np.zeros(WINDOW // 2, np.float32)
        self._last = None

    def _measure(self) -> None:
        count = (len(self._pending) - WINDOW) // HOP + 1
        if count <= 0:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._pending, WINDOW)[::HOP][:count]
        for start in range(0, count, BLOCK):
            self._flux.extend(self._rises(frames[start : start + BLOCK]))
        self._pending = self._pending[count * HOP :].copy()

    def _rises(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        magnitude = np.abs(np.fft.rfft(frames * self._shape, axis=1)).astype(np.float32) * (2 / WINDOW)
        level = np.log1p(COMPRESSION * magnitude)
        before = level[:1] if self._last is None else self._last[np.newaxis]
        rise = np.diff(level, axis=0, prepend=before)
        self._last = level[-1]
        return np.asarray(np.maximum(rise, 0).mean(axis=1), np.float32)
