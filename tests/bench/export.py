"""What a cut costs: CPU and wall seconds for ten segments in each mode, and whether each is exact.

    python tests/bench/export.py [FILE] [--lengths 10 20]

Without FILE it makes two 1080p30 films whose frames carry their numbers, with key frames every 250 and every 30.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.films import BITS, HEIGHT, WIDTH, watch

from circletake.export.plan import ExportItem, ExportMode, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ExportReport
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange

SEGMENTS = 10
LENGTHS = (10.0, 20.0)
"""Seconds. Each clip has the same two edges, so shorter clips show a smart cut at its worst."""

FILM_SECONDS = 60
SCALE = 15
RATE = 30


def pictures() -> Iterator[NDArray[np.uint8]]:
    """1080p frames: a soft texture that drifts, grain, and the frame's number in blocks."""
    chance = np.random.default_rng(7)
    width, height = WIDTH * SCALE, HEIGHT * SCALE
    coarse = chance.integers(40, 200, (height // 30 + 40, width // 30 + 60)).astype(np.uint8)
    texture = av.VideoFrame.from_ndarray(coarse, format="gray").reformat(
        width=coarse.shape[1] * 30, height=len(coarse) * 30
    )
    field = texture.to_ndarray().astype(np.int16)
    grain = [chance.integers(-6, 7, (height, width)).astype(np.int16) for _ in range(8)]
    block = 8 * SCALE
    for number in range(FILM_SECONDS * RATE):
        down, across = int(150 + 140 * np.sin(number / 90)), number * 2 % 1500
        plane = np.clip(field[down : down + height, across : across + width] + grain[number % 8], 16, 235)
        image = np.full((height * 3 // 2, width), 128, np.uint8)
        image[:height] = plane
        for bit in range(BITS):
            light = 235 if number >> bit & 1 else 16
            image[:block, bit * block : (bit + 1) * block] = light
            image[block : 2 * block, bit * block : (bit + 1) * block] = 251 - light
        yield image


def make_film(path: Path, group: int) -> None:
    """Write a test film with sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "23"})
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH * SCALE, HEIGHT * SCALE, "yuv420p"
        video.codec_context.gop_size = group
        sound = container.add_stream("aac", rate=48_000)
        assert isinstance(sound, av.AudioStream)
        sound.layout = "stereo"
        tone = (0.2 * np.sin(np.arange(48_000 // RATE) / 20)).astype(np.float32)
        for number, image in enumerate(pictures()):
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="yuv420p")))
            heard = av.AudioFrame.from_ndarray(np.tile(tone, (2, 1)), format="fltp", layout="stereo")
            heard.sample_rate, heard.pts = 48_000, number * len(tone)
            container.mux(sound.encode(heard))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))


def measure(film: Path, folder: Path, lengths: tuple[float, float], *, numbered: bool) -> None:
    """Print one line for each mode."""
    info = probe(film)
    rate, total = info.edit_rate, info.full_range.duration.value
    chance = random.Random(11)
    ranges: list[tuple[int, int]] = []
    for _ in range(SEGMENTS):
        frames = min(total, round(chance.uniform(*lengths) * float(rate)))
        ranges.append((chance.randrange(total - frames + 1), frames))
    items = tuple(
        ExportItem(f"segment {number}", film, TimeRange(RationalTime(start, rate), RationalTime(frames, rate)))
        for number, (start, frames) in enumerate(ranges)
    )
    seconds = float(sum((item.range.duration.seconds for item in items), Fraction(0)))
    keys = info.picture.key_frame_count if info.picture else 0
    print(f"\n{film.name}: {SEGMENTS} segments, {seconds:.0f} s in all, {keys} key frames")
    costs: dict[ExportMode, float] = {}
    for mode in ExportMode:
        plan = plan_export(ExportRequest(items, folder / mode, mode, overwrite=True), {film: info})
        cpu, wall = time.process_time(), time.perf_counter()
        report = export_clips(plan, NoContext())
        costs[mode], wall = time.process_time() - cpu, time.perf_counter() - wall
        print(f"  {mode:<7} {costs[mode]:8.2f} CPU s {wall:8.2f} wall s   {summary(report, ranges, numbered=numbered)}")
    print(f"  smart is {costs[ExportMode.ENCODE] / costs[ExportMode.SMART]:.1f} times cheaper than encode")


def summary(report: ExportReport, ranges: list[tuple[int, int]], *, numbered: bool) -> str:
    """How many clips came out, how exact they are, and how much of them was copied."""
    written = [clip.written for clip in report.clips if clip.written]
    frames, copied = sum(each.frames for each in written), sum(each.frames_copied for each in written)
    early = float(sum((each.start_early for each in written), Fraction(0)))
    parts = [f"{len(written)} clips", f"{copied} of {frames} frames copied", f"{report.bytes / 1e6:.0f} MB"]
    parts.append(f"{early:.1f} s early" if early else f"{sum(each.verified for each in written)} verified")
    if numbered and not early:
        seen = [watch(clip.path).numbers for clip in report.clips]
        wanted = [list(range(start, start + count)) for start, count in ranges]
        exact = sum(one == other for one, other in zip(seen, wanted, strict=True))
        parts.append(f"{exact} exact by their burnt numbers")
    return ", ".join(parts)


def main() -> None:
    """Measure the named film, or two that are made here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--lengths", type=float, nargs=2, default=LENGTHS, metavar=("SHORTEST", "LONGEST"))
    given = parser.parse_args()
    lengths = (given.lengths[0], given.lengths[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.file:
            measure(given.file, folder, lengths, numbered=False)
            return
        for group in (30, 250):
            film = folder / f"group{group}.mp4"
            make_film(film, group)
            measure(film, folder / str(group), lengths, numbered=True)


if __name__ == "__main__":
    main()
