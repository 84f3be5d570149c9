"""One file pins every package for every Python and platform."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins() -> Iterator[tuple[str, str, Marker | None]]:
    for line in (ROOT / "installer" / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            yield re.sub(r"[-_.]+", "-", pin.name).lower(), str(pin.specifier), pin.marker


@pytest.mark.parametrize("python", ["3.11.7", "3.12.1", "3.13.0"])
@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_every_declared_package_has_exactly_one_pin(python: str, platform: str) -> None:
    environment = {
        "python_full_version": python,
        "python_version": python.rsplit(".", 1)[0],
        "sys_platform": platform,
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
    }
    applying = [(name, version) for name, version, marker in pins() if not marker or marker.evaluate(environment)]
    names = [name for name, _ in applying]
    assert len(names) == len(set(names))
    assert all(version.startswith("==") for _, version in applying)
    declared = [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]
    for requirement in map(Requirement, declared):
        if not requirement.marker or requirement.marker.evaluate(environment):
            version = dict(applying)[re.sub(r"[-_.]+", "-", requirement.name).lower()].removeprefix("==")
            assert version in requirement.specifier


def test_torch_is_the_tested_one_and_torchvision_stays_away() -> None:
    versions = {name: version for name, version, _ in pins()}
    assert versions["torch"] == "==2.13.0"
    assert "torchvision" not in versions
