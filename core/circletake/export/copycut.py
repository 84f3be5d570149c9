"""A clip copied packet by packet: instant, lossless, and starting where decoding can start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from circletake.errors import ExportFailed
from circletake.export.cutting import CutTask, Packets, durations, heard, heard_alone, media_time, picture_of
from circletake.export.output import EDIT_LISTS, FORMATS, carry, mux_in_order, open_clip
from circletake.export.plan import ExportMode
from circletake.export.report import Written
from circletake.export.sound import Cut, copied_sound, first_packet
from circletake.export.source import Picture, key_position, packets_from, video_stream
from circletake.export.splice import Span, decode_times, whole_so_far
from circletake.media.container import open_media
from circletake.media.index import PacketIndex
from circletake.timebase import RationalTime


def copied_positions(index: PacketIndex, span: Span) -> NDArray[np.int64]:
    """Packets (positions, in decoding order) that show all of `span` and as little more as decoding allows.

    They begin at the key frame at or before the span and leave out its leading frames, which nothing there decodes.
    They end where no frame is missing before the last one shown, so that the clip has no hole.
    """
    start = key_position(index, int(span.pts[0]))
    entry = int(index.pts[start])
    positions = np.arange(start, len(index.pts), dtype=np.int64)
    positions = positions[index.pts[start:] >= entry]
    pts = index.pts[positions]
    inside = np.flatnonzero((pts >= span.pts[0]) & (pts <= span.pts[-1]))
    whole = np.flatnonzero(whole_so_far(index, pts))
    whole = whole[whole >= inside[-1]]
    return positions[: int(whole[0] if len(whole) else inside[-1]) + 1]


def copy_clip(task: CutTask, span: Span, path: Path) -> Written:
    """Copy picture and sound from the key frame at or before the range, and say by how much it starts early.

    Raises:
        ExportFailed: the container or the disk refuses.
    """
    picture = picture_of(task)
    index = picture.index
    positions = copied_positions(index, span)
    shown = np.sort(index.pts[positions[~index.hidden[positions]]])
    following = index.sorted_pts[index.sorted_pts > shown[-1]]
    wide = Span(0, len(shown), int(shown[0]), int(following[0]) if len(following) else index.end_pts, shown)
    early, late = (span.zero - wide.zero) * index.time_base, (wide.end - span.end) * index.time_base
    with open_media(task.source.path) as origin, open_clip(path) as container:
        stream = carry(container, video_stream(origin, picture.stream.index))
        if picture.stream.codec == "hevc":
            stream.codec_context.codec_tag = "hvc1"
        sounds, offset = _copied_tracks(container, task, heard(picture, wide), path.suffix)
        mux_in_order(container, [task.told(_copied(task, picture, wide, positions, stream)), *sounds])
    return Written(
        ExportMode.COPY,
        media_time(index, wide.zero),
        media_time(index, wide.end),
        len(shown),
        len(shown),
        max(Fraction(0), early),
        max(Fraction(0), late),
        offset,
    )


def _copied(
    task: CutTask, picture: Picture, span: Span, positions: NDArray[np.int64], stream: av.VideoStream
) -> Packets:
    """The packets at `positions`, timed from the clip's start."""
    index, lengths = picture.index, durations(span)
    times = dict(zip(positions.tolist(), (decode_times(index.pts[positions]) - span.zero).tolist(), strict=True))
    with open_media(task.source.path) as container:
        source = video_stream(container, picture.stream.index)
        for position, packet in packets_from(container, source, index, int(positions[0])):
            if position > positions[-1]:
                return
            if position not in times:
                continue
            pts = int(index.pts[position])
            packet.pts, packet.dts, packet.duration = pts - span.zero, times[position], lengths.get(pts, 0)
            packet.stream = stream
            packet.time_base = index.time_base
            yield packet


def _copied_tracks(container: OutputContainer, task: CutTask, cut: Cut, suffix: str) -> tuple[list[Packets], Fraction]:
    """Every sound track copied, and how much later than the picture the first of them starts."""
    tracks: list[Packets] = []
    offsets: list[Fraction] = []
    for sound in task.source.info.audio:
        # An edit list hides the part of the first packet that lies before the cut; other containers have none.
        trimmed = FORMATS[suffix] in EDIT_LISTS
        begins = first_packet(task.source.path, sound, cut)
        if begins is None:
            task.damage.sentences.append(f"Sound track {sound.index} has nothing to hear in this range.")
        offsets.append(max(Fraction(0), begins - cut.start) if begins is not None else Fraction(0))
        packets = copied_sound(container, task.source.path, sound, cut, task.context)
        tracks.append(packets if trimmed else _not_before_zero(packets))
    return tracks, offsets[0] if offsets else Fraction(0)


def _not_before_zero(packets: Packets) -> Iterator[av.Packet[Any]]:
    for packet in packets:
        if packet.pts is not None and packet.pts >= 0:
            yield packet


def copy_sound(task: CutTask, path: Path) -> Written:
    """Copy a recording without picture; it starts at the packet heard at the range's start.

    Raises:
        ExportFailed: nothing is heard in the range.
    """
    cut = heard_alone(task.source, task.range)
    begins = first_packet(task.source.path, task.source.info.audio[0], cut)
    if begins is None:
        raise ExportFailed("nothing is heard in this range", hint="Choose another range.", path=task.source.path)
    wide = replace(cut, start=min(begins, cut.start))
    with open_clip(path) as container:
        (first, *others), _ = _copied_tracks(container, task, wide, path.suffix)
        mux_in_order(container, [task.told(first), *others])
    rate = Fraction(task.source.info.audio[0].sample_rate)
    start = RationalTime.from_seconds(wide.start - task.source.origin, rate)
    return Written(ExportMode.COPY, start, task.range.end_time_exclusive, 0, start_early=cut.start - wide.start)
