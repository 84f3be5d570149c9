"""What changed between two states of a project, as JSON values, and the way forward again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from circletake.project.files import fields_of, project_from_bytes, project_to_text, with_fields
from circletake.project.project import Project
from circletake.timeline.model import Mark, Timeline
from circletake.timeline.stored import mark_fields, mark_from_fields

Change = dict[str, Any]


def difference(before: Project | None, after: Project) -> Change:
    """What leads from `before` to `after`; empty where nothing does.

    Marks that are new or changed under `set`, the ids of those gone under `dropped`, the `order` where it is not
    the old one with new ones at the end, and the project's `fields` where one changed. Where the cut itself
    changed, or without `before`, the `whole` project as the text of its file.
    """
    if before is None or not _is_same_cut(before.timeline, after.timeline):
        return {"whole": project_to_text(after, None)}
    change = _marks_changed(before.timeline.marks, after.timeline.marks)
    same_fields = before.with_timeline(after.timeline) == after
    return change if same_fields else {**change, "fields": fields_of(after)}


def applied(project: Project, change: Mapping[str, Any]) -> Project:
    """The state after a change.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, CircletakeError: a change that `difference` does not make.
    """
    if "whole" in change:
        return _whole(change)
    marks = marks_after({mark.id: mark for mark in project.timeline.marks}, change)
    order = change.get("order")
    ordered = tuple(marks.values()) if order is None else tuple(marks[mark_id] for mark_id in order)
    result = project.with_timeline(project.timeline.with_marks(ordered))
    return with_fields(result, change["fields"]) if "fields" in change else result


def marks_after(marks: Mapping[str, Mark], change: Mapping[str, Any]) -> dict[str, Mark]:
    """Marks by id after a change, in no order of its own. Raises as `applied`."""
    if "whole" in change:
        return {mark.id: mark for mark in _whole(change).timeline.marks}
    dropped = set(change.get("dropped", ()))
    changed = map(mark_from_fields, change.get("set", ()))
    return {key: mark for key, mark in marks.items() if key not in dropped} | {mark.id: mark for mark in changed}


def _whole(change: Mapping[str, Any]) -> Project:
    return project_from_bytes(change["whole"].encode("utf-8"), Path("/unsaved.otio")).project


def _is_same_cut(before: Timeline, after: Timeline) -> bool:
    return before is after or before.with_marks(()) == after.with_marks(())


def _marks_changed(before: tuple[Mark, ...], after: tuple[Mark, ...]) -> Change:
    old, new = {mark.id: mark for mark in before}, {mark.id: mark for mark in after}
    changed = [mark for mark in after if old.get(mark.id) is not mark and old.get(mark.id) != mark]
    dropped = [mark_id for mark_id in old if mark_id not in new]
    kept_order = [mark_id for mark_id in old if mark_id in new]
    likely_order = [*kept_order, *(mark_id for mark_id in new if mark_id not in old)]
    change: Change = {}
    if changed:
        change["set"] = [mark_fields(mark) for mark in changed]
    if dropped:
        change["dropped"] = dropped
    if likely_order != list(new):
        change["order"] = list(new)
    return change
