"""Frames by number or time, exactly: seek, step either way, and a buffer that reads ahead.

Seeking goes to the key frame before the target and decodes forward from it; frames that nothing refers to are not
decoded until near the target. What is decoded stays in a cache, so stepping back costs nothing. A damaged frame is
answered by its nearest readable neighbour, whose own number tells.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.error import FFmpegError

from circletake.errors import MediaUnreadable, MediaUnsupported
from circletake.media.container import has_decoder, open_media, prepare_decoder, shown_video_streams
from circletake.media.convert import RgbConverter
from circletake.media.frames import Frame
from circletake.media.index import PacketIndex, scan_packets
from circletake.timebase import RationalTime

CACHE_BYTES = 256 * 2**20
"""Decoded pictures kept: 80 of 1080p, three seconds either side of the playhead at 25 a second less overlap."""

KEPT_BEFORE = 8
"""Frames before a target that are decoded in full, so that the next steps back are in the cache."""

KEPT_BACKWARDS = 40
"""The same once frames are asked for backwards: half the cache at 1080p, so that one decode serves forty steps."""

SKIPPABLE = ("h264", "hevc")
"""Codecs whose decoders tell frames that nothing refers to; others gain nothing from being asked."""

SEEK_BACK = (0, 2, 10, None)
"""Seconds before a key frame at which a seek aims, try by try; None is the beginning of the file."""

FORWARD_REACH = 48
"""Frames up to which decoding on is tried before a seek; a seek throws away the decoder's pictures."""


class _Decoder:
    """One open container that hands out decoded frames from any point on, with their numbers."""

    def __init__(self, path: Path, stream_index: int, index: PacketIndex) -> None:
        self._stack = ExitStack()
        self._container = self._stack.enter_context(open_media(path))
        self._stream = next(each for each in self._container.streams.video if each.index == stream_index)
        prepare_decoder(self._stream)
        self._index = index
        self._running: Iterator[tuple[int, av.VideoFrame]] | None = None
        self._full_from = 0
        self._back: dict[int, int | None] = {}
        self._keys = set(index.sorted_pts.searchsorted(index.key_pts).tolist())
        self.position = -1

    def close(self) -> None:
        self._running = None
        self._stack.close()

    def reach(self, target: int, kept: int = KEPT_BEFORE) -> Iterator[tuple[int, av.VideoFrame]]:
        """Decode up to and including `target`, with all of the `kept` before it; seek first where that is shorter."""
        self._full_from = int(self._index.sorted_pts[max(0, target - kept)])
        key = self._key_frame_before(target)
        ahead = self._running is not None and 0 <= self.position < target
        if not ahead or (self.position < key and target - self.position > FORWARD_REACH):
            yield from self._landed(key, target)
        if self.position < target:
            yield from self._until(target)

    def _landed(self, key: int, target: int) -> Iterator[tuple[int, av.VideoFrame]]:
        """Seek and hand out the first picture that is surely what it says: a key frame where the index has one.

        Some containers land behind the place asked for, some mark pictures as key frames that are none, some give the
        first pictures after a seek wrong times: each try aims earlier, the last at the very beginning. What worked is
        remembered for each key frame.
        """
        tries = SEEK_BACK[SEEK_BACK.index(self._back.get(key, 0)) :] if key else (None,)
        for back in tries:
            self._start_at(key, back)
            for number, picture in self._until(target):
                if back is None or (number <= target and picture.key_frame and number in self._keys):
                    self._back[key] = back
                    yield number, picture
                    return

    def _key_frame_before(self, target: int) -> int:
        pts = self._index.key_pts_before(int(self._index.sorted_pts[target]))
        return int(self._index.sorted_pts.searchsorted(pts))

    def _until(self, target: int) -> Iterator[tuple[int, av.VideoFrame]]:
        while self._running is not None:
            found = next(self._running, None)
            if found is None:
                self._running = None
                return
            self.position = found[0]
            yield found
            if found[0] >= target:
                return

    def _start_at(self, key: int, back: int | None) -> None:
        """Continue `back` seconds before a key frame; None means from the very beginning."""
        if key and back is not None:
            ticks = int(self._index.sorted_pts[key]) - int(back * self._index.rate)
            self._container.seek(max(ticks, int(self._index.sorted_pts[0])), stream=self._stream, backward=True)
        else:
            self._container.seek(min(0, self._container.start_time or 0), backward=True, any_frame=True)
        self._stream.codec_context.flush_buffers()
        self._running = self._decode()
        self.position = -1

    def _decode(self) -> Iterator[tuple[int, av.VideoFrame]]:
        codec = self._stream.codec_context
        can_skip = codec.name in SKIPPABLE
        for packet in self._container.demux(self._stream):
            # Set by the packet going in: frame threads hand pictures out late, and by then it would be too late.
            skip = can_skip and packet.pts is not None and packet.pts < self._full_from
            codec.skip_frame = "NONREF" if skip else "DEFAULT"
            try:
                frames = packet.decode()
            except FFmpegError:
                continue
            for frame in frames:
                number = self._number(frame)
                if number is not None and isinstance(frame, av.VideoFrame):
                    yield number, frame

    def _number(self, frame: object) -> int | None:
        pts = getattr(frame, "pts", None)
        if pts is None:
            return None
        found = int(self._index.sorted_pts.searchsorted(pts))
        shown = found < len(self._index) and int(self._index.sorted_pts[found]) == pts
        return found if shown else None


