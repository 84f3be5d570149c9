"""An H.264 intra frame of an open group made into an instantaneous refresh, so that a stream may start there.

Such a frame decodes alone, but its header counts on from earlier frames. Made into an IDR picture (frame number 0),
with the frame numbers after it counted down by as much, the copied run stands by itself: the coded pictures stay bit
for bit, only header fields change. Leading frames are left out; the gap they leave in the numbers is declared legal
in the SPS, so that a decoder keeps their places in its list of references. Source: ITU-T H.264, 7.3.2, 7.3.3, 8.2.5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from circletake.export.bitstream import (
    H264_IDR,
    H264_PPS,
    H264_SLICE,
    H264_SPS,
    BitReader,
    escaped,
    payload_of,
    unit_type,
)

HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
INTRA_SLICES = frozenset({2, 7})
P_SLICE, B_SLICE, I_SLICE = 0, 1, 2
REFERENCE_MASK = 0x60
MAX_REFERENCES = 48
"""Pictures after the refresh that may still name one from before it: 16 references, each with unreferenced ones."""

HEADER_BYTES = 400
"""More than any slice header takes: 32 weighted references at six fields each."""

PREFIX_BYTES = 64
"""More than a slice header's fields up to the frame number can take."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The lengths and flags that a slice header depends on. `gaps_bit` is the SPS's flag that allows gaps."""

    frame_number_bits: int
    order_count_bits: int
    gaps_bit: int
    cabac: bool
    bottom_order: bool
    deblocking: bool
    redundant: bool
    references: tuple[int, int]
    weighted: tuple[bool, bool]


def read_syntax(sps: bytes, pps: bytes) -> Syntax:
    """Read the one SPS and PPS of a stream.

    Raises:
        ValueError: fields, slice groups or an order count that are not dealt with here.
    """
    reader = BitReader(payload_of(sps, 1))
    profile = reader.bits(8)
    reader.bits(16)
    reader.unsigned()
    if profile in HIGH_PROFILES:
        _skip_chroma(reader)
    frame_bits = reader.unsigned() + 4
    order = reader.unsigned()
    if order == 1:
        raise ValueError("its order count is of type 1")
    order_bits = reader.unsigned() + 4 if order == 0 else 0
    reader.unsigned()
    gaps_bit = reader.position
    reader.bits(1)
    reader.unsigned()
    reader.unsigned()
    if not reader.bits(1):
        raise ValueError("it may hold fields")
    return _with_pps(BitReader(payload_of(pps, 1)), frame_bits, order_bits, gaps_bit)


def _skip_chroma(reader: BitReader) -> None:
    if reader.unsigned() not in (1, 2):
        raise ValueError("it is 4:4:4 or grey")
    reader.unsigned()
    reader.unsigned()
    reader.bits(1)
    if reader.bits(1):
        raise ValueError("it has its own scaling lists")


def _with_pps(reader: BitReader, frame_bits: int, order_bits: int, gaps_bit: int) -> Syntax:
    reader.unsigned()
    reader.unsigned()
    cabac, bottom = bool(reader.bits(1)), bool(reader.bits(1))
    if reader.unsigned():
        raise ValueError("it has slice groups")
    references = (reader.unsigned() + 1, reader.unsigned() + 1)
    weighted = (bool(reader.bits(1)), reader.bits(2) == 1)
    for _ in range(3):
        reader.signed()
    deblocking, _, redundant = (bool(reader.bits(1)) for _ in range(3))
    return Syntax(frame_bits, order_bits, gaps_bit, cabac, bottom, deblocking, redundant, references, weighted)


class Refresh:
    """Rewrites a copied run, given unit by unit in decoding order; from the stream's next IDR on nothing changes."""

    def __init__(self, parameter_sets: list[bytes]) -> None:
        """Take the stream's parameter sets.

        Raises:
            ValueError: several of a kind, or a kind of stream that is not dealt with.
        """
        sps = [unit for unit in parameter_sets if unit_type(unit, "h264") == H264_SPS]
        pps = [unit for unit in parameter_sets if unit_type(unit, "h264") == H264_PPS]
        if len(sps) != 1 or len(pps) != 1:
            raise ValueError("it has several parameter sets")
        self._syntax = read_syntax(sps[0], pps[0])
        payload = bytearray(payload_of(sps[0], 1))
        payload[self._syntax.gaps_bit // 8] |= 0x80 >> self._syntax.gaps_bit % 8
        self.parameter_sets = [sps[0][:1] + escaped(bytes(payload)), *pps]
        self._base: int | None = None
        self._over = False
        self._pictures = self._count = 0

    def rewritten(self, units: list[bytes], *, entry: bool) -> list[bytes]:
        """One packet's units; `entry` for the key frame that becomes the refresh.

        Raises:
            ValueError: a slice of another kind than expected.
        """
        kept = [unit for unit in units if unit_type(unit, "h264") not in (H264_SPS, H264_PPS)]
        self._pictures += 1
        self._over = self._over or any(unit_type(unit, "h264") == H264_IDR for unit in kept)
        if self._over:
            return kept
        return [self._slice(unit, entry=entry) if unit_type(unit, "h264") == H264_SLICE else unit for unit in kept]

    def _slice(self, unit: bytes, *, entry: bool) -> bytes:
        payload = payload_of(unit, 1)
        reader = BitReader(payload[:PREFIX_BYTES])
        reader.unsigned()
        kind = reader.unsigned()
        reader.unsigned()
        place, bits = reader.position, self._syntax.frame_number_bits
        number = reader.bits(bits)
        if entry:
            self._base = number if self._base is None else self._base
            if kind not in INTRA_SLICES or number != self._base:
                raise ValueError("the key frame is not an intra picture")
            return self._as_idr(unit, payload, place)
        if self._base is None:
            raise ValueError("the run does not begin with its key frame")
        lowered = (number - self._base) % (1 << bits)
        renumbered = _with_bits(payload, place, bits, lowered)
        if unit[0] & REFERENCE_MASK and self._pictures <= MAX_REFERENCES:
            # The field wraps, the count behind it does not: numbers only ever rise up to the next IDR.
            self._count += (lowered - self._count) % (1 << bits)
            renumbered = self._unmarked(renumbered, place + bits, kind % 5, self._count)
        return unit[:1] + escaped(renumbered)

    def _unmarked(self, payload: bytes, place: int, kind: int, number: int) -> bytes:
        """The same slice without orders to drop pictures from before the refresh: they are not there."""
        syntax, reader = self._syntax, BitReader(payload[:HEADER_BYTES])
        reader.position = place
        self._skip_order(reader)
        if kind in (P_SLICE, B_SLICE):
            _skip_prediction(reader, syntax, kind)
        marking = reader.position
        if not reader.bits(1):
            return payload
        kept, dropped = "1", False
        while operation := reader.unsigned():
            if operation != 1:
                raise ValueError("it marks long-term references")
            distance = reader.unsigned()
            if number - distance - 1 < 0:
                dropped = True
            else:
                kept += _golomb(1) + _golomb(distance)
        return self._with_header(payload, marking, kept + _golomb(0), reader, kind) if dropped else payload

    def _skip_order(self, reader: BitReader) -> None:
        syntax = self._syntax
        reader.bits(syntax.order_count_bits)
        if syntax.order_count_bits and syntax.bottom_order:
            reader.signed()
        if syntax.redundant:
            reader.unsigned()

    def _with_header(self, payload: bytes, marking: int, fields: str, reader: BitReader, kind: int) -> bytes:
        """The slice with its marking fields replaced; `reader` stands behind the old ones."""
        bits, rest = _Bits(payload), reader.position
        header = bits.cut(0, marking) + fields
        if not self._syntax.cabac:
            return _packed(header + bits.cut(rest, bits.end_of_data()))
        if kind in (P_SLICE, B_SLICE):
            reader.unsigned()
        reader.signed()
        if self._syntax.deblocking and reader.unsigned() != 1:
            reader.signed()
            reader.signed()
        header += bits.cut(rest, reader.position)
        header += "1" * (-len(header) % 8)
        return _packed(header) + payload[-(-reader.position // 8) :]

    def _as_idr(self, unit: bytes, payload: bytes, place: int) -> bytes:
        """The same intra slice with an IDR picture's header: frame number 0, `idr_pic_id` 1, plain marking."""
        syntax, reader = self._syntax, BitReader(payload[:HEADER_BYTES])
        reader.position = order = place + syntax.frame_number_bits
        self._skip_order(reader)
        marking = reader.position
        if reader.bits(1):
            raise ValueError("its key frame drops others by name")
        bits = _Bits(payload)
        fields = bits.cut(0, place) + "0" * syntax.frame_number_bits + _golomb(1) + bits.cut(order, marking) + "00"
        return _idr_byte(unit) + escaped(self._with_header(payload, 0, fields, reader, I_SLICE))


def _skip_prediction(reader: BitReader, syntax: Syntax, kind: int) -> None:
    """From behind the order count to the marking of references in a P or B slice. Source: H.264 section 7.3.3."""
    lists = 1 if kind == P_SLICE else 2
    if kind == B_SLICE:
        reader.bits(1)
    counts = list(syntax.references)
    if reader.bits(1):
        counts[:lists] = [reader.unsigned() + 1 for _ in range(lists)]
    for _ in range(lists):
        if reader.bits(1):
            while reader.unsigned() != 3:
                reader.unsigned()
    if syntax.weighted[kind == B_SLICE]:
        reader.unsigned()
        reader.unsigned()
        for _ in range(sum(counts[:lists])):
            for values in (2, 4):
                for _ in range(values if reader.bits(1) else 0):
                    reader.signed()


def _golomb(value: int) -> str:
    """ue(v) as bits. Source: H.264 section 9.1."""
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


class _Bits:
    """A payload's bits as text, for the few headers that change their length."""

    def __init__(self, payload: bytes) -> None:
        self._text = f"{int.from_bytes(payload, 'big'):0{len(payload) * 8}b}"

    def cut(self, start: int, stop: int) -> str:
        return self._text[start:stop]

    def end_of_data(self) -> int:
        """Behind the stop bit: what follows is padding."""
        return self._text.rindex("1") + 1


def _idr_byte(unit: bytes) -> bytes:
    return bytes((unit[0] & 0xE0 | H264_IDR,))


def _packed(bits: str) -> bytes:
    padded = bits + "0" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8, "big")


def _with_bits(payload: bytes, place: int, count: int, value: int) -> bytes:
    first, last = place // 8, -(-(place + count) // 8)
    field = int.from_bytes(payload[first:last], "big")
    shift = last * 8 - place - count
    field = field & ~(((1 << count) - 1) << shift) | value << shift
    return payload[:first] + field.to_bytes(last - first, "big") + payload[last:]
