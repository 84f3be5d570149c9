"""Runs an export: one clip after the other, each whole or not there, a failing one told and stepped over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from traceback import format_exception

from av.error import FFmpegError

from circletake.errors import CircletakeError, ErrorInfo, ExportFailed
from circletake.export.check import clip_seconds, fault_in
from circletake.export.copycut import copy_clip, copy_sound
from circletake.export.cutting import CutTask, encode_clip, encode_sound, picture_of
from circletake.export.plan import ExportMode, ExportPlan, PlannedClip, refuse_if_unfit
from circletake.export.report import ClipReport, ExportReport, Written
from circletake.export.smartcut import SmartCutImpossible, plan_splice, smart_clip
from circletake.export.source import Source, read_source
from circletake.export.splice import Span, span_of
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.paths import remove_abandoned_in, written_whole


def export_clips(plan: ExportPlan, context: JobContext) -> ExportReport:
    """Write every clip of the plan; each finished one is also handed out as a partial result.

    Progress counts seconds of media. A clip that fails is reported and the rest goes on. Each file appears under its
    final name when it is whole, never before.

    Raises:
        ExportRefused: a name is taken, or there is too little room; nothing was written.
        JobCancelled: clips already finished stay, the one in work leaves nothing.
    """
    refuse_if_unfit(plan)
    remove_abandoned_in(plan.folder)
    run = _Run(plan, context)
    reports: list[ClipReport] = []
    done = Fraction(0)
    for clip in plan.clips:
        report = run.export(clip, done)
        reports.append(report)
        context.partial(report)
        done += clip.item.range.duration.seconds
        context.progress(float(done), float(plan.seconds))
    return ExportReport(plan.folder, tuple(reports))


@dataclass(slots=True)
class _Run:
    plan: ExportPlan
    context: JobContext
    _sources: dict[Path, Source] = field(default_factory=dict)

    def export(self, clip: PlannedClip, done: Fraction) -> ClipReport:
        """Write one clip; whatever goes wrong with it becomes part of its report."""
        blank = ClipReport(clip.item.name, clip.item.mark_id, clip.path, self.plan.mode, clip.reason)
        try:
            task = self._task(clip, done)
            with written_whole(clip.path) as temporary:
                written, reason = cut_clip(task, clip.mode, temporary)
                self._finish_name(clip.path)
        except (CircletakeError, MemoryError) as error:
            return replace(blank, error=ErrorInfo.of(error))
        except (FFmpegError, OSError, ValueError) as error:
            return replace(blank, error=ErrorInfo.of(_named(error, clip.info.path)))
        kept = replace(written, warnings=(*written.warnings, *task.warnings()))
        return replace(blank, written=kept, reason=_said(reason, clip), size=clip.path.stat().st_size)

    def _task(self, clip: PlannedClip, done: Fraction) -> CutTask:
        length, total = clip.item.range.duration.seconds, float(self.plan.seconds)

        def tell(seconds: Fraction) -> None:
            self.context.progress(float(done + min(seconds, length)), total)

        source = self._source(clip.info)
        return CutTask(source, clip.item.range, self.plan.settings, self.context, tell)

    def _source(self, info: MediaInfo) -> Source:
        """Each medium is scanned once a run."""
        if info.path not in self._sources:
            self._sources[info.path] = read_source(info)
        return self._sources[info.path]

    def _finish_name(self, path: Path) -> None:
        """A file that came to be there while the clip was cut is not overwritten either."""
        if path.exists() and not self.plan.overwrite:
            hint = "Choose another folder, or allow overwriting."
            raise ExportFailed("another program has just written this file", hint=hint, path=path)


def _named(error: Exception, path: Path) -> Exception:
    """The error of a clip that has no words for people yet; those of the system have."""
    if isinstance(error, OSError) and not isinstance(error, FFmpegError):
        return error
    named = ExportFailed(
        "it could not be cut: it has changed, or it is damaged there",
        hint="Open the film again, or try another range or mode encode.",
        path=path,
        details="".join(format_exception(error)),
    )
    named.__cause__ = error
    return named


def cut_clip(task: CutTask, mode: ExportMode, path: Path) -> tuple[Written, str]:
    """Write one clip to `path` in the given mode; a smart cut that does not come out right is encoded whole instead.

    Answers what was written, and the reason where the mode changed.

    Raises:
        ExportFailed: the range holds nothing, or the encoder, the container or the disk refused.
        MediaError: the source can no longer be read.
    """
    if task.source.picture is None:
        if not task.source.info.audio:
            raise ExportFailed("nothing in it can be exported", hint="Choose another file.", path=task.source.path)
        return (copy_sound(task, path) if mode is ExportMode.COPY else encode_sound(task, path)), ""
    span = _span(task)
    if mode is ExportMode.COPY:
        written = copy_clip(task, span, path)
        return replace(written, verified=_exact(written) and _fault(task, span, path, ()) is None), ""
    if mode is ExportMode.SMART:
        try:
            return _smart(task, span, path), ""
        except SmartCutImpossible as impossible:
            task.damage.clear()
            return _whole(task, span, path), f"{impossible.message} The clip was encoded whole."
    return _whole(task, span, path), ""


def _span(task: CutTask) -> Span:
    try:
        return span_of(picture_of(task).index, task.range)
    except ValueError as error:
        hint = "Choose a range inside the film."
        raise ExportFailed(str(error), hint=hint, path=task.source.path) from error


def _exact(written: Written) -> bool:
    return not written.start_early and not written.end_late


def _smart(task: CutTask, span: Span, path: Path) -> Written:
    splice = plan_splice(task, span)
    written = smart_clip(task, span, splice, path)
    places = (len(splice.head), len(splice.head) + len(splice.copied))
    fault = _fault(task, span, path, tuple(place for place in places if place < len(span)))
    if fault:
        raise SmartCutImpossible(f"The finished clip was read back and {fault}.", hint="Encode the clip whole.")
    return replace(written, verified=True)


def _whole(task: CutTask, span: Span, path: Path) -> Written:
    """Encode the clip and read it back; missing frames of a damaged source are already told."""
    written = encode_clip(task, span, path)
    fault = _fault(task, span, path, ())
    if fault is None:
        return replace(written, verified=True)
    if written.frames == len(span):
        return replace(written, warnings=(*written.warnings, f"The clip was read back and {fault}."))
    return written


def _fault(task: CutTask, span: Span, path: Path, places: tuple[int, ...]) -> str | None:
    base = picture_of(task).index.time_base
    return fault_in(path, clip_seconds(span.clip_pts(), base), places, task.context)


def _said(reason: str, clip: PlannedClip) -> str:
    """Why it was cut another way after all, or as planned; what the plan noted stays."""
    return " ".join(filter(None, (reason, clip.item.note))) if reason else clip.reason
