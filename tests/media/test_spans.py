"""Parts of a film: which they are, and that a sweep of them sees what one of the whole film sees there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from tests.films import Film, read_number

from circletake.jobs.context import NoContext
from circletake.media.cuts import find_cuts
from circletake.media.loudness import LoudnessMeter
from circletake.media.measures import PictureMeter
from circletake.media.onsets import ONSETS_A_SECOND, OnsetMeter
from circletake.media.picture import Picture
from circletake.media.probe import probe
from circletake.media.spans import APART, RASTER, parts_of, place_after, spans_of
from circletake.media.sweep import SAMPLE_RATE, Consumers, sweep
from circletake.media.thumbnails import Thumbnails
from circletake.media.waveform import PEAKS_A_SECOND, WaveformMeter
from circletake.timebase import RationalTime, TimeRange

FilmOf = Callable[[Film], Path]
RATE = Fraction(10)
FILM = Film("parts", frames=800, rate=RATE, group=35)
STREAM = Film("parts_stream", frames=800, rate=RATE, group=35, suffix=".ts")
MATROSKA = Film("parts_mkv", frames=800, rate=RATE, group=250, suffix=".mkv")
LATE = Film("parts_late", frames=800, rate=RATE, group=35, start=Fraction(1, 3))
FILMS = [FILM, STREAM, MATROSKA, LATE]
HOUR = RationalTime(3600, Fraction(1))


def span(start: float, end: float) -> TimeRange:
    return TimeRange.from_seconds(start, end, Fraction(1000))


def seconds(spans: tuple[TimeRange, ...]) -> list[tuple[float, float]]:
    return [(each.start_time.to_seconds(), each.end_time_exclusive.to_seconds()) for each in spans]


PARTS = (span(4, 12), span(60, 68))


def test_ranges_get_handles_and_lie_on_the_raster() -> None:
    assert seconds(spans_of([span(101, 103)], HOUR, 0)) == [(100, 104)]
    assert seconds(spans_of([span(101, 103)], HOUR, 10)) == [(88, 116)]


def test_near_ones_are_one_and_each_is_there_once() -> None:
    assert seconds(spans_of([span(100, 104), span(0, 4), span(100, 104)], HOUR, 0)) == [(0, 4), (100, 104)]
    assert seconds(spans_of([span(0, 4), span(33.5, 40)], HOUR, 0)) == [(0, 40)]


def test_the_ends_of_the_film_are_its_own() -> None:
    assert seconds(spans_of([span(3, 5), span(3595, 3599)], RationalTime(7199, Fraction(2)), 20)) == [
        (0, 28), (3572, 3599.5),
    ]  # fmt: skip


def test_a_held_frame_counts_and_what_lies_behind_the_end_does_not() -> None:
    assert seconds(spans_of([span(100, 100)], HOUR, 0)) == [(100, 104)]
    assert spans_of([span(4000, 4010)], HOUR, 10) == ()


def test_a_film_used_nearly_whole_is_one_span_without_parts() -> None:
    spans = spans_of([span(0, 3300)], HOUR, 0)
    assert seconds(spans) == [(0, 3600)]
    assert parts_of(spans, HOUR) == ()
    assert parts_of((), HOUR) == ()
    assert parts_of(PARTS, HOUR) == PARTS


ranges = st.builds(lambda start, length: span(start, start + length), st.floats(0, 3500), st.floats(0, 300))


@given(st.lists(ranges, max_size=8), st.integers(0, 60))
@settings(max_examples=60)
def test_spans_cover_what_is_used_and_lie_apart(used: list[TimeRange], handle: int) -> None:
    spans = spans_of(used, HOUR, handle)
    assert all(any(part.covers(each.intersection(TimeRange.from_start_end(RationalTime(0, Fraction(1)), HOUR)) or each)
                   for part in spans) for each in used)  # fmt: skip
    assert all(after.start_time.seconds - before.end_time_exclusive.seconds >= APART
               for before, after in itertools.pairwise(spans))  # fmt: skip
    assert all(each.start_time.seconds % RASTER == 0 for each in spans)


def test_seconds_done_are_a_place_in_the_film() -> None:
    assert [place_after(PARTS, done) for done in (0, 5, 9, 16, 20)] == [4, 9, 61, 68, 68]
    assert place_after((), 7.5) == 7.5


class Seen:
    """A consumer of all kinds that remembers."""

    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.begins: list[int] = []
        self.sound_seconds: list[float] = []
        self.samples = np.zeros(90 * SAMPLE_RATE, np.float32)
        self.heard: list[tuple[float, float]] = []

    def video(self, picture: Picture) -> None:
        self.numbers.append(read_number(picture.frame))
        if picture.begins:
            self.begins.append(self.numbers[-1])

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        first = round(start_seconds * SAMPLE_RATE)
        self.samples[first : first + len(samples)] = samples
        end = start_seconds + len(samples) / SAMPLE_RATE
        if self.heard and self.heard[-1][1] == pytest.approx(start_seconds, abs=1e-9):
            self.heard[-1] = self.heard[-1][0], end
        else:
            self.heard.append((start_seconds, end))

    def sound(self, frame: av.AudioFrame, start_seconds: float) -> None:
        self.sound_seconds.append(start_seconds)

    def finish(self) -> None:
        pass


class Told(NoContext):
    """A context that keeps how far the work was said to be."""

    def __init__(self) -> None:
        self.done: list[tuple[float, float]] = []

    def progress(self, done: float, total: float) -> None:
        self.done.append((done, total))


def swept(
    path: Path, spans: tuple[TimeRange, ...] = (), context: NoContext | None = None, *, fast: bool = False
) -> Seen:
    seen = Seen()
    sweep(probe(path), Consumers([seen], [seen], [seen]), context or NoContext(), spans=spans, fast=fast)
    return seen


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_only_what_lies_in_the_spans_is_seen_and_all_of_it(film_of: FilmOf, film: Film) -> None:
    path = film_of(film)
    origin = float(probe(path).origin)
    shown = [float(moment) - origin if film is LATE else float(moment) for moment in film.moments()]
    seen = swept(path, PARTS)
    expected = [n for n, at in enumerate(shown) if 4 - 0.001 <= at < 12 - 0.001 or 60 - 0.001 <= at < 68 - 0.001]
    assert seen.numbers == expected
    assert len(seen.begins) == 2
    assert seen.begins == [expected[0], next(n for n in expected if shown[n] > 59)]


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_sound_in_the_spans_is_that_of_the_whole_film(film_of: FilmOf, film: Film) -> None:
    path = film_of(film)
    part, whole = swept(path, PARTS), swept(path)
    assert part.heard == [pytest.approx((4.0, 12.0)), pytest.approx((60.0, 68.0))]
    assert min(part.sound_seconds) >= 3.98
    assert not [at for at in part.sound_seconds if 12 <= at < 59.98]
    for first, last in ((4, 12), (60, 68)):
        # A resampler started anew is off by less than a sample; a beep's edge shows where it lies.
        loud = [np.abs(each.samples[first * SAMPLE_RATE : last * SAMPLE_RATE]) > 0.1 for each in (part, whole)]
        starts = [np.flatnonzero(np.diff(each.astype(int)) > 0) for each in loud]
        assert len(starts[0]) > 0
        energy = [
            np.add.reduceat(np.abs(each.samples[first * SAMPLE_RATE : last * SAMPLE_RATE]), np.arange(0, 128_000, 160))
            for each in (part, whole)
        ]
        assert np.abs(energy[0] - energy[1]).max() < 6


def test_progress_counts_what_is_decoded(film_of: FilmOf) -> None:
    told = Told()
    swept(film_of(FILM), PARTS, told)
    done = [each for each, _ in told.done]
    assert {total for _, total in told.done} == {16.0}
    assert done == sorted(done)
    assert done[-1] == pytest.approx(16, abs=0.2)


def test_a_span_up_to_the_end_and_one_from_the_beginning(film_of: FilmOf) -> None:
    assert swept(film_of(FILM), (span(0, 4), span(76, 80))).numbers == [*range(40), *range(760, 800)]


def test_meters_give_for_the_spans_what_they_give_for_the_film(film_of: FilmOf) -> None:
    media = probe(film_of(FILM))
    results = []
    for spans in ((), PARTS):
        pictures, loudness, onsets, wave = PictureMeter(), LoudnessMeter(), OnsetMeter(), WaveformMeter()
        small = Thumbnails(media, 8, spans=spans)
        sweep(media, Consumers([pictures, small], [onsets, wave], [loudness]), NoContext(), spans=spans)
        results.append((pictures.result(), loudness.result(), onsets.result(), wave.result(), small.result()))
    whole, part = results
    assert list(find_cuts(part[0])) == [second for second in find_cuts(whole[0]) if 4 < second < 12 or 60 < second < 68]
    inner = slice(1, 80)
    at = {round(second, 3): row for row, second in enumerate(whole[0].seconds.tolist())}
    rows = [at[round(second, 3)] for second in part[0].seconds.tolist()]
    assert np.allclose(part[0].motion[inner], whole[0].motion[rows][inner])
    assert part[0].motion[0] == part[0].motion[80] == part[0].change[80] == part[0].lasting[80] == 0
    assert len(part[1].seconds) == pytest.approx(160, abs=4)
    assert not [at for at in part[1].seconds if 12.1 < at < 60]
    for measured, whole_measured, rate in (
        (part[2], whole[2], ONSETS_A_SECOND), (part[3].high.astype(float), whole[3].high.astype(float), PEAKS_A_SECOND),
    ):  # fmt: skip
        assert len(measured) == pytest.approx(68 * rate, abs=1)
        assert not measured[12 * rate + 1 : 60 * rate].any()
        assert measured[60 * rate :].any()
        both = slice(60 * rate + 2, 68 * rate - 2)
        assert np.corrcoef(measured[both], whole_measured[both])[0, 1] > 0.97
    assert part[4].seconds[0] == pytest.approx(4, abs=0.01)
    assert any(59.9 < second < 60.1 for second in part[4].seconds.tolist())
    assert 8 <= len(part[4]) <= 10


@pytest.mark.parametrize("film", [FILM, MATROSKA], ids=lambda film: film.name)
def test_a_fast_sweep_of_spans_stays_inside_of_them(film_of: FilmOf, film: Film) -> None:
    numbers = swept(film_of(film), PARTS, fast=True).numbers
    assert 40 < len(numbers) < 161
    assert all(40 <= number < 120 or 600 <= number < 680 for number in numbers)
