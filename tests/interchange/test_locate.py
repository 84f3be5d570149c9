"""Media are found where they are, where they moved to, and never where a stranger points."""

from __future__ import annotations

import json
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest
from tests.films import Film
from tests.otio_files import timeline_from_text

from circletake.interchange import locate as locating
from circletake.interchange import locate_search
from circletake.interchange.locate import Located, MissingMedia, address_of, locate, moved_with, relinked, same_move
from circletake.interchange.registry import read_file
from circletake.jobs.context import JobCancelled, NoContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.addresses import address_parts, same_name, spelled_file
from circletake.timeline.files import timeline_to_text
from circletake.timeline.model import Clip, Marker, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="spells names as Linux does")
Form = Literal["NFC", "NFD"]
FilmOf = Callable[[Film], Path]


def span(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def cut(*urls: str, length: int | None = None, start: int = 0, **metadata: object) -> Timeline:
    """A clip of ten frames of each medium, said to be `length` frames long."""
    available = None if length is None else span(0, length)
    items = tuple(Clip(url, span(start, 10), MediaReference(url, available, metadata=metadata)) for url in urls)
    return Timeline("Cut", RATE, (Track("V1", TrackKind.VIDEO, items),))


@pytest.fixture(scope="module")
def two_seconds(film_of: FilmOf) -> Path:
    return film_of(Film("two seconds", 50, RATE, audio_tracks=0))


@pytest.fixture(scope="module")
def one_second(film_of: FilmOf) -> Path:
    return film_of(Film("one second", 25, RATE, audio_tracks=0))


def put(film: Path, *places: Path) -> None:
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(film, place)


def places(found: Located) -> list[str]:
    clips = (item for track in found.timeline.tracks for item in track.items)
    return [clip.media.target_url for clip in clips if isinstance(clip, Clip) and clip.media]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("film.mp4", "film.mp4"),
        ("./film.mp4", "film.mp4"),
        ("two%20words%20%C3%A9.mp4", "two words é.mp4"),
        ("100%25.mp4", "100%25.mp4"),
        ("file://localhost{folder}/two%20words.mp4", "two words.mp4"),
        ("{folder}/film.mp4", "film.mp4"),
        ("sub\\film.mp4", "sub/film.mp4"),
    ],
)
def test_media_where_the_timeline_says_are_taken_without_a_word(
    url: str, name: str, tmp_path: Path, one_second: Path
) -> None:
    put(one_second, tmp_path / name)
    written = url.format(folder=tmp_path)
    found = locate(cut(written), tmp_path)
    assert (places(found), found.warnings, found.missing) == ([str(tmp_path / name)], (), ())
    clip = found.timeline.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media is not None
    assert address_of(clip.media) == written


@pytest.mark.parametrize(
    "old",
    [
        "/old/disk/footage/day 1/film.mp4",
        "D:\\footage\\day 1\\film.mp4",
        "file:///D:/footage/day%201/film.mp4",
        "\\\\server\\share\\footage\\day 1\\film.mp4",
        "file://server/share/footage/day%201/film.mp4",
        "../../elsewhere/footage/day 1/film.mp4",
        "/OLD/FOOTAGE/Day 1/FILM.MP4",
    ],
)
@pytest.mark.parametrize(
    "new", ["day 1/film.mp4", "footage/day 1/film.mp4", "../footage/day 1/film.mp4", "x/y/film.mp4"]
)
def test_a_moved_folder_is_found_from_the_timeline(old: str, new: str, tmp_path: Path, one_second: Path) -> None:
    folder = tmp_path / "project"
    put(one_second, folder / new)
    found = locate(cut(old), folder)
    assert places(found) == [str((folder / new).resolve())]
    assert [info.path for info in found.media] == [(folder / new).resolve()]
    assert "film" in found.warnings[0].lower()
    assert "not where the timeline says" in found.warnings[0]


def test_an_address_counted_from_another_root_is_found(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "root" / "film.mp4")
    found = locate(cut("film.mp4", root=str(tmp_path / "root")), tmp_path / "cuts")
    assert places(found) == [str(tmp_path / "root" / "film.mp4")]
    stale = locate(cut("film.mp4", root="/gone"), tmp_path / "root")
    assert places(stale) == [str(tmp_path / "root" / "film.mp4")]


