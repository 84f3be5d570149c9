"""Other editors' timelines through the session: opened, marked, sent, brought back, their media found again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import pytest
from tests.films import Film

from circletake.actions.marks import add
from circletake.actions.timelines import adopt_markers, import_marks, locate_media, send
from circletake.errors import EditError, ExportRefused, TimelineUnreadable, UsageError
from circletake.interchange import writing
from circletake.interchange.compose import picks
from circletake.interchange.editors import EDITORS
from circletake.interchange.registry import format_named, read_file
from circletake.interchange.writing import write_file
from circletake.jobs.context import NoContext
from circletake.jobs.job import Job
from circletake.project.project import ProjectMedia
from circletake.session.converting import ConvertRequest, convert
from circletake.session.exporting import MarkChoice
from circletake.session.importing import USUAL, MarksTaken
from circletake.session.relinking import missing_addresses
from circletake.session.sending import Order, SendWish, Shape
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Marker, MediaReference, Timeline, Track, TrackKind

T = TypeVar("T")
RATE = Fraction(30)


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(load_settings(), cache=tmp_path / "cache") as made:
        yield made


@pytest.fixture
def footage(tmp_path: Path, sample_clip: Path) -> Path:
    """A folder with the sample under two names, one with accents and a blank."""
    folder = tmp_path / "footage"
    folder.mkdir()
    for name in ("first.mp4", "Höhle zwei.mp4"):
        shutil.copyfile(sample_clip, folder / name)
    return folder


def take(session: Session, job: Job[T]) -> T:
    value = job.result(60)
    session.take(value)
    return value


def cut(footage: Path) -> Timeline:
    """Ten seconds of each film with a second between them, picture and sound, and a marker."""
    items = tuple(
        Clip(path.stem, span(60, 300), MediaReference(str(path), span(0, 1260), path.name))
        for path in (footage / "first.mp4", footage / "Höhle zwei.mp4")
    )
    row = (items[0], Gap(RationalTime(30, RATE)), items[1])
    tracks = (Track("V1", TrackKind.VIDEO, row), Track("A1", TrackKind.AUDIO, row))
    return Timeline("Edit", RATE, tracks, markers=(Marker(span(40, 20), "Laugh", "keep this"),))


@pytest.fixture
def edit(footage: Path) -> Path:
    """The cut as Premiere's XML, beside its footage."""
    path = footage / "edit.xml"
    write_file(cut(footage), format_named("premiere"), {}, path)
    return path


@pytest.fixture
def opened(session: Session, edit: Path) -> Session:
    value = take(session, session.open((edit,)))
    assert value.imported is not None
    assert (value.imported.form.name, value.imported.missing) == ("premiere", ())
    return session


def test_a_timeline_opens_as_it_was_cut(opened: Session, footage: Path) -> None:
    timeline = opened.timeline
    assert timeline.rate == RATE
    assert timeline.duration.value == 630
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio"]
    clips = [item for item in timeline.tracks[0].items if isinstance(item, Clip)]
    assert [clip.source_range for clip in clips] == [span(60, 300)] * 2
    assert set(opened.media_by_path) == set(footage.glob("*.mp4"))
    assert [marker.name for marker in timeline.markers] == ["Laugh"]
    assert opened.workspace.path is None


def test_only_what_the_timeline_uses_is_analysed(opened: Session) -> None:
    analysed = take(opened, opened.analyse(shortest=2, longest=6))
    assert len(analysed.films) == 2
    assert opened.timeline.marks
    whole = TimeRange(RationalTime.zero(RATE), opened.timeline.duration)
    assert all(whole.covers(mark.range) for mark in opened.timeline.marks)


