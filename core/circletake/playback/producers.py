"""What makes pictures ready while playing: one by one where a film runs forwards, a run at a time where backwards."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from circletake.playback.develop import View
from circletake.playback.route import Route
from circletake.playback.showing import FAULTS, NoPicture, Picture, Place, Showing, Shown, Stop, unreadable

SHOWN_A_SECOND = 60
"""Pictures a second worth showing up to double speed: what most screens draw."""

SHOWN_WHEN_FAST = 30
"""The same above it, where nobody looks at single frames."""

EXACT_UP_TO = 2.0
"""Speed up to which every frame shown is the one due; above, frames that nothing refers to are not decoded."""

RUN_BYTES = 112 * 2**20
"""Pictures decoded at once while playing backwards; twice as much is held, one run shown while the next is made."""

FIRST_RUN = 12
"""Length of the first run backwards, so that play begins soon; each next one is twice as long.

Where the key frame lies farther back the run is as long as the way from there: it has to be decoded anyway.
"""

LONGEST_RUN = 250
"""Frames of a run, however small: two groups of most films."""

PLANES_BYTES = 3840 * 2160 * 3 // 2
"""A 4K picture of 8 bits; one of 1080p takes a quarter."""

LEAD_SECONDS = 1.0
"""Play that fell behind aims at most so far ahead."""

MEASURED = 0.25
"""Weight of the newest measurement of how long a picture takes."""


def stride_of(rate: float, speed: float) -> int:
    """Frames from one shown picture to the next at a speed."""
    shown = SHOWN_A_SECOND if speed <= EXACT_UP_TO else SHOWN_WHEN_FAST
    return max(1, math.ceil(rate * speed / shown - 0.05))


class Pace:
    """How long pictures take against how long they may."""

    def __init__(self, allowed: float) -> None:
        """`allowed` seconds a picture keep up with the clock."""
        self._allowed = allowed
        self.seconds = 0.0

    def measured(self, seconds: float) -> None:
        """Note what the last one took."""
        self.seconds += MEASURED * (seconds - self.seconds)

    @property
    def is_too_slow(self) -> bool:
        """Tell whether it cannot keep up."""
        return self.seconds > self._allowed

    @property
    def lead(self) -> int:
        """Pictures that become due while one is made."""
        return math.ceil(min(self.seconds, LEAD_SECONDS) / self._allowed)


class Producer:
    """Makes the next pictures of a way: from distance `next`, every `stride` frames; perhaps `keys_only`.

    Where the way runs through a film forwards they come one by one. Where it runs backwards, through a clip that plays
    backwards or the other way round, a run of frames is decoded forwards and handed out from its end.
    """

    def __init__(self, showing: Showing, route: Route, speed: float) -> None:
        self._showing, self._route, self._speed = showing, route, speed
        self._length = FIRST_RUN
        self.stride = stride_of(float(showing.program.rate), speed)
        self.next = 0
        self.keys_only = False
        self.makes_runs = route.direction < 0

    def produce(self, view: View, stop: Stop) -> Iterator[tuple[int, Shown]]:
        """The next ones, each with its distance; none where the way is over or `stop` said so."""
        frame = self._route.frame(self.next)
        if frame is None:
            return
        place = self._showing.place(frame)
        for distance, shown in self._made(frame, place, view, stop):
            yield distance, shown
            self.next = distance + self.stride

    def _made(self, frame: int, place: Place | NoPicture, view: View, stop: Stop) -> list[tuple[int, Shown]]:
        self.makes_runs = self._route.direction < 0
        if isinstance(place, NoPicture):
            return [(self.next, place)]
        if self._is_sparse(place) and self.keys_only and (key := self._showing.preview(frame, place, view)):
            return [(self.next, key)]
        self.makes_runs = self._route.direction * place.stretch.speed < 0
        if self.makes_runs:
            run = self._run(place, view, stop)
            self._length = min(2 * self._length, LONGEST_RUN)
            return run
        shown = self._showing.exact(frame, place, view, kept=0, sparse=self._is_sparse(place), stop=stop)
        return [] if shown is None else [(self.next, shown)]

    def _is_sparse(self, place: Place) -> bool:
        """Tell whether the film passes so fast here that nobody looks at single frames."""
        return self._speed * abs(place.stretch.speed) > EXACT_UP_TO

    def _run(self, place: Place, view: View, stop: Stop) -> list[tuple[int, Shown]]:
        reader = place.film.reader
        way = int((place.number - reader.key_frame_before(place.number)) / abs(place.stretch.speed * self.stride))
        steps = self._planned(place, min(max(self._length, way), _longest_run(view)))
        try:
            made = self._decoded(place, sorted({number for _, _, number in steps}), view, stop)
        except FAULTS as error:
            return [(distance, unreadable(frame, error)) for distance, frame, _ in steps]
        if made is None:
            return []
        return [(distance, _for(frame, number, made)) for distance, frame, number in steps]

    def _planned(self, place: Place, length: int) -> list[tuple[int, int, int]]:
        """(distance, timeline frame, number) of up to `length` steps, cut at the first key frame they hold."""
        steps: list[tuple[int, int, int]] = []
        distance, direction = self.next, self._route.direction
        while len(steps) < length:
            frame = self._route.frame(distance)
            if frame is None or not place.stretch.start <= frame < place.stretch.end:
                break
            if steps and (frame - steps[-1][1]) * direction < 0:
                break  # round the loop: another place in the film
            there = self._showing.place(frame)
            if isinstance(there, NoPicture):
                break
            steps.append((distance, frame, there.number))
            distance += self.stride
        reader = place.film.reader
        first_key = next(
            (n for n in (reader.key_frame_before(n) for _, _, n in reversed(steps)) if n >= steps[-1][2]), None
        )
        return [step for step in steps if first_key is None or step[2] >= first_key]

    def _decoded(self, place: Place, wanted: list[int], view: View, stop: Stop) -> dict[int, Picture] | None:
        """A picture for each wanted number, its own or the next one there is; None where `stop` said so."""
        made: dict[int, Picture] = {}
        waiting = wanted[::-1]
        for found in place.film.reader.run(wanted[0], wanted[-1], sparse=self._is_sparse(place)):
            if stop():
                return None
            if found is not None and waiting and found[0] >= waiting[-1]:
                picture = place.film.picture(0, found[0], found, view)
                while waiting and found[0] >= waiting[-1]:
                    made[waiting.pop()] = picture
        return made


def _longest_run(view: View) -> int:
    """Pictures of a view that fit into a run's memory; planes are taken as large as those of 4K film."""
    return max(2, RUN_BYTES // (PLANES_BYTES if view.planes else 4 * view.width * view.height))


def _for(frame: int, number: int, made: dict[int, Picture]) -> Shown:
    """The picture for a step, or the nearest one of its run, which says that it is not it."""
    if not made:
        return unreadable(frame, ValueError("no frame near it can be decoded"))
    nearest = made[min(made, key=lambda each: abs(each - number))]
    return replace(nearest, frame=frame, exact=nearest.index == number)
