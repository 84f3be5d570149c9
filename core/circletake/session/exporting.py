"""Marks to files: clips, and the lists and timelines that say what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from circletake.errors import ExportRefused, MediaNotFound, UsageError
from circletake.export.encoders import EncoderSettings
from circletake.export.lists import CSV_ENCODING, csv_text, edl_text, kept_timeline, write_list
from circletake.export.plan import ExportItem, ExportMode, ExportPlan, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ExportReport
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.paths import safe_stem
from circletake.timebase import RationalTime, TimeRange, from_timecode
from circletake.timeline.files import write_timeline
from circletake.timeline.model import Clip, Mark, MarkState, Timeline, TrackKind


class MarkChoice(StrEnum):
    """Which marks are meant."""

    KEPT = "kept"
    PROPOSED = "proposed"
    ALL = "all"


class TimelineFormat(StrEnum):
    """Lists and timelines written beside the clips."""

    OTIO = "otio"
    EDL = "edl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What the editor asks for. `ranges` are (start, end) in seconds of the timeline and need no marks."""

    folder: Path
    marks: MarkChoice = MarkChoice.KEPT
    ranges: tuple[tuple[float, float], ...] = ()
    mode: ExportMode = ExportMode.SMART
    timelines: tuple[TimelineFormat, ...] = (TimelineFormat.OTIO,)
    overwrite: bool = False
    crf: int = 18


@dataclass(frozen=True, slots=True)
class Export:
    """All a run needs: the cut, the marks in the order of the files, and the media they show."""

    timeline: Timeline
    marks: tuple[Mark, ...]
    media: Mapping[Path, MediaInfo]
    wish: ExportWish
    plan: ExportPlan
    lists: Mapping[TimelineFormat, Path]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: a report a clip, and the lists."""

    report: ExportReport
    lists: tuple[Path, ...]


def chosen_marks(timeline: Timeline, choice: MarkChoice) -> tuple[Mark, ...]:
    """The marks meant, best first; marks without a score come after, by time. Rejected ones are never meant."""
    states = {
        MarkChoice.KEPT: (MarkState.KEPT,),
        MarkChoice.PROPOSED: (MarkState.PROPOSED,),
        MarkChoice.ALL: (MarkState.KEPT, MarkState.PROPOSED),
    }[choice]
    marks = timeline.marks_in_state(*states)
    return tuple(sorted(marks, key=lambda mark: -1.0 if mark.score is None else mark.score, reverse=True))


def plan(timeline: Timeline, media: Mapping[Path, MediaInfo], wish: ExportWish) -> Export:
    """Work out what will be written, where, in which mode and how big; nothing is written yet.

    Raises:
        UsageError: nothing to export, or a range outside the timeline.
        MediaNotFound: a mark shows only media that are missing.
    """
    marks = _marks_of_ranges(timeline, wish.ranges) if wish.ranges else chosen_marks(timeline, wish.marks)
    if not marks:
        raise UsageError(
            f"there is no {wish.marks} mark to export" if wish.marks is not MarkChoice.ALL else "there are no marks",
            hint="Keep at least one mark, export the proposed ones, or name a range in seconds.",
        )
    items = [item for mark in marks for item in _items(timeline, mark, media)]
    request = ExportRequest(
        tuple(items), wish.folder, wish.mode, overwrite=wish.overwrite, settings=EncoderSettings(crf=wish.crf)
    )
    stem = safe_stem(timeline.name, "timeline")
    lists = {form: wish.folder / f"{stem}.{form}" for form in dict.fromkeys(wish.timelines)}
    return Export(timeline, marks, media, wish, plan_export(request, media), lists)


def _marks_of_ranges(timeline: Timeline, ranges: Sequence[tuple[float, float]]) -> tuple[Mark, ...]:
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    marks = []
    for number, (start, end) in enumerate(ranges, 1):
        if not 0 <= start < end:
            raise UsageError(
                f"the range from {start:g} s to {end:g} s has no length", hint="Give the start, then the later end."
            )
        span = TimeRange.from_seconds(start, end, timeline.rate).intersection(whole)
        if span is None:
            length = timeline.duration.to_seconds()
            raise UsageError(
                f"the range from {start:g} s to {end:g} s lies beyond the end", hint=f"It lasts {length:.2f} s."
            )
        marks.append(Mark(Mark.new_id(), span, f"{timeline.name} {number}", MarkState.KEPT))
    return tuple(marks)


def _items(timeline: Timeline, mark: Mark, media: Mapping[Path, MediaInfo]) -> list[ExportItem]:
    """A clip for each medium under a mark: one, except where the mark spans a cut of the timeline."""
    found = timeline.media_ranges(mark.range, TrackKind.VIDEO) or timeline.media_ranges(mark.range, TrackKind.AUDIO)
    present = [(_path(clip), span) for clip, span in found if _path(clip) in media]
    if not present:
        missing = next((_path(clip) for clip, _ in found if clip.media), None)
        raise MediaNotFound(
            "the media of this mark is missing",
            hint="Put the file back where it was, or export other marks.",
            path=missing,
            place=f'mark "{mark.name}"',
        )
    many = len(present) > 1
    return [
        ExportItem(f"{mark.name} {number}" if many else mark.name, path, span, mark.id, mark.score, mark.source)
        for number, (path, span) in enumerate(present, 1)
    ]


def _path(clip: Clip) -> Path:
    return Path(clip.media.target_url) if clip.media else Path()


def export(job: Export, context: JobContext) -> Exported:
    """Write the clips, then the lists of those that were written. Progress in seconds of media.

    Raises:
        ExportRefused: a name is taken, or there is too little room; nothing was written.
        JobCancelled: finished clips stay, the one in work leaves nothing.
    """
    taken = [path for path in job.lists.values() if path.exists()]
    if taken and not job.wish.overwrite:
        hint = "Choose another folder, or allow overwriting."
        raise ExportRefused("this file is there already", hint=hint, path=taken[0])
    report = export_clips(job.plan, context)
    failed = {clip.mark_id for clip in report.failed}
    marks = tuple(mark for mark in job.marks if mark.id not in failed)
    return Exported(report, tuple(_written(job, marks, form, path) for form, path in job.lists.items() if marks))


def _written(job: Export, marks: tuple[Mark, ...], form: TimelineFormat, path: Path) -> Path:
    if form is TimelineFormat.OTIO:
        write_timeline(kept_timeline(job.timeline, marks), path)
    elif form is TimelineFormat.EDL:
        write_list(path, edl_text(job.timeline, marks, start_timecodes(job.media, job.timeline.rate)))
    else:
        write_list(path, csv_text(job.timeline, marks), encoding=CSV_ENCODING)
    return path


def start_timecodes(media: Mapping[Path, MediaInfo], rate: Fraction) -> dict[str, RationalTime]:
    """Each medium's own start timecode by its path; one that cannot be read at its rate is left out."""
    starts: dict[str, RationalTime] = {}
    for path, info in media.items():
        try:
            if info.start_timecode:
                starts[str(path)] = from_timecode(info.start_timecode, info.edit_rate).rescaled_to(rate)
        except ValueError:
            continue
    return starts
