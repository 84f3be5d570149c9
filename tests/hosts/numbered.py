"""What the checks in other programs share: a film whose frames are numbered, a cut of it, and who to ask about it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from tests.films import Film, read_number

from circletake.interchange.format import Delivery, Format, Source
from circletake.interchange.tags import adopted, with_markers
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, MarkState, MediaReference, Timeline, Track, TrackKind

NTSC = Fraction(30000, 1001)
SYSTEM_PYTHON = "/usr/bin/python3"
FRAMES = 600
"""Twice as many as the cuts use: libopenshot 0.2.7 shows each film one frame late from its middle on."""

FILM = Film("film #1 é", FRAMES, NTSC, group=1, b_frames=0)
"""With sound, in a name that needs care; each frame stands alone."""


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def needs_module(name: str) -> None:
    command = [SYSTEM_PYTHON, "-c", f"import {name}"]
    if not Path(SYSTEM_PYTHON).exists() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"the system's Python has no {name}")


def ask(script: str, *arguments: str | Path) -> Any:
    """What a script for the system's Python prints as JSON on its last line."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [SYSTEM_PYTHON, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def shot(film: Path, name: str, start: int, length: int, speed: Fraction = Fraction(1)) -> Clip:
    return Clip(
        name, TimeRange(RationalTime(start, NTSC), RationalTime(length, NTSC)), MediaReference(str(film)), speed=speed
    )


def cut(film: Path) -> Timeline:
    """Two shots with sound and a gap between; over them one without sound; a kept mark."""
    first, second = shot(film, 'Hook "é" & <b>', 30, 60), shot(film, "Payoff", 100, 57)
    over = (Gap(RationalTime(140, NTSC)), shot(film, "over", 200, 40))
    mark = Mark(
        "0123456789ab", TimeRange(RationalTime(12, NTSC), RationalTime(40, NTSC)), 'Laugh "1" é; {x}', score=88.0
    )
    items = (first, Gap(RationalTime(45, NTSC)), second)
    tracks = (
        Track("V1", TrackKind.VIDEO, items),
        Track("V2", TrackKind.VIDEO, over),
        Track("A1", TrackKind.AUDIO, items),
    )
    return Timeline("cut", NTSC, tracks, (replace(mark, state=MarkState.KEPT),))


SHOWN = {0: 30, 1: 31, 59: 89, 105: 100, 130: 125, 140: 200, 161: 221, 179: 239}
"""Which frame of the film lies at which frame of the cut."""


def write(form: Format, timeline: Timeline, path: Path, *films: Path) -> Path:
    assert form.write
    marked = with_markers(timeline, one_text=form.one_text)
    path.write_bytes(form.write(Delivery(marked, {film: probe(film) for film in films}, path)))
    return path


def back(form: Format, path: Path) -> Timeline:
    assert form.read
    return adopted(form.read(Source(path, path.read_bytes())).timeline)


def places(timeline: Timeline, kind: TrackKind) -> list[tuple[int, int, int, Fraction]]:
    """Each clip's start, length and first frame of media, and its speed."""
    return sorted(
        (placed.start_time.value, placed.duration.value, item.source_range.start_time.value, item.speed)
        for track in timeline.tracks
        if track.kind is kind
        for placed, item in track.placed(timeline.rate)
        if isinstance(item, Clip)
    )


def numbers_in(folder: Path, frames: dict[int, int]) -> dict[int, int]:
    found = {}
    for number in frames:
        with av.open(str(folder / f"{number}.png")) as picture:
            found[number] = read_number(next(picture.decode(video=0)).reformat(format="rgb24"))
    return found
