"""The cut as strips: each clip with what was measured of its medium, in the place where it shows."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.highlights import Scored
from circletake.analysis.scores import ScoreCurve
from circletake.media.frames import MediaInfo
from circletake.speech.vad import speech_spans
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Timeline, TrackKind
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.shown import Clock, Cut, Legend, Strip
from circletake_viewers.state.wish import Wish


def resolve_cut(wish: Wish, facts: Facts) -> Cut:
    """The strips of the topmost clips, by start; sound alone only where no picture shows."""
    timeline = facts.timeline
    if timeline is None:
        return Cut()
    frames = timeline.duration.rescaled_to(timeline.rate).value
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    seen = timeline.shown(whole, TrackKind.VIDEO) or timeline.shown(whole, TrackKind.AUDIO)
    strips = tuple(_strip(place, clip, in_media, facts, timeline) for place, clip, in_media in seen)
    clock = Clock(timeline.rate, timeline.drop_frame, timeline.global_start_time)
    curves = {curve.name: curve for strip in strips for curve in strip.curves}
    return Cut(clock, frames, strips, _legend(curves, wish), _source(curves))


def _strip(place: TimeRange, clip: Clip, in_media: TimeRange, facts: Facts, timeline: Timeline) -> Strip:
    path = Path(clip.media.target_url) if clip.media else None
    info = facts.media.get(path) if path else None
    span = place.rescaled_to(timeline.rate)
    scored = _scored(path, facts)
    measured = scored.measured if scored else None
    return Strip(
        name=clip.name,
        path=path,
        start=span.start_time.value,
        end=span.end_time_exclusive.value,
        offset=(in_media.start_time - place.start_time).to_seconds(),
        missing=info is None,
        has_picture=bool(info and info.picture),
        has_sound=bool(info and info.sound),
        thumbnails=measured.thumbnails if measured and len(measured.thumbnails) else None,
        waveform=measured.waveform if measured else None,
        cuts=measured.cuts if measured else np.empty(0, np.float64),
        pauses=_pauses(scored) if path not in facts.growing else np.empty((0, 2), np.float64),
        curves=(scored.fused, *scored.curves) if scored else (),
        measured=_measured_until(path, scored, info, facts),
    )


def _scored(path: Path | None, facts: Facts) -> Scored | None:
    if path is None:
        return None
    growing = facts.growing.get(path)
    return growing.scored if growing else facts.scored.get(path)


def _measured_until(path: Path | None, scored: Scored | None, info: MediaInfo | None, facts: Facts) -> float:
    if scored is None:
        return 0.0
    if path in facts.growing or info is None:
        return scored.grid.duration.to_seconds()
    return info.duration.to_seconds()


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
