"""The main window: bars, the welcome page or the work, keys, what is dropped on it, and how it closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from circletake.errors import ErrorInfo
from circletake.session.importing import USUAL as AS_USUAL
from circletake.session.importing import ReadHow
from circletake.settings import SOUND_OFFSET
from circletake_viewers.commands import COMMANDS
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.dialogs.log import LogKeeper
from circletake_viewers.dialogs.sure import Answer
from circletake_viewers.keymap import Keymap, load_keymap
from circletake_viewers.memory import Memory
from circletake_viewers.panels.status import StatusBar
from circletake_viewers.panels.top import TopBar, logo
from circletake_viewers.panels.welcome import WelcomePage
from circletake_viewers.parts import line
from circletake_viewers.screens import Screens
from circletake_viewers.state.shown import Shown
from circletake_viewers.workplace import Workplace

SMALLEST = (1100, 680)
USUAL = (1600, 900)
"""Sizes the layout is made for, in pixels."""


class MainWindow(QMainWindow):
    """Everything the editor sees."""

    def __init__(self, desk: Desk, memory: Memory, log: LogKeeper, keymap: Keymap | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle("Circletake")
        self.setWindowIcon(logo(64))
        self.setMinimumSize(*SMALLEST)
        self.resize(*USUAL)
        self.setAcceptDrops(True)
        self.top, self.status = TopBar(), StatusBar()
        self.welcome, self.work = WelcomePage(), Workplace(desk)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.work)
        self._lay_out()
        self.screens = Screens(self, self.work, memory, log)
        self._actions: dict[str, QAction] = {}
        self._make_actions()
        self.use_keys(keymap or load_keymap())
        self._wire()
        self._recall()
        self._show_state(desk.shown, Shown())

    def begin(self, files: Sequence[Path]) -> None:
        """After the first paint: open what was named, or offer what a crash left."""
        if files:
            self.open_files(files)
        self.desk.do("find-unsaved")
        self.screens.tell_key_faults()

    def open_files(self, files: Sequence[Path]) -> None:
        """Open footage, a project or a timeline; what may bring marks for the open cut is looked at first."""
        if self.desk.has_open(files):
            self.screens.tell("This project is open already.")
        elif self.desk.may_bring_marks(files):
            self.desk.look_at(files)
        else:
            self.open_instead(files)

    def open_instead(self, files: Sequence[Path], how: ReadHow = AS_USUAL) -> None:
        """Open files; what is open and changed is asked about first, and stays until the new is read."""
        answer = self.screens.leave()
        if answer is not Answer.CANCEL:
            self.screens.problems.clear()
            self.desk.open(files, discard=answer is Answer.DISCARD, how=how)

    def use_keys(self, keymap: Keymap) -> None:
        """Listen to these keys, and print them where their actions are."""
        self.screens.keymap = keymap
        for command in COMMANDS:
            keys = keymap.keys[command.name]
            self._actions[command.name].setShortcuts([QKeySequence(each) for each in keys])
        for part in (self.top, self.work):
            part.set_keys(keymap.keys)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("ground")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.top, line(), self.pages, line(), self.status):
            layout.addWidget(part)
        layout.setStretchFactor(self.pages, 1)
        self.setCentralWidget(body)

    def _make_actions(self) -> None:
        for command in COMMANDS:
            action = QAction(command.title, self)
            action.setAutoRepeat(command.repeats)
            action.triggered.connect(lambda _=False, name=command.name: self.work.hands.run(name))
            self.addAction(action)
            self._actions[command.name] = action

    def _wire(self) -> None:
        desk, hands = self.desk, self.work.hands
        desk.changed.connect(self._show_state)
        hands.passed_on.connect(self.screens.run)
        hands.told.connect(self.screens.tell)
        self.top.wanted.connect(hands.run)
        self.top.menu_wanted.connect(self.screens.show_menu)
        self.top.editors_wanted.connect(self.screens.exchange.show_editors)
        self.screens.exchange.open_wanted.connect(self.open_instead)
        self.status.cancel_wanted.connect(desk.cancel)
        self.status.jobs_wanted.connect(lambda: hands.run("jobs"))
        self.welcome.open_wanted.connect(lambda: hands.run("open-files"))
        self.welcome.sample_wanted.connect(self.screens.open_sample)
        self.welcome.file_wanted.connect(lambda path: self.open_files((path,)))
        for view in (self.work.marks, self.work.timeline):
            view.menu_wanted.connect(self.screens.show_mark_menu)
        self.work.player.troubled.connect(self.screens.tell)
        self.work.laid_out.connect(self._place_cards)
        self.screens.open_wanted.connect(self.open_files)
        self.screens.recent_changed.connect(self.welcome.show_recent)
        self.screens.keys_changed.connect(self._take_keys)
        self.screens.fullscreen_wanted.connect(self._toggle_fullscreen)
        self.screens.quit_wanted.connect(self.close)

    def _place_cards(self) -> None:
        is_open = self.pages.currentWidget() is self.work
        self.screens.problems.keep_off(self.status.height() + (self.work.below_stage if is_open else 0))

    def _take_keys(self, keymap: Keymap) -> None:
        self.use_keys(keymap)
        try:
            keymap.save()
        except OSError as error:
            self.desk.troubled.emit(Problem("Store the keys", ErrorInfo.of(error)))

    def _toggle_fullscreen(self) -> None:
        """The picture alone on the whole screen, and back."""
        alone = not self.isFullScreen()
        for part in (self.top, self.status):
            part.setVisible(not alone)
        self.work.show_alone(stage=alone)
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the full screen, or puts away what lies over the window."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self._toggle_fullscreen()
        elif event.key() != Qt.Key.Key_Escape or not self.screens.close_newest():
            super().keyPressEvent(event)

    def _show_state(self, now: Shown, before: Shown) -> None:
        if now.top is not before.top:
            self.top.show_top(now.top)
            self.setWindowTitle(f"{now.top.title}[*]" if now.top.title else "Circletake")
            self.setWindowModified(now.is_open and self.desk.modified)
        if now.status is not before.status:
            self.status.show_status(now.status)
        if now.is_open != before.is_open or self.pages.currentWidget() is None:
            self.pages.setCurrentWidget(self.work if now.is_open else self.welcome)
            self._place_cards()
        if now.cut is not before.cut:
            self.work.show_cut_in_player(self.desk.timeline, self.desk.media)
        self.work.show_state(now, before)
        self.screens.show_state(now, before)

    def _recall(self) -> None:
        """The size and the settings of the last time."""
        memory = self.screens.memory
        if memory.geometry:
            self.restoreGeometry(QByteArray.fromBase64(memory.geometry.encode()))
        self.work.set_sizes(memory.columns, memory.rows)
        self.work.player.set_volume(memory.volume)
        self.work.player.set_muted(memory.muted)
        self.work.player.set_offset(self.desk.session.settings.get(SOUND_OFFSET))
        self.work.timeline.set_snap(on=memory.snap)
        self.work.timeline.fold_tracks(folded=memory.tracks_folded)
        self.welcome.show_recent(memory.recent)
        self.desk.ask(order=memory.order, shown_curves=memory.shown_curves)

    def remember(self) -> None:
        """Store what the next run should find again. The whole screen is left: the next run begins with a window."""
        if self.isFullScreen():
            self._toggle_fullscreen()
        columns, rows = self.work.sizes
        player, wish = self.work.player, self.desk.wish
        self.screens.memory = replace(
            self.screens.memory,
            geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            columns=columns,
            rows=rows,
            volume=player.volume,
            muted=player.muted,
            snap=self.work.timeline.snaps,
            tracks_folded=self.work.timeline.tracks_folded,
            order=wish.order,
            shown_curves=wish.shown_curves,
        )
        self.screens.memory.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about edits that are not saved, remember, and stop everything that runs."""
        self.work.inspector.commit()
        answer = self.screens.leave() if self.screens.may_stop_export() else Answer.CANCEL
        if answer is Answer.CANCEL:
            event.ignore()
            return
        if answer is Answer.DISCARD:
            self.desk.do("close", discard=True)
        self.remember()
        self.screens.close()
        self.work.player.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files of this machine."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self.welcome.show_dropping(dropping=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The files went elsewhere."""
        super().dragLeaveEvent(event)
        self.welcome.show_dropping(dropping=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped, after the other program has its answer."""
        files = dropped_files(event.mimeData())
        self.welcome.show_dropping(dropping=False)
        event.acceptProposedAction()
        QTimer.singleShot(0, self, lambda: self.open_files(files))


def dropped_files(data: QMimeData) -> tuple[Path, ...]:
    """The files of this machine among what is dragged."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
