"""Encoders get settings that every player can play, and one that refuses an edge is not the end of a clip."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.films import Film, watch

from circletake.export.encoders import EncoderSettings
from circletake.export.plan import ExportItem, ExportMode, ExportRequest, plan_export
from circletake.export.render import export_clips
from circletake.export.report import ClipReport
from circletake.jobs.context import NoContext
from circletake.media.probe import probe
from circletake.timebase import TimeRange

FilmOf = Callable[[Film], Path]
FILM = Film("quality", frames=120)
SPAN = TimeRange.from_seconds(Fraction(1, 3), Fraction(3), Fraction(90_000))


def exported(path: Path, folder: Path, mode: ExportMode, settings: EncoderSettings) -> ClipReport:
    request = ExportRequest((ExportItem("one", path, SPAN),), folder, mode, settings=settings)
    return export_clips(plan_export(request, {path: probe(path)}), NoContext()).clips[0]


@pytest.mark.parametrize("mode", [ExportMode.SMART, ExportMode.ENCODE])
def test_the_best_quality_plays_everywhere(mode: ExportMode, film_of: FilmOf, tmp_path: Path) -> None:
    clip = exported(film_of(FILM), tmp_path, mode, EncoderSettings(crf=0))
    assert clip.written is not None, clip.error
    assert clip.written.mode is mode
    assert watch(clip.path).numbers == list(range(10, 90))
    with av.open(str(clip.path)) as container:
        assert container.streams.video[0].codec_context.profile == "High"


def test_an_edge_encoder_that_refuses_leads_to_a_clip_encoded_whole(film_of: FilmOf, tmp_path: Path) -> None:
    clip = exported(film_of(FILM), tmp_path, ExportMode.SMART, EncoderSettings(edge_preset="of no such name"))
    assert clip.written is not None, clip.error
    assert clip.written.mode is ExportMode.ENCODE
    assert "the encoder refuses" in clip.reason
    assert watch(clip.path).numbers == list(range(10, 90))


def test_quality_counts_for_hevc_too(film_of: FilmOf, tmp_path: Path) -> None:
    params = {"x265-params": "log-level=error:keyint=30"}
    path = film_of(Film("deep", frames=120, codec="libx265", pixel_format="yuv420p10le", options=params))
    sizes = [
        exported(path, tmp_path / str(crf), ExportMode.ENCODE, EncoderSettings(crf=crf)).size for crf in (10, 18, 40)
    ]
    assert sizes[0] > sizes[1] > sizes[2] > 0


@pytest.mark.parametrize(("crf", "h264", "hevc"), [(0, 1, 3), (18, 18, 20), (51, 51, 51)])
def test_each_encoder_gets_its_own_factor(crf: int, h264: int, hevc: int) -> None:
    settings = EncoderSettings(crf=crf)
    assert (settings.h264_crf, settings.hevc_crf) == (h264, hevc)
