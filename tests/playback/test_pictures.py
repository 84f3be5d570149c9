"""Pictures for a player: the one wanted, whatever came before; play forwards and backwards without a wrong frame."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.films import BITS, BLOCK, HEIGHT, WIDTH, Film
from tests.playback.conftest import CutOf, foul, program_of

from circletake.playback.develop import Developer, View
from circletake.playback.pictures import PictureFeed
from circletake.playback.producers import LONGEST_RUN
from circletake.playback.program import Absence, Program
from circletake.playback.ring import RING_BYTES, Ring
from circletake.playback.route import Route
from circletake.playback.showing import NoPicture, Picture, Shown

LONG = Film("feed_long", frames=300, group=250)
SHORT = Film("feed_short", frames=120, group=12)
OPEN = Film("feed_open", frames=150, group=25, options={"x264-params": "open-gop=1"})
LATE = Film("feed_late", frames=90, start=Fraction(1, 3), group=30)
UNEVEN = Film("feed_uneven", frames=90, group=30, times=tuple(Fraction(n * n + 60 * n, 1800) for n in range(90)))
VP9 = Film("feed_vp9", 60, codec="libvpx-vp9", suffix=".webm", audio_codec="libopus", options={"cpu-used": "8"})
FILMS = [LONG, SHORT, OPEN, LATE, UNEVEN, VP9]


class Asker:
    """Asks a feed and waits for what comes."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self.feed = PictureFeed(self._came.set)
        self.feed.set_view(View(WIDTH, HEIGHT))

    def want(self, frame: int, *, preview: bool = False) -> list[Shown]:
        """All that came up to the final answer."""
        self.feed.want(frame, preview=preview)
        seen: list[Shown] = []
        while not seen or seen[-1].preview:
            assert self._came.wait(10)
            self._came.clear()
            if (shown := self.feed.newest()) is not None:
                seen.append(shown)
        return seen

    def play(self, route: Route, speed: float = 1.0) -> list[tuple[int, Shown]]:
        """All pictures of a way that ends, taken as soon as they are ready."""
        self.feed.play(route, speed)
        stride, distance = self.feed.stride, 0
        seen: list[tuple[int, Shown]] = []
        deadline = time.monotonic() + 30
        while route.frame(distance) is not None:
            taken = self.feed.take(distance)
            if taken is not None:
                seen.append(taken)
                distance += stride
            assert time.monotonic() < deadline
            time.sleep(0.0005)
        return seen


@pytest.fixture
def asker() -> Iterator[Asker]:
    made = Asker()
    yield made
    made.feed.close()


def burnt(shown: Shown) -> int:
    """The number burnt into what is shown."""
    assert isinstance(shown, Picture)
    assert shown.pixels is not None
    assert shown.pixels.shape == (HEIGHT, WIDTH, 4)
    grey = shown.pixels[:, :, :3].astype(np.float64).mean(axis=2)
    first, second = grey[2 : BLOCK - 2], grey[BLOCK + 2 : 2 * BLOCK - 2]
    middles = [slice(bit * BLOCK + 2, (bit + 1) * BLOCK - 2) for bit in range(BITS)]
    return sum(int(first[:, where].mean() > second[:, where].mean()) << bit for bit, where in enumerate(middles))


def expected(program: Program, film: Film) -> list[int]:
    """The film's number that is shown at each timeline frame, from how the film was made."""
    starts = np.array([float(moment) for moment in film.moments()])
    slack = float(np.median(np.diff(starts))) / 4  # a container rounds; a frame's own start must find it
    shown = np.searchsorted(starts, np.arange(program.frames) / float(program.rate) + slack, side="right") - 1
    return [max(0, int(number)) for number in shown]


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
def test_random_seeks_and_steps_show_the_asked_frame(cut_of: CutOf, asker: Asker, film: Film) -> None:
    program = cut_of((film, 0, film.frames))
    asker.feed.load(program)
    chance, truth = random.Random(film.name), expected(program, film)
    for _ in range(8):
        frame = chance.randrange(2, program.frames - 2)
        for step in (0, 1, 2, -1, -2):
            shown = asker.want(frame + step)[-1]
            assert isinstance(shown, Picture)
            assert (shown.frame, shown.exact) == (frame + step, True)
            assert shown.index == burnt(shown) == truth[frame + step]


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.name)
@pytest.mark.parametrize("direction", [1, -1], ids=["forwards", "backwards"])
def test_play_shows_each_frame_once_and_in_order(cut_of: CutOf, asker: Asker, film: Film, direction: int) -> None:
    program = cut_of((film, 0, film.frames))
    asker.feed.load(program)
    first = 0 if direction > 0 else program.frames - 1
    seen = asker.play(Route(first, 0, program.frames, direction))
    assert [distance for distance, _ in seen] == list(range(program.frames))
    assert [shown.frame for _, shown in seen] == list(range(program.frames))[::direction]
    assert [burnt(shown) for _, shown in seen] == expected(program, film)[::direction]


def test_a_far_frame_is_announced_by_its_key_frame(cut_of: CutOf, asker: Asker) -> None:
    asker.feed.load(cut_of((SHORT, 0, 120), (LONG, 0, 300)))
    asker.want(120)
    preview, exact = asker.want(120 + 249, preview=True)
    assert isinstance(preview, Picture)
    assert (preview.preview, preview.exact, preview.index, burnt(preview)) == (True, False, 0, 0)
    assert burnt(exact) == 249
    assert len(asker.want(120 + 250, preview=True)) == 1  # a step away: no need


