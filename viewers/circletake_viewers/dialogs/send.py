"""The dialog that sends marks to an editing program: to which, what, where, and what is lost on the way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from circletake.errors import ErrorInfo
from circletake.session.sending import Order, SendWish, Shape
from circletake.settings import OVERWRITE
from circletake_viewers.desk import Desk
from circletake_viewers.dialogs.editor_list import EditorList
from circletake_viewers.dialogs.export import add_explained, add_section
from circletake_viewers.dialogs.export_preview import folder_named, mark_counts, usual_choice
from circletake_viewers.dialogs.frame import EDGE, selectable, wrapped
from circletake_viewers.dialogs.losses import LossTree
from circletake_viewers.dialogs.planned import PlannedDialog
from circletake_viewers.dialogs.planner import Planner
from circletake_viewers.dialogs.send_preview import ORDERS, SHAPES, SendPreview, send_preview_of
from circletake_viewers.parts import button, label, row
from circletake_viewers.state.shown import Shown

CHOICES_WIDTH = 300
"""Pixels."""

MOST_SECONDS = 60.0
"""Longest handles and spacing."""


class SendDialog(PlannedDialog):
    """Asks what to send and shows what that writes and loses. `sent` tells program and folder of a run begun."""

    sent = Signal(str, Path)

    def __init__(self, desk: Desk, editor: str, folder: Path, parent: QWidget | None = None) -> None:
        planner = Planner(desk, lambda error: SendPreview(refusal=error))
        super().__init__("Send to an editor", QSize(1120, 660), desk, folder, planner, parent)
        self._planner.planned.connect(self._show)
        self.preview = SendPreview()
        self.editors = EditorList()
        self.shapes = {shape: QRadioButton(words[0]) for shape, words in SHAPES.items()}
        self.order = QComboBox()
        self.handles = _seconds("Handles before and after each mark")
        self.spacing = _seconds("Space between marks")
        self.report = LossTree()
        self._summary = label(look="caption")
        self._how = selectable(wrapped(look="caption"))
        self.go = button("Write", "main", "send")
        self._timer.timeout.connect(self.look)
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        self._lay_out()
        self._choose(editor)
        self._wire()
        self.look()

    def choose_editor(self, name: str) -> None:
        """Select a program."""
        self.editors.choose(name)

    def wish(self) -> SendWish | ErrorInfo:
        """What is asked for, or why the folder that was typed is none."""
        folder = folder_named(self.folder.text())
        if isinstance(folder, ErrorInfo):
            return folder
        return SendWish(
            self.editors.chosen,
            folder,
            shape=next(shape for shape, each in self.shapes.items() if each.isChecked()),
            marks=next(choice for choice, each in self.marks.items() if each.isChecked()),
            order=Order(self.order.currentData()),
            handles=self.handles.value(),
            spacing=self.spacing.value(),
            overwrite=self.replace.isChecked(),
        )

    def look(self) -> None:
        """Plan anew; what would be written and lost is shown as soon as that is known."""
        self._timer.stop()
        self.count_marks()
        wish = self.wish()
        for part in (self.order, self.handles, self.spacing):
            part.setEnabled(not self.shapes[Shape.MARKERS].isChecked())
        if isinstance(wish, ErrorInfo):
            self._planner.ask(partial(SendPreview, refusal=wish))
        else:
            plan = self._desk.plan_send(wish)
            self._planner.ask(lambda: send_preview_of(plan()))

    def begin(self) -> None:
        """Send what is shown; where that is not what is chosen yet, once it is, and still can be."""
        wish = self.wish()
        if not self.settled:
            self._begins = True
            self.look()
        elif self.preview.ready and isinstance(wish, SendWish):
            self._send(wish)

    def _send(self, wish: SendWish) -> None:
        job = self._desk.do(
            "send",
            editor=wish.to,
            to=wish.folder,
            shape=wish.shape,
            marks=wish.marks,
            order=wish.order,
            handles=wish.handles,
            spacing=wish.spacing,
            overwrite=wish.overwrite,
        )
        if job is not None:
            self.sent.emit(wish.to, wish.folder)
            self.accept()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(EDGE, EDGE, 0, EDGE)
        left.setSpacing(4)
        left.addWidget(label("To", "caption"))
        left.addWidget(self.editors, 1)
        both = QHBoxLayout()
        both.setSpacing(0)
        both.addLayout(left)
        both.addWidget(self._middle())
        both.addLayout(self._right_side(), 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(both)
        cancel = button("Cancel")
        cancel.clicked.connect(self.close)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.set_foot(self.reason, cancel, self.go)
        self.set_main(self.go)

    def _middle(self) -> QWidget:
        choices = QWidget()
        made = QVBoxLayout(choices)
        made.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        made.setSpacing(4)
        made.addWidget(label("What", "caption"))
        for shape, radio in self.shapes.items():
            add_explained(made, radio, SHAPES[shape][1])
        add_section(made, "Marks")
        for part in self.marks.values():
            made.addWidget(part)
        add_section(made, "In the new timeline")
        made.addWidget(self.order)
        made.addLayout(_pairs(("Handles", self.handles), ("Space between", self.spacing)))
        made.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFixedWidth(CHOICES_WIDTH)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(choices)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scroll

    def _right_side(self) -> QVBoxLayout:
        browse = button("Choose…", icon="folder")
        browse.clicked.connect(lambda: self.ask_for_folder("Send to"))
        self.folder.setAccessibleName("Folder")
        made = QVBoxLayout()
        made.setContentsMargins(0, EDGE, EDGE, EDGE)
        made.setSpacing(8)
        made.addWidget(label("Folder", "caption"))
        made.addLayout(row(self.folder, browse))
        made.addWidget(self.replace)
        made.addLayout(row(label("What will be written, and what is lost", "caption"), None, self._summary))
        made.addWidget(self.report, 1)
        made.addWidget(self._how)
        made.addWidget(self._notes)
        made.addWidget(self.refusal)
        return made

    def _choose(self, editor: str) -> None:
        for group, radios in zip(self._groups, (self.shapes.values(), self.marks.values()), strict=True):
            for radio in radios:
                group.addButton(radio)
        self.order.setAccessibleName("Order")
        for order, words in ORDERS.items():
            self.order.addItem(words, order)
        self.choose_editor(editor)
        usual = usual_choice(self._desk.timeline)
        self.marks[usual].setChecked(True)
        has_marks = mark_counts(self._desk.timeline)[usual] > 0
        self.shapes[Shape.BOTH if has_marks else Shape.MARKERS].setChecked(True)
        self.replace.setChecked(self._desk.session.settings.get(OVERWRITE))

    def _wire(self) -> None:
        self.editors.currentItemChanged.connect(self._timer.start)
        for part in (*self.shapes.values(), *self.marks.values(), self.replace):
            part.toggled.connect(self._timer.start)
        self.order.currentIndexChanged.connect(self._timer.start)
        for field in (self.handles, self.spacing):
            field.valueChanged.connect(self._timer.start)
        self.folder.textChanged.connect(self._timer.start)
        self.go.clicked.connect(self.begin)
        self._desk.changed.connect(self._hear)

    def _hear(self, now: Shown, before: Shown) -> None:
        if not now.is_open:
            self.close()
        elif now.marks is not before.marks or now.cut is not before.cut or now.tracks is not before.tracks:
            self._timer.start()

    def _show(self, preview: SendPreview) -> None:
        self.report.show_files(preview.files)
        self.preview = preview
        self._summary.setText(preview.summary)
        self._how.setText(preview.how)
        self._how.setVisible(bool(preview.how))
        if self.show_verdict(preview, self.go):
            self.begin()


def _seconds(name: str) -> QDoubleSpinBox:
    made = QDoubleSpinBox(decimals=2, maximum=MOST_SECONDS, singleStep=0.5, suffix=" s")
    made.setAccessibleName(name)
    made.setToolTip(name)
    return made


def _pairs(*fields: tuple[str, QWidget]) -> QGridLayout:
    made = QGridLayout()
    made.setSpacing(8)
    for place, (words, field) in enumerate(fields):
        named = label(words)
        named.setBuddy(field)
        made.addWidget(named, place, 0)
        made.addWidget(field, place, 1)
    return made
