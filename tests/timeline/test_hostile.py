"""Files made to crash, hang or mislead a reader: a typed error or a result, in little time and memory."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.otio_files import read_timeline

from circletake.errors import TimelineError, TimelineUnreadable
from circletake.timeline import guard
from circletake.timeline.files import timeline_from_bytes
from circletake.timeline.model import Clip

MOST_SECONDS = 2.0
MOST_BYTES = 200 * 2**20

READER = """
import json, resource, sys, time
from pathlib import Path
from circletake.errors import TimelineError
from circletake.timeline.addresses import media_path
from circletake.timeline.files import timeline_from_bytes, timeline_of_stranger, timeline_to_text
from circletake.timeline.guard import read_bytes
from circletake.timeline.model import Clip

pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event in ("open", "socket.connect") else None)

def foreign(name):
    # A number is a pipe to the process that judges.
    ours = (sys.prefix, sys.base_prefix)
    return [each for each in opened if each != name and not each.startswith(ours) and not each.isdigit()]

for name in sys.argv[2:]:
    opened.clear()
    started = time.monotonic()
    try:
        timeline = timeline_of_stranger(read_bytes(Path(name)), Path(name)).timeline
        for track in timeline.tracks:
            for item in track.items:
                if isinstance(item, Clip) and item.media:
                    media_path(item.media.target_url, Path(name).parent)
        timeline_from_bytes(timeline_to_text(timeline).encode())
        outcome = "opened"
    except TimelineError as error:
        outcome = f"{type(error).__name__}: {error}"
    row = json.dumps([Path(name).name, outcome, time.monotonic() - started, foreign(name)])
    print(row, flush=True)
