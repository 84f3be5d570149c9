"""What an analysis costs of which a timeline uses only parts of a film, against all of that film.

    python tests/bench/parts.py FILM [--clips 30] [--seconds 6] [--minutes 120]

The film is looped up to `--minutes` by copying its packets; clips of `--seconds` are taken from all over it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from measure import in_turn, table

from circletake.analysis.segments import SegmentLimits
from circletake.jobs.context import NoContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.project.results import ResultStore
from circletake.session.analysing import AnalyseRequest, analyse, marks_of, used_media, used_spans
from circletake.timebase import TimeRange
from circletake.timeline.model import Clip, MediaReference, Timeline, Track, TrackKind

HANDLE = 10.0


def main() -> None:
    """Loop the film, then analyse the parts and the whole of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("film", type=Path)
    parser.add_argument("--clips", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--minutes", type=float, default=120.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        looped = Path(folder) / f"long{given.film.suffix}"
        times = int(given.minutes * 60 / probe(given.film).duration.to_seconds())
        copy = ["-stream_loop", str(times), "-i", str(given.film), "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy"]
        in_turn({"loop": ["ffmpeg", "-v", "error", *copy, str(looped)]}, 1)
        media = probe(looped)
        cut = cut_of(media, given.clips, given.seconds)
        print(table("analysis of", ("decoded s", "wall s", "CPU s", "marks"), [row(media, cut, name) for name in WAYS]))


WAYS = ("parts", "whole")


def cut_of(media: MediaInfo, count: int, seconds: float) -> Timeline:
    """A timeline of clips from all over a film."""
    apart = media.duration.to_seconds() / count
    spans = [TimeRange.from_seconds(n * apart, n * apart + seconds, media.edit_rate) for n in range(count)]
    clips = tuple(Clip("clip", span, MediaReference(str(media.path))) for span in spans)
    return Timeline("cut", media.edit_rate, tuple(Track(kind.value, kind, clips) for kind in TrackKind))


def row(media: MediaInfo, cut: Timeline, name: str) -> tuple[str, ...]:
    """One analysis, nothing of it cached."""
    spans = used_spans(cut, {media.path: media}, HANDLE) if name == "parts" else {}
    request = AnalyseRequest(
        (media,), SegmentLimits(), fast=False, thumbnail_count=200, spans=spans, used=used_media(cut)
    )
    with tempfile.TemporaryDirectory() as folder:
        began, spent = time.monotonic(), time.process_time()
        film = analyse(request, ResultStore(Path(folder), 1 << 30), NoContext()).films[0]
        wall, cpu = time.monotonic() - began, time.process_time() - spent
    marks = len(marks_of([film.analysis], cut))
    return name, f"{request.seconds(media):.0f}", f"{wall:.1f}", f"{cpu:.1f}", str(marks)


if __name__ == "__main__":
    main()
