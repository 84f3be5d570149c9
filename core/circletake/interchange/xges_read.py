"""Reading projects of GES, Pitivi's engine: clips placed in nanoseconds on layers, of which the first lies on top."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from urllib.parse import unquote

from circletake.errors import TimelineInvalid
from circletake.interchange.colors import COLORS
from circletake.interchange.format import Head, Read, Source
from circletake.interchange.lanes import sound_lane
from circletake.interchange.plain import shown_text
from circletake.interchange.rows import Placement, tracks_of
from circletake.interchange.xges_values import (
    SECOND,
    Fields,
    exact_time,
    fields_of,
    nanoseconds,
    rate_of,
    structures,
)
from circletake.interchange.xml import Element, line_of, parse
from circletake.media.frames import COMMON_RATES
from circletake.timebase import RationalTime, TimeRange, exact_rate
from circletake.timeline.model import Clip, Marker, MediaReference, Timeline, TrackKind, clean_name
from circletake.timeline.report import Report
from circletake.timeline.stored import clean_note

VIDEO, AUDIO = 4, 2
"""Bits of `track-types`."""

DEFAULT_RATE = Fraction(30)
"""Frames a second where a project says nothing. Source: GES's own restriction on a new video track."""

MAX_NANOSECONDS = 1000 * 3600 * SECOND
"""Longest time believed: timecode has three digits of hours."""

SPEEDS = (("videorate", "GstVideoRate::rate"), ("pitch", "GstPitch::tempo"), ("pitch", "GstPitch::rate"))
"""Effects that change how fast a clip plays, and what of them says how fast."""

_LEFT_OUT = {
    "GESTransitionClip": "A transition is shown as a cut: where two clips overlap, the later one lies over the other.",
    "GESTitleClip": "A title is left out.",
    "GESTestClip": "A generated picture or sound is left out.",
    "GESOverlayClip": "An overlay is left out.",
    "GESTextOverlayClip": "A text over the picture is left out.",
    "GESEffectClip": "An effect clip is left out.",
    "GESBaseEffectClip": "An effect clip is left out.",
}
_OWN_NAME = re.compile(r"uriclip\d{1,10}")
_SPEED = re.compile(r"\d{1,9}(?:\.\d{1,17})?")


def recognise(head: Head) -> bool:
    """Tell whether it is a project of GES."""
    return head.root == "ges"


def read(source: Source) -> Read:
    """The cut of a project; of several timelines the first.

    Raises:
        TimelineUnreadable: not XML, or XML that is refused.
        TimelineInvalid: no timeline in it, or a time that cannot be.
    """
    root = parse(source.data, source.path)
    report = Report(source.path)
    project = root.find("project")
    element = None if project is None else project.find("timeline")
    if project is None or element is None:
        raise report.invalid("there is no timeline in this project", line_of(root))
    reader = _Reader(element, _rate(element, source, report), report, _assets(project))
    name = fields_of(project.get("metadatas")).get("name", "")
    timeline = Timeline(
        name=clean_name(name) or clean_name(source.path.stem),
        rate=reader.rate,
        tracks=tracks_of(reader.placements()),
        markers=tuple(reader.markers(element, "timeline", (reader.rate,))),
    )
    return Read(timeline, report.sentences())


def _rate(timeline: Element, source: Source, report: Report) -> Fraction:
    """Frames a second: what the video track is held to, else what the timeline says of itself."""
    texts = [fields_of(timeline.get("metadatas")).get("framerate")]
    for track in timeline.findall("track"):
        if track.get("track-type") == str(VIDEO):
            caps = fields_of(track.get("properties")).get("restriction-caps", "")
            texts.insert(0, fields_of(caps).get("framerate"))
    found = next(filter(None, map(rate_of, texts)), None)
    if found is not None:
        return found
    if source.rate is not None:
        return exact_rate(source.rate)
    report.note(f"The project names no frame rate, so {DEFAULT_RATE} frames a second are assumed.")
    return DEFAULT_RATE


