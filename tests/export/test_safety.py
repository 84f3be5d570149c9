"""Nothing half-written, nothing overwritten, nothing lost: what an export leaves behind when it does not go well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from av.error import FFmpegError, InvalidDataError
from tests.films import Film

from circletake.errors import CircletakeError, ExportRefused
from circletake.export import plan as planning
from circletake.export import render
from circletake.export.plan import ExportItem, ExportMode, ExportPlan, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ClipReport
from circletake.jobs.context import JobCancelled, NoContext
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange

FilmOf = Callable[[Film], Path]
FILM = Film("safety", frames=200)
RATE = Fraction(30)


def span(first: int, count: int) -> TimeRange:
    return TimeRange(RationalTime(first, RATE), RationalTime(count, RATE))


def planned(path: Path, folder: Path, mode: ExportMode = ExportMode.SMART, *, overwrite: bool = False) -> ExportPlan:
    items = (ExportItem("one", path, span(10, 100), "id-1"), ExportItem("two", path, span(50, 90), "id-2"))
    return plan_export(ExportRequest(items, folder, mode, overwrite), {path: probe(path)})


class Cancelling:
    """Cancels at the n-th place where it can be."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.told: list[tuple[float, float]] = []
        self.found: list[object] = []

    def progress(self, done: float, total: float) -> None:
        self.told.append((done, total))

    def partial(self, value: object) -> None:
        self.found.append(value)

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise JobCancelled


@pytest.mark.parametrize("mode", list(ExportMode))
@pytest.mark.parametrize("after", [0, 1, 17, 60])
def test_a_cancelled_export_leaves_no_unfinished_file(
    mode: ExportMode, after: int, film_of: FilmOf, tmp_path: Path
) -> None:
    context = Cancelling(after)
    with pytest.raises(JobCancelled):
        export_clips(planned(film_of(FILM), tmp_path / "out", mode), context)
    finished = [report.path for report in context.found if isinstance(report, ClipReport)]
    assert sorted((tmp_path / "out").glob("*")) == sorted(finished)
    assert sorted((tmp_path / "out").glob(".*")) == []


def test_progress_rises_to_the_seconds_of_all_clips(film_of: FilmOf, tmp_path: Path) -> None:
    context = Cancelling(10**9)
    report = export_clips(planned(film_of(FILM), tmp_path), context)
    done = [each for each, _ in context.told]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(190 / 30)
    assert context.found == list(report.clips)
    assert [clip.mark_id for clip in report.clips] == ["id-1", "id-2"]


KILLED = """
import sys
from fractions import Fraction
from pathlib import Path
from circletake.export.plan import ExportItem, ExportMode, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
path, folder = Path(sys.argv[1]), Path(sys.argv[2])
whole = TimeRange(RationalTime(0, Fraction(30)), RationalTime(200, Fraction(30)))
class Slow(NoContext):
    def checkpoint(self):
        import time
        print("frame", flush=True)
        time.sleep(0.02)
item = ExportItem("killed", path, whole)
export_clips(plan_export(ExportRequest((item,), folder, ExportMode.ENCODE), {path: probe(path)}), Slow())
"""


