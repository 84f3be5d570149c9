"""Why a mark stands where it stands: its rank, each signal's part, and the moment that carried it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from circletake.analysis.highlights import Scored
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.signals import SIGNALS_ONLY, deviations_of
from circletake.session.analysing import scored_anew
from circletake.session.laying import Laid, laid_under
from circletake.timebase import RationalTime
from circletake.timeline.model import Mark, Timeline
from circletake_viewers.state.facts import Facts
from circletake_viewers.state.marks import length_text
from circletake_viewers.state.shown import Clock, Explained, Legend, Marks, Part
from circletake_viewers.state.wish import Wish

LOUDEST = 2
"""Signals named at the strongest moment."""

PARTS = 8
"""Signals listed; the rest carried less."""


def resolve_inspector(
    wish: Wish, facts: Facts, marks: Marks, clock: Clock, legend: Sequence[Legend]
) -> Explained | None:
    """The newest selected mark explained; while one of its edges is dragged, as it would be there."""
    timeline, focus = facts.timeline, wish.focus
    if timeline is None or focus is None or focus not in marks.made:
        return None
    mark, row = marks.made[focus]
    trial = wish.trial if wish.trial and wish.trial.mark_id == focus else None
    if trial:
        mark = replace(mark, range=clock.span(trial.start, trial.end))
        row = replace(row, start=trial.start, end=trial.end)
    under = _under(mark, timeline, facts)
    if trial and under and mark.score is not None:
        mark = under.scored_anew(mark, timeline)
        row = replace(row, score=mark.score)
    moment = mark.strongest.rescaled_to(clock.rate).value if mark.strongest else None
    return Explained(
        row=row,
        span=f"{clock.timecode(row.start)} – {clock.timecode(row.end)}",
        length=length_text(clock.seconds(row.end - row.start)),
        caption=_caption(mark),
        place=f"{ordinal(row.rank)} of {len(marks.lane)}",
        parts=_parts(mark, under.scored if under else None, legend),
        moment=moment,
        moment_text=under.words_at(mark.strongest) if under and mark.strongest else "",
        source=mark.source,
        note=mark.note,
        others=len(wish.selected) - 1,
        tried=trial is not None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Under:
    """What was measured under a mark: the curves, and where the film lies that it shows first."""

    scored: Scored
    laid: Laid

    def scored_anew(self, mark: Mark, timeline: Timeline) -> Mark:
        """The mark with the score of where it lies."""
        return scored_anew(self.scored, timeline, mark)

    def words_at(self, moment: RationalTime) -> str:
        """What stood out at a moment of the timeline."""
        return moment_text(self.scored.curves, float(self.laid.in_media(moment)))


def _under(mark: Mark, timeline: Timeline, facts: Facts) -> _Under | None:
    laid = laid_under(timeline, mark)
    if laid is None:
        return None
    growing = facts.growing.get(laid.path)
    scored = growing.scored if growing else facts.scored.get(laid.path)
    return _Under(scored, laid) if scored else None


def _caption(mark: Mark) -> str:
    if mark.score is None:
        return "Marked by hand, so it has no score"
    if mark.source in ("", SIGNALS_ONLY):
        return "Rank in this timeline, by measured signals"
    return f"Rank in this timeline, by {mark.source}"


def _parts(mark: Mark, scored: Scored | None, legend: Sequence[Legend]) -> tuple[Part, ...]:
    """Each signal's level, the weightiest first, as the analysis lists them."""
    curves = {curve.name: curve for curve in scored.curves} if scored else {}
    colors = {entry.name: entry.color or 0 for entry in legend}
    found = [
        Part(
            name,
            curves[name].title if name in curves else name.replace("_", " ").capitalize(),
            round(100 * level),
            curves[name].weight if name in curves else 1.0,
            colors.get(name, place),
        )
        for place, (name, level) in enumerate(mark.signals.items())
    ]
    return tuple(sorted(found, key=lambda part: -part.level * part.weight)[:PARTS])


def moment_text(curves: Sequence[ScoreCurve], seconds: float) -> str:
    """What stood out at a moment, in the signals' own units: `loudness rise 14 LU, motion 3.1× its median`."""
    found: list[tuple[float, str]] = []
    for curve in curves:
        place = curve.grid.span(seconds, seconds).start
        found.append((float(deviations_of(curve)[place]) * curve.weight, _words(curve, place)))
    standing = [words for strength, words in sorted(found, reverse=True)[:LOUDEST] if strength > 0 and words]
    return ", ".join(standing)


def _words(curve: ScoreCurve, place: int) -> str:
    title = curve.title.lower()
    if curve.measured is None:
        return f"{title} {100 * curve.values[place]:.0f} of 100"
    value, usual = float(curve.measured[place]), curve.usual
    if curve.unit.startswith("LU"):
        return f"{title} {value:.0f} {curve.unit}"
    if curve.unit == "share of time":
        return f"{title} {100 * value:.0f} % of the time"
    if usual > 0 and value / usual >= 1.2:
        return f"{title} {value / usual:.{0 if value / usual >= 10 else 1}f}× its median"
    return f"{title} {value:.2g} {curve.unit}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
