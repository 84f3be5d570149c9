"""Data the product ships: the sample clip and the truth about it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any


def sample_clip() -> Path:
    """The bundled clip: 42 s of drawn scenes, 640x360 at 30 frames a second, H.264 and AAC in MP4.

    A file of the installed package; never write to it.
    """
    return Path(str(files(__name__) / "sample.mp4"))


def sample_truth() -> dict[str, Any]:
    """What the clip holds, from the table it was drawn from.

    Frame ranges are `[start, end)`: `scenes`, `cuts` (first frames), `still`, `silence`, `strong_motion`, `loud`,
    `music`, `fade_out`. `speech` is a list of sentences with their seconds and words. `frame_code` says where each
    picture carries its own number.
    """
    truth: dict[str, Any] = json.loads((files(__name__) / "sample_truth.json").read_text(encoding="utf-8"))
    return truth
