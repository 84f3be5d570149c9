"""AAF: Avid's files open through the adapter in its own process, and nothing of it reaches anybody else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from circletake.errors import TimelineUnreadable
from circletake.interchange import aaf
from circletake.interchange.aaf import FORMAT, read
from circletake.interchange.format import Head, Read, Source
from circletake.timebase import RationalTime
from circletake.timeline.child import NoChild
from circletake.timeline.model import Clip

NTSC = Fraction(30000, 1001)


@pytest.fixture
def sample(shared: Path) -> Path:
    return shared / "data/timelines/aaf"


def opened(path: Path) -> Read:
    return read(Source(path, path.read_bytes()))


def rows(result: Read) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """Each track with (place, length, first media frame) of its clips."""
    return [
        (
            track.name,
            [
                (at.start_time.value, clip.duration.value, clip.source_range.start_time.value)
                for at, clip in track.placed(result.timeline.rate)
                if isinstance(clip, Clip)
            ],
        )
        for track in result.timeline.tracks
    ]


def test_drop_frame_numbering_at_the_exact_rate(sample: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = opened(sample / "2997fps-DFTC.aaf")
    timeline = result.timeline
    assert (timeline.name, timeline.rate, timeline.drop_frame) == ("2997-hour5-DFTC", NTSC, True)
    assert timeline.global_start_time == RationalTime(539460, NTSC)  # 05;00;00;00
    assert rows(result) == [(name, [(0, 2989, 0)]) for name in ("V1", *["Audio 1"] * 6)]
    (clip,) = timeline.tracks[0].items
    assert isinstance(clip, Clip)
    assert clip.media is not None
    assert clip.media.target_url.startswith("file:///Macintosh%20HD/Users/")
    assert capfd.readouterr() == ("", "")


def test_media_time_starts_at_the_first_frame(sample: Path) -> None:
    result = opened(sample / "simple.aaf")
    lengths = [720, 480, 722, 640, 720]
    expected = [(sum(lengths[:number]), length, 0) for number, length in enumerate(lengths)]
    assert rows(result) == [("Circles", expected), ("A1", expected), ("A2", expected)]
    clip = result.timeline.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media is not None
    assert clip.media.start_timecode == RationalTime(86400, Fraction(24))
    assert not result.timeline.drop_frame


def test_every_marker_is_kept_where_it_was(sample: Path) -> None:
    result = opened(sample / "multiple_markers.aaf")
    timeline = result.timeline
    on_clips = [
        (clip.name, marker.name, marker.color, marker.range.start_time.value)
        for track in timeline.tracks
        for clip in track.items
        if isinstance(clip, Clip)
        for marker in clip.markers
    ]
    assert sum(len(clips) for _, clips in rows(result)) == 22
    assert on_clips == [
        ("zts02_1010", "GREEN: V1: zts02_1010: f1104: seq.f1104", "green", 1103),
        ("Drop_24.mov", "MAGENTA: V4: zts02_1040: f1001: seq.f1666", "magenta", 0),
    ]
    # The names say the frame of the sequence, counted from 809.
    numbered = [(marker.range.start_time.value, marker.name) for marker in timeline.markers if "seq.f" in marker.name]
    assert sorted(numbered) == [(frame, name) for frame, name in sorted(numbered) if f"seq.f{frame + 809}" in name]
    assert len(timeline.markers) == 8
    assert timeline.duration == RationalTime(2275, Fraction(24))


def test_nested_sequences_are_shown_as_their_clips(sample: Path) -> None:
    result = opened(sample / "nested_stack.aaf")
    assert rows(result) == [
        ("V1", [(0, 15, 24), (16, 8, 24), (24, 1, 48), (25, 15, 23), (40, 8, 54), (48, 1, 39), (49, 16, 32)])
    ]
    assert [each for each in result.warnings if "nested sequences" in each]


@pytest.mark.parametrize("data", [b"", aaf.COMPOUND_FILE + bytes(2000), b"no AAF at all"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(TimelineUnreadable, match="damaged") as caught:
        read(Source(Path("x.aaf"), data))
    assert caught.value.path == Path("x.aaf")
    assert caught.value.hint


def test_a_file_that_was_cut_off_is_refused(sample: Path) -> None:
    data = (sample / "simple.aaf").read_bytes()
    for size in (5000, 300_000):
        with pytest.raises(TimelineUnreadable):
            read(Source(Path("x.aaf"), data[:size]))


def test_a_file_that_takes_too_long_is_given_up(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aaf, "LIMITS", replace(aaf.LIMITS, seconds=0.01))
    with pytest.raises(TimelineUnreadable, match="stopped"):
        opened(sample / "simple.aaf")


def test_without_a_process_of_its_own_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> bytes:
        raise NoChild("frozen")

    monkeypatch.setattr(aaf, "run_limited", none)
    with pytest.raises(TimelineUnreadable, match="cannot be started") as caught:
        read(Source(Path("x.aaf"), b""))
    assert "Final Cut Pro XML" in caught.value.hint


def test_a_sequence_that_is_not_there_is_named(sample: Path) -> None:
    path = sample / "simple.aaf"
    with pytest.raises(TimelineUnreadable, match="Other"):
        read(Source(path, path.read_bytes(), "Other"))


def test_it_is_known_by_what_is_inside(sample: Path) -> None:
    recognise = FORMAT.recognise
    assert recognise is not None
    for path in sample.iterdir():
        assert recognise(Head(path.read_bytes()[:1000], "", "", ".bin"))
    office = aaf.COMPOUND_FILE + bytes(1000)
    assert not recognise(Head(office, "", "", ".doc"))
    assert not recognise(Head(b"AAF", "", "", ".aaf"))


def test_it_is_read_only() -> None:
    assert FORMAT.write is None
    assert not FORMAT.sources_count_timecode
