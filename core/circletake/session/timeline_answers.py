"""Answers about timelines as JSON: what is in a file, what a format loses. Frames count at the timeline's rate."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from circletake.interchange.losses import Loss
from circletake.session.converting import Converted
from circletake.session.importing import ImportedCut, MarksTaken
from circletake.session.relinking import Relinked
from circletake.session.sending import Parcel, Sent
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Mark, Marker, Timeline, Track

Json = dict[str, Any]


def cut_json(cut: ImportedCut) -> Json:
    """A timeline as read: clips and markers in whole frames of its rate, ends exclusive.

    `source_in` and `source_out` are media frames at the timeline's rate, `record_in` and `record_out` its own. A clip
    without a file has null for its media.
    """
    timeline, there = cut.timeline, {str(info.path) for info in cut.media}
    return {
        "format": cut.imported.form.name,
        "name": timeline.name,
        "rate": f"{timeline.rate.numerator}/{timeline.rate.denominator}",
        "drop_frame": timeline.drop_frame,
        "global_start": _frame(timeline.global_start_time, timeline.rate),
        "duration_frames": _frame(timeline.duration, timeline.rate),
        "tracks": [_track_json(track, timeline, there) for track in timeline.tracks],
        "markers": [*_markers(timeline)],
        "missing": [{"media": each.url, "reason": each.reason} for each in cut.imported.missing],
        "sequences_not_read": list(cut.imported.others),
        "warnings": list(cut.imported.warnings),
    }


def _frame(time: RationalTime | None, rate: Fraction) -> int:
    return 0 if time is None else time.rescaled_to(rate).value


def _track_json(track: Track, timeline: Timeline, there: set[str]) -> Json:
    placed = [(span, item) for span, item in track.placed(timeline.rate) if isinstance(item, Clip)]
    clips = [_clip_json(item, span, timeline.rate, there) for span, item in placed]
    return {"name": track.name, "kind": track.kind.value.lower(), "clips": clips}


def _clip_json(clip: Clip, placed: TimeRange, rate: Fraction, there: set[str]) -> Json:
    source, record = clip.media_range.rescaled_to(rate), placed.rescaled_to(rate)
    media = clip.media.target_url if clip.media else None
    return {
        "name": clip.name,
        "media": media,
        "missing": media is not None and media not in there and not _is_file(media),
        "source_in": source.start_time.value,
        "source_out": source.end_time_exclusive.value,
        "record_in": record.start_time.value,
        "record_out": record.end_time_exclusive.value,
        "speed": float(clip.speed) if clip.speed.denominator != 1 else clip.speed.numerator,
        "markers": [_marker_json(marker, rate, "clip") for marker in clip.markers],
    }


def _is_file(media: str) -> bool:
    return Path(media).is_absolute() and Path(media).is_file()


def _markers(timeline: Timeline) -> Iterator[Json]:
    """The timeline's own markers, then its marks, then those of its clips, each in its own time."""
    yield from (_marker_json(marker, timeline.rate, "timeline") for marker in timeline.markers)
    yield from (_mark_json(mark, timeline.rate) for mark in timeline.marks)
    for track in timeline.tracks:
        for item in track.items:
            for marker in item.markers if isinstance(item, Clip) else ():
                yield _marker_json(marker, timeline.rate, "clip") | {"clip": item.name, "track": track.name}


def _marker_json(marker: Marker, rate: Fraction, on: str) -> Json:
    span = marker.range.rescaled_to(rate)
    return {
        "on": on,
        "name": marker.name,
        "comment": marker.comment,
        "color": marker.color,
        "kind": marker.kind,
        "start": span.start_time.value,
        "duration": span.duration.value,
    }


def _mark_json(mark: Mark, rate: Fraction) -> Json:
    span = mark.range.rescaled_to(rate)
    return {
        "on": "timeline",
        "name": mark.name,
        "comment": mark.note,
        "color": mark.color,
        "kind": "mark",
        "start": span.start_time.value,
        "duration": span.duration.value,
        "id": mark.id,
        "state": str(mark.state),
        "score": mark.score,
    }


def taken_json(taken: MarksTaken) -> Json:
    """What a file did to the marks."""
    return {
        "path": str(taken.path),
        "added": taken.added,
        "updated": taken.updated,
        "left_out": taken.left_out,
        "warnings": list(taken.warnings),
    }


def relinked_json(relinked: Relinked) -> Json:
    """Which media were found, and which were not and why, where that is known."""
    return {
        "found": [{"media": url, "path": str(info.path)} for url, info in relinked.found],
        "missing": [{"media": url, "reason": relinked.reasons.get(url, "")} for url in relinked.missing],
    }


def converted_json(converted: Converted) -> Json:
    """What was written, and its loss report."""
    return {"read": converted.cut.imported.form.name, **parcel_json(converted.parcel)} | {
        "warnings": list(converted.cut.imported.warnings)
    }


def sent_json(sent: Sent) -> Json:
    """Every file written, with its loss report."""
    return {"editor": sent.editor.name, "files": [parcel_json(parcel) for parcel in sent.parcels]}


def parcel_json(parcel: Parcel) -> Json:
    """A file and what its format loses."""
    return {
        "path": str(parcel.path),
        "format": parcel.form.name,
        "losses": [loss_json(loss) for loss in parcel.losses],
    }


def loss_json(loss: Loss) -> Json:
    """One thing that does not survive as it is; `wholly` where nothing of it is left."""
    return {
        "feature": str(loss.feature),
        "what": loss.sentence,
        "count": loss.count,
        "places": list(loss.places),
        "wholly": loss.whole,
    }
