"""Our Kdenlive, Shotcut and MLT files in the programs they are for: opened, saved again, rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.films import Film, read_number
from tests.hosts.editors import Desktop, desktop, engine_sees, kdenlive_saves, needs, rendered, shotcut_saves

from circletake.interchange.format import Source
from circletake.interchange.registry import format_named
from circletake.interchange.tags import adopted
from circletake.interchange.writing import write_file
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

pytestmark = [pytest.mark.hosts, pytest.mark.slow]

NTSC = Fraction(30000, 1001)
FRAMES = 300
FORMATS = ("kdenlive", "kdenlive-22", "shotcut")

FilmOf = Callable[[Film], Path]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Desktop]:
    with desktop(tmp_path / "home") as own:
        yield own


@pytest.fixture(params=[Fraction(30), NTSC], ids=["30", "29.97"])
def rate(request: pytest.FixtureRequest) -> Fraction:
    found: Fraction = request.param
    return found


def numbered(folder: Path, film_of: FilmOf, rate: Fraction) -> Path:
    """A film whose frames carry their numbers, at a path that has to be escaped."""
    folder = folder / "Zoë's takes & <more>"
    folder.mkdir()
    film = film_of(Film(f"numbered_{rate.numerator}", frames=FRAMES, rate=rate))
    copy = folder / "höhle 100%.mp4"
    copy.write_bytes(film.read_bytes())
    return copy


def cut(film: Path, rate: Fraction) -> Timeline:
    """Everything at once: gaps, layers, loose sound, speeds, a held frame, markers on clips and timeline, marks."""

    def span(start: int, length: int) -> TimeRange:
        return TimeRange(RationalTime(start, rate), RationalTime(length, rate))

    def clip(start: int, length: int, speed: int = 1, *markers: Marker) -> Clip:
        media = MediaReference(str(film))
        return Clip(film.name, span(start, length), media, speed=Fraction(speed), markers=markers)

    def hole(length: int) -> Gap:
        return Gap(RationalTime(length, rate))

    look = Marker(span(30, 0), "Look & <see>", color="red")
    pictures = (clip(20, 100, 1, look), hole(15), clip(150, 30), clip(40, 20, 2), clip(60, 25, -1), clip(77, 20, 0))
    return Timeline(
        "Demo",
        rate,
        (
            Track("V1", TrackKind.VIDEO, pictures),
            Track("B-roll", TrackKind.VIDEO, (hole(50), clip(200, 40))),
            Track("A1", TrackKind.AUDIO, (clip(20, 100), hole(15), clip(150, 30))),
            Track("Loose", TrackKind.AUDIO, (hole(10), clip(5, 33))),
        ),
        (
            Mark("3f2a9c01b7de", span(5, 60), 'Crowd "silent" & wow', MarkState.KEPT, 88.25, "marker", note="Zoë"),
            Mark("aa2a9c01b7de", span(130, 1), "One frame", MarkState.REJECTED, 12.5, "marker"),
        ),
        markers=(Marker(span(90, 0), "Plain", color="blue"), Marker(span(95, 40), "Range", color="orange")),
    )


SHOWN = [
    *range(20, 70),
    *range(200, 240),
    *range(110, 120),
    *([-1] * 15),
    *range(150, 180),
    *range(40, 80, 2),
    *range(84, 59, -1),
    *([77] * 20),
]
"""The number of the film's frame that each frame of `cut` shows; -1 is the gap."""


def written(timeline: Timeline, film: Path, form: str, path: Path) -> Path:
    write_file(timeline, format_named(form), {film: probe(film)}, path)
    return path


def read_back(form: str, path: Path, data: bytes) -> Timeline:
    reader = format_named(form).read
    assert reader
    return adopted(reader(Source(path, data)).timeline)


def plain(timeline: Timeline, folder: Path) -> object:
    """All that has to come back, as values: paths joined, what each track plays and where."""
    return [
        (
            track.name,
            track.kind,
            [
                (item.speed, item.source_range, where(item, folder), item.markers)
                if isinstance(item, Clip)
                else item.duration
                for item in track.items
            ],
        )
        for track in timeline.tracks
    ]


def where(clip: Clip, folder: Path) -> Path | None:
    return None if clip.media is None else (folder / clip.media.target_url).resolve()


