"""What is seen and heard when: the same as asking the timeline frame by frame, and fast."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given

from circletake.media.frames import AudioStream, ColorInfo, MediaInfo, VideoStream
from circletake.playback.program import Absence, Program
from circletake.timebase import MICROSECONDS, RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, Mark, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(30000, 1001)
SECOND = RationalTime(1_000_000, MICROSECONDS)
PICTURE = VideoStream(
    index=0, codec="h264", profile="", width=64, height=36, pixel_format="yuv420p", bit_depth=8, average_rate=RATE,
    variable_frame_rate=False, time_base=Fraction(1, 30000), start_time=RationalTime.zero(RATE), duration=SECOND,
    frame_count=30, key_frame_count=1, rotation=0, sample_aspect_ratio=Fraction(1), color=ColorInfo(), bit_rate=1,
    reordered=False,
)  # fmt: skip
SOUND = AudioStream(1, "aac", 48_000, 2, "stereo", RationalTime.zero(RATE), SECOND)
FILM = MediaInfo(Path("/film.mp4"), 1, "f", "mp4", SECOND, (PICTURE,), (SOUND,))
TAPE = MediaInfo(Path("/tape.wav"), 1, "t", "wav", SECOND, (), (SOUND,))
MEDIA = {FILM.path: FILM, TAPE.path: TAPE}


def clip(path: str, start: int, length: int, rate: Fraction = RATE) -> Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(length, rate))
    return Clip(path, span, MediaReference(path))


lengths = st.integers(1, 40)
rates = st.sampled_from((RATE, Fraction(24), Fraction(1000)))
clips = st.builds(clip, st.sampled_from(("/film.mp4", "/tape.wav", "/gone.mp4")), st.integers(0, 90), lengths, rates)
items = st.one_of(clips, st.builds(lambda length: Gap(RationalTime(length, RATE)), lengths))
rows = st.lists(items, max_size=5)


@given(st.lists(rows, min_size=1, max_size=3))
def test_every_frame_shows_what_the_timeline_shows_there(tracks: list[list[Item]]) -> None:
    timeline = Timeline("t", RATE, tuple(Track("V", TrackKind.VIDEO, tuple(row)) for row in tracks))
    program = Program.of(timeline, MEDIA)
    assert program.frames == math.ceil(timeline.duration.seconds * RATE)
    for frame in range(program.frames):
        time = RationalTime(frame, RATE)
        found = timeline.media_ranges(TimeRange(time, RationalTime(1, Fraction(10**9))))
        first = next((each for each in found if each[1].start_time.seconds == _in_media(timeline, time, each[0])), None)
        moment = program.picture_at(frame)
        if moment is None:
            assert program.absence_at(frame) is not None
            assert first is None or first[0].name != "/film.mp4"
        else:
            assert program.absence_at(frame) is None
            assert first is not None
            assert (str(moment.path), moment.time) == (first[0].name, first[1].start_time)


def _in_media(timeline: Timeline, time: RationalTime, wanted: Clip) -> Fraction | None:
    """The media time of `wanted` under a moment, if it lies under it."""
    for track in timeline.tracks:
        for placed, item in track.placed(timeline.rate):
            if item is wanted and placed.contains(time):
                return (time - placed.start_time + wanted.source_range.start_time).seconds
    return None


def test_it_says_why_there_is_no_picture() -> None:
    title = replace(clip("/film.mp4", 0, 10), media=None)
    row = (clip("/film.mp4", 0, 10), Gap(title.duration), clip("/gone.mp4", 0, 10), clip("/tape.wav", 0, 10), title)
    program = Program.of(Timeline("t", RATE, (Track("V", TrackKind.VIDEO, row),)), MEDIA)
    said = [program.absence_at(frame) for frame in (0, 15, 25, 35, 45, 99)]
    gone = [Absence.MISSING, Absence.SOUND_ONLY, Absence.NO_FILE]
    assert said == [None, Absence.GAP, *gone, Absence.GAP]


def test_a_gap_over_sound_from_a_file_without_picture_is_sound_only() -> None:
    tracks = (
        Track("V", TrackKind.VIDEO, (Gap(RationalTime(30, RATE)),)),
        Track("A", TrackKind.AUDIO, (clip("/tape.wav", 0, 20),)),
    )
    program = Program.of(Timeline("t", RATE, tracks), MEDIA)
    assert [program.absence_at(frame) for frame in (0, 19, 20)] == [Absence.SOUND_ONLY, Absence.SOUND_ONLY, Absence.GAP]


def test_marks_do_not_make_another_program() -> None:
    timeline = Timeline("t", RATE, (Track("V", TrackKind.VIDEO, (clip("/film.mp4", 0, 30),)),))
    mark = Mark("1", TimeRange(RationalTime(3, RATE), RationalTime(4, RATE)), "m")
    assert Program.of(timeline, MEDIA) == Program.of(timeline.with_marks((mark,)), MEDIA)
    shorter = replace(timeline, tracks=(Track("V", TrackKind.VIDEO, (clip("/film.mp4", 0, 29),)),))
    assert Program.of(timeline, MEDIA) != Program.of(shorter, MEDIA)
