"""Stories about other editors: a timeline dropped, media found again, marks sent and brought back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from circletake.interchange.editors import EDITORS
from circletake.interchange.registry import format_named
from circletake.interchange.writing import write_file
from circletake.media.probe import probe
from circletake.session.sending import Shape
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind
from circletake_viewers.commands import BY_NAME
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.arrival import ArrivalDialog
from circletake_viewers.dialogs.imported import ImportedDialog
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.missing import MissingDialog
from circletake_viewers.dialogs.problem import Notice
from circletake_viewers.dialogs.send import SendDialog
from circletake_viewers.dialogs.sure import Answer
from circletake_viewers.memory import Memory, load_memory
from circletake_viewers.screens import Screens
from circletake_viewers.window import MainWindow

PATIENCE_MS = 20_000
RATE = Fraction(30)


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    """A desk that analyses only when asked."""
    settings = load_settings(overrides={"analysis.on_open": False})
    made = Desk(Session(settings, cache=tmp_path / "cache", keep_unsaved=False))
    yield made
    made.close()


@pytest.fixture
def window(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(Screens, "leave", lambda _: Answer.DISCARD)
    made = MainWindow(desk, Memory(), LogKeeper())
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def footage(tmp_path: Path, sample_clip: Path) -> Path:
    """A folder with two films."""
    folder = tmp_path / "footage"
    folder.mkdir()
    for name in ("first.mp4", "second.mp4"):
        shutil.copyfile(sample_clip, folder / name)
    return folder


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def cut_of(footage: Path, *marks: Mark, markers: tuple[Marker, ...] = ()) -> Timeline:
    """Two clips one after the other, and one above both."""
    first, second = (MediaReference(str(footage / name), name=name) for name in ("first.mp4", "second.mp4"))
    below = Track("V1", TrackKind.VIDEO, (Clip("one", span(30, 90), first), Clip("two", span(0, 60), second)))
    above = Track("V2", TrackKind.VIDEO, (Clip("three", span(300, 45), second),))
    return Timeline("Cut", RATE, (below, above), marks=marks, markers=markers)


def mark(name: str, start: int, length: int, digit: str = "a") -> Mark:
    return Mark(digit * 32, span(start, length), name, MarkState.KEPT)


def written(timeline: Timeline, form: str, folder: Path, name: str = "cut") -> Path:
    path = folder / f"{name}{format_named(form).suffix}"
    clips = (item for track in timeline.tracks for item in track.items if isinstance(item, Clip))
    films = {Path(clip.media.target_url) for clip in clips if clip.media}
    write_file(timeline, format_named(form), {film: probe(film) for film in films}, path)
    return path


def drop(window: MainWindow, *files: Path) -> None:
    """Drag files over the window and let them go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(200, 200), action, data, button, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(200, 200), action, data, button, none))


def opened(window: MainWindow, qtbot: QtBot, *files: Path) -> None:
    """Drop files and wait until they are shown."""
    with qtbot.waitSignal(window.desk.ended, timeout=PATIENCE_MS, check_params_cb=lambda name, _: name == "open-files"):
        drop(window, *files)


def notices(window: MainWindow) -> list[str]:
    return [each.text for each in window.findChildren(Notice) if each.isVisible()]


def notice_with(window: MainWindow, qtbot: QtBot, text: str) -> Notice:
    """The notice that holds these words, once it is there."""
    qtbot.waitUntil(lambda: any(text in each for each in notices(window)), timeout=PATIENCE_MS)
    return next(each for each in window.findChildren(Notice) if each.isVisible() and text in each.text)


def marks_of(window: MainWindow) -> dict[str, tuple[int, int]]:
    """The marks' titles with their frames."""
    return {row.title: (row.start, row.end) for row in window.desk.shown.marks.rows}


def listed(dialog: MissingDialog, column: int = 0) -> list[str]:
    """What a column of the missing files says."""
    root = dialog.files.invisibleRootItem()
    return [line.text(column) for place in range(root.childCount()) if (line := root.child(place))]


# Opening.


