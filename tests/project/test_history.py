"""Every edit can be undone and redone, and leads back to the identical state."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from circletake.errors import EditError
from circletake.project.history import MAX_STEPS, History
from circletake.project.project import Project
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Mark, MediaReference, Timeline

RATE = Fraction(25)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def start() -> Project:
    return Project(Timeline.of_media("Holiday", MediaReference("/a.mp4", span(0, 5000)), RATE))


def random_edit(timeline: Timeline, chance: random.Random, number: int) -> Timeline:
    """Any edit on any mark; one that does not fit leaves the timeline as it was."""
    ids = [mark.id for mark in timeline.marks]
    time = RationalTime(chance.randrange(5000), RATE)
    if len(ids) < 3 or chance.random() < 0.3:
        mark = Mark(f"m{number}", span(chance.randrange(4900), 1 + chance.randrange(90)), f"Mark {number}")
        return edits.add(timeline, mark)
    one, two = chance.sample(ids, 2)
    choices = [
        lambda: edits.keep(timeline, one, two),
        lambda: edits.reject(timeline, one),
        lambda: edits.propose(timeline, one),
        lambda: edits.set_in(timeline, one, time),
        lambda: edits.set_out(timeline, one, time),
        lambda: edits.shift(timeline, one, RationalTime(chance.randrange(-50, 50), RATE)),
        lambda: edits.split(timeline, one, time, f"m{number}"),
        lambda: edits.join(timeline, [one, two]),
        lambda: edits.delete(timeline, one),
        lambda: edits.rename(timeline, one, f"Name {number}"),
        lambda: edits.annotate(timeline, one, f"Note {number}"),
        lambda: edits.recolor(timeline, one, "PINK"),
    ]
    try:
        return chance.choice(choices)()
    except EditError:
        return timeline


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_five_hundred_edits_undone_and_redone_lead_back_to_the_identical_ends(seed: int) -> None:
    chance, first = random.Random(seed), start()
    history, states = History(first), [first]
    for number in range(500):
        edited = history.done(
            f"Edit {number}", first.with_timeline(random_edit(history.present.timeline, chance, number))
        )
        if edited is not history:
            states.append(edited.present)
        history = edited
    last = history.present
    for state in reversed(states[:-1]):
        history = history.undone()
        assert history.present is state
    assert history.undone() is history
    assert history.present is first
    for state in states[1:]:
        history = history.redone()
        assert history.present is state
    assert history.present is last
    assert history.redone() is history


def test_steps_have_names() -> None:
    history = History("a").done("Keep mark", "b").done("Trim mark", "c")
    assert (history.undo_name, history.redo_name) == ("Trim mark", None)
    undone = history.undone()
    assert (undone.present, undone.undo_name, undone.redo_name) == ("b", "Keep mark", "Trim mark")
    assert undone.redone() == history


def test_edits_in_a_row_with_one_key_are_one_step() -> None:
    history = History(0).done("Keep", 1)
    for state in (2, 3, 4):
        history = history.done("Trim", state, merge_key="trim a")
    assert history.undone().present == 1
    assert history.undone().redone().present == 4


def test_another_key_a_seal_an_undo_or_an_edit_between_starts_a_new_step() -> None:
    trimmed = History(0).done("Trim", 1, "trim a")
    assert trimmed.done("Trim", 2, "trim b").undone().present == 1
    assert trimmed.sealed().done("Trim", 2, "trim a").undone().present == 1
    assert trimmed.done("Keep", 5).done("Trim", 2, "trim a").undone().present == 5
    assert trimmed.done("Keep", 5).undone().done("Trim", 2, "trim a").undone().present == 1


def test_an_edit_after_an_undo_forgets_what_was_undone() -> None:
    history = History(0).done("a", 1).done("b", 2).undone().done("c", 3)
    assert history.redo_name is None
    assert history.undone().present == 1


def test_an_edit_that_changes_nothing_leaves_no_step() -> None:
    project = start()
    history = History(project)
    assert history.done("Nothing", project.with_timeline(project.timeline)) is history


def test_the_oldest_steps_are_forgotten_first() -> None:
    history = History(0)
    for state in range(1, MAX_STEPS + 101):
        history = history.done("Step", state)
    while history.undo_name:
        history = history.undone()
    assert history.present == 100


def test_states_share_what_did_not_change() -> None:
    timeline = edits.add(start().timeline, Mark("a", span(0, 9), "A"))
    after = edits.add(timeline, Mark("b", span(9, 9), "B"))
    assert after.marks[0] is timeline.marks[0]
    assert after.tracks is timeline.tracks
