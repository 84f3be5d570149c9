"""One command on its way: open the files, do the action, wait, save, answer."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rich.console import Console

from circletake.actions import Action, Needs
from circletake.cli.tables import (
    show_analysed,
    show_checks,
    show_converted,
    show_cut,
    show_exported,
    show_marks,
    show_relinked,
    show_sent,
    show_settings,
    show_taken,
)
from circletake.cli.waiting import wait
from circletake.errors import SettingsError, UsageError
from circletake.jobs.job import Job
from circletake.paths import written_whole
from circletake.project.files import is_project
from circletake.project.workspace import Workspace
from circletake.session import answers, timeline_answers
from circletake.session.analysing import Analysed
from circletake.session.converting import Converted
from circletake.session.doctor import Check, Health
from circletake.session.exporting import Exported
from circletake.session.importing import Imported, ImportedCut, MarksTaken
from circletake.session.opening import Failure
from circletake.session.relinking import Relinked
from circletake.session.sending import Sent
from circletake.session.session import Session
from circletake.settings import MARK_THRESHOLD, Settings, load_settings

MAX_INDENTED = 500_000
"""Characters up to which an answer is laid out for people: Python's encoder is ten times slower at it."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command talks: `out` for answers, `err` for progress and failures."""

    out: Console
    err: Console


def complain(terminal: Terminal, what: str, hint: str) -> None:
    """Two lines on standard error: what, and what to do."""
    terminal.err.print(" ".join(what.split()), style="red", markup=False, highlight=False, soft_wrap=True)
    terminal.err.print(" ".join(hint.split()), markup=False, highlight=False, soft_wrap=True)


def refuse_targets(files: tuple[Path, ...], save_to: Path | None, json_to: Path | None) -> None:
    """Refuse to write over anything but the project that was opened, and earlier answers.

    Raises:
        UsageError: naming the file.
    """
    if save_to and save_to.exists() and not (is_project(save_to) and any(_is_same(save_to, file) for file in files)):
        hint = "Give --project the name of a new file; to go on with a project, name it in place of the films."
        raise UsageError("this is there already, and would be lost", hint=hint, path=save_to)
    if json_to and json_to.exists() and not _is_answer(json_to):
        raise UsageError("this is there already, and would be lost", hint="Give --json a new name.", path=json_to)


