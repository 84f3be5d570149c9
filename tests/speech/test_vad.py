import builtins
import importlib.metadata
import importlib.util
import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from circletake.errors import ModelError
from circletake.speech import vad
from circletake.speech.vad import SAMPLE_RATE, WINDOW, SpeechCurve, SpeechDetector, find_model, speech_spans
from circletake.timebase import RationalTime, TimeRange

RATE = Fraction(SAMPLE_RATE)
ZERO = RationalTime.zero(RATE)

Sound = NDArray[np.float32]

needs_model = pytest.mark.skipif(
    not importlib.util.find_spec("onnxruntime"), reason="onnxruntime comes with the extra cpu or cuda"
)


def chirps(seconds: float) -> Sound:
    """A voice-like buzz, on and off each second, in noise: enough to move the model's state about."""
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 2 * np.pi * 140 * at * (1 + 0.02 * np.sin(3 * at))
    buzz: NDArray[np.float64] = np.sum([np.sin(n * pitch) / n for n in range(1, 20)], axis=0)
    noise = np.random.default_rng(7).normal(0, 0.003, len(at))
    voice = 0.1 * buzz * (at % 2 < 1) * (1 + np.sin(2 * np.pi * 4 * at)) + noise
    return np.asarray(voice, np.float32)


def curve_of(levels: list[float], samples: int | None = None, start: RationalTime = ZERO) -> SpeechCurve:
    return SpeechCurve(np.array(levels, np.float32), start, len(levels) * WINDOW if samples is None else samples)


def windows(spans: tuple[TimeRange, ...]) -> list[tuple[float, float]]:
    """Spans in windows, for reading."""
    return [(s.start_time.value / WINDOW, s.end_time_exclusive.value / WINDOW) for s in spans]


def heard(sound: Sound, cuts: list[int]) -> SpeechCurve:
    detector = SpeechDetector()
    for block in np.split(sound, sorted(min(cut, len(sound)) for cut in cuts)):
        detector.feed(block)
    detector.finish()
    return detector.result()


