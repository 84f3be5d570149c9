"""Reading OpenShot's projects: JSON with clips placed in seconds, on layers of which higher numbers lie above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import Any, TypeGuard

from circletake.errors import TimelineUnreadable
from circletake.interchange.format import Head, Read, Source
from circletake.interchange.lanes import sound_lane
from circletake.interchange.rows import Placement, tracks_of
from circletake.timebase import RationalTime, TimeRange, exact_rate
from circletake.timeline.guard import parse
from circletake.timeline.model import Clip, Marker, MediaReference, Timeline, TrackKind, clean_name
from circletake.timeline.otio_values import MAX_SECONDS, mapping
from circletake.timeline.report import Report
from circletake.timeline.stored import clean_note

Node = dict[str, Any]

MAX_BYTES = 64 * 2**20
"""Largest project read: twenty thousand clips with curves of their own stay below that."""

_KEYS = frozenset(
    (
        *("fps", "num", "den", "clips", "files", "layers", "markers", "effects"),
        *("id", "file_id", "title", "name", "label", "number", "comment", "kind", "vector", "icon"),
        *("layer", "position", "start", "end", "duration", "reader", "path", "has_video", "has_audio"),
        *("time", "Points", "co", "X", "Y", "interpolation"),
    )
)
"""All that is looked at; a clip has dozens of curves beside."""

_MARKERS = (re.compile(r'"fps"\s*:\s*\{'), re.compile(r'"(clips|files|layers)"\s*:\s*\['))
_FINEST_POINT = 10**6

_STRAIGHT = 1
"""What a point's `interpolation` is where the line to it is straight; 0 is eased, 2 a step."""

MAX_NUMBER = MAX_SECONDS * 1000
"""Largest number believed, of seconds, frames or layers: 1000 hours in frames of the fastest rate."""


def recognise(head: Head) -> bool:
    """Tell whether it is one of OpenShot's projects."""
    text = head.text
    if not text.startswith("{") or "OTIO_SCHEMA" in text:
        return False
    return '"openshot-qt"' in text or all(marker.search(text) for marker in _MARKERS)


def read(source: Source) -> Read:
    """The cut of a project.

    Raises:
        TimelineUnreadable: no JSON, or JSON that is refused.
        TimelineInvalid: a frame rate or a time that cannot be.
    """
    report = Report(source.path)
    if len(source.data) > MAX_BYTES:
        message = f"the project has {len(source.data) / 2**20:.0f} MiB; {MAX_BYTES >> 20} MiB is the most that is read"
        raise TimelineUnreadable(message, hint="Export only the part you need.", path=source.path)
    project = parse(source.data, source.path, keys=_KEYS)
    if not isinstance(project, dict):
        raise report.invalid("this is JSON, but no project", "the first line")
    rate = _rate(mapping(project.get("fps")), report)
    reader = _Reader(project, rate, report, f"{source.path.stem[:30]}_assets")
    timeline = Timeline(
        name=clean_name(source.path.stem),
        rate=rate,
        tracks=tracks_of(reader.placements()),
        markers=tuple(reader.markers()),
    )
    for each in _objects(project.get("effects")):
        report.note(
            "A transition or mask on the timeline is left out; clips that overlap are shown as a cut.", _named(each)
        )
    return Read(timeline, report.sentences())


def _rate(fps: Node, report: Report) -> Fraction:
    above, below = fps.get("num"), fps.get("den")
    if not _is_count(above) or not _is_count(below):
        raise report.invalid(f"{above!r}/{below!r} is not a frame rate"[:200], "fps")
    try:
        return exact_rate(Fraction(above, below))
    except ValueError as error:
        raise report.invalid(str(error), "fps") from error


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_NUMBER


def _objects(value: object) -> list[Node]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _named(clip: Node) -> str:
    return f'clip "{clean_name(_text(clip, "title") or _text(clip, "id"))[:80]}"'


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return value if isinstance(value, str) else ""


def _key(value: object) -> object:
    """Something a dictionary may be asked for."""
    return value if isinstance(value, str | int | float) else None


@dataclass(frozen=True, slots=True)
class _Curve:
    """How a clip's time runs: (frame of the clip, frame of the media) at both ends, counted from 1."""

    start: tuple[Fraction, Fraction]
    end: tuple[Fraction, Fraction]

    @property
    def speed(self) -> Fraction:
        run = self.end[0] - self.start[0]
        exact = (self.end[1] - self.start[1]) / run
        tries = (exact.limit_denominator(10**digits) for digits in range(7))
        return next((each for each in tries if abs(each - exact) * run < Fraction(1, 10**6)), exact)

    def at(self, frame: int) -> Fraction:
        return self.start[1] + (frame - self.start[0]) * self.speed


