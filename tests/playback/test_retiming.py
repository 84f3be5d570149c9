"""Clips at other speeds: the right frame of the film at each frame of the timeline, and the sound that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.films import Film
from tests.playback.test_pictures import Asker, burnt
from tests.playback.test_program import FILM, MEDIA, PICTURE, RATE
from tests.playback.test_sound import beeps, joined

from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.playback.listening import Listening
from circletake.playback.program import Program
from circletake.playback.route import Route
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Item, MediaReference, Timeline, Track, TrackKind

FilmOf = Callable[[Film], Path]
SHORT = Film("retimed", frames=120, group=12)
LONG_GROUP = Film("retimed_long", frames=150, group=150)
LATE = Film("retimed_late", frames=90, start=Fraction(1, 3), group=30)
UNEVEN = Film("retimed_uneven", frames=90, group=30, times=tuple(Fraction(n * n + 60 * n, 1800) for n in range(90)))


def clip(path: Path, start: int, length: int, speed: Fraction, rate: Fraction = Fraction(30)) -> Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(length, rate))
    return Clip("clip", span, MediaReference(str(path)), speed=speed)


def program(items: tuple[Item, ...], media: dict[Path, MediaInfo], rate: Fraction = Fraction(30)) -> Program:
    return Program.of(Timeline("t", rate, tuple(Track(kind, kind, items) for kind in TrackKind)), media)


def numbers(start: int, length: int, speed: Fraction) -> list[int]:
    """The frames of an even film under a clip, numbered by hand: forwards what runs, backwards what ends."""
    made = program((clip(FILM.path, start, length, speed, RATE),), MEDIA, RATE)
    moments = [made.picture_at(frame) for frame in range(length)]
    return [int(moment.time.seconds * RATE + Fraction(1, 1000)) for moment in moments if moment]


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (Fraction(2), [4, 6, 8, 10]),
        (Fraction(1, 2), [4, 4, 5, 5]),
        (Fraction(3, 10), [4, 4, 4, 4]),
        (Fraction(-1), [7, 6, 5, 4]),
        (Fraction(-2), [11, 9, 7, 5]),
        (Fraction(-1, 2), [5, 5, 4, 4]),
        (Fraction(0), [4, 4, 4, 4]),
        (Fraction("1.99999"), [4, 6, 8, 10]),
        (Fraction("-0.99999"), [7, 6, 5, 4]),
    ],
)
def test_each_frame_of_the_timeline_shows_its_frame_of_the_film(speed: Fraction, expected: list[int]) -> None:
    assert numbers(4, 4, speed) == expected


@pytest.mark.parametrize("speed", [Fraction(n, 10) for n in range(-25, 26)], ids=str)
def test_no_frame_outside_of_what_a_clip_uses_is_shown(speed: Fraction) -> None:
    used = clip(FILM.path, 5, 20, speed, RATE).media_range
    last = max(5, -(-used.end_time_exclusive.seconds * RATE // 1) - 1)
    found = numbers(5, 20, speed)
    assert min(found) == 5 or (speed < -1 and min(found) < 5 - speed)
    assert max(found) <= last
    assert found == sorted(found, reverse=speed < 0)


def test_a_cut_off_part_of_a_backward_clip_goes_on_where_the_whole_would() -> None:
    whole = clip(FILM.path, 0, 20, Fraction(-1), RATE)
    part = whole.stretch(RationalTime(5, RATE), RationalTime(10, RATE))
    shown = program((part,), MEDIA, RATE)
    moments = [shown.picture_at(frame) for frame in range(10)]
    assert [round(moment.time.seconds * RATE) for moment in moments if moment] == list(range(14, 4, -1))


def test_a_speed_is_part_of_what_makes_programs_equal() -> None:
    first, second = (program((clip(FILM.path, 0, 9, Fraction(n), RATE),), MEDIA, RATE) for n in (1, 2))
    assert first != second


def test_a_film_whose_first_frame_is_late_is_counted_from_there() -> None:
    late = replace(FILM, video=(replace(PICTURE, start_time=RationalTime(1, Fraction(100))),))
    moment = program((clip(FILM.path, 0, 9, Fraction(-1), RATE),), {FILM.path: late}, RATE).picture_at(0)
    assert moment is not None
    assert (moment.time.seconds - Fraction(1, 100)) * RATE == pytest.approx(8)


@pytest.fixture
def asker() -> Iterator[Asker]:
    made = Asker()
    yield made
    made.feed.close()


@pytest.fixture
def ears() -> Iterator[Listening]:
    made = Listening()
    yield made
    made.close()


SPEEDS = (Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(-2), Fraction(0), Fraction(-1, 3))


@pytest.mark.parametrize("film", [SHORT, LONG_GROUP], ids=lambda film: film.name)
@pytest.mark.parametrize("direction", [1, -1], ids=["forwards", "backwards"])
@pytest.mark.parametrize("speed", SPEEDS, ids=str)
def test_play_and_seek_show_the_burnt_in_numbers(
    film_of: FilmOf, asker: Asker, film: Film, speed: Fraction, direction: int
) -> None:
    media = probe(film_of(film))
    pieces = (
        clip(media.path, 10, 12, Fraction(1)),
        clip(media.path, 20, 30, speed),
        clip(media.path, 0, 8, Fraction(1)),
    )
    shown = program(pieces, {media.path: media})
    asker.feed.load(shown)
    middle = {
        Fraction(2): list(range(20, 80, 2)),
        Fraction(1, 2): [20 + n // 2 for n in range(30)],
        Fraction(-1): list(range(49, 19, -1)),
        Fraction(-2): list(range(79, 19, -2)),
        Fraction(0): [20] * 30,
        Fraction(-1, 3): [29 - n // 3 for n in range(30)],
    }[speed]
    truth = [*range(10, 22), *middle, *range(8)]
    first = 0 if direction > 0 else shown.frames - 1
    seen = asker.play(Route(first, 0, shown.frames, direction))
    assert [distance for distance, _ in seen] == list(range(shown.frames))
    assert [burnt(each) for _, each in seen] == truth[::direction]
    for frame in (12, 20, 19, 41, 42):
        assert burnt(asker.want(frame)[-1]) == truth[frame]


@pytest.mark.parametrize("film", [LATE, UNEVEN], ids=lambda film: film.name)
def test_backwards_shows_the_frames_of_forwards_in_films_that_count_oddly(
    film_of: FilmOf, asker: Asker, film: Film
) -> None:
    media = probe(film_of(film))
    rate, seen = Fraction(60), {}
    for speed in (1, -1):
        shown = program((clip(media.path, 15, 40, Fraction(speed), rate),), {media.path: media}, rate)
        asker.feed.load(shown)
        seen[speed] = {burnt(each) for _, each in asker.play(Route(0, 0, shown.frames))}
    assert seen[1] == seen[-1]


@pytest.mark.parametrize(("speed", "heard"), [(2, [0.0, 0.25, 0.5, 0.75]), (Fraction(1, 2), [0.0]), (4, [0.0])])
def test_sound_of_a_quick_clip_lies_where_the_picture_is(
    film_of: FilmOf, ears: Listening, speed: Fraction, heard: list[float]
) -> None:
    media = probe(film_of(SHORT))
    shown = program((clip(media.path, 30, 15 if speed == 4 else 29, Fraction(speed)),), {media.path: media})
    found = joined(ears.span(shown, Fraction(0), shown.frames / shown.rate))
    assert len(found) == round(shown.frames / shown.rate * 48_000)
    if speed == 4:
        assert np.abs(found.astype(np.int32)).max() > 3000
    else:
        assert beeps(found)[: len(heard)] == pytest.approx(heard, abs=0.05)


@pytest.mark.parametrize("speed", [-1, 0, 5, Fraction(1, 8)], ids=str)
def test_what_runs_backwards_stands_or_rushes_is_silent(film_of: FilmOf, ears: Listening, speed: Fraction) -> None:
    media = probe(film_of(SHORT))
    shown = program(
        (clip(media.path, 0, 20, Fraction(speed)), clip(media.path, 0, 10, Fraction(1))), {media.path: media}
    )
    found = joined(ears.span(shown, Fraction(0), Fraction(1)))
    assert not found[: 48_000 * 2 // 3].any()
    assert found[48_000 * 2 // 3 :].any()
