"""A score over time, with the name of what produced it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.windows import WindowGrid

TYPICAL = 1.0
"""Robust deviations above the median at which a level is one half: an ordinary window gets 0.27, a rare one 0.9."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCurve:
    """One score per window of `grid`, float32 (N,) in [0, 1].

    `name` is for programs, `title` for people, `source` what produced it (`signals only`, a model's name).
    `measured` are the values behind it in `unit`, where there are any; `weight` its share when fused. In windows that
    the grid does not know both are 0.
    """

    name: str
    title: str
    source: str
    grid: WindowGrid
    values: NDArray[np.float32] = field(repr=False)
    weight: float = 1.0
    unit: str = ""
    measured: NDArray[np.float32] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a curve off its grid or off the scale."""
        if self.values.shape != (len(self.grid),):
            raise ValueError(f"curve {self.name!r} has {self.values.shape} values for {len(self.grid)} windows")
        if not bool(np.all((self.values >= 0) & (self.values <= 1))):
            raise ValueError(f"curve {self.name!r} leaves the range 0 to 1")

    def level(self, start: float, end: float) -> float:
        """Mean between two media times in seconds."""
        return float(self.values[self.grid.seen(start, end)].mean())

    def strongest(self, start: float, end: float) -> float:
        """Media time in seconds of the highest window between two media times; the first of equals."""
        span = self.grid.seen(start, end)
        return float(self.grid.centers[span][int(np.argmax(self.values[span]))])

    @property
    def usual(self) -> float:
        """The median of the measured values, in `unit`; of the levels where there are none."""
        values = self.values if self.measured is None else self.measured
        return float(np.median(values[self.grid.known]))


def robust_z(values: NDArray[np.float32], floor: float, known: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Robust deviations from the median (N,): (x - median) / max(1.4826 * MAD, `floor`).

    What is not `known` counts for nothing and deviates by 0.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993); 1.4826 makes the MAD of normal data its
    standard deviation.
    """
    exact = values.astype(np.float64)
    compared = exact if known is None or not known.any() else exact[known]
    center = np.median(compared)
    spread = 1.4826 * np.median(np.abs(compared - center))
    z = (exact - center) / max(float(spread), floor)
    return np.asarray(z if known is None else np.where(known, z, 0.0), np.float64)


def level_of(z: NDArray[np.float64]) -> NDArray[np.float32]:
    """Robust deviations to levels in [0, 1]: a logistic curve, one half at `TYPICAL`."""
    return np.asarray(1 / (1 + np.exp(np.clip(TYPICAL - z, -60, 60))), np.float32)


def combined_z(levels: list[NDArray[np.float64]], weights: list[float]) -> NDArray[np.float64]:
    """Several signals' deviations as one: sum(w z) / sqrt(sum(w^2)).

    Source: Stouffer's weighted method of combining z-scores.
    """
    total = sum((weight * z for weight, z in zip(weights, levels, strict=True)), np.zeros_like(levels[0]))
    return np.asarray(total / np.sqrt(sum(weight * weight for weight in weights)), np.float64)
