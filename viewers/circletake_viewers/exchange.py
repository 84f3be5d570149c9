"""To and from other editors, over the window: sending, what was read, missing media, marks that come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget
from shiboken6 import isValid

from circletake.interchange.editors import EDITORS
from circletake.interchange.registry import formats
from circletake.session.arriving import Arrival, Arrived
from circletake.session.importing import USUAL, MarksTaken, ReadHow
from circletake.session.opening import Opened
from circletake.session.sending import Sent
from circletake_resources import sample_clip
from circletake_viewers import theme
from circletake_viewers.desk import Problem
from circletake_viewers.dialogs.arrival import ArrivalDialog
from circletake_viewers.dialogs.frame import present, sentence, show_once
from circletake_viewers.dialogs.imported import ImportedDialog, holds, states_rate
from circletake_viewers.dialogs.missing import MissingDialog
from circletake_viewers.dialogs.problem import Notice, Problems
from circletake_viewers.dialogs.send import SendDialog
from circletake_viewers.memory import Memory
from circletake_viewers.parts import menu_text
from circletake_viewers.workplace import Workplace

TILE = 20
"""Side of a program's tile in a menu, in pixels."""


def timeline_filter() -> str:
    """The file dialogs' filter for timelines and lists."""
    suffixes = sorted({each.suffix for each in formats() if each.read})
    return f"Timelines and lists ({' '.join(f'*{suffix}' for suffix in suffixes)})"


class Keeper(Protocol):
    """Whoever holds what the window remembers."""

    memory: Memory


