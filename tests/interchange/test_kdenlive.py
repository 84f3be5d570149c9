"""Kdenlive's projects: those its own versions saved, and ours, read back and looked at as XML."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import TimelineInvalid
from circletake.interchange.format import Delivery, Format, Head, Read, Source
from circletake.interchange.kdenlive import FORMATS
from circletake.interchange.kdenlive_colors import category_of
from circletake.interchange.kdenlive_read import read
from circletake.interchange.tags import adopted, with_markers
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

NEW, OLD = FORMATS
NTSC = Fraction(30000, 1001)


def opened(path: Path, sequence: str | None = None) -> Read:
    return read(Source(path, path.read_bytes(), sequence))


def row(track: Track) -> list[tuple[object, ...]]:
    """(name, first frame of media, frames on the timeline) of each clip, (frames,) of each hole."""
    return [
        (item.name, item.source_range.start_time.value, item.duration.value)
        if isinstance(item, Clip)
        else (item.duration.value,)
        for item in track.items
    ]


def clips_in(timeline: Timeline) -> int:
    return sum(isinstance(item, Clip) for track in timeline.tracks for item in track.items)


# Projects that Kdenlive saved. A file's entries are in the bin and in the timeline; clips are those in the timeline.


@pytest.mark.parametrize("name", ["kdenlive_example_v191180", "kdenlive_example_v240770"])
def test_the_same_cut_saved_by_19_11_and_24_07(shared: Path, name: str) -> None:
    found = opened(shared / f"data/timelines/kdenlive/{name}.kdenlive")

    assert found.timeline.rate == 25
    assert {track.name: row(track) for track in found.timeline.tracks} == {
        "Wide": [("Dark Blue", 0, 74), ("Wide", 166, 218), (166,), ("Wide", 508, 373)],
        "Close": [(292,), ("Close 1", 95, 166), (93,), ("Close 2", 0, 203)],
        "A1": [(74,), ("Wide", 166, 218), (166,), ("Wide", 508, 373)],
        "A2": [(213,), ("AUD0001.OGG", 5820, 245), (57,), ("AUD0001.OGG", 6065, 269)],
        "Ambience": [("Music", 698, 862)],
    }
    assert [track.kind.value for track in found.timeline.tracks] == ["Video"] * 2 + ["Audio"] * 3
    assert "A title is left out; what lies under it shows." in " ".join(found.warnings)


def test_guides_of_a_sequence(shared: Path) -> None:
    found = opened(shared / "data/timelines/kdenlive/kdenlive_example_v240770.kdenlive").timeline

    assert found.name == "Sequence 1"
    assert [(each.name, each.range.start_time.value, each.color) for each in found.markers] == [
        ("Purple Marker", 230, "purple"),
        ("Green", 466, "green"),
    ]
    assert found.tracks[0].items[0].name == "Dark Blue"


def test_mixes_come_back_as_the_cuts_they_were_made_of(shared: Path) -> None:
    """The file has one cut four times: two tracks with mixes, two without."""
    found = opened(shared / "data/timelines/kdenlive/kdenlive_mixes_markers.kdenlive")

    cut = [
        (0, 351),
        (2754, 425),
        (152,),
        (941, 394),
        (1664, 648),
        (1335, 329),
        (351, 213),
        (152,),
        (564, 377),
        (2312, 442),
    ]
    assert {track.name: [each[-2:] for each in row(track)] for track in found.timeline.tracks} == {
        "Nothing": cut,
        "With Mix": cut,
        "A2": cut,
        "A3": cut,
    }
    assert clips_in(found.timeline) == 32
    assert [sentence.partition(": ")[2] for sentence in found.warnings] == [
        "A mix between two clips is shown as a cut."
    ]


def test_markers_of_the_bin_lie_on_pictures_in_media_time(shared: Path) -> None:
    found = opened(shared / "data/timelines/kdenlive/kdenlive_mixes_markers.kdenlive").timeline

    marked = {
        (marker.name, marker.range.start_time.value, marker.color)
        for track in found.tracks
        for clip in track.items
        if isinstance(clip, Clip)
        for marker in clip.markers
    }
    assert marked == {("Lila", 1782, "purple"), ("Orange", 2899, "yellow")}
    assert not any(clip.markers for clip in found.tracks[3].items if isinstance(clip, Clip))


def test_mixed_sound(shared: Path) -> None:
    found = opened(shared / "data/timelines/kdenlive/audio-mix.kdenlive").timeline

    assert {track.name: row(track) for track in found.tracks} == {
        "V1": [(5,), ("Color Clip", 0, 25)],
        "V2": [("Color Clip", 0, 8)],
        "A1": [("stereo-350hz.ogg", 0, 15), ("stereo-550hz.ogg", 151, 15), ("mono-440hz.ogg", 0, 10)],
    }


def test_the_open_sequence_comes_first_and_others_are_named(shared: Path) -> None:
    path = shared / "data/timelines/kdenlive/sequences.kdenlive"

    first, other = opened(path), opened(path, "Sequence 2")

    assert (first.timeline.name, first.others) == ("Sequence 3", ("Sequence 1", "Sequence 2"))
    assert [row(track) for track in first.timeline.tracks] == [
        [("Color Clip", 0, 32), ("Color Clip", 0, 36), ("Color Clip", 0, 33)]
    ]
    assert (other.timeline.name, other.others) == ("Sequence 2", ("Sequence 3", "Sequence 1"))
    assert [(track.name, row(track)) for track in other.timeline.tracks] == [("V2", [("Color Clip", 0, 125)])]
    with pytest.raises(TimelineInvalid, match='no sequence "Nope"; there are "Sequence 3"'):
        opened(path, "Nope")


# What older versions wrote, and what nobody should.


def of(body: str, name: str = "main_bin") -> Timeline:
    text = f'<mlt><profile frame_rate_num="25" frame_rate_den="1"/><playlist id="{name}">{body}</playlist>{FILM}</mlt>'
    return read(Source(Path("a.kdenlive"), text.encode())).timeline


FILM = (
    '<producer id="a" out="99"><property name="resource">a.mp4</property><property name="kdenlive:id">2</property>'
    '<property name="kdenlive:marker.1.48">6:Look</property></producer>'
    '<playlist id="p"><entry producer="a"/></playlist><playlist id="q"/>'
    '<tractor id="t"><property name="kdenlive:trackheight">67</property>'
    '<track producer="p" hide="audio"/><track producer="q" hide="audio"/></tractor>'
    '<tractor id="main"><track producer="t"/></tractor>'
)


def test_guides_and_markers_of_old_versions_are_seconds() -> None:
    found = of(
        '<property name="kdenlive:guide.12.52">Goal: one</property><property name="kdenlive:guide.0">Start</property>'
        '<entry producer="a"/>'
    )

    assert [(each.name, each.range.start_time.value) for each in found.markers] == [("Start", 0), ("Goal: one", 313)]
    (clip,) = found.tracks[0].items
    assert isinstance(clip, Clip)
    assert [(each.name, each.range.start_time.value, each.color) for each in clip.markers] == [("Look", 37, "orange")]


@pytest.mark.parametrize(
    ("guides", "names"),
    [
        ("not json", []),
        ('{"comment": "x"}', []),
        ('[1, {"comment": "good", "pos": 3, "type": 1}, null]', ["good"]),
        ('[{"comment": "no place", "type": 1}, {"comment": "past", "pos": -1}, {"comment": "far", "pos": 1e300}]', []),
        ('[{"comment": "odd", "pos": 3, "type": "x", "duration": -4}, {"comment": 7, "pos": 3}]', ["7"]),
        ("[" * 5000, []),
    ],
)
def test_guides_that_cannot_be_read_are_left_out(guides: str, names: list[str]) -> None:
    found = of(f'<property name="kdenlive:docproperties.guides">{guides}</property>')

    assert [each.name for each in found.markers] == names


def test_a_clip_that_is_switched_off_leaves_an_empty_place() -> None:
    off = '<property name="set.test_audio">1</property><property name="set.test_image">1</property></producer>'
    text = f'<mlt><profile frame_rate_num="25" frame_rate_den="1"/>{FILM.replace("</producer>", off, 1)}</mlt>'

    found = read(Source(Path("a.kdenlive"), text.encode()))

    assert found.timeline.tracks == ()
    assert [each.partition(": ")[2] for each in found.warnings] == ["A clip that is switched off is left out."]


def test_a_project_without_a_timeline_is_refused() -> None:
    text = '<mlt><profile frame_rate_num="25" frame_rate_den="1"/><playlist id="main_bin"/></mlt>'

    with pytest.raises(TimelineInvalid, match="no timeline"):
        read(Source(Path("a.kdenlive"), text.encode()))


# What is written.


def time(frames: int, rate: Fraction = NTSC) -> RationalTime:
    return RationalTime(frames, rate)


def span(start: int, length: int, rate: Fraction = NTSC) -> TimeRange:
    return TimeRange(time(start, rate), time(length, rate))


def clip(name: str, start: int, length: int, speed: Fraction = Fraction(1), *, file: str = "/films/a.mp4") -> Clip:
    media = MediaReference(file) if file else None
    return Clip(name, span(start, length), media, speed=speed)


def cut(*items: Item, name: str = "V1", kind: TrackKind = TrackKind.VIDEO) -> Track:
    return Track(name, kind, items)


def delivered(timeline: Timeline) -> Delivery:
    return Delivery(with_markers(timeline, one_text=True), {}, Path("/out/cut.kdenlive"))


def written(timeline: Timeline, form: Format) -> bytes:
    assert form.write
    return form.write(delivered(timeline))


def back(timeline: Timeline, form: Format = NEW) -> Timeline:
    return adopted(read(Source(Path("/out/cut.kdenlive"), written(timeline, form))).timeline)


def xml(timeline: Timeline, form: Format = NEW) -> ET.Element:
    return ET.fromstring(written(timeline, form))


@pytest.mark.parametrize("form", FORMATS, ids=["5", "4"])
def test_tracks_come_back_in_order_with_their_names(form: Format) -> None:
    timeline = Timeline(
        "Cut",
        NTSC,
        (
            cut(clip("a.mp4", 10, 20), Gap(time(5)), clip("a.mp4", 50, 7)),
            cut(Gap(time(3)), clip("a.mp4", 0, 4), name="Über & <alles>"),
            cut(clip("a.mp4", 10, 20), name="A1", kind=TrackKind.AUDIO),
            cut(clip("a.mp4", 99, 1), name="Room", kind=TrackKind.AUDIO),
        ),
    )

    found = back(timeline, form)

    assert (found.rate, [(each.name, each.kind, row(each)) for each in found.tracks]) == (
        NTSC,
        [(each.name, each.kind, row(each)) for each in timeline.tracks],
    )


def test_sound_lies_below_pictures_with_the_first_track_uppermost() -> None:
    sounds = [cut(clip("a.mp4", n, 5), name=f"A{n}", kind=TrackKind.AUDIO) for n in (1, 2)]
    root = xml(Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 5)), *sounds)))

    main = next(each for each in root.findall("tractor") if each.get("id", "").startswith("{"))
    producers = [each.get("producer") for each in main.findall("track")]
    entries = {each.get("id"): each.find("entry") for each in root.findall("playlist")}
    firsts = [
        entry.get("in") for name in ("playlist0", "playlist2", "playlist4") if (entry := entries[name]) is not None
    ]
    assert producers == ["black_track", "tractor0", "tractor1", "tractor2"]
    assert firsts == ["00:00:00.067", "00:00:00.033", "00:00:00.000"]
    mixed = [each.findtext("property[@name='mlt_service']") for each in main.findall("transition")]
    assert mixed == ["mix", "mix", "qtblend"]


@pytest.mark.parametrize("form", FORMATS, ids=["5", "4"])
def test_speeds_come_back(form: Format) -> None:
    speeds = [Fraction(2), Fraction(1, 2), Fraction(4, 3), Fraction(-1), Fraction(-3, 2), Fraction(0), Fraction(1)]
    items = tuple(clip("a.mp4", 120, 30, speed) for speed in speeds)

    found = back(Timeline("Cut", NTSC, (cut(*items), cut(*items, name="A1", kind=TrackKind.AUDIO))), form)

    for track in found.tracks:
        clips = [item for item in track.items if isinstance(item, Clip)]
        assert [item.speed for item in clips] == speeds
        assert [item.media_range.start_time for item in clips] == [time(120)] * len(speeds)
    assert len(found.tracks) == 2


def test_one_medium_is_one_bin_clip_named_after_its_clips_or_its_file() -> None:
    names = {"/films/a.mp4": ["Take", "Take"], "/films/b.mp4": ["One", "Two"]}
    items = [clip(name, 0, 5, file=file) for file, own in names.items() for name in own]

    root = xml(Timeline("Cut", NTSC, (cut(*items),)))

    bin_clips = [each for each in root.findall("producer") if each.get("id", "").startswith("bin")]
    assert [each.findtext("property[@name='kdenlive:clipname']") for each in bin_clips] == ["Take", "b.mp4"]
    assert [each.findtext("property[@name='resource']") for each in bin_clips] == list(names)


def test_a_clip_without_a_medium_stays_one() -> None:
    found = back(Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 5), clip("Black", 0, 9, file="")),)))

    last = found.tracks[0].items[-1]
    assert isinstance(last, Clip)
    assert (last.name, last.media, last.duration) == ("Black", None, time(9))


@pytest.mark.parametrize(("form", "length"), [(NEW, 12), (OLD, 0)], ids=["5", "4"])
def test_markers_and_marks_come_back(form: Format, length: int) -> None:
    mark = Mark("3f2a9c01b7de" + "0" * 20, span(2, 30), 'Crowd "silent" & <wow>', MarkState.KEPT, 88.25, note="Zoë")
    marker = Marker(span(40, 12), "Range", "words", "orange")
    timeline = Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 90)),), (mark,), markers=(marker,))

    found = back(timeline, form)

    (again,) = found.marks
    assert (again.id, again.range, again.name, again.note) == ("3f2a9c01b7de", mark.range, mark.name, "Zoë")
    assert (again.state, again.score, again.color) == (MarkState.KEPT, 88.25, "")
    assert found.markers == (Marker(span(40, length), "Range: words", color="orange"),)


@pytest.mark.parametrize("form", FORMATS, ids=["5", "4"])
def test_an_empty_timeline_and_names_that_are_no_text_are_written(form: Format) -> None:
    odd = Clip("\U0001f3ac", span(0, 5), MediaReference("/films/\udcff\x01.mp4"))

    assert written(Timeline("", NTSC), form)
    assert form.write
    data = form.write(Delivery(Timeline("", NTSC, (cut(odd),)), {}, Path("/out/\udcff/\udcfe.kdenlive")))

    assert read(Source(Path("a.kdenlive"), data)).timeline.tracks[0].items[0].name == odd.name


def test_two_guides_on_a_frame_are_told_apart() -> None:
    markers = tuple(Marker(span(frame, 0), str(number)) for number, frame in enumerate((5, 5, 6, 9)))

    found = back(Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 90)),), markers=markers))

    assert [(each.name, each.range.start_time.value) for each in found.markers] == [
        ("0", 5),
        ("1", 6),
        ("2", 7),
        ("3", 9),
    ]


@pytest.mark.parametrize(
    ("color", "category"),
    [
        ("purple", 0),
        ("blue", 1),
        ("cyan", 2),
        ("green", 3),
        ("lemon", 4),
        ("orange", 6),
        ("#f47750", 7),
        ("red", 8),
        ("", 0),
    ],
)
def test_colours_become_the_nearest_category(color: str, category: int) -> None:
    assert category_of(color) == category


def test_picture_and_sound_of_a_clip_move_together() -> None:
    sound = cut(Gap(time(5)), clip("a.mp4", 40, 7), name="A1", kind=TrackKind.AUDIO)
    root = xml(Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 5), clip("a.mp4", 40, 7)), sound)), OLD)

    groups = json.loads(root.findtext(".//property[@name='kdenlive:docproperties.groups']") or "")
    assert [[leaf["data"] for leaf in each["children"]] for each in groups] == [["1:5", "0:5"]]


def test_the_same_cut_gives_the_same_bytes_and_only_new_versions_get_sequences() -> None:
    timeline = Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 90)),))

    for form in FORMATS:
        assert written(timeline, form) == written(timeline, form)
    assert [b"sequenceproperties" in written(timeline, form) for form in FORMATS] == [True, False]


def test_a_generation_5_project_has_what_kdenlive_24_writes(shared: Path) -> None:
    theirs = ET.parse(shared / "data/timelines/kdenlive/kdenlive_example_v240770.kdenlive").getroot()
    ours = xml(Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 90)),)))

    facts: dict[str | None, str | None] = {}
    for root in (theirs, ours):
        sequence = next(each for each in root.findall("tractor") if each.get("id", "").startswith("{"))
        uuid = sequence.get("id")
        facts = {each.get("name"): each.text for each in sequence.findall("property")}
        document = {each.get("name"): each.text for each in root.findall("playlist[@id='main_bin']/property")}
        assert (facts["kdenlive:uuid"], facts["kdenlive:producer_type"]) == (uuid, "17")
        assert document["kdenlive:docproperties.activetimeline"] == uuid
        assert document["kdenlive:docproperties.version"] == "1.1"
        assert root.findall("playlist[@id='main_bin']/entry")[-1].get("producer") == uuid
        assert root[-1].findtext("property[@name='kdenlive:projectTractor']") == "1"
        assert [each.get("producer") for each in root[-1].findall("track")] == [uuid]
    own = {name for name in facts if name and name.startswith("kdenlive:")}
    known = {each.get("name") for each in theirs.iter("property")}
    assert own <= known


def test_files_are_recognised_by_their_generation(shared: Path) -> None:
    timeline = Timeline("Cut", NTSC, (cut(clip("a.mp4", 0, 90)),))
    folder = shared / "data/timelines/kdenlive"
    old = [written(timeline, OLD), (folder / "kdenlive_mixes_markers.kdenlive").read_bytes()]
    new = [written(timeline, NEW), (folder / "kdenlive_example_v240770.kdenlive").read_bytes()]

    for data, is_new in [*((each, False) for each in old), *((each, True) for each in new)]:
        head = Head(data, data[:65536].decode(), "mlt", ".kdenlive")
        seen = [each.recognise(head) for each in (NEW, OLD) if each.recognise]
        assert seen == [is_new, not is_new]


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
items = st.one_of(
    st.builds(lambda length: Gap(time(length)), st.integers(1, 500)),
    st.builds(
        lambda name, start, length, speed: clip(name, start, length, speed, file="/films/Zoë's.mp4"),
        names,
        st.integers(0, 20_000),
        st.integers(1, 5_000),
        st.sampled_from([Fraction(1), Fraction(2), Fraction(-1), Fraction(0)]),
    ),
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(items, min_size=1, max_size=8),
    st.sampled_from(FORMATS),
    st.sampled_from([NTSC, Fraction(24), Fraction(50)]),
)
def test_any_cut_comes_back_frame_by_frame(row_items: list[Item], form: Format, rate: Fraction) -> None:
    track = cut(*(at_rate(each, rate) for each in row_items))
    if not any(isinstance(each, Clip) for each in track.items):
        return
    timeline = Timeline("Cut", rate, (track,))

    whole = TimeRange(time(0, rate), timeline.duration)
    shown = [
        [(place, media.start_time, each.speed) for place, each, media in found.shown(whole, TrackKind.VIDEO)]
        for found in (timeline, back(timeline, form))
    ]
    frame = 1 / rate
    for (place, media, speed), (their_place, their_media, their_speed) in zip(*shown, strict=True):
        assert (place, speed) == (their_place, their_speed)
        assert abs(media.seconds - their_media.seconds) <= frame / 2 * (abs(speed) or 1)


def at_rate(item: Item, rate: Fraction) -> Item:
    if isinstance(item, Gap):
        return Gap(time(item.duration.value, rate))
    moved = span(item.source_range.start_time.value, item.duration.value, rate)
    return replace(item, source_range=moved)
