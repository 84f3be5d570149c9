"""Decision lists: what real tools wrote, what the format's rules say, and what comes back of what is written."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.interchange.matrix import FILM, Bench

from circletake.errors import TimelineInvalid, TimelineUnreadable, UsageError
from circletake.interchange import edl
from circletake.interchange.edl_read import read
from circletake.interchange.edl_write import write
from circletake.interchange.format import Delivery, Read, Source
from circletake.interchange.registry import head_of
from circletake.interchange.tags import adopted, with_markers
from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, TimeRange, from_timecode, to_timecode
from circletake.timeline.model import (
    Clip,
    Gap,
    Mark,
    Marker,
    MarkState,
    MediaReference,
    Timeline,
    Track,
    TrackKind,
)

NTSC = Fraction(30000, 1001)
PATH = Path("/films/list.edl")


def read_text(text: str, rate: float | str | None = None) -> Read:
    return read(Source(PATH, text.encode(), rate=rate))


def read_file(path: Path, rate: float | str | None = None) -> Read:
    return read(Source(path, path.read_bytes(), rate=rate))


def clips(timeline: Timeline, track: int = 0) -> list[Clip]:
    return [item for item in timeline.tracks[track].items if isinstance(item, Clip)]


def rows(timeline: Timeline, track: int = 0) -> list[tuple[str, int, int]]:
    """Name, first source frame and length of each item of a track, gaps without name."""
    return [
        (item.name, item.source_range.start_time.value, item.duration.value)
        if isinstance(item, Clip)
        else ("", 0, item.duration.value)
        for item in timeline.tracks[track].items
    ]


def write_text(timeline: Timeline) -> str:
    return write(Delivery(timeline, {}, PATH)).decode()


# --- real lists -------------------------------------------------------------------------------------------------------


def test_a_list_without_rate_is_read_at_the_lowest_that_fits_and_says_so(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/25fps.edl")
    assert found.timeline.rate == 25
    assert found.timeline.name == "SQ0002_A2"
    assert rows(found.timeline) == [
        ("sq001_s001", 90000, 161),
        ("sq001_s002", 90000, 200),
        ("sq001_s003", 90000, 86),
        ("sq001_s004", 90000, 49),
    ]
    assert any("25 frames a second" in told and "another rate" in told for told in found.warnings)


def test_a_rate_that_is_named_is_taken_without_a_word(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/premiere_example.edl", rate="23.976")
    assert found.timeline.rate == Fraction(24000, 1001)
    assert found.warnings == ()
    assert [clip.media.target_url for clip in clips(found.timeline) if clip.media] == [
        "ZZ100_501.take_1.0001.exr",
        "ZZ100_502A.take_2.0101.exr",
    ]


@pytest.mark.parametrize(("name", "rate", "source_offset"), [
    ("cut.edl", Fraction(25), 0),
    ("cut_2997df_source_plus_60s.edl", NTSC, 60),
])  # fmt: skip
def test_the_known_cut_is_read_exactly(shared: Path, name: str, rate: Fraction, source_offset: int) -> None:
    folder = shared / "data/timelines/resolvable"
    timeline = read_file(folder / name, rate=str(rate)).timeline
    expected = json.loads((folder / "expected.json").read_text())["clips"]
    placed = [(at, item) for at, item in timeline.tracks[0].placed(rate) if isinstance(item, Clip)]
    assert len(placed) == len(expected)
    for (at, clip), truth in zip(placed, expected, strict=True):
        assert clip.name == truth["name"]
        assert clip.media is not None
        assert clip.media.target_url == truth["file"]
        start = Fraction(truth["source_in_s"] + source_offset)
        assert clip.source_range.start_time == RationalTime.from_seconds(start, rate)
        nominal = round(rate)
        assert clip.duration.value == truth["duration_s"] * nominal
        assert at.start_time.value == truth["timeline_start_s"] * nominal
    assert timeline.drop_frame is (rate == NTSC)


def test_dropped_numbers_are_no_frames(shared: Path) -> None:
    """00:02:43;29 is frame 4915: 163 s of 30, 29 more, less two at minutes 1 and 2."""
    found = read_file(shared / "data/timelines/resolvable/cut_2997df_source_plus_60s.edl").timeline
    assert found.rate == NTSC
    assert clips(found)[0].source_range.start_time.value == 163 * 30 + 29 - 4


def test_a_locator_in_source_timecode_is_known_by_lying_in_the_source(shared: Path) -> None:
    found = read_file(shared / "data/timelines/resolvable/cut.edl", rate=25).timeline
    marked = {clip.name: [mark.range.start_time.value for mark in clip.markers] for clip in clips(found)}
    assert marked["athletics"] == [105 * 25]
    assert marked["juggle"] == [3 * 25]
    assert found.markers == ()


def test_a_locator_counts_in_the_recorded_timecode(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/mixed_tabs_test.edl", rate=24).timeline
    start = from_timecode("00:59:53:11", Fraction(24))
    assert found.global_start_time == start
    assert [(mark.name, mark.color) for mark in found.markers] == [
        ("ANIM FIX NEEDED", "red"),
        ("CHANGE APPROVED", "green"),
    ]
    assert found.markers[0].range.start_time == from_timecode("01:00:01:14", Fraction(24)) - start


def test_a_dissolve_is_a_cut_at_its_start_and_said_so(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/dissolve_test_4.edl", rate=24)
    assert [name for name, _, _ in rows(found.timeline)] == [f"ABC00{n}0." for n in range(6)]
    assert found.timeline.duration.value == 477
    assert any("dissolve" in told and told.startswith("line 6 and 1 more") for told in found.warnings)


def test_a_wipe_keeps_both_clips_and_their_names(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/wipe_test.edl", rate=24)
    assert rows(found.timeline) == [("clip_A", 86501, 9), ("clip_B", 86600, 10), ("clip_B", 86610, 1)]
    assert any("wipe" in told for told in found.warnings)


def test_a_trailer_with_black_titles_and_speeds(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/TRAILER_EDL.edl", rate=25)
    assert found.timeline.global_start_time == from_timecode("01:00:00:00", Fraction(25))
    first, second = clips(found.timeline)[:2]
    assert (first.name, first.duration.value) == ("TAPE_6-10.MOV", 45)
    assert second.speed == Fraction(505, 25)
    metadata = second.metadata["cmx_3600"]
    assert isinstance(metadata, dict)
    assert metadata["reel"] == "006-I"


@pytest.mark.parametrize(
    ("written", "rate", "speed"),
    [
        ("047.9", "24000/1001", 2),
        ("048.0", "24000/1001", 2),
        ("119.9", "60000/1001", 2),
        ("029.97", "30000/1001", 1),
        ("012.0", "24", Fraction(1, 2)),
        ("012.5", "25", Fraction(1, 2)),
        ("-025.0", "25", -1),
        ("047.6", "24", Fraction(476, 240)),
    ],
)
def test_a_speed_in_tenths_means_the_simple_one_near_it(written: str, rate: str, speed: Fraction | int) -> None:
    text = (
        "TITLE: S\n001  A001  V  C  00:00:10:00 00:00:20:00 01:00:00:00 01:00:05:00\n"
        f"M2   A001  {written}  00:00:10:00\n* FROM CLIP NAME: x.mov\n"
    )
    (clip,) = clips(read_text(text, rate).timeline)
    assert clip.speed == Fraction(speed)


def test_generators_and_stills_have_no_file() -> None:
    text = (
        "TITLE: S\n001  GEN  V  C  00:00:10:00 00:00:15:00 01:00:00:00 01:00:05:00\n"
        "* FROM CLIP NAME: TEXT\n* FROM CLIP IS A GENERATOR\n"
    )
    (clip,) = clips(read_text(text, "25").timeline)
    assert (clip.name, clip.media) == ("TEXT", None)


def test_speeds_freezes_and_gaps(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/speed_effects_small.edl", rate=24).timeline
    by_name = {clip.name: clip for clip in clips(found)}
    assert by_name["Z682_156 (LAY3) FF"].speed == 0
    assert by_name["Z682_156 (LAY3) FF"].duration.value == 17
    assert by_name["Z686_5A (LAY2) (47.56 FPS)"].speed == Fraction(476, 240)
    assert [length for name, _, length in rows(found) if not name] == [12114, 4324]


def test_what_plays_backwards_runs_down_from_its_first_frame(shared: Path) -> None:
    """40 s backwards from 01:00:39:23: the frame shown last is 999 frames before."""
    clip = clips(read_file(shared / "data/timelines/edl/FCP_REVERSE.EDL", rate=25).timeline)[0]
    first_shown = from_timecode("01:00:39:23", Fraction(25)).value
    assert clip.speed == -1
    assert clip.source_range.start_time.value == first_shown + 1 - 1000
    assert clip.media_range.end_time_exclusive.value == first_shown + 1


def test_a_key_without_length_is_said_and_the_rest_is_drop_frame(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/KEY_TRANSITION.EDL")
    assert found.timeline.rate == NTSC
    assert found.timeline.drop_frame
    assert [name for name, _, _ in rows(found.timeline)] == ["foobarz_0118_023-APPLE PRORES WITH ALPHA.MOV"]
    assert any("without length" in told for told in found.warnings)


def test_channels_give_sound_tracks(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/multi_audio.edl", rate=24).timeline
    assert [(track.name, track.kind) for track in found.tracks] == [("A1", TrackKind.AUDIO), ("A2", TrackKind.AUDIO)]


def test_colour_corrections_stay_in_the_metadata_and_are_told(shared: Path) -> None:
    found = read_file(shared / "data/timelines/edl/cdl.edl", rate=24)
    for clip in clips(found.timeline):
        facts = clip.metadata["cmx_3600"]
        assert isinstance(facts, dict)
        assert facts["asc_sat"] == "0.9"
        assert facts["asc_sop"] == "(0.1 0.2 0.3) (1.0 -0.0122 0.0305) (1.0 0.0 1.0)"
    assert any("colour correction" in told for told in found.warnings)


@pytest.mark.parametrize(("name", "url"), [
    ("avid_example.edl", r"S:\path\to\ZZ100_501.take_1.0001.exr"),
    ("nucoda_example.edl", r"S:\path\to\ZZ100_501.take_1.0001.exr"),
])  # fmt: skip
def test_files_are_named_in_every_dialect(shared: Path, name: str, url: str) -> None:
    clip = clips(read_file(shared / "data/timelines/edl" / name, rate=24).timeline)[0]
    assert clip.name == "take_1"
    assert clip.media is not None
    assert clip.media.target_url == url


# --- hostile lists ----------------------------------------------------------------------------------------------------


def test_impossible_timecodes_name_their_line(shared: Path) -> None:
    with pytest.raises(TimelineInvalid, match="99:99:99:99") as caught:
        read_file(shared / "data/timelines_hostile/edl_bad_timecodes.edl")
    assert caught.value.place == "line 4"


@pytest.mark.parametrize("times", [
    "00:00:00:00 00:00:01:00 01:00:10:00 01:00:05:00",
    "-1:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00",
    "00:00:00:00 00:00:01:00 01:00:00:99 01:00:01:00",
    "00:00:00;00 00:01:00;00 01:00:00;00 01:01:00;02",
])  # fmt: skip
def test_each_impossible_event_is_refused(times: str) -> None:
    with pytest.raises(TimelineInvalid) as caught:
        read_text(f"TITLE: x\n\n001  AX  V  C  {times}\n")
    assert caught.value.place == "line 3"


def test_binary_is_no_list(shared: Path) -> None:
    with pytest.raises(TimelineUnreadable):
        read_file(shared / "data/timelines_hostile/edl_binary.edl")


def test_utf16_is_read(shared: Path) -> None:
    found = read_file(shared / "data/timelines_hostile/edl_utf16.edl", rate=24).timeline
    assert found.name == "utf16"
    assert found.duration.value == 24


def test_addresses_stay_text(shared: Path) -> None:
    found = read_file(shared / "data/timelines_hostile/media_refs_hostile.edl", rate=25).timeline
    urls = [clip.media.target_url for clip in clips(found) if clip.media]
    assert urls[1] == "file:///etc/passwd"
    assert urls[5] == "concat:/etc/passwd|/etc/hostname"
    assert urls[7] == r"\\attacker\share\x.mp4"
    assert len(urls) == 9


def test_twenty_thousand_events_in_two_seconds(shared: Path) -> None:
    began = time.process_time()
    found = read_file(shared / "data/timelines_hostile/many_clips_20k.edl").timeline
    assert time.process_time() - began < 2
    assert found.rate == 25
    assert len(found.tracks[0].items) == 20_000


def test_a_pile_of_events_is_refused() -> None:
    event = "{:03d}  AX  V  C  00:00:00:00 00:00:10:00 01:00:00:00 01:00:10:00\n"
    with pytest.raises(TimelineInvalid, match="over one another"):
        read_text("".join(event.format(number) for number in range(1, 100)))


def test_no_events_is_no_list() -> None:
    with pytest.raises(TimelineUnreadable, match="no event"):
        read_text("TITLE: nothing\n")


def test_a_broken_event_is_named() -> None:
    with pytest.raises(TimelineInvalid, match="not whole") as caught:
        read_text("001  AX  V  C  00:00:00:00 00:00:01:00 01:00:00:00\n")
    assert caught.value.place == "line 1"


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError):
        read_text("001  AX  V  C  00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n", rate="fast")


# --- the format's rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "tracks"), [
    ("V", ["V1"]),
    ("B", ["V1", "A1"]),
    ("A", ["A1"]),
    ("A2", ["A1"]),
    ("AA", ["A1"]),
    ("AA/V", ["V1", "A1"]),
    ("A1A2", ["A1"]),
    ("V1", ["V1"]),
    ("NONE", []),
])  # fmt: skip
def test_channels(channels: str, tracks: list[str]) -> None:
    found = read_text(f"001  A001 {channels} C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n", 25)
    assert [track.name for track in found.timeline.tracks] == tracks
    assert any("no track" in told for told in found.warnings) is (not tracks)


def test_overlaps_go_to_a_track_of_their_own_and_order_does_not_matter() -> None:
    found = read_text(
        "002  B V C 00:00:00:00 00:00:02:00 01:00:01:00 01:00:03:00\n"
        "001  A V C 00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n",
        25,
    ).timeline
    assert rows(found, 0) == [("A", 0, 50)]
    assert rows(found, 1) == [("", 0, 25), ("B", 0, 50)]


def test_black_and_holes_are_gaps() -> None:
    found = read_text(
        "001  BL V C 00:00:00:00 00:00:01:00 10:00:00:00 10:00:01:00\n"
        "002  A  V C 00:00:00:00 00:00:01:00 10:00:01:00 10:00:02:00\n"
        "003  A  V C 00:00:05:00 00:00:06:00 10:00:04:00 10:00:05:00\n",
        25,
    ).timeline
    assert found.global_start_time == from_timecode("10:00:00:00", Fraction(25))
    assert rows(found) == [("", 0, 25), ("A", 0, 25), ("", 0, 50), ("A", 125, 25)]


def test_a_key_lies_above() -> None:
    found = read_text(
        "001  BG V K B      00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
        "001  FG V K   010  00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
        "* FROM CLIP NAME: back.mov\n* KEY CLIP NAME: front.mov\n",
        25,
    ).timeline
    assert [rows(found, track)[0][0] for track in (0, 1)] == ["back.mov", "front.mov"]


def test_lengths_that_disagree_are_told_and_the_recorded_one_counts() -> None:
    found = read_text("001  A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:01\n", 25)
    assert clips(found.timeline)[0].duration.value == 26
    assert clips(found.timeline)[0].speed == 1
    assert any("longer or shorter" in told for told in found.warnings)


def test_fcm_lines_number_the_sources_that_follow() -> None:
    """Without a semicolon anywhere, the first line numbers the recording, each the sources after it."""
    found = read_text(
        "TITLE: x\nFCM: NON-DROP FRAME\n001  A V C 00:01:00:00 00:01:01:00 01:00:00:00 01:00:01:00\n"
        "FCM: DROP FRAME\n002  B V C 00:01:00:02 00:01:01:02 01:00:01:00 01:00:02:00\n"
    ).timeline
    assert found.rate == NTSC
    assert not found.drop_frame
    assert [start for _, start, _ in rows(found)] == [1800, 1800]


def test_a_colon_beside_semicolons_counts_every_number() -> None:
    found = read_text("FCM: DROP FRAME\n001  A V C 00:01:00:00 00:01:01:00 01:00:00;00 01:00:01;00\n").timeline
    assert found.drop_frame
    assert rows(found) == [("A", 1800, 30)]


def test_ntsc_speeds_count_against_the_exact_rate() -> None:
    text = "001  A V C 00:00:00:00 00:00:02:00 01:00:00:00 01:00:01:00\nM2   A  {}  00:00:00:00\n"
    assert clips(read_text(text.format("059.94"), "29.97").timeline)[0].speed == 2
    assert clips(read_text(text.format("060.0"), "29.97").timeline)[0].speed == 2


def test_a_list_over_midnight_counts_on() -> None:
    found = read_text(
        "001  A V C 00:00:00:00 00:00:02:00 23:59:59:00 00:00:01:00\n"
        "002  B V C 00:00:00:00 00:00:02:00 00:00:01:00 00:00:03:00\n",
        25,
    ).timeline
    assert rows(found) == [("A", 0, 50), ("B", 0, 50)]


HOUR = 25 * 3600


def hours(*lengths: int, start: int = 0) -> Timeline:
    """Clips of so many hours each, one after the other, on a timeline that starts at an hour."""
    rate = Fraction(25)
    row = tuple(Clip(f"c{n}", frames(0, length * HOUR, rate), film()) for n, length in enumerate(lengths))
    track = Track("V1", TrackKind.VIDEO, row)
    return Timeline("x", rate, (track,), global_start_time=RationalTime(start * HOUR, rate))


@pytest.mark.parametrize(("lengths", "start"), [([13], 12), ([1] * 16, 10), ([13, 10], 5)])
def test_long_lists_over_midnight_come_back(lengths: list[int], start: int) -> None:
    timeline = hours(*lengths, start=start)
    markers = tuple(
        Marker(TimeRange(at, RationalTime.zero(timeline.rate)), name)
        for at, name in ((RationalTime(HOUR, timeline.rate), "early"), (RationalTime(12 * HOUR, timeline.rate), "late"))
    )
    found = read_text(write_text(replace(timeline, markers=markers)), 25).timeline
    assert rows(found) == rows(timeline)
    assert found.global_start_time == timeline.global_start_time
    assert [(each.name, each.range.start_time) for each in found.markers] == [
        (each.name, each.range.start_time) for each in markers
    ]


def test_days_are_counted_on_and_an_order_of_sources_is_no_midnight() -> None:
    line = "{:03d}  A V C 00:00:00:00 06:00:00:00 {:02d}:00:00:00 {:02d}:00:00:00\n"
    days = "".join(line.format(n, 6 * n % 24, (6 * n + 6) % 24) for n in range(9))
    assert [(name, length // HOUR) for name, _, length in rows(read_text(days, 25).timeline)] == [("A", 6)] * 9
    mixed = "".join(line.format(n, hour, hour + 6) for n, hour in enumerate((12, 6, 0, 3)))
    assert read_text(mixed, 25).timeline.duration == RationalTime(18 * HOUR, Fraction(25))


def test_a_day_or_more_is_refused() -> None:
    for timeline in (hours(12, 12), hours(*[1] * 26)):
        with pytest.raises(TimelineInvalid, match="24 hours"):
            write_text(timeline)
    rate = Fraction(25)
    late = Clip("late", frames(30 * HOUR, 50, rate), film())
    with pytest.raises(TimelineInvalid, match="24 hours") as caught:
        write_text(Timeline("x", rate, (Track("V1", TrackKind.VIDEO, (late,)),)))
    assert caught.value.place == 'clip "late"'


def test_scenes_of_a_detector() -> None:
    found = read_text(
        "* CREATED WITH PYSCENEDETECT 0.7.2\nTITLE: film\nFCM: NON-DROP FRAME\n\n"
        "001  AX V     C        00:00:00:00 00:00:04:12 00:00:00:00 00:00:04:12\n"
        "002  AX V     C        00:00:04:12 00:00:09:00 00:00:04:12 00:00:09:00\n",
        25,
    ).timeline
    assert [(start, length) for _, start, length in rows(found)] == [(0, 112), (112, 113)]
    assert found.metadata["cmx_3600"] == {"comments": ["CREATED WITH PYSCENEDETECT 0.7.2"]}


def test_windows_text_is_read_with_a_word() -> None:
    data = "001  A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\r\n* FROM CLIP NAME: Käse\r\n".encode("cp1252")
    found = read(Source(PATH, data, rate=25))
    assert clips(found.timeline)[0].name == "Käse"
    assert any("UTF-8" in told for told in found.warnings)


# --- what is written --------------------------------------------------------------------------------------------------


def film(url: str = "/films/Ein Tag & Nacht.mp4", start: RationalTime | None = None) -> MediaReference:
    return MediaReference(url, start_timecode=start)


def frames(start: int, length: int, rate: Fraction) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def test_a_cut_is_written_as_the_format_says() -> None:
    rate = Fraction(25)
    clip = Clip("one", frames(5, 50, rate), film(start=from_timecode("10:00:00:00", rate)))
    timeline = Timeline(
        "Tag",
        rate,
        (Track("V1", TrackKind.VIDEO, (clip,)), Track("A1", TrackKind.AUDIO, (clip,))),
        markers=(Marker(frames(10, 0, rate), "look", "twice", "rose"),),
    )
    assert write_text(timeline).split("\r\n") == [
        "TITLE: Tag",
        "FCM: NON-DROP FRAME",
        "",
        "001  EINTAGNA AA/V  C        10:00:00:05 10:00:02:05 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME: Ein Tag & Nacht.mp4",
        "* SOURCE FILE: /films/Ein Tag & Nacht.mp4",
        "* CLIP NAME: one",
        "* LOC: 01:00:00:10 WHITE   look: twice",
        "",
    ]


def test_speeds_are_motion_memory() -> None:
    rate = Fraction(25)
    fast = Clip("f", frames(0, 25, rate), film(), speed=Fraction(2))
    back = Clip("b", frames(100, 25, rate), film(), speed=Fraction(-1))
    still = Clip("s", frames(7, 25, rate), film(), speed=Fraction(0))
    text = write_text(Timeline("x", rate, (Track("V1", TrackKind.VIDEO, (fast, back, still)),)))
    motions = [line.split() for line in text.split("\r\n") if line.startswith("M2")]
    assert motions == [
        ["M2", "EINTAGNA", "050.0", "00:00:00:00"],
        ["M2", "EINTAGNA", "-025.0", "00:00:04:24"],
        ["M2", "EINTAGNA", "000.0", "00:00:00:07"],
    ]
    assert [clip.speed for clip in clips(read_text(text, 25).timeline)] == [2, -1, 0]
    assert [clip.source_range for clip in clips(read_text(text, 25).timeline)] == [
        each.source_range for each in (fast, back, still)
    ]


def test_the_topmost_clip_of_each_moment_is_written() -> None:
    rate = Fraction(25)
    low = Track("V1", TrackKind.VIDEO, (Clip("low", frames(0, 100, rate), film("/a.mp4")),))
    high = Track(
        "V2", TrackKind.VIDEO, (Gap(RationalTime(30, rate)), Clip("high", frames(9, 20, rate), film("/b.mp4")))
    )
    back = read_text(write_text(Timeline("x", rate, (low, high))), 25).timeline
    assert rows(back) == [("low", 0, 30), ("high", 9, 20), ("low", 50, 50)]


def test_reels_are_short_and_differ() -> None:
    rate = Fraction(25)
    row = tuple(Clip("c", frames(0, 5, rate), film(f"/films/interview/{n}/Interview.mov")) for n in range(12))
    lines = write_text(Timeline("x", rate, (Track("V1", TrackKind.VIDEO, row),))).split("\r\n")
    reels = [line.split()[1] for line in lines if line[:3].isdigit()]
    assert len(set(reels)) == 12
    assert max(map(len, reels)) == 8


def test_marks_come_back_with_their_length() -> None:
    rate = NTSC
    clip = Clip("one", frames(0, 500, rate), film())
    mark = Mark("0123456789abcdef", frames(40, 75, rate), "Goal", MarkState.KEPT, 88.25, note="loud")
    timeline = Timeline("x", rate, (Track("V1", TrackKind.VIDEO, (clip,)),), (mark,), drop_frame=True)
    written = write(Delivery(with_markers(timeline, one_text=True), {}, PATH))
    back = adopted(read(Source(PATH, written)).timeline)
    (found,) = back.marks
    assert (found.id, found.range, found.name, found.note) == (mark.id[:12], mark.range, "Goal", "loud")
    assert (found.state, found.score) == (MarkState.KEPT, 88.25)


def test_clip_markers_are_written_where_they_show() -> None:
    rate = Fraction(25)
    markers = tuple(Marker(frames(at, 0, rate), f"m{at}") for at in (99, 100, 120, 160))
    clip = Clip("one", frames(100, 50, rate), film(), markers=markers)
    row = (Gap(RationalTime(10, rate)), clip)
    back = read_text(write_text(Timeline("x", rate, (Track("V1", TrackKind.VIDEO, row),))), 25).timeline
    assert [(mark.name, mark.range.start_time.value) for mark in back.markers] == [("m100", 10), ("m120", 30)]


def test_a_name_cannot_add_a_line() -> None:
    rate = Fraction(25)
    name = "x\r\n002  AX V C 00:00:00:00 00:00:01:00 02:00:00:00 02:00:01:00"
    clip = Clip(name, frames(0, 25, rate), film("/films/a\nb.mp4"))
    back = read_text(write_text(Timeline(name, rate, (Track("V1", TrackKind.VIDEO, (clip,)),))), 25).timeline
    assert len(clips(back)) == 1
    assert back.duration.value == 25


RATES = st.sampled_from([
    (Fraction(24), False),
    (Fraction(25), False),
    (Fraction(24000, 1001), False),
    (NTSC, False),
    (NTSC, True),
    (Fraction(60000, 1001), True),
])  # fmt: skip


@st.composite
def cuts(draw: st.DrawFn) -> Timeline:
    """One row of clips and gaps, as a list can hold it."""
    rate, drop = draw(RATES)
    items: list[Clip | Gap] = []
    for number in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            items.append(Gap(RationalTime(draw(st.integers(1, 3000)), rate)))
        start, length = draw(st.integers(0, 200_000)), draw(st.integers(1, 20_000))
        items.append(Clip(f"clip {number}", frames(start, length, rate), film(f"/films/{draw(st.integers(0, 2))}.mp4")))
    origin = RationalTime(draw(st.integers(0, 2_000_000)), rate)
    points = draw(st.lists(st.integers(0, 5000), max_size=3, unique=True))
    markers = tuple(Marker(frames(at, 0, rate), f"at {at}", color="red") for at in sorted(points))
    track = Track("V1", TrackKind.VIDEO, tuple(items))
    return Timeline("cut", rate, (track,), drop_frame=drop, global_start_time=origin, markers=markers)


@settings(max_examples=40, deadline=None)
@given(cuts())
def test_a_cut_comes_back_frame_by_frame(timeline: Timeline) -> None:
    back = read_text(write_text(timeline), str(timeline.rate)).timeline
    assert rows(back) == rows(timeline)
    assert back.drop_frame is timeline.drop_frame
    assert back.global_start_time == timeline.global_start_time
    assert [(mark.range, mark.name, mark.color) for mark in back.markers] == [
        (mark.range, mark.name, mark.color) for mark in timeline.markers
    ]


# --- which list it is -------------------------------------------------------------------------------------------------


def test_real_lists_are_recognised_and_other_text_is_not(shared: Path) -> None:
    assert edl.FORMAT.recognise is not None
    for path in (shared / "data/timelines/edl").iterdir():
        assert edl.FORMAT.recognise(head_of(path.read_bytes(), path)), path.name
    for text in ("0:00 Start\n1:00 End\n", "start,end\n0,1\n", "Dear list,\n001 hello\n"):
        assert not edl.FORMAT.recognise(head_of(text.encode(), Path("x.txt")))


def test_timecodes_of_the_writer_stay_within_a_day() -> None:
    rate = Fraction(25)
    start = from_timecode("23:59:59:00", rate)
    clip = Clip("late", frames(0, 50, rate), film())
    timeline = Timeline("x", rate, (Track("V1", TrackKind.VIDEO, (clip,)),), global_start_time=start)
    text = write_text(timeline)
    assert "23:59:59:00 00:00:01:00" in text
    assert to_timecode(start, rate) == "23:59:59:00"
    assert rows(read_text(text, 25).timeline) == [("late", 0, 50)]


def medium(bench: Bench, rate: Fraction, timecode: str | None) -> dict[Path, MediaInfo]:
    return {path: replace(info, start_timecode=timecode) for path, info in bench.media(rate).items()}


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(("own", "timecode", "rate", "drop", "mode", "source"), [
    (NTSC, "01:00:00;00", NTSC, True, "FCM: DROP FRAME", "01:00:00;10"),
    (NTSC, "01:00:00:00", NTSC, True, "FCM: NON-DROP FRAME", "01:00:00:10"),
    (NTSC, "01:00:00;00", NTSC, False, "FCM: DROP FRAME", "01:00:00;10"),
    (NTSC, None, NTSC, True, "FCM: DROP FRAME", "00:00:00;10"),
    (Fraction(24000, 1001), "01:00:00:12", Fraction(24), False, "FCM: NON-DROP FRAME", "01:00:00:22"),
    (Fraction(24), "01:00:00:12", Fraction(25), False, "FCM: NON-DROP FRAME", "01:00:00:23"),
    (NTSC, "01:00:00;00", Fraction(25), False, "FCM: NON-DROP FRAME", "01:00:00:10"),
    (NTSC, "99:99:99:99", Fraction(25), False, "FCM: NON-DROP FRAME", "00:00:00:10"),
])  # fmt: skip
def test_sources_are_numbered_as_their_media_are(
    bench: Bench, own: Fraction, timecode: str | None, rate: Fraction, drop: bool, mode: str, source: str
) -> None:
    """A clock time stays itself at another rate; an `FCM` line stands above where the numbering changes."""
    clip = Clip("one", frames(10, 50, rate), MediaReference(str(FILM)))
    timeline = Timeline("x", rate, (Track("V1", TrackKind.VIDEO, (clip,)),), drop_frame=drop)
    lines = write(Delivery(timeline, medium(bench, own, timecode), PATH)).decode().split("\r\n")
    event = next(number for number, line in enumerate(lines) if line.startswith("001"))
    assert [line for line in lines[:event] if line.startswith("FCM")][-1] == mode
    assert lines[event].split()[4] == source
