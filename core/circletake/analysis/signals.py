"""The scorer that needs no weights: motion, cuts, loudness, attacks, colour and speech, measured from the film itself.

Each signal is compared with the rest of its own film (robust deviations), so a calm film and a wild one both have a
best moment; a signal the film has not got is left out and never counted as zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from circletake.analysis.measured import Measured
from circletake.analysis.scores import ScoreCurve, combined_z, level_of, robust_z
from circletake.analysis.table import SignalSpec, signal_table
from circletake.analysis.windows import WindowGrid
from circletake.media.frames import MediaInfo
from circletake.media.loudness import STEP_SECONDS, Loudness
from circletake.media.measures import PictureMeasures
from circletake.media.onsets import ONSETS_A_SECOND
from circletake.media.sweep import Consumers
from circletake.speech.vad import SpeechCurve, speech_spans

SIGNALS_ONLY = "signals only"

CUT_SIGMA = 3.0
"""Seconds around a window in which cuts count towards its rate; a shot in fast-cut film lasts 2-4 s."""

TURN_SIGMA = 4.0
"""Seconds around a window in which speech turns count; a turn of dialogue lasts 2-5 s."""

RISE_SECONDS = 1.5
"""A rise is measured against the loudness this long before: an attack is over within it, a crescendo is not."""

HEARD_LUFS = -50.0
"""Momentary loudness above which there is something to hear in a room; what lies below is no part of the usual."""

COLOUR_SECONDS = 1.0
"""Colour is compared with this long before."""

FUSED_SIGMA = 0.75
"""Seconds over which the fused score is averaged, so that it shows moments and not single windows."""

Z_LIMIT = 5.0
"""Deviations beyond this count as this: one freak value must not outweigh all other signals."""

Measure = Callable[[Measured, WindowGrid], NDArray[np.float32] | None]


class SignalsScorer:
    """Scores by measured signals alone."""

    name = SIGNALS_ONLY

    @property
    def revision(self) -> str:
        """The table's revision and the measures' own."""
        return f"signals-1.{signal_table().revision}"

    def consumers(self, media: MediaInfo, grid: WindowGrid) -> Consumers:  # noqa: ARG002 - the usual measures suffice
        """Nothing besides the usual measures."""
        return Consumers()

    def curves(self, measured: Measured, grid: WindowGrid) -> tuple[ScoreCurve, ...]:
        """One curve for each signal the film has."""
        curves = []
        for spec in signal_table().signals:
            values = MEASURES[spec.name](measured, grid)
            if values is not None:
                curves.append(_curve(spec, values, grid))
        return tuple(curves)


def fuse(curves: tuple[ScoreCurve, ...], grid: WindowGrid, source: str) -> ScoreCurve:
    """All curves as one, each by its weight; typical windows come out low, rare ones high."""
    if not curves:
        return ScoreCurve("score", "Score", source, grid, np.zeros(len(grid), np.float32))
    deviations = [deviations_of(curve) for curve in curves]
    z = combined_z(deviations, [curve.weight for curve in curves])
    z = grid.smoothed(z, FUSED_SIGMA / grid.hop_seconds)
    return ScoreCurve("score", "Score", source, grid, _on(grid, level_of(z)))


@functools.lru_cache(maxsize=32)
def deviations_of(curve: ScoreCurve) -> NDArray[np.float64]:
    """A curve's robust deviations (N,): from its measured values where it has them, else from its levels.

    Kept for the newest curves, since every mark that moves asks again; read it, never write to it.
    """
    spec = signal_table().signal(curve.name)
    measured = curve.measured if spec else None
    known = curve.grid.known if curve.grid.spans else None
    values, floor = (curve.values, 0.05) if measured is None or spec is None else (measured, spec.floor)
    z = robust_z(values, floor, known)
    z = np.clip(z, -Z_LIMIT, Z_LIMIT)
    z.flags.writeable = False
    return z


def _curve(spec: SignalSpec, values: NDArray[np.float32], grid: WindowGrid) -> ScoreCurve:
    values = _on(grid, values)
    z = np.clip(robust_z(values, spec.floor, grid.known if grid.spans else None), -Z_LIMIT, Z_LIMIT)
    return ScoreCurve(spec.name, spec.title, SIGNALS_ONLY, grid, _on(grid, level_of(z)), spec.weight, spec.unit, values)


def _on(grid: WindowGrid, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The values of measured windows, 0 in all others."""
    return np.where(grid.known, values, np.float32(0)) if grid.spans else values


