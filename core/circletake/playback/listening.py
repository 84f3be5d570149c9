"""The sound of a program as one unbroken row of samples: 48 kHz, 16 bit, stereo, silence where there is none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from circletake.errors import MediaUnsupported
from circletake.media.container import open_media
from circletake.media.frames import MediaInfo
from circletake.playback.program import Program, SoundStretch
from circletake.playback.showing import FAULTS
from circletake.timebase import round_fraction

RATE = 48_000
"""Samples a second: what nearly all film carries and all devices take."""

CHANNELS = 2

BLOCK = RATE // 10
"""Samples of silence made at once."""

JITTER = RATE // 100
"""Timestamps may be off by this many samples; beyond, a hole is filled with silence and an overlap dropped."""

PREROLL_SECONDS = 0.1
"""Decoded before the asked place and thrown away: codecs need a frame or two to settle. Opus asks for 80 ms."""

SEEK_BACK = (0.0, 2.0, 10.0, None)
"""More seconds before it at which a seek aims, try by try; None is the beginning of the file."""

OPEN_FILES = 2

AUDIBLE = (Fraction(1, 4), Fraction(4))
"""Speeds of clips that are heard, their pitch kept; beyond them stretched sound tells nobody anything."""

TEMPO = (0.5, 2.0)
"""What one `atempo` filter does well; several in a row do the rest. Source: FFmpeg's manual of the filter."""

Samples = NDArray[np.int16]
"""(N, 2), left and right."""


class SoundReader:
    """One file's first sound, from any sample on. One thread's alone."""

    def __init__(self, path: Path, media: MediaInfo) -> None:
        """Open it.

        Raises:
            MediaError: it cannot be opened any more.
        """
        self._stack = ExitStack()
        self._container = self._stack.enter_context(open_media(path))
        index = media.sound.index if media.sound else -1
        stream = next((each for each in self._container.streams.audio if each.index == index), None)
        if stream is None:
            self._stack.close()
            raise MediaUnsupported("there is no sound in it any more", hint="Open the film again.", path=path)
        self._stream = stream
        self._origin = media.origin

    def close(self) -> None:
        """Let go of the file."""
        self._stack.close()

    def blocks(self, start: int) -> Iterator[Samples]:
        """Samples from media sample `start` on, without holes, to the end of the sound."""
        for back in SEEK_BACK:
            self._seek(start, back)
            placed = self._placed()
            first = next(placed, None)
            if first is None or first[0] <= start + JITTER or back is None:
                yield from _unbroken(start, first, placed)
                return

    def _seek(self, start: int, back: float | None) -> None:
        if back is None or start <= 0:
            self._container.seek(min(0, self._container.start_time or 0), backward=True, any_frame=True)
        else:
            seconds = start / RATE + float(self._origin) - PREROLL_SECONDS - back
            base = self._stream.time_base or Fraction(1, RATE)
            self._container.seek(round(seconds / base), stream=self._stream, backward=True)
        self._stream.codec_context.flush_buffers()

    def _placed(self) -> Iterator[tuple[int, Samples]]:
        """Each decoded piece with the media sample it begins at."""
        resampler = av.AudioResampler("s16", "stereo", RATE)
        setup: tuple[str, str, int] | None = None
        position: int | None = None
        for frame in self._frames():
            fresh = (frame.format.name, frame.layout.name, frame.sample_rate)
            begins = self._sample_of(frame)
            if setup not in (fresh, None) or (begins is not None and position and abs(begins - position) > JITTER):
                resampler, position = av.AudioResampler("s16", "stereo", RATE), None
            setup = fresh
            if position is None:
                position = begins or 0
            frame.pts = None  # the resampler would refuse a jump; holes are seen to here
            for block in resampler.resample(frame):
                samples = np.frombuffer(memoryview(block.planes[0]), np.int16, block.samples * CHANNELS)
                yield position, samples.reshape(-1, CHANNELS).copy()
                position += block.samples

    def _frames(self) -> Iterator[av.AudioFrame]:
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from packet.decode()
                except FFmpegError:
                    continue
        except FFmpegError:
            return

    def _sample_of(self, frame: av.AudioFrame) -> int | None:
        if frame.pts is None or frame.time_base is None:
            return None
        return round_fraction((frame.pts * frame.time_base - self._origin) * RATE)


