"""The table behind the score: weights, floors and phrases, each with its reason, read from the resources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class SignalSpec:
    """One measured signal: its words, its noise `floor` in `unit`, its `weight` in the score and why."""

    name: str
    title: str
    unit: str
    weight: float
    floor: float
    phrase: str
    reason: str


@dataclass(frozen=True, slots=True)
class SegmentWeights:
    """Shares of a stretch's mean, its peak and its first `hook_seconds` in its score; they sum to 1."""

    mean: float
    peak: float
    hook: float
    hook_seconds: float


@dataclass(frozen=True, slots=True)
class SignalTable:
    """The whole table; `revision` is part of every result's key."""

    revision: int
    signals: tuple[SignalSpec, ...]
    segment: SegmentWeights

    def signal(self, name: str) -> SignalSpec | None:
        """The signal of that name, or None for a curve a model made."""
        return next((signal for signal in self.signals if signal.name == name), None)


@cache
def signal_table() -> SignalTable:
    """The table the product ships."""
    data = tomllib.loads(files("circletake_resources").joinpath("signals.toml").read_text("utf-8"))
    segment = data["segment"]
    weights = SegmentWeights(
        segment["mean"]["weight"],
        segment["peak"]["weight"],
        segment["hook"]["weight"],
        segment["hook"]["seconds"],
    )
    return SignalTable(data["revision"], tuple(SignalSpec(**row) for row in data["signal"]), weights)
