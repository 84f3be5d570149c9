"""File names are safe on every system, and files are there whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake import paths
from circletake.paths import MAX_FILE_STEM, free_bytes, safe_stem, written_whole

HOSTILE = [
    "",
    " ",
    ".",
    "..",
    "...",
    "../../etc/passwd",
    "C:\\Windows\\system32",
    "con",
    "CON",
    "con.mp4",
    "con .mp4",
    "-con",
    "--nul",
    "com1",
    "COM\u00b9",
    "CONIN$",
    "-rf",
    "- .x",
    "a\0b",
    "a\nb",
    "name.",
    "name ",
    "\u202eexe.4pm",
    "\ud800",
    "\x1b[31mred",
    "😀" * 200,
    "e\u0301" * 300,
    "<script>alert(1)</script>",
    '=cmd|"/c calc"!A1',
    "x" * 5000,
]

FORBIDDEN = set('<>:"/\\|?*') | {chr(code) for code in range(32)}
DEVICES = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³"),
}


def assert_safe(stem: str) -> None:
    assert stem
    assert len(stem.encode("utf-8")) <= MAX_FILE_STEM
    assert not FORBIDDEN & set(stem)
    assert stem[0] not in "-. "
    assert stem[-1] not in ". "
    assert stem.split(".", maxsplit=1)[0].strip().lower() not in DEVICES
    assert stem not in {".", ".."}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_become_safe_and_can_be_written(text: str, tmp_path: Path) -> None:
    stem = safe_stem(text)
    assert_safe(stem)
    (tmp_path / f"{stem}.mp4").write_bytes(b"x")
    assert len(list(tmp_path.iterdir())) == 1


@given(text=st.text())
def test_any_text_becomes_a_safe_name_and_stays_it(text: str) -> None:
    stem = safe_stem(text)
    assert_safe(stem)
    assert safe_stem(stem) == stem


@pytest.mark.parametrize("text", ["Interview – Take 2", "大平原", "Спорт", "naïve café", "a.b.c"])
def test_names_of_every_script_are_kept(text: str) -> None:
    assert safe_stem(text) == text


def test_a_name_of_nothing_gets_the_fallback() -> None:
    assert safe_stem("///", "untitled") == "untitled"


def test_a_clean_exit_leaves_the_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "new" / "cut.otio"
    with written_whole(target) as temporary:
        assert temporary.suffix == ".otio"
        assert temporary.parent == target.parent
        temporary.write_text("whole")
        assert not target.exists()
    assert [path.name for path in target.parent.iterdir()] == ["cut.otio"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, OSError])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "cut.otio"
    target.write_text("old")

    def break_off() -> None:
        with written_whole(target) as temporary:
            temporary.write_text("half")
            raise failure

    with pytest.raises(failure):
        break_off()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["cut.otio"]


def test_a_writer_that_wrote_nothing_is_an_error_and_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "cut.otio"
    target.write_text("old")
    with pytest.raises(FileNotFoundError), written_whole(target):
        pass
    assert target.read_text() == "old"


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    target = tmp_path / "cut.otio"
    contents = {letter: letter * 100_000 for letter in "ab"}
    target.write_text(contents["a"])
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(target.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for letter in "ba" * 25:
        with written_whole(target) as temporary:
            temporary.write_text(contents[letter])
    done.set()
    reader.join()
    assert seen <= set(contents.values())


def test_a_folder_that_cannot_be_synced_undoes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    with written_whole(tmp_path / "cut.otio") as temporary:
        temporary.write_text("whole")
    assert (tmp_path / "cut.otio").read_text() == "whole"


def test_a_name_as_long_as_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("大" * 80 + ".otio")
    with written_whole(target) as temporary:
        temporary.write_text("whole")
    assert target.read_text() == "whole"


def test_what_a_killed_writer_left_is_removed_later(tmp_path: Path) -> None:
    target = tmp_path / "cut [1].otio"
    other = tmp_path / "other.otio"
    left = []
    for path in (target, target, other):
        with written_whole(path) as temporary:
            temporary.write_text("whole")
            left.append(temporary)
    for path in left:
        path.write_text("half")
    for path in left[1:]:
        os.utime(path, (1, 1))
    paths.remove_abandoned(target)
    assert {path.name for path in tmp_path.iterdir()} == {target.name, other.name, left[0].name, left[2].name}


def test_what_killed_writers_left_in_a_folder_is_removed_whatever_its_name(tmp_path: Path) -> None:
    abandoned = [".01 Goal.0123abcd.part.mp4", ".02 Two\nlines.89abcdef.part.mp4", ".lock.00000000.part"]
    kept = [".01 Goal.part.mp4", "01 Goal.0123abcd.part.mp4", ".hidden.mp4", ".01 Goal.0123ABCD.part.mp4", "cut.otio"]
    for name in (*abandoned, *kept):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (1, 1))
    young = tmp_path / ".03 Now.0123abcd.part.mp4"
    young.write_text("half")
    paths.remove_abandoned_in(tmp_path)
    paths.remove_abandoned_in(tmp_path / "not" / "yet")
    assert {path.name for path in tmp_path.iterdir()} == {*kept, young.name}


def test_a_place_without_a_disk_is_a_system_error(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def no_disk(place: Path) -> None:
        asked.append(place)
        raise FileNotFoundError(2, "No such file or directory", str(place))

    monkeypatch.setattr(Path, "exists", lambda _: False)
    monkeypatch.setattr(shutil, "disk_usage", no_disk)
    place = Path("gone") / "clips"
    with pytest.raises(FileNotFoundError):
        free_bytes(place)
    assert asked == [place.absolute().parents[-1]]


def test_room_is_known_for_folders_that_do_not_exist_yet(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") > 0


@pytest.mark.parametrize("name", ["config", "cache", "state"])
def test_variables_move_the_folders(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CIRCLETAKE_{name.upper()}_DIR", str(tmp_path))
    assert getattr(paths, f"{name}_folder")() == tmp_path
