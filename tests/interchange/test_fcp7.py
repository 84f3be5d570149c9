"""Final Cut Pro 7 XML as it is written: what Premiere and Resolve want is there, and everything comes back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.interchange.fcp7_by_hand import NTSC, PATH, clips_of, frames, span

from circletake.interchange.fcp7 import FORMATS
from circletake.interchange.fcp7_files import path_url, written_rate
from circletake.interchange.fcp7_read import read
from circletake.interchange.fcp7_write import write_premiere, write_resolve
from circletake.interchange.format import Delivery, Feature, Head, Source
from circletake.interchange.tags import adopted, with_markers
from circletake.interchange.xml import Element, parse
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import TimeRange
from circletake.timeline.addresses import media_path
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

RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), Fraction(60000, 1001))


def written(timeline: Timeline, write: Any = write_premiere, media: Any = None) -> Element:
    return parse(write(Delivery(timeline, media or {}, PATH)), PATH)


def again(timeline: Timeline, write: Any = write_premiere) -> Timeline:
    return read(Source(PATH, write(Delivery(timeline, {}, PATH)))).timeline


def cut(*items: Clip | Gap, rate: Fraction = Fraction(25), **more: Any) -> Timeline:
    return Timeline("Cut", rate, (Track("V1", TrackKind.VIDEO, items),), **more)


def clip(start: int, length: int, rate: Fraction = Fraction(25), **more: Any) -> Clip:
    film = MediaReference("/films/a.mov", span(0, 5000, rate), "a.mov", start_timecode=frames(0, rate))
    return replace(Clip("a.mov", span(start, length, rate), film), **more)


def test_both_are_formats_and_one_reads() -> None:
    premiere, resolve = FORMATS
    assert (premiere.name, resolve.name) == ("premiere", "resolve-xml")
    assert premiere.recognise is not None
    assert premiere.recognise(Head(b"", "", "xmeml", ".xml"))
    assert not premiere.recognise(Head(b"", "", "fcpxml", ".xml"))
    assert resolve.recognise is None
    assert "marker list" in resolve.carries.partly[Feature.TIMELINE_MARKERS]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/films/Zoë & co/a b#1%.mov", "file://localhost/films/Zo%C3%AB%20%26%20co/a%20b%231%25.mov"),
        ("C:\\Users\\me\\My Clip.mov", "file://localhost/C%3a/Users/me/My%20Clip.mov"),
        ("../video/a b.mp4", "../video/a b.mp4"),
        ("http://example.org/a.mp4", "http://example.org/a.mp4"),
    ],
)
def test_addresses_are_premieres(path: str, url: str) -> None:
    assert path_url(path) == url


@pytest.mark.parametrize(
    ("rate", "written_as"),
    [
        (NTSC, NTSC),
        (Fraction(25, 2), Fraction(25)),
        (Fraction(23040000, 767849), Fraction(30)),
        (Fraction(12), Fraction(12)),
    ],
)
def test_rates_that_the_format_lacks(rate: Fraction, written_as: Fraction) -> None:
    assert written_rate(rate) == written_as


def test_every_file_and_the_sequence_have_a_timecode() -> None:
    other = replace(clip(0, 10), media=MediaReference("/films/b.mov"))
    root = written(cut(clip(0, 10), other), write_resolve)
    assert [node.findtext("timecode/string") for node in root.iter("file") if len(node)] == ["00:00:00:00"] * 2
    assert root.findtext("sequence/timecode/frame") == "0"


def test_media_facts_come_from_the_film(sample_clip: Path) -> None:
    info = replace(probe(sample_clip, NoContext()), start_timecode="00:59:59:10")
    film = Clip("film", span(0, 25, info.edit_rate), MediaReference(str(sample_clip)))
    timeline = Timeline(
        "Cut",
        info.edit_rate,
        (Track("V1", TrackKind.VIDEO, (film,)), Track("A1", TrackKind.AUDIO, (film,))),
    )
    root = written(timeline, media={sample_clip: info})
    (file,) = (node for node in root.iter("file") if len(node))
    picture, sound = info.picture, info.sound
    assert picture is not None
    assert sound is not None
    assert file.findtext("timecode/string") == "00:59:59:10"
    for place in ("sequence/media/video/format", "sequence/media/video/track/clipitem/file/media/video"):
        size = [root.findtext(f"{place}/samplecharacteristics/{side}") for side in ("width", "height")]
        assert size == [str(side) for side in picture.display_size]
    assert file.findtext("duration") == str(info.full_range.duration.value)
    assert file.findtext("media/audio/samplecharacteristics/samplerate") == str(sound.sample_rate)
    channels = min(2, sound.channels)
    assert len(root.findall("sequence/media/audio/track")) == channels
    links = root.findall("sequence/media/video/track/clipitem/link")
    assert [link.findtext("mediatype") for link in links] == ["video", *["audio"] * channels]


@pytest.mark.parametrize(
    ("text", "string", "numbering"),
    [("01;00;00;00", "01;00;00;00", "DF"), ("01:00:00:00", "01:00:00:00", "NDF"), ("", "00;00;00;00", "DF")],
)
def test_a_medium_keeps_its_own_numbering(sample_clip: Path, text: str, string: str, numbering: str) -> None:
    known = probe(sample_clip, NoContext())
    stream = replace(known.video[0], average_rate=NTSC)
    info = replace(known, video=(stream,), start_timecode=text or None)
    film = Clip("film", span(0, 25, NTSC), MediaReference(str(sample_clip)))
    root = written(cut(film, rate=NTSC, drop_frame=True), media={sample_clip: info})
    (file,) = (node for node in root.iter("file") if len(node))
    assert [file.findtext(f"timecode/{tag}") for tag in ("string", "displayformat")] == [string, numbering]


def test_stereo_sound_is_two_linked_channels() -> None:
    timeline = cut(clip(0, 10), clip(50, 10))
    timeline = replace(timeline, tracks=(*timeline.tracks, Track("Ton", TrackKind.AUDIO, timeline.tracks[0].items)))
    root = written(timeline)
    left, right = root.findall("sequence/media/audio/track")
    assert [track.get("currentExplodedTrackIndex") for track in (left, right)] == ["0", "1"]
    assert [node.findtext("sourcetrack/trackindex") for node in right.findall("clipitem")] == ["2", "2"]
    picture = root.findall("sequence/media/video/track/clipitem")[1]
    second = [row.findall("clipitem")[1].get("id") for row in (left, right)]
    assert [link.findtext("linkclipref") for link in picture.findall("link")] == [picture.get("id"), *second]
    back = again(timeline)
    assert [(track.name, len(track.items)) for track in back.tracks] == [("V1", 2), ("Ton", 2)]


def test_tracks_that_sound_alike_stay_apart() -> None:
    alike = tuple(Track(f"A{number}", TrackKind.AUDIO, (clip(0, 10),)) for number in range(1, 5))
    assert [track.name for track in again(Timeline("Four", Fraction(25), alike)).tracks] == ["A1", "A2", "A3", "A4"]


def test_drop_frame_is_a_way_of_numbering() -> None:
    timeline = cut(clip(0, 30, NTSC), rate=NTSC, drop_frame=True, global_start_time=frames(107892, NTSC))
    root = written(timeline)
    assert root.findtext("sequence/timecode/string") == "01;00;00;00"
    assert root.findtext("sequence/timecode/displayformat") == "DF"
    back = again(timeline)
    assert (back.rate, back.drop_frame, back.global_start_time) == (NTSC, True, frames(107892, NTSC))


def test_premieres_colours_are_numbers_and_the_others_rgb() -> None:
    markers = tuple(Marker(span(n, 0), str(n), color=color) for n, color in enumerate(("red", "mint", "#fefefe", "")))
    timeline = cut(clip(0, 10), markers=markers)
    numbers = [node.findtext("pproColor") for node in written(timeline).iter("marker")]
    assert numbers == ["4281740498", "4281828977", "4294967295", None]
    assert [marker.color for marker in again(timeline).markers] == ["red", "green", "white", ""]
    assert [marker.color for marker in again(timeline, write_resolve).markers] == ["red", "mint", "#fefefe", ""]


@pytest.mark.parametrize("write", [write_premiere, write_resolve])
def test_marks_come_back(write: Any) -> None:
    mark = Mark("ab" * 16, span(3, 5), "Hook <é>", MarkState.KEPT, 88.5, "signals only", note="why & how")
    back = adopted(again(with_markers(cut(clip(0, 40)).with_marks((mark,))), write))
    (found,) = back.marks
    assert (found.id, found.range, found.name, found.state, found.score, found.note) == (
        mark.id[:12],
        mark.range,
        mark.name,
        mark.state,
        mark.score,
        mark.note,
    )


def test_names_of_any_kind_survive() -> None:
    name = "=cmd|' /C calc'!A0 <b>\"x\"</b> & 🎬 \u05d0\u05d1"
    marker = Marker(span(1, 0), name, "line\n\uffffline\ud800 [ct:abc k 88 250f]")
    (found,) = again(cut(replace(clip(0, 9), name=name), markers=(marker,))).markers
    assert found.name == name
    assert found.comment.endswith("[ct:abc k 88 250f]")
    assert found.comment.startswith("line\n")


def test_the_same_timeline_gives_the_same_bytes() -> None:
    delivery = Delivery(cut(clip(0, 10), clip(20, 10)), {}, PATH)
    assert write_premiere(delivery) == write_premiere(delivery)


def test_a_film_made_for_nobody_is_written_too() -> None:
    assert again(Timeline("Empty", Fraction(25))).tracks == ()
    back = again(cut(Clip("title", span(7, 10), None)))
    assert clips_of(back)[0][1].media is None


SPEEDS = st.sampled_from([Fraction(text) for text in ["1", "2", "3", "1/2", "1/3", "5/4", "-1", "-2", "-3/2", "0"]])


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Cuts with gaps, layers, sound, speeds, media of other rates and markers on clips."""
    rate = draw(st.sampled_from(RATES))

    def drawn() -> Clip | Gap:
        length = frames(draw(st.integers(1, 200)), rate)
        if draw(st.integers(0, 4)) == 0:
            return Gap(length)
        own = draw(st.sampled_from([rate, rate, Fraction(25), Fraction(24000, 1001)]))
        begin = frames(draw(st.integers(0, 3000)), own)
        start = draw(st.sampled_from([0, 90000]))
        film = MediaReference(
            f"/films/{own.numerator}_{start}.mov", span(0, 9000, own), start_timecode=frames(start, own)
        )
        marks = [
            Marker(TimeRange(begin + frames(n, own), frames(2 * n, own)), f"m{n}")
            for n in range(draw(st.integers(0, 2)))
        ]
        speed = draw(SPEEDS)
        return Clip("c", TimeRange(begin, length), film, speed=speed, markers=tuple(marks) if speed == 1 else ())

    tracks = [
        Track(name, kind, (*(drawn() for _ in range(draw(st.integers(0, 4)))), clip(0, 10, rate)))
        for name, kind in (("V1", TrackKind.VIDEO), ("Top", TrackKind.VIDEO), ("A1", TrackKind.AUDIO))
    ]
    return Timeline("T", rate, tuple(tracks), global_start_time=frames(draw(st.integers(0, 10**6)), rate))


@settings(max_examples=40, deadline=None)
@given(timelines(), st.sampled_from([write_premiere, write_resolve]))
def test_cuts_come_back_frame_for_frame(timeline: Timeline, write: Any) -> None:
    back = again(timeline, write)
    assert (back.rate, back.global_start_time, back.duration) == (
        timeline.rate,
        timeline.global_start_time,
        timeline.duration,
    )
    for before, after in zip(timeline.tracks, back.tracks, strict=True):
        assert (before.name, before.kind) == (after.name, after.kind)
        first, second = (
            [(place, each) for place, each in track.placed(timeline.rate) if isinstance(each, Clip)]
            for track in (before, after)
        )
        assert [(place, each.name, each.source_range, each.speed, each.markers) for place, each in first] == [
            (place, each.name, each.source_range, each.speed, each.markers) for place, each in second
        ]
        for (_, one), (_, other) in zip(first, second, strict=True):
            assert one.media is not None
            assert other.media is not None
            assert media_path(other.media.target_url, PATH.parent) == Path(one.media.target_url)
            assert other.media.start_timecode == one.media.start_timecode