def _unbroken(start: int, first: tuple[int, Samples] | None, rest: Iterator[tuple[int, Samples]]) -> Iterator[Samples]:
    """Pieces one after the other from `start` on: holes filled, overlaps and what lies before dropped."""
    position, piece = start, first
    while piece is not None:
        begins, samples = piece
        if begins > position + JITTER:
            for block in silence(begins - position):
                yield block
                position += len(block)
        late = max(0, position - begins) if begins < position - JITTER or position == start else 0
        if late < len(samples):
            yield samples[late:]
            position += len(samples) - late
        piece = next(rest, None)


def silence(count: int) -> Iterator[Samples]:
    """`count` samples of nothing, in blocks."""
    for done in range(0, count, BLOCK):
        yield np.zeros((min(BLOCK, count - done), CHANNELS), np.int16)


class Listening:
    """Hears programs: opens their files when first heard. One thread's alone."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, SoundReader] = OrderedDict()

    def span(self, program: Program, start: Fraction, end: Fraction) -> Iterator[Samples]:
        """Exactly the samples from `start` to `end`, in timeline seconds."""
        position, last = round_fraction(start * RATE), round_fraction(end * RATE)
        for stretch in program.sound:
            begins, ends = round_fraction(stretch.start * RATE), min(last, round_fraction(stretch.end * RATE))
            if ends <= position or begins >= last:
                continue
            yield from silence(begins - position)
            position = max(position, begins)
            yield from _exactly(ends - position, self._stretch(program, stretch, position))
            position = ends
        yield from silence(last - position)

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1].close()

    def _stretch(self, program: Program, stretch: SoundStretch, position: int) -> Iterator[Samples]:
        """Sound of one stretch from a timeline sample on; nothing where its file cannot be read.

        Backwards and held there is none, as in most editors.
        """
        if not AUDIBLE[0] <= stretch.speed <= AUDIBLE[1]:
            return
        passed = position - stretch.start * RATE
        start = round_fraction(stretch.media_start * RATE + passed * stretch.speed)
        try:
            blocks = self._reader(stretch.path, program.media[stretch.path]).blocks(start)
            yield from blocks if stretch.speed == 1 else quicker(blocks, float(stretch.speed))
        except FAULTS:
            return  # a silent film is still worth seeing; the picture says when the file is gone

    def _reader(self, path: Path, media: MediaInfo) -> SoundReader:
        if path not in self._open:
            self._open[path] = SoundReader(path, media)
        self._open.move_to_end(path)
        while len(self._open) > OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        return self._open[path]


def _exactly(count: int, blocks: Iterator[Samples]) -> Iterator[Samples]:
    """The first `count` samples of blocks; silence makes up what is missing."""
    for block in blocks:
        if count <= 0:
            return
        yield block[:count]
        count -= len(block)
    yield from silence(count)


def quicker(blocks: Iterator[Samples], speed: float) -> Iterator[Samples]:
    """The same sound in less time, or in more where `speed` is below 1, its pitch kept."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="s16", layout="stereo")
    sink, last = graph.add("abuffersink"), source
    for factor in _tempos(speed):
        tempo = graph.add("atempo", f"{factor:.6f}")
        last.link_to(tempo)
        last = tempo
    last.link_to(sink)
    graph.configure()
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE
        source.push(frame)
        yield from _pulled(sink)
    source.push(None)
    yield from _pulled(sink)


def _tempos(speed: float) -> list[float]:
    """Factors of one filter each whose product is `speed`."""
    factors = []
    while not TEMPO[0] <= speed <= TEMPO[1]:
        factors.append(TEMPO[speed > 1])
        speed /= factors[-1]
    return [*factors, speed]


def _pulled(sink: av.filter.FilterContext) -> Iterator[Samples]:
    while True:
        try:
            frame = sink.pull()
        except (BlockingIOError, EOFError):
            return
        if isinstance(frame, av.AudioFrame):
            yield frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, CHANNELS)
