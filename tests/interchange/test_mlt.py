"""Reading MLT's XML as its engine does. Numbers without a file beside them were seen in films rendered by MLT 7.12."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from pathlib import Path

import pytest

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange.format import Read, Source
from circletake.interchange.mlt import FORMAT, read
from circletake.interchange.mlt_read import MAX_NESTING
from circletake.interchange.registry import format_named, read_file
from circletake.interchange.writing import to_format
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, MediaReference, Timeline, Track, TrackKind

PROFILE = '<profile frame_rate_num="25" frame_rate_den="1"/>'


def of(body: str, profile: str = PROFILE, attributes: str = "") -> Read:
    return read(Source(Path("cut.mlt"), f"<mlt {attributes}>{profile}{body}</mlt>".encode()))


def film(name: str = "a", attributes: str = 'in="0" out="99"', /, **facts: object) -> str:
    given = {"resource": "a.mp4", "mlt_service": "avformat", "length": 100, **facts}
    properties = "".join(f'<property name="{key}">{value}</property>' for key, value in given.items())
    return f'<producer id="{name}" {attributes}>{properties}</producer>'


def track(timeline: Timeline, kind: TrackKind = TrackKind.VIDEO) -> Track:
    return next(each for each in timeline.tracks if each.kind is kind)


def row(timeline: Timeline, kind: TrackKind = TrackKind.VIDEO) -> list[tuple[object, ...]]:
    """(first frame of media, frames on the timeline) of each clip, (frames,) of each hole, at the timeline's rate."""
    return [
        (item.duration.value,)
        if isinstance(item, Gap)
        else (item.source_range.start_time.seconds * timeline.rate, item.duration.value)
        for item in track(timeline, kind).items
    ]


def test_a_playlist_becomes_a_track_whose_last_frames_are_inside() -> None:
    found = of(
        film() + '<playlist><entry producer="a" in="10" out="19"/><blank length="5"/><entry producer="a"/></playlist>'
    )

    assert row(found.timeline) == [(10, 10), (5,), (0, 100)]
    assert row(found.timeline, TrackKind.AUDIO) == [(10, 10), (5,), (0, 100)]
    assert found.warnings == ()


def test_an_entry_counts_from_where_its_producer_begins() -> None:
    found = of(film("a", 'in="50" out="99"') + '<playlist><entry producer="a" in="0" out="9"/></playlist>')

    assert row(found.timeline) == [(50, 10)]


@pytest.mark.parametrize(
    ("text", "rate", "frame"),
    [
        ("77", (25, 1), 77),
        ("00:00:01.033", (30, 1), 31),
        ("00:00:01,033", (30, 1), 31),
        ("01:00:00.000", (24000, 1001), 86314),
        ("00:00:00.042", (24000, 1001), 1),
        ("00:00:00.375", (24000, 1001), 9),
        ("00:00:10:05", (25, 1), 255),
        ("00:00:10;05", (30000, 1001), 305),
    ],
)
def test_times_are_frames_clocks_or_timecodes(text: str, rate: tuple[int, int], frame: int) -> None:
    profile = f'<profile frame_rate_num="{rate[0]}" frame_rate_den="{rate[1]}"/>'
    body = film("a", 'out="90000"') + f'<playlist><entry producer="a" in="{text}" out="90000"/></playlist>'

    clip = track(of(body, profile).timeline).items[0]

    assert isinstance(clip, Clip)
    assert clip.source_range.start_time.value == frame
    assert clip.source_range.start_time.rate == Fraction(*rate)


@pytest.mark.parametrize("rate", [(30000, 1001), (24000, 1001), (60000, 1001), (25, 1)])
def test_rates_are_exact(rate: tuple[int, int]) -> None:
    profile = f'<profile frame_rate_num="{rate[0]}" frame_rate_den="{rate[1]}"/>'

    assert of(film(), profile).timeline.rate == Fraction(*rate)


def test_a_file_without_a_rate_is_read_as_the_engine_plays_it() -> None:
    found = of(film(), profile="")

    assert found.timeline.rate == 25
    assert found.warnings == ("The file names no frame rate; it is read at 25, as MLT plays it.",)


