"""The `resources` of an FCPXML file as it is written: each medium once, each format once."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from circletake.interchange.fcpxml_times import text_of
from circletake.interchange.format import Delivery
from circletake.interchange.xml import Element, SubElement
from circletake.media.frames import MediaInfo, VideoStream
from circletake.timebase import from_timecode
from circletake.timeline.model import Clip, MediaReference, TrackKind, clean_name

DEFAULT_SIZE = (1920, 1080)
DEFAULT_SOUND_RATE = 48000

RATES = {
    Fraction(24000, 1001): "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30000, 1001): "29.97",
    Fraction(30): "30",
    Fraction(48000, 1001): "47.95",
    Fraction(48): "48",
    Fraction(50): "50",
    Fraction(60000, 1001): "59.94",
    Fraction(60): "60",
}
"""Rates that a medium may be conformed from. Source: `conform-rate` in Apple's document type, version 1.10."""

_SIZES = {(1280, 720): "720", DEFAULT_SIZE: "1080", (3840, 2160): "3840x2160", (4096, 2160): "4096x2160"}
_COLORS = {"smpte2084": "9-16-9 (Rec. 2020 PQ)", "arib-std-b67": "9-18-9 (Rec. 2020 HLG)"}
_PLACEHOLDER = ".../Generators.localized/Elements.localized/Placeholder.localized/Placeholder.motn"
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_BACKSLASH = "\\"
_UNQUOTED = "/!$&'()*+,;=:@~"


@dataclass(frozen=True, slots=True)
class Stock:
    """A medium as written: `start` its first timecode and `length`, in seconds; `rate` None for sound alone."""

    id: str
    start: Fraction
    length: Fraction
    rate: Fraction | None
    has_video: bool
    has_audio: bool
    format: str
    timecode: str


