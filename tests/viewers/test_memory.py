"""What the window remembers, and what it makes of a file that holds anything."""

import json
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType

import pytest

from circletake_viewers.memory import RECENT, Memory, load_memory, memory_path
from circletake_viewers.state.wish import Order

FULL = Memory(
    geometry="AP8=",
    columns=(300, 800, 300),
    rows=(600, 200),
    recent=(Path("/films/a.mp4"), Path("/films/b.otio")),
    folders=MappingProxyType({"open": Path("/films")}),
    export_folder=Path("/clips"),
    editor="premiere",
    volume=0.5,
    muted=True,
    snap=False,
    tracks_folded=True,
    order=Order.TIME,
    shown_curves=frozenset({"motion", "speech"}),
)


def stored(text: str) -> None:
    memory_path().parent.mkdir(parents=True, exist_ok=True)
    memory_path().write_text(text, encoding="utf-8")


def test_the_first_run_knows_nothing() -> None:
    assert load_memory() == Memory()


def test_everything_comes_back_as_it_was_saved() -> None:
    FULL.save()
    assert load_memory() == FULL
    assert all(getattr(FULL, each.name) != getattr(Memory(), each.name) for each in fields(Memory))


def test_recent_files_are_few_newest_first_and_named_once() -> None:
    memory = Memory()
    for number in range(RECENT + 3):
        memory = memory.with_recent(Path(f"/films/{number}.mp4"))
    memory = memory.with_recent(Path("/films/9.mp4"))
    assert memory.recent[:3] == (Path("/films/9.mp4"), Path("/films/12.mp4"), Path("/films/11.mp4"))
    assert len(memory.recent) == RECENT


def test_a_file_that_is_gone_is_forgotten() -> None:
    memory = FULL.without_recent(Path("/films/a.mp4"))
    assert memory.recent == (Path("/films/b.otio"),)
    assert memory.without_recent(Path("/never/heard.of")) == memory


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"version": 99, "muted": true}', "[" * 100_000, "\udcff"])
def test_a_damaged_or_newer_file_counts_as_none(text: str) -> None:
    memory_path().parent.mkdir(parents=True, exist_ok=True)
    memory_path().write_bytes(text.encode("utf-8", "surrogateescape"))
    assert load_memory() == Memory()


@pytest.mark.parametrize("wrong", [None, 3, -1, 1e999, "é", "", True, [3, None, {}], {"open": 3, "sides": ["x"]}])
def test_values_of_another_kind_never_break_anything(wrong: object) -> None:
    stored(json.dumps({"version": 1, "later": 1} | {each.name: wrong for each in fields(Memory)}))
    memory = load_memory()
    assert 0 <= memory.volume <= 1
    memory.save()
    assert load_memory() == memory


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Memory().save(tmp_path / "file" / "window.json")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert load_memory(tmp_path / "file" / "window.json") == Memory()
