"""One medium as an export reads it: its packet index, its first picture's look, packets and frames in a range."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from numpy.typing import NDArray

from circletake.errors import MediaUnreadable
from circletake.export import bitstream
from circletake.jobs.context import JobContext
from circletake.media.container import decoder_of, open_media, prepare_decoder, shown_video_streams
from circletake.media.frames import MediaInfo, VideoStream
from circletake.media.index import PacketIndex, scan_packets

FEW_FRAMES = 64
"""Frames up to which one thread decodes: several would decode ahead of the last one wanted, for nothing."""

SEEK_BACK = (0, 1, 10)
"""Seconds ahead of a packet at which seeking to it is tried."""

EARLIER_STARTS = 3
"""Key frames tried, each earlier than the last, until the first wanted frame comes out of the decoder."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the first decoded picture is stored; colour tags by FFmpeg's numbers (ITU-T H.273)."""

    width: int
    height: int
    pixel_format: str
    primaries: int
    transfer: int
    matrix: int
    color_range: int
    interlaced: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture track of a source."""

    stream: VideoStream
    index: PacketIndex
    look: Look
    profile: str
    extradata: bytes
    dolby_vision: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A medium that clips are cut from.

    `origin` is media time zero in the file's own seconds. `plain_aac` are the sound tracks (stream indices) in AAC-LC,
    whose packets can be cut anywhere after one packet of run-up.
    """

    info: MediaInfo
    origin: Fraction
    picture: Picture | None
    plain_aac: frozenset[int] = frozenset()

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.info.path


@dataclass(slots=True)
class Damage:
    """What could not be decoded on the way."""

    packets: int = 0
    frames_missing: int = 0
    sentences: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forget it, for another try."""
        self.packets = self.frames_missing = 0
        self.sentences.clear()


def read_source(info: MediaInfo) -> Source:
    """Scan the packets and decode one frame.

    Raises:
        MediaNotFound: the file is gone.
        MediaUnreadable: it can no longer be read.
    """
    with open_media(info.path) as container:
        pictures = shown_video_streams(container)
        scan = scan_packets(container, [*pictures, *container.streams.audio])
        aac = {sound.index for sound in info.audio if sound.codec == "aac"}
        sounds = [stream for stream in container.streams.audio if stream.index in aac]
        plain = frozenset(stream.index for stream in sounds if stream.codec_context.profile == "LC")
    shown = info.picture
    index = next((each for each in scan.video if shown and each.stream_index == shown.index and len(each)), None)
    if shown is None or index is None:
        return Source(info, scan.origin, None, plain)
    return Source(info, scan.origin, _picture(info.path, shown, index), plain)


def _picture(path: Path, shown: VideoStream, index: PacketIndex) -> Picture:
    with open_media(path) as container:
        stream = video_stream(container, shown.index)
        codec = decoder_of(stream)
        profile, extradata = codec.profile or "", codec.extradata or b""
        dolby_vision = False
        prepare_decoder(stream, threads=1)
        for packet in container.demux(stream):
            dolby_vision = dolby_vision or _has_dolby_vision(packet, shown.codec, extradata)
            frame = _first_decoded(packet)
            if frame is not None:
                return Picture(shown, index, _look(frame), profile, extradata, dolby_vision)
    raise MediaUnreadable("no frame of it can be decoded", hint="Play it in another program to find out.", path=path)


def _has_dolby_vision(packet: av.Packet[av.VideoStream], codec: str, extradata: bytes) -> bool:
    if codec != "hevc":
        return False
    try:
        units = bitstream.split_units(bytes(packet), bitstream.prefix_size(extradata, codec))
    except ValueError:
        return False
    return any(bitstream.unit_type(unit, codec) in bitstream.HEVC_DOLBY_VISION for unit in units)


def _first_decoded(packet: av.Packet[av.VideoStream]) -> av.VideoFrame | None:
    try:
        return next(iter(packet.decode()), None)
    except FFmpegError:
        return None


def _look(frame: av.VideoFrame) -> Look:
    return Look(
        frame.width,
        frame.height,
        frame.format.name,
        int(frame.color_primaries),
        int(frame.color_trc),
        int(frame.colorspace),
        int(frame.color_range),
        frame.interlaced_frame,
    )


def video_stream(container: InputContainer, index: int) -> av.VideoStream:
    """The picture track with this stream index.

    Raises:
        ValueError: the file has changed and holds none.
    """
    found = next((stream for stream in container.streams.video if stream.index == index), None)
    if found is None:
        raise ValueError(f"there is no picture track {index}")
    return found


def key_position(index: PacketIndex, pts: int, *, steps_back: int = 0) -> int:
    """Position of the packet where decoding must start to reach `pts`: its key frame, or `steps_back` keys earlier."""
    keys = np.flatnonzero(index.key)
    usable = keys[index.pts[keys] <= pts]
    if len(usable) <= steps_back:
        return 0
    latest_first = usable[np.argsort(index.pts[usable], kind="stable")[::-1]]
    return int(latest_first[steps_back])


def packets_from(
    container: InputContainer, stream: av.VideoStream, index: PacketIndex, start: int
) -> Iterator[tuple[int, av.Packet[av.VideoStream]]]:
    """Packets in decoding order with their positions in the index, beginning at position `start`.

    Raises:
        ValueError: the file does not hold what the index says; it changed.
    """
    position = start
    for packet in _after_seek(container, stream, index, start):
        if position >= len(index.pts) or _pts(packet) != index.pts[position]:
            raise ValueError(f"packet {position} is not where it was")
        yield position, packet
        position += 1
        if position == len(index.pts):
            return
    if position == start:
        raise ValueError(f"packet {position} is not where it was")


def _after_seek(
    container: InputContainer, stream: av.VideoStream, index: PacketIndex, start: int
) -> Iterator[av.Packet[av.VideoStream]]:
    """Packets from the one at `start`.

    Some containers seek by decoding time and land behind it; each try aims earlier, the last at the very beginning.
    """
    wanted = int(index.pts[start])
    second = max(1, int(1 / index.time_base))
    give_up = int(index.pts[start:].min()) + second
    beginning = int(index.pts.min()) - SEEK_BACK[-1] * second
    for target in [*(wanted - back * second for back in SEEK_BACK), beginning]:
        with contextlib.suppress(FFmpegError):
            container.seek(max(target, beginning), stream=stream)
        found = _from_packet(container, stream, wanted, give_up)
        first = next(found, None)
        if first is not None:
            yield first
            yield from found
            return


def _from_packet(
    container: InputContainer, stream: av.VideoStream, pts: int, give_up: int
) -> Iterator[av.Packet[av.VideoStream]]:
    """Packets from the first with this timestamp on; nothing where later ones come without it."""
    found = False
    for packet in container.demux(stream):
        at = _pts(packet)
        if at is None:
            continue
        found = found or at == pts
        if found:
            yield packet
        elif at > give_up:
            return


def _pts(packet: av.Packet[av.VideoStream]) -> int | None:
    return packet.pts if packet.pts is not None else packet.dts


def frames_at(
    source: Source, wanted: NDArray[np.int64], context: JobContext, damage: Damage
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Decode the frames with the timestamps `wanted` (source ticks, rising, all frames of a stretch).

    Each comes with its timestamp. Frames that a damaged file does not give are counted in `damage`. Where the first
    one does not come out (a key frame that promises too much), decoding starts again further ahead of it.
    """
    if not len(wanted) or source.picture is None:
        return
    index, given = source.picture.index, 0
    for steps_back in range(EARLIER_STARTS):
        start = key_position(index, int(wanted[0]), steps_back=steps_back)
        last_try = start == 0 or steps_back == EARLIER_STARTS - 1
        for pts, frame in decoded_from(source.path, index, start, wanted, context, damage):
            if not given and pts != wanted[0] and not last_try:
                break
            given += 1
            yield pts, frame
        if given or last_try:
            break
    damage.frames_missing += len(wanted) - given


