"""Lists say exactly which frames were kept, in words that other programs read and none can be tricked by."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.export.lists import (
    CSV_COLUMNS,
    CSV_ENCODING,
    MARK_KEY,
    StartTimecode,
    csv_text,
    defused,
    edl_text,
    kept_timeline,
    write_list,
)
from circletake.media.frames import ColorInfo, MediaInfo, VideoStream
from circletake.session.exporting import start_timecodes
from circletake.timebase import RationalTime, TimeRange, from_timecode
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

NTSC = Fraction(30000, 1001)


def frames(start: int, count: int, rate: Fraction) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(count, rate))


def mark(start: int, count: int, rate: Fraction, name: str = "Goal", **more: object) -> Mark:
    fields = {"id": f"id-{start}", "range": frames(start, count, rate), "name": name, "state": MarkState.KEPT, **more}
    return Mark(**fields)  # type: ignore[arg-type]  # fields by name


def one_film(rate: Fraction, *, drop: bool = False, url: str = "/films/Match Day.mp4", sound: bool = True) -> Timeline:
    media = MediaReference(url, frames(0, 200_000, rate))
    timeline = Timeline.of_media("Match", media, rate, has_audio=sound)
    return Timeline(timeline.name, rate, timeline.tracks, (), drop)


def test_an_edl_is_what_the_format_says() -> None:
    rate = Fraction(25)
    marks = [mark(250, 50, rate, "First goal", color="red"), mark(1000, 25, rate, "Save\nby\tthe keeper")]
    start = {"/films/Match Day.mp4": StartTimecode(from_timecode("10:00:00:00", rate), drop_frame=False)}
    assert edl_text(one_film(rate), marks, start, title="Best of") == (
        "TITLE: Best of\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  MATCHDAY AA/V  C        10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n"
        "* FROM CLIP NAME: Match Day.mp4\n"
        "* LOC: 01:00:00:00 RED     First goal\n"
        "002  MATCHDAY AA/V  C        10:00:40:00 10:00:41:00 01:00:02:00 01:00:03:00\n"
        "* FROM CLIP NAME: Match Day.mp4\n"
        "* LOC: 01:00:02:00 GREEN   Save by the keeper\n"
    )


def test_a_drop_frame_edl_leaves_the_dropped_numbers_out() -> None:
    # Frame 1798 is 00:00:59;28; two frames later the count jumps to 00:01:00;02.
    text = edl_text(one_film(NTSC, drop=True, sound=False), [mark(1798, 4, NTSC)])
    assert "FCM: DROP FRAME" in text
    assert "001  MATCHDAY V     C        00:00:59;28 00:01:00;04 01:00:00;00 01:00:00;04\n" in text


def test_a_mark_over_two_films_is_two_events_with_two_reels() -> None:
    rate = Fraction(24)
    clips = tuple(
        Clip(name, frames(100, 48, rate), MediaReference(url))
        for name, url in (("a", "/one/take.mov"), ("b", "file:///two/take.mov"), ("c", "/one/take.mov"))
    )
    timeline = Timeline("t", rate, (Track("V1", TrackKind.VIDEO, clips),))
    lines = edl_text(timeline, [mark(24, 96, rate)]).splitlines()
    events = [line.split() for line in lines if re.match(r"\d{3}  ", line)]
    assert [event[1] for event in events] == ["TAKE", "TAKE2", "TAKE"]
    assert [event[4:] for event in events] == [
        ["00:00:05:04", "00:00:06:04", "01:00:00:00", "01:00:01:00"],
        ["00:00:04:04", "00:00:06:04", "01:00:01:00", "01:00:03:00"],
        ["00:00:04:04", "00:00:05:04", "01:00:03:00", "01:00:04:00"],
    ]
    assert sum(line.startswith("* LOC:") for line in lines) == 1


EVENT = re.compile(
    r"(\d{3,})  ([A-Z0-9_]{1,8}) +(V|AA|AA/V) +C +"
    r"(\d\d:\d\d:\d\d[:;]\d\d) (\d\d:\d\d:\d\d[:;]\d\d) (\d\d:\d\d:\d\d[:;]\d\d) (\d\d:\d\d:\d\d[:;]\d\d)"
)


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 5000), st.text(max_size=60)), min_size=1, max_size=12),
    st.sampled_from([Fraction(24), Fraction(25), NTSC, Fraction(24000, 1001), Fraction(60000, 1001)]),
    st.booleans(),
)
def test_an_edl_read_back_gives_the_same_frames_whatever_the_names(
    picks: list[tuple[int, int, str]], rate: Fraction, drop: bool
) -> None:
    marks = [mark(start, count, rate, name, id=f"{at}") for at, (start, count, name) in enumerate(picks)]
    lines = edl_text(one_film(rate, drop=drop), marks).splitlines()
    assert all(re.match(r"TITLE: |FCM: |$|\* LOC: |\* FROM CLIP NAME: |\d{3}  ", line) for line in lines)
    events = [match for line in lines if (match := EVENT.fullmatch(line))]
    assert len(events) == len(picks)
    position = from_timecode("01:00:00;00" if ";" in events[0][4] else "01:00:00:00", rate).value
    for event, (start, count, _) in zip(events, picks, strict=True):
        ends = [from_timecode(event[group], rate).value for group in (4, 5, 6, 7)]
        assert ends == [start, start + count, position, position + count]
        position += count


def listed(text: str) -> list[list[str]]:
    """The events' fields, and each FCM line, in order."""
    return [line.split() for line in text.splitlines() if line.startswith("FCM") or re.match(r"\d{3}  ", line)]


