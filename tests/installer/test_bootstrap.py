"""The bootstrap's decisions, each in an empty checkout of its own; nothing is downloaded."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from packaging.specifiers import SpecifierSet
from tests.installer.programs import program

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "installer" / "bootstrap.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def pip_calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pip was asked, recorded and not done."""
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "pip", calls.append)
    bootstrap.VENV.mkdir()
    return calls


@dataclass
class Product:
    """Stands for everything after the decisions: what was prepared and started, and the exit code to answer."""

    code: int = 0
    prepared: list[tuple[set[str], str]] = field(default_factory=list)
    shown: list[list[str]] = field(default_factory=list)
    environments: list[dict[str, str]] = field(default_factory=list)

    def prepare(self, _: object, extras: set[str], purpose: str) -> None:
        self.prepared.append((extras, purpose))

    def show(self, command: list[str], **more: str) -> int:
        self.shown.append(command)
        self.environments.append(more)
        return self.code


@pytest.fixture
def product(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Product:
    """The scripted product, in place of the real one."""
    stand_in = Product()
    monkeypatch.setattr(bootstrap, "prepare", stand_in.prepare)
    monkeypatch.setattr(bootstrap, "show", stand_in.show)
    return stand_in


def test_it_reads_on_python_3_8_and_wants_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_supported_pythons_are_those_the_project_declares(bootstrap: ModuleType) -> None:
    declared = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(20, 5, -1) if f"3.{minor}.0" in declared] == list(bootstrap.SUPPORTED)


@pytest.mark.parametrize(
    ("script", "extra"),
    [
        ("echo 'GPU 0: NVIDIA H200 (UUID: GPU-1)'", "cuda"),
        ("echo 'No devices were found'", "cpu"),
        ("echo 'GPU 0: NVIDIA H200'; exit 9", "cpu"),
    ],
)
def test_the_runtime_follows_the_driver(
    bootstrap: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    extra: str,
) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", "nvidia-smi", script).parent))
    assert bootstrap.choose_runtime(set()) == {extra}
    found = "NVIDIA H200" if extra == "cuda" else "none"
    assert capsys.readouterr().out == f"accelerator: {found}; extra: {extra}\n"
    assert bootstrap.choose_runtime({"cuda"}) == {"cuda"}


