"""OpenShot's projects: what is read, what is refused, and that what is written comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import TimelineError, TimelineInvalid, TimelineUnreadable
from circletake.interchange.format import Delivery, Read, Source
from circletake.interchange.openshot import FORMAT
from circletake.interchange.registry import head_of
from circletake.interchange.tags import adopted, with_markers
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

NTSC = Fraction(30000, 1001)
FILM = MediaReference("/films/a film é.mp4")


def span(start: int, length: int, rate: Fraction = NTSC) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def shot(name: str, start: int, length: int, speed: Fraction = Fraction(1), rate: Fraction = NTSC) -> Clip:
    return Clip(name, span(start, length, rate), FILM, speed=speed)


def cut(*items: Clip | Gap, sound: tuple[Clip | Gap, ...] = (), rate: Fraction = NTSC) -> Timeline:
    tracks = (Track("V1", TrackKind.VIDEO, items), Track("A1", TrackKind.AUDIO, sound))
    return Timeline("cut", rate, tuple(track for track in tracks if track.items))


def written(timeline: Timeline) -> bytes:
    assert FORMAT.write
    return FORMAT.write(Delivery(timeline, {}, Path("/projects/cut.osp")))


def opened(data: bytes) -> Read:
    assert FORMAT.read
    return FORMAT.read(Source(Path("/projects/cut.osp"), data))


def again(timeline: Timeline) -> Timeline:
    return opened(written(timeline)).timeline


def project(**changes: Any) -> dict[str, Any]:
    clip = {
        "id": "C1",
        "file_id": "F1",
        "title": "one",
        "position": 2.0,
        "start": 1.0,
        "end": 3.0,
        "layer": 1000000,
        "reader": {"path": "a.mp4", "has_audio": True, "has_video": True},
    }
    return {
        "fps": {"num": 25, "den": 1},
        "clips": [{**clip, **changes}],
        "files": [{"id": "F1", "path": "a.mp4", "name": "A"}],
        "layers": [{"number": 1000000, "label": "Main"}, {"number": 2000000, "label": "Top"}],
        "markers": [],
        "version": {"openshot-qt": "2.6.1"},
    }


def read_project(node: object) -> Read:
    return opened(json.dumps(node).encode())


def keyed(*values: tuple[float, float], interpolation: int = 1) -> dict[str, Any]:
    return {"Points": [{"co": {"X": x, "Y": y}, "interpolation": interpolation} for x, y in values]}


def test_a_clip_with_sound_lies_on_a_picture_and_a_sound_track() -> None:
    read = read_project(project())
    assert read.warnings == ()
    picture, sound = read.timeline.tracks
    assert (picture.name, picture.kind, sound.name, sound.kind) == ("Main", TrackKind.VIDEO, "A1", TrackKind.AUDIO)
    gap, clip = picture.items
    assert gap == Gap(RationalTime(50, Fraction(25)))
    assert clip == Clip("one", span(25, 50, Fraction(25)), MediaReference("a.mp4", name="A"))
    assert sound.items == picture.items


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"has_audio": keyed((1, 0))}, [TrackKind.VIDEO]),
        ({"has_video": keyed((1, 0))}, [TrackKind.AUDIO]),
        ({"has_audio": keyed((1, -1))}, [TrackKind.VIDEO, TrackKind.AUDIO]),
        ({"reader": {"path": "a.mp4", "has_audio": False}}, [TrackKind.VIDEO]),
        ({"reader": {"path": "a.mp4", "has_audio": False}, "has_audio": keyed((1, 1))}, list(TrackKind)),
    ],
)
def test_picture_or_sound_may_be_off(changes: dict[str, Any], kinds: list[TrackKind]) -> None:
    assert [track.kind for track in read_project(project(**changes)).timeline.tracks] == kinds


def test_higher_layers_lie_above() -> None:
    node = project()
    node["clips"] = [
        {**node["clips"][0], "layer": 2000000, "title": "over"},
        {**node["clips"][0], "has_audio": keyed((1, 0))},
    ]
    names = [track.name for track in read_project(node).timeline.tracks]
    assert names == ["Main", "Top", "A1"]


def test_assets_lie_beside_the_project() -> None:
    node = project(reader={"path": "@assets/title/one.svg"})
    clip = read_project(node).timeline.tracks[0].items[1]
    assert isinstance(clip, Clip)
    assert clip.media == MediaReference("cut_assets/title/one.svg", name="A")


@pytest.mark.parametrize(
    ("points", "speed", "start"),
    [
        (keyed((26, 26), (76, 126)), Fraction(2), Fraction(25)),
        (keyed((26, 26), (76, 51)), Fraction(1, 2), Fraction(25)),
        (keyed((26, 75), (76, 25)), Fraction(-1), Fraction(25)),
        (keyed((26, 40), (76, 40)), Fraction(0), Fraction(39)),
    ],
)
def test_a_straight_time_curve_is_a_speed(points: dict[str, Any], speed: Fraction, start: Fraction) -> None:
    clip = read_project(project(time=points)).timeline.tracks[0].items[1]
    assert isinstance(clip, Clip)
    assert clip.speed == speed
    assert clip.source_range.start_time.seconds * 25 == start
    assert clip.duration == RationalTime(50, Fraction(25))


@pytest.mark.parametrize("points", [keyed((26, 26), (50, 60), (76, 126)), keyed((26, 26), (76, 126), interpolation=0)])
def test_a_bent_time_curve_is_told(points: dict[str, Any]) -> None:
    read = read_project(project(time=points))
    clip = read.timeline.tracks[0].items[1]
    assert isinstance(clip, Clip)
    assert clip.speed == 1
    assert read.warnings == ('clip "one": The speed changes on the way; the clip is shown at normal speed.',)


def test_effects_and_transitions_are_told() -> None:
    node = project(effects=[{"type": "Blur"}])
    node["effects"] = [{"title": "Fade", "type": "Mask"}]
    assert read_project(node).warnings == (
        'clip "one": Effects are not shown.',
        'clip "Fade": A transition or mask on the timeline is left out; clips that overlap are shown as a cut.',
    )


def test_markers_keep_their_name_and_colour() -> None:
    node = project()
    node["markers"] = [
        {"id": "M1", "position": 1.04, "icon": "red.png", "vector": "red", "name": "here"},
        {"id": "M2", "position": 2, "icon": "blue.png"},
    ]
    assert read_project(node).timeline.markers == (
        Marker(span(26, 0, Fraction(25)), "here", color="red"),
        Marker(span(50, 0, Fraction(25)), color="blue"),
    )


@pytest.mark.parametrize(
    "node",
    [
        [],
        project(position=-1.0),
        project(position="1"),
        project(position=True),
        project(start=5.0),
        project(end=1e300),
        project(layer={}),
        project(time=keyed((1, 1e200), (2, 3))),
        {**project(), "fps": {"num": 25, "den": 0}},
        {**project(), "fps": {"num": 2.5, "den": 1}},
        {**project(), "fps": None},
        {**project(), "markers": [{"position": -3}]},
    ],
)
def test_values_that_cannot_be_are_refused(node: object) -> None:
    with pytest.raises(TimelineInvalid) as caught:
        read_project(node)
    assert caught.value.place


@pytest.mark.parametrize("data", [b"", b"{", b'{"fps": 1e999}', b"[" * 5000, b"\xff\xfe"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(TimelineUnreadable):
        opened(data)


@pytest.mark.parametrize(
    "node",
    [
        {**project(), "clips": None, "files": 3, "layers": [[]], "markers": {}},
        {**project(), "files": [{"id": [1]}], "layers": [{"number": {}}]},
        project(file_id={}, reader=None, title=None, effects={}, time={"Points": [None, 3]}),
    ],
)
def test_parts_of_another_kind_are_passed_over(node: object) -> None:
    assert read_project(node).timeline.rate == 25


def test_projects_are_known_by_what_is_in_them() -> None:
    assert FORMAT.recognise
    assert FORMAT.recognise(head_of(written(cut(shot("a", 0, 10))), Path("a.txt")))
    assert not FORMAT.recognise(head_of(b'{"OTIO_SCHEMA": "Timeline.1", "fps": {}, "clips": []}', Path("a.osp")))
    assert not FORMAT.recognise(head_of(b'{"version": 1}', Path("a.osp")))


def test_what_opens_in_openshot_reads(shared: Path) -> None:
    data = (shared / "hosts" / "fixtures" / "openshot.osp").read_bytes()
    assert FORMAT.recognise
    assert FORMAT.recognise(head_of(data, Path("a.osp")))
    read = opened(data)
    frames = [(each.duration.value, getattr(each, "name", "")) for each in read.timeline.tracks[0].items]
    expected = [(300, 'Hook: crowd silent & "wow"'), (30, ""), (300, "Payoff é"), (240, "Side by side")]
    assert frames == expected
    assert [marker.range.start_time.value for marker in read.timeline.markers] == [0, 330, 630]


def test_a_cut_comes_back() -> None:
    over = (Gap(RationalTime(20, NTSC)), Clip("over", span(400, 30), MediaReference("/films/b.mov")))
    timeline = cut(shot("a", 30, 60), Gap(RationalTime(45, NTSC)), shot("b", 100, 57), sound=(shot("a", 30, 60),))
    music = Track("A2", TrackKind.AUDIO, (Clip("music", span(0, 162), MediaReference("/films/m.wav")),))
    timeline = replace(
        timeline, tracks=(timeline.tracks[0], Track("V2", TrackKind.VIDEO, over), timeline.tracks[1], music)
    )
    back = again(timeline)
    assert [(t.name, t.kind, t.items) for t in back.tracks] == [
        (t.name, t.kind, tuple(_named(item) for item in t.items)) for t in timeline.tracks
    ]


def _named(item: Clip | Gap) -> Clip | Gap:
    """As it comes back: media are named after their files."""
    if isinstance(item, Gap) or item.media is None:
        return item
    return replace(item, media=replace(item.media, name=Path(item.media.target_url).name))


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 3), Fraction(-1), Fraction(-3, 2), Fraction(0)])
def test_speed_comes_back(speed: Fraction) -> None:
    (back,) = again(cut(shot("fast", 100, 31, speed))).tracks[0].items
    assert back == _named(shot("fast", 100, 31, speed))


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(
        [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(60000, 1001), Fraction(60)]
    ),
    frames=st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 400_000)), min_size=1, max_size=6),
)
def test_any_frame_comes_back_and_is_not_below_what_openshot_cuts_off(
    rate: Fraction, frames: list[tuple[int, int]]
) -> None:
    timeline = cut(*(shot("a", start, length, rate=rate) for start, length in frames), rate=rate)
    data = written(timeline)
    back = opened(data).timeline.tracks[0].items
    assert [(item.source_range.start_time, item.duration) for item in back if isinstance(item, Clip)] == [
        (RationalTime(start, rate), RationalTime(length, rate)) for start, length in frames
    ]
    for clip, (start, length) in zip(json.loads(data)["clips"], frames, strict=True):
        first, last = np.float32(clip["start"]), np.float32(clip["end"])
        assert int(float(first) * float(rate)) == start
        assert round(float(last - first) * float(rate)) == length


def test_marks_come_back_with_their_length() -> None:
    mark = Mark("0123456789ab", span(12, 34), "Laugh", MarkState.KEPT, 88.0, "signals only", note="loud")
    timeline = with_markers(replace(cut(shot("a", 0, 100)), marks=(mark,)))
    back = adopted(again(timeline)).marks
    assert back == (replace(mark, source="marker"),)


def test_letters_stand_as_they_are_in_paths() -> None:
    assert "/films/a film é.mp4".encode() in written(cut(shot("a", 0, 10)))


def test_names_of_any_kind_come_back() -> None:
    name = "\"quoted\" \\ back & <b> 'x' 🎬 שלום"
    clip = again(cut(shot(name, 0, 10))).tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.name == name


def test_hostile_files_of_other_kinds_raise(shared: Path) -> None:
    paths = sorted((shared / "data" / "timelines_hostile").glob("*.otio"))
    assert paths
    for path in paths:
        with pytest.raises(TimelineError):
            opened(path.read_bytes())


def test_a_path_that_is_no_unicode_is_written() -> None:
    odd = replace(shot("odd", 0, 10), media=MediaReference("/films/\udce9.mp4"))
    clip = again(cut(odd)).tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media
    assert clip.media.target_url == "/films/?.mp4"