def _is_same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _is_answer(path: Path) -> bool:
    """JSON, but no timeline."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(4096)
    return head.lstrip().startswith(b"{") and b"OTIO_SCHEMA" not in head


def _recovery(workspace: Workspace) -> list[str]:
    """What the editor must know about a project that was not closed well, or is open elsewhere."""
    notes = []
    if workspace.recovered:
        notes.append("Edits that were not saved have been recovered from the project's journal.")
    if workspace.conflict:
        notes.append("The project's file changed after edits that were not saved; they are kept beside it.")
    if workspace.holder:
        notes.append(f"The project is open in {workspace.holder}; it is read-only here.")
    if workspace.journal_fault:
        notes.append(f"Edits are not journalled: {workspace.journal_fault}")
    return notes


def _of_import(imported: Imported) -> list[str]:
    """What of another tool's timeline needs an editor's eye."""
    missing = [f"missing is {each.url}: {each.reason}" for each in imported.missing]
    others = [f'the sequence "{name}" of the file was not read' for name in imported.others]
    return [*imported.warnings, *missing, *others]


@dataclass(frozen=True, slots=True)
class Call:
    """One command with all it was given; `files` are films, or one project."""

    action: Action
    terminal: Terminal
    files: tuple[Path, ...]
    save_to: Path | None
    json_to: Path | None

    def run(self, given: Mapping[str, Any]) -> int:
        """Run it with the action's own arguments by name; 0 when done, 1 where a part of it failed."""
        refuse_targets(self.files, self.save_to, None if str(self.json_to) == "-" else self.json_to)
        with Session(self._settings(), keep_unsaved=False) as session:
            failures = self._open(session)
            if self.action.name == "export" and not given["ranges"] and not session.timeline.marks:
                failures += self._result(session, session.analyse())[1]
            answer, failed = self._result(session, self._do(session, given))
            self._save(session)
            self._show(session, answer)
            return self._outcome(answer, (*failures, *failed))

    def _settings(self) -> Settings:
        """The user's; what needs no files works with the defaults where they are broken, to say so and to mend them."""
        try:
            return load_settings()
        except SettingsError:
            if self.action.needs is Needs.NOTHING:
                return Settings()
            raise

    def _open(self, session: Session) -> tuple[Failure, ...]:
        if self.action.needs is Needs.NOTHING:
            return ()
        read_media = self.action.needs is Needs.FILES
        opened = wait(session.open(self.files, read_media=read_media), self.terminal.err)
        session.take(opened)
        workspace = session.workspace
        is_ours = workspace.path is not None and not workspace.is_foreign
        if self.action.edits and self.action.needs is Needs.PROJECT and not self.save_to and not is_ours:
            hint = "Add --project OUT.otio, so that nothing of the other tool's is lost."
            raise UsageError("another tool made this timeline", hint=hint, path=self.files[0])
        told = _of_import(opened.imported) if opened.imported else []
        for note in (*told, *workspace.warnings, *_recovery(workspace)):
            self.terminal.err.print(f"Note: {note}", markup=False, highlight=False, soft_wrap=True)
        return opened.failures

    def _do(self, session: Session, given: Mapping[str, Any]) -> object:
        signature = inspect.signature(self.action.function)
        many = [name for name, each in signature.parameters.items() if each.kind is each.VAR_POSITIONAL]
        few = [
            name
            for name, each in signature.parameters.items()
            if each.kind is each.POSITIONAL_OR_KEYWORD and name != "session"
        ]
        positional = [*(given[name] for name in few), *(value for name in many for value in given[name])]
        named = {name: value for name, value in given.items() if name not in (*many, *few)}
        answer: object = self.action.function(session, *positional, **named)
        return answer

    def _result(self, session: Session, answer: object) -> tuple[object, tuple[Failure, ...]]:
        if isinstance(answer, Job):
            value = wait(answer, self.terminal.err)
            return session.take(value), value.failures if isinstance(value, Analysed | Exported) else ()
        return answer, ()

    def _save(self, session: Session) -> None:
        if self.save_to:
            saved = session.save(self.save_to.absolute())
            self.terminal.err.print(f"Saved {saved}", markup=False, highlight=False, soft_wrap=True)
        elif self.action.edits and session.workspace.path and not session.workspace.is_foreign:
            session.save()

    def _show(self, session: Session, answer: object) -> None:
        if self.json_to:
            _write_json(self.json_to, _json_of(session, answer))
        if self.json_to is None or str(self.json_to) != "-":
            _print_answer(answer, self.terminal.out)

    def _outcome(self, answer: object, failures: tuple[Failure, ...]) -> int:
        """Tell what failed. A film that could not be read fails an analysis, not an edit or the export of others."""
        for failure in failures:
            complain(self.terminal, failure.error.message, failure.error.hint)
        if isinstance(answer, Exported):
            for clip in answer.report.failed:
                if clip.error:
                    complain(self.terminal, f"{clip.path.name}: {clip.error.message}", clip.error.hint)
            return 1 if answer.failures or answer.report.failed else 0
        return 1 if failures or _has_fault(answer) else 0


def _has_fault(answer: object) -> bool:
    return isinstance(answer, tuple) and any(isinstance(each, Check) and each.health is Health.FAULT for each in answer)


def _json_of(session: Session, answer: object) -> dict[str, Any]:
    if isinstance(answer, Analysed):
        return answers.analysed_json(answer, session.settings.get(MARK_THRESHOLD))
    if isinstance(answer, tuple) and answer and isinstance(answer[0], Check):
        return answers.checks_json(answer)
    to_json = _JSON.get(type(answer))
    return to_json(answer) if to_json else answers.marks_json(session.timeline, session.timeline.marks)


def _settings_json(settings: Settings) -> dict[str, Any]:
    return {row.key: {"value": value, "origin": str(origin)} for row, value, origin in settings.items()}


_JSON: Mapping[type, Callable[[Any], dict[str, Any]]] = MappingProxyType(
    {
        Exported: answers.exported_json,
        ImportedCut: timeline_answers.cut_json,
        Converted: timeline_answers.converted_json,
        Sent: timeline_answers.sent_json,
        MarksTaken: timeline_answers.taken_json,
        Relinked: timeline_answers.relinked_json,
        Settings: _settings_json,
    }
)
_TABLES: Mapping[type, Callable[[Any, Console], None]] = MappingProxyType(
    {
        Analysed: show_analysed,
        Exported: show_exported,
        ImportedCut: show_cut,
        Converted: show_converted,
        Sent: show_sent,
        MarksTaken: show_taken,
        Relinked: show_relinked,
        Settings: show_settings,
    }
)
"""How an answer is written for programs, and shown to people; a row of marks or checks is told by what is in it."""


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) < MAX_INDENTED:
        text = json.dumps(value, indent=2, ensure_ascii=False)
    text += "\n"
    if str(path) == "-":
        sys.stdout.write(text)
        return
    with written_whole(path) as temporary:
        temporary.write_text(text, "utf-8")


def _print_answer(answer: object, console: Console) -> None:
    show = _TABLES.get(type(answer))
    if show is not None:
        show(answer, console)
    elif isinstance(answer, tuple) and answer and isinstance(answer[0], Check):
        show_checks(answer, console)
    elif isinstance(answer, tuple):
        show_marks(answer, console)
