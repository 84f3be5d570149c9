"""Finding by a few letters: how well what was typed fits a text."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from typing import TypeVar

T = TypeVar("T")

WHOLE = 100
WORD_START = 40
SCATTERED = 50
"""What a term is worth: found in one piece, more where a word begins, less where only its letters come in order."""

LOOSE = 5
"""How many other letters may stand between those of a word, for each of its own; more finds what nobody meant."""


def fit(query: str, text: str) -> int | None:
    """How well all words of `query` are found in `text`, more for better; None where one is not.

    Both are casefolded. A word fits in one piece, or letter by letter in order and close together. Earlier is better.
    """
    total = 0
    for term in query.split():
        worth = _fit_one(term, text)
        if worth is None:
            return None
        total += worth
    return total


def _fit_one(term: str, text: str) -> int | None:
    place = text.find(term)
    if place >= 0:
        start = place
        while start > 0 and text[start - 1].isalnum():  # a later place may begin a word
            start = text.find(term, start + 1)
        place, bonus = (place, 0) if start < 0 else (start, WORD_START)
        return WHOLE + bonus - min(place, WORD_START)
    return _fit_letters(term, text)


def _fit_letters(term: str, text: str) -> int | None:
    first = place = text.find(term[0])
    for letter in term[1:]:
        if place < 0:
            return None
        place = text.find(letter, place + 1)
    if place < 0:
        return None
    spread = place - first + 1 - len(term)
    return SCATTERED - spread - min(first, WORD_START) // 4 if spread <= LOOSE * len(term) else None


def best(query: str, texts: Iterable[tuple[str, T]], count: int) -> list[T]:
    """Of (casefolded text, value) the `count` values that fit best, equal ones in their order."""
    wanted = query.casefold()
    found = ((fit(wanted, text), -place, value) for place, (text, value) in enumerate(texts))
    fitting = ((worth, place, value) for worth, place, value in found if worth is not None)
    return [value for _, _, value in nlargest(count, fitting, key=lambda each: each[:2])]
