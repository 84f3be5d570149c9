import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

safetensors = pytest.importorskip("safetensors.numpy")
pytest.importorskip("onnxruntime")

CHECK = Path(__file__).with_name("check.py")

Tensors = dict[str, NDArray[Any]]


def check(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the printed line, and what went to stderr."""
    done = subprocess.run([sys.executable, str(CHECK), *arguments], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert len(lines) == (1 if done.returncode < 2 else 0), done
    return done.returncode, json.loads(lines[0]) if lines else {}, done.stderr


@pytest.fixture
def golden(shared: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    source = shared / "golden" / "models" / "silero_vad"
    if not source.is_dir():
        pytest.skip(f"{source} is not there")
    return Path(shutil.copytree(source, tmp_path / "silero_vad"))


def spoil(folder: Path, change: Callable[[Tensors], object]) -> None:
    tensors = {name: tensor.copy() for name, tensor in safetensors.load_file(folder / "io.safetensors").items()}
    change(tensors)
    safetensors.save_file(tensors, folder / "io.safetensors")


def configure(folder: Path, changes: Mapping[str, object]) -> None:
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


def test_the_golden_folder_passes(golden: Path) -> None:
    status, line, _ = check("silero_vad", str(golden))
    assert status == 0
    assert line["within"] is True
    assert set(line["outputs"]) == {"probs_jit", "probs_onnx", "speech_ts_samples"}
    assert line["outputs"]["probs_jit"]["difference"] < 1e-4


@pytest.mark.parametrize(("name", "by"), [("probs_onnx", 3e-4), ("probs_jit", -3e-4), ("speech_ts_samples", 700)])
def test_one_stored_number_further_off_than_the_tolerance_fails(golden: Path, name: str, by: float) -> None:
    def nudge(tensors: Tensors) -> None:
        tensors[name].reshape(-1)[3] += np.array(by).astype(tensors[name].dtype)

    spoil(golden, nudge)
    status, line, _ = check("silero_vad", str(golden))
    assert status == 1
    assert [key for key, each in line["outputs"].items() if not each["within"]] == [name]
    assert line["outputs"][name]["difference"] == pytest.approx(abs(by), rel=0.02)


def test_another_recording_fails(golden: Path) -> None:
    spoil(golden, lambda tensors: tensors.update(audio_i16_16k=tensors["audio_i16_16k"][::-1].copy()))
    status, line, _ = check("silero_vad", str(golden))
    assert status == 1
    assert not line["within"]


def test_another_length_fails_and_says_so(golden: Path) -> None:
    spoil(golden, lambda tensors: tensors.update(probs_onnx=tensors["probs_onnx"][:-1].copy()))
    status, line, _ = check("silero_vad", str(golden))
    assert status == 1
    assert line["outputs"]["probs_onnx"]["difference"] is None
    assert "593" in line["outputs"]["probs_onnx"]["problem"]


def test_a_stored_nan_fails(golden: Path) -> None:
    def spoil_one(tensors: Tensors) -> None:
        tensors["probs_onnx"][0] = np.nan

    spoil(golden, spoil_one)
    status, line, _ = check("silero_vad", str(golden))
    assert status == 1
    assert "finite" in line["outputs"]["probs_onnx"]["problem"]


def test_thresholds_come_from_the_config(golden: Path) -> None:
    configure(golden, {"threshold": 0.99, "neg_threshold": 0.9})
    status, line, _ = check("silero_vad", str(golden))
    assert status == 1
    assert [key for key, each in line["outputs"].items() if not each["within"]] == ["speech_ts_samples"]


def test_a_folder_with_one_output_only_and_sound_in_floats_is_enough(golden: Path) -> None:
    def reduce(tensors: Tensors) -> None:
        sound = tensors.pop("audio_i16_16k").astype(np.float32) / 32768
        curve = tensors["probs_onnx"]
        tensors.clear()
        tensors.update(audio_f32_16k=sound, probs_onnx=curve)

    spoil(golden, reduce)
    status, line, _ = check("silero_vad", str(golden))
    assert status == 0
    assert list(line["outputs"]) == ["probs_onnx"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"threshold": None}, "no number 'threshold'"),
        ({"window": None}, "no number 'window'"),
        ({"sampling_rate": 8000}, "sampling_rate 8000"),
        ({"context": 32}, "context 32"),
    ],
)
def test_a_config_that_cannot_be_checked_is_a_usage_error(
    golden: Path, changes: Mapping[str, object], says: str
) -> None:
    configure(golden, changes)
    status, _, stderr = check("silero_vad", str(golden))
    assert status == 2
    assert says in stderr
    assert "Traceback" not in stderr


def test_a_folder_without_a_recording_or_without_outputs_is_a_usage_error(golden: Path) -> None:
    spoil(golden, lambda tensors: tensors.pop("audio_i16_16k"))
    assert check("silero_vad", str(golden))[0] == 2
    spoil(golden, lambda tensors: [tensors.pop(name) for name in list(tensors)])
    status, _, stderr = check("silero_vad", str(golden))
    assert status == 2
    assert "none of the outputs" in stderr


def test_a_folder_of_another_layout_is_a_usage_error(tmp_path: Path) -> None:
    status, _, stderr = check("silero_vad", str(tmp_path))
    assert status == 2
    assert "config.json is missing" in stderr
    (tmp_path / "config.json").write_text("{")
    (tmp_path / "io.safetensors").write_bytes(b"none")
    assert check("silero_vad", str(tmp_path))[0] == 2
    (tmp_path / "config.json").write_text("[]")
    status, _, stderr = check("silero_vad", str(tmp_path))
    assert status == 2
    assert "Traceback" not in stderr


def test_a_call_without_sense_is_a_usage_error() -> None:
    for arguments in ((), ("silero_vad",), ("unknown", "."), ("silero_vad", ".", "more")):
        status, _, stderr = check(*arguments)
        assert status == 2
        assert "check.py" in stderr
