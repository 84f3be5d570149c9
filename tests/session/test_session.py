"""The session: open, analyse, judge, undo, save, open again, export, as a door does it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import av
import pytest
from tests.films import Film
from tests.otio_files import read_timeline

from circletake.actions.marks import add, keep, note, reject, rename, split, trim
from circletake.actions.work import analyze, export
from circletake.errors import EditError, ExportRefused, MediaNotFound, MediaUnreadable, UsageError
from circletake.export.plan import ExportMode
from circletake.jobs.job import Job, JobState
from circletake.project.project import Project
from circletake.session.analysing import Analysed
from circletake.session.exporting import MarkChoice, TimelineFormat
from circletake.session.session import Session
from circletake.session.unsaved import MOST_OFFERED
from circletake.settings import load_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Mark, MarkState

T = TypeVar("T")


def short_clips(session: Session) -> Job[Analysed]:
    """Look for clips that fit the sample."""
    return session.analyse(shortest=4, longest=12)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(load_settings(), cache=tmp_path / "cache") as made:
        yield made


@pytest.fixture
def analysed(session: Session, sample_clip: Path) -> Session:
    take(session, session.open((sample_clip,)))
    take(session, short_clips(session))
    return session


def take(session: Session, job: Job[T]) -> T:
    value = job.result(60)
    session.take(value)
    return value


def test_nothing_is_open_at_first(session: Session) -> None:
    assert not session.is_open
    with pytest.raises(UsageError, match="nothing is open"):
        session.analyse()


def test_a_film_becomes_a_timeline_of_its_own_rate(session: Session, sample_clip: Path) -> None:
    take(session, session.open((sample_clip,)))
    assert session.timeline.rate == 30
    assert session.timeline.duration.value == 1260
    assert [track.kind for track in session.timeline.tracks] == ["Video", "Audio"]


def test_analysis_proposes_marks_that_say_what_scored_them(analysed: Session) -> None:
    marks = analysed.timeline.marks
    assert len(marks) >= 2
    assert {mark.state for mark in marks} == {MarkState.PROPOSED}
    assert {mark.source for mark in marks} == {"signals only"}
    assert all(mark.signals and mark.strongest and mark.range.contains(mark.strongest) for mark in marks)


def test_a_second_analysis_decodes_nothing(analysed: Session) -> None:
    again = take(analysed, analysed.analyse(shortest=5, longest=10))
    assert isinstance(again, Analysed)
    assert again.films[0].analysis.cached
    assert again.films[0].seconds < 2


def test_decided_marks_survive_a_new_analysis(analysed: Session) -> None:
    first, second = (mark.id for mark in analysed.timeline.marks[:2])
    keep(analysed, first)
    reject(analysed, second)
    take(analysed, short_clips(analysed))
    states = {mark.id: mark.state for mark in analysed.timeline.marks}
    assert states[first] is MarkState.KEPT
    assert states[second] is MarkState.REJECTED


def test_a_moved_boundary_is_scored_anew_at_once(analysed: Session) -> None:
    mark = analysed.timeline.marks[0]
    trim(analysed, mark.id, start=10.5, end=12.5)  # the still, silent card
    moved = analysed.timeline.mark(mark.id)
    assert moved is not None
    assert mark.score is not None
    assert moved.score is not None
    assert moved.score < mark.score - 30
    assert moved.signals["motion"] < 0.4
    analysed.undo()
    assert analysed.timeline.mark(mark.id) == mark


def test_watchers_hear_of_every_change_until_they_stop(analysed: Session) -> None:
    heard: list[Project] = []
    stop = analysed.watch(heard.append)
    keep(analysed, analysed.timeline.marks[0].id)
    analysed.undo()
    analysed.redo()
    stop()
    analysed.undo()
    assert len(heard) == 3


def test_a_saved_project_opens_as_it_was(analysed: Session, tmp_path: Path) -> None:
    keep(analysed, analysed.timeline.marks[0].id)
    before = analysed.timeline
    saved = analysed.save(tmp_path / "cut.otio")
    with Session(load_settings(), cache=tmp_path / "cache") as other:
        # The first session still holds it: the second gets it read-only, with the marks.
        take(other, other.open((saved,)))
        assert other.workspace.read_only
        assert {mark.id: mark.state for mark in other.timeline.marks} == {m.id: m.state for m in before.marks}
        assert [media.path for media in other.media] == [media.path for media in analysed.media]


def test_several_films_lie_one_after_the_other_and_a_bad_one_is_told(
    session: Session, sample_clip: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "broken.mp4"
    bad.write_bytes(b"not a film at all" * 50)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(sample_clip.read_bytes())
    opened = take(session, session.open((sample_clip, bad, copy)))
    assert [failure.path for failure in opened.failures] == [bad]
    assert session.timeline.duration.value == 2520
    answer = take(session, short_clips(session))
    assert [film.analysis.cached for film in answer.films] == [False, True], "a copy has the same content"
    starts = [mark.range.start_time.to_seconds() for mark in session.timeline.marks]
    assert any(start < 42 for start in starts)
    assert any(start >= 42 for start in starts)


def test_a_single_bad_film_raises_its_own_error(session: Session, tmp_path: Path) -> None:
    bad = tmp_path / "page.mp4"
    bad.write_text("<html>not found</html>")
    with pytest.raises(MediaUnreadable, match="web page"):
        session.open((bad,)).result(10)
    with pytest.raises(MediaNotFound):
        session.open((tmp_path / "none.mp4",)).result(10)


def test_cancelling_an_analysis_ends_it_soon(session: Session, sample_clip: Path) -> None:
    take(session, session.open((sample_clip,)))
    job = short_clips(session)
    job.cancel()
    assert job.wait(2)
    assert job.state is JobState.CANCELLED
    assert not session.timeline.marks


LISTS = (TimelineFormat.OTIO, TimelineFormat.EDL, TimelineFormat.CSV)


def test_the_kept_marks_are_exported_with_their_lists(analysed: Session, tmp_path: Path) -> None:
    best = analysed.timeline.marks[0]
    keep(analysed, best.id)
    folder = tmp_path / "clips"
    answer = export(analysed, to=folder, mode=ExportMode.SMART, timelines=LISTS).result(120)
    (clip,) = answer.report.clips
    assert clip.ok
    assert clip.written is not None
    assert clip.written.frames == best.range.duration.value
    assert sorted(path.suffix for path in answer.lists) == [".csv", ".edl", ".otio"]
    back = read_timeline(folder / "sample clips.otio").timeline
    assert back.duration == best.range.duration
    rows = list(csv.DictReader(io.StringIO((folder / "sample clips.csv").read_text("utf-8-sig"))))
    assert rows[0]["start_exact"] == f"{best.range.start_time.seconds}"
    assert Fraction(rows[0]["duration_exact"]) == best.range.duration.seconds
    assert "FCM: NON-DROP FRAME" in (folder / "sample clips.edl").read_text()
    with pytest.raises(ExportRefused):
        export(analysed, to=folder).result(60)


def test_ranges_need_no_marks(session: Session, sample_clip: Path, tmp_path: Path) -> None:
    take(session, session.open((sample_clip,)))
    answer = export(session, to=tmp_path / "out", ranges=((1.0, 2.5), (10.0, 11.0)), timelines=()).result(60)
    assert [clip.written.frames for clip in answer.report.clips if clip.written] == [45, 30]
    assert answer.lists == ()


@pytest.mark.parametrize("ranges", [((2.0, 1.0),), ((50.0, 60.0),), ((-1.0, 1.0),), ((1.0, 1.0),)])
def test_ranges_that_make_no_sense_are_refused(
    session: Session, sample_clip: Path, tmp_path: Path, ranges: tuple[tuple[float, float], ...]
) -> None:
    take(session, session.open((sample_clip,)))
    with pytest.raises(UsageError):
        export(session, to=tmp_path / "out", ranges=ranges)
    assert not (tmp_path / "out").exists()


def test_nothing_kept_is_said_before_anything_is_written(analysed: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no kept mark"):
        export(analysed, to=tmp_path / "out", marks=MarkChoice.KEPT)


def test_lengths_that_leave_nothing_are_refused(session: Session, sample_clip: Path) -> None:
    take(session, session.open((sample_clip,)))
    with pytest.raises(UsageError, match="leave nothing"):
        analyze(session, shortest=30, longest=10)


def test_missing_media_are_told_and_the_project_opens_all_the_same(
    analysed: Session, sample_clip: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(sample_clip.read_bytes())
    project = tmp_path / "cut.otio"
    with Session(load_settings(), cache=tmp_path / "cache") as made:
        take(made, made.open((film,)))
        take(made, short_clips(made))
        made.save(project)
    film.unlink()
    opened = take(analysed, analysed.open((project,)))
    assert [failure.error.kind for failure in opened.failures] == ["media_not_found"]
    with pytest.raises(MediaNotFound, match="missing"):
        export(analysed, to=tmp_path / "out", marks=MarkChoice.ALL)
    with pytest.raises(UsageError, match="could be read"):
        analysed.analyse()


def test_a_new_analysis_leaves_the_marks_of_a_missing_film_alone(
    session: Session, sample_clip: Path, tmp_path: Path
) -> None:
    films = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    for film in films:
        film.write_bytes(sample_clip.read_bytes())
    project = tmp_path / "both.otio"
    take(session, session.open(tuple(films)))
    take(session, short_clips(session))
    before = len(session.timeline.marks)
    keep(session, session.timeline.marks[0].id)
    session.save(project)
    films[1].unlink()
    with Session(load_settings(), cache=tmp_path / "cache") as other:
        take(session, session.open((films[0],)))  # let go of the project
        take(other, other.open((project,)))
        take(other, short_clips(other))
        assert len(other.timeline.marks) == before
        # The marks of the film that is there can be exported; the others are told.
        answer = export(other, to=tmp_path / "out", marks=MarkChoice.ALL, mode=ExportMode.COPY).result(60)
        assert answer.report.clips
        assert not answer.report.failed
        assert {failure.error.kind for failure in answer.failures} == {"media_not_found"}


def test_an_answer_for_another_project_is_dropped(session: Session, sample_clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(sample_clip.read_bytes())
    take(session, session.open((sample_clip,)))
    late = short_clips(session).result(60)
    take(session, session.open((other,)))
    take(session, short_clips(session))
    before = session.timeline
    session.take(late)
    assert session.timeline == before


def test_marks_of_a_second_film_of_another_rate_are_exported_on_its_own_frames(
    session: Session, film_of: Callable[[Film], Path], tmp_path: Path
) -> None:
    first = film_of(Film("pal_first", frames=100, rate=Fraction(25)))
    second = film_of(Film("ntsc_second", frames=150, rate=Fraction(30000, 1001)))
    take(session, session.open((first, second)))
    # 1.2 s to 2.44 s of the second film, on frames of the first one's rate.
    wish = session.wish(tmp_path / "o", ranges=((5.2, 6.44),), timelines=())
    (clip,) = session.plan_export(wish).plan.clips
    assert clip.item.range.start_time.rate == Fraction(30000, 1001)
    assert clip.item.range.duration.value == 37


def test_the_project_and_its_films_are_never_written_over(session: Session, sample_clip: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(sample_clip.read_bytes())
    take(session, session.open((film,)))
    project = session.save(tmp_path / "film clips.otio")
    with pytest.raises(ExportRefused, match="the project itself"):
        export(session, to=tmp_path, ranges=((1, 2),), overwrite=True)
    assert project.exists()


def test_a_mark_of_a_reopened_project_is_scored_anew_from_the_cache(
    analysed: Session, sample_clip: Path, tmp_path: Path
) -> None:
    project = analysed.save(tmp_path / "cut.otio")
    mark = analysed.timeline.marks[0]
    take(analysed, analysed.open((sample_clip,)))
    take(analysed, analysed.open((project,), read_media=False))
    assert analysed.media == ()
    trim(analysed, mark.id, start=10.5, end=12.5)
    moved = analysed.timeline.mark(mark.id)
    assert moved is not None
    assert moved.score is not None
    assert mark.score is not None
    assert moved.score < mark.score - 30


def test_sound_beside_a_film_has_marks_of_its_own(session: Session, sample_clip: Path, tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    with av.open(str(sample_clip)) as source, av.open(str(sound), "w") as target:
        out = target.add_stream("pcm_s16le", rate=48_000)
        for frame in source.decode(audio=0):
            target.mux(out.encode(frame))
    take(session, session.open((sample_clip, sound)))
    take(session, short_clips(session))
    assert any(mark.range.start_time.to_seconds() >= 42 for mark in session.timeline.marks)


@pytest.mark.parametrize("end", [float("inf"), 1e30])
def test_a_range_may_run_to_the_end(session: Session, sample_clip: Path, tmp_path: Path, end: float) -> None:
    take(session, session.open((sample_clip,)))
    wish = session.wish(tmp_path / "o", ranges=((40.0, end),), timelines=())
    assert session.plan_export(wish).plan.clips[0].item.range.duration.value == 60


def test_a_folder_stands_for_the_footage_in_it(
    session: Session, film_of: Callable[[Film], Path], tmp_path: Path
) -> None:
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True)
    (card / ".trash").mkdir()
    film = film_of(Film("short", frames=30))
    for place in ("b.mp4", "DCIM/a.MP4", ".trash/gone.mp4", "._b.mp4"):
        (card / place).write_bytes(film.read_bytes())
    (card / "notes.txt").write_text("not footage")
    opened = session.open((card,)).result(20)
    session.take(opened)
    assert [media.path.name for media in opened.media] == ["a.MP4", "b.mp4"]
    assert session.timeline.name == "a and 1 more"


def test_a_folder_without_footage_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no footage"):
        session.open((tmp_path,)).result(20)


def test_a_new_analysis_leaves_what_a_person_did(session: Session, sample_clip: Path) -> None:
    session.take(session.open((sample_clip,)).result(20))
    session.take(session.analyse(shortest=2, longest=6).result(60))
    first, second, third = session.timeline.marks[:3]
    rename(session, first.id, "Mine")
    trim(session, second.id, end=second.range.end_time_exclusive.to_seconds() - 1)
    note(session, third.id, "look here")
    session.take(session.analyse(shortest=2, longest=6).result(60))
    kept = {mark.id: mark for mark in session.timeline.marks}
    assert kept[first.id].name == "Mine"
    assert kept[second.id].range.duration < second.range.duration
    assert kept[third.id].note == "look here"
    assert len(kept) == len({mark.range.start_time for mark in kept.values()})


def test_a_change_that_changes_nothing_does_not_count_as_work(session: Session, sample_clip: Path) -> None:
    session.take(session.open((sample_clip,)).result(20))
    session.take(short_clips(session).result(60))
    mark = session.timeline.marks[0]
    rename(session, mark.id, mark.name)
    assert not session.has_own_edits
    rename(session, mark.id, "Mine")
    assert session.has_own_edits


def test_both_halves_of_a_split_mark_are_scored_where_they_lie(session: Session, sample_clip: Path) -> None:
    session.take(session.open((sample_clip,)).result(20))
    session.take(short_clips(session).result(60))
    mark = session.timeline.marks[0]
    known = {each.id for each in session.timeline.marks} - {mark.id}
    split(session, mark.id, at=mark.range.start_time.to_seconds() + mark.range.duration.to_seconds() / 2)
    halves = [each for each in session.timeline.marks if each.id not in known]
    assert len(halves) == 2
    assert all(each.score is not None for each in halves)
    assert halves[0].score != halves[1].score


def test_saving_over_footage_is_refused_and_leaves_it_whole(
    session: Session, sample_clip: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(sample_clip.read_bytes())
    session.take(session.open((film,)).result(20))
    with pytest.raises(EditError, match="no project"):
        session.save(film)
    assert film.read_bytes() == sample_clip.read_bytes()


def test_ten_thousand_marks_named_together_are_found_at_once(session: Session, sample_clip: Path) -> None:
    session.take(session.open((sample_clip,)).result(20))
    rate = session.timeline.rate
    marks = tuple(
        Mark(f"mark {number:05}", TimeRange(RationalTime(number % 1200, rate), RationalTime(9, rate)), f"Mark {number}")
        for number in range(10_000)
    )
    session.edit("Fill", lambda timeline: timeline.with_marks(marks))
    keep(session, *(mark.id for mark in marks))
    assert all(mark.state is MarkState.KEPT for mark in session.timeline.marks)


def test_of_much_unsaved_work_the_newest_is_offered(sample_clip: Path, tmp_path: Path) -> None:
    for _ in range(MOST_OFFERED + 2):
        with Session(load_settings(), cache=tmp_path / "cache") as session:
            session.take(session.open((sample_clip,)).result(20))
            add(session, start=1.0, end=2.0)
    with Session(load_settings(), cache=tmp_path / "cache") as session:
        offered = session.find_unsaved().result(20)
    assert len(offered) == MOST_OFFERED
    assert [each.changed for each in offered] == sorted((each.changed for each in offered), reverse=True)
