"""What hostile timelines cost: each is looked into by a fresh process; prints its seconds of work, memory and answer.

python tests/bench/hostile_timelines.py FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path


def look(path: Path, answer: Path) -> tuple[int, float, float, str]:
    """Exit status, processor seconds, peak MiB and first line of one run."""
    command = [sys.executable, "-m", "circletake", "timeline", "info", str(path), "--json", str(answer)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.read() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    answer.unlink(missing_ok=True)
    first = said.strip().split("\n")[0]
    return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, first


def main(folder: Path) -> int:
    """Print a row a file and the worst of them; 1 where one crashed."""
    worst_seconds = worst_memory = 0.0
    crashed = 0
    with tempfile.TemporaryDirectory() as place:
        for path in sorted(folder.iterdir()):
            code, seconds, memory, said = look(path, Path(place) / "answer.json")
            worst_seconds, worst_memory = max(worst_seconds, seconds), max(worst_memory, memory)
            crashed += code not in (0, 1, 2) or "internal" in said
            print(f"{path.name:34} {code} {seconds:5.2f} s {memory:4.0f} MiB  {said.removeprefix(str(path))[:100]}")
    print(f"worst: {worst_seconds:.2f} s, {worst_memory:.0f} MiB; {crashed} crashed")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
