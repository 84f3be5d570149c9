"""Writes Final Cut Pro 7 XML (xmeml) as Premiere writes and Resolve wants it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from circletake.interchange import colors
from circletake.interchange.fcp7_files import (
    DEFAULT_SIZE,
    Medium,
    add,
    add_file,
    add_picture_format,
    add_rate,
    add_sound_format,
    add_timecode,
    identity_of,
    media_of,
    written_rate,
)
from circletake.interchange.fcp7_values import KIND_NAMES, PREMIERE_COLORS, SWATCHES, TICKS
from circletake.interchange.format import Delivery
from circletake.interchange.xml import Element, to_bytes
from circletake.timebase import RationalTime, may_drop_frames, round_fraction
from circletake.timeline.model import Clip, Marker, TrackKind, clean_name
from circletake.timeline.stored import clean_note


def write_premiere(delivery: Delivery) -> bytes:
    """The file as Premiere writes it: a marker's colour is the nearest of Premiere's eight."""
    return _Writer(delivery, swatches=True).data()


def write_resolve(delivery: Delivery) -> bytes:
    """The file with plain Final Cut Pro 7 colours."""
    return _Writer(delivery, swatches=False).data()


@dataclass(frozen=True, slots=True)
class _Item:
    """A clip on its way: its number, the frames of the sequence it fills, and the channel of sound it is."""

    number: int
    clip: Clip
    medium: Medium
    start: int
    end: int
    channel: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A track of the file; stereo sound takes two, one a channel."""

    name: str
    kind: TrackKind
    items: tuple[_Item, ...]
    channel: int = 1
    channels: int = 1


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item lies, as links name it: its track among those of its kind, and its place there, both from 1."""

    item: _Item
    kind: TrackKind
    track: int
    place: int


@dataclass(frozen=True, slots=True)
class _Retimed:
    """A clip in the frames of its own, retimed row: `start` in seconds of it, `whole` its length in seconds."""

    rate: Fraction
    start: Fraction
    whole: Fraction


class _Writer:
    """A timeline on its way to a file."""

    def __init__(self, delivery: Delivery, *, swatches: bool) -> None:
        self.timeline = delivery.timeline
        self.swatches = swatches
        self.rate = written_rate(self.timeline.rate)
        self.drops = self.timeline.drop_frame and may_drop_frames(self.rate)
        clips = [(track.kind, clip) for track in self.timeline.tracks for clip in track.items if isinstance(clip, Clip)]
        self.media = media_of(clips, delivery.media, self.rate, drops=self.drops)
        self.rows = self._rows()
        self.described: set[int] = set()
        self.links = self._links()

    def data(self) -> bytes:
        root = Element("xmeml", version="4")
        sequence = add(root, "sequence", id="sequence-1")
        add(sequence, "duration", self._frame(self.timeline.duration))
        add_rate(sequence, self.rate)
        add(sequence, "name", clean_name(self.timeline.name) or "Sequence")
        media = add(sequence, "media")
        self._add_pictures(add(media, "video"))
        self._add_sound(add(media, "audio"))
        start = self.timeline.global_start_time or RationalTime.zero(self.rate)
        add_timecode(sequence, start, self.rate, drops=self.drops)
        for marker in self.timeline.markers:
            self._add_marker(sequence, marker, self.rate, marker.range.start_time.seconds)
        return to_bytes(root, "<!DOCTYPE xmeml>")

    def _frame(self, time: RationalTime) -> int:
        return round_fraction(time.seconds * self.rate)

    def _rows(self) -> list[_Row]:
        rows: list[_Row] = []
        number = 0
        for track in self.timeline.tracks:
            placed = [(at, clip) for at, clip in track.placed(self.timeline.rate) if isinstance(clip, Clip)]
            sound = track.kind is TrackKind.AUDIO
            most = max((self._medium(clip).channels for _, clip in placed), default=1) if sound else 1
            for channel in range(1, most + 1):
                items: list[_Item] = []
                for at, clip in placed:
                    medium = self._medium(clip)
                    start, end = self._frame(at.start_time), self._frame(at.end_time_exclusive)
                    if start < end and channel <= medium.channels:
                        number += 1
                        items.append(_Item(number, clip, medium, start, end, channel))
                rows.append(_Row(track.name, track.kind, tuple(items), channel, most))
        return rows

    def _medium(self, clip: Clip) -> Medium:
        return self.media[identity_of(clip.media)]

    def _links(self) -> dict[int, list[_Place]]:
        """For each item those it is linked with, itself among them: picture and sound of one clip."""
        groups: dict[object, list[_Place]] = {}
        for each in self._places():
            item = each.item
            key = (item.medium.number, item.start, item.end, item.clip.source_range.start_time, item.clip.speed)
            group = groups.setdefault(key, [])
            if all((each.kind, item.channel) != (other.kind, other.item.channel) for other in group):
                group.append(each)
        return {each.item.number: group for group in groups.values() if len(group) > 1 for each in group}

    def _places(self) -> Iterator[_Place]:
        for kind in KIND_NAMES:
            for track, row in enumerate((row for row in self.rows if row.kind is kind), 1):
                for place, item in enumerate(row.items, 1):
                    yield _Place(item, kind, track, place)

    def _add_pictures(self, parent: Element) -> None:
        known = [medium for medium in self.media.values() if medium.info and medium.info.picture]
        add_picture_format(add(parent, "format"), known[0].size if known else DEFAULT_SIZE, self.rate)
        for row in self.rows:
            if row.kind is TrackKind.VIDEO:
                self._add_track(parent, row)

    def _add_sound(self, parent: Element) -> None:
        add(parent, "numOutputChannels", 2)
        add_sound_format(add(parent, "format"), 48000)
        outputs = add(parent, "outputs")
        for channel in (1, 2):
            group = add(outputs, "group")
            add(group, "index", channel)
            add(group, "numchannels", 1)
            add(group, "downmix", 0)
            add(add(group, "channel"), "index", channel)
        for row in self.rows:
            if row.kind is TrackKind.AUDIO:
                self._add_track(parent, row)

    def _add_track(self, parent: Element, row: _Row) -> None:
        track = add(parent, "track")
        if clean_name(row.name):
            track.set("MZ.TrackName", clean_name(row.name))
        if row.kind is TrackKind.AUDIO:
            track.set("currentExplodedTrackIndex", str(row.channel - 1))
            track.set("totalExplodedTrackCount", str(row.channels))
            track.set("premiereTrackType", "Stereo" if row.channels > 1 else "Mono")
        for item in row.items:
            self._add_item(track, item, row.kind)
        add(track, "enabled", "TRUE")
        add(track, "locked", "FALSE")
        if row.kind is TrackKind.AUDIO:
            add(track, "outputchannelindex", row.channel)

    def _add_item(self, parent: Element, item: _Item, kind: TrackKind) -> None:
        clip, medium = item.clip, item.medium
        seconds = (item.end - item.start) / self.rate
        own = _retimed(clip, medium, self.rate, seconds)
        first = round_fraction(own.start * own.rate)
        node = add(parent, "clipitem", id=f"clipitem-{item.number}")
        if kind is TrackKind.AUDIO:
            node.set("premiereChannelType", "stereo" if medium.channels > 1 else "mono")
        add(node, "masterclipid", f"masterclip-{medium.number}")
        add(node, "name", clean_name(clip.name) or medium.name)
        add(node, "enabled", "TRUE")
        add(node, "duration", math.ceil(own.whole * own.rate))
        add_rate(node, own.rate)
        add(node, "start", item.start)
        add(node, "end", item.end)
        add(node, "in", first)
        add(node, "out", max(first + 1, round_fraction((own.start + seconds) * own.rate)))
        add(node, "pproTicksIn", round_fraction(own.start * TICKS))
        add(node, "pproTicksOut", round_fraction((own.start + seconds) * TICKS))
        add_file(node, medium, self.described)
        if clip.speed != 1:
            _add_remap(node, clip, own, kind)
        for marker in clip.markers if item.channel == 1 else ():
            self._add_marker(node, marker, own.rate, _in_retimed(marker, clip, medium), abs(clip.speed) or Fraction(1))
        if kind is TrackKind.AUDIO:
            source = add(node, "sourcetrack")
            add(source, "mediatype", "audio")
            add(source, "trackindex", item.channel)
        for linked in self.links.get(item.number, ()):
            _add_link(node, linked)

    def _add_marker(
        self, parent: Element, marker: Marker, rate: Fraction, start: Fraction, speed: Fraction = Fraction(1)
    ) -> None:
        """A marker `start` seconds into its element's own time, in which its media passes at `speed`."""
        node = add(parent, "marker")
        add(node, "comment", clean_note(marker.comment))
        add(node, "name", clean_name(marker.name))
        first = max(0, round_fraction(start * rate))
        length = marker.range.duration.seconds / speed
        add(node, "in", first)
        add(node, "out", max(first + 1, round_fraction((start + length) * rate)) if length else -1)
        self._add_color(node, marker.color)

    def _add_color(self, marker: Element, color: str) -> None:
        swatch = colors.nearest(color, PREMIERE_COLORS)
        rgb = colors.rgb_of(color)
        if self.swatches and swatch is not None:
            add(marker, "pproColor", SWATCHES[swatch])
        elif rgb is not None:
            node = add(marker, "color")
            for name, level in zip(("alpha", "red", "green", "blue"), (0, *rgb), strict=True):
                add(node, name, level)


