"""Where somebody speaks: Silero's voice activity model, fed block by block, and the spans its curve means.

The model's file is found inside the `silero-vad` distribution without importing that package, which would import
torch. One thread inside: on windows this small two only wait for each other.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from circletake.errors import ModelError
from circletake.timebase import RationalTime, TimeRange, round_fraction

SAMPLE_RATE = 16_000
"""Samples a second the model hears."""

WINDOW = 512
"""New samples a probability stands for: 32 ms. Source: silero-vad 6.2, the model's input."""

CONTEXT = 64
"""Samples of the window before that the model sees again. Source: silero-vad 6.2, the model's input."""

STATE_SHAPE = (1, 1, 128)
"""The recurrent state carried from window to window. Source: silero-vad 6.2, the model's inputs `h` and `c`."""

BATCH = 512
"""Windows given to the model in one call: 16 s of sound, 1 MB; more is no faster."""

MODEL_FILE = "silero_vad/data/silero_vad_16k_sequence.onnx"

THRESHOLD = 0.5
NEG_THRESHOLD = 0.35
MIN_SPEECH = Fraction(250, 1000)
MIN_SILENCE = Fraction(100, 1000)
PAD = Fraction(30, 1000)
"""When speech starts, when it may stop, and in seconds: what is too short to be speech or silence, and what is added
at both ends. Source: the defaults of `get_speech_timestamps`, silero-vad 6.2."""

_RATE = Fraction(SAMPLE_RATE)
_REINSTALL = "Install it again: pip install --force-reinstall --no-deps silero-vad"


