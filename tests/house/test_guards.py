"""The guards in tests/conftest.py, tried on tests that misbehave. One inner run; each fact reads its outcome."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

MISBEHAVIOUR = """
import logging, os, pathlib, socket, subprocess, sys, threading, time
import pytest

KEPT = []

def test_leaves_a_thread():
    threading.Thread(target=time.sleep, args=(1.5,), name="straggler").start()

def test_thread_ends_in_time():
    threading.Thread(target=time.sleep, args=(0.1,)).start()

def test_leaves_a_process():
    KEPT.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"]))

def test_process_is_waited_for():
    subprocess.run([sys.executable, "-c", "pass"], check=True)

def test_warns():
    logging.getLogger("circletake.somewhere").warning("the %s is wet", "paint")

def test_warns_as_expected(expected_logs):
    expected_logs("paint is wet")
    logging.getLogger("circletake.somewhere").warning("the paint is wet")

@pytest.mark.expected_logs("paint is wet", "brush")
def test_warns_as_marked():
    logging.getLogger("circletake.somewhere").warning("the paint is wet, and so is the brush")

def test_expects_in_vain(expected_logs):
    expected_logs("paint is wet")

def test_informs():
    logging.getLogger("circletake.somewhere").info("the paint is dry")

def test_calls_out():
    with socket.socket() as caller:
        caller.connect(("192.0.2.1", 80))

def test_calls_out_and_swallows():
    try:
        socket.create_connection(("example.invalid", 80), timeout=1)
    except BaseException:
        pass

def test_sends_out():
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("192.0.2.1", 9))

def test_talks_to_itself():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]):
        pass

def test_has_own_folders():
    folders = [os.environ[f"CIRCLETAKE_{name}_DIR"] for name in ("CONFIG", "CACHE", "STATE")]
    assert len(set(folders)) == 3
    assert not any(pathlib.Path(folder).exists() for folder in folders)
    assert "CIRCLETAKE_LANGUAGE" not in os.environ

def test_wants_shared_data(shared):
    pass

def test_has_the_clip(sample_clip, sample_truth):
    assert sample_clip.is_file() and sample_truth["frames"] > 0

def test_imports_torch_for_nobody():
    assert "torch" not in sys.modules
"""

GPU = """
import pytest

@pytest.mark.gpu
def test_wants_an_accelerator():
    pass
"""

INI = f"""[pytest]
pythonpath = {CONFTEST.parents[1]}
addopts = --import-mode=importlib -p no:cacheprovider --strict-markers
markers =
    gpu: needs an accelerator
    expected_logs: patterns
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each misbehaving test: `passed`, or the words it failed or was skipped with."""
    folder = tmp_path_factory.mktemp("inner")
    guards = CONFTEST.read_text(encoding="utf-8")
    assert "LEAK_GRACE_SECONDS = 2.0" in guards
    impatient = guards.replace("LEAK_GRACE_SECONDS = 2.0", "LEAK_GRACE_SECONDS = 0.5")
    (folder / "conftest.py").write_text(impatient, encoding="utf-8")
    (folder / "test_inner.py").write_text(MISBEHAVIOUR, encoding="utf-8")
    (folder / "test_inner_gpu.py").write_text(GPU, encoding="utf-8")
    (folder / "pytest.ini").write_text(INI, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CIRCLETAKE_SHARED"}
    environment.update(CIRCLETAKE_LANGUAGE="xx", CUDA_VISIBLE_DEVICES="")
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml=report.xml"]
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=120, check=False)
    found: dict[str, str] = {}
    for case in ET.parse(folder / "report.xml").iter("testcase"):
        words = [
            f"{child.tag}: {child.get('message')}" for child in case if child.tag in ("failure", "error", "skipped")
        ]
        found[case.get("name", "")] = " ".join([*words, found.get(case.get("name", ""), "")]).strip() or "passed"
    return found


@pytest.mark.parametrize(
    "name",
    [
        "test_thread_ends_in_time",
        "test_process_is_waited_for",
        "test_warns_as_expected",
        "test_warns_as_marked",
        "test_informs",
        "test_talks_to_itself",
        "test_has_own_folders",
        "test_has_the_clip",
        "test_imports_torch_for_nobody",
    ],
)
def test_good_manners_pass(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == "passed"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_leaves_a_thread", "left behind: thread 'straggler'"),
        ("test_leaves_a_process", "left behind: process"),
        ("test_warns", "logged circletake.somewhere WARNING: the paint is wet"),
        ("test_expects_in_vain", "never logged 'paint is wet'"),
        ("test_calls_out", "reached for 192.0.2.1"),
        ("test_calls_out_and_swallows", "reached for example.invalid"),
        ("test_sends_out", "reached for 192.0.2.1"),
    ],
)
def test_bad_manners_fail_and_say_why(outcomes: dict[str, str], name: str, words: str) -> None:
    assert words in outcomes[name]
    assert outcomes[name].startswith(("failure:", "error:"))


def test_shared_data_is_skipped_where_none_is_named(outcomes: dict[str, str]) -> None:
    assert outcomes["test_wants_shared_data"].startswith("skipped: CIRCLETAKE_SHARED names no folder")


def test_gpu_tests_are_skipped_where_no_accelerator_answers(outcomes: dict[str, str]) -> None:
    assert outcomes["test_wants_an_accelerator"].startswith("skipped: no accelerator answers")
