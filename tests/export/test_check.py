"""The read-back takes clips that play and no others."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.films import HEIGHT, WIDTH, Film, make, picture, watch

from circletake.export.check import fault_in
from circletake.export.plan import ExportItem, ExportMode, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange

RATE = Fraction(30)
ENDS_IN_A_SCENE = ((1, 115, 48), (1, 114, 41), (3, 77, 57), (4, 17, 33))
"""Seed of a film with scene cuts, first frame and length of a clip whose encoded end follows one closely."""


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Films with open groups whose scenes last 5 to 39 frames, by seed."""
    folder = tmp_path_factory.mktemp("scenes")
    return {seed: film_with_scenes(seed, folder / f"{seed}.mp4") for seed in {seed for seed, _, _ in ENDS_IN_A_SCENE}}


def film_with_scenes(seed: int, path: Path) -> Path:
    lengths, colors = random.Random(seed), np.random.default_rng(seed)
    left, scene = 0, np.zeros((HEIGHT, WIDTH, 3), np.int64)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"x264-params": "open-gop=1"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = 30, 3
        for number in range(240):
            if not left:
                left = lengths.randrange(5, 40)
                scene = colors.integers(0, 255, (9, 16, 3)).repeat(8, 0).repeat(8, 1)
            left -= 1
            image = ((scene + picture(number) // 4) % 256).astype(np.uint8)
            image[:16] = picture(number)[:16]
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("seed", "first", "count"), ENDS_IN_A_SCENE)
def test_a_smart_cut_of_open_groups_with_scene_cuts_is_taken(
    seed: int, first: int, count: int, scenes: dict[int, Path], tmp_path: Path
) -> None:
    path = scenes[seed]
    span = TimeRange(RationalTime(first, RATE), RationalTime(count, RATE))
    plan = plan_export(ExportRequest((ExportItem("one", path, span),), tmp_path), {path: probe(path)})
    clip = export_clips(plan, NoContext()).clips[0]
    assert clip.written is not None, clip.error
    assert clip.written.mode is ExportMode.SMART, clip.reason
    assert clip.written.frames_copied > 0
    assert watch(clip.path).numbers == list(range(first, first + count))


def test_noise_in_place_of_a_frame_is_a_fault(tmp_path: Path) -> None:
    film = Film("whole", frames=60, audio_tracks=0)
    whole, broken = make(film, tmp_path), tmp_path / "broken.mp4"
    noise = np.random.default_rng(1)
    with av.open(str(whole)) as source, av.open(str(broken), "w") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.pts is None:
                continue
            data = bytes(packet)
            if round(packet.pts * packet.time_base * film.rate) in range(57, 60):
                data = data[:4] + noise.bytes(len(data) - 4)
            copy = av.Packet(data)
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.is_keyframe, copy.stream, copy.duration = packet.is_keyframe, stream, packet.duration
            container.mux(copy)
    times = np.arange(60) / 30
    assert fault_in(whole, times, (), NoContext()) is None
    fault = fault_in(broken, times, (), NoContext())
    assert fault is not None
    assert "do not decode" in fault
