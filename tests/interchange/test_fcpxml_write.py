"""What is written as FCPXML is valid, says what Final Cut expects, and comes back as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.interchange.fcpxml import FORMAT
from circletake.interchange.fcpxml_read import read
from circletake.interchange.fcpxml_shelf import file_url
from circletake.interchange.fcpxml_times import seconds_of
from circletake.interchange.fcpxml_write import write
from circletake.interchange.format import Delivery, Feature, Read, Source
from circletake.interchange.tags import adopted, with_markers
from circletake.media.frames import AudioStream, ColorInfo, MediaInfo, VideoStream
from circletake.timebase import RationalTime, TimeRange, from_timecode
from circletake.timeline.addresses import media_path
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

NTSC_24, NTSC_30, NTSC_60 = (Fraction(n * 1000, 1001) for n in (24, 30, 60))
ALL_RATES = (NTSC_24, Fraction(24), Fraction(25), NTSC_30, Fraction(30), Fraction(50), NTSC_60, Fraction(60))
RATE = Fraction(25)
FILM = "/films/Zoë's take & more/clip 1%.mov"
OUT = Path("/films/out.fcpxml")
DTD_VARIABLE = "CIRCLETAKE_FCPXML_DTD"
OWN_DTD = Path(__file__).parent / "dtd/fcpxml_written.dtd"


def time(frames: int, rate: Fraction = RATE) -> RationalTime:
    return RationalTime(frames, rate)


def span(start: int, length: int, rate: Fraction = RATE) -> TimeRange:
    return TimeRange(time(start, rate), time(length, rate))


def clip(start: int, length: int, *, url: str = FILM, rate: Fraction = RATE, speed: Fraction | int = 1) -> Clip:
    media = MediaReference(url, span(0, 5000, rate), Path(url).name)
    return Clip(Path(url).stem, span(start, length, rate), media, speed=Fraction(speed))


def video(*items: Item, name: str = "V1") -> Track:
    return Track(name, TrackKind.VIDEO, items)


def audio(*items: Item, name: str = "A1") -> Track:
    return Track(name, TrackKind.AUDIO, items)


def timeline(*tracks: Track, rate: Fraction = RATE, markers: tuple[Marker, ...] = ()) -> Timeline:
    return Timeline("Cut", rate, tracks, markers=markers)


def written(cut: Timeline, media: Mapping[Path, MediaInfo] | None = None) -> bytes:
    return write(Delivery(cut, media or {}, OUT))


def root_of(cut: Timeline, media: Mapping[Path, MediaInfo] | None = None) -> Element:
    return fromstring(written(cut, media))


def again(cut: Timeline) -> Read:
    return read(Source(OUT, written(cut)))


Facts = tuple[Fraction, Fraction, str, Fraction, Fraction, str, list[tuple[object, ...]]]


def facts(cut: Timeline) -> list[tuple[TrackKind, list[Facts]]]:
    """What a cut shows and sounds, in seconds, without what the format does not promise."""
    found = []
    for track in cut.tracks:
        row = []
        for at, item in track.placed(cut.rate):
            if isinstance(item, Clip):
                path = media_path(item.media.target_url, Path("/")) if item.media else None
                start, length = at.start_time.seconds, at.duration.seconds
                source = item.source_range.start_time.seconds
                row.append((start, length, item.name, source, item.speed, str(path), told(item.markers)))
        if row:
            found.append((track.kind, row))
    return found


def told(markers: tuple[Marker, ...]) -> list[tuple[object, ...]]:
    return sorted(
        (m.range.start_time.seconds, m.range.duration.seconds, m.name, m.comment, m.kind, str(m.metadata))
        for m in markers
    )


def assert_valid(data: bytes, folder: Path) -> None:
    """Against our own document type, and Apple's where the environment names it."""
    tool = shutil.which("xmllint")
    if tool is None:
        pytest.skip("xmllint is not installed")
    file = folder / "written.fcpxml"
    file.write_bytes(data)
    named = os.environ.get(DTD_VARIABLE)
    for dtd in (OWN_DTD, *([Path(named)] if named else [])):
        command = [tool, "--nonet", "--noout", "--dtdvalid", str(dtd), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def everything() -> Timeline:
    """A cut with all that the writer knows."""
    marked = replace(
        clip(100, 50),
        markers=(
            Marker(span(110, 0), "plain", "why <&>\"'"),
            Marker(span(111, 20), "Long, with comma"),
            Marker(span(112, 0), "todo", kind="to-do", metadata={"completed": True}),
            Marker(span(113, 0), "part", kind="chapter"),
            Marker(span(90, 80), "snow, truck", kind="keyword"),
            Marker(span(114, 5), "favorite", kind="rating"),
        ),
    )
    other = "/films/sound.wav"
    return Timeline(
        "All & <everything>",
        RATE,
        (
            video(marked, Gap(time(10)), clip(0, 20, speed=2), clip(30, 20, speed=-1), clip(7, 20, speed=0)),
            video(Gap(time(5)), clip(400, 30, url="/films/b.mov"), Clip("Missing", span(0, 9), None), name="V2"),
            audio(replace(marked, markers=()), Gap(time(30)), clip(3, 11, url=other)),
            audio(Gap(time(20)), clip(9, 200, url=other), name="A2"),
        ),
        global_start_time=time(90000),
        markers=(
            Marker(span(3, 0), "on the first"),
            Marker(span(52, 30), "from the gap on", "note"),
            Marker(span(170, 4), "said", kind="caption"),
        ),
    )


def test_all_of_it_is_valid(tmp_path: Path) -> None:
    assert_valid(written(everything()), tmp_path)


@pytest.mark.parametrize(
    "cut",
    [
        timeline(),
        timeline(markers=(Marker(span(12, 3), "alone"),)),
        timeline(audio(clip(0, 30, url="/films/sound.wav"))),
        timeline(video(Clip("", span(0, 5), None))),
        timeline(video(clip(0, 3, rate=NTSC_24), clip(5, 7, rate=NTSC_60)), rate=NTSC_30),
    ],
    ids=["nothing", "markers", "sound", "no media", "mixed rates"],
)
def test_odd_cuts_are_valid_and_read(cut: Timeline, tmp_path: Path) -> None:
    assert_valid(written(cut), tmp_path)
    assert len(facts(again(cut).timeline)) == len(facts(cut))


def test_all_of_it_comes_back() -> None:
    cut = everything()
    back = again(cut).timeline
    sound = facts(cut)[2][1]  # the sound of the first picture joins it; the other sound of that track comes back below
    assert facts(back) == [*facts(cut)[:2], (TrackKind.AUDIO, sound[:1]), (TrackKind.AUDIO, sound[1:]), facts(cut)[3]]
    assert told(back.markers) == told(cut.markers)
    assert (back.name, back.rate, back.duration) == (cut.name, cut.rate, cut.duration)
    assert back.global_start_time == cut.global_start_time


def test_the_same_cut_gives_the_same_bytes() -> None:
    assert written(everything()) == written(everything())


@pytest.mark.parametrize("rate", ALL_RATES, ids=lambda rate: f"{float(rate):.2f}")
def test_every_rate_comes_back_exact(rate: Fraction, tmp_path: Path) -> None:
    pieces = [clip(start, length, rate=rate) for start, length in ((0, 1), (86_400, 17), (4999, 100_003))]
    cut = timeline(video(*pieces), audio(*pieces), rate=rate)
    assert_valid(written(cut), tmp_path)
    back = again(cut).timeline
    assert (back.rate, facts(back)) == (rate, facts(cut))
    assert all(item.duration.rate == rate for track in back.tracks for item in track.items)


@pytest.mark.parametrize(
    ("rate", "start"), [(NTSC_30, "01:00:00;00"), (NTSC_60, "10:09:59;58"), (NTSC_30, "00:01:00;02")]
)
def test_drop_frame_starts_where_it_did(rate: Fraction, start: str) -> None:
    first = from_timecode(start, rate)
    cut = replace(timeline(video(clip(10, 40, rate=rate)), rate=rate), drop_frame=True, global_start_time=first)
    (sequence,) = root_of(cut).iter("sequence")
    assert (sequence.get("tcFormat"), seconds_of(sequence.get("tcStart", ""))) == ("DF", first.seconds)
    back = again(cut).timeline
    assert (back.drop_frame, back.global_start_time, facts(back)) == (True, first, facts(cut))


def info(*, rate: Fraction = RATE, start: str | None = None, sound: bool = True, transfer: str = "bt709") -> MediaInfo:
    length = time(2500, rate)
    stream = VideoStream(
        index=0, codec="h264", profile="", width=1280, height=720, pixel_format="yuv420p", bit_depth=8,
        average_rate=rate, variable_frame_rate=False, time_base=1 / rate, start_time=time(0, rate), duration=length,
        frame_count=2500, key_frame_count=10, rotation=0, sample_aspect_ratio=Fraction(1),
        color=ColorInfo("bt709", transfer, "bt709"), bit_rate=0, reordered=False,
    )  # fmt: skip
    heard = AudioStream(1, "aac", 44100, 1, "mono", time(0, rate), length)
    return MediaInfo(Path(FILM), 1, "f", "mov", length, (stream,), (heard,) if sound else (), start_timecode=start)


def test_assets_say_what_the_media_are() -> None:
    root = root_of(timeline(video(clip(50, 25))), {Path(FILM): info(rate=NTSC_24, start="01:00:00:00")})
    (asset,) = root.iter("asset")
    assert asset.attrib == {
        "id": "r3", "name": "clip 1%.mov", "uid": asset.get("uid"), "start": "18018/5s", "duration": "5005/48s",
        "hasVideo": "1", "format": "r2", "hasAudio": "1", "videoSources": "1", "audioSources": "1",
        "audioChannels": "1", "audioRate": "44100",
    }  # fmt: skip
    (rep,) = asset.iter("media-rep")
    assert rep.get("src") == "file:///films/Zo%C3%AB's%20take%20&%20more/clip%201%25.mov"
    (piece,) = root.iter("asset-clip")
    assert piece.get("srcEnable") == "video"
    assert seconds_of(piece.get("start", "")) == Fraction(18018, 5) + 2
    (conform,) = root.iter("conform-rate")
    assert conform.attrib == {"scaleEnabled": "0", "srcFrameRate": "23.98"}
    assert [each.get("name") for each in root.iter("format")] == ["FFVideoFormat720p25", "FFVideoFormat720p2398"]


def test_wide_color_is_named() -> None:
    root = root_of(timeline(video(clip(0, 25))), {Path(FILM): info(transfer="smpte2084")})
    assert {each.get("colorSpace") for each in root.iter("format")} == {"9-16-9 (Rec. 2020 PQ)"}


def test_picture_and_its_sound_are_one_clip() -> None:
    root = root_of(timeline(video(clip(0, 25), clip(40, 25)), audio(clip(0, 25), clip(41, 25))))
    pieces = [(each.get("srcEnable"), each.get("lane"), each.get("start")) for each in root.iter("asset-clip")]
    assert pieces == [(None, None, "0s"), ("video", None, "8/5s"), ("audio", "-1", "41/25s")]


def test_roles_that_final_cut_gave_go_back_to_it() -> None:
    piece = replace(clip(0, 25), metadata={"fcpxml": {"audioRole": "music", "videoRole": "b & roll", "note": "x"}})
    (element,) = root_of(timeline(video(piece), audio(piece))).iter("asset-clip")
    assert (element.get("audioRole"), element.get("videoRole")) == ("music", "b & roll")
    (plain,) = root_of(timeline(video(clip(0, 25)), audio(clip(0, 25)))).iter("asset-clip")
    assert (plain.get("audioRole"), plain.get("videoRole")) == (None, None)


def test_upper_clips_hang_on_what_lies_under_them() -> None:
    cut = replace(
        timeline(video(clip(50, 25), Gap(time(25))), video(Gap(time(30)), clip(0, 10))), global_start_time=time(90000)
    )
    (gap,) = root_of(cut).iter("gap")
    (upper,) = gap.iter("asset-clip")
    assert (gap.get("offset"), gap.get("start")) == ("3601s", "3600s")
    assert (upper.get("lane"), upper.get("offset")) == ("1", "18001/5s")


def test_the_timelines_markers_are_the_timelines_again() -> None:
    own = replace(clip(0, 50), markers=(Marker(span(30, 0), "the clip's"),))
    cut = timeline(video(own), markers=(Marker(span(20, 0), "the cut's", "why"), Marker(span(60, 0), "beyond")))
    back = again(cut).timeline
    assert (told(back.markers), facts(back)) == (told(cut.markers), facts(cut))


@pytest.mark.parametrize("speed", [1, 2, -1, 0])
def test_marks_are_known_again_with_their_length(speed: int) -> None:
    marks = (
        Mark("0123456789ab", span(10, 12), "Goal, first", MarkState.KEPT, 88, "signals only", note="nice [one]"),
        Mark("ba9876543210", span(40, 3), 'Tac "kle" & <b> 🎬 שלום', MarkState.REJECTED),
    )
    cut = with_markers(replace(timeline(video(clip(30, 60, speed=speed))), marks=marks))
    assert list(root_of(cut).iter("metadata")) == []
    back = adopted(again(cut).timeline)
    assert [(m.id, m.range, m.name, m.state, m.score, m.note) for m in back.marks] == [
        (m.id, m.range, m.name, m.state, m.score, m.note) for m in marks
    ]


def test_times_between_frames_keep_neighbours_together() -> None:
    odd = (clip(10, 33, rate=NTSC_24), clip(50, 17, rate=NTSC_60), clip(0, 100))
    root = root_of(timeline(video(*odd)))
    ends = [
        tuple(seconds_of(each.get(name, "")) for name in ("offset", "duration")) for each in root.iter("asset-clip")
    ]
    assert all((value * RATE).denominator == 1 for pair in ends for value in pair)
    assert [start for start, _ in ends[1:]] == [start + length for start, length in ends[:-1]]


def test_sound_keeps_its_place_between_frames() -> None:
    lone = clip(12345, 480, url="/films/sound.wav", rate=Fraction(48000))
    cut = timeline(video(clip(0, 50)), audio(Gap(time(1001, Fraction(48000))), lone))
    assert facts(again(cut).timeline) == facts(cut)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("/a b/ü%.mov", "file:///a%20b/%C3%BC%25.mov"),
        ("C:\\Clips\\a b.mov", "file:///C:/Clips/a%20b.mov"),
        ("file:///a%20b.mov", "file:///a%20b.mov"),
        ("sub/a b.mov", "sub/a%20b.mov"),
    ],
)
def test_addresses(address: str, url: str) -> None:
    assert file_url(address) == url