def test_what_moved_together_is_found_together(tmp_path: Path, one_second: Path, two_seconds: Path) -> None:
    """The second file has another name's twin, so that only the move tells which one it is."""
    put(one_second, tmp_path / "new" / "a" / "first.mp4")
    put(two_seconds, tmp_path / "new" / "b" / "second.mp4", tmp_path / "copies" / "second.mp4")
    (tmp_path / "cuts").mkdir()
    found = locate(
        cut("/old/a/first.mp4", "/old/b/second.mp4"), tmp_path / "cuts", search=(tmp_path / "new", tmp_path / "copies")
    )
    assert places(found) == [str(tmp_path / "new" / "a" / "first.mp4"), str(tmp_path / "new" / "b" / "second.mp4")]


@LINUX
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_and_case_are_spelled_as_this_system_does(form: Form, tmp_path: Path, one_second: Path) -> None:
    name = unicodedata.normalize(form, "Zoë/Höhle.MP4")
    put(one_second, tmp_path / name)
    others: tuple[Form, ...] = ("NFC", "NFD")
    for other in others:
        url = unicodedata.normalize(other, "/old/zoë/höhle.mp4")
        assert places(locate(cut(url), tmp_path)) == [str(tmp_path / name)]
        assert spelled_file(tmp_path, ("zoë", unicodedata.normalize(other, "höhle.mp4"))) == tmp_path / name


def test_several_files_of_one_name_are_not_guessed_between(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "x" / "film.mp4", tmp_path / "y" / "film.mp4")
    found = locate(cut("/old/film.mp4", length=25), tmp_path)
    assert places(found) == ["/old/film.mp4"]
    assert found.missing == (MissingMedia("/old/film.mp4", "2 files of that name could be it; none was taken"),)
    assert "none was taken" in found.warnings[0]
    assert found.media == ()


def test_of_several_the_one_that_fits_is_taken(tmp_path: Path, one_second: Path, two_seconds: Path) -> None:
    put(one_second, tmp_path / "x" / "film.mp4")
    put(two_seconds, tmp_path / "y" / "film.mp4")
    assert places(locate(cut("/old/film.mp4", length=51), tmp_path)) == [str(tmp_path / "y" / "film.mp4")]
    assert places(locate(cut("/old/film.mp4", length=25), tmp_path)) == [str(tmp_path / "x" / "film.mp4")]
    by_size = cut("/old/film.mp4", size=one_second.stat().st_size)
    assert places(locate(by_size, tmp_path)) == [str(tmp_path / "x" / "film.mp4")]


def test_of_several_the_one_in_folders_of_the_same_names_is_taken(tmp_path: Path, one_second: Path) -> None:
    wanted = tmp_path / "a" / "b" / "c" / "day 2" / "film.mp4"
    put(one_second, wanted, tmp_path / "a" / "b" / "c" / "day 1" / "film.mp4")
    assert places(locate(cut("/old/day 2/film.mp4"), tmp_path)) == [str(wanted)]


def test_one_that_does_not_fit_is_not_taken(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "film.mp4")
    assert places(locate(cut("/old/film.mp4", length=500), tmp_path)) == ["/old/film.mp4"]


def test_a_longer_file_is_taken_where_all_that_is_used_lies_in_it(
    tmp_path: Path, one_second: Path, two_seconds: Path
) -> None:
    """A tool that does not know how long a medium is writes how far it uses it."""
    put(two_seconds, tmp_path / "x" / "film.mp4")
    found = locate(cut("/old/film.mp4", length=10), tmp_path)
    assert places(found) == [str(tmp_path / "x" / "film.mp4")]
    (clip,) = found.timeline.tracks[0].items
    assert isinstance(clip, Clip)
    assert clip.media is not None
    assert clip.media.available_range == found.media[0].full_range
    beyond = cut("/old/film.mp4", length=10, start=45)
    assert "lasts 0:02.0, and the timeline needs 0:02.2" in locate(beyond, tmp_path).missing[0].reason
    put(one_second, tmp_path / "y" / "film.mp4")
    (missing,) = locate(cut("/old/film.mp4", length=10), tmp_path).missing
    assert missing.reason == "2 files of that name could be it; none was taken"
    assert places(locate(cut("/old/film.mp4", length=25), tmp_path)) == [str(tmp_path / "y" / "film.mp4")]


