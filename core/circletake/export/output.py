"""The file a clip is written to: one container, its tracks, and packets in the order of their decoding times."""

from __future__ import annotations

import contextlib
import errno
import heapq
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
from av.container import OutputContainer
from av.error import FFmpegError
from av.stream import Stream

from circletake.errors import ExportFailed

_StreamT = TypeVar("_StreamT", bound=Stream)

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

EDIT_LISTS = ("mp4", "mov", "ipod")
"""Muxers that write an edit list, which hides what lies before a track's time zero."""

DISK_ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.ENOENT)

MOVIE_CLOCK = 90_000
"""Ticks a second of an MP4's edit list; FFmpeg's 1000 would round a track's start to a millisecond."""


@contextmanager
def open_clip(path: Path) -> Iterator[OutputContainer]:
    """Open a file for writing; its header and end are written for it. On an exception it is removed.

    Raises:
        ExportFailed: the disk or the container refuses.
    """
    kind = FORMATS[path.suffix]
    options: dict[str, str] = {}
    if kind in EDIT_LISTS:
        options = {"movflags": "+faststart", "movie_timescale": str(MOVIE_CLOCK)}
    try:
        container = av.open(f"file:{path}", "w", format=kind, container_options=options)
        try:
            yield container
        except BaseException:
            # The muxer opens it by name to move the header to its front, which rewrites all of it: gigabytes, for a
            # file that nobody will see. Windows keeps the name of an open file, and so the wait.
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            with contextlib.suppress(FFmpegError):
                container.close()
            raise
        container.close()
    except FFmpegError as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: FFmpegError) -> ExportFailed:
    if error.errno in DISK_ERRORS:
        reason, hint = os.strerror(error.errno), "Make room on the disk, or choose another folder."
    else:
        reason, hint = f"a {path.suffix} file cannot hold these tracks", "Export with mode encode."
    return ExportFailed(f"the clip could not be written: {reason}", hint=hint, path=path.parent, details=str(error))


def carry(container: OutputContainer, template: _StreamT) -> _StreamT:
    """Add a track for packets copied as they are, with all that the source's header says about it.

    Raises:
        ExportFailed: the container has no place for this codec.
    """
    try:
        return container.add_stream_from_template(template, opaque=True)
    except ValueError as error:
        name = template.codec_context.codec.canonical_name
        raise ExportFailed(
            f"a {container.format.name} file cannot hold {name}", hint="Export with mode encode.", details=str(error)
        ) from error


def mux_in_order(container: OutputContainer, tracks: Iterable[Iterator[av.Packet[Any]]]) -> None:
    """Write packets of all tracks as their decoding times come, so that neither track waits in memory."""
    for packet in heapq.merge(*tracks, key=_decoding_seconds):
        container.mux(packet)


def _decoding_seconds(packet: av.Packet[Any]) -> Fraction:
    at = packet.dts if packet.dts is not None else packet.pts
    return (at or 0) * packet.time_base
