"""Undo and redo as a row of whole states. States are frozen and share what did not change, so a step costs little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

MAX_STEPS = 1000
"""Most steps kept: an hour of fast work. Older ones are forgotten first."""

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """One edit: its name for the menu, the state on its other side, and what it merges with."""

    name: str
    state: State
    merge_key: str | None = None


@dataclass(frozen=True, slots=True)
class History(Generic[State]):
    """The present state, the steps that led to it, and those undone.

    `past` ends with the newest step, and holds states before steps; `future` ends with the step that `redo` takes
    next, and holds states after steps.
    """

    present: State
    past: tuple[Step[State], ...] = ()
    future: tuple[Step[State], ...] = ()

    @property
    def undo_name(self) -> str | None:
        """What `undo` would take back, or None."""
        return self.past[-1].name if self.past else None

    @property
    def redo_name(self) -> str | None:
        """What `redo` would do again, or None."""
        return self.future[-1].name if self.future else None

    def done(self, name: str, state: State, merge_key: str | None = None) -> Self:
        """The history after an edit.

        Edits in a row with one `merge_key` become a single step: a drag of a handle is undone at once. An edit that
        changed nothing leaves no step.
        """
        if state is self.present or state == self.present:
            return self
        merges = bool(merge_key and self.past and self.past[-1].merge_key == merge_key and not self.future)
        if merges:
            return replace(self, present=state)
        step = Step(name, self.present, merge_key)
        return replace(self, present=state, past=(*self.past, step)[-MAX_STEPS:], future=())

    def sealed(self) -> Self:
        """The same, but the next edit starts a step of its own: the mouse button was let go."""
        if not self.past or self.past[-1].merge_key is None:
            return self
        return replace(self, past=(*self.past[:-1], replace(self.past[-1], merge_key=None)))

    def undone(self) -> Self:
        """One step back; the same where there is none."""
        if not self.past:
            return self
        step = self.past[-1]
        redo = Step(step.name, self.present)
        return replace(self, present=step.state, past=self.past[:-1], future=(*self.future, redo))

    def redone(self) -> Self:
        """One undone step again; the same where there is none."""
        if not self.future:
            return self
        step = self.future[-1]
        undo = Step(step.name, self.present)
        return replace(self, present=step.state, past=(*self.past, undo), future=self.future[:-1])

    def with_present(self, state: State) -> Self:
        """Another present that is no edit, such as a project that learned where its media are."""
        return replace(self, present=state)
