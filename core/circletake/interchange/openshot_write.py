"""Writing OpenShot's projects, with what OpenShot itself writes for a clip, so that its menus find what they change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

import numpy as np

from circletake.interchange.colors import COLORS, nearest
from circletake.interchange.format import Delivery
from circletake.interchange.lanes import Lane, Part, lanes_of
from circletake.media.frames import MediaInfo
from circletake.timeline.model import Clip, Marker

Node = dict[str, Any]

LAYER_STEP = 1_000_000
"""Between the numbers of layers, as OpenShot leaves room for new ones."""

_LINEAR, _CONSTANT = 1, 2

_KEYFRAMES: Mapping[str, float] = MappingProxyType(
    {
        "alpha": 1.0,
        "channel_filter": -1.0,
        "channel_mapping": -1.0,
        "location_x": 0.0,
        "location_y": 0.0,
        "origin_x": 0.5,
        "origin_y": 0.5,
        "rotation": 0.0,
        "scale_x": 1.0,
        "scale_y": 1.0,
        "shear_x": 0.0,
        "shear_y": 0.0,
        "volume": 1.0,
    }
)
"""What runs along a clip, and where it stands in a plain one. Source: a clip as libopenshot 0.2.7 describes it."""

_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {"anchor": 0, "display": 0, "gravity": 4, "mixing": 0, "parentObjectId": "", "scale": 1, "waveform": False}
)

_COLORS = {name: COLORS[name] for name in ("blue", "green", "purple", "red", "yellow")}
"""The markers OpenShot has pictures of."""

_DEFAULT_SIZE = (1920, 1080)
_DEFAULT_SOUND = (48000, 2)
_STEREO = 3


def write(delivery: Delivery) -> bytes:
    """The project, in UTF-8; letters beyond ASCII stand as they are, which OpenShot needs in paths.

    A path that is no Unicode cannot be named in it, so that OpenShot asks for the file.
    """
    timeline = delivery.timeline
    lanes = lanes_of(timeline)
    writer = _Writer(delivery)
    width, height = writer.size
    clips = [writer.clip(part, number) for number, lane in enumerate(lanes, 1) for part in lane.parts]
    project = {
        "id": "CIRCLETAKE",
        "fps": _fraction(timeline.rate),
        "display_ratio": _fraction(Fraction(width, height)),
        "pixel_ratio": _fraction(Fraction(1)),
        "width": width,
        "height": height,
        "sample_rate": _DEFAULT_SOUND[0],
        "channels": _DEFAULT_SOUND[1],
        "channel_layout": _STEREO,
        "settings": {},
        "clips": [{**clip, "id": f"CLIP{number:06d}"} for number, clip in enumerate(clips, 1)],
        "effects": [],
        "files": list(writer.files()),
        "duration": max(300.0, float(timeline.duration.seconds) + 60),
        "scale": 15.0,
        "tick_pixels": 100,
        "playhead_position": 0,
        "profile": _profile(width, height, timeline.rate),
        "layers": list(_layers(lanes)),
        "markers": [_marker(marker, number) for number, marker in enumerate(timeline.markers, 1)],
        "progress": [],
        "export_path": "",
        "import_path": "",
        "history": {"undo": [], "redo": []},
        "version": {"openshot-qt": "2.6.1", "libopenshot": "0.2.7"},
    }
    return json.dumps(project, ensure_ascii=False).encode(errors="replace") + b"\n"


def _fraction(value: Fraction) -> Node:
    return {"num": value.numerator, "den": value.denominator}


def _points(*points: tuple[float, float, int]) -> Node:
    return {"Points": [{"co": {"X": x, "Y": y}, "interpolation": kind} for x, y, kind in points]}


def _constant(value: float) -> Node:
    return _points((1.0, value, _CONSTANT))


def _profile(width: int, height: int, rate: Fraction) -> str:
    """The name of OpenShot's own profile where there is one, else one in the same style."""
    family = {(1280, 720): "HD 720p", (1920, 1080): "HD 1080p", (3840, 2160): "4K UHD 2160p"}
    return f"{family.get((width, height), f'{width}x{height}')} {round(float(rate), 2):g} fps"


def _layers(lanes: tuple[Lane, ...]) -> Iterator[Node]:
    for number, lane in enumerate(lanes, 1):
        yield {"id": f"L{number}", "label": lane.name, "number": number * LAYER_STEP, "y": 0, "lock": False}


def _marker(marker: Marker, number: int) -> Node:
    color = nearest(marker.color, _COLORS) or "blue"
    about = {"name": marker.name, "comment": marker.comment, "kind": marker.kind}
    node: Node = {"id": f"MARKER{number:04d}", "position": max(0.0, float(marker.range.start_time.seconds))}
    if marker.range.duration.value:
        node["duration"] = float(marker.range.duration.seconds)
    return {**node, "icon": f"{color}.png", "vector": color, **{key: text for key, text in about.items() if text}}


