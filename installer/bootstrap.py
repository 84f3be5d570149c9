"""Makes a Circletake checkout run: its own Python environment, then the demo, the tests or the app.

    python3 installer/bootstrap.py demo [FILE] [--no-gui]   find, judge and export clips of the sample, or of FILE
    python3 installer/bootstrap.py test [PYTEST ARGS...]    every check the project has
    python3 installer/bootstrap.py app [FILE]               open the window

One file, since it runs before anything is installed and may be handed around alone with the checkout's tables.
Standard library only, and written so that Python 3.8 can read it: an old or too new one gets far enough to find
a Python that fits, or to say which to install. Nothing is put outside `.venv`, except system libraries where this
runs as root on Debian or Ubuntu. Exit codes: 0 done, 1 failed, 2 asked for something that makes no sense.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
LINUX = platform.system() == "Linux"
SCREEN = not LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
VENV_PYTHON = SCRIPTS / ("python.exe" if WINDOWS else "python")
STAMP = VENV / "circletake-installed.json"
UNFINISHED = VENV / "circletake-unfinished"
CONSTRAINTS = ROOT / "installer" / "constraints.txt"
LIBRARIES = ROOT / "installer" / "system-libraries.txt"
PYPROJECT = ROOT / "pyproject.toml"
DEMO_OUTPUT = ROOT / "demo-output"

SUPPORTED = ("3.13", "3.12", "3.11")
"""The newest first; the same as `requires-python` in pyproject.toml."""
BUILD_TOOLS = ("hatchling", "editables")
"""Installed first and pinned too, so that building the checkout itself fetches nothing unpinned."""
RUNTIMES = {"cpu": "onnxruntime", "cuda": "onnxruntime-gpu"}
"""Two packages that overwrite each other's files: exactly one may be there."""
ROOM = f"Make room beside {ROOT} (3 to 8 GB, as the torch of your package index is)."
NO_VENV = r"ensurepip is not|no module named .?(?:venv|ensurepip)"
TROUBLES = {
    r"no space left|errno 28\b|disk full": ("the disk is full", f"{ROOM} Run it again."),
    NO_VENV: (
        "its venv module is missing",
        "Debian and Ubuntu keep it apart: apt-get install python3-venv (or python3.13-venv, as the Python is).",
    ),
    r"connection|timed? ?out|name resolution|getaddrinfo|unreachable|ProxyError|SSLError": (
        "the package index cannot be reached",
        "Check the network, or pip's proxy; run it again.",
    ),
    r"no matching distribution found for (\S+)": ("this Python has no", "Try another with --python PATH."),
}
"""What tools print: what it means, what to do. The first that fits."""