def test_faster_slower_and_backwards() -> None:
    body = (
        film("a", 'in="0" out="49"', resource="2:a.mp4", mlt_service="timewarp", warp_speed=2, length=50)
        + film("b", 'in="0" out="49"', resource="-2:a.mp4", mlt_service="timewarp", warp_speed=-2, length=50)
        + film("c", 'in="0" out="149"', resource="0.666667:a.mp4", mlt_service="timewarp", warp_speed=0.666667)
        + '<playlist><entry producer="a" in="10" out="19"/><entry producer="b" in="10" out="19"/>'
        + '<entry producer="c" in="30" out="44"/></playlist>'
    )

    clips = [item for item in track(of(body).timeline).items if isinstance(item, Clip)]

    assert [clip.speed for clip in clips] == [2, -2, Fraction(2, 3)]
    assert [clip.media_range.start_time.value / clip.source_range.start_time.rate * 25 for clip in clips] == [
        20,
        60,
        20,
    ]
    assert [clip.media and clip.media.target_url for clip in clips] == ["a.mp4"] * 3


@pytest.mark.parametrize(("kind", "first"), [("producer", 35), ("chain", 5)])
def test_a_held_frame_counts_from_the_clip_or_in_a_chain_from_the_medium(kind: str, first: int) -> None:
    freeze = '<filter><property name="mlt_service">freeze</property><property name="frame">5</property></filter>'
    body = (
        film().replace("producer", kind) + f'<playlist><entry producer="a" in="30" out="39">{freeze}</entry></playlist>'
    )

    clip = track(of(body).timeline).items[0]

    assert isinstance(clip, Clip)
    assert (clip.speed, clip.source_range.start_time) == (Fraction(0), RationalTime(first, Fraction(25)))


def test_a_picture_is_held_and_has_no_sound() -> None:
    found = of(
        film(resource="a.png", mlt_service="qimage") + '<playlist><entry producer="a" in="30" out="39"/></playlist>'
    )

    (only,) = found.timeline.tracks
    (clip,) = only.items
    assert isinstance(clip, Clip)
    assert (only.kind, clip.speed, clip.source_range.start_time.value) == (TrackKind.VIDEO, Fraction(0), 0)


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        ({}, ["Video", "Audio"]),
        ({"audio_index": -1}, ["Video"]),
        ({"video_index": -1}, ["Audio"]),
        ({"meta.media.0.stream.type": "video"}, ["Video"]),
        ({"meta.media.0.stream.type": "audio"}, ["Audio"]),
        ({"resource": "a.wav"}, ["Audio"]),
        ({"mlt_service": "color", "resource": "red"}, ["Video"]),
    ],
)
def test_what_a_medium_has_is_told_by_the_file(facts: dict[str, object], kinds: list[str]) -> None:
    found = of(film(**facts) + '<playlist><entry producer="a" in="0" out="9"/></playlist>')

    assert [each.kind.value for each in found.timeline.tracks] == kinds


def test_hidden_tracks_are_told_and_tracks_of_one_kind_know_it() -> None:
    body = (
        film()
        + "".join(f'<playlist id="p{n}"><entry producer="a" in="{n}" out="9"/></playlist>' for n in range(3))
        + '<tractor><track producer="p0" hide="audio"/><track producer="p1" hide="video"/>'
        + '<track producer="p2" hide="both"/></tractor>'
    )

    found = of(body)

    assert [(each.kind.value, row(found.timeline, each.kind)) for each in found.timeline.tracks] == [
        ("Video", [(0, 10)]),
        ("Audio", [(1, 9)]),
    ]
    assert found.warnings == ("line 1: A track that is hidden or muted is left out.",)


