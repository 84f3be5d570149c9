"""Wish and facts to what is shown. Pure: parts whose inputs stayed come out as the same objects."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from circletake_viewers.state.bars import resolve_status, resolve_top
from circletake_viewers.state.cut import resolve_cut
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.inspector import resolve_inspector
from circletake_viewers.state.marks import resolve_marks, shows_provisional
from circletake_viewers.state.missing import MissingFile, resolve_missing
from circletake_viewers.state.shown import Cut, Explained, Marks, Shown, Top, Tracks
from circletake_viewers.state.tracks import resolve_tracks
from circletake_viewers.state.wish import Wish


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """A wish and facts with what they show."""

    wish: Wish = field(default_factory=Wish)
    facts: Facts = field(default_factory=Facts)
    shown: Shown = field(default_factory=Shown)


def resolve(wish: Wish, facts: Facts, before: Resolved) -> Resolved:
    """What is to be shown now. What is selected but no longer there is let go."""
    cut = _cut(wish, facts, before)
    marks = _marks(wish, facts, cut, before)
    wish = _wish_that_holds(wish, marks)
    old = before.shown
    explained = _explained(wish, facts, cut, marks, before)
    status = resolve_status(wish, facts)
    shown = Shown(
        is_open=facts.timeline is not None,
        cut=cut,
        tracks=_tracks(facts, before),
        marks=marks,
        selected=wish.selected,
        trial=wish.trial,
        explained=explained,
        top=_top(facts, before),
        status=old.status if status == old.status else status,
        jobs=facts.jobs,
        missing=_missing(facts, before),
        imported=facts.imported,
    )
    return Resolved(wish, facts, shown)


def _top(facts: Facts, before: Resolved) -> Top:
    # Progress alone never changes it, and counting ten thousand marks thirty times a second would be felt.
    others = (each.name for each in fields(Facts) if each.name != "jobs")
    if all(getattr(facts, name) is getattr(before.facts, name) for name in others):
        return before.shown.top
    top = resolve_top(facts)
    return before.shown.top if top == before.shown.top else top


def _explained(wish: Wish, facts: Facts, cut: Cut, marks: Marks, before: Resolved) -> Explained | None:
    asked = (wish.selected, wish.trial) == (before.wish.selected, before.wish.trial)
    if asked and marks is before.shown.marks and cut is before.shown.cut:
        return before.shown.explained
    found = resolve_inspector(wish, facts, marks, cut.clock, cut.legend)
    return before.shown.explained if found == before.shown.explained else found


def _wish_that_holds(wish: Wish, marks: Marks) -> Wish:
    selected = tuple(each for each in wish.selected if each in marks.made)
    trial = wish.trial if wish.trial and wish.trial.mark_id in marks.made else None
    return replace(wish, selected=selected, trial=trial)


def _cut(wish: Wish, facts: Facts, before: Resolved) -> Cut:
    now, then, old = facts.timeline, before.facts.timeline, before.facts
    same_tracks = now is then or (now is not None and then is not None and now.tracks is then.tracks)
    same_place = same_tracks and facts.media is old.media
    same_curves = facts.scored is old.scored and facts.growing is old.growing
    if same_place and same_curves and wish.shown_curves == before.wish.shown_curves:
        return before.shown.cut
    return resolve_cut(wish, facts, before.shown.cut if same_place else None)


def _tracks(facts: Facts, before: Resolved) -> Tracks:
    now, then = facts.timeline, before.facts.timeline
    alike = now and then and now.tracks is then.tracks and now.markers is then.markers
    if (alike or now is then) and facts.media is before.facts.media:
        return before.shown.tracks
    return resolve_tracks(now, facts.media)


def _missing(facts: Facts, before: Resolved) -> tuple[MissingFile, ...]:
    now, then = facts.timeline, before.facts.timeline
    same_tracks = now is then or (now and then and now.tracks is then.tracks)
    if same_tracks and facts.media is before.facts.media:
        return before.shown.missing
    return resolve_missing(now, facts.media)


def _marks(wish: Wish, facts: Facts, cut: Cut, before: Resolved) -> Marks:
    old = before.facts
    same_curves = facts.scored is old.scored
    same = (
        facts.timeline is old.timeline
        and same_curves
        and (facts.growing is old.growing or not shows_provisional(facts))
        and (facts.jobs is old.jobs or bool(before.shown.marks.rows))
        and (wish.order, wish.states) == (before.wish.order, before.wish.states)
    )
    if same:
        return before.shown.marks
    # Whole curves that are new give every row a new shape.
    return resolve_marks(wish, facts, cut.strips, before.shown.marks if same_curves else Marks())
