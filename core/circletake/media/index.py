"""The packet index: when every frame is shown and where decoding can start, read without decoding anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Stream
from numpy.typing import NDArray

from circletake.jobs.context import JobContext
from circletake.timebase import RationalTime, round_fraction

FRAME_SLACK = Fraction(1, 4)
"""Share of a frame by which a time may fall short of a frame's start and still mean that frame.

Containers round: Matroska stores 41.667 ms as 42. A frame's own start must find it.
"""


MAX_LAST_FRAME = Fraction(10)
"""Seconds the last frame may be held; a header that says more is a broken one."""


MAX_JUMP = Fraction(4 * 3600)
"""Seconds between two packets of a stream beyond which a timestamp is broken; no camera pauses for hours in a file."""

PACKETS_A_CHECK = 256
"""Packets read between two looks at whether to go on."""


@dataclass(frozen=True, eq=False)
class PacketIndex:
    """Packets of one video stream in decoding order.

    `pts` int64 (N,) in ticks of `time_base`; `key` bool (N,) where decoding can start; `size` int64 (N,) bytes;
    `hidden` bool (N,) packets that are decoded but not shown (cut off by an edit list). `origin` is the container's
    start in ticks: media time = (pts - origin) * time_base. `last_duration` is the last frame's length in ticks.
    """

    stream_index: int
    time_base: Fraction
    origin: int
    pts: NDArray[np.int64] = field(repr=False)
    key: NDArray[np.bool_] = field(repr=False)
    size: NDArray[np.int64] = field(repr=False)
    hidden: NDArray[np.bool_] = field(repr=False)
    last_duration: int = 0

    def __len__(self) -> int:
        """Frames shown."""
        return len(self.sorted_pts)

    @cached_property
    def sorted_pts(self) -> NDArray[np.int64]:
        """Times of the frames shown, in showing order; frame number n is the n-th of them."""
        return np.unique(self.pts[~self.hidden])

    @cached_property
    def key_pts(self) -> NDArray[np.int64]:
        """Times of the key frames shown, in order."""
        return np.unique(self.pts[self.key & ~self.hidden])

    @property
    def rate(self) -> Fraction:
        """Ticks a second: the rate at which this stream's own times are exact."""
        return 1 / self.time_base

    @cached_property
    def frame_ticks(self) -> float:
        """Typical length of a frame in ticks."""
        return float(np.median(np.diff(self.sorted_pts))) if len(self) > 1 else float(max(1, self.last_duration))

    def ticks_of(self, time: RationalTime) -> int:
        """A media time in this stream's ticks (as `pts` counts them), rounded down."""
        return int(time.seconds // self.time_base) + self.origin

    def time_of_pts(self, pts: int) -> RationalTime:
        """The media time of a timestamp."""
        return RationalTime(int(pts) - self.origin, self.rate)

    def time_of(self, frame: int) -> RationalTime:
        """When frame number `frame` is first shown, in media time.

        Raises:
            IndexError: there is no such frame.
        """
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of {len(self)}")
        return self.time_of_pts(int(self.sorted_pts[frame]))

    def frame_at(self, time: RationalTime) -> int:
        """The frame shown at a media time; the first before the start, the last after the end.

        Raises:
            IndexError: the stream has no frames.
        """
        if not len(self):
            raise IndexError("the stream has no frames")
        slack = int(self.frame_ticks * FRAME_SLACK)
        found = int(np.searchsorted(self.sorted_pts, self.ticks_of(time) + slack, side="right")) - 1
        return min(max(found, 0), len(self) - 1)

    def key_pts_before(self, pts: int) -> int:
        """The latest key frame at or before `pts`, or the first frame where there is none."""
        found = int(np.searchsorted(self.key_pts, pts, side="right")) - 1
        if found < 0:
            return int(self.key_pts[0]) if len(self.key_pts) else int(self.sorted_pts[0])
        return int(self.key_pts[found])

    @property
    def end_pts(self) -> int:
        """The tick at which the last frame stops being shown."""
        return int(self.sorted_pts[-1]) + max(1, self.last_duration or round(self.frame_ticks)) if len(self) else 0

    @cached_property
    def reordered(self) -> bool:
        """Tell whether frames are decoded in another order than shown."""
        return bool(np.any(np.diff(self.pts) < 0))


@dataclass(frozen=True, slots=True)
class StreamSpan:
    """What a packet scan found of any stream: first and last moment (seconds from the container's zero), bytes."""

    start: Fraction
    end: Fraction
    packets: int
    size: int


@dataclass(frozen=True, slots=True)
class PacketScan:
    """One pass over all packets of a file: an index of each video stream, the span of every stream."""

    video: tuple[PacketIndex, ...]
    spans: dict[int, StreamSpan]
    origin: Fraction
    broken: str | None = None
    jumped: bool = False


@dataclass(slots=True)
class _Rows:
    pts: list[int] = field(default_factory=list)
    key: list[bool] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    duration: int = 0
    latest: int = -(2**62)
    bytes: int = 0


def scan_packets(container: InputContainer, streams: Sequence[Stream], context: JobContext | None = None) -> PacketScan:
    """Read every packet's header of `streams` once; nothing is decoded. Stops where the file is damaged and says so.

    What lies behind a jump of more than `MAX_JUMP` is left out: the clock broke there, not the film. `context` is told
    how far the scan is, in bytes, and asked whether to go on.

    Raises:
        JobCancelled: asked to stop.
    """
    rows: dict[int, _Rows] = {stream.index: _Rows() for stream in streams}
    broken: str | None = None
    try:
        for number, packet in enumerate(container.demux(list(streams))):
            if context is not None and number % PACKETS_A_CHECK == 0:
                context.progress(packet.pos or 0, container.size)
            pts = packet.pts if packet.pts is not None else packet.dts
            if pts is None:
                continue
            row = rows[packet.stream.index]
            row.pts.append(pts)
            row.key.append(packet.is_keyframe)
            row.size.append(packet.size)
            row.hidden.append(packet.is_discard)
            row.bytes += packet.size
            if pts > row.latest:
                row.latest, row.duration = pts, packet.duration or 0
    except FFmpegError as error:
        broken = str(error)
    jumped = [_cut_at_jump(rows[stream.index], stream.time_base) for stream in streams]
    origin = _origin(streams, rows)
    spans = {stream.index: _span(stream, rows[stream.index]) for stream in streams if rows[stream.index].pts}
    video = tuple(_index(stream, rows[stream.index], origin) for stream in streams if stream.type == "video")
    return PacketScan(video, spans, origin, broken, any(jumped))


def _origin(streams: Sequence[Stream], rows: dict[int, _Rows]) -> Fraction:
    """Media time zero in seconds: the earliest start any stream declares, as FFmpeg reckons a container's start."""
    starts = []
    for stream in streams:
        row, base = rows[stream.index], stream.time_base
        if row.pts and base:
            shown = [pts for pts, hidden in zip(row.pts[:64], row.hidden[:64], strict=True) if not hidden]
            first = min(shown or row.pts[:1])
            starts.append((first if stream.start_time is None else max(first, stream.start_time)) * base)
    return min(starts, default=Fraction(0))


def _cut_at_jump(row: _Rows, base: Fraction | None) -> bool:
    """Drop the packets behind the first jump of the clock; tells whether there was one."""
    if len(row.pts) < 2 or not base:
        return False
    ordered = np.unique(np.asarray(row.pts, np.int64))
    jumps = np.flatnonzero(np.diff(ordered) > int(MAX_JUMP / base))
    if not len(jumps):
        return False
    last = int(ordered[jumps[0]])
    kept = [number for number, pts in enumerate(row.pts) if pts <= last]
    row.pts, row.key = [row.pts[number] for number in kept], [row.key[number] for number in kept]
    row.size, row.hidden = [row.size[number] for number in kept], [row.hidden[number] for number in kept]
    row.latest, row.bytes = last, sum(row.size)
    return True


def _last_duration(row: _Rows, base: Fraction) -> int:
    return min(row.duration, int(MAX_LAST_FRAME / base))


def _span(stream: Stream, row: _Rows) -> StreamSpan:
    base = stream.time_base or Fraction(1)
    first, end = min(row.pts[:64]), row.latest + _last_duration(row, base)
    return StreamSpan(first * base, end * base, len(row.pts), row.bytes)


def _index(stream: Stream, row: _Rows, origin: Fraction) -> PacketIndex:
    base = stream.time_base or Fraction(1)
    return PacketIndex(
        stream.index,
        base,
        round_fraction(origin / base),
        np.asarray(row.pts, np.int64),
        np.asarray(row.key, np.bool_),
        np.asarray(row.size, np.int64),
        np.asarray(row.hidden, np.bool_),
        _last_duration(row, base),
    )
