"""Test films: each frame carries its number as blocks of light, each half second a beep; and how to read them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

BITS = 14
BLOCK = 8
WIDTH, HEIGHT = 128, 72
SAMPLE_RATE = 48_000
BEEP_EVERY = Fraction(1, 2)
BEEP_SECONDS = 0.04


@dataclass(frozen=True)
class Film:
    """How a test film is made. `start` is the first frame's time in seconds; `times` overrides even spacing."""

    name: str
    frames: int = 300
    rate: Fraction = Fraction(30)
    codec: str = "libx264"
    suffix: str = ".mp4"
    group: int = 30
    b_frames: int = 3
    options: dict[str, str] = field(default_factory=dict)
    pixel_format: str = "yuv420p"
    audio_tracks: int = 1
    audio_codec: str = "aac"
    start: Fraction = Fraction(0)
    times: tuple[Fraction, ...] = ()
    rotation: int = 0
    time_base: Fraction = Fraction(1, 90_000)
    size: tuple[int, int] = (WIDTH, HEIGHT)

    def moments(self) -> list[Fraction]:
        """When each frame is shown, in seconds."""
        return list(self.times) or [self.start + Fraction(number) / self.rate for number in range(self.frames)]


def picture(number: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> NDArray[np.uint8]:
    """A moving picture, float of grey levels, with `number` in its top rows: a block per bit, then its inverse."""
    width, height = size
    scale = width // WIDTH
    block = BLOCK * scale
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    grey = 110 + 60 * np.sin(across / 9 / scale + number / 7) * np.cos(down / 7 / scale - number / 11)
    image = np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)
    image[:, :, 1] = (image[:, :, 1].astype(np.int32) + number * 3) % 200
    for bit in range(BITS):
        light = 235 if number >> bit & 1 else 16
        columns = slice(bit * block, (bit + 1) * block)
        image[:block, columns] = light
        image[block : 2 * block, columns] = 251 - light
    return image


def read_number(frame: av.VideoFrame) -> int:
    """The number burnt into a decoded frame; -1 where its two rows disagree."""
    levels = frame.reformat(format="gray").to_ndarray()
    block = BLOCK * (levels.shape[1] // WIDTH)
    blocks = levels[: 2 * block, : BITS * block].reshape(2, block, BITS, block)
    edge = block // 4
    means = blocks[:, edge:-edge, :, edge:-edge].mean(axis=(1, 3))
    number = sum(int(first > second) << bit for bit, (first, second) in enumerate(means.T))
    return number if np.all(np.abs(means[0] - means[1]) > 60) else -1


def make(film: Film, folder: Path) -> Path:
    """Write the film."""
    path = folder / f"{film.name}{film.suffix}"
    with av.open(str(path), "w") as container:
        video = container.add_stream(film.codec, rate=film.rate, options=dict(film.options))
        assert isinstance(video, av.VideoStream)
        video.width, video.height = film.size
        video.pix_fmt = film.pixel_format
        video.codec_context.time_base = film.time_base
        video.codec_context.gop_size = film.group
        video.codec_context.max_b_frames = film.b_frames
        if film.rotation:
            video.set_display_rotation(-film.rotation)
        sounds = [container.add_stream(film.audio_codec, rate=SAMPLE_RATE) for _ in range(film.audio_tracks)]
        for stream in sounds:
            assert isinstance(stream, av.AudioStream)
            stream.layout = "stereo"
        moments = film.moments()
        heard = _beeps(moments[-1] + 1 / film.rate) if film.audio_tracks else np.zeros(0, np.float32)
        done = 0
        for number, moment in enumerate(moments):
            frame = av.VideoFrame.from_ndarray(picture(number, film.size), format="rgb24")
            frame.pts, frame.time_base = round(moment / film.time_base), film.time_base
            container.mux(video.encode(frame))
            until = int((moment + 1 / film.rate) * SAMPLE_RATE)
            for stream in sounds:
                assert isinstance(stream, av.AudioStream)
                _write_sound(container, stream, heard, done, until)
            done = until
        container.mux(video.encode(None))
        for stream in sounds:
            assert isinstance(stream, av.AudioStream)
            container.mux(stream.encode(None))
    return path


def _beeps(seconds: Fraction) -> NDArray[np.float32]:
    count = int((seconds + 1) * SAMPLE_RATE)
    at = np.arange(count) / SAMPLE_RATE
    on = (at % float(BEEP_EVERY)) < BEEP_SECONDS
    return (0.5 * on * np.sin(2 * np.pi * 1000 * at)).astype(np.float32)


def _write_sound(
    container: av.container.OutputContainer, stream: av.AudioStream, heard: NDArray[np.float32], start: int, end: int
) -> None:
    if end <= start:
        return
    frame = av.AudioFrame.from_ndarray(np.tile(heard[None, start:end], (2, 1)), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
    container.mux(stream.encode(frame))


@dataclass(frozen=True)
class Seen:
    """What a decoded clip shows: numbers, times in seconds, and a hash of each picture's bytes."""

    numbers: list[int]
    seconds: list[float]
    hashes: list[int]


def watch(path: Path) -> Seen:
    """Decode all pictures."""
    numbers, seconds, hashes = [], [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            numbers.append(read_number(frame))
            seconds.append(float(frame.pts * frame.time_base))
            hashes.append(hash(frame.to_ndarray().tobytes()))
    return Seen(numbers, seconds, hashes)


def onsets(path: Path, track: int = 0) -> list[float]:
    """When each beep begins, in seconds of the clip."""
    found: list[float] = []
    quiet_since = -1.0
    for start, samples in _sound(path, track):
        loud = np.flatnonzero(np.abs(samples) > 0.1)
        for index in loud:
            at = start + index / SAMPLE_RATE
            if at - quiet_since > 0.1:
                found.append(at)
            quiet_since = at
    return found


def _sound(path: Path, track: int) -> Iterator[tuple[float, NDArray[np.float32]]]:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", SAMPLE_RATE)
        for frame in container.decode(audio=track):
            for each in resampler.resample(frame):
                assert each.pts is not None
                assert each.time_base is not None
                yield float(each.pts * each.time_base), each.to_ndarray()[0]


def expected_onsets(start: Fraction, end: Fraction) -> Sequence[float]:
    """When beeps that begin inside [start, end) are heard, counted from `start`."""
    first = -(-start // BEEP_EVERY)
    last = -(-end // BEEP_EVERY)
    return [float(beep * BEEP_EVERY - start) for beep in range(int(first), int(last))]
