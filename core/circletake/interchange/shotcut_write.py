"""Writing Shotcut's projects. Its picture tracks carry the sound that belongs to them; other sound has own tracks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile

from circletake.interchange.colors import hex_of
from circletake.interchange.format import Delivery
from circletake.interchange.mlt_write import (
    ENGINE,
    Media,
    Part,
    add,
    add_blank,
    add_entry,
    add_hold,
    add_internal,
    add_profile,
    clock,
    frame_of,
    one_text,
    parts_of,
    span,
)
from circletake.interchange.shotcut_read import PLAIN_COLOR
from circletake.interchange.xml import Element, to_bytes
from circletake.timeline.model import Timeline, Track, TrackKind

PROGRAM = "Shotcut version 22.12.21"
"""The version whose files these are like; later ones read them."""

_USUAL = re.compile(r"A\d{1,4}|")


@dataclass(frozen=True, slots=True)
class _Lane:
    """A track of Shotcut: the starts of its clips whose sound belongs to them are in `heard`."""

    track: Track
    name: str
    heard: frozenset[int] = frozenset()


def write(delivery: Delivery) -> bytes:
    """A project with the timeline: every track, and its markers."""
    return _Writer(delivery).document()


class _Writer:
    """Puts one project together."""

    def __init__(self, delivery: Delivery) -> None:
        self._timeline = delivery.timeline
        self._rate = delivery.timeline.rate
        self._media = Media(delivery)
        self._lanes = _lanes(delivery.timeline, self._media)
        ends = (part.end for lane in self._lanes for part in parts_of(lane.track, self._rate))
        self._frames = max(ends, default=1)
        self._root = Element("mlt", LC_NUMERIC="C", version=ENGINE, title=PROGRAM, producer="main_bin")
        add_profile(self._root, delivery, self._media)
        self._clips = 0

    def document(self) -> bytes:
        """The whole file."""
        add(self._root, "playlist", {"xml_retain": 1}, id="main_bin")
        self._add_background()
        for number, lane in enumerate(self._lanes):
            self._add_lane(number, lane)
        self._add_timeline()
        return to_bytes(self._root)

    def _clock(self, frames: int) -> str:
        return clock(frames, self._rate)

    def _add_background(self) -> None:
        black: dict[str, object] = {
            "length": self._clock(self._frames),
            "eof": "pause",
            "resource": 0,
            "aspect_ratio": 1,
            "mlt_service": "color",
            "mlt_image_format": "rgba",
            "set.test_audio": 0,
        }
        add(self._root, "producer", black, id="black", **span(self._frames - 1, self._rate))
        background = add(self._root, "playlist", id="background")
        add(background, "entry", producer="black", **span(self._frames - 1, self._rate))

    def _add_lane(self, number: int, lane: _Lane) -> None:
        parts = list(parts_of(lane.track, self._rate))
        names = [self._add_clip(part, lane) for part in parts]
        kind = "shotcut:audio" if lane.track.kind is TrackKind.AUDIO else "shotcut:video"
        row = add(self._root, "playlist", {kind: 1, "shotcut:name": lane.name}, id=f"playlist{number}")
        at = 0
        for part, name in zip(parts, names, strict=True):
            add_blank(row, part.start - at, self._rate)
            add_hold(add_entry(row, part, name, self._media, self._rate), part, self._media)
            at = part.end

    def _add_clip(self, part: Part, lane: _Lane) -> str:
        """Add the producer of a clip, which every clip has for itself here; gives its name."""
        facts = self._media.properties(part.clip)
        runs = facts["mlt_service"] == "avformat-novalidate" and part.clip.speed
        tag = "chain" if runs else "producer"  # MLT counts a held frame of a chain from the medium's start
        name = f"{tag}{self._clips}"
        self._clips += 1
        facts["shotcut:caption"] = part.clip.name or None
        is_silent = lane.track.kind is TrackKind.VIDEO and part.start not in lane.heard
        if is_silent and part.clip.media is not None:
            facts["audio_index"] = -1
        if lane.track.kind is TrackKind.AUDIO:
            facts["video_index"] = -1
        add(self._root, tag, facts, id=name, out=self._clock(self._media.length(part.clip) - 1))
        return name

    def _add_timeline(self) -> None:
        own = {"shotcut": 1, "shotcut:projectAudioChannels": 2, "shotcut:projectFolder": 0}
        tractor = add(self._root, "tractor", own, id="tractor0", title=PROGRAM, **span(self._frames - 1, self._rate))
        self._add_markers(tractor)
        add(tractor, "track", producer="background")
        pictures = 0
        for number, lane in enumerate(self._lanes):
            hide = "video" if lane.track.kind is TrackKind.AUDIO else None
            add(tractor, "track", producer=f"playlist{number}", hide=hide)
        for number, lane in enumerate(self._lanes, 1):
            add_internal(tractor, "mix", 0, number, {"sum": 1})
            if lane.track.kind is TrackKind.VIDEO:
                lowest = pictures or 0
                pictures = pictures or number
                facts: dict[str, object] = {"version": "0.1", "threads": 0, "disable": int(not lowest)}
                add_internal(tractor, "frei0r.cairoblend", lowest, number, facts)

    def _add_markers(self, tractor: Element) -> None:
        markers = sorted(self._timeline.markers, key=lambda each: each.range.start_time)
        if not markers:
            return
        group = add(tractor, "properties", name="shotcut:markers")
        for number, marker in enumerate(markers):
            start = max(0, frame_of(marker.range.start_time, self._rate))
            end = max(start, frame_of(marker.range.end_time_exclusive, self._rate))
            facts: Mapping[str, object] = {
                "text": one_text(marker),
                "start": self._clock(start),
                "end": self._clock(end),
                "color": hex_of(marker.color) or PLAIN_COLOR,
            }
            add(group, "properties", facts, name=number)


def _lanes(timeline: Timeline, media: Media) -> list[_Lane]:
    """Pictures from the lowest up, each with the sound track that belongs to it, then the other sound tracks.

    A sound track without a name of its own belongs to the picture track of its number where each of its clips lies
    under one that shows the same.
    """
    rate = timeline.rate
    pictures = [track for track in timeline.tracks if track.kind is TrackKind.VIDEO]
    sounds = [track for track in timeline.tracks if track.kind is TrackKind.AUDIO]
    pairs = zip(pictures, sounds, strict=False)
    joined = sum(1 for _ in takewhile(lambda pair: _belongs(*pair, rate, media), pairs))
    lanes = []
    for number, track in enumerate(pictures):
        heard = parts_of(sounds[number], rate) if number < joined else ()
        lanes.append(_Lane(track, track.name or f"V{number + 1}", frozenset(part.start for part in heard)))
    own = sounds[joined:]
    return [*(lanes or [_Lane(Track("", TrackKind.VIDEO), "V1")]), *_sound_lanes(own)]


def _sound_lanes(tracks: list[Track]) -> Iterator[_Lane]:
    for number, track in enumerate(tracks, 1):
        yield _Lane(track, f"A{number}" if _USUAL.fullmatch(track.name) else track.name)


def _belongs(pictures: Track, sounds: Track, rate: Fraction, media: Media) -> bool:
    """Tell whether each sound lies under a picture of the same stretch of the same medium."""
    shown = {_content(part, media) for part in parts_of(pictures, rate)}
    return _USUAL.fullmatch(sounds.name) is not None and all(
        part.clip.media is not None and not part.clip.markers and _content(part, media) in shown
        for part in parts_of(sounds, rate)
    )


def _content(part: Part, media: Media) -> tuple[object, ...]:
    clip = part.clip
    return part.start, part.length, media.resource(clip), clip.name, clip.speed, clip.source_range.start_time
