"""Measurements that grow while a sweep runs: one typed column each, four or eight bytes a value."""

from __future__ import annotations

from array import array
from typing import Literal

import numpy as np
from numpy.typing import NDArray


class Column:
    """An append-only row of numbers that becomes a numpy array."""

    def __init__(self, kind: Literal["f", "d"] = "f") -> None:
        """`kind` is `f` for float32 or `d` for float64."""
        self._values = array(kind)
        self._dtype = np.float32 if kind == "f" else np.float64

    def append(self, value: float) -> None:
        """Add one number."""
        self._values.append(value)

    def extend(self, values: NDArray[np.float32]) -> None:
        """Add many numbers."""
        self._values.frombytes(np.ascontiguousarray(values, self._dtype).tobytes())

    def __len__(self) -> int:
        return len(self._values)

    def array(self) -> NDArray[np.float32]:
        """A float32 copy of what is there so far (N,)."""
        return np.array(self._values, np.float32)

    def array64(self) -> NDArray[np.float64]:
        """A float64 copy of what is there so far (N,)."""
        return np.array(self._values, np.float64)
