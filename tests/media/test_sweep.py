"""The sweep: everyone gets the same film once, in order, without holes, and what it measures is what is there."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.films import Film, expected_onsets

from circletake.jobs.context import JobCancelled, NoContext
from circletake.media.batches import BatchSampler
from circletake.media.cuts import find_cuts
from circletake.media.frames import FrameBatch
from circletake.media.loudness import SILENCE, LoudnessMeter
from circletake.media.measures import PictureMeasures, PictureMeter
from circletake.media.onsets import OnsetMeter
from circletake.media.picture import LUMA_GRID, Picture
from circletake.media.probe import probe
from circletake.media.sweep import SAMPLE_RATE, Consumers, sweep
from circletake.media.thumbnails import Thumbnails
from circletake.media.waveform import PEAKS_A_SECOND, WaveformMeter

FilmOf = Callable[[Film], Path]
FILM = Film("swept", frames=150, group=30)


class Everything:
    """A consumer of all kinds that remembers."""

    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        self.pictures: list[float] = []
        self.blocks: list[tuple[float, int]] = []
        self.frames = 0
        self.samples: list[NDArray[np.float32]] = []
        self.finished = 0

    def video(self, picture: Picture) -> None:
        assert picture.number == len(self.pictures)
        self.pictures.append(picture.seconds)

    def audio(self, samples: NDArray[np.float32], start_seconds: float) -> None:
        self.blocks.append((start_seconds, len(samples)))
        self.samples.append(samples)

    def sound(self, frame: av.AudioFrame, start_seconds: float) -> None:
        self.frames += frame.samples

    def finish(self) -> None:
        self.finished += 1


def heard(path: Path) -> Everything:
    consumer = Everything()
    sweep(probe(path), Consumers([consumer], [consumer], [consumer]), NoContext())
    return consumer


def test_every_picture_and_all_sound_arrive_once_and_in_order(film_of: FilmOf) -> None:
    seen = heard(film_of(FILM))
    assert np.allclose(seen.pictures, np.arange(150) / 30, atol=1e-4)
    assert seen.finished == 3
    position = 0.0
    for start, count in seen.blocks:
        assert start == pytest.approx(position, abs=1e-9)
        position += count / SAMPLE_RATE
    assert position == pytest.approx(5.0, abs=0.1)


def test_sound_lies_where_it_is_heard(film_of: FilmOf) -> None:
    samples = np.concatenate(heard(film_of(FILM)).samples)
    loud = np.flatnonzero(np.abs(samples) > 0.1) / SAMPLE_RATE
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-1) > 0.1)]
    assert starts[:9] == pytest.approx(expected_onsets(Fraction(0), Fraction(5))[:9], abs=0.005)


def test_a_hole_in_the_sound_is_filled_with_silence(tmp_path: Path) -> None:
    path = tmp_path / "hole.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SAMPLE_RATE)
        assert isinstance(stream, av.AudioStream)
        for start in (0, 3 * SAMPLE_RATE):
            block = np.full((1, SAMPLE_RATE), 8000, np.int16)
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
    samples = np.concatenate(heard(path).samples)
    assert len(samples) == pytest.approx(4 * SAMPLE_RATE, abs=200)
    assert np.all(samples[int(1.2 * SAMPLE_RATE) : int(2.8 * SAMPLE_RATE)] == 0)
    assert samples[int(3.5 * SAMPLE_RATE)] > 0.2


def test_a_sweep_is_cancelled_within_a_packet(film_of: FilmOf) -> None:
    class Impatient(NoContext):
        left = 20

        def checkpoint(self) -> None:
            self.left -= 1
            if not self.left:
                raise JobCancelled

    consumer = Everything()
    with pytest.raises(JobCancelled):
        sweep(probe(film_of(FILM)), Consumers([consumer]), Impatient())
    assert len(consumer.pictures) <= 20
    assert consumer.finished == 0


def test_progress_is_told_of_sound_alone_too(tmp_path: Path) -> None:
    class Told(NoContext):
        done = 0.0

        def progress(self, done: float, total: float) -> None:
            assert self.done <= done <= total
            self.done = done

    told = Told()
    sweep(probe(tone(tmp_path / "tone.wav", -20)), Consumers(audio=[WaveformMeter()]), told)
    assert told.done > 5


def test_fast_leaves_out_pictures_nothing_refers_to(film_of: FilmOf) -> None:
    consumer = Everything()
    report = sweep(probe(film_of(FILM)), Consumers([consumer]), NoContext(), fast=True)
    assert 30 < report.pictures < 140
    assert consumer.pictures == sorted(consumer.pictures)


def test_damaged_packets_are_stepped_over_and_told(shared: Path) -> None:
    media = probe(shared / "data" / "malformed_generated" / "bitflip_mdat_high.mp4")
    report = sweep(media, Consumers([Everything()], [Everything()]), NoContext())
    assert report.damaged_packets > 0
    assert any("damaged" in warning for warning in report.warnings)
    assert report.pictures > 0


def test_batches_are_sampled_by_time_whatever_the_rate(film_of: FilmOf) -> None:
    times = tuple(Fraction(n, 30) if n < 60 else 2 + Fraction(n - 60, 10) for n in range(90))
    path = film_of(Film("two_rates", frames=90, times=times, audio_tracks=0))
    batches: list[FrameBatch] = []
    sweep(probe(path), Consumers([BatchSampler(5.0, (56, 40), 4, batches.append)]), NoContext())
    seconds = np.concatenate([batch.seconds for batch in batches])
    assert seconds == pytest.approx(np.arange(25) / 5, abs=0.05)
    assert {batch.images.shape[1:] for batch in batches} == {(40, 56, 3)}
    assert [len(batch) for batch in batches] == [4] * 6 + [1]


def test_thumbnails_are_even_and_upright(film_of: FilmOf) -> None:
    media = probe(film_of(Film("turned", frames=300, rotation=90, audio_tracks=0)))
    strip = Thumbnails(media, 10)
    sweep(media, Consumers([strip]), NoContext())
    batch = strip.result()
    assert len(batch) == 10
    assert batch.images.shape[1] > batch.images.shape[2], "a film shot upright has upright thumbnails"
    assert np.diff(batch.seconds) == pytest.approx(np.full(9, 1.0), abs=0.05)


def test_a_waveform_outlines_the_beeps(film_of: FilmOf) -> None:
    media, meter = probe(film_of(FILM)), WaveformMeter()
    sweep(media, Consumers(audio=[meter]), NoContext())
    wave = meter.result()
    assert wave.seconds == pytest.approx(5.0, abs=0.1)
    assert np.all(wave.low <= wave.high)
    beep, quiet = wave.high[1:3], wave.high[int(0.2 * PEAKS_A_SECOND) : int(0.4 * PEAKS_A_SECOND)]
    assert beep.min() > 40
    assert quiet.max() <= 2


def tone(path: Path, level_db: float, seconds: float = 6.0) -> Path:
    """A stereo 997 Hz sine at a level below full scale."""
    rate = 48_000
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * 997 * np.arange(int(seconds * rate)) / rate)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s24le", rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        samples = np.repeat((wave * (2**31 - 1)).astype(np.int32), 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s32", layout="stereo")
        frame.sample_rate, frame.pts = rate, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_loudness_is_what_the_broadcasters_test_tone_asks_for(tmp_path: Path, level: float) -> None:
    """Source: EBU Tech 3341, table 1: a stereo 1 kHz sine at -23 dBFS reads -23 LUFS, within 0.1 LU."""
    meter = LoudnessMeter()
    sweep(probe(tone(tmp_path / "tone.wav", level)), Consumers(sound=[meter]), NoContext())
    loudness = meter.result()
    assert loudness.momentary[10:-5] == pytest.approx(np.full(len(loudness.momentary) - 15, level), abs=0.1)


def test_digital_silence_is_silence_and_not_a_missing_number(tmp_path: Path) -> None:
    meter = LoudnessMeter()
    sweep(probe(tone(tmp_path / "still.wav", -300)), Consumers(sound=[meter]), NoContext())
    assert np.all(meter.result().momentary == SILENCE)


def test_onsets_rise_at_each_beep(film_of: FilmOf) -> None:
    media, meter = probe(film_of(FILM)), OnsetMeter()
    sweep(media, Consumers(audio=[meter]), NoContext())
    flux = meter.result()
    for beep in range(1, 9):
        near = flux[beep * 25 - 3 : beep * 25 + 3].max()
        assert near > 5 * np.median(flux), f"the beep at {beep / 2} s"


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p10le", "gray", "rgb24", "nv12", "yuv420p10le"])
def test_samples_are_the_pictures_levels_in_every_format(pixel_format: str) -> None:
    image = np.zeros((180, 320, 3), np.uint8)
    image[:, 160:] = 255
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixel_format)
    luma = Picture(frame, 0, 0.0, key_frame=True).luma
    assert luma.dtype == np.uint8
    assert luma.shape[0] >= LUMA_GRID[1] - 1
    middle = luma.shape[1] // 2
    assert luma[:, : middle - 2].max() < 40
    assert luma[:, middle + 2 :].min() > 215


def measures(change: list[float], motion: list[float], lasting: list[float]) -> PictureMeasures:
    count = len(change)
    zeros = np.zeros(count, np.float32)
    return PictureMeasures(
        np.arange(count) / 25,
        np.array(motion, np.float32),
        np.array(change, np.float32),
        np.array(lasting, np.float32),
        zeros,
        zeros,
        zeros,
    )


def test_a_flash_is_no_cut() -> None:
    # Two jumps, there and back; three pictures later nothing is left of them.
    change, motion, lasting = [0.01] * 40, [1.0] * 40, [0.01] * 40
    change[20] = change[21] = 0.6
    motion[20] = motion[21] = 90.0
    lasting[20], lasting[21], lasting[22], lasting[23] = 0.6, 0.01, 0.01, 0.6
    assert len(find_cuts(measures(change, motion, lasting))) == 0
    lasting[20:24] = [0.6, 0.6, 0.6, 0.01]
    change[21], motion[21] = 0.01, 1.0
    assert find_cuts(measures(change, motion, lasting)) == pytest.approx([20 / 25])


def test_steady_fast_motion_is_no_cut() -> None:
    assert len(find_cuts(measures([0.2] * 50, [30.0] * 50, [0.3] * 50))) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_film_of_a_few_pictures_has_no_cut(count: int) -> None:
    assert len(find_cuts(measures([0.0] * count, [0.0] * count, [0.0] * count))) == 0


def test_cuts_of_a_real_film_are_found_on_their_frames(shared: Path) -> None:
    media, meter = probe(shared / "data" / "video" / "60fps.mp4"), PictureMeter()
    sweep(media, Consumers([meter]), NoContext())
    assert find_cuts(meter.result()) == pytest.approx([5, 10, 15, 20, 25])
