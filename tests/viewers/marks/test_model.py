"""Rows change by difference: whatever list follows another, what points at a row goes on pointing at it."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from tests.viewers.marks.made import row, rows

from circletake.timeline.model import MarkState
from circletake_viewers.marks.model import MOST_STEPS, MarkModel, runs, single_move, spoken


def test_runs_are_places_without_a_hole() -> None:
    assert runs([0, 1, 2, 5, 7, 8]) == [(0, 2), (5, 5), (7, 8)]


def test_a_single_move_is_found_in_both_directions() -> None:
    assert single_move("abcde", "acdbe") == (1, 3)
    assert single_move("abcde", "adbce") == (3, 1)
    assert single_move("abcde", "edcba") is None


names = st.lists(st.sampled_from("abcdefghij"), unique=True)


@given(st.lists(names, min_size=2, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_follows_what_points_at_a_row_follows_it(lists: list[list[str]]) -> None:
    model = MarkModel()
    model.show_rows([row(name) for name in lists[0]])
    for before, after in itertools.pairwise(lists):
        held = {name: QPersistentModelIndex(model.index(place)) for place, name in enumerate(before)}
        model.show_rows([row(name) for name in after])
        assert [model.data(model.index(place)) for place in range(model.rowCount())] == [
            f"Title of {name}" for name in after
        ]
        for name, index in held.items():
            assert index.isValid() == (name in after)
            assert not index.isValid() or index.row() == after.index(name)


def told_by(model: MarkModel) -> list[str]:
    told: list[str] = []
    model.dataChanged.connect(lambda first, last: told.append(f"changed {first.row()}-{last.row()}"))
    model.rowsInserted.connect(lambda _, first, last: told.append(f"came {first}-{last}"))
    model.rowsRemoved.connect(lambda _, first, last: told.append(f"went {first}-{last}"))
    model.rowsMoved.connect(lambda _, first, __, ___, to: told.append(f"moved {first} before {to}"))
    model.modelReset.connect(lambda: told.append("reset"))
    model.layoutChanged.connect(lambda: told.append("order"))
    return told


def test_only_the_difference_is_told() -> None:
    model, whole = MarkModel(), rows(50)
    model.show_rows(whole)
    told = told_by(model)

    model.show_rows((*whole[:7], replace(whole[7], state=MarkState.KEPT), *whole[8:]))
    assert told == ["changed 7-7"]
    told.clear()
    model.show_rows((*whole[:3], *whole[5:]))
    assert told[0] == "went 3-4"
    told.clear()
    model.show_rows((whole[20], *whole[:3], *whole[5:20], *whole[21:]))
    assert told[0] == "moved 18 before 0"
    assert "reset" not in told


def test_very_many_differences_start_anew() -> None:
    model, whole = MarkModel(), rows(4 * MOST_STEPS)
    model.show_rows(whole)
    told = told_by(model)
    model.show_rows(whole[::2])
    assert told[0] == "reset"


def test_a_row_is_told_in_words() -> None:
    assert spoken(row("x", 2, MarkState.KEPT, 94)) == "rank 2, kept, Title of x, score 94"
    assert spoken(replace(row("x", 3, score=None), provisional=True)) == "rank 3, found so far, Title of x, no score"
    model = MarkModel()
    model.show_rows((row("x", 2, MarkState.KEPT, 94),))
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == "rank 2, kept, Title of x, score 94"
    assert model.data(model.index(0), Qt.ItemDataRole.ToolTipRole) == "Title of x"


def test_only_whole_marks_take_a_name() -> None:
    model = MarkModel()
    model.show_rows((row("whole"), replace(row("growing"), provisional=True)))
    editable = [bool(model.flags(model.index(place)) & Qt.ItemFlag.ItemIsEditable) for place in range(2)]
    assert editable == [True, False]
