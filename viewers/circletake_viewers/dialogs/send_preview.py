"""What an editing program would get and what is lost on the way, in words: made of the plan alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from circletake.errors import ErrorInfo
from circletake.interchange.losses import Loss
from circletake.session.sending import Order, Parcel, Sending, Shape

SHAPES: Mapping[Shape, tuple[str, str]] = MappingProxyType(
    {
        Shape.BOTH: ("Both", "A new timeline of the marks, and this one with markers."),
        Shape.PICKS: (
            "The marks as a new timeline",
            "Cut to the marks; each clip still has its whole film.",
        ),
        Shape.MARKERS: ("This timeline with markers", "The cut as it is; each mark becomes a marker with its name."),
    }
)
"""What is sent: each shape's name, and what it means."""

ORDERS: Mapping[Order, str] = MappingProxyType(
    {Order.TIME: "In the order of the timeline", Order.SCORE: "The best first"}
)


@dataclass(frozen=True, slots=True)
class LossRow:
    """One loss: a `sentence`, how many things it befalls, the first of them by name; `whole` where nothing is left.

    What befalls the timeline as a whole names no places.
    """

    sentence: str
    count: int
    places: tuple[str, ...]
    whole: bool

    @property
    def more(self) -> int:
        """How many are not named beside those that are."""
        return self.count - len(self.places) if self.places else 0


@dataclass(frozen=True, slots=True)
class FileLosses:
    """A file to be written, what it is, and its losses; `taken` that the name is."""

    name: str
    kind: str
    losses: tuple[LossRow, ...]
    taken: bool = False


@dataclass(frozen=True, slots=True)
class SendPreview:
    """`files` with their losses, `how` they are opened, `notes` worth knowing; `refusal` why it cannot be."""

    files: tuple[FileLosses, ...] = ()
    how: str = ""
    notes: tuple[str, ...] = ()
    refusal: ErrorInfo | None = None

    @property
    def ready(self) -> bool:
        """Tell whether it can be sent."""
        return bool(self.files) and self.refusal is None

    @property
    def button(self) -> str:
        """What the main button does."""
        count = len(self.files)
        return f"Write {count} file{'' if count == 1 else 's'}" if count else "Write"

    @property
    def summary(self) -> str:
        """All losses in one line."""
        rows = [row for each in self.files for row in each.losses]
        if not rows:
            return "Nothing is lost." if self.files else ""
        whole = sum(row.whole for row in rows)
        changed = len(rows) - whole
        return ", ".join([*([f"{whole} lost"] if whole else []), *([f"{changed} changed"] if changed else [])])


def send_preview_of(sending: Sending) -> SendPreview:
    """What to show of a plan. Looks at the disk; changes nothing."""
    folder = sending.wish.folder
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return SendPreview(
        files=tuple(_file(each, taken=each.path in sending.existing) for each in sending.parcels),
        how=f"{sending.editor.title}: {sending.editor.how}",
        notes=_notes(sending),
        refusal=_refusal(sending, there),
    )


def _file(parcel: Parcel, *, taken: bool) -> FileLosses:
    return FileLosses(parcel.path.name, parcel.form.title, rows_of(parcel.losses), taken)


def rows_of(losses: Iterable[Loss]) -> tuple[LossRow, ...]:
    """A row for each sentence: formats say of several features what becomes of all of them."""
    rows: dict[tuple[str, bool], LossRow] = {}
    for loss in losses:
        key = (loss.sentence, loss.whole)
        places = () if loss.places == ("timeline",) else loss.places
        row = LossRow(loss.sentence, loss.count, places, loss.whole)
        rows[key] = max(rows.get(key, row), row, key=lambda each: each.count)
    return tuple(rows.values())


def _refusal(sending: Sending, there: Path) -> ErrorInfo | None:
    if not there.is_dir():
        return ErrorInfo("export_refused", f"{there} is a file", "Choose a folder.")
    if not sending.existing or sending.wish.overwrite:
        return None
    count = len(sending.existing)
    message = f"{count} of these files {'is' if count == 1 else 'are'} there already"
    return ErrorInfo("export_refused", message, "Choose another folder, or allow replacing.")


def _notes(sending: Sending) -> tuple[str, ...]:
    notes = []
    if not sending.wish.folder.exists():
        notes.append("The folder is not there yet; it will be made.")
    if sending.existing and sending.wish.overwrite:
        count = len(sending.existing)
        notes.append(f"{count} file{' is' if count == 1 else 's are'} replaced.")
    return tuple(notes)
