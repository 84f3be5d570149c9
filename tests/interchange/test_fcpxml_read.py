"""What Final Cut Pro, DaVinci Resolve and scripts wrote as FCPXML opens as they show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

from circletake.errors import TimelineError, TimelineInvalid, TimelineUnreadable
from circletake.interchange import fcpxml_clips
from circletake.interchange.fcpxml import FORMAT
from circletake.interchange.fcpxml_read import read
from circletake.interchange.fcpxml_times import TimeMap, conformed, seconds_of, text_of
from circletake.interchange.format import Head, Read, Source
from circletake.timebase import RationalTime, from_timecode
from circletake.timeline.model import Clip, Marker, Timeline, TrackKind

NTSC_24, NTSC_30, NTSC_60 = (Fraction(n * 1000, 1001) for n in (24, 30, 60))
Row = tuple[Fraction | int, Fraction | int, str, Fraction | int, Fraction | int]
FORMATS = """<format id="r1" frameDuration="1/25s" width="1920" height="1080"/>
<asset id="a" name="Film" start="0s" duration="100s" hasVideo="1" hasAudio="1" format="r1">
<media-rep kind="original-media" src="file:///a%20b.mov"/></asset>
<asset id="tc" name="Taped" start="3600s" duration="60s" hasVideo="1" format="r1"><media-rep src="/t.mov"/></asset>
<asset id="wav" name="Music" start="0s" duration="200s" hasAudio="1"><media-rep src="/m.wav"/></asset>
<effect id="fx" name="Basic Title" uid="x"/>"""


def opened(path: Path, sequence: str | None = None) -> Read:
    return read(Source(path, path.read_bytes(), sequence))


def of_text(xml: str, sequence: str | None = None) -> Read:
    return read(Source(Path("/made.fcpxml"), xml.encode(), sequence))


def project(spine: str, *, more: str = "", attributes: str = 'format="r1" tcStart="0s" tcFormat="NDF"') -> Read:
    inner = f'<project name="P"><sequence {attributes}><spine>{spine}</spine></sequence></project>'
    return of_text(f'<fcpxml version="1.11"><resources>{FORMATS}{more}</resources>{inner}</fcpxml>')


def rows(timeline: Timeline, kind: TrackKind = TrackKind.VIDEO) -> list[list[Row]]:
    """Each track's clips: start, length, name, media start, speed, all in seconds."""
    return [
        [
            (at.start_time.seconds, at.duration.seconds, item.name, item.source_range.start_time.seconds, item.speed)
            for at, item in track.placed(timeline.rate)
            if isinstance(item, Clip)
        ]
        for track in timeline.tracks
        if track.kind is kind
    ]


def seen(timeline: Timeline) -> Iterator[tuple[str, Fraction]]:
    """Every marker with the second of the timeline it shows at."""
    for marker in timeline.markers:
        yield marker.name, marker.range.start_time.seconds
    for track in timeline.tracks:
        for at, item in track.placed(timeline.rate):
            if isinstance(item, Clip):
                for marker in item.markers:
                    first = item.media_time(RationalTime.zero(timeline.rate))
                    since = (marker.range.start_time - first).seconds / (item.speed or 1)
                    yield marker.name, at.start_time.seconds + since


def clip_markers(timeline: Timeline) -> list[Marker]:
    items = [item for track in timeline.tracks for item in track.items if isinstance(item, Clip)]
    return [marker for item in items for marker in item.markers]