def _motion(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    """Mean change of brightness a picture, cuts left out: they are another signal."""
    pictures = measured.pictures
    if pictures is None or len(pictures) < 2:
        return None
    within = ~np.isin(pictures.seconds, measured.cuts)
    within[[run.start for run in grid.runs(pictures.seconds)]] = False
    rate = _pictures_a_second(pictures, grid)
    # A film at 60 frames a second moves half as far from frame to frame as one at 30.
    return grid.mean(pictures.seconds[within], pictures.motion[within]) * np.float32(rate / 25)


def _pictures_a_second(pictures: PictureMeasures, grid: WindowGrid) -> float:
    runs = [pictures.seconds[run] for run in grid.runs(pictures.seconds)]
    span = sum(float(run[-1] - run[0]) for run in runs)
    return min(120.0, (len(pictures) - len(runs)) / span) if span > 0 else 25.0


def _cuts(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    if measured.pictures is None or not len(measured.cuts):
        return None
    return grid.density(measured.cuts, CUT_SIGMA)


def _colour(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    """Distance of the mean colour to that of a second before, smoothed over cuts by the window's length."""
    pictures = measured.pictures
    if pictures is None or len(pictures) < 2:
        return None
    mean = np.stack([pictures.brightness, pictures.blue, pictures.red], axis=1)
    before = np.searchsorted(pictures.seconds, pictures.seconds - COLOUR_SECONDS, side="right") - 1
    for run in grid.runs(pictures.seconds):
        before[run] = np.maximum(before[run], run.start)
    moved = np.linalg.norm(mean - mean[before], axis=1).astype(np.float32)
    return grid.mean(pictures.seconds, moved)


def _loudness(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    loudness = measured.loudness
    if loudness is None or not _heard(loudness):
        return None
    return grid.mean(loudness.seconds, loudness.momentary)


def _burst(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    """Largest rise of momentary loudness over `RISE_SECONDS`, 0 where it falls.

    What was quieter than usual before counts as usual: a word after a pause is no burst, a cheer after one is.
    """
    loudness = measured.loudness
    if loudness is None or not _heard(loudness):
        return None
    steps = max(1, round(RISE_SECONDS / STEP_SECONDS))
    before = loudness.momentary.copy()
    for run in grid.runs(loudness.seconds):
        own = loudness.momentary[run]
        before[run] = np.concatenate((np.repeat(own[:1], steps), own[:-steps]))[: len(own)]
    usual = np.median(loudness.momentary[loudness.momentary > HEARD_LUFS]) if _audible(loudness) else 0.0
    rise = loudness.momentary - np.maximum(before, np.float32(usual))
    return grid.peak(loudness.seconds, np.maximum(rise, 0))


def _heard(loudness: Loudness) -> bool:
    """Tell whether there is sound in the sound: a track of digital silence says nothing."""
    return len(loudness.momentary) > 0 and bool(np.ptp(loudness.momentary) > 0)


def _audible(loudness: Loudness) -> bool:
    return bool(np.any(loudness.momentary > HEARD_LUFS))


def _onsets(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    if measured.onsets is None or measured.loudness is None or not _heard(measured.loudness):
        return None
    seconds = np.arange(len(measured.onsets)) / ONSETS_A_SECOND
    return grid.mean(*_heard_in(grid, seconds, measured.onsets))


def _speech(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    speech = measured.speech
    if speech is None or not speech_spans(speech):
        return None
    return grid.mean(*_heard_in(grid, _speech_seconds(speech), speech.probabilities))


def _heard_in(
    grid: WindowGrid, seconds: NDArray[np.float64], values: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Of evenly spaced values, which are 0 where nothing was heard, those inside of what was."""
    if not grid.spans:
        return seconds, values
    inside = np.zeros(len(seconds), bool)
    for start, end in grid.rooms:
        inside[np.searchsorted(seconds, start) : np.searchsorted(seconds, end)] = True
    return seconds[inside], values[inside]


def _rhythm(measured: Measured, grid: WindowGrid) -> NDArray[np.float32] | None:
    """Beginnings of speech a second."""
    spans = speech_spans(measured.speech) if measured.speech else ()
    if len(spans) < 2:
        return None
    return grid.density(np.array([span.start_time.to_seconds() for span in spans]), TURN_SIGMA)


def _speech_seconds(speech: SpeechCurve) -> NDArray[np.float64]:
    hop = speech.hop.to_seconds()
    return np.asarray(speech.start.to_seconds() + (np.arange(len(speech.probabilities)) + 0.5) * hop, np.float64)


MEASURES: dict[str, Measure] = {
    "motion": _motion,
    "burst": _burst,
    "loudness": _loudness,
    "onsets": _onsets,
    "cuts": _cuts,
    "colour": _colour,
    "speech": _speech,
    "rhythm": _rhythm,
}
"""How each row of the table is measured."""
