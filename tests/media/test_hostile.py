"""Hostile and broken files through the whole job: a typed error or a result, in time, in memory, without a call out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

LIMIT_SECONDS = 30.0
LIMIT_MIB = 1024

# One process for all files of a folder: each is analysed, and what became of it is a line of JSON. Sockets and opening
# anything else for reading are refused by an audit hook, so a demuxer that follows a link inside Python is seen; that
# FFmpeg itself follows none is checked by the secret file below.
SCRIPT = """
import json, resource, sys, time
from pathlib import Path
from circletake.errors import CircletakeError
from circletake.session.session import Session
from circletake.settings import load_settings

calls = []
sys.addaudithook(lambda event, args: calls.append(event) if event in ("socket.connect", "socket.bind") else None)

def run(session, path):
    opened = session.open((path,)).result(60)
    session.take(opened)
    answer = session.analyse().result(60)
    return {"segments": len(answer.films[0].analysis.segments), "warnings": list(answer.films[0].analysis.warnings)}

with Session(load_settings()) as session:
    for path in sorted(Path(sys.argv[1]).iterdir()):
        began = time.monotonic()
        try:
            told = run(session, path)
        except CircletakeError as error:
            told = {"kind": error.kind, "message": str(error), "hint": error.hint, "path": str(error.path)}
        told |= {"file": path.name, "seconds": time.monotonic() - began, "calls": calls[:]}
        told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(told), flush=True)
"""


@pytest.mark.parametrize("folder", ["malformed", "malformed_generated", "timelines_hostile"])
@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read with the resource module")
def test_every_hostile_file_is_answered(shared: Path, tmp_path: Path, folder: str) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(shared / "data" / folder)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"CIRCLETAKE_CACHE_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(list((shared / "data" / folder).iterdir()))
    assert time.monotonic() - began < 120
    for answer in told:
        assert answer["seconds"] < LIMIT_SECONDS, answer
        assert answer["peak"] < LIMIT_MIB, answer
        assert answer["calls"] == [], answer
        if "kind" in answer:
            assert answer["kind"] != "internal_error", answer
            assert answer["hint"], answer
            assert answer["file"] in answer["message"] or answer["kind"] == "usage_error", answer
        assert "root:" not in json.dumps(answer), "a file outside was read"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads the system's list of open files")
def test_no_file_but_the_asked_one_is_opened(shared: Path, tmp_path: Path) -> None:
    """FFmpeg opens files itself, out of the reach of a hook: so every reference points at a FIFO.

    A demuxer that followed the reference would hang on the FIFO, and the time limit would end it.
    """
    trap = tmp_path / "secret.mp4"
    os.mkfifo(trap)
    playlist = tmp_path / "list.mp4"
    for content in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{trap}\n",
        f"ffconcat version 1.0\nfile '{trap}'\n",
        f"v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=file:{trap}\n",
    ):
        playlist.write_text(content)
        done = subprocess.run(
            [sys.executable, "-m", "circletake", "analyze", str(playlist)],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
