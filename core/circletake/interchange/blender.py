"""Blender: a script that lays the cut in the video sequencer. Blender has no other timeline file to write.

Source: Blender 3.4's and 5.0's Python interfaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from circletake.interchange.blender_script import SCRIPT
from circletake.interchange.format import Carries, Delivery, Feature, Format
from circletake.interchange.tags import untagged
from circletake.timebase import NTSC_DENOMINATOR, round_fraction
from circletake.timeline.model import Clip, Timeline, Track, TrackKind

Node = dict[str, Any]

MOST_CHANNELS = 31
"""Channels that every version has, one left empty."""

LONGEST_NAME = 63
"""Bytes of UTF-8 that Blender keeps of a name."""

_DEFAULT_SIZE = (1920, 1080)


def write(delivery: Delivery) -> bytes:
    """The script, in ASCII."""
    timeline = delivery.timeline
    fps, base = _fps(timeline.rate)
    rows = _channels(timeline)
    pictures = (info.picture for info in delivery.media.values())
    cut = {
        "fps": fps,
        "fps_base": base,
        "size": next((each.display_size for each in pictures if each is not None), _DEFAULT_SIZE),
        "length": timeline.duration.rescaled_to(timeline.rate).value,
        "channels": [track.name for track in rows],
        "clips": [clip for number, track in enumerate(rows, 1) for clip in _strips(track, number, delivery)],
        "markers": [
            {"name": _short(marker.name), "frame": marker.range.start_time.rescaled_to(timeline.rate).value}
            for marker in timeline.markers
        ],
    }
    return SCRIPT.replace("{data}", _spelled(cut)).encode("ascii")


def _fps(rate: Fraction) -> tuple[int, float]:
    """Blender's whole frames a second, and what they are divided by."""
    if rate.denominator == NTSC_DENOMINATOR:
        return rate.numerator // 1000, 1.001
    fps = max(1, round_fraction(rate))
    return fps, float(fps / rate)


def _channels(timeline: Timeline) -> list[Track]:
    """Tracks from the lowest channel up: sound, then pictures, of which higher ones cover lower ones."""
    kinds = (TrackKind.AUDIO, TrackKind.VIDEO)
    tracks = [track for kind in kinds for track in timeline.tracks if track.kind is kind]
    used = [track for track in tracks if any(isinstance(item, Clip) for item in track.items)]
    return used[-MOST_CHANNELS:]


def _strips(track: Track, channel: int, delivery: Delivery) -> Iterator[Node]:
    rate = delivery.timeline.rate
    for placed, item in track.placed(rate):
        place = placed.rescaled_to(rate)
        if isinstance(item, Clip) and item.media is not None and place.duration.value:
            path = item.media.target_url
            yield {
                "kind": "movie" if track.kind is TrackKind.VIDEO else "sound",
                "name": item.name or Path(path).name,
                "path": path,
                "channel": channel,
                "start": place.start_time.value,
                "length": place.duration.value,
                "first": _first(item, path, track.kind, delivery),
            }


def _first(clip: Clip, path: str, kind: TrackKind, delivery: Delivery) -> int:
    """How much of its media lies before a strip: pictures of the film's own, or frames of the timeline for sound."""
    info = delivery.media.get(Path(path))
    own = info.picture.edit_rate if info and info.picture and kind is TrackKind.VIDEO else delivery.timeline.rate
    return max(0, clip.source_range.start_time.rescaled_to(own).value)


def _short(text: str) -> str:
    """A marker's text as Blender keeps it, cut before its tag and not inside."""
    said, tag = untagged(text)
    end = "" if tag is None else f" {tag}"
    room = LONGEST_NAME - len(end)
    return text if len(text.encode()) <= LONGEST_NAME else said.encode()[:room].decode(errors="ignore") + end


def _spelled(cut: Node) -> str:
    """JSON as Python's spelling of a text, one line for each strip and marker."""
    text = json.dumps({key: value for key, value in cut.items() if key not in _LISTS})[:-1]
    lines = [text]
    for key in _LISTS:
        lines.append(f', "{key}": [')
        lines += [json.dumps(each) + ("," if number < len(cut[key]) else "") for number, each in enumerate(cut[key], 1)]
        lines.append("]")
    return "\n".join(f"    {line!r}" for line in [*lines, "}"])


_LISTS = ("clips", "markers")

FORMAT = Format(
    name="blender",
    title="Blender script",
    suffix=".py",
    carries=Carries(
        frozenset(
            {
                Feature.RATE,
                Feature.CUTS,
                Feature.GAPS,
                Feature.AUDIO,
                Feature.LAYERS,
                Feature.MEDIA_PATHS,
                Feature.TIMELINE_MARKERS,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            }
        ),
        MappingProxyType(
            {
                Feature.TRACK_NAMES: "Channels have names only in Blender 3.3 and later.",
                Feature.CLIP_NAMES: "Blender cuts names at some 63 letters and numbers those that repeat.",
                Feature.MIXED_RATES: "A film at another frame rate plays each of its pictures for one frame of the "
                "timeline; cuts begin at the right picture.",
                Feature.MARKER_NAMES: "Blender cuts the text of markers at some 63 letters.",
                Feature.MARKER_COMMENTS: "Comments are not written; the note of a mark stands in its marker's text.",
            }
        ),
    ),
    editors=("Blender",),
    write=write,
    one_text=True,
)
"""A Python script for Blender 3.0 and later."""
