"""From a timeline frame to what is shown there: the film is opened, the frame decoded and made fit for the stage."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
from av.error import FFmpegError

from circletake.errors import CircletakeError
from circletake.media.frames import MediaInfo, VideoStream
from circletake.media.reader import FrameReader
from circletake.playback.develop import Developer, Pixels, Planes, View
from circletake.playback.program import Absence, Program, Stretch

OPEN_FILMS = 3
"""Films kept open: the one shown, the next and the last; each holds a decoder and its threads."""

CACHE_BYTES = 160 * 2**20
"""Decoded pictures kept of the film shown: 50 of 1080p, so that forty steps back stay free."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is shown at timeline frame `frame`: frame number `index` of its film.

    `exact` tells whether that is the frame asked for; a damaged one is answered by a neighbour. `preview` means the
    right one follows. Pixels or planes, as the view asked.
    """

    frame: int
    index: int
    exact: bool
    preview: bool = False
    pixels: Pixels | None = field(default=None, repr=False)
    planes: Planes | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        """Bytes held."""
        parts = (self.pixels,) if self.pixels is not None else (self.planes.y, self.planes.u, self.planes.v)  # type: ignore[union-attr]  # one of both is there
        return sum(part.nbytes for part in parts)


@dataclass(frozen=True, slots=True)
class NoPicture:
    """Why nothing is shown at timeline frame `frame`, with a sentence where a file is at fault."""

    frame: int
    absence: Absence
    message: str = ""
    preview: bool = False
    size: int = 0


FAULTS = (CircletakeError, FFmpegError, OSError, ValueError, MemoryError)
"""What a damaged file can raise, the binding's own words included; each is answered by a value."""

Shown = Picture | NoPicture
Stop = Callable[[], bool]


class Film:
    """One open film."""

    def __init__(self, path: Path, stream: VideoStream) -> None:
        self.reader = FrameReader(path, stream_index=stream.index, cache_bytes=CACHE_BYTES)
        self._developer = Developer(stream)

    def picture(self, frame: int, asked: int, found: tuple[int, av.VideoFrame], view: View) -> Picture:
        """Make a decoded picture fit for the view."""
        index, decoded = found
        if view.planes:
            return Picture(frame, index, index == asked, planes=self._developer.planes(decoded))
        return Picture(frame, index, index == asked, pixels=self._developer.pixels(decoded, view))


class Films:
    """Films opened when first shown; those not shown for longest are closed. One thread's alone."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, Film] = OrderedDict()

    def film(self, path: Path, media: MediaInfo) -> Film:
        """The film, open.

        Raises:
            MediaError: it cannot be opened any more.
        """
        if path not in self._open:
            assert media.picture is not None  # noqa: S101 - a program shows no film without one
            self._open[path] = Film(path, media.picture)
        for other in self._open.keys() - {path}:
            self._open[other].reader.forget()
        self._open.move_to_end(path)
        while len(self._open) > OPEN_FILMS:
            self._open.popitem(last=False)[1].reader.close()
        return self._open[path]

    def close(self) -> None:
        """Close them all."""
        while self._open:
            self._open.popitem()[1].reader.close()


@dataclass(slots=True)
class Place:
    """Where a timeline frame comes from: an open film and the number of the frame in it."""

    film: Film
    number: int
    stretch: Stretch


class Showing:
    """Answers for timeline frames of one program. One thread's alone."""

    def __init__(self, program: Program, films: Films) -> None:
        self.program = program
        self._films = films

    def place(self, frame: int) -> Place | NoPicture:
        """Where a frame comes from, its film opened, or why there is none."""
        moment, stretch = self.program.picture_at(frame), self.program.stretch_at(frame)
        if moment is None or stretch is None:
            return NoPicture(frame, self.program.absence_at(frame) or Absence.GAP)
        try:
            film = self._films.film(moment.path, self.program.media[moment.path])
            return Place(film, film.reader.index.frame_at(moment.time), stretch)
        except FAULTS as error:
            return unreadable(frame, error)

    def preview(self, frame: int, place: Place, view: View) -> Picture | None:
        """The key frame at or before a frame; None where it cannot be had alone."""
        try:
            found = place.film.reader.decoded_key_frame(place.number)
            picture = place.film.picture(frame, place.number, found, view) if found else None
        except FAULTS:
            return None
        return replace(picture, preview=not picture.exact) if picture else None

    def exact(
        self, frame: int, place: Place, view: View, *, kept: int | None = None, sparse: bool = False, stop: Stop
    ) -> Shown | None:
        """The frame itself, or the nearest that can be had; None where `stop` said so on the way."""
        try:
            found = place.film.reader.decoded(place.number, kept=kept, sparse=sparse, stop=stop)
            return place.film.picture(frame, place.number, found, view) if found else None
        except FAULTS as error:
            return unreadable(frame, error)

    def read(self, place: Place, stop: Stop) -> None:
        """Decode a frame for later; what stands in the way is told when it is shown."""
        with suppress(*FAULTS):
            place.film.reader.decoded(place.number, kept=0, stop=stop)


def unreadable(frame: int, error: Exception) -> NoPicture:
    """Say what stood in the way of a picture."""
    message = error.message if isinstance(error, CircletakeError) else str(error)
    return NoPicture(frame, Absence.UNREADABLE, message)
