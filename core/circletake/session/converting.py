"""A timeline file to another format, without a project: what it holds, what is lost, and the file itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from circletake.errors import ExportRefused, UsageError
from circletake.interchange.format import Format, Kind
from circletake.interchange.registry import file_in, format_for, format_named, read_file, written_formats
from circletake.interchange.writing import write_file
from circletake.jobs.context import JobContext
from circletake.session.exporting import refuse_own
from circletake.session.importing import ImportedCut, ReadHow, located
from circletake.session.opening import media_paths
from circletake.session.sending import Parcel, parcel


@dataclass(frozen=True, slots=True)
class InfoRequest:
    """A timeline file to look into."""

    path: Path
    how: ReadHow


@dataclass(frozen=True, slots=True)
class ConvertRequest:
    """A timeline file and what becomes of it: `form` by name, None for the one of the suffix of `to`.

    `markers_only` writes its markers as a list; `in_full` asks the door to show every loss with its places.
    """

    path: Path
    to: Path
    form: str | None
    how: ReadHow
    overwrite: bool = False
    markers_only: bool = False
    in_full: bool = False


@dataclass(frozen=True, slots=True)
class Converted:
    """What was read, and what was written with its losses."""

    cut: ImportedCut
    parcel: Parcel
    in_full: bool = False


def look_into(request: InfoRequest, context: JobContext) -> ImportedCut:
    """Read a timeline, or a list of times, and find its media.

    Raises:
        TimelineUnreadable, TimelineInvalid: as `import_timeline`.
    """
    file = read_file(request.path, sequence=request.how.sequence, rate=request.how.rate, context=context)
    return located(file, request.how.search, context)


def convert(request: ConvertRequest, context: JobContext) -> Converted:
    """Write a timeline file in another format.

    Raises:
        TimelineUnreadable, TimelineInvalid: as `import_timeline`.
        UsageError: no such format, or one that is only read.
        ExportRefused: the file is there already, or is the one that is read, or one of its films.
    """
    form = _form(request)
    if form.write is None:
        hint = f"Choose one of {', '.join(each.name for each in written_formats())}."
        raise UsageError(f"{form.title} is read but not written", hint=hint)
    if request.to.exists() and not request.overwrite:
        hint = "Give another name, or add --overwrite."
        raise ExportRefused("this file is there already", hint=hint, path=request.to)
    cut = look_into(InfoRequest(request.path, request.how), context)
    own = [request.path, file_in(request.path), *media_paths(cut.timeline)]
    refuse_own([request.to], own, "the timeline that is read")
    each = replace(parcel(cut.timeline, form, request.to), path=request.to)
    context.checkpoint()
    media = {info.path: info for info in cut.media}
    write_file(cut.timeline, form, media, request.to, overwrite=request.overwrite)
    return Converted(cut, each, request.in_full)


def _form(request: ConvertRequest) -> Format:
    if request.form:
        return format_named(request.form)
    if request.markers_only:
        suffix = request.to.suffix.lower()
        lists = [each for each in written_formats() if each.kind is Kind.LIST]
        found = next((each for each in lists if each.suffix == suffix), None)
        if found is None:
            known = ", ".join(sorted({each.suffix for each in lists}))
            hint = f"End the name in one of {known}, or name the format."
            raise UsageError("no list of markers is called so", hint=hint, path=request.to)
        return found
    return format_for(request.to)
