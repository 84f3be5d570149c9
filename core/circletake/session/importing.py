"""Another tool's timeline to a cut of ours: read, its media found, its marks and markers where they belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from circletake.errors import TimelineError, TimelineInvalid, UsageError
from circletake.interchange.format import Format, Kind, ReadFile
from circletake.interchange.locate import Located, MissingMedia, locate
from circletake.interchange.registry import file_in, read_file
from circletake.interchange.returning import Laid, has_markers, lay
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.project.project import Project, ProjectMedia
from circletake.timeline.model import Timeline, clean_name


@dataclass(frozen=True, slots=True)
class ReadHow:
    """How a timeline is read: which of its sequences, at which rate where it states none, and where media may be."""

    sequence: str | None = None
    rate: str | None = None
    search: tuple[Path, ...] = ()


USUAL = ReadHow()
"""The sequence that was open, at the rate the file states, its media near by."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file was and what of it needs the editor's eye: sentences, sequences not read, media not found."""

    path: Path
    form: Format
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    missing: tuple[MissingMedia, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedCut:
    """A cut read from another tool's file, with the media that were found."""

    timeline: Timeline
    media: tuple[MediaInfo, ...]
    imported: Imported

    @property
    def project(self) -> Project:
        """A new project of it."""
        media = (ProjectMedia(str(each.path), each.fingerprint, each.size) for each in self.media)
        return Project(self.timeline, tuple(media))


def import_timeline(path: Path, how: ReadHow, context: JobContext) -> ImportedCut:
    """Read a timeline and find its media; what is missing is told, and the rest is there.

    Raises:
        TimelineUnreadable: missing, of a kind that is not read, damaged, or refused for safety.
        TimelineInvalid: values that contradict each other.
        UsageError: the file is a list of times without a cut.
    """
    file = read_file(path, sequence=how.sequence, rate=how.rate)
    if file.form.kind is Kind.LIST:
        hint = "Open the footage first, then this file."
        raise UsageError(f"this is a list of times ({file.form.title}), which needs footage", hint=hint, path=path)
    return located(file, how.search, context)


def located(file: ReadFile, search: Sequence[Path], context: JobContext) -> ImportedCut:
    """A file that was read, with its media found as far as they are there."""
    read, folder = file.read, file_in(file.path).absolute().parent
    timeline = replace(read.timeline, name=read.timeline.name or clean_name(file.path.stem))
    try:
        found: Located = locate(
            timeline,
            folder,
            search=tuple(search),
            context=context,
            sources_count_timecode=file.form.sources_count_timecode,
        )
    except (ValueError, ArithmeticError) as error:  # times of the file and of its media beyond what can be held
        hint = "Export the timeline again from the tool that made it."
        raise TimelineInvalid(f"its times do not fit its media: {error}", hint=hint, path=file.path) from error
    if read.rate_guessed:
        better = _at_rate_of_media(file, found)
        if better is not None:
            return located(better, search, context)
    warnings = (*read.warnings, *found.warnings)
    imported = Imported(file.path, file.form, warnings, read.others, found.missing)
    return ImportedCut(found.timeline, found.media, imported)


def _at_rate_of_media(file: ReadFile, found: Located) -> ReadFile | None:
    """The file read anew at the rate most of its media have; None where that changes nothing or does not fit."""
    rates = Counter(info.edit_rate for info in found.media if info.picture)
    rate = rates.most_common(1)[0][0] if rates else found.timeline.rate
    if rate == found.timeline.rate:
        return None
    try:
        better = read_file(file.path, rate=str(rate))
    except TimelineError:  # a frame number that this rate does not have
        return None
    told = f"The file does not say its frame rate; it was read at {float(rate):.6g}, as most of its media run."
    return replace(better, read=replace(better.read, warnings=(told, *better.read.warnings)))


@dataclass(frozen=True, slots=True)
class MarksRequest:
    """A file whose marks are wanted, and how it is read."""

    path: Path
    how: ReadHow = USUAL


@dataclass(frozen=True, slots=True)
class MarksRead:
    """A file with marks, read in the background; `laid_on` puts them on the cut that is open by then."""

    file: ReadFile

    def laid_on(self, own: Timeline) -> Laid:
        """Its marks in the time of the cut `own`."""
        return lay(self.file, own)


def read_marks(request: MarksRequest, context: JobContext) -> MarksRead:
    """Read a timeline that came back from an editor, or a list of times.

    Raises:
        TimelineUnreadable, TimelineInvalid: as `import_timeline`.
        UsageError: there is no marker in it.
    """
    context.checkpoint()
    file = read_file(request.path, sequence=request.how.sequence, rate=request.how.rate)
    timeline = file.read.timeline
    if not timeline.marks and not has_markers(timeline):
        hint = "Put markers into the timeline in your editor and export it again."
        raise UsageError("there are no markers in this file", hint=hint, path=request.path)
    return MarksRead(file)