@pytest.mark.parametrize("editor", [each.name for each in EDITORS])
@pytest.mark.parametrize("shape", list(Shape))
def test_marks_are_sent_to_every_editor_and_come_back(
    opened: Session, tmp_path: Path, editor: str, shape: Shape
) -> None:
    add(opened, start=1, end=3, name="Opening")
    add(opened, start=12, end=14.5, name="Höhle <2>")
    ids = {mark.id for mark in opened.timeline.marks}
    before = {mark.id: mark.range for mark in opened.timeline.marks}
    sent = send(opened, editor=editor, to=tmp_path / "out", shape=shape, handles=0.5, spacing=1).result(60)
    assert [parcel.path.exists() for parcel in sent.parcels] == [True] * len(sent.parcels)
    for parcel in sent.parcels:
        if parcel.form.name == "blender":
            continue  # a script is only written
        take(opened, import_marks(opened, parcel.path))
        own = opened.timeline.marks
        assert {mark.id for mark in own} == ids, parcel.form.name
        starts = {mark.id: mark.range.start_time.value for mark in own}
        assert starts == {mark_id: each.start_time.value for mark_id, each in before.items()}, parcel.form.name


def test_sending_twice_is_refused_and_then_allowed(opened: Session, tmp_path: Path) -> None:
    add(opened, start=1, end=3, name="Opening")
    send(opened, editor="shotcut", to=tmp_path, overwrite=False).result(30)
    with pytest.raises(ExportRefused, match="there already"):
        send(opened, editor="shotcut", to=tmp_path, overwrite=False).result(30)
    send(opened, editor="shotcut", to=tmp_path, overwrite=True).result(30)


def test_a_file_that_came_between_planning_and_sending_is_left(
    opened: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(opened, start=1, end=3, name="Opening")
    sending = opened.plan_send(SendWish("premiere", tmp_path, Shape.BOTH))
    last = sending.parcels[-1].path
    last.write_text("precious")
    with pytest.raises(ExportRefused, match="there already"):
        opened.send(sending).result(30)
    assert [path.name for path in tmp_path.glob("*.xml")] == [last.name]
    last.unlink()

    def slowly(*_: object) -> bytes:
        last.write_text("precious")
        return b"ours"

    monkeypatch.setattr(writing, "to_format", slowly)
    with pytest.raises(ExportRefused, match="there already"):
        write_file(opened.timeline, sending.parcels[-1].form, {}, last, overwrite=False)
    assert last.read_text() == "precious"


def test_the_project_is_never_sent_over(opened: Session, tmp_path: Path) -> None:
    add(opened, start=1, end=3, name="Opening")
    wish = SendWish("resolve", tmp_path, Shape.MARKERS, overwrite=True)
    (name,) = {each.path.name for each in opened.plan_send(wish).parcels if each.form.suffix == ".otio"}
    opened.save(tmp_path / name)
    with pytest.raises(ExportRefused, match="the project itself"):
        opened.plan_send(wish)


def test_the_imported_file_is_never_written_over(opened: Session, edit: Path) -> None:
    before = edit.read_bytes()
    add(opened, start=1, end=3, name="Opening")
    send(opened, editor="premiere", to=edit.parent, overwrite=True).result(30)
    assert edit.read_bytes() == before


def test_nothing_to_send_is_said_and_no_editor_of_that_name(opened: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no proposed mark"):
        send(opened, editor="premiere", to=tmp_path)
    with pytest.raises(UsageError, match="no editor") as caught:
        send(opened, editor="premier", to=tmp_path)
    assert caught.value.hint == "Did you mean premiere?"
    add(opened, start=1, end=3, name="Opening")
    with pytest.raises(UsageError, match="below zero"):
        opened.plan_send(SendWish("premiere", tmp_path, Shape.PICKS, MarkChoice.KEPT, Order.TIME, handles=-1))


def test_the_timeline_without_marks_can_be_sent_with_its_markers(opened: Session, tmp_path: Path) -> None:
    sending = opened.plan_send(SendWish("final-cut", tmp_path, Shape.MARKERS))
    opened.send(sending).result(30)
    back = read_file(sending.parcels[0].path).read.timeline
    clips = [item for track in back.tracks for item in track.items if isinstance(item, Clip)]
    assert {marker.name for clip in clips for marker in clip.markers} | {each.name for each in back.markers} == {
        "Laugh"
    }


def test_markers_become_marks_undoably(opened: Session) -> None:
    adopt_markers(opened)
    (mark,) = opened.timeline.marks
    assert (mark.name, mark.note, mark.range) == ("Laugh", "keep this", span(40, 20))
    with pytest.raises(UsageError, match="no markers"):
        adopt_markers(opened)
    opened.undo()
    assert [marker.name for marker in opened.timeline.markers] == ["Laugh"]


def test_marks_of_a_list_come_once_however_often_it_is_read(opened: Session, tmp_path: Path) -> None:
    captions = tmp_path / "talk.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:03,000\nHello there\n\n", "utf-8")
    for _ in range(2):
        take(opened, import_marks(opened, captions))
    (mark,) = opened.timeline.marks
    assert (mark.name, mark.range) == ("Hello there", span(30, 60))
    opened.undo()
    opened.undo()
    assert opened.timeline.marks == ()


def test_a_list_without_footage_says_what_it_needs(session: Session, tmp_path: Path) -> None:
    captions = tmp_path / "talk.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:03,000\nHello there\n\n", "utf-8")
    with pytest.raises(UsageError, match="needs its footage"):
        session.open((captions,)).result(30)