REAL = [
    # file, rate, first timecode in frames, clips of each picture track, markers, keywords
    ("fcp_2398", NTSC_24, 0, [7, 3], 12, 0),
    ("fcp_25i", Fraction(25), 0, [7, 5], 21, 0),
    ("fcp_2997d", NTSC_30, 0, [7, 5], 23, 0),
    ("fcp_5994", NTSC_60, 0, [14, 8], 33, 0),
    ("fcp_60fps_clips", Fraction(60), 0, [6], 0, 0),
    ("fcp_60fps_compound-clips", Fraction(60), 0, [6], 0, 0),
    ("fcp_60fps_markers", Fraction(60), 0, [1], 5, 0),
    ("fcp_AuditionMarkers", NTSC_30, 108_000, [1], 1, 0),
    ("fcp_BasicMarkers", NTSC_30, 0, [1], 4, 0),
    ("fcp_CaptionSample", NTSC_24, 0, [1], 45, 0),
    ("fcp_Complex", Fraction(25), 0, [3], 32, 0),  # 23 markers, 7 chapters, and 2 titles over the picture
    ("fcp_CompoundClips", Fraction(25), 90_000, [3], 6, 0),  # a compound clip with a marker is used twice
    ("fcp_GeneralDemo", Fraction(24), 0, [25, 11, 2, 1], 3, 55),
    ("fcp_MulticamMarkers", NTSC_24, 86_400, [2], 3, 0),
    ("fcp_SyncClip", Fraction(25), 90_000, [1], 3, 2),
    ("fcp_TransitionMarkers1", Fraction(24), 86_400, [3], 11, 0),
    ("fcpx_clips", Fraction(30), None, [6], 0, 2),
    ("fcpx_example", Fraction(30), 0, [7, 3, 1], 7, 0),
]


@pytest.mark.parametrize(("name", "rate", "start", "clips", "markers", "keywords"), REAL)
def test_real_files_hold_what_they_hold(
    shared: Path, name: str, rate: Fraction, start: int | None, clips: list[int], markers: int, keywords: int
) -> None:
    timeline = opened(shared / "data/timelines/fcpxml" / f"{name}.fcpxml").timeline
    assert timeline.rate == rate
    first = timeline.global_start_time
    assert (None if first is None else (first.value, first.rate)) == (None if start is None else (start, rate))
    assert [len(row) for row in rows(timeline)] == clips
    found = [*clip_markers(timeline), *timeline.markers]
    assert sum(each.kind == "keyword" for each in found) == keywords
    assert sum(each.kind != "keyword" for each in found) == markers


@pytest.mark.parametrize("name", [name for name, *_ in REAL if name != "fcpx_clips"])
def test_the_length_is_the_one_the_file_states(shared: Path, name: str) -> None:
    path = shared / "data/timelines/fcpxml" / f"{name}.fcpxml"
    stated = re.findall(r'<project .*?<sequence[^>]* duration="([^"]+)"', path.read_text("utf-8"), re.DOTALL)[0]
    assert opened(path).timeline.duration.seconds == seconds_of(stated)


SHOWN = {
    # Times at which Final Cut Pro shows the markers of its own export, frames in eightieths after the point. Source:
    # the tests of orchetect/swift-fcpxml (MIT), which note them as seen in the program.
    "fcp_2398": (
        "Shot_01 00:00:16:14.00, Audition 1 00:00:39:01.00, Audition 2 00:00:46:00.00, Audition 3 00:00:54:14.00, "
        "Shot_03 00:01:15:22.00, Shot_04 00:01:42:21.00, Shot_05 00:01:59:21.00, Shot_06 00:02:07:13.00, "
        "Shot_07 00:02:13:06.00, Shot_08 00:03:06:06.00, Shot_09 00:03:25:07.00, Shot_10 00:03:34:06.00"
    ),
    "fcp_2997d": (
        "Marker 2 00:00:01;14.00, Marker 4 00:00:05;26.00, INSIDE 1 00:00:08;11.00, INSIDE 2 00:00:10;00.00, "
        "Marker 8 00:00:11;23.00, Marker 9 00:00:13;01.00, Marker 13 00:00:14;24.00, Marker 17 00:00:15;20.00, "
        "Marker 18 00:00:19;25.00, Marker 19 00:00:21;21.00, Marker 22 00:00:28;23.00, Marker 23 00:00:24;08.00"
    ),
    "fcp_5994": (
        "Shot_01 00:00:16:34.00, Shot_02 00:00:52:13.24, Shot_03 00:01:26:35.60, Shot_04 00:01:53:38.23, "
        "Shot_05 00:02:10:40.72, Shot_06 00:02:18:27.38, Shot_08 00:03:17:05.48, Shot_09 00:03:36:13.23, "
        "Marker 2 00:03:55:11.00, INSIDE 1 00:04:02:07.00, Marker 8 00:04:05:33.40, Marker 23 00:04:18:08.00"
    ),
    "fcp_SyncClip": (
        "Marker on Audio 00:00:03:00.00, Marker on TestVideo 00:00:27:10.00, Marker on Sync Clip 00:00:10:00.00"
    ),
    "fcp_MulticamMarkers": "Marker on Multicam Clip 1 00:00:01:09.00, Marker on Multicam Clip 2 00:00:44:08.00",
}