def test_the_newest_want_wins_and_a_given_up_decode_leaves_no_wrong_frame(cut_of: CutOf, asker: Asker) -> None:
    asker.feed.load(cut_of((LONG, 0, 300)))
    chance = random.Random(3)
    for _ in range(12):
        for frame in chance.choices(range(300), k=5):
            asker.feed.want(frame)
            time.sleep(chance.random() / 200)
        wanted = chance.randrange(300)
        shown = asker.want(wanted)[-1]
        assert (shown.frame, burnt(shown)) == (wanted, wanted)


def test_play_goes_over_cuts_gaps_and_round_loops(cut_of: CutOf, asker: Asker) -> None:
    asker.feed.load(cut_of((SHORT, 40, 50), 4, (LONG, 200, 210), (SHORT, 3, 8)))
    numbers = [*range(40, 50), *[None] * 4, *range(200, 210), *range(3, 8)]
    for way in (Route(0, 0, 29), Route(28, 0, 29, -1)):
        seen = [shown for _, shown in asker.play(way)]
        found = [burnt(shown) if isinstance(shown, Picture) else None for shown in seen]
        assert found == numbers[:: way.direction]
        assert {shown.absence for shown in seen if isinstance(shown, NoPicture)} == {Absence.GAP}


def test_a_loop_goes_round(cut_of: CutOf, asker: Asker) -> None:
    asker.feed.load(cut_of((SHORT, 40, 50), 4, (LONG, 200, 210), (SHORT, 3, 8)))
    asker.feed.play(Route(27, 22, 29, 1, loops=True), 1.0)
    looped: list[Shown] = []
    while len(looped) < 20:
        if taken := asker.feed.take(len(looped)):
            looped.append(taken[1])
        time.sleep(0.0005)
    assert [shown.frame for shown in looped] == [27, 28, *[*range(22, 29)] * 3][:20]


@pytest.mark.parametrize("speed", [4.0, 8.0])
@pytest.mark.parametrize("direction", [1, -1])
def test_fast_play_keeps_near_what_is_due(cut_of: CutOf, asker: Asker, speed: float, direction: int) -> None:
    asker.feed.load(cut_of((LONG, 0, 300)))
    for _, shown in asker.play(Route(0 if direction > 0 else 299, 0, 300, direction), speed):
        assert isinstance(shown, Picture)
        assert burnt(shown) == shown.index
        assert abs(shown.index - shown.frame) <= 4


def test_what_is_late_is_left_out(cut_of: CutOf, asker: Asker) -> None:
    asker.feed.load(cut_of((LONG, 0, 300)))
    asker.feed.play(Route(0, 0, 300), 1.0)
    asker.feed.take(250)  # long before it can be there
    while (taken := asker.feed.take(270)) is None or taken[0] == 0:
        time.sleep(0.0005)
    assert taken[0] >= 250
    assert burnt(taken[1]) == taken[0]


def test_a_ring_is_bounded_in_bytes() -> None:
    ring = Ring()
    big = np.zeros((2000, 3000, 4), np.uint8)
    while not ring.is_full:
        ring.put(len(ring), Picture(0, 0, True, pixels=big))
    assert ring.bytes < RING_BYTES + big.nbytes
    assert ring.take(2) is not None
    assert not ring.is_full


def test_backwards_over_nothing_makes_no_more_ready_than_a_run(asker: Asker) -> None:
    asker.feed.load(Program(Fraction(25), 100_000, (), (), {}))
    asker.feed.play(Route(99_999, 0, 100_000, -1), 1.0)
    play = asker.feed._play
    assert play is not None
    while len(play.ring) < LONGEST_RUN:
        time.sleep(0.0005)
    time.sleep(0.02)
    assert len(play.ring) == LONGEST_RUN
    assert asker.feed.take(0) is not None


def test_a_film_gone_since_is_a_sentence_not_a_crash(cut_of: CutOf, asker: Asker) -> None:
    film = Film("feed_gone", frames=30)
    program = cut_of((film, 0, 30), (SHORT, 0, 10))
    for path in program.media:
        if "feed_gone" in path.name:
            path.unlink()
    asker.feed.load(program)
    shown = asker.want(5)[-1]
    assert isinstance(shown, NoPicture)
    assert (shown.absence, "no such file" in shown.message) == (Absence.UNREADABLE, True)
    assert [isinstance(shown, Picture) for _, shown in asker.play(Route(25, 0, 40))] == [False] * 5 + [True] * 10


@pytest.mark.expected_logs("no picture for frame")
def test_a_fault_nobody_foresaw_leaves_a_feed_that_goes_on(
    cut_of: CutOf, asker: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asker.feed.load(cut_of((SHORT, 0, 120)))
    with monkeypatch.context() as broken:
        broken.setattr(Developer, "pixels", foul)
        for frame in (5, 6):
            assert isinstance(asker.want(frame)[-1], NoPicture)
        for way in (Route(0, 0, 3), Route(2, 0, 3, -1)):
            seen = [shown for _, shown in asker.play(way)]
            assert [(shown.frame, isinstance(shown, NoPicture)) for shown in seen] == [
                (way.frame(step), True) for step in range(3)
            ]
    assert burnt(asker.want(7)[-1]) == 7
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_damage_is_answered_by_a_neighbour_that_says_so(shared: Path, asker: Asker) -> None:

    program = program_of(shared / "data" / "malformed_generated" / "bitflip_mdat_high.mp4")
    asker.feed.load(program)
    for frame in range(0, program.frames, 5):
        shown = asker.want(frame)[-1]
        assert isinstance(shown, NoPicture) or 0 <= shown.index < 1000


def test_closing_ends_the_thread_in_the_middle_of_work(cut_of: CutOf) -> None:
    asker = Asker()
    asker.feed.load(cut_of((LONG, 0, 300)))
    asker.feed.play(Route(299, 0, 300, -1), 1.0)
    asker.feed.close()
    asker.feed.close()
    assert not asker.feed._thread.is_alive()
