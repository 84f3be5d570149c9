"""The export dialog: which marks, how they are cut, what is written beside them, where, and what that will be."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QRadioButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from circletake.errors import ErrorInfo
from circletake.export.plan import ExportMode
from circletake.session.exporting import ExportWish, TimelineFormat
from circletake.settings import EXPORT_MODE, EXPORT_QUALITY, EXPORT_TIMELINES, OVERWRITE, Settings
from circletake_viewers import theme
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.export_preview import (
    LISTS,
    MODES,
    FileRow,
    Preview,
    folder_named,
    more_lists,
    preview_of,
    usual_choice,
)
from circletake_viewers.dialogs.frame import EDGE, Fold, wrapped
from circletake_viewers.dialogs.planned import PlannedDialog
from circletake_viewers.dialogs.planner import Planner
from circletake_viewers.parts import button, label, plain_tip, row
from circletake_viewers.state.shown import Shown

LEFT_WIDTH = 380
COLUMNS = ("File", "Length", "Cut", "Size")


class ExportDialog(PlannedDialog):
    """Asks what to export and shows what that will write. `folder_used` tells the folder of an export begun."""

    folder_used = Signal(Path)

    def __init__(self, desk: Desk, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("Export", QSize(960, 640), desk, folder, Planner(desk), parent)
        self._planner.planned.connect(self._show)
        self.preview = Preview()
        self.modes = {mode: QRadioButton(words[0]) for mode, words in MODES.items()}
        self._more_words = more_lists()
        self.lists = {form: QCheckBox(words[0]) for form, words in {**LISTS, **self._more_words}.items()}
        self.more = Fold("More formats")
        self.from_now_on = QCheckBox("Use these from now on")
        self.from_now_on.setToolTip("Store how clips are cut, the lists and replacing as your settings")
        self.table = _table()
        self._total, self._room = label(look="caption"), label(look="caption")
        self.go = button("Export", "main", "export")
        self._timer.timeout.connect(self.look)
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        self._lay_out()
        self._choose(desk.session.settings)
        self._wire()
        self.look()

    def wish(self) -> ExportWish | ErrorInfo:
        """What is asked for, or why the folder that was typed is none."""
        folder = folder_named(self.folder.text())
        if isinstance(folder, ErrorInfo):
            return folder
        return ExportWish(
            folder,
            marks=next(choice for choice, each in self.marks.items() if each.isChecked()),
            mode=next(mode for mode, each in self.modes.items() if each.isChecked()),
            timelines=tuple(form for form, each in self.lists.items() if each.isChecked()),
            overwrite=self.replace.isChecked(),
            crf=self._desk.session.settings.get(EXPORT_QUALITY),
        )

    def look(self) -> None:
        """Plan anew; what would be written is shown as soon as that is known."""
        self._timer.stop()
        self.count_marks()
        wish = self.wish()
        if isinstance(wish, ErrorInfo):
            self._planner.ask(partial(Preview, refusal=wish))
        else:
            plan = self._desk.plan_export(wish)
            self._planner.ask(lambda: preview_of(plan()))

    def begin(self) -> None:
        """Export what is shown; where that is not what is chosen yet, once it is, and still can be."""
        wish = self.wish()
        if not self.settled:
            self._begins = True
            self.look()
        elif self.preview.ready and isinstance(wish, ExportWish):
            self._export(wish)

    def _export(self, wish: ExportWish) -> None:
        if self.from_now_on.isChecked():
            self._store(wish)
        job = self._desk.do(
            "export",
            to=wish.folder,
            marks=wish.marks,
            mode=wish.mode,
            timelines=wish.timelines,
            overwrite=wish.overwrite,
        )
        if job is not None:
            self.folder_used.emit(wish.folder)
            self.accept()

    def _lay_out(self) -> None:
        choices = QWidget()
        left = QVBoxLayout(choices)
        left.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        left.setSpacing(4)
        left.addWidget(label("Marks", "caption"))
        for part in self.marks.values():
            left.addWidget(part)
        add_section(left, "How they are cut")
        for mode, radio in self.modes.items():
            add_explained(left, radio, MODES[mode][1])
        add_section(left, "Written beside the clips")
        for form, words in LISTS.items():
            add_explained(left, self.lists[form], words[1])
        left.addWidget(self.more)
        for form, words in self._more_words.items():
            self.lists[form].setToolTip(words[1])
            self.lists[form].setAccessibleDescription(words[1])
            self.more.add(self.lists[form])
        left.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFixedWidth(LEFT_WIDTH)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(choices)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more.unfolded.connect(lambda: QTimer.singleShot(0, self, lambda: scroll.ensureWidgetVisible(self.more)))
        both = QHBoxLayout()
        both.setSpacing(0)
        both.addWidget(scroll)
        both.addLayout(self._right_side(), 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(both)
        cancel = button("Cancel")
        cancel.clicked.connect(self.close)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.set_foot(self.from_now_on, self.reason, cancel, self.go)
        self.set_main(self.go)

    def _right_side(self) -> QVBoxLayout:
        browse = button("Choose…", icon="folder")
        browse.clicked.connect(lambda: self.ask_for_folder("Export to"))
        self.folder.setAccessibleName("Folder")
        made = QVBoxLayout()
        made.setContentsMargins(0, EDGE, EDGE, EDGE)
        made.setSpacing(8)
        made.addWidget(label("Folder", "caption"))
        made.addLayout(row(self.folder, browse))
        made.addWidget(self.replace)
        made.addWidget(label("What will be written", "caption"))
        made.addWidget(self.table, 1)
        made.addLayout(row(self._total, None, self._room))
        made.addWidget(self._notes)
        made.addWidget(self.refusal)
        return made

    def _choose(self, settings: Settings) -> None:
        for group, radios in zip(self._groups, (self.marks.values(), self.modes.values()), strict=True):
            for radio in radios:
                group.addButton(radio)
        self.marks[usual_choice(self._desk.timeline)].setChecked(True)
        self.modes[ExportMode(settings.get(EXPORT_MODE))].setChecked(True)
        for form in settings.get(EXPORT_TIMELINES):
            self.lists[TimelineFormat(form)].setChecked(True)
        self.replace.setChecked(settings.get(OVERWRITE))

    def _wire(self) -> None:
        for part in (*self.marks.values(), *self.modes.values(), *self.lists.values(), self.replace):
            part.toggled.connect(self._timer.start)
        self.folder.textChanged.connect(self._timer.start)
        self.go.clicked.connect(self.begin)
        self._desk.changed.connect(self._hear)

    def _hear(self, now: Shown, before: Shown) -> None:
        if not now.is_open:
            self.close()
        elif now.marks is not before.marks or now.cut is not before.cut:
            self._timer.start()

    def _show(self, preview: Preview) -> None:
        self.preview = preview
        _fill(self.table, preview.rows)
        self._total.setText(preview.total)
        self._room.setText(preview.room)
        if self.show_verdict(preview, self.go):
            self.begin()

    def _store(self, wish: ExportWish) -> None:
        lists = ",".join(form for form in wish.timelines if form in EXPORT_TIMELINES.choices)
        overwrite = str(wish.overwrite).lower()
        for key, text in ((EXPORT_MODE.key, wish.mode), (EXPORT_TIMELINES.key, lists), (OVERWRITE.key, overwrite)):
            self._desk.do("settings", key, str(text))


def add_section(layout: QVBoxLayout, title: str) -> None:
    """Begin another group of choices."""
    layout.addSpacing(12)
    layout.addWidget(label(title, "caption"))


def add_explained(layout: QVBoxLayout, part: QRadioButton | QCheckBox, text: str) -> None:
    """A choice with a line under it, which belongs to it for screen readers too."""
    part.setAccessibleDescription(text)
    said = wrapped(text, "hint")
    said.setContentsMargins(24, 0, 0, 4)
    layout.addWidget(part)
    layout.addWidget(said)


def _table() -> QTableWidget:
    made = QTableWidget(0, len(COLUMNS))
    made.setHorizontalHeaderLabels(COLUMNS)
    made.setAccessibleName("What will be written")
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setShowGrid(False)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(28)
    head = made.horizontalHeader()
    head.setHighlightSections(False)
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return made


def _fill(table: QTableWidget, rows: tuple[FileRow, ...]) -> None:
    table.setRowCount(len(rows))
    t = theme.current()
    for place, each in enumerate(rows):
        name = QTableWidgetItem(each.name)
        name.setToolTip(plain_tip(f"{each.name}: there already" if each.taken else each.name))
        if each.taken:
            name.setIcon(theme.icon("warning", t.accent_text))
        cut = QTableWidgetItem(each.mode)
        if each.note:
            cut.setIcon(theme.icon("info", t.muted))
        cut.setToolTip(plain_tip(each.note))
        for column, item in enumerate((name, QTableWidgetItem(each.length), cut, QTableWidgetItem(each.size))):
            table.setItem(place, column, item)
