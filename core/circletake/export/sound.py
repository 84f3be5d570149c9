"""Sound of a clip: cut to the sample and encoded, or copied packet by packet."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from numpy.typing import NDArray

from circletake.export.encoders import EncoderSettings
from circletake.export.output import carry
from circletake.export.source import Damage
from circletake.jobs.context import JobContext
from circletake.media.container import open_media
from circletake.media.frames import AudioStream
from circletake.timebase import round_fraction

PREROLL = Fraction(1, 2)
"""Seconds decoded ahead of the cut: codecs need up to 80 ms to settle (Opus, RFC 7845), MP3 its bit reservoir."""

JITTER = Fraction(5, 1000)
"""Seconds by which a frame may miss its place before silence is put in or sound taken out; containers round to ms."""

AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
"""Sample rates AAC has. Source: ISO/IEC 14496-3, table 1.18 (7350 left out: encoders refuse it)."""

AAC_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}
"""The layout written for a number of channels."""

AAC_RUN_UP = 1024
"""Samples of a packet ahead of a cut: the transform overlaps by half. Source: ISO/IEC 14496-3, 4.6.11."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the file in its own seconds (a timestamp times its time base, no origin taken off)."""

    start: Fraction
    end: Fraction

    @property
    def seconds(self) -> Fraction:
        """Its length."""
        return self.end - self.start


def sound_stream(container: InputContainer, index: int) -> av.AudioStream:
    """The sound track with this stream index.

    Raises:
        ValueError: the file has changed and holds none.
    """
    found = next((stream for stream in container.streams.audio if stream.index == index), None)
    if found is None:
        raise ValueError(f"there is no sound track {index}")
    return found


def add_aac_track(container: OutputContainer, sound: AudioStream, settings: EncoderSettings) -> av.AudioStream:
    """Add an AAC track like `sound`: its rate, channels, language and title."""
    rate = sound.sample_rate if sound.sample_rate in AAC_RATES else 48000
    layout = AAC_LAYOUTS.get(sound.channels, "stereo")
    stream = container.add_stream("aac", rate=rate)
    stream.codec_context.layout = layout
    stream.codec_context.format = "fltp"
    stream.codec_context.time_base = Fraction(1, rate)
    stream.codec_context.bit_rate = settings.audio_bit_rate_per_channel * stream.codec_context.layout.nb_channels
    stream.metadata.update(labels(sound))
    return stream


def labels(sound: AudioStream) -> dict[str, str]:
    """A track's language and title, for its copy."""
    return {key: text for key, text in (("language", sound.language), ("title", sound.title)) if text}


def aac_packets(
    stream: av.AudioStream, path: Path, sound: AudioStream, cut: Cut, context: JobContext, damage: Damage
) -> Iterator[av.Packet[Any]]:
    """Packets of `cut` encoded for `stream`; its first sample is the one heard at the cut's start."""
    rate = stream.codec_context.sample_rate
    position = 0
    for block in _samples(path, sound, cut, stream, damage):
        context.checkpoint()
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=stream.codec_context.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = rate, position, Fraction(1, rate)
        position += block.shape[1]
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _samples(path: Path, sound: AudioStream, cut: Cut, stream: av.AudioStream, damage: Damage) -> Iterator[Samples]:
    """Blocks float32 (channels, n) that together are exactly the cut, with silence where there is no sound."""
    codec = stream.codec_context
    rate, channels = codec.sample_rate, codec.layout.nb_channels
    total = round_fraction(cut.seconds * rate)
    slack = int(JITTER * rate)
    written = 0
    for start, block in _decoded(path, sound, cut, stream, damage):
        gap = start - written
        if gap > (slack if written else 0):
            yield from _silence(channels, min(gap, total - written))
            written = min(start, total)
        skip = max(0, -gap) if gap < -slack or not written else 0
        kept = block[:, skip : skip + total - written]
        if kept.shape[1]:
            yield np.ascontiguousarray(kept)
            written += kept.shape[1]
        if written >= total:
            return
    if not written:
        damage.sentences.append(f"Sound track {sound.index} has nothing to hear in this range; it is silent.")
    yield from _silence(channels, total - written)


def _silence(channels: int, count: int) -> Iterator[Samples]:
    block = 48_000
    for start in range(0, count, block):
        yield np.zeros((channels, min(block, count - start)), np.float32)


