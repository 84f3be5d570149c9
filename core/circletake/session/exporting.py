"""Marks to files: clips, and the lists and timelines that say what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from circletake.errors import CircletakeError, ErrorInfo, ExportRefused, MediaNotFound, UsageError
from circletake.export.encoders import EncoderSettings
from circletake.export.lists import CSV_ENCODING, StartTimecode, csv_text, edl_text, kept_timeline, write_list
from circletake.export.plan import ExportItem, ExportMode, ExportPlan, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ExportReport
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.paths import safe_stem
from circletake.session.opening import Failure
from circletake.timebase import RationalTime, TimeRange, from_timecode, nominal_frames
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
    missing: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: a report a clip, and the lists. `failures` are marks without media and lists that failed."""

    report: ExportReport
    lists: tuple[Path, ...]
    failures: tuple[Failure, ...] = ()


def chosen_marks(timeline: Timeline, choice: MarkChoice) -> tuple[Mark, ...]:
    """The marks meant, best first; marks without a score come after, by time. Rejected ones are never meant."""
    states = {
        MarkChoice.KEPT: (MarkState.KEPT,),
        MarkChoice.PROPOSED: (MarkState.PROPOSED,),
        MarkChoice.ALL: (MarkState.KEPT, MarkState.PROPOSED),
    }[choice]
    marks = timeline.marks_in_state(*states)
    return tuple(sorted(marks, key=lambda mark: -1.0 if mark.score is None else mark.score, reverse=True))


def plan(timeline: Timeline, media: Mapping[Path, MediaInfo], wish: ExportWish, project: Path | None = None) -> Export:
    """Work out what will be written, where, in which mode and how big; nothing is written yet.

    `project` is the project's own file, which is never written over. A mark that shows only missing media is left out
    and told.

    Raises:
        UsageError: nothing to export, or a range outside the timeline.
        ExportRefused: a list would replace the project or a film.
        MediaNotFound: all marks show only media that are missing.
    """
    marks = _marks_of_ranges(timeline, wish.ranges) if wish.ranges else chosen_marks(timeline, wish.marks)
    if not marks:
        raise UsageError(
            f"there is no {wish.marks} mark to export" if wish.marks is not MarkChoice.ALL else "there are no marks",
            hint="Keep at least one mark, export the proposed ones, or name a range in seconds.",
        )
    found = [(mark, _items(timeline, mark, media)) for mark in marks]
    there = tuple(mark for mark, items in found if items)
    missing = tuple(_missing(timeline, mark) for mark, items in found if not items)
    if not there:
        raise MediaNotFound(missing[0].error.message, hint=missing[0].error.hint, path=missing[0].path)
    items = tuple(item for _, each in found for item in each)
    settings = EncoderSettings(crf=wish.crf)
    request = ExportRequest(items, wish.folder, wish.mode, overwrite=wish.overwrite, settings=settings)
    # Not the timeline's bare name: a project beside its film is often called so.
    stem = safe_stem(f"{timeline.name} clips", "clips")
    lists = {form: wish.folder / f"{stem}.{form}" for form in dict.fromkeys(wish.timelines)}
    _refuse_own(lists.values(), [*media, *([project] if project else [])])
    return Export(timeline, there, media, wish, plan_export(request, media), lists, missing)


def _refuse_own(targets: Iterable[Path], own: Sequence[Path]) -> None:
    """Never write over the project or its films, whatever was allowed."""
    for target in targets:
        if any(each.exists() and target.exists() and target.samefile(each) for each in own):
            hint = "Choose another folder."
            raise ExportRefused("this is the project itself, or one of its films", hint=hint, path=target)