def test_a_film_and_its_list_open_together(session: Session, footage: Path) -> None:
    chapters = footage / "chapters.txt"
    chapters.write_text("0:00 Start\n0:12 Middle\n0:30 End\n", "utf-8")
    take(session, session.open((footage / "first.mp4", chapters)))
    assert [
        mark.name for mark in session.timeline.marks_in_state(*{mark.state for mark in session.timeline.marks})
    ] == [
        "Start",
        "Middle",
        "End",
    ]


def test_moved_media_are_found_again_and_those_that_moved_along(
    session: Session, edit: Path, footage: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "archive" / "2026"
    elsewhere.mkdir(parents=True)
    for film in footage.glob("*.mp4"):
        shutil.move(film, elsewhere / film.name)
    (tmp_path / "desk").mkdir()
    alone = shutil.move(edit, tmp_path / "desk" / "edit.xml")
    opened = take(session, session.open((Path(alone),)))
    assert opened.imported is not None
    assert len(opened.imported.missing) == 2
    first = next(url for url in missing_addresses(session.timeline) if url.endswith("first.mp4"))
    take(session, locate_media(session, first, elsewhere))
    assert missing_addresses(session.timeline) == ()
    assert set(session.media_by_path) == set(elsewhere.glob("*.mp4"))
    session.undo()
    assert len(missing_addresses(session.timeline)) == 2


def test_a_folder_without_the_file_is_told(session: Session, opened: Session, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match=r"no clip shows /nowhere/gone\.mp4"):
        session.find_media("/nowhere/gone.mp4", empty).result(30)
    take(session, session.open((a_cut_without_its_film(tmp_path),)))
    with pytest.raises(UsageError, match=r"gone%20film\.mp4: there is no such file here"):
        session.find_media(missing_addresses(session.timeline)[0], empty).result(30)
    with pytest.raises(UsageError, match="none of the missing files"):
        session.find_media("", empty).result(30)


def a_cut_without_its_film(folder: Path) -> Path:
    """A second of a film of 42 seconds that is not there, as Premiere's XML."""
    folder.mkdir(exist_ok=True)
    media = MediaReference("/nowhere/gone film.mp4", span(0, 1260))
    timeline = Timeline("Cut", RATE, (Track("V1", TrackKind.VIDEO, (Clip("x", span(0, 30), media),)),))
    write_file(timeline, format_named("premiere"), {}, folder / "lost.xml")
    return folder / "lost.xml"


def test_one_medium_is_looked_for_as_all_are(
    session: Session, sample_clip: Path, film_of: Callable[[Film], Path], tmp_path: Path
) -> None:
    """Its address is decoded, of several files the one that fits is taken, and what is no footage is left alone."""
    take(session, session.open((a_cut_without_its_film(tmp_path / "cut"),)))
    for name in ("a short one", "b", "c"):
        (tmp_path / "disk" / name).mkdir(parents=True)
    shutil.copyfile(film_of(Film("short", frames=30)), tmp_path / "disk" / "a short one" / "gone film.mp4")
    shutil.copyfile(sample_clip, tmp_path / "disk" / "b" / "GONE film.mp4")
    (tmp_path / "disk" / "c" / "gone film.txt").write_text("gone film.mp4")
    (address,) = missing_addresses(session.timeline)
    assert "%20" in address
    found = take(session, session.find_media(address, tmp_path / "disk"))
    assert [info.path for info in found.media] == [tmp_path / "disk" / "b" / "GONE film.mp4"]
    assert session.workspace.project.medium(str(found.media[0].path)) == ProjectMedia(
        str(found.media[0].path), found.media[0].fingerprint, found.media[0].size
    )


def test_answers_for_another_project_are_dropped(session: Session, footage: Path, tmp_path: Path) -> None:
    listed = tmp_path / "talk.srt"
    listed.write_text("1\n00:00:01,000 --> 00:00:03,000\nHello there\n\n", "utf-8")
    take(session, session.open((a_cut_without_its_film(tmp_path),)))
    marks = session.read_marks(listed).result(30)
    media = session.find_media(missing_addresses(session.timeline)[0], footage / "first.mp4").result(30)
    session.let_go()
    assert (session.take(marks), session.take(media)) == (None, None)
    take(session, session.open((footage / "Höhle zwei.mp4",)))
    before = session.workspace.project
    assert (session.take(marks), session.take(media)) == (None, None)
    assert session.workspace.project == before
    assert set(session.media_by_path) == {footage / "Höhle zwei.mp4"}


def test_where_only_looking_is_allowed_nothing_changes(session: Session, footage: Path, tmp_path: Path) -> None:
    take(session, session.open((a_cut_without_its_film(tmp_path),)))
    project = session.save(tmp_path / "cut.otio")
    with Session(load_settings(), cache=tmp_path / "cache") as other:
        take(other, other.open((project,)))
        found = other.find_media(missing_addresses(other.timeline)[0], footage / "first.mp4").result(30)
        with pytest.raises(EditError):
            other.take(found)
        assert other.media == ()


def test_marks_that_were_taken_are_counted(opened: Session, tmp_path: Path) -> None:
    listed = tmp_path / "talk.srt"
    listed.write_text("1\n00:00:01,000 --> 00:00:03,000\nHello\n\n2\n00:10:00,000 --> 00:10:01,000\nFar\n\n", "utf-8")
    first = opened.take(import_marks(opened, listed).result(30))
    assert isinstance(first, MarksTaken)
    assert (first.added, first.updated, first.left_out) == (1, 0, 1)
    assert any('"Far"' in told for told in first.warnings)
    again = opened.take(import_marks(opened, listed).result(30))
    assert isinstance(again, MarksTaken)
    assert (again.added, again.updated, again.left_out) == (0, 0, 1)


def test_a_list_counts_frames_as_the_film_that_is_opened_with_it(
    session: Session, film_of: Callable[[Film], Path], tmp_path: Path
) -> None:
    film = film_of(Film("fast", frames=200, rate=Fraction(50)))
    listed = tmp_path / "marks.edl"
    listed.write_text(
        "TITLE: t\nFCM: NON-DROP FRAME\n\n"
        "001  001      V     C        01:00:01:20 01:00:01:21 01:00:01:20 01:00:01:21  \n"
        "note |C:ResolveColorBlue |M:here |D:1\n"
    )
    take(session, session.open((film, listed)))
    (mark,) = session.timeline.marks
    assert mark.range.start_time == RationalTime(70, Fraction(50))


def test_a_timeline_without_a_rate_is_read_at_the_rate_of_its_media(
    session: Session, film_of: Callable[[Film], Path], tmp_path: Path
) -> None:
    shutil.copyfile(film_of(Film("fast", frames=200, rate=Fraction(50))), tmp_path / "fast.mp4")
    (tmp_path / "cut.edl").write_text(
        "TITLE: cut\nFCM: NON-DROP FRAME\n\n"
        "001  AX       V     C        00:00:01:10 00:00:02:00 01:00:00:00 01:00:00:15\n"
        "* FROM CLIP NAME: fast.mp4\n"
    )
    value = take(session, session.open((tmp_path / "cut.edl",)))
    assert session.timeline.rate == 50
    (clip,) = session.timeline.tracks[0].items
    assert isinstance(clip, Clip)
    assert clip.source_range.start_time == RationalTime(60, Fraction(50))
    assert value.imported is not None
    assert "read at 50" in value.imported.warnings[0]


def test_an_imported_cut_is_saved_and_opens_as_it_was(opened: Session, tmp_path: Path) -> None:
    add(opened, start=1, end=3, name="Opening")
    before = opened.timeline
    saved = opened.save(tmp_path / "project.otio")
    take(opened, opened.open((saved,)))
    after = opened.timeline
    assert (after.tracks, after.marks, after.markers) == (before.tracks, before.marks, before.markers)


def test_a_timeline_is_converted_with_its_losses(footage: Path, edit: Path) -> None:
    done = convert(ConvertRequest(edit, footage / "edit.edl", None, USUAL), _quiet())
    assert (footage / "edit.edl").read_text("utf-8").startswith("TITLE: Edit")
    assert "rate" in {str(loss.feature) for loss in done.parcel.losses}
    with pytest.raises(ExportRefused):
        convert(ConvertRequest(edit, footage / "edit.edl", None, USUAL), _quiet())
    with pytest.raises(ExportRefused):
        convert(ConvertRequest(edit, edit, None, USUAL, overwrite=True), _quiet())


def test_a_conversion_never_replaces_what_it_is_made_of(footage: Path, edit: Path) -> None:
    film = footage / "Höhle zwei.mp4"
    before = film.read_bytes()
    for target in (film, edit):
        with pytest.raises(ExportRefused, match="the timeline that is read, or one of its films"):
            convert(ConvertRequest(edit, target, "edl", USUAL, overwrite=True), _quiet())
    assert film.read_bytes() == before


def test_a_format_that_is_only_read_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="read but not written"):
        convert(ConvertRequest(tmp_path / "none.xml", tmp_path / "out.aaf", "aaf", USUAL), _quiet())


