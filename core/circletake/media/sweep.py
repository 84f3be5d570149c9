"""One pass over a file, or over some spans of it, feeds everything that wants to know it, decoded once.

Separate passes would cost a whole decode each; sharing one is nearly free. The sweep streams: what a consumer does not
keep is gone, so memory does not grow with the length. Damaged packets are stepped over and reported.
"""

from __future__ import annotations

import math
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
from circletake.timebase import RationalTime, TimeRange

SAMPLE_RATE = 16_000
"""Samples a second handed to sound consumers: what speech models take, and ample for peaks and onsets."""

JITTER_SECONDS = 0.01
"""Sound timestamps may be off by this; beyond it a hole is filled with silence and an overlap is dropped."""

MAX_GAP_SECONDS = 4 * 3600.0
"""A hole longer than this is a broken timestamp."""

BLOCK = SAMPLE_RATE // 2
"""Samples handed out at once: half a second, so that consumers are called seldom and a long hole needs no memory."""


SEEK_BACK = (0.0, 2.0, 10.0, None)
"""More seconds before a span at which a seek aims, try by try, where a container lands behind it; None is the start."""

INTERLEAVED = 10.0
"""Seconds by which the streams of a file lie apart at most: one that far behind a span has nothing in it any more."""


ROUNDED = 0.001
"""Seconds by which a container rounds a picture's time (Matroska): one at a span's start is in it."""


class VideoConsumer(Protocol):
    """Wants pictures, in showing order."""

    def video(self, picture: Picture) -> None:
        """Take one picture; copy what is kept."""

    def finish(self) -> None:
        """No more will come."""


class AudioConsumer(Protocol):
    """Wants sound: mono at `sample_rate`, from media time 0 on, or from each span's start on, without holes in it."""

    sample_rate: int

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        """Take the next block, float32 (N,), finite, full scale 1.

        Blocks follow each other without a gap; one that begins later than the last ended begins another span.
        """

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


def sweep(
    media: MediaInfo,
    consumers: Consumers,
    context: JobContext,
    *,
    fast: bool = False,
    spans: Sequence[TimeRange] = (),
) -> SweepReport:
    """Decode `media` once from start to end, or only its `spans`, and feed `consumers`.

    `spans` rise and lie apart (`spans.spans_of` makes such); each is sought, and nothing behind it is decoded. `fast`
    leaves out pictures that no other refers to (every second one in most films), for two thirds of the time. Progress
    is in seconds of what is decoded.

    Raises:
        JobCancelled: asked to stop; consumers hold what they had.
        MediaUnreadable: the file cannot be opened any more.
    """
    state = _Sweep(media, consumers, context, spans)
    with open_media(media.path) as container:
        streams = _wanted(container, media, consumers)
        for stream in streams:
            if isinstance(stream, av.VideoStream):
                prepare_decoder(stream, fast=fast)
        if not spans:
            for packet in _packets(container, streams, state):
                state.take(packet)
        for span in spans if streams else ():
            _sweep_span(container, streams, state, span)
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


def _sweep_span(
    container: av.container.InputContainer, streams: list[av.stream.Stream], state: _Sweep, span: TimeRange
) -> None:
    """Decode from the key frame before a span up to its end; a stream that is through is not decoded any further."""
    state.enter(span)
    running = {stream.index for stream in streams}
    for packet in _landed(container, streams, state):
        seconds = state.seconds_of(packet)
        if seconds is not None and seconds >= state.end:
            running.discard(packet.stream.index)
            if not running or seconds >= state.end + INTERLEAVED:
                break
        if packet.stream.index in running:
            state.take(packet)
    for stream in streams:
        last = av.Packet()
        last.stream = stream
        if stream.time_base:
            last.time_base = stream.time_base
        state.drain(last)


def _landed(
    container: av.container.InputContainer, streams: list[av.stream.Stream], state: _Sweep
) -> Iterator[av.Packet[av.stream.Stream]]:
    """Packets from a place at or before the span's start; each try aims earlier where the container landed late."""
    anchor = next((stream for stream in streams if isinstance(stream, av.VideoStream)), streams[0])
    for back in SEEK_BACK:
        _seek(container, anchor, state, back)
        passed: list[av.Packet[av.stream.Stream]] = []
        packets = _packets(container, streams, state)
        for packet in packets:
            passed.append(packet)
            if packet.stream.index == anchor.index:
                break
        # Some containers look at decoding times, which lie before the time a picture is shown.
        ticks = passed[-1].pts if passed else None
        seconds = None if ticks is None else ticks * float(passed[-1].time_base) - state.origin
        if back is None or (seconds is not None and seconds <= state.begin + ROUNDED):
            yield from passed
            yield from packets
            return


def _seek(container: av.container.InputContainer, anchor: av.stream.Stream, state: _Sweep, back: float | None) -> None:
    seconds = None if back is None else state.begin - back
    try:
        if seconds is None or seconds <= 0:
            container.seek(min(0, container.start_time or 0), backward=True, any_frame=True)
        else:
            ticks = round((seconds + state.origin) / float(anchor.time_base or 1))
            container.seek(ticks, stream=anchor, backward=True)
    except FFmpegError:
        state.damaged += back is None  # the next try aims earlier; what cannot be sought at all is read from here on