@pytest.mark.parametrize("name", SHOWN)
def test_markers_show_where_final_cut_shows_them(shared: Path, name: str) -> None:
    timeline = opened(shared / "data/timelines/fcpxml" / f"{name}.fcpxml").timeline
    places: dict[str, list[Fraction]] = {}
    for marker, seconds in seen(timeline):
        places.setdefault(marker, []).append(seconds * timeline.rate)
    for text in SHOWN[name].split(", "):
        marker, _, shown = text.rpartition(" ")
        timecode, parts = shown.split(".")
        wanted = from_timecode(timecode, timeline.rate).value * 80 + int(parts)
        assert any(abs(floor(frames * 80) - wanted) <= 1 for frames in places[marker]), (text, places[marker])


def test_the_resolvable_cut_is_exactly_the_expected_one(shared: Path) -> None:
    folder = shared / "data/timelines/resolvable"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    timeline = opened(folder / "cut.fcpxml").timeline
    assert timeline.duration.seconds == expected["total_s"]
    for kind in TrackKind:
        (row,) = rows(timeline, kind)
        assert row == [
            (each["timeline_start_s"], each["duration_s"], each["name"], each["source_in_s"], 1)
            for each in expected["clips"]
        ]
    urls = [item.media.target_url for item in timeline.tracks[0].items if isinstance(item, Clip) and item.media]
    assert urls == [each["file"] for each in expected["clips"]]
    assert [(marker.name, marker.range.duration.value) for marker in clip_markers(timeline)] == [("HIGHLIGHT", 0)] * 2


def test_cuts_of_the_60_fps_film_are_where_they_were_cut(shared: Path) -> None:
    folder = shared / "data/timelines/fcpxml"
    lines = (folder / "fcp_60fps_expected_cuts.csv").read_text("utf-8").split()[1:]
    expected = [tuple(map(Fraction, line.split(","))) for line in lines]
    for name in ("fcp_60fps_clips", "fcp_60fps_compound-clips"):
        (row,) = rows(opened(folder / f"{name}.fcpxml").timeline)
        assert [(start, start + length) for start, length, *_ in row] == expected
        assert [(media, media + length) for _, length, _, media, _ in row] == expected


@pytest.mark.parametrize(
    "name",
    [
        *(f"fcpxml_{what}" for what in ("dur_negative", "dur_div0", "dur_huge", "dur_text", "frame_0")),
        *("bomb_billion_laughs", "cyclic_compound", "deep_xml_100k", "empty", "xxe_parameter"),
    ],
)
def test_hostile_files_end_in_one_clear_error(shared: Path, name: str) -> None:
    path = shared / "data/timelines_hostile" / f"{name}.fcpxml"
    with pytest.raises(TimelineError) as caught:
        opened(path)
    assert isinstance(caught.value, TimelineInvalid | TimelineUnreadable)
    assert caught.value.path == path
    assert caught.value.hint


def test_a_compound_clip_that_holds_itself_is_named(shared: Path) -> None:
    with pytest.raises(TimelineInvalid, match='"A" holds itself'):
        opened(shared / "data/timelines_hostile/cyclic_compound.fcpxml")


def test_a_document_type_from_elsewhere_is_not_fetched(shared: Path) -> None:
    timeline = opened(shared / "data/timelines_hostile/external_dtd.fcpxml").timeline
    assert rows(timeline) == [[(0, 10, "clip", 0, 1)]]


