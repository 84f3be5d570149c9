"""A project file is an OTIO file that comes back whole, finds its media after a move, and knows its version."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from tests.otio_files import read_timeline

from circletake import __version__
from circletake.errors import ProjectTooNew, ProjectUnreadable
from circletake.project import files
from circletake.project.files import JournalMark, load_project, save_project
from circletake.project.project import Project, ProjectMedia
from circletake.timebase import TimeRange
from circletake.timeline import edits
from circletake.timeline.model import Clip, Mark, MarkState, MediaReference, Timeline

RATE = Fraction(30000, 1001)


def project_of(*media: Path) -> Project:
    """A cut that shows each medium for ten seconds, with a kept mark."""
    span = TimeRange.from_seconds(0, 10, RATE)
    timeline = Timeline.of_media("Holiday", MediaReference(str(media[0]), span), RATE)
    track = timeline.tracks[0]
    clips = tuple(Clip(path.name, span, MediaReference(str(path), span)) for path in media)
    timeline = replace(timeline, tracks=(replace(track, items=clips),), drop_frame=True)
    timeline = edits.add(timeline, Mark("a", TimeRange.from_seconds(1, 2, RATE), "Goal", MarkState.KEPT, score=88.5))
    return Project(
        timeline,
        media=tuple(ProjectMedia(str(path), f"print {path.name}", 100) for path in media[:1]),
        analysis_keys=("2" * 64, "1" * 64),
        settings=MappingProxyType({"window": [2.5, None], "method": "signals only"}),
    )


def media_urls(project: Project) -> list[str]:
    return [item.media.target_url for item in project.timeline.tracks[0].items if isinstance(item, Clip) and item.media]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "holiday" / "film.mp4"
    path.parent.mkdir()
    path.write_bytes(b"film")
    return path


def test_a_project_comes_back_equal(film: Path) -> None:
    project = project_of(film)
    path = film.parent / "cut.otio"
    saved = save_project(project, path, JournalMark("abc", 7))
    loaded = load_project(path)
    assert loaded.project == saved.project == project
    assert (loaded.sha256, loaded.journal) == (saved.sha256, JournalMark("abc", 7))
    assert (loaded.warnings, loaded.is_foreign) == ((), False)


def test_any_otio_tool_opens_a_project(film: Path) -> None:
    save_project(project_of(film), film.parent / "cut.otio")
    tree = json.loads((film.parent / "cut.otio").read_text())
    assert tree["OTIO_SCHEMA"] == "Timeline.1"
    assert list(tree["metadata"]) == ["circletake"]
    assert tree["metadata"]["circletake"]["version"] == 1
    assert [marker["name"] for marker in tree["tracks"]["markers"]] == ["Goal"]


def test_media_at_or_below_the_project_are_named_relatively(film: Path, tmp_path: Path) -> None:
    far = tmp_path / "far.mp4"
    far.touch()
    below = film.parent / "day 1" / "take.mp4"
    below.parent.mkdir()
    below.touch()
    path = film.parent / "cut.otio"
    save_project(project_of(film, below, far), path)
    clips = json.loads(path.read_text())["tracks"]["children"][0]["children"]
    urls = [clip["media_references"]["DEFAULT_MEDIA"]["target_url"] for clip in clips]
    assert urls == ["film.mp4", "day 1/take.mp4", str(far)]
    assert media_urls(load_project(path).project) == [str(film), str(below), str(far)]


def test_a_folder_moved_as_a_whole_finds_its_media(film: Path, tmp_path: Path) -> None:
    save_project(project_of(film), film.parent / "cut.otio")
    moved = tmp_path / "elsewhere"
    shutil.move(film.parent, moved)
    project = load_project(moved / "cut.otio").project
    assert media_urls(project) == [str(moved / "film.mp4")]
    assert project.media[0] == ProjectMedia(str(moved / "film.mp4"), "print film.mp4", 100)


def test_a_project_moved_alone_finds_media_where_they_were(film: Path, tmp_path: Path) -> None:
    save_project(project_of(film), film.parent / "cut.otio")
    moved = tmp_path / "cut.otio"
    shutil.move(film.parent / "cut.otio", moved)
    project = load_project(moved).project
    assert media_urls(project) == [str(film)]
    assert project.media[0].path == str(film)


def test_media_that_are_gone_stay_named(film: Path) -> None:
    save_project(project_of(film), film.parent / "cut.otio")
    film.unlink()
    assert media_urls(load_project(film.parent / "cut.otio").project) == [str(film)]


@pytest.mark.skipif(os.name == "nt", reason="a name that is no text")
def test_a_medium_whose_name_is_no_unicode_is_found_again(tmp_path: Path) -> None:
    film = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    film.touch()
    save_project(project_of(film), tmp_path / "cut.otio")
    project = load_project(tmp_path / "cut.otio").project
    assert media_urls(project) == [str(film)]
    assert project.media[0].path == str(film)
    assert project.timeline.tracks[0].items[0].name == "caf?.mp4"


def test_another_tools_timeline_opens_as_a_new_project(shared: Path) -> None:
    path = shared / "data" / "timelines" / "resolvable" / "cut.otio"
    loaded = load_project(path)
    assert loaded.is_foreign
    assert loaded.project.created_by == f"Circletake {__version__}"
    found = [Path(url).is_file() for url in media_urls(loaded.project)]
    assert found == [True, True, True, False, True]
    assert loaded.project.timeline.marks == read_timeline(path).timeline.marks


def test_what_other_tools_stored_survives_saving(shared: Path, tmp_path: Path) -> None:
    loaded = load_project(shared / "data" / "timelines" / "otio" / "premiere_example.otio")
    save_project(loaded.project, tmp_path / "cut.otio")
    again = load_project(tmp_path / "cut.otio")
    assert again.project.timeline == loaded.project.timeline
    tree = json.loads((tmp_path / "cut.otio").read_text())
    assert "fcp_xml" in tree["metadata"]
    assert "so, this happened" in (tmp_path / "cut.otio").read_text()


def edited(path: Path, **changes: Any) -> None:
    tree = json.loads(path.read_text())
    own = tree["metadata"]["circletake"]
    for name, value in changes.items():
        own[name] = value
    path.write_text(json.dumps(tree))


def test_a_project_of_a_newer_version_is_refused_and_untouched(film: Path) -> None:
    path = film.parent / "cut.otio"
    save_project(project_of(film), path)
    edited(path, version=2)
    before = path.read_bytes()
    with pytest.raises(ProjectTooNew, match="version 2") as caught:
        load_project(path)
    assert "Update" in caught.value.hint
    assert path.read_bytes() == before


def test_an_older_version_passes_through_its_migrations(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film.parent / "cut.otio"
    save_project(project_of(film), path)
    tree = json.loads(path.read_text())
    own = tree["metadata"]["circletake"]
    own |= {"version": 0, "results": own.pop("analysis_keys")}
    path.write_text(json.dumps(tree))

    def to_one(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "analysis_keys": fields["results"]}

    with pytest.raises(ProjectUnreadable, match="version 0"):
        load_project(path)
    monkeypatch.setattr(files, "MIGRATIONS", {0: to_one})
    assert load_project(path).project == project_of(film)


@pytest.mark.parametrize(
    "damage",
    [
        {"version": "1"},
        {"version": True},
        {"version": -1},
        {"version": None},
        {"media": 5},
        {"media": [{"url": "x"}]},
        {"media": [{"url": "x", "fingerprint": "", "size": "many"}]},
        {"analysis_keys": 7},
        {"settings": []},
        {"journal": {"id": "x", "position": "first"}},
    ],
)
def test_damage_in_our_part_is_told(film: Path, damage: dict[str, Any]) -> None:
    path = film.parent / "cut.otio"
    save_project(project_of(film), path)
    edited(path, **damage)
    with pytest.raises(ProjectUnreadable) as caught:
        load_project(path)
    assert caught.value.path == path
    assert caught.value.hint


def test_places_that_are_no_places_are_ignored(film: Path) -> None:
    path = film.parent / "cut.otio"
    save_project(project_of(film), path)
    edited(path, places={"film.mp4": 5, "http://x": "pipe:0"})
    assert media_urls(load_project(path).project) == [str(film)]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_saving_through_a_link_keeps_the_link(film: Path, tmp_path: Path) -> None:
    real = film.parent / "cut.otio"
    save_project(project_of(film), real)
    link = film.parent / "current.otio"
    link.symlink_to(real)
    save_project(project_of(film).with_analysis("3" * 64), link)
    assert link.is_symlink()
    assert load_project(real).project.analysis_keys[0] == "3" * 64


def test_a_project_learns_of_media_and_results_without_doubles(film: Path) -> None:
    project = project_of(film)
    known = project.with_medium(ProjectMedia(str(film), "new print", 4))
    assert known.medium(str(film)) == ProjectMedia(str(film), "new print", 4)
    assert len(known.media) == 1
    assert project.with_analysis("1" * 64).analysis_keys == ("1" * 64, "2" * 64)
    with pytest.raises(ValueError, match="one file"):
        replace(project, media=(*project.media, *project.media))
