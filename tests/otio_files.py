"""Timelines to OpenTimelineIO files and back, for tests that look at one by itself."""

from __future__ import annotations

from pathlib import Path

from circletake.timeline import guard
from circletake.timeline.files import ReadTimeline, timeline_from_bytes, timeline_of_stranger, timeline_to_text
from circletake.timeline.model import Timeline


def read_timeline(path: Path) -> ReadTimeline:
    """Read a file as one that anybody may have made."""
    return timeline_of_stranger(guard.read_bytes(path), path)


def timeline_from_text(text: str) -> ReadTimeline:
    """Read text as one of our own."""
    return timeline_from_bytes(text.encode("utf-8", "surrogatepass"))


def write_timeline(timeline: Timeline, path: Path) -> None:
    """Write a file."""
    path.write_text(timeline_to_text(timeline), encoding="utf-8")
