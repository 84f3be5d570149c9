"""A clip's file: its header in front when it is whole, and no work for one that is given up."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.container import OutputContainer
from tests.films import picture

from circletake.export.output import open_clip
from circletake.jobs.context import JobCancelled


def filled(container: OutputContainer) -> None:
    stream = container.add_stream("libx264", rate=30)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
    for number in range(60):
        frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 30)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def test_the_header_of_a_whole_clip_is_in_front(tmp_path: Path) -> None:
    path = tmp_path / "whole.mp4"
    with open_clip(path) as container:
        filled(container)
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.skipif(os.name == "nt", reason="an open file keeps its name there")
@pytest.mark.parametrize("error", [JobCancelled, KeyboardInterrupt, ValueError])
def test_a_clip_that_is_given_up_is_not_rewritten(error: type[BaseException], tmp_path: Path) -> None:
    path, witness = tmp_path / "given up.mp4", tmp_path / "witness.mp4"

    def give_up() -> None:
        with open_clip(path) as container:
            filled(container)
            witness.hardlink_to(path)
            raise error

    with pytest.raises(error):
        give_up()
    assert not path.exists()
    data = witness.read_bytes()
    assert b"mdat" in data
    assert b"moov" not in data[: data.index(b"mdat")]
