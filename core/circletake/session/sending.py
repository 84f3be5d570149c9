"""Marks to another editor: a timeline of what was kept, the whole one with the marks on it, or both, and the losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from circletake.errors import ExportRefused, UsageError
from circletake.interchange.compose import Layout, annotated, picks
from circletake.interchange.editors import Editor, editor_named
from circletake.interchange.format import Format
from circletake.interchange.losses import Loss, losses
from circletake.interchange.registry import format_named
from circletake.interchange.writing import write_file
from circletake.jobs.context import JobContext
from circletake.media.frames import MediaInfo
from circletake.paths import safe_stem
from circletake.session.exporting import MarkChoice, chosen_marks, refuse_own
from circletake.timebase import RationalTime
from circletake.timeline.model import Mark, Timeline


class Shape(StrEnum):
    """What is sent: the marks alone as a new timeline, the whole timeline with the marks as markers, or both."""

    PICKS = "picks"
    MARKERS = "markers"
    BOTH = "both"


class Order(StrEnum):
    """How picks follow each other."""

    TIME = "time"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class SendWish:
    """What the editor asks for. `to` is the program by name; `handles` and `spacing` are seconds, for picks alone."""

    to: str
    folder: Path
    shape: Shape = Shape.BOTH
    marks: MarkChoice = MarkChoice.KEPT
    order: Order = Order.TIME
    handles: float = 0.0
    spacing: float = 0.0
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file to write: the timeline as it goes out with its marks, and what its format loses of it."""

    path: Path
    form: Format
    timeline: Timeline
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """All a run needs, and what to show before it: `existing` names are taken."""

    editor: Editor
    parcels: tuple[Parcel, ...]
    media: Mapping[Path, MediaInfo]
    wish: SendWish
    existing: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was written, each with what it lost."""

    editor: Editor
    parcels: tuple[Parcel, ...]


def plan_send(
    timeline: Timeline, media: Mapping[Path, MediaInfo], wish: SendWish, project: Path | None = None
) -> Sending:
    """Work out which files a program gets and what each loses; nothing is written.

    Raises:
        UsageError: no such program, no marks where only marks are asked for, or lengths below zero.
        ExportRefused: a file would replace the project or a film.
    """
    editor = editor_named(wish.to)
    if wish.folder.exists() and not wish.folder.is_dir():
        raise UsageError("this is a file, not a folder", hint="Choose the folder to write to.", path=wish.folder)
    chosen = chosen_marks(timeline, wish.marks)
    if not chosen and wish.shape is not Shape.MARKERS:
        hint = "Keep at least one mark, send the proposed ones, or send the timeline with its markers."
        raise UsageError(f"there is no {wish.marks} mark to send", hint=hint)
    parcels = tuple(_parcels(timeline, _ordered(chosen, wish.order), editor, wish))
    refuse_own([parcel.path for parcel in parcels], [*media, *([project] if project else [])])
    existing = tuple(parcel.path for parcel in parcels if parcel.path.exists())
    return Sending(editor, parcels, media, wish, existing)


def _ordered(marks: Sequence[Mark], order: Order) -> tuple[Mark, ...]:
    if order is Order.SCORE:
        return tuple(marks)
    return tuple(sorted(marks, key=lambda mark: mark.range.start_time.seconds))


def _parcels(timeline: Timeline, marks: tuple[Mark, ...], editor: Editor, wish: SendWish) -> Iterator[Parcel]:
    stem = safe_stem(timeline.name, "timeline")
    if wish.shape in (Shape.PICKS, Shape.BOTH):
        composed = picks(timeline, marks, _layout(timeline.rate, wish))
        for name in dict.fromkeys((editor.timeline, editor.markers)):  # one finds moved media, one keeps markers
            yield parcel(composed, format_named(name), wish.folder / f"{stem} picks")
    if wish.shape in (Shape.MARKERS, Shape.BOTH):
        composed = annotated(timeline, marks)
        yield parcel(composed, format_named(editor.markers), wish.folder / f"{stem} marked")
        if editor.marker_list:
            yield parcel(composed, format_named(editor.marker_list), wish.folder / f"{stem} markers")


def _layout(rate: Fraction, wish: SendWish) -> Layout:
    try:
        handles, spacing = (RationalTime.from_seconds(each, rate) for each in (wish.handles, wish.spacing))
    except ValueError as error:
        raise UsageError(str(error), hint="Give seconds, such as 0.5.") from error
    if handles.value < 0 or spacing.value < 0:
        raise UsageError("handles and spacing cannot be below zero", hint="Give seconds, such as 0.5.")
    return Layout(handles, spacing)


def parcel(timeline: Timeline, form: Format, place: Path) -> Parcel:
    """A timeline with its marks on the way to `place`, named by the format's own suffix."""
    return Parcel(place.with_name(place.name + form.suffix), form, timeline, losses(timeline, form))


def send(sending: Sending, context: JobContext) -> Sent:
    """Write every file whole or not at all.

    Raises:
        ExportRefused: a name is taken; nothing was written.
        TimelineInvalid: something in the timeline cannot be written in this format.
        OSError: the folder cannot be written.
    """
    overwrite = sending.wish.overwrite
    taken = next((each.path for each in sending.parcels if each.path.exists()), None)  # also since it was planned
    if taken and not overwrite:
        hint = "Choose another folder, or allow overwriting."
        raise ExportRefused("this file is there already", hint=hint, path=taken)
    for done, each in enumerate(sending.parcels):
        context.progress(done, len(sending.parcels))
        write_file(each.timeline, each.form, sending.media, each.path, overwrite=overwrite)
    return Sent(sending.editor, sending.parcels)
