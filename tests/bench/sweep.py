"""What one sweep costs beside a bare decode and beside a cut detector, and that its memory does not grow.

    python tests/bench/sweep.py FILE [--rounds 3] [--long MINUTES]

Needs the `ffmpeg` and `scenedetect` programs (`pip install -e .[bench]`). With `--long 60` the file is looped to one
minute and to sixty, and the peak memory of both sweeps is printed.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import av
from measure import PYTHON, Cost, in_turn, table

from circletake.analysis.measured import Meters
from circletake.jobs.context import NoContext
from circletake.media.batches import BatchSampler
from circletake.media.probe import probe
from circletake.media.sweep import Consumers, sweep

FRAMES_A_SECOND, SIZE, BATCH = 8.0, (224, 224), 16
"""Pictures a model would be given: eight a second at 224 px, sixteen at a time."""


def main() -> None:
    """Run the comparison, or one sweep for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=0, metavar="MINUTES")
    parser.add_argument("--one", choices=("full", "fast", "decode", "probe"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run_one(given.file, given.one)
    else:
        compare(given.file, given.rounds)
        if given.long:
            compare_lengths(given.file, given.long)


def run_one(path: Path, way: str) -> None:
    """One sweep with every consumer, or a bare decode by the same library."""
    if way == "decode":
        decode(path)
        return
    media = probe(path)
    if way == "probe":
        return
    meters = Meters(media, thumbnail_count=200).consumers
    sampler = BatchSampler(FRAMES_A_SECOND, SIZE, BATCH, lambda _: None)
    everyone = Consumers([*meters.video, sampler], meters.audio, meters.sound)
    sweep(media, everyone, NoContext(), fast=way == "fast")


def decode(path: Path) -> None:
    """Every picture and sound, decoded and dropped."""
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type in ("video", "audio")]
        for stream in container.streams.video:
            stream.thread_type = "AUTO"
        for packet in container.demux(streams):
            packet.decode()


def compare(path: Path, rounds: int) -> None:
    """All ways in turn; the start of a Python process is part of ours and told apart."""
    itself = [PYTHON, __file__, str(path), "--one"]
    ways = {
        "ffmpeg -f null": ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"],
        "start and probe only": [*itself, "probe"],
        "PyAV decode": [*itself, "decode"],
        "sweep": [*itself, "full"],
        "sweep, fast": [*itself, "fast"],
    }
    if shutil.which("scenedetect"):
        ways["scenedetect detect-content"] = ["scenedetect", "-q", "-i", str(path), "detect-content"]
    costs = in_turn(ways, rounds)
    start = costs["start and probe only"]
    base = costs["ffmpeg -f null"]
    rows = [row(name, cost, base, start if name.startswith("sweep") else None) for name, cost in costs.items()]
    print(table(path.name, ("CPU s", "wall s", "peak MiB", "CPU / ffmpeg", "less start / ffmpeg"), rows))


def row(name: str, cost: Cost, base: Cost, start: Cost | None) -> tuple[str, ...]:
    """One line of the table."""
    less = f"{(cost.cpu - start.cpu) / base.cpu:.2f}" if start else ""
    return (name, f"{cost.cpu:.2f}", f"{cost.wall:.2f}", f"{cost.peak:.0f}", f"{cost.cpu / base.cpu:.2f}", less)


def compare_lengths(path: Path, minutes: int) -> None:
    """Peak memory of a sweep over the film looped to one minute and to `minutes`."""
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for length in (1, minutes):
            looped = Path(folder) / f"looped_{length}.mkv"
            command = ["ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", str(path), "-t", str(60 * length)]
            in_turn({"loop": [*command, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", str(looped)]}, 1)
            cost = in_turn({"sweep": [PYTHON, __file__, str(looped), "--one", "full"]}, 1)["sweep"]
            rows.append((f"{length} min", f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{cost.peak:.0f}"))
        print(table("sweep of", ("CPU s", "wall s", "peak MiB"), rows))


if __name__ == "__main__":
    main()
