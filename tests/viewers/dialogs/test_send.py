"""The dialog that sends shows each file with what it loses, and says what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from circletake.interchange.editors import EDITORS
from circletake.interchange.format import Feature
from circletake.interchange.losses import Loss
from circletake.session.exporting import MarkChoice
from circletake.session.sending import Order, SendWish, Shape
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.dialogs.losses import LossTree
from circletake_viewers.dialogs.send import SendDialog
from circletake_viewers.dialogs.send_preview import FileLosses, LossRow, SendPreview, rows_of
from circletake_viewers.theme.tiles import monogram

Make = Callable[..., SendDialog]


@pytest.fixture
def make(open_desk: Desk, tmp_path: Path, qtbot: QtBot) -> Iterator[Make]:
    """Opens the dialog on a program, by default with an empty folder."""
    made: list[SendDialog] = []

    def build(editor: str = "premiere", folder: Path | None = None) -> SendDialog:
        made.append(SendDialog(open_desk, editor, folder or tmp_path))
        made[-1].show()
        qtbot.waitUntil(lambda: made[-1].settled)
        return made[-1]

    yield build
    for each in made:
        if shiboken6.isValid(each):
            each.close()


def settle(dialog: SendDialog, qtbot: QtBot) -> SendPreview:
    """Have it plan anew, and wait for that."""
    dialog.look()
    qtbot.waitUntil(lambda: dialog.settled)
    return dialog.preview


def lines(tree: LossTree) -> list[list[str]]:
    """The texts under each file."""
    return [texts(item(tree, place)) for place in range(tree.topLevelItemCount())]


def texts(item: QTreeWidgetItem) -> list[str]:
    return [each.text(0) for each in children(item)]


def children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for place in range(item.childCount()) if (child := item.child(place))]


def item(tree: LossTree, *places: int) -> QTreeWidgetItem:
    """What lies there, counted from the top."""
    found = tree.invisibleRootItem()
    for place in places:
        found = children(found)[place]
    return found


def test_each_file_stands_with_what_it_loses(make: Make, qtbot: QtBot) -> None:
    dialog = make("resolve")
    assert [each.name for each in dialog.preview.files] == [
        "sample picks.xml", "sample picks.otio", "sample marked.otio", "sample markers.edl",
    ]  # fmt: skip
    assert [head for head, *_ in lines(dialog.report)] == [each.kind for each in dialog.preview.files]
    assert [bool(file.losses) for file in dialog.preview.files] == [True, False, False, False]
    assert dialog.preview.button == dialog.go.text() == "Write 4 files"
    assert dialog.preview.how.startswith("DaVinci Resolve: File, Import, Timeline")


def test_another_program_by_the_arrow_keys_is_another_plan(make: Make, qtbot: QtBot) -> None:
    dialog = make("resolve")
    QTest.keyClick(dialog.editors, Qt.Key.Key_Down)
    assert dialog.editors.chosen == EDITORS[1].name
    qtbot.waitUntil(lambda: [each.name for each in dialog.preview.files] == ["sample picks.xml", "sample marked.xml"])


def test_all_choices_go_into_the_wish(make: Make, tmp_path: Path) -> None:
    dialog = make("otio")
    dialog.shapes[Shape.PICKS].setChecked(True)
    dialog.marks[MarkChoice.ALL].setChecked(True)
    dialog.order.setCurrentIndex(1)
    dialog.handles.setValue(1.5)
    dialog.spacing.setValue(0.5)
    dialog.replace.setChecked(True)
    assert dialog.wish() == SendWish(
        "otio", tmp_path, Shape.PICKS, MarkChoice.ALL, Order.SCORE, handles=1.5, spacing=0.5, overwrite=True
    )


def test_order_and_lengths_are_for_a_new_timeline_alone(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    assert dialog.handles.isEnabled()
    dialog.shapes[Shape.MARKERS].setChecked(True)
    settle(dialog, qtbot)
    assert not any(part.isEnabled() for part in (dialog.order, dialog.handles, dialog.spacing))


def test_files_in_the_way_stop_it_until_they_may_be_replaced(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "sample picks.xml").touch()
    dialog = make()
    assert [each.taken for each in dialog.preview.files] == [True, False]
    assert dialog.refusal.text.startswith("1 of these files is there already.")
    assert not dialog.go.isEnabled()
    dialog.replace.setChecked(True)
    assert settle(dialog, qtbot).notes == ("1 file is replaced.",)
    assert dialog.go.isEnabled()


@pytest.mark.parametrize(("text", "said"), [("", "No folder is named."), ("clips", "Clips could be anywhere.")])
def test_a_folder_that_is_none_is_told(make: Make, qtbot: QtBot, text: str, said: str) -> None:
    dialog = make()
    dialog.folder.setText(text)
    settle(dialog, qtbot)
    assert dialog.refusal.text.startswith(said)
    assert not dialog.go.isEnabled()
    assert lines(dialog.report) == []


def test_without_marks_the_remedy_is_told(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    dialog.marks[MarkChoice.KEPT].setChecked(True)
    settle(dialog, qtbot)
    assert "no kept mark to send" in dialog.refusal.text
    assert "send the timeline with its markers" in dialog.reason.text()


def test_what_begins_too_early_waits_for_the_plan(
    make: Make, open_desk: Desk, tmp_path: Path, qtbot: QtBot, troubles: list[Problem]
) -> None:
    dialog = make("otio")
    sent: list[tuple[str, Path]] = []
    dialog.sent.connect(lambda *told: sent.append(told))
    dialog.editors.choose("final-cut")
    with qtbot.waitSignal(open_desk.ended, timeout=20_000):
        dialog.begin()
    assert sorted(path.name for path in tmp_path.glob("sample*")) == ["sample marked.fcpxml", "sample picks.fcpxml"]
    assert sent == [("final-cut", tmp_path)]
    assert not troubles


def test_one_sentence_stands_once_with_the_most_it_befalls() -> None:
    losses = (
        Loss(Feature.MARKER_NAMES, "Markers are dropped.", 2, ("mark",), whole=False),
        Loss(Feature.MARKER_COLORS, "Markers are dropped.", 5, ("mark",), whole=False),
        Loss(Feature.RATE, "No rate is written.", 1, ("timeline",), whole=True),
    )
    assert rows_of(losses) == (
        LossRow("Markers are dropped.", 5, ("mark",), whole=False),
        LossRow("No rate is written.", 1, (), whole=True),
    )


def test_the_report_unfolds_to_places_and_says_when_nothing_is_lost(qtbot: QtBot, window: QWidget) -> None:
    tree = LossTree(window)
    tree.resize(500, 400)
    loss = LossRow("Names are lost.", 5, ('clip "A"', "clip <b>B</b>"), whole=True)
    tree.show_files((FileLosses("a.edl", "List", (loss,)), FileLosses("b.otio", "Timeline", ())))
    assert lines(tree) == [["List", "Names are lost."], ["Timeline", "Nothing is lost."]]
    row = item(tree, 0, 1)
    assert row.text(1) == "5 ×"
    assert texts(row) == [
        'clip "A"',
        "clip <b>B</b>",
        "and 3 more",
    ]
    assert row.data(0, Qt.ItemDataRole.AccessibleTextRole) == "Lost: Names are lost. 5 times"
    assert "&lt;b&gt;" in row.toolTip(0)


def test_long_sentences_get_the_lines_they_need(qtbot: QtBot, window: QWidget) -> None:
    tree = LossTree(window)
    tree.show_files((FileLosses("a.edl", "List", (LossRow("Many words " * 12, 1, (), whole=True),)),))
    tree.show()
    heights = []
    for width in (1000, 260):
        tree.resize(width, 500)
        tree.grab()
        qtbot.wait(10)
        heights.append(tree.visualItemRect(item(tree, 0, 1)).height())
    assert heights[1] > 2.5 * heights[0]


@pytest.mark.parametrize(
    ("title", "letters"), [("DaVinci Resolve", "DR"), ("Kdenlive up to 22.12", "Kd"), ("melt", "me"), ("", "?")]
)
def test_tiles_have_two_letters(title: str, letters: str) -> None:
    assert monogram(title) == letters
