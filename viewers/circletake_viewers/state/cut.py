"""The cut as strips: each clip with what was measured of its medium, in the place where it shows."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.highlights import Scored
from circletake.analysis.scores import ScoreCurve
from circletake.media.frames import FrameBatch
from circletake.speech.vad import speech_spans
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Timeline, TrackKind
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.shown import Clock, Cut, Legend, Strip
from circletake_viewers.state.wish import Wish


def resolve_cut(wish: Wish, facts: Facts, before: Cut | None = None) -> Cut:
    """The strips of the topmost clips, by start; sound alone only where no picture shows.

    `before` is the same cut with other measurements: what was not measured anew is taken from there.
    """
    timeline = facts.timeline
    if timeline is None:
        return Cut()
    strips = _strips(facts, timeline) if before is None else tuple(_measured(strip, facts) for strip in before.strips)
    frames = timeline.duration.rescaled_to(timeline.rate).value
    clock = Clock(timeline.rate, timeline.drop_frame, timeline.global_start_time)
    curves = {curve.name: curve for strip in strips for curve in strip.curves}
    return Cut(clock, frames, strips, _legend(curves, wish), _source(curves))


def _strips(facts: Facts, timeline: Timeline) -> tuple[Strip, ...]:
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    seen = timeline.shown(whole, TrackKind.VIDEO) or timeline.shown(whole, TrackKind.AUDIO)
    return tuple(_measured(_strip(place, clip, in_media, facts, timeline), facts) for place, clip, in_media in seen)


def _strip(place: TimeRange, clip: Clip, in_media: TimeRange, facts: Facts, timeline: Timeline) -> Strip:
    path = Path(clip.media.target_url) if clip.media else None
    info = facts.media.get(path) if path else None
    span = place.rescaled_to(timeline.rate)
    begins = in_media.start_time if clip.speed >= 0 else in_media.end_time_exclusive
    return Strip(
        name=clip.name,
        path=path,
        start=span.start_time.value,
        end=span.end_time_exclusive.value,
        offset=float(begins.seconds - place.start_time.seconds * clip.speed),
        missing=path is not None and info is None,
        has_picture=bool(info and info.picture),
        has_sound=bool(info and info.sound and clip.speed),  # a held frame is silent
        speed=float(clip.speed),
    )


def _measured(strip: Strip, facts: Facts) -> Strip:
    """The strip with what is known of its film; the same one where nothing is new."""
    scored = _scored(strip.path, facts)
    fused = scored.fused if scored else None
    if fused is (strip.curves[0] if strip.curves else None):
        return strip
    if scored is None:
        return Strip(strip.name, strip.path, strip.start, strip.end, strip.offset, strip.missing,
                     strip.has_picture, strip.has_sound, speed=strip.speed)  # fmt: skip
    measured, room = scored.measured, _room(strip, scored, facts)
    thumbnails = _inside(measured.thumbnails, room) if scored.grid.spans else measured.thumbnails
    return replace(
        strip,
        thumbnails=thumbnails if len(thumbnails) else None,
        waveform=measured.waveform if strip.speed else None,
        cuts=measured.cuts,
        pauses=_pauses(scored) if strip.path not in facts.growing else np.empty((0, 2), np.float64),
        curves=(scored.fused, *scored.curves),
        measured=room[1],
    )


def _room(strip: Strip, scored: Scored, facts: Facts) -> tuple[float, float]:
    """The measured part of its film, in media seconds, in which the strip's earliest media lies; none is (0, 0)."""
    rate = float(facts.timeline.rate) if facts.timeline else 1.0
    earliest = min(at / rate * strip.speed + strip.offset for at in (strip.start, strip.end))
    reach = scored.grid.hop_seconds / 2  # clips of another rate begin between two frames
    found = (room for room in scored.grid.rooms if not scored.grid.spans or room[0] - reach <= earliest < room[1])
    return next(found, (0.0, 0.0))


def _inside(batch: FrameBatch, room: tuple[float, float]) -> FrameBatch:
    """The pictures of one part of a film."""
    begin, end = np.searchsorted(batch.seconds, room)
    return FrameBatch(batch.images[begin:end], batch.seconds[begin:end])


def _scored(path: Path | None, facts: Facts) -> Scored | None:
    if path is None:
        return None
    growing = facts.growing.get(path)
    return growing.scored if growing else facts.scored.get(path)


def _pauses(scored: Scored | None) -> NDArray[np.float64]:
    """Where nobody speaks between two who do, as media seconds (P, 2)."""
    spans = speech_spans(scored.measured.speech) if scored and scored.measured.speech else ()
    rows = [
        (before.end_time_exclusive.to_seconds(), after.start_time.to_seconds())
        for before, after in itertools.pairwise(spans)
    ]
    return np.array(rows, np.float64).reshape(-1, 2)


def _legend(curves: dict[str, ScoreCurve], wish: Wish) -> tuple[Legend, ...]:
    names = list(curves)
    return tuple(
        Legend(name, curves[name].title, None if place == 0 else place - 1, place == 0 or name in wish.shown_curves)
        for place, name in enumerate(names)
    )


def _source(curves: dict[str, ScoreCurve]) -> str:
    return next((curve.source for curve in curves.values()), "")
