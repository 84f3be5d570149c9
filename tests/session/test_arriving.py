"""Files that arrive while a cut is open, folders that are timelines, and a folder searched for all that is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from circletake.errors import UsageError
from circletake.interchange.registry import format_named
from circletake.interchange.writing import write_file
from circletake.jobs.context import NoContext
from circletake.project.files import PROJECT_SUFFIX
from circletake.session.arriving import Arrival, look_at
from circletake.session.opening import footage_in
from circletake.session.relinking import RelinkRequest, find_media, missing_addresses
from circletake.session.session import Session
from circletake.settings import load_settings
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Mark, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(30)


def cut(*addresses: str, marks: tuple[Mark, ...] = ()) -> Timeline:
    """A second of each film, one after the other."""
    span = TimeRange(RationalTime(0, RATE), RationalTime(30, RATE))
    clips = tuple(Clip(Path(each).stem, span, MediaReference(each, name=Path(each).name)) for each in addresses)
    return Timeline("Cut", RATE, (Track("V1", TrackKind.VIDEO, clips),), marks=marks)


def mark() -> Mark:
    return Mark(Mark.new_id(), TimeRange(RationalTime(3, RATE), RationalTime(9, RATE)), "Jump")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(load_settings(), cache=tmp_path / "cache", keep_unsaved=False) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "marked", "arrival"),
    [
        ("premiere", True, Arrival.EITHER),
        ("premiere", False, Arrival.OPEN),
        ("csv", True, Arrival.MARKS),
        ("edl", True, Arrival.EITHER),
    ],
)
def test_what_carries_our_marks_leaves_a_choice(
    name: str, marked: bool, arrival: Arrival, tmp_path: Path, sample_clip: Path
) -> None:
    form = format_named(name)
    path = tmp_path / f"cut{form.suffix}"
    write_file(cut(str(sample_clip), marks=(mark(),) if marked else ()), form, {}, path)
    found = look_at((path,), NoContext())
    assert (found.arrival, found.marks) == (arrival, 1 if arrival is Arrival.EITHER else 0)
    assert look_at((path, sample_clip), NoContext()).arrival is Arrival.OPEN


def test_a_project_of_ours_is_opened_and_so_is_what_cannot_be_read(
    session: Session, sample_clip: Path, tmp_path: Path
) -> None:
    session.take(session.open((sample_clip,)).result(30))
    session.edit("Mark", lambda timeline: timeline.with_marks((mark(),)))
    own = session.save(tmp_path / f"own{PROJECT_SUFFIX}")
    (broken := tmp_path / "broken.fcpxml").write_text("<fcpxml")
    for path in (own, broken, tmp_path / "gone.xml"):
        assert look_at((path,), NoContext()).arrival is Arrival.OPEN


def test_a_folder_that_is_a_timeline_is_not_taken_for_footage(
    session: Session, tmp_path: Path, sample_clip: Path
) -> None:
    bundle = tmp_path / "cut.otiod"
    (bundle / "media").mkdir(parents=True)
    film = shutil.copyfile(sample_clip, bundle / "media" / "film.mp4")
    write_file(cut(str(film)), format_named("otio"), {}, bundle / "content.otio")
    assert footage_in((bundle,), NoContext()) == (bundle,)
    opened = session.open((bundle,)).result(30)
    session.take(opened)
    assert opened.imported is not None
    assert [info.path for info in opened.media] == [film]
    assert footage_in((bundle / "media",), NoContext()) == (bundle / "media" / "film.mp4",)


def test_a_folder_gives_back_all_that_lies_somewhere_in_it(tmp_path: Path, sample_clip: Path) -> None:
    (tmp_path / "new" / "deep").mkdir(parents=True)
    for name in ("one.mp4", "deep/two.mp4"):
        shutil.copyfile(sample_clip, tmp_path / "new" / name)
    timeline = cut("/old/a/one.mp4", str(sample_clip), "/old/b/two.mp4", "/old/b/three.mp4", "/old/a/one.mp4")
    found = find_media(RelinkRequest(timeline, "", tmp_path / "new"), NoContext())
    assert [(url, info.path.name) for url, info in found.found] == [
        ("/old/a/one.mp4", "one.mp4"),
        ("/old/b/two.mp4", "two.mp4"),
    ]
    assert found.missing == ("/old/b/three.mp4",)
    assert found.reasons["/old/b/three.mp4"] == "there is no such file here"
    assert missing_addresses(found.applied(timeline)) == found.missing
    with pytest.raises(UsageError, match="none of the missing files"):
        find_media(RelinkRequest(found.applied(timeline), "", tmp_path / "new" / "deep"), NoContext())