@dataclass(frozen=True, slots=True, eq=False)
class SpeechCurve:
    """How likely somebody speaks, window by window.

    `probabilities` is float32 (N,) in [0, 1]; window i covers `start` + i * `hop`. `samples` is how many samples at
    16 kHz were heard: the last window may be only partly filled. `start` is in media time.
    """

    probabilities: NDArray[np.float32] = field(repr=False)
    start: RationalTime
    samples: int

    def __post_init__(self) -> None:
        """Refuse a curve whose windows and samples do not match."""
        if self.probabilities.ndim != 1 or self.probabilities.dtype != np.float32:
            shape = f"{self.probabilities.dtype} {self.probabilities.shape}"
            raise ValueError(f"a speech curve is float32 (N,), not {shape}")
        if len(self.probabilities) != -(-self.samples // WINDOW):
            raise ValueError(f"{self.samples} samples do not fill {len(self.probabilities)} windows of {WINDOW}")

    @property
    def hop(self) -> RationalTime:
        """Exact time from window to window: 512/16000 s."""
        return RationalTime(WINDOW, _RATE)

    @property
    def range(self) -> TimeRange:
        """All that was heard, in media time."""
        return TimeRange(self.start, RationalTime(self.samples, _RATE))


class _Port(Protocol):
    """An input or output of a model."""

    name: str
    shape: Sequence[int | str]


class _Session(Protocol):
    """The part of onnxruntime's session used here; the runtime ships no types."""

    def run(self, outputs: Sequence[str], inputs: dict[str, Any]) -> list[Any]: ...
    def get_inputs(self) -> list[_Port]: ...
    def get_outputs(self) -> list[_Port]: ...


def find_model() -> Path:
    """Silero's sequence model on this machine.

    Raises:
        ModelError: the distribution or its file is not there.
    """
    try:
        distribution = importlib.metadata.distribution("silero-vad")
    except importlib.metadata.PackageNotFoundError as error:
        hint = "Install it: pip install silero-vad"
        raise ModelError("The speech model silero-vad is not installed.", hint=hint) from error
    path = Path(str(distribution.locate_file(MODEL_FILE)))
    if not path.is_file():
        message = f"silero-vad {distribution.version} has no sequence model."
        raise ModelError(message, hint="Install version 6.2 or newer: pip install -U silero-vad", path=path)
    return path


def _open_session(path: Path) -> _Session:
    try:
        # Lazy: sweeps without sound never load it.
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as error:
        hint = 'Install it: pip install "circletake[cpu]"'
        raise ModelError("The runtime onnxruntime is not installed.", hint=hint) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors: its warnings are about unused constants in the file
    try:
        session: _Session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own errors share no other root
        message = "The speech model cannot be opened."
        raise ModelError(message, hint=_REINSTALL, path=path, details=str(error)) from error
    _check_ports(session, path)
    return session


def _check_ports(session: _Session, path: Path) -> None:
    """Refuse a model that is not the sequence form: the other five files in the package look alike."""
    takes = {port.name: port.shape[-1] if port.shape else None for port in session.get_inputs()}
    gives = {port.name for port in session.get_outputs()}
    wanted = {"input": CONTEXT + WINDOW, "h": STATE_SHAPE[-1], "c": STATE_SHAPE[-1]}
    if takes != wanted or not {"speech_probs", "hn", "cn"} <= gives:
        message = f"This is another model: it takes {takes}, not {wanted}."
        raise ModelError(message, hint=_REINSTALL, path=path)


class SpeechDetector:
    """Hears a sound track once, in blocks of any size, and keeps only the curve: an audio consumer of the sweep.

    Memory is bounded by one batch (1 MB) and 4 bytes for each 32 ms heard.
    """

    sample_rate: int = SAMPLE_RATE

    def __init__(self, model: Path | None = None) -> None:
        """`model` is a sequence model's file; the installed one when left out.

        Raises:
            ModelError: the model or its runtime is missing or of another kind; the hint says what to install.
        """
        self._session = _open_session(find_model() if model is None else model)
        self._start = RationalTime.zero(_RATE)
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)
        # The context stands before the new samples, so that every window of 576 is a view.
        self._buffer = np.zeros(CONTEXT + BATCH * WINDOW, np.float32)
        self._filled = 0
        self._samples = 0
        self._found: list[NDArray[np.float32]] = []
        self._curve: SpeechCurve | None = None

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        """Hear the next block, float32 (n,); the first one says where in media time the curve starts.

        Where something was left out before a block nobody speaks, and the model hears on as in a film's beginning.
        """
        begins = RationalTime.from_seconds(start_seconds, _RATE)
        if not self._samples:
            self._start = begins
        elif (left_out := begins.value - self._start.value - self._samples) > WINDOW:
            self._skip(left_out)
        self.feed(samples)

    def feed(self, samples: NDArray[np.float32]) -> None:
        """Hear the next block: mono at 16 kHz, float32 (n,) in -1..1. What is not a number counts as silence.

        Raises:
            ValueError: of another type or shape, or after the end.
        """
        if samples.ndim != 1 or samples.dtype != np.float32:
            raise ValueError(f"sound is float32 (n,), not {samples.dtype} {samples.shape}")
        if self._curve is not None:
            raise ValueError("the detector has finished; make a new one")
        self._samples += len(samples)
        room = BATCH * WINDOW
        while len(samples):
            taken = samples[: room - self._filled]
            begin = CONTEXT + self._filled
            # One NaN would stay in the recurrent state for the rest of the film.
            self._buffer[begin : begin + len(taken)] = np.where(np.isfinite(taken), taken, np.float32(0))
            self._filled += len(taken)
            samples = samples[len(taken) :]
            if self._filled == room:
                self._run(BATCH)

    def finish(self) -> None:
        """Hear what is left, filled up with silence to a whole window. A second call does nothing."""
        if self._curve is not None:
            return
        if self._filled:
            self._fill()
        probabilities = np.concatenate([np.zeros(0, np.float32), *self._found])
        self._curve = SpeechCurve(probabilities, self._start, self._samples)

    def result(self) -> SpeechCurve:
        """The curve of all that was heard; before `finish`, of the batches that are through."""
        if self._curve is not None:
            return self._curve
        probabilities = np.concatenate([np.zeros(0, np.float32), *self._found])
        return SpeechCurve(probabilities, self._start, len(probabilities) * WINDOW)

    def _fill(self) -> None:
        """Hear what is left, filled up with silence to a whole window."""
        windows = -(-self._filled // WINDOW)
        self._buffer[CONTEXT + self._filled : CONTEXT + windows * WINDOW] = 0
        self._run(windows)

    def _skip(self, samples: int) -> None:
        until = self._samples + samples
        if self._filled:
            self._fill()
        heard = sum(len(each) for each in self._found)
        self._found.append(np.zeros(until // WINDOW - heard, np.float32))
        self._samples = until // WINDOW * WINDOW
        self._hidden, self._cell = np.zeros(STATE_SHAPE, np.float32), np.zeros(STATE_SHAPE, np.float32)
        self._buffer[:CONTEXT] = 0

    def _run(self, windows: int) -> None:
        end = CONTEXT + windows * WINDOW
        views = np.lib.stride_tricks.sliding_window_view(self._buffer[:end], CONTEXT + WINDOW)[::WINDOW]
        inputs: dict[str, Any] = {"input": np.ascontiguousarray(views), "h": self._hidden, "c": self._cell}
        found, self._hidden, self._cell = self._session.run(["speech_probs", "hn", "cn"], inputs)
        self._found.append(np.asarray(found, np.float32).reshape(-1))
        self._buffer[:CONTEXT] = self._buffer[end - CONTEXT : end]
        self._filled = 0


def speech_spans(
    curve: SpeechCurve,
    *,
    threshold: float = THRESHOLD,
    neg_threshold: float = NEG_THRESHOLD,
    min_speech: float | Fraction = MIN_SPEECH,
    min_silence: float | Fraction = MIN_SILENCE,
    pad: float | Fraction = PAD,
) -> tuple[TimeRange, ...]:
    """Where somebody speaks, in media time, in order and without overlap.

    Speech starts with a window at `threshold` or above and stops where the curve fell below `neg_threshold` and was
    not back at `threshold` for `min_silence` seconds; what lasts `min_speech` or less is dropped; `pad` is added at
    both ends, or half the silence where two spans would meet. Source: `get_speech_timestamps`, silero-vad 6.2.

    Raises:
        ValueError: `neg_threshold` above `threshold`, or a negative length.
    """
    if neg_threshold > threshold:
        raise ValueError(f"speech cannot stop above where it starts: {neg_threshold} > {threshold}")
    if min(min_speech, min_silence, pad) < 0:
        raise ValueError("lengths are not negative")
    rough = _hysteresis(curve.probabilities, threshold, neg_threshold, Fraction(min_silence) * SAMPLE_RATE)
    ends = ((first, curve.samples if last is None else last) for first, last in rough)
    kept = [(first, last) for first, last in ends if last - first > Fraction(min_speech) * SAMPLE_RATE]
    padded = _padded(kept, round_fraction(Fraction(pad) * SAMPLE_RATE), curve.samples)
    return tuple(_range(curve.start, first, last) for first, last in padded)


def _hysteresis(
    probabilities: NDArray[np.float32], threshold: float, neg_threshold: float, min_silence: Fraction
) -> Iterator[tuple[int, int | None]]:
    """(first, end) samples of each stretch; the end is None where the sound ends before the stretch does.

    Only windows that are clearly speech or clearly not can change anything; those between are skipped.
    """
    exact = probabilities.astype(np.float64)  # 0.35 is not a float32
    speech = exact >= threshold
    clear = np.flatnonzero(speech | (exact < neg_threshold))
    first: int | None = None
    quiet: int | None = None
    for window, speaks in zip(clear.tolist(), speech[clear].tolist(), strict=True):
        sample = window * WINDOW
        if speaks:
            first, quiet = (sample if first is None else first), None
        elif first is not None:
            quiet = sample if quiet is None else quiet
            if sample - quiet >= min_silence:
                yield first, quiet
                first = quiet = None
    if first is not None:
        yield first, None


def _padded(spans: Sequence[tuple[int, int]], pad: int, samples: int) -> Iterator[tuple[int, int]]:
    """Each span longer by `pad` samples at both ends; neighbours share the silence where it is too short for both."""
    before = pad
    followings = [*(first for first, _ in spans[1:]), samples + 2 * pad]
    for (first, last), following in zip(spans, followings, strict=False):
        silence = following - last
        after = silence // 2 if silence < 2 * pad else pad
        yield max(0, first - before), min(samples, last + after)
        before = after


def _range(start: RationalTime, first: int, last: int) -> TimeRange:
    return TimeRange(start + RationalTime(first, _RATE), RationalTime(last - first, _RATE))
