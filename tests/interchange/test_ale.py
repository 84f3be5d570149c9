"""Avid logs: a table of clips, one after the other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange.ale import FORMAT, read
from circletake.interchange.format import Head, Read, Source
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, TrackKind

PATH = Path("/logs/day 1.ale")
NTSC = Fraction(30000, 1001)


def log(*rows: str, columns: str = "Name\tTracks\tStart\tEnd", heading: str = "FIELD_DELIM\tTABS\nFPS\t25") -> str:
    return "\n".join(("Heading", heading, "", "Column", columns, "", "Data", *rows, ""))


def opened(text: str, rate: str | None = None) -> Read:
    return read(Source(PATH, text.encode(), rate=rate))


def clips_of(result: Read, kind: TrackKind = TrackKind.VIDEO) -> list[Clip]:
    return [
        item for track in result.timeline.tracks if track.kind is kind for item in track.items if isinstance(item, Clip)
    ]


def span(start: int, length: int, rate: Fraction = Fraction(25)) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def test_a_log_of_media_composer(shared: Path) -> None:
    path = shared / "data/timelines/ale/sample.ale"
    result = read(Source(path, path.read_bytes()))
    assert [(clip.name, clip.source_range) for clip in clips_of(result)] == [
        ("test_017056", span(86400, 99, Fraction(24))),
        ("test_017057", span(86400, 100, Fraction(24))),
        ("test_017058", span(86400, 101, Fraction(24))),
        ("Something", span(86400, 102, Fraction(24))),
    ]
    last = clips_of(result)[-1]
    assert last.media is not None
    assert last.media.target_url == "/Users/zzz/Desktop/output.aaf"
    assert dict(last.metadata["ale"])["image size"] == "1920 x 1080"  # type: ignore[call-overload]  # any JSON
    assert result.warnings == ("a log has no cut; its clips are shown one after the other",)


def test_a_log_at_23_976_with_colour_decisions(shared: Path) -> None:
    path = shared / "data/timelines/ale/sample_cdl.ale"
    result = read(Source(path, path.read_bytes()))
    found = clips_of(result)
    assert result.timeline.rate == Fraction(24000, 1001)
    for clip in found:  # the log says itself how many frames each has
        assert str(clip.duration.value) == dict(clip.metadata["ale"])["length"]  # type: ignore[call-overload]  # any JSON
    assert [clip.source_range.start_time.value for clip in found] == [1540153, 1540699, 1527006, 1541327]


def test_drop_frame_is_seen_in_the_timecodes() -> None:
    heading = "FIELD_DELIM\tTABS\nFPS\t29.97"
    result = opened(log("a\tV\t00:00:59;28\t00:01:00;04", heading=heading))
    assert (result.timeline.rate, result.timeline.drop_frame) == (NTSC, True)
    assert clips_of(result)[0].source_range == span(1798, 4, NTSC), "numbers 0 and 1 of the minute are left out"
    plain = opened(log("a\tV\t00:00:59:28\t00:01:00:04", heading=heading))
    assert clips_of(plain)[0].source_range == span(1798, 6, NTSC)
    assert not plain.timeline.drop_frame


def test_tracks_say_what_is_picture_and_what_is_sound() -> None:
    rows = ("both\tVA1A2\t00:00:00:00\t00:00:01:00", "sound\tA1\t00:00:02:00\t00:00:03:00")
    result = opened(log(*rows))
    assert [clip.name for clip in clips_of(result)] == ["both"]
    assert [clip.name for clip in clips_of(result, TrackKind.AUDIO)] == ["both", "sound"]
    assert result.timeline.duration.value == 50


def test_a_clip_of_another_rate_counts_its_own_timecode() -> None:
    columns = "Name\tStart\tEnd\tFPS"
    result = opened(log("fast\t01:00:00:49\t01:00:01:49\t50", columns=columns))
    (clip,) = clips_of(result)
    assert clip.source_range.start_time == RationalTime(180049, Fraction(50))
    assert clip.duration == RationalTime(25, Fraction(25))


def test_a_length_stands_in_for_an_end() -> None:
    rows = ("a\t00:00:01:00\t00:00:00:10", "b\t00:00:01:00\t", "c\t\t00:00:00:10")
    result = opened(log(*rows, columns="Name\tStart\tDuration"))
    assert [(clip.name, clip.source_range) for clip in clips_of(result)] == [("a", span(25, 10))]
    assert any(each.startswith("line 10 and 1 more: clips without a start") for each in result.warnings)


@pytest.mark.parametrize(
    ("columns", "cells", "url"),
    [
        ("Source File\tSource Path", "a.mov\tD:\\day 1", "D:\\day 1\\a.mov"),
        ("Source File\tSource Path", "a.mov\t/day 1/", "/day 1/a.mov"),
        ("UNC\tSource File", "/srv/a.mov\ta.mov", "/srv/a.mov"),
        ("Tape\tScene", "A001\t5", "A001"),
        ("Scene\tTake", "5\t2", "n"),
    ],
)
def test_where_the_media_are(columns: str, cells: str, url: str) -> None:
    text = log(f"n\t00:00:00:00\t00:00:01:00\t{cells}", columns=f"Name\tStart\tEnd\t{columns}")
    (clip,) = clips_of(opened(text))
    assert clip.media is not None
    assert clip.media.target_url == url


@pytest.mark.parametrize(
    ("heading", "rate", "expected"),
    [
        ("VIDEO_FORMAT\tPAL", None, Fraction(25)),
        ("VIDEO_FORMAT\t1080", None, Fraction(24)),
        ("VIDEO_FORMAT\t1080", "59.94", Fraction(60000, 1001)),
        ("FPS\t30", "24", Fraction(30)),
    ],
)
def test_the_rate_comes_from_the_heading_or_is_asked_for(heading: str, rate: str | None, expected: Fraction) -> None:
    result = opened(log("a\tV\t00:00:00:00\t00:00:01:00", heading=heading), rate)
    assert result.timeline.rate == expected
    assert any("names no frame rate" in each for each in result.warnings) == (rate is None)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("a\tV\t00:00:00:99\t00:00:01:00", "line 9"),
        ("a\tV\t00:00:02:00\t00:00:01:00", "line 9"),
        ("a\tV\t-00:00:02:00\t00:00:01:00", "line 9"),
        ("a\tV\t" + "9" * 5000 + "\t00:00:01:00", "line 9"),
        ("a\tV\t00:01:00;00\t00:02:00;00", "line 9"),
    ],
)
def test_timecodes_that_cannot_be_are_named(row: str, place: str) -> None:
    with pytest.raises(TimelineInvalid) as caught:
        opened(log(row))
    assert (caught.value.place, caught.value.path) == (place, PATH)
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Heading\nFPS\t25\n",
        log(),
        log("a,V,00:00:00:00,00:00:01:00", heading="FIELD_DELIM\tCOMMAS"),
        "Heading\n\nData\na\tb\n",
    ],
)
def test_what_is_no_log_is_refused(text: str) -> None:
    with pytest.raises(TimelineUnreadable):
        opened(text)


@pytest.mark.parametrize("fps", ["0", "1e9", "nan", "-25", "100000"])
def test_rates_that_cannot_be_are_refused(fps: str) -> None:
    with pytest.raises(TimelineInvalid):
        opened(log("a\tV\t00:00:00:00\t00:00:01:00", heading=f"FPS\t{fps}"))


def test_it_is_known_by_its_first_line() -> None:
    assert FORMAT.recognise is not None
    assert FORMAT.recognise(Head(b"", log(), "", ".txt"))
    assert not FORMAT.recognise(Head(b"", "Headings of all kinds\n", "", ".ale"))
    assert FORMAT.sources_count_timecode
