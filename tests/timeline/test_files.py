"""OpenTimelineIO files of real tools open with what they hold, and say what is not shown."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.otio_files import read_timeline, timeline_from_text, write_timeline

from circletake.errors import TimelineError, TimelineInvalid, TimelineUnreadable
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits, files
from circletake.timeline.addresses import media_path
from circletake.timeline.files import ReadTimeline, timeline_from_bytes, timeline_of_stranger, timeline_to_text
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

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
    assert [path.name for path in refused if path.suffix == ".otio"] == []


def test_infinity_in_metadata_is_left_empty_and_told(shared: Path) -> None:
    read = read_timeline(shared / "data" / "timelines" / "otio" / "big_int.otio")
    assert len(read.timeline.tracks) == 1
    assert read.warnings[-1] == "3 infinite or missing numbers in other tools' data are left empty"


def test_times_that_are_no_numbers_are_refused(shared: Path) -> None:
    with pytest.raises(TimelineUnreadable, match="infinite or no numbers"):
        read_timeline(shared / "data" / "timelines_hostile" / "otio_nan.otio")


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


def test_a_clip_marker_stays_on_its_clip_in_media_time(shared: Path) -> None:
    timeline = read_timeline(shared / "data" / "timelines" / "resolvable" / "cut.otio").timeline
    markers = [marker for clip in clips(timeline) if clip.name == "athletics" for marker in clip.markers]
    span = TimeRange(RationalTime(2625, Fraction(25)), RationalTime(25, Fraction(25)))
    assert markers == [Marker(span, "HIGHLIGHT", color="red")]
    assert timeline.marks == ()


def test_reading_twice_gives_the_same(shared: Path) -> None:
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
    assert found.source_range == TimeRange(RationalTime(0, Fraction(24)), RationalTime(50, Fraction(24)))
    assert found.media == MediaReference("a.mp4", found.source_range, start_timecode=RationalTime(10, Fraction(24)))


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
    assert [marker.range.start_time.value for marker in timeline.markers] == [2]
    assert [marker.range.start_time.value for marker in clips(timeline)[0].markers] == [130]


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


def node_media(url: str, start: float, duration: float, rate: float = 24.0) -> dict[str, Any]:
    return {
        "media_references": {
            "DEFAULT_MEDIA": {
                "OTIO_SCHEMA": "ExternalReference.1",
                "target_url": url,
                "available_range": node_range(start, duration, rate),
            }
        },
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def frames(*times: RationalTime) -> list[int]:
    return [time.rescaled_to(Fraction(24)).value for time in times]


def test_markers_counted_from_the_first_frame_of_timecoded_media_are_placed() -> None:
    """Premiere counts a clip's range from midnight and its markers from the medium's first frame."""
    markers = [node_marker(310, 1), node_marker(86712, 1), node_marker(5, 1)]
    clip = node_clip("a", node_range(86700, 240), markers=markers, **node_media("a.mov", 86400, 9000))
    found = clips(read(node_timeline(node_track(clip))).timeline)[0]
    assert found.source_range == TimeRange(RationalTime(300, Fraction(24)), RationalTime(240, Fraction(24)))
    assert frames(*(marker.range.start_time for marker in found.markers)) == [310, 312, 5]


def test_a_small_start_timecode_leaves_no_doubt_where_only_one_reading_is_inside_the_clip() -> None:
    clip = node_clip("a", node_range(400, 50), markers=[node_marker(310, 1)], **node_media("a.mov", 100, 9000))
    assert frames(*(m.range.start_time for m in clips(read(node_timeline(node_track(clip))).timeline)[0].markers)) == [
        310
    ]


def test_a_start_timecode_is_taken_off_and_put_back() -> None:
    clip = node_clip("a", node_range(86700, 240), markers=[node_marker(86700, 0)], **node_media("a.mov", 86400, 9000))
    tree = node_timeline(node_track(clip))
    timeline = read(tree).timeline
    found = clips(timeline)[0]
    assert found.media is not None
    assert found.media.start_timecode == RationalTime(86400, Fraction(24))
    assert found.media.available_range == TimeRange.from_seconds(0, 375, Fraction(24))
    assert frames(found.source_range.start_time, found.markers[0].range.start_time) == [300, 300]
    written = json.loads(timeline_to_text(timeline))["tracks"]["children"][0]["children"][0]
    assert written["source_range"] == node_range(86700, 240)
    assert written["markers"][0]["marked_range"] == node_range(86700, 0)
    assert written["media_references"]["DEFAULT_MEDIA"]["available_range"] == node_range(86400, 9000)
    assert written["metadata"] == {}
    assert written["media_references"]["DEFAULT_MEDIA"]["metadata"] == {}


def test_a_start_timecode_at_another_rate_changes_nothing_in_the_file() -> None:
    for source, start in ((59.94005994005994, 60.0), (24.0, 48000.0), (23.976023976023978, 25.0)):
        clip = node_clip("a", node_range(86700, 240, source), **node_media("a.mov", 134, 9_000_000, start))
        timeline = read(node_timeline(node_track(clip))).timeline
        written = json.loads(timeline_to_text(timeline))["tracks"]["children"][0]["children"][0]
        assert written["source_range"] == node_range(86700, 240, source)
        assert written["media_references"]["DEFAULT_MEDIA"]["available_range"] == node_range(134, 9_000_000, start)


def test_a_range_from_the_first_frame_of_timecoded_media_is_left_as_it_is() -> None:
    clip = node_clip("a", node_range(48, 24), **node_media("a.mov", 86400, 9000))
    assert frames(clips(read(node_timeline(node_track(clip))).timeline)[0].source_range.start_time) == [48]


def test_markers_of_later_schemas_keep_their_colour() -> None:
    color = {"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0, "name": "ORANGE"}
    marker = {**node_marker(2, 0), "OTIO_SCHEMA": "Marker.3", "color": color, "metadata": {"fcp_xml": {"a": 1}}}
    nameless = {**marker, "color": {**color, "name": "", "g": 0.5}}
    tree = node_timeline(node_track(node_clip("a", node_range(0, 24))), markers=[marker, nameless])
    timeline = read(tree).timeline
    span = TimeRange(RationalTime(2, Fraction(24)), RationalTime(0, Fraction(24)))
    assert timeline.markers == (
        Marker(span, "m", color="orange", metadata={"fcp_xml": {"a": 1}}),
        Marker(span, "m", color="#ff8000", metadata={"fcp_xml": {"a": 1}}),
    )
    assert json.loads(timeline_to_text(timeline))["tracks"]["markers"][0]["metadata"] == {"fcp_xml": {"a": 1}}


def test_a_note_where_resolve_keeps_it_is_the_comment() -> None:
    marker = node_marker(2, 0, comment="", metadata={"Resolve_OTIO": {"Keywords": [], "Note": "look"}})
    timeline = read(node_timeline(node_track(node_clip("a", node_range(0, 24))), markers=[marker])).timeline
    assert [marker.comment for marker in timeline.markers] == ["look"]


def test_equal_markers_are_two_and_one_beyond_the_end_stays() -> None:
    markers = [node_marker(2, 3), node_marker(2, 3), node_marker(99, 1)]
    timeline = read(node_timeline(node_track(node_clip("a", node_range(0, 24))), markers=markers)).timeline
    assert frames(*(marker.range.start_time for marker in timeline.markers)) == [2, 2, 99]


def test_markers_of_gaps_and_tracks_are_markers_of_the_timeline() -> None:
    gap = {"OTIO_SCHEMA": "Gap.1", "source_range": node_range(10, 24), "markers": [node_marker(12, 1)]}
    track = node_track(node_clip("a", node_range(0, 24)), gap, markers=[node_marker(7, 0), node_marker(-7, 0)])
    result = read(node_timeline(track))
    assert frames(*(marker.range.start_time for marker in result.timeline.markers)) == [7, 26]
    assert "before the beginning" in result.warnings[0]


def node_warp(scalar: float, kind: str = "LinearTimeWarp", **more: Any) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": f"{kind}.1",
        "metadata": {},
        "name": "",
        "effect_name": kind,
        "enabled": True,
        "time_scalar": scalar,
        **more,
    }


@pytest.mark.parametrize(
    ("warp", "speed"),
    [
        (node_warp(0.5), Fraction(1, 2)),
        (node_warp(-2.0), Fraction(-2)),
        (node_warp(1 / 3), Fraction(1, 3)),
        (node_warp(29.97 / 24), Fraction(999, 800)),
        (node_warp(0.0, "FreezeFrame"), Fraction(0)),
        (node_warp(0.0), Fraction(0)),
        (node_warp(2.0, name="Faster", effect_name="retime", metadata={"x": 1}), Fraction(2)),
        (node_warp(1.0), Fraction(1)),
        (node_warp(1e9), Fraction(1)),
        (node_warp(2.0, enabled=False), Fraction(1)),
    ],
)
def test_a_speed_effect_is_the_clips_speed_and_is_written_as_it_was(warp: dict[str, Any], speed: Fraction) -> None:
    blur = {"OTIO_SCHEMA": "Effect.1", "metadata": {}, "name": "", "effect_name": "Blur", "enabled": True}
    for effects in ([warp], [warp, blur], [blur, warp]):
        timeline = read(node_timeline(node_track(node_clip("a", node_range(0, 24), effects=effects)))).timeline
        assert clips(timeline)[0].speed == speed
        assert timeline.duration == RationalTime(24, Fraction(24))
        written = json.loads(timeline_to_text(timeline))["tracks"]["children"][0]["children"][0]
        plain_freeze = warp["OTIO_SCHEMA"] == "LinearTimeWarp.1" and not speed
        assert written["effects"] == effects or plain_freeze


def test_two_speed_effects_are_kept_and_told() -> None:
    clip = node_clip("a", node_range(0, 24), effects=[node_warp(2.0), node_warp(3.0)])
    result = read(node_timeline(node_track(clip)))
    assert clips(result.timeline)[0].speed == 1
    assert "effects are kept" in result.warnings[0]


def test_a_trimmed_row_of_a_fast_clip_shows_the_media_at_its_speed() -> None:
    clip = node_clip("a", node_range(100, 48), effects=[node_warp(2.0)])
    timeline = read(node_timeline(node_track(clip, source_range=node_range(12, 24)))).timeline
    assert frames(clips(timeline)[0].source_range.start_time, clips(timeline)[0].duration) == [124, 24]


def test_effects_switches_and_further_media_stay_in_the_file() -> None:
    blur = {"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": "Blur", "metadata": {"radius": 2.0}}
    proxies = {name: {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"{name}.mp4"} for name in ("proxy", "full")}
    clip = node_clip(
        "a",
        node_range(0, 24),
        effects=[blur],
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
    assert written["effects"][0]["metadata"] == {"radius": 2.0}
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
    assert [marker.name for marker in result.timeline.markers] == ["Goal"]
    assert "damaged" in result.warnings[0]


def test_a_single_timeline_in_a_collection_opens() -> None:
    tree = node_timeline(node_track(node_clip("a", node_range(0, 24))))
    collection = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "c", "children": [tree]}
    assert len(clips(read(collection).timeline)) == 1
    with pytest.raises(TimelineUnreadable, match="2 timelines"):
        read({**collection, "children": [tree, tree]})


def test_of_several_timelines_one_is_chosen_by_name(tmp_path: Path) -> None:
    trees = [{**node_timeline(node_track(node_clip(name, node_range(0, 24)))), "name": name} for name in "abc"]
    data = json.dumps({"OTIO_SCHEMA": "SerializableCollection.1", "name": "c", "children": trees}).encode()
    first, third = timeline_of_stranger(data, tmp_path), timeline_of_stranger(data, tmp_path, "c")
    assert (first.timeline.name, first.others) == ("a", ("b", "c"))
    assert (third.timeline.name, third.others) == ("c", ("a", "b"))
    with pytest.raises(TimelineUnreadable, match='no timeline "d"'):
        timeline_of_stranger(data, tmp_path, "d")


def test_a_file_is_judged_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_timeline(a_timeline(), tmp_path / "a.otio")
    monkeypatch.setattr(files, "_JUDGE", "import os; os.abort()")
    with pytest.raises(TimelineUnreadable, match="broke down") as caught:
        read_timeline(tmp_path / "a.otio")
    assert caught.value.path == tmp_path / "a.otio"
    for answer in ("", "maybe", "=", "={", "=[1, NaN]", "=" + "[" * 1000):
        monkeypatch.setattr(files, "_JUDGE", f"sys.stdout.write({answer!r})")
        with pytest.raises(TimelineUnreadable):
            read_timeline(tmp_path / "a.otio")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert read_timeline(tmp_path / "a.otio").timeline == a_timeline()


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