def test_few_compound_clips_cannot_stand_for_a_million(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcpxml_clips, "MAX_CLIPS", 1000)
    doubled = "".join(
        f'<media id="m{n}"><sequence format="r1"><spine>'
        f'{f"""<ref-clip ref="m{n + 1}" duration="{2 ** (29 - n)}/25s"/>""" * 2}</spine></sequence></media>'
        for n in range(30)
    )
    last = (
        '<media id="m30"><sequence format="r1"><spine><asset-clip ref="a" duration="1/25s"/></spine></sequence></media>'
    )
    with pytest.raises(TimelineUnreadable, match="more than 1,000 clips"):
        project(f'<ref-clip ref="m0" duration="{2**30}/25s"/>', more=doubled + last)


def test_clips_nested_too_deep_are_refused() -> None:
    nested = "<clip duration='1s'>" * 80 + "</clip>" * 80
    with pytest.raises(TimelineInvalid, match="nested too deep"):
        project(nested)


def test_connected_clips_count_in_the_time_of_their_parent() -> None:
    timeline = project(
        '<asset-clip ref="tc" offset="0s" start="3610s" duration="10s">'
        '<asset-clip ref="a" lane="1" offset="3612s" start="5s" duration="4s"/>'
        '<spine lane="2" offset="3611s"><asset-clip ref="a" offset="0s" duration="1s"/>'
        '<asset-clip ref="a" offset="1s" start="7s" duration="1s"/></spine>'
        '<asset-clip ref="wav" lane="-1" offset="3610s" duration="30s"/></asset-clip>'
    ).timeline
    assert rows(timeline) == [
        [(0, 10, "Taped", 10, 1)],
        [(2, 4, "Film", 5, 1)],
        [(1, 1, "Film", 0, 1), (2, 1, "Film", 7, 1)],
    ]
    assert [row[0][:4] for row in rows(timeline, TrackKind.AUDIO)] == [
        (2, 4, "Film", 5), (1, 1, "Film", 0), (0, 30, "Music", 0),
    ]  # fmt: skip
    taped = timeline.tracks[0].items[0]
    assert isinstance(taped, Clip)
    assert taped.media is not None
    assert taped.media.start_timecode is not None
    assert taped.media.start_timecode.seconds == 3600
    assert taped.media.target_url == "/t.mov"


def test_the_first_timecode_is_no_gap_and_drop_frame_only_numbers() -> None:
    ntsc = '<format id="n" frameDuration="1001/30000s"/>'
    timeline = project(
        '<asset-clip ref="a" offset="107999892/30000s" duration="1001/30s"/>',
        more=ntsc,
        attributes='format="n" tcStart="107999892/30000s" tcFormat="DF"',
    ).timeline
    assert timeline.drop_frame
    assert timeline.global_start_time == from_timecode("01:00:00;00", NTSC_30)
    assert rows(timeline)[0][0][:2] == (0, Fraction(1001, 30))


def test_clips_counted_from_zero_under_a_later_timecode_are_told() -> None:
    result = project('<asset-clip ref="a" offset="0s" duration="4s"/>', attributes='format="r1" tcStart="3600s"')
    assert rows(result.timeline) == [[(0, 4, "Film", 0, 1)]]
    assert any("placed from zero" in text for text in result.warnings)


@pytest.mark.parametrize(
    ("points", "start", "expected"),
    [
        ("0s 0s 10s 20s", "2s", (4, 2)),
        ("0s 0s 10s 5s", "2s", (1, Fraction(1, 2))),
        ("0s 20s 20s 0s", "2s", (14, -1)),
        ("0s 7s 10s 7s", "0s", (7, 0)),
    ],
)
def test_constant_retiming(points: str, start: str, expected: tuple[int, Fraction]) -> None:
    t0, v0, t1, v1 = points.split()
    result = project(
        f'<asset-clip ref="a" start="{start}" duration="4s"><timeMap><timept time="{t0}" value="{v0}"/>'
        f'<timept time="{t1}" value="{v1}"/></timeMap><marker start="3s" duration="1/25s" value="M"/></asset-clip>'
    )
    assert rows(result.timeline) == [[(0, 4, "Film", *expected)]]
    assert result.warnings == ()
    if expected[1]:
        assert dict(seen(result.timeline))["M"] == 3 - seconds_of(start)


