"""The book of jobs: each one that was begun, how far it is, how it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from circletake.jobs.job import Ended, Job, JobEvent, Progressed, StateChanged
from circletake.session.analysing import Analysed
from circletake.session.exporting import Exported
from circletake.session.opening import Opened
from circletake.session.relinking import Relinked
from circletake.session.sending import Sent
from circletake_viewers.state.facts import JobFact

ENDED_KEPT = 50
"""Jobs listed that have ended; the oldest go first."""


class JobBook:
    """Holds the jobs of one window; used on the window's thread."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job[Any]] = {}
        self.facts: tuple[JobFact, ...] = ()
        """What is known of each, oldest first; the same object while nothing changed."""

    def add(self, kind: str, job: Job[Any], now: float) -> None:
        """Enter a job that an action of name `kind` began."""
        self._jobs[job.id] = job
        self.facts = (*self.facts, JobFact(job.id, kind, job.title, job.state, began=now))
        self._thin()

    def note(self, event: JobEvent, now: float) -> None:
        """Take down what an event says."""
        changed = tuple(_noted(fact, event, now) if fact.id == event.job_id else fact for fact in self.facts)
        if changed != self.facts:
            self.facts = changed
        if isinstance(event, Ended):
            self._jobs.pop(event.job_id, None)

    def about(self, job_id: str) -> tuple[str, str]:
        """The action and the title of a job; empty where the book has none."""
        fact = next((each for each in self.facts if each.id == job_id), None)
        return (fact.kind, fact.title) if fact else ("", "")

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; nothing where it ended already."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.cancel()

    def cancel_kind(self, kind: str) -> None:
        """Ask every job of one action to stop."""
        for fact in self.facts:
            if fact.kind == kind:
                self.cancel(fact.id)

    def forget_ended(self) -> None:
        """Strike out what has ended."""
        self.facts = tuple(fact for fact in self.facts if not fact.state.ended)

    def _thin(self) -> None:
        ended = [fact.id for fact in self.facts if fact.state.ended]
        gone = set(ended[: max(0, len(ended) - ENDED_KEPT)])
        if gone:
            self.facts = tuple(fact for fact in self.facts if fact.id not in gone)


def _noted(fact: JobFact, event: JobEvent, now: float) -> JobFact:
    if isinstance(event, StateChanged):
        return replace(fact, state=event.state)
    if isinstance(event, Progressed):
        return replace(fact, done=event.done, total=event.total, seconds_left=event.seconds_left)
    if isinstance(event, Ended):
        return replace(
            fact, state=event.state, ended=now, error=event.error, outcome=_outcome(event.value), seconds_left=None
        )
    return fact


def _outcome(value: object) -> str:
    """What came out of a job, in a few words."""
    if isinstance(value, Opened):
        return f"{len(value.media)} film{'' if len(value.media) == 1 else 's'}"
    if isinstance(value, Analysed):
        found = sum(len(film.analysis.segments) for film in value.films)
        return f"{found} mark{'' if found == 1 else 's'} found"
    if isinstance(value, Exported):
        failed = len(value.report.failed) + len(value.failures)
        written = len(value.report.clips) - len(value.report.failed)
        return f"{written} clip{'' if written == 1 else 's'} written" + (f", {failed} failed" if failed else "")
    if isinstance(value, Sent):
        return f"{len(value.parcels)} file{'' if len(value.parcels) == 1 else 's'} written"
    if isinstance(value, Relinked):
        return f"{len(value.found)} found, {len(value.missing)} missing"
    return ""
