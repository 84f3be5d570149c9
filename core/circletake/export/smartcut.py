"""An exact clip of H.264 or HEVC that encodes only its edges: everything between is the source's own packets.

The clip is three runs of pictures, each of which starts afresh for a decoder: `head` frames encoded up to the first
key frame that stands alone, `copied` packets, and `tail` frames encoded after the last point at which the copy is
complete. H.264's encoded runs name their own parameter sets, all of which stand in the header; HEVC's runs repeat
theirs in front (sample entry `hev1`), and an end-of-sequence unit goes before a copied run that begins with an open
group. Sources: ITU-T H.264 7.4.1.2.1, ITU-T H.265 7.4.2.4 and 8.1.3, ISO/IEC 14496-15.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from circletake.errors import CircletakeError, ExportFailed
from circletake.export import bitstream
from circletake.export.bitstream import KeyKind
from circletake.export.cutting import (
    CutTask,
    Packets,
    durations,
    heard,
    media_time,
    picture_of,
    sound_tracks,
    timed_frames,
)
from circletake.export.encoders import encoded, open_edge_encoder
from circletake.export.h264_refresh import Refresh
from circletake.export.output import carry, mux_in_order, open_clip
from circletake.export.plan import ExportMode
from circletake.export.report import Written
from circletake.export.source import Picture, packets_from, video_stream
from circletake.export.splice import Span, Splice, decode_times, find_splice
from circletake.media.container import open_media


class SmartCutImpossible(CircletakeError):
    """This clip cannot be spliced right; the message is the reason, and encoding it whole is the answer."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One packet's bytes (Annex B) and the source timestamp of its frame."""

    data: bytes
    pts: int
    key: bool


def plan_splice(task: CutTask, span: Span) -> Splice:
    """Find what can be copied.

    Raises:
        SmartCutImpossible: interlaced or layered picture, no usable key frame, or a damaged header.
    """
    picture = picture_of(task)
    if picture.look.interlaced:
        raise _impossible("The picture is interlaced.")
    if picture.dolby_vision:
        raise _impossible("Dolby Vision's picture-by-picture notes cannot be made anew at the edges.")
    entry = _entry(task, picture, span)
    splice = None if entry is None else find_splice(picture.index, span, [entry[0]])
    if entry is None or splice is None:
        raise _impossible("There is no key frame inside this range at which copying could begin.")
    return replace(splice, open_entry=entry[1] is KeyKind.OPEN)


def _impossible(reason: str) -> SmartCutImpossible:
    return SmartCutImpossible(reason, hint="Encode the clip whole.")


def _entry(task: CutTask, picture: Picture, span: Span) -> tuple[int, KeyKind] | None:
    """Position and kind of the first key frame in the clip at which a copied run can be made to start."""
    index = picture.index
    inside = np.flatnonzero(index.key & (index.pts >= span.pts[0]) & (index.pts <= span.pts[-1]))
    if not len(inside):
        return None
    candidates = set(inside.tolist())
    accepted = (KeyKind.CLOSED, KeyKind.OPEN) if _can_refresh(picture) else (KeyKind.CLOSED,)
    with open_media(task.source.path) as container:
        stream = video_stream(container, picture.stream.index)
        for position, packet in packets_from(container, stream, index, int(inside[0])):
            task.context.checkpoint()
            if position > inside[-1]:
                return None
            if position not in candidates:
                continue
            kind = bitstream.key_kind(_units(packet, picture), picture.stream.codec)
            if kind in accepted:
                return position, kind
    return None


def _can_refresh(picture: Picture) -> bool:
    """Tell whether copying may begin at an open group: HEVC has a unit for it, H.264's header must be known."""
    if picture.stream.codec == "hevc":
        return True
    try:
        Refresh(bitstream.parameter_sets(picture.extradata, "h264"))
    except ValueError:
        return False
    return True


def _units(packet: av.Packet[av.VideoStream], picture: Picture) -> list[bytes]:
    """A packet's NAL units.

    Raises:
        SmartCutImpossible: they cannot be told apart.
    """
    try:
        size = bitstream.prefix_size(picture.extradata, picture.stream.codec)
        return bitstream.split_units(bytes(packet), size)
    except ValueError as error:
        raise _impossible(f"A packet is damaged: {error}.") from error


def smart_clip(task: CutTask, span: Span, splice: Splice, path: Path) -> Written:
    """Write the clip as `splice` says.

    Raises:
        SmartCutImpossible: a run did not come out as planned (a damaged source), or there is no encoder for its edges.
        ExportFailed: the encoder or the disk gave up.
    """
    picture = picture_of(task)
    index = picture.index
    runs = _Runs(task, picture, span, splice)
    planned = np.concatenate([splice.head, index.pts[splice.copied], splice.tail])
    with open_media(task.source.path) as origin, open_clip(path) as container:
        stream = carry(container, video_stream(origin, picture.stream.index))
        stream.codec_context.extradata = runs.header()
        stream.codec_context.codec_tag = "hev1" if picture.stream.codec == "hevc" else "avc1"
        sounds = sound_tracks(container, task, heard(picture, span), lossless=True)
        pictures = _stamped(runs.pieces(), planned, span, stream)
        mux_in_order(container, [task.told(pictures), *sounds])
    return Written(
        ExportMode.SMART,
        media_time(index, span.zero),
        media_time(index, span.end),
        len(planned),
        len(splice.copied),
    )