def test_markers_are_taken_as_a_list(footage: Path, edit: Path) -> None:
    convert(ConvertRequest(edit, footage / "markers.csv", None, USUAL, markers_only=True), _quiet())
    assert "Laugh" in (footage / "markers.csv").read_text("utf-8-sig")
    with pytest.raises(UsageError, match="no list of markers"):
        convert(ConvertRequest(edit, footage / "markers.kdenlive", None, USUAL, markers_only=True), _quiet())


def test_no_file_is_left_where_a_conversion_fails(footage: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.fcpxml"
    broken.write_text("<fcpxml version='1.10'><resources>", "utf-8")
    with pytest.raises(TimelineUnreadable):
        convert(ConvertRequest(broken, tmp_path / "out.xml", None, USUAL), _quiet())
    assert not (tmp_path / "out.xml").exists()


def _quiet() -> NoContext:
    return NoContext()


def test_picks_of_an_imported_cut_keep_every_track(opened: Session) -> None:
    add(opened, start=9, end=12, name="Across")
    picked = picks(opened.timeline, opened.timeline.marks)
    assert [[item.duration.value for item in track.items] for track in picked.tracks] == [[30, 30, 30]] * 2


def test_a_format_that_is_only_read_is_refused_by_name(edit: Path, footage: Path) -> None:
    with pytest.raises(UsageError, match="read but not written"):
        convert(ConvertRequest(edit, footage / "cut.aaf", None, USUAL), _quiet())


def test_a_file_is_no_folder_to_send_to(opened: Session, edit: Path) -> None:
    add(opened, start=1, end=3, name="Opening")
    with pytest.raises(UsageError, match="a file, not a folder"):
        send(opened, editor="shotcut", to=edit)


def test_a_folder_is_no_timeline(tmp_path: Path) -> None:
    with pytest.raises(TimelineUnreadable, match="this is a folder"):
        read_file(tmp_path)