def test_changing_speed_becomes_its_mean_and_is_told() -> None:
    result = project(
        '<asset-clip ref="a" duration="8s"><timeMap><timept time="0s" value="0s"/><timept time="4s" value="4s"/>'
        '<timept time="8s" value="16s"/></timeMap></asset-clip>'
    )
    assert rows(result.timeline) == [[(0, 8, "Film", 0, 2)]]
    assert any("mean speed" in text for text in result.warnings)


@pytest.mark.parametrize(
    ("own", "timeline", "speed"),
    [
        (Fraction(25), Fraction(24), Fraction(24, 25)),
        (Fraction(25), NTSC_24, NTSC_24 / 25),
        (NTSC_24, Fraction(24), Fraction(1001, 1000)),
        (NTSC_24, NTSC_60, Fraction(1001, 1000)),
        (NTSC_24, Fraction(50), Fraction(1001, 1000)),
        (NTSC_30, NTSC_60, Fraction(1)),
        (NTSC_30, Fraction(60), Fraction(1001, 1000)),
        (Fraction(60), NTSC_30, Fraction(1000, 1001)),
        (Fraction(25), Fraction(60), Fraction(1)),
    ],
)
def test_conformed_media_play_as_final_cut_plays_them(own: Fraction, timeline: Fraction, speed: Fraction) -> None:
    assert conformed(own, timeline) == speed


def test_compound_clips_show_what_they_hold_at_their_own_speed() -> None:
    compound = (
        '<media id="m" name="C"><sequence format="r1" tcStart="0s"><spine><asset-clip ref="a" duration="4s" name="one">'
        '<marker start="3s" duration="1/25s" value="inner"/></asset-clip>'
        '<gap duration="2s" start="3600s"><marker start="3601s" value="hole" duration="1/25s"/></gap>'
        '<asset-clip ref="a" start="50s" duration="4s" name="two"/></spine></sequence></media>'
    )
    timeline = project(
        '<ref-clip ref="m" start="2s" duration="3s"><timeMap><timept time="0s" value="0s"/>'
        '<timept time="10s" value="20s"/></timeMap><marker start="2s" value="outer" duration="1/25s"/></ref-clip>',
        more=compound,
    ).timeline
    assert rows(timeline) == [[(1, 2, "two", 50, 2)]]
    whole = project('<ref-clip ref="m" start="2s" duration="6s"/>', more=compound).timeline
    assert rows(whole) == [[(0, 2, "one", 2, 1), (4, 2, "two", 50, 1)]]
    assert rows(whole, TrackKind.AUDIO) == rows(whole)
    assert dict(seen(whole)) == {"inner": 1, "hole": 3}


def test_all_sounds_of_a_compound_clip_are_heard() -> None:
    compound = (
        '<media id="m"><sequence format="r1"><spine><asset-clip ref="a" duration="9s">'
        '<asset-clip ref="wav" lane="-1" offset="1s" duration="5s"/></asset-clip></spine></sequence></media>'
    )
    timeline = project('<ref-clip ref="m" duration="9s"/>', more=compound).timeline
    names = [[row[2] for row in track] for track in rows(timeline, TrackKind.AUDIO)]
    assert names == [["Film"], ["Music"]]


def test_picture_and_sound_of_a_multicam_clip_come_from_their_angles() -> None:
    media = (
        '<media id="m"><multicam format="r1"><mc-angle angleID="one"><asset-clip ref="a" offset="0s" duration="50s"/>'
        '</mc-angle><mc-angle angleID="two"><gap duration="2s" offset="0s"/><asset-clip ref="tc" offset="2s" '
        'start="3600s" duration="50s"/></mc-angle></multicam></media>'
    )
    timeline = project(
        '<mc-clip ref="m" start="10s" duration="5s"><mc-source angleID="two" srcEnable="video"/>'
        '<mc-source angleID="one" srcEnable="audio"/></mc-clip>',
        more=media,
    ).timeline
    assert rows(timeline) == [[(0, 5, "Taped", 8, 1)]]
    assert rows(timeline, TrackKind.AUDIO) == [[(0, 5, "Film", 10, 1)]]