def _above(frames: int, rate: Fraction) -> float:
    """Seconds of a frame count that do not fall below it: OpenShot keeps 32 bits and cuts the part of a frame off."""
    value = np.float32(frames / rate)
    while float(value) * float(rate) < frames:
        value = np.nextafter(value, np.float32(np.inf))
    return float(value)


class _Writer:
    """Describes clips, and keeps which files they use."""

    def __init__(self, delivery: Delivery) -> None:
        self.rate = delivery.timeline.rate
        self.media = delivery.media
        self.used: dict[str, tuple[str, str]] = {}
        found = (info.picture for info in delivery.media.values())
        self.size = next((picture.display_size for picture in found if picture is not None), _DEFAULT_SIZE)

    def clip(self, part: Part, layer: int) -> Node:
        """A clip of the project, but for its id."""
        clip, url = part.clip, part.media.target_url
        name = part.media.name or PurePath(url).name
        file_id, _ = self.used.setdefault(url, (f"FILE{len(self.used) + 1:06d}", name))
        length = part.place.duration.value
        first, time = self._time(clip, length)
        start = _above(first, self.rate)
        return {
            "file_id": file_id,
            "title": clip.name,
            "layer": layer * LAYER_STEP,
            "position": float(part.place.start_time.seconds),
            "start": start,
            "end": start + float(length / self.rate),
            "duration": max(self._length(url), float((first + length) / self.rate)),
            "has_video": _constant(-1.0 if part.picture else 0.0),
            "has_audio": _constant(-1.0 if part.sound else 0.0),
            "time": time,
            **{key: _constant(value) for key, value in _KEYFRAMES.items()},
            **_SETTINGS,
            "effects": [],
            "reader": self._reader(url),
        }

    def _time(self, clip: Clip, length: int) -> tuple[int, Node]:
        """The frame of its own time a clip begins at, and the curve from there to frames of the media, from 1 on."""
        used = clip.media_range
        begin = used.start_time.seconds * self.rate
        first = max(0, used.start_time.rescaled_to(self.rate).value)
        if clip.speed == 1:
            return first, _constant(1.0)
        shown = begin + 1 if clip.speed >= 0 else used.end_time_exclusive.seconds * self.rate
        run = (first + 1.0, float(shown), _LINEAR), (first + 1.0 + length, float(shown + clip.speed * length), _LINEAR)
        return first, _points(*run)

    def files(self) -> Iterator[Node]:
        """The files used, in the order met."""
        for url, (file_id, name) in self.used.items():
            reader = self._reader(url)
            yield {**reader, "id": file_id, "media_type": "video" if reader["has_video"] else "audio", "name": name}

    def _length(self, url: str) -> float:
        """Seconds the media lasts, 0 where it could not be read."""
        info = self.media.get(Path(url))
        return float(info.duration.seconds) if info else 0.0

    def _reader(self, url: str) -> Node:
        """How OpenShot opens a file. It plays a medium at the rate named here."""
        info = self.media.get(Path(url))
        known = _measured(info) if info else {"has_video": True, "has_audio": True, "fps": _fraction(self.rate)}
        return {"type": "FFmpegReader", "path": _slashes(url), **known}


def _slashes(path: str) -> str:
    """A Windows path as OpenShot writes it: what a backslash stands for there cannot be in a path."""
    return path.replace("\\", "/") if re.match(r"[A-Za-z]:\\", path) else path


def _measured(info: MediaInfo) -> Node:
    picture, sound = info.picture, info.sound
    found: Node = {
        "duration": float(info.duration.seconds),
        "file_size": str(info.size),
        "has_audio": sound is not None,
        "has_video": picture is not None,
        "has_single_image": False,
        "interlaced_frame": False,
        "top_field_first": True,
        "metadata": {},
        "pixel_format": 0,
        "channels": sound.channels if sound else 0,
        "sample_rate": sound.sample_rate if sound else 0,
        "acodec": sound.codec if sound else "",
        "audio_stream_index": sound.index if sound else -1,
        "video_stream_index": picture.index if picture else -1,
    }
    if picture is not None:
        ratio = Fraction(*picture.display_size)
        found |= {
            "width": picture.width,
            "height": picture.height,
            "fps": _fraction(picture.edit_rate),
            "video_length": str(picture.frame_count),
            "vcodec": picture.codec,
            "display_ratio": _fraction(ratio),
            "pixel_ratio": _fraction(picture.sample_aspect_ratio or Fraction(1)),
            "video_timebase": _fraction(picture.time_base),
        }
    return found
