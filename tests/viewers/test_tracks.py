"""The cut's own tracks and other tools' markers: what they say, where they are hit, and what is painted of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.viewers.timeline.values import cut_of, mark, strip

from circletake.media.frames import MediaInfo
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Marker, MediaReference, Timeline, Track, TrackKind
from circletake_viewers import theme
from circletake_viewers.commands import BY_NAME
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.memory import Memory
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.resolve import Resolved, resolve
from circletake_viewers.state.shown import Clock, Flag, TrackBar, Tracks
from circletake_viewers.state.tracks import resolve_tracks, speed_text
from circletake_viewers.state.wish import Wish
from circletake_viewers.theme.table import DARK, LIGHT, Theme, contrast, told_apart
from circletake_viewers.timeline import tips
from circletake_viewers.timeline.lanes import FOLDED, Extras, Lane, Row, least_height, rows
from circletake_viewers.timeline.layers import Layers, band
from circletake_viewers.timeline.paint_flags import tint
from circletake_viewers.timeline.snapping import Kind, Snap, Targets, edges_of_tracks
from circletake_viewers.timeline.view import TimelineView
from circletake_viewers.window import MainWindow

RATE = Fraction(25)
V, A = TrackKind.VIDEO, TrackKind.AUDIO
HERE, GONE = Path("/films/here.mov"), Path("/films/gone.mov")


def at(value: int, rate: Fraction = RATE) -> RationalTime:
    return RationalTime(value, rate)


def point(frame: int, name: str = "", color: str = "", *, lasting: int = 0) -> Marker:
    return Marker(TimeRange(at(frame), at(lasting)), name, color=color)


def clip(
    frames: int,
    *,
    first: int = 0,
    path: Path | None = HERE,
    speed: Fraction | int = 1,
    markers: tuple[Marker, ...] = (),
) -> Clip:
    media = MediaReference(str(path)) if path else None
    return Clip("shot", TimeRange(at(first), at(frames)), media, speed=Fraction(speed), markers=markers)


def track(kind: TrackKind, *items: Clip | int, name: str = "") -> Track:
    """A row of clips and, as numbers, of holes."""
    return Track(name, kind, tuple(Gap(at(item)) if isinstance(item, int) else item for item in items))


def tracks_of(*rows: Track, markers: tuple[Marker, ...] = ()) -> Tracks:
    info: dict[Path, MediaInfo] = {HERE: None}  # type: ignore[dict-item]  # only whether it is there counts here
    return resolve_tracks(Timeline("cut", RATE, rows, markers=markers), info)


def flags_of(shown: Clip, *, after: int = 0) -> list[tuple[int, int]]:
    return [(flag.start, flag.end) for flag in tracks_of(track(V, after, shown)).flags]


IMPORTED = tracks_of(
    track(V, clip(1000), clip(500), name="Main"),
    track(V, 200, clip(400, path=GONE), 200, clip(200, speed=2), clip(100, path=None)),
    track(A, clip(600), clip(900)),
    markers=(point(300, "Fix colour", "red"), point(900, "Shorten", "#00ced0", lasting=200)),
)
"""A minute at 25 frames: a file that is gone, a clip at twice its speed and a title over a row of two."""


# What is said.


def test_the_topmost_picture_comes_first_and_sound_last() -> None:
    shown = tracks_of(track(V, clip(10), name="Main"), track(A, clip(10)), track(V, clip(5)), track(A, clip(10)))
    assert [row.label for row in shown.rows] == ["V2", "V1", "A1", "A2"]
    assert [row.name for row in shown.rows] == ["", "Main", "", ""]


def test_a_bar_lies_where_its_clip_does_and_says_what_is_wrong() -> None:
    top = tracks_of(track(V, 8, clip(10, path=GONE), 2, clip(5, path=None), clip(5, speed=2))).rows[0]
    assert top.bars == (
        TrackBar("shot", 8, 18, missing=True, path=GONE),
        TrackBar("shot", 20, 25, has_media=False),
        TrackBar("shot", 25, 30, speed_text="2x", path=HERE),
    )


def test_neighbours_at_another_rate_still_touch() -> None:
    film = Fraction(24000, 1001)
    items = tuple(Clip("shot", TimeRange(at(0, film), at(7, film)), None) for _ in range(50))
    bars = tracks_of(Track("", V, items)).rows[0].bars
    assert [bar.start for bar in bars] == [0, *(bar.end for bar in bars[:-1])]
    assert bars[-1].end == round(50 * 7 * 25 * 1001 / 24000)


@pytest.mark.parametrize(
    ("speed", "text"),
    [("1", ""), ("2", "2x"), ("-1", "-1x"), ("0", "held"), ("1/3", "0.333x"), ("1000", "1000x"), ("1001/1000", "")],
)
def test_a_speed_is_short(speed: str, text: str) -> None:
    assert speed_text(Fraction(speed)) == text


def test_what_the_film_strip_tells_already_is_plain() -> None:
    assert tracks_of().plain
    assert tracks_of(track(V, clip(10), clip(5)), track(A, clip(10), clip(5))).plain
    # A silent film among others leaves a hole in the sound alone.
    assert tracks_of(track(V, clip(10), clip(5)), track(A, 10, clip(5))).plain


@pytest.mark.parametrize(
    "rows",
    [
        (track(V, clip(10)), track(V, clip(10))),
        (track(V, clip(10), 3, clip(5)),),
        (track(V, 3, clip(5)),),
        (track(V, clip(10), clip(5)), track(A, clip(12), clip(3))),
        (track(V, clip(10, path=GONE)),),
        (track(V, clip(10, speed=-1)),),
    ],
    ids=["two pictures", "a hole", "a hole at the start", "sound cut elsewhere", "missing", "backwards"],
)
def test_whatever_else_there_is_shows_the_tracks(rows: tuple[Track, ...]) -> None:
    assert not tracks_of(*rows).plain


def test_nothing_open_has_no_tracks() -> None:
    assert resolve_tracks(None, {}).rows == ()


# Flags.


def test_a_timelines_markers_are_flags_by_start() -> None:
    shown = tracks_of(
        track(V, clip(100)), markers=(point(60, "b"), point(10, "a", "red", lasting=5), point(101, "late"))
    )
    assert shown.flags == (Flag(10, 15, "a", color="#e12401"), Flag(60, 60, "b"))


@pytest.mark.parametrize(
    ("speed", "frame", "places"),
    [
        (1, 50, [(10, 10)]),
        (1, 59, [(19, 19)]),
        (1, 60, []),
        (1, 49, []),
        (2, 64, [(17, 17)]),
        (2, 69, [(20 - 1, 20 - 1)]),
        (Fraction(1, 2), 54, [(18, 18)]),
        # Backwards the last frame of the media shows first, and the first one last.
        (-1, 59, [(10, 10)]),
        (-1, 50, [(19, 19)]),
        (0, 50, [(10, 10)]),
        (0, 51, []),
    ],
)
def test_a_clips_marker_stands_where_the_clip_shows_it(
    speed: Fraction | int, frame: int, places: list[tuple[int, int]]
) -> None:
    shown = clip(10, first=50, speed=speed, markers=(point(frame),))
    assert flags_of(shown, after=10) == places


def test_of_a_clips_stretch_only_what_is_used_is_shown() -> None:
    assert flags_of(clip(10, first=50, markers=(point(40, lasting=13),)), after=10) == [(10, 13)]
    assert flags_of(clip(10, first=50, markers=(point(58, lasting=100),)), after=10) == [(18, 20)]
    assert flags_of(clip(10, first=50, speed=-1, markers=(point(57, lasting=3),)), after=10) == [(10, 13)]
    assert flags_of(clip(10, first=50, speed=0, markers=(point(40, lasting=20),)), after=10) == [(10, 20)]


def test_picture_and_sound_that_carry_one_marker_show_it_once() -> None:
    both = clip(10, markers=(point(4, "smile"),))
    assert tracks_of(track(V, both), track(A, both)).flags == (Flag(4, 4, "smile", on_clip=True),)


def test_tracks_are_resolved_again_only_when_the_cut_or_its_media_change() -> None:
    cut = Timeline("cut", RATE, (track(V, clip(10)),))
    first = resolve(Wish(), Facts(cut), Resolved())
    assert first.shown.tracks.rows[0].bars[0].missing
    marked = replace(first.facts, timeline=cut.with_marks(()))
    assert resolve(Wish(), marked, first).shown.tracks is first.shown.tracks
    moved = replace(first.facts, timeline=replace(cut, markers=(point(3),)))
    assert resolve(Wish(), moved, first).shown.tracks.flags == (Flag(3, 3, ""),)


def test_twenty_thousand_clips_resolve_at_once() -> None:
    many = tuple(clip(20, first=number, markers=(point(number),)) for number in range(5000))
    cut = Timeline("cut", RATE, tuple(Track("", kind, many) for kind in (V, V, A, A)))
    began = time.process_time()
    shown = resolve_tracks(cut, {})
    assert time.process_time() - began < 0.5 * 4  # four times what is promised: other tests run beside it
    assert sum(len(row.bars) for row in shown.rows) == 20_000
    assert len(shown.edits) == 5001


# Where things lie, and what is hit.


def test_lanes_come_only_where_they_are_needed() -> None:
    assert rows(300) == rows(300, Extras())
    assert Lane.TRACKS not in rows(300)
    assert Lane.FLAGS in rows(300, Extras(flags=True))
    assert rows(300, Extras(tracks=4, folded=True))[Lane.TRACKS].height == FOLDED


@pytest.mark.parametrize("count", [1, 5, 40])
def test_all_lanes_fit_into_the_least_height(count: int) -> None:
    extras = Extras(flags=True, tracks=count)
    lying = sorted(rows(least_height(extras), extras).values(), key=lambda row: row.top)
    assert all(above.bottom <= below.top for above, below in pairwise(lying))
    assert lying[-1].bottom <= least_height(extras)


def test_bands_fill_their_lane_from_top_to_bottom() -> None:
    assert [band(number, 3, 48) for number in range(3)] == [(0, 14), (16, 14), (32, 14)]
    assert [band(number, 5, FOLDED)[0] for number in range(5)] == [0, 2, 4, 7, 9]


def test_a_clip_is_found_by_its_row_and_place() -> None:
    layers, lane = Layers.of(IMPORTED), Row(100, 48)
    found = layers.bar_at(lane, 300, 0, 101)
    assert found is not None
    assert (found[0].label, found[1].missing) == ("V2", True)
    assert layers.bar_at(lane, 100, 0, 101) is None
    assert layers.bar_at(lane, 199, 2, 101) == found
    assert layers.bar_at(lane, 300, 0, 99) is None


def test_flags_are_found_by_their_poles_the_nearest_first() -> None:
    layers = Layers.of(Tracks(flags=(Flag(10, 10, "a"), Flag(14, 40, "b"), Flag(90, 90, "c"))))
    assert [flag.name for flag in layers.flags_near(13, 5)] == ["b", "a"]
    assert layers.flags_near(30, 5) == ()
    assert [flag.name for flag in layers.flags_over(30)] == ["b"]


def test_edges_cling_to_clips_and_flags() -> None:
    targets = Targets.of(edges_of_tracks(IMPORTED))
    assert targets.near(197, 4) == Snap(200, Kind.EDIT)
    assert targets.near(302, 4) == Snap(300, Kind.FLAG)
    assert targets.near(250, 4) is None


def test_a_tip_tells_name_place_and_fault() -> None:
    row, clock = IMPORTED.rows[0], Clock(RATE)
    assert tips.about_bar(clock, row, row.bars[0]) == f"shot\nV2  ·  00:00:08:00 – 00:00:24:00\nmissing: {GONE}"
    assert "plays at 2x" in tips.about_bar(clock, row, row.bars[1])
    flags = tuple(Flag(25, 25, f"<b>{name}</b>", "why", kind="to-do", on_clip=True) for name in "abcde")
    told = tips.about_flags(clock, flags).splitlines()
    assert told[:3] == ["<b>a</b>", "00:00:01:00  ·  to-do  ·  on a clip", "why"]
    assert told[-1] == "and 2 more"


# What is painted.


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=lambda look: look.name)
def test_words_and_bars_can_be_told_from_their_ground(look: Theme) -> None:
    assert min(contrast(look.text, fill) for fill in (look.picture_fill, look.sound_fill, look.error_fill)) >= 4.5
    assert min(contrast(line, look.ground) for line in (look.picture, look.waveform, look.error)) >= 3
    assert contrast(look.error, look.error_fill) >= 3


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=lambda look: look.name)
@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#1d1d20", "#e12401", "#ebf5eb"])
def test_a_flag_of_any_colour_can_be_seen(look: Theme, color: str) -> None:
    seen = told_apart(color, look.panel, look.text)
    assert contrast(seen, look.panel) >= 3
    assert seen == color or contrast(color, look.panel) < 3


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> Iterator[TimelineView]:
    """The imported minute, 1232 pixels wide, so that frames are 0.8 pixels."""
    made = TimelineView()
    made.resize(1232, 420)
    made.show_cut(cut_of(strip(60.0)))
    made.show_tracks(IMPORTED)
    made.show_marks((mark("a", 700, 800),))
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    made.deleteLater()


def picture(qtbot: QtBot, view: TimelineView) -> QImage:
    view.canvas.repaint()
    qtbot.waitUntil(lambda: view.canvas.settled)
    return view.canvas.grab().toImage()


def place_of(view: TimelineView, lane: Lane, frame: float, row: int | None = None) -> QPointF:
    """The middle of a lane, or of a track of it."""
    lying, count = view.canvas.places[lane], len(IMPORTED.rows)
    top, size = (0, lying.height) if row is None else band(row, count, lying.height)
    return QPointF(view.canvas.scale.x(frame), lying.top + top + size / 2)


def colors(seen: QImage, view: TimelineView, frames: range, row: int) -> set[str]:
    """Every colour of a stretch of a track."""
    left, right = (round(place_of(view, Lane.TRACKS, frame, row).x()) for frame in (frames.start, frames.stop))
    top, size = band(row, len(IMPORTED.rows), view.canvas.places[Lane.TRACKS].height)
    top += view.canvas.places[Lane.TRACKS].top
    return {seen.pixelColor(x, y).name() for x in range(left, right) for y in range(top, top + size)}


def test_what_is_missing_is_hatched_and_says_so(view: TimelineView, qtbot: QtBot) -> None:
    seen, look = picture(qtbot, view), theme.current()
    # At its end there is no more of the name: the fill, and stripes over it.
    hatched = colors(seen, view, range(570, 590), row=0)
    assert look.error_fill in hatched
    assert len(hatched) > 2
    usual = colors(seen, view, range(700, 720), row=1)
    assert look.picture_fill in usual
    assert look.error_fill not in usual
    # Words are brighter than any stripe: it is said, not only coloured.
    words = colors(seen, view, range(225, 300), row=0)
    assert max(contrast(each, look.error_fill) for each in words) > contrast(look.error, look.error_fill) + 1


def test_sound_looks_otherwise_than_pictures(view: TimelineView, qtbot: QtBot) -> None:
    seen, look = picture(qtbot, view), theme.current()
    assert look.sound_fill in colors(seen, view, range(300, 320), row=2)
    assert look.picture_fill not in colors(seen, view, range(300, 320), row=2)


def test_clips_that_share_pixels_still_show_that_one_is_missing(view: TimelineView, qtbot: QtBot) -> None:
    items = [clip(1, path=GONE if number == 700 else HERE) for number in range(1500)]
    view.show_tracks(tracks_of(track(V, *items)))
    seen, lane = picture(qtbot, view), view.canvas.places[Lane.TRACKS]
    x = round(view.canvas.scale.x(700))
    here = {seen.pixelColor(x, y).name() for y in range(lane.top, lane.bottom)}
    assert theme.current().error in here
    assert theme.current().picture in {seen.pixelColor(x - 40, y).name() for y in range(lane.top, lane.bottom)}


def test_a_flag_and_its_stretch_have_its_colour(view: TimelineView, qtbot: QtBot) -> None:
    seen, lane = picture(qtbot, view), view.canvas.places[Lane.FLAGS]
    red, cyan = (tint(flag) for flag in IMPORTED.flags)
    pole = place_of(view, Lane.FLAGS, 300)
    assert seen.pixelColor(round(pole.x()) + 3, lane.top + 3) == QColor(red)
    assert seen.pixelColor(round(place_of(view, Lane.FLAGS, 1000).x()), lane.bottom - 3) == QColor(cyan)
    assert seen.pixelColor(round(place_of(view, Lane.FLAGS, 1150).x()), lane.bottom - 3) != QColor(cyan)


def test_a_plain_cut_gives_the_room_back(view: TimelineView) -> None:
    assert view.canvas.minimumHeight() == least_height(Extras(flags=True, tracks=3))
    view.show_tracks(Tracks())
    assert view.canvas.minimumHeight() == least_height()
    assert Lane.TRACKS not in view.canvas.places


# The hand.


def click(view: TimelineView, place: QPointF) -> None:
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place.toPoint())


def test_a_click_near_a_flag_goes_to_it(view: TimelineView) -> None:
    view.set_snap(on=False)
    heard: list[tuple[int, bool]] = []
    view.scrubbed.connect(lambda frame, final: heard.append((frame, final)))
    click(view, place_of(view, Lane.FLAGS, 300) + QPointF(6, 0))
    assert heard == [(300, False), (300, True)]


def test_the_playhead_clings_to_clips_unless_told_not_to(view: TimelineView, qtbot: QtBot) -> None:
    near = place_of(view, Lane.FILM, 1000) + QPointF(3, 0)
    with qtbot.waitSignal(view.scrubbed) as heard:
        click(view, near)
    assert heard.args == [1000, False]
    view.set_snap(on=False)
    with qtbot.waitSignal(view.scrubbed) as heard:
        click(view, near)
    assert heard.args is not None
    assert heard.args[0] in (1003, 1004)


def test_a_click_on_the_headers_folds_and_unfolds(view: TimelineView) -> None:
    before = view.canvas.places[Lane.TRACKS].height
    scrubs: list[int] = []
    view.scrubbed.connect(lambda frame, _: scrubs.append(frame))
    click(view, QPointF(5, view.canvas.places[Lane.TRACKS].top + 10))
    assert view.tracks_folded
    assert view.canvas.places[Lane.TRACKS].height == FOLDED
    click(view, QPointF(5, view.canvas.places[Lane.TRACKS].top + 5))
    assert view.canvas.places[Lane.TRACKS].height == before
    assert scrubs == []


def test_over_a_flag_its_name_is_said_and_the_tip_has_more(view: TimelineView) -> None:
    place = place_of(view, Lane.FLAGS, 300)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, place, view.canvas.mapToGlobal(place), none, none,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(view.canvas, event)
    assert view.canvas.cursor().shape() is Qt.CursorShape.PointingHandCursor
    assert tips.about(view.canvas, view.hands, place.toPoint()) == "Fix colour\n00:00:12:00"
    header = QPoint(5, view.canvas.places[Lane.TRACKS].top + 20)
    assert tips.about(view.canvas, view.hands, header).startswith("V1 · Main · 2 clips")
    assert tips.about(view.canvas, view.hands, place_of(view, Lane.TRACKS, 300, row=0).toPoint()).endswith(str(GONE))


# The keys.


@pytest.fixture
def window(desk: Desk, qtbot: QtBot, sample_clip: Path) -> Iterator[MainWindow]:
    """The sample, open, with tracks and flags over it as if another tool had left them."""
    made = MainWindow(desk, Memory(tracks_folded=True), LogKeeper())
    made.resize(1280, 720)
    made.show()
    desk.open([sample_clip], discard=True)
    qtbot.waitUntil(lambda: desk.timeline is not None and made.work.player.frames == 1260, timeout=20_000)
    desk.cancel()
    yield made
    desk.do("close", discard=True)
    made.close()
    made.deleteLater()


def test_keys_walk_flags_and_the_fold_is_remembered(window: MainWindow, qtbot: QtBot) -> None:
    work, desk = window.work, window.desk
    desk._resolved = replace(desk._resolved, shown=replace(desk.shown, tracks=IMPORTED))
    frames = []
    for name in ("next-marker", "next-marker", "next-marker", "previous-marker"):
        work.hands.run(name)
        frames.append(work.player.frame)
    assert frames == [300, 900, 900, 300]
    work.player.seek(980)
    work.hands.run("next-cut")
    assert 980 < work.player.frame <= 1000
    assert BY_NAME["next-marker"].keys == ("Shift+PgDown",)
    assert work.timeline.tracks_folded
    work.hands.run("fold-tracks")
    window.remember()
    assert not window.screens.memory.tracks_folded
