"""What is painted: states have their colours, and nothing is drawn again that did not change."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.viewers.timeline.conftest import picture, settle
from tests.viewers.timeline.values import LEGEND, curve, cut_of, mark, strip

from circletake.media.frames import FrameBatch
from circletake.timebase import RationalTime
from circletake.timeline.model import MarkState
from circletake_viewers import theme
from circletake_viewers.state.shown import Clock, Cut, MarkRow
from circletake_viewers.timeline import paint_marks
from circletake_viewers.timeline.lanes import Lane, rows
from circletake_viewers.timeline.paint_curves import line
from circletake_viewers.timeline.paint_film import nearest_pictures
from circletake_viewers.timeline.paint_sound import bars
from circletake_viewers.timeline.tiles import LEVELS, Sheet, Tiles
from circletake_viewers.timeline.view import TimelineView


def color_at(seen: QImage, view: TimelineView, lane: Lane, frame: float, down: float = 0.5) -> QColor:
    row, ratio = rows(view.canvas.height())[lane], seen.devicePixelRatio()
    return seen.pixelColor(round(view.canvas.scale.x(frame) * ratio), round((row.top + down * row.height) * ratio))


def near(first: QColor, second: str) -> bool:
    other = QColor(second)
    pairs = zip(first.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]  # stubs call it an object
    return all(abs(a - b) < 10 for a, b in pairs)


def test_each_state_has_its_colour(view: TimelineView, qtbot: QtBot) -> None:
    seen, chosen = picture(qtbot, view), theme.current()
    assert near(color_at(seen, view, Lane.MARKS, 303, 0.8), chosen.kept_fill)
    assert near(color_at(seen, view, Lane.MARKS, 803, 0.8), chosen.proposed_fill)
    assert near(color_at(seen, view, Lane.MARKS, 900, 0.0), chosen.proposed)
    view.show_selection(("b",))
    assert near(color_at(picture(qtbot, view), view, Lane.MARKS, 900, 0.0), chosen.accent)


def test_what_is_not_measured_yet_has_no_curve(view: TimelineView, qtbot: QtBot) -> None:
    view.show_cut(cut_of(strip(60.0, until=30.0)))
    seen, chosen = picture(qtbot, view), theme.current()
    assert near(color_at(seen, view, Lane.FILM, 400), "#787878")
    assert not near(color_at(seen, view, Lane.FILM, 1200), "#787878")
    assert near(color_at(seen, view, Lane.CURVES, 1201, 0.95), chosen.ground)
    assert not near(color_at(seen, view, Lane.CURVES, 401, 0.95), chosen.ground)


def test_a_growing_analysis_draws_only_what_grew(view: TimelineView, qtbot: QtBot) -> None:
    view.show_cut(cut_of(strip(600.0, until=400.0)))
    view.zoom_to(2500, 5000)  # tiles before 100 s and after 200 s lie out of sight
    settle(qtbot, view)
    made = view.canvas.picture.made
    view.show_cut(cut_of(strip(600.0, until=410.0)))
    settle(qtbot, view)
    assert view.canvas.picture.made == made
    view.show_cut(cut_of(replace(strip(600.0, until=410.0), curves=(curve("score", 410.0, 0.9),))))
    settle(qtbot, view)
    assert view.canvas.picture.made - made <= 4


def test_the_playhead_draws_no_tile(view: TimelineView, qtbot: QtBot) -> None:
    made = view.canvas.picture.made
    for frame in range(100):
        view.set_playhead(frame, follow=True)
        view.canvas.repaint()
    assert view.canvas.picture.made == made


def test_of_ten_thousand_marks_only_those_in_sight_are_painted(
    view: TimelineView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    plain = paint_marks.draw_mark

    def counted(painter: QPainter, box: QRectF, row: MarkRow, *, is_selected: bool) -> None:
        painted.append(row.id)
        plain(painter, box, row, is_selected=is_selected)

    monkeypatch.setattr(paint_marks, "draw_mark", counted)
    view.show_cut(cut_of(strip(20_000.0)))
    view.show_marks(tuple(mark(str(number), number * 50, number * 50 + 40) for number in range(10_000)))
    view.zoom_to(100_000, 100_500)
    settle(qtbot, view)
    assert 10 <= len(set(painted)) <= 40


def test_several_clips_are_drawn_and_missing_ones_too(view: TimelineView, qtbot: QtBot) -> None:
    first, second = strip(30.0, name="one"), strip(20.0, start=750, name="two")
    gone = replace(second, missing=True, thumbnails=None, waveform=None, curves=(), measured=0.0)
    bare = replace(strip(10.0, start=1250), thumbnails=None, waveform=None, curves=())
    view.show_cut(cut_of(first, gone, bare))
    seen = picture(qtbot, view)
    row = rows(view.canvas.height())[Lane.FILM]
    left, right = (round(view.canvas.scale.x(frame)) for frame in (1000, 1060))
    across = [seen.pixelColor(x, row.bottom - 4) for x in range(left, right)]
    assert any(each.red() > each.green() + 80 for each in across)  # the hatching of what is missing
    assert near(color_at(seen, view, Lane.FILM, 400, 0.9), "#787878")


def test_another_theme_is_drawn_at_once(view: TimelineView, qtbot: QtBot, qapp: QApplication) -> None:
    try:
        theme.apply(qapp, theme.LIGHT)
        assert near(color_at(picture(qtbot, view), view, Lane.MARKS, 303, 0.8), theme.LIGHT.kept_fill)
    finally:
        theme.apply(qapp, theme.DARK)


def test_a_day_can_be_looked_at_frame_by_frame(view: TimelineView, qtbot: QtBot) -> None:
    frames = 24 * 3600 * 25
    day = replace(strip(60.0), end=frames, measured=86400.0)
    clock = Clock(Fraction(25), first=RationalTime(90_000, Fraction(25)))
    view.show_cut(Cut(clock, frames, (day,), LEGEND, "signals only"))
    view.show_marks((mark("all", 0, frames, MarkState.KEPT),))
    view.zoom_to(frames - 40, frames)
    seen = picture(qtbot, view)
    assert view.canvas.scale.per_frame == 20
    assert near(color_at(seen, view, Lane.MARKS, frames - 20, 0.8), theme.current().kept_fill)


def test_tiles_keep_to_their_memory(qapp: object) -> None:
    tiles = Tiles(limit=10 * 512 * 40 * 4)
    for number in range(50):
        tiles.put(Sheet(Lane.FILM, 1.0, number, 40, 1.0), QPixmap(512, 40))
    assert len(tiles) == 10
    assert tiles.bytes <= 10 * 512 * 40 * 4


def test_a_missing_tile_is_stood_in_for_by_one_of_another_zoom(qapp: object) -> None:
    tiles = Tiles()
    for number in range(4):
        tiles.put(Sheet(Lane.FILM, 1.0, number, 40, 1.0), QPixmap(512, 40))
    found = list(tiles.stand_ins(Sheet(Lane.FILM, 2.0, 3, 40, 1.0)))
    assert [sheet.number for sheet, _ in found] == [1]
    for level in range(3, 3 + 2 * LEVELS):
        tiles.put(Sheet(Lane.FILM, float(level), 0, 40, 1.0), QPixmap(512, 40))
    assert [sheet.per_frame for sheet, _ in tiles.stand_ins(Sheet(Lane.FILM, 2.0, 3, 40, 1.0))] == [1.0]


def test_spoiled_tiles_are_shown_until_they_are_drawn_again(qapp: object) -> None:
    tiles = Tiles()
    sheets = [Sheet(Lane.SOUND, 1.0, number, 40, 1.0) for number in range(3)]
    for sheet in sheets:
        tiles.put(sheet, QPixmap(512, 40))
    tiles.spoil(Lane.SOUND, 600, 700)
    assert [tile.fresh for tile in map(tiles.get, sheets) if tile] == [True, False, True]


def test_bars_reach_as_far_as_the_sound() -> None:
    low, high = np.array([-127.0, 0.0, np.nan]), np.array([127.0, 0.0, np.nan])
    covered = bars(low, high, 40, 1.0)
    assert covered.shape == (40, 9)
    loud, quiet, none = covered[:, 0].sum(), covered[:, 3].sum(), covered[:, 6].sum()
    assert (round(loud), round(quiet), none) == (36, 1, 0)
    assert covered[:, 2].sum() == 0


def test_a_line_is_as_thick_as_asked_and_ends_where_it_ends() -> None:
    covered = line(np.array([10.0, 10.0, np.nan]), np.array([10.0, 14.0, np.nan]), 1.6, 30)
    assert covered.sum(axis=0) == pytest.approx([1.6, 5.6, 0.0])


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_tiles_are_as_sharp_as_the_screen(view: TimelineView, ratio: float) -> None:
    made = view.canvas.picture.draw(Sheet(Lane.MARKS, 1.0, 0, 40, ratio))
    assert (made.width(), made.height(), made.devicePixelRatio()) == (512 * ratio, 40 * ratio, ratio)


def test_a_picture_is_shown_for_its_own_shot() -> None:
    batch = FrameBatch(np.zeros((3, 9, 16, 3), np.uint8), np.array([0.0, 10.0, 20.0]))
    moments = np.array([4.0, 6.0, 12.0, 14.0, 16.0])
    assert nearest_pictures(batch, np.empty(0), moments).tolist() == [0, 1, 1, 1, 2]
    assert nearest_pictures(batch, np.array([9.0, 11.0]), moments).tolist() == [0, 0, 2, 2, 2]
