"""A written clip is read back: every frame's time, and the pictures at its ends and around each splice."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from circletake.errors import MediaError
from circletake.export.source import EARLIER_STARTS, Damage, decoded_from, key_position
from circletake.jobs.context import JobContext
from circletake.media.container import open_media, shown_video_streams
from circletake.media.index import PacketIndex, scan_packets

WINDOW = 2
"""Frames decoded on each side of a place that is checked."""

NEAR = 24
"""Frames between two such places below which the file is not opened twice for them."""

TIME_TOLERANCE = 1e-4
"""Seconds by which a time read back may differ: MP4 keeps times exactly, this is for float arithmetic."""


def fault_in(path: Path, times: NDArray[np.float64], places: tuple[int, ...], context: JobContext) -> str | None:
    """What is wrong with a clip, or None.

    `times` are the seconds at which frames must be shown, rising; `places` are frame numbers to decode around.
    """
    try:
        index = _index_of(path)
        if index is None or len(index) != len(times):
            return f"it holds {0 if index is None else len(index)} frames instead of {len(times)}"
        found = clip_seconds(index.sorted_pts, index.time_base)
        if float(np.abs(found - times).max()) > TIME_TOLERANCE:
            return "its frames are not shown at the planned times"
        for first, stop in windows((0, *places, len(times) - 1), len(times)):
            if not _decodes(path, index, index.sorted_pts[first:stop], context):
                return f"the pictures from {first} to {stop} do not decode"
    except MediaError as error:
        return f"it cannot be read back: {error.message}"
    return None


def windows(places: tuple[int, ...], count: int) -> list[tuple[int, int]]:
    """Stretches of frames (first, stop) around `places`; those near each other are one, decoded in one go."""
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        first, stop = max(0, place - WINDOW), min(count, place + WINDOW)
        if found and first - found[-1][1] <= NEAR:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return found


def _index_of(path: Path) -> PacketIndex | None:
    with open_media(path) as container:
        scan = scan_packets(container, shown_video_streams(container))
    return scan.video[0] if scan.video and scan.broken is None else None


def _decodes(path: Path, index: PacketIndex, wanted: NDArray[np.int64], context: JobContext) -> bool:
    """Tell whether all of `wanted` comes out whole, decoded from the key frame ahead of it or one a little earlier.

    The key frame of an open group is no clean start: H.264 tells what its frames refer to only by what came before.
    """
    starts = dict.fromkeys(key_position(index, int(wanted[0]), steps_back=steps) for steps in range(EARLIER_STARTS))
    return any(_decodes_from(path, index, start, wanted, context) for start in starts)


def _decodes_from(path: Path, index: PacketIndex, start: int, wanted: NDArray[np.int64], context: JobContext) -> bool:
    damage, count = Damage(), 0
    for _, frame in decoded_from(path, index, start, wanted, context, damage):
        count += not frame.is_corrupt
    return count == len(wanted) and not damage.packets


def clip_seconds(ticks: NDArray[np.int64], time_base: Fraction) -> NDArray[np.float64]:
    """Ticks as float seconds."""
    return ticks.astype(np.float64) * float(time_base)
