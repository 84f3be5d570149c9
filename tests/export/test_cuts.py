"""Clips are exact: every frame carries its number, so what came out is read off the picture."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.films import Film, Seen, expected_onsets, onsets, read_number, watch

from circletake.export.plan import ExportItem, ExportMode, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ClipReport
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import TimeRange

FilmOf = Callable[[Film], Path]
SEGMENTS = 10
AUDIO_TOLERANCE = 0.010

UNEVEN = tuple(Fraction(int(at), 90_000) for at in np.cumsum([0, *np.random.default_rng(5).integers(1500, 7500, 269)]))
OPEN = {"x264-params": "open-gop=1"}
CLOSED_HEVC = {"x265-params": "log-level=error:keyint=30:open-gop=0"}
OPEN_HEVC = {"x265-params": "log-level=error:keyint=30:open-gop=1"}

FILMS = {
    film.name: film
    for film in (
        Film("long-group", group=250),
        Film("short-group"),
        Film("open-group", options=OPEN),
        Film("open-group-cavlc", options={"x264-params": "open-gop=1:cabac=0:bframes=5"}),
        Film("no-b-frames", b_frames=0),
        Film("uneven", frames=270, times=UNEVEN),
        Film("ntsc", rate=Fraction(30000, 1001)),
        Film("matroska", suffix=".mkv", rate=Fraction(24000, 1001)),
        Film("transport-stream", suffix=".ts"),
        Film("silent", audio_tracks=0),
        Film("two-tracks", audio_tracks=2),
        Film("late-start", start=Fraction(1, 2)),
        Film("turned", rotation=90),
        Film("hevc", codec="libx265", options=CLOSED_HEVC),
        Film("hevc-open-group", codec="libx265", options=OPEN_HEVC),
    )
}
ALWAYS_SMART = (
    "short-group",
    "open-group",
    "open-group-cavlc",
    "no-b-frames",
    "ntsc",
    "matroska",
    "transport-stream",
    "hevc",
    "hevc-open-group",
)


@functools.cache
def seen_in(path: Path) -> Seen:
    """What a test film shows; it does not change."""
    return watch(path)


def segments(film: Film) -> list[tuple[int, int]]:
    chance = random.Random(film.name)
    return [(chance.randrange(0, 190), chance.randrange(33, 60)) for _ in range(SEGMENTS)]


def cut(
    film: Film, path: Path, folder: Path, mode: ExportMode, most: int = SEGMENTS
) -> list[tuple[int, int, ClipReport]]:
    info = probe(path)
    assert info.picture is not None
    moments = [*film.moments(), film.moments()[-1] + 1 / film.rate]
    origin = moments[0] - info.picture.start_time.seconds
    rate = Fraction(90_000)
    items = [
        ExportItem(
            f"{first}-{count}",
            path,
            TimeRange.from_seconds(moments[first] - origin, moments[first + count] - origin, rate),
        )
        for first, count in segments(film)[:most]
    ]
    plan = plan_export(ExportRequest(tuple(items), folder, mode), {path: info})
    report = export_clips(plan, NoContext())
    return [(first, count, clip) for (first, count), clip in zip(segments(film), report.clips, strict=False)]


CASES = [
    *((film, ExportMode.SMART) for film in FILMS.values()),
    *((FILMS[name], ExportMode.ENCODE) for name in ("open-group", "uneven", "matroska", "hevc")),
]


@pytest.mark.parametrize(("film", "mode"), CASES, ids=[f"{film.name}-{mode}" for film, mode in CASES])
def test_a_clip_holds_exactly_the_frames_of_its_range(
    film: Film, mode: ExportMode, film_of: FilmOf, tmp_path: Path
) -> None:
    path = film_of(film)
    source = seen_in(path)
    moments = film.moments()
    for first, count, clip in cut(film, path, tmp_path, mode):
        assert clip.written is not None, clip.error
        assert clip.written.verified
        seen = watch(clip.path)
        assert seen.numbers == list(range(first, first + count))
        expected = [float(at - moments[first]) for at in moments[first : first + count]]
        assert seen.seconds == pytest.approx(expected, abs=0.0011)
        same = sum(source.hashes[number] == seen.hashes[at] for at, number in enumerate(seen.numbers))
        assert same >= clip.written.frames_copied
        if mode is ExportMode.SMART and film.name in ALWAYS_SMART:
            assert clip.written.mode is ExportMode.SMART
            assert clip.written.frames_copied >= 1
        for track in range(film.audio_tracks):
            start = moments[first]
            wanted = [at for at in expected_onsets(start, start + count / film.rate) if at > 0.05]
            found = onsets(clip.path, track)
            assert all(min(abs(at - one) for one in found) < AUDIO_TOLERANCE for at in wanted[:-1])


@pytest.mark.parametrize("name", ["short-group", "open-group", "hevc-open-group", "matroska", "late-start"])
def test_a_copy_starts_at_a_key_frame_and_says_how_much_too_early(name: str, film_of: FilmOf, tmp_path: Path) -> None:
    film = FILMS[name]
    path = film_of(film)
    source = seen_in(path)
    for first, count, clip in cut(film, path, tmp_path, ExportMode.COPY):
        assert clip.written is not None, clip.error
        seen = watch(clip.path)
        early = round(clip.written.start_early * film.rate)
        late = round(clip.written.end_late * film.rate)
        assert seen.numbers == list(range(first - early, first + count + late))
        assert (first - early) % film.group == 0
        assert [source.hashes[number] for number in seen.numbers] == seen.hashes
        assert seen.seconds[0] == 0
        found = onsets(clip.path)
        start = film.moments()[first - early]
        wanted = [at for at in expected_onsets(start, start + count / film.rate) if at > 0.05]
        assert all(min(abs(at - one) for one in found) < AUDIO_TOLERANCE for at in wanted)


def test_rotation_survives_every_mode(film_of: FilmOf, tmp_path: Path) -> None:
    film = FILMS["turned"]
    for mode in ExportMode:
        clip = cut(film, film_of(film), tmp_path / mode, mode, 1)[0][2]
        picture = probe(clip.path).picture
        assert picture is not None
        assert picture.rotation == 90


def test_color_tags_and_shape_survive_every_mode(film_of: FilmOf, tmp_path: Path) -> None:
    tags = {"x264-params": "colorprim=bt470bg:transfer=smpte170m:colormatrix=bt470bg", "aspect": "4:3"}
    film = Film("tagged", options=tags)
    path = film_of(film)
    before = probe(path).picture
    assert before is not None
    assert before.color.primaries == "bt470bg"
    for mode in ExportMode:
        clip = cut(film, path, tmp_path / mode, mode, 1)[0][2]
        after = probe(clip.path).picture
        assert after is not None
        assert (after.color, after.width, after.height) == (before.color, before.width, before.height)
        assert after.sample_aspect_ratio == before.sample_aspect_ratio


def test_frames_that_stand_alone_are_copied_exactly(film_of: FilmOf, tmp_path: Path) -> None:
    film = Film("prores", codec="prores_ks", suffix=".mov", pixel_format="yuv422p10le", audio_tracks=0)
    for first, count, clip in cut(film, film_of(film), tmp_path, ExportMode.SMART):
        assert clip.written is not None
        assert clip.written.mode is ExportMode.COPY
        assert clip.written.verified
        assert clip.reason
        assert watch(clip.path).numbers == list(range(first, first + count))


def test_other_codecs_are_encoded_whole_and_say_why(film_of: FilmOf, tmp_path: Path) -> None:
    film = Film("mpeg4", codec="mpeg4", options={"b": "2M"}, time_base=Fraction(1, 30), b_frames=0)
    for first, count, clip in cut(film, film_of(film), tmp_path, ExportMode.SMART, 3):
        assert clip.written is not None
        assert (clip.wanted, clip.written.mode) == (ExportMode.SMART, ExportMode.ENCODE)
        assert "mpeg4" in clip.reason
        assert watch(clip.path).numbers == list(range(first, first + count))


def test_ten_bit_hdr_stays_ten_bit_with_its_tags(film_of: FilmOf, tmp_path: Path) -> None:
    params = "log-level=error:keyint=30:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    film = Film("hdr", codec="libx265", pixel_format="yuv420p10le", frames=270, options={"x265-params": params})
    for mode in (ExportMode.SMART, ExportMode.ENCODE):
        first, count, clip = cut(film, film_of(film), tmp_path / mode, mode, 1)[0]
        after = probe(clip.path).picture
        assert after is not None
        assert (after.codec, after.bit_depth, after.color.is_hdr) == ("hevc", 10, True)
        with av.open(str(clip.path)) as container:
            assert [read_number(frame) for frame in container.decode(video=0)] == list(range(first, first + count))


def test_a_range_between_two_frames_begins_with_the_frame_shown_then(film_of: FilmOf, tmp_path: Path) -> None:
    film = Film("slow", rate=Fraction(5), frames=60, group=10)
    path = film_of(film)
    span = TimeRange.from_seconds(2.1, 4.1, Fraction(1000))
    info = probe(path)
    plan = plan_export(ExportRequest((ExportItem("half", path, span),), tmp_path, ExportMode.ENCODE), {path: info})
    clip = export_clips(plan, NoContext()).clips[0]
    seen = watch(clip.path)
    assert seen.numbers == list(range(10, 21))
    assert seen.seconds[:2] == pytest.approx([0, 0.1], abs=1e-6)
    assert clip.written is not None
    assert clip.written.start.seconds == Fraction(21, 10)
    assert clip.written.end.seconds == Fraction(41, 10)


def test_sound_alone_is_cut_to_the_sample(film_of: FilmOf, tmp_path: Path) -> None:
    film = Film("with-sound")
    path = film_of(film)
    sound = tmp_path / "sound.wav"
    with av.open(str(path)) as source, av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000)
        for frame in source.decode(audio=0):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    span = TimeRange.from_seconds(Fraction(13, 10), Fraction(41, 10), Fraction(1000))
    for mode, suffix in ((ExportMode.SMART, ".m4a"), (ExportMode.ENCODE, ".m4a"), (ExportMode.COPY, ".wav")):
        request = ExportRequest((ExportItem("sound", sound, span),), tmp_path / mode, mode)
        clip = export_clips(plan_export(request, {sound: probe(sound)}), NoContext()).clips[0]
        assert clip.written is not None, clip.error
        assert clip.path.suffix == suffix
        early = clip.written.start_early
        wanted = expected_onsets(Fraction(13, 10) - early, Fraction(41, 10))
        assert onsets(clip.path)[: len(wanted)] == pytest.approx(wanted, abs=AUDIO_TOLERANCE)