@dataclass
class Shelf:
    """Collects formats, assets and the placeholder of clips without media, and gives their ids."""

    delivery: Delivery
    element: Element
    _formats: dict[tuple[Fraction, tuple[int, int], str], str] = field(default_factory=dict)
    _stocks: dict[str, Stock] = field(default_factory=dict)
    _uses: dict[str, list[tuple[TrackKind, Clip]]] = field(default_factory=dict)
    _placeholder: str = ""

    def __post_init__(self) -> None:
        """Learn what each medium is used for."""
        for track in self.delivery.timeline.tracks:
            for item in track.items:
                if isinstance(item, Clip) and item.media is not None:
                    self._uses.setdefault(item.media.target_url, []).append((track.kind, item))

    def sequence_format(self) -> str:
        """The format of the sequence: the timeline's rate at the first picture's size."""
        infos = (self._info(url) for url in self._uses)
        picture = next((info.picture for info in infos if info and info.picture), None)
        return self._format(self.delivery.timeline.rate, picture)

    def placeholder(self) -> str:
        """The generator that Final Cut shows where a medium is yet to come."""
        if not self._placeholder:
            self._placeholder = self._next_id()
            SubElement(self.element, "effect", id=self._placeholder, name="Placeholder", uid=_PLACEHOLDER)
        return self._placeholder

    def stock(self, media: MediaReference) -> Stock:
        """A medium of the timeline."""
        url = media.target_url
        if url not in self._stocks:
            self._stocks[url] = self._written(media, self._info(url), self._uses.get(url, []))
        return self._stocks[url]

    def _written(self, media: MediaReference, info: MediaInfo | None, uses: list[tuple[TrackKind, Clip]]) -> Stock:
        kinds = {kind for kind, _ in uses}
        has_video = info.picture is not None if info else TrackKind.VIDEO in kinds
        has_audio = info.sound is not None if info else TrackKind.AUDIO in kinds
        rate = self._rate(media, info) if has_video else None
        stock = Stock(
            id="",
            start=_start(media, info, rate or self.delivery.timeline.rate),
            length=_length(media, info, (clip for _, clip in uses)),
            rate=rate,
            has_video=has_video,
            has_audio=has_audio,
            format=self._format(rate, info.picture if info else None) if rate else "",
            timecode="DF" if info and info.drop_frame else "NDF",
        )
        return self._shelved(stock, media, info)

    def _shelved(self, stock: Stock, media: MediaReference, info: MediaInfo | None) -> Stock:
        url = file_url(media.target_url)
        asset_id = self._next_id()
        name = clean_name(media.name or Path(media.target_url).stem)
        asset = SubElement(self.element, "asset", id=asset_id, name=name, uid=_uid(url))
        asset.set("start", text_of(stock.start))
        asset.set("duration", text_of(stock.length))
        if stock.has_video:
            asset.attrib.update(hasVideo="1", format=stock.format)
        if stock.has_audio:
            asset.set("hasAudio", "1")
        if stock.has_video:
            asset.set("videoSources", "1")
        if stock.has_audio:
            sound = info.sound if info else None
            asset.set("audioSources", str(len(info.audio) if info and info.audio else 1))
            asset.set("audioChannels", str(sound.channels if sound else 2))
            asset.set("audioRate", str(sound.sample_rate if sound else DEFAULT_SOUND_RATE))
        SubElement(asset, "media-rep", kind="original-media", src=url)
        return replace(stock, id=asset_id)

    def _rate(self, media: MediaReference, info: MediaInfo | None) -> Fraction:
        """Frames a second of a medium: as measured, else as its own range counts, else the timeline's."""
        if info and info.picture:
            return info.picture.edit_rate
        counted = media.available_range.duration.rate if media.available_range else None
        return counted if counted in RATES else self.delivery.timeline.rate

    def _format(self, rate: Fraction, picture: VideoStream | None) -> str:
        size = picture.display_size if picture else DEFAULT_SIZE
        color = _COLORS.get((picture.color.transfer or "") if picture else "", "1-1-1 (Rec. 709)")
        key = (rate, size, color)
        if key not in self._formats:
            self._formats[key] = format_id = self._next_id()
            element = SubElement(self.element, "format", id=format_id)
            if size in _SIZES and rate in RATES and rate not in {Fraction(48), Fraction(48000, 1001)}:
                element.set("name", f"FFVideoFormat{_SIZES[size]}p{RATES[rate].replace('.', '')}")
            element.set("frameDuration", text_of(1 / rate))
            element.attrib.update(width=str(size[0]), height=str(size[1]), colorSpace=color)
        return self._formats[key]

    def _info(self, url: str) -> MediaInfo | None:
        return self.delivery.media.get(Path(url))

    def _next_id(self) -> str:
        return f"r{len(self.element) + 1}"


def file_url(address: str) -> str:
    """A path as Final Cut writes it, `file:///` and percent signs; other addresses as they are."""
    if _DRIVE.match(address):
        return f"file:///{quote(address.replace(_BACKSLASH, '/'), safe=_UNQUOTED)}"
    if _SCHEME.match(address):
        return address
    quoted = quote(os.fsencode(address), safe=_UNQUOTED)
    return f"file://{quoted}" if address.startswith("/") else quoted


def _uid(url: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, url).hex.upper()


def _start(media: MediaReference, info: MediaInfo | None, rate: Fraction) -> Fraction:
    """The first timecode in seconds."""
    if media.start_timecode is not None:
        return media.start_timecode.seconds
    try:
        return from_timecode(info.start_timecode, rate).seconds if info and info.start_timecode else Fraction(0)
    except ValueError:
        return Fraction(0)


def _length(media: MediaReference, info: MediaInfo | None, clips: Iterable[Clip]) -> Fraction:
    """Seconds of a medium: as measured, else as the timeline knows it, else what is used of it."""
    if info is not None:
        return info.duration.seconds
    if media.available_range is not None:
        return media.available_range.end_time_exclusive.seconds
    return max((clip.media_range.end_time_exclusive.seconds for clip in clips), default=Fraction(0))
