"""The bootstrap in an empty checkout of its own."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "installer" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, pointed at a small checkout under `tmp_path`."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path / "checkout"
    (root / "installer").mkdir(parents=True)
    for name in ("pyproject.toml", "installer/constraints.txt", "installer/system-libraries.txt"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    for name in (
        "VENV",
        "SCRIPTS",
        "VENV_PYTHON",
        "STAMP",
        "UNFINISHED",
        "CONSTRAINTS",
        "LIBRARIES",
        "PYPROJECT",
    ):
        monkeypatch.setattr(module, name, root / getattr(module, name).relative_to(ROOT))
    monkeypatch.setattr(module, "ROOT", root)
    return module
