"""What this machine has and lacks, with a remedy for each lack. Imports nothing heavy: torch is only looked for."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import av

from circletake import __version__
from circletake.errors import CircletakeError, SettingsError
from circletake.paths import cache_folder, config_folder, free_bytes, state_folder
from circletake.settings import load_settings, settings_path
from circletake.speech.vad import SpeechDetector

LOW_SPACE = 5 * 2**30
"""Bytes free below which an export may not fit."""


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was `found`, and where it is not fine, the `remedy`."""

    name: str
    health: Health
    found: str
    remedy: str = ""


def examine() -> tuple[Check, ...]:
    """Look at everything."""
    return tuple(check() for check in CHECKS)


def _program() -> Check:
    return Check("Circletake", Health.OK, f"{__version__} on Python {platform.python_version()}, {platform.platform()}")


def _pyside() -> Check:
    version = _version("PySide6-Essentials")
    if version is None:
        remedy = 'For the window: pip install "circletake[gui]"'
        return Check("Window toolkit", Health.NOTE, "PySide6 is not installed", remedy)
    # 6.12.0 takes a reference off None at each call, which Python before 3.12 does not survive.
    if sys.version_info < (3, 12) and tuple(map(int, version.split(".")[:2])) >= (6, 12):
        remedy = 'pip install "PySide6-Essentials>=6.11,<6.12" "PySide6-Addons>=6.11,<6.12" in a new environment'
        return Check("Window toolkit", Health.FAULT, f"PySide6 {version} ends this Python after some calls", remedy)
    return Check("Window toolkit", Health.OK, f"PySide6 {version}")


def _screen() -> Check:
    if sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return Check("Screen", Health.OK, os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "there")
    remedy = "The terminal commands need none; for the window, start a desktop or set DISPLAY."
    return Check("Screen", Health.NOTE, "none", remedy)


def _codecs() -> Check:
    lacking = [name for name in ("libx264", "libx265", "aac") if not _can_encode(name)]
    ffmpeg = ".".join(str(part) for part in av.library_versions["libavcodec"])
    if lacking:
        remedy = "Install PyAV from its wheels: pip install --force-reinstall av"
        return Check("Media", Health.FAULT, f"PyAV {av.__version__} lacks the encoders {', '.join(lacking)}", remedy)
    return Check("Media", Health.OK, f"PyAV {av.__version__} with libavcodec {ffmpeg}; H.264, HEVC and AAC encoders")


def _can_encode(name: str) -> bool:
    try:
        av.Codec(name, "w")
    except ValueError:
        return False
    return True


def _speech() -> Check:
    try:
        SpeechDetector()
    except CircletakeError as error:
        return Check("Speech model", Health.FAULT, str(error), error.hint)
    return Check("Speech model", Health.OK, f"Silero {_version('silero-vad')} on onnxruntime {_runtime()}")


def _runtime() -> str:
    names = [name for name in ("onnxruntime", "onnxruntime-gpu") if _version(name)]
    return " and ".join(f"{name} {_version(name)}" for name in names)


def _runtimes() -> Check:
    both = _version("onnxruntime") and _version("onnxruntime-gpu")
    if both:
        remedy = "Uninstall both, then install one: they share the import name onnxruntime."
        return Check("ONNX runtimes", Health.FAULT, _runtime(), remedy)
    return Check(
        "ONNX runtimes",
        Health.OK if _runtime() else Health.FAULT,
        _runtime() or "none",
        "" if _runtime() else 'pip install "circletake[cpu]"',
    )


def _accelerator() -> Check:
    driver = shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()
    torch = _version("torch") if importlib.util.find_spec("torch") else None
    found = f"{'NVIDIA driver' if driver else 'no NVIDIA driver'}, {f'torch {torch}' if torch else 'no torch'}"
    return Check(
        "Accelerator",
        Health.OK if driver else Health.NOTE,
        found,
        "" if driver else "The signals need none; models will run on the CPU.",
    )


def _folders() -> Check:
    places = (config_folder(), cache_folder(), state_folder())
    refused = [place for place in places if not os.access(_existing(place), os.W_OK)]
    if refused:
        remedy = "Change the rights, or set CIRCLETAKE_CONFIG_DIR, CIRCLETAKE_CACHE_DIR or CIRCLETAKE_STATE_DIR."
        return Check("Folders", Health.FAULT, f"cannot write to {refused[0]}", remedy)
    return Check("Folders", Health.OK, ", ".join(str(place) for place in dict.fromkeys(places)))


def _existing(place: Path) -> Path:
    return next(each for each in (place, *place.absolute().parents) if each.exists())


def _settings() -> Check:
    try:
        load_settings()
    except SettingsError as error:
        return Check("Settings", Health.FAULT, str(error), error.hint)
    return Check("Settings", Health.OK, str(settings_path()))


def _room() -> Check:
    free = free_bytes(cache_folder())
    low = free < LOW_SPACE
    return Check(
        "Room",
        Health.NOTE if low else Health.OK,
        f"{free / 1e9:.1f} GB free",
        "Make room before exporting long clips." if low else "",
    )


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


CHECKS: tuple[Callable[[], Check], ...] = (
    _program,
    _codecs,
    _speech,
    _runtimes,
    _accelerator,
    _pyside,
    _screen,
    _folders,
    _settings,
    _room,
)
