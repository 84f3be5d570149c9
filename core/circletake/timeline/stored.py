"""How exact values are written into a file whose numbers are floats: as text beside them, under our own key.

A time is `value@rate`, such as `107892@30000/1001`; a range is two of them, start and duration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Mark, MarkState

KEY = "circletake"
"""The one metadata key that is ours, on timelines, tracks, clips, media references and markers."""

MAX_NOTE = 20_000
"""Longest note kept, in characters."""

_TIME = re.compile(r"(-?\d{1,19})@(\d{1,22}(?:/\d{1,22})?)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def time_text(time: RationalTime) -> str:
    """`value@rate`."""
    return f"{time.value}@{time.rate}"


def time_from_text(text: object) -> RationalTime:
    """Read `value@rate`.

    Raises:
        ValueError: not such a text, or out of bounds.
    """
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a stored time")
    try:
        return RationalTime(int(match[1]), Fraction(match[2]))
    except ZeroDivisionError as error:
        raise ValueError(f"{text!r} has no rate") from error


def range_text(span: TimeRange) -> list[str]:
    """Start and duration as texts."""
    return [time_text(span.start_time), time_text(span.duration)]


def range_from_text(texts: object) -> TimeRange:
    """Read what `range_text` made.

    Raises:
        ValueError: not such a pair, or a range that cannot be.
    """
    if not isinstance(texts, list | tuple) or len(texts) != 2:
        raise ValueError(f"{texts!r} is not a stored range")
    return TimeRange(time_from_text(texts[0]), time_from_text(texts[1]))


def clean_note(text: str) -> str:
    """A note fit to show and to store: lines stay, other control characters go, length is bounded."""
    return _UNPRINTABLE.sub(" ", text)[:MAX_NOTE]


def mark_fields(mark: Mark) -> dict[str, Any]:
    """A mark as JSON values; `mark_from_fields` gives the same mark back."""
    return {
        "id": mark.id,
        "range": range_text(mark.range),
        "name": mark.name,
        "state": mark.state.value,
        "score": mark.score,
        "source": mark.source,
        "signals": dict(mark.signals),
        "strongest": None if mark.strongest is None else time_text(mark.strongest),
        "note": mark.note,
        "color": mark.color,
        "edited": mark.edited,
    }


def mark_from_fields(fields: Mapping[str, Any]) -> Mark:
    """Read what `mark_fields` made.

    Raises:
        ValueError: a field is missing, of the wrong kind, or off its scale.
    """
    try:
        score, strongest = fields["score"], fields["strongest"]
        return Mark(
            id=_text(fields["id"])[:200],
            range=range_from_text(fields["range"]),
            name=_text(fields["name"]),
            state=MarkState(fields["state"]),
            score=None if score is None else float(score),
            source=_text(fields["source"]),
            signals={_text(name): float(level) for name, level in fields["signals"].items()},
            strongest=None if strongest is None else time_from_text(strongest),
            note=clean_note(_text(fields["note"])),
            color=_text(fields["color"]),
            edited=fields.get("edited") is True,  # files of the first version lack it
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"this is not a stored mark: {error!r}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value