def test_no_feature_is_both_carried_and_explained() -> None:
    assert not FORMAT.carries.wholly & set(FORMAT.carries.partly)
    assert Feature.MARKER_COLORS not in FORMAT.carries.wholly | set(FORMAT.carries.partly)


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
speeds = st.sampled_from(
    [Fraction(1), Fraction(1), Fraction(2), Fraction(1, 3), Fraction(-1), Fraction(-7, 4), Fraction(0)]
)


@st.composite
def cuts(draw: st.DrawFn) -> Timeline:
    """Cuts of one or two picture tracks with their sound, with markers and every kind of speed."""
    rate = draw(st.sampled_from(ALL_RATES))
    frames = st.integers(0, 4000)

    def item() -> Item:
        if draw(st.integers(0, 3)) == 0:
            return Gap(time(draw(st.integers(1, 90)), rate))
        piece = clip(draw(frames), draw(st.integers(1, 300)), rate=rate, speed=draw(speeds))
        # A held frame has one moment of media, so that a marker elsewhere in it has no place.
        points = st.builds(Marker, st.builds(lambda at: span(at, 0, rate), frames), names.map("clip {}".format), names)
        return replace(
            piece, name=draw(names), markers=tuple(draw(st.lists(points, max_size=2))) if piece.speed else ()
        )

    tracks = [video(*(item() for _ in range(draw(st.integers(1, 5)))), name=f"V{n}") for n in (1, 2)]
    sounds = [
        audio(*(replace(each, markers=()) if isinstance(each, Clip) else each for each in track.items), name=f"A{n}")
        for n, track in enumerate(tracks, 1)
    ]
    length = max(track.duration(rate).value for track in tracks)
    ranges = st.builds(lambda at, long: span(at, long, rate), st.integers(0, length - 1), st.integers(0, 50))
    markers = st.lists(
        st.builds(Marker, ranges, names, names), max_size=3, unique_by=lambda m: (m.name, m.range.start_time)
    )
    return Timeline("Made", rate, (*tracks, *sounds), markers=tuple(draw(markers)))


@settings(max_examples=40, deadline=None)
@given(cuts())
def test_what_is_written_reads_back_equal(cut: Timeline) -> None:
    back = again(cut).timeline
    assert facts(back) == facts(cut)
    assert told(back.markers) == told(cut.markers)
    assert back.duration == cut.duration