def decoded_from(
    path: Path, index: PacketIndex, start: int, wanted: NDArray[np.int64], context: JobContext, damage: Damage
) -> Iterator[tuple[int, av.VideoFrame]]:
    """The wanted frames, decoded from the packet at `start` on; what nothing refers to ahead of them is skipped."""
    first, last = int(wanted[0]), int(wanted[-1])
    members, latest = set(wanted.tolist()), first - 1
    with open_media(path) as container:
        stream = video_stream(container, index.stream_index)
        short = int(np.count_nonzero(index.pts[start:] <= last)) <= FEW_FRAMES
        prepare_decoder(stream, threads=1 if short else 0)
        decoder = decoder_of(stream)
        for packet, position in _flushed(packets_from(container, stream, index, start)):
            context.checkpoint()
            # Set by the packet that goes in: with threads, frames come out several packets later.
            decoder.skip_frame = "NONREF" if position is not None and index.pts[position] < first else "DEFAULT"
            for frame in _decode(stream, packet, damage):
                if frame.pts is None:
                    continue
                # A damaged stream may show a frame twice or late; an encoder needs them in order.
                if frame.pts in members and frame.pts > latest:
                    latest = frame.pts
                    yield frame.pts, frame
                if frame.pts >= last:
                    return


def _flushed(
    packets: Iterator[tuple[int, av.Packet[av.VideoStream]]],
) -> Iterator[tuple[av.Packet[av.VideoStream] | None, int | None]]:
    """Packets, then the None that makes a decoder give what it still holds."""
    for position, packet in packets:
        yield packet, position
    yield None, None


def _decode(
    stream: av.VideoStream, packet: av.Packet[av.VideoStream] | None, damage: Damage
) -> Iterator[av.VideoFrame]:
    try:
        yield from stream.decode(packet)
    except FFmpegError:
        damage.packets += 1
