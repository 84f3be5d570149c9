"""Frames by number and time: every one the asked one, whatever the order, the container and the codec."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.films import BITS, BLOCK, HEIGHT, WIDTH, Film

from circletake.errors import MediaUnsupported
from circletake.media.convert import to_rgb
from circletake.media.decoder import Decoder, KeyFrames
from circletake.media.frames import Frame
from circletake.media.reader import FrameReader
from circletake.timebase import RationalTime

FilmOf = Callable[[Film], Path]

FILMS = [
    Film("long_groups", frames=300, group=250),
    Film("short_groups", frames=300, group=30),
    Film("open_groups", frames=200, group=25, options={"x264-params": "open-gop=1"}),
    Film("ntsc", frames=200, rate=Fraction(30000, 1001), group=60),
    Film("matroska", frames=200, suffix=".mkv", rate=Fraction(24), group=48, time_base=Fraction(1, 1000)),
    Film("late_start", frames=150, start=Fraction(1, 3), group=30),
    Film("hevc", frames=120, codec="libx265", group=30, options={"x265-params": "log-level=error"}),
    Film("uneven_times", frames=150, group=30, times=tuple(Fraction(n * n + 60 * n, 1800) for n in range(150))),
    Film("transport_stream", frames=200, suffix=".ts", group=30),
    Film(
        "programme_stream", 200, codec="mpeg2video", suffix=".mpg", group=15, audio_tracks=0, time_base=Fraction(1, 30)
    ),
    Film("no_b_frames", frames=120, b_frames=0, group=40),
    Film(
        "vp9",
        frames=90,
        codec="libvpx-vp9",
        suffix=".webm",
        group=30,
        audio_codec="libopus",
        options={"deadline": "realtime", "cpu-used": "8"},
    ),
]


def burnt_number(frame: Frame) -> int:
    """The number burnt into the top rows, read from RGB."""
    grey = frame.image.astype(np.float64).mean(axis=2)
    assert grey.shape == (HEIGHT, WIDTH)
    first, second = grey[2 : BLOCK - 2], grey[BLOCK + 2 : 2 * BLOCK - 2]
    middles = [slice(bit * BLOCK + 2, (bit + 1) * BLOCK - 2) for bit in range(BITS)]
    return sum(int(first[:, where].mean() > second[:, where].mean()) << bit for bit, where in enumerate(middles))


def replace_by_sound(path: Path) -> None:
    """As another program does that renders a film anew: whoever has the old one open keeps it."""
    other = path.with_name("other.m4a")
    with av.open(str(other), "w") as made:
        stream = made.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        made.mux([*stream.encode(frame), *stream.encode(None)])
    other.replace(path)


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_random_reads_and_steps_give_the_asked_frame(film_of: FilmOf, film: Film) -> None:
    chance = random.Random(film.name)
    with FrameReader(film_of(film)) as reader:
        assert len(reader) == film.frames
        for _ in range(12):
            number = chance.randrange(film.frames)
            for step in (0, 1, 2, -1, -2, 0):
                wanted = min(max(number + step, 0), film.frames - 1)
                frame = reader.read(wanted)
                assert (frame.index, burnt_number(frame)) == (wanted, wanted)


def test_a_file_replaced_by_one_without_the_picture_is_named(film_of: FilmOf, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    shutil.copy(film_of(FILMS[1]), path)
    with FrameReader(path) as reader:
        replace_by_sound(path)
        for opened in (Decoder, KeyFrames):
            with pytest.raises(MediaUnsupported, match="not in it any more"):
                opened(path, reader.index.stream_index, reader.index)
        assert burnt_number(reader.read(100)) == 100  # what is open stays open


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_a_frames_own_start_finds_it(film_of: FilmOf, film: Film) -> None:
    with FrameReader(film_of(film)) as reader:
        for number in range(0, film.frames, 7):
            start = reader.index.time_of(number)
            assert reader.index.frame_at(start) == number
            # The time an editor writes for it, on the timeline's grid, finds it too.
            if not film.times:
                grid = RationalTime.from_seconds(
                    Fraction(number) / film.rate + reader.index.time_of(0).seconds, film.rate
                )
                assert reader.index.frame_at(grid) == number


def test_times_outside_the_film_give_its_first_and_last_frame(film_of: FilmOf) -> None:
    with FrameReader(film_of(FILMS[5])) as reader:
        assert reader.read_at(RationalTime(-5, Fraction(1))).index == 0
        assert reader.read_at(RationalTime.zero(Fraction(1))).index == 0
        assert reader.read_at(RationalTime(99, Fraction(1))).index == len(reader) - 1
        for number in (-1, len(reader)):
            with pytest.raises(IndexError):
                reader.read(number)


def test_a_preview_is_the_key_frame_before(film_of: FilmOf) -> None:
    with FrameReader(film_of(FILMS[1])) as reader:
        frame = reader.read_key_frame(reader.index.time_of(75))
        assert frame.key_frame
        assert frame.index == burnt_number(frame) == 60


def test_stepping_back_costs_no_decode_once_a_run_is_kept(film_of: FilmOf) -> None:
    with FrameReader(film_of(FILMS[0])) as reader:
        for number in range(200, 190, -1):  # past those kept before the first
            reader.read(number)
        assert all(reader.is_cached(number) for number in range(152, 191))


def test_the_cache_never_grows_past_its_bound(film_of: FilmOf) -> None:
    picture = WIDTH * HEIGHT * 3 // 2
    with FrameReader(film_of(FILMS[0]), cache_bytes=20 * picture) as reader:
        for number in range(100):
            reader.read(number)
        assert sum(reader.is_cached(number) for number in range(300)) <= 20


def test_frames_are_read_ahead(film_of: FilmOf) -> None:
    with FrameReader(film_of(FILMS[0]), prefetch=20) as reader:
        reader.read(50)
        deadline = time.monotonic() + 10
        while not reader.is_cached(70) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert reader.is_cached(70)


def test_several_threads_may_read_at_once(film_of: FilmOf) -> None:
    wrong: list[tuple[int, int]] = []
    with FrameReader(film_of(FILMS[1]), prefetch=5) as reader:

        def read_some(seed: int) -> None:
            chance = random.Random(seed)
            for _ in range(15):
                number = chance.randrange(300)
                seen = burnt_number(reader.read(number))
                if seen != number:
                    wrong.append((number, seen))

        threads = [threading.Thread(target=read_some, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_sync_table_that_lies_is_not_believed(shared: Path) -> None:
    """This phone marks pictures as key frames that are none: a seek there would show garbage."""
    path = shared / "data" / "video" / "phone_2000s_h263_amr.3gp"
    with av.open(str(path)) as container:
        truth = [to_rgb(frame, (64, 64)) for frame in container.decode(video=0)]
    with FrameReader(path) as reader:
        for number in (100, 180, 40, 221, 0):
            assert np.array_equal(reader.read(number, (64, 64)).image, truth[number])


@pytest.mark.parametrize("name", ["trunc_75pct.mp4", "bitflip_mdat_high.mp4", "stsc_samples_2g.mp4", "bitflip.mkv"])
def test_a_damaged_frame_is_answered_by_a_neighbour_that_says_so(shared: Path, name: str) -> None:
    with FrameReader(shared / "data" / "malformed_generated" / name) as reader:
        for number in range(len(reader)):
            frame = reader.read(number, (32, 32))
            assert 0 <= frame.index < len(reader)


def test_a_transport_stream_is_not_decoded_from_its_start_for_every_seek(film_of: FilmOf) -> None:
    with FrameReader(
        film_of(Film("long_transport_stream", frames=900, suffix=".ts", group=30, audio_tracks=0))
    ) as reader:
        reader.read(10)
        reader.read(850)
        assert not any(reader.is_cached(number) for number in range(100, 700))


def test_sound_alone_has_no_frames(shared: Path) -> None:
    with pytest.raises(MediaUnsupported, match="no picture"):
        FrameReader(shared / "data" / "audio" / "speech_jfk_11s.flac")


@pytest.mark.parametrize(
    ("matrix", "span", "code", "expected"),
    [
        (1, 1, (63, 102, 240), (255, 0, 0)),
        (2, 1, (63, 102, 240), (255, 0, 0)),
        (1, 2, (235, 128, 128), (235, 235, 235)),
        (1, 0, (235, 128, 128), (255, 255, 255)),
    ],
    ids=["tagged 709", "untagged HD is 709", "full range", "untagged range is limited"],
)
def test_colours_follow_the_tags(
    matrix: int, span: int, code: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    frame = av.VideoFrame(1280, 720, "yuv420p")
    for plane, level in zip(frame.planes, code, strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    frame.colorspace, frame.color_range = matrix, span
    assert np.abs(to_rgb(frame)[360, 640].astype(int) - expected).max() <= 2
