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
from circletake.timeline.model import Clip, Track, TrackKind

Node = dict[str, Any]

MOST_CHANNELS = 127
"""Channels that Blender has, but for one that is left empty."""

LONGEST_NAME = 63
"""Bytes of UTF-8 that Blender keeps of a name."""

_DEFAULT_SIZE = (1920, 1080)


def write(delivery: Delivery) -> bytes:
    """The script, in ASCII."""
    timeline = delivery.timeline
    fps, base = _fps(timeline.rate)
    rows = _channels(delivery)
    pictures = (info.picture for info in delivery.media.values())
    cut = {
        "fps": fps,
        "fps_base": base,
        "size": next((each.display_size for each in pictures if each is not None), _DEFAULT_SIZE),
        "length": timeline.duration.rescaled_to(timeline.rate).value,
        "channels": [[number, track.name] for number, track in rows if track.name],
        "clips": [clip for number, track in rows for clip in _strips(track, number, delivery)],
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


def _channels(delivery: Delivery) -> list[tuple[int, Track]]:
    """Tracks by their channels, from the lowest up: sound, then pictures, of which higher ones cover lower ones.

    Above a track whose films play faster or slower than picture for frame, one is free for effects.
    """
    kinds = (TrackKind.AUDIO, TrackKind.VIDEO)
    found: list[tuple[int, Track]] = []
    channel = 1
    for track in (track for kind in kinds for track in delivery.timeline.tracks if track.kind is kind):
        clips = [item for item in track.items if isinstance(item, Clip) and item.media is not None]
        if clips and channel < MOST_CHANNELS:
            found.append((channel, track))
            channel += 2 if any(abs(_speed(clip, track.kind, delivery)) != 1 for clip in clips) else 1
    return found


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
                **_used(item, track.kind, delivery),
            }


def _used(clip: Clip, kind: TrackKind, delivery: Delivery) -> Node:
    """What of its media a strip plays: in pictures of the film's own, or for sound in frames of the timeline."""
    used = clip.media_range.rescaled_to(_own_rate(clip, kind, delivery))
    speed = float(_speed(clip, kind, delivery))
    return {"first": max(0, used.start_time.value), "used": used.duration.value, "speed": speed}


def _speed(clip: Clip, kind: TrackKind, delivery: Delivery) -> Fraction:
    """Pictures of the film a frame of the timeline, below zero where it plays backwards; sound plays as it is."""
    if kind is TrackKind.AUDIO:
        return Fraction(1)
    return clip.speed * _own_rate(clip, kind, delivery) / delivery.timeline.rate


def _own_rate(clip: Clip, kind: TrackKind, delivery: Delivery) -> Fraction:
    """What Blender counts a strip's media in."""
    info = delivery.media.get(Path(clip.media.target_url)) if clip.media else None
    return info.picture.edit_rate if info and info.picture and kind is TrackKind.VIDEO else delivery.timeline.rate


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
_SPEED = "Pictures play at their speed through effect strips; their sound plays forwards at normal speed."

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
                Feature.TRACK_NAMES,
                Feature.MEDIA_PATHS,
                Feature.TIMELINE_MARKERS,
                Feature.MARK_IDS,
                Feature.MARK_SCORES,
            }
        ),
        MappingProxyType(
            {
                Feature.SPEED: _SPEED,
                Feature.REVERSE: _SPEED,
                Feature.FREEZE: _SPEED,
                Feature.CLIP_NAMES: "Blender cuts names at some 63 letters and numbers those that repeat.",
                Feature.MIXED_RATES: "A film at another frame rate plays at its own speed through effect strips; cuts "
                "begin at the nearest of its pictures.",
                Feature.MARKER_NAMES: "Blender cuts the text of markers at some 63 letters.",
                Feature.MARKER_COMMENTS: "Comments are not written; the note of a mark stands in its marker's text.",
            }
        ),
    ),
    editors=("Blender",),
    write=write,
    one_text=True,
)
"""A Python script for Blender 3.3 and later."""