class _Reader:
    """Walks through a project."""

    def __init__(self, project: Node, rate: Fraction, report: Report, assets: str) -> None:
        self.rate = rate
        self.report = report
        self.assets = assets
        self.clips = _objects(project.get("clips"))
        self.points = _objects(project.get("markers"))
        self.files = {_key(file.get("id")): file for file in _objects(project.get("files"))}
        self.labels = {_key(each.get("number")): _text(each, "label") for each in _objects(project.get("layers"))}
        self.sorted_layers = sorted({self._layer(clip) for clip in self.clips})

    def placements(self) -> Iterator[Placement]:
        kinds = [(clip, self._kinds(clip)) for clip in self.clips]
        shown = {self._layer(clip) for clip, has in kinds if TrackKind.VIDEO in has}
        numbers = {layer: number for number, layer in enumerate(self.sorted_layers)}
        for node, has in kinds:
            clip, start = self._clip(node), self._start(node)
            self._tell_effects(node)
            layer = self._layer(node)
            label = clean_name(self.labels.get(layer, ""))
            for kind in has:
                lane = numbers[layer]
                if kind is TrackKind.AUDIO:
                    lane = sound_lane(lane, len(numbers), has_pictures=layer in shown)
                name = "" if kind is TrackKind.AUDIO and layer in shown else label
                yield Placement(start, clip, kind, lane, name)

    def markers(self) -> Iterator[Marker]:
        for node in self.points:
            place = f'marker "{clean_name(_text(node, "name"))[:80]}"'
            length = self._time(node.get("duration", 0), place)
            span = TimeRange(self._time(node.get("position", 0), place), length)
            color = _text(node, "vector") or _text(node, "icon").removesuffix(".png")
            yield Marker(
                span,
                clean_name(_text(node, "name")),
                clean_note(_text(node, "comment")),
                color.lower() if re.fullmatch(r"[a-zA-Z]{1,20}", color) else "",
                clean_name(_text(node, "kind")),
            )

    def _layer(self, clip: Node) -> float:
        return self._number(clip.get("layer", 0), _named(clip))

    def _start(self, clip: Node) -> RationalTime:
        start = self._frames(clip.get("position", 0), _named(clip))
        if start < 0:
            raise self.report.invalid("it begins before the timeline does", _named(clip))
        return RationalTime(start, self.rate)

    def _clip(self, node: Node) -> Clip:
        place = _named(node)
        first = self._frames(node.get("start", 0), place)
        length = self._frames(node.get("end", 0), place) - first
        if length < 0 or first < 0:
            raise self.report.invalid("it ends before it starts", place)
        speed, begin = self._speed(node, first, length, place)
        media = self._media(node)
        name = clean_name(_text(node, "title")) or clean_name(PurePath(media.target_url).name)
        return Clip(name, TimeRange(begin, RationalTime(length, self.rate)), media, speed=speed)

    def _speed(self, node: Node, first: int, length: int, place: str) -> tuple[Fraction, RationalTime]:
        """The speed of a clip and the first moment of media it uses."""
        curve = self._curve(node, first, length, place)
        if curve is None:
            return Fraction(1), RationalTime(first, self.rate)
        shown = curve.at(first + 1)
        # Backwards, the first picture shown is the last of the stretch, and the stretch ends after it.
        begin = shown - 1 if curve.speed >= 0 else shown + curve.speed * length
        return curve.speed, self._counted(max(begin, Fraction(0)))

    def _curve(self, node: Node, first: int, length: int, place: str) -> _Curve | None:
        """How time runs in a clip, None where it runs as usual or in more than one way."""
        points = _objects(mapping(node.get("time")).get("Points"))
        if len(points) < 2 or not length:
            return None
        ends = sorted((self._exact(point, "X", place), self._exact(point, "Y", place)) for point in points)
        curve = _Curve(ends[0], ends[-1]) if ends[0][0] < ends[-1][0] else None
        straight = all(point.get("interpolation", _STRAIGHT) == _STRAIGHT for point in points[1:])
        if curve is None or not straight or any(abs(curve.at(round(x)) - y) > 1 for x, y in ends):
            self.report.note("The speed changes on the way; the clip is shown at normal speed.", place)
            return None
        if curve.end[0] < first + length:
            self.report.note("The last picture is held; the clip is shown running on.", place)
        return curve

    def _exact(self, point: Node, key: str, place: str) -> Fraction:
        number = self._number(mapping(point.get("co")).get(key, 0), place)
        return Fraction(number).limit_denominator(_FINEST_POINT)

    def _counted(self, frames: Fraction) -> RationalTime:
        """A moment of media in frames of the timeline, or in parts of one."""
        near = frames.limit_denominator(1000)
        return RationalTime(near.numerator, self.rate * near.denominator)

    def _media(self, clip: Node) -> MediaReference:
        file = self.files.get(_key(clip.get("file_id")), {})
        path = _text(mapping(clip.get("reader")), "path") or _text(file, "path")
        name = clean_name(_text(file, "name"))
        return MediaReference(
            path.replace("@assets", self.assets, 1) if path.startswith("@assets") else path, name=name
        )

    def _kinds(self, clip: Node) -> tuple[TrackKind, ...]:
        wanted = (("has_video", TrackKind.VIDEO), ("has_audio", TrackKind.AUDIO))
        found = tuple(kind for key, kind in wanted if self._is_used(clip, key))
        if not found:
            self.report.note("It shows nothing and sounds nowhere, so it is left out.", _named(clip))
        return found

    def _is_used(self, clip: Node, key: str) -> bool:
        """Tell whether a clip's picture or sound is on: a curve of its own, below zero as the medium is."""
        points = _objects(mapping(clip.get(key)).get("Points"))
        own = self._number(mapping(points[0].get("co")).get("Y", -1), _named(clip)) if points else -1
        return bool(own) if own >= 0 else mapping(clip.get("reader")).get(key) is not False

    def _tell_effects(self, clip: Node) -> None:
        if _objects(clip.get("effects")):
            self.report.note("Effects are not shown.", _named(clip))

    def _time(self, value: object, place: str) -> RationalTime:
        frames = self._frames(value, place)
        if frames < 0:
            raise self.report.invalid(f"{value} s is before the beginning", place)
        return RationalTime(frames, self.rate)

    def _frames(self, value: object, place: str) -> int:
        """Seconds as whole frames."""
        return RationalTime.from_seconds(self._number(value, place), self.rate).value

    def _number(self, value: object, place: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MAX_NUMBER:
            raise self.report.invalid(f"{str(value)[:40]!r} is not a number that can be here", place)
        return value