"""

STILL_OPEN = {"media_refs_hostile.otio", "names_injection.otio"}


def read_in_a_small_process(files: list[Path]) -> dict[str, tuple[str, float, list[str]]]:
    """What became of each file in a process that may grow by `MOST_BYTES`; a crash ends the list early."""
    # One thread for numpy: its pool reserves addresses that are no memory in use.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", READER, str(MOST_BYTES), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (outcome, seconds, opened) for name, outcome, seconds, opened in rows}


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory and watches files as Linux does")
def test_no_hostile_file_crashes_hangs_grows_or_opens_another(shared: Path) -> None:
    files = sorted((shared / "data" / "timelines_hostile").iterdir())
    outcomes = read_in_a_small_process(files)
    assert set(outcomes) == {path.name for path in files}
    for name, (outcome, seconds, opened) in outcomes.items():
        assert (outcome == "opened") == (name in STILL_OPEN), (name, outcome)
        assert seconds < MOST_SECONDS, name
        assert opened == [], name


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_what_crashes_the_native_parser_is_refused(tmp_path: Path) -> None:
    stack = '{"OTIO_SCHEMA":"Stack.1","name":"","children":[]}'
    head = '{"OTIO_SCHEMA":"Timeline.1","name":"t","tracks":' + stack + ',"metadata":'
    circle = head.replace('"name":"t"', '"name":"t","OTIO_REF_ID":"T-1"')
    contents = {
        "brackets.otio": head + "[" * 200_000 + "]" * 200_000 + "}",
        "braces.otio": head + '{"a":' * 100_000 + "1" + "}" * 100_001,
        "unclosed.otio": head + "[" * 500_000,
        "circle.otio": circle + '{"me":{"OTIO_SCHEMA":"SerializableObjectRef.1","id":"T-1"}}}',
        "escaped.otio": circle + '{"me":{"OTIO_SCHEMA":"Serializable\\u004fbjectRef.1","id":"T-1"}}}',
        "digits.otio": head + '{"a":' + "9" * 1_000_000 + "}}",
        "overflow.otio": head + '{"a":1e400}}',
        "surrogate.otio": head + '{"a":"\\ud800"}}',
        "quotes.otio": head + '"' + '\\"' * 1_000_000,
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    outcomes = read_in_a_small_process([tmp_path / name for name in contents])
    assert set(outcomes) == set(contents)
    for name, (outcome, seconds, _) in outcomes.items():
        assert outcome.startswith("TimelineUnreadable"), (name, outcome)
        assert seconds < MOST_SECONDS, name


def test_names_are_cleaned_of_what_misleads(shared: Path) -> None:
    data = (shared / "data" / "timelines_hostile" / "names_injection.otio").read_bytes()
    timeline = timeline_from_bytes(data).timeline
    clips = [item for track in timeline.tracks for item in track.items if isinstance(item, Clip)]
    names = [clip.name for clip in clips] + [marker.name for clip in clips for marker in clip.markers]
    assert len(names) == 26
    for name in names:
        assert len(name) <= 1000
        assert not {"\x00", "\x1b", "\u202e", "\n"} & set(name)


def test_brackets_inside_strings_are_no_depth() -> None:
    text = json.dumps({"OTIO_SCHEMA": "Evil.1", "name": "[" * 10_000 + '\\"' * 100})
    with pytest.raises(TimelineUnreadable, match="Evil"):
        timeline_from_bytes(text.encode())


@given(depth=st.integers(0, 300), text=st.text(max_size=20))
def test_depth_is_measured_as_a_parser_would(depth: int, text: str) -> None:
    data = ("[" * depth + json.dumps(text) + "]" * depth).encode()
    assert guard._depth(data) == depth


@pytest.mark.parametrize("data", [b'"' * 4_000_001, b'"\\' * 2_000_000, b"[" * 4_000_000, b"\\" * 4_000_000])
def test_the_scan_stays_linear(data: bytes) -> None:
    started = time.monotonic()
    guard._depth(data)
    assert time.monotonic() - started < MOST_SECONDS


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.otio"
    with path.open("wb") as file:
        file.truncate(guard.MAX_BYTES + 1)
    with pytest.raises(TimelineUnreadable, match="256 MiB"):
        guard.read_bytes(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_damaged_byte_raises_anything_but_our_errors(data: st.DataObject, shared: Path) -> None:
    name = data.draw(st.sampled_from(["nested_example.otio", "transition_test.otio", "clip_example.otio"]))
    original = bytearray((shared / "data" / "timelines" / "otio" / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(original) - 1))
        original[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(TimelineError):
        timeline_from_bytes(bytes(original))


values: st.SearchStrategy[object] = st.one_of(
    st.none(), st.integers(-5, 5), st.floats(), st.sampled_from(["", "x"]), st.builds(list), st.builds(dict)
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_wrong_value_raises_anything_but_our_errors(data: st.DataObject, shared: Path) -> None:
    tree = json.loads((shared / "data" / "timelines" / "resolvable" / "cut.otio").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        node = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if not isinstance(node[key], dict | list) or data.draw(st.integers(0, 5)) == 0:
                if data.draw(st.booleans()) and isinstance(node, dict):
                    del node[key]
                else:
                    node[key] = data.draw(values)
                break
            node = node[key]
    with contextlib.suppress(TimelineError):
        timeline_from_bytes(json.dumps(tree).encode())


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"<?xml version='1.0'?><!DOCTYPE xmeml><xmeml>", "Final Cut Pro 7"),
        (b"<fcpxml version='1.10'>", "FCPXML"),
        (b"TITLE: x\nFCM: NON-DROP FRAME", "EDL"),
        (b"001  AX  V  C  00:00:00:00 00:00:01:00", "EDL"),
        (b"PK\x03\x04....", "zip"),
        (b"\x1f\x8b....", "gzip"),
        (b"\xd0\xcf\x11\xe0", "AAF"),
        (b"\xff\xfeT\0", "UTF-16"),
        (b"Heading\nFIELD_DELIM", "Avid log"),
        (b"hello", "no timeline"),
        (b"[1, 2]", "plain JSON"),
        (b'{"a": 1}', "plain JSON"),
    ],
)
def test_other_kinds_of_file_are_named(data: bytes, kind: str) -> None:
    with pytest.raises(TimelineUnreadable, match=kind):
        timeline_from_bytes(data)


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "this is a folder"), (tmp_path / "none.otio", "no such file")):
        with pytest.raises(TimelineUnreadable, match=said):
            read_timeline(path)
