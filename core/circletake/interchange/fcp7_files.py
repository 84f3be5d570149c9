"""What a Final Cut Pro 7 XML file says about each medium: its address, rate, length, start timecode and streams."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from circletake.interchange.fcp7_values import HIGHEST_RATE, numbered
from circletake.interchange.xml import Element, SubElement
from circletake.media.frames import MediaInfo
from circletake.timebase import (
    NTSC_DENOMINATOR,
    RationalTime,
    from_timecode,
    may_drop_frames,
    round_fraction,
    to_timecode,
)
from circletake.timeline.model import Clip, MediaReference, TrackKind, clean_name

DEFAULT_SIZE = (1920, 1080)
"""Width and height where no medium tells."""

MOST_CHANNELS = 2
"""Channels of sound written: a stereo track, which is also where the first two of more lie."""

_HIGHEST_MULTIPLE = 120
_DRIVE = re.compile(r"([A-Za-z]):[\\/](.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Medium:
    """A file as it is written. `frames` is its length at `rate`; `kinds` are the tracks it lies on."""

    number: int
    media: MediaReference | None
    name: str
    rate: Fraction
    frames: int
    start: RationalTime
    drops: bool
    kinds: frozenset[TrackKind] = field(default_factory=frozenset)
    info: MediaInfo | None = None

    @property
    def seconds(self) -> Fraction:
        """How long it lasts."""
        return self.frames / self.rate

    @property
    def channels(self) -> int:
        """Channels of sound that lie on tracks; stereo where nobody knows, as a camera records."""
        sound = self.info.sound if self.info else None
        known = self.info is not None or self.media is None
        return min(MOST_CHANNELS, max(1, sound.channels if sound else 1 if known else MOST_CHANNELS))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in square pixels."""
        picture = self.info.picture if self.info else None
        return picture.display_size if picture else DEFAULT_SIZE


def written_rate(rate: Fraction) -> Fraction:
    """The rate that stands for `rate` in a file that knows whole and NTSC ones: itself, a multiple, or the nearest."""
    if (rate.denominator == 1 and rate <= HIGHEST_RATE) or (rate * NTSC_DENOMINATOR / 1000).denominator == 1:
        return rate
    if rate * rate.denominator <= _HIGHEST_MULTIPLE:
        return rate * rate.denominator
    nominal = min(HIGHEST_RATE, max(1, round_fraction(rate)))
    slowed = Fraction(max(1, round_fraction(rate * NTSC_DENOMINATOR / 1000)) * 1000, NTSC_DENOMINATOR)
    return min((Fraction(nominal), slowed), key=lambda each: abs(each - rate))


def path_url(target: str) -> str:
    """An address as Premiere writes it; what is no absolute path stays as it is.

    Source: Premiere's own files: `file://localhost/D%3a/media/a.mov`.
    """
    drive = _DRIVE.fullmatch(target)
    if drive:
        return f"file://localhost/{drive[1]}%3a/{_quoted(drive[2].replace(chr(92), '/'))}"
    return f"file://localhost{_quoted(target)}" if target.startswith("/") else target


def _quoted(path: str) -> str:
    return quote(os.fsencode(path))


Identity = tuple[str, RationalTime | None]
"""What tells media apart: the address, and the timecode the file that named it gave."""


def identity_of(media: MediaReference | None) -> Identity:
    """What a medium is listed under; clips without one share an empty one."""
    return (media.target_url, media.start_timecode) if media else ("", None)


def media_of(
    clips: Iterable[tuple[TrackKind, Clip]], facts: Mapping[Path, MediaInfo], rate: Fraction, *, drops: bool
) -> dict[Identity, Medium]:
    """The media that clips of a timeline at `rate` use, numbered from 1 in the order met."""
    used: dict[Identity, list[tuple[TrackKind, Clip]]] = {}
    for kind, clip in clips:
        used.setdefault(identity_of(clip.media), []).append((kind, clip))
    return {
        identity: _medium(number, uses, facts, rate, drops=drops)
        for number, (identity, uses) in enumerate(used.items(), 1)
    }


def _medium(
    number: int, uses: list[tuple[TrackKind, Clip]], facts: Mapping[Path, MediaInfo], rate: Fraction, *, drops: bool
) -> Medium:
    media = uses[0][1].media
    info = facts.get(Path(media.target_url)) if media else None
    available = media.available_range if media else None
    own = info.edit_rate if info else available.duration.rate if available else rate
    own = written_rate(own if own <= HIGHEST_RATE else rate)
    start, own_drops = _start(media, info, own)
    return Medium(
        number=number,
        media=media,
        name=_name(media) or clean_name(uses[0][1].name),
        rate=own,
        frames=_frames([clip for _, clip in uses], info, own),
        start=start,
        drops=(drops if own_drops is None else own_drops) and may_drop_frames(own),
        kinds=frozenset(kind for kind, _ in uses),
        info=info,
    )