def test_each_film_is_listed_by_its_own_numbers_and_the_mode_is_told_where_it_changes() -> None:
    clips = tuple(Clip(name, frames(1790, 20, NTSC), MediaReference(f"/{name}.mp4")) for name in ("drop", "non", "own"))
    timeline = Timeline("t", NTSC, (Track("V1", TrackKind.VIDEO, clips),))
    starts = {
        "/drop.mp4": StartTimecode(from_timecode("01:00:00;00", NTSC), drop_frame=True),
        "/non.mp4": StartTimecode(from_timecode("01:00:00:00", NTSC), drop_frame=False),
    }
    assert listed(edl_text(timeline, [mark(0, 60, NTSC)], starts)) == [
        ["FCM:", "NON-DROP", "FRAME"],
        ["FCM:", "DROP", "FRAME"],
        ["001", "DROP", "V", "C", "01:00:59;20", "01:01:00;12", "01:00:00:00", "01:00:00:20"],
        ["FCM:", "NON-DROP", "FRAME"],
        ["002", "NON", "V", "C", "01:00:59:20", "01:01:00:10", "01:00:00:20", "01:00:01:10"],
        ["003", "OWN", "V", "C", "00:00:59:20", "00:01:00:10", "01:00:01:10", "01:00:02:00"],
    ]


def test_a_film_of_another_rate_is_listed_at_its_own() -> None:
    rate, own = Fraction(25), Fraction(50)
    starts = {"/films/Match Day.mp4": StartTimecode(from_timecode("10:00:00:00", own), drop_frame=False)}
    assert listed(edl_text(one_film(rate), [mark(30, 20, rate)], starts))[1][4:] == [
        *("10:00:01:10", "10:00:02:00"),
        *("01:00:00:00", "01:00:00:20"),
    ]


def test_films_bring_their_own_start_timecodes() -> None:
    length = RationalTime(60, Fraction(1))
    picture = VideoStream(
        index=0,
        codec="h264",
        profile="High",
        width=64,
        height=64,
        pixel_format="yuv420p",
        bit_depth=8,
        average_rate=NTSC,
        variable_frame_rate=False,
        time_base=1 / NTSC,
        start_time=RationalTime.zero(NTSC),
        duration=length,
        frame_count=1800,
        key_frame_count=60,
        rotation=0,
        sample_aspect_ratio=Fraction(1),
        color=ColorInfo(),
        bit_rate=1_000_000,
        reordered=False,
    )
    film = MediaInfo(Path("film.mp4"), 1, "f", "mov", length, (picture,), (), start_timecode="01:00:00;00")
    media = {
        Path("drop.mp4"): film,
        Path("non.mp4"): replace(film, start_timecode="01:00:00:00"),
        Path("odd.mp4"): replace(film, start_timecode="01:00:00:77"),
        Path("none.mp4"): replace(film, start_timecode=None),
        Path("pal.mp4"): replace(film, start_timecode=None, video=(replace(picture, average_rate=Fraction(25)),)),
        Path("sound.wav"): replace(film, start_timecode=None, video=()),
    }
    assert start_timecodes(media, Fraction(30)) == {
        "drop.mp4": StartTimecode(RationalTime(107_892, NTSC), drop_frame=True),
        "non.mp4": StartTimecode(RationalTime(108_000, NTSC), drop_frame=False),
        "pal.mp4": StartTimecode(RationalTime.zero(Fraction(25)), drop_frame=False),
    }


