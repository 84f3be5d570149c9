"""Lists of times: what other tools write, what is written, and what comes back."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import TimelineInvalid, TimelineUnreadable, UsageError
from circletake.interchange import chapters, edl, losslesscut, resolve_markers, subtitles, table_read, tables
from circletake.interchange.format import Delivery, Feature, Format, Source
from circletake.interchange.json5 import to_json
from circletake.interchange.plain import seconds_of
from circletake.interchange.registry import head_of
from circletake.interchange.tags import adopted, with_markers
from circletake.timebase import RationalTime, TimeRange, from_timecode
from circletake.timeline.guard import parse
from circletake.timeline.model import (
    Clip,
    Mark,
    Marker,
    MarkState,
    MediaReference,
    Timeline,
    Track,
    TrackKind,
    clean_name,
)

RATE = Fraction(25)
NTSC = Fraction(30000, 1001)
SRT, VTT = subtitles.FORMATS
CSV, TSV = tables.FORMATS
LISTS = (resolve_markers.FORMAT, SRT, VTT, CSV, TSV, chapters.FORMAT, losslesscut.FORMAT)
TAGGED = (resolve_markers.FORMAT, SRT, VTT, CSV, TSV, losslesscut.FORMAT)


def read(form: Format, text: str | bytes, rate: float | str | None = None) -> Timeline:
    return warned(form, text, rate)[0]


def warned(form: Format, text: str | bytes, rate: float | str | None = None) -> tuple[Timeline, tuple[str, ...]]:
    assert form.read is not None
    data = text.encode() if isinstance(text, str) else text
    found = form.read(Source(Path(f"list{form.suffix}"), data, rate=rate))
    return found.timeline, found.warnings


def write(form: Format, timeline: Timeline) -> bytes:
    assert form.write is not None
    marked = with_markers(timeline, one_text=form.one_text)
    return form.write(Delivery(marked, {}, Path(f"/out/list{form.suffix}")))


def spans(timeline: Timeline) -> list[tuple[Fraction, Fraction, str]]:
    """Start, end and name of each marker, in seconds."""
    return [
        (each.range.start_time.seconds, each.range.end_time_exclusive.seconds, each.name) for each in timeline.markers
    ]


def seconds(start: float, end: float) -> tuple[Fraction, Fraction]:
    return Fraction(str(start)), Fraction(str(end))


def frames(start: int, length: int, rate: Fraction = RATE) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def with_points(*markers: Marker, rate: Fraction = RATE) -> Timeline:
    return Timeline("cut", rate, markers=markers)


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", TAGGED, ids=lambda form: form.name)
@pytest.mark.parametrize("rate", [RATE, NTSC, Fraction(60)], ids=str)
def test_marks_come_back_to_the_frame(form: Format, rate: Fraction) -> None:
    marks = (
        Mark("0123456789abcdef", frames(1212, 300, rate), "Goal & <more>", MarkState.KEPT, 88.25, note="why, not"),
        Mark("fedcba9876543210", frames(100_001, 1, rate), "=SUM(A1)", MarkState.REJECTED),
    )
    timeline = Timeline("cut", rate, marks=marks)
    named = str(rate) if form is resolve_markers.FORMAT else None
    back = adopted(read(form, write(form, timeline), named))
    assert back.markers == ()
    found = {mark.id: mark for mark in back.marks}
    for mark in marks:
        own = found[mark.id[:12]]
        assert own.range.rescaled_to(rate) == mark.range
        assert (own.name, own.note, own.score, own.state) == (mark.name, mark.note, mark.score, mark.state)


@pytest.mark.parametrize("form", LISTS, ids=lambda form: form.name)
def test_what_is_written_is_recognised_by_its_own_format_alone(form: Format) -> None:
    timeline = with_points(
        Marker(frames(0, 50), "one"), Marker(frames(500, 50), "two"), Marker(frames(900, 9), "three")
    )
    head = head_of(write(form, timeline), Path("list.bin"))
    asked = (
        losslesscut.FORMAT,
        resolve_markers.FORMAT,
        edl.FORMAT,
        *subtitles.FORMATS,
        *tables.FORMATS,
        chapters.FORMAT,
    )
    assert [each.name for each in asked if each.recognise and each.recognise(head)] == [form.name]


@pytest.mark.parametrize("form", LISTS, ids=lambda form: form.name)
def test_empty_and_binary_files_are_refused(form: Format) -> None:
    for data in (b"", b"\x00\x01\x02\xff" * 100, b"no times here\n"):
        with pytest.raises(TimelineUnreadable):
            read(form, data)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900_000), st.integers(0, 5000), st.text(max_size=40)), min_size=1, max_size=5))
def test_any_name_comes_back_from_a_table(entries: list[tuple[int, int, str]]) -> None:
    markers = tuple(Marker(frames(start, length), clean_name(name), "c") for start, length, name in entries)
    back = read(CSV, write(CSV, with_points(*markers)))
    assert sorted((each.range.rescaled_to(RATE).start_time.value, each.name) for each in back.markers) == sorted(
        (each.range.start_time.value, each.name) for each in markers
    )


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_name_comes_back_from_subtitles_and_projects(text: str) -> None:
    name = clean_name(text)
    for form in (VTT, losslesscut.FORMAT, resolve_markers.FORMAT):
        back = read(form, write(form, with_points(Marker(frames(5, 10), name))), 25)
        assert [each.name for each in back.markers] == [name]


@pytest.mark.parametrize(("text", "value"), [
    ("83.5", "83.5"),
    ("1:23.5", "83.5"),
    ("0:01:23,500", "83.5"),
    ("100:00:00", "360000"),
    ("0:61:00", None),
    ("1:60", None),
    ("99:99:99,999", None),
    ("-1", None),
    ("nan", None),
    ("1e9", None),
    ("99999999", None),
])  # fmt: skip
def test_times_as_people_write_them(text: str, value: str | None) -> None:
    assert seconds_of(text) == (None if value is None else Fraction(value))


# --- Resolve's markers ------------------------------------------------------------------------------------------------

RESOLVE = """TITLE: Timeline 1
FCM: NON-DROP FRAME

