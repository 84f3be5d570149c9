"""A scored film as plain arrays and one header, for the results cache; and back, checked."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from circletake.analysis.highlights import Scored
from circletake.analysis.measured import Measured
from circletake.analysis.scores import ScoreCurve
from circletake.analysis.windows import WindowGrid
from circletake.media.frames import FrameBatch
from circletake.media.loudness import Loudness
from circletake.media.measures import PictureMeasures
from circletake.media.sweep import SweepReport
from circletake.media.waveform import Waveform
from circletake.speech.vad import SpeechCurve
from circletake.timebase import RationalTime, TimeRange

FORMAT = 1
"""Number of this layout; a reader of another one treats the entry as absent."""

_PICTURES = ("seconds", "motion", "change", "lasting", "brightness", "blue", "red")

Arrays = dict[str, NDArray[Any]]
Header = dict[str, object]


def to_arrays(scored: Scored) -> tuple[Arrays, Header]:
    """Everything a `Scored` holds, losslessly: named arrays, and a header of JSON values."""
    measured = scored.measured
    arrays: Arrays = {
        "fused": scored.fused.values,
        "cuts": measured.cuts,
        "thumbnails": measured.thumbnails.images,
        "thumbnail_seconds": measured.thumbnails.seconds,
    }
    if measured.pictures:
        arrays |= {f"picture_{name}": getattr(measured.pictures, name) for name in _PICTURES}
    if measured.waveform:
        arrays |= {"wave_low": measured.waveform.low, "wave_high": measured.waveform.high}
    if measured.loudness:
        arrays |= {"loud_seconds": measured.loudness.seconds, "loud_momentary": measured.loudness.momentary}
    if measured.onsets is not None:
        arrays["onsets"] = measured.onsets
    if measured.speech:
        arrays["speech"] = measured.speech.probabilities
    for number, curve in enumerate(scored.curves):
        arrays[f"curve_{number}"] = curve.values
        if curve.measured is not None:
            arrays[f"curve_{number}_measured"] = curve.measured
    return arrays, _header(scored)


def _header(scored: Scored) -> Header:
    speech = scored.measured.speech
    return {
        "format": FORMAT,
        "fingerprint": scored.fingerprint,
        "method": scored.method,
        "revision": scored.revision,
        "fast": scored.fast,
        "duration": [scored.grid.duration.value, str(scored.grid.duration.rate)],
        "hop": str(scored.grid.hop),
        "length": str(scored.grid.length),
        "spans": [_range(span) for span in scored.grid.spans],
        "curves": [
            {"name": c.name, "title": c.title, "source": c.source, "weight": c.weight, "unit": c.unit}
            for c in scored.curves
        ],
        "speech": [speech.start.value, str(speech.start.rate), speech.samples] if speech else None,
        "report": [
            scored.report.pictures,
            scored.report.sound_seconds,
            scored.report.damaged_packets,
            list(scored.report.warnings),
        ],
        "seconds_spent": scored.seconds_spent,
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]], header: Mapping[str, Any]) -> Scored | None:
    """The `Scored` again, or None where the entry is of another format or does not hold together."""
    try:
        if header["format"] != FORMAT:
            return None
        return _scored(arrays, header)
    except (KeyError, ValueError, TypeError, IndexError, ZeroDivisionError):
        return None


def _scored(arrays: Mapping[str, NDArray[Any]], header: Mapping[str, Any]) -> Scored:
    # Entries of before spans were known have none: they are of whole films.
    spans = tuple(TimeRange(_time(start), _time(length)) for start, length in header.get("spans", ()))
    grid = WindowGrid(_time(header["duration"]), Fraction(header["hop"]), Fraction(header["length"]), spans)
    curves = tuple(
        ScoreCurve(grid=grid, values=arrays[f"curve_{n}"], measured=arrays.get(f"curve_{n}_measured"), **fields)
        for n, fields in enumerate(header["curves"])
    )
    pictures, sound, damaged, warnings = header["report"]
    return Scored(
        fingerprint=header["fingerprint"],
        method=header["method"],
        revision=header["revision"],
        fast=header["fast"],
        grid=grid,
        curves=curves,
        fused=ScoreCurve("score", "Score", header["method"], grid, arrays["fused"]),
        measured=_measured(arrays, header),
        report=SweepReport(pictures, sound, damaged, tuple(warnings)),
        seconds_spent=header["seconds_spent"],
    )


def _measured(arrays: Mapping[str, NDArray[Any]], header: Mapping[str, Any]) -> Measured:
    has = arrays.__contains__
    pictures = PictureMeasures(*(arrays[f"picture_{name}"] for name in _PICTURES)) if has("picture_seconds") else None
    return Measured(
        pictures=pictures,
        cuts=arrays["cuts"],
        thumbnails=FrameBatch(arrays["thumbnails"], arrays["thumbnail_seconds"]),
        waveform=Waveform(arrays["wave_low"], arrays["wave_high"]) if has("wave_low") else None,
        loudness=Loudness(arrays["loud_seconds"], arrays["loud_momentary"]) if has("loud_seconds") else None,
        onsets=arrays.get("onsets"),
        speech=_speech(arrays, header["speech"]) if has("speech") else None,
    )


def _speech(arrays: Mapping[str, NDArray[Any]], stored: tuple[int, str, int]) -> SpeechCurve:
    value, rate, samples = stored
    return SpeechCurve(arrays["speech"], RationalTime(int(value), Fraction(rate)), int(samples))


def _range(span: TimeRange) -> list[list[object]]:
    return [[time.value, str(time.rate)] for time in (span.start_time, span.duration)]


def _time(stored: tuple[int, str]) -> RationalTime:
    value, rate = stored
    return RationalTime(int(value), Fraction(rate))