def test_sound_that_begins_before_its_picture() -> None:
    timeline = project(
        '<gap duration="5s" start="0s"/>'
        '<asset-clip ref="a" offset="5s" start="20s" duration="4s" audioStart="18s" audioDuration="7s"/>'
    ).timeline
    assert rows(timeline) == [[(5, 4, "Film", 20, 1)]]
    assert rows(timeline, TrackKind.AUDIO) == [[(3, 7, "Film", 18, 1)]]


@pytest.mark.parametrize(("enabled", "pictures", "sounds"), [("video", 1, 0), ("audio", 0, 1), ("all", 1, 1)])
def test_only_what_is_switched_on_is_there(enabled: str, pictures: int, sounds: int) -> None:
    timeline = project(f'<asset-clip ref="a" duration="4s" srcEnable="{enabled}"/>').timeline
    assert (len(rows(timeline)), len(rows(timeline, TrackKind.AUDIO))) == (pictures, sounds)


def test_what_is_not_shown_is_told() -> None:
    plain = project('<asset-clip ref="a" duration="1s"><adjust-colorConform/></asset-clip>')
    assert plain.warnings == ()
    result = project(
        '<asset-clip ref="a" duration="4s" name="off" enabled="0"><marker start="1s" value="kept" duration="1/25s"/>'
        '</asset-clip><title ref="fx" duration="2s" start="3600s" name="End"/>'
        '<transition duration="1s" offset="3s"/><asset-clip ref="none" duration="1s"/>'
        '<audition><asset-clip ref="a" duration="1s" name="yes"/><asset-clip ref="a" duration="9s"/></audition>'
        '<asset-clip ref="a" duration="1s" name="tinted"><adjust-colorConform/><filter-video ref="fx"/></asset-clip>'
        '<audio ref="tc" duration="1s"/>'
    )
    assert [row[2] for row in rows(result.timeline)[0]] == ["End", "asset-clip", "yes", "tinted"]
    (kept,) = result.timeline.markers
    assert kept.name == "kept"
    assert kept.range.start_time.seconds == 1
    told = " ".join(result.warnings)
    assert all(
        word in told for word in ("disabled", "title", "Transitions", "not described", "audition", "effects", "Neither")
    )


def test_a_title_over_the_picture_is_a_marker_and_hides_nothing() -> None:
    result = project(
        '<asset-clip ref="a" duration="9s"><title ref="fx" lane="1" offset="2s" start="3600s" duration="3s">'
        "<text><text-style>Hello</text-style></text></title>"
        '<caption lane="1" offset="4s" duration="1s"><text>Said</text></caption></asset-clip>'
    )
    assert rows(result.timeline) == [[(0, 9, "Film", 0, 1)]]
    marks: list[tuple[object, ...]] = [
        (m.kind, m.name, m.range.start_time.seconds, m.range.duration.seconds) for m in result.timeline.markers
    ]
    assert marks == [("title", "Hello", 2, 3), ("caption", "Said", 4, 1)]
    assert any("over the picture" in text for text in result.warnings)


def test_each_kind_of_marker() -> None:
    timeline = project(
        '<asset-clip ref="tc" start="3610s" duration="9s">'
        '<marker start="3611s" duration="1/25s" value="plain" note="why"/>'
        '<marker start="3612s" duration="1/25s" value="do" completed="0"/>'
        '<marker start="3613s" duration="1/25s" value="did" completed="1"/>'
        '<chapter-marker start="3614s" duration="1/25s" value="part" posterOffset="1s"/>'
        '<keyword start="3611s" duration="2s" value="a, b"/><rating value="favorite" start="3612s" duration="1s"/>'
        '<analysis-marker start="3610s" duration="3s"><shot-type value="closeUp"/></analysis-marker></asset-clip>'
    ).timeline
    found: dict[str, tuple[object, ...]] = {
        m.name: (m.kind, m.range.start_time.seconds, m.range.duration.seconds) for m in clip_markers(timeline)
    }
    assert found == {
        "plain": ("", 11, 0),
        "do": ("to-do", 12, 0),
        "did": ("to-do", 13, 0),
        "part": ("chapter", 14, 0),
        "a, b": ("keyword", 11, 2),
        "favorite": ("rating", 12, 1),
        "closeUp": ("analysis", 10, 3),
    }
    assert [m.name for m in clip_markers(timeline) if m.metadata.get("completed")] == ["did"]
    assert clip_markers(timeline)[0].comment == "why"