@pytest.mark.parametrize("form", FORMATS)
def test_the_engine_plays_what_was_written(
    here: Desktop, tmp_path: Path, film_of: FilmOf, rate: Fraction, form: str
) -> None:
    film = numbered(tmp_path, film_of, rate)
    project = written(cut(film, rate), film, form, tmp_path / "demo.mlt")

    seen = engine_sees(here, project)

    name = film.name
    pictures: list[tuple[str, int, int] | int] = [
        (name, 20, 119),
        15,
        (name, 150, 179),
        (name, 20, 39),
        (name, 215, 239),
        (name, 77, 96),
    ]
    rows: list[list[tuple[str, int, int] | int]] = [pictures, [50, (name, 200, 239)], [10, (name, 5, 37)]]
    if form != "shotcut":  # there, sound that belongs to a picture is not a track of its own
        rows.append([(name, 20, 119), 15, (name, 150, 179)])
    assert (seen.frames, Fraction(*seen.rate)) == (210, rate)
    played = [row for row in seen.playlists.values() if any(name in each for each in row if isinstance(each, tuple))]
    tracks = [row for row in played if row != [(name, 0, FRAMES - 1)]]  # the bin
    assert sorted(map(str, tracks)) == sorted(map(str, rows))


@pytest.mark.parametrize("form", FORMATS)
def test_the_engine_renders_each_frame_of_the_cut(here: Desktop, tmp_path: Path, film_of: FilmOf, form: str) -> None:
    needs("melt")
    film = numbered(tmp_path, film_of, Fraction(30))
    project = written(cut(film, Fraction(30)), film, form, tmp_path / "demo.mlt")

    words = rendered(here, project, tmp_path / "out.mp4")

    with av.open(str(tmp_path / "out.mp4")) as container:
        numbers = [read_number(frame) for frame in container.decode(video=0)]
    assert numbers == SHOWN, words


@pytest.mark.parametrize("form", FORMATS)
def test_media_of_another_rate_begin_at_the_same_moment(
    here: Desktop, tmp_path: Path, film_of: FilmOf, form: str
) -> None:
    """Times are the project's frames, whatever the medium's rate: frame 90 of 30 is frame 72 of 24."""
    needs("melt")
    film = numbered(tmp_path, film_of, Fraction(24))
    clip = Clip(
        "Slow", TimeRange(RationalTime(90, Fraction(30)), RationalTime(50, Fraction(30))), MediaReference(str(film))
    )
    timeline = Timeline("Demo", Fraction(30), (Track("V1", TrackKind.VIDEO, (clip,)),))

    words = rendered(here, written(timeline, film, form, tmp_path / "demo.mlt"), tmp_path / "out.mp4")

    with av.open(str(tmp_path / "out.mp4")) as container:
        numbers = [read_number(frame) for frame in container.decode(video=0)]
    assert len(numbers) == 50, words
    assert all(abs(number - (72 + shown * 24 / 30)) <= 1 for shown, number in enumerate(numbers))


def test_kdenlive_opens_it_and_saves_the_same(here: Desktop, tmp_path: Path, film_of: FilmOf, rate: Fraction) -> None:
    film = numbered(tmp_path, film_of, rate)
    timeline = cut(film, rate)
    project = written(timeline, film, "kdenlive-22", tmp_path / "demo.kdenlive")

    found = read_back("kdenlive-22", project, kdenlive_saves(here, project))

    assert found.rate == rate
    assert plain(found, tmp_path) == plain(timeline, tmp_path)
    points = tuple(
        replace(each, range=TimeRange(each.range.start_time, RationalTime(0, rate))) for each in timeline.markers
    )
    assert (found.markers, found.marks) == (points, timeline.marks)


def test_shotcut_opens_it_and_saves_the_same(here: Desktop, tmp_path: Path, film_of: FilmOf, rate: Fraction) -> None:
    film = numbered(tmp_path, film_of, rate)
    timeline = cut(film, rate)
    project = written(timeline, film, "shotcut", tmp_path / "demo.mlt")

    found = read_back("shotcut", project, shotcut_saves(here, project))

    first, *rest = timeline.tracks
    items = tuple(replace(item, markers=()) if isinstance(item, Clip) else item for item in first.items)
    (look,) = (marker for item in first.items if isinstance(item, Clip) for marker in item.markers)
    moved = replace(look, range=TimeRange(RationalTime(10, rate), RationalTime(0, rate)))
    assert found.rate == rate
    assert plain(found, tmp_path) == plain(replace(timeline, tracks=(replace(first, items=items), *rest)), tmp_path)
    assert (found.markers, found.marks) == ((moved, *timeline.markers), timeline.marks)
