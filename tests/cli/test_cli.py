"""The terminal: every command as a person types it, with its exit code, its two lines and its JSON."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.otio_files import read_timeline

from circletake.actions import ACTIONS, Needs
from circletake.cli import main
from circletake.project.recovery import unsaved_journals
from circletake.settings import settings_path
from circletake.timebase import from_timecode


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


@pytest.fixture
def project(capsys: pytest.CaptureFixture[str], sample_clip: Path, tmp_path: Path) -> Path:
    path = tmp_path / "cut.otio"
    code, _, _ = run(capsys, "analyze", sample_clip, "--min", 4, "--max", 12, "--project", path)
    assert code == 0
    return path


def marks(capsys: pytest.CaptureFixture[str], project: Path) -> list[dict[str, Any]]:
    code, out, _ = run(capsys, "marks", project, "--json", "-")
    assert code == 0
    listed: list[dict[str, Any]] = json.loads(out)["marks"]
    return listed


COMMANDS = [name for name, action in ACTIONS.items() if not action.lasting]


def test_every_action_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(re.search(rf"\b{name.split()[0]}\b", out) for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_its_arguments_mean(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = run(capsys, *name.split(), "--help")
    assert code == 0
    assert "--json" in out
    assert ("--project" in out) == (ACTIONS[name].needs is not Needs.NOTHING)


def test_an_analysis_is_written_as_json_with_exact_times(
    capsys: pytest.CaptureFixture[str], sample_clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    code, printed, _ = run(capsys, "analyze", sample_clip, "--top", 1, "--min", 4, "--max", 12, "--json", out)
    assert code == 0
    assert "signals only" in printed
    answer = json.loads(out.read_text())
    (segment,) = answer["segments"]
    numerator, _, denominator = segment["start_exact"].partition("/")
    assert int(numerator) / int(denominator or 1) == pytest.approx(segment["start"], abs=1e-6)
    assert segment["duration"] == pytest.approx(segment["end"] - segment["start"], abs=2e-6)
    assert from_timecode(segment["start_timecode"], Fraction(30)).to_seconds() == pytest.approx(
        segment["start"], abs=1 / 60
    )
    assert segment["is_viral"] is (segment["score"] >= 70)
    assert segment["analysis_method"] == "signals only"
    assert set(segment["signals"]) == {row["name"] for row in answer["signals"]}
    assert answer["media"]["video"][0]["frames"] == 1260
    assert answer["timing"]["seconds"] > 0


def test_nothing_is_left_for_a_next_session_to_recover(capsys: pytest.CaptureFixture[str], sample_clip: Path) -> None:
    assert run(capsys, "analyze", sample_clip)[0] == 0
    assert unsaved_journals() == ()


def test_json_on_standard_output_is_nothing_but_json(capsys: pytest.CaptureFixture[str], sample_clip: Path) -> None:
    code, out, _ = run(capsys, "analyze", sample_clip, "--json", "-")
    assert code == 0
    assert json.loads(out)["segments"]


def test_marks_are_judged_and_exported(capsys: pytest.CaptureFixture[str], project: Path, tmp_path: Path) -> None:
    first, second = marks(capsys, project)[:2]
    assert run(capsys, "keep", project, first["id"][:8])[0] == 0
    assert run(capsys, "reject", project, second["id"])[0] == 0
    assert run(capsys, "trim", project, first["id"][:8], "--end", first["end"] - 1)[0] == 0
    assert run(capsys, "note", project, first["id"], "for the trailer")[0] == 0
    by_id = {mark["id"]: mark for mark in marks(capsys, project)}
    assert by_id[first["id"]]["state"] == "kept"
    assert by_id[first["id"]]["note"] == "for the trailer"
    assert by_id[first["id"]]["end"] == pytest.approx(first["end"] - 1)
    assert by_id[second["id"]]["state"] == "rejected"

    folder = tmp_path / "clips"
    code, out, _ = run(capsys, "export", project, "--to", folder, "--timeline", "otio,edl,csv", "--mode", "copy")
    assert code == 0, out
    assert len(list(folder.glob("*.mp4"))) == 1
    assert {path.suffix for path in folder.iterdir()} == {".mp4", ".otio", ".edl", ".csv"}
    code, _, err = run(capsys, "export", project, "--to", folder)
    assert code == 1
    assert len(err.strip().splitlines()) == 2
    assert run(capsys, "export", project, "--to", folder, "--overwrite", "--mode", "copy")[0] == 0


def test_new_marks_split_join_rename_and_go(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    assert run(capsys, "add", project, "--start", 1, "--end", 5, "--name", "Mine")[0] == 0
    mine = next(mark for mark in marks(capsys, project) if mark["name"] == "Mine")
    assert mine["state"] == "kept"
    assert mine["score"] is None
    assert run(capsys, "split", project, mine["id"], "--at", 3)[0] == 0
    parts = [mark["id"] for mark in marks(capsys, project) if mark["name"] == "Mine"]
    assert len(parts) == 2
    assert run(capsys, "join", project, *parts)[0] == 0
    assert run(capsys, "rename", project, mine["id"], "Ours")[0] == 0
    assert run(capsys, "propose", project, mine["id"])[0] == 0
    assert run(capsys, "delete", project, mine["id"])[0] == 0
    assert all(mark["name"] not in ("Mine", "Ours") for mark in marks(capsys, project))


def test_a_film_is_exported_by_ranges_in_seconds(
    capsys: pytest.CaptureFixture[str], sample_clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.json"
    code, _, _ = run(
        capsys, "export", sample_clip, "--to", tmp_path / "o", "--range", 1, 2, "--range", 10, 12.5, "--json", out
    )
    assert code == 0
    clips = json.loads(out.read_text())["clips"]
    assert [clip["frames"] for clip in clips] == [30, 75]
    assert all(clip["ok"] and clip["verified"] for clip in clips)
    assert read_timeline(tmp_path / "o" / "sample clips.otio").timeline.duration.to_seconds() == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["analyze", "/none.mp4"], 1, "no such file"),
        (["analyze"], 2, "open one project"),
        (["analyze", "SAMPLE", "--top", "many"], 2, "--top"),
        (["analyze", "SAMPLE", "--min", "9", "--max", "3"], 2, "leave nothing"),
        (["export", "SAMPLE", "--to", "OUT", "--range", "5", "2"], 2, "no length"),
        (["export", "SAMPLE", "--to", "OUT", "--timeline", "fcp"], 2, "otio, edl, csv"),
        (["export", "SAMPLE", "--to", "OUT", "--mode", "best"], 2, "--mode"),
        (["export", "SAMPLE"], 2, "--to"),
        (["settings", "analysis.topp", "3"], 2, "analysis.topp"),
        (["settings", "analysis.top", "many"], 2, "many"),
        (["unknown"], 2, "unknown"),
    ],
)
def test_a_failure_is_two_lines_what_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
    sample_clip: Path,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    places = {"SAMPLE": str(sample_clip), "OUT": str(tmp_path / "out")}
    got, _, err = run(capsys, *(places.get(argument, argument) for argument in arguments))
    lines = err.strip().splitlines()
    assert got == code
    assert len(lines) == 2, err
    assert says in lines[0]
    assert lines[1].endswith((".", "?", "`"))


def test_a_bad_film_of_several_is_told_and_the_rest_goes_on(
    capsys: pytest.CaptureFixture[str], sample_clip: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"junk" * 100)
    out = tmp_path / "out.json"
    code, printed, err = run(capsys, "analyze", sample_clip, bad, "--json", out)
    assert code == 1
    assert "sample.mp4" in printed
    assert "bad.mp4" in err
    assert json.loads(out.read_text())["segments"]


def test_settings_are_stored_and_say_where_they_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "settings", "analysis.top", 3)[0] == 0
    code, out, _ = run(capsys, "settings", "--json", "-")
    assert code == 0
    assert json.loads(out)["analysis.top"] == {"value": 3, "origin": "file"}
    assert run(capsys, "settings", "analysis.top", "default")[0] == 0
    assert json.loads(run(capsys, "settings", "--json", "-")[1])["analysis.top"]["origin"] == "default"


def test_the_doctor_names_a_remedy_for_each_lack(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "doctor", "--json", "-")
    checks = json.loads(out)["checks"]
    assert {check["name"] for check in checks} >= {"Media", "Speech model", "Folders"}
    assert all(check["remedy"] for check in checks if check["health"] != "ok")


def test_the_demo_runs_the_whole_job(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = run(capsys, "demo", "--to", tmp_path / "demo")
    assert code == 0, err
    assert "signals only" in out
    assert (tmp_path / "demo" / "project.otio").exists()
    assert len(list((tmp_path / "demo" / "clips").glob("*.mp4"))) >= 2
    code, _, err = run(capsys, "demo", "--to", tmp_path / "demo")
    assert code == 1
    assert "--overwrite" in err
    assert run(capsys, "demo", "--to", tmp_path / "demo", "--overwrite")[0] == 0


def test_nothing_on_the_way_imports_torch(sample_clip: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from circletake.cli import main; "
        f"code = main(['analyze', {str(sample_clip)!r}, '--json', {str(tmp_path / 'o.json')!r}]); "
        "heavy = {'torch', 'transformers', 'PySide6', 'silero_vad'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("flag", ["--project", "--json"])
def test_no_film_is_written_over_by_a_slip(
    capsys: pytest.CaptureFixture[str], sample_clip: Path, tmp_path: Path, flag: str
) -> None:
    film, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    for path in (film, other):
        path.write_bytes(sample_clip.read_bytes())
    for target in (film, other, tmp_path):
        code, _, err = run(capsys, "analyze", film, flag, target)
        assert code == 2
        assert "would be lost" in err
    assert film.read_bytes() == other.read_bytes() == sample_clip.read_bytes()


def test_an_answer_is_written_over_an_answer_but_not_over_a_project(
    capsys: pytest.CaptureFixture[str], project: Path, sample_clip: Path, tmp_path: Path
) -> None:
    answer = tmp_path / "answer.json"
    for _ in range(2):
        assert run(capsys, "analyze", sample_clip, "--json", answer)[0] == 0
    before = project.read_bytes()
    assert run(capsys, "analyze", sample_clip, "--json", project)[0] == 2
    assert project.read_bytes() == before


def test_a_project_with_decisions_is_not_replaced_by_a_fresh_one(
    capsys: pytest.CaptureFixture[str], project: Path, sample_clip: Path
) -> None:
    before = project.read_bytes()
    code, _, err = run(capsys, "analyze", sample_clip, "--project", project)
    assert code == 2
    assert "would be lost" in err
    assert project.read_bytes() == before
    assert run(capsys, "analyze", project, "--project", project, "--min", 5, "--max", 9)[0] == 0


def test_names_that_look_like_lists_are_names(
    capsys: pytest.CaptureFixture[str], sample_clip: Path, tmp_path: Path
) -> None:
    film = tmp_path / "[1] o :bomb: .mp4"
    film.write_bytes(sample_clip.read_bytes())
    code, out, _ = run(capsys, "analyze", film)
    assert code == 0
    assert "[1] o :bomb: .mp4" in out


def test_another_tools_timeline_is_not_saved_over(
    capsys: pytest.CaptureFixture[str], shared: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "cut.otio"
    foreign.write_bytes((shared / "data" / "timelines" / "resolvable" / "cut.otio").read_bytes())
    before = foreign.read_bytes()
    code, _, err = run(capsys, "add", foreign, "--start", 1, "--end", 2)
    assert code == 2
    assert "another tool" in err
    assert foreign.read_bytes() == before
    assert run(capsys, "add", foreign, "--start", 1, "--end", 2, "--project", tmp_path / "mine.otio")[0] == 0


def test_broken_settings_are_named_by_the_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('version = 1\n[analysis]\ntop = "many"\n', "utf-8")
    code, out, _ = run(capsys, "doctor", "--json", "-")
    assert code == 1
    fault = next(check for check in json.loads(out)["checks"] if check["name"] == "Settings")
    assert fault["health"] == "fault"
    assert "analysis.top" in fault["found"]
    code, _, err = run(capsys, "settings")
    assert code == 2
    assert "analysis.top" in err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_says_that_it_was_heard(sample_clip: Path, tmp_path: Path) -> None:
    films = []
    for number in range(30):
        film = tmp_path / f"{number}.mp4"
        film.write_bytes(sample_clip.read_bytes() + bytes([number]))
        films.append(str(film))
    command = [sys.executable, "-m", "circletake", "analyze", *films]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(2.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[0] == "Cancelled."


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_goes_away_is_no_fault_of_ours(sample_clip: Path) -> None:
    script = f"{sys.executable} -m circletake analyze '{sample_clip}' --json - | true"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr


def test_a_word_that_is_no_file_and_no_command_gets_the_nearest_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "analyse", "film.mp4")
    assert code == 2
    assert "there is no file 'analyse'" in err
    assert "`analyze`" in err


def test_files_alone_open_the_window(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, sample_clip: Path
) -> None:
    opened: list[list[str]] = []

    class Door:
        def load(self) -> Callable[[list[str]], int]:
            return self.open

        def open(self, files: list[str]) -> int:
            opened.append(files)
            return 0

    monkeypatch.setattr("circletake.cli.window.entry_points", lambda **_: (Door(),))
    assert run(capsys, str(sample_clip))[0] == 0
    assert run(capsys)[0] == 0
    assert opened == [[str(sample_clip)], []]


def test_without_the_window_it_says_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("circletake.cli.window.entry_points", lambda **_: ())
    code, _, err = run(capsys)
    assert code == 2
    assert "circletake[gui]" in err


@pytest.fixture
def edit(sample_clip: Path, tmp_path: Path) -> Path:
    """Another tool's cut of the sample and of a film that is not there, and a second sequence."""
    clips = "".join(
        f'<clipitem id="{name}"><name>{name}</name><file id="f{name}"><name>{name}</name>'
        f"<pathurl>{url}</pathurl></file><start>{start}</start><end>{start + 60}</end><in>0</in><out>60</out>"
        "</clipitem>"
        for name, url, start in (("there", sample_clip.as_uri(), 0), ("gone", "file://localhost/nowhere/gone.mp4", 60))
    )
    rate = "<rate><timebase>30</timebase><ntsc>FALSE</ntsc></rate>"
    sequences = "".join(
        f"<sequence><name>{name}</name>{rate}<media><video><track>{clips}</track></video></media></sequence>"
        for name in ("Main", "Teaser")
    )
    path = tmp_path / "cut.xml"
    path.write_text(f'<xmeml version="4"><project><children>{sequences}</children></project></xmeml>')
    return path


