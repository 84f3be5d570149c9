"""What a file is: rates, lengths, rotation and lies, on real films and on made ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.films import Film

from circletake.errors import MediaNotFound, MediaUnreadable
from circletake.jobs.context import JobCancelled, NoContext
from circletake.media.frames import MediaInfo, VideoStream
from circletake.media.probe import fingerprint, probe

FilmOf = Callable[[Film], Path]


def picture(media: MediaInfo) -> VideoStream:
    assert media.picture is not None
    return media.picture


# Frames, rate, rotation and sound tracks by an independent full decode; see the data's own manifest.
REAL: dict[str, dict[str, Any]] = {
    "60fps.mp4": {"frames": 1800, "rate": "60"},
    "bbb_30s_vp8.webm": {"frames": 720, "rate": "24", "start": 0.003, "audio": 1},
    "bbb_rot90_start_offset_51audio.mp4": {"frames": 45, "rate": "24", "rotation": 90, "start": 1 / 12, "audio": 1},
    "city_rooftop_vfrish_17s.mp4": {"frames": 512, "rate": "30", "audio": 1},
    "cuts_prores422_60fps.mov": {"frames": 1800, "rate": "60", "codec": "prores", "depth": 10},
    "film_av1_1920x800_24fps_noaudio.webm": {"frames": 400, "rate": "24", "codec": "av1"},
    "flower_fragmented.mp4": {"frames": 150, "rate": "30000/1001", "start": 2002 / 30000, "audio": 1},
    "gameplay_1080p60_two_audio.mp4": {"frames": 319, "rate": "60", "audio": 2},
    "hands_cups_2997_silent_aac.mp4": {"frames": 300, "rate": "30000/1001", "timecode": "00:00:00:00", "audio": 1},
    "hdr10_hevc_1080p_container_says_sdr.mp4": {"frames": 28, "variable": True, "rate": "30", "hdr": True, "audio": 1},
    "iphone_dolbyvision_hlg10_rot90_0p1s.MOV": {"frames": 4, "rate": "30", "rotation": 90, "hdr": True, "audio": 1},
    "lecture_hall_flv_start_offset.flv": {"frames": 252, "rate": "25", "start": 0.023, "audio": 1},
    "nasa_multistream_2v_2a_2s.mp4": {"frames": 390, "rate": "30000/1001", "audio": 2, "subtitles": 2},
    "phone_2000s_h263_amr.3gp": {"frames": 222, "rate": "24", "variable": True, "codec": "h263", "audio": 1},
    "phone_portrait_4k60_rot90_0p3s.mp4": {"frames": 18, "rate": "60", "rotation": 90, "full_range": True, "audio": 1},
    "room_vfr_10fps_noaudio.mp4": {"frames": 245, "variable": True, "rate": "24"},
    "screenrec_cursed_vfr_3026x1386.mp4": {"frames": 63, "variable": True, "rate": "24"},
    "zoo_vp9_161x121_odd.webm": {"frames": 30, "rate": "30000/1001"},
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_real_film_is_what_a_full_decode_says(shared: Path, name: str) -> None:
    expected = REAL[name]
    media = probe(shared / "data" / "video" / name)
    stream = picture(media)
    assert stream.frame_count == expected["frames"]
    assert media.edit_rate == Fraction(expected["rate"])
    assert stream.variable_frame_rate is expected.get("variable", False)
    assert stream.rotation == expected.get("rotation", 0)
    assert stream.start_time.to_seconds() == pytest.approx(expected.get("start", 0.0), abs=0.0011)
    assert stream.color.is_hdr is expected.get("hdr", False)
    assert stream.bit_depth == expected.get("depth", 10 if expected.get("hdr") else 8)
    assert stream.codec == expected.get("codec", stream.codec)
    assert bool(stream.color.full_range) is expected.get("full_range", False)
    assert len(media.audio) == expected.get("audio", 0)
    assert media.subtitle_count == expected.get("subtitles", 0)
    assert media.start_timecode == expected.get("timecode", media.start_timecode)
    assert media.warnings == ()


def test_a_rotated_film_is_shown_upright(shared: Path) -> None:
    media = probe(shared / "data" / "video" / "phone_portrait_4k60_rot90_0p3s.mp4")
    assert picture(media).display_size == (2160, 3840)


def test_cover_art_is_no_picture(shared: Path) -> None:
    media = probe(shared / "data" / "audio" / "audio_with_cover_art.mp3")
    assert media.video == ()
    assert media.sound is not None
    assert media.edit_rate == 25


def test_a_header_that_lies_about_the_length_is_found_out(shared: Path) -> None:
    folder = shared / "data" / "malformed"
    media = probe(folder / "annexb_truncated_35s_declared.mp4")
    assert media.duration.to_seconds() < 1
    assert any("says it lasts 35" in warning for warning in media.warnings)
    media = probe(folder / "no_duration.webm")
    assert media.duration.to_seconds() == pytest.approx(4.94, abs=0.01)
    assert any("does not say how long" in warning for warning in media.warnings)


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_every_usual_rate_is_exact_in_every_container(film_of: FilmOf, rate: str, suffix: str) -> None:
    film = Film(f"rate_{rate.replace('/', '_')}", frames=60, rate=Fraction(rate), suffix=suffix, audio_tracks=0)
    base = Fraction(1, 1000) if suffix == ".mkv" else Fraction(1, 90_000)
    media = probe(film_of(Film(**{**vars(film), "name": film.name + suffix, "time_base": base})))
    assert picture(media).average_rate == Fraction(rate)
    assert not picture(media).variable_frame_rate
    assert picture(media).frame_count == 60
    assert media.full_range.duration.value == 60


def test_uneven_frames_get_a_rate_an_editor_knows(film_of: FilmOf) -> None:
    times = tuple(Fraction(n * n + 20 * n, 900) for n in range(60))
    media = probe(film_of(Film("uneven", times=times, frames=60, audio_tracks=0)))
    assert picture(media).variable_frame_rate
    assert media.edit_rate in (24, 25, 30)


@pytest.mark.parametrize(("rate", "edit"), [("1", 24), ("5", 25), ("6", 24), ("10", 10), ("1/10", 24)])
def test_a_slide_show_is_edited_at_a_rate_sound_can_be_cut_at(film_of: FilmOf, rate: str, edit: int) -> None:
    media = probe(film_of(Film(f"slides_{rate.replace('/', '_')}", frames=12, rate=Fraction(rate), audio_tracks=0)))
    assert media.edit_rate == edit


def test_a_clock_that_jumps_by_a_day_does_not_make_a_day_of_film(film_of: FilmOf) -> None:
    times = tuple(Fraction(n, 30) if n < 60 else 86_400 + Fraction(n, 30) for n in range(90))
    media = probe(film_of(Film("jumped", 90, suffix=".mkv", times=times, audio_tracks=0, time_base=Fraction(1, 1000))))
    assert media.duration.to_seconds() < 5
    assert any("jumps by hours" in warning for warning in media.warnings)


def test_a_drop_frame_timecode_at_a_rate_without_one_is_not_believed(film_of: FilmOf) -> None:
    media = replace(probe(film_of(Film("pal", frames=30, rate=Fraction(25)))), start_timecode="01:00:00;00")
    assert not media.drop_frame
    assert replace(media, start_timecode=None).drop_frame is False


def test_probing_can_be_cancelled(film_of: FilmOf) -> None:
    class Unwanted(NoContext):
        def progress(self, done: float, total: float) -> None:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        probe(film_of(Film("unwanted", frames=30)), Unwanted())


def test_a_start_offset_is_kept_and_counted_from_the_containers_own_start(film_of: FilmOf) -> None:
    media = probe(film_of(Film("late", frames=60, start=Fraction(1, 2))))
    assert picture(media).start_time.to_seconds() == pytest.approx(0.5, abs=0.001)


def test_a_copy_has_the_same_fingerprint_and_a_changed_byte_another(sample_clip: Path, tmp_path: Path) -> None:
    copy = tmp_path / "other name.mp4"
    shutil.copy(sample_clip, copy)
    assert fingerprint(copy) == fingerprint(sample_clip)
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    assert fingerprint(copy) != fingerprint(sample_clip)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "playlist"),
        (b"ffconcat version 1.0\nfile /dev/zero\n", "list of other files"),
        (b"PK\x03\x04....", "zip"),
        (b"\x00" * 4096, "cannot be read"),
    ],
)
def test_what_is_no_film_is_told_by_what_it_looks_like(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=says) as caught:
        probe(path)
    assert caught.value.path == path
    assert caught.value.hint


def test_a_folder_or_nothing_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.mp4", Path("/dev/zero"), Path("bad\0name")):
        with pytest.raises(MediaNotFound):
            probe(path)


@pytest.mark.parametrize("name", ["-dash.mp4", "with spaces é 大.mp4", "concat:a|b.mp4", "http:x.mp4", "a%d.mp4"])
def test_no_name_is_taken_for_an_option_or_an_address(sample_clip: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    shutil.copy(sample_clip, path)
    assert picture(probe(path)).frame_count == 1260