def _decoded(
    path: Path, sound: AudioStream, cut: Cut, stream: av.AudioStream, damage: Damage
) -> Iterator[tuple[int, Samples]]:
    """Blocks at the output's rate with the sample number, counted from the cut's start, at which each begins."""
    rate = stream.codec_context.sample_rate
    for resampled in _resampled(_frames(path, sound, cut, damage), stream.codec_context.layout.name, rate):
        if resampled.pts is None or resampled.time_base is None:
            continue
        start = round_fraction((resampled.pts * resampled.time_base - cut.start) * rate)
        if start + resampled.samples > 0:
            yield start, resampled.to_ndarray().astype(np.float32, copy=False)


def _resampled(frames: Iterator[av.AudioFrame], layout: str, rate: int) -> Iterator[av.AudioFrame]:
    """Frames as float32 of one layout and rate, though their own may change: a resampler takes only one kind."""
    for _, alike in itertools.groupby(frames, key=_kind):
        resampler = av.AudioResampler("fltp", layout, rate)
        for frame in alike:
            yield from resampler.resample(frame)
        # What it still holds; one that had nothing to do answers [None], which its types do not tell.
        yield from filter(None, resampler.resample(None))


def _kind(frame: av.AudioFrame) -> tuple[str, str, int]:
    return frame.layout.name, frame.format.name, frame.sample_rate


def _frames(path: Path, sound: AudioStream, cut: Cut, damage: Damage) -> Iterator[av.AudioFrame]:
    with open_media(path) as container:
        stream = sound_stream(container, sound.index)
        base = stream.time_base or Fraction(1, sound.sample_rate)
        for packet in packets_near(container, stream, cut, PREROLL):
            try:
                frames = packet.decode()
            except FFmpegError:
                damage.packets += 1
                continue
            for frame in frames:
                if frame.pts is not None and frame.pts * base >= cut.end:
                    return
                yield frame


def packets_near(
    container: InputContainer, stream: av.AudioStream, cut: Cut, preroll: Fraction
) -> Iterator[av.Packet[av.AudioStream]]:
    """Packets of a sound track from `preroll` seconds ahead of the cut to its end; the last is the empty flush."""
    base = stream.time_base or Fraction(1)
    earliest = cut.start - preroll
    with contextlib.suppress(FFmpegError):  # then it is read from its beginning
        container.seek(int(earliest / base), stream=stream)
    for packet in container.demux(stream):
        if packet.pts is not None and (packet.pts + (packet.duration or 0)) * base <= earliest:
            continue
        yield packet


def first_packet(path: Path, sound: AudioStream, cut: Cut) -> Fraction | None:
    """When the packet heard at the cut's start begins, in the file's seconds; None where nothing is heard in it."""
    with open_media(path) as container:
        stream = sound_stream(container, sound.index)
        base = stream.time_base or Fraction(1, sound.sample_rate)
        for packet in packets_near(container, stream, cut, Fraction(0)):
            if packet.pts is not None:
                begins = packet.pts * base
                return begins if begins < cut.end else None
    return None


def copied_sound(
    container: OutputContainer,
    path: Path,
    sound: AudioStream,
    cut: Cut,
    context: JobContext,
    run_up: Fraction = Fraction(0),
) -> Iterator[av.Packet[Any]]:
    """Add a track like `sound` and give its packets that overlap the cut, as they are, timed from its start.

    The first may begin before it (below zero), by `run_up` seconds more where the decoder needs that. The last is
    declared to end with the cut.
    """
    with open_media(path) as source:
        stream = carry(container, sound_stream(source, sound.index))
    stream.metadata.update(labels(sound))
    return _copied(stream, path, sound, cut, context, run_up)


def _copied(
    stream: av.AudioStream, path: Path, sound: AudioStream, cut: Cut, context: JobContext, run_up: Fraction
) -> Iterator[av.Packet[Any]]:
    with open_media(path) as container:
        origin = sound_stream(container, sound.index)
        base = origin.time_base or Fraction(1, sound.sample_rate)
        zero, end, latest = round_fraction(cut.start / base), round_fraction(cut.end / base), None
        for packet in packets_near(container, origin, cut, run_up):
            context.checkpoint()
            if packet.pts is None or (latest is not None and packet.pts <= latest):
                continue
            if packet.pts >= end:
                return
            latest = packet.pts
            packet.duration = min(packet.duration or 0, end - latest)
            packet.pts = packet.dts = latest - zero
            packet.stream = stream
            packet.time_base = base
            yield packet
