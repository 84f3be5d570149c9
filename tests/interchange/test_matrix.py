"""No format loses anything that its report did not announce; every cell of the table is checked."""

from __future__ import annotations

import functools

import pytest
from tests.interchange.matrix import Cell, cells

from circletake.interchange.registry import written_formats


@functools.cache
def table() -> dict[tuple[str, str], Cell]:
    return {(each.form, each.column): each for each in cells()}


@pytest.mark.parametrize("name", [each.name for each in written_formats()])
def test_every_loss_was_announced(name: str) -> None:
    rows = [each for each in table().values() if each.form == name]
    assert {each.column: each.error or each.lies for each in rows if each.error or each.lies} == {}


def test_everything_survives_somewhere_and_cuts_survive_everywhere() -> None:
    whole = {key for key, each in table().items() if str(each) == "ok"}
    assert {column for _, column in whole} == {column for _, column in table()}
    cuts = {form for form, column in table() if column == "cuts"}
    assert {form for form, column in whole if column == "cuts"} == cuts
    assert len(cuts) >= 11