def _assets(project: Element) -> dict[str, Element]:
    """What the project uses, by id."""
    return {each.get("id", ""): each for each in project.iterfind("ressources/asset")}


@dataclass
class _Reader:
    """Walks through the layers of a timeline."""

    timeline: Element
    rate: Fraction
    report: Report
    assets: dict[str, Element]
    media: dict[str, MediaReference] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nested = {key for key, each in self.assets.items() if each.get("extractable-type-name") == "GESTimeline"}

    def placements(self) -> Iterator[Placement]:
        layers = [layer for layer in self.timeline.findall("layer") if layer.find("clip") is not None]
        layers.sort(key=lambda layer: nanoseconds(layer.get("priority")) or 0, reverse=True)
        for number, layer in enumerate(layers):
            clips = [clip for clip in layer.findall("clip") if self._is_shown(clip)]
            has_pictures = any(self._types(clip) & VIDEO for clip in clips)
            sound = sound_lane(number, len(layers), has_pictures=has_pictures)
            name = clean_name(fields_of(layer.get("metadatas")).get("video::name", ""))
            for element in clips:
                yield from self._placed(element, number, sound, name)

    def _placed(self, element: Element, lane: int, sound: int, name: str) -> Iterator[Placement]:
        start, clip = self._clip(element)
        types = self._types(element)
        if types & VIDEO:
            yield Placement(start, clip, TrackKind.VIDEO, lane, name)
        if types & AUDIO:
            heard = Clip(clip.name, clip.source_range, clip.media, speed=clip.speed) if types & VIDEO else clip
            yield Placement(start, heard, TrackKind.AUDIO, sound, "" if lane == sound else name)

    def _is_shown(self, clip: Element) -> bool:
        """Tell of what is left out."""
        kind = clip.get("type-name", "")
        if kind == "GESUriClip" or clip.get("asset-id", "") in self.nested:
            return True
        self.report.note(_LEFT_OUT.get(kind, f"A clip of kind {clean_name(kind)[:40]} is left out."), line_of(clip))
        return False

    def _types(self, clip: Element) -> int:
        types = nanoseconds(clip.get("track-types"))
        return VIDEO | AUDIO if types is None or types == 1 else types

    def _clip(self, element: Element) -> tuple[RationalTime, Clip]:
        place = line_of(element)
        start = self._count(element, "start")
        first = exact_time(start, (self.rate,))
        last = exact_time(start + self._count(element, "duration"), (self.rate,))
        begin = exact_time(self._count(element, "inpoint"), (self.rate, *COMMON_RATES))
        media = self._media(element)
        name = self._name(element, media)
        try:
            used = TimeRange(begin, last - first)
        except ValueError as error:
            raise self.report.invalid(str(error), place) from error
        markers = tuple(self.markers(element, f'clip "{name}"', (self.rate, *COMMON_RATES)))
        return first, Clip(name, used, media, speed=self._speed(element, name), markers=markers)

    def _count(self, element: Element, key: str) -> int:
        """Nanoseconds of an attribute."""
        value = nanoseconds(element.get(key, "0"))
        if value is None or value > MAX_NANOSECONDS:
            raise self._wrong(element, key)
        return value

    def _wrong(self, element: Element, key: str) -> TimelineInvalid:
        text = element.get(key, "")[:40]
        return self.report.invalid(f"{key} {text!r} is not a time in nanoseconds", line_of(element))

    def _media(self, element: Element) -> MediaReference | None:
        """The file a clip plays; None for a timeline in the timeline, which is told."""
        url = element.get("asset-id", "")
        if url in self.nested or PurePosixPath(unquote(url)).suffix.lower() == ".xges":
            self.report.note("A timeline inside the timeline is shown as one clip without media.", line_of(element))
            return None
        if url not in self.media:
            length = nanoseconds(fields_of(self._asset(url, "properties")).get("duration"))
            known = None if not length else exact_time(length, (self.rate, *COMMON_RATES))
            whole = TimeRange(RationalTime.zero(known.rate), known) if known else None
            self.media[url] = MediaReference(url, whole, clean_name(PurePosixPath(unquote(url)).name))
        return self.media[url]

    def _asset(self, url: str, key: str) -> str | None:
        asset = self.assets.get(url)
        return None if asset is None else asset.get(key)

    def _name(self, element: Element, media: MediaReference | None) -> str:
        """What we or a person called a clip, else its file's name."""
        own = clean_name(fields_of(element.get("metadatas")).get("name", ""))
        given = clean_name(fields_of(element.get("properties")).get("name", ""))
        return own or ("" if _OWN_NAME.fullmatch(given) else given) or (media.name if media else "")

    def _speed(self, element: Element, name: str) -> Fraction:
        """How fast the first effects on time make a clip; picture and sound have one each."""
        speeds = []
        for effect in element.findall("effect"):
            found = _effect_speed(effect)
            if found is None:
                self.report.note("Effects are not shown.", f'clip "{name}"')
            else:
                speeds.append(found)
        if len(set(speeds)) > 1:
            self.report.note("Picture and sound play at different speeds; the picture's is shown for both.", name)
        return speeds[0] if speeds else Fraction(1)

    def markers(self, element: Element, place: str, rates: tuple[Fraction, ...]) -> Iterator[Marker]:
        """The markers on the timeline, or on a clip in its media's time."""
        for key, text in fields_of(element.get("metadatas")).items():
            if key == "markers" or "marker-times" in text:
                yield from self._listed(text, place, rates)

    def _listed(self, text: str, place: str, rates: tuple[Fraction, ...]) -> Iterator[Marker]:
        position: int | None = None
        for name, fields in structures(text):
            if name == "marker-times":
                position = nanoseconds(fields.get("position"))
                if position is None or position > MAX_NANOSECONDS:
                    raise self.report.invalid("a marker lies at no time", place)
            elif name == "metadatas" and position is not None:
                yield _marker(position, fields, rates)
                position = None


