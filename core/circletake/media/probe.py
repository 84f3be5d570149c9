"""What a media file really is: its packets are read, so a header that lies is found out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream as AvVideoStream

from circletake.errors import MediaUnreadable, MediaUnsupported
from circletake.jobs.context import JobContext
from circletake.media.container import decoder_of, has_decoder, open_media, prepare_decoder, shown_video_streams
from circletake.media.frames import COMMON_RATES, AudioStream, ColorInfo, MediaInfo, VideoStream
from circletake.media.index import PacketIndex, PacketScan, StreamSpan, scan_packets
from circletake.timebase import MICROSECONDS, RationalTime, exact_rate

EVEN_SPACING = Fraction(3, 10)
"""Share of a frame by which a timestamp may miss its grid before the film counts as variable."""

HEADER_TOLERANCE = Fraction(1)
"""Seconds by which a declared length may differ from the packets' before the editor is told."""

FINGERPRINT_SAMPLE = 1 << 20
"""Bytes hashed at the start, middle and end; with the size they tell any two recordings apart."""

# FFmpeg's numbers for the tags. Source: ITU-T H.273, tables 2, 3 and 4.
_PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 11: "smpte431"}
_TRANSFERS = {1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 13: "iec61966-2-1", 14: "bt2020-10"}
_TRANSFERS |= {15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67"}
_MATRICES = {0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
_RANGES = {1: False, 2: True}


@dataclass(frozen=True, slots=True)
class _Measured:
    """What only decoding the first frame tells."""

    rotation: int
    color: ColorInfo
    width: int
    height: int
    pixel_format: str


def probe(path: Path, context: JobContext | None = None) -> MediaInfo:
    """Read what the file is: streams, exact rates and lengths, rotation, colour, sound tracks, and its fingerprint.

    Costs a pass over the packets (0.1-0.25 s for 10 minutes) and one decoded frame. Progress is in bytes.

    Raises:
        JobCancelled: asked to stop by `context`.
        MediaNotFound: no such file.
        MediaUnreadable: not media, or damaged beyond reading.
        MediaUnsupported: nothing in it can be decoded.
    """
    with open_media(path) as container:
        pictures, sounds = shown_video_streams(container), list(container.streams.audio)
        scan = scan_packets(container, [*pictures, *sounds], context)
        subtitles, declared = len(container.streams.subtitles), _declared_duration(container)
        timecode, kind = _start_timecode(container), container.format.name
        audio = tuple(
            _audio_stream(stream, scan) for stream in sounds if stream.index in scan.spans and _audible(stream)
        )
    video, problems = _video_streams(path, scan)
    if not video and not audio:
        raise _nothing_inside(path, scan, problems)
    duration = _duration(scan, [*(stream.index for stream in video), *(stream.index for stream in audio)])
    warnings = [*problems, *_lies(declared, duration, scan)]
    return MediaInfo(
        path=path,
        size=path.stat().st_size,
        fingerprint=fingerprint(path),
        container=kind,
        duration=duration,
        video=video,
        audio=audio,
        subtitle_count=subtitles,
        start_timecode=timecode,
        warnings=tuple(dict.fromkeys(warnings)),
        origin=scan.origin,
    )


def fingerprint(path: Path) -> str:
    """Name a file's content by its size and samples of its bytes; equal after a move, a rename or a copy."""
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        for offset in sorted({0, max(0, size // 2 - FINGERPRINT_SAMPLE // 2), max(0, size - FINGERPRINT_SAMPLE)}):
            file.seek(offset)
            digest.update(file.read(FINGERPRINT_SAMPLE))
    return digest.hexdigest()


def _declared_duration(container: InputContainer) -> Fraction | None:
    return None if container.duration is None else Fraction(container.duration, av.time_base)


def _start_timecode(container: InputContainer) -> str | None:
    """The `timecode` tag: of the container, or of its timecode or picture track (QuickTime's tmcd)."""
    tags = [container.metadata, *(stream.metadata for stream in container.streams)]
    return next((tag["timecode"] for tag in tags if tag.get("timecode")), None)


def _video_streams(path: Path, scan: PacketScan) -> tuple[tuple[VideoStream, ...], list[str]]:
    """Describe every picture track of which at least one frame decodes; say what is wrong with the others."""
    described: list[VideoStream] = []
    problems: list[str] = []
    for index in scan.video:
        if not len(index):
            problems.append(f"Picture track {index.stream_index} is empty.")
            continue
        try:
            with open_media(path) as container:
                stream = next(each for each in container.streams.video if each.index == index.stream_index)
                described.append(_video_stream(stream, index, scan, _first_frame(container, stream)))
        except (FFmpegError, MediaUnreadable, MediaUnsupported) as error:
            reason = error.message if isinstance(error, MediaUnsupported) else "no frame of it can be decoded"
            problems.append(f"Picture track {index.stream_index} is left out: {reason}.")
    return tuple(described), problems


def _first_frame(container: InputContainer, stream: AvVideoStream) -> _Measured:
    """Decode until one frame comes out; a damaged packet is stepped over.

    Raises:
        MediaUnsupported: none does.
    """
    prepare_decoder(stream, threads=1)
    for packet in container.demux(stream):
        try:
            frame = next(iter(packet.decode()), None)
        except FFmpegError:
            continue
        if isinstance(frame, av.VideoFrame):
            color = ColorInfo(
                _PRIMARIES.get(int(frame.color_primaries)),
                _TRANSFERS.get(int(frame.color_trc)),
                _MATRICES.get(int(frame.colorspace)),
                _RANGES.get(int(frame.color_range)),
            )
            return _Measured(_upright(frame.rotation), color, frame.width, frame.height, frame.format.name)
    raise MediaUnsupported(
        "no frame of it can be decoded",
        hint="It may be encrypted or damaged; play it in another program to find out.",
        path=Path(container.name.removeprefix("file:")),
    )


def _upright(rotation: int) -> int:
    """Clockwise degrees from FFmpeg's counter-clockwise ones; a matrix that is no quarter turn is a broken one."""
    return -rotation % 360 if rotation % 90 == 0 else 0


def _video_stream(stream: AvVideoStream, index: PacketIndex, scan: PacketScan, seen: _Measured) -> VideoStream:
    rate, variable = measure_rate(index, [stream.average_rate, stream.guessed_rate, stream.base_rate])
    span = scan.spans[index.stream_index]
    seconds = float(span.end - span.start) or 1.0
    codec = decoder_of(stream)
    return VideoStream(
        index=index.stream_index,
        codec=codec.codec.canonical_name,
        profile=codec.profile or "",
        width=seen.width,
        height=seen.height,
        pixel_format=seen.pixel_format,
        bit_depth=av.VideoFormat(seen.pixel_format).components[0].bits,
        average_rate=rate,
        variable_frame_rate=variable,
        time_base=index.time_base,
        start_time=index.time_of(0),
        duration=RationalTime(index.end_pts - int(index.sorted_pts[0]), index.rate),
        frame_count=len(index),
        key_frame_count=len(index.key_pts),
        rotation=seen.rotation,
        sample_aspect_ratio=stream.sample_aspect_ratio or Fraction(1),
        color=seen.color,
        bit_rate=round(span.size * 8 / seconds),
        reordered=index.reordered,
    )


def measure_rate(index: PacketIndex, declared: Iterable[Fraction | None]) -> tuple[Fraction, bool]:
    """The frame rate the timestamps show, and whether they are unevenly spaced.

    A rate fits when every frame lies on its own grid line within `EVEN_SPACING`; common rates are tried before odd
    ones. Where none fits, the mean rate is returned with True.
    """
    pts = index.sorted_pts
    hints = [exact_rate(rate) for rate in declared if rate]
    if len(pts) < 2:
        return (hints[0] if hints else Fraction(25)), False
    mean = Fraction(len(pts) - 1) / ((int(pts[-1]) - int(pts[0])) * index.time_base)
    near = [rate for rate in COMMON_RATES if abs(rate / mean - 1) < Fraction(1, 100)]
    near.sort(key=lambda rate: abs(rate / mean - 1))
    likely = [rate for rate in hints if rate in near]
    for rate in [*likely, *near, *hints, exact_rate(mean)]:
        if abs(rate / mean - 1) < Fraction(1, 20) and _fits(pts, index.time_base, rate):
            return rate, False
    return mean.limit_denominator(100_000), True


def _fits(pts: np.ndarray[tuple[int], np.dtype[np.int64]], time_base: Fraction, rate: Fraction) -> bool:
    frames = (pts - pts[0]).astype(np.float64) * float(time_base * rate)
    return bool(np.all(np.abs(frames - np.arange(len(frames))) <= float(EVEN_SPACING)))


def _audible(stream: av.AudioStream) -> bool:
    return has_decoder(stream) and stream.codec_context.sample_rate > 0 and stream.codec_context.channels > 0


def _audio_stream(stream: av.AudioStream, scan: PacketScan) -> AudioStream:
    span, rate = scan.spans[stream.index], Fraction(stream.codec_context.sample_rate)
    # Encoder priming may lie before zero; what is heard starts at zero.
    start = max(Fraction(0), span.start - scan.origin)
    return AudioStream(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        sample_rate=int(rate),
        channels=stream.codec_context.channels,
        layout=stream.codec_context.layout.name,
        start_time=RationalTime.from_seconds(start, rate),
        duration=RationalTime.from_seconds(max(Fraction(0), span.end - scan.origin - start), rate),
        language=stream.metadata.get("language", ""),
        title=stream.metadata.get("title", ""),
    )


def _duration(scan: PacketScan, kept: Sequence[int]) -> RationalTime:
    """Length of the longest stream, from media time 0."""
    end = max(_end(scan.spans[index], scan) for index in kept)
    return RationalTime.from_seconds(end, MICROSECONDS)


def _end(span: StreamSpan, scan: PacketScan) -> Fraction:
    return max(Fraction(0), span.end - scan.origin)


def _lies(declared: Fraction | None, measured: RationalTime, scan: PacketScan) -> list[str]:
    found = []
    if declared is None or declared <= 0:
        found.append("The file does not say how long it is; its length was measured.")
    elif abs(declared - measured.seconds) > max(HEADER_TOLERANCE, measured.seconds / 20):
        held = measured.to_seconds()
        found.append(f"The file says it lasts {float(declared):.1f} s, but holds {held:.1f} s of picture and sound.")
    if scan.jumped:
        found.append("The file's clock jumps by hours; what lies behind the jump is left out.")
    if scan.broken:
        found.append("The file is damaged; what follows the damage could not be read.")
    return found


def _nothing_inside(path: Path, scan: PacketScan, problems: list[str]) -> MediaUnreadable:
    if not scan.spans and not problems and not scan.broken:
        return MediaUnreadable(
            "there is no picture and no sound in it", hint="Choose a video or sound file.", path=path
        )
    return MediaUnreadable(
        "nothing in it can be decoded",
        hint="The recording may be unfinished, encrypted or damaged: copy it again or repair it with another program.",
        path=path,
        details="\n".join([*problems, *([scan.broken] if scan.broken else [])]),
    )