def _retimed(clip: Clip, medium: Medium, rate: Fraction, seconds: Fraction) -> _Retimed:
    """Where a clip of `seconds` begins in its medium as retimed, counted at the rate that holds its start."""
    begin, speed = max(Fraction(0), clip.source_range.start_time.seconds), abs(clip.speed)
    holds = [each for each in (medium.rate, rate) if (begin * each).denominator == 1]
    own = next(iter(holds), medium.rate) if clip.media else rate
    if speed == 0:
        return _Retimed(own, begin, max(medium.seconds, begin + seconds))
    whole = medium.seconds / speed
    return _Retimed(own, begin / speed if clip.speed > 0 else max(Fraction(0), whole - begin / speed - seconds), whole)


def _in_retimed(marker: Marker, clip: Clip, medium: Medium) -> Fraction:
    """Seconds into the retimed clip at which a marker lies."""
    if clip.speed < 0:
        return (medium.seconds - marker.range.end_time_exclusive.seconds) / -clip.speed
    return marker.range.start_time.seconds / (clip.speed or 1)


def _add_link(parent: Element, linked: _Place) -> None:
    node = add(parent, "link")
    add(node, "linkclipref", f"clipitem-{linked.item.number}")
    add(node, "mediatype", KIND_NAMES[linked.kind])
    add(node, "trackindex", linked.track)
    add(node, "clipindex", linked.place)
    if linked.kind is TrackKind.AUDIO:
        add(node, "groupindex", 1)


