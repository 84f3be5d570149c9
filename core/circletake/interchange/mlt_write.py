"""What Kdenlive's and Shotcut's files share: clips as MLT asks for them, the profile, times, texts fit for XML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath

from circletake.interchange.format import Delivery
from circletake.interchange.xml import Element, SubElement
from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, round_fraction
from circletake.timeline.addresses import media_path, media_url
from circletake.timeline.model import Clip, Marker, Track

RETIMED = "Clips at another speed begin on the nearest frame that MLT makes of the retimed film."
"""What becomes of speeds: MLT counts a retimed film in frames of its own."""

ENGINE = "7.12.0"
"""The MLT whose XML this is; later ones read it."""

CLEAR = "#00000000"
"""The colour of a clip without a medium: what lies below it shows."""

IMAGE_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".svg", ".tga"))

_NORMAL = Fraction(1)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Part:
    """A clip on the frames of the timeline: it begins at `start` and lasts `length` frames."""

    start: int
    length: int
    clip: Clip

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Asked:
    """What MLT is asked to play: frame `first` of a producer, and which of its frames is `held`, if any."""

    first: int
    held: int | None = None


class Media:
    """The producers behind clips: where they are and how many frames they have."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._rate = delivery.timeline.rate
        self._lengths: dict[tuple[str, Fraction], int] = {}
        self._paths: dict[str, Path | None] = {}
        for track in delivery.timeline.tracks:
            for part in parts_of(track, self._rate):
                self._note_length(part)

    def _note_length(self, part: Part) -> None:
        clip, first = part.clip, self._first(part.clip)
        used = max(first + 1, part.length) if clip.speed == 0 else first + part.length
        at_own_speed = math.ceil(used * (abs(clip.speed) or 1))
        for speed, length in ((clip.speed, used), (_NORMAL, at_own_speed)):
            key = self.resource(clip), speed
            self._lengths[key] = max(self._lengths.get(key, 0), length, self._whole(clip, speed))

    def info(self, clip: Clip) -> MediaInfo | None:
        """What is known of a clip's medium."""
        path = self._path(clip)
        return None if path is None else self._delivery.media.get(path)

    def resource(self, clip: Clip) -> str:
        """A clip's medium as MLT names it: a path, an address where it is none, `CLEAR` where there is none."""
        if clip.media is None:
            return CLEAR
        path = self._path(clip)
        return text_of(clip.media.target_url if path is None else media_url(path))

    def service(self, clip: Clip) -> str:
        """The name of MLT's producer for a clip."""
        if clip.media is None:
            return "color"
        if PurePosixPath(self.resource(clip)).suffix.lower() in IMAGE_SUFFIXES:
            return "qimage"
        return "timewarp" if clip.speed not in (0, 1) else "avformat-novalidate"

    def length(self, clip: Clip) -> int:
        """Frames of the producer of a clip, at the clip's speed: all of the medium, and at least what is used."""
        return self._lengths[self.resource(clip), clip.speed]

    def asked(self, part: Part) -> Asked:
        """Where in its producer a clip begins."""
        clip, first = part.clip, self._first(part.clip)
        if self.service(clip) == "qimage":
            return Asked(0)
        if clip.speed < 0:  # backwards, MLT counts from the producer's last frame
            return Asked(self.length(clip) - first - part.length)
        if clip.speed == 0:
            fitting = min(first, self.length(clip) - part.length)
            return Asked(fitting, first - fitting)
        return Asked(first)

    def properties(self, clip: Clip) -> dict[str, object]:
        """What makes a producer play a clip's medium at its speed."""
        service, resource = self.service(clip), self.resource(clip)
        facts: dict[str, object] = {"length": self.length(clip), "eof": "pause", "resource": resource}
        if service == "timewarp":
            speed = speed_text(clip.speed)
            warped = {"resource": f"{speed}:{resource}", "warp_speed": speed, "warp_resource": resource}
            facts |= warped | {"warp_pitch": 0}
        return facts | {"mlt_service": service}

    def _path(self, clip: Clip) -> Path | None:
        if clip.media is None:
            return None
        url = clip.media.target_url
        if url not in self._paths:
            self._paths[url] = media_path(url, self._delivery.path.absolute().parent)
        return self._paths[url]

    def _first(self, clip: Clip) -> int:
        """The first frame used, counted at the clip's speed."""
        return max(0, round_fraction(clip.source_range.start_time.seconds / (abs(clip.speed) or 1) * self._rate))

    def _whole(self, clip: Clip, speed: Fraction) -> int:
        """Frames of the whole medium at a speed, as far as its length is known."""
        info = self.info(clip)
        known = clip.media.available_range if clip.media else None
        seconds = info.duration.seconds if info else known.end_time_exclusive.seconds if known else Fraction(0)
        return round_fraction(max(seconds, Fraction(0)) / (abs(speed) or 1) * self._rate)


