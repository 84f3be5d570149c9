"""What an export will do, worked out before anything is written: names, modes, sizes, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from circletake.errors import ExportRefused, UsageError
from circletake.export.encoders import EDGE_FORMATS, EncoderSettings
from circletake.media.frames import AudioStream, MediaInfo, VideoStream
from circletake.paths import free_bytes, safe_stem
from circletake.timebase import TimeRange

ROOM_MARGIN = Fraction(6, 5)
"""Free room asked for, over the estimate: an MP4 is rewritten once to put its header in front."""

BITS_PER_PIXEL = 0.25
"""Estimate for encoded pictures: x264 veryfast at crf 18 took 0.02 to 0.32 on twenty real clips of all kinds."""

AUDIO_BITS_PER_CHANNEL = 96_000

MP4_VIDEO = frozenset({"h264", "hevc", "mpeg4", "av1", "mpeg2video"})
MP4_AUDIO = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})
WEBM_VIDEO = frozenset({"vp8", "vp9", "av1"})
WEBM_AUDIO = frozenset({"vorbis", "opus"})
MOV_VIDEO = frozenset({"prores", "mjpeg", "dnxhd", "h264", "hevc", "mpeg4", "dvvideo", "rawvideo", "qtrle"})
MOV_AUDIO = frozenset({"aac", "mp3", "ac3", "alac"})
"""What each container carries by its own rules. Sources: ISO/IEC 14496-14, the WebM guidelines, QuickTime's format."""

SOUND_SUFFIXES = {"aac": ".m4a", "alac": ".m4a", "mp3": ".mp3", "flac": ".flac", "vorbis": ".ogg", "opus": ".ogg"}


class ExportMode(StrEnum):
    """How clips are cut.

    `copy` is instant and starts at a key frame, often seconds early; `smart` is exact and encodes only the edges;
    `encode` is exact and encodes everything.
    """

    COPY = "copy"
    SMART = "smart"
    ENCODE = "encode"


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One clip wanted: a range of a medium, in media time, with the mark it comes from.

    `note` is a sentence on what is other in it than in the timeline, empty where nothing is.
    """

    name: str
    path: Path
    range: TimeRange
    mark_id: str = ""
    score: float | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What the editor asks for. Items are in rank order, the best first."""

    items: tuple[ExportItem, ...]
    folder: Path
    mode: ExportMode = ExportMode.SMART
    overwrite: bool = False
    settings: EncoderSettings = field(default_factory=EncoderSettings)


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One clip that will be written. `reason` says why `mode` is not the one asked for, and the item's note."""

    item: ExportItem
    info: MediaInfo
    path: Path
    mode: ExportMode
    reason: str
    estimated_bytes: int


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """All that a run needs. `mode` is the one asked for; a clip's own may be another.

    `existing` are final names already taken when it was made; `sources` are films that no clip may ever overwrite.
    """

    clips: tuple[PlannedClip, ...]
    folder: Path
    mode: ExportMode
    overwrite: bool
    settings: EncoderSettings
    existing: tuple[Path, ...]
    sources: tuple[Path, ...] = ()

    @property
    def seconds(self) -> Fraction:
        """Length of all clips together."""
        return sum((clip.item.range.duration.seconds for clip in self.clips), Fraction(0))

    @property
    def estimated_bytes(self) -> int:
        """Room all clips will take, roughly."""
        return sum(clip.estimated_bytes for clip in self.clips)


def plan_export(request: ExportRequest, info: Mapping[Path, MediaInfo]) -> ExportPlan:
    """Give each item its file name, the mode its codec allows and a size; nothing is written or refused yet.

    Raises:
        UsageError: nothing to export, an empty range, or a medium that `info` does not describe.
    """
    if not request.items:
        raise UsageError("there is nothing to export", hint="Keep at least one mark, or name the marks to export.")
    media = [_media_of(item, info) for item in request.items]
    modes = [mode_for(each, request.mode) for each in media]
    suffixes = [suffix_for(each, mode) for each, (mode, _) in zip(media, modes, strict=True)]
    names = file_names([item.name for item in request.items], suffixes)
    clips = tuple(
        PlannedClip(
            item,
            each,
            request.folder / name,
            mode,
            " ".join(filter(None, (reason, item.note))),
            estimate_bytes(each, item.range, mode),
        )
        for item, each, name, (mode, reason) in zip(request.items, media, names, modes, strict=True)
    )
    existing = tuple(clip.path for clip in clips if clip.path.exists() or clip.path.is_symlink())
    return ExportPlan(clips, request.folder, request.mode, request.overwrite, request.settings, existing, tuple(info))


def _media_of(item: ExportItem, info: Mapping[Path, MediaInfo]) -> MediaInfo:
    if item.range.duration.value <= 0:
        raise UsageError("a clip needs a length", hint="Trim the mark so that it lasts a while.", place=item.name)
    found = info.get(item.path)
    if found is None:
        raise UsageError("its media has not been read", hint="Open the file first.", path=item.path, place=item.name)
    return found


