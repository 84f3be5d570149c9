"""Clips at other speeds: curves, sound, pictures and cuts are drawn where the timeline shows their media."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from tests.viewers.timeline.conftest import picture
from tests.viewers.timeline.test_picture import color_at
from tests.viewers.timeline.values import RATE, cut_of, strip

from circletake.analysis.highlights import ScoreRequest, score_film
from circletake.analysis.signals import SignalsScorer
from circletake.jobs.context import NoContext
from circletake.media.frames import FrameBatch
from circletake.media.probe import probe
from circletake.timebase import TimeRange
from circletake.timeline.model import Clip, MediaReference, Timeline, Track, TrackKind
from circletake_viewers.hands import cut_frames
from circletake_viewers.state.cut import resolve_cut
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.marks import levels
from circletake_viewers.state.shown import Clock, Strip
from circletake_viewers.state.wish import Wish
from circletake_viewers.timeline import paint_curves, paint_sound, strips
from circletake_viewers.timeline.lanes import Lane
from circletake_viewers.timeline.reduce import Peaks
from circletake_viewers.timeline.scene import Scene
from circletake_viewers.timeline.tiles import Sheet
from circletake_viewers.timeline.view import TimelineView

CLOCK = Clock(RATE)
SHEET = Sheet(Lane.CURVES, 0.25, 0, 60, 1.0)
"""512 pixels of 4 frames each: 82 seconds."""


def played(speed: float, seconds: float = 60.0) -> Strip:
    """The film of a minute at a speed, from frame 100 on; its curve rises from 0 to 1."""
    film = strip(seconds)
    rising = tuple(replace(each, values=np.linspace(0, 1, len(each.values), dtype=np.float32)) for each in film.curves)
    end = 100 + round(film.end / abs(speed)) if speed else 1600
    offset = (0.0 if speed >= 0 else seconds) - 4.0 * speed
    return replace(film, start=100, end=end, offset=offset, speed=speed, curves=rising)


@pytest.mark.parametrize("speed", [1.0, 2.0, 0.5, -1.0, -2.0])
def test_a_place_and_its_media_are_two_ways_of_one_map(speed: float) -> None:
    film = played(speed)
    for frame in (100, 137, film.end):
        assert strips.place(CLOCK, film, strips.media(CLOCK, film, frame)) == pytest.approx(frame)
    assert strips.between_places(CLOCK, film, film.start, film.end) == pytest.approx((0, 60))


@pytest.mark.parametrize(
    ("speed", "cuts"),
    [
        (2.0, [225, 350, 475, 600, 725]),
        (0.5, [600, 1100, 1600, 2100, 2600]),
        (-1.0, [350, 600, 850, 1100, 1350]),
        (0.0, []),
    ],
)
def test_cuts_lie_where_they_are_seen(speed: float, cuts: list[int]) -> None:
    film = played(speed)
    assert strips.to_frames(CLOCK, film, film.cuts).tolist() == cuts
    assert cut_frames([film], float(RATE)).tolist() == [100, *cuts]
    drawn = paint_curves.cut_pixels(SHEET, cut_of(film), film)
    assert sorted(drawn.tolist()) == [round(each / 4) for each in cuts if each / 4 < 512]


def ends(film: Strip) -> np.ndarray:
    """The height of the score in each column, 0 at the bottom and 1 at the top; NaN where it is not."""
    found = paint_curves._ends(SHEET, Scene(cut_of(film)), (film,), "score")
    assert found is not None
    middle = (found[0] + found[1]) / 2
    room = SHEET.height - paint_curves.ABOVE - paint_curves.BELOW
    return np.asarray(1 - (middle - paint_curves.ABOVE) / room)


def test_a_curve_is_stretched_and_turned_round() -> None:
    plain, quick, back, held = (ends(played(speed)) for speed in (1.0, 2.0, -1.0, 0.0))
    assert np.isnan(plain[:25]).all()
    assert np.isnan(plain[400:]).all()
    assert plain[[30, 395]] == pytest.approx([0.014, 0.986], abs=0.01)
    assert quick[[30, 206]] == pytest.approx([0.03, 0.97], abs=0.01)
    assert np.isnan(quick[213:]).all()
    assert back[25:400] == pytest.approx(plain[25:400][::-1], abs=1e-6)
    assert np.ptp(held[25:400]) == 0


def test_sound_is_stretched_and_turned_round() -> None:
    def drawn(speed: float) -> np.ndarray:
        film = played(speed)
        assert film.waveform is not None
        rising = np.linspace(0, 120, len(film.waveform.low)).astype(np.int8)
        film = replace(film, waveform=replace(film.waveform, low=-rising, high=rising))
        assert film.waveform is not None
        scene = Scene(cut_of(film), peaks=(Peaks(film.waveform),))
        return paint_sound._peaks(SHEET, scene, film, Peaks(film.waveform), slice(9, 133))[1].astype(float)

    plain, back = drawn(1.0), drawn(-1.0)
    assert plain[[0, -1]] == pytest.approx([2, 118], abs=2)
    assert back == pytest.approx(plain[::-1], abs=2)
    assert drawn(2.0)[[0, 60]] == pytest.approx([4, 118], abs=3)


@pytest.mark.parametrize(
    ("speed", "measured", "until"),
    [(2.0, 30.0, 475), (0.5, 15.0, 850), (-1.0, 59.0, 100), (-1.0, 60.0, 1600), (0.0, 0.0, 100), (0.0, 0.5, 1600)],
)
def test_what_is_measured_is_a_part_of_a_clip(speed: float, measured: float, until: int) -> None:
    film = replace(played(speed), measured=measured)
    assert strips.measured_until(CLOCK, film) == pytest.approx(until, abs=1)


def test_backward_and_quick_clips_are_painted_whole(view: TimelineView, qtbot: QtBot) -> None:
    for speed in (-1.0, 2.0, 0.0):
        film = played(speed)
        assert film.thumbnails is not None
        greys = np.linspace(20, 235, len(film.thumbnails)).astype(np.uint8)
        images = np.broadcast_to(greys[:, None, None, None], (len(greys), 36, 64, 3)).copy()
        view.show_cut(cut_of(replace(film, thumbnails=FrameBatch(images, film.thumbnails.seconds))))
        seen = picture(qtbot, view)
        left, right = (color_at(seen, view, Lane.FILM, at).red() for at in (film.start + 60, film.end - 60))
        assert {-1.0: left > 180 > 70 > right, 2.0: left < 70 < 180 < right, 0.0: left == right}[speed]


def test_a_mark_over_a_backward_clip_has_its_shape_in_the_timelines_order() -> None:
    rising = played(-1.0).curves[0]
    shape = levels(rising, np.array([[60.0, 0.0], [0.0, 60.0]]))
    assert shape[0].tolist() == pytest.approx(shape[1][::-1].tolist())
    assert (np.diff(shape[1]) > 0).all()


def timeline(speed: Fraction) -> Timeline:
    span = TimeRange.from_seconds(8, 12, RATE)
    clip = Clip("c", span, MediaReference("/film.mov"), speed=speed)
    return Timeline("t", RATE, (Track("V", TrackKind.VIDEO, (clip,)),))


@pytest.mark.parametrize(
    ("speed", "at_start", "at_end"),
    [(Fraction(1), 8, 12), (Fraction(3), 8, 20), (Fraction(-2), 16, 8), (Fraction(0), 8, 8)],
)
def test_a_strip_says_which_media_it_shows(speed: Fraction, at_start: float, at_end: float) -> None:
    (found,) = resolve_cut(Wish(), Facts(timeline=timeline(speed))).strips
    assert strips.media(CLOCK, found, found.start) == pytest.approx(at_start)
    assert strips.media(CLOCK, found, found.end) == pytest.approx(at_end)


def test_only_the_part_of_a_film_that_was_measured_is_known(recorded_parts: Facts) -> None:
    facts = recorded_parts
    assert facts.timeline is not None
    (inside,) = resolve_cut(Wish(), facts).strips
    assert strips.measured_until(CLOCK, inside) == inside.end
    assert inside.thumbnails is not None
    assert 4 <= inside.thumbnails.seconds.min() <= inside.thumbnails.seconds.max() < 16
    late = facts.timeline.tracks[0].items[0]
    assert isinstance(late, Clip)
    moved = replace(late, source_range=TimeRange.from_seconds(20, 24, RATE))
    elsewhere = replace(facts.timeline, tracks=(replace(facts.timeline.tracks[0], items=(moved,)),))
    (outside,) = resolve_cut(Wish(), replace(facts, timeline=elsewhere)).strips
    assert strips.measured_until(CLOCK, outside) == outside.start


@pytest.fixture
def recorded_parts(sample_clip: Path) -> Facts:
    media = probe(sample_clip)
    parts = (TimeRange.from_seconds(4, 16, Fraction(1)), TimeRange.from_seconds(36, 40, Fraction(1)))
    scored = score_film(ScoreRequest(media, thumbnail_count=20, spans=parts), [SignalsScorer()], NoContext())
    clip = Clip("c", TimeRange.from_seconds(8, 12, RATE), MediaReference(str(sample_clip)))
    cut = Timeline("t", RATE, (Track("V", TrackKind.VIDEO, (clip,)),))
    return Facts(timeline=cut, media={sample_clip: media}, scored={sample_clip: scored})


def test_no_curve_is_drawn_where_nothing_was_measured() -> None:
    film = replace(played(1.0), measured=30.0)
    assert np.isnan(ends(film)[214:]).all()
    assert paint_curves._ends(SHEET, Scene(cut_of(film)), (replace(film, measured=0.0),), "score") is None
