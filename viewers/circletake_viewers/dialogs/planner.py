"""Plans worked out beside the window's thread: they ask a disk, which may be slow, asleep or gone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from circletake.errors import ErrorInfo
from circletake_viewers.dialogs.export_preview import Preview

Make = Callable[[], object]
Refused = Callable[[ErrorInfo], object]


class Planner(QObject):
    """`planned` carries the preview asked for last; earlier ones are dropped. One thread works at a time.

    It lives on until its thread has ended, so `owner` must outlive the dialog that asks: `release` lets go of it.
    """

    planned = Signal(object)
    _made = Signal(object)

    def __init__(self, owner: QObject, refused: Refused = lambda error: Preview(refusal=error)) -> None:
        """`refused` makes the preview of a plan that cannot be made."""
        super().__init__(owner)
        self._refused = refused
        self._waiting: Make | None = None
        self._busy = False
        self._released = False
        self._made.connect(self._take)

    @property
    def busy(self) -> bool:
        """Tell whether an answer is still to come."""
        return self._busy

    def ask(self, make: Make) -> None:
        """Have a preview made; `make` runs on a thread of its own, where it may raise: the preview says why then."""
        self._waiting = make
        if not self._busy:
            self._begin(make)

    @Slot()
    def release(self) -> None:
        """Nobody listens any more."""
        self._released, self._waiting = True, None
        if not self._busy:
            self.deleteLater()

    def _begin(self, make: Make) -> None:
        self._waiting, self._busy = None, True
        # A daemon: a disk that does not answer must not keep the program from ending.
        threading.Thread(target=self._work, args=(make,), name="plan", daemon=True).start()

    def _work(self, make: Make) -> None:
        try:
            made = make()
        except Exception as error:  # noqa: BLE001 - whatever the reason, it is shown where the button is
            made = self._refused(ErrorInfo.of(error))
        with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
            self._made.emit(made)

    @Slot(object)
    def _take(self, made: object) -> None:
        self._busy = False
        if self._released:
            self.deleteLater()
        elif self._waiting is not None:
            self._begin(self._waiting)
        else:
            self.planned.emit(made)
