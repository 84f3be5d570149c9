"""Kill an editing process at random moments and see what is left: `python tests/project/kill_bench.py --kills 100`.

A worker opens a project and edits, undoes, redoes and saves as fast as it can. Before each step it says which state
it is about to make, and after it that the step returned. It is killed with SIGKILL; then the project is opened again.
It must show the last state whose step returned, or the one that was being made. The file alone must open at any time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

from circletake.errors import EditError
from circletake.project.files import load_project
from circletake.project.project import Project
from circletake.project.workspace import Workspace
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MediaReference, Timeline
from circletake.timeline.stored import mark_fields

RATE = Fraction(30000, 1001)
FRAMES = 100_000
LONGEST_LIFE = 0.3
"""Seconds a worker lives after its first step: some hundreds of edits and some saves."""


def digest(timeline: Timeline) -> str:
    """Names a state: all marks in order."""
    return hashlib.sha256(json.dumps([mark_fields(mark) for mark in timeline.marks]).encode()).hexdigest()[:16]


def a_project() -> Project:
    """One medium of an hour, no marks."""
    span = TimeRange(RationalTime(0, RATE), RationalTime(FRAMES, RATE))
    return Project(Timeline.of_media("Killed", MediaReference("/media/a.mp4", span), RATE))


def edited(timeline: Timeline, chance: random.Random) -> Timeline:
    """The timeline after any edit that fits."""
    marks = timeline.marks
    if len(marks) < 3 or (len(marks) < 60 and chance.random() < 0.3):
        span = TimeRange(
            RationalTime(chance.randrange(FRAMES - 500), RATE), RationalTime(chance.randrange(1, 500), RATE)
        )
        return edits.add(timeline, Mark(f"{chance.getrandbits(64):x}", span, "Take", score=chance.random() * 100))
    one, two = (mark.id for mark in chance.sample(marks, 2))
    choices = [
        lambda: edits.keep(timeline, one),
        lambda: edits.reject(timeline, one, two),
        lambda: edits.shift(timeline, one, RationalTime(chance.randrange(-9, 10), RATE)),
        lambda: edits.join(timeline, [one, two]),
        lambda: edits.delete(timeline, one),
        lambda: edits.annotate(timeline, one, f"Note {chance.random()}"),
    ]
    try:
        return chance.choice(choices)()
    except EditError:
        return edits.annotate(timeline, one, "Did not fit")


def work(path: Path, seed: int) -> None:
    """Edit until killed, telling each state before and after it is made."""
    chance = random.Random(seed)
    workspace = Workspace.open(path)
    print("done", digest(workspace.timeline), flush=True)
    while True:
        kind = chance.random()
        if kind < 0.05:
            print("save", digest(workspace.timeline), flush=True)
            workspace.save()
        elif kind < 0.15:
            print("make", digest(workspace.history.undone().present.timeline), flush=True)
            workspace.undo()
        elif kind < 0.2:
            print("make", digest(workspace.history.redone().present.timeline), flush=True)
            workspace.redo()
        else:
            after = edited(workspace.timeline, chance)
            print("make", digest(after), flush=True)
            workspace.done("Edit", after)
        print("done", digest(workspace.timeline), flush=True)


def killed_once(path: Path, seed: int) -> list[list[str]]:
    """What one worker said until it was killed."""
    worker = subprocess.Popen(
        [sys.executable, __file__, "--work", str(path), "--seed", str(seed)], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    said = [worker.stdout.readline()]
    time.sleep(random.Random(seed).uniform(0, LONGEST_LIFE))
    worker.kill()
    rest, _ = worker.communicate()
    said += rest.splitlines(keepends=True)
    return [line.split() for line in said if line.endswith("\n")]


def verdict(path: Path, said: list[list[str]]) -> str:
    """`returned`, `in flight`, or what is wrong with the project after a kill."""
    load_project(path)
    workspace = Workspace.open(path)
    workspace.close()
    if workspace.read_only or workspace.conflict is not None:
        return "held" if workspace.read_only else "conflict"
    if workspace.recovered is not None and workspace.recovered.problem:
        return workspace.recovered.problem
    found = digest(workspace.timeline)
    last_done = next(state for step, state in reversed(said) if step == "done")
    if found == last_done:
        return "returned"
    return "in flight" if said[-1][0] == "make" and found == said[-1][1] else "lost"


def bench(kills: int, seed: int) -> dict[str, int]:
    """How often each verdict came, with the steps made in all."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "killed.otio"
        workspace = Workspace.create(a_project())
        workspace.save(path)
        workspace.close()
        for number in range(kills):
            said = killed_once(path, seed + number)
            counts[verdict(path, said)] += 1
            counts["steps"] += sum(step == "done" for step, _ in said)
            counts["killed while saving"] += said[-1][0] == "save"
    return dict(counts)


def main() -> int:
    """Print the counts; 1 where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.seed)
    counts = bench(options.kills, options.seed)
    print(json.dumps(counts))
    return int(counts.get("returned", 0) + counts.get("in flight", 0) != options.kills)


if __name__ == "__main__":
    sys.exit(main())
