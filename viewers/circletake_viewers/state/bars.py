"""The bars above and below: what is open, what will be exported, what runs and how far it is."""

from __future__ import annotations

import os
from collections.abc import Sequence

from circletake.analysis.signals import SIGNALS_ONLY
from circletake.jobs.job import JobState
from circletake.media.frames import MediaInfo
from circletake.timebase import format_clock
from circletake.timeline.model import MarkState, Timeline
from circletake_viewers.state.facts import Facts, JobFact
from circletake_viewers.state.shown import Status, Top
from circletake_viewers.state.wish import Wish

VERBS = {
    "open-files": "Opening",
    "resume": "Opening",
    "analyze": "Analysing",
    "export": "Exporting",
    "recall": "Reading results",
}
"""What a running job is called, by the action that began it."""

TIMED = ("analyze", "export")
"""Actions that count their work in seconds of film."""


def resolve_top(facts: Facts) -> Top:
    """The top bar."""
    timeline = facts.timeline
    chip, hint = _chip(facts)
    if timeline is None:
        return Top(chip=chip, chip_hint=hint)
    words, ready = _export_words(timeline)
    return Top(
        title=timeline.name,
        saved=_saved(facts),
        saved_at=None if facts.modified or facts.keeper else facts.saved_at,
        chip=chip,
        chip_hint=hint,
        export=words,
        can_export=ready,
        undo=facts.undo_name,
        redo=facts.redo_name,
        keeper=facts.keeper,
    )


def _saved(facts: Facts) -> str:
    if facts.keeper:
        return f"read only: open in another window ({facts.keeper})"
    if facts.journal_fault:
        return "edits are not being kept: save now"
    if facts.path is None:
        return "no file yet, edits are kept"
    return "edited since the last save" if facts.modified else "saved"


def _chip(facts: Facts) -> tuple[str, str]:
    growing = (each.scored.method for each in facts.growing.values())
    methods = tuple(dict.fromkeys((*growing, *(each.method for each in facts.scored.values())))) or (SIGNALS_ONLY,)
    if methods == (SIGNALS_ONLY,):
        hint = "Scores are measured from picture and sound themselves; no learned model takes part."
        return f"{SIGNALS_ONLY} · no model weights", hint
    return " · ".join(methods), "What the scores of this timeline were made by."


def _export_words(timeline: Timeline) -> tuple[str, bool]:
    """What the main button says, and whether it can be pressed."""
    kept = sum(mark.state is MarkState.KEPT for mark in timeline.marks)
    if kept:
        return f"Export {kept} kept", True
    proposed = sum(mark.state is MarkState.PROPOSED for mark in timeline.marks)
    if proposed and proposed == len(timeline.marks):
        return f"Export {proposed} proposed", True
    return "Export 0 kept", False


def resolve_status(wish: Wish, facts: Facts) -> Status:
    """The status bar: the oldest job that runs, how many wait, how many failed since somebody looked."""
    live = [job for job in facts.jobs if not job.state.ended]
    job = next((each for each in live if each.state is not JobState.QUEUED), live[0] if live else None)
    failed = sum(each.state is JobState.FAILED and (each.ended or 0.0) > wish.looked for each in facts.jobs)
    return Status(
        job=job,
        line=progress_line(job) if job else "",
        share=_share(job),
        waiting=max(0, len(live) - 1),
        failed=failed,
        machine=f"CPU, {os.cpu_count() or 1} cores",
        media=media_line(tuple(facts.media.values())),
    )


def _share(job: JobFact | None) -> float | None:
    return min(1.0, job.done / job.total) if job and job.total > 0 else None


def progress_line(job: JobFact) -> str:
    """`63 % · 0:44.0 of 1:10.5 · 4 s left`, as far as it is known."""
    if job.state is JobState.QUEUED:
        return "waiting"
    if job.state is JobState.LOADING:
        return "loading"
    share = _share(job)
    parts = [] if share is None else [f"{100 * share:.0f} %"]
    if share is not None and job.kind in TIMED:
        parts.append(f"{format_clock(job.done)} of {format_clock(job.total)}")
    if job.seconds_left is not None:
        parts.append(f"{left_text(job.seconds_left)} left")
    return " · ".join(parts)


def left_text(seconds: float) -> str:
    """`4 s`, `3 min`, `1 h 20 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def media_line(media: Sequence[MediaInfo]) -> str:
    """What the footage is: `24 fps · 800×332 · VP8`."""
    if len(media) != 1:
        return f"{len(media)} films" if media else ""
    (info,) = media
    picture, sound = info.picture, info.sound
    if picture is None:
        return f"sound only · {sound.codec.upper()}" if sound else ""
    width, height = picture.display_size
    return f"{float(picture.edit_rate):.4g} fps · {width}×{height} · {picture.codec.upper()}"
