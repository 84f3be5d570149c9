"""The report every timeline reader keeps: what the file holds and the timeline does not show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from circletake.errors import TimelineInvalid


@dataclass
class Report:
    """What could not be shown as it is: one sentence a kind, with the first place and how many more.

    `grid` is a rate on which times at odd rates are placed, where they cannot be exact together.
    """

    path: Path | None = None
    grid: Fraction | None = None
    _counts: Counter[str] = field(default_factory=Counter)
    _first: dict[str, str] = field(default_factory=dict)

    def note(self, sentence: str, place: str = "") -> None:
        """Add one occurrence of `sentence`, seen at `place`."""
        self._counts[sentence] += 1
        self._first.setdefault(sentence, place)

    def invalid(self, message: str, place: str) -> TimelineInvalid:
        """The error for values that contradict each other at `place`."""
        hint = "Correct it in the tool that made the timeline and export it again."
        return TimelineInvalid(message, hint=hint, path=self.path, place=place)

    def sentences(self) -> tuple[str, ...]:
        """For the editor, in the order met."""
        return tuple(self._sentence(text, count) for text, count in self._counts.items())

    def _sentence(self, text: str, count: int) -> str:
        more = f" and {count - 1} more" if count > 1 else ""
        return f"{self._first[text]}{more}: {text}" if self._first[text] else text
