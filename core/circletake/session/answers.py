"""Answers as JSON values: what `--json` writes and what programs read. Times in seconds, the exact rational beside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from circletake.analysis.highlights import Analysis
from circletake.analysis.segments import Segment
from circletake.export.report import ClipReport
from circletake.media.frames import AudioStream, MediaInfo, VideoStream
from circletake.session.analysing import Analysed, AnalysedFilm
from circletake.session.doctor import Check
from circletake.session.exporting import Exported
from circletake.session.opening import Failure
from circletake.timebase import RationalTime, to_timecode
from circletake.timeline.model import Mark, Timeline

Json = dict[str, Any]


def exact(time: RationalTime) -> str:
    """Seconds as a fraction: `1001/30000`."""
    return f"{time.seconds.numerator}/{time.seconds.denominator}"


def analysed_json(analysed: Analysed, threshold: float) -> Json:
    """One film's answer, or `{"films": [...], "failures": [...]}` for several.

    `threshold` is the score, 0-100, from which a segment counts as viral.
    """
    films = [film_json(film, threshold) for film in analysed.films]
    if len(films) == 1 and not analysed.failures:
        return films[0]
    return {"films": films, "failures": [failure_json(failure) for failure in analysed.failures]}


def film_json(film: AnalysedFilm, threshold: float) -> Json:
    """Segments best first, the film, what of it was looked at, the curves' names and the time it took."""
    analysis, spent = film.analysis, film.seconds
    rooms = analysis.scored.grid.rooms
    looked_at = sum(end - start for start, end in rooms)
    return {
        "analysis_method": analysis.method,
        "segments": [
            segment_json(segment, analysis, rank, threshold) for rank, segment in enumerate(analysis.segments, 1)
        ],
        "media": media_json(analysis.media),
        "signals": [
            {"name": curve.name, "title": curve.title, "weight": curve.weight, "unit": curve.unit}
            for curve in analysis.scored.curves
        ],
        "analysed": [{"start": round(start, 6), "end": round(end, 6)} for start, end in rooms],
        "cuts": [round(float(cut), 6) for cut in analysis.scored.measured.cuts],
        "timing": {
            "seconds": round(spent, 3),
            "cached": analysis.cached,
            "sweep_seconds": round(analysis.scored.seconds_spent, 3),
            "times_real_time": round(looked_at / spent, 2) if spent > 0 else None,
        },
        "warnings": list(analysis.warnings),
    }


def segment_json(segment: Segment, analysis: Analysis, rank: int, threshold: float) -> Json:
    """One stretch found. `score` 0-100 ranks it inside its own film."""
    start, end = segment.range.start_time, segment.range.end_time_exclusive
    rate, drop = analysis.media.edit_rate, analysis.media.drop_frame
    return {
        "rank": rank,
        "start": round(start.to_seconds(), 6),
        "end": round(end.to_seconds(), 6),
        "duration": round(segment.range.duration.to_seconds(), 6),
        "start_exact": exact(start),
        "end_exact": exact(end),
        "duration_exact": exact(segment.range.duration),
        "start_timecode": to_timecode(start, rate, drop_frame=drop),
        "end_timecode": to_timecode(end, rate, drop_frame=drop),
        "score": segment.score,
        "is_viral": segment.score >= threshold,
        "analysis_method": segment.method,
        "title": segment.title,
        "strongest": round(segment.strongest.to_seconds(), 6),
        "signals": dict(segment.signals),
    }


def media_json(media: MediaInfo) -> Json:
    """A film as measured."""
    return {
        "path": str(media.path),
        "size": media.size,
        "fingerprint": media.fingerprint,
        "container": media.container,
        "duration": round(media.duration.to_seconds(), 6),
        "duration_exact": exact(media.duration),
        "rate": str(media.edit_rate),
        "start_timecode": media.start_timecode,
        "video": [_video_json(stream) for stream in media.video],
        "audio": [_audio_json(stream) for stream in media.audio],
        "subtitles": media.subtitle_count,
        "warnings": list(media.warnings),
    }


