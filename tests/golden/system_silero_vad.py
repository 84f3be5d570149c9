"""Silero's voice activity model: probabilities window by window, and the spans they mean."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circletake.speech.vad import CONTEXT, SAMPLE_RATE, WINDOW, SpeechDetector, speech_spans

PROBABILITIES = ("probs_onnx", "probs_jit")
SPANS = "speech_ts_samples"

PROBABILITY_TOLERANCE = 1e-4
"""Source: golden/models/README.md; the two official forms of the model are 2e-6 apart."""


def tolerances(config: Mapping[str, Any]) -> dict[str, float]:
    """Probabilities within 1e-4, ends of spans within one window."""
    return {**dict.fromkeys(PROBABILITIES, PROBABILITY_TOLERANCE), SPANS: float(wanted(config, "window"))}


def run(config: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The curve and the spans of the one stored recording."""
    refuse_other_models(config)
    detector = SpeechDetector()
    detector.feed(recording(tensors))
    detector.finish()
    spans = speech_spans(
        detector.result(),
        threshold=wanted(config, "threshold"),
        neg_threshold=wanted(config, "neg_threshold"),
        min_speech=Fraction(wanted(config, "min_speech_duration_ms")) / 1000,
        min_silence=Fraction(wanted(config, "min_silence_duration_ms")) / 1000,
        pad=Fraction(wanted(config, "speech_pad_ms")) / 1000,
    )
    rate = Fraction(SAMPLE_RATE)
    ends = [[time.rescaled_to(rate).value for time in (s.start_time, s.end_time_exclusive)] for s in spans]
    curve = detector.result().probabilities
    return {**dict.fromkeys(PROBABILITIES, curve), SPANS: np.array(ends, np.int64).reshape(-1, 2)}


def wanted(config: Mapping[str, Any], key: str) -> Any:
    """A number from the config."""
    numbers = {name: value for name, value in config.items() if type(value) in (int, float)}
    if key not in numbers:
        raise LookupError(f"config.json has no number {key!r}")
    return numbers[key]


def refuse_other_models(config: Mapping[str, Any]) -> None:
    """The sequence model has one rate and one window; a folder made with others cannot be checked with it."""
    ours = {"sampling_rate": SAMPLE_RATE, "window": WINDOW, "context": CONTEXT}
    for key, value in ours.items():
        if wanted(config, key) != value:
            raise LookupError(f"config.json has {key} {config[key]}, and the model takes {value}")


def recording(tensors: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """The stored sound, as float32 in -1..1; whole numbers are scaled by the range of their type."""
    found = [tensor for name, tensor in tensors.items() if name.startswith("audio")]
    if len(found) != 1 or found[0].ndim != 1:
        raise LookupError("io.safetensors must hold one recording, a tensor audio... of one dimension")
    sound = found[0]
    scale = -float(np.iinfo(sound.dtype).min) if np.issubdtype(sound.dtype, np.signedinteger) else 1.0
    return (sound / scale).astype(np.float32)
