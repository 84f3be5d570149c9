"""One pass over a file feeds everything that wants to know it: pictures and sound, decoded once.

Separate passes would cost a whole decode each; sharing one is nearly free. The sweep streams: what a consumer does not
keep is gone, so memory does not grow with the length. Damaged packets are stepped over and reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from circletake.jobs.context import JobContext
from circletake.media.container import open_media, prepare_decoder
from circletake.media.frames import MediaInfo
from circletake.media.picture import Picture

SAMPLE_RATE = 16_000
"""Samples a second handed to sound consumers: what speech models take, and ample for peaks and onsets."""

JITTER_SECONDS = 0.01
"""Sound timestamps may be off by this; beyond it a hole is filled with silence and an overlap is dropped."""

MAX_GAP_SECONDS = 4 * 3600.0
"""A hole longer than this is a broken timestamp."""

BLOCK = SAMPLE_RATE // 2
"""Samples handed out at once: half a second, so that consumers are called seldom and a long hole needs no memory."""


class VideoConsumer(Protocol):
    """Wants pictures, in showing order."""

    def video(self, picture: Picture) -> None:
        """Take one picture; copy what is kept."""

    def finish(self) -> None:
        """No more will come."""


class AudioConsumer(Protocol):
    """Wants sound: mono at `sample_rate`, from media time 0 on, without holes."""

    sample_rate: int

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        """Take the next block, float32 (N,), finite, full scale 1; blocks follow each other without a gap."""

    def finish(self) -> None:
        """No more will come."""


class SoundConsumer(Protocol):
    """Wants the decoder's own sound, for measures that need every channel and the full rate."""

    def sound(self, frame: av.AudioFrame, start_seconds: float) -> None:
        """Take one frame that starts at a media time."""

    def finish(self) -> None:
        """No more will come."""