def test_what_an_import_lacks_is_said_by_every_command(capsys: pytest.CaptureFixture[str], edit: Path) -> None:
    code, out, err = run(capsys, "analyze", edit, "--min", 1, "--max", 2)
    assert (code, out.count("sample.mp4")) == (0, 1)
    assert "missing is file://localhost/nowhere/gone.mp4: there is no such file here" in err
    assert 'the sequence "Teaser" of the file was not read' in err
    code, out, _ = run(capsys, "timeline", "info", edit)
    assert code == 0
    assert "gone.mp4: there is no such file here" in out
    assert "Not read: the sequence Teaser" in out
    answer = json.loads(run(capsys, "timeline", "info", edit, "--json", "-")[1])
    assert [each["media"] for each in answer["missing"]] == ["file://localhost/nowhere/gone.mp4"]
    assert answer["sequences_not_read"] == ["Teaser"]


def test_marks_that_come_in_are_counted(capsys: pytest.CaptureFixture[str], project: Path, tmp_path: Path) -> None:
    listed = tmp_path / "talk.srt"
    listed.write_text(
        "1\n00:00:01,000 --> 00:00:03,000\nHello\n\n2\n00:10:00,000 --> 00:10:01,000\nFar\n\n3\nbroken --> 0\nx\n",
        "utf-8",
    )
    code, out, _ = run(capsys, "import-marks", project, listed)
    assert code == 0
    assert "1 added, 0 updated, 1 left out" in out
    assert '"Far"' in out
    assert "times that make no sense" in out
    answer = json.loads(run(capsys, "import-marks", project, listed, "--json", "-")[1])
    assert (answer["added"], answer["updated"], answer["left_out"]) == (0, 0, 1)
    assert len(answer["warnings"]) == 2


