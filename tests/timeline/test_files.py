"""OpenTimelineIO files of real tools open with what they hold, and say what is not shown."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from circletake.errors import TimelineError, TimelineInvalid, TimelineUnreadable
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits
from circletake.timeline.addresses import media_path
from circletake.timeline.files import (
    ReadTimeline,
    read_timeline,
    timeline_from_bytes,
    timeline_from_text,
    timeline_to_text,
    write_timeline,
)
from circletake.timeline.model import Clip, Gap, Mark, MarkState, MediaReference, Timeline, Track, TrackKind

# File, clips, frames, rate: as the data set's own list has them, but where the comment says otherwise.
REAL_FILES = [
    ("clip_example.otio", 1, 19, 24),
    ("generator_reference_test.otio", 1, 50, 24),
    ("multitrack.otio", 5, 3282, 24),
    ("nested_example.otio", 7, 636, 24),
    ("premiere_example.otio", 13, 1271, 30),  # markers of a later schema: the list has an error here
    ("screening_example.otio", 9, 1049, 24),  # the same
    ("transition_test.otio", 3, 150, 24),  # the list counts the 10 + 10 frames of dissolves at its ends
    ("大平原.otio", 0, 0, 25),
]


def clips(timeline: Timeline) -> list[Clip]:
    return [item for track in timeline.tracks for item in track.items if isinstance(item, Clip)]


@pytest.mark.parametrize(("name", "count", "frames", "rate"), REAL_FILES)
def test_files_of_real_tools_open_whole(shared: Path, name: str, count: int, frames: int, rate: int) -> None:
    read = read_timeline(shared / "data" / "timelines" / "otio" / name)
    assert len(clips(read.timeline)) == count
    assert read.timeline.duration == RationalTime(frames, Fraction(rate))
    assert read.timeline.rate == rate


@pytest.mark.parametrize("name", [name for name, *_ in REAL_FILES])
def test_files_of_real_tools_survive_being_written(shared: Path, name: str, tmp_path: Path) -> None:
    read = read_timeline(shared / "data" / "timelines" / "otio" / name)
    write_timeline(read.timeline, tmp_path / name)
    assert read_timeline(tmp_path / name).timeline == read.timeline


def is_opened(path: Path) -> bool:
    if not path.is_file():
        return True
    try:
        read_timeline(path)
    except TimelineError as error:
        return not (error.path == path and error.hint)
    return True


def test_every_real_file_opens_or_says_why(shared: Path) -> None:
    refused = [path for path in sorted((shared / "data" / "timelines").rglob("*")) if not is_opened(path)]
    assert {path.suffix for path in refused} >= {".edl", ".xml", ".aaf", ".kdenlive"}
    assert [path.name for path in refused if path.suffix == ".otio"] == ["big_int.otio"]


def test_infinity_in_metadata_is_refused_with_its_place(shared: Path) -> None:
    with pytest.raises(TimelineUnreadable, match="line 39"):
        read_timeline(shared / "data" / "timelines" / "otio" / "big_int.otio")


def test_the_resolvable_cut_is_exactly_as_expected(shared: Path) -> None:
    folder = shared / "data" / "timelines" / "resolvable"
    expected = json.loads((folder / "expected.json").read_text())
    timeline = read_timeline(folder / "cut.otio").timeline
    assert timeline.rate == expected["rate"]
    assert timeline.duration.seconds == expected["total_s"]
    placed = [(span, item) for span, item in timeline.tracks[0].placed(timeline.rate) if isinstance(item, Clip)]
    assert len(placed) == len(expected["clips"])
    for (span, clip), wanted in zip(placed, expected["clips"], strict=True):
        assert clip.media is not None
        path = media_path(clip.media.target_url, folder)
        assert path is not None
        facts = (clip.name, clip.media.target_url, path.exists(), clip.source_range.start_time.seconds)
        assert facts == (wanted["name"], wanted["file"], wanted["exists"], wanted["source_in_s"])
        assert span == TimeRange.from_seconds(
            wanted["timeline_start_s"], wanted["timeline_start_s"] + wanted["duration_s"], timeline.rate
        )


def test_a_clip_marker_becomes_a_proposed_mark_in_timeline_time(shared: Path) -> None:
    timeline = read_timeline(shared / "data" / "timelines" / "resolvable" / "cut.otio").timeline
    mark = next(mark for mark in timeline.marks if mark.name == "HIGHLIGHT")
    assert mark.range == TimeRange(RationalTime(25, Fraction(25)), RationalTime(25, Fraction(25)))
    assert (mark.state, mark.score, mark.source, mark.color) == (MarkState.PROPOSED, None, "marker", "RED")


def test_reading_twice_gives_the_same_ids(shared: Path) -> None:
    path = shared / "data" / "timelines" / "resolvable" / "cut.otio"
    assert read_timeline(path).timeline == read_timeline(path).timeline


def test_what_is_not_shown_is_told(shared: Path) -> None:
    folder = shared / "data" / "timelines" / "otio"
    for name, word in [
        ("transition_test.otio", "transitions"),
        ("generator_reference_test.otio", "GeneratorReference"),
        ("nested_example.otio", "effects on a nested timeline"),
        ("premiere_example.otio", "several layers"),
    ]:
        assert word in " ".join(read_timeline(folder / name).warnings)


def test_what_is_not_shown_stays_in_the_file(shared: Path) -> None:
    folder = shared / "data" / "timelines" / "otio"
    for name, word in [("transition_test.otio", "SMPTE_Dissolve"), ("generator_reference_test.otio", "SMPTEBars")]:
        before = (folder / name).read_text().count(word)
        assert timeline_to_text(read_timeline(folder / name).timeline).count(word) == before


RATE = Fraction(30000, 1001)


def node_time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def node_range(start: float, duration: float, rate: float = 24.0) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": node_time(start, rate),
        "duration": node_time(duration, rate),
    }


def node_clip(name: str, span: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    media = {"media_references": {}, "active_media_reference_key": "DEFAULT_MEDIA"}
    return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span, **media, **more}


def node_track(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": list(children), **more}


def node_timeline(*tracks: dict[str, Any], **stack: Any) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": "t",
        "tracks": {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": list(tracks), **stack},
    }


def node_marker(start: float, duration: float, rate: float = 24.0, **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Marker.2", "marked_range": node_range(start, duration, rate), "name": "m", **more}


def read(tree: dict[str, Any]) -> ReadTimeline:
    return timeline_from_text(json.dumps(tree))


@pytest.mark.parametrize("rate", [29.97, 29.97002997, 29.97002997002997, 30000 / 1001])
def test_spellings_of_a_rate_become_one_exact_rate(rate: float) -> None:
    timeline = read(node_timeline(node_track(node_clip("a", node_range(107892, 300, rate))))).timeline
    assert timeline.rate == RATE
    assert clips(timeline)[0].source_range == TimeRange(RationalTime(107892, RATE), RationalTime(300, RATE))


def test_a_part_of_a_frame_is_kept() -> None:
    timeline = read(node_timeline(node_track(node_clip("a", node_range(0, 905.398, 25.0))))).timeline
    assert timeline.duration.seconds == Fraction(905398, 25000)


@pytest.mark.parametrize(
    ("start", "duration", "rate"),
    [
        (0, 24, 0.0),
        (0, 24, -24.0),
        (0, 24, 1e12),
        (0, -1, 24.0),
        (0, 1e15, 24.0),
        (1e300, 24, 24.0),
        (-1e300, 24, 24.0),
        (0, 1e300, 24.0),
        (0, 24, 1e-300),
    ],
)
def test_times_that_cannot_be_name_the_clip(start: float, duration: float, rate: float) -> None:
    with pytest.raises(TimelineInvalid, match='clip "bad"') as caught:
        read(node_timeline(node_track(node_clip("bad", node_range(start, duration, rate)))))
    assert caught.value.place == 'clip "bad"'


def test_a_clip_without_any_length_is_named() -> None:
    with pytest.raises(TimelineInvalid, match='clip "bare"'):
        read(node_timeline(node_track(node_clip("bare", None))))


def test_a_clip_without_a_range_shows_all_its_media() -> None:
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "a.mp4", "available_range": node_range(10, 50)}
    clip = node_clip("a", None, media_references={"DEFAULT_MEDIA": media}, active_media_reference_key="DEFAULT_MEDIA")
    found = clips(read(node_timeline(node_track(clip))).timeline)[0]
    assert found.source_range == TimeRange(RationalTime(10, Fraction(24)), RationalTime(50, Fraction(24)))
    assert found.media == MediaReference("a.mp4", found.source_range)


def test_many_odd_rates_are_rounded_to_microseconds_and_told() -> None:
    odd = [30.0058995974, 27.5211, 12.345678, 9.87654321, 61.234567, 23.123457, 44.4441234, 17.171717]
    track = node_track(*(node_clip(str(rate), node_range(0, 100, rate)) for rate in odd))
    result = read(node_timeline(track))
    assert abs(result.timeline.duration.to_seconds() - sum(100 / rate for rate in odd)) < 1e-5
    assert "rounded to microseconds" in result.warnings[0]


def test_a_trimmed_track_shows_its_part_and_its_markers_move_along() -> None:
    clip = node_clip("a", node_range(100, 48), markers=[node_marker(130, 6)])
    track = node_track(clip, source_range=node_range(12, 24), markers=[node_marker(14, 2)])
    timeline = read(node_timeline(track)).timeline
    assert timeline.duration == RationalTime(24, Fraction(24))
    assert clips(timeline)[0].source_range.start_time == RationalTime(112, Fraction(24))
    assert sorted(mark.range.start_time.value for mark in timeline.marks) == [2, 18]


def test_a_range_reaching_beyond_its_track_keeps_its_length() -> None:
    track = node_track(node_clip("a", node_range(0, 24)), source_range=node_range(-12, 48))
    items = read(node_timeline(track)).timeline.tracks[0].items
    assert [type(item) for item in items] == [Gap, Clip, Gap]
    assert [item.duration.value for item in items] == [12, 24, 12]


def test_a_nested_timeline_of_one_layer_is_flattened() -> None:
    inner = {"OTIO_SCHEMA": "Stack.1", "name": "n", "children": [node_track(node_clip("in", node_range(50, 48)))]}
    timeline = read(
        node_timeline(node_track(node_clip("a", node_range(0, 24)), {**inner, "source_range": node_range(6, 12)}))
    ).timeline
    assert [clip.name for clip in clips(timeline)] == ["a", "in"]
    assert clips(timeline)[1].source_range == TimeRange(RationalTime(56, Fraction(24)), RationalTime(12, Fraction(24)))


def test_a_nested_timeline_of_several_layers_keeps_its_length() -> None:
    layers = [node_track(node_clip(name, node_range(0, 48))) for name in "xy"]
    inner = {"OTIO_SCHEMA": "Stack.1", "name": "n", "children": layers}
    result = read(node_timeline(node_track(inner, node_clip("a", node_range(0, 24)))))
    assert result.timeline.duration == RationalTime(72, Fraction(24))
    assert "several layers" in result.warnings[0]


def test_markers_counted_from_the_first_frame_of_timecoded_media_are_placed() -> None:
    """Premiere counts a clip's range from midnight and its markers from the medium's first frame."""
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "a.mov", "available_range": node_range(86400, 9000)}
    clip = node_clip(
        "a",
        node_range(86700, 240),
        media_references={"DEFAULT_MEDIA": media},
        active_media_reference_key="DEFAULT_MEDIA",
        markers=[node_marker(310, 1), node_marker(5, 1)],
    )
    result = read(node_timeline(node_track(clip)))
    assert [mark.range.start_time.value for mark in result.timeline.marks] == [10]
    assert "markers outside their clip" in result.warnings[0]


def test_markers_of_later_schemas_keep_their_colour() -> None:
    color = {"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0, "name": "ORANGE"}
    marker = {**node_marker(2, 0), "OTIO_SCHEMA": "Marker.3", "color": color, "metadata": {"fcp_xml": {"a": 1}}}
    timeline = read(node_timeline(node_track(node_clip("a", node_range(0, 24))), markers=[marker])).timeline
    assert [(mark.color, mark.source, mark.range.duration.value) for mark in timeline.marks] == [
        ("ORANGE", "fcp_xml", 1)
    ]
    assert json.loads(timeline_to_text(timeline))["tracks"]["markers"][0]["metadata"]["fcp_xml"] == {"a": 1}


def test_equal_markers_are_two_marks() -> None:
    markers = [node_marker(2, 3), node_marker(2, 3)]
    timeline = read(node_timeline(node_track(node_clip("a", node_range(0, 24))), markers=markers)).timeline
    assert len(timeline.marks) == 2


def test_a_marker_beyond_the_end_is_told() -> None:
    result = read(node_timeline(node_track(node_clip("a", node_range(0, 24))), markers=[node_marker(99, 1)]))
    assert result.timeline.marks == ()
    assert "beyond the end" in result.warnings[0]


def test_effects_switches_and_further_media_stay_in_the_file() -> None:
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "time_scalar": 2.0}
    proxies = {name: {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"{name}.mp4"} for name in ("proxy", "full")}
    clip = node_clip(
        "a",
        node_range(0, 24),
        effects=[warp],
        enabled=False,
        media_references=proxies,
        active_media_reference_key="full",
    )
    result = read(node_timeline(node_track(clip)))
    found = clips(result.timeline)[0]
    assert found.media == MediaReference("full.mp4")
    assert len(result.warnings) == 2
    written = json.loads(timeline_to_text(result.timeline))["tracks"]["children"][0]["children"][0]
    assert (written["enabled"], written["active_media_reference_key"]) == (False, "full")
    assert written["effects"][0]["time_scalar"] == 2.0
    assert {name: node["target_url"] for name, node in written["media_references"].items()} == {
        "proxy": "proxy.mp4",
        "full": "full.mp4",
    }


def test_metadata_of_other_tools_survives() -> None:
    tree = node_timeline(node_track(node_clip("a", node_range(0, 24), metadata={"resolve": {"x": [1, 0.1, None]}})))
    tree["metadata"] = {"resolve": {"Note": "hello"}}
    tree["tracks"]["metadata"] = {"stack": True}
    timeline = read(tree).timeline
    assert clips(timeline)[0].metadata == {"resolve": {"x": [1, 0.1, None]}}
    written = json.loads(timeline_to_text(timeline))
    assert written["metadata"]["resolve"] == {"Note": "hello"}
    assert written["tracks"]["metadata"] == {"stack": True}


def a_timeline() -> Timeline:
    media = MediaReference("a.mp4", TimeRange.from_seconds(0, 60, Fraction(25)))
    return Timeline.of_media("Holiday", media, Fraction(25))


def test_other_tools_see_marks_as_markers_with_name_comment_and_colour() -> None:
    timeline = a_timeline()
    for number, state in enumerate(MarkState):
        span = TimeRange.from_seconds(number, number + 1, timeline.rate)
        timeline = edits.add(timeline, Mark(f"id{number}", span, "Goal", state, score=88.0, note="He scores"))
    markers = json.loads(timeline_to_text(timeline))["tracks"]["markers"]
    assert [marker["color"] for marker in markers] == ["BLUE", "GREEN", "RED"]
    assert {marker["name"] for marker in markers} == {"Goal"}
    assert markers[1]["comment"] == "Goal (kept 88): He scores"
    assert markers[1]["marked_range"]["start_time"]["value"] == 25.0


def test_a_mark_that_another_tool_moved_and_renamed_follows_it() -> None:
    timeline = edits.add(a_timeline(), Mark("id", TimeRange.from_seconds(1, 2, Fraction(25)), "Goal", MarkState.KEPT))
    tree = json.loads(timeline_to_text(timeline))
    marker = tree["tracks"]["markers"][0]
    marker["marked_range"]["start_time"]["value"] = 250.0
    marker["name"] = "The goal"
    mark = read(tree).timeline.marks[0]
    assert (mark.id, mark.state, mark.name) == ("id", MarkState.KEPT, "The goal")
    assert mark.range == TimeRange.from_seconds(10, 11, Fraction(25))


@pytest.mark.parametrize("damage", [{"id": 5}, {"range": "x"}, {"state": "loved"}, {"score": 1000}, {"signals": []}])
def test_a_damaged_mark_is_read_as_a_marker(damage: dict[str, Any]) -> None:
    timeline = edits.add(a_timeline(), Mark("id", TimeRange.from_seconds(1, 2, Fraction(25)), "Goal", MarkState.KEPT))
    tree = json.loads(timeline_to_text(timeline))
    tree["tracks"]["markers"][0]["metadata"]["circletake"] |= damage
    result = read(tree)
    assert [(mark.name, mark.state) for mark in result.timeline.marks] == [("Goal", MarkState.PROPOSED)]
    assert "damaged" in result.warnings[0]


def test_a_single_timeline_in_a_collection_opens() -> None:
    tree = node_timeline(node_track(node_clip("a", node_range(0, 24))))
    collection = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "c", "children": [tree]}
    assert len(clips(read(collection).timeline)) == 1
    with pytest.raises(TimelineUnreadable, match="2 timelines"):
        read({**collection, "children": [tree, tree]})


def test_tracks_of_unknown_kinds_are_told() -> None:
    result = read(node_timeline(node_track(node_clip("a", node_range(0, 24))), node_track(kind="Subtitle")))
    assert [track.kind for track in result.timeline.tracks] == [TrackKind.VIDEO]
    assert "Subtitle" in result.warnings[0]


def test_metadata_that_is_not_json_cannot_be_written(tmp_path: Path) -> None:
    timeline = Timeline("t", Fraction(25), (Track("V1", TrackKind.VIDEO, metadata={"x": object()}),))
    with pytest.raises(TimelineInvalid, match="cannot be written"):
        write_timeline(timeline, tmp_path / "t.otio")
    assert list(tmp_path.iterdir()) == []


def test_a_byte_order_mark_is_no_obstacle() -> None:
    text = timeline_to_text(a_timeline())
    assert timeline_from_bytes(b"\xef\xbb\xbf" + text.encode()).timeline == a_timeline()
