"""A process killed at any moment loses no edit whose step returned, and never leaves a broken project file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).with_name("kill_bench.py")
KILLS = 10


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_ten_kills_lose_nothing() -> None:
    command = [sys.executable, str(BENCH), "--kills", str(KILLS), "--seed", "100"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(done.stdout)
    assert counts["steps"] > 10 * KILLS
    assert counts.get("returned", 0) + counts.get("in flight", 0) == KILLS
