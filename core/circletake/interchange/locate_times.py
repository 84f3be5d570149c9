"""Whether what is found can be what was meant: lengths, start timecodes, and clips that reach beyond their media."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, format_clock, from_timecode
from circletake.timeline.model import Clip, Marker, MediaReference, Timeline
from circletake.timeline.otio_values import moved_range
from circletake.timeline.report import Report

TOLERANCE = 2
"""Frames by which a medium may differ from what is said of it: containers and editors round its ends."""


def fits(duration: RationalTime, info: MediaInfo, rate: Fraction) -> bool:
    """Tell whether a medium lasts as long as is said of it, within `TOLERANCE` of the slower rate's frames."""
    return abs(duration.seconds - info.duration.seconds) <= TOLERANCE / min(rate, info.edit_rate)


def used_parts(timeline: Timeline) -> dict[str, tuple[Fraction, Fraction]]:
    """From where to where each medium is used, in exact seconds, by the address in the timeline."""
    found: dict[str, tuple[Fraction, Fraction]] = {}
    for _, clip in _clips(timeline):
        if clip.media:
            used = clip.media_range
            first, last = used.start_time.seconds, used.end_time_exclusive.seconds
            before = found.get(clip.media.target_url, (first, last))
            found[clip.media.target_url] = min(before[0], first), max(before[1], last)
    return found


def why_not(info: MediaInfo, media: MediaReference, used: tuple[Fraction, Fraction], rate: Fraction) -> str:
    """Why a file of the right name cannot be `media`, of which the timeline uses `used`; empty where it can.

    It may be longer than is said of it, since tools that do not know how long a medium is write how far they use it.
    """
    size, available = media.metadata.get("size"), media.available_range
    if isinstance(size, int) and size != info.size:
        return "a file of that name is there, but it has another size"
    if available is None or fits(available.duration, info, rate):
        return ""
    spare = TOLERANCE / min(rate, info.edit_rate)
    is_inside = used[0] >= -spare and used[1] <= info.duration.seconds + spare
    if is_inside and info.duration > available.duration:
        return ""
    lasts, needs = format_clock(info.duration.seconds), format_clock(max(available.duration.seconds, used[1]))
    return f"a file of that name is there, but it lasts {lasts}, and the timeline needs {needs}"


def rebased(timeline: Timeline, found: Mapping[str, MediaInfo], report: Report) -> Timeline:
    """The cut with each medium's start timecode taken off its sources, where that is what they count.

    It is where more clips of the medium lie inside it that way; else they stay, which is told.
    """
    shown: dict[str, list[Clip]] = {url: [] for url in found}
    for _, clip in _clips(timeline):
        if clip.media and clip.media.target_url in shown:
            shown[clip.media.target_url].append(clip)
    starts = {url: _start(clips, found[url], timeline.rate, report) for url, clips in shown.items() if clips}

    def item(clip: Clip) -> Clip:
        start = starts.get(clip.media.target_url) if clip.media and clip.media.start_timecode is None else None
        return clip if start is None else _less(clip, start)

    tracks = tuple(
        replace(track, items=tuple(item(each) if isinstance(each, Clip) else each for each in track.items))
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks)


def _start(clips: Sequence[Clip], info: MediaInfo, rate: Fraction, report: Report) -> RationalTime | None:
    """What to take off the sources of a medium that `clips` show, None where they count from its first frame."""
    counts: dict[RationalTime | None, int] = {None: sum(_is_inside(clip, info, rate) for clip in clips)}
    for start in _starts(info, clips[0].source_range.start_time.rate):
        counts[start] = sum(_is_inside(_less(clip, start), info, rate) for clip in clips)
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
