"""The outline of the sound: lowest and highest sample of every hundredth of a second."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circletake.media.sweep import SAMPLE_RATE

PEAKS_A_SECOND = 100
SAMPLES_A_PEAK = SAMPLE_RATE // PEAKS_A_SECOND


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """`low` and `high` int8 (N,), -127 to 127 of full scale, `PEAKS_A_SECOND` of them from media time 0.

    What was left out is 0.
    """

    low: NDArray[np.int8] = field(repr=False)
    high: NDArray[np.int8] = field(repr=False)

    @property
    def seconds(self) -> float:
        """Length covered."""
        return len(self.low) / PEAKS_A_SECOND


class WaveformMeter:
    """A sweep's consumer that draws the outline."""

    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        """Start with nothing heard."""
        self._low, self._high = bytearray(), bytearray()
        self._rest = np.empty(0, np.float32)

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        """Take the next block; what was left out before it is flat."""
        left_out = round(start_seconds * PEAKS_A_SECOND) - len(self._low) - len(self._rest) // SAMPLES_A_PEAK
        if left_out > 1:
            self.finish()
            flat = bytes(round(start_seconds * PEAKS_A_SECOND) - len(self._low))
            self._low += flat
            self._high += flat
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // SAMPLES_A_PEAK * SAMPLES_A_PEAK
        self._outline(joined[:whole].reshape(-1, SAMPLES_A_PEAK))
        self._rest = joined[whole:]

    def finish(self) -> None:
        """Take the last, shorter peak too."""
        if len(self._rest):
            self._outline(self._rest.reshape(1, -1))
            self._rest = np.empty(0, np.float32)

    def _outline(self, rows: NDArray[np.float32]) -> None:
        if len(rows):
            self._low += _to_int8(rows.min(axis=1)).tobytes()
            self._high += _to_int8(rows.max(axis=1)).tobytes()

    def result(self) -> Waveform:
        """The outline so far."""
        return Waveform(np.frombuffer(bytes(self._low), np.int8), np.frombuffer(bytes(self._high), np.int8))


def _to_int8(values: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.clip(np.rint(np.nan_to_num(values) * 127), -127, 127).astype(np.int8)
