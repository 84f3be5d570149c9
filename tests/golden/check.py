"""Run our own code on stored inputs and compare with stored outputs: `check.py SYSTEM FOLDER`.

A folder holds `config.json` (sizes, rates, thresholds: nothing else is assumed) and `io.safetensors` (inputs and
outputs). Prints one JSON line with the largest difference of each output. Exit status: 0 all within the tolerance,
1 some outside, 2 the call or the folder makes no sense.

A system is a file `system_<name>.py` beside this one with two functions:

    run(config, tensors) -> outputs by the names they are stored under
    tolerances(config) -> the largest difference allowed for each name
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from circletake.errors import CircletakeError

WITHIN, OUTSIDE, USAGE = 0, 1, 2

Tensors = Mapping[str, NDArray[Any]]
Config = Mapping[str, Any]


class System(Protocol):
    """What a `system_<name>.py` offers. `run` and `tolerances` raise `LookupError` for what a folder lacks."""

    def run(self, config: Config, tensors: Tensors) -> dict[str, NDArray[Any]]: ...
    def tolerances(self, config: Config) -> dict[str, float]: ...


class LayoutError(Exception):
    """The folder is not of the golden layout."""


@dataclass(frozen=True)
class Difference:
    """How far one output is from the stored one; `largest` is None where they cannot be compared."""

    largest: float | None
    tolerance: float
    problem: str = ""

    @property
    def within(self) -> bool:
        """Tell whether it is near enough."""
        return self.largest is not None and self.largest <= self.tolerance

    def as_json(self) -> dict[str, object]:
        """For the line printed."""
        problem = {"problem": self.problem} if self.problem else {}
        return {"difference": self.largest, "tolerance": self.tolerance, "within": self.within, **problem}


def systems() -> dict[str, Path]:
    """The file of each system, by name."""
    files = sorted(Path(__file__).parent.glob("system_*.py"))
    return {path.stem.removeprefix("system_"): path for path in files}


def load_system(path: Path) -> System:
    """The functions in a system's file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LayoutError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("System", module)


def read_folder(folder: Path) -> tuple[Config, Tensors]:
    """What a folder of the golden layout holds.

    Raises:
        LayoutError: one of the two files is missing or not what its name says.
    """
    paths = [folder / "config.json", folder / "io.safetensors"]
    for path in paths:
        if not path.is_file():
            raise LayoutError(f"{path} is missing; a golden folder holds config.json and io.safetensors")
    try:
        config = json.loads(paths[0].read_text(encoding="utf-8"))
        tensors = load_file(paths[1])
    except (ValueError, SafetensorError) as error:
        raise LayoutError(f"{folder} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise LayoutError(f"{paths[0]} must hold an object")
    return config, tensors


def difference(ours: NDArray[Any], stored: NDArray[Any], tolerance: float) -> Difference:
    """Compare one output; shapes must agree, and what is not a number agrees with nothing."""
    if ours.shape != stored.shape:
        return Difference(None, tolerance, f"shape {list(ours.shape)} instead of {list(stored.shape)}")
    apart = np.abs(ours.astype(np.float64) - stored.astype(np.float64))
    if not np.isfinite(apart).all():
        return Difference(None, tolerance, "not a finite number")
    return Difference(float(apart.max(initial=0.0)), tolerance)


def compare(system: System, config: Config, tensors: Tensors) -> dict[str, Difference]:
    """Every stored output the system knows, by name.

    Raises:
        LayoutError: the folder lacks an input or a size, or holds no output the system knows.
    """
    try:
        tolerances = system.tolerances(config)
        known = sorted(set(tolerances) & set(tensors))
        if not known:
            raise LayoutError(f"io.safetensors holds none of the outputs {', '.join(sorted(tolerances))}")
        ours = system.run(config, tensors)
    except LookupError as error:
        raise LayoutError(str(error.args[0] if error.args else error)) from error
    return {name: difference(ours[name], tensors[name], tolerances[name]) for name in known}


def main(arguments: list[str]) -> int:
    """Check one folder and print one line; what is wrong with the call or the folder goes to stderr."""
    parser = argparse.ArgumentParser(prog="check.py", description="Compare our outputs with stored ones.")
    parser.add_argument("system", choices=sorted(systems()))
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        found = compare(load_system(systems()[chosen.system]), *read_folder(chosen.folder))
    except (LayoutError, CircletakeError) as error:
        print(f"check.py: {error}", file=sys.stderr)
        return USAGE
    within = all(each.within for each in found.values())
    outputs = {name: each.as_json() for name, each in found.items()}
    print(json.dumps({"system": chosen.system, "folder": str(chosen.folder), "within": within, "outputs": outputs}))
    return WITHIN if within else OUTSIDE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