def test_media_that_are_located_are_listed(
    capsys: pytest.CaptureFixture[str], edit: Path, sample_clip: Path, tmp_path: Path
) -> None:
    project = tmp_path / "mine.otio"
    assert run(capsys, "analyze", edit, "--min", 1, "--max", 2, "--project", project)[0] == 0
    found = tmp_path / "disk" / "gone.mp4"
    found.parent.mkdir()
    address = "file://localhost/nowhere/gone.mp4"  # however the project has it
    code, _, err = run(capsys, "locate-media", project, address, found.parent)
    assert (code, len(err.strip().splitlines())) == (2, 2)
    assert "there is no such file here" in err
    found.write_bytes(sample_clip.read_bytes())
    code, out, _ = run(capsys, "locate-media", project, address, found.parent)
    assert (code, out) == (0, f"Found {found} for /nowhere/gone.mp4\n")
    code, _, err = run(capsys, "locate-media", project, address, found.parent)
    assert (code, len(err.strip().splitlines())) == (2, 2)
    assert "no clip shows" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["timeline", "info", "none.xml"], 1, "no such file"),
        (["timeline", "info", "SAMPLE"], 1, "not read"),
        (["timeline", "convert", "none.xml", "OUT.aaf", "--format", "aaf"], 2, "read but not written"),
        (["timeline", "convert", "CUT", "OUT.foo"], 2, "no timeline format"),
        (["timeline", "convert", "CUT", "OUT.edl", "--format", "edi"], 2, "no format called"),
        (["timeline", "convert", "CUT", "SAMPLE", "--format", "edl", "--overwrite"], 1, "one of its films"),
        (["timeline", "convert", "CUT", "CUT", "--overwrite"], 1, "the timeline that is read"),
        (["timeline", "info", "CUT", "--sequence", "Third"], 1, "Third"),
        (["timeline", "markers", "CUT", "OUT.kdenlive"], 2, "no list of markers"),
        (["send", "SAMPLE", "--editor", "premier", "--to", "OUT"], 2, "no editor"),
        (["send", "SAMPLE", "--editor", "premiere", "--to", "OUT"], 2, "no proposed mark"),
        (["adopt-markers", "CUT"], 2, "another tool"),
    ],
)
def test_what_goes_wrong_with_timelines_is_two_lines(
    capsys: pytest.CaptureFixture[str],
    edit: Path,
    sample_clip: Path,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(sample_clip.read_bytes())
    edit.write_text(edit.read_text().replace(sample_clip.as_uri(), film.as_uri()))
    places = {"SAMPLE": str(film), "CUT": str(edit)}
    given = [places.get(each, each.replace("OUT", str(tmp_path / "out"))) for each in arguments]
    got, _, err = run(capsys, *given)
    lines = [line for line in err.strip().splitlines() if not line.startswith("Note: ")]
    assert got == code, err
    assert len(lines) == 2, err
    assert says in lines[0]
    assert lines[1].endswith((".", "?"))
    assert film.read_bytes() == sample_clip.read_bytes()