def _marks_of_ranges(timeline: Timeline, ranges: Sequence[tuple[float, float]]) -> tuple[Mark, ...]:
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    marks = []
    length = timeline.duration.to_seconds()
    for number, (start, end) in enumerate(ranges, 1):
        said = f"the range from {start:g} s to {end:g} s"
        if not start < end:
            raise UsageError(f"{said} has no length", hint="Give the start, then the later end.")
        if start < 0 or start >= length:
            raise UsageError(f"{said} does not begin inside the film", hint=f"It lasts from 0 to {length:.2f} s.")
        span = TimeRange.from_seconds(start, min(end, length), timeline.rate).intersection(whole)
        if span is None:
            frame = 1 / float(timeline.rate)
            raise UsageError(f"{said} holds no frame", hint=f"A frame lasts {frame:.3f} s.")
        marks.append(Mark(Mark.new_id(), span, f"{timeline.name} {number}", MarkState.KEPT))
    return tuple(marks)


def _items(timeline: Timeline, mark: Mark, media: Mapping[Path, MediaInfo]) -> list[ExportItem]:
    """A clip for each medium under a mark: one, except where the mark spans a cut of the timeline."""
    present = [
        (_path(clip), on_frames)
        for clip, span in _shown(timeline, mark)
        if _path(clip) in media and (on_frames := _on_frames(span, media[_path(clip)]))
    ]
    many = len(present) > 1
    return [
        ExportItem(
            # Titles repeat from film to film; the film's name tells the files apart.
            " ".join((*([path.stem] if len(media) > 1 else []), mark.name, *([str(number)] if many else []))),
            path,
            span,
            mark.id,
            mark.score,
            mark.source,
        )
        for number, (path, span) in enumerate(present, 1)
    ]


def _shown(timeline: Timeline, mark: Mark) -> tuple[tuple[Clip, TimeRange], ...]:
    return timeline.media_ranges(mark.range, TrackKind.VIDEO) or timeline.media_ranges(mark.range, TrackKind.AUDIO)


def _on_frames(span: TimeRange, media: MediaInfo) -> TimeRange | None:
    """A range on the film's own frames: a mark on a timeline of another rate ends between two of them."""
    return span.rescaled_to(media.edit_rate).intersection(media.full_range)


def _missing(timeline: Timeline, mark: Mark) -> Failure:
    path = next((_path(clip) for clip, _ in _shown(timeline, mark) if clip.media), Path())
    hint = "Put the file back where it was, or export other marks."
    error = MediaNotFound("the media of this mark is missing", hint=hint, path=path, place=f'mark "{mark.name}"')
    return Failure(path, ErrorInfo.of(error))


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
    written: list[Path] = []
    failures = list(job.missing)
    for form, path in job.lists.items() if marks else ():
        try:
            written.append(_written(job, marks, form, path))
        except (CircletakeError, OSError, ValueError) as error:
            failures.append(Failure(path, ErrorInfo.of(error)))
    return Exported(report, tuple(written), tuple(failures))


def _written(job: Export, marks: tuple[Mark, ...], form: TimelineFormat, path: Path) -> Path:
    if form is TimelineFormat.OTIO:
        write_timeline(kept_timeline(job.timeline, marks), path)
    elif form is TimelineFormat.EDL:
        write_list(path, edl_text(job.timeline, marks, start_timecodes(job.media, job.timeline.rate)))
    else:
        write_list(path, csv_text(job.timeline, marks), encoding=CSV_ENCODING)
    return path


def start_timecodes(media: Mapping[Path, MediaInfo], rate: Fraction) -> dict[str, StartTimecode]:
    """Each medium's own start timecode by its path, counted at its own rate.

    One without a timecode, or with one that cannot be read, is left out where it counts the same to a second as
    `rate`, the timeline's; else it is numbered from zero at its own.
    """
    starts: dict[str, StartTimecode] = {}
    for path, info in media.items():
        found = _start_timecode(info)
        if found is None and info.picture and nominal_frames(info.edit_rate) != nominal_frames(rate):
            found = StartTimecode(RationalTime.zero(info.edit_rate), drop_frame=False)
        if found is not None:
            starts[str(path)] = found
    return starts


def _start_timecode(info: MediaInfo) -> StartTimecode | None:
    try:
        time = from_timecode(info.start_timecode or "", info.edit_rate)
    except ValueError:
        return None
    return StartTimecode(time, info.drop_frame)
