"""Marks and the curves of their films: proposals of an analysis, and new scores for marks that were moved. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from circletake.analysis.highlights import Scored
from circletake.session.analysing import AnalysedFilm, FilmMap, marks_of, media_range, scored_anew
from circletake.timeline.edits import propose_marks
from circletake.timeline.model import Mark, Timeline


def proposed(timeline: Timeline, films: Sequence[AnalysedFilm]) -> Timeline:
    """The timeline with new proposals for these films; those of other films stay.

    Decided marks stay whichever film they show, so only undecided ones need a look at their film.
    """
    paths, films_at = {film.analysis.media.path for film in films}, FilmMap(timeline)
    others = tuple(mark for mark in timeline.marks if not mark.is_kept_by_hand and films_at.film_of(mark) not in paths)
    kept_apart = {mark.id for mark in others}
    own = timeline.with_marks(tuple(mark for mark in timeline.marks if mark.id not in kept_apart))
    found = propose_marks(own, marks_of([film.analysis for film in films], timeline))
    return found.with_marks((*others, *found.marks))


def scored_where_moved(before: Timeline, after: Timeline, curves: Callable[[Path], Scored | None]) -> Timeline:
    """Give marks whose range changed, both halves of a split one too, the score of where they lie now."""
    old = {mark.id: mark.range for mark in before.marks}
    moved = {
        mark.id: _described(after, mark, curves)
        for mark in after.marks
        # Identity first: of ten thousand marks an edit leaves all but one as they are.
        if old.get(mark.id) is not mark.range and mark.source and old.get(mark.id) != mark.range
    }
    return after.with_marks(tuple(moved.get(mark.id, mark) for mark in after.marks)) if moved else after


def _described(timeline: Timeline, mark: Mark, curves: Callable[[Path], Scored | None]) -> Mark:
    shown = media_range(timeline, mark)
    return scored_anew(curves(shown[0]) if shown else None, timeline, mark)
