"""Blender's script: what it holds, and that nothing in it is code but its own."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.interchange.blender import FORMAT
from circletake.interchange.format import Delivery
from circletake.interchange.tags import with_markers
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

NTSC = Fraction(30000, 1001)


def span(start: int, length: int, rate: Fraction = NTSC) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def shot(name: str, start: int, length: int, path: str = "/films/a.mp4") -> Clip:
    return Clip(name, span(start, length), MediaReference(path))


def cut(*items: Clip | Gap, markers: tuple[Marker, ...] = (), rate: Fraction = NTSC) -> Timeline:
    return Timeline("cut", rate, (Track("V1", TrackKind.VIDEO, items),), markers=markers)


def script(timeline: Timeline) -> ast.Module:
    assert FORMAT.write
    return ast.parse(FORMAT.write(Delivery(timeline, {}, Path("/cut.py"))))


def held(timeline: Timeline) -> Any:
    """What the script reads: the one text that it gives to `json.loads`."""
    calls = [
        node
        for node in ast.walk(script(timeline))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "json.loads"
    ]
    (call,) = calls
    (text,) = call.args
    assert isinstance(text, ast.Constant)
    assert isinstance(text.value, str)
    return json.loads(text.value)


@pytest.mark.parametrize(
    ("rate", "fps", "base"),
    [
        (Fraction(24000, 1001), 24, 1.001),
        (Fraction(25), 25, 1.0),
        (NTSC, 30, 1.001),
        (Fraction(120000, 1001), 120, 1.001),
        (Fraction(25, 2), 13, 1.04),
    ],
)
def test_the_rate_is_whole_frames_over_a_base(rate: Fraction, fps: int, base: float) -> None:
    assert {key: held(cut(rate=rate))[key] for key in ("fps", "fps_base")} == {"fps": fps, "fps_base": base}


def test_sound_lies_below_and_tracks_keep_their_order() -> None:
    tracks = tuple(
        Track(name, kind, (Gap(RationalTime(5, NTSC)), shot(name, 10, 20)))
        for name, kind in (("V1", TrackKind.VIDEO), ("V2", TrackKind.VIDEO), ("A1", TrackKind.AUDIO))
    )
    seen = held(Timeline("cut", NTSC, tracks))
    assert seen["channels"] == [[1, "A1"], [2, "V1"], [3, "V2"]]
    assert [(clip["channel"], clip["kind"], clip["name"]) for clip in seen["clips"]] == [
        (1, "sound", "A1"),
        (2, "movie", "V1"),
        (3, "movie", "V2"),
    ]
    assert {(clip["start"], clip["first"], clip["length"]) for clip in seen["clips"]} == {(5, 10, 20)}
    assert seen["length"] == 25


def test_a_track_with_speeds_leaves_a_channel_for_effects() -> None:
    fast, back = (replace(shot("a", 10, 20), speed=Fraction(speed)) for speed in (2, -1))
    tracks = (Track("V1", TrackKind.VIDEO, (fast, back)), Track("V2", TrackKind.VIDEO, (back,)))
    seen = held(Timeline("cut", NTSC, (*tracks, Track("A1", TrackKind.AUDIO, (fast,)))))
    assert [(clip["channel"], clip["first"], clip["used"], clip["speed"]) for clip in seen["clips"]] == [
        (1, 10, 40, 1),
        (2, 10, 40, 2),
        (2, 10, 20, -1),
        (4, 10, 20, -1),
    ]


def test_markers_are_points_with_text() -> None:
    markers = (Marker(span(12, 30), "here"), Marker(span(40, 0), "é" * 60))
    assert held(cut(markers=markers))["markers"] == [
        {"name": "here", "frame": 12},
        {"name": "é" * 31, "frame": 40},
    ]


def test_a_long_text_is_cut_before_its_tag() -> None:
    mark = Mark(
        "0123456789ab", span(0, 100), "A very long name of a mark", MarkState.KEPT, 88.0, note="with a long note"
    )
    (marker,) = held(with_markers(replace(cut(), marks=(mark,)), one_text=True))["markers"]
    assert marker["name"].endswith(" [ct:0123456789ab k 88 100f n26]")
    assert marker["name"].startswith("A very long name of a mark: wi")
    assert len(marker["name"].encode()) == 63


@given(name=st.text(st.characters(exclude_categories=["Cs"])), path=st.text(st.characters(exclude_categories=["Cs"])))
def test_no_name_changes_the_code(name: str, path: str) -> None:
    plain, odd = cut(shot("a", 0, 10)), cut(shot(name, 0, 10, path), markers=())
    assert len(ast.dump(script(odd)).split("Call(")) == len(ast.dump(script(plain)).split("Call("))
    (clip,) = held(odd)["clips"]
    assert (clip["name"], clip["path"]) == (name or Path(path).name, path)


@pytest.mark.parametrize(
    "name", ['"""', "'''", "\\", "\\'", "{data}", "\n)\nimport os\n", "\u2028", "🎬 שלום", "\udce9"]
)
def test_hostile_names_stay_text(name: str) -> None:
    (clip,) = held(cut(shot(name, 0, 10)))["clips"]
    assert clip["name"] == name


def test_it_is_written_and_never_read() -> None:
    assert FORMAT.read is None
    assert FORMAT.recognise is None
