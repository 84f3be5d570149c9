"""How long a frame takes: random seeks, steps either way and key-frame previews, every frame checked.

    python tests/bench/seek.py FILE... [--seeks 40]

Each frame is held against a plain decode from the start: `right` counts those that are the asked one, bit for bit.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import av
from measure import percentile, table

from circletake.media.convert import to_rgb
from circletake.media.frames import Frame
from circletake.media.reader import FrameReader

SMALL = (64, 36)


def main() -> None:
    """Measure every file given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--seeks", type=int, default=40)
    given = parser.parse_args()
    for path in given.files:
        measure(path, given.seeks)


def measure(path: Path, seeks: int) -> None:
    """All ways on one file."""
    chance = random.Random(7)
    began = time.perf_counter()
    with FrameReader(path) as reader:
        opened = time.perf_counter() - began
        targets = [chance.randrange(60, len(reader) - 60) for _ in range(seeks)]
        middle = targets[0]
    truth = decoded(path, {*targets, *range(middle - 40, middle + 41)})
    rows = [
        timed("random seek", path, targets, truth),
        timed("step forward", path, range(middle, middle + 40), truth, warm=middle - 1),
        timed("step back", path, range(middle, middle - 40, -1), truth, warm=middle),
        timed("step forward, read ahead", path, range(middle, middle + 40), truth, warm=middle - 1, prefetch=48),
        previews(path, targets),
    ]
    print(table(f"{path.name} (index {opened * 1000:.0f} ms)", ("median ms", "p95 ms", "CPU ms", "right"), rows))


def decoded(path: Path, wanted: set[int]) -> dict[int, bytes]:
    """Small copies of the wanted frames, by a plain decode."""
    kept: dict[int, bytes] = {}
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                kept[number] = to_rgb(frame, SMALL).tobytes()
            if number > max(wanted):
                break
    return kept


def timed(
    name: str,
    path: Path,
    targets: Iterable[int],
    truth: dict[int, bytes],
    *,
    warm: int | None = None,
    prefetch: int = 0,
) -> tuple[str, ...]:
    """Read each target in turn; a cold reader unless `warm` names a frame to read first."""
    with FrameReader(path, prefetch=prefetch) as reader:
        if warm is not None:
            reader.read(warm, SMALL)
            time.sleep(1.0 if prefetch else 0.0)
        read: Callable[[int], Frame] = lambda number: reader.read(number, SMALL)  # noqa: E731 - one call, timed
        return line(name, [cost(read, number) for number in targets], truth)


def previews(path: Path, targets: Iterable[int]) -> tuple[str, ...]:
    """Read the key frame before each target."""
    with FrameReader(path) as reader:
        read: Callable[[int], Frame] = lambda number: reader.read_key_frame(reader.index.time_of(number), SMALL)  # noqa: E731
        return line("key frame only", [cost(read, number) for number in targets], None)


def cost(read: Callable[[int], Frame], number: int) -> tuple[int, Frame, float, float]:
    """The frame, with wall and CPU milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    frame = read(number)
    return number, frame, (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def line(name: str, seen: list[tuple[int, Frame, float, float]], truth: dict[int, bytes] | None) -> tuple[str, ...]:
    """One row of the table."""
    walls = [wall for _, _, wall, _ in seen]
    right = (
        sum(frame.index == number and frame.image.tobytes() == truth.get(number) for number, frame, _, _ in seen)
        if truth
        else 0
    )
    return (
        name,
        f"{statistics.median(walls):.1f}",
        f"{percentile(walls, 0.95):.1f}",
        f"{statistics.median(cpu for *_, cpu in seen):.1f}",
        f"{right} of {len(seen)}" if truth else "preview",
    )


if __name__ == "__main__":
    main()
