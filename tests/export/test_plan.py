"""What will be written is known before anything is: names, modes, containers, sizes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.errors import UsageError
from circletake.export.plan import ExportItem, ExportMode, ExportRequest, file_names, mode_for, plan_export, suffix_for
from circletake.media.frames import AudioStream, ColorInfo, MediaInfo, VideoStream
from circletake.timebase import RationalTime, TimeRange

SECOND = Fraction(1000)


def seconds(count: float) -> RationalTime:
    return RationalTime.from_seconds(count, SECOND)


def media(codec: str = "h264", audio: tuple[str, ...] = ("aac",), **changes: object) -> MediaInfo:
    picture = VideoStream(
        index=0,
        codec=codec,
        profile="High",
        width=1920,
        height=1080,
        pixel_format="yuv420p",
        bit_depth=8,
        average_rate=Fraction(30),
        variable_frame_rate=False,
        time_base=Fraction(1, 90_000),
        start_time=seconds(0),
        duration=seconds(100),
        frame_count=3000,
        key_frame_count=100,
        rotation=0,
        sample_aspect_ratio=Fraction(1),
        color=ColorInfo(),
        bit_rate=8_000_000,
        reordered=True,
    )
    sounds = tuple(
        AudioStream(number, name, 48_000, 2, "stereo", seconds(0), seconds(100)) for number, name in enumerate(audio, 1)
    )
    pictures = (replace(picture, **changes),) if codec else ()  # type: ignore[arg-type]  # fields by name
    return MediaInfo(Path("film.mp4"), 100_000_000, "f", "mov", seconds(100), pictures, sounds)


def planned(name: str, length: float = 10) -> ExportItem:
    return ExportItem(name, Path("film.mp4"), TimeRange(seconds(5), seconds(length)))


@given(st.lists(st.text(max_size=200), min_size=1, max_size=30))
def test_names_are_unique_under_any_case_rule_and_stay_in_the_folder(names: list[str]) -> None:
    made = file_names(names, [".mp4"] * len(names))
    assert len({name.casefold() for name in made}) == len(names)
    for rank, name in enumerate(made, 1):
        assert name.startswith(f"{rank:02d} ")
        assert Path(name).name == name
        assert len(name.encode()) < 200


def test_ranks_sort_as_text_however_many_there_are() -> None:
    made = file_names(["x"] * 120, [".mp4"] * 120)
    assert list(made) == sorted(made)


@pytest.mark.parametrize(
    ("info", "mode"),
    [
        (media(), ExportMode.SMART),
        (media("hevc"), ExportMode.SMART),
        (media("vp9"), ExportMode.ENCODE),
        (media("prores", key_frame_count=3000), ExportMode.COPY),
        (media("h264", pixel_format="yuv420p12le"), ExportMode.ENCODE),
        (media(""), ExportMode.ENCODE),
    ],
)
def test_smart_is_kept_where_the_codec_allows_and_otherwise_explained(info: MediaInfo, mode: ExportMode) -> None:
    used, reason = mode_for(info, ExportMode.SMART)
    assert used is mode
    assert bool(reason) == (mode is not ExportMode.SMART)


@pytest.mark.parametrize(
    ("info", "suffix"),
    [
        (media(), ".mp4"),
        (media("h264", ("pcm_s16le",)), ".mov"),
        (media("vp9", ("opus",)), ".webm"),
        (media("vp9", ("aac",)), ".mkv"),
        (media("prores", ("pcm_s24le",)), ".mov"),
        (media("", ("flac",)), ".flac"),
        (media("", ("pcm_s16le",)), ".wav"),
        (media("", ("aac", "aac")), ".mka"),
    ],
)
def test_a_copy_goes_into_a_container_that_holds_its_codecs(info: MediaInfo, suffix: str) -> None:
    assert suffix_for(info, ExportMode.COPY) == suffix


def test_sizes_grow_with_length_and_shrink_with_copying(tmp_path: Path) -> None:
    info = {Path("film.mp4"): media(bit_rate=2_000_000)}
    size = {
        (mode, length): plan_export(ExportRequest((planned("a", length),), tmp_path, mode), info).estimated_bytes
        for mode in (ExportMode.SMART, ExportMode.ENCODE)
        for length in (10, 40)
    }
    assert size[ExportMode.ENCODE, 40] > 3 * size[ExportMode.ENCODE, 10]
    assert size[ExportMode.SMART, 40] < size[ExportMode.ENCODE, 40]


def test_an_empty_request_or_an_unread_medium_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to export"):
        plan_export(ExportRequest((), tmp_path), {})
    with pytest.raises(UsageError, match="not been read"):
        plan_export(ExportRequest((planned("a"),), tmp_path), {})
    with pytest.raises(UsageError, match="length"):
        plan_export(ExportRequest((planned("a", 0),), tmp_path), {Path("film.mp4"): media()})
