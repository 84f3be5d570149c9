"""Kill an exporting process at random moments and see what is left: `python tests/export/kill_bench.py --kills 100`.

A worker exports three clips of the sample and their lists, over and over, in a mode that changes. It is killed with
SIGKILL; then every file under a final name must be whole: a clip decodes to its last frame and holds as many as the
range asked for, a list reads back. What was begun lies under a hidden temporary name.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import av

from circletake.timeline.files import timeline_from_bytes
from circletake_resources import sample_clip

RANGES = ((1.0, 3.5), (11.0, 16.2), (20.1, 27.7))
FRAMES = {1: 75, 2: 156, 3: 228}
LONGEST_LIFE = 2.5
"""Seconds a worker lives after it began: one to three rounds of exports."""

WORKER = f"""
import sys
from pathlib import Path
from circletake.actions.work import export
from circletake.export.plan import ExportMode
from circletake.session.exporting import TimelineFormat
from circletake.session.session import Session
from circletake.settings import load_settings
with Session(load_settings(), cache=Path(sys.argv[1]) / "cache") as session:
    session.take(session.open((Path(sys.argv[2]),)).result())
    print("ready", flush=True)
    while True:
        for mode in (ExportMode.SMART, ExportMode.ENCODE):
            job = export(session, to=Path(sys.argv[1]) / mode, ranges={RANGES!r}, mode=mode,
                         timelines=(TimelineFormat.OTIO, TimelineFormat.EDL, TimelineFormat.CSV), overwrite=True)
            report = job.result()
            assert not report.report.failed, report
"""


def main(kills: int, seed: int) -> int:
    """Kill so many workers; returns how many left a broken file."""
    chance, broken, seen = random.Random(seed), 0, Counter[str]()
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            run_and_kill(Path(folder), chance.uniform(0.0, LONGEST_LIFE))
            faults = faults_in(Path(folder), seen)
            broken += bool(faults)
            for fault in faults:
                print(fault)
    print(f"{kills} kills: {broken} left a broken file; {dict(seen)}")
    return broken


def run_and_kill(folder: Path, life: float) -> None:
    """Start a worker, let it live so many seconds after it is ready, kill it."""
    command = [sys.executable, "-c", WORKER, str(folder), str(sample_clip())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(life)
        worker.kill()


def faults_in(folder: Path, seen: Counter[str]) -> list[str]:
    """What is wrong with the files under final names; counts what was found."""
    faults = []
    for path in sorted(folder.glob("*/*")):
        if path.parent.name == "cache":
            continue
        if path.name.startswith("."):
            seen["begun"] += 1
        elif path.suffix == ".mp4":
            seen["clips"] += 1
            count, wanted = frames_of(path), FRAMES[int(path.name[:2])]
            if count != wanted:
                faults.append(f"{path.name} holds {count} frames, not {wanted}")
        else:
            seen["lists"] += 1
            faults += [f"{path.name} is empty"] if not path.stat().st_size else []
            if path.suffix == ".otio" and len(timeline_from_bytes(path.read_bytes(), path).timeline.tracks) != 2:
                faults.append(f"{path.name} lost a track")
    return faults


def frames_of(path: Path) -> int:
    """Frames that decode; -1 where the file does not open or breaks off."""
    try:
        with av.open(str(path)) as container:
            return sum(1 for _ in container.decode(video=0))
    except av.FFmpegError:
        return -1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(1 if main(given.kills, given.seed) else 0)
