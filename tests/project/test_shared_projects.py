"""Two openers, other programs and folders that cannot be written: nobody's edits are lost or overwritten."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from circletake import paths
from circletake.errors import EditError, TimelineUnreadable
from circletake.project import workspace as workspace_module
from circletake.project.files import LoadedProject, load_project, save_project
from circletake.project.journal import journal_path, sheltered_journal_path
from circletake.project.lock import ProjectLock
from circletake.project.project import Project
from circletake.project.workspace import Workspace
from circletake.timebase import TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MediaReference, Timeline

RATE = Fraction(25)


def mark(mark_id: str, start: float, name: str = "Goal") -> Mark:
    return Mark(mark_id, TimeRange.from_seconds(start, start + 1, RATE), name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A saved project with one mark, that nobody has open."""
    media = MediaReference("/media/a.mp4", TimeRange.from_seconds(0, 600, RATE))
    timeline = Timeline.of_media("Holiday", media, RATE)
    workspace = Workspace.create(Project(edits.add(timeline, mark("a", 1))))
    workspace.save(tmp_path / "cut.otio")
    workspace.close()
    return tmp_path / "cut.otio"


def renamed(workspace: Workspace, name: str) -> None:
    workspace.done("Rename", edits.rename(workspace.timeline, "a", name))


def names(workspace: Workspace) -> dict[str, str]:
    return {each.id: each.name for each in workspace.timeline.marks}


def killed(workspace: Workspace) -> None:
    """What a kill leaves: files as they are, the lock let go of by the system."""
    assert workspace._journal is not None
    assert workspace._lock is not None
    assert workspace._lock._descriptor is not None
    os.close(workspace._journal._descriptor)
    os.close(workspace._lock._descriptor)


def linked(path: Path) -> Path:
    """Another folder's link to the file."""
    link = path.parent / "links" / "linked.otio"
    link.parent.mkdir()
    try:
        link.symlink_to(path)
    except OSError as error:
        pytest.skip(f"no links here: {error}")
    return link


def test_a_link_and_its_file_are_one_project(path: Path) -> None:
    link = linked(path)
    first, second = Workspace.open(link), Workspace.open(path)
    assert (first.read_only, second.read_only) == (False, True)
    with pytest.raises(EditError, match="open in"):
        second.save(link)
    first.close()
    second.close()


def test_edits_made_through_a_link_come_back_through_the_file(path: Path) -> None:
    workspace = Workspace.open(linked(path))
    renamed(workspace, "Through the link")
    killed(workspace)
    again = Workspace.open(path)
    assert names(again) == {"a": "Through the link"}
    again.discard()


def test_saving_under_the_other_name_of_the_same_file_saves_in_place(path: Path) -> None:
    link = linked(path)
    workspace = Workspace.open(link)
    renamed(workspace, "Both")
    workspace.save(path)
    workspace.close()
    assert link.is_symlink()
    assert load_project(path).project.timeline.marks[0].name == "Both"


def test_an_opener_that_waited_for_the_lock_reads_what_the_holder_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Workspace.open(path)
    acquire = ProjectLock.acquire

    def holder_saves_first(place: Path) -> Any:
        renamed(holder, "Saved meanwhile")
        holder.save()
        holder.close()
        monkeypatch.setattr(ProjectLock, "acquire", acquire)
        return acquire(place)

    monkeypatch.setattr(ProjectLock, "acquire", holder_saves_first)
    opened = Workspace.open(path)
    assert (names(opened), opened.read_only) == ({"a": "Saved meanwhile"}, False)
    opened.close()


def test_a_load_that_fails_lets_go_of_the_lock(path: Path) -> None:
    path.write_text("<xmeml/>")
    for _ in range(2):
        with pytest.raises(TimelineUnreadable):
            Workspace.open(path)
        assert [each.name for each in path.parent.iterdir()] == ["cut.otio"]


def test_a_recovery_that_fails_lets_go_of_the_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: LoadedProject, __: Path) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(workspace_module, "recover_onto", broken)
        with pytest.raises(RuntimeError):
            Workspace.open(path)
    again = Workspace.open(path)
    assert not again.read_only
    again.close()


