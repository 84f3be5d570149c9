"""Another tool's timeline to a cut of ours: read, its media found, its marks and markers where they belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from circletake.errors import TimelineError, TimelineInvalid, UsageError
from circletake.interchange.format import Format, Kind, ReadFile
from circletake.interchange.lifting import has_markers, shown_markers
from circletake.interchange.locate import Located, MissingMedia, locate
from circletake.interchange.registry import file_in, read_file
from circletake.interchange.returning import lay
from circletake.interchange.tags import merged
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.project.project import Project, ProjectMedia
from circletake.project.workspace import Workspace
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
    file = read_file(path, sequence=how.sequence, rate=how.rate, context=context)
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
        better = _at_rate_of_media(file, found, context)
        if better is not None:
            return located(better, search, context)
    warnings = (*read.warnings, *found.warnings)
    imported = Imported(file.path, file.form, warnings, read.others, found.missing)
    return ImportedCut(found.timeline, found.media, imported)


def _at_rate_of_media(file: ReadFile, found: Located, context: JobContext) -> ReadFile | None:
    """The file read anew at the rate most of its media have; None where that changes nothing or does not fit."""
    rates = Counter(info.edit_rate for info in found.media if info.picture)
    rate = rates.most_common(1)[0][0] if rates else found.timeline.rate
    if rate == found.timeline.rate:
        return None
    try:
        better = read_file(file.path, rate=str(rate), context=context)
    except TimelineError:  # a frame number that this rate does not have
        return None
    told = f"The file does not say its frame rate; it was read at {float(rate):.6g}, as most of its media run."
    return replace(better, read=replace(better.read, warnings=(told, *better.read.warnings)))


@dataclass(frozen=True, slots=True)
class MarksRequest:
    """A file whose marks are wanted, how it is read, and `asked_for` which project."""

    path: Path
    how: ReadHow = USUAL
    asked_for: Workspace | None = None


@dataclass(frozen=True, slots=True)
class MarksRead:
    """A file with marks, read in the background; `laid_on` puts them on the cut as it is by then."""

    file: ReadFile
    asked_for: Workspace | None = None

    def laid_on(self, own: Timeline) -> tuple[Timeline, MarksTaken]:
        """The cut `own` with the marks, and what became of them."""
        laid = lay(self.file, own)
        after = own.with_marks(merged(own.marks, laid.marks))
        before = {mark.id: mark for mark in own.marks}
        known = [mark for mark in after.marks if mark.id in before]
        updated = sum(mark != before[mark.id] for mark in known)
        # What a cut holds beside its marks does not concern those who take the marks alone.
        told = self.file.read.warnings if self.file.form.kind is Kind.LIST else ()
        theirs = self.file.read.timeline
        left_out = len(theirs.marks) + len([*shown_markers(theirs)]) - len(laid.marks)
        added = len(after.marks) - len(known)
        return after, MarksTaken(self.file.path, added, updated, max(0, left_out), (*told, *laid.warnings))


@dataclass(frozen=True, slots=True)
class MarksTaken:
    """What a file did to the marks of a cut.

    `left_out` counts marks that are markers of the cut already, and those of which `warnings` say why.
    """

    path: Path
    added: int
    updated: int
    left_out: int = 0
    warnings: tuple[str, ...] = ()


def read_marks(request: MarksRequest, context: JobContext) -> MarksRead:
    """Read a timeline that came back from an editor, or a list of times.

    Raises:
        TimelineUnreadable, TimelineInvalid: as `import_timeline`.
        UsageError: there is no marker in it.
    """
    context.checkpoint()
    file = read_file(request.path, sequence=request.how.sequence, rate=request.how.rate, context=context)
    timeline = file.read.timeline
    if not timeline.marks and not has_markers(timeline):
        hint = "Put markers into the timeline in your editor and export it again."
        raise UsageError("there are no markers in this file", hint=hint, path=request.path)
    return MarksRead(file, request.asked_for)
