"""From a place in a film to decoded pictures with their numbers: where to seek, what to leave out, what to believe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from circletake.errors import MediaUnsupported
from circletake.media.container import open_media, prepare_decoder
from circletake.media.index import PacketIndex

SKIPPABLE = ("h264", "hevc")
"""Codecs whose decoders tell frames that nothing refers to; others gain nothing from being asked."""

SEEK_BACK = (0, 2, 10, None)
"""Seconds before a key frame at which a seek aims, try by try; None is the beginning of the file."""

FORWARD_REACH = 48
"""Frames up to which decoding on is tried before a seek; a seek throws away the decoder's pictures."""

NOTHING_SKIPPED = -(2**62)
"""A time before every frame's."""

Numbered = tuple[int, av.VideoFrame]
"""A decoded picture with its number in the film."""


class Decoder:
    """One open container that hands out decoded frames from any point on, with their numbers."""

    def __init__(self, path: Path, stream_index: int, index: PacketIndex) -> None:
        """Open it.

        Raises:
            MediaError: it cannot be opened any more, or has no such stream.
        """
        self._stack, self._container, self._stream = _opened(path, stream_index)
        self._index = index
        self._running: Iterator[Numbered] | None = None
        self._full_from = 0
        self._sparse = False
        self._skipped = NOTHING_SKIPPED
        self._back: dict[int, int | None] = {}
        self._keys = set(index.sorted_pts.searchsorted(index.key_pts).tolist())
        self.position = -1

    def close(self) -> None:
        """Let go of the file."""
        self._running = None
        self._stack.close()

    def reach(self, target: int, kept: int, *, sparse: bool = False) -> Iterator[Numbered]:
        """Decode up to and including `target`, with all of the `kept` before it; seek first where that is shorter.

        With `sparse`, frames that nothing refers to are left out up to the end: the last may lie behind `target`. Who
        stops listening half-way leaves a decoder that can be used again.
        """
        self._full_from, self._sparse = int(self._index.sorted_pts[max(0, target - kept)]), sparse
        if self.way_to(target, sparse=sparse) is None:
            yield from self._landed(self.key_frame_before(target), target)
        if self.position < target:
            yield from self._until(target)

    def run(self, first: int, last: int, *, sparse: bool = False) -> Iterator[Numbered]:
        """Decode `first` up to and including `last`, and what it takes to get there."""
        self._full_from, self._sparse = int(self._index.sorted_pts[first]), sparse
        if self.way_to(first, sparse=sparse) is None:
            yield from self._landed(self.key_frame_before(first), first)
        if self.position < last:
            yield from self._until(last)

    def _landed(self, key: int, target: int) -> Iterator[Numbered]:
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

    def way_to(self, target: int, *, sparse: bool = False) -> int | None:
        """Frames to decode from here to `target`; None where a seek is needed, or shorter.

        Frames left out on the way to a target nobody waited for are gone: what lies among them needs a seek.
        """
        if self._running is None or not 0 <= self.position < target:
            return None
        if not sparse and int(self._index.sorted_pts[target]) <= self._skipped:
            return None
        way = target - self.position
        return None if way > FORWARD_REACH and self.position < self.key_frame_before(target) else way

    def key_frame_before(self, target: int) -> int:
        """The number of the key frame at or before a frame."""
        pts = self._index.key_pts_before(int(self._index.sorted_pts[target]))
        return int(self._index.sorted_pts.searchsorted(pts))

    def _until(self, target: int) -> Iterator[Numbered]:
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
        self._skipped = NOTHING_SKIPPED
        self.position = -1

    def _decode(self) -> Iterator[Numbered]:
        codec = self._stream.codec_context
        can_skip = codec.name in SKIPPABLE
        for packet in self._container.demux(self._stream):
            # Set by the packet going in: frame threads hand pictures out late, and by then it would be too late.
            skip = can_skip and packet.pts is not None and (self._sparse or packet.pts < self._full_from)
            codec.skip_frame = "NONREF" if skip else "DEFAULT"
            if skip:
                self._skipped = max(self._skipped, packet.pts or 0)
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


class KeyFrames:
    """A second way into a film for key frames alone: without threads, which would hand the first picture out late."""

    def __init__(self, path: Path, stream_index: int, index: PacketIndex) -> None:
        """Open it.

        Raises:
            MediaError: it cannot be opened any more, or has no such stream.
        """
        self._stack, self._container, self._stream = _opened(path, stream_index, threads=1)
        self._index = index

    def close(self) -> None:
        """Let go of the file."""
        self._stack.close()

    def read(self, number: int) -> av.VideoFrame | None:
        """The key frame of this number; None where the film does not hold it where its index says."""
        pts = int(self._index.sorted_pts[number])
        self._container.seek(pts, stream=self._stream, backward=True)
        codec = self._stream.codec_context
        codec.flush_buffers()
        for packet in self._container.demux(self._stream):
            if packet.pts is None or packet.pts > pts:
                return None
            if packet.pts == pts:
                frames = [*packet.decode(), *codec.decode(None)]
                return next((each for each in frames if each.pts == pts and each.key_frame), None)
        return None


def _opened(path: Path, stream_index: int, *, threads: int = 0) -> tuple[ExitStack, InputContainer, VideoStream]:
    """A film and its picture track, ready to decode, and what closes it. The file may be another one by now."""
    with ExitStack() as stack:
        container = stack.enter_context(open_media(path))
        stream = next((each for each in container.streams.video if each.index == stream_index), None)
        if stream is None:
            raise MediaUnsupported("this picture is not in it any more", hint="Open the film again.", path=path)
        prepare_decoder(stream, threads=threads)
        return stack.pop_all(), container, stream