def _video_json(stream: VideoStream) -> Json:
    return {
        "index": stream.index,
        "codec": stream.codec,
        "profile": stream.profile,
        "width": stream.width,
        "height": stream.height,
        "display_size": list(stream.display_size),
        "rotation": stream.rotation,
        "sample_aspect_ratio": str(stream.sample_aspect_ratio),
        "pixel_format": stream.pixel_format,
        "bit_depth": stream.bit_depth,
        "rate": str(stream.average_rate),
        "variable_frame_rate": stream.variable_frame_rate,
        "frames": stream.frame_count,
        "key_frames": stream.key_frame_count,
        "start": round(stream.start_time.to_seconds(), 6),
        "duration": round(stream.duration.to_seconds(), 6),
        "bit_rate": stream.bit_rate,
        "primaries": stream.color.primaries,
        "transfer": stream.color.transfer,
        "matrix": stream.color.matrix,
        "full_range": stream.color.full_range,
    }


def _audio_json(stream: AudioStream) -> Json:
    return {
        "index": stream.index,
        "codec": stream.codec,
        "sample_rate": stream.sample_rate,
        "channels": stream.channels,
        "layout": stream.layout,
        "language": stream.language,
        "title": stream.title,
        "start": round(stream.start_time.to_seconds(), 6),
        "duration": round(stream.duration.to_seconds(), 6),
    }


def failure_json(failure: Failure) -> Json:
    """A file that could not be used, with what to do."""
    return {
        "path": str(failure.path),
        "kind": failure.error.kind,
        "message": failure.error.message,
        "hint": failure.error.hint,
    }


def exported_json(exported: Exported) -> Json:
    """Every clip with what is really in it, and the lists."""
    return {
        "clips": [_clip_json(clip) for clip in exported.report.clips],
        "lists": [str(path) for path in exported.lists],
        "bytes": exported.report.bytes,
    }


def _clip_json(clip: ClipReport) -> Json:
    answer: Json = {"name": clip.name, "mark": clip.mark_id, "path": str(clip.path), "reason": clip.reason}
    if clip.error:
        return answer | {"ok": False, "kind": clip.error.kind, "message": clip.error.message, "hint": clip.error.hint}
    written = clip.written
    if written is None:
        return answer | {"ok": False}
    return answer | {
        "ok": True,
        "mode": str(written.mode),
        "start": round(written.start.to_seconds(), 6),
        "end": round(written.end.to_seconds(), 6),
        "start_exact": exact(written.start),
        "end_exact": exact(written.end),
        "frames": written.frames,
        "frames_copied": written.frames_copied,
        "start_early": round(float(written.start_early), 6),
        "end_late": round(float(written.end_late), 6),
        "audio_offset": round(float(written.audio_offset), 6),
        "verified": written.verified,
        "warnings": list(written.warnings),
        "bytes": clip.size,
    }


def marks_json(timeline: Timeline, marks: Iterable[Mark]) -> Json:
    """Marks in the order given."""
    return {"timeline": timeline.name, "rate": str(timeline.rate), "marks": [_mark_json(mark) for mark in marks]}


def _mark_json(mark: Mark) -> Json:
    return {
        "id": mark.id,
        "name": mark.name,
        "state": str(mark.state),
        "start": round(mark.range.start_time.to_seconds(), 6),
        "end": round(mark.range.end_time_exclusive.to_seconds(), 6),
        "start_exact": exact(mark.range.start_time),
        "end_exact": exact(mark.range.end_time_exclusive),
        "score": mark.score,
        "source": mark.source,
        "signals": dict(mark.signals),
        "strongest": None if mark.strongest is None else round(mark.strongest.to_seconds(), 6),
        "note": mark.note,
        "color": mark.color,
    }


def checks_json(checks: Iterable[Check]) -> Json:
    """The doctor's findings."""
    return {
        "checks": [
            {"name": check.name, "health": str(check.health), "found": check.found, "remedy": check.remedy}
            for check in checks
        ]
    }
