"""Tracks as lanes whose clips hold picture and sound together, for editors that have no tracks of one kind alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import takewhile

from circletake.timebase import TimeRange
from circletake.timeline.model import Clip, MediaReference, Timeline, Track, TrackKind


@dataclass(frozen=True, slots=True)
class Part:
    """A clip with media and the whole frames of the timeline it lies at; what of its media is used."""

    place: TimeRange
    clip: Clip
    media: MediaReference
    picture: bool
    sound: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of parts, one after the other."""

    name: str
    parts: tuple[Part, ...]


def lanes_of(timeline: Timeline) -> tuple[Lane, ...]:
    """From the lowest up: sound alone, the last track lowest, then pictures with the sound that belongs to them.

    The first sound track joins the first picture track where each of its clips lies under one that shows the same;
    so does the second, up to the first that does not. Clips without media leave an empty place.
    """
    pictures, sounds = (_rows(timeline, kind) for kind in (TrackKind.VIDEO, TrackKind.AUDIO))
    pairs = zip(pictures, sounds, strict=False)
    joined = sum(1 for _ in takewhile(lambda pair: _belongs(pair[0].parts, pair[1].parts), pairs))
    shared = (_joined(*pair) for pair in zip(pictures[:joined], sounds[:joined], strict=True))
    lanes = (*reversed(sounds[joined:]), *shared, *pictures[joined:])
    return tuple(lane for lane in lanes if lane.parts)


def sound_lane(number: int, count: int, *, has_pictures: bool) -> int:
    """Where the sound of lane `number` of `count` (0 the lowest) lies among sound tracks, as `lanes_of` orders them."""
    return number if has_pictures else 2 * count - number


def _rows(timeline: Timeline, kind: TrackKind) -> list[Lane]:
    tracks = (track for track in timeline.tracks if track.kind is kind)
    return [Lane(track.name, tuple(_parts(track, timeline.rate))) for track in tracks]


def _parts(track: Track, rate: Fraction) -> Iterator[Part]:
    """Clips that have media and at least a frame, on the frames of the timeline."""
    is_picture = track.kind is TrackKind.VIDEO
    for placed, item in track.placed(rate):
        place = placed.rescaled_to(rate)
        if isinstance(item, Clip) and item.media is not None and place.duration.value:
            yield Part(place, item, item.media, picture=is_picture, sound=not is_picture)


def _joined(pictures: Lane, sounds: Lane) -> Lane:
    heard = {part.place for part in sounds.parts}
    parts = (replace(part, sound=True) if part.place in heard else part for part in pictures.parts)
    return Lane(pictures.name, tuple(parts))


def _belongs(pictures: Iterable[Part], sounds: Iterable[Part]) -> bool:
    """Tell whether each sound lies under a picture of the same stretch of the same media."""
    shown = {part.place: part for part in pictures}
    return all(part.place in shown and _is_same(shown[part.place], part) for part in sounds)


def _is_same(picture: Part, sound: Part) -> bool:
    first, second = picture.clip, sound.clip
    return (
        not second.markers
        and first.name == second.name
        and first.speed == second.speed
        and first.source_range.start_time == second.source_range.start_time
        and picture.media.target_url == sound.media.target_url
    )