def parts_of(track: Track, rate: Fraction) -> Iterator[Part]:
    """A track's clips on whole frames; neighbours still touch, and what has no frame is left out."""
    for placed, item in track.placed(rate):
        span = placed.rescaled_to(rate)
        if isinstance(item, Clip) and span.duration.value > 0:
            yield Part(span.start_time.value, span.duration.value, item)


def span(last: int, rate: Fraction, first: int = 0) -> dict[str, object]:
    """The attributes `in` and `out` of a stretch whose last frame is inside."""
    return {"in": clock(first, rate), "out": clock(last, rate)}


def clock(frames: int, rate: Fraction) -> str:
    """`00:01:02.033`: a time as MLT writes it, to the millisecond, which is finer than a frame."""
    milliseconds = round_fraction(frames * 1000 / rate)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def frame_of(time: RationalTime, rate: Fraction) -> int:
    """The frame of `rate` nearest to a moment."""
    return time.rescaled_to(rate).value


def text_of(text: str) -> str:
    """A text without what XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def one_text(marker: Marker) -> str:
    """Name and comment of a marker as the single text these editors have."""
    name, comment = (" ".join(text_of(text).split()) for text in (marker.name, marker.comment))
    return f"{name}: {comment}" if name and comment else name or comment


def add(parent: Element, tag: str, properties: Mapping[str, object] | None = None, /, **attributes: object) -> Element:
    """Add an element with attributes and MLT properties; what is None is left out."""
    given = {name: text_of(str(value)) for name, value in attributes.items() if value is not None}
    element = SubElement(parent, tag, given)
    for name, value in (properties or {}).items():
        if value is not None:
            SubElement(element, "property", name=name).text = text_of(str(value))
    return element


def add_profile(root: Element, delivery: Delivery, media: Media) -> tuple[int, int]:
    """Add the size and rate of the timeline; gives (width, height) in pixels."""
    width, height = _size(delivery, media)
    shape, rate = Fraction(width, height), delivery.timeline.rate
    add(
        root,
        "profile",
        description=f"{width}x{height} {float(rate):.2f} fps",
        width=width,
        height=height,
        progressive=1,
        sample_aspect_num=1,
        sample_aspect_den=1,
        display_aspect_num=shape.numerator,
        display_aspect_den=shape.denominator,
        frame_rate_num=rate.numerator,
        frame_rate_den=rate.denominator,
        colorspace=709 if height > 576 else 601,
    )
    return width, height


def _size(delivery: Delivery, media: Media) -> tuple[int, int]:
    """The first picture's, in even numbers as encoders want them; 1080p where there is none."""
    for track in delivery.timeline.tracks:
        for part in parts_of(track, delivery.timeline.rate):
            info = media.info(part.clip)
            if info and info.picture:
                width, height = info.picture.display_size
                return width + width % 2, height + height % 2
    return 1920, 1080


def speed_text(speed: Fraction) -> str:
    """A speed as a decimal that means it exactly enough: `2`, `-0.5`, `1.3333333333333333`."""
    return str(speed.numerator) if speed.denominator == 1 else repr(float(speed))


def add_entry(playlist: Element, part: Part, producer: str, media: Media, rate: Fraction) -> Element:
    """Add a clip to a playlist; MLT's last frame is inside."""
    asked = media.asked(part)
    return add(playlist, "entry", None, producer=producer, **span(asked.first + part.length - 1, rate, asked.first))


def add_hold(entry: Element, part: Part, media: Media) -> None:
    """Add the effect that holds a frame, to a clip that has no speed."""
    held = media.asked(part).held
    if held is not None:
        add(entry, "filter", {"mlt_service": "freeze", "kdenlive_id": "freeze", "frame": held})


def add_blank(playlist: Element, frames: int, rate: Fraction) -> None:
    """Add an empty place, where there is one."""
    if frames > 0:
        add(playlist, "blank", length=clock(frames, rate))


def add_internal(tractor: Element, service: str, lower: int, upper: int, properties: Mapping[str, object]) -> None:
    """Add a transition that lays track `upper` over (or mixes it into) track `lower` all along."""
    facts = {"a_track": lower, "b_track": upper, "mlt_service": service, "always_active": 1}
    add(tractor, "transition", {**facts, **properties})
