"""H.264 and HEVC at the level of NAL units: enough to splice two encoders' pictures into one stream.

Everything inside is Annex B (units after start codes); a muxer turns it into what its container wants.
Sources: ITU-T H.264 (sections 7.3, 7.4, Annex B), ITU-T H.265 (sections 7.3, 7.4), ISO/IEC 14496-15 (avcC, hvcC).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

START_CODE = b"\x00\x00\x00\x01"

H264_SLICE, H264_IDR, H264_SPS, H264_PPS = 1, 5, 7, 8
HEVC_IDR = (19, 20)
HEVC_BLA = (16, 17, 18)
HEVC_CRA = 21
HEVC_PARAMETER_SETS = (32, 33, 34)
HEVC_DOLBY_VISION = (62, 63)
"""Unspecified types that carry Dolby Vision's second layer and its metadata."""

HEVC_END_OF_SEQUENCE = bytes((36 << 1, 1))
"""The unit (type 36, layer 0, temporal id 0) after which a CRA picture starts afresh and its leading ones are gone."""


_EMULATED = re.compile(b"\x00\x00(?=[\x00-\x03])")


class KeyKind(Enum):
    """What a key frame promises about the frames around it."""

    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"


class BitReader:
    """Reads fixed and Exp-Golomb fields from a unit's payload (emulation prevention removed)."""

    def __init__(self, payload: bytes) -> None:
        self._bits = int.from_bytes(payload, "big")
        self.length = len(payload) * 8
        self.position = 0

    def bits(self, count: int) -> int:
        """Read `count` bits as an unsigned integer.

        Raises:
            ValueError: past the end.
        """
        end = self.position + count
        if end > self.length:
            raise ValueError("the unit ends in the middle of a field")
        value = (self._bits >> (self.length - end)) & ((1 << count) - 1)
        self.position = end
        return value

    def unsigned(self) -> int:
        """Read ue(v). Source: H.264 section 9.1.

        Raises:
            ValueError: longer than 32 bits, or past the end.
        """
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("a field is longer than any valid one")
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        """Read se(v). Source: H.264 section 9.1.1."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def payload_of(unit: bytes, header: int) -> bytes:
    """A unit's bytes after its `header` bytes, without emulation prevention."""
    return unit[header:].replace(b"\x00\x00\x03", b"\x00\x00")


def escaped(payload: bytes) -> bytes:
    """Put emulation prevention back: no start code may appear inside a unit. Source: H.264 section 7.4.1."""
    found = _EMULATED.sub(b"\x00\x00\x03", payload)
    return found + b"\x03" if found.endswith(b"\x00\x00") else found


def prefix_size(extradata: bytes | None, codec: str) -> int:
    """Bytes of the length before each unit (1, 2 or 4) by the avcC or hvcC record; 0 where units have start codes."""
    if not extradata or extradata[0] != 1:
        return 0
    place = 4 if codec == "h264" else 21
    if len(extradata) <= place + 1:
        raise ValueError("the decoder configuration is cut short")
    return (extradata[place] & 3) + 1


def split_units(data: bytes, size: int) -> list[bytes]:
    """The NAL units of a packet; `size` as `prefix_size` gives it.

    Raises:
        ValueError: the lengths do not add up.
    """
    return list(_after_lengths(data, size) if size else _after_start_codes(data))


def _after_lengths(data: bytes, size: int) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        start = position + size
        position = start + int.from_bytes(data[position:start], "big")
        if position > len(data):
            raise ValueError("a unit is longer than its packet")
        if position > start:
            yield data[start:position]


def _after_start_codes(data: bytes) -> Iterator[bytes]:
    code = b"\x00\x00\x01"
    start = data.find(code)
    if start < 0 and data:
        raise ValueError("there is no start code")
    while start >= 0:
        following = data.find(code, start + 3)
        unit = data[start + 3 : following if following >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            yield unit
        start = following


def annex_b(units: Iterable[bytes]) -> bytes:
    """Units joined with start codes."""
    return b"".join(START_CODE + unit for unit in units)


def unit_type(unit: bytes, codec: str) -> int:
    """The `nal_unit_type`."""
    return unit[0] & 31 if codec == "h264" else (unit[0] >> 1) & 63


def is_parameter_set(unit: bytes, codec: str) -> bool:
    """Tell whether it is an SPS or PPS (or VPS)."""
    kinds = (H264_SPS, H264_PPS) if codec == "h264" else HEVC_PARAMETER_SETS
    return unit_type(unit, codec) in kinds


def parameter_sets(extradata: bytes | None, codec: str) -> list[bytes]:
    """The parameter sets in a stream's extradata, whether Annex B, avcC or hvcC.

    Raises:
        ValueError: the record is damaged.
    """
    if not extradata:
        return []
    if not prefix_size(extradata, codec):
        return [unit for unit in split_units(extradata, 0) if is_parameter_set(unit, codec)]
    return list(_from_avcc(extradata) if codec == "h264" else _from_hvcc(extradata))


def _from_avcc(record: bytes) -> Iterator[bytes]:
    position = 5
    for mask in (31, 255):
        count = _byte(record, position) & mask
        position += 1
        for _ in range(count):
            unit, position = _sized(record, position)
            yield unit


def _from_hvcc(record: bytes) -> Iterator[bytes]:
    position = 23
    for _ in range(_byte(record, 22)):
        count = int.from_bytes(record[position + 1 : position + 3], "big")
        position += 3
        for _ in range(count):
            unit, position = _sized(record, position)
            if unit and is_parameter_set(unit, "hevc"):
                yield unit


def _byte(record: bytes, position: int) -> int:
    if position >= len(record):
        raise ValueError("the decoder configuration is cut short")
    return record[position]


def _sized(record: bytes, position: int) -> tuple[bytes, int]:
    start = position + 2
    end = start + int.from_bytes(record[position:start], "big")
    if start > len(record) or end > len(record) or end == start:
        raise ValueError("the decoder configuration is cut short")
    return record[start:end], end


def h264_ids(units: Iterable[bytes]) -> set[int]:
    """Ids taken by SPS and PPS units, both kinds together."""
    taken: set[int] = set()
    for unit in units:
        kind = unit_type(unit, "h264")
        if kind == H264_SPS:
            reader = BitReader(payload_of(unit[:64], 1))
            reader.bits(24)  # profile_idc, constraint flags, level_idc
            taken.add(reader.unsigned())
        elif kind == H264_PPS:
            taken.add(BitReader(payload_of(unit[:16], 1)).unsigned())
    return taken


def free_h264_id(taken: set[int]) -> int | None:
    """An id no source parameter set has, high ones first; None where all 32 are taken."""
    return next((number for number in range(31, -1, -1) if number not in taken), None)


def key_kind(units: Sequence[bytes], codec: str) -> KeyKind:
    """Tell from a key frame's units whether a decoder may start afresh there.

    CLOSED: an instantaneous refresh; OPEN: an intra frame whose leading frames need what came before it.
    """
    kinds = {unit_type(unit, codec) for unit in units}
    if codec == "h264":
        return KeyKind.CLOSED if H264_IDR in kinds else KeyKind.OPEN if H264_SLICE in kinds else KeyKind.UNKNOWN
    if kinds & {*HEVC_IDR, *HEVC_BLA}:
        return KeyKind.CLOSED
    return KeyKind.OPEN if HEVC_CRA in kinds else KeyKind.UNKNOWN
