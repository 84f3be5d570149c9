"""What comes up over the window: dialogs, menus and notices, and the commands that open them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QWidget

from circletake.paths import safe_stem
from circletake.project.files import PROJECT_SUFFIX
from circletake.session.exporting import Exported
from circletake.session.opening import Opened
from circletake.session.unsaved import Unsaved
from circletake.settings import FAST, MAX_SECONDS, MIN_SECONDS, SOUND_OFFSET, TOP
from circletake.timeline.model import MarkState
from circletake_resources import sample_clip
from circletake_viewers.commands import BY_NAME
from circletake_viewers.desk import Problem
from circletake_viewers.dialogs.doctor import DoctorDialog
from circletake_viewers.dialogs.export import ExportDialog
from circletake_viewers.dialogs.frame import show_once
from circletake_viewers.dialogs.jobs import JobsPanel
from circletake_viewers.dialogs.log import LogDialog, LogKeeper
from circletake_viewers.dialogs.palette import Palette
from circletake_viewers.dialogs.problem import Problems
from circletake_viewers.dialogs.recovery import RecoveryDialog
from circletake_viewers.dialogs.settings import SettingsDialog
from circletake_viewers.dialogs.shortcuts import ShortcutSheet
from circletake_viewers.dialogs.sure import Answer, ask_to_save
from circletake_viewers.exchange import Exchange, timeline_filter
from circletake_viewers.keymap import Keymap
from circletake_viewers.memory import Memory
from circletake_viewers.parts import menu_text, native
from circletake_viewers.state.shown import Shown
from circletake_viewers.toolkit import dress
from circletake_viewers.workplace import Workplace

MENU = ("open-files", "", "save", "save-as", "close-project", "", "analyze", "export", "send", "", "import-marks",
        "adopt-markers", "import-report", "locate-media", "", "settings", "shortcuts", "jobs", "log", "doctor", "",
        "quit")  # fmt: skip
MARK_MENU = ("play-mark", "loop-mark", "", "keep", "reject", "undecide", "", "split-mark", "join-marks", "rename-mark",
             "note-mark", "", "delete-mark")  # fmt: skip
"""What the menus hold, by command; an empty name is a line."""

GONE = ("media_not_found", "timeline_unreadable", "system_error")
"""Kinds of errors after which a file is not offered again."""

FINDING = (MIN_SECONDS.key, MAX_SECONDS.key, TOP.key, FAST.key)
"""Settings that change what an analysis finds."""

FILMS = "Footage, projects and timelines (*)"
PROJECTS = f"Projects (*{PROJECT_SUFFIX})"


class Screens(QObject):
    """Opens dialogs and answers for them. Those of them that stay are opened once."""

    open_wanted = Signal(tuple)
    recent_changed = Signal(tuple)
    keys_changed = Signal(object)
    fullscreen_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QWidget, work: Workplace, memory: Memory, log: LogKeeper) -> None:
        super().__init__(parent)
        self._parent, self._work, self._desk = parent, work, work.desk
        self.memory = memory
        self.keymap = Keymap()
        self._log = log
        self._jobs: JobsPanel | None = None
        self.problems = Problems(parent)
        self.exchange = Exchange(parent, work, self.problems, self)
        self._openers: dict[str, Callable[[], object]] = {
            "open-files": self._ask_for_files,
            "save": self.save,
            "save-as": lambda: self.save(anew=True),
            "close-project": self._close_project,
            "export": partial(show_once, parent, ExportDialog, self._new_export),
            "everything": self._find,
            "shortcuts": partial(show_once, parent, ShortcutSheet, self._new_shortcuts),
            "settings": partial(show_once, parent, SettingsDialog, self._new_settings),
            "jobs": self._show_jobs,
            "log": partial(show_once, parent, LogDialog, lambda: LogDialog(self._log, parent)),
            "doctor": partial(show_once, parent, DoctorDialog, lambda: DoctorDialog(self._desk, parent)),
            "rename-mark": self._rename,
            "note-mark": self._work.inspector.edit_note,
            "fullscreen": self.fullscreen_wanted.emit,
            **self.exchange.openers,
            "quit": self.quit_wanted.emit,
        }
        self._desk.troubled.connect(self._on_trouble)
        self._desk.ended.connect(self._on_ended)

    def run(self, name: str) -> None:
        """Open what a command asks for."""
        self._openers[name]()

    def tell(self, text: str) -> None:
        """Say something that needs no answer."""
        self.problems.show_notice(text)

    def tell_key_faults(self) -> None:
        """Say which of the user's keys cannot be used, and which two commands share, so that neither runs."""
        shared = (
            f"{native(each.key)} is the key of several commands, so none of them runs: "
            + ", ".join(BY_NAME[name].title for name in each.names)
            for each in self.keymap.conflicts()
        )
        for text in filter(None, (self.keymap.fault, *shared)):
            self.problems.show_notice(text, "Shortcuts", partial(self.run, "shortcuts"), lasting=True)

    def show_state(self, now: Shown, before: Shown) -> None:
        """Keep what is open up to date."""
        if self._jobs is not None and now.jobs is not before.jobs:
            self._jobs.show_jobs(now.jobs)

    def leave(self) -> Answer:
        """Ask what becomes of edits that are not saved, before another project takes their place.

        What was only found and never touched is found again in the cache, so nobody is asked about it.
        """
        timeline = self._desk.timeline
        if timeline is None or self._desk.shown.top.keeper:
            return Answer.SAVE
        if not self._desk.session.has_own_edits:
            return Answer.DISCARD if self._desk.session.workspace.path is None else Answer.SAVE
        answer = ask_to_save(self._parent, timeline.name, kept=len(timeline.marks_in_state(MarkState.KEPT)))
        return Answer.CANCEL if answer is Answer.SAVE and not self.save() else answer

    def may_stop_export(self) -> bool:
        """Ask before an export that runs is given up; tells whether to go on."""
        if not any(job.kind == "export" and not job.state.ended for job in self._desk.shown.jobs):
            return True
        box = QMessageBox(self._parent)
        box.setWindowTitle("Circletake")
        box.setText("Clips are still being written.")
        box.setInformativeText("Finished ones stay; the one in work is dropped.")
        stop = box.addButton("Stop and quit", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Go on writing", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        return box.clickedButton() is stop

    def save(self, *, anew: bool = False) -> bool:
        """Write the project's file, where there is none yet after asking for its name; tells whether it was."""
        workspace = self._desk.session.workspace
        place: Path | None = None
        if anew or workspace.path is None or workspace.is_foreign:
            place = self._ask_where()
            if place is None:
                return False
        saved = self._desk.do("save", place)
        if isinstance(saved, Path):
            self._note_recent(saved)
        return saved is not None

    def show_menu(self) -> None:
        """The program's menu, under its sign."""
        menu = self._menu(MENU)
        recent = QMenu("Open again", menu)
        for path in self.memory.recent:
            recent.addAction(menu_text(path.name), partial(self.open_wanted.emit, (path,)))
        recent.setEnabled(bool(self.memory.recent))
        menu.insertMenu(menu.actions()[1], recent)
        menu.popup(self._parent.mapToGlobal(QPoint(8, 40)))

    def show_mark_menu(self, mark_id: str, place: QPoint) -> None:
        """What can be done with a mark."""
        if mark_id and mark_id not in self._desk.wish.selected:
            self._work.hands.select((mark_id,), go=False)
        if mark_id:
            self._menu(MARK_MENU).popup(place)

    def close_newest(self) -> bool:
        """Put the list of work away, else the newest problem; tells whether there was anything."""
        if self._jobs is None:
            return self.problems.close_newest()
        self._jobs.close()
        return True

    def close(self) -> None:
        """Take everything away."""
        self.problems.clear()

    def open_sample(self) -> None:
        """Open the film that comes with the program."""
        self.open_wanted.emit((sample_clip(),))

    def _menu(self, names: Sequence[str]) -> QMenu:
        menu = QMenu(self._parent)
        menu.aboutToHide.connect(menu.deleteLater)
        for name in names:
            if not name:
                menu.addSeparator()
                continue
            command = BY_NAME[name]
            keys = self.keymap.keys[name]
            caption = f"{command.title}\t{native(keys[0])}" if keys else command.title
            action = menu.addAction(caption, partial(self._work.hands.run, name))
            action.setEnabled(self._work.hands.can(command))
        return menu

    def _ask_for_files(self) -> None:
        folder = str(self.memory.folders.get("open", Path.home()))
        names, _ = QFileDialog.getOpenFileNames(
            self._parent, "Open footage, a project or a timeline", folder, f"{FILMS};;{timeline_filter()}"
        )
        if names:
            self.memory = self.memory.with_folder("open", Path(names[0]).parent)
            self.open_wanted.emit(tuple(Path(name) for name in names))

    def _ask_where(self) -> Path | None:
        timeline = self._desk.timeline
        media = next(iter(self._desk.media), None)
        folder = media.parent if media else Path.home()
        stem = safe_stem(timeline.name if timeline else "", "project")
        dialog = QFileDialog(self._parent, "Save the project", str(folder), PROJECTS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(PROJECT_SUFFIX)  # before Qt asks about a file of that name
        dialog.selectFile(f"{stem}{PROJECT_SUFFIX}")
        return Path(dialog.selectedFiles()[0]) if dialog.exec() else None

    def _close_project(self) -> None:
        answer = self.leave()
        if answer is not Answer.CANCEL and self._desk.shown.is_open:
            self._desk.do("close", discard=answer is Answer.DISCARD)

    def _new_export(self) -> ExportDialog:
        folder = self.memory.export_folder or _clips_folder(next(iter(self._desk.media), None))
        dialog = ExportDialog(self._desk, folder, self._parent)
        dialog.folder_used.connect(self._note_export_folder)
        return dialog

    def _note_export_folder(self, folder: Path) -> None:
        self.memory = replace(self.memory, export_folder=folder)

    def _find(self) -> None:
        commands = [command for command in BY_NAME.values() if self._work.hands.can(command)]
        shown = self._desk.shown
        palette = Palette(commands, self.keymap, shown.marks.rows, shown.cut.clock, self.memory.recent, self._parent)
        palette.command_wanted.connect(self._work.hands.run)
        palette.mark_wanted.connect(lambda mark: self._work.hands.select((mark,)))
        palette.file_wanted.connect(lambda path: self.open_wanted.emit((path,)))
        palette.show()

    def _new_shortcuts(self) -> ShortcutSheet:
        sheet = ShortcutSheet(self.keymap, self._parent)
        sheet.changed.connect(self.keys_changed)
        return sheet

    def _new_settings(self) -> SettingsDialog:
        dialog = SettingsDialog(self._desk, self._parent)
        dialog.changed.connect(self._use_setting)
        return dialog

    def _use_setting(self, key: str) -> None:
        settings = self._desk.session.settings
        if key.startswith("window."):
            app = QApplication.instance()
            if isinstance(app, QApplication):
                dress(app, settings)
        elif key == SOUND_OFFSET.key:
            self._work.player.set_offset(settings.get(SOUND_OFFSET))
        elif key in FINDING and self._desk.shown.is_open:
            text = "These marks were found with the settings of before."
            self.problems.show_notice(text, "Analyse again", partial(self._work.hands.run, "analyze"), lasting=True)

    def _show_jobs(self) -> None:
        if self._jobs is not None:
            self._jobs.close()
            return
        self._desk.look_at_jobs()
        self._jobs = JobsPanel(self._parent)
        self._jobs.show_jobs(self._desk.shown.jobs)
        self._jobs.cancel_wanted.connect(self._desk.cancel)
        self._jobs.clear_wanted.connect(self._desk.forget_ended_jobs)
        self._jobs.destroyed.connect(self._forget_jobs)
        self._jobs.show()

    def _forget_jobs(self) -> None:
        self._jobs = None

    def _rename(self) -> None:
        focus = self._desk.wish.focus
        if focus is not None:
            self._work.marks.edit(focus)

    def _on_ended(self, name: str, value: object) -> None:
        if isinstance(value, Opened):
            self._welcome(value)
        elif isinstance(value, Exported):
            self._tell_exported(value)
        elif name == "find-unsaved" and value:
            self._offer(tuple(each for each in value if isinstance(each, Unsaved)) if isinstance(value, tuple) else ())

    def _welcome(self, opened: Opened) -> None:
        workspace = opened.workspace
        if workspace.path is not None:
            self._note_recent(workspace.path)
        elif opened.imported is not None:
            self._note_recent(opened.imported.path)
        else:
            self._note_recent(*(media.path for media in opened.media))
        recovered = workspace.recovered
        if recovered is not None and workspace.path is not None and recovered.edits:
            count = len(recovered.edits)
            text = f"{count} edit{'' if count == 1 else 's'} that {'was' if count == 1 else 'were'} not saved "
            self.problems.show_notice(
                f"{text}{'is' if count == 1 else 'are'} back.", "Go back to the file", self._undo, lasting=True
            )
        if workspace.conflict is not None:
            text = "The file was changed by another program; edits made here before are kept beside it."
            self.problems.show_notice(text, "Apply them too", partial(self._desk.do, "take-conflict"), lasting=True)
        for warning in workspace.warnings:
            self.tell(warning)

    def _undo(self) -> None:
        self._desk.do("undo")

    def _note_recent(self, *paths: Path) -> None:
        memory = self.memory
        for path in paths:
            memory = memory.with_recent(path)
        self._keep_recent(memory)

    def _keep_recent(self, memory: Memory) -> None:
        self.memory = memory
        memory.save()
        self.recent_changed.emit(memory.recent)

    def _on_trouble(self, problem: Problem) -> None:
        if self.exchange.tells(problem):
            return
        self.problems.show_problem(problem)
        error = problem.error
        if error.kind in GONE:
            for path in [each for each in self.memory.recent if error.message.startswith(f"{each}: ")]:
                self._keep_recent(self.memory.without_recent(path))

    def _tell_exported(self, exported: Exported) -> None:
        report = exported.report
        written = len(report.clips) - len(report.failed)
        failed = len(report.failed) + len(exported.failures)
        text = f"{written} clip{'' if written == 1 else 's'} written to {report.folder}"
        text += f"; {failed} failed, see the list of work" if failed else ""
        folder = QUrl.fromLocalFile(str(report.folder))
        self.problems.show_notice(text, "Open the folder", lambda: QDesktopServices.openUrl(folder))

    def _resume(self, journal: Path) -> None:
        answer = self.leave()
        if answer is not Answer.CANCEL:
            self._desk.resume(journal, discard=answer is Answer.DISCARD)

    def _offer(self, unsaved: tuple[Unsaved, ...]) -> None:
        dialog = RecoveryDialog(unsaved, self._parent)
        dialog.resume_wanted.connect(self._resume)
        dialog.forget_wanted.connect(lambda journal: self._desk.do("forget-unsaved", journal))
        dialog.show()


def _clips_folder(film: Path | None) -> Path:
    """Where clips of a film go at first: beside it, save where that is inside the program."""
    if film is None or film.is_relative_to(sample_clip().parent):
        return Path.home() / "Circletake clips"
    return film.parent / "clips"