@needs_model
def test_the_size_of_the_blocks_does_not_matter() -> None:
    sound = chirps(37.3)
    whole = heard(sound, [])
    assert whole.probabilities.shape == (-(-len(sound) // WINDOW),)
    assert np.ptp(whole.probabilities) > 0.1
    rng = np.random.default_rng(3)
    for cuts in ([1], [WINDOW * 512], [WINDOW * 512 + 1], rng.integers(0, len(sound), 300).tolist()):
        np.testing.assert_allclose(heard(sound, cuts).probabilities, whole.probabilities, atol=1e-6)


@needs_model
def test_the_state_is_carried_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = chirps(6)
    whole = heard(sound, [])
    monkeypatch.setattr(vad, "BATCH", 3)
    np.testing.assert_allclose(heard(sound, []).probabilities, whole.probabilities, atol=1e-5)
    halves = np.concatenate([heard(half, []).probabilities for half in np.split(sound[: WINDOW * 180], 2)])
    assert np.abs(halves - whole.probabilities[:180]).max() > 1e-3


@needs_model
def test_the_last_window_is_filled_up_with_silence() -> None:
    sound = chirps(2)[: WINDOW * 30 + 100]
    padded = np.concatenate([sound, np.zeros(WINDOW - 100, np.float32)])
    short, full = heard(sound, []), heard(padded, [])
    np.testing.assert_array_equal(short.probabilities, full.probabilities)
    assert (short.samples, full.samples) == (len(sound), len(padded))
    assert short.range.duration == RationalTime(len(sound), RATE)


@needs_model
def test_before_the_end_the_curve_holds_the_batches_that_are_through() -> None:
    sound = chirps(20)
    detector = SpeechDetector()
    assert detector.result().samples == 0
    detector.feed(sound)
    early = detector.result()
    assert early.samples == vad.BATCH * WINDOW
    detector.finish()
    assert detector.result().samples == len(sound)
    np.testing.assert_array_equal(early.probabilities, detector.result().probabilities[: vad.BATCH])


@needs_model
def test_nothing_heard_is_an_empty_curve() -> None:
    curve = heard(np.zeros(0, np.float32), [])
    assert curve.probabilities.shape == (0,)
    assert speech_spans(curve) == ()


@needs_model
def test_one_sample_that_is_not_a_number_does_not_spoil_what_follows() -> None:
    sound = chirps(4)
    clean = heard(sound, []).probabilities
    sound[[100, 5000, 9000]] = np.nan, np.inf, -np.inf
    spoilt = heard(sound, []).probabilities
    assert np.isfinite(spoilt).all()
    assert np.abs(spoilt - clean).max() < 0.3
    assert np.isnan(sound[100]), "the caller's block is not changed"


@needs_model
def test_it_is_an_audio_consumer_and_the_first_block_says_where_the_curve_starts() -> None:
    detector = SpeechDetector()
    assert detector.sample_rate == 16000
    detector.audio(np.zeros(0, np.float32), 9.0)
    detector.audio(np.zeros(1000, np.float32), 0.5)
    detector.audio(np.zeros(1000, np.float32), 0.5625)
    detector.finish()
    detector.finish()
    curve = detector.result()
    assert curve.start == RationalTime(8000, RATE)
    assert curve.samples == 2000
    assert curve.hop.seconds == Fraction(512, 16000)


@needs_model
def test_what_is_no_mono_float_sound_is_refused_and_so_is_sound_after_the_end() -> None:
    detector = SpeechDetector()
    for wrong in (np.zeros(4), np.zeros((2, 4), np.float32), np.zeros(4, np.int16)):
        with pytest.raises(ValueError, match="float32"):
            detector.feed(wrong)  # type: ignore[arg-type]  # on purpose
    detector.finish()
    with pytest.raises(ValueError, match="finished"):
        detector.feed(np.zeros(4, np.float32))


@needs_model
def test_hours_of_sound_take_a_megabyte() -> None:
    detector = SpeechDetector()
    block = np.zeros(16 * WINDOW, np.float32)
    for _ in range(70):
        detector.feed(block)
    held = [each for each in vars(detector).values() if isinstance(each, np.ndarray)]
    assert sum(each.nbytes for each in held) < 1_100_000


@needs_model
def test_finding_and_running_the_model_imports_neither_torch_nor_its_package() -> None:
    code = (
        "import sys, numpy as np\n"
        "from circletake.speech.vad import SpeechDetector\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "d = SpeechDetector(); d.feed(np.zeros(9000, np.float32)); d.finish()\n"
        "assert not {'torch', 'silero_vad'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_distribution_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", none)
    with pytest.raises(ModelError) as caught:
        find_model()
    assert "pip install silero-vad" in caught.value.hint


def test_a_distribution_without_the_sequence_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vad, "MODEL_FILE", "silero_vad/data/none.onnx")
    with pytest.raises(ModelError, match="no sequence model") as caught:
        find_model()
    assert caught.value.path is not None
    assert caught.value.path.name == "none.onnx"


def test_without_the_runtime_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> ModuleType:
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModelError) as caught:
        SpeechDetector()
    assert "circletake[cpu]" in caught.value.hint


@needs_model
def test_a_damaged_model_and_another_model_are_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(find_model().read_bytes()[:5000])
    with pytest.raises(ModelError, match="cannot be opened") as caught:
        SpeechDetector(damaged)
    assert caught.value.path == damaged
    with pytest.raises(ModelError, match="another model"):
        SpeechDetector(find_model().with_name("silero_vad.onnx"))


def test_a_curve_whose_windows_and_samples_disagree_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fill"):
        curve_of([0.5, 0.5], samples=512)
    with pytest.raises(ValueError, match="float32"):
        SpeechCurve(np.zeros(2), ZERO, 1024)  # type: ignore[arg-type]  # on purpose


PAD = 480 / WINDOW