@dataclass(slots=True)
class _Sweep:
    media: MediaInfo
    consumers: Consumers
    context: JobContext
    spans: Sequence[TimeRange] = ()
    pictures: int = 0
    damaged: int = 0
    seconds: float = 0.0
    begin: float = -math.inf
    end: float = math.inf
    total: float = field(init=False)
    origin: float = field(init=False)
    feed: _SoundFeed = field(init=False)
    _before: float = 0.0
    _fresh: bool = False

    def __post_init__(self) -> None:
        whole = TimeRange(RationalTime.zero(self.media.duration.rate), self.media.duration)
        self.total = sum(span.duration.to_seconds() for span in self.spans or (whole,))
        self.origin = float(self.media.origin)
        self.feed = _SoundFeed(self.consumers, self.context)

    def enter(self, span: TimeRange) -> None:
        """Take what lies in a span alone from now on."""
        if math.isfinite(self.end):
            self._before += self.end - self.begin
        self.begin, self.end = span.start_time.to_seconds(), span.end_time_exclusive.to_seconds()
        self._fresh = True
        self.feed.enter(self.begin, self.end)

    def seconds_of(self, packet: av.Packet[av.stream.Stream]) -> float | None:
        """The media time from which on a stream's packets lie; None where it says nothing."""
        ticks = packet.pts if packet.dts is None else packet.dts
        return None if ticks is None else ticks * float(packet.time_base) - self.origin

    def take(self, packet: av.Packet[av.stream.Stream]) -> None:
        self.context.checkpoint()
        try:
            frames = packet.decode()
        except FFmpegError:
            self.damaged += 1
            return
        for frame in frames:
            self._frame(frame)
        self.context.progress(self.seconds, self.total)

    def drain(self, last: av.Packet[av.stream.Stream]) -> None:
        """Take the pictures a decoder still holds; one that came to its end has none."""
        try:
            frames = last.decode()
        except FFmpegError:
            return
        for frame in frames:
            self._frame(frame)

    def _frame(self, frame: object) -> None:
        if not isinstance(frame, av.AudioFrame | av.VideoFrame):
            return
        seconds = None if frame.time is None else frame.time - self.origin
        if isinstance(frame, av.AudioFrame):
            self.feed.take(frame, seconds)
        elif seconds is not None and self.begin <= seconds + ROUNDED and seconds + ROUNDED < self.end:
            self._picture(frame, seconds)
        start = max(0.0, self.begin)
        if seconds is not None and self._before + seconds - start > self.seconds:
            self.seconds = min(self.total, self._before + min(seconds, self.end) - start)

    def _picture(self, frame: av.VideoFrame, seconds: float) -> None:
        picture = Picture(frame, self.pictures, seconds, bool(frame.key_frame), self._fresh)
        self._fresh = False
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
    """Sound of any layout to mono blocks that follow each other from media time 0, or a span's start, on."""

    def __init__(self, consumers: Consumers, context: JobContext) -> None:
        self._consumers = consumers
        self._context = context
        self._resampler: av.AudioResampler | None = None
        self._setup: tuple[str, str, int] | None = None
        self._samples = 0
        self._overlap = 0
        self._skipped = 0
        self._begin, self._end = -math.inf, math.inf
        self._waiting: list[NDArray[np.float32]] = []

    @property
    def seconds(self) -> float:
        """Seconds of sound handed out."""
        return (self._samples - self._skipped) / SAMPLE_RATE

    @property
    def _place(self) -> float:
        """Where the next sample will lie."""
        return self._samples / SAMPLE_RATE

    def enter(self, begin: float, end: float) -> None:
        """Hand out what lies between two media seconds alone from now on."""
        self.flush()
        start = round(begin * SAMPLE_RATE)
        self._skipped += start - self._samples
        self._samples, self._overlap = start, 0
        self._begin, self._end = begin, end

    def take(self, frame: av.AudioFrame, start: float | None) -> None:
        """Hand a decoded frame on; `start` is its media time where known."""
        begins = self._place if start is None else start
        # What lies before a span is decoded, since codecs need it, but not resampled: its overlap would add up wrongly.
        if begins >= self._end or begins + frame.samples / max(1, frame.sample_rate) <= self._begin:
            return
        for consumer in self._consumers.sound if begins >= self._begin - JITTER_SECONDS else ():
            consumer.sound(frame, begins)
        if not self._consumers.audio:
            return
        hole = begins - self._place
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
        if math.isfinite(self._end):
            samples = samples[: max(0, round(self._end * SAMPLE_RATE) - self._samples)]
        self._waiting.append(samples)
        self._samples += len(samples)
        if sum(len(block) for block in self._waiting) >= BLOCK:
            self._hand_out()

    def _hand_out(self) -> None:
        heard = np.concatenate(self._waiting) if self._waiting else np.empty(0, np.float32)
        block = np.nan_to_num(heard, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        self._waiting = []
        for consumer in self._consumers.audio if len(block) else ():
            consumer.audio(block, self._place - len(block) / SAMPLE_RATE)
