"""The file a clip is written to: one container, its tracks, and packets in the order of their decoding times."""

from __future__ import annotations

import contextlib
import heapq
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.error import FFmpegError

from circletake.errors import ExportFailed

FORMATS = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".mka": "matroska",
    ".webm": "webm",
    ".m4a": "ipod",
    ".mp3": "mp3",
    ".flac": "flac",
    ".wav": "wav",
    ".ogg": "ogg",
}
"""FFmpeg's muxer for each suffix we write."""

MOVIE_CLOCK = 90_000
"""Ticks a second of an MP4's edit list; FFmpeg's 1000 would round a track's start to a millisecond."""


@contextmanager
def open_clip(path: Path) -> Iterator[OutputContainer]:
    """Open a file for writing; its header and end are written for it.

    Raises:
        ExportFailed: the disk or the container refuses.
    """
    kind = FORMATS[path.suffix]
    options: dict[str, str] = {}
    if kind in ("mp4", "mov", "ipod"):
        options = {"movflags": "+faststart", "movie_timescale": str(MOVIE_CLOCK)}
    try:
        container = av.open(f"file:{path}", "w", format=kind, container_options=options)
        try:
            yield container
        except BaseException:
            with contextlib.suppress(FFmpegError):
                container.close()
            raise
        container.close()
    except FFmpegError as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: FFmpegError) -> ExportFailed:
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else "the container refuses these tracks"
    hint = "Make room on the disk or choose another folder." if error.errno == 28 else "Export with mode encode."
    return ExportFailed(f"the clip could not be written: {reason}", hint=hint, path=path.parent, details=str(error))


def mux_in_order(container: OutputContainer, tracks: Iterable[Iterator[av.Packet[Any]]]) -> None:
    """Write packets of all tracks as their decoding times come, so that neither track waits in memory."""
    for packet in heapq.merge(*tracks, key=_decoding_seconds):
        container.mux(packet)


def _decoding_seconds(packet: av.Packet[Any]) -> Fraction:
    at = packet.dts if packet.dts is not None else packet.pts
    return (at or 0) * packet.time_base
