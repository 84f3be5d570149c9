"""Names from files are shown as they stand, whatever they look like."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QEvent, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QTextDocumentFragment
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from circletake_viewers import theme
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.export import ExportDialog
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.palette import Palette
from circletake_viewers.memory import Memory
from circletake_viewers.parts import LONGEST_TIP, Button, Elided, IconButton, menu_text, plain_tip
from circletake_viewers.timeline.lanes import Lane, rows
from circletake_viewers.window import MainWindow

MARKUP = "<img src='x.png' width=1200> & <b>huge</b>"
NAMES = ("plain", "Tom & Jerry < all", MARKUP, "<h1>Take\n  two</h1>", " <p>")


@pytest.mark.parametrize("name", NAMES)
def test_a_tip_reads_as_the_name_does(name: str) -> None:
    tip = plain_tip(name)
    shown = QTextDocumentFragment.fromHtml(tip).toPlainText() if GuiQt.mightBeRichText(tip) else tip
    assert shown == name
    assert plain_tip("plain") == "plain"


def test_a_tip_is_not_longer_than_a_screen() -> None:
    assert len(plain_tip("x" * 100_000)) == LONGEST_TIP


def test_a_menu_shows_ampersands_and_takes_no_tab_for_a_key() -> None:
    assert menu_text("Tom & Jerry\tCtrl+Q\n.mp4") == "Tom && Jerry Ctrl+Q .mp4"


def tips(root: QWidget) -> set[str]:
    """Every tool tip that widgets and lists under `root` have."""
    role = Qt.ItemDataRole.ToolTipRole
    found = {each.toolTip() for each in (root, *root.findChildren(QWidget))}
    for model in root.findChildren(QAbstractItemModel):
        for place in range(model.rowCount()):
            found |= {str(model.index(place, column).data(role) or "") for column in (0, 2)}
    return found


def test_no_tip_of_the_window_follows_markup(
    desk: Desk, sample_clip: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "<b>bold<"  # the path goes on after it: </b>
    film = folder / "b>" / "<i>film.mp4"
    film.parent.mkdir(parents=True)
    film.symlink_to(sample_clip)
    desk.session.settings = desk.session.settings.with_value("analysis.on_open", value=False)
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, __: told.append(text))
    window = MainWindow(desk, Memory(recent=(film,)), LogKeeper())
    window.show()
    with qtbot.waitSignal(desk.ended, timeout=20_000):
        desk.do("open-files", film)
    desk.do("add", start=1.0, end=9.0, name=MARKUP)
    desk.ask(selected=(desk.shown.marks.rows[0].id,))
    window.work.inspector.name.label.setFixedWidth(20)
    dialog = ExportDialog(desk, folder, window)
    qtbot.waitUntil(lambda: dialog.settled)
    shown = desk.shown
    palette = Palette([], window.screens.keymap, shown.marks.rows, shown.cut.clock, (film,), window)
    point_at_first_mark(window)
    told += [*tips(window), *tips(dialog), *tips(palette)]
    assert sum("&lt;img" in tip or "img src" in tip for tip in told) >= 2
    assert [tip for tip in told if GuiQt.mightBeRichText(tip) and not tip.startswith("<span style=")] == []
    window.screens.show_menu()
    menus = [menu for menu in window.findChildren(QMenu) if menu.title() == "Open again"]
    assert menus[0].actions()[0].text() == "<i>film.mp4"
    for part in (*menus, palette, dialog):
        part.close()
    desk.do("close", discard=True)
    window.close()
    window.deleteLater()


def point_at_first_mark(window: MainWindow) -> None:
    """Rest the mouse on a mark in the timeline."""
    canvas, row = window.work.timeline.canvas, window.desk.shown.marks.rows[0]
    place = canvas.rect().center()
    place.setX(round(canvas.scale.x((row.start + row.end) / 2)))
    place.setY(round(rows(canvas.height())[Lane.MARKS].top) + 8)
    canvas.event(QHelpEvent(QEvent.Type.ToolTip, place, canvas.mapToGlobal(place)))
    window.work.timeline.eventFilter(canvas, QHelpEvent(QEvent.Type.ToolTip, place, canvas.mapToGlobal(place)))


def test_text_that_gives_way_is_told_as_it_stands(qtbot: QtBot) -> None:
    text = Elided(MARKUP)
    qtbot.addWidget(text)
    text.resize(20, 20)
    text.show()
    assert text.toolTip() == plain_tip(MARKUP)
    assert text.toolTip() != MARKUP


@pytest.mark.parametrize("make", [lambda: Button("Go", icon="check"), lambda: IconButton("check", "Go")])
def test_an_icon_follows_the_theme_and_space_presses_its_button(
    qtbot: QtBot, qapp: QApplication, make: Callable[[], Button | IconButton]
) -> None:
    button = make()
    qtbot.addWidget(button)
    before = button.icon().cacheKey()
    theme.apply(qapp, theme.LIGHT)
    assert button.icon().cacheKey() != before
    theme.apply(qapp, theme.DARK)
    button.show()
    with qtbot.waitActive(button):
        button.activateWindow()
    button.setFocus()
    claim = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    claim.ignore()
    QApplication.sendEvent(button, claim)
    assert claim.isAccepted()
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Space)