def test_holes_under_a_mark_are_black_and_the_list_lasts_as_long_as_the_picks() -> None:
    rate = Fraction(25)
    media = MediaReference("/a.mp4")
    row = (Gap(RationalTime(10, rate)), Clip("a", frames(0, 20, rate), media), Gap(RationalTime(15, rate)))
    over = (Gap(RationalTime(40, rate)), Clip("b", frames(5, 10, rate), media))
    tracks = (Track("V1", TrackKind.VIDEO, (*row, row[1])), Track("V2", TrackKind.VIDEO, over))
    timeline = Timeline("t", rate, tracks)
    marks = [mark(0, 70, rate), mark(31, 5, rate)]
    text = edl_text(timeline, marks)
    events = listed(text)[1:]
    assert [(event[1], event[4], event[6], event[7]) for event in events] == [
        ("BL", "00:00:00:00", "01:00:00:00", "01:00:00:10"),
        ("A", "00:00:00:00", "01:00:00:10", "01:00:01:05"),
        ("BL", "00:00:00:00", "01:00:01:05", "01:00:01:15"),
        ("A", "00:00:00:05", "01:00:01:15", "01:00:02:00"),
        ("A", "00:00:00:05", "01:00:02:00", "01:00:02:15"),
        ("BL", "00:00:00:00", "01:00:02:15", "01:00:02:20"),
        ("BL", "00:00:00:00", "01:00:02:20", "01:00:03:00"),
    ]
    assert text.count("* LOC:") == 2
    assert kept_timeline(timeline, marks).duration == RationalTime(75, rate)


def test_timecode_wraps_at_midnight() -> None:
    rate = Fraction(25)
    start = {"/films/Match Day.mp4": StartTimecode(from_timecode("23:59:59:00", rate), drop_frame=False)}
    assert "23:59:59:20 00:00:00:05" in edl_text(one_film(rate), [mark(20, 10, rate)], start)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_formula_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


def test_ordinary_cells_are_left_alone() -> None:
    assert [defused(cell) for cell in ("Goal", "", "1-0", "'quoted")] == ["Goal", "", "1-0", "'quoted"]


def test_a_table_read_back_holds_exact_times_and_no_formula() -> None:
    timeline = one_film(NTSC, drop=True)
    marks = [
        mark(
            1800, 30, NTSC, '=HYPERLINK("x"),a', score=91.5, source="signals only", signals={"motion": 0.5, "cuts": 1.0}
        ),
        mark(90, 30, NTSC, 'Quote " and, comma', note="-2\nlines", strongest=RationalTime(100, NTSC)),
    ]
    text = csv_text(timeline, marks)
    assert text.count("\r\n") == text.count("\n") == 3
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert rows[0]["name"].startswith("'=HYPERLINK")
    assert Fraction(rows[0]["start_exact"]) == RationalTime(1800, NTSC).seconds
    assert (rows[0]["start_timecode"], rows[0]["duration_timecode"]) == ("00:01:00;02", "00:00:01;00")
    assert (rows[0]["rank"], rows[0]["score"], rows[0]["signals"]) == ("1", "91.50", "cuts 1.000; motion 0.500")
    assert rows[1]["name"] == 'Quote " and, comma'
    assert rows[1]["note"] == "'-2 lines"
    assert float(rows[1]["strongest_seconds"]) == pytest.approx(100 * 1001 / 30000, abs=1e-6)


@given(st.text(max_size=80))
def test_no_name_breaks_a_row(name: str) -> None:
    rate = Fraction(25)
    rows = list(csv.reader(io.StringIO(csv_text(one_film(rate), [mark(0, 5, rate, name)]), newline="")))
    assert [len(row) for row in rows] == [len(CSV_COLUMNS)] * 2
    assert not rows[1][1].startswith(("=", "+", "-", "@"))


