"""Encoders set up to match what they stand beside: the same picture format, colour and shape as the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.frame import PictureType

from circletake.errors import ExportFailed
from circletake.export.source import Look, Picture

GROUP_SECONDS = 4
"""Longest distance between key frames that we write: players seek within it."""

FEW_FRAMES = 16
"""Clips shorter than this are not reordered by x265: with fewer frames than it delays, its decoding times are wrong."""

WORST_CRF = 51
"""Largest constant rate factor of both encoders."""

HEVC_CRF_MORE = 2
"""How much higher x265's constant rate factor is for the look of x264's 18 (both at their veryfast preset)."""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """What is chosen about encoding.

    `crf` is the constant quality asked for, 0 to 51 (18 is visually lossless in FFmpeg's H.264 guide); each encoder
    gets its own from it. Edges of a smart cut take a faster preset: a few frames at the same quality, a little larger.
    """

    crf: int = 18
    preset: str = "veryfast"
    edge_preset: str = "superfast"
    hevc_preset: str = "veryfast"
    hevc_edge_preset: str = "superfast"
    audio_bit_rate_per_channel: int = 96_000

    @property
    def h264_crf(self) -> int:
        """x264's, at least 1: at 0 it is lossless, in a profile (High 4:4:4 Predictive) that few players have."""
        return min(max(1, self.crf), WORST_CRF)

    @property
    def hevc_crf(self) -> int:
        """x265's for the same look."""
        return min(self.h264_crf + HEVC_CRF_MORE, WORST_CRF)


@dataclass(frozen=True, slots=True)
class Target:
    """The encoder of a whole clip and the pixel format it gets; `warning` says what the source had and loses."""

    encoder: str
    pixel_format: str
    warning: str = ""


# x264's names for the profiles FFmpeg reports. Source: ITU-T H.264 Annex A.
_X264_PROFILES = {
    "Constrained Baseline": "baseline",
    "Baseline": "baseline",
    "Main": "main",
    "High": "high",
    "High 10": "high10",
    "High 4:2:2": "high422",
    "High 4:4:4 Predictive": "high444",
}
EDGE_FORMATS = {
    "h264": ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv420p10le", "yuv422p10le"),
    "hevc": ("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"),
}
"""Pixel formats in which edges can be encoded to stand beside copied frames."""


def target_for(picture: Picture) -> Target:
    """Choose the encoder of a whole clip.

    High dynamic range and 10-bit HEVC stay 10-bit HEVC with their tags, since 8 bits show bands on a PQ or HLG curve;
    all else becomes 8-bit 4:2:0 H.264, which plays everywhere.
    """
    stream = picture.stream
    if stream.bit_depth > 8 and (stream.color.is_hdr or stream.codec == "hevc"):
        return Target("libx265", "yuv420p10le")
    full = picture.look.pixel_format.startswith("yuvj")
    chosen = "yuvj420p" if full else "yuv420p"
    lost = []
    if picture.look.pixel_format not in (chosen, "nv12"):
        lost.append(f"The picture is {picture.look.pixel_format}; the clip is 8-bit 4:2:0.")
    if picture.look.width % 2 or picture.look.height % 2:
        lost.append("The picture has an odd number of rows or columns; the clip is scaled to one less.")
    return Target("libx264", chosen, " ".join(lost))


def dress(codec: av.VideoCodecContext, picture: Picture, pixel_format: str) -> None:
    """Give an encoder the source's size, shape, clock and colour tags."""
    look, stream = picture.look, picture.stream
    # 4:2:0 has one colour sample for two rows and columns, so an odd one more cannot be stored.
    odd = 1 if "420" in pixel_format else 0
    codec.width, codec.height = (max(1 + odd, side & ~odd) for side in (look.width, look.height))
    codec.pix_fmt = pixel_format
    codec.time_base = stream.time_base
    codec.framerate = stream.average_rate.limit_denominator(1_000_000)
    codec.sample_aspect_ratio = stream.sample_aspect_ratio
    codec.color_primaries, codec.color_trc = look.primaries, look.transfer
    codec.colorspace, codec.color_range = look.matrix, look.color_range
    codec.gop_size = max(1, round(GROUP_SECONDS * float(stream.average_rate)))


def whole_options(target: Target, look: Look, settings: EncoderSettings, frames: int) -> dict[str, str]:
    """Options of an encoder for a whole clip of `frames` frames."""
    if target.encoder == "libx265":
        reordering = ":bframes=0" if frames < FEW_FRAMES else ""
        return {
            "preset": settings.hevc_preset,
            "crf": str(settings.hevc_crf),
            "x265-params": f"log-level=error:open-gop=0{reordering}",
        }
    options = {"preset": settings.preset, "crf": str(settings.h264_crf)}
    # Fields stay fields: a progressive encoder would comb them.
    return {**options, "x264-params": "tff=1"} if look.interlaced else options


def open_edge_encoder(picture: Picture, settings: EncoderSettings, own_id: int) -> av.VideoCodecContext:
    """An encoder for the few frames beside copied ones: same format, no reordering, parameter sets kept apart.

    `own_id` numbers its H.264 parameter sets, so that they and the source's can stand in one header.

    Raises:
        ExportFailed: the encoder refuses the source's format.
    """
    hevc = picture.stream.codec == "hevc"
    codec = av.CodecContext.create("libx265" if hevc else "libx264", "w")
    dress(codec, picture, picture.look.pixel_format)
    codec.max_b_frames = 0
    codec.flags |= Flags.global_header
    codec.options = _hevc_edge(settings) if hevc else _h264_edge(picture, settings, own_id)
    try:
        codec.open()
    except (FFmpegError, ValueError) as error:
        raise ExportFailed(
            f"the encoder refuses {picture.look.pixel_format} {picture.profile}",
            hint="Export this clip with mode encode.",
            details=str(error),
        ) from error
    return codec


def _h264_edge(picture: Picture, settings: EncoderSettings, own_id: int) -> dict[str, str]:
    options = {
        "preset": settings.edge_preset,
        "crf": str(settings.h264_crf),
        "bf": "0",
        "x264-params": f"sps-id={own_id}",
    }
    profile = _X264_PROFILES.get(picture.profile)
    return {**options, "profile": profile} if profile else options


def _hevc_edge(settings: EncoderSettings) -> dict[str, str]:
    return {
        "preset": settings.hevc_edge_preset,
        "crf": str(settings.hevc_crf),
        "x265-params": "log-level=error:bframes=0:open-gop=0",
    }


def encoded(
    codec: av.VideoCodecContext, frames: Iterator[tuple[int, av.VideoFrame]], time_base: Fraction
) -> Iterator[av.Packet[av.VideoStream]]:
    """Encode frames given with their timestamps in ticks of `time_base`.

    Raises:
        ExportFailed: the encoder gave up.
    """
    try:
        for pts, frame in frames:
            frame.pts, frame.time_base = pts, time_base
            # Otherwise the encoder copies the source's choice of key frames.
            frame.pict_type = PictureType.NONE
            yield from codec.encode(frame)
        yield from codec.encode(None)
    except FFmpegError as error:
        raise ExportFailed(
            "the encoder gave up", hint="Try mode copy, or export a shorter range.", details=str(error)
        ) from error