def _name(media: MediaReference | None) -> str:
    if media is None:
        return ""
    return media.name or clean_name(unquote(PurePosixPath(media.target_url.replace("\\", "/")).name))


def _frames(clips: list[Clip], info: MediaInfo | None, rate: Fraction) -> int:
    """Frames of the medium: as measured, as a file said, and never less than what is used of it."""
    ends = [clip.media_range.end_time_exclusive for clip in clips]
    ends += [
        clip.media.available_range.end_time_exclusive for clip in clips if clip.media and clip.media.available_range
    ]
    ends += [info.full_range.duration] if info else []
    return max(1, *(math.ceil(end.seconds * rate) for end in ends))


def _start(media: MediaReference | None, info: MediaInfo | None, rate: Fraction) -> tuple[RationalTime, bool | None]:
    """The timecode of the first frame, and whether it is numbered with dropped frames, None where nobody says."""
    if media is not None and media.start_timecode is not None:
        return media.start_timecode.rescaled_to(rate), None
    text = (info.start_timecode if info else None) or ""
    drops = ";" in text
    try:
        return (from_timecode(numbered(text, drops=drops), rate), drops) if text else (RationalTime.zero(rate), None)
    except ValueError:
        return RationalTime.zero(rate), None


def add(parent: Element, tag: str, text: object = None, **attributes: str) -> Element:
    """A new last child, with its text."""
    child = SubElement(parent, tag, attributes)
    child.text = None if text is None else str(text)
    return child


def add_rate(parent: Element, rate: Fraction) -> None:
    """The `rate` of an element."""
    slowed = rate.denominator == NTSC_DENOMINATOR
    node = add(parent, "rate")
    add(node, "timebase", round_fraction(rate * NTSC_DENOMINATOR / 1000) if slowed else rate.numerator)
    add(node, "ntsc", "TRUE" if slowed else "FALSE")


def add_timecode(parent: Element, start: RationalTime, rate: Fraction, *, drops: bool) -> None:
    """The `timecode` block, without which Resolve imports nothing."""
    node = add(parent, "timecode")
    add_rate(node, rate)
    text = to_timecode(start, rate, drop_frame=drops)
    add(node, "string", text.replace(":", ";") if drops else text)
    add(node, "frame", start.rescaled_to(rate).value)
    add(node, "displayformat", "DF" if drops else "NDF")


def add_picture_format(parent: Element, size: tuple[int, int], rate: Fraction) -> None:
    """The `samplecharacteristics` of pictures."""
    node = add(parent, "samplecharacteristics")
    add_rate(node, rate)
    add(node, "width", size[0])
    add(node, "height", size[1])
    add(node, "anamorphic", "FALSE")
    add(node, "pixelaspectratio", "square")
    add(node, "fielddominance", "none")


def add_sound_format(parent: Element, sample_rate: int) -> None:
    """The `samplecharacteristics` of sound."""
    node = add(parent, "samplecharacteristics")
    add(node, "depth", 16)
    add(node, "samplerate", sample_rate)


def add_file(parent: Element, medium: Medium, described: set[int]) -> None:
    """The `file` of an item: all of it the first time, a reference afterwards."""
    node = add(parent, "file", id=f"file-{medium.number}")
    if medium.number in described:
        return
    described.add(medium.number)
    add(node, "name", medium.name)
    if medium.media:
        add(node, "pathurl", path_url(medium.media.target_url))
    else:
        add(node, "mediaSource", "Slug")
    add_rate(node, medium.rate)
    add(node, "duration", medium.frames)
    add_timecode(node, medium.start, medium.rate, drops=medium.drops)
    _add_streams(add(node, "media"), medium)


def _add_streams(parent: Element, medium: Medium) -> None:
    info = medium.info
    if info.picture if info else TrackKind.VIDEO in medium.kinds:
        add_picture_format(add(parent, "video"), medium.size, medium.rate)
    if info.sound if info else TrackKind.AUDIO in medium.kinds:
        node = add(parent, "audio")
        add_sound_format(node, info.sound.sample_rate if info and info.sound else 48000)
        add(node, "channelcount", medium.channels)
