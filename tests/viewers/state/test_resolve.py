"""Wish and facts to what is shown: what is new is right, and what stayed is the same object."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.viewers.state.recorded import Recorded, analysed_session, facts_of

from circletake.actions.marks import trim
from circletake.jobs.job import JobState
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.edits import keep, propose_marks, reject
from circletake.timeline.model import Clip, Mark, MarkState, MediaReference, Timeline, Track, TrackKind
from circletake_viewers.state.facts import Facts, JobFact
from circletake_viewers.state.marks import LEVELS, MOST_BESIDE, PROVISIONAL
from circletake_viewers.state.missing import MissingFile
from circletake_viewers.state.resolve import Resolved, resolve
from circletake_viewers.state.shown import Shown
from circletake_viewers.state.wish import Order, Trial, Wish


def shown(wish: Wish, facts: Facts, before: Resolved | None = None) -> Shown:
    return resolve(wish, facts, before or Resolved()).shown


def timeline_of(facts: Facts) -> Timeline:
    assert facts.timeline is not None
    return facts.timeline


def with_marks(facts: Facts, *marks: Mark) -> Facts:
    return replace(facts, timeline=timeline_of(facts).with_marks(marks))


def best(recorded: Recorded) -> Mark:
    return max(timeline_of(recorded.facts).marks, key=lambda mark: mark.score or 0)


def by_hand(rate: Fraction, first: int = 0) -> Mark:
    span = TimeRange(RationalTime(first, rate), RationalTime(30, rate))
    return Mark(Mark.new_id(), span, "By hand", MarkState.KEPT)


# What stayed is the same.


def test_nothing_open_shows_nothing() -> None:
    found = shown(Wish(), Facts())
    assert not found.is_open
    assert found.marks.rows == ()
    assert found.explained is None


def test_the_same_wish_and_facts_give_the_same_objects(recorded: Recorded) -> None:
    wish = Wish(selected=(best(recorded).id,))
    first = resolve(wish, recorded.facts, Resolved())
    again = resolve(wish, recorded.facts, first).shown
    for part in ("cut", "marks", "explained", "top", "status"):
        assert getattr(again, part) is getattr(first.shown, part), part


def test_a_selection_explains_and_changes_nothing_else(recorded: Recorded) -> None:
    first = resolve(Wish(), recorded.facts, Resolved())
    found = shown(Wish(selected=(best(recorded).id,)), recorded.facts, first)
    assert found.explained is not None
    assert found.cut is first.shown.cut
    assert found.marks is first.shown.marks


def test_a_decision_makes_one_row_anew(recorded: Recorded) -> None:
    first = resolve(Wish(), recorded.facts, Resolved())
    chosen = best(recorded)
    after = replace(recorded.facts, timeline=keep(timeline_of(recorded.facts), chosen.id))
    found = shown(Wish(), after, first)
    fresh = [row.id for row, old in zip(found.marks.rows, first.shown.marks.rows, strict=True) if row is not old]
    assert fresh == [chosen.id]
    assert found.cut is first.shown.cut


def test_progress_alone_leaves_cut_and_marks(recorded: Recorded) -> None:
    first = resolve(Wish(), recorded.facts, Resolved())
    job = JobFact("1", "analyze", "Analyse", JobState.RUNNING, 44.0, 70.5, 4.0)
    found = shown(Wish(), replace(recorded.facts, jobs=(job,)), first)
    assert found.cut is first.shown.cut
    assert found.marks is first.shown.marks
    assert found.status.line == "62 % · 0:44.0 of 1:10.5 · 4 s left"


# The list.


def test_rows_are_ranked_by_score_and_those_without_come_last(recorded: Recorded) -> None:
    facts = with_marks(recorded.facts, by_hand(Fraction(30)), *timeline_of(recorded.facts).marks)
    rows = shown(Wish(), facts).marks.rows
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    scores = [row.score for row in rows[:-1]]
    assert scores == sorted((score for score in scores if score is not None), reverse=True)
    assert rows[-1].score is None


def test_by_time_keeps_the_ranks(recorded: Recorded) -> None:
    ranked = shown(Wish(), recorded.facts).marks
    timed = shown(Wish(order=Order.TIME), recorded.facts).marks
    assert [row.start for row in timed.rows] == sorted(row.start for row in ranked.rows)
    assert set(timed.rows) == set(ranked.rows)


def test_the_filter_hides_from_the_list_and_not_from_the_lane(recorded: Recorded) -> None:
    chosen = best(recorded)
    facts = replace(recorded.facts, timeline=reject(timeline_of(recorded.facts), chosen.id))
    wish = Wish(states=frozenset({MarkState.PROPOSED, MarkState.KEPT}))
    marks = shown(wish, facts).marks
    assert chosen.id not in [row.id for row in marks.rows]
    assert chosen.id in [row.id for row in marks.lane]
    assert marks.hidden == 1
    nothing = shown(Wish(states=frozenset({MarkState.KEPT})), facts).marks
    assert nothing.empty == f"{len(marks.lane)} marks hidden by the filter."


def test_the_summary_counts_what_is_kept(recorded: Recorded) -> None:
    chosen = best(recorded)
    facts = replace(recorded.facts, timeline=keep(timeline_of(recorded.facts), chosen.id))
    seconds = chosen.range.duration.to_seconds()
    count = len(timeline_of(facts).marks)
    assert shown(Wish(), facts).marks.summary == f"{count} found · 1 kept · {seconds:.1f} s"


def test_shapes_are_the_curve_inside_the_mark(recorded: Recorded) -> None:
    chosen = best(recorded)
    row = next(row for row in shown(Wish(), recorded.facts).marks.rows if row.id == chosen.id)
    fused = recorded.analysis.scored.fused
    start, length = row.start / 30, (row.end - row.start) / 30
    dense = [
        np.mean(
            [
                fused.values[min(len(fused.values) - 1, int((start + length * (part + at) / LEVELS) / hop))]
                for at in np.linspace(0, 1, 200, endpoint=False)
            ]
        )
        for part in range(LEVELS)
        for hop in (fused.grid.hop_seconds,)
    ]
    assert row.shape == pytest.approx(dense, abs=0.02)


def test_what_is_gone_is_let_go(recorded: Recorded) -> None:
    chosen = best(recorded)
    wish = Wish(selected=(chosen.id,), trial=Trial(chosen.id, 0, 30))
    first = resolve(wish, recorded.facts, Resolved())
    others = [mark for mark in timeline_of(recorded.facts).marks if mark.id != chosen.id]
    after = resolve(wish, with_marks(recorded.facts, *others), first)
    assert after.wish.selected == ()
    assert after.shown.trial is None
    assert after.shown.explained is None


# What still grows.


def growing(recorded: Recorded, *marks: Mark) -> Facts:
    return replace(with_marks(recorded.facts, *marks), scored={}, growing={recorded.path: recorded.analysis})


def test_growing_curves_show_provisional_marks(recorded: Recorded) -> None:
    first = resolve(Wish(), growing(recorded), Resolved())
    rows = first.shown.marks.rows
    assert len(rows) == len(recorded.analysis.segments)
    assert all(row.provisional and row.id.startswith(PROVISIONAL) for row in rows)
    again = shown(Wish(), growing(recorded), first)
    assert [row.id for row in again.marks.rows] == [row.id for row in rows]


def test_provisional_marks_keep_off_what_was_decided(recorded: Recorded) -> None:
    decided = keep(timeline_of(recorded.facts), best(recorded).id).mark(best(recorded).id)
    assert decided is not None
    rows = shown(Wish(), growing(recorded, decided)).marks.rows
    assert len(rows) == len(recorded.analysis.segments)
    assert [row.id for row in rows if not row.provisional] == [decided.id]


def test_provisional_marks_stay_away_where_there_are_many(recorded: Recorded) -> None:
    crowd = [by_hand(Fraction(30), first) for first in range(MOST_BESIDE)]
    rows = shown(Wish(), growing(recorded, *crowd)).marks.rows
    assert not any(row.provisional for row in rows)


def test_one_film_shown_twice_has_provisional_marks_of_two_names(recorded: Recorded) -> None:
    timeline = timeline_of(recorded.facts)
    stacked = replace(timeline, tracks=(timeline.tracks[0], *timeline.tracks), marks=())
    facts = replace(growing(recorded), timeline=stacked)
    rows = shown(Wish(), facts).marks.rows
    assert len({row.id for row in rows}) == len(rows) > 0


# The inspector.


def test_a_trial_is_scored_as_the_trim_would_be(recorded: Recorded) -> None:
    with analysed_session(recorded) as session:
        facts = facts_of(session)
        chosen = max(session.timeline.marks, key=lambda mark: mark.score or 0)
        span = chosen.range.rescaled_to(Fraction(30))
        start, end = span.start_time.value + 17, span.end_time_exclusive.value - 11
        first = resolve(Wish(), facts, Resolved())
        tried = shown(Wish(selected=(chosen.id,), trial=Trial(chosen.id, start, end)), facts, first)
        trim(session, chosen.id, start=start / 30, end=end / 30)
        done = shown(Wish(selected=(chosen.id,)), facts_of(session), first)
    assert tried.explained is not None
    assert done.explained is not None
    assert tried.explained.tried
    for part in ("parts", "moment", "moment_text", "span", "length", "caption", "source"):
        assert getattr(tried.explained, part) == getattr(done.explained, part), part
    assert tried.explained.row.score == done.explained.row.score != chosen.score
    assert tried.marks is first.shown.marks


def test_a_mark_is_explained_by_what_was_measured(recorded: Recorded) -> None:
    chosen = best(recorded)
    found = shown(Wish(selected=("gone", chosen.id)), recorded.facts).explained
    assert found is not None
    assert found.place == f"1st of {len(timeline_of(recorded.facts).marks)}"
    assert found.caption == "Rank in this timeline, by measured signals"
    assert found.source == "signals only"
    carried = [part.level * part.weight for part in found.parts]
    assert carried == sorted(carried, reverse=True)
    assert {part.name for part in found.parts} <= set(chosen.signals)
    assert found.moment is not None
    assert found.row.start <= found.moment < found.row.end
    assert found.moment_text
    assert found.others == 0


def test_a_mark_by_hand_says_that_it_has_no_score(recorded: Recorded) -> None:
    mark = by_hand(Fraction(30))
    found = shown(Wish(selected=(mark.id,)), with_marks(recorded.facts, mark)).explained
    assert found is not None
    assert found.caption == "Marked by hand, so it has no score"
    assert found.parts == ()
    assert found.moment is None


def test_colours_are_those_of_the_legend(recorded: Recorded) -> None:
    found = shown(Wish(selected=(best(recorded).id,)), recorded.facts)
    assert found.explained is not None
    colors = {entry.name: entry.color for entry in found.cut.legend}
    assert all(colors[part.name] == part.color for part in found.explained.parts)


# The timeline.


def test_a_missing_film_is_named(recorded: Recorded) -> None:
    found = shown(Wish(), replace(recorded.facts, media={}))
    assert [(each.name, each.clips) for each in found.missing] == [(recorded.path.name, 1)]
    assert found.cut.strips[0].missing


def test_only_shown_curves_make_the_cut_anew(recorded: Recorded) -> None:
    first = resolve(Wish(), recorded.facts, Resolved())
    found = shown(Wish(shown_curves=frozenset({"motion"})), recorded.facts, first)
    assert found.cut is not first.shown.cut
    assert [entry.name for entry in found.cut.legend if entry.shown][1:] == ["motion"]
    assert found.marks is first.shown.marks


def test_whole_curves_redraw_every_row(recorded: Recorded) -> None:
    unscored = replace(recorded.facts, scored={})
    first = resolve(Wish(), unscored, Resolved())
    assert all(row.shape == () for row in first.shown.marks.rows)
    found = shown(Wish(), recorded.facts, first)
    assert all(len(row.shape) == LEVELS for row in found.marks.rows)


def test_a_clip_that_never_had_a_file_is_not_missing() -> None:
    rate = Fraction(24)
    row = (Clip("Title", TimeRange(RationalTime(0, rate), RationalTime(48, rate)), None),)
    found = shown(Wish(), Facts(Timeline("titles", rate, (Track("V1", TrackKind.VIDEO, row),))))
    assert [(strip.path, strip.missing, strip.has_picture) for strip in found.cut.strips] == [(None, False, False)]
    assert found.marks.empty.startswith("No film is there to be scored")


def test_a_cut_without_media_can_be_looked_at() -> None:
    rate = Fraction(24)
    medium = MediaReference("/nowhere/film.mp4", TimeRange(RationalTime(0, rate), RationalTime(240, rate)))
    timeline = Timeline.of_media("lost", medium, rate)
    timeline = propose_marks(timeline, (replace(by_hand(rate, 24), score=50.0),))
    found = shown(Wish(selected=(timeline.marks[0].id,)), Facts(timeline))
    assert found.missing == (MissingFile("/nowhere/film.mp4", "film.mp4", "/nowhere", 1),)
    assert found.cut.frames == 240
    assert found.explained is not None
    assert found.explained.moment_text == ""