def test_why_a_file_of_the_name_is_not_the_one_is_told(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "film.mp4")
    (missing,) = locate(cut("/old/film.mp4", length=7750), tmp_path).missing
    assert missing.reason == "a file of that name is there, but it lasts 0:01.0, and the timeline needs 5:10.0"
    (missing,) = locate(cut("/old/film.mp4", size=1), tmp_path).missing
    assert missing.reason == "a file of that name is there, but it has another size"


def test_of_too_many_files_of_one_name_none_is_measured(
    tmp_path: Path, one_second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(one_second, *(tmp_path / str(number) / "film.mp4" for number in range(3)))
    put(one_second, tmp_path / "day 1" / "film.mp4")
    wanted = cut("/old/day 1/film.mp4", length=25)
    monkeypatch.setattr(locating, "below", lambda *_: None)
    assert places(locate(wanted, tmp_path)) == [str(tmp_path / "day 1" / "film.mp4")]
    monkeypatch.setattr(locating, "MOST_CANDIDATES", 3)
    asked: list[Path] = []
    monkeypatch.setattr(locating, "probe", lambda path, _: asked.append(path))
    found = locate(wanted, tmp_path)
    assert asked == []
    assert found.missing[0].reason == "4 files of that name could be it; none was taken"


def test_what_moved_with_a_file_must_fit_too(tmp_path: Path, one_second: Path, two_seconds: Path) -> None:
    put(one_second, tmp_path / "a" / "first.mp4", tmp_path / "a" / "short.mp4")
    put(two_seconds, tmp_path / "a" / "second.mp4")
    (tmp_path / "a" / "notes.txt").touch()
    urls = [f"/old/a/{name}" for name in ("second.mp4", "short.mp4", "notes.txt", "gone.mp4")]
    found = moved_with(cut(*urls, length=50), "/old/a/first.mp4", tmp_path / "a" / "first.mp4", NoContext())
    assert {url: info.path for url, info in found.items()} == {"/old/a/second.mp4": tmp_path / "a" / "second.mp4"}


def test_folders_the_user_names_are_searched(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "disk" / "deep" / "er" / "film.mp4")
    assert locate(cut("/old/film.mp4"), tmp_path / "cuts").missing
    found = locate(cut("/old/film.mp4"), tmp_path / "cuts", search=(tmp_path / "disk",))
    assert places(found) == [str(tmp_path / "disk" / "deep" / "er" / "film.mp4")]


def test_the_search_has_an_end(tmp_path: Path, one_second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path.joinpath(*("d" * (locate_search.DEEPEST + 1)))
    put(one_second, deep / "film.mp4")
    assert locate(cut("/old/film.mp4"), tmp_path).missing
    for number in range(30):
        (tmp_path / f"{number:02d}.mp4").touch()
    monkeypatch.setattr(locate_search, "MOST_ENTRIES", 20)
    assert "too much" in locate(cut("/old/film.mp4"), tmp_path).warnings[0]


def test_links_to_folders_and_hidden_ones_are_left(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "away" / "film.mp4", tmp_path / "cuts" / ".trash" / "film.mp4")
    (tmp_path / "cuts" / "loop").symlink_to(tmp_path / "cuts")
    (tmp_path / "cuts" / "link").symlink_to(tmp_path / "away")
    assert locate(cut("/old/film.mp4"), tmp_path / "cuts").missing


class Cancelled(NoContext):
    """Asked to stop at once."""

    def checkpoint(self) -> None:
        raise JobCancelled


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(JobCancelled):
        locate(cut("/old/film.mp4"), tmp_path, context=Cancelled())


def test_each_medium_is_measured_once(tmp_path: Path, one_second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(one_second, tmp_path / "film.mp4")
    asked: list[Path] = []

    def counted(path: Path, context: object = None) -> MediaInfo:
        asked.append(path)
        return probe(path)

    monkeypatch.setattr(locating, "probe", counted)
    found = locate(cut("film.mp4", "film.mp4", "./film.mp4", str(tmp_path / "film.mp4")), tmp_path)
    assert asked == [tmp_path / "film.mp4"]
    assert len(found.media) == 1


def test_what_is_no_media_is_missing_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    (tmp_path / "notes.txt").write_bytes(b"no film")
    found = locate(cut("film.mp4", "notes.txt", "gone.mp4", "http://127.0.0.1:9/x.mp4"), tmp_path)
    words = ["cannot be read", "not named as films", "no such file", "not opened"]
    for missing, word in zip(found.missing, words, strict=True):
        assert word in missing.reason, missing


@pytest.mark.parametrize("name", ["media_refs_hostile.otio", "media_refs_hostile.edl", "xmeml_traversal.xml"])
@LINUX
def test_nothing_outside_is_opened(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shared / "data" / "timelines_hostile" / name
    file = read_file(path)
    asked: list[Path] = []
    monkeypatch.setattr(locating, "probe", lambda path, _: asked.append(path))
    found = locate(file.read.timeline, path.parent)
    assert asked == []
    assert found.media == ()
    assert len(found.missing) == (1 if name.endswith("xml") else 9)
    assert found.timeline == file.read.timeline


@pytest.mark.parametrize("name", ["cut.otio", "cut.edl", "cut.fcpxml", "cut_fcp7.xml", "cut_melt.mlt"])
def test_the_resolvable_cut_is_found_but_for_one(name: str, shared: Path) -> None:
    folder = shared / "data" / "timelines" / "resolvable"
    expected = json.loads((folder / "expected.json").read_text())["clips"]
    if name == "cut_melt.mlt":
        expected = [each for each in expected if each["exists"]]
    file = read_file(folder / name)
    found = locate(file.read.timeline, folder, sources_count_timecode=file.form.sources_count_timecode)
    clips = [item for item in found.timeline.tracks[0].items if isinstance(item, Clip)]
    assert len(clips) == len(expected)
    for clip, wanted in zip(clips, expected, strict=True):
        assert clip.media is not None
        if wanted["exists"]:
            assert Path(clip.media.target_url).samefile(folder / wanted["file"])
        assert clip.source_range.start_time.seconds == wanted["source_in_s"]
    assert len(found.missing) == sum(not each["exists"] for each in expected)
    assert len(found.media) == 4
    assert found.warnings == ()


def timecoded(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(locating, "probe", lambda path, context: replace(probe(path, context), start_timecode=text))


def test_sources_that_count_timecode_count_from_the_first_frame(
    tmp_path: Path, two_seconds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(two_seconds, tmp_path / "film.mp4")
    timecoded(monkeypatch, "10:00:00:00")
    timeline = cut("film.mp4", start=900_005)
    (track,) = timeline.tracks
    clip = track.items[0]
    assert isinstance(clip, Clip)
    clip = replace(clip, markers=(Marker(span(900_010, 0)),))
    timeline = replace(timeline, tracks=(replace(track, items=(clip,)),))
    found = locate(timeline, tmp_path, sources_count_timecode=True)
    back = found.timeline.tracks[0].items[0]
    assert isinstance(back, Clip)
    assert back.media is not None
    assert (back.source_range, back.markers[0].range) == (span(5, 10), span(10, 0))
    assert back.media.start_timecode == RationalTime(900_000, RATE)
    assert found.warnings == ()


def test_sources_that_do_not_count_it_stay_and_that_is_told(
    tmp_path: Path, two_seconds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(two_seconds, tmp_path / "film.mp4")
    timecoded(monkeypatch, "10:00:00:00")
    found = locate(cut("film.mp4", start=5), tmp_path, sources_count_timecode=True)
    assert found.timeline.tracks[0].items[0].duration == RationalTime(10, RATE)
    clip = found.timeline.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.source_range == span(5, 10)
    assert "10:00:00:00" in found.warnings[0]
    assert locate(cut("film.mp4", start=5), tmp_path).warnings == ()


def test_clips_that_reach_beyond_their_media_are_told_in_one_sentence(tmp_path: Path, two_seconds: Path) -> None:
    put(two_seconds, tmp_path / "film.mp4")
    (told,) = locate(cut("film.mp4", "./film.mp4", start=45), tmp_path).warnings
    assert told.startswith('clip "film.mp4" and 1 more')
    assert locate(cut("film.mp4", start=42), tmp_path).warnings == ()  # two frames of it: ends are rounded
    assert locate(cut("film.mp4", start=-20), tmp_path).warnings != ()


def test_relinking_changes_every_clip_of_the_medium_and_no_other(two_seconds: Path) -> None:
    info = probe(two_seconds)
    timeline = cut("/old/a.mp4", "/old/b.mp4", "/old/a.mp4", length=400)
    linked = relinked(timeline, {"/old/a.mp4": info})
    clips = [item for item in linked.tracks[0].items if isinstance(item, Clip)]
    media = [clip.media for clip in clips if clip.media]
    assert [each.target_url for each in media] == [str(two_seconds), "/old/b.mp4", str(two_seconds)]
    assert media[0].available_range == info.full_range
    assert media[1].available_range == span(0, 400)
    assert address_of(media[0]) == "/old/a.mp4"
    again = relinked(linked, {str(two_seconds): replace(info, path=Path("/new/a.mp4"))})
    first = again.tracks[0].items[0]
    assert isinstance(first, Clip)
    assert first.media is not None
    assert (first.media.target_url, address_of(first.media)) == ("/new/a.mp4", "/old/a.mp4")
    assert relinked(linked, {"/never/seen.mp4": info}) == linked


def test_relinking_takes_the_start_timecode_off_where_that_is_what_clips_count(two_seconds: Path) -> None:
    info = replace(probe(two_seconds), start_timecode="10:00:00:00")
    for start, expected in ((900_005, 5), (5, 5), (77, 77)):
        clip = relinked(cut("/old/a.mp4", start=start), {"/old/a.mp4": info}).tracks[0].items[0]
        assert isinstance(clip, Clip)
        assert clip.source_range == span(expected, 10)


def test_an_old_address_stays_in_the_project(tmp_path: Path, one_second: Path) -> None:
    put(one_second, tmp_path / "film.mp4")
    timeline = locate(cut("/old/film.mp4"), tmp_path).timeline
    clip = timeline_from_text(timeline_to_text(timeline)).timeline.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media is not None
    assert (clip.media.target_url, address_of(clip.media)) == (str(tmp_path / "film.mp4"), "/old/film.mp4")


@pytest.mark.parametrize(
    ("old", "new", "other", "expected"),
    [
        ("/old/a/x.mp4", "/new/a/x.mp4", "/old/b/y.mp4", "/new/b/y.mp4"),
        ("/old/a/x.mp4", "/new/renamed.mp4", "/old/a/y.mp4", "/new/y.mp4"),
        ("D:\\clips\\x.mp4", "/media/me/clips/x.mp4", "d:/clips/sub/y.mp4", "/media/me/clips/sub/y.mp4"),
        ("file:///D:/clips/x%20y.mp4", "/m/clips/x y.mp4", "file:///D:/clips/z%20z.mp4", "/m/clips/z z.mp4"),
        ("\\\\nas\\v\\x.mp4", "/mnt/nas/v/x.mp4", "\\\\nas\\v\\y.mp4", "/mnt/nas/v/y.mp4"),
        ("../v/x.mp4", "/w/v/x.mp4", "../s/y.wav", "/w/s/y.wav"),
        ("x.mp4", "/w/x.mp4", "sub/y.mp4", "/w/sub/y.mp4"),
        ("/old/a/x.mp4", "/new/a/x.mp4", "/other/b/y.mp4", None),
        ("/old/a/x.mp4", "/new/b/x.mp4", "/old/b/y.mp4", None),
        ("x.mp4", "/w/x.mp4", "/abs/y.mp4", None),
        ("x.mp4", "/w/x.mp4", "../y.mp4", None),
        ("x.mp4", "/w/x.mp4", "E:/y.mp4", None),
        ("/old/x.mp4", "/new/x.mp4", "/old/../../etc/y.mp4", None),
        ("/old/etc/x.mp4", "/etc/x.mp4", "/old/etc/y.mp4", None),
        ("http://a/x.mp4", "/new/x.mp4", "http://a/y.mp4", None),
    ],
)
@LINUX
def test_what_moved_with_a_file_is_known(old: str, new: str, other: str, expected: str | None) -> None:
    assert same_move(old, Path(new), other) == (Path(expected) if expected else None)


def test_many_missing_media_cost_little(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number}.txt").touch()
    urls = [f"/old/{'a/' * 2000}{number}.mp4" for number in range(50)]
    started = time.monotonic()
    assert len(locate(cut(*urls), tmp_path).missing) == 50
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("url", ["", "pipe:0", "http://a/b.mp4", "a\0b.mp4", "x" * 10_000, "file://["])
def test_an_address_that_names_no_file_has_no_parts(url: str) -> None:
    assert address_parts(url) == ()


def test_one_name_has_many_spellings() -> None:
    assert same_name("HÖHLE.MP4") == same_name(unicodedata.normalize("NFD", "höhle.mp4"))
    assert same_name("a.mp4") != same_name("b.mp4")
