"""Frames by number or time, exactly: seek, step either way, and a buffer that reads ahead.

Seeking goes to the key frame before the target and decodes forward from it; frames that nothing refers to are not
decoded until near the target. What is decoded stays in a cache, so stepping back costs nothing. A damaged frame is
answered by its nearest readable neighbour, whose own number tells.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.error import FFmpegError

from circletake.errors import MediaUnreadable, MediaUnsupported
from circletake.media.container import has_decoder, open_media, shown_video_streams
from circletake.media.convert import RgbConverter
from circletake.media.decoder import Decoder, KeyFrames, Numbered
from circletake.media.frames import Frame
from circletake.media.index import PacketIndex, scan_packets
from circletake.timebase import RationalTime

CACHE_BYTES = 256 * 2**20
"""Decoded pictures kept: 80 of 1080p, three seconds either side of the playhead at 25 a second less overlap."""

KEPT_BEFORE = 8
"""Frames before a target that are decoded in full, so that the next steps back are in the cache."""

KEPT_BACKWARDS = 40
"""The same once frames are asked for backwards: half the cache at 1080p, so that one decode serves forty steps."""


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
        self._decoder = Decoder(path, self.index.stream_index, self.index)
        self._key_frames: KeyFrames | None = None
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
            self.forget()
            self._decoder.close()
            if self._key_frames:
                self._key_frames.close()

    def read(self, number: int, size: tuple[int, int] | None = None) -> Frame:
        """Frame `number`, as RGB, scaled to `size` (width, height) where given.

        Raises:
            IndexError: there is no such frame.
            MediaUnreadable: neither it nor a neighbour can be decoded.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        found, picture = self._picture(number, self._kept_before(number))
        if self._prefetcher:
            self._prefetcher.follow(number)
        return self._frame(found, picture, size)

    def decoded(
        self, number: int, *, kept: int | None = None, sparse: bool = False, stop: Callable[[], bool] | None = None
    ) -> Numbered | None:
        """The decoder's own picture of a frame, or of its nearest neighbour, with the number of what it is.

        `kept` frames before it are decoded in full on the way; with `sparse` frames that nothing refers to are left
        out, also where one was asked for. None where `stop` said so between two frames. Nobody may write to it.

        Raises:
            IndexError: there is no such frame.
            MediaUnreadable: neither it nor a neighbour can be decoded.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"frame {number} of {len(self)}")
        kept = self._kept_before(number) if kept is None else kept
        with self._lock:
            return self._nearest(number) if self._reach(number, kept, sparse=sparse, stop=stop) else None

    def run(self, first: int, last: int, *, sparse: bool = False) -> Iterator[Numbered | None]:
        """Frames `first` to `last`, decoded in order and not kept; None for each one decoded on the way there.

        Nothing else may be read before the run is over or given up.
        """
        for number, picture in self._decoder.run(first, last, sparse=sparse):
            yield (number, picture) if number >= first else None

    def way_to(self, number: int) -> int:
        """Frames that must be decoded to have this one: 0 where it is kept."""
        with self._lock:
            if number in self._cache:
                return 0
            return self._decoder.way_to(number) or number - self._decoder.key_frame_before(number) + 1

    def key_frame_before(self, number: int) -> int:
        """The number of the key frame at or before a frame."""
        return self._decoder.key_frame_before(number)

    def decoded_key_frame(self, number: int) -> Numbered | None:
        """The key frame at or before a frame, at the price of one picture; None where only `decoded` can tell."""
        with self._lock:
            key = self.key_frame_before(number)
            if key in self._cache:
                return key, self._cache[key]
            self._key_frames = self._key_frames or KeyFrames(self.path, self.index.stream_index, self.index)
            try:
                picture = self._key_frames.read(key)
            except FFmpegError:
                return None
            return (key, picture) if picture else None

    def forget(self) -> None:
        """Let go of the pictures kept."""
        with self._lock:
            self._cache.clear()
            self._used_bytes = 0

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

    def _kept_before(self, number: int) -> int:
        """How many frames before the one asked for are worth having: many for who goes backwards."""
        backwards, self._asked = number == self._asked - 1, number
        return KEPT_BACKWARDS if backwards else KEPT_BEFORE

    def _picture(self, number: int, kept: int = KEPT_BEFORE) -> Numbered:
        with self._lock:
            self._reach(number, kept)
            return self._nearest(number)

    def _reach(self, number: int, kept: int, *, sparse: bool = False, stop: Callable[[], bool] | None = None) -> bool:
        """Have a frame in the cache, or as near as can be; tells whether `stop` let it."""
        if number in self._cache:
            return True
        for found, picture in self._decoder.reach(number, kept, sparse=sparse):
            self._keep(found, picture)
            if stop and found < number and stop():
                return False
        return True

    def _nearest(self, number: int) -> Numbered:
        nearest = min(self._cache, key=lambda each: (abs(each - number), each), default=None)
        if nearest is None:
            raise MediaUnreadable(
                "no frame near it can be decoded",
                hint="The file is damaged here; continue at another place.",
                path=self.path,
                place=f"frame {number}",
            )
        self._cache.move_to_end(nearest)
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