def _add_remap(parent: Element, clip: Clip, own: _Retimed, kind: TrackKind) -> None:
    """The filter that retimes a clip; a held frame is a graph that stays level."""
    effect = add(add(parent, "filter"), "effect")
    for tag, text in (("name", "Time Remap"), ("effectid", "timeremap"), ("effectcategory", "motion")):
        add(effect, tag, text)
    add(effect, "effecttype", "motion")
    add(effect, "mediatype", KIND_NAMES[kind])
    held = clip.speed == 0
    percent = Fraction(100) if held else abs(clip.speed) * 100
    values = {
        "variablespeed": "1" if held else "0",
        "speed": _decimal(percent),
        "reverse": "TRUE" if clip.speed < 0 else "FALSE",
        "frameblending": "FALSE",
    }
    for name, value in values.items():
        _add_parameter(effect, name, value)
    if held:
        graph = _add_parameter(effect, "graphdict", "0")
        for when in _corners(own):
            key = add(graph, "keyframe")
            add(key, "when", when)
            add(key, "value", _decimal(own.start * own.rate))


def _corners(own: _Retimed) -> Iterator[int]:
    yield 0
    yield math.ceil(own.whole * own.rate)


def _add_parameter(effect: Element, name: str, value: str) -> Element:
    node = add(effect, "parameter", authoringApp="PremierePro")
    add(node, "parameterid", name)
    add(node, "name", name)
    add(node, "value", value)
    return node


def _decimal(number: Fraction) -> str:
    """A number with as many decimals as it needs, twelve at most."""
    whole, rest = divmod(round_fraction(number * 10**12), 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")
