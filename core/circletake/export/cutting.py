"""What every way of cutting shares: the task, its sound, and the whole clip encoded or copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from circletake.errors import ExportFailed
from circletake.export.encoders import EncoderSettings, dress, encoded, target_for, whole_options
from circletake.export.output import mux_in_order, open_clip
from circletake.export.plan import ExportMode
from circletake.export.report import Written
from circletake.export.sound import AAC_RUN_UP, Cut, aac_packets, add_aac_track, copied_sound
from circletake.export.source import Damage, Picture, Source, frames_at
from circletake.export.splice import Span
from circletake.jobs.context import JobContext
from circletake.media.index import PacketIndex
from circletake.timebase import RationalTime, TimeRange

Packets: TypeAlias = "Iterator[av.Packet[Any]]"
"""Packets for a muxer; the binding types them by stream, which a file with picture and sound mixes."""


@dataclass(frozen=True, slots=True)
class CutTask:
    """One clip to cut. `tell` hears how many of its seconds are done; it and `context` can raise JobCancelled."""

    source: Source
    range: TimeRange
    settings: EncoderSettings
    context: JobContext
    tell: Callable[[Fraction], None]
    damage: Damage = field(default_factory=Damage)

    def told(self, packets: Packets) -> Packets:
        """The same packets, with progress told as they pass."""
        for packet in packets:
            self.context.checkpoint()
            self.tell(max(Fraction(0), (packet.dts or 0) * packet.time_base))
            yield packet

    def warnings(self) -> tuple[str, ...]:
        """What was damaged on the way."""
        found = list(self.damage.sentences)
        if self.damage.frames_missing:
            found.append(f"{self.damage.frames_missing} frames could not be decoded and are missing.")
        elif self.damage.packets:
            found.append(f"{self.damage.packets} damaged packets were stepped over.")
        return tuple(found)


def picture_of(task: CutTask) -> Picture:
    """The task's picture track.

    Raises:
        ExportFailed: there is only sound.
    """
    if task.source.picture is None:
        raise ExportFailed("there is no picture in it", hint="Export its sound instead.", path=task.source.path)
    return task.source.picture


def heard(picture: Picture, span: Span) -> Cut:
    """The stretch of sound that belongs to a span of pictures."""
    base = picture.index.time_base
    return Cut(span.zero * base, span.end * base)


def heard_alone(source: Source, cut: TimeRange) -> Cut:
    """The stretch of sound of a range of media time."""
    return Cut(cut.start_time.seconds + source.origin, cut.end_time_exclusive.seconds + source.origin)


def media_time(index: PacketIndex, ticks: int) -> RationalTime:
    """A source timestamp as media time."""
    return index.time_of_pts(ticks)


def durations(span: Span) -> dict[int, int]:
    """How long each frame (by source timestamp) is shown inside the clip, in ticks."""
    starts = np.append(np.maximum(span.pts, span.zero), span.end)
    return dict(zip(span.pts.tolist(), np.diff(starts).tolist(), strict=True))


def sound_tracks(container: OutputContainer, task: CutTask, cut: Cut, *, lossless: bool = False) -> list[Packets]:
    """A track for every sound track of the source, cut to the sample: encoded as AAC, or copied.

    With `lossless`, AAC-LC stays as it is: an MP4's edit list starts it at the very sample, as it hides an encoder's
    own run-up otherwise.
    """
    tracks: list[Packets] = []
    path = task.source.path
    for sound in task.source.info.audio:
        begins = sound.start_time.seconds + task.source.origin
        audible = begins < cut.end and cut.start < begins + sound.duration.seconds
        if lossless and audible and sound.index in task.source.plain_aac:
            run_up = Fraction(AAC_RUN_UP, sound.sample_rate)
            tracks.append(copied_sound(container, path, sound, cut, task.context, run_up))
        else:
            stream = add_aac_track(container, sound, task.settings)
            tracks.append(aac_packets(stream, path, sound, cut, task.context, task.damage))
    return tracks


def timed_frames(task: CutTask, span: Span, wanted: NDArray[np.int64]) -> Iterator[tuple[int, av.VideoFrame]]:
    """Decoded frames with their times inside the clip."""
    for pts, frame in frames_at(task.source, wanted, task.context, task.damage):
        yield max(0, pts - span.zero), frame


def encode_clip(task: CutTask, span: Span, path: Path) -> Written:
    """Decode and encode the whole clip, frame for frame with the source's own times.

    Raises:
        ExportFailed: no frame of the range can be decoded, or the encoder or disk gave up.
    """
    picture = picture_of(task)
    target = target_for(picture)
    before = task.damage.frames_missing
    with open_clip(path) as container:
        stream = container.add_stream(target.encoder, rate=picture.stream.average_rate.limit_denominator(1_000_000))
        if not isinstance(stream, av.VideoStream):
            raise ExportFailed(f"{target.encoder} is no picture encoder", hint="Reinstall Circletake.")
        codec = stream.codec_context
        dress(codec, picture, target.pixel_format)
        codec.options = whole_options(target, picture.look, task.settings, len(span))
        if target.encoder == "libx265":
            codec.codec_tag = "hvc1"
        stream.time_base = picture.index.time_base
        if picture.stream.rotation:
            stream.set_display_rotation(-picture.stream.rotation)
        sounds = sound_tracks(container, task, heard(picture, span))
        frames = timed_frames(task, span, span.pts)
        pictures = _for_stream(encoded(codec, frames, picture.index.time_base), stream, _clip_durations(span))
        mux_in_order(container, [task.told(pictures), *sounds])
    missing = task.damage.frames_missing - before
    if missing == len(span):
        hint = "The recording may be damaged or encrypted there; try another range."
        raise ExportFailed("no frame of this range can be decoded", hint=hint, path=task.source.path)
    return Written(
        ExportMode.ENCODE,
        media_time(picture.index, span.zero),
        media_time(picture.index, span.end),
        len(span) - missing,
        warnings=(target.warning,) if target.warning else (),
    )


def _clip_durations(span: Span) -> dict[int, int]:
    return {max(0, pts - span.zero): length for pts, length in durations(span).items()}


def _for_stream(
    packets: Iterator[av.Packet[av.VideoStream]], stream: av.VideoStream, lengths: dict[int, int]
) -> Packets:
    for packet in packets:
        packet.stream = stream
        if packet.pts is not None:
            packet.duration = lengths.get(packet.pts, packet.duration or 0)
        yield packet


def encode_sound(task: CutTask, path: Path) -> Written:
    """Cut a recording without picture to the sample and encode it."""
    cut = heard_alone(task.source, task.range)
    with open_clip(path) as container:
        first, *others = sound_tracks(container, task, cut)
        mux_in_order(container, [task.told(first), *others])
    return Written(ExportMode.ENCODE, task.range.start_time, task.range.end_time_exclusive, 0)
