"""Marks to files: clips, and the lists and timelines that say what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from circletake.errors import CircletakeError, ErrorInfo, ExportRefused, MediaNotFound, UsageError
from circletake.export.encoders import EncoderSettings
from circletake.export.plan import ExportItem, ExportMode, ExportPlan, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ExportReport
from circletake.interchange.compose import annotated, picks
from circletake.interchange.format import Kind
from circletake.interchange.registry import format_named
from circletake.interchange.writing import write_file
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.paths import safe_stem
from circletake.session.opening import Failure
from circletake.timebase import RationalTime, Rounding, TimeRange
from circletake.timeline.model import Clip, Mark, MarkState, Timeline, TrackKind


class MarkChoice(StrEnum):
    """Which marks are meant."""

    KEPT = "kept"
    PROPOSED = "proposed"
    ALL = "all"


class TimelineFormat(StrEnum):
    """Timelines and lists written beside the clips: the formats of `interchange.registry` that are written."""

    OTIO = "otio"
    EDL = "edl"
    CSV = "csv"
    PREMIERE = "premiere"
    RESOLVE_XML = "resolve-xml"
    RESOLVE_OTIO = "resolve-otio"
    RESOLVE_MARKERS = "resolve-markers"
    FCPXML = "fcpxml"
    KDENLIVE = "kdenlive"
    KDENLIVE_22 = "kdenlive-22"
    SHOTCUT = "shotcut"
    OPENSHOT = "openshot"
    BLENDER = "blender"
    XGES = "xges"
    TSV = "tsv"
    SRT = "srt"
    VTT = "vtt"
    YOUTUBE = "youtube"
    LLC = "llc"


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
    lists = {form: wish.folder / name for form, name in _list_names(stem, wish.timelines).items()}
    refuse_own(lists.values(), [*media, *([project] if project else [])])
    return Export(timeline, there, media, wish, plan_export(request, media), lists, missing)


def _list_names(stem: str, wanted: Sequence[TimelineFormat]) -> dict[TimelineFormat, str]:
    """A name for each format, which tells those apart that end in the same way."""
    forms = {form: format_named(form) for form in dict.fromkeys(wanted)}
    suffixes = Counter(form.suffix for form in forms.values())
    return {
        name: f"{stem} {name}{form.suffix}" if suffixes[form.suffix] > 1 else f"{stem}{form.suffix}"
        for name, form in forms.items()
    }


def refuse_own(targets: Iterable[Path], own: Sequence[Path], what: str = "the project itself") -> None:
    """Never write over the project (or `what` else it is made of) or its films, whatever was allowed."""
    for target in targets:
        if any(each.exists() and target.exists() and target.samefile(each) for each in own):
            hint = "Choose another name or folder."
            raise ExportRefused(f"this is {what}, or one of its films", hint=hint, path=target)


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
    """A clip for each medium under a mark: one, except where the mark spans a cut of the timeline.

    Each has its film's own speed, whatever the timeline's: a clip is cut, never made anew at another pace.
    """
    present = [
        (_path(clip), on_frames, _told(clip.speed))
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
            note,
        )
        for number, (path, span, note) in enumerate(present, 1)
    ]


def _shown(timeline: Timeline, mark: Mark) -> tuple[tuple[Clip, TimeRange], ...]:
    return timeline.media_ranges(mark.range, TrackKind.VIDEO) or timeline.media_ranges(mark.range, TrackKind.AUDIO)


def _on_frames(span: TimeRange, media: MediaInfo) -> TimeRange | None:
    """A range on the film's own frames: a mark on a timeline of another rate ends between two of them.

    Of a held frame, which is no range, it is that frame.
    """
    own = span.rescaled_to(media.edit_rate)
    if not span.duration.value:
        own = TimeRange(span.start_time.rescaled_to(media.edit_rate, Rounding.FLOOR), RationalTime(1, media.edit_rate))
    return own.intersection(media.full_range)


def _told(speed: Fraction) -> str:
    """What of a clip's speed is not in the file, in words."""
    if speed == 1:
        return ""
    if speed == 0:
        return "The timeline holds this frame; the clip is the frame alone."
    ways = ["backwards"] * (speed < 0) + [f"at {float(abs(speed)):.4g} times its speed"] * (abs(speed) != 1)
    return f"The timeline plays it {' '.join(ways)}; the clip plays as the film does."


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
            _write_list(job, marks, form, path)
            written.append(path)
        except (CircletakeError, OSError, ValueError) as error:
            failures.append(Failure(path, ErrorInfo.of(error)))
    return Exported(report, tuple(written), tuple(failures))


def _write_list(job: Export, marks: tuple[Mark, ...], name: TimelineFormat, path: Path) -> None:
    """A timeline of the picks, or a list of the marks where they lie."""
    form = format_named(name)
    cut = annotated(job.timeline, marks) if form.kind is Kind.LIST else picks(job.timeline, marks)
    write_file(cut, form, job.media, path, overwrite=job.wish.overwrite)