def test_a_table_is_written_with_a_byte_order_mark_and_its_own_line_ends(tmp_path: Path) -> None:
    write_list(tmp_path / "picks.csv", "a\r\né\r\n", encoding=CSV_ENCODING)
    assert (tmp_path / "picks.csv").read_bytes() == b"\xef\xbb\xbfa\r\n\xc3\xa9\r\n"


def test_the_picks_are_butted_and_point_at_the_original_media() -> None:
    rate = Fraction(25)
    marks = [mark(500, 50, rate, "second", score=80.0, source="signals only"), mark(100, 25, rate, "first")]
    picks = kept_timeline(one_film(rate), marks)
    assert [track.name for track in picks.tracks] == ["V1", "A1"]
    for track in picks.tracks:
        clips = [item for item in track.items if isinstance(item, Clip)]
        assert [clip.source_range for clip in clips] == [frames(500, 50, rate), frames(100, 25, rate)]
        assert [clip.media and clip.media.target_url for clip in clips] == ["/films/Match Day.mp4"] * 2
        about = clips[0].metadata[MARK_KEY]
        assert about == {"id": "id-500", "name": "second", "score": 80.0, "source": "signals only"}
    assert [each.range for each in picks.marks] == [frames(0, 50, rate), frames(50, 25, rate)]
    assert picks.duration == RationalTime(75, rate)


def test_tracks_of_picks_stay_in_step_where_one_has_a_hole() -> None:
    rate = Fraction(25)
    media = MediaReference("/a.mp4")
    video = Track("V1", TrackKind.VIDEO, (Clip("v", frames(0, 300, rate), media),))
    audio = Track("A1", TrackKind.AUDIO, (Gap(RationalTime(60, rate)), Clip("a", frames(0, 50, rate), media)))
    picks = kept_timeline(Timeline("t", rate, (video, audio)), [mark(50, 100, rate), mark(100, 20, rate)])
    assert [track.duration(rate) for track in picks.tracks] == [RationalTime(120, rate)] * 2
    row = picks.tracks[1].items
    assert [type(item) for item in row] == [Gap, Clip, Gap, Clip, Gap]
    assert [item.duration.value for item in row] == [10, 50, 40, 10, 10]


def retimed(speed: Fraction, rate: Fraction = Fraction(25)) -> Timeline:
    """Four seconds of a film from its frame 100 on, at a speed, with markers at its frames 110, 150 and 190."""
    markers = tuple(Marker(frames(at, 0, rate), str(at)) for at in (110, 150, 190))
    clip = Clip("c", frames(100, 100, rate), MediaReference("/a.mp4"), speed=speed, markers=markers)
    return Timeline("t", rate, tuple(Track(kind.value[0], kind, (clip,)) for kind in TrackKind))


@pytest.mark.parametrize(
    ("speed", "start", "markers"),
    [
        (Fraction(1), 125, ["150"]),
        (Fraction(2), 150, ["150", "190"]),
        (Fraction(-1), 125, ["150"]),
        (Fraction(-2), 150, ["150", "190"]),
        (Fraction(1, 2), 112.5, []),
        (Fraction(0), 100, []),
    ],
)
def test_picks_keep_their_speed_their_length_and_the_markers_inside(
    speed: Fraction, start: float, markers: list[str]
) -> None:
    rate = Fraction(25)
    picks = kept_timeline(retimed(speed), [mark(25, 50, rate)])
    assert picks.duration == RationalTime(50, rate)
    for track in picks.tracks:
        (clip,) = track.items
        assert isinstance(clip, Clip)
        assert (clip.speed, clip.duration) == (speed, RationalTime(50, rate))
        assert float(clip.source_range.start_time.seconds * rate) == start
        assert [each.name for each in clip.markers] == markers


def test_a_decision_list_says_how_fast_a_clip_plays() -> None:
    rate = Fraction(25)
    for speed, source, motion in (
        (Fraction(2), "00:00:06:00 00:00:10:00", "M2   A              050.0                00:00:06:00"),
        (Fraction(-1), "00:00:05:00 00:00:07:00", "M2   A              -25.0                00:00:06:24"),
    ):
        lines = edl_text(retimed(speed), [mark(25, 50, rate)]).splitlines()
        assert lines[3] == f"001  A        AA/V  C        {source} 01:00:00:00 01:00:02:00"
        assert lines[4] == motion
    assert not any(line.startswith("M2") for line in edl_text(retimed(Fraction(1)), [mark(25, 50, rate)]).splitlines())