class FrameReader:
    """Exact access to the frames of one picture track. Safe to call from several threads; one decodes at a time.

    With `prefetch` above 0 a thread of its own keeps that many frames after the last asked one in the cache.
    """

    def __init__(
        self, path: Path, *, stream_index: int | None = None, cache_bytes: int = CACHE_BYTES, prefetch: int = 0
    ) -> None:
        """Read the packet index of `stream_index`, or of the largest picture track.

        Raises:
            MediaNotFound: no such file.
            MediaUnreadable: not media, or without a readable frame.
            MediaUnsupported: no picture in it, or no decoder for it.
        """
        self.path = path
        self.index = _read_index(path, stream_index)
        self._decoder = _Decoder(path, self.index.stream_index, self.index)
        self._cache: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._cache_bytes = cache_bytes
        self._used_bytes = 0
        self._asked = -1
        self._converter = RgbConverter()
        self._lock = threading.RLock()
        self._prefetcher = _Prefetcher(self, prefetch) if prefetch > 0 else None

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.index)

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Stop reading ahead and let go of the file."""
        if self._prefetcher:
            self._prefetcher.stop()
        with self._lock:
            self._cache.clear()
            self._decoder.close()

    def read(self, number: int, size: tuple[int, int] | None = None) -> Frame:
        """Frame `number`, as RGB, scaled to `size` (width, height) where given.

        Raises:
            IndexError: there is no such frame.
            MediaUnreadable: neither it nor a neighbour can be decoded.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        backwards, self._asked = number == self._asked - 1, number
        found, picture = self._picture(number, KEPT_BACKWARDS if backwards else KEPT_BEFORE)
        if self._prefetcher:
            self._prefetcher.follow(number)
        return self._frame(found, picture, size)

    def read_at(self, time: RationalTime, size: tuple[int, int] | None = None) -> Frame:
        """The frame shown at a media time; the first before the start, the last after the end."""
        return self.read(self.index.frame_at(time), size)

    def read_key_frame(self, time: RationalTime, size: tuple[int, int] | None = None) -> Frame:
        """The key frame at or before a media time: a preview that costs one decoded picture."""
        pts = self.index.key_pts_before(int(self.index.sorted_pts[self.index.frame_at(time)]))
        return self.read(int(self.index.sorted_pts.searchsorted(pts)), size)

    def is_cached(self, number: int) -> bool:
        """Tell whether a frame can be had without decoding."""
        with self._lock:
            return number in self._cache

    def _frame(self, number: int, picture: av.VideoFrame, size: tuple[int, int] | None) -> Frame:
        with self._lock:
            image = self._converter.rgb(picture, size)
        return Frame(number, self.index.time_of(number), image, bool(picture.key_frame))

    def _picture(self, number: int, kept: int = KEPT_BEFORE) -> tuple[int, av.VideoFrame]:
        with self._lock:
            if number in self._cache:
                self._cache.move_to_end(number)
                return number, self._cache[number]
            for found, picture in self._decoder.reach(number, kept):
                self._keep(found, picture)
            nearest = min(self._cache, key=lambda each: (abs(each - number), each), default=None)
            if nearest is None:
                raise MediaUnreadable(
                    "no frame near it can be decoded",
                    hint="The file is damaged here; continue at another place.",
                    path=self.path,
                    place=f"frame {number}",
                )
            return nearest, self._cache[nearest]

    def _keep(self, number: int, picture: av.VideoFrame) -> None:
        if number not in self._cache:
            self._used_bytes += _bytes_of(picture)
        self._cache[number] = picture
        self._cache.move_to_end(number)
        while self._used_bytes > self._cache_bytes and len(self._cache) > 1:
            _, dropped = self._cache.popitem(last=False)
            self._used_bytes -= _bytes_of(dropped)


class _Prefetcher:
    """A thread that keeps the frames after the last asked one decoded."""

    def __init__(self, reader: FrameReader, ahead: int) -> None:
        self._reader = reader
        self._ahead = ahead
        self._wake = threading.Condition()
        self._from: int | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="frame-prefetch", daemon=True)
        self._thread.start()

    def follow(self, number: int) -> None:
        """Read on from `number`; the newest call wins."""
        with self._wake:
            self._from = number
            self._wake.notify()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while (start := self._next()) is not None:
            for number in range(start + 1, min(start + 1 + self._ahead, len(self._reader))):
                if self._overtaken(start):
                    break
                try:
                    self._reader._picture(number)  # noqa: SLF001 - its own reader's worker
                except (MediaUnreadable, FFmpegError):
                    break

    def _next(self) -> int | None:
        with self._wake:
            while self._from is None and not self._stopping:
                self._wake.wait()
            start, self._from = self._from, None
            return None if self._stopping else start

    def _overtaken(self, start: int) -> bool:
        with self._wake:
            return self._stopping or (self._from is not None and self._from != start)


def _bytes_of(picture: av.VideoFrame) -> int:
    return sum(plane.buffer_size for plane in picture.planes)


def _read_index(path: Path, stream_index: int | None) -> PacketIndex:
    with open_media(path) as container:
        streams = [stream for stream in shown_video_streams(container) if has_decoder(stream)]
        if stream_index is not None:
            streams = [stream for stream in streams if stream.index == stream_index]
        if not streams:
            raise MediaUnsupported("there is no picture in it", hint="Choose a video file.", path=path)
        scan = scan_packets(container, [*shown_video_streams(container), *container.streams.audio])
        wanted = max(streams, key=lambda stream: (stream.width * stream.height, -stream.index)).index
    index = next(each for each in scan.video if each.stream_index == wanted)
    if not len(index):
        raise MediaUnreadable("its picture track is empty", hint="Copy the file again from its source.", path=path)
    return index