def test_speech_starts_at_the_threshold_and_stops_where_it_fell_below_the_lower_one() -> None:
    levels = [0.0] * 5 + [0.5] * 10 + [0.4] * 3 + [0.3] * 6
    assert windows(speech_spans(curve_of(levels))) == [(5 - PAD, 18 + PAD)]


def test_a_short_dip_does_not_part_speech_and_a_longer_one_does() -> None:
    for dip, count in ((3, 1), (4, 1), (5, 2)):
        levels = [0.9] * 12 + [0.1] * dip + [0.9] * 12
        assert len(speech_spans(curve_of(levels))) == count, dip


def test_a_dip_that_wavers_below_the_threshold_is_timed_from_its_first_window() -> None:
    levels = [0.9] * 12 + [0.1, 0.45, 0.45, 0.45, 0.1] + [0.9] * 12
    assert windows(speech_spans(curve_of(levels), pad=0)) == [(0, 12), (17, 29)]


def test_what_is_too_short_is_no_speech() -> None:
    assert speech_spans(curve_of([0.0] * 9 + [0.9] * 7 + [0.0] * 9)) == ()
    assert len(speech_spans(curve_of([0.0] * 9 + [0.9] * 8 + [0.0] * 9))) == 1


def test_speech_up_to_the_end_ends_with_the_last_sample_heard() -> None:
    spans = speech_spans(curve_of([0.0] * 4 + [0.9] * 10, samples=14 * WINDOW - 300))
    assert spans[0].end_time_exclusive == RationalTime(14 * WINDOW - 300, RATE)


def test_neighbours_share_a_silence_too_short_for_both_pads() -> None:
    levels = [0.9] * 12 + [0.1] * 5 + [0.9] * 12
    assert windows(speech_spans(curve_of(levels), pad=Fraction(1, 2))) == [(0, 14.5), (14.5, 29)]


def test_spans_are_in_media_time_exactly() -> None:
    start = RationalTime(1001, Fraction(30000))
    span = speech_spans(curve_of([0.9] * 20, start=start))[0]
    assert span.start_time == start
    assert span.end_time_exclusive.seconds == Fraction(1001, 30000) + Fraction(20 * 512, 16000)


def test_thresholds_the_wrong_way_round_and_negative_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot stop above"):
        speech_spans(curve_of([0.1]), threshold=0.3)
    with pytest.raises(ValueError, match="negative"):
        speech_spans(curve_of([0.1]), pad=-1)


LEVELS = hnp.arrays(np.float32, st.integers(0, 120), elements=st.sampled_from([0, 0.125, 0.4375, 0.5, 0.875, 1]))


@given(levels=LEVELS, missing=st.integers(0, 511), pad=st.sampled_from([0, 0.03, 0.2]))
def test_spans_are_in_order_and_inside_the_sound(levels: Sound, missing: int, pad: float) -> None:
    curve = SpeechCurve(levels, ZERO, max(0, len(levels) * WINDOW - missing))
    spans = speech_spans(curve, pad=pad)
    for span in spans:
        assert curve.range.covers(span)
        assert span.duration.seconds > vad.MIN_SPEECH
        first = -(-span.start_time.value // WINDOW)
        assert (levels[first : span.end_time_exclusive.value // WINDOW] >= 0.5).any()
    for before, after in itertools.pairwise(spans):
        assert before.end_time_exclusive <= after.start_time


@needs_model
def test_real_speech_is_found_where_the_official_code_finds_it(shared: Path) -> None:
    stored = pytest.importorskip("safetensors.numpy").load_file(
        shared / "golden" / "models" / "silero_vad" / "io.safetensors"
    )
    sound = stored["audio_i16_16k"].astype(np.float32) / 32768
    curve = heard(sound, list(range(0, len(sound), 4321)))
    np.testing.assert_allclose(curve.probabilities, stored["probs_onnx"], atol=1e-4)
    found = [(s.start_time.value, s.end_time_exclusive.value) for s in speech_spans(curve)]
    np.testing.assert_allclose(found, stored["speech_ts_samples"], atol=WINDOW)
