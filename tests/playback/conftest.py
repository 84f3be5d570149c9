"""Cuts of test films for players."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import pytest
from tests.films import Film

from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.playback.program import Program
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Gap, Item, MediaReference, Timeline, Track, TrackKind

Piece = tuple[Film, int, int] | int
"""A film with its frames from and to (exclusive), or so many frames of gap."""

CutOf = Callable[..., Program]


@pytest.fixture(scope="session")
def cut_of(film_of: Callable[[Film], Path]) -> CutOf:
    """A program of pieces of test films, one after the other, at the first film's rate."""
    probed: dict[Path, MediaInfo] = {}

    def cut(*pieces: Piece) -> Program:
        films = [piece[0] for piece in pieces if isinstance(piece, tuple)]
        media = {path: probed.setdefault(path, probe(path)) for path in map(film_of, films)}
        rate = media[film_of(films[0])].edit_rate
        tracks = []
        for kind in TrackKind:
            items = [_item(piece, rate, film_of) for piece in pieces]
            tracks.append(Track(kind.value, kind, tuple(items)))
        return Program.of(Timeline("cut", rate, tuple(tracks)), media)

    return cut


def _item(piece: Piece, rate: Fraction, film_of: Callable[[Film], Path]) -> Item:
    if isinstance(piece, int):
        return Gap(RationalTime(piece, rate))
    film, start, end = piece
    span = TimeRange(RationalTime(start, rate), RationalTime(end - start, rate))
    path = film_of(film)
    return Clip(film.name, span, MediaReference(str(path), span, path.name))


def program_of(path: Path) -> Program:
    """A film, whole."""
    media = probe(path)
    reference = MediaReference(str(path), media.full_range)
    return Program.of(Timeline.of_media("film", reference, media.edit_rate), {path: media})


def foul(*_: object) -> NoReturn:
    """What no code says it raises."""
    raise KeyError("nobody foresaw this")