@dataclass(frozen=True, slots=True)
class Consumers:
    """Everything one pass feeds."""

    video: Sequence[VideoConsumer] = ()
    audio: Sequence[AudioConsumer] = ()
    sound: Sequence[SoundConsumer] = ()

    @property
    def all(self) -> Iterator[VideoConsumer | AudioConsumer | SoundConsumer]:
        """Each of them once."""
        yield from self.video
        yield from self.audio
        yield from self.sound


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What came out: pictures decoded, seconds of sound, packets that could not be, and sentences for the editor."""

    pictures: int
    sound_seconds: float
    damaged_packets: int
    warnings: tuple[str, ...] = ()


def sweep(media: MediaInfo, consumers: Consumers, context: JobContext, *, fast: bool = False) -> SweepReport:
    """Decode `media` once from start to end and feed `consumers`.

    `fast` leaves out pictures that no other refers to (every second one in most films), for two thirds of the time.
    Progress is in seconds of media.

    Raises:
        JobCancelled: asked to stop; consumers hold what they had.
        MediaUnreadable: the file cannot be opened any more.
    """
    state = _Sweep(media, consumers, context)
    with open_media(media.path) as container:
        streams = _wanted(container, media, consumers)
        for stream in streams:
            if isinstance(stream, av.VideoStream):
                prepare_decoder(stream, fast=fast)
        for packet in _packets(container, streams, state):
            state.take(packet)
    state.feed.flush()
    for consumer in consumers.all:
        consumer.finish()
    return state.report()


def _wanted(container: av.container.InputContainer, media: MediaInfo, consumers: Consumers) -> list[av.stream.Stream]:
    wanted = []
    if consumers.video and media.picture:
        wanted.append(media.picture.index)
    if (consumers.audio or consumers.sound) and media.sound:
        wanted.append(media.sound.index)
    return [stream for stream in container.streams if stream.index in wanted]


def _packets(
    container: av.container.InputContainer, streams: list[av.stream.Stream], state: _Sweep
) -> Iterator[av.Packet[av.stream.Stream]]:
    """Packets up to the end or to damage the container cannot step over."""
    try:
        yield from container.demux(streams)
    except FFmpegError:
        state.damaged += 1


@dataclass(slots=True)
class _Sweep:
    media: MediaInfo
    consumers: Consumers
    context: JobContext
    pictures: int = 0
    damaged: int = 0
    seconds: float = 0.0
    total: float = field(init=False)
    origin: float = field(init=False)
    feed: _SoundFeed = field(init=False)

    def __post_init__(self) -> None:
        self.total = self.media.duration.to_seconds()
        self.origin = float(self.media.origin)
        self.feed = _SoundFeed(self.consumers, self.context)

    def take(self, packet: av.Packet[av.stream.Stream]) -> None:
        self.context.checkpoint()
        try:
            frames = packet.decode()
        except FFmpegError:
            self.damaged += 1
            return
        for frame in frames:
            if not isinstance(frame, av.AudioFrame | av.VideoFrame):
                continue
            seconds = None if frame.time is None else frame.time - self.origin
            if isinstance(frame, av.AudioFrame):
                self.feed.take(frame, seconds)
            elif seconds is not None:
                self._picture(frame, seconds)
            if seconds is not None and seconds > self.seconds:
                self.seconds = min(self.total, seconds)
        self.context.progress(self.seconds, self.total)

    def _picture(self, frame: av.VideoFrame, seconds: float) -> None:
        picture = Picture(frame, self.pictures, seconds, bool(frame.key_frame))
        self.pictures += 1
        for consumer in self.consumers.video:
            consumer.video(picture)

    def report(self) -> SweepReport:
        warnings = []
        if self.damaged:
            warnings.append(f"{self.damaged} damaged pieces of the file were stepped over.")
        if self.consumers.video and self.media.picture and not self.pictures:
            warnings.append("No picture could be decoded; only the sound was measured.")
        return SweepReport(self.pictures, self.feed.seconds, self.damaged, tuple(warnings))


class _SoundFeed:
    """Sound of any layout to mono blocks that follow each other from media time 0 on."""

    def __init__(self, consumers: Consumers, context: JobContext) -> None:
        self._consumers = consumers
        self._context = context
        self._resampler: av.AudioResampler | None = None
        self._setup: tuple[str, str, int] | None = None
        self._samples = 0
        self._overlap = 0
        self._waiting: list[NDArray[np.float32]] = []

    @property
    def seconds(self) -> float:
        """Where the next sample will lie."""
        return self._samples / SAMPLE_RATE

    def take(self, frame: av.AudioFrame, start: float | None) -> None:
        """Hand a decoded frame on; `start` is its media time where known."""
        begins = self.seconds if start is None else start
        for consumer in self._consumers.sound:
            consumer.sound(frame, begins)
        if not self._consumers.audio:
            return
        hole = begins - self.seconds
        if JITTER_SECONDS < hole < MAX_GAP_SECONDS:
            self._silence(round(hole * SAMPLE_RATE))
        elif hole < -JITTER_SECONDS:
            self._overlap = round(-hole * SAMPLE_RATE)
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if setup != self._setup:
            self._resample(None)
            self._resampler, self._setup = av.AudioResampler("flt", "mono", SAMPLE_RATE), setup
        frame.pts = None  # the resampler would refuse a jump; holes are filled here
        self._resample(frame)

    def flush(self) -> None:
        """Hand out all that is still held."""
        self._resample(None)
        self._resampler = self._setup = None
        self._hand_out()

    def _resample(self, frame: av.AudioFrame | None) -> None:
        for block in self._resampler.resample(frame) if self._resampler else ():
            samples = np.frombuffer(memoryview(block.planes[0]), np.float32, block.samples).copy()
            dropped, self._overlap = min(self._overlap, len(samples)), max(0, self._overlap - len(samples))
            self._add(samples[dropped:])

    def _silence(self, count: int) -> None:
        for start in range(0, count, BLOCK):
            self._context.checkpoint()
            self._add(np.zeros(min(BLOCK, count - start), np.float32))

    def _add(self, samples: NDArray[np.float32]) -> None:
        self._waiting.append(samples)
        self._samples += len(samples)
        if sum(len(block) for block in self._waiting) >= BLOCK:
            self._hand_out()

    def _hand_out(self) -> None:
        heard = np.concatenate(self._waiting) if self._waiting else np.empty(0, np.float32)
        block = np.nan_to_num(heard, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        self._waiting = []
        for consumer in self._consumers.audio if len(block) else ():
            consumer.audio(block, self.seconds - len(block) / SAMPLE_RATE)