def test_a_mix_in_a_playlist_is_a_cut_in_its_middle() -> None:
    body = (
        film("a")
        + film("b", resource="b.mp4")
        + '<tractor id="mix" in="0" out="9"><track producer="a" in="40" out="49"/><track producer="b" in="0" out="9"/>'
        + '<transition><property name="mlt_service">luma</property></transition></tractor>'
        + '<playlist id="p"><entry producer="a" in="10" out="39"/><entry producer="mix" in="0" out="9"/>'
        + '<entry producer="b" in="10" out="19"/></playlist><tractor><track producer="p"/></tractor>'
    )

    found = of(body)

    assert row(found.timeline) == [(10, 35), (5, 15)]
    assert found.warnings == ("line 1 and 1 more: A mix between two clips is shown as a cut.",)


def test_sequences_inside_are_shown_as_their_clips() -> None:
    body = (
        film()
        + '<playlist id="p"><entry producer="a" in="10" out="19"/><entry producer="a" in="50" out="59"/></playlist>'
        + '<tractor id="inner"><track producer="p"/></tractor>'
        + '<playlist id="outer"><blank length="4"/><entry producer="inner" in="5" out="14"/></playlist>'
        + '<tractor><track producer="outer"/></tractor>'
    )

    assert row(of(body).timeline) == [(4,), (15, 5), (50, 5)]


def test_a_relative_address_keeps_the_folder_it_was_written_against() -> None:
    found = of(film(), attributes='root="/gone"').timeline
    absolute = of(film(resource="/films/a.mp4"), attributes='root="/gone"').timeline

    assert [dict(media.metadata) for media in (media_of(found), media_of(absolute))] == [{"root": "/gone"}, {}]


def media_of(timeline: Timeline) -> MediaReference:
    clip = track(timeline).items[0]
    assert isinstance(clip, Clip)
    assert clip.media is not None
    return clip.media


def test_titles_effects_and_generators_are_told() -> None:
    sepia = '<filter><property name="mlt_service">sepia</property></filter>'
    body = (
        film()
        + film("t", mlt_service="kdenlivetitle")
        + film("g", mlt_service="frei0r.test_pat_B", resource="x")
        + f'<playlist><entry producer="a" in="0" out="9">{sepia}</entry>'
        + "".join(f'<entry producer="{name}" in="0" out="9"/>' for name in ("t", "g", "gone"))
        + "</playlist>"
    )

    found = of(body)

    assert row(found.timeline) == [(0, 10), (10,), (0, 10)]
    assert [sentence.partition(": ")[2] for sentence in found.warnings] == [
        "Effects on a clip are left out.",
        "A title is left out; what lies under it shows.",
        "A generated picture is shown as a clip without a medium.",
        "A clip whose producer is not in the file leaves an empty place.",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "nothing in this project that plays"),
        (film() + '<playlist><entry producer="a" in="x" out="9"/></playlist>', "'x' is no time"),
        (film() + f'<playlist><entry producer="a" in="0" out="{10**14}"/></playlist>', "is no time"),
        (film() + f'<playlist><entry producer="a" in="0" out="{"9" * 5000}"/></playlist>', "is no time"),
        (film() + '<playlist><entry producer="a" in="-5" out="9"/></playlist>', "before its medium"),
        (
            film() + '<playlist><entry producer="a" in="0" out="9" repeat="99999999"/></playlist>',
            "more than 400,000 clips",
        ),
        (film(mlt_service="timewarp", warp_speed="1e9"), "is no speed"),
        (film(mlt_service="timewarp", warp_speed="0"), "is no speed"),
        ('<playlist id="p"><entry producer="p"/></playlist>', "contains itself"),
        ('<tractor id="t"><track producer="t" in="0" out="9"/></tractor>', "contains itself"),
    ],
)
def test_what_cannot_be_is_refused(body: str, words: str) -> None:
    with pytest.raises(TimelineInvalid, match=words):
        of(body)


@pytest.mark.parametrize("rate", ["0/1", "25/0", "-25/1", "x/1", f"{'9' * 400}/1"])
def test_rates_that_cannot_be_are_refused(rate: str) -> None:
    number, _, denominator = rate.partition("/")
    with pytest.raises(TimelineInvalid, match="frame rate"):
        of(film(), f'<profile frame_rate_num="{number}" frame_rate_den="{denominator}"/>')


