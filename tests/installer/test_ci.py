"""What continuous integration runs is what a newcomer runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("named", [True, False])
def test_ci_names_the_shared_data_beside_the_checkout(tmp_path: Path, *, named: bool) -> None:
    checkout = tmp_path / "main"
    (checkout / ".ci").mkdir(parents=True)
    (checkout / "installer").mkdir()
    (checkout / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    probe = "import os, sys; print(os.environ.get('CIRCLETAKE_SHARED'), sys.argv[1:])"
    (checkout / "installer" / "bootstrap.py").write_text(probe, encoding="utf-8")
    if named:
        (tmp_path / "shared").mkdir()
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", str(checkout / ".ci" / "run")], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"{tmp_path / 'shared' if named else None} ['test', '--editors']"