def test_a_file_of_clips_is_told_to_be_one(shared: Path) -> None:
    result = opened(shared / "data/timelines/fcpxml/fcpx_clips.fcpxml")
    assert any("no project" in text for text in result.warnings)
    last = rows(result.timeline)[0][-2:]
    frames: list[tuple[object, ...]] = [(start * 30, length * 30, name) for start, length, name, *_ in last]
    assert frames == [(2400, 2044, "IMG_0857"), (4444, 634, "IMG_0858")]


def test_another_project_is_opened_by_name_and_the_rest_named(shared: Path) -> None:
    path = shared / "data/timelines/fcpxml/fcpx_example.fcpxml"
    first = opened(path)
    assert (first.timeline.name, first.others) == ("OpenTimeline_Project", ("OpenTimeline_Project 1",))
    second = opened(path, "OpenTimeline_Project 1")
    assert (second.timeline.name, second.others) == ("OpenTimeline_Project 1", ("OpenTimeline_Project",))
    with pytest.raises(TimelineUnreadable, match="no project"):
        opened(path, "Nothing")


@pytest.mark.parametrize(("version", "told"), [("1.14", False), ("1.8", False), ("1.15", True), ("2.0", True)])
def test_newer_versions_are_read_and_told(version: str, told: bool) -> None:
    inner = '<project><sequence format="r1"><spine><asset-clip ref="a" duration="1s"/></spine></sequence></project>'
    result = of_text(f'<fcpxml version="{version}"><resources>{FORMATS}</resources>{inner}</fcpxml>')
    assert any("not known" in text for text in result.warnings) is told
    assert (result.timeline.name, len(rows(result.timeline)[0])) == ("made", 1)


@pytest.mark.parametrize(
    ("format_name", "rate"),
    [("FFVideoFormat1080p2398", NTSC_24), ("FFVideoFormatDV720x576i50", Fraction(25)), ("Odd", Fraction(25))],
)
def test_a_format_without_frame_duration_goes_by_its_name_or_its_media(format_name: str, rate: Fraction) -> None:
    named = f'<format id="n" name="{format_name}"/>'
    timeline = project('<asset-clip ref="a" duration="1s"/>', more=named, attributes='format="n"').timeline
    assert timeline.rate == rate


def test_neither_project_nor_clips() -> None:
    with pytest.raises(TimelineUnreadable, match="no project and no clip"):
        of_text('<fcpxml version="1.10"><resources/></fcpxml>')
    with pytest.raises(TimelineUnreadable, match="no FCPXML"):
        of_text("<xmeml/>")


def test_a_clip_before_the_timeline_is_refused() -> None:
    with pytest.raises(TimelineInvalid, match="before the timeline"):
        project(
            '<asset-clip ref="a" duration="4s"><asset-clip ref="a" lane="1" offset="-9s" duration="1s"/></asset-clip>'
        )


def test_it_is_known_by_its_outermost_element() -> None:
    assert FORMAT.recognise is not None
    assert FORMAT.recognise(Head(b"", "", "fcpxml", ".xml"))
    assert not FORMAT.recognise(Head(b"", "", "xmeml", ".fcpxml"))


@pytest.mark.parametrize("text", ["1001/30000s", "5s", "-3/4s", "0s"])
def test_times_are_written_as_they_were(text: str) -> None:
    assert text_of(seconds_of(text)) == text


@pytest.mark.parametrize("text", ["", "s", "1/0s", "1e9s", "nan", "9" * 20, f"1/{'9' * 11}s", "2000000000s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|longer"):
        seconds_of(text)


def test_a_time_map_goes_on_beyond_its_ends() -> None:
    time_map = TimeMap(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(2)), (Fraction(2), Fraction(2))))
    assert [time_map.at(Fraction(t)) for t in (-1, 0, 1, 2, 3)] == [-2, 0, 2, 2, 2]
    assert time_map.is_even(Fraction(0), Fraction(1))
    assert not time_map.is_even(Fraction(0), Fraction(2))
