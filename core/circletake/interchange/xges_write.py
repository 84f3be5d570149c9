"""Writing projects of GES, Pitivi's engine: a layer for each lane of picture and sound, times in nanoseconds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from circletake.interchange.colors import rgb_of
from circletake.interchange.format import Delivery
from circletake.interchange.lanes import Lane, Part, lanes_of
from circletake.interchange.xges_read import AUDIO, VIDEO
from circletake.interchange.xges_values import quoted, structure, to_nanoseconds, wrapped
from circletake.interchange.xml import Element, SubElement, to_bytes
from circletake.timebase import TimeRange
from circletake.timeline.model import Marker

_DEFAULT_SIZE = (1920, 1080)
_VIDEO_TRACK, _AUDIO_TRACK = "0", "1"
_NONE = "properties;"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def write(delivery: Delivery) -> bytes:
    """The project; it names its media by `file:` addresses, as GES does."""
    root = Element("ges", {"version": "0.7"})
    about = structure("metadatas", [("name", "string", quoted(delivery.timeline.name))])
    project = SubElement(root, "project", {"properties": _NONE, "metadatas": f"{about};"})
    SubElement(project, "encoding-profiles")
    resources = SubElement(project, "ressources")
    timeline = SubElement(project, "timeline", {"properties": _NONE, "metadatas": _timeline_metadata(delivery)})
    _add_tracks(timeline, delivery)
    lanes = lanes_of(delivery.timeline)
    writer = _Clips(delivery)
    for priority, lane in enumerate(reversed(lanes)):
        writer.add_layer(timeline, lane, priority)
    for url, length in writer.used.items():
        types = structure("properties", [("duration", "guint64", str(length))])
        SubElement(resources, "asset", {"id": url, "extractable-type-name": "GESUriClip", "properties": f"{types};"})
    SubElement(timeline, "groups")
    return to_bytes(root)


def _timeline_metadata(delivery: Delivery) -> str:
    timeline = delivery.timeline
    fields = [
        ("markers", "GESMarkerList", _marker_list(timeline.markers)),
        ("duration", "guint64", str(to_nanoseconds(timeline.duration))),
        ("framerate", "fraction", _ratio(timeline.rate)),
    ]
    return f"{structure('metadatas', fields)};"


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _add_tracks(timeline: Element, delivery: Delivery) -> None:
    pictures = (info.picture for info in delivery.media.values())
    width, height = next((each.display_size for each in pictures if each is not None), _DEFAULT_SIZE)
    picture = structure(
        "video/x-raw(ANY)",
        [
            ("framerate", "fraction", _ratio(delivery.timeline.rate)),
            ("width", "int", str(width)),
            ("height", "int", str(height)),
            ("pixel-aspect-ratio", "fraction", "1/1"),
        ],
    )
    sound = structure("audio/x-raw", [("rate", "int", "48000"), ("channels", "int", "2")])
    for number, types, caps, held in (
        (_VIDEO_TRACK, VIDEO, "video/x-raw(ANY)", picture),
        (_AUDIO_TRACK, AUDIO, "audio/x-raw(ANY)", sound),
    ):
        properties = structure(
            "properties", [("restriction-caps", "string", quoted(held)), ("mixing", "boolean", "true")]
        )
        about = {"properties": f"{properties};", "metadatas": "metadatas;"}
        SubElement(timeline, "track", {"caps": caps, "track-type": str(types), "track-id": number, **about})


def _marker_list(markers: Iterable[Marker]) -> str:
    """Markers by time, as GES keeps them."""
    parts = ["marker-list-flags, flags=(int)0"]
    for marker in sorted(markers, key=lambda marker: marker.range.start_time.seconds):
        parts.append(structure("marker-times", [("position", "guint64", str(_start(marker.range)))]))
        parts.append(structure("metadatas", _marker_fields(marker)))
    return wrapped("; ".join(parts))


def _start(span: TimeRange) -> int:
    return max(0, to_nanoseconds(span.start_time))


def _marker_fields(marker: Marker) -> list[tuple[str, str, str]]:
    """Its text as Pitivi shows it, and beside it what Pitivi keeps but does not show."""
    shown = ": ".join(filter(None, (marker.name, marker.comment)))
    fields = [("comment", "string", quoted(shown))] if shown else []
    if marker.name and marker.comment:
        fields.append(("name", "string", quoted(marker.name)))
    rgb = rgb_of(marker.color)
    if rgb is not None:
        red, green, blue = rgb
        fields.append(("marker-color", "uint", str(0xFF << 24 | red << 16 | green << 8 | blue)))
    if marker.range.duration.value:
        end = to_nanoseconds(marker.range.end_time_exclusive)
        fields.append(("duration", "guint64", str(end - _start(marker.range))))
    if marker.kind:
        fields.append(("kind", "string", quoted(marker.kind)))
    return fields


class _Clips:
    """Adds clips to layers, and keeps which media they use and how long those are."""

    def __init__(self, delivery: Delivery) -> None:
        self.media = delivery.media
        self.used: dict[str, int] = {}
        self.count = 0

    def add_layer(self, timeline: Element, lane: Lane, priority: int) -> None:
        """A layer with the parts of a lane."""
        about = structure("metadatas", [("volume", "float", "1"), ("video::name", "string", quoted(lane.name))])
        values = {"priority": str(priority), "properties": _NONE, "metadatas": f"{about};"}
        layer = SubElement(timeline, "layer", values)
        for part in lane.parts:
            self._add_clip(layer, part, priority)

    def _add_clip(self, layer: Element, part: Part, priority: int) -> None:
        clip = part.clip
        begin, end = to_nanoseconds(part.place.start_time), to_nanoseconds(part.place.end_time_exclusive)
        inpoint = self._inpoint(part)
        number, self.count = self.count, self.count + 1
        # GES wants a name of its own for each clip; what people called it stands beside.
        metadata = [("name", "string", quoted(clip.name))]
        if clip.markers:
            metadata.append(("markers", "GESMarkerList", _marker_list(clip.markers)))
        values = {
            "id": str(number),
            "asset-id": self._address(part),
            "type-name": "GESUriClip",
            "layer-priority": str(priority),
            "track-types": str(VIDEO * part.picture + AUDIO * part.sound),
            "start": str(begin),
            "duration": str(end - begin),
            "inpoint": str(inpoint),
            "rate": "0",
            "properties": f"{structure('properties', [('name', 'string', f'uriclip{number}')])};",
            "metadatas": f"{structure('metadatas', metadata)};",
        }
        element = SubElement(layer, "clip", values)
        if clip.speed not in (0, 1, -1):
            _add_speed(element, part, number)

    def _address(self, part: Part) -> str:
        """How GES names a medium, which is kept as used up to the end of this part at least."""
        url = address(part.media.target_url)
        info = self.media.get(Path(part.media.target_url))
        length = info.duration if info else part.clip.media_range.end_time_exclusive
        self.used[url] = max(self.used.get(url, 0), to_nanoseconds(length))
        return url

    def _inpoint(self, part: Part) -> int:
        """Where its media begins; a held frame runs, so it begins early enough for that."""
        begin = to_nanoseconds(part.clip.source_range.start_time)
        info = self.media.get(Path(part.media.target_url))
        if part.clip.speed == 0 and info is not None:
            begin = min(begin, to_nanoseconds(info.duration) - to_nanoseconds(part.place.duration))
        return max(0, begin)


def _add_speed(clip: Element, part: Part, number: int) -> None:
    """Effects on time for picture and sound; the sound keeps its pitch."""
    speed = repr(float(abs(part.clip.speed)))
    wanted = (
        (part.picture, VIDEO, _VIDEO_TRACK, "videorate", "rate", "GstVideoRate"),
        (part.sound, AUDIO, _AUDIO_TRACK, "pitch", "tempo", "GstPitch"),
    )
    for used, types, track, effect, key, owner in wanted:
        if used:
            values = {
                "asset-id": f"{effect} {key}={speed}",
                "clip-id": str(number),
                "type-name": "GESEffect",
                "track-type": str(types),
                "track-id": track,
                "properties": f"{structure('properties', [('track-type', 'int', str(types))])};",
                "metadatas": "metadatas;",
                "children-properties": f"{structure('properties', [(f'{owner}::{key}', 'double', speed)])};",
            }
            SubElement(clip, "effect", values)


def address(url: str) -> str:
    """The `file:` address of an absolute path; an address of another kind, or a relative path, as it is."""
    path = Path(url)
    if path.is_absolute():
        return path.as_uri()
    return url if _SCHEME.match(url) else quote(url)