def test_a_killed_export_leaves_no_final_name(film_of: FilmOf, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(film_of(FILM)), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(20):
            assert process.stdout.readline() == "frame\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
    assert [path for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")] == []


def test_files_that_are_there_are_refused_by_name_and_left_alone(film_of: FilmOf, tmp_path: Path) -> None:
    taken = tmp_path / "02 two.mp4"
    taken.write_bytes(b"mine")
    plan = planned(film_of(FILM), tmp_path)
    assert plan.existing == (taken,)
    with pytest.raises(ExportRefused, match=r"02 two\.mp4"):
        export_clips(plan, NoContext())
    assert [path.name for path in tmp_path.iterdir()] == ["02 two.mp4"]
    assert taken.read_bytes() == b"mine"
    report = export_clips(planned(film_of(FILM), tmp_path, overwrite=True), NoContext())
    assert report.failed == ()
    assert taken.stat().st_size == report.clips[1].size > 1000


def test_a_source_is_never_overwritten(film_of: FilmOf, tmp_path: Path) -> None:
    own = tmp_path / "01 own.mp4"
    own.write_bytes(film_of(FILM).read_bytes())
    request = ExportRequest((ExportItem("own", own, span(0, 50)),), tmp_path, ExportMode.COPY, overwrite=True)
    with pytest.raises(ExportRefused, match="films of the project"):
        export_clips(plan_export(request, {own: probe(own)}), NoContext())
    assert own.read_bytes() == film_of(FILM).read_bytes()


@pytest.mark.parametrize("linked", [False, True])
def test_a_film_that_no_clip_is_cut_from_is_never_overwritten_either(
    linked: bool, film_of: FilmOf, tmp_path: Path
) -> None:
    used, other, folder = film_of(FILM), tmp_path / "other.mp4", tmp_path / "out"
    folder.mkdir()
    other.write_bytes(used.read_bytes())
    taken = folder / "01 one.mp4"
    if linked:  # a second name of the same file, as a disk gives that takes upper case for lower
        taken.hardlink_to(other)
    else:
        other = other.rename(taken)
    request = ExportRequest((ExportItem("one", used, span(0, 50)),), folder, ExportMode.COPY, overwrite=True)
    with pytest.raises(ExportRefused, match="films of the project"):
        export_clips(plan_export(request, {used: probe(used), other: probe(other)}), NoContext())
    assert taken.read_bytes() == used.read_bytes()


def test_a_full_disk_is_refused_with_the_room_needed(
    film_of: FilmOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "free_bytes", lambda _: 1000)
    with pytest.raises(ExportRefused, match=r"need about [\d.]+ MB, and 0\.0 MB are free"):
        export_clips(planned(film_of(FILM), tmp_path / "out"), NoContext())
    assert not (tmp_path / "out").exists()


def test_a_place_that_is_not_there_is_refused(film_of: FilmOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_disk(_: Path) -> int:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(planning, "free_bytes", no_disk)
    with pytest.raises(ExportRefused, match="cannot be reached"):
        export_clips(planned(film_of(FILM), tmp_path / "out"), NoContext())


def test_what_a_killed_export_left_is_removed_whatever_its_clips_were_called(film_of: FilmOf, tmp_path: Path) -> None:
    left, young = tmp_path / ".07 Other name.0123abcd.part.mp4", tmp_path / ".08 Now.0123abcd.part.mp4"
    for path in (left, young):
        path.write_bytes(b"half")
    os.utime(left, (1, 1))
    export_clips(planned(film_of(FILM), tmp_path, ExportMode.COPY), NoContext())
    assert {path.name for path in tmp_path.iterdir()} == {young.name, "01 one.mp4", "02 two.mp4"}


def test_a_failing_clip_is_reported_and_the_rest_goes_on(film_of: FilmOf, tmp_path: Path) -> None:
    good, bad = film_of(FILM), tmp_path / "vanishing.mp4"
    bad.write_bytes(good.read_bytes())
    items = (
        ExportItem("gone", bad, span(0, 30)),
        ExportItem("late", good, span(5000, 30)),
        ExportItem("fine", good, span(0, 30)),
    )
    plan = plan_export(ExportRequest(items, tmp_path / "out"), {bad: probe(bad), good: probe(good)})
    bad.unlink()
    report = export_clips(plan, NoContext())
    errors = [clip.error.kind if clip.error else None for clip in report.clips]
    assert errors == ["media_not_found", "export_failed", None]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["03 fine.mp4"]


HOSTILE_NAMES = ["../../escape", "/etc/passwd", "CON", "a\nb", "-rf", "..", "\u202egnp.exe", "x" * 500, "", "a:b|c?*"]


def test_hostile_names_stay_inside_the_folder(film_of: FilmOf, tmp_path: Path) -> None:
    path = film_of(FILM)
    items = tuple(ExportItem(name, path, span(0, 20)) for name in HOSTILE_NAMES)
    plan = plan_export(ExportRequest(items, tmp_path / "out", ExportMode.COPY), {path: probe(path)})
    report = export_clips(plan, NoContext())
    assert report.failed == ()
    assert len(list((tmp_path / "out").iterdir())) == len(HOSTILE_NAMES)
    assert {path.parent for path in tmp_path.rglob("*.mp4")} == {tmp_path / "out"}


def test_damaged_media_is_refused_or_reported(shared: Path, tmp_path: Path) -> None:
    reported = 0
    for path in sorted([*(shared / "data/malformed").iterdir(), *(shared / "data/malformed_generated").iterdir()]):
        try:
            info = probe(path)
        except CircletakeError:
            continue
        rate, frames = info.edit_rate, info.full_range.duration.value
        middle = TimeRange(RationalTime(frames // 3, rate), RationalTime(max(1, frames // 3), rate))
        for mode in (ExportMode.COPY, ExportMode.SMART):
            request = ExportRequest((ExportItem(path.stem, path, middle),), tmp_path / path.name / mode, mode)
            clip = export_clips(plan_export(request, {path: info}), NoContext()).clips[0]
            assert clip.ok == clip.path.exists()
            assert clip.ok or (clip.error is not None and clip.error.kind != "internal_error")
            assert not list(clip.path.parent.glob(".*"))
            reported += 1
    assert reported > 60


def test_a_film_that_changes_during_the_run_fails_its_clips_and_no_others(film_of: FilmOf, tmp_path: Path) -> None:
    good, changing = film_of(FILM), tmp_path / "changing.mp4"
    changing.write_bytes(good.read_bytes())

    class Changing(NoContext):
        def partial(self, _: object) -> None:
            changing.write_bytes(film_of(Film("other", frames=200, rate=Fraction(24))).read_bytes())

    items = tuple(
        ExportItem(name, path, span(10, 100)) for name, path in (("a", changing), ("b", changing), ("c", good))
    )
    request = ExportRequest(items, tmp_path / "out", ExportMode.COPY)
    report = export_clips(plan_export(request, {path: probe(path) for path in (changing, good)}), Changing())
    assert [clip.error.kind if clip.error else None for clip in report.clips] == [None, "export_failed", None]
    failed = report.clips[1].error
    assert failed is not None
    assert "changed" in failed.message
    assert failed.hint


@pytest.mark.parametrize("error", [ValueError("odd"), FFmpegError(-1, "odd"), InvalidDataError(-1, "odd")])
def test_no_clip_ends_the_run(
    error: Exception, film_of: FilmOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(render, "cut_clip", fail)
    report = export_clips(planned(film_of(FILM), tmp_path / "out"), NoContext())
    assert [clip.error.kind if clip.error else None for clip in report.clips] == ["export_failed"] * 2
    assert list((tmp_path / "out").iterdir()) == []
