"""The loss report: each file to be written, and under it what does not survive there."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QTreeWidgetItem, QWidget

from circletake_viewers import theme
from circletake_viewers.dialogs.send_preview import FileLosses, LossRow
from circletake_viewers.dialogs.wrapping import SentenceTree, branch


class LossTree(SentenceTree):
    """Files with their losses; the places of each loss are folded away under it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Files, and what each loses", parent)
        self._files: tuple[FileLosses, ...] = ()

    def show_files(self, files: tuple[FileLosses, ...]) -> None:
        """Show these; what was unfolded stays so while they are the same."""
        if files != self._files:
            self._files = files
            self._fill()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()

    def _fill(self) -> None:
        self.clear()
        for each in self._files:
            head = _head(each)
            self.addTopLevelItem(head)
            head.addChildren([_kind(each), *([_loss(loss) for loss in each.losses] or [_whole()])])
            head.setExpanded(True)


def _head(file: FileLosses) -> QTreeWidgetItem:
    t = theme.current()
    tip = f"{file.name}: there already" if file.taken else file.name
    made = branch(file.name, said=f"{tip}, {file.kind}", tip=tip)
    made.setFont(0, theme.font(theme.BODY, theme.font(theme.BODY).Weight.DemiBold))
    made.setIcon(0, theme.icon("warning", t.accent_text) if file.taken else theme.icon("project", t.muted))
    return made


def _kind(file: FileLosses) -> QTreeWidgetItem:
    made = branch(file.kind)
    made.setForeground(0, theme.color(theme.current().muted))
    return made


def _whole() -> QTreeWidgetItem:
    made = branch("Nothing is lost.")
    made.setIcon(0, theme.icon("check", theme.current().kept))
    return made


def _loss(loss: LossRow) -> QTreeWidgetItem:
    t = theme.current()
    kind = "Lost" if loss.whole else "Changed"
    named = [*loss.places, *([f"and {loss.more} more"] if loss.more else [])]
    many = loss.count > 1 and bool(named)
    said = f"{kind}: {loss.sentence}" + (f" {loss.count} times" if many else "")
    tip = f"{kind}: {', '.join(named)}" if named else kind
    made = branch(loss.sentence, f"{loss.count} ×" if many else "", said=said, tip=tip)
    made.setIcon(0, theme.icon("lost", t.error) if loss.whole else theme.icon("changed", t.muted))
    for place in named:
        under = branch(place)
        under.setForeground(0, theme.color(t.muted))
        made.addChild(under)
    return made
