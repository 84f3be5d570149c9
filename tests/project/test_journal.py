"""What was journalled comes back, whatever happens to the process, the line, the file or the disk."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.project.differences import applied, difference
from circletake.project.files import load_project, save_project
from circletake.project.journal import Journal, journal_path
from circletake.project.project import Project, ProjectMedia
from circletake.project.records import decoded, encoded
from circletake.project.recovery import Recovered, recover_onto
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MediaReference, Timeline

RATE = Fraction(30000, 1001)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def start() -> Project:
    media = MediaReference("/media/a.mp4", span(0, 5000))
    return Project(Timeline.of_media("Holiday", media, RATE), media=(ProjectMedia("/media/a.mp4", "print", 5),))


def with_mark(project: Project, number: int) -> Project:
    mark = Mark(f"m{number}", span(number * 10, 10), f"Mark {number}", score=number / 7, signals={"motion": 0.1})
    return project.with_timeline(edits.add(project.timeline, mark))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cut.otio"


def journalled(path: Path, count: int) -> tuple[Journal, list[Project]]:
    """A saved project, and the states after each of `count` journalled edits."""
    saved = save_project(start(), path)
    states = [load_project(path).project]
    journal = Journal.start(journal_path(path), states[0], states[0], saved.sha256, path)
    for number in range(count):
        states.append(with_mark(states[-1], number))
        journal.append(states[-2], states[-1], f"Add {number}")
    return journal, states


def found_beside(path: Path) -> Recovered | None:
    return recover_onto(load_project(path), path)


def recovered(path: Path) -> Recovered:
    found = found_beside(path)
    assert found is not None
    return found


def test_every_edit_is_on_disk_when_append_returns(path: Path) -> None:
    journal, states = journalled(path, 0)
    project = states[0]
    for number in range(5):
        after = with_mark(project, number)
        journal.append(project, after, f"Add {number}")
        project = after
        found = recovered(path)
        assert found.project == project
        assert found.edits == tuple(f"Add {each}" for each in range(number + 1))
        assert not found.conflicted
        assert not found.problem
    journal.close()


def test_without_edits_there_is_nothing_to_recover(path: Path) -> None:
    journal, _ = journalled(path, 0)
    journal.close()
    assert found_beside(path) is None
    journal.discard()
    assert found_beside(path) is None


def test_a_line_cut_short_loses_only_itself(path: Path) -> None:
    journal, states = journalled(path, 3)
    journal.close()
    whole = journal_path(path).read_bytes()
    third = whole[: whole.rstrip(b"\n").rindex(b"\n") + 1]
    for end in range(len(third) + 1, len(whole)):
        journal_path(path).write_bytes(whole[:end])
        found = recovered(path)
        assert found.project == states[2]
        assert not found.problem


def test_damage_in_the_middle_stops_there_and_says_so(path: Path) -> None:
    journal, states = journalled(path, 3)
    journal.close()
    lines = journal_path(path).read_bytes().splitlines(keepends=True)
    damaged = bytearray(lines[2])
    damaged[len(damaged) // 2] ^= 1
    journal_path(path).write_bytes(b"".join([*lines[:2], bytes(damaged), *lines[3:]]))
    found = recovered(path)
    assert found.project == states[1]
    assert found.problem == "line 3 is damaged"


def test_a_journal_that_is_no_journal_is_a_problem_and_no_crash(path: Path) -> None:
    save_project(start(), path)
    for data in (b"", b"\n", b"garbage\n" * 10, encoded({"journal": 99, "id": "x"}), encoded({"a": 1}), b"\0" * 4096):
        journal_path(path).write_bytes(data)
        found = recovered(path)
        assert (found.project, found.edits) == (load_project(path).project, ())
        assert found.problem


def test_zeros_that_a_power_cut_leaves_at_the_end_are_no_problem(path: Path) -> None:
    journal, states = journalled(path, 2)
    journal.close()
    with journal_path(path).open("ab") as file:
        file.write(b"\0" * 4096)
    found = recovered(path)
    assert (found.project, found.problem) == (states[2], "")


def test_a_journal_of_another_base_is_a_conflict(path: Path) -> None:
    journal, _ = journalled(path, 2)
    journal.close()
    other = with_mark(start(), 77)
    save_project(other, path)
    found = recovered(path)
    assert found.conflicted
    assert {mark.id for mark in found.project.timeline.marks} == {"m77", "m0", "m1"}


def test_a_kill_between_saving_and_restarting_the_journal_is_no_conflict_and_loses_nothing(path: Path) -> None:
    journal, states = journalled(path, 2)
    save_project(states[2], path, journal.mark)
    assert found_beside(path) is None
    further = with_mark(states[2], 9)
    journal.append(states[2], further, "Add 9")
    journal.close()
    found = recovered(path)
    assert (found.project.timeline, found.edits, found.conflicted) == (further.timeline, ("Add 9",), False)


def test_a_changed_cut_is_journalled_whole(path: Path) -> None:
    journal, states = journalled(path, 1)
    other = replace(states[1].timeline, name="Renamed", drop_frame=True)
    after = states[1].with_timeline(other)
    journal.append(states[1], after, "Replace cut")
    journal.append(after, with_mark(after, 5), "Add 5")
    journal.close()
    assert recovered(path).project == with_mark(after, 5)


def test_project_fields_are_journalled(path: Path) -> None:
    journal, states = journalled(path, 0)
    after = states[0].with_analysis("4" * 64).with_medium(ProjectMedia("/media/b.mp4", "b", 6))
    journal.append(states[0], after, "Analyse")
    journal.close()
    assert recovered(path).project == after


def test_a_full_disk_leaves_a_readable_journal_and_the_next_line_holds_everything(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, states = journalled(path, 1)
    real = os.write

    def half(descriptor: int, data: memoryview) -> int:
        if len(data) > 20:
            return real(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    lost = with_mark(states[1], 5)
    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        journal.append(states[1], lost, "Add 5")
    monkeypatch.setattr(os, "write", real)
    assert recovered(path).project == states[1]
    last = with_mark(lost, 6)
    journal.append(lost, last, "Add 6")
    journal.close()
    found = recovered(path)
    assert (found.project, found.problem) == (last, "")


def test_a_journal_started_from_recovered_edits_holds_them(path: Path) -> None:
    journal, states = journalled(path, 3)
    journal.close()
    loaded = load_project(path)
    again = Journal.start(journal_path(path), recovered(path).project, loaded.project, loaded.sha256, path)
    again.close()
    assert recovered(path).project == states[3]


def test_the_disk_is_asked_at_most_twice_a_second(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, states = journalled(path, 0)
    clock, calls = [journal._synced], list[int]()
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr(os, "fsync", calls.append)
    project = states[0]
    for number in range(100):
        clock[0] += 0.1
        after = with_mark(project, number)
        journal.append(project, after, "Add")
        project = after
    assert 15 <= len(calls) <= 20
    journal.close()
    assert len(calls) <= 21


def test_a_project_moved_with_its_journal_is_recovered(path: Path, tmp_path: Path) -> None:
    journal, states = journalled(path, 2)
    journal.close()
    moved = tmp_path / "moved"
    moved.mkdir()
    for each in (path, journal_path(path)):
        shutil.move(each, moved / each.name)
    assert recovered(moved / "cut.otio").project.timeline.marks == states[2].timeline.marks


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_difference_leads_from_any_state_to_any_other(seed: int) -> None:
    chance = random.Random(seed)

    def state() -> Project:
        marks = [Mark(f"m{n}", span(n, 1 + chance.randrange(3)), "x", note=str(chance.randrange(2))) for n in range(8)]
        chosen = chance.sample(marks, chance.randrange(9))
        return start().with_timeline(start().timeline.with_marks(tuple(chosen)))

    before, after = state(), state()
    change = difference(before, after)
    assert bool(change) == (before != after)
    assert applied(before, change) == after


@given(
    records=st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers()), max_size=5),
    cut=st.integers(0, 300),
)
def test_lines_read_up_to_where_they_are_whole(records: list[dict[str, object]], cut: int) -> None:
    lines = [encoded(record) for record in records]
    data = b"".join(lines)[:cut]
    whole = sum(1 for number in range(len(lines)) if len(b"".join(lines[: number + 1])) <= cut)
    assert decoded(data).values == tuple(records[:whole])
    assert decoded(data).problem == ""


@given(data=st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    assert decoded(data).values == ()
