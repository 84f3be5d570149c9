"""GES's projects: what is read, what is refused, and that what is written comes back to the frame."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import TimelineError, TimelineInvalid, TimelineUnreadable
from circletake.interchange.format import Delivery, Read, Source
from circletake.interchange.tags import adopted, with_markers
from circletake.interchange.xges import FORMAT
from circletake.interchange.xges_values import exact_time, fields_of, quoted, structures, wrapped
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

NTSC = Fraction(30000, 1001)
NANOSECONDS = Fraction(10**9)


def span(start: int, length: int, rate: Fraction = NTSC) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def shot(name: str, start: int, length: int, speed: Fraction = Fraction(1), rate: Fraction = NTSC) -> Clip:
    return Clip(name, span(start, length, rate), MediaReference("/films/a film é #1.mp4"), speed=speed)


def cut(*items: Clip | Gap, sound: tuple[Clip | Gap, ...] = (), rate: Fraction = NTSC) -> Timeline:
    tracks = (Track("V1", TrackKind.VIDEO, items), Track("A1", TrackKind.AUDIO, sound))
    return Timeline("a cut", rate, tuple(track for track in tracks if track.items))


def written(timeline: Timeline) -> bytes:
    assert FORMAT.write
    return FORMAT.write(Delivery(timeline, {}, Path("/projects/cut.xges")))


def opened(data: bytes | str) -> Read:
    assert FORMAT.read
    return FORMAT.read(Source(Path("/projects/cut.xges"), data.encode() if isinstance(data, str) else data))


def again(timeline: Timeline) -> Timeline:
    return opened(written(timeline)).timeline


def plain(track: Track) -> list[tuple[str, TimeRange, Fraction] | RationalTime]:
    """What a track says, media aside: those come back as addresses."""
    return [
        item.duration if isinstance(item, Gap) else (item.name, item.source_range, item.speed) for item in track.items
    ]


CLIP = (
    '<clip asset-id="file:///a%20b.mp4" type-name="GESUriClip" track-types="{types}" start="{start}"'
    ' duration="{length}" inpoint="{inpoint}" properties="properties, name=(string){name};"'
    ' metadatas="metadatas{more};">{inside}</clip>'
)


def clip_of(
    types: int = 4,
    start: object = 0,
    length: object = 10**9,
    inpoint: object = 0,
    name: str = "uriclip1",
    more: str = "",
    inside: str = "",
) -> str:
    return CLIP.format(types=types, start=start, length=length, inpoint=inpoint, name=name, more=more, inside=inside)


def project(*layers: str, timeline: str = "metadatas, framerate=(fraction)25/1;", assets: str = "") -> str:
    rows = "".join(f'<layer priority="{number}">{layer}</layer>' for number, layer in enumerate(layers))
    timeline = timeline.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return (
        f"<ges><project><ressources>{assets}</ressources>"
        f'<timeline metadatas="{timeline}">{rows}</timeline></project></ges>'
    )


def test_the_first_layer_lies_on_top() -> None:
    read = opened(project(clip_of(name="top"), clip_of(types=6, start=10**9, name="below")))
    assert [(track.name, track.kind.value[0], plain(track)[-1]) for track in read.timeline.tracks] == [
        ("V1", "V", ("below", span(0, 25, Fraction(25)), Fraction(1))),
        ("V2", "V", ("top", span(0, 25, Fraction(25)), Fraction(1))),
        ("A1", "A", ("below", span(0, 25, Fraction(25)), Fraction(1))),
    ]
    assert read.timeline.tracks[0].items[0] == Gap(RationalTime(25, Fraction(25)))
    assert read.warnings == ()


def test_the_rate_is_the_video_tracks() -> None:
    caps = 'properties, restriction-caps=(string)"video/x-raw\\,\\ framerate\\=\\(fraction\\)30000/1001";'
    track = f"<track track-type=\"4\" properties='{caps}'/>"
    text = project(clip_of()).replace("<layer", f"{track}<layer", 1)
    assert opened(text).timeline.rate == NTSC


def test_a_project_without_a_rate_says_so() -> None:
    read = opened(project(clip_of(), timeline="metadatas;"))
    assert read.timeline.rate == 30
    assert read.warnings == ("The project names no frame rate, so 30 frames a second are assumed.",)


def test_a_clip_is_called_by_its_own_name_or_its_files() -> None:
    clips = clip_of(name="Interview") + clip_of(start=2 * 10**9) + clip_of(start=4 * 10**9, more=", name=(string)Ours")
    names = [item.name for item in opened(project(clips)).timeline.tracks[0].items if isinstance(item, Clip)]
    assert names == ["Interview", "a b.mp4", "Ours"]


@pytest.mark.parametrize(
    ("effect", "speed"),
    [
        ('asset-id="videorate rate=2.0"', Fraction(2)),
        (
            'asset-id="video videorate" children-properties="properties, GstVideoRate::rate=(double)0.5;"',
            Fraction(1, 2),
        ),
        ('asset-id="audio pitch" children-properties="properties, GstPitch::tempo=(double)1.5;"', Fraction(3, 2)),
        (f'asset-id="videorate rate={1 / 3!r}"', Fraction(1, 3)),
    ],
)
def test_effects_on_time_are_a_speed(effect: str, speed: Fraction) -> None:
    read = opened(project(clip_of(inside=f"<effect {effect}/>")))
    item = read.timeline.tracks[0].items[0]
    assert isinstance(item, Clip)
    assert (item.speed, read.warnings) == (speed, ())


def test_what_is_not_shown_is_told() -> None:
    odd = clip_of(start=3 * 10**9)
    clips = (
        clip_of(inside='<effect asset-id="agingtv"/>')
        + odd.replace("GESUriClip", "GESTransitionClip")
        + odd.replace("GESUriClip", "GESTitleClip")
        + odd.replace("GESUriClip", "GESSomething")
        + odd.replace("a%20b.mp4", "nested.xges")
    )
    read = opened(project(clips))
    assert [sentence.partition(": ")[2] for sentence in read.warnings] == [
        "A transition is shown as a cut: where two clips overlap, the later one lies over the other.",
        "A title is left out.",
        "A clip of kind GESSomething is left out.",
        "Effects are not shown.",
        "A timeline inside the timeline is shown as one clip without media.",
    ]


def test_times_off_the_grid_stay_exact() -> None:
    item = opened(project(clip_of(length=1_000_000_007, inpoint=41_708_333))).timeline.tracks[0].items[0]
    assert item.duration == RationalTime(1_000_000_007, NANOSECONDS)
    assert isinstance(item, Clip)
    assert item.source_range.start_time == RationalTime(1, Fraction(24000, 1001))


def test_markers_have_text_colour_and_what_is_ours() -> None:
    metadata = '"marker-list-flags, flags=(int)0; marker-times, position=(guint64)2000000000; metadatas, ' + (
        'comment=(string)\\"a\\\\ \\\\\\"b\\\\\\"\\\\;\\\\ \\\\303\\\\251\\", marker-color=(uint)4278190335; '
        'marker-times, position=(guint64)3000000000; metadatas"'
    )
    read = opened(
        project(clip_of(), timeline=f"metadatas, markers=(GESMarkerList){metadata}, framerate=(fraction)25/1;")
    )
    assert read.timeline.markers == (
        Marker(span(50, 0, Fraction(25)), 'a "b"; é', color="#0000ff"),
        Marker(span(75, 0, Fraction(25))),
    )
    assert read.timeline.rate == 25


@pytest.mark.parametrize(
    "text",
    [
        "<ges/>",
        "<ges><project/></ges>",
        project(clip_of(start="-1")),
        project(clip_of(start="1.5")),
        project(clip_of(length=10**18)),
        project(clip_of(inpoint="9" * 5000)),
        project(clip_of(), timeline='metadatas, markers=(GESMarkerList)"marker-times, position=(guint64)x";'),
    ],
)
def test_values_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(TimelineInvalid) as caught:
        opened(text)
    assert caught.value.place


@pytest.mark.parametrize("text", ["", "ges", "<ges><project>"])
def test_what_is_no_xml_is_refused(text: str) -> None:
    with pytest.raises(TimelineUnreadable):
        opened(text)


def test_the_example_of_pitivi_opens_exactly(shared: Path) -> None:
    read = opened((shared / "data" / "timelines" / "xges" / "xges_example.xges").read_bytes())
    timeline = read.timeline
    assert timeline.rate == 25
    assert sum(isinstance(item, Clip) for track in timeline.tracks for item in track.items) == 8
    assert timeline.duration == RationalTime(36_215_932_868, NANOSECONDS)
    kinds = [track.kind.value[0] for track in timeline.tracks]
    assert kinds == ["V", "V", "V", "V", "A", "A", "A"], "the shot after the crossfade lies over the one before"
    assert [sentence.partition(": ")[0] for sentence in read.warnings] == ["line 30"]


def test_hostile_xml_raises(shared: Path) -> None:
    for path in (shared / "data" / "timelines_hostile").iterdir():
        if path.suffix in {".fcpxml", ".mlt", ".kdenlive", ".xml"}:
            with pytest.raises(TimelineError):
                opened(path.read_bytes())


def test_a_cut_comes_back() -> None:
    first, second = shot("a", 30, 60), shot("b", 100, 57)
    timeline = cut(first, Gap(RationalTime(45, NTSC)), second, sound=(first,))
    over = Track("V2", TrackKind.VIDEO, (Gap(RationalTime(20, NTSC)), shot("over", 400, 30)))
    music = Track("Music", TrackKind.AUDIO, (shot("music", 0, 162),))
    timeline = replace(timeline, tracks=(timeline.tracks[0], over, timeline.tracks[1], music))
    back = again(timeline)
    assert [(track.name, track.kind, plain(track)) for track in back.tracks] == [
        (track.name, track.kind, plain(track)) for track in timeline.tracks
    ]
    assert back.name == "a cut"
    clip = back.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media
    assert clip.media.target_url == "file:///films/a%20film%20%C3%A9%20%231.mp4"


@settings(max_examples=50, deadline=None)
@given(
    rate=st.sampled_from(
        [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(60000, 1001), Fraction(60)]
    ),
    media=st.sampled_from([Fraction(24000, 1001), Fraction(25), NTSC]),
    frames=st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 400_000)), min_size=1, max_size=6),
    speed=st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 3), Fraction(3, 7)]),
)
def test_any_frame_of_any_rate_comes_back(
    rate: Fraction, media: Fraction, frames: list[tuple[int, int]], speed: Fraction
) -> None:
    items = tuple(
        replace(shot("a", 0, 1, speed), source_range=TimeRange(RationalTime(start, media), RationalTime(length, rate)))
        for start, length in frames
    )
    assert plain(again(cut(*items, rate=rate)).tracks[0]) == plain(Track("", TrackKind.VIDEO, items))


def test_markers_come_back() -> None:
    markers = (
        Marker(span(10, 0), 'one "two" \\ <three>', color="#ff0080"),
        Marker(span(10, 0), "fuchsia", color="fuchsia"),
        Marker(span(10, 25), "name: of", "a comment; {with} [signs] 🎬", kind="chapter"),
    )
    own = replace(shot("a", 30, 60), markers=(Marker(span(40, 2), "on the clip"),))
    timeline = replace(cut(own), markers=markers)
    back = again(timeline)
    assert back.markers == markers
    clip = back.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.markers == own.markers


def test_marks_come_back_with_their_length() -> None:
    mark = Mark("0123456789ab", span(12, 34), "Laugh", MarkState.KEPT, 88.0, "signals only", note="loud: very")
    timeline = with_markers(replace(cut(shot("a", 0, 100)), marks=(mark,)), one_text=True)
    assert adopted(again(timeline)).marks == (replace(mark, source="marker"),)


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_in_quotes(text: str) -> None:
    assert fields_of(f"a, b=(string){quoted(text)}, c=(int)1;") == {"b": text, "c": "1"}
    inner = f"x, y=(string){quoted(text)}"
    assert dict(structures(fields_of(f"a, b=(List){wrapped(inner)};")["b"])) == {"x": {"y": text}}


@pytest.mark.parametrize(
    "text", ["", ";", "a", "a, b", 'a, b="', "a, b=(c", "=", 'a, b=(x)"\\', ", ,", "a, b=[1, 2", '"']
)
def test_broken_structures_end(text: str) -> None:
    assert len(list(structures(text))) <= 2


def test_long_broken_structures_take_no_time() -> None:
    for piece in ("a, ", 'a, b="\\', "a, b=(", "a, b=[", " ", "a;", "a, b=<{"):
        assert list(structures(piece * 50_000)) is not None


def test_a_nanosecond_beside_a_frame_means_the_frame() -> None:
    assert exact_time(33_366_667, (NTSC,)) == RationalTime(1, NTSC)
    assert exact_time(33_366_668, (NTSC,)) == RationalTime(1, NTSC)
    assert exact_time(33_366_669, (NTSC,)) == RationalTime(33_366_669, NANOSECONDS)


def test_a_path_that_is_no_unicode_is_written() -> None:
    odd = replace(shot("odd", 0, 10), media=MediaReference("/films/\udce9.mp4"))
    clip = again(cut(odd)).tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media
    assert clip.media.target_url == "file:///films/%E9.mp4"