def test_deep_and_multiplying_sequences_are_refused_quickly() -> None:
    def nested(levels: int, uses: int, times: str = 'in="0" out="9"') -> str:
        rows = [film("s0")]
        for level in range(1, levels):
            entries = f'<entry producer="s{level - 1}" {times}/>' * uses
            rows.append(f'<playlist id="s{level}">{entries}</playlist>')
        return "".join(rows)

    started = time.monotonic()
    with pytest.raises(TimelineInvalid, match="nested more than"):
        of(nested(MAX_NESTING + 10, 1))
    with pytest.raises(TimelineInvalid, match="make more than 10,000 clips"):
        of(nested(40, 2, ""))
    assert len(track(of(nested(40, 5)).timeline).items) == 5
    assert time.monotonic() - started < 10  # 1.5 s on an idle machine


def test_the_cut_that_melt_wrote(shared: Path) -> None:
    folder = shared / "data/timelines/resolvable"
    expected = [clip for clip in json.loads((folder / "expected.json").read_text())["clips"] if clip["exists"]]

    found = read(Source(folder / "cut_melt.mlt", (folder / "cut_melt.mlt").read_bytes())).timeline

    clips = [item for item in track(found).items if isinstance(item, Clip)]
    assert found.rate == 25
    assert [
        (clip.media and clip.media.target_url, clip.source_range.start_time.seconds, clip.duration.seconds)
        for clip in clips
    ] == [(each["file"], each["source_in_s"], each["duration_s"]) for each in expected]
    assert row(found)[2] == (26,)  # melt's blank of a second has a frame more
    assert [clip.name for clip in track(found, TrackKind.AUDIO).items if isinstance(clip, Clip)] == [
        "long_mix.mp4",
        "talkinghead_mpeg4_a.mp4",
        "silent_film_music.mp4",
    ]


@pytest.mark.parametrize(
    ("name", "clips", "words"),
    [
        ("mlt/smpte-colors.mlt", 1, "A generated picture"),
        ("mlt/mlt_demo_internal_entity.mlt", 0, "A title is left out"),
        ("../timelines_hostile/mlt_service_consumer.mlt", 2, ""),
        ("../timelines_hostile/xinclude.mlt", 2, ""),
    ],
)
def test_files_of_others(shared: Path, name: str, clips: int, words: str) -> None:
    path = shared / "data/timelines" / name

    found = read(Source(path, path.read_bytes()))

    assert sum(isinstance(item, Clip) for each in found.timeline.tracks for item in each.items) == clips
    assert words in " ".join(found.warnings)
    assert bool(words) == bool(found.warnings)


@pytest.mark.parametrize("name", ["bomb_quadratic.mlt", "gzip.kdenlive", "html_as.kdenlive", "xxe_http.kdenlive"])
def test_hostile_files_are_refused(shared: Path, name: str) -> None:
    path = shared / "data/timelines_hostile" / name

    with pytest.raises(TimelineUnreadable) as refused:
        read(Source(path, path.read_bytes()))
    assert refused.value.hint
    assert refused.value.path == path


def test_it_is_read_and_not_written() -> None:
    assert FORMAT.write is None


@pytest.mark.parametrize("name", ["kdenlive", "kdenlive-22", "shotcut", "xges"])
def test_a_long_note_keeps_its_tag(name: str, tmp_path: Path) -> None:
    form, rate = format_named(name), Fraction(25)
    whole = TimeRange(RationalTime(0, rate), RationalTime(500, rate))
    mark = Mark(
        "0123456789abcdef", TimeRange(RationalTime(10, rate), RationalTime(30, rate)), "Goal", note="word " * 220
    )
    track = Track("V1", TrackKind.VIDEO, (Clip("a.mp4", whole, MediaReference("/m/a.mp4", whole)),))
    path = tmp_path / f"x{form.suffix}"
    path.write_bytes(to_format(Timeline("x", rate, (track,), marks=(mark,)), form, {}, path))
    (back,) = read_file(path).read.timeline.marks
    assert mark.id.startswith(back.id)
    assert back.name == "Goal"
