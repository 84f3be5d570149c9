"""Running things for a benchmark: a command or a function in a process of its own, with what it cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds, and the largest memory in MiB, of one process from start to end."""

    cpu: float
    wall: float
    peak: float


def cost_of(command: Sequence[str]) -> Cost:
    """Run a command to its end and read what the system says it used.

    Raises:
        RuntimeError: it failed; the message ends with what it printed.
    """
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        printed: list[bytes] = []
        stream = process.stderr
        assert stream is not None
        reader = threading.Thread(target=lambda: printed.append(stream.read()))
        reader.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        reader.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {printed[0][-400:].decode(errors='replace')}")
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def in_turn(ways: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Cost]:
    """The median cost of each way; the ways take turns, so that a busy machine hurts all of them alike."""
    seen: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            seen[name].append(cost_of(command))
    return {name: _median(costs) for name, costs in seen.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    middle: Callable[[Callable[[Cost], float]], float] = lambda of: statistics.median(of(cost) for cost in costs)  # noqa: E731
    return Cost(middle(lambda cost: cost.cpu), middle(lambda cost: cost.wall), middle(lambda cost: cost.peak))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, ready for docs/benchmarks.md."""
    lines = [f"| {' | '.join((title, *columns))} |", f"| {' | '.join('---' for _ in (title, *columns))} |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


PYTHON = sys.executable
