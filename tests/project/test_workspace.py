"""An open project keeps file, lock, history and journal in step."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path

import pytest

from circletake import paths
from circletake.errors import EditError, TimelineUnreadable
from circletake.project.journal import Journal, journal_path
from circletake.project.project import Project
from circletake.project.recovery import unsaved_journals
from circletake.project.workspace import Workspace
from circletake.timebase import TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MarkState, MediaReference, Timeline

RATE = Fraction(25)


def seconds(start: float, end: float) -> TimeRange:
    return TimeRange.from_seconds(start, end, RATE)


def a_project() -> Project:
    timeline = Timeline.of_media("Holiday", MediaReference("/media/a.mp4", seconds(0, 600)), RATE)
    return Project(edits.add(timeline, Mark("a", seconds(1, 2), "Goal")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A saved project that nobody has open."""
    place = tmp_path / "cut.otio"
    workspace = Workspace.create(a_project())
    workspace.save(place)
    workspace.close()
    return place


def state(workspace: Workspace) -> MarkState:
    mark = workspace.timeline.mark("a")
    assert mark is not None
    return mark.state


def state_on_disk(path: Path) -> MarkState:
    workspace = Workspace.open(path)
    workspace.close()
    return state(workspace)


def keep(workspace: Workspace) -> None:
    workspace.done("Keep mark", edits.keep(workspace.timeline, "a"))


def killed(workspace: Workspace) -> None:
    """What a kill leaves: files as they are, the lock let go of by the system."""
    assert workspace._journal is not None
    assert workspace._lock is not None
    os.close(workspace._journal._descriptor)
    assert workspace._lock._descriptor is not None
    os.close(workspace._lock._descriptor)


def test_a_saved_and_closed_project_leaves_one_file(path: Path) -> None:
    assert [each.name for each in path.parent.iterdir()] == ["cut.otio"]
    assert unsaved_journals() == ()


def facts(workspace: Workspace) -> tuple[MarkState, str | None, str | None, bool]:
    history = workspace.history
    return state(workspace), history.undo_name, history.redo_name, workspace.modified