001  001      V     C        01:00:18:06 01:00:18:07 01:00:18:06 01:00:18:07  
Poil noire sur visage |C:ResolveColorYellow |M:Marker 1 |D:1

002  001      V     C        01:00:20:20 01:00:20:21 01:00:20:20 01:00:20:21  
 |C:ResolveColorGreen |M:A | B |D:48

"""  # noqa: W291 - as Resolve writes them


def test_markers_of_resolve_are_read() -> None:
    found = read(resolve_markers.FORMAT, RESOLVE, 24)
    assert found.tracks == ()
    assert found.global_start_time == from_timecode("01:00:00:00", Fraction(24))
    assert [(each.name, each.comment, each.color) for each in found.markers] == [
        ("Marker 1", "Poil noire sur visage", "yellow"),
        ("A | B", "", "green"),
    ]
    assert [each.range for each in found.markers] == [
        frames(18 * 24 + 6, 0, Fraction(24)),
        frames(20 * 24 + 20, 48, Fraction(24)),
    ]


def test_markers_are_written_as_resolve_does() -> None:
    timeline = Timeline(
        "Cut",
        NTSC,
        drop_frame=True,
        global_start_time=from_timecode("01:00:00;00", NTSC),
        markers=(Marker(frames(1800, 30, NTSC), "Late", "2 takes", "salmon"), Marker(frames(0, 0, NTSC), "First")),
    )
    assert write(resolve_markers.FORMAT, timeline).decode().split("\r\n") == [
        "TITLE: Cut",
        "FCM: DROP FRAME",
        "",
        "001  001      V     C        01:00:00;00 01:00:00;01 01:00:00;00 01:00:00;01  ",
        " |C:ResolveColorBlue |M:First |D:1",
        "",
        "002  001      V     C        01:01:00;02 01:01:00;03 01:01:00;02 01:01:00;03  ",
        "- 2 takes |C:ResolveColorBlue |M:Late |D:30",
        "",
        "",
    ]
    back = read(resolve_markers.FORMAT, write(resolve_markers.FORMAT, timeline))
    assert back.drop_frame
    assert back.global_start_time == timeline.global_start_time
    assert [(each.range, each.comment) for each in back.markers] == [
        (frames(0, 0, NTSC), ""),
        (frames(1800, 30, NTSC), "2 takes"),
    ]


@pytest.mark.parametrize("start", ["00:00:00:00", "01:00:00:00", "09:58:30:00"])
def test_a_start_off_the_hour_comes_back(start: str) -> None:
    origin = from_timecode(start, RATE)
    markers = (Marker(frames(100_000, 0), "far in"),)
    timeline = Timeline("x", RATE, global_start_time=origin, markers=markers)
    back = read(resolve_markers.FORMAT, write(resolve_markers.FORMAT, timeline), 25)
    assert back.global_start_time == origin
    assert back.markers[0].range == markers[0].range


@pytest.mark.parametrize(("start", "points"), [
    ("10:00:00:00", (0, 15)),
    ("11:00:00:00", (0, 14)),
    ("23:30:00:00", (1, 2)),
    ("00:00:00:00", (1, 23)),
    ("12:00:00:00", (0, 23, 1)),
])  # fmt: skip
def test_markers_after_midnight_come_back(start: str, points: tuple[int, ...]) -> None:
    markers = tuple(Marker(frames(hour * 90_000, 0), str(hour)) for hour in sorted(points))
    timeline = Timeline("x", RATE, global_start_time=from_timecode(start, RATE), markers=markers)
    back = read(resolve_markers.FORMAT, write(resolve_markers.FORMAT, timeline), 25)
    assert back.global_start_time == timeline.global_start_time
    assert [(each.name, each.range) for each in back.markers] == [(each.name, each.range) for each in markers]


def test_a_marker_a_day_after_the_start_is_refused() -> None:
    with pytest.raises(TimelineInvalid, match="24 hours"):
        write(resolve_markers.FORMAT, with_points(Marker(frames(24 * 90_000, 0), "late")))


def test_a_cut_that_holds_a_marker_is_a_cut() -> None:
    text = RESOLVE.replace("Poil noire", "* FROM CLIP NAME: a.mov\nPoil noire")
    head = head_of(text.encode(), Path("x.edl"))
    assert edl.FORMAT.recognise is not None
    assert resolve_markers.FORMAT.recognise is not None
    assert edl.FORMAT.recognise(head)
    assert not resolve_markers.FORMAT.recognise(head)
    (marker, _) = read(edl.FORMAT, text, 24).markers
    assert (marker.name, marker.comment, marker.color) == ("Marker 1", "Poil noire sur visage", "yellow")


# --- subtitles --------------------------------------------------------------------------------------------------------


def test_subtitles_of_a_stranger_are_plain_text(shared: Path) -> None:
    data = (shared / "data/malformed_generated/srt_injection.srt").read_bytes()
    found, warnings = warned(SRT, data)
    assert [each.range.start_time.value for each in found.markers] == [0, 1000]
    assert "font" not in found.markers[0].name
    assert len(found.markers[1].name) <= 1000
    assert warnings == ("line 6: A cue with times that make no sense is left out.",)


def test_subrip() -> None:
    text = "1\n00:00:01,500 --> 00:00:02,000 X1:10\n<i>Two</i>\nlines {\\an8}< 3\n\n2\n0:01:00,0 --> 0:01:01,0\nLast"
    assert spans(read(SRT, text)) == [(*seconds(1.5, 2), "Two lines < 3"), (*seconds(60, 61), "Last")]


def test_webvtt() -> None:
    text = (
        "WEBVTT - a title\nKind: chapters\n\nNOTE\n00:01.000 --> 00:02.000 is only a note\n\nSTYLE\n::cue {}\n\n"
        "intro\n00:00.000 --> 00:10.500 align:start line:0\n<v Ann>Fish &amp; chips</v> &lt;3\n\n"
        "01:00:00.000 --> 01:00:01.000\n<00:00.100>Last"
    )
    assert spans(read(VTT, text)) == [(*seconds(0, 10.5), "Fish & chips <3"), (*seconds(3600, 3601), "Last")]


def test_written_subtitles() -> None:
    timeline = with_points(Marker(frames(25, 25), "a --> <b>b</b>", "c"))
    assert write(SRT, timeline).decode() == "1\r\n00:00:01,000 --> 00:00:02,000\r\na → ‹b›b‹/b›: c\r\n"
    assert write(VTT, timeline).decode() == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na --&gt; &lt;b&gt;b&lt;/b&gt;: c\n"
    )


# --- tables -----------------------------------------------------------------------------------------------------------


def test_our_own_table_keeps_what_people_change_in_it() -> None:
    mark = Mark("0123456789abcdef", frames(50, 25), "Goal", MarkState.PROPOSED, 70)
    rows = list(csv.reader(io.StringIO(write(CSV, Timeline("x", RATE, marks=(mark,))).decode("utf-8-sig"))))
    assert rows[0] == list(tables.COLUMNS)
    row = dict(zip(*rows, strict=True))
    assert (row["start_seconds"], row["end_timecode"], row["id"]) == ("2.000000", "00:00:03:00", "0123456789ab")
    assert row["note"] == ""
    changed = [rows[0], ["kept" if cell == "proposed" else cell for cell in rows[1]]]
    text = io.StringIO()
    csv.writer(text).writerows(changed)
    (found,) = adopted(read(CSV, text.getvalue())).marks
    assert (found.id, found.state, found.score) == ("0123456789ab", MarkState.KEPT, 70)


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "＝x", "'=x", "''-x", "'plain", "plain"])
def test_formulas_are_defused_and_come_back(name: str) -> None:
    data = write(CSV, with_points(Marker(frames(0, 25), name)))
    cell = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1][1]
    assert not cell.startswith(("=", "+", "-", "@", "＝"))
    assert read(CSV, data).markers[0].name == name


def test_losslesscuts_tables() -> None:
    expected = [(*seconds(0, 12.5), "first"), (*seconds(12.5, 12.5), "point"), (*seconds(60, 61.25), "a, b")]
    assert spans(read(CSV, ',12.5,first\n12.5,,point\n60,61.25,"a, b"\n')) == expected
    human = 'Start,End,Name\n00:00:00.000,00:00:12.500,first\n00:00:12.500,,point\n00:01:00,00:01:01.250,"a, b"\n'
    assert spans(read(CSV, human)) == expected
    assert spans(read(TSV, human.replace('"a, b"', "a; b").replace(",", "\t")))[0] == expected[0]
    assert spans(read(CSV, "start;end;name\n0;12,5;first\n"))[0] == expected[0]


def test_premieres_markers() -> None:
    text = (
        "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\r\n"
        "Intro\tsay hello\t00:00:01:12\t00:00:01:12\t00:00:00:00\tComment\r\n"
        "Part\t\t00:00:10:00\t00:00:12:24\t00:00:02:24\tChapter\r\n"
    )
    found, warnings = warned(TSV, text.encode("utf-16"))
    assert found.rate == 25
    assert [(each.name, each.comment, each.kind) for each in found.markers] == [
        ("Intro", "say hello", ""),
        ("Part", "", "chapter"),
    ]
    assert [each.range for each in found.markers] == [frames(37, 0), frames(250, 74)]
    assert "25 frames a second" in warnings[0]
    assert read(TSV, text.encode("utf-16"), "29.97").rate == NTSC


def test_premieres_dropped_numbers() -> None:
    text = "Marker Name\tDescription\tIn\tOut\tDuration\nx\t\t00;01;00;02\t00;01;00;02\t00;00;00;00\n"
    found = read(TSV, text)
    assert found.rate == NTSC
    assert found.markers[0].range == frames(1800, 0, NTSC)


def test_scenes_of_pyscenedetect() -> None:
    text = (
        "Timecode List:,00:00:04.004\n"
        "Scene Number,Start Frame,Start Timecode,Start Time (seconds),End Frame,End Timecode,End Time (seconds),"
        "Length (frames),Length (timecode),Length (seconds)\n"
        "1,1,00:00:00.000,0.000,96,00:00:04.004,4.004,96,00:00:04.004,4.004\n"
        "2,97,00:00:04.004,4.004,120,00:00:05.005,5.005,24,00:00:01.001,1.001\n"
    )
    assert spans(read(CSV, text)) == [(*seconds(0, 4.004), "1"), (*seconds(4.004, 5.005), "2")]


def test_resolves_index_counts_from_the_hour() -> None:
    text = "#,Reel,V,C,Record In,Record Out,Name,Notes,Color\n1,A,V1,C,01:00:02:00,01:00:02:10,clip,look,Cyan\n"
    (marker,) = read(CSV, text, 24).markers
    assert marker.range == frames(48, 10, Fraction(24))
    assert (marker.name, marker.comment, marker.color) == ("clip", "look", "cyan")


def test_rows_that_make_no_sense_are_told() -> None:
    found, warnings = warned(CSV, "start,end,name\n5,1,backwards\n,,nothing\n1,2,good\nx,2,bad\n")
    assert [each.name for each in found.markers] == ["good"]
    assert warnings == ("row 1 and 2 more: A row without times that make sense is left out.",)


@pytest.mark.parametrize("text", ["name,age\nAnn,7\n", "Dear all,\nwe meet at 10:00, or later\n", "{}\n", "1\n2\n"])
def test_other_tables_are_none_of_ours(text: str) -> None:
    assert CSV.recognise is not None
    assert not CSV.recognise(head_of(text.encode(), Path("x.csv")))


def test_a_table_that_never_closes_its_quotes_is_refused() -> None:
    with pytest.raises(TimelineUnreadable, match="no table"):
        read(CSV, 'start,end,name\n0,1,"' + "x" * 200_000)


def test_a_table_at_a_rate_that_is_none() -> None:
    with pytest.raises(UsageError):
        read(CSV, "in,out\n00:00:00:00,00:00:01:00\n", "often")


# --- chapters ---------------------------------------------------------------------------------------------------------


def test_chapters_last_until_the_next() -> None:
    text = "My film\n\n0:00 Intro\n01:05 - Part (1)\n[1:02:03] – End of 2\n• 1:10:00: Credits\n"
    found, warnings = warned(chapters.FORMAT, text)
    assert spans(found) == [
        (*seconds(0, 65), "Intro"),
        (*seconds(65, 3723), "Part (1)"),
        (*seconds(3723, 4200), "End of 2"),
        (*seconds(4200, 4200), "Credits"),
    ]
    assert {each.kind for each in found.markers} == {"chapter"}
    assert warnings == ("line 1: A line without a time is left out.",)


def test_times_behind_titles_and_ranges() -> None:
    assert spans(read(chapters.FORMAT, "Intro - 0:00\nMain (1:30)\n")) == [
        (*seconds(0, 90), "Intro"),
        (*seconds(90, 90), "Main"),
    ]
    assert [name for _, _, name in spans(read(chapters.FORMAT, "0:00 - 1:30 One\n1:30 - 2:00 Two\n"))] == ["One", "Two"]


def test_written_chapters_begin_at_zero_and_hold_nothing_private() -> None:
    mark = Mark("0123456789abcdef", frames(25 * 70 + 24, 25), "Goal", MarkState.KEPT, 88, note="too slow")
    assert write(chapters.FORMAT, Timeline("x", RATE, marks=(mark,))).decode() == "0:00 Start\n1:10 Goal\n"
    late = with_points(Marker(frames(0, 0), "A"), Marker(frames(25 * 3661, 0), "B"))
    assert write(chapters.FORMAT, late).decode() == "0:00:00 A\n1:01:01 B\n"


def test_a_single_chapter_is_known_in_a_text_file_alone() -> None:
    text = write(chapters.FORMAT, with_points(Marker(frames(0, 0), "All of it")))
    assert chapters.FORMAT.recognise is not None
    assert chapters.FORMAT.recognise(head_of(text, Path("list.txt")))
    assert not chapters.FORMAT.recognise(head_of(text, Path("list.csv")))
    assert not chapters.FORMAT.recognise(head_of(b"We meet at 10:30", Path("list.txt")))
    assert spans(read(chapters.FORMAT, text)) == [(*seconds(0, 0), "All of it")]


def test_comments_of_several_lines_are_announced() -> None:
    for form in (resolve_markers.FORMAT, CSV, TSV):
        assert Feature.MARKER_COMMENTS in form.carries.partly


def test_a_table_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_read, "MAX_CELLS", 10)
    assert len(read(CSV, "start,end\n1,2\n3,4\n").markers) == 2
    with pytest.raises(TimelineUnreadable, match="more than 10 cells"):
        read(CSV, "start,end\n1,2" + "," * 9)


# --- LosslessCut ------------------------------------------------------------------------------------------------------

LLC = """{
  version: 1,
  mediaFileName: 'Ann\\'s film.mp4', // a comment
  cutSegments: [
    {
      start: 1.370253,
      end: 3.370233,
      name: 'one',
      tags: { colour: 'red', },
    },
    { end: .5, name: "two" },
    { start: 20, name: '', },
    { start: 9, end: 2, name: 'backwards' },
  ],
}
"""


def test_losslesscut_projects() -> None:
    found, warnings = warned(losslesscut.FORMAT, LLC)
    assert spans(found) == [(*seconds(1.37, 3.37), "one"), (*seconds(0, 0.5), "two"), (*seconds(20, 20), "")]
    assert found.markers[0].metadata == {"losslesscut": {"tags": {"colour": "red"}}}
    assert len(warnings) == 2
    assert any(told.startswith("segment 4") for told in warnings)


def test_written_projects_name_their_film() -> None:
    clip = Clip("x", frames(0, 5000), MediaReference("/films/Ann's film.mp4"))
    timeline = Timeline("x", RATE, (Track("V1", TrackKind.VIDEO, (clip,)),), markers=(Marker(frames(25, 50), "a"),))
    project = json.loads(write(losslesscut.FORMAT, timeline))
    assert project == {
        "version": 2,
        "mediaFileName": "Ann's film.mp4",
        "cutSegments": [{"start": 1.0, "end": 3.0, "name": "a"}],
    }
    head = head_of(LLC.encode(), Path("x.llc"))
    assert losslesscut.FORMAT.recognise is not None
    assert losslesscut.FORMAT.recognise(head)


@pytest.mark.parametrize("text", [
    "{cutSegments: [{start: Infinity, end: 2}]}",
    "{cutSegments: [{start: '1', end: 2}]}",
    "{cutSegments: [{start: true, end: 2}]}",
    "{cutSegments: [{start: 1e300, end: 1e301}]}",
    "{cutSegments: [-1, null, []]}",
    "{cutSegments: []}",
    "{cutSegments: {}}",
    "{cutSegments: [",
    "{cutSegments: (function(){})()}",
    "[" * 5000,
    "/* " * 5000,
    '{"cutSegments": "' + "\\" * 5001,
    "{cutSegments: [{start: 1,, end: 2}]}",
])  # fmt: skip
def test_broken_projects_are_refused(text: str) -> None:
    with pytest.raises((TimelineUnreadable, TimelineInvalid)):
        read(losslesscut.FORMAT, text)


@pytest.mark.parametrize(("text", "value"), [
    ("{a: 1, 'b': +.5, $c_1: -2.}", {"a": 1, "b": 0.5, "$c_1": -2.0}),
    ("[1e3, 1.5e2, 007, -0]", [1000, 150, 7, 0]),
    (r"""['\x41\u00e9\n\'', "\
next"]""", ["Aé\n'", "next"]),
    ("/* x */ [true, false, null,] // end", [True, False, None]),
])  # fmt: skip
def test_json5(text: str, value: object) -> None:
    assert parse(to_json(text)) == value