def _marker(position: int, fields: Fields, rates: tuple[Fraction, ...]) -> Marker:
    """A marker of its text, which stands as a comment in Pitivi, and of what we keep beside it."""
    start = exact_time(position, rates)
    length = min(nanoseconds(fields.get("duration")) or 0, MAX_NANOSECONDS)
    end = exact_time(position + length, rates) if length else start
    text, name = fields.get("comment", ""), fields.get("name", "")
    comment = text[len(name) + 2 :] if name and text.startswith(f"{name}: ") else ""
    color = nanoseconds(fields.get("marker-color"))
    return Marker(
        TimeRange(start, end - start),
        shown_text(name if comment else text or name),
        clean_note(comment),
        "" if color is None else _color(color),
        clean_name(fields.get("kind", "")),
    )


def _color(argb: int) -> str:
    """The name of a colour that has one here, else `#rrggbb`."""
    rgb = argb >> 16 & 0xFF, argb >> 8 & 0xFF, argb & 0xFF
    return next((name for name, known in COLORS.items() if known == rgb), f"#{argb & 0xFFFFFF:06x}")


def _effect_speed(effect: Element) -> Fraction | None:
    """How fast an effect makes a clip, None for an effect on something else."""
    words = effect.get("asset-id", "").removeprefix("video ").removeprefix("audio ").split()
    kind = words[0] if words else ""
    values = fields_of(effect.get("children-properties"))
    found = [values.get(key) for element, key in SPEEDS if element == kind]
    written = [word.partition("=")[2] for word in words[1:] if word.startswith(("rate=", "tempo="))]
    texts = [text for text in (found if any(found) else written) if text and _SPEED.fullmatch(text)]
    if not texts or kind not in dict(SPEEDS):
        return None
    speed = Fraction(1)
    for text in texts:
        speed *= _simple(float(text))
    return speed


def _simple(value: float) -> Fraction:
    """The simplest fraction that a number with 15 digits stands for."""
    tries = (Fraction(value).limit_denominator(10**digits) for digits in range(10))
    return next((each for each in tries if abs(float(each) - value) <= value * 1e-15), Fraction(value))
