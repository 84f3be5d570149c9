"""Sound of a clip lasts as long as its pictures, whatever the track does meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.films import SAMPLE_RATE, Film, expected_onsets, onsets, picture, watch

from circletake.export.plan import ExportItem, ExportMode, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ClipReport
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import TimeRange

FilmOf = Callable[[Film], Path]
RATE = Fraction(30)
BLOCK = 1536
"""Samples of an AC-3 frame."""


def exported(path: Path, folder: Path, start: Fraction, end: Fraction, mode: ExportMode) -> ClipReport:
    item = ExportItem("one", path, TimeRange.from_seconds(start, end, Fraction(90_000)))
    return export_clips(plan_export(ExportRequest((item,), folder, mode), {path: probe(path)}), NoContext()).clips[0]


def sound_seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def broadcast(path: Path, seconds: int, *, layouts: tuple[str, ...], heard: Fraction) -> Path:
    """A transport stream: a beep each half second in AC-3 up to `heard`, cut into parts of these layouts."""
    with av.open(str(path), "w", format="mpegts") as container:
        video = container.add_stream("libx264", rate=RATE)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = 128, 72, "yuv420p"
        video.codec_context.gop_size = 30
        sound = container.add_stream("ac3", rate=SAMPLE_RATE)
        assert isinstance(sound, av.AudioStream)
        sound.layout = layouts[0]
        container.start_encoding()
        packets: list[av.Packet[Any]] = [*pictures(video, seconds)]
        packets += beeps(sound, layouts, int(heard * SAMPLE_RATE) // BLOCK)
        for packet in sorted(packets, key=lambda packet: (packet.dts or 0) * packet.time_base):
            container.mux(packet)
    return path


def pictures(stream: av.VideoStream, seconds: int) -> Iterator[av.Packet[av.VideoStream]]:
    for number in range(int(seconds * RATE)):
        frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
        frame.pts, frame.time_base = number, 1 / RATE
        yield from stream.encode(frame)
    yield from stream.encode(None)


def beeps(stream: av.AudioStream, layouts: tuple[str, ...], blocks: int) -> Iterator[av.Packet[av.AudioStream]]:
    at = np.arange(blocks * BLOCK) / SAMPLE_RATE
    wave = (0.5 * ((at % 0.5) < 0.04) * np.sin(2 * np.pi * 1000 * at)).astype(np.float32)
    for part, layout in enumerate(layouts):
        codec = av.CodecContext.create("ac3", "w")
        assert isinstance(codec, av.AudioCodecContext)
        codec.layout, codec.format, codec.sample_rate = layout, "fltp", SAMPLE_RATE
        codec.time_base = Fraction(1, SAMPLE_RATE)
        channels = codec.layout.nb_channels
        for block in range(blocks * part // len(layouts), blocks * (part + 1) // len(layouts)):
            samples = wave[None, block * BLOCK : (block + 1) * BLOCK].repeat(channels, 0)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, block * BLOCK, Fraction(1, SAMPLE_RATE)
            for packet in codec.encode(frame):
                packet.stream, packet.time_base = stream, Fraction(1, SAMPLE_RATE)
                yield packet


@pytest.mark.parametrize("layouts", [("stereo", "mono"), ("mono", "stereo", "5.1")])
def test_a_track_whose_channels_change_is_heard_throughout(layouts: tuple[str, ...], tmp_path: Path) -> None:
    path = broadcast(tmp_path / "news.ts", 6, layouts=layouts, heard=Fraction(6))
    clip = exported(path, tmp_path / "out", Fraction(1), Fraction(5), ExportMode.SMART)
    assert clip.written is not None, clip.error
    assert watch(clip.path).numbers == list(range(30, 150))
    wanted = [at for at in expected_onsets(Fraction(1), Fraction(5)) if at > 0.05]
    found = onsets(clip.path)
    assert all(min(abs(at - one) for one in found) < 0.015 for at in wanted)
    assert sound_seconds(clip.path) == pytest.approx(4, abs=0.03)


def test_a_track_that_ends_early_is_silent_to_the_end_of_the_clip(tmp_path: Path) -> None:
    path = broadcast(tmp_path / "short.ts", 6, layouts=("stereo",), heard=Fraction(3))
    clip = exported(path, tmp_path / "out", Fraction(1), Fraction(5), ExportMode.ENCODE)
    assert clip.written is not None, clip.error
    assert sound_seconds(clip.path) == pytest.approx(4, abs=0.03)
    assert max(onsets(clip.path)) < 2