def test_the_wrong_runtime_goes_before_the_right_one_comes(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    (bootstrap.VENV / "lib" / "site-packages" / "onnxruntime_gpu-1.31.1.dist-info").mkdir(parents=True)
    bootstrap.ensure_packages("3.11.7", {"cpu"})
    assert pip_calls[0] == ["uninstall", "-y", "onnxruntime", "onnxruntime-gpu"]
    assert pip_calls[-1][-1] == ".[cpu]"


def test_the_right_runtime_stays(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    (bootstrap.VENV / "lib" / "site-packages" / "onnxruntime-1.31.1.dist-info").mkdir(parents=True)
    bootstrap.ensure_packages("3.11.7", {"cpu"})
    assert [call[0] for call in pip_calls] == ["install", "install"]


def test_the_second_time_pip_is_not_called(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    bootstrap.ensure_packages("3.11.7", {"cpu", "dev"})
    first = len(pip_calls)
    bootstrap.ensure_packages("3.11.7", {"cpu", "dev"})
    bootstrap.ensure_packages("3.11.7", {"cpu"})
    assert len(pip_calls) == first


@pytest.mark.parametrize("change", ["pyproject", "constraints", "python", "extras", "damaged stamp"])
def test_whatever_changes_calls_pip_again(bootstrap: ModuleType, pip_calls: list[list[str]], change: str) -> None:
    bootstrap.ensure_packages("3.11.7", {"cpu", "dev"})
    pip_calls.clear()
    if change in ("pyproject", "constraints"):
        changed = bootstrap.PYPROJECT if change == "pyproject" else bootstrap.CONSTRAINTS
        changed.write_text(changed.read_text(encoding="utf-8") + "\n# new\n", encoding="utf-8")
    if change == "damaged stamp":
        bootstrap.STAMP.write_text("{", encoding="utf-8")
    bootstrap.ensure_packages(
        "3.12.1" if change == "python" else "3.11.7", {"cpu", "gui"} if change == "extras" else {"cpu"}
    )
    kept = ".[cpu,dev,gui]" if change == "extras" else ".[cpu]"
    assert pip_calls[-1][-1] == kept


def test_an_interrupted_install_leaves_no_stamp_and_the_environment_goes(
    bootstrap: ModuleType, pip_calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure_packages("3.11.7", {"cpu"})

    def interrupted(_: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "pip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.ensure_packages("3.11.7", {"cpu", "dev"})
    assert not bootstrap.STAMP.exists()
    monkeypatch.setattr(bootstrap, "find_python", lambda _: "/nowhere/python")
    with pytest.raises(bootstrap.Failure):
        bootstrap.ensure_environment(None)
    assert not bootstrap.VENV.exists()


@pytest.mark.parametrize("fresh", [True, False])
def test_a_failed_install_keeps_only_an_environment_that_worked(
    bootstrap: ModuleType, pip_calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, *, fresh: bool
) -> None:
    if fresh:
        bootstrap.UNFINISHED.touch()
    else:
        bootstrap.ensure_packages("3.11.7", {"cpu"})

    def failing(_: list[str]) -> None:
        raise bootstrap.Failure("pip install failed", "try again")

    monkeypatch.setattr(bootstrap, "pip", failing)
    with pytest.raises(bootstrap.Failure):
        bootstrap.ensure_packages("3.11.7", {"cpu", "dev"})
    assert bootstrap.VENV.exists() is not fresh
    assert not bootstrap.STAMP.exists()
    assert not bootstrap.UNFINISHED.exists()


def test_a_stamp_names_its_extras(bootstrap: ModuleType, pip_calls: list[list[str]]) -> None:
    bootstrap.ensure_packages("3.11.7", {"dev", "cpu"})
    assert json.loads(bootstrap.STAMP.read_text(encoding="utf-8"))["extras"] == ["cpu", "dev"]


@pytest.mark.parametrize(
    ("output", "reason", "hint"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full", "Make room beside"),
        ("The virtual environment was not created: ensurepip is not available.", "venv module", "python3-venv"),
        ("/usr/bin/python3: No module named venv", "venv module", "python3-venv"),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for numpy==2.4.6",
            "the package index cannot be reached",
            "network",
        ),
        ("ERROR: No matching distribution found for av==18.1.0", "this Python has no av==18.1.0", "--python"),
        ("ERROR: something new", "something new", "Remove"),
    ],
)
def test_failures_say_what_failed_and_what_to_do(bootstrap: ModuleType, output: str, reason: str, hint: str) -> None:
    failure = bootstrap.explain(output, "pip install failed")
    assert str(failure).startswith("pip install failed: ")
    assert reason in str(failure)
    assert hint in failure.hint
    assert failure.code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["test", "--extras", "nonsense"], "no such extra: nonsense"),
        (["test", "--extras", "cpu,cuda"], "cpu and cuda exclude each other"),
        (["demo", "no-such-film.mp4"], "no-such-film.mp4 is not a file"),
        (["test", "--python", "/no/such/python"], "/no/such/python is not a Python that runs"),
    ],
)
def test_nonsense_is_refused_before_anything_is_made(
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.setattr(bootstrap, "ensure_libraries", lambda _: None)
    assert bootstrap.main(arguments) == 2
    assert words in capsys.readouterr().err
    assert not bootstrap.VENV.exists()


@pytest.mark.parametrize("arguments", [[], ["dance"], ["demo", "--loud"]])
def test_an_unknown_command_line_is_a_usage_error(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage: bootstrap.py" in done.stderr


def test_what_follows_test_goes_to_pytest(bootstrap: ModuleType) -> None:
    wish = bootstrap.read_wish(["test", "-k", "clips", "--extras", "bench", "tests/unit", "-x"])
    assert wish.pytest == ["-k", "clips", "tests/unit", "-x"]
    assert wish.extras == {"bench"}


def test_an_old_python_finds_a_fitting_one_on_path(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = program(tmp_path / "bin", "python3", "echo 3.8.18")
    program(tmp_path / "bin", "python3.13", "echo broken shim >&2; exit 127")
    fitting = program(tmp_path / "bin", "python3.12", "echo 3.12.4")
    monkeypatch.setattr(sys, "_base_executable", str(old), raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert bootstrap.find_python(None) == str(fitting)
    fitting.unlink()
    with pytest.raises(bootstrap.Failure, match=r"needs Python 3\.11, 3\.12 or 3\.13"):
        bootstrap.find_python(None)


@pytest.mark.parametrize("code", [0, 1, 2, -9])
def test_the_demo_runs_the_product_and_hands_its_exit_code_on(
    bootstrap: ModuleType, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(bootstrap, "SCREEN", False)
    film = tmp_path / "film.mp4"
    film.touch()
    product.code = code
    assert bootstrap.main(["demo", str(film)]) == (code if code in (0, 2) else 1)
    assert product.prepared == [(set(), "terminal")]
    expected = ["-m", "circletake", "demo", "--to", str(bootstrap.DEMO_OUTPUT), "--overwrite", str(film)]
    assert [command[1:] for command in product.shown] == [expected]


@pytest.mark.parametrize(
    ("arguments", "screen", "opened"),
    [
        (["demo"], True, True),
        (["demo"], False, False),
        (["demo", "--no-gui"], True, False),
        (["app"], True, True),
    ],
)
def test_the_window_opens_where_there_is_a_screen(
    bootstrap: ModuleType,
    product: Product,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    *,
    screen: bool,
    opened: bool,
) -> None:
    monkeypatch.setattr(bootstrap, "SCREEN", screen)
    assert bootstrap.main(arguments) == 0
    assert (product.shown[-1][1:3] == ["-m", "circletake_viewers"]) is opened
    assert product.prepared == [({"gui"}, "window") if opened else (set(), "terminal")]


def test_every_check_runs_even_when_one_fails(bootstrap: ModuleType, product: Product) -> None:
    product.code = 1
    assert bootstrap.main(["test", "-k", "clips"]) == 1
    tools = [Path(command[0]).name if "-m" not in command else command[2] for command in product.shown]
    assert tools == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]
    assert product.shown[-1][-2:] == ["-k", "clips"]
    if sys.platform == "linux":
        assert all("DISPLAY" in each for each in product.environments)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_server_for_screens_the_tests_run_without_one(
    bootstrap: ModuleType, product: Product, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert bootstrap.main(["test"]) == 0
    assert "Xvfb is missing" in capsys.readouterr().out
    assert product.environments[-1]["DISPLAY"] == ""


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "sudo apt-get install libegl1 xvfb"),
        ("dnf", "sudo dnf install mesa-libEGL xorg-x11-server-Xvfb"),
        ("pacman", "sudo pacman -S --needed mesa xorg-server-xvfb"),
    ],
)
def test_missing_libraries_are_named_where_they_may_not_be_installed(
    bootstrap: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    manager: str,
    command: str,
) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", manager, "exit 1").parent))
    monkeypatch.setattr(bootstrap, "LINUX", True)
    monkeypatch.setattr(bootstrap, "is_there", lambda probe: probe not in ("libEGL.so.1", "Xvfb"))
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    bootstrap.ensure_libraries("test")
    assert command in capsys.readouterr().out
    bootstrap.ensure_libraries("window")
    assert command.rsplit(" ", 1)[0] + "\n" in capsys.readouterr().out
    bootstrap.ensure_libraries("terminal")
    assert capsys.readouterr().out == ""


def test_root_on_debian_updates_once_and_installs(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program(tmp_path / "bin", "apt-get", f'echo "$@" >> {asked}')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(bootstrap, "LINUX", True)
    monkeypatch.setattr(bootstrap, "is_there", lambda probe: probe != "Xvfb")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0, raising=False)
    bootstrap.ensure_libraries("test")
    lines = asked.read_text(encoding="utf-8").splitlines()
    assert lines == ["update -q", "install -q -y --no-install-recommends xvfb"]
