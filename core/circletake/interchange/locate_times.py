"""Whether what is found can be what was meant: lengths, start timecodes, and clips that reach beyond their media."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, from_timecode
from circletake.timeline.model import Clip, Marker, Timeline
from circletake.timeline.otio_values import moved_range
from circletake.timeline.report import Report

TOLERANCE = 2
"""Frames by which a medium may differ from what is said of it: containers and editors round its ends."""


def fits(duration: RationalTime, info: MediaInfo, rate: Fraction) -> bool:
    """Tell whether a medium lasts as long as is said of it, within `TOLERANCE` of the slower rate's frames."""
    return abs(duration.seconds - info.duration.seconds) <= TOLERANCE / min(rate, info.edit_rate)


def rebased(timeline: Timeline, found: Mapping[str, MediaInfo], report: Report) -> Timeline:
    """The cut with each medium's start timecode taken off its sources, where that is what they count.

    It is where more clips of the medium lie inside it that way; else they stay, which is told.
    """
    starts = {url: start for url, info in found.items() if (start := _start(timeline, url, info, report)) is not None}

    def item(clip: Clip) -> Clip:
        start = starts.get(clip.media.target_url) if clip.media and clip.media.start_timecode is None else None
        return clip if start is None else _less(clip, start)

    tracks = tuple(
        replace(track, items=tuple(item(each) if isinstance(each, Clip) else each for each in track.items))
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks)


def _start(timeline: Timeline, url: str, info: MediaInfo, report: Report) -> RationalTime | None:
    """What to take off the sources of a medium, None where they count from its first frame."""
    clips = [clip for _, clip in _clips(timeline) if clip.media and clip.media.target_url == url]
    if not clips:
        return None
    counts: dict[RationalTime | None, int] = {None: sum(_is_inside(clip, info, timeline.rate) for clip in clips)}
    for start in _starts(info, clips[0].source_range.start_time.rate):
        counts[start] = sum(_is_inside(_less(clip, start), info, timeline.rate) for clip in clips)
    best = max(counts, key=lambda start: counts[start])
    if best is None and len(counts) > 1:
        report.note(
            f"its timecode starts at {info.start_timecode}, but the clips do not count from there; they are read as "
            "counting from its first frame",
            f'"{info.path.name}"',
        )
    return best


def _starts(info: MediaInfo, rate: Fraction) -> Iterator[RationalTime]:
    """The medium's start as its own rate and as the timeline's counts it; none where it starts at zero."""
    for each in dict.fromkeys((info.edit_rate, rate)):
        try:
            start = from_timecode(info.start_timecode or "", each)
        except ValueError:
            continue
        if start.value > 0:
            yield start


def _less(clip: Clip, start: RationalTime) -> Clip:
    """The clip in media time, its medium with that start."""
    if clip.media is None:
        return clip
    markers: tuple[Marker, ...] = tuple(replace(each, range=moved_range(each.range, -start)) for each in clip.markers)
    return replace(
        clip,
        source_range=moved_range(clip.source_range, -start),
        markers=markers,
        media=replace(clip.media, start_timecode=start),
    )


def _is_inside(clip: Clip, info: MediaInfo, rate: Fraction) -> bool:
    used, spare = clip.media_range, TOLERANCE / min(rate, info.edit_rate)
    return used.start_time.seconds >= -spare and used.end_time_exclusive.seconds <= info.duration.seconds + spare


def reach_told(timeline: Timeline, probed: Mapping[Path, MediaInfo], report: Report) -> None:
    """Say which clips reach beyond the end of their media."""
    for place, clip in _clips(timeline):
        info = probed.get(Path(clip.media.target_url)) if clip.media else None
        if info is not None and not _is_inside(clip, info, timeline.rate):
            report.note("it reaches beyond its media; there is nothing to see or hear there", place)


def _clips(timeline: Timeline) -> Iterator[tuple[str, Clip]]:
    items = (item for track in timeline.tracks for item in track.items)
    return ((f'clip "{item.name}"', item) for item in items if isinstance(item, Clip))
