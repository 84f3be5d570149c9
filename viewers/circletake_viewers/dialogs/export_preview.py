"""What an export would write, in words: made of the plan alone, so that the dialog has nothing left to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from circletake.errors import CircletakeError, ErrorInfo, ExportRefused
from circletake.export.plan import ExportMode, PlannedClip, refuse_if_unfit
from circletake.interchange.registry import format_named, written_formats
from circletake.paths import free_bytes
from circletake.session.exporting import Export, MarkChoice, TimelineFormat
from circletake.timebase import format_clock
from circletake.timeline.model import MarkState, Timeline
from circletake_viewers.dialogs.frame import sentence

MODES: Mapping[ExportMode, tuple[str, str]] = MappingProxyType(
    {
        ExportMode.SMART: (
            "Smart",
            "Exact to the frame. Only the edges are encoded anew; what lies between them is copied as it is.",
        ),
        ExportMode.COPY: (
            "Copy",
            "Done at once, nothing is encoded. Clips begin and end at key frames, often seconds early or late.",
        ),
        ExportMode.ENCODE: ("Encode", "Exact to the frame. Every frame is encoded anew, which takes the longest."),
    }
)
"""Each mode's name, and what it means for the clips."""

LISTS: Mapping[TimelineFormat, tuple[str, str]] = MappingProxyType(
    {
        TimelineFormat.OTIO: ("OpenTimelineIO", "A timeline with the marks; most editing programs open it."),
        TimelineFormat.EDL: ("EDL", "A decision list as CMX 3600 wrote it, for programs that know nothing else."),
        TimelineFormat.CSV: ("CSV", "A table of the marks, for spreadsheets."),
    }
)
"""The usual lists: each one's name, and what it is good for."""


def more_lists() -> Mapping[TimelineFormat, tuple[str, str]]:
    """The other lists and timelines that can be written: each one's name, and the programs that open it."""
    forms = {each.name: each for each in written_formats()}
    others = [form for form in TimelineFormat if form not in LISTS and form in forms]
    return {form: (forms[form].title, f"Opened by {', '.join(forms[form].editors)}.") for form in others}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file to be written. `note` says why the mode is not the one asked for; `taken` that the name is."""

    name: str
    length: str
    mode: str
    size: str
    note: str = ""
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` of files, `total` of them, `room` on the disk; `refusal` why it cannot be, `notes` what is worth knowing.

    `button` says what the main button does.
    """

    rows: tuple[FileRow, ...] = ()
    total: str = ""
    room: str = ""
    button: str = "Export"
    refusal: ErrorInfo | None = None
    notes: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Tell whether it can be exported."""
        return bool(self.rows) and self.refusal is None


def folder_named(text: str) -> Path | ErrorInfo:
    """The folder that was typed, or what is wrong with the words; the disk is not asked."""
    hint = "Choose a folder, or type its whole path."
    text = text.strip()
    if not text:
        return ErrorInfo("export_refused", "no folder is named", hint)
    try:
        folder = Path(text).expanduser()
    except RuntimeError:
        return ErrorInfo("export_refused", f"{text}: there is no such user", hint)
    return folder if folder.is_absolute() else ErrorInfo("export_refused", f"{text} could be anywhere", hint)


def preview_of(export: Export) -> Preview:
    """What to show of a plan. Looks at the disk; changes nothing."""
    clips = tuple(_clip_row(clip, taken=clip.path in export.plan.existing) for clip in export.plan.clips)
    lists = tuple(_list_row(form, path) for form, path in export.lists.items())
    count = len(clips)
    words = f"{count} clip{'' if count == 1 else 's'}"
    return Preview(
        rows=(*clips, *lists),
        total=f"{words} · {format_clock(export.plan.seconds)} · about {size_text(export.plan.estimated_bytes)}",
        room=_room(export.plan.folder),
        button=f"Export {words}",
        refusal=_refusal(export),
        notes=_notes(export, [row.name for row in (*clips, *lists) if row.taken]),
    )


def _clip_row(clip: PlannedClip, *, taken: bool) -> FileRow:
    length = format_clock(clip.item.range.duration.seconds)
    return FileRow(
        clip.path.name, length, MODES[clip.mode][0], f"~ {size_text(clip.estimated_bytes)}", clip.reason, taken
    )


def _list_row(form: TimelineFormat, path: Path) -> FileRow:
    name = LISTS[form][0] if form in LISTS else format_named(form).title
    return FileRow(path.name, "", name, "", taken=path.exists())


def _refusal(export: Export) -> ErrorInfo | None:
    """Why the export would be refused when it is begun; the same words as it uses itself."""
    try:
        refuse_if_unfit(export.plan)
        taken = [path for path in export.lists.values() if path.exists()]
        if taken and not export.wish.overwrite:
            hint = "Choose another folder, or allow overwriting."
            raise ExportRefused("this file is there already", hint=hint, path=taken[0])
    except (CircletakeError, OSError) as error:
        return ErrorInfo.of(error)
    folder = export.plan.folder
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return None if there.is_dir() else ErrorInfo("export_refused", f"{there} is a file", "Choose a folder.")


def _notes(export: Export, taken: list[str]) -> tuple[str, ...]:
    notes = []
    if not export.plan.folder.exists():
        notes.append("The folder is not there yet; it will be made.")
    if taken and export.wish.overwrite:
        notes.append(f"{len(taken)} file{' is' if len(taken) == 1 else 's are'} replaced: {_few(taken)}.")
    # Why a clip is not cut as asked for, once for all that share the reason.
    notes += [sentence(reason) for reason in dict.fromkeys(clip.reason for clip in export.plan.clips) if reason]
    if export.missing:
        lost = [failure.path.name for failure in export.missing]
        notes.append(f"{len(lost)} mark{'' if len(lost) == 1 else 's'} left out, their media is missing: {_few(lost)}.")
    return tuple(notes)


def _few(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _room(folder: Path) -> str:
    try:
        return f"{size_text(free_bytes(folder))} free there"
    except OSError:
        return ""


def size_text(count: int) -> str:
    """Bytes for people: `340 kB`, `12.4 MB`, `3.1 GB`, `120 GB`."""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    digits = 1 if amount < 99.95 and unit not in ("B", "kB") else 0
    return f"{amount:.{digits}f} {unit}"


def mark_counts(timeline: Timeline | None) -> Mapping[MarkChoice, int]:
    """How many marks each choice means."""
    marks = timeline.marks if timeline else ()
    kept = sum(mark.state is MarkState.KEPT for mark in marks)
    proposed = sum(mark.state is MarkState.PROPOSED for mark in marks)
    return {MarkChoice.KEPT: kept, MarkChoice.PROPOSED: proposed, MarkChoice.ALL: kept + proposed}


def usual_choice(timeline: Timeline | None) -> MarkChoice:
    """The marks one most likely means: the kept ones once anything is decided, else the proposed ones."""
    decided = any(mark.decided for mark in (timeline.marks if timeline else ()))
    return MarkChoice.KEPT if decided else MarkChoice.PROPOSED
