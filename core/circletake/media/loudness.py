"""How loud it sounds, as broadcasters measure it: momentary loudness by EBU R 128, ten times a second."""

from __future__ import annotations

from dataclasses import dataclass, field

import av
import numpy as np
from av.error import FFmpegError
from av.filter import Graph
from numpy.typing import NDArray

from circletake.media.columns import Column

STEP_SECONDS = 0.1
"""Distance of two values; each covers the 400 ms before it. Source: EBU Tech 3341, momentary loudness."""

SILENCE = -70.0
"""LUFS below which nothing is heard: the absolute gate. Source: ITU-R BS.1770-5."""

_RESYNC_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """`momentary` float32 (N,) LUFS, at least `SILENCE`; `seconds` float64 (N,) media time of each."""

    seconds: NDArray[np.float64] = field(repr=False)
    momentary: NDArray[np.float32] = field(repr=False)


class LoudnessMeter:
    """A sweep's consumer that runs FFmpeg's R 128 meter over the decoder's own sound, every channel of it."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self._graph: Graph | None = None
        self._setup: tuple[str, str, int] | None = None
        self._start = 0.0
        self._fed = 0.0
        self._steps = 0
        self._seconds, self._momentary = Column("d"), Column()

    def sound(self, frame: av.AudioFrame, start_seconds: float) -> None:
        """Measure one frame; a hole or another format starts the meter anew."""
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if setup != self._setup or abs(start_seconds - self._fed) > _RESYNC_SECONDS:
            self._graph, self._setup = _meter(frame), setup
            self._start, self._steps, self._fed = start_seconds, 0, start_seconds
        self._fed += frame.samples / max(1, frame.sample_rate)
        try:
            if self._graph:
                self._graph.push(frame)
                self._drain(self._graph)
        except FFmpegError:
            self._setup = None  # a frame the meter refuses: begin again with the next

    def finish(self) -> None:
        """Close the meter."""
        self._graph = self._setup = None

    def result(self) -> Loudness:
        """What was measured so far."""
        # The meter says nan where there is digital silence.
        heard = np.nan_to_num(self._momentary.array(), nan=SILENCE, neginf=SILENCE, posinf=0.0)
        return Loudness(self._seconds.array64(), np.maximum(heard, np.float32(SILENCE)))

    def _drain(self, graph: Graph) -> None:
        while True:
            try:
                measured = graph.pull()
            except (BlockingIOError, EOFError):
                return
            value = measured.metadata.get("lavfi.r128.M") if isinstance(measured, av.AudioFrame) else None
            if value is not None:
                self._steps += 1
                self._seconds.append(self._start + self._steps * STEP_SECONDS)
                self._momentary.append(float(value))


def _meter(frame: av.AudioFrame) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
    )
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
