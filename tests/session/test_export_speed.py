"""Clips out of a timeline that plays its films at other speeds: the film's own stretch, and a word about it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.session.exporting import ExportWish, export, plan
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Mark, MarkState, MediaReference, Timeline, Track, TrackKind

RATE = Fraction(30)


def cut(path: Path, speed: Fraction) -> Timeline:
    span = TimeRange(RationalTime(120, RATE), RationalTime(60, RATE))
    clip = Clip("c", span, MediaReference(str(path)), speed=speed)
    mark = Mark("1", TimeRange(RationalTime(10, RATE), RationalTime(20, RATE)), "m", MarkState.KEPT)
    return Timeline("t", RATE, (Track("V", TrackKind.VIDEO, (clip,)),), (mark,))


@pytest.mark.parametrize(
    ("speed", "start", "length", "said"),
    [
        (Fraction(1), 130, 20, ""),
        (Fraction(2), 140, 40, "The timeline plays it at 2 times its speed; the clip plays as the film does."),
        (Fraction(-1), 150, 20, "The timeline plays it backwards; the clip plays as the film does."),
        (Fraction(-1, 2), 135, 10, "The timeline plays it backwards at 0.5 times its speed; the clip plays as"),
        (Fraction(0), 120, 1, "The timeline holds this frame; the clip is the frame alone."),
    ],
)
def test_a_clip_is_the_films_own_stretch(
    tmp_path: Path, sample_clip: Path, speed: Fraction, start: int, length: int, said: str
) -> None:
    wish = ExportWish(tmp_path, timelines=())
    (clip,) = plan(cut(sample_clip, speed), {sample_clip: probe(sample_clip)}, wish).plan.clips
    assert clip.item.range == TimeRange(RationalTime(start, RATE), RationalTime(length, RATE))
    assert clip.reason.startswith(said)
    assert bool(clip.reason) == bool(said)


def test_the_word_is_in_the_report_and_the_film_is_as_long_as_its_media(tmp_path: Path, sample_clip: Path) -> None:
    planned = plan(
        cut(sample_clip, Fraction(-2)), {sample_clip: probe(sample_clip)}, ExportWish(tmp_path, timelines=())
    )
    (clip,) = export(planned, NoContext()).report.clips
    assert clip.reason == planned.plan.clips[0].reason
    assert clip.written is not None
    assert clip.written.frames == 40
    assert probe(clip.path).duration.to_seconds() == pytest.approx(4 / 3, abs=0.05)