def test_edits_are_undone_and_redone_by_name(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    assert facts(workspace) == (MarkState.KEPT, "Keep mark", None, True)
    workspace.undo()
    assert facts(workspace) == (MarkState.PROPOSED, None, "Keep mark", False)
    workspace.redo()
    assert state(workspace) is MarkState.KEPT
    workspace.discard()
    assert state_on_disk(path) is MarkState.PROPOSED


def test_a_killed_process_loses_nothing_and_the_recovery_can_be_undone(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    workspace.done("Rename", edits.rename(workspace.timeline, "a", "The goal"))
    killed(workspace)
    again = Workspace.open(path)
    assert again.recovered is not None
    assert again.recovered.edits == ("Keep mark", "Rename")
    assert again.timeline == workspace.timeline
    assert again.modified
    killed(again)
    third = Workspace.open(path)
    assert third.timeline == workspace.timeline
    third.undo()
    assert state(third) is MarkState.PROPOSED
    third.close()


def test_undo_is_journalled_too(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    workspace.undo()
    killed(workspace)
    assert state_on_disk(path) is MarkState.PROPOSED


def test_saving_ends_the_journal_and_not_the_history(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    workspace.save()
    saved = workspace.modified
    workspace.undo()
    assert (saved, workspace.modified) == (False, True)
    killed(workspace)
    again = Workspace.open(path)
    assert state(again) is MarkState.PROPOSED
    assert again.recovered is not None
    assert again.recovered.edits == ("Undo Keep mark",)
    again.close()


def test_closing_with_unsaved_edits_keeps_them(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    workspace.close()
    again = Workspace.open(path)
    assert state(again) is MarkState.KEPT
    again.discard()
    assert [each.name for each in path.parent.iterdir()] == ["cut.otio"]


def test_a_second_opener_may_look_but_not_edit(path: Path, tmp_path: Path) -> None:
    first, second = Workspace.open(path), Workspace.open(path)
    assert (first.read_only, second.read_only) == (False, True)
    assert second.holder is not None
    assert second.holder.pid == os.getpid()
    for edit in (lambda: keep(second), second.undo, second.save):
        with pytest.raises(EditError, match="only be looked at"):
            edit()
    second.save(tmp_path / "copy.otio")
    keep(second)
    with pytest.raises(EditError, match="open in"):
        first.save(tmp_path / "copy.otio")
    first.close()
    second.discard()


def test_a_file_changed_elsewhere_makes_a_conflict_that_is_offered(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    killed(workspace)
    text = path.read_text()
    path.write_text(text.replace('"Goal"', '"Changed elsewhere"'))
    again = Workspace.open(path)
    assert state(again) is MarkState.PROPOSED
    assert again.conflict is not None
    assert again.conflict.edits == ("Keep mark",)
    assert again.conflict.journal.exists()
    again.take_conflict()
    assert state(again) is MarkState.KEPT
    again.undo()
    assert state(again) is MarkState.PROPOSED
    again.close()


def test_a_damaged_journal_is_told_and_kept(path: Path) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    keep_bytes = journal_path(path).read_bytes()
    workspace.done("Rename", edits.rename(workspace.timeline, "a", "x"))
    workspace.done("Rename", edits.rename(workspace.timeline, "a", "y"))
    killed(workspace)
    data = bytearray(journal_path(path).read_bytes())
    data[len(keep_bytes) + 30] ^= 1
    journal_path(path).write_bytes(data)
    again = Workspace.open(path)
    assert state(again) is MarkState.KEPT
    assert again.recovered is not None
    assert again.recovered.problem == "line 3 is damaged"
    assert again.recovered.journal.read_bytes() == data
    again.close()


def test_a_project_never_saved_comes_back() -> None:
    workspace = Workspace.create(a_project())
    keep(workspace)
    (journal,) = unsaved_journals()
    assert Workspace.resume(journal) is None  # open in a running process
    killed(workspace)
    again = Workspace.resume(journal)
    assert again is not None
    assert again.timeline == workspace.timeline
    again.discard()
    assert unsaved_journals() == ()


def test_saving_a_project_that_was_never_saved_moves_its_journal(tmp_path: Path) -> None:
    workspace = Workspace.create(a_project())
    with pytest.raises(EditError, match="no file yet"):
        workspace.save()
    workspace.save(tmp_path / "cut.otio")
    assert unsaved_journals() == ()
    keep(workspace)
    killed(workspace)
    assert state_on_disk(tmp_path / "cut.otio") is MarkState.KEPT


def test_a_save_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.open(path)
    keep(workspace)
    before = path.read_bytes()

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="No space"):
            workspace.save()
    assert path.read_bytes() == before
    assert workspace.modified
    killed(workspace)
    assert state_on_disk(path) is MarkState.KEPT


def test_edits_go_on_when_the_journal_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("No space left")
    workspace = Workspace.open(path)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", refuse)
        keep(workspace)
    assert state(workspace) is MarkState.KEPT
    assert "No space left" in workspace.journal_fault
    workspace.done("Rename", edits.rename(workspace.timeline, "a", "x"))
    assert workspace.journal_fault == ""
    workspace.close()


@pytest.mark.skipif(os.name == "nt", reason="folder rights as POSIX has them")
def test_where_the_folder_cannot_be_written_the_journal_is_sheltered(
    path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("journal")
    real = paths.written_whole

    def refuse_beside(place: Path) -> AbstractContextManager[Path]:
        if place.parent == path.parent:
            raise PermissionError(13, "Permission denied")
        return real(place)

    with monkeypatch.context() as patch:
        patch.setattr(paths, "written_whole", refuse_beside)
        workspace = Workspace.open(path)
        keep(workspace)
        assert workspace.journal_fault == ""
        killed(workspace)
    again = Workspace.open(path)
    assert state(again) is MarkState.KEPT
    again.close()


def test_what_cannot_be_opened_leaves_no_lock(tmp_path: Path) -> None:
    (tmp_path / "cut.otio").write_text("<xmeml/>")
    with pytest.raises(TimelineUnreadable):
        Workspace.open(tmp_path / "cut.otio")
    assert [each.name for each in tmp_path.iterdir()] == ["cut.otio"]


def test_a_new_project_that_nobody_touched_leaves_nothing() -> None:
    workspace = Workspace.create(a_project())
    assert len(unsaved_journals()) == 1
    workspace.close()
    assert unsaved_journals() == ()


def test_a_timeline_of_another_tool_says_so_until_it_is_saved(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    path.write_bytes((shared / "data" / "timelines" / "resolvable" / "cut.otio").read_bytes())
    workspace = Workspace.open(path)
    before = workspace.is_foreign
    span = TimeRange.from_seconds(1, 2, workspace.timeline.rate)
    workspace.done("Add", edits.add(workspace.timeline, Mark("a", span, "Jump", MarkState.KEPT)))
    killed(workspace)
    again = Workspace.open(path)
    assert {mark.state for mark in again.timeline.marks} == {MarkState.KEPT}
    again.save()
    assert (before, again.is_foreign) == (True, False)
    again.close()


def test_a_row_of_trims_is_one_step_and_every_one_is_journalled(path: Path) -> None:
    workspace = Workspace.open(path)
    for end in range(3, 30):
        workspace.done("Trim mark", edits.trim(workspace.timeline, "a", seconds(1, end)), merge_key="trim a")
    workspace.seal()
    workspace.sync()
    killed(workspace)
    again = Workspace.open(path)
    assert again.timeline.marks[0].range == seconds(1, 29)
    again.discard()
    workspace._history = workspace.history.undone()
    assert workspace.timeline.marks[0].range == seconds(1, 2)
