"""Units, fields and splices: the arithmetic that a spliced stream rests on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.films import Film

from circletake.export import bitstream
from circletake.export.bitstream import BitReader, KeyKind
from circletake.export.h264_refresh import Refresh
from circletake.export.splice import decode_times, find_splice, span_of
from circletake.media.index import PacketIndex
from circletake.timebase import RationalTime, TimeRange

FilmOf = Callable[[Film], Path]


def index_of(order: list[int], keys: list[int]) -> PacketIndex:
    """An index whose frames, numbered in showing order, are decoded in `order`; ten ticks a frame."""
    pts = np.array(order, np.int64) * 10
    key = np.isin(np.array(order), keys)
    size = np.ones(len(order), np.int64)
    return PacketIndex(0, Fraction(1, 300), 0, pts, key, size, np.zeros(len(order), np.bool_), 10)


def frames(first: int, count: int) -> TimeRange:
    return TimeRange(RationalTime(first, Fraction(30)), RationalTime(count, Fraction(30)))


@given(st.lists(st.binary(min_size=1, max_size=40).map(lambda unit: b"\x67" + unit + b"\x01"), min_size=1, max_size=8))
def test_units_survive_start_codes_and_lengths(payloads: list[bytes]) -> None:
    units = [payload[:1] + bitstream.escaped(payload[1:]) for payload in payloads]
    assert bitstream.split_units(bitstream.annex_b(units), 0) == units
    sized = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    assert bitstream.split_units(sized, 4) == units


@given(st.binary(max_size=200))
def test_emulation_prevention_is_undone_exactly(payload: bytes) -> None:
    escaped = bitstream.escaped(payload)
    assert b"\x00\x00\x00" not in escaped
    assert b"\x00\x00\x01" not in escaped
    assert bitstream.payload_of(b"\x65" + escaped, 1) == payload


@pytest.mark.parametrize(("bits", "value"), [("1", 0), ("010", 1), ("011", 2), ("00100", 3), ("00111", 6)])
def test_exp_golomb_codes_are_read_as_the_table_has_them(bits: str, value: int) -> None:
    data = int(bits.ljust(8, "0"), 2).to_bytes(1, "big")
    assert BitReader(data).unsigned() == value


@given(st.binary(max_size=60), st.sampled_from(["h264", "hevc"]))
def test_damaged_headers_are_refused_and_never_crash(data: bytes, codec: str) -> None:
    for extradata in (data, b"\x01" + data, b"\x00\x00\x01" + data):
        try:
            sets = bitstream.parameter_sets(extradata, codec)
        except ValueError:
            continue
        assert all(bitstream.is_parameter_set(unit, codec) for unit in sets)
        if codec == "h264":
            with contextlib.suppress(ValueError):
                Refresh(sets)


def test_kinds_of_key_frames_are_told_apart(film_of: FilmOf) -> None:
    kinds = {}
    for name, options in (("closed", {}), ("open", {"x264-params": "open-gop=1"})):
        with av.open(str(film_of(Film(f"keys-{name}", frames=90, audio_tracks=0, options=options)))) as container:
            stream = container.streams.video[0]
            size = bitstream.prefix_size(stream.codec_context.extradata, "h264")
            packets = [packet for packet in container.demux(stream) if packet.is_keyframe and packet.size]
            kinds[name] = [bitstream.key_kind(bitstream.split_units(bytes(each), size), "h264") for each in packets]
    assert kinds["closed"] == [KeyKind.CLOSED] * 3
    assert kinds["open"] == [KeyKind.CLOSED, KeyKind.OPEN, KeyKind.OPEN]


def test_a_copy_ends_where_no_reordered_frame_is_missing() -> None:
    index = index_of([0, 3, 1, 2, 6, 4, 5, 9, 7, 8], [0])
    span = span_of(index, frames(0, 6))
    splice = find_splice(index, span, [0])
    assert splice is not None
    assert splice.copied.tolist() == [0, 1, 2, 3]
    assert splice.tail.tolist() == [40, 50]
    assert splice.head.tolist() == []


def test_leading_frames_of_an_open_group_are_encoded_and_not_copied() -> None:
    index = index_of([0, 1, 4, 2, 3, 7, 5, 6, 8], [0, 4])
    splice = find_splice(index, span_of(index, frames(1, 8)), [2])
    assert splice is not None
    assert splice.head.tolist() == [10, 20, 30]
    assert splice.copied.tolist() == [2, 5, 6, 7, 8]
    assert splice.tail.tolist() == []


def test_nothing_is_copied_where_no_key_frame_lies_inside() -> None:
    index = index_of(list(range(20)), [0])
    assert find_splice(index, span_of(index, frames(3, 10)), [0]) is None


@given(st.lists(st.permutations(range(4)), min_size=1, max_size=6))
def test_decoding_times_rise_and_never_pass_the_showing_time(groups: list[list[int]]) -> None:
    pts = np.array([4 * number + at for number, group in enumerate(groups) for at in group], np.int64) * 7
    times = decode_times(pts)
    assert np.all(np.diff(times) > 0)
    assert np.all(times <= pts)


def test_times_a_container_has_rounded_still_mean_their_frame() -> None:
    rate = Fraction(30000, 1001)
    moments = [round(float(number / rate) * 1000) for number in range(300)]
    key = np.arange(300) == 0
    rounded = np.array(moments, np.int64)
    none = np.zeros(300, np.bool_)
    index = PacketIndex(0, Fraction(1, 1000), 0, rounded, key, np.ones(300, np.int64), none, 33)
    for first in range(290):
        span = span_of(index, TimeRange(RationalTime(first, rate), RationalTime(7, rate)))
        assert (span.first, len(span)) == (first, 7)
