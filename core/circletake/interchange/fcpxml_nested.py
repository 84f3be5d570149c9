"""What a clip that holds others shows: the stretch used of its contents, at the speed it plays them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from circletake.interchange.fcpxml_times import FINEST_SPEED, TimeMap, edge, in_media
from circletake.interchange.rows import Flat, Looks, Placement, tracks_of
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Marker, TrackKind

AUDIO_ROWS = 1000
"""Rows of sound that a lane may hold, so that sounds that play together stay apart."""

BELOW = 20_000
"""Where lanes below the first one begin among rows of sound: after those above, which belong to pictures."""


def sound_row(lane: int, number: int = 0) -> int:
    """The order of a row of sound: the first lane's, those above it, then those below it."""
    return (lane if lane >= 0 else BELOW - lane) * AUDIO_ROWS + min(number, AUDIO_ROWS - 1)


@dataclass(frozen=True, slots=True)
class Inside:
    """The contents of a clip, compound clip or angle in their own time, from `base` on.

    `pictures` are one row; each row of `sounds` is heard with the others.
    """

    pictures: tuple[Flat, ...]
    sounds: tuple[Flat, ...]
    markers: tuple[Marker, ...]
    rate: Fraction
    base: Fraction

    @classmethod
    def of(cls, placements: Sequence[Placement], markers: Sequence[Marker], rate: Fraction, looks: Looks) -> Inside:
        """Contents placed in their own time, which may begin below zero."""
        base = min((each.start.seconds for each in placements if each.start.value < 0), default=Fraction(0))
        by = edge(-base, rate)
        shifted = [replace(each, start=each.start + by) for each in placements] if base else placements
        moved = tuple(replace(marker, range=marker.range.shifted(by)) for marker in markers)
        rows = tracks_of(shifted)
        seen = [row for row in rows if row.kind is TrackKind.VIDEO]
        sounds = tuple(Flat([row], rate, looks) for row in rows if row.kind is TrackKind.AUDIO)
        return cls((Flat(seen, rate, looks),) if seen else (), sounds, moved, rate, -by.seconds)


@dataclass(frozen=True, slots=True)
class Use:
    """A stretch of own time, `start` to `end`, of a clip that begins at `place` and plays `pace` of it a second."""

    place: Fraction
    start: Fraction
    end: Fraction
    pace: Fraction
    shown: TimeMap

    @property
    def length(self) -> Fraction:
        """Seconds on the timeline."""
        return (self.end - self.start) / self.pace

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """What is shown at the first and after the last moment."""
        return self.shown.at(self.start), self.shown.at(self.end)

    @property
    def speed(self) -> Fraction:
        """Seconds of the contents that pass in a second of the timeline, on the mean."""
        first, last = self.ends
        speed = (last - first) / self.length if self.length else Fraction(1)
        return speed.limit_denominator(FINEST_SPEED)

    def at(self, own: Fraction) -> Fraction:
        """Where on the timeline a moment of own time lies."""
        return self.place + (own - self.start) / self.pace


def pieces(inside: Inside, use: Use, lane: int, kind: TrackKind) -> Iterator[Placement]:
    """What a use of contents shows or sounds: of pictures the topmost, of sounds all."""
    layers = inside.pictures if kind is TrackKind.VIDEO else inside.sounds
    for number, layer in enumerate(layers):
        row = lane if kind is TrackKind.VIDEO else sound_row(lane, number)
        yield from _laid(_played(layer, inside, use, kind), use, inside.rate, kind, row)


def _played(layer: Flat, inside: Inside, use: Use, kind: TrackKind) -> list[Item]:
    """The items of a layer as they follow each other, at the speed of the use."""
    first, last = use.ends
    if first == last:
        return _held(layer, inside, use, kind)
    low = in_media(min(first, last) - inside.base, inside.rate)
    span = TimeRange(low, in_media(abs(last - first), inside.rate))
    speed = use.speed
    items = [_faster(item, speed) for item in layer.during(span)]
    return items if speed > 0 else items[::-1]


def _held(layer: Flat, inside: Inside, use: Use, kind: TrackKind) -> list[Item]:
    length = in_media(use.length, inside.rate)
    moment = in_media(use.ends[0] - inside.base, inside.rate)
    item = layer.during(TimeRange(moment, RationalTime(1, inside.rate)))[0]
    if isinstance(item, Gap) or kind is TrackKind.AUDIO:
        return [Gap(length)]
    return [replace(item, source_range=TimeRange(item.source_range.start_time, length), speed=Fraction(0))]


def _faster(item: Item, speed: Fraction) -> Item:
    if speed == 1:
        return item
    length = in_media(item.duration.seconds / abs(speed), item.duration.rate)
    if isinstance(item, Gap):
        return Gap(length)
    faster = (item.speed * speed).limit_denominator(FINEST_SPEED)
    return replace(item, source_range=TimeRange(item.source_range.start_time, length), speed=faster)


def _laid(items: list[Item], use: Use, rate: Fraction, kind: TrackKind, row: int) -> Iterator[Placement]:
    """Items one after the other from where the use lies, their ends on frames where they mean them."""
    at = use.place
    start = edge(at, rate)
    for item in items:
        at += item.duration.seconds
        end = edge(at, rate)
        if isinstance(item, Clip) and start < end:
            fitted = TimeRange(item.source_range.start_time, end - start)
            yield Placement(start, replace(item, source_range=fitted), kind, row)
        start = end