def mode_for(info: MediaInfo, wanted: ExportMode) -> tuple[ExportMode, str]:
    """The mode used for a medium, and why it is not `wanted` (empty where it is)."""
    if wanted is not ExportMode.SMART:
        return wanted, ""
    picture = info.picture
    if picture is None:
        return ExportMode.ENCODE, "There is only sound; it is cut to the sample and encoded."
    if picture.all_key_frames and picture.codec not in EDGE_FORMATS:
        return ExportMode.COPY, f"Every frame of {picture.codec} stands alone, so a copy is exact."
    if picture.codec not in EDGE_FORMATS:
        return ExportMode.ENCODE, f"Edges of {picture.codec} cannot be encoded to match; the clip is encoded whole."
    if picture.pixel_format not in EDGE_FORMATS[picture.codec]:
        return ExportMode.ENCODE, f"There is no encoder for {picture.codec} in {picture.pixel_format}."
    return ExportMode.SMART, ""


def suffix_for(info: MediaInfo, mode: ExportMode) -> str:
    """The container of a clip: MP4 where codecs allow, else QuickTime, WebM or Matroska."""
    picture = info.picture
    if picture is None:
        return ".m4a" if mode is not ExportMode.COPY else _sound_suffix(info.audio)
    if mode is not ExportMode.COPY:
        return ".mp4"
    audio = {stream.codec for stream in info.audio}
    if picture.codec in MP4_VIDEO and audio <= MP4_AUDIO:
        return ".mp4"
    if picture.codec in WEBM_VIDEO and audio <= WEBM_AUDIO:
        return ".webm"
    if picture.codec in MOV_VIDEO and all(codec in MOV_AUDIO or codec.startswith("pcm_") for codec in audio):
        return ".mov"
    return ".mkv"


def _sound_suffix(audio: tuple[AudioStream, ...]) -> str:
    codecs = {stream.codec for stream in audio}
    if len(audio) == 1 and audio[0].codec.startswith("pcm_"):
        return ".wav"
    suffixes = {SOUND_SUFFIXES.get(codec, ".mka") for codec in codecs}
    return suffixes.pop() if len(audio) == 1 else ".mka"


def file_names(names: Iterable[str], suffixes: Iterable[str]) -> tuple[str, ...]:
    """`01 Name.mp4`, `02 Name.mp4`: the rank makes names unique under any file system's rules."""
    pairs = list(zip(names, suffixes, strict=True))
    width = max(2, len(str(len(pairs))))
    return tuple(f"{rank:0{width}d} {safe_stem(name)}{suffix}" for rank, (name, suffix) in enumerate(pairs, 1))


def estimate_bytes(info: MediaInfo, span: TimeRange, mode: ExportMode) -> int:
    """Bytes a clip will roughly take: the source's own rate where packets are copied."""
    seconds = float(span.duration.seconds)
    channels = sum(stream.channels for stream in info.audio)
    bits = seconds * AUDIO_BITS_PER_CHANNEL * channels
    picture = info.picture
    if mode is ExportMode.COPY:
        held = seconds + (2 * _edge_seconds(picture) if picture else 0)
        return int(info.size * min(1.0, held / max(seconds, float(info.duration.seconds)))) + 1
    if picture is not None:
        encoded = picture.width * picture.height * float(picture.average_rate) * BITS_PER_PIXEL
        bits += seconds * (picture.bit_rate if mode is ExportMode.SMART else encoded)
        bits += min(seconds, _edge_seconds(picture)) * encoded if mode is ExportMode.SMART else 0
    return int(bits / 8) + 1


def _edge_seconds(picture: VideoStream) -> float:
    """Length between a cut and a key frame: half a group of pictures on average."""
    groups = max(1, picture.key_frame_count)
    return float(picture.duration.seconds) / groups / 2


def refuse_if_unfit(plan: ExportPlan) -> None:
    """Refuse before anything is written: names taken, a film that would be overwritten, or too little room.

    Raises:
        ExportRefused: saying which files, or how much room is needed and free.
    """
    taken = [clip.path for clip in plan.clips if clip.path.exists() or clip.path.is_symlink()]
    sources = {*plan.sources, *(clip.info.path for clip in plan.clips)}
    own = [path for path in taken if any(_same_file(path, source) for source in sources)]
    if own:
        hint = "Choose another folder, or rename the mark."
        raise ExportRefused("this is one of the films of the project", hint=hint, path=own[0])
    if taken and not plan.overwrite:
        shown = ", ".join(path.name for path in taken[:5]) + (" and more" if len(taken) > 5 else "")
        hint = "Choose another folder, or allow overwriting."
        raise ExportRefused(f"these files are there already: {shown}", hint=hint, path=plan.folder)
    needed, free = int(plan.estimated_bytes * ROOM_MARGIN), _free_bytes(plan.folder)
    if needed > free:
        message = f"the clips need about {_megabytes(needed)}, and {_megabytes(free)} are free"
        raise ExportRefused(message, hint="Make room, or choose a folder on another disk.", path=plan.folder)


def _free_bytes(folder: Path) -> int:
    try:
        return free_bytes(folder)
    except OSError as error:
        raise ExportRefused(
            "this place cannot be reached", hint="Connect its disk, or choose another folder.", path=folder
        ) from error


def _same_file(first: Path, second: Path) -> bool:
    """Ask the disk, which knows about links and about names that differ in case only."""
    try:
        return first.samefile(second)
    except OSError:  # one of them is not there
        return first.resolve() == second.resolve()


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
