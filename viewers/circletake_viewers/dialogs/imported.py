"""What was read of another tool's timeline: what is not shown as it is, what else the file holds, its rate."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QWidget

from circletake.interchange.format import Feature
from circletake.session.importing import Imported, ReadHow
from circletake.timebase import exact_rate, format_clock
from circletake.timeline.model import Clip, Timeline
from circletake_viewers.dialogs.frame import Dialog, sentence, wrapped
from circletake_viewers.dialogs.wrapping import SentenceList
from circletake_viewers.parts import Elided, button, label, plain_tip, row

RATES = ("23.976", "24", "25", "29.97", "30", "48", "50", "59.94", "60")
"""Rates offered where the file states none."""

HEIGHT = 220
LINE = 34
OTHER = 28
OTHERS_HEIGHT = 120
TALLEST = 560
"""Heights in pixels: without any notes, of a note, of a name, of the names of other sequences, and the most of all."""


def holds(timeline: Timeline) -> str:
    """`13 clips on 4 tracks`, counting tracks that have clips."""
    counts = [sum(isinstance(item, Clip) for item in track.items) for track in timeline.tracks]
    clips, tracks = sum(counts), sum(count > 0 for count in counts)
    return f"{clips} clip{'' if clips == 1 else 's'} on {tracks} track{'' if tracks == 1 else 's'}"


def states_rate(imported: Imported) -> bool:
    """Tell whether files of that format say how many frames a second has."""
    return Feature.RATE in imported.form.carries.wholly


class ImportedDialog(Dialog):
    """Lists what needs the editor's eye. `again_wanted` carries how the file is to be read instead."""

    again_wanted = Signal(object)

    def __init__(self, imported: Imported, timeline: Timeline, parent: QWidget | None = None) -> None:
        height = HEIGHT + LINE * len(imported.warnings) + (OTHERS_HEIGHT + 72 if imported.others else 0)
        super().__init__("What was read", QSize(640, min(TALLEST, height)), parent)
        self._rate = timeline.rate
        name = Elided(imported.path.name, "title")
        name.setSizePolicy(name.sizePolicy().horizontalPolicy(), name.sizePolicy().Policy.Fixed)
        length = format_clock(timeline.duration.seconds)
        about = f"{imported.form.title} · {holds(timeline)} · {float(timeline.rate):.5g} fps · {length}"
        self.notes = SentenceList("Notes on what was read")
        self.others = QListWidget()
        self.rates = QComboBox()
        self.body.addWidget(name)
        self.body.addWidget(wrapped(about, "caption"))
        self._add_notes(imported)
        if imported.others:
            self._add_others(imported)
        if not states_rate(imported):
            self._add_rates()
        close = button("Close", "main")
        close.clicked.connect(self.close)
        self.set_foot(None, close)
        self.set_main(close)

    def _add_notes(self, imported: Imported) -> None:
        if not imported.warnings:
            self.body.addWidget(wrapped("Everything in it is shown as it is."))
            self.body.addStretch(1)
            return
        copy = button("Copy", "link", "copy")
        copy.setToolTip("Copy all of these lines")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(imported.warnings)))
        self.body.addLayout(row(label("What is not as it was there, or needs a look", "caption"), None, copy))
        self.notes.addItems([sentence(each) for each in imported.warnings])
        self.body.addWidget(self.notes, 1)

    def _add_others(self, imported: Imported) -> None:
        self.others.setAccessibleName("Other sequences in the file")
        self.others.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name in imported.others:
            item = QListWidgetItem(name)
            item.setSizeHint(QSize(0, OTHER))
            item.setToolTip(plain_tip(name))
            self.others.addItem(item)
        self.others.setCurrentRow(0)
        self.others.setMaximumHeight(OTHERS_HEIGHT)
        self.others.itemActivated.connect(self._open_other)
        instead = button("Open that one instead")
        instead.clicked.connect(self._open_other)
        self.body.addWidget(label("Also in this file", "caption"))
        self.body.addWidget(self.others)
        self.body.addLayout(row(None, instead))

    def _add_rates(self) -> None:
        self.rates.setAccessibleName("Frames a second")
        self.rates.addItems(RATES)
        now = next((place for place, text in enumerate(RATES) if exact_rate(text) == self._rate), -1)
        self.rates.setCurrentIndex(now)
        again = button("Read it again")
        again.clicked.connect(self._read_again)
        self.body.addLayout(row(label("Frames a second"), self.rates, again, None))

    def _open_other(self) -> None:
        item = self.others.item(max(0, self.others.currentRow()))
        self._leave_for(ReadHow(sequence=item.text()))

    def _read_again(self) -> None:
        if self.rates.currentText():
            self._leave_for(ReadHow(rate=self.rates.currentText()))

    def _leave_for(self, how: ReadHow) -> None:
        self.close()
        self.again_wanted.emit(how)