class _Runs:
    """The three runs of a clip as Annex B packets in decoding order."""

    def __init__(self, task: CutTask, picture: Picture, span: Span, splice: Splice) -> None:
        self._task, self._picture, self._span, self._splice = task, picture, span, splice
        self._codec = picture.stream.codec
        try:
            self._source_sets = bitstream.parameter_sets(picture.extradata, self._codec)
            self._own_id = self._free_id()
            self._refresh = Refresh(self._source_sets) if splice.open_entry and self._codec == "h264" else None
        except ValueError as error:
            raise _impossible(f"The decoder configuration is damaged: {error}.") from error
        # Opened ahead of its first frame, because the header needs its parameter sets.
        opened = self._edge_encoder()
        self._edge_sets = bitstream.parameter_sets(opened.extradata, self._codec)
        self._ready: av.VideoCodecContext | None = opened

    def _edge_encoder(self) -> av.VideoCodecContext:
        try:
            return open_edge_encoder(self._picture, self._task.settings, self._own_id)
        except ExportFailed as error:
            raise _impossible(f"At the edges {error.message}.") from error

    def _free_id(self) -> int:
        if self._codec != "h264":
            return 0
        number = bitstream.free_h264_id(bitstream.h264_ids(self._source_sets))
        if number is None:
            raise _impossible("All ids of parameter sets are taken.")
        return number

    def header(self) -> bytes:
        """Parameter sets for the container's header: the source's first, whose profile the header declares."""
        own = self._edge_sets if self._codec == "h264" else []
        source = self._refresh.parameter_sets if self._refresh else self._source_sets
        return bitstream.annex_b([*source, *own])

    def pieces(self) -> Iterator[_Piece]:
        """All packets of the clip."""
        splice = self._splice
        yield from self._encoded(splice.head, end_of_sequence=splice.open_entry and self._codec == "hevc")
        yield from self._copied()
        yield from self._encoded(splice.tail)

    def _encoded(self, wanted: NDArray[np.int64], *, end_of_sequence: bool = False) -> Iterator[_Piece]:
        if not len(wanted):
            return
        task, picture, span = self._task, self._picture, self._span
        codec = self._ready or self._edge_encoder()
        self._ready = None
        base = picture.index.time_base
        back = {max(0, pts - span.zero): pts for pts in wanted.tolist()}
        for packet in encoded(codec, timed_frames(task, span, wanted), base):
            data = bytes(packet)
            if self._codec == "hevc" and packet.is_keyframe:
                data = bitstream.annex_b(self._edge_sets) + data
            source_pts = back[packet.pts if packet.pts is not None else 0]
            if end_of_sequence and source_pts == wanted[-1]:
                data += bitstream.annex_b([bitstream.HEVC_END_OF_SEQUENCE])
            yield _Piece(data, source_pts, packet.is_keyframe)

    def _copied(self) -> Iterator[_Piece]:
        picture, positions = self._picture, self._splice.copied
        index = picture.index
        wanted = set(positions.tolist())
        with open_media(self._task.source.path) as container:
            stream = video_stream(container, picture.stream.index)
            for position, packet in packets_from(container, stream, index, int(positions[0])):
                if position in wanted:
                    units = self._standing_alone(_units(packet, picture), first=position == positions[0])
                    yield _Piece(bitstream.annex_b(units), int(index.pts[position]), bool(index.key[position]))
                if position >= positions[-1]:
                    return

    def _standing_alone(self, units: list[bytes], *, first: bool) -> list[bytes]:
        """Units of a copied packet, changed where the run must not lean on what is not in the clip."""
        if first and self._codec == "hevc":
            return [*self._source_sets, *units]
        if self._refresh is None:
            return units
        try:
            return self._refresh.rewritten(units, entry=first)
        except ValueError as error:
            raise _impossible(f"The open group cannot be made to stand alone: {error}.") from error


def _stamped(pieces: Iterator[_Piece], planned: NDArray[np.int64], span: Span, stream: av.VideoStream) -> Packets:
    """Packets with their times in the clip; each must be the frame that was planned for its place.

    Raises:
        SmartCutImpossible: one is missing or out of order.
    """
    lengths, base = durations(span), stream.time_base
    if base is None:
        raise ExportFailed("the clip's track has no clock", hint="Export with mode encode.")
    shown = np.maximum(planned, span.zero) - span.zero
    decoded = decode_times(shown)
    count = 0
    for piece in pieces:
        if count >= len(planned) or piece.pts != planned[count]:
            raise _impossible("A frame beside the splice cannot be decoded.")
        packet: av.Packet[Any] = av.Packet(piece.data)
        packet.pts, packet.dts, packet.duration = int(shown[count]), int(decoded[count]), lengths[piece.pts]
        packet.time_base, packet.is_keyframe, packet.stream = base, piece.key, stream
        count += 1
        yield packet
    if count != len(planned):
        raise _impossible("Frames beside the splice cannot be decoded.")