def test_a_timeline_is_dropped_and_told_in_one_notice(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    path = written(cut_of(footage), "premiere", footage)
    opened(window, qtbot, path)
    assert [row.label for row in window.desk.shown.tracks.rows] == ["V2", "V1"]
    assert notice_with(window, qtbot, "3 clips on 2 tracks").text.startswith("Opened from Premiere Pro")
    assert len(notices(window)) == 1
    assert window.screens.memory.recent == (path,)
    assert not window.work.missing.text


def test_a_folder_that_is_a_timeline_is_dropped(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    (bundle := footage / "cut.otiod").mkdir()
    written(cut_of(footage), "otio", bundle, "content")
    opened(window, qtbot, bundle)
    assert window.desk.shown.tracks.rows
    assert not window.desk.shown.missing


def test_a_list_without_a_rate_is_read_again_at_another(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    path = written(cut_of(footage), "edl", footage)
    opened(window, qtbot, path)
    assert window.desk.shown.cut.clock.rate == 30
    notice_with(window, qtbot, "Opened from CMX").action.click()
    (report,) = window.findChildren(ImportedDialog)
    assert report.rates.currentText() == "30"
    assert "does not say its frame rate" in report.notes.item(0).text()
    report.rates.setCurrentText("25")
    with qtbot.waitSignal(window.desk.ended, timeout=PATIENCE_MS):
        report._read_again()
    assert window.desk.shown.cut.clock.rate == 25
    assert len([each for each in notices(window) if "CMX" in each]) == 1


def test_another_sequence_of_the_file_is_opened_instead(window: MainWindow, shared: Path, qtbot: QtBot) -> None:
    opened(window, qtbot, shared / "data/timelines/kdenlive/sequences.kdenlive")
    imported = window.desk.shown.imported
    assert imported is not None
    assert imported.others
    first = window.desk.shown.top.title
    window.work.hands.run("import-report")
    (report,) = window.findChildren(ImportedDialog)
    qtbot.waitUntil(report.isActiveWindow)
    with qtbot.waitSignal(window.desk.ended, timeout=PATIENCE_MS):
        QTest.keyClick(report.others, Qt.Key.Key_Return)
    assert window.desk.shown.top.title != first


def test_footage_has_nothing_of_another_tool_to_tell(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    opened(window, qtbot, footage / "first.mp4")
    can = window.work.hands.can
    assert not any(can(BY_NAME[name]) for name in ("adopt-markers", "locate-media", "import-report"))
    assert can(BY_NAME["send"])


# Marks that come.


def test_a_list_dropped_on_an_open_cut_gives_marks_once(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    opened(window, qtbot, footage / "first.mp4")
    marks = (mark("Jump", 30, 60), mark("Fall", 120, 30, "b"))
    moments = written(replace(cut_of(footage), marks=marks), "srt", footage, "moments")
    drop(window, moments)
    notice = notice_with(window, qtbot, "2 added")
    assert marks_of(window) == {"Jump": (30, 90), "Fall": (120, 150)}
    drop(window, moments)
    notice_with(window, qtbot, "nothing is new")
    assert len(marks_of(window)) == 2
    notice.action.click()
    assert not marks_of(window)


def test_marks_that_come_back_are_taken_or_the_file_is_opened(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    opened(window, qtbot, written(cut_of(footage), "premiere", footage, "first"))
    window.desk.do("add", start=1, end=2, name="Jump")
    timeline = window.desk.timeline
    assert timeline is not None
    moved = tuple(replace(each, range=span(60, 45)) for each in timeline.marks)
    back = written(replace(timeline, marks=moved), "premiere", footage, "back")
    drop(window, back)
    qtbot.waitUntil(lambda: bool(window.findChildren(ArrivalDialog)), timeout=PATIENCE_MS)
    (choice,) = window.findChildren(ArrivalDialog)
    qtbot.waitUntil(choice.marks.hasFocus)
    QTest.keyClick(choice, Qt.Key.Key_Return)
    notice_with(window, qtbot, "1 updated").action.click()
    assert marks_of(window) == {"Jump": (30, 60)}
    drop(window, back)
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(ArrivalDialog)), timeout=PATIENCE_MS)
    shown = next(each for each in window.findChildren(ArrivalDialog) if each.isVisible())
    with qtbot.waitSignal(window.desk.ended, timeout=PATIENCE_MS, check_params_cb=lambda name, _: name == "open-files"):
        shown.instead.click()
    assert marks_of(window) == {"Jump": (60, 105)}


def test_marks_are_imported_by_a_command(
    window: MainWindow, footage: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(window, qtbot, footage / "first.mp4")
    moments = written(cut_of(footage, mark("Jump", 30, 60)), "csv", footage, "moments")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(moments)], ""))
    QTest.keySequence(window, BY_NAME["import-marks"].keys[0])
    notice_with(window, qtbot, "1 added")
    assert window.screens.memory.folders["marks"] == footage


def test_markers_become_marks_in_one_step(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    markers = (Marker(span(15, 0), "Here"), Marker(span(60, 30), "There"))
    opened(window, qtbot, written(cut_of(footage, markers=markers), "premiere", footage))
    window.work.hands.run("adopt-markers")
    assert set(marks_of(window)) == {"Here", "There"}
    assert not window.desk.shown.tracks.flags
    notice_with(window, qtbot, "2 markers are marks now").action.click()
    assert not marks_of(window)
    assert len(window.desk.shown.tracks.flags) == 2


# Missing media.


def test_a_project_whose_films_moved_finds_them_again(
    window: MainWindow, footage: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(window, qtbot, footage / "first.mp4", footage / "second.mp4")
    project = window.desk.do("save", tmp_path / "project.otio")
    assert isinstance(project, Path)
    window.desk.do("close")
    moved = footage.rename(tmp_path / "elsewhere")
    opened(window, qtbot, project)
    assert window.work.missing.text == "2 files are missing; 2 clips need them"
    assert not window.screens.problems.cards
    window.work.missing.locate.click()
    (dialog,) = window.findChildren(MissingDialog)
    assert listed(dialog) == ["first.mp4", "second.mp4"]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    with qtbot.waitSignal(window.desk.ended, timeout=PATIENCE_MS):
        dialog.search.click()
    assert dialog.outcome.text == "2 of 2 found. Nothing is missing any more."
    assert not window.work.missing.text
    assert not dialog.search.isEnabled()
    assert set(window.desk.media) == {moved / "first.mp4", moved / "second.mp4"}
    asked: list[str] = []
    monkeypatch.setattr(window.desk, "analyse", lambda: asked.append("analyse"))
    dialog.analyse.click()
    assert asked
    window.desk.do("undo")
    assert window.work.missing.text.startswith("2 files are missing")


def test_what_is_not_found_stays_with_its_reason(
    window: MainWindow, footage: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (other := tmp_path / "other").mkdir()
    timeline = written(cut_of(footage), "premiere", other)
    moved = footage.rename(tmp_path / "elsewhere")
    (moved / "second.mp4").unlink()
    opened(window, qtbot, timeline)
    window.work.hands.run("locate-media")
    (dialog,) = window.findChildren(MissingDialog)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(timeline), ""))
    dialog.choose_file()
    qtbot.waitUntil(lambda: bool(dialog.outcome.text), timeout=PATIENCE_MS)
    assert len(window.desk.shown.missing) == 2
    assert not window.screens.problems.cards
    with qtbot.waitSignal(window.desk.ended, timeout=PATIENCE_MS):
        dialog.look_for("", moved)
    assert dialog.outcome.text == "1 of 2 found."
    assert [listed(dialog, column) for column in (0, 2, 3)] == [["second.mp4"], ["2"], ["There is no such file here."]]
    assert window.work.missing.text == "second.mp4 is missing; 2 clips need it"
    window.desk.do("close", discard=True)
    qtbot.waitUntil(lambda: not window.findChildren(MissingDialog), timeout=PATIENCE_MS)


# Sending.


def test_marks_are_sent_with_a_report_and_come_back(
    window: MainWindow, footage: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, qtbot, written(cut_of(footage), "premiere", footage))
    window.desk.do("add", start=1, end=2, name="Jump")
    window.desk.do("keep", *window.desk.shown.marks.made)
    QTest.keySequence(window, BY_NAME["send"].keys[0])
    (dialog,) = window.findChildren(SendDialog)
    dialog.choose_editor("avid")
    dialog.folder.setText(str(tmp_path / "out"))
    qtbot.waitUntil(lambda: dialog.settled and dialog.preview.ready, timeout=PATIENCE_MS)
    assert dialog.preview.files[0].name == "Cut picks.edl"
    sentences = [row.sentence for row in dialog.preview.files[1].losses]
    assert "Only the topmost clip of each moment is written." in sentences
    assert len(sentences) == len(set(sentences))
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    notice = notice_with(window, qtbot, "Avid Media Composer: File, Input, EDL.")
    assert notice.action.text() == "Open the folder"
    assert (tmp_path / "out" / "Cut picks.edl").is_file()
    window.remember()
    assert load_memory().editor == "avid"
    assert load_memory().folders["send"] == tmp_path / "out"
    drop(window, tmp_path / "out" / "Cut marked.edl")
    qtbot.waitUntil(lambda: bool(window.findChildren(ArrivalDialog)), timeout=PATIENCE_MS)
    window.findChildren(ArrivalDialog)[0].close()


def test_notices_of_sending_do_not_pile_up_and_go_with_their_cut(
    window: MainWindow, footage: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, qtbot, written(cut_of(footage), "premiere", footage))
    for name in ("one", "two"):
        window.work.hands.run("send")
        dialog = next(each for each in window.findChildren(SendDialog) if each.isVisible())
        dialog.folder.setText(str(tmp_path / name))
        dialog.go.setEnabled(True)
        dialog.go.click()  # it sends as soon as it has looked at the folder
        notice_with(window, qtbot, str(tmp_path / name))
        assert len([each for each in notices(window) if " written to " in each]) == 1
    opened(window, qtbot, written(cut_of(footage), "fcpxml", footage))
    assert [each.partition(" (")[0] for each in notices(window)] == ["Opened from Final Cut Pro"]


def test_the_program_sent_to_last_stands_first(window: MainWindow, footage: Path, qtbot: QtBot) -> None:
    opened(window, qtbot, footage / "first.mp4")
    window.screens.memory = window.screens.memory.with_editor("shotcut")
    window.top.editors.click()
    menu = next(each for each in window.findChildren(QMenu) if each.isVisible())
    titles = [each.text() for each in menu.actions() if each.text()]
    assert titles[0] == "Shotcut…"
    assert len(titles) == len(EDITORS)
    menu.actions()[-1].trigger()
    menu.close()
    (dialog,) = window.findChildren(SendDialog)
    assert dialog.editors.chosen == EDITORS[-1].name
    assert dialog.shapes[Shape.MARKERS].isChecked()
    dialog.close()
