"""Which media of a cut are missing, and how much of it needs them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, MediaReference, Timeline, Track, TrackKind
from circletake_viewers.state.missing import MissingFile, resolve_missing

RATE = Fraction(25)


def clip(address: str) -> Clip:
    span = TimeRange(RationalTime(0, RATE), RationalTime(10, RATE))
    return Clip("clip", span, MediaReference(address))


def cut(pictures: list[str], sounds: list[str]) -> Timeline:
    tracks = ((TrackKind.VIDEO, pictures), (TrackKind.AUDIO, sounds))
    return Timeline("cut", RATE, tuple(Track(kind.value, kind, tuple(map(clip, each))) for kind, each in tracks))


def test_picture_and_sound_of_one_cut_count_once() -> None:
    found = resolve_missing(cut(["/a/x.mov", "/a/x.mov"], ["/a/x.mov", "/a/x.mov", "/b/y.wav"]), {})
    assert found == (MissingFile("/a/x.mov", "x.mov", "/a", 2), MissingFile("/b/y.wav", "y.wav", "/b", 1))


def test_what_was_read_is_not_missing() -> None:
    media: dict[Path, Any] = {Path("/a/x.mov"): None}
    assert [each.name for each in resolve_missing(cut(["/a/x.mov", "/a/z.mov"], []), media)] == ["z.mov"]
    assert resolve_missing(None, {}) == ()


@pytest.mark.parametrize(
    ("address", "name", "folder"),
    [
        ("D:\\films\\x.mov", "x.mov", "D:/films"),
        ("file:///D:/My%20films/x.mov", "x.mov", "D:/My films"),
        ("../media/x.mov", "x.mov", "../media"),
        ("x.mov", "x.mov", ""),
        ("http://host/x.mov", "http://host/x.mov", ""),
    ],
)
def test_addresses_of_other_systems_are_told_as_people_write_them(address: str, name: str, folder: str) -> None:
    (found,) = resolve_missing(cut([address], []), {})
    assert (found.address, found.name, found.folder) == (address, name, folder)