class Failure(Exception):
    """Something stood in the way: what, what to do next, and the exit code."""

    def __init__(self, message: str, hint: str, code: int = 1) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    try:
        wish = read_wish(arguments)
        return COMMANDS[wish.command](wish)
    except Failure as failure:
        print(f"\nbootstrap: {failure}\n  {failure.hint}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        print("\nbootstrap: stopped; run it again to go on", file=sys.stderr)
    except OSError as error:
        what = f"{error.filename or ROOT}: {error.strerror or error}"
        full = error.errno == errno.ENOSPC
        hint = ROOM if full else f"Check that you may write in {ROOT} and run programs there."
        print(f"\nbootstrap: {'the disk is full' if full else what}\n  {hint} Run it again.", file=sys.stderr)
    return 1


def read_wish(arguments: list[str] | None) -> argparse.Namespace:
    """The command line, checked; `pytest` holds what `test` hands on."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument("--python", metavar="PATH", help="build the environment with this Python")
    common.add_argument("--extras", default="", metavar="A,B", help="install these extras of pyproject.toml as well")
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", metavar="demo | test | app", required=True)
    demo = commands.add_parser("demo", parents=[common], allow_abbrev=False, help="analyse and export the sample")
    demo.add_argument("--no-gui", action="store_true", help="stay in the terminal")
    test = commands.add_parser(
        "test", parents=[common], allow_abbrev=False, help="run every check; the rest goes to pytest"
    )
    test.add_argument("--editors", action="store_true", help="bring real editors, in which our timelines are checked")
    app = commands.add_parser("app", parents=[common], allow_abbrev=False, help="open the window")
    for each in (demo, app):
        each.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a video instead of the sample")
    wish, wish_pytest = parser.parse_known_args(arguments)
    if wish_pytest and wish.command != "test":
        parser.error(f"unknown: {' '.join(wish_pytest)}")
    wish.pytest = wish_pytest
    wish.extras = checked_extras(wish.extras)
    if getattr(wish, "file", None) is not None and not wish.file.is_file():
        raise Failure(f"{wish.file} is not a file", "Name a video, or leave it out to use the bundled sample.", 2)
    return wish


def checked_extras(text: str) -> set[str]:
    """The extras asked for by name, each known to pyproject.toml."""
    asked = {name.strip() for name in text.split(",") if name.strip()}
    section = PYPROJECT.read_text(encoding="utf-8").split("[project.optional-dependencies]", 1)[1].split("\n[", 1)[0]
    known = set(re.findall(r"^([\w-]+) *= *\[", section, re.MULTILINE))
    if asked - known:
        raise Failure(f"no such extra: {', '.join(asked - known)}", f"There are: {', '.join(sorted(known))}.", 2)
    if set(RUNTIMES) <= asked:
        raise Failure("cpu and cuda exclude each other", "Name one of them.", 2)
    return asked


def demo(wish: argparse.Namespace) -> int:
    """The whole way through the product's own terminal door, then the window where there is a screen."""
    window = not wish.no_gui and SCREEN
    prepare(wish, {"gui"} if window else set(), "window" if window else "terminal")
    with step("demo"):
        files = [str(wish.file.resolve())] if wish.file else []
        run_product(["-m", "circletake", "demo", "--to", str(DEMO_OUTPUT), "--overwrite", *files])
    return open_window(DEMO_OUTPUT / "project.otio") if window else 0


def app(wish: argparse.Namespace) -> int:
    """The window."""
    prepare(wish, {"gui"}, "window")
    return open_window(wish.file)


def open_window(file: Path | None) -> int:
    """Show the app until it is closed."""
    run_product(["-m", "circletake_viewers", *([str(file.resolve())] if file else [])])
    return 0


def test(wish: argparse.Namespace) -> int:
    """Every check, all of them even when one fails; pytest comes last."""
    prepare(wish, {"dev", "gui"}, "test")
    if wish.editors:
        ensure_libraries("editors")
    checks = (
        ("ruff check", [VENV_PYTHON, "-m", "ruff", "check"]),
        ("ruff format", [VENV_PYTHON, "-m", "ruff", "format", "--check"]),
        ("mypy", [VENV_PYTHON, "-m", "mypy"]),
        ("lint-imports", [SCRIPTS / "lint-imports", "--no-logo"]),
        ("pytest", [VENV_PYTHON, "-m", "pytest", *wish.pytest]),
    )
    failed = []
    with screen_for_tests() as screen:
        for name, command in checks:
            with step(name):
                if show([str(part) for part in command], **screen):
                    failed.append(name)
    if failed:
        raise Failure(f"failed: {', '.join(failed)}", "What each found is above; .venv has the tools to run one alone.")
    return 0


@contextmanager
def screen_for_tests() -> Iterator[dict[str, str]]:
    """The variables of a screen that nobody sees, since Qt's own invisible one has no OpenGL.

    Nothing on systems with a desktop always there; without Xvfb the window's tests are skipped and say so.
    """
    if not LINUX:
        yield {}
        return
    server = shutil.which("Xvfb")
    if server is None:
        print("Xvfb is missing: tests of the window need it.", flush=True)
        yield {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
        return
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
        [server, "-displayfd", "1", "-screen", "0", "1600x900x24", "-nolisten", "tcp", "-noreset"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            number = process.stdout.readline().strip() if process.stdout else ""
            if not number:
                raise Failure("Xvfb did not start", "Run `Xvfb :99` to see why; the window's tests need it.")
            yield {
                "DISPLAY": f":{number}",
                "WAYLAND_DISPLAY": "",
                "QT_QPA_PLATFORM": "xcb",
                "XDG_RUNTIME_DIR": folder,
            }
        finally:
            process.terminate()


COMMANDS = {"demo": demo, "test": test, "app": app}


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step and tell how long it took."""
    started = time.monotonic()
    print(f"== {name}", flush=True)
    yield
    print(f"== {name}: {time.monotonic() - started:.1f} s", flush=True)


def run_product(arguments: list[str]) -> None:
    """Run something of the product's, in the environment."""
    code = show([str(VENV_PYTHON), *arguments])
    if code:
        raise Failure(
            f"{' '.join(arguments[1:3])} stopped with exit code {code}", "Its words are above.", 2 if code == 2 else 1
        )


def show(command: list[str], **more: str) -> int:
    """Run a tool that speaks for itself, in the checkout, with `more` in its environment; its exit code."""
    return subprocess.run(command, cwd=ROOT, env={**child_environment(), **more}, check=False).returncode


def run(command: list[str], seconds: int = 600, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a tool in silence, with `more` in its environment; one that cannot start, or hangs, has failed."""
    environment = {**child_environment(), **more}
    try:
        return subprocess.run(
            command, env=environment, input="", capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def child_environment() -> dict[str, str]:
    """Ours, without what would lead the new environment astray."""
    astray = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in astray}
    kept.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_PROGRESS_BAR="off")
    return kept


def prepare(wish: argparse.Namespace, extras: set[str], purpose: str) -> None:
    """Bring system libraries, environment and packages to what the command needs."""
    ensure_libraries(purpose)
    version = ensure_environment(wish.python)
    ensure_packages(version, extras | wish.extras | choose_runtime(wish.extras))


def ensure_libraries(purpose: str) -> None:
    """Install what is missing for `window`, `test` or `editors` where we may; else say the command and go on."""
    rows = (line.split() for line in LIBRARIES.read_text(encoding="utf-8").split("\n") if line and line[0] != "#")
    missing = [row for row in rows if LINUX and purpose in row[1].split(",") and not is_there(row[0])]
    if not missing:
        return
    manager = next((name for name in ("apt-get", "dnf", "pacman") if shutil.which(name)), "apt-get")
    packages = sorted({row[2 + ("apt-get", "dnf", "pacman").index(manager)] for row in missing})
    if manager == "apt-get" and may_apt_get():
        with step(f"system libraries: {' '.join(packages)}"):
            apt_get_install(packages)
    else:
        verb = "-S --needed" if manager == "pacman" else "install"
        print(f"Missing system libraries; bring them with:\n  sudo {manager} {verb} {' '.join(packages)}")


def may_apt_get() -> bool:
    """Tell whether this is Debian or Ubuntu, and we are root there."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def apt_get_install(packages: list[str]) -> None:
    """Bring packages from an index of today."""
    apt_get("update", "-q")
    apt_get("install", "-q", "-y", "--no-install-recommends", *packages)


def apt_get(*arguments: str) -> None:
    """Ask apt-get; a failure is told and not fatal, for what needs the libraries says so itself."""
    done = run(["apt-get", *arguments], DEBIAN_FRONTEND="noninteractive")
    if done.returncode:
        print(f"apt-get {arguments[0]} failed; going on without:\n{(done.stdout + done.stderr)[-800:]}")


def is_there(probe: str) -> bool:
    """Tell whether a library loads, a program is on PATH, or a file is where it is said to be."""
    if probe.startswith("/"):
        return Path(probe).exists()
    if ".so" not in probe:
        return shutil.which(probe) is not None
    try:
        ctypes.CDLL(probe)
    except OSError:
        return False
    return True


def choose_runtime(asked: set[str]) -> set[str]:
    """`cpu` or `cuda`: the one asked for, else what the machine answers. Says in one line what was found."""
    accelerator = find_accelerator()
    chosen = (set(RUNTIMES) & asked) or {"cuda" if accelerator else "cpu"}
    print(f"accelerator: {accelerator or 'none'}; extra: {' '.join(chosen)}", flush=True)
    return chosen


def find_accelerator() -> str | None:
    """The NVIDIA device whose driver answers, or None."""
    smi = shutil.which("nvidia-smi")
    if not smi:
        return "an NVIDIA driver" if driver_counts_devices("nvcuda.dll" if WINDOWS else "libcuda.so.1") else None
    done = run([smi, "-L"], seconds=20)
    found = re.match(r"GPU \d+: ([^(\n]+)", done.stdout)
    return found.group(1).strip() if found and done.returncode == 0 else None


def driver_counts_devices(library: str) -> bool:
    """Ask the CUDA driver itself. Source: CUDA Driver API, cuInit and cuDeviceGetCount; 0 is success."""
    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL(library)
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    except (OSError, AttributeError):
        return False


def version_of(python: str | Path) -> str | None:
    """`3.12.4`, or None where that is not a Python that runs."""
    done = run([str(python), "-c", "import platform; print(platform.python_version())"], seconds=60)
    return done.stdout.strip() if done.returncode == 0 else None


def is_supported(version: str | None) -> bool:
    """Tell whether Circletake runs on it."""
    return version is not None and version.rsplit(".", 1)[0] in SUPPORTED


def find_python(asked: str | None) -> str:
    """The Python to build with: the one asked for, this one, or the newest fitting one on PATH."""
    wanted = f"Circletake needs Python {', '.join(reversed(SUPPORTED[1:]))} or {SUPPORTED[0]}"
    if asked:
        if not is_supported(version_of(asked)):
            raise Failure(f"{wanted}; {asked} is {version_of(asked) or 'not a Python that runs'}", "Name another.", 2)
        return asked
    here = str(getattr(sys, "_base_executable", "") or sys.executable)
    on_path = [shutil.which(f"python{version}") for version in SUPPORTED]
    launcher = run(["py", "-0p"], seconds=60).stdout if WINDOWS else ""
    for candidate in (here, *on_path, *map(str, re.findall(r"\S:\\.*?python\.exe", launcher))):
        if candidate and is_supported(version_of(candidate)):
            return candidate
    newest = SUPPORTED[0]
    commands = {
        "Linux": f"apt-get install python{newest} python{newest}-venv (or dnf install python{newest})",
        "Darwin": f"brew install python@{newest}",
        "Windows": f"winget install Python.Python.{newest}",
    }
    hint = f"Install one ({commands.get(platform.system(), 'from python.org')}), or name yours with --python PATH."
    raise Failure(f"{wanted}; this is {platform.python_version()}, and PATH has none", hint)


def ensure_environment(asked: str | None) -> str:
    """A whole `.venv` with a Python that fits; its version. A half-made, unfit or moved one is made again."""
    version = version_of(VENV_PYTHON) if VENV_PYTHON.exists() else None
    other = asked is not None and version != version_of(find_python(asked))
    reason = "made with another Python" if other else "its checkout was moved" if was_moved() else "not whole"
    if VENV.exists() and (reason != "not whole" or UNFINISHED.exists() or not is_supported(version)):
        print(f"removing {VENV}: {reason}")
        remove_environment()
    if not VENV.exists():
        make_environment(find_python(asked))
    return version_of(VENV_PYTHON) or ""


def was_moved() -> bool:
    """Tell whether the environment was made under another path, which the first lines of its programs still name."""
    config = VENV / "pyvenv.cfg"
    made = re.search(r"^command = .* -m venv (?:--\S+ )*(.+)$", read_text(config), re.MULTILINE)
    return made is not None and Path(made.group(1)).resolve() != VENV.resolve()


def read_text(path: Path) -> str:
    """What a file holds; nothing where it is not there."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def remove_environment() -> None:
    """All of `.venv`; where a part of it stays, it is marked as not whole."""
    try:
        shutil.rmtree(VENV)
    except OSError as error:
        with suppress(OSError):
            UNFINISHED.touch()
        raise Failure(
            f"cannot remove {error.filename or VENV}: {error.strerror or error}",
            f"Close what runs from {VENV}, or remove that folder yourself; then run this again.",
        ) from error


def make_environment(python: str) -> None:
    """An empty `.venv`. Debian and Ubuntu keep venv in a package of its own, which root installs."""
    version = version_of(python) or ""
    with step(f"environment with Python {version}"):
        done = venv(python)
        if done.returncode and re.search(NO_VENV, done.stdout + done.stderr, re.IGNORECASE) and may_apt_get():
            apt_get_install([f"python{version.rsplit('.', 1)[0]}-venv"])
            done = venv(python)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise explain(done.stdout + done.stderr, f"{python} could not make {VENV}")


def venv(python: str) -> subprocess.CompletedProcess[str]:
    """Ask a Python for `.venv`, which counts as not whole until its packages are there."""
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    return run([python, "-m", "venv", str(VENV)])


def fingerprint(version: str) -> str:
    """What an installed environment depends on, besides its extras."""
    parts = (str(ROOT), version, platform.system(), platform.machine())
    content = b"\0".join([*(part.encode() for part in parts), PYPROJECT.read_bytes(), CONSTRAINTS.read_bytes()])
    return hashlib.sha256(content).hexdigest()


def installed_extras(print_of: str) -> set[str]:
    """The extras the stamp vouches for; none where it is missing, damaged or of another state."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        return set(stamp["extras"]) if stamp["fingerprint"] == print_of else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def ensure_packages(version: str, extras: set[str]) -> None:
    """Install what is missing, pinned. No pip call at all where the stamp vouches for everything."""
    current = fingerprint(version)
    there = installed_extras(current)
    if extras <= there:
        return
    wanted = sorted(extras | (there - set(RUNTIMES)))
    fresh = UNFINISHED.exists()
    UNFINISHED.touch()
    if STAMP.exists():
        STAMP.unlink()
    try:
        with step(f"packages: {' '.join(wanted)}"):
            install_packages(wanted)
    except Failure:
        if fresh:
            shutil.rmtree(VENV, ignore_errors=True)
        else:
            UNFINISHED.unlink()  # pip takes back what it had begun
        raise
    temporary = STAMP.with_suffix(".new")
    temporary.write_text(json.dumps({"fingerprint": current, "extras": wanted}), encoding="utf-8")
    temporary.replace(STAMP)
    UNFINISHED.unlink()


def install_packages(extras: list[str]) -> None:
    """The checkout itself, editable, with its extras, everything at the versions in constraints.txt."""
    wrong = {name for runtime, name in RUNTIMES.items() if runtime not in extras}
    if any(list(VENV.glob(f"**/site-packages/{name.replace('-', '_')}-*.dist-info")) for name in wrong):
        pip(["uninstall", "-y", *RUNTIMES.values()])
    pip(["install", "-c", str(CONSTRAINTS), *BUILD_TOOLS])
    pip(["install", "-c", str(CONSTRAINTS), "--no-build-isolation", "-e", f".[{','.join(extras)}]"])


def pip(arguments: list[str]) -> None:
    """Run pip, showing downloads as they start; a failure is explained."""
    lines: list[str] = []
    command = [str(VENV_PYTHON), "-m", "pip", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=child_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if re.match(r"\s*(Downloading|Installing collected|Successfully|Uninstalling|ERROR)", line):
                print("  " + line.strip()[:110], flush=True)
    if process.returncode:
        raise explain("".join(lines), f"pip {arguments[0]} failed")


def explain(output: str, what: str) -> Failure:
    """Turn what a tool printed into a failure that says what to do."""
    for pattern, (reason, hint) in TROUBLES.items():
        found = re.search(pattern, output, re.IGNORECASE)
        if found:
            return Failure(f"{what}: {reason} {' '.join(found.groups())}".strip(), hint)
    last = " ".join(output.strip().split("\n")[-4:])[-500:]
    return Failure(f"{what}: {last}", f"Remove {VENV} and run this again; if it stays, report it with the text above.")


if __name__ == "__main__":
    sys.exit(main())
