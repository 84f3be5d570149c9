"""The export dialog shows what will be written, says what stands in the way, and asks the desk for just that."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from circletake.export.plan import ExportMode
from circletake.session.exporting import Export, Exported, ExportWish, MarkChoice, TimelineFormat
from circletake.settings import EXPORT_MODE, EXPORT_TIMELINES, load_settings
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.dialogs.export import ExportDialog
from circletake_viewers.dialogs.export_preview import size_text
from circletake_viewers.dialogs.planner import Planner

Make = Callable[..., ExportDialog]


@pytest.fixture
def make(open_desk: Desk, tmp_path: Path, qtbot: QtBot) -> Iterator[Make]:
    """Opens the dialog on a folder, by default an empty one."""
    made: list[ExportDialog] = []

    def build(folder: Path | None = None) -> ExportDialog:
        made.append(ExportDialog(open_desk, folder or tmp_path))
        made[-1].show()
        qtbot.waitUntil(lambda: made[-1].settled)
        return made[-1]

    yield build
    for each in made:
        if shiboken6.isValid(each):
            each.close()


def look(dialog: ExportDialog, qtbot: QtBot) -> None:
    """Have it plan anew, and wait for that."""
    dialog.look()
    qtbot.waitUntil(lambda: dialog.settled)


def keep(desk: Desk, count: int) -> None:
    assert desk.timeline
    desk.do("keep", *[mark.id for mark in desk.timeline.marks[:count]])


def test_it_shows_each_file_with_length_cut_and_size(open_desk: Desk, make: Make, tmp_path: Path) -> None:
    keep(open_desk, 2)
    preview = make(tmp_path / "new").preview
    assert [row.name[:3] for row in preview.rows] == ["01 ", "02 ", "sam"]
    assert [row.mode for row in preview.rows] == ["Smart", "Smart", "OpenTimelineIO"]
    assert preview.button == "Export 2 clips"
    assert preview.total.startswith("2 clips · 0:")
    assert "free there" in preview.room
    assert preview.notes == ("The folder is not there yet; it will be made.",)
    assert preview.ready


def test_before_any_decision_the_proposed_marks_are_meant(make: Make) -> None:
    dialog = make()
    wish = dialog.wish()
    assert isinstance(wish, ExportWish)
    assert wish.marks is MarkChoice.PROPOSED
    assert dialog.marks[MarkChoice.PROPOSED].text() == "Proposed (3)"
    assert not dialog.marks[MarkChoice.KEPT].isEnabled()
    assert dialog.go.isDefault()


def test_choices_change_the_plan_and_marks_kept_meanwhile_do_too(open_desk: Desk, make: Make, qtbot: QtBot) -> None:
    dialog = make()
    dialog.modes[ExportMode.ENCODE].setChecked(True)
    dialog.lists[TimelineFormat.CSV].setChecked(True)
    qtbot.waitUntil(lambda: [row.mode for row in dialog.preview.rows][-3:] == ["Encode", "OpenTimelineIO", "CSV"])
    keep(open_desk, 1)
    qtbot.waitUntil(lambda: dialog.marks[MarkChoice.KEPT].text() == "Kept (1)")
    qtbot.waitUntil(lambda: dialog.preview.button == "Export 2 clips")
    assert [row.mode for row in dialog.preview.rows] == ["Encode", "Encode", "OpenTimelineIO", "CSV"]
    assert dialog.go.isEnabled()


def test_files_in_the_way_stop_it_until_they_may_be_replaced(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = make()
    (tmp_path / dialog.preview.rows[0].name).touch()
    look(dialog, qtbot)
    assert not dialog.go.isEnabled()
    assert "there already" in dialog.refusal.text
    assert dialog.reason.text() == "Choose another folder, or allow overwriting."
    dialog.replace.setChecked(True)
    look(dialog, qtbot)
    assert dialog.go.isEnabled()
    assert dialog.preview.notes[0].startswith("1 file is replaced: 01 ")


def test_a_list_in_the_way_stops_it_too(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = make()
    (tmp_path / dialog.preview.rows[-1].name).touch()
    look(dialog, qtbot)
    assert not dialog.go.isEnabled()


def test_more_formats_unfold_and_are_written_too(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    box = dialog.lists[TimelineFormat.PREMIERE]
    assert not box.isVisible()
    dialog.more.turn.click()
    assert box.isVisible()
    box.setChecked(True)
    dialog.lists[TimelineFormat.FCPXML].setChecked(True)
    look(dialog, qtbot)
    assert [row.name for row in dialog.preview.rows][-2:] == ["sample clips.xml", "sample clips.fcpxml"]
    dialog.from_now_on.setChecked(True)
    wish = dialog.wish()
    assert isinstance(wish, ExportWish)
    dialog._store(wish)
    assert load_settings().get(EXPORT_TIMELINES) == ("otio",)


def test_a_file_is_no_folder(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    dialog = make(tmp_path / "file")
    assert not dialog.go.isEnabled()
    assert "is a file" in dialog.refusal.text


def test_without_a_plan_it_says_why(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    dialog.marks[MarkChoice.KEPT].setChecked(True)
    look(dialog, qtbot)
    assert dialog.table.rowCount() == 0
    assert "kept mark to export" in dialog.refusal.text
    assert not dialog.go.isEnabled()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No folder is named."),
        ("  ", "No folder is named."),
        ("clips", "Clips could be anywhere."),
        ("~nobody-is-called-so/clips", "~nobody-is-called-so/clips: there is no such user."),
        ("/dev/null/clips", "/dev/null is a file."),
        ("/" + "n" * 300, "File name too long."),
    ],
)
def test_a_folder_that_cannot_be_says_why_before_anything_is_pressed(
    make: Make, qtbot: QtBot, text: str, said: str
) -> None:
    dialog = make()
    dialog.folder.setText(text)
    look(dialog, qtbot)
    assert said in dialog.refusal.text
    assert not dialog.go.isEnabled()
    dialog.begin()
    assert dialog.isVisible()


def test_after_a_fault_the_next_plan_is_made(
    open_desk: Desk, make: Make, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Export:
        raise PermissionError(13, "Permission denied", "/locked")

    dialog = make()
    with monkeypatch.context() as patch:
        patch.setattr(open_desk, "plan_export", lambda _: fail)
        look(dialog, qtbot)
    assert "Permission denied" in dialog.refusal.text
    dialog.folder.setText(str(tmp_path / "other"))
    look(dialog, qtbot)
    assert dialog.go.isEnabled()


def test_the_plan_is_of_what_was_open_when_it_was_asked(open_desk: Desk, make: Make) -> None:
    keep(open_desk, 1)
    wish = make().wish()
    assert isinstance(wish, ExportWish)
    plan = open_desk.plan_export(wish)
    keep(open_desk, 2)
    open_desk.do("close", discard=True)
    assert len(plan().marks) == 1


def test_it_goes_with_the_project(open_desk: Desk, make: Make, qtbot: QtBot) -> None:
    dialog = make()
    open_desk.do("close", discard=True)
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    qtbot.waitUntil(lambda: not open_desk.findChildren(Planner))
    assert not open_desk.shown.is_open


def test_it_exports_what_was_shown_and_goes(
    open_desk: Desk, make: Make, tmp_path: Path, qtbot: QtBot, troubles: list[Problem]
) -> None:
    keep(open_desk, 1)
    dialog = make(tmp_path / "new")
    dialog.lists[TimelineFormat.EDL].setChecked(True)
    dialog.modes[ExportMode.COPY].setChecked(True)
    used: list[Path] = []
    dialog.folder_used.connect(used.append)
    with qtbot.waitSignal(open_desk.ended, timeout=20_000) as ended:
        dialog.begin()
    assert not shiboken6.isValid(dialog)
    assert used == [tmp_path / "new"]
    assert isinstance(ended.args[1], Exported)
    assert sorted(path.suffix for path in (tmp_path / "new").iterdir()) == [".edl", ".mp4", ".otio"]
    assert not troubles


def test_enter_before_the_plan_is_there_exports_what_was_chosen(
    open_desk: Desk, make: Make, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = make(tmp_path)
    dialog.folder.setText(str(tmp_path / "other"))
    with qtbot.waitSignal(open_desk.ended, timeout=20_000):
        dialog.go.click()
        assert not dialog.settled
    assert (tmp_path / "other").is_dir()


def test_a_refusal_found_after_enter_keeps_it_open(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = make(tmp_path)
    (tmp_path / "file").touch()
    dialog.folder.setText(str(tmp_path / "file"))
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.settled)
    assert dialog.isVisible()
    assert not dialog.go.isEnabled()


def test_closing_it_while_a_slow_disk_is_asked_leaves_nothing(
    open_desk: Desk, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, answer = make(), threading.Event()
    monkeypatch.setattr(open_desk, "plan_export", lambda _: lambda: answer.wait(10) and None)
    dialog.look()
    dialog.look()
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    assert open_desk.findChildren(Planner)  # its thread has not ended yet
    answer.set()
    qtbot.waitUntil(lambda: not open_desk.findChildren(Planner))


def test_choices_are_stored_only_when_asked(open_desk: Desk, make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    for number, ticked in enumerate((False, True)):
        dialog = make(tmp_path / str(number))
        dialog.modes[ExportMode.COPY].setChecked(True)
        dialog.from_now_on.setChecked(ticked)
        with qtbot.waitSignal(open_desk.ended, timeout=20_000):
            dialog.begin()
        assert load_settings().get(EXPORT_MODE) == ("copy" if ticked else "smart")


def test_sizes_are_for_people() -> None:
    sizes = (0, 900, 340_000, 999_700, 12_400_000, 3_100_000_000, 120e9)
    assert [size_text(int(size)) for size in sizes] == [
        "0 B", "900 B", "340 kB", "1.0 MB", "12.4 MB", "3.1 GB", "120 GB",
    ]  # fmt: skip
