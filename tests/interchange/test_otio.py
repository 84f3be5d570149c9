"""OpenTimelineIO in and out: for any tool, for Resolve, and in archives that may be traps."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import circletake_resources
from circletake.errors import TimelineUnreadable
from circletake.interchange import otio, otio_bundles
from circletake.interchange.format import Delivery, Format, Read, Source
from circletake.interchange.registry import head_of, read_file
from circletake.interchange.tags import adopted
from circletake.interchange.writing import to_format
from circletake.jobs.context import NoContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.files import timeline_to_text
from circletake.timeline.model import Clip, Gap, Mark, Marker, MarkState, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(25)
FILM = Path("/footage/Zoë's 100%.mp4")
FORMATS = {each.name: each for each in otio.FORMATS}


def frames(start: int, length: int) -> TimeRange:
    return TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))


def cut(*markers: Marker, film: Path = FILM, marks: tuple[Mark, ...] = ()) -> Timeline:
    clip = Clip("one", frames(50, 100), MediaReference(str(film)), markers=(Marker(frames(60, 0), "On it"),))
    track = Track("V1", TrackKind.VIDEO, (clip, Gap(RationalTime(10, RATE))))
    return Timeline("Cut", RATE, (track,), marks, markers=markers)


@pytest.fixture(scope="module")
def film() -> MediaInfo:
    info = probe(circletake_resources.sample_clip(), NoContext())
    return replace(info, path=FILM, start_timecode="10:00:00:00", duration=RationalTime(60, Fraction(1)))


def tree_of(data: bytes) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(data)
    return tree


def first_clip(tree: dict[str, Any]) -> dict[str, Any]:
    clip: dict[str, Any] = tree["tracks"]["children"][0]["children"][0]
    return clip


def again(data: bytes) -> Timeline:
    return adopted(otio.read(Source(Path("/cuts/a.otio"), data)).timeline)


def mark() -> Mark:
    return Mark("3f2a9c01b7de", frames(10, 30), "Goal", MarkState.KEPT, 88.5, "signals only", note="He scores")


def test_every_marker_has_a_name_and_a_comment_and_a_usual_colour() -> None:
    markers = (
        Marker(frames(1, 0), "Name", "", "sand"),
        Marker(frames(2, 0), "", "only words\nin lines", "red", "to-do"),
        Marker(frames(3, 5), "", "", "#00fe01"),
    )
    data = to_format(cut(*markers), FORMATS["otio"], {}, Path("/cuts/a.otio"))
    shown = [(each["name"], each["comment"], each["color"]) for each in tree_of(data)["tracks"]["markers"]]
    assert shown == [
        ("Name", "Name", "YELLOW"),
        ("only words", "only words\nin lines", "RED"),
        ("Marker", "Marker", "GREEN"),
    ]
    assert again(data).markers == markers


def test_what_another_tool_changed_since_is_taken() -> None:
    tree = tree_of(otio.write(Delivery(cut(Marker(frames(1, 0), "Name", "", "sand")), {}, Path("/cuts/a.otio"))))
    tree["tracks"]["markers"][0] |= {"comment": "new words", "color": "PINK"}
    (marker,) = again(json.dumps(tree).encode()).markers
    assert (marker.name, marker.comment, marker.color) == ("Name", "new words", "pink")


@pytest.mark.parametrize("name", ["otio", "resolve-otio"])
def test_marks_come_back_whole(name: str) -> None:
    data = to_format(cut(marks=(mark(), replace(mark(), id="b", color="#123456"))), FORMATS[name], {}, Path("/a.otio"))
    assert again(data).marks == (mark(), replace(mark(), id="b", color="#123456"))
    assert again(data).markers == ()


def test_a_mark_survives_resolve_without_our_metadata() -> None:
    tree = tree_of(to_format(cut(marks=(mark(),)), FORMATS["resolve-otio"], {}, Path("/a.otio")))
    (node,) = tree["tracks"]["markers"]
    assert node["comment"] == "He scores [ct:3f2a9c01b7de k 88.5 30f]"
    assert node["metadata"]["Resolve_OTIO"]["Note"] == node["comment"]
    for comment in (node["comment"], ""):  # Resolve keeps its notes under its own key
        node |= {"comment": comment, "metadata": {"Resolve_OTIO": node["metadata"]["Resolve_OTIO"]}}
        (back,) = again(json.dumps(tree).encode()).marks
        assert (back.id, back.state, back.score, back.range, back.note) == (
            "3f2a9c01b7de",
            MarkState.KEPT,
            88.5,
            frames(10, 30),
            "He scores",
        )


@pytest.mark.parametrize("note", ["He scores", ""])
def test_a_mark_survives_any_tool_that_keeps_comments(note: str) -> None:
    wanted = replace(mark(), note=note)
    tree = tree_of(to_format(cut(marks=(wanted,)), FORMATS["otio"], {}, Path("/a.otio")))
    (node,) = tree["tracks"]["markers"]
    assert node["comment"] == f"Goal{': He scores' if note else ''} [ct:3f2a9c01b7de k 88.5 30f]"
    node["metadata"] = {}
    (back,) = again(json.dumps(tree).encode()).marks
    assert (back.id, back.name, back.note, back.score, back.range) == (
        wanted.id,
        "Goal",
        note,
        88.5,
        wanted.range,
    )


def test_resolve_gets_what_it_asks_for(film: MediaInfo) -> None:
    tree = tree_of(
        otio.write_for_resolve(Delivery(cut(Marker(frames(1, 0), "A", color="#ff0000")), {FILM: film}, FILM))
    )
    clip = first_clip(tree)
    media = clip["media_references"]["DEFAULT_MEDIA"]
    hour = 10 * 3600 * film.edit_rate
    assert clip["OTIO_SCHEMA"] == "Clip.2"
    assert media["target_url"] == str(FILM)
    assert media["available_range"]["start_time"] == pytest.approx(
        {"OTIO_SCHEMA": "RationalTime.1", "value": float(hour), "rate": float(film.edit_rate)}
    )
    start = clip["source_range"]["start_time"]
    assert start["value"] / start["rate"] == 36000 + 2
    marker = clip["markers"][0]["marked_range"]["start_time"]
    assert marker["value"] / marker["rate"] == 36002.4
    assert tree["global_start_time"]["value"] == 0
    assert tree["tracks"]["markers"][0]["color"] == "RED"


def test_resolve_gets_a_length_for_media_nobody_has_measured() -> None:
    clip = first_clip(tree_of(otio.write_for_resolve(Delivery(cut(), {}, FILM))))
    available = clip["media_references"]["DEFAULT_MEDIA"]["available_range"]
    assert (available["start_time"]["value"], available["duration"]["value"]) == (0, 150)


def test_a_cut_comes_back_in_media_time_whatever_its_media_count(film: MediaInfo) -> None:
    for name in ("otio", "resolve-otio"):
        back = again(to_format(cut(), FORMATS[name], {FILM: film}, Path("/cuts/a.otio")))
        clip = back.tracks[0].items[0]
        assert isinstance(clip, Clip)
        assert clip.media is not None
        assert (clip.source_range, clip.markers[0].range) == (frames(50, 100), frames(60, 0))
        assert clip.media.start_timecode == RationalTime(36000, Fraction(1))


def test_writing_is_the_same_each_time(film: MediaInfo) -> None:
    for form in (FORMATS["otio"], FORMATS["resolve-otio"]):
        first, second = (to_format(cut(marks=(mark(),)), form, {FILM: film}, FILM) for _ in range(2))
        assert first == second


def archive(tmp_path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "cut.otioz"
    with zipfile.ZipFile(path, "w", method) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return path


def content() -> bytes:
    return timeline_to_text(cut(film=Path("media/x.mp4"))).encode()


def read_archive(path: Path) -> Read:
    return otio_bundles.read_otioz(Source(path, path.read_bytes()))


def test_an_archive_shows_its_timeline_and_tells_of_its_media(tmp_path: Path) -> None:
    path = archive(tmp_path, {"version.txt": b"1.0.0", "content.otio": content(), "media/x.mp4": b"film"})
    file = read_file(path)
    clip = file.read.timeline.tracks[0].items[0]
    assert file.form.name == "otioz"
    assert isinstance(clip, Clip)
    assert clip.media is not None
    assert clip.media.target_url == "media/x.mp4"
    assert "Unpack it" in file.read.warnings[-1]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cut.otioz"]
    assert read_archive(archive(tmp_path, {"content.otio": content()})).warnings == ()


@pytest.mark.parametrize("name", ["zip_slip.otioz", "zip_bomb_100mb.otioz"])
def test_nothing_of_a_trap_is_unpacked(
    name: str, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = read_archive(shared / "data" / "timelines_hostile" / name)
    assert len(read.timeline.tracks) == 1
    assert list(tmp_path.iterdir()) == []
    assert not Path("/tmp/evil_zip_slip.txt").exists()


def test_archives_that_are_none_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = archive(tmp_path, {"content.otio": content()}).read_bytes()
    monkeypatch.setattr(otio_bundles, "MAX_CONTENT", 2**20)
    monkeypatch.setattr(otio_bundles, "MAX_DIRECTORY", 2**16)
    bad = {
        "cut off": whole[:-30],
        "comment": whole + b"x",
        "damaged": whole.replace(b"content.otio", b"content.0tio"),
        "no content": archive(tmp_path, {"other.otio": content()}).read_bytes(),
        "bomb": archive(tmp_path, {"content.otio": bytes(2**21)}).read_bytes(),
        "many": archive(tmp_path, {**{str(n): b"" for n in range(2000)}, "content.otio": content()}).read_bytes(),
        "lzma": archive(tmp_path, {"content.otio": content()}, zipfile.ZIP_LZMA).read_bytes(),
        "zip in zip": archive(tmp_path, {"content.otio": whole}).read_bytes(),
        "flipped": whole[:60] + bytes(byte ^ 255 for byte in whole[60:90]) + whole[90:],
    }
    said = {"bomb": "more than 1 MiB", "many": "too many files"}
    for name, data in bad.items():
        with pytest.raises(TimelineUnreadable) as caught:
            otio_bundles.read_otioz(Source(Path(f"{name}.otioz"), data))
        assert caught.value.hint, name
        assert said.get(name, "") in caught.value.message


def test_a_folder_bundle_opens(tmp_path: Path) -> None:
    folder = tmp_path / "cut.otiod"
    folder.mkdir()
    (folder / "content.otio").write_bytes(content())
    file = read_file(folder)
    assert file.form.name == "otio"
    assert file.read.timeline.name == "Cut"


def recognised(data: bytes, name: str) -> list[str]:
    head = head_of(data[: 2**16], Path(name))
    return [form.name for form in otio.FORMATS if form.recognise and form.recognise(head)]


def test_files_are_known_by_what_is_in_them() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr("content.otio", content())
    assert recognised(content(), "cut.txt") == ["otio"]
    assert recognised(b"\xef\xbb\xbf\n" + content(), "cut") == ["otio"]
    assert recognised(b"[1]", "cut.otio") == ["otio"]
    assert recognised(packed.getvalue(), "cut.zip") == ["otioz"]
    assert recognised(b'{"clips": []}', "cut.json") == []
    assert recognised(b"PK\x03\x04 something else", "a.zip") == []


def test_one_of_several_timelines_is_read_by_name() -> None:
    trees = [json.loads(timeline_to_text(replace(cut(), name=name))) for name in "ab"]
    data = json.dumps({"OTIO_SCHEMA": "SerializableCollection.1", "children": trees}).encode()
    read = otio.read(Source(Path("/cuts/a.otio"), data, sequence="b"))
    assert (read.timeline.name, read.others) == ("b", ("a",))


def test_only_what_can_be_written_says_so() -> None:
    def written(form: Format) -> bool:
        return form.write is not None

    assert [each.name for each in filter(written, otio.FORMATS)] == ["otio", "resolve-otio"]
