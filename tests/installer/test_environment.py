"""The environment is made, kept or made again; what stands in the way is said in two lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.installer.programs import program


def a_venv(bootstrap: ModuleType, made_at: Path) -> None:
    """An environment that runs, as `python -m venv` records where it made it."""
    bootstrap.SCRIPTS.mkdir(parents=True)
    bootstrap.VENV_PYTHON.symlink_to(sys.executable)
    command = f"command = {sys.executable} -m venv --clear {made_at}"
    (bootstrap.VENV / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n{command}\n", encoding="utf-8")


@pytest.mark.parametrize("moved", [True, False])
def test_a_moved_checkout_gets_a_new_environment(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, moved: bool
) -> None:
    a_venv(bootstrap, tmp_path / "before the move" / ".venv" if moved else bootstrap.VENV)
    made: list[str] = []
    monkeypatch.setattr(bootstrap, "find_python", lambda _: sys.executable)
    monkeypatch.setattr(bootstrap, "make_environment", made.append, raising=False)
    bootstrap.ensure_environment(None)
    assert (made, bootstrap.VENV.exists()) == (([sys.executable], False) if moved else ([], True))


def test_what_venv_records_is_where_it_was_made(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bootstrap.VENV)], check=True)
    assert not bootstrap.was_moved()
    monkeypatch.setattr(bootstrap, "VENV", bootstrap.VENV.rename(bootstrap.VENV.with_name("moved")))
    assert bootstrap.was_moved()


@pytest.mark.parametrize(
    ("error", "words", "hint"),
    [
        (OSError(13, "Permission denied", "/checkout/.venv"), "/checkout/.venv: Permission denied", "may write in"),
        (OSError(28, "No space left on device"), "the disk is full", "3 to 8 GB"),
    ],
)
def test_what_the_system_refuses_is_said_in_two_lines(
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: OSError,
    words: str,
    hint: str,
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(bootstrap, "prepare", refuse)
    assert bootstrap.main(["test"]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert said[0] == f"bootstrap: {words}"
    assert hint in said[1]
    assert len(said) == 2


def test_an_environment_that_cannot_be_removed_is_told_and_counts_as_not_whole(
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Access is denied", str(path / "python.exe"))

    bootstrap.VENV.mkdir()
    monkeypatch.setattr(bootstrap.shutil, "rmtree", refuse)
    monkeypatch.setattr(bootstrap, "ensure_libraries", lambda _: None)
    assert bootstrap.main(["test"]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert said[0] == f"bootstrap: cannot remove {bootstrap.VENV / 'python.exe'}: Access is denied"
    assert "Close what runs" in said[1]
    assert bootstrap.UNFINISHED.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="runs shell programs")
@pytest.mark.parametrize("root", [True, False])
def test_root_on_debian_brings_the_missing_venv_module_and_tries_again(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, root: bool
) -> None:
    asked = tmp_path / "asked"
    program(tmp_path / "bin", "apt-get", f'echo "$@" >> {asked}')
    no_venv = "echo 'ensurepip is not available'; exit 1"
    python = program(
        tmp_path / "bin", "python3.12", f'case "$1" in -c) echo 3.12.4;; *) [ -e {asked} ] || {{ {no_venv}; }};; esac'
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0 if root else 1000)
    if root:
        bootstrap.make_environment(str(python))
        lines = asked.read_text(encoding="utf-8").splitlines()
        assert lines == ["update -q", "install -q -y --no-install-recommends python3.12-venv"]
        assert bootstrap.UNFINISHED.exists()
    else:
        with pytest.raises(bootstrap.Failure, match="its venv module is missing"):
            bootstrap.make_environment(str(python))
        assert not bootstrap.VENV.exists()
        assert not asked.exists()


def test_the_room_named_covers_the_largest_install(bootstrap: ModuleType) -> None:
    assert "3 to 8 GB" in bootstrap.explain("No space left on device", "pip install failed").hint
