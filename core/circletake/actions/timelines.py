"""To and from other editors: send, import, locate, convert."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from circletake.actions.table import Needs, Say, action
from circletake.errors import UsageError
from circletake.interchange.editors import EDITORS
from circletake.interchange.lifting import has_markers
from circletake.interchange.returning import markers_as_marks
from circletake.jobs.job import Job
from circletake.session.converting import Converted, ConvertRequest, InfoRequest, convert, look_into
from circletake.session.exporting import MarkChoice
from circletake.session.importing import ImportedCut, MarksRead, ReadHow
from circletake.session.relinking import Relinked
from circletake.session.sending import Order, SendWish, Sent, Shape
from circletake.session.session import Session
from circletake.settings import OVERWRITE


@action("Send to an editor", needs=Needs.FILES)
def send(  # noqa: PLR0913 - each is a flag of the terminal
    session: Session,
    *,
    editor: Annotated[str, Say("The program: " + ", ".join(each.name for each in EDITORS) + ".", "editor")],
    to: Annotated[Path, Say("The folder to write to.")],
    shape: Annotated[Shape, Say("The marks as a new timeline, the timeline with markers, or both.")] = Shape.BOTH,
    marks: Annotated[MarkChoice | None, Say("Which marks; the kept ones once anything is decided, else all.")] = None,
    order: Annotated[Order, Say("How the new timeline is ordered.")] = Order.TIME,
    handles: Annotated[float, Say("Seconds kept before and after each mark.")] = 0.0,
    spacing: Annotated[float, Say("Seconds of nothing between marks.")] = 0.0,
    overwrite: Annotated[bool | None, Say("Replace files of the same name.")] = None,
) -> Job[Sent]:
    """Write timelines and markers for an editing program, and say what is lost on the way."""
    decided = any(mark.decided for mark in session.timeline.marks)
    choice = marks or (MarkChoice.KEPT if decided else MarkChoice.PROPOSED)
    replace = session.settings.get(OVERWRITE) if overwrite is None else overwrite
    wish = SendWish(editor, to, shape, choice, order, handles, spacing, replace)
    return session.send(session.plan_send(wish))


@action("Import marks", edits=True)
def import_marks(
    session: Session, file: Annotated[Path, Say("A timeline that came back, subtitles, a table or chapters.")]
) -> Job[MarksRead]:
    """Take marks from a file: those that are known are updated, others become proposals."""
    return session.read_marks(file)


@action("Make marks of markers", edits=True)
def adopt_markers(session: Session) -> None:
    """Turn the markers that came with the timeline into proposed marks."""
    if not has_markers(session.timeline):
        raise UsageError("there are no markers on this timeline", hint="Import marks from a file, or add your own.")
    session.edit("Make marks of markers", markers_as_marks)


@action("Locate media", edits=True)
def locate_media(
    session: Session,
    address: Annotated[str, Say("The missing file as the timeline names it; all of them where it is empty.")],
    to: Annotated[Path, Say("Where it is now: the file, or a folder to search.")],
) -> Job[Relinked]:
    """Say where a missing film is; others that moved with it are found too."""
    return session.find_media(address, to)


SequenceName = Annotated[str | None, Say("The sequence, where the file has several.")]
RateText = Annotated[str | None, Say("Frames a second, where the file does not say, such as 29.97 or 30000/1001.")]
SearchFolders = Annotated[tuple[Path, ...], Say("Folders to search for media that moved.")]
FormatName = Annotated[str | None, Say("The format; found out from the name where it is left out.", "format")]


@action("Look into a timeline", needs=Needs.NOTHING, under="timeline")
def timeline_info(
    session: Session,
    file: Annotated[Path, Say("A timeline or a list of times.")],
    *,
    sequence: SequenceName = None,
    rate: RateText = None,
    search: SearchFolders = (),
) -> Job[ImportedCut]:
    """Show the tracks, clips and markers of a file that any editor wrote."""
    return session.submit(f"Read {file.name}", InfoRequest(file, ReadHow(sequence, rate, search)), look_into)


@action("Convert a timeline", needs=Needs.NOTHING, under="timeline")
def timeline_convert(  # noqa: PLR0913 - each is a flag of the terminal
    session: Session,
    file: Annotated[Path, Say("A timeline or a list of times.")],
    to: Annotated[Path, Say("The file to write.")],
    *,
    form: FormatName = None,
    loss_report: Annotated[bool, Say("List everything that does not survive, with where it was.")] = False,
    sequence: SequenceName = None,
    rate: RateText = None,
    search: SearchFolders = (),
    overwrite: Annotated[bool, Say("Replace a file of the same name.")] = False,
) -> Job[Converted]:
    """Write a timeline in another editor's format."""
    how = ReadHow(sequence, rate, search)
    request = ConvertRequest(file, to, form, how, overwrite=overwrite, in_full=loss_report)
    return session.submit(f"Convert {file.name}", request, convert)


@action("Take the markers of a timeline", needs=Needs.NOTHING, under="timeline")
def timeline_markers(
    session: Session,
    file: Annotated[Path, Say("A timeline or a list of times.")],
    to: Annotated[Path, Say("The list to write.")],
    *,
    form: FormatName = None,
    loss_report: Annotated[bool, Say("List everything that does not survive, with where it was.")] = False,
    sequence: SequenceName = None,
    rate: RateText = None,
    overwrite: Annotated[bool, Say("Replace a file of the same name.")] = False,
) -> Job[Converted]:
    """Write the markers of a timeline as a list: markers for another editor, a table, chapters, subtitles."""
    how = ReadHow(sequence, rate)
    request = ConvertRequest(file, to, form, how, overwrite=overwrite, in_full=loss_report, markers_only=True)
    return session.submit(f"Markers of {file.name}", request, convert)
