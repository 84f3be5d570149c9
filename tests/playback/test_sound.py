"""Sound for a player: the right samples at the right place, without a hole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from tests.films import Film
from tests.playback.conftest import CutOf, foul

from circletake.playback.listening import RATE, Listening, Samples, SoundReader
from circletake.playback.route import Route
from circletake.playback.sound import SAMPLE_BYTES, SoundFeed

AAC = Film("sound_aac", frames=120)
OPUS = Film("sound_opus", 90, codec="libvpx-vp9", suffix=".webm", audio_codec="libopus", options={"cpu-used": "8"})
LATE = Film("sound_late", frames=120, start=Fraction(1, 3))
STREAM = Film("sound_stream", frames=120, suffix=".ts")


@pytest.fixture
def ears() -> Iterator[Listening]:
    made = Listening()
    yield made
    made.close()


@pytest.fixture
def feed() -> Iterator[SoundFeed]:
    made = SoundFeed(lambda: None)
    yield made
    made.close()


def beeps(samples: Samples) -> list[float]:
    """When each beep begins, in seconds."""
    loud = np.flatnonzero(np.abs(samples[:, 0].astype(np.int32)) > 3000)
    return [float(at) / RATE for at in loud[np.flatnonzero(np.diff(loud, prepend=-RATE) > RATE // 10)]]


def joined(blocks: Iterator[Samples]) -> Samples:
    return np.concatenate(list(blocks))


def read(feed: SoundFeed, seconds: float) -> Samples:
    """As a device would: a little at a time, when it is there."""
    parts, frames = [], round(seconds * RATE)
    deadline = time.monotonic() + 20
    while frames > 0:
        while not feed.is_ready:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        parts.append(feed.read(min(frames, 4800)))
        frames -= 4800
    return np.frombuffer(b"".join(parts), np.int16).reshape(-1, 2)


@pytest.mark.parametrize("film", [AAC, OPUS, LATE, STREAM], ids=lambda film: film.name)
def test_a_seek_gives_the_very_samples_of_a_plain_decode(cut_of: CutOf, ears: Listening, film: Film) -> None:
    program = cut_of((film, 0, film.frames))
    whole = joined(ears.span(program, Fraction(0), program.frames / program.rate))
    for start in (Fraction(13, 7), Fraction(1), Fraction(7, 3)):
        part = joined(ears.span(program, start, start + Fraction(1, 2)))
        begins = round(start * RATE)
        assert len(part) == RATE // 2
        assert np.abs(part.astype(np.int32) - whole[begins : begins + len(part)]).max() <= 1


def test_cuts_and_gaps_are_exact_and_silent(cut_of: CutOf, ears: Listening) -> None:
    program = cut_of((AAC, 30, 60), 15, (AAC, 75, 105), (OPUS, 30, 45))
    heard = joined(ears.span(program, Fraction(0), Fraction(3)))
    assert len(heard) == 3 * RATE
    # Beeps of the film at 1.0, 1.5, then a gap of half a second, 2.5 (the cut), 3.0, then the other film's 1.0.
    assert beeps(heard) == pytest.approx([0.0, 0.5, 1.5, 2.0, 2.5], abs=0.002)
    assert not heard[round(1.01 * RATE) : round(1.49 * RATE)].any()


def test_what_lies_behind_the_end_is_silence(cut_of: CutOf, ears: Listening) -> None:
    heard = joined(ears.span(cut_of((AAC, 0, 30)), Fraction(1, 2), Fraction(3)))
    assert len(heard) == 5 * RATE // 2
    assert not heard[RATE:].any()


def test_what_cannot_be_read_is_silent_and_the_next_is_heard(
    cut_of: CutOf, ears: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, blocks = cut_of((LATE, 30, 60), (AAC, 30, 60)), SoundReader.blocks

    def refuse(reader: SoundReader, start: int) -> Iterator[Samples]:
        if LATE.name in reader._container.name:
            raise ValueError("a resampler's word")
        return blocks(reader, start)

    monkeypatch.setattr(SoundReader, "blocks", refuse)
    assert beeps(joined(ears.span(program, Fraction(0), Fraction(2)))) == pytest.approx([1.0, 1.5], abs=0.002)


@pytest.mark.expected_logs("sound ends early")
def test_a_fault_nobody_foresaw_is_silence_up_to_the_next_play(
    cut_of: CutOf, feed: SoundFeed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program = cut_of((AAC, 0, 120))
    with monkeypatch.context() as broken:
        broken.setattr(SoundReader, "blocks", foul)
        for _ in range(2):
            feed.play(program, Route(30, 0, 120), 1.0)
            assert not read(feed, 0.2).any()
    assert feed.underruns == 0
    assert [record.exc_info is not None for record in caplog.records] == [True]
    feed.play(program, Route(30, 0, 120), 1.0)
    assert beeps(read(feed, 0.8)) == pytest.approx([0.0, 0.5], abs=0.002)


def test_a_loop_is_heard_without_a_seam(cut_of: CutOf, feed: SoundFeed) -> None:
    feed.play(cut_of((AAC, 0, 120)), Route(30, 15, 45, loops=True), 1.0)
    assert beeps(read(feed, 3.0)) == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0, 2.5], abs=0.002)
    assert feed.underruns == 0


def test_double_speed_takes_half_the_time(cut_of: CutOf, feed: SoundFeed) -> None:
    feed.play(cut_of((AAC, 0, 120)), Route(0, 0, 120), 2.0)
    found = beeps(read(feed, 1.8))
    assert np.diff(found) == pytest.approx([0.25] * (len(found) - 1), abs=0.03)
    assert len(found) >= 6


def test_reading_never_waits_and_counts_what_came_too_late(cut_of: CutOf, feed: SoundFeed) -> None:
    assert feed.read(100) == bytes(100 * SAMPLE_BYTES)
    assert feed.underruns == 0  # nothing plays
    feed.play(cut_of((AAC, 0, 120)), Route(0, 0, 120), 1.0)
    assert len(feed.read(4 * RATE)) == 4 * RATE * SAMPLE_BYTES
    assert feed.underruns == 1


def test_a_new_place_forgets_the_old_one(cut_of: CutOf, feed: SoundFeed) -> None:
    program = cut_of((AAC, 0, 120))
    feed.play(program, Route(0, 0, 120), 1.0)
    read(feed, 0.3)
    feed.play(program, Route(22, 0, 120), 1.0)
    assert beeps(read(feed, 0.8)) == pytest.approx([1 - 22 / 30, 1.5 - 22 / 30], abs=0.002)
    feed.stop()
    assert not any(feed.read(1000))
