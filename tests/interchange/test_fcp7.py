"""Final Cut Pro 7 XML: real files open as they are, written files come back, hostile ones are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange.fcp7 import FORMATS
from circletake.interchange.fcp7_files import path_url, written_rate
from circletake.interchange.fcp7_read import read
from circletake.interchange.fcp7_write import write_premiere, write_resolve
from circletake.interchange.format import Delivery, Feature, Head, Read, Source
from circletake.interchange.tags import adopted, with_markers
from circletake.interchange.xml import Element, parse
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
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

PATH = Path("/cut/cut.xml")
NTSC = Fraction(30000, 1001)
RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), Fraction(60000, 1001))


def frames(value: int, rate: Fraction = Fraction(25)) -> RationalTime:
    return RationalTime(value, rate)


def span(start: int, length: int, rate: Fraction = Fraction(25)) -> TimeRange:
    return TimeRange(frames(start, rate), frames(length, rate))


def opened(text: str, sequence: str | None = None) -> Read:
    return read(Source(PATH, text.encode(), sequence))


def written(timeline: Timeline, write: Any = write_premiere, media: Any = None) -> Element:
    return parse(write(Delivery(timeline, media or {}, PATH)), PATH)


def again(timeline: Timeline, write: Any = write_premiere) -> Timeline:
    return read(Source(PATH, write(Delivery(timeline, {}, PATH)))).timeline


def cut(*items: Clip | Gap, rate: Fraction = Fraction(25), **more: Any) -> Timeline:
    return Timeline("Cut", rate, (Track("V1", TrackKind.VIDEO, items),), **more)


def clip(start: int, length: int, rate: Fraction = Fraction(25), **more: Any) -> Clip:
    film = MediaReference("/films/a.mov", span(0, 5000, rate), "a.mov", start_timecode=frames(0, rate))
    return replace(Clip("a.mov", span(start, length, rate), film), **more)


def clips_of(timeline: Timeline, kind: TrackKind = TrackKind.VIDEO) -> list[tuple[int, Clip]]:
    return [
        (place.start_time.rescaled_to(timeline.rate).value, item)
        for track in timeline.tracks
        if track.kind is kind
        for place, item in track.placed(timeline.rate)
        if isinstance(item, Clip)
    ]


FILE = (
    '<file id="f"><name>a.mov</name><pathurl>file://localhost/films/a.mov</pathurl><rate><timebase>25</timebase>'
    "<ntsc>FALSE</ntsc></rate><duration>1000</duration></file>"
)


def item(start: int, end: int, first: int, last: int, more: str = FILE, name: str = "a") -> str:
    return (
        f"<clipitem><name>{name}</name><duration>1000</duration><rate><timebase>25</timebase></rate>"
        f"<start>{start}</start><end>{end}</end><in>{first}</in><out>{last}</out>{more}</clipitem>"
    )


def sequence(*items: str, name: str = "S", more: str = "", kind: str = "video") -> str:
    return (
        f'<sequence id="{name}"><name>{name}</name><rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>'
        f"<media><{kind}><track>{''.join(items)}</track></{kind}></media>{more}</sequence>"
    )


def xmeml(*content: str) -> str:
    return f'<!DOCTYPE xmeml><xmeml version="5">{"".join(content)}</xmeml>'


def remap(speed: str, *, reverse: bool = False, graph: str = "", varies: bool = False) -> str:
    values = {"variablespeed": int(varies), "speed": speed, "reverse": str(reverse).upper()}
    parameters = "".join(
        f"<parameter><parameterid>{key}</parameterid><value>{value}</value></parameter>"
        for key, value in values.items()
    )
    curve = f"<parameter><parameterid>graphdict</parameterid>{graph}</parameter>" if graph else ""
    return f"<filter><effect><effectid>timeremap</effectid>{parameters}{curve}</effect></filter>"


def key(when: int, value: int) -> str:
    return f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"


# Real files


def test_the_resolvable_cut_is_as_expected(shared: Path) -> None:
    folder = shared / "data/timelines/resolvable"
    expected = json.loads((folder / "expected.json").read_text())
    result = read(Source(folder / "cut_fcp7.xml", (folder / "cut_fcp7.xml").read_bytes()))
    assert result.warnings == ()
    assert result.timeline.rate == 25
    assert result.timeline.duration == frames(25 * expected["total_s"])
    for kind in TrackKind:
        found = [
            (
                each.name,
                each.media and each.media.target_url,
                each.source_range.start_time.seconds,
                each.duration.seconds,
                at,
            )
            for at, each in clips_of(result.timeline, kind)
        ]
        assert found == [
            (each["name"], each["file"], each["source_in_s"], each["duration_s"], each["timeline_start_s"] * 25)
            for each in expected["clips"]
        ]
    assert [marker.range for _, each in clips_of(result.timeline) for marker in each.markers] == [
        span(2625, 25),
        span(75, 25),
    ]


def test_a_premiere_export_with_nesting_fades_and_stereo(shared: Path) -> None:
    path = shared / "data/timelines/fcp7xml/premiere_example.xml"
    result = read(Source(path, path.read_bytes()))
    timeline = result.timeline
    assert (timeline.name, timeline.rate, timeline.drop_frame) == ("sc01_sh010_layerA", Fraction(30), False)
    assert [(at, each.duration.value, each.source_range.start_time.value) for at, each in clips_of(timeline)] == [
        (536, 100, 0),
        (13, 100, 0),
        (165, 157, 0),
        (322, 235, 0),  # fades out until 557
        (636, 100, 0),  # these two lie in the nested sequence
        (736, 220, 0),
        (15, 941, 108000),
        (956, 208, 34),  # ends in the middle of a dissolve from 1152 to 1177, at 12 frames by Premiere's ticks
        (1164, 82, 18),
    ]
    sound = clips_of(timeline, TrackKind.AUDIO)
    assert len(sound) == 9, "each pair of channels is one clip, but for the one whose channels end apart"
    assert (1164, 94, 6) in [(at, each.duration.value, each.source_range.start_time.value) for at, each in sound]
    assert [
        (marker.range.start_time.value, marker.range.duration.value, marker.name) for marker in timeline.markers
    ] == [
        (113, 0, "My MArker 1"),
        (492, 0, "dsf"),
        (298, 0, ""),
    ]
    assert timeline.markers[0].comment == "so, this happened"
    assert any("transitions are shown as cuts" in each for each in result.warnings)
    assert any("nested sequences are shown" in each for each in result.warnings)
    first = clips_of(timeline)[1][1]
    assert first.media is not None
    assert first.media.target_url == "file://localhost/D%3a/media/sc01_sh010_anim.mov"
    assert first.metadata == {"fcp7": {"labels": ["Iris"]}}


def test_generated_pictures_are_empty_clips(shared: Path) -> None:
    path = shared / "data/timelines/fcp7xml/premiere_generators.xml"
    result = read(Source(path, path.read_bytes()))
    found = clips_of(result.timeline)
    assert [(at, each.name, each.media) for at, each in found] == [
        (0, "Universal Counting Leader", None),
        (264, "Black Video", None),
        (383, "Blue Matte", None),
        (502, "HD Bars and Tone", None),
        (621, "Transparent Video", None),
        (737, "Graphic", None),
    ]
    assert (result.timeline.rate, result.timeline.duration.value) == (Fraction(24000, 1001), 856)
    assert len(clips_of(result.timeline, TrackKind.AUDIO)) == 2
    assert any("have no file" in each for each in result.warnings)


def test_a_hiero_export_with_a_media_timecode_and_a_slow_still(shared: Path) -> None:
    path = shared / "data/timelines/fcp7xml/hiero_xml_export.xml"
    timeline = read(Source(path, path.read_bytes())).timeline
    assert timeline.global_start_time == frames(86400, Fraction(24))
    assert timeline.tracks[0].name == "Video 1"
    (at, first), (still_at, still) = clips_of(timeline)
    assert (at, first.duration.value, still_at, still.duration.value) == (14, 1055, 1085, 239)
    assert first.media is not None
    assert first.media.start_timecode == frames(1101071, Fraction(24))
    assert (still.speed, still.source_range.start_time.seconds) == (Fraction(1, 400), Fraction(34))


def test_a_lone_filter_is_no_timeline(shared: Path) -> None:
    path = shared / "data/timelines/fcp7xml/premiere_example_filter.xml"
    with pytest.raises(TimelineUnreadable, match="<filter>"):
        read(Source(path, path.read_bytes()))


# Reading, by hand


@pytest.mark.parametrize(
    ("base", "ntsc", "rate"),
    [
        ("24", "TRUE", Fraction(24000, 1001)),
        ("30", "TRUE", NTSC),
        ("60", "FALSE", Fraction(60)),
        ("29.97", "TRUE", NTSC),
    ],
)
def test_rates_are_exact(base: str, ntsc: str, rate: Fraction) -> None:
    text = f"<sequence><rate><timebase>{base}</timebase><ntsc>{ntsc}</ntsc></rate><media/></sequence>"
    assert opened(xmeml(text)).timeline.rate == rate


@pytest.mark.parametrize(
    ("block", "start", "drops"),
    [
        ("<frame>107892</frame><displayformat>DF</displayformat>", 107892, True),
        ("<string>01;00;00;00</string><displayformat>DF</displayformat>", 107892, True),
        ("<string>01:00:00:00</string><displayformat>NDF</displayformat>", 108000, False),
    ],
)
def test_timecode_is_read_from_frames_or_text(block: str, start: int, drops: bool) -> None:
    rate = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
    timeline = opened(xmeml(f"<sequence>{rate}<media/><timecode>{rate}{block}</timecode></sequence>")).timeline
    assert (timeline.global_start_time, timeline.drop_frame) == (frames(start, NTSC), drops)


@pytest.mark.parametrize(
    ("more", "speed", "start"),
    [
        (remap("200"), Fraction(2), 200),  # frame 100 of the faster clip is frame 200 of the medium
        (remap("50"), Fraction(1, 2), 50),
        (remap("33.333333333333"), Fraction(1, 3), Fraction(100, 3)),
        (remap("100", reverse=True), Fraction(-1), 850),  # the last of 1000 frames comes first: 1000 - 150
        (remap("-100"), Fraction(-1), 850),
        (remap("100", varies=True, graph=key(0, 0) + key(500, 1000)), Fraction(2), 200),
        (remap("100", varies=True, graph=key(0, 77) + key(500, 77)), Fraction(0), 77),
        ("<stillframe>TRUE</stillframe><stillframeoffset>42</stillframeoffset>", Fraction(0), 42),
    ],
)
def test_speed_counts_in_and_out_in_the_retimed_clip(more: str, speed: Fraction, start: Fraction) -> None:
    ((_, found),) = clips_of(opened(xmeml(sequence(item(0, 50, 100, 150, FILE + more)))).timeline)
    assert found.speed == speed
    assert found.source_range.start_time.seconds * 25 == pytest.approx(start)
    assert found.duration == frames(50)


def test_a_speed_that_bends_is_told_and_shown_as_its_mean() -> None:
    bent = remap("100", varies=True, graph=key(0, 0) + key(25, 0) + key(50, 50))
    result = opened(xmeml(sequence(item(0, 50, 0, 50, FILE + bent))))
    assert clips_of(result.timeline)[0][1].speed == 1
    assert any("mean speed" in each for each in result.warnings)


def test_edges_in_a_fade_lie_at_its_cut() -> None:
    fade = "<transitionitem><start>40</start><end>60</end><alignment>{}</alignment></transitionitem>"
    for alignment, at in (("center", 50), ("start", 40), ("end-black", 60)):
        rows = item(0, -1, 0, 60), fade.format(alignment), item(-1, 100, 200, 260)
        assert [(start, each.source_range) for start, each in clips_of(opened(xmeml(sequence(*rows))).timeline)] == [
            (0, span(0, at)),
            (at, span(200 + at - 40, 100 - at)),
        ]


def test_an_edge_that_nothing_tells_follows_from_the_media() -> None:
    rows = item(-1, 50, 0, 20), item(60, -1, 0, 30), item(-1, -1, 0, 5)
    assert [(at, each.duration.value) for at, each in clips_of(opened(xmeml(sequence(*rows))).timeline)] == [
        (30, 20),
        (60, 30),
        (90, 5),
    ]


def test_subclips_count_from_their_own_start() -> None:
    text = xmeml(sequence(item(0, 10, 5, 15, FILE + "<subclipinfo><startoffset>100</startoffset></subclipinfo>")))
    assert clips_of(opened(text).timeline)[0][1].source_range == span(105, 10)


def test_source_times_in_timecode_lose_the_start_of_the_medium() -> None:
    timed = FILE.replace("<duration>", "<timecode><frame>90000</frame></timecode><duration>")
    mark = "<marker><name>m</name><in>90105</in><out>-1</out></marker>"
    result = opened(xmeml(sequence(item(0, 10, 90100, 90110, timed + mark))))
    ((_, found),) = clips_of(result.timeline)
    assert found.source_range == span(100, 10)
    assert found.markers[0].range == span(105, 0)
    assert any("from midnight" in each for each in result.warnings)


def test_clips_and_tracks_that_are_off_are_left_out_and_told() -> None:
    off = item(0, 10, 0, 10, FILE + "<enabled>FALSE</enabled>")
    result = opened(xmeml(sequence(off, item(10, 20, 0, 10, '<file id="f"/>'))))
    assert [at for at, _ in clips_of(result.timeline)] == [10]
    assert any("clips that are switched off" in each for each in result.warnings)
    muted = opened(xmeml(sequence(item(0, 10, 0, 10), "<enabled>FALSE</enabled>")))
    assert muted.timeline.tracks == ()
    assert any("tracks that are switched off" in each for each in muted.warnings)


def test_effects_are_told() -> None:
    blur = "<filter><effect><effectid>blur</effectid></effect></filter>"
    assert opened(xmeml(sequence(item(0, 10, 0, 10, FILE + blur)))).warnings == ('clip "a": effects are left out',)


def test_two_channels_of_one_medium_are_one_clip() -> None:
    left, right = (
        item(0, 10, 0, 10, f"{FILE}<sourcetrack><trackindex>{channel}</trackindex></sourcetrack>") for channel in (1, 2)
    )
    both = sequence(left, kind="audio").replace("</track>", f"</track><track>{right}</track>")
    assert len(clips_of(opened(xmeml(both)).timeline, TrackKind.AUDIO)) == 1
    twice = sequence(left, kind="audio").replace("</track>", f"</track><track>{left}</track>")
    assert len(clips_of(opened(xmeml(twice)).timeline, TrackKind.AUDIO)) == 2


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ("<pproColor>4281740498</pproColor>", "red"),
        ("<pproColor>4278190335</pproColor>", "#ff0000"),
        ("<color><alpha>0</alpha><red>0</red><green>173</green><blue>0</blue></color>", "green"),
        ("<color><red>65535</red><green>0</green><blue>0</blue></color>", "#ff0000"),
        ("<color><red>x</red><green>0</green><blue>0</blue></color>", ""),
        ("", ""),
    ],
)
def test_marker_colours(color: str, name: str) -> None:
    marker = f"<marker><name>n</name><in>3</in><out>8</out>{color}</marker>"
    found = opened(xmeml(sequence(item(0, 10, 0, 10), more=marker))).timeline.markers
    assert found == (Marker(span(3, 5), "n", color=name),)


def test_a_multicam_clip_shows_its_active_angle() -> None:
    def angle(name: str, active: str) -> str:
        file = FILE.replace('"f"', f'"{name}"').replace("a.mov", f"{name}.mov")
        return f"<angle><activevideoangle>{active}</activevideoangle><clip>{file}</clip></angle>"

    multiclip = f"<multiclip>{angle('left', 'FALSE')}{angle('right', 'TRUE')}</multiclip>"
    result = opened(xmeml(sequence(item(0, 10, 40, 50, multiclip))))
    ((_, found),) = clips_of(result.timeline)
    assert found.media is not None
    assert (found.media.name, found.source_range) == ("right.mov", span(40, 10))
    assert any("active angle" in each for each in result.warnings)


def test_markers_of_a_retimed_clip_lie_in_its_media() -> None:
    marker = "<marker><name>m</name><in>120</in><out>130</out></marker>"
    ((_, fast),) = clips_of(opened(xmeml(sequence(item(0, 50, 100, 150, FILE + remap("200") + marker)))).timeline)
    assert fast.markers[0].range == span(240, 20)
    back = FILE + remap("100", reverse=True) + marker
    ((_, found),) = clips_of(opened(xmeml(sequence(item(0, 50, 100, 150, back)))).timeline)
    assert found.markers[0].range == span(870, 10)


def test_sequences_in_bins_are_found_and_chosen_by_name() -> None:
    inner = f"<bin><children>{sequence(item(0, 10, 0, 10), name='B')}</children></bin>"
    text = xmeml(f"<project><children>{sequence(item(0, 20, 0, 20), name='A')}{inner}</children></project>")
    first, second = opened(text), opened(text, "B")
    assert (first.timeline.name, first.others) == ("A", ("B",))
    assert (second.timeline.name, second.others, second.timeline.duration.value) == ("B", ("A",), 10)
    with pytest.raises(TimelineUnreadable, match="no sequence called 'C'") as caught:
        opened(text, "C")
    assert caught.value.hint == "It holds A, B."


def test_a_nested_sequence_is_shown_as_its_clips() -> None:
    inner = sequence(item(0, 50, 100, 150), item(50, 100, 0, 50, '<file id="f"/>', "b"), name="N")
    text = xmeml(sequence(item(10, 60, 25, 75, inner, "nest"), item(60, 70, 0, 10, '<sequence id="N"/>', "nest")))
    result = opened(text)
    assert [(at, each.name, each.source_range) for at, each in clips_of(result.timeline)] == [
        (10, "a", span(125, 25)),
        (35, "b", span(0, 25)),
        (60, "a", span(100, 10)),
    ]
    assert result.warnings == ('clip "nest" and 1 more: nested sequences are shown as the clips in them',)


def test_a_nested_sequence_at_another_speed_is_an_empty_clip() -> None:
    inner = sequence(item(0, 50, 100, 150), name="N")
    result = opened(xmeml(sequence(item(10, 30, 0, 20, inner + remap("50"), "nest"))))
    ((at, found),) = clips_of(result.timeline)
    assert (at, found.name, found.media, found.duration) == (10, "N", None, frames(20))
    assert result.warnings == ('clip "nest": a nested sequence at another speed is shown as an empty clip',)


def test_sequences_that_contain_each_other_are_refused() -> None:
    text = xmeml(sequence(item(0, 10, 0, 10, sequence(item(0, 10, 0, 10, '<sequence id="S"/>'), name="N"))))
    with pytest.raises(TimelineInvalid, match='sequence "S": it contains itself'):
        opened(text)


def test_sequences_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    layers = [sequence(item(0, 1, 0, 1), name="n0")]
    for number in range(1, 25):
        below = f'<sequence id="n{number - 1}"/>'
        twice = [item(at, at + 2 ** (number - 1), 0, 2 ** (number - 1), below) for at in (0, 2 ** (number - 1))]
        layers.append(sequence(*twice, name=f"n{number}"))
    with pytest.raises(TimelineUnreadable, match="more than 20,000 clips"):
        opened(xmeml(*reversed(layers)))


def test_a_file_of_clips_alone_shows_them_one_after_the_other() -> None:
    def of(name: str, first: int, last: int) -> str:
        rate = "<rate><timebase>25</timebase></rate>"
        return f"<clip><name>{name}</name>{rate}<in>{first}</in><out>{last}</out>{FILE}</clip>"

    result = opened(xmeml(f"<bin><children>{of('x', 5, 15)}{of('y', -1, -1)}{of('z', 100, 120)}</children></bin>"))
    assert [(at, each.name, each.source_range) for at, each in clips_of(result.timeline)] == [
        (0, "x", span(5, 10)),
        (10, "z", span(100, 20)),
    ]
    assert any("no sequence in the file" in each for each in result.warnings)


@pytest.mark.parametrize(
    "broken",
    [
        sequence(item(0, 10, 0, 10)).replace("<timebase>25", "<timebase>0"),
        sequence(item(0, 10, 0, 10)).replace("<timebase>25", "<timebase>1e9"),
        sequence(item(0, 10, 0, 10)).replace("<end>10<", "<end>ten<"),
        sequence(item(0, 10, 0, 10)).replace("<end>10<", "<end>99999999999999999999999<"),
        sequence(item(0, 10, 0, 10)).replace("<start>0<", "<start>-5<"),
        sequence(item(0, 10, 0, 10)).replace("<duration>1000<", "<duration>inf<"),
        sequence(item(0, 10, 0, 10)).replace("<rate>", "<speed>").replace("</rate>", "</speed>"),
    ],
)
def test_values_that_cannot_be_are_named(broken: str) -> None:
    with pytest.raises(TimelineInvalid) as caught:
        opened(xmeml(broken))
    assert caught.value.path == PATH
    assert caught.value.place
    assert caught.value.hint


def test_hostile_files(shared: Path) -> None:
    folder = shared / "data/timelines_hostile"
    with pytest.raises(TimelineUnreadable, match="entities"):
        read(Source(folder / "xxe_file.xml", (folder / "xxe_file.xml").read_bytes()))
    timeline = read(Source(folder / "xmeml_traversal.xml", (folder / "xmeml_traversal.xml").read_bytes())).timeline
    ((_, found),) = clips_of(timeline)
    assert found.media is not None
    assert found.media.target_url == "file://localhost/%2e%2e/%2e%2e/etc/passwd"
    assert media_path(found.media.target_url, folder) is None


# Writing


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