def test_an_edit_that_cannot_be_journalled_never_happened(path: Path) -> None:
    workspace = Workspace.open(path)
    before, lines = workspace.project, journal_path(path).read_bytes()
    unwritable = Project(workspace.timeline, settings={"interest": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant"):
        workspace.done("Set", unwritable)
    assert (workspace.project, workspace.history.undo_name, workspace.modified) == (before, None, False)
    assert journal_path(path).read_bytes() == lines
    renamed(workspace, "After")
    killed(workspace)
    again = Workspace.open(path)
    assert names(again) == {"a": "After"}
    again.discard()


def test_an_edit_stopped_while_it_is_written_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.open(path)
    write = os.write

    def stopped(descriptor: int, data: bytes) -> int:
        write(descriptor, bytes(data)[:9])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", stopped)
        with pytest.raises(KeyboardInterrupt):
            renamed(workspace, "Stopped")
    assert names(workspace) == {"a": "Goal"}
    renamed(workspace, "After")
    killed(workspace)
    again = Workspace.open(path)
    assert names(again) == {"a": "After"}
    assert again.recovered is not None
    assert not again.recovered.problem
    again.discard()


def test_a_file_that_another_program_wrote_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(path)
    renamed(workspace, "Mine")
    theirs = path.read_bytes().replace(b'"Goal"', b'"Theirs"')
    path.write_bytes(theirs)
    for target in (None, path):
        with pytest.raises(EditError, match=r"cut\.otio.*another program") as refused:
            workspace.save(target)
        assert "another name" in refused.value.hint
        assert path.read_bytes() == theirs
    assert workspace.modified
    workspace.save(tmp_path / "copy.otio")
    assert load_project(tmp_path / "copy.otio").project.timeline.marks[0].name == "Mine"
    workspace.close()


def test_a_file_that_vanished_is_written_again_and_saving_twice_is_fine(path: Path) -> None:
    workspace = Workspace.open(path)
    path.unlink()
    renamed(workspace, "Back")
    workspace.save()
    renamed(workspace, "Again")
    workspace.save()
    workspace.close()
    assert load_project(path).project.timeline.marks[0].name == "Again"


def test_a_conflict_adds_its_marks_to_the_present_ones_as_one_step(path: Path) -> None:
    workspace = Workspace.open(path)
    renamed(workspace, "From the journal")
    workspace.done("Add", edits.add(workspace.timeline, mark("journal", 50)))
    workspace.done("Add", edits.add(workspace.timeline, mark("gone again", 60)))
    workspace.done("Delete", edits.delete(workspace.timeline, "gone again"))
    killed(workspace)
    theirs = Project(edits.add(load_project(path).project.timeline, mark("theirs", 30, "Theirs")))
    save_project(theirs, path)
    again = Workspace.open(path)
    assert again.conflict is not None
    again.done("Add", edits.add(again.timeline, mark("mine", 40, "Mine")))
    before = again.project
    again.take_conflict()
    assert names(again) == {"a": "From the journal", "theirs": "Theirs", "mine": "Mine", "journal": "Goal"}
    assert again.history.undo_name == "Take journal"
    after = again.project
    assert again.take_conflict() is after  # there is nothing left to take
    again.undo()
    assert again.project == before
    again.discard()


def test_a_conflict_that_deleted_marks_and_changed_the_cut_takes_nothing_away(path: Path) -> None:
    workspace = Workspace.open(path)
    workspace.done("Delete", edits.delete(workspace.timeline, "a"))
    workspace.done("Cut", replace(workspace.timeline, tracks=()))
    workspace.done("Add", replace(workspace.timeline, marks=(mark("journal", 50),)))
    killed(workspace)
    path.write_bytes(path.read_bytes().replace(b'"Goal"', b'"Theirs"'))
    again = Workspace.open(path)
    tracks = again.timeline.tracks
    again.take_conflict()
    assert names(again) == {"a": "Theirs", "journal": "Goal"}
    assert again.timeline.tracks == tracks
    again.discard()


def test_where_the_folder_cannot_be_written_the_second_opener_still_only_looks(
    path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("journal")
    for name, module in (("open", os), ("written_whole", paths)):
        monkeypatch.setattr(module, name, refusing_in(path.parent, getattr(module, name)))
    first, second = Workspace.open(path), Workspace.open(path)
    assert (first.read_only, second.read_only) == (False, True)
    renamed(first, "Sheltered")
    killed(first)
    second.close()
    third = Workspace.open(path)
    assert (names(third), third.read_only) == ({"a": "Sheltered"}, False)
    third.discard()
    assert list(sheltered_journal_path(path).parent.iterdir()) == []


def refusing_in(folder: Path, real: Callable[..., Any]) -> Callable[..., Any]:
    """As the system does where a folder is read-only; root may write everywhere, so rights cannot show it."""

    def call(place: str | Path, *more: Any) -> Any:
        writes = not more or more[0] & os.O_CREAT
        if writes and Path(place).parent == folder:
            raise PermissionError(13, "Permission denied")
        return real(place, *more)

    return call
