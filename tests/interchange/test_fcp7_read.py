"""Final Cut Pro 7 XML as it comes: real files open as they are, hand-made ones by the rules, hostile ones not."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from tests.interchange.fcp7_by_hand import (
    FILE,
    NTSC,
    PATH,
    clips_of,
    frames,
    item,
    key,
    opened,
    remap,
    sequence,
    span,
    xmeml,
)

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange import fcp7_read
from circletake.interchange.fcp7_read import read
from circletake.interchange.format import Source
from circletake.timeline.addresses import media_path
from circletake.timeline.model import (
    Marker,
    TrackKind,
)

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


def test_times_between_frames_can_still_be_added_up() -> None:
    odd = item(0, 49, 101, 150, FILE + remap("113.37")), item(49, 99, 7, 57, FILE + remap("12.3456789"))
    timeline = opened(xmeml(sequence(*odd))).timeline
    shown = timeline.shown(span(3, 90), TrackKind.VIDEO)
    assert float(shown[0][2].start_time.seconds) == pytest.approx(1.1337 * 104 / 25, abs=1e-6)
    assert float(shown[1][2].start_time.seconds) == pytest.approx(0.123456789 * 7 / 25, abs=1e-6)


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


def test_sequences_that_multiply_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcp7_read, "MOST_NESTED", 2000)
    layers = [sequence(item(0, 1, 0, 1), name="n0")]
    for number in range(1, 25):
        below = f'<sequence id="n{number - 1}"/>'
        twice = [item(at, at + 2 ** (number - 1), 0, 2 ** (number - 1), below) for at in (0, 2 ** (number - 1))]
        layers.append(sequence(*twice, name=f"n{number}"))
    with pytest.raises(TimelineUnreadable, match="more than 2,000 clips"):
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
