"""Shotcut's projects: ours read back and looked at as XML, and the shapes its own files have."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from circletake.errors import TimelineInvalid
from circletake.interchange.format import Delivery, Head, Source
from circletake.interchange.mlt import FORMAT as MLT
from circletake.interchange.shotcut import FORMAT
from circletake.interchange.shotcut_read import read
from circletake.interchange.shotcut_write import write
from circletake.interchange.tags import adopted, with_markers
from circletake.interchange.writing import to_format
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import (
    Clip,
    Gap,
    Item,
    Mark,
    Marker,
    MarkState,
    MediaReference,
    Timeline,
    Track,
    TrackKind,
)

RATE = Fraction(24000, 1001)


def time(frames: int) -> RationalTime:
    return RationalTime(frames, RATE)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(time(start), time(length))


def clip(name: str, start: int, length: int, speed: Fraction = Fraction(1), markers: tuple[Marker, ...] = ()) -> Clip:
    return Clip(name, span(start, length), MediaReference("/films/a b.mp4"), speed=speed, markers=markers)


def cut(*items: Item, name: str = "V1", kind: TrackKind = TrackKind.VIDEO) -> Track:
    return Track(name, kind, items)


def sound(*items: Item, name: str = "A1") -> Track:
    return cut(*items, name=name, kind=TrackKind.AUDIO)


def delivered(timeline: Timeline) -> Delivery:
    return Delivery(with_markers(timeline, one_text=True), {}, Path("/out/cut.mlt"))


def back(*tracks: Track, markers: tuple[Marker, ...] = (), marks: tuple[Mark, ...] = ()) -> Timeline:
    timeline = Timeline("", RATE, tracks, marks, markers=markers)
    return adopted(read(Source(Path("/out/cut.mlt"), write(delivered(timeline)))).timeline)


def xml(*tracks: Track) -> ET.Element:
    return ET.fromstring(write(delivered(Timeline("", RATE, tracks))))


def rows(timeline: Timeline) -> list[tuple[object, ...]]:
    return [
        (
            each.name,
            each.kind.value,
            *(
                (item.name, item.source_range.start_time.value, item.duration.value)
                if isinstance(item, Clip)
                else item.duration.value
                for item in each.items
            ),
        )
        for each in timeline.tracks
    ]


def test_tracks_clips_and_names_come_back() -> None:
    tracks = (
        cut(clip("Hook & <one>", 10, 20), Gap(time(5)), clip("Payoff é", 50, 7)),
        cut(Gap(time(3)), clip("Over", 0, 4), name="B-roll"),
        sound(clip("Hook & <one>", 10, 20), name="A1"),
        sound(Gap(time(8)), clip("Loose", 10, 20), name="Music"),
    )

    found = back(*tracks)

    assert found.rate == RATE
    assert rows(found) == rows(Timeline("", RATE, tracks))


def test_sound_that_belongs_to_a_picture_is_not_a_track_of_its_own() -> None:
    root = xml(cut(clip("One", 10, 20), clip("Two", 50, 20)), sound(clip("One", 10, 20)))

    playlists = [each.get("id") for each in root.findall("playlist")]
    silent = [each.find("property[@name='audio_index']") is not None for each in root.findall("chain")]
    assert playlists == ["main_bin", "background", "playlist0"]
    assert silent == [False, True]


@pytest.mark.parametrize(
    "sounds",
    [
        sound(clip("One", 11, 20)),
        sound(clip("One", 10, 20), clip("One", 30, 5)),
        sound(Gap(time(1)), clip("One", 10, 20)),
        sound(clip("One", 10, 20, Fraction(2))),
        sound(clip("One", 10, 20), name="Boom"),
    ],
)
def test_sound_that_differs_has_a_track_of_its_own(sounds: Track) -> None:
    tracks = (cut(clip("One", 10, 20)), sounds)

    found = back(*tracks)

    assert rows(found) == rows(Timeline("", RATE, tracks))
    assert [item.speed for item in found.tracks[1].items if isinstance(item, Clip)] == [
        item.speed for item in sounds.items if isinstance(item, Clip)
    ]


def test_speeds_come_back() -> None:
    speeds = [Fraction(2), Fraction(1, 4), Fraction(4, 3), Fraction(-1), Fraction(-3, 2), Fraction(0), Fraction(1)]

    (track,) = back(cut(*(clip("a", 120, 30, speed) for speed in speeds))).tracks

    assert [item.speed for item in track.items if isinstance(item, Clip)] == speeds
    assert {item.media_range.start_time for item in track.items if isinstance(item, Clip)} == {time(120)}


def test_a_held_frame_is_no_chain() -> None:
    """MLT counts a held frame from the start of the medium in a chain, from the start of the clip in a producer."""
    root = xml(cut(clip("Runs", 120, 30), clip("Held", 120, 30, Fraction(0))))

    assert [each.tag for each in root if each.tag in ("chain", "producer") and each.get("id") != "black"] == [
        "chain",
        "producer",
    ]


def test_markers_and_marks_come_back_with_length_and_colour() -> None:
    markers = (
        Marker(span(5, 12), "Range: words", color="orange"),
        Marker(span(6, 0), "Point", color="#123456"),
        Marker(span(7, 1), "One frame"),
    )
    mark = Mark("3f2a9c01b7de", span(8, 20), 'Crowd "silent" & <wow>', MarkState.REJECTED, 88.25, note="Zoë")

    found = back(cut(clip("One", 0, 90)), markers=markers, marks=(mark,))

    assert found.markers == markers
    (again,) = found.marks
    assert (again.id, again.range, again.name, again.note, again.state) == (
        *(mark.id, mark.range, mark.name, mark.note, mark.state),
    )


def test_a_range_ends_where_its_last_frame_does() -> None:
    timeline = Timeline("", RATE, (cut(clip("One", 0, 90)),), markers=(Marker(span(24, 24), "Second"),))
    root = ET.fromstring(write(delivered(timeline)))

    facts = {each.get("name"): each.text for each in root.findall(".//properties[@name='0']/property")}
    assert facts == {"text": "Second", "start": "00:00:01.001", "end": "00:00:02.002", "color": "#008000"}


def test_markers_of_clips_move_to_where_they_show() -> None:
    own = clip("One", 40, 10, markers=(Marker(span(46, 0), "Look", color="red"), Marker(span(90, 0), "Unseen")))
    timeline = Timeline("", RATE, (cut(Gap(time(10)), own), sound(Gap(time(10)), own)))

    found = read(Source(Path("/out/cut.mlt"), to_format(timeline, FORMAT, {}, Path("/out/cut.mlt")))).timeline

    assert [(each.name, each.range.start_time.value, each.color) for each in found.markers] == [("Look", 16, "red")]


def test_a_clip_without_a_medium_stays_one() -> None:
    black = Clip("Black", span(0, 9), None)

    found = back(cut(clip("One", 0, 5), black))

    assert [(item.name, item.media) for item in found.tracks[0].items if isinstance(item, Clip)][-1] == ("Black", None)
    assert [each.kind for each in found.tracks] == [TrackKind.VIDEO]


# What Shotcut's own files have.

PLAYLIST_ONLY = """<mlt title="Shotcut version 22.12.21" producer="main_bin">
<profile frame_rate_num="25" frame_rate_den="1"/>
<chain id="chain0" out="00:00:09.960"><property name="length">00:00:10.000</property>
<property name="resource">proxies/1.mp4</property><property name="shotcut:originalResource">a.mp4</property>
<property name="shotcut:caption">Take 1</property></chain>
<playlist id="main_bin"><property name="shotcut:projectFolder">0</property>
<entry producer="chain0" in="00:00:01.000" out="00:00:01.960"/></playlist></mlt>"""


def test_a_project_that_is_a_playlist_shows_originals() -> None:
    found = read(Source(Path("a.mlt"), PLAYLIST_ONLY.encode())).timeline

    assert rows(found) == [("V1", "Video", ("Take 1", 25, 25)), ("A1", "Audio", ("Take 1", 25, 25))]
    (first,) = found.tracks[0].items
    assert isinstance(first, Clip)
    assert first.media is not None
    assert first.media.target_url == "a.mp4"


def test_a_marker_before_the_timeline_is_refused() -> None:
    text = PLAYLIST_ONLY.replace("</mlt>", "") + (
        '<tractor><property name="shotcut">1</property><properties name="shotcut:markers"><properties name="0">'
        '<property name="start">-5</property></properties></properties><track producer="main_bin"/></tractor></mlt>'
    )

    with pytest.raises(TimelineInvalid, match="before the timeline"):
        read(Source(Path("a.mlt"), text.encode()))


def test_a_project_of_shotcut_is_told_from_plain_mlt() -> None:
    def seen(text: str) -> tuple[bool, bool]:
        head = Head(text.encode(), text, "mlt", ".mlt")
        assert FORMAT.recognise
        assert MLT.recognise
        return FORMAT.recognise(head), MLT.recognise(head)

    ours = write(delivered(Timeline("", RATE, (cut(clip("One", 0, 5)),)))).decode()
    assert [seen(text) for text in (PLAYLIST_ONLY, ours, "<mlt><producer/></mlt>")] == [
        (True, True),
        (True, True),
        (False, True),
    ]


def test_an_empty_timeline_is_written() -> None:
    assert back().tracks == ()


def test_the_same_cut_gives_the_same_bytes() -> None:
    timeline = Timeline("", RATE, (cut(clip("One", 0, 5)),))

    assert write(delivered(timeline)) == write(delivered(timeline))


@pytest.mark.parametrize(
    "url", ["/films/\udcff.mp4", "file:///films/a%20b.mp4", "C:\\films\\a.mp4", "http://x/a.mp4", "/f/\x01.mp4"]
)
def test_odd_addresses_are_written(url: str) -> None:
    odd = Clip("Odd \U0001f3ac", span(0, 5), MediaReference(url))

    found = back(cut(odd))

    (again,) = found.tracks[0].items
    assert again.name == odd.name
