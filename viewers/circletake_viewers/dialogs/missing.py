"""Missing media: what is not there, where it should be, and saying where it is now, one file or a whole folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHeaderView, QProgressBar, QTreeWidget, QTreeWidgetItem, QWidget

from circletake.jobs.job import Job, JobState
from circletake.media.footage import FOOTAGE
from circletake.session.relinking import Relinked
from circletake_viewers import theme
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.frame import Dialog, Inline, sentence, wrapped
from circletake_viewers.parts import button, label, plain_tip, row
from circletake_viewers.state.facts import JobFact
from circletake_viewers.state.missing import MissingFile
from circletake_viewers.state.shown import Shown

COLUMNS = ("File", "The timeline says it is in", "Clips", "Why not")
REASON = 3
STEPS = 1000


def missing_words(count: int) -> str:
    """`1 file is missing`, `3 files are missing`."""
    return f"{count} file is missing" if count == 1 else f"{count} files are missing"


class MissingDialog(Dialog):
    """Lists missing files. `folder_used` tells where one was found; `analyse_wanted` asks to score what is new."""

    folder_used = Signal(Path)
    analyse_wanted = Signal()

    def __init__(self, desk: Desk, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("Missing media", QSize(820, 480), parent)
        self._desk, self._folder = desk, folder
        self._job = ""
        self._reasons: dict[str, str] = {}
        self._title = label(look="title")
        self.files = _tree()
        self.choose = button("Choose file…", icon="film")
        self.search = button("Search a folder…", "main", "search")
        self.search.setToolTip("Look for all of them in a folder and the folders in it")
        self._bar = QProgressBar(textVisible=False, maximum=STEPS)
        self._cancel = button("Cancel", "link")
        self.outcome = Inline()
        self.analyse = button("Analyse what was found", "link", "search")
        self.close_button = button("Close")
        self._lay_out()
        self._wire()
        self._show_files(desk.shown.missing)
        self._show_job(None)
        self.analyse.hide()

    def choose_file(self) -> None:
        """Ask for the selected file."""
        item = self.files.currentItem()
        if item is None or self._is_looking:
            return
        names = " ".join(f"*{suffix}" for suffix in sorted(FOOTAGE))
        title = f"Where is {item.text(0)}?"
        name, _ = QFileDialog.getOpenFileName(self, title, str(self._folder), f"Footage ({names});;All files (*)")
        if name:
            self.look_for(str(item.data(0, Qt.ItemDataRole.UserRole)), Path(name))

    def search_folder(self) -> None:
        """Ask for a folder to look for all of them in."""
        name = QFileDialog.getExistingDirectory(self, "Search for the missing files in", str(self._folder))
        if name:
            self.look_for("", Path(name))

    def look_for(self, address: str, place: Path) -> None:
        """Look for one file at `place`, or for all in a folder."""
        self._folder = place if place.is_dir() else place.parent
        job = self._desk.do("locate-media", address, place)
        if isinstance(job, Job):
            self._job = job.id
            self.outcome.hide()
            self.analyse.hide()
            self._show_job(self._fact(self._desk.shown.jobs))

    @property
    def _is_looking(self) -> bool:
        fact = self._fact(self._desk.shown.jobs)
        return fact is not None and not fact.state.ended

    def _lay_out(self) -> None:
        hint = "Say where one of them is, and others that moved with it are found too. One step undoes it."
        self.body.addWidget(self._title)
        self.body.addWidget(wrapped(hint, "caption"))
        self.body.addWidget(self.files, 1)
        self.body.addLayout(row(self.choose, self.search, self._bar, self._cancel, None))
        self.body.addWidget(self.outcome)
        self.set_foot(self.analyse, None, self.close_button)

    def _wire(self) -> None:
        self.choose.clicked.connect(self.choose_file)
        self.files.itemActivated.connect(self.choose_file)
        self.search.clicked.connect(self.search_folder)
        self._cancel.clicked.connect(lambda: self._desk.cancel(self._job))
        self.analyse.clicked.connect(self._ask_for_analysis)
        self.close_button.clicked.connect(self.close)
        self._desk.changed.connect(self._hear)
        self._desk.ended.connect(self._take)

    def _ask_for_analysis(self) -> None:
        self.analyse_wanted.emit()
        self.close()

    def _fact(self, jobs: tuple[JobFact, ...]) -> JobFact | None:
        return next((each for each in jobs if each.id == self._job), None)

    def _hear(self, now: Shown, before: Shown) -> None:
        if not now.is_open:
            self.close()
            return
        if now.missing != before.missing:
            self._show_files(now.missing)
        if now.jobs is not before.jobs:
            fact, then = self._fact(now.jobs), self._fact(before.jobs)
            self._show_job(fact)
            if fact and fact.state is JobState.FAILED and not (then and then.state.ended):
                self.outcome.show_error(fact.error)

    def _take(self, name: str, value: object) -> None:
        if name != "locate-media" or not isinstance(value, Relinked):
            return
        self._reasons.update(value.reasons)
        self.folder_used.emit(self._folder)
        found, all_of_them = len(value.found), len(value.found) + len(value.missing)
        left = len(self._desk.shown.missing)
        text = f"{found} of {all_of_them} found." if all_of_them > 1 else "It is found."
        self.outcome.show_note(text, "" if left else "Nothing is missing any more.")
        self._show_files(self._desk.shown.missing)
        self.analyse.setVisible(not self._desk.shown.top.keeper)

    def _show_job(self, fact: JobFact | None) -> None:
        runs = fact is not None and not fact.state.ended
        for part in (self._bar, self._cancel):
            part.setVisible(runs)
        self._enable()
        if fact is not None:
            self._bar.setMaximum(STEPS if fact.total else 0)
            self._bar.setValue(round(STEPS * fact.done / fact.total) if fact.total else 0)

    def _enable(self) -> None:
        can = bool(self._desk.shown.missing) and not self._is_looking and not self._desk.shown.top.keeper
        for part in (self.choose, self.search):
            part.setEnabled(can)

    def _show_files(self, files: tuple[MissingFile, ...]) -> None:
        current = self.files.currentItem()
        before = current.data(0, Qt.ItemDataRole.UserRole) if current else None
        self._title.setText(missing_words(len(files)) if files else "Nothing is missing")
        self.files.clear()
        lines = [_line(each, self._reasons) for each in files]
        self.files.addTopLevelItems(lines)
        self.files.setColumnHidden(REASON, not any(each.address in self._reasons for each in files))
        place = next((place for place, each in enumerate(files) if each.address == before), 0)
        if lines:
            self.files.setCurrentItem(lines[place])
        self._enable()
        if not files:
            self.close_button.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_files(self._desk.shown.missing)


def _tree() -> QTreeWidget:
    made = QTreeWidget()
    made.setAccessibleName("Missing files")
    made.setHeaderLabels(COLUMNS)
    made.setRootIsDecorated(False)
    made.setUniformRowHeights(True)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.setAllColumnsShowFocus(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    head = made.header()
    head.setStretchLastSection(False)
    head.setSectionsMovable(False)
    for column, mode in enumerate(("Stretch", "Stretch", "ResizeToContents", "Stretch")):
        head.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
    return made


def _line(file: MissingFile, reasons: Mapping[str, str]) -> QTreeWidgetItem:
    reason = sentence(reasons.get(file.address, ""))
    made = QTreeWidgetItem([file.name, file.folder, str(file.clips), reason])
    made.setData(0, Qt.ItemDataRole.UserRole, file.address)
    made.setIcon(0, theme.icon("missing", theme.current().muted))
    made.setSizeHint(0, QSize(0, 28))
    made.setToolTip(0, plain_tip(file.name))
    made.setToolTip(1, plain_tip(file.address))
    made.setToolTip(REASON, plain_tip(reason))
    return made