class Exchange(QObject):
    """Opens the dialogs about other editors' files and tells what became of them.

    `open_wanted` carries files, and how they are read, that take the place of what is open.
    """

    open_wanted = Signal(tuple, object)

    def __init__(self, parent: QWidget, work: Workplace, problems: Problems, keeper: Keeper) -> None:
        super().__init__(parent)
        self._parent, self._work, self._desk = parent, work, work.desk
        self._problems, self._keeper = problems, keeper
        self.openers: dict[str, Callable[[], object]] = {
            "send": self.send,
            "import-marks": self._ask_for_marks,
            "adopt-markers": self._adopt_markers,
            "locate-media": partial(show_once, parent, MissingDialog, self._new_missing),
            "import-report": self._show_report,
        }
        self._standing: dict[str, list[Notice]] = {}
        self._desk.ended.connect(self._on_ended)

    def send(self, editor: str = "") -> None:
        """Show what sending would write; to `editor`, by default the one sent to last."""
        show_once(self._parent, SendDialog, self._new_send)
        dialog = next(each for each in self._parent.findChildren(SendDialog) if each.isVisible())
        if editor:
            dialog.choose_editor(editor)

    def show_editors(self, place: QPoint) -> None:
        """A menu of the programs to send to, the last one first."""
        menu = QMenu(self._parent)
        menu.aboutToHide.connect(menu.deleteLater)
        last = [each for each in EDITORS if each.name == self._keeper.memory.editor]
        for editor in (*last, *(each for each in EDITORS if each not in last)):
            named = f"{menu_text(editor.title)}…"
            menu.addAction(theme.tile(editor.title, TILE), named, partial(self.send, editor.name))
            if editor in last:
                menu.addSeparator()
        menu.popup(place)

    def tells(self, problem: Problem) -> bool:
        """Tell whether an open dialog says itself what went wrong."""
        dialogs = self._parent.findChildren(MissingDialog)
        return problem.action == "locate-media" and any(each.isVisible() for each in dialogs)

    def import_marks(self, files: Sequence[Path]) -> None:
        """Lay the marks of files on the open cut."""
        for file in files:
            self._desk.do("import-marks", file)

    def _new_send(self) -> SendDialog:
        memory = self._keeper.memory
        dialog = SendDialog(self._desk, memory.editor, memory.folders.get("send") or self._usual_folder(), self._parent)
        dialog.sent.connect(self._note_sent)
        return dialog

    def _usual_folder(self) -> Path:
        """Where files go at first: beside the timeline that was read or the film; never inside the program."""
        imported = self._desk.shown.imported
        beside = imported.path if imported else next(iter(self._desk.media), None)
        if beside is None or beside.is_relative_to(sample_clip().parent):
            return Path.home() / "Circletake timelines"
        return beside.parent / "timelines"

    def _note_sent(self, editor: str, folder: Path) -> None:
        self._keeper.memory = self._keeper.memory.with_editor(editor)
        self._note_folder("send", folder)

    def _note_folder(self, purpose: str, folder: Path) -> None:
        self._keeper.memory = self._keeper.memory.with_folder(purpose, folder)

    def _new_missing(self) -> MissingDialog:
        folder = self._keeper.memory.folders.get("locate", Path.home())
        dialog = MissingDialog(self._desk, folder, self._parent)
        dialog.folder_used.connect(partial(self._note_folder, "locate"))
        dialog.analyse_wanted.connect(partial(self._work.hands.run, "analyze"))
        return dialog

    def _show_report(self) -> None:
        show_once(self._parent, ImportedDialog, self._new_report)

    def _new_report(self) -> ImportedDialog:
        imported, timeline = self._desk.shown.imported, self._desk.timeline
        assert imported is not None, "the command needs one"  # noqa: S101 - hands ask before they run it
        assert timeline is not None, "what was imported is open"  # noqa: S101 - as above
        dialog = ImportedDialog(imported, timeline, self._parent)
        dialog.again_wanted.connect(partial(self._open_again, imported.path))
        return dialog

    def _open_again(self, path: Path, how: ReadHow) -> None:
        self.open_wanted.emit((path,), how)

    def _ask_for_marks(self) -> None:
        memory = self._keeper.memory
        folder = memory.folders.get("marks") or memory.folders.get("send") or Path.home()
        title = "Import marks from a timeline or a list"
        names, _ = QFileDialog.getOpenFileNames(self._parent, title, str(folder), f"{timeline_filter()};;All files (*)")
        if names:
            self._note_folder("marks", Path(names[0]).parent)
            self.import_marks([Path(name) for name in names])

    def _adopt_markers(self) -> None:
        before = len(self._desk.shown.marks.made)
        if self._desk.shown.top.keeper:
            self._problems.show_notice(f"The project is open in {self._desk.shown.top.keeper}, so nothing is changed.")
            return
        self._desk.do("adopt-markers")
        count = len(self._desk.shown.marks.made) - before
        self._tell_step(f"{count} marker{' is a mark' if count == 1 else 's are marks'} now.", "Make marks of markers")

    def _on_ended(self, _: str, value: object) -> None:
        if isinstance(value, Arrived):
            self._answer(value)
        elif isinstance(value, MarksTaken):
            self._tell_marks(value)
        elif isinstance(value, Sent):
            self._tell_sent(value)
        elif isinstance(value, Opened):
            self._tell_opened(value)

    def _answer(self, arrived: Arrived) -> None:
        if not self._desk.shown.is_open or arrived.arrival is Arrival.OPEN:
            self.open_wanted.emit(arrived.files, USUAL)
        elif arrived.arrival is Arrival.MARKS:
            self.import_marks(arrived.files)
        else:
            dialog = ArrivalDialog(arrived, self._parent)
            dialog.marks_wanted.connect(self.import_marks)
            dialog.open_wanted.connect(lambda files: self.open_wanted.emit(files, USUAL))
            present(dialog)

    def _tell_marks(self, taken: MarksTaken) -> None:
        done = [
            *([f"{taken.added} added"] if taken.added else []),
            *([f"{taken.updated} updated"] if taken.updated else []),
        ]
        text = f"Marks of {taken.path.name}: {', '.join(done) or 'nothing is new'}."
        text = " ".join((text, *(sentence(each) for each in taken.warnings)))
        if done:
            self._tell_step(text, "Import marks")
        else:
            self._problems.show_notice(text)

    def _tell_step(self, text: str, step: str) -> None:
        """Say what a step did and offer to undo it, as long as it is the last one."""

        def undo() -> None:
            if self._desk.shown.top.undo == step:
                self._desk.do("undo")

        self._say("step", text, "Undo", undo)

    def _tell_sent(self, sent: Sent) -> None:
        count, folder = len(sent.parcels), sent.parcels[0].path.parent
        text = f"{count} file{'' if count == 1 else 's'} written to {folder}. {sent.editor.title}: {sent.editor.how}"
        place = QUrl.fromLocalFile(str(folder))
        self._put_away("sent")
        self._say("sent", text, "Open the folder", lambda: QDesktopServices.openUrl(place), lasting=True)

    def _tell_opened(self, opened: Opened) -> None:
        """One notice for all there is to know of a timeline; what was said of the last one goes."""
        self._put_away("opened", "step", "sent")
        imported, timeline = opened.imported, self._desk.timeline
        if imported is None or timeline is None:
            return
        text = f"Opened from {imported.form.title}: {holds(timeline)}"
        count = len(imported.warnings)
        text += f"; {count} thing{'' if count == 1 else 's'} to know" if count else ""
        more = len(imported.others)
        text += f"; {more} more sequence{'' if more == 1 else 's'} in the file" if more else ""
        if count or more or not states_rate(imported):
            self._say("opened", f"{text}.", "Details", self._show_report, lasting=True)
        else:
            self._say("opened", f"{text}.")

    def _say(
        self, kind: str, text: str, action: str = "", then: Callable[[], object] | None = None, *, lasting: bool = False
    ) -> None:
        """Show a notice that stands until its kind is put away."""
        notice = self._problems.show_notice(text, action, then, lasting=lasting)
        self._standing.setdefault(kind, []).append(notice)

    def _put_away(self, *kinds: str) -> None:
        for notice in [each for kind in kinds for each in self._standing.pop(kind, [])]:
            if isValid(notice):
                notice.closed.emit()
