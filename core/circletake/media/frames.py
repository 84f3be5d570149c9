"""What a media file is and what comes out of it, as frozen values.

Media time starts at 0 with the container's first timestamp; each stream keeps its own offset from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from circletake.timebase import RationalTime, TimeRange, may_drop_frames

_NTSC_RATES = tuple(Fraction(nominal * 1000, 1001) for nominal in (24, 30, 60, 120))
COMMON_RATES = tuple(sorted((*_NTSC_RATES, *(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60, 100, 120)))))
"""Rates an editor's timeline can have. Source: DaVinci Resolve's and Premiere's project settings."""

SLOWEST_EDIT = Fraction(10)
"""Frames a second below which a film's own frames are too far apart to cut sound on."""

NEAR = Fraction(1, 200)
"""Relative distance at which a mean rate of uneven frames still means a common one."""


@dataclass(frozen=True, slots=True)
class ColorInfo:
    """Colour tags by FFmpeg's names (`bt709`, `smpte2084`), None where the file says nothing."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    full_range: bool | None = None

    @property
    def is_hdr(self) -> bool:
        """Tell whether the transfer curve is PQ or HLG. Source: ITU-R BT.2100."""
        return self.transfer in ("smpte2084", "arib-std-b67")


@dataclass(frozen=True, slots=True)
class VideoStream:
    """One picture track. `width` and `height` are as coded; `rotation` is clockwise degrees to turn for showing."""

    index: int
    codec: str
    profile: str
    width: int
    height: int
    pixel_format: str
    bit_depth: int
    average_rate: Fraction
    variable_frame_rate: bool
    time_base: Fraction
    start_time: RationalTime
    duration: RationalTime
    frame_count: int
    key_frame_count: int
    rotation: int
    sample_aspect_ratio: Fraction
    color: ColorInfo
    bit_rate: int
    reordered: bool

    @property
    def display_size(self) -> tuple[int, int]:
        """(width, height) in square pixels, upright."""
        width = max(1, round(self.width * self.sample_aspect_ratio))
        return (self.height, width) if self.rotation % 180 else (width, self.height)

    @property
    def edit_rate(self) -> Fraction:
        """The rate a timeline of this medium runs at.

        The measured rate where frames are evenly spaced. Else the common rate the mean lies on, or the next whole one
        above it, so that each picture has a frame of its own. A film of a few pictures a second, a slide show with
        speech, gets the lowest common rate it divides.
        """
        if not self.variable_frame_rate and self.average_rate >= SLOWEST_EDIT:
            return self.average_rate
        if not self.variable_frame_rate:
            whole = [rate for rate in COMMON_RATES if (rate / self.average_rate).denominator == 1]
            return (whole or [Fraction(25)])[0]
        near = [rate for rate in COMMON_RATES if abs(rate / self.average_rate - 1) < NEAR]
        above = [rate for rate in COMMON_RATES if rate.denominator == 1 and rate > self.average_rate]
        return min(near, key=lambda rate: abs(rate - self.average_rate)) if near else (above or COMMON_RATES[-1:])[0]

    @property
    def all_key_frames(self) -> bool:
        """Tell whether every frame stands alone, as in ProRes."""
        return self.frame_count > 0 and self.key_frame_count == self.frame_count


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    layout: str
    start_time: RationalTime
    duration: RationalTime
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """One media file, measured and not only as its header says.

    `origin` is where media time 0 lies in the container's own timestamps, in seconds. `fingerprint` names the
    content (size and samples of the bytes), so a moved or renamed file keeps its results. `warnings` are sentences
    for the editor: what the header got wrong, what could not be read.
    """

    path: Path
    size: int
    fingerprint: str
    container: str
    duration: RationalTime
    video: tuple[VideoStream, ...]
    audio: tuple[AudioStream, ...]
    subtitle_count: int = 0
    start_timecode: str | None = None
    warnings: tuple[str, ...] = ()
    origin: Fraction = Fraction(0)

    @property
    def picture(self) -> VideoStream | None:
        """The video stream shown: the largest, the first of equals."""
        return max(self.video, key=lambda stream: (stream.width * stream.height, -stream.index), default=None)

    @property
    def sound(self) -> AudioStream | None:
        """The audio stream heard: the first."""
        return self.audio[0] if self.audio else None

    @property
    def edit_rate(self) -> Fraction:
        """Frames a second of a timeline of this medium; 25 where there is only sound."""
        return self.picture.edit_rate if self.picture else Fraction(25)

    @property
    def full_range(self) -> TimeRange:
        """All of it, in whole frames of the edit rate."""
        frames = max(1, self.duration.rescaled_to(self.edit_rate).value)
        return TimeRange(RationalTime.zero(self.edit_rate), RationalTime(frames, self.edit_rate))

    @property
    def drop_frame(self) -> bool:
        """Tell whether its own start timecode is numbered with dropped frames."""
        return bool(self.start_timecode and ";" in self.start_timecode) and may_drop_frames(self.edit_rate)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture.

    `image` is uint8 RGB (H, W, 3), as coded unless its maker says upright. `index` counts frames in showing order, of
    the stream or of the sweep that made it; `time` is its start in media time.
    """

    index: int
    time: RationalTime
    image: NDArray[np.uint8] = field(repr=False)
    key_frame: bool = False

    def __post_init__(self) -> None:
        """Refuse anything but 8-bit RGB."""
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(f"a frame is uint8 (H, W, 3), not {self.image.dtype} {self.image.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class FrameBatch:
    """Pictures of one size: `images` uint8 RGB (N, H, W, 3), `seconds` float64 (N,) in media time."""

    images: NDArray[np.uint8] = field(repr=False)
    seconds: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a batch whose times and pictures do not pair up."""
        if self.images.ndim != 4 or self.images.shape[3] != 3 or self.images.dtype != np.uint8:
            raise ValueError(f"a batch is uint8 (N, H, W, 3), not {self.images.dtype} {self.images.shape}")
        if self.seconds.shape != (len(self.images),):
            raise ValueError(f"{len(self.images)} pictures need as many times, not {self.seconds.shape}")

    def __len__(self) -> int:
        return len(self.images)
