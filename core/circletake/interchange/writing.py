"""A timeline with its marks to the bytes of a format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from circletake.errors import ExportRefused, UsageError
from circletake.interchange.format import Delivery, Feature, Format, Kind
from circletake.interchange.lifting import lifted
from circletake.interchange.tags import with_markers
from circletake.media.frames import MediaInfo
from circletake.paths import written_whole
from circletake.timeline.model import Timeline


def to_format(timeline: Timeline, form: Format, media: Mapping[Path, MediaInfo], path: Path) -> bytes:
    """The bytes of a file at `path`: marks as tagged markers, except where the format carries marks as they are.

    Raises:
        UsageError: the format is only read.
        TimelineInvalid: something in the timeline cannot be written in it.
    """
    if form.write is None:
        raise UsageError(f"{form.title} is read but not written", hint="Choose another format.", path=path)
    outgoing = timeline if form.marks_inside else with_markers(timeline, one_text=form.one_text)
    return form.write(Delivery(outgoing if _knows_clips(form) else lifted(outgoing), media, path))


def _knows_clips(form: Format) -> bool:
    """Tell whether markers on clips have a place there; else they go on the timeline, where they show."""
    carries = form.carries
    return form.kind is Kind.TIMELINE and (
        Feature.CLIP_MARKERS in carries.wholly or Feature.CLIP_MARKERS in carries.partly
    )


def write_file(
    timeline: Timeline, form: Format, media: Mapping[Path, MediaInfo], path: Path, *, overwrite: bool = True
) -> None:
    """Write the file whole or not at all; its folder is made.

    Raises:
        ExportRefused: it is there already, and is not to be overwritten.
        UsageError, TimelineInvalid: as `to_format`.
        OSError: the folder cannot be written.
    """
    data = to_format(timeline, form, media, path)
    if not overwrite and path.exists():
        hint = "Choose another name or folder, or allow overwriting."
        raise ExportRefused("this file is there already", hint=hint, path=path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as temporary:
        temporary.write_bytes(data)
