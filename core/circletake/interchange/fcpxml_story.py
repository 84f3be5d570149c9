"""The story of an FCPXML file, clip within clip, as clips placed on one timeline.

An element's children count in its own time, which is `start` where it begins and passes as the timeline does, but for
media conformed to the timeline's rate. A clip that holds others becomes the stretches of media it shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from circletake.interchange.fcpxml_clips import (
    HOLDERS,
    ITEMS,
    OF_MEDIA,
    Film,
    angle_of,
    first_moment,
    is_treated,
    kinds_of,
    main_row,
    media_time,
    picked_of,
    sounding,
    use_of,
)
from circletake.interchange.fcpxml_markers import Pointed, pointed, written_text
from circletake.interchange.fcpxml_nested import AUDIO_ROWS, Inside, Use, pieces, sound_row
from circletake.interchange.fcpxml_resources import Asset, lane_of, length_in, named, place_of, time_in
from circletake.interchange.fcpxml_times import UNCHANGED, edge, in_media, on_frame
from circletake.interchange.rows import Placement
from circletake.interchange.xml import Element
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Marker, TrackKind, clean_name

MAX_NESTING = 60
"""Deepest story: clips in clips and compound clips in compound clips together."""

HOUR = Fraction(3600)
"""Where the own time of a transition begins."""

_ROLES = ("audioRole", "videoRole", "role")


@dataclass
class Story:
    """Collects the clips and markers of one storyline, with all that is connected to it."""

    film: Film
    placements: list[Placement] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)

    def row(self, elements: Iterable[Element], use: Use, lane: int = 0) -> Fraction:
        """Place elements that follow each other; returns where they end, in the row's own time."""
        at = use.start
        for element in elements:
            if element.tag == "transition":
                self._transition(element, use, at)
            elif element.tag in ITEMS:
                at = self.item(element, use, at, lane)
        return at

    def item(self, element: Element, parent: Use, at: Fraction, lane: int) -> Fraction:
        """Place one element at its `offset`, else at `at`; returns its end, both in the parent's own time."""
        report = self.film.report
        offset = time_in(element, "offset", report)
        begin = at if offset is None else offset
        self.film.depth += 1
        if self.film.depth > MAX_NESTING:
            raise report.invalid("clips are nested too deep", place_of(element))
        if element.tag == "spine":
            start = Use(parent.at(begin), Fraction(0), Fraction(0), Fraction(1), UNCHANGED)
            length = self.row(element, start, lane)
        else:
            picked = picked_of(element, report)
            use = use_of(picked, parent.at(begin), self.film)
            self._placed(picked, use, lane)
            length = use.length
        self.film.depth -= 1
        return begin + length * parent.pace

    def _placed(self, element: Element, use: Use, lane: int) -> None:
        report = self.film.report
        if element.tag == "caption" or (element.tag == "title" and lane):
            self._words(element, use)
        elif element.get("enabled") == "0" and element.tag != "gap":
            report.note("It is disabled, so it is left out.", place_of(element))
            self._on_timeline(element, use)
        elif element.tag == "gap":
            self._on_timeline(element, use)
        elif use.start == use.end:
            report.note("It has no length, so it is left out.", place_of(element))
        else:
            self._shown(element, use, lane)
        if is_treated(element):
            report.note("Its effects (colour, position, volume and the like) are not shown.", place_of(element))
        holds = element.tag in HOLDERS
        connected = [child for child in element if child.tag in ITEMS and (lane_of(child) or not holds)]
        for child in connected:
            self.item(child, use, use.start, lane + lane_of(child))

    def _shown(self, element: Element, use: Use, lane: int) -> None:
        """A clip that shows or sounds something."""
        resources = self.film.resources
        if element.tag in OF_MEDIA and resources.of_kind(element.get("ref"), "effect") is None:
            asset = resources.asset(element.get("ref"))
            if asset is not None:
                self._of_asset(element, use, lane, asset)
                return
            self.film.report.note("Its media are not described in the file; it shows nothing.", place_of(element))
        elif element.tag in OF_MEDIA or element.tag == "title":
            self.film.report.note("It has no media (a title or a generator); it shows nothing.", place_of(element))
        else:
            self._of_contents(element, use, lane)
            return
        self._empty(element, use, lane)

    def _of_asset(self, element: Element, use: Use, lane: int, asset: Asset) -> None:
        kinds = [kind for kind in kinds_of(element) if asset.has_video or kind is not TrackKind.VIDEO]
        kinds = [kind for kind in kinds if asset.has_audio or kind is not TrackKind.AUDIO]
        if not kinds:
            self.film.report.note("Neither picture nor sound of it is used, so it is left out.", place_of(element))
            self._on_timeline(element, use)
        for kind in kinds:
            own = use if kind is TrackKind.VIDEO else sounding(element, use, self.film.report)
            markers = self._on_media(element, own, asset) if kind is kinds[0] else ()
            linked = own is use and TrackKind.VIDEO in kinds
            self._add(self._clip(element, own, asset, markers), own, lane, kind, whole_frames=linked)

    def _clip(self, element: Element, use: Use, asset: Asset, markers: tuple[Marker, ...]) -> Clip:
        """The clip without its length, which the place it lies at gives."""
        first, last = use.ends
        start = in_media(media_time(min(first, last), asset), self.film.rate, asset.rate or self.film.rate)
        roles: dict[str, object] = {role: clean_name(element.get(role, "")) for role in _ROLES if element.get(role)}
        note = element.findtext("note")
        if note:
            roles["note"] = clean_name(note)
        name = named(element) or asset.media.name
        metadata: dict[str, object] = {"fcpxml": roles} if roles else {}
        span = TimeRange(start, RationalTime.zero(self.film.rate))
        return Clip(name, span, asset.media, metadata, use.speed, markers)

    def _empty(self, element: Element, use: Use, lane: int) -> None:
        zero = RationalTime.zero(self.film.rate)
        found = pointed(element, use.start, use.end - use.start, self.film.report)
        markers = tuple(self._marker(each, each.start - use.start) for each in found if not each.of_timeline)
        self._lift([each for each in found if each.of_timeline], use)
        kind = TrackKind.AUDIO if element.tag == "audio" else TrackKind.VIDEO
        clip = Clip(named(element) or element.tag, TimeRange(zero, zero), None, markers=markers)
        self._add(clip, use, lane, kind, whole_frames=True)

    def _add(self, clip: Clip, use: Use, lane: int, kind: TrackKind, *, whole_frames: bool) -> None:
        place = on_frame if whole_frames else edge
        start, end = (place(seconds, self.film.rate) for seconds in (use.place, use.place + use.length))
        fitted = replace(clip, source_range=TimeRange(clip.source_range.start_time, end - start))
        row = lane if kind is TrackKind.VIDEO else sound_row(lane)
        if start == end:
            self.film.report.note("It is shorter than half a frame, so it is left out.", f'clip "{clip.name}"')
        self.film.count(1)
        self.placements.append(Placement(start, fitted, kind, row))

    def _of_contents(self, element: Element, use: Use, lane: int) -> None:
        """A clip that holds others: what it shows of them, with its own markers on what lies under them."""
        placed: list[Placement] = []
        for kind in kinds_of(element):
            inside = contents(self.film, element, kind)
            if inside is None:
                continue
            own = use if kind is TrackKind.VIDEO else sounding(element, use, self.film.report)
            placed += (each for each in pieces(inside, own, lane, kind) if not self._hides(each, element, lane))
            if kind is kinds_of(element)[0]:
                self._lift_inner(inside, own)
        self.film.count(len(placed))
        found = pointed(element, use.start, use.end - use.start, self.film.report)
        self._lift([each for each in found if each.of_timeline], use)
        self._on_pieces([each for each in found if not each.of_timeline], use, placed, place_of(element))
        self.placements += placed

    def _hides(self, piece: Placement, element: Element, lane: int) -> bool:
        """Tell whether a piece would hide the picture under it with nothing, as a title in a compound clip does."""
        hides = bool(lane) and piece.kind is TrackKind.VIDEO and piece.clip.media is None
        if hides:
            self.film.report.note("It lies over the picture and has no media; it is left out.", place_of(element))
        return hides

    def _lift_inner(self, inside: Inside, use: Use) -> None:
        """Markers that lie on the contents' own timeline, where the use shows them."""
        low, high = sorted(use.ends)
        speed = use.speed
        self.film.looks.add(len(inside.markers))
        if inside.markers and speed <= 0:
            self.film.report.note("Markers in compound clips that do not run forwards are left out.")
            return
        for marker in inside.markers:
            inner = marker.range.start_time.seconds + inside.base
            if low <= inner < high:
                start = edge(use.place + (inner - low) / speed, self.film.rate)
                length = edge(marker.range.duration.seconds / speed, self.film.rate)
                self.markers.append(replace(marker, range=TimeRange(start, length)))

    def _on_pieces(self, found: Iterable[Pointed], use: Use, placed: list[Placement], place: str) -> None:
        """The markers of a clip that holds others, moved to the clips they show there."""
        rows = _rows(placed)
        kept: dict[int, list[Marker]] = {}
        for each in found:
            start, end = max(each.start, use.start), min(each.start + each.length, use.end)
            if each.start >= use.end or (end if each.length else each.start) < use.start:
                self.film.report.note("Markers outside the part that is used are left out.", place)
                continue
            at = edge(use.at(start), self.film.rate)
            length = edge((end - start) / use.pace if each.length else Fraction(0), self.film.rate)
            self.film.looks.add(len(rows))
            index = next((index for row in rows if (index := _shown_at(row, placed, at)) is not None), None)
            if index is None:
                self.markers.append(each.at(at, length))
                continue
            under = placed[index]
            first, last = (under.clip.media_time(moment - under.start) for moment in (at, at + length))
            marker = each.at(min(first, last), max(first, last) - min(first, last))
            kept.setdefault(index, []).append(marker)
        for index, markers in kept.items():
            clip = placed[index].clip
            placed[index] = replace(placed[index], clip=replace(clip, markers=(*clip.markers, *markers)))

    def _on_media(self, element: Element, use: Use, asset: Asset) -> tuple[Marker, ...]:
        """The markers of a clip in media time; those that stand for the timeline's go onto it."""
        found = pointed(element, use.start, use.end - use.start, self.film.report)
        self._lift([each for each in found if each.of_timeline], use)
        kept = []
        for each in found:
            if not each.of_timeline:
                ends = [media_time(use.shown.at(own), asset) for own in (each.start, each.start + each.length)]
                kept.append(self._marker(each, min(ends), abs(ends[1] - ends[0]), asset.rate))
        return tuple(kept)

    def _marker(
        self, found: Pointed, start: Fraction, length: Fraction | None = None, rate: Fraction | None = None
    ) -> Marker:
        rates = (self.film.rate, rate or self.film.rate)
        return found.at(in_media(start, *rates), in_media(found.length if length is None else length, *rates))

    def _on_timeline(self, element: Element, use: Use) -> None:
        self._lift(pointed(element, use.start, use.end - use.start, self.film.report), use)

    def _lift(self, found: Iterable[Pointed], use: Use) -> None:
        rate = self.film.rate
        for each in found:
            self.markers.append(each.at(edge(use.at(each.start), rate), edge(each.length / use.pace, rate)))

    def _words(self, element: Element, use: Use) -> None:
        """A caption, or a title over the picture: a marker, since a clip would hide what lies under it."""
        if element.tag == "title":
            self.film.report.note("It lies over the picture; it becomes a marker.", place_of(element))
        if element.get("enabled") != "0":
            shown = Pointed(use.start, use.end - use.start, written_text(element), kind=element.tag)
            self._lift([shown], use)
        self._on_timeline(element, use)

    def _transition(self, element: Element, row: Use, at: Fraction) -> None:
        report = self.film.report
        report.note("Transitions are shown as cuts.", place_of(element))
        offset = time_in(element, "offset", report)
        length = length_in(element, "duration", report) or Fraction(0)
        begin = at if offset is None else offset
        found = pointed(element, HOUR, length, report)
        origin = HOUR if all(each.start >= HOUR for each in found) else Fraction(0)
        self._lift(found, Use(row.at(begin), origin, origin + length, Fraction(1), UNCHANGED))


def _rows(placed: Sequence[Placement]) -> list[range]:
    """Pieces that follow each other, as runs of their numbers: the pictures, then each row of sound."""
    firsts = [n for n, each in enumerate(placed) if not n or each.start < placed[n - 1].end]
    return [range(first, after) for first, after in pairwise([*firsts, len(placed)])]


def _shown_at(row: range, placed: Sequence[Placement], at: RationalTime) -> int | None:
    """The number of the piece of a row that plays at a moment."""
    after = bisect_right(row, at, key=lambda number: placed[number].start)
    index = row[after - 1] if after else None
    return index if index is not None and at < placed[index].end else None


def contents(film: Film, element: Element, kind: TrackKind) -> Inside | None:
    """What a clip holds, from where it says: itself, a compound clip, or the angle of a multicam clip in use.

    Raises:
        TimelineInvalid: a compound clip holds itself.
    """
    if element.tag in HOLDERS:
        if element not in film.ready:  # once for its picture and its sound
            row = [child for child in element if child.tag in ITEMS and not lane_of(child)]
            film.ready[element] = _gathered(film, row, mute=_muted(element))
        return film.ready[element]
    media = film.resources.of_kind(element.get("ref"), "media")
    holder = None if media is None else media.find("sequence" if element.tag == "ref-clip" else "multicam")
    if media is None or holder is None:
        film.report.note("What it refers to is not in the file; it shows nothing.", place_of(element))
        return None
    angle = "" if element.tag == "ref-clip" else angle_of(element, kind)
    key = f"{media.get('id')} {angle}"
    if key not in film.ready:
        if key in film.open:
            raise film.report.invalid(f'compound clip "{named(media)}" holds itself', place_of(media))
        film.open.append(key)
        outer, film.conform = film.conform, film.resources.rate(holder.get("format")) or film.conform
        film.ready[key] = _gathered(film, main_row(holder, angle), first_moment(film, element))
        film.conform = outer
        film.open.pop()
    return film.ready[key]


def _gathered(film: Film, elements: Iterable[Element], start: Fraction = Fraction(0), mute: str = "") -> Inside:
    """Elements that follow each other from `start` on; `mute` is the part of a synchronised clip not heard."""
    story = Story(film)
    story.row(elements, Use(start, start, start, Fraction(1), UNCHANGED))
    heard = [each for each in story.placements if each.kind is TrackKind.VIDEO or _part(each) not in mute.split()]
    return Inside.of(heard, story.markers, film.rate, film.looks)


def _part(sound: Placement) -> str:
    """Which part of a synchronised clip a sound is of, by FCPXML's names."""
    return "storyline" if sound.lane < AUDIO_ROWS else "connected"


def _muted(element: Element) -> str:
    """The parts of a synchronised clip whose roles are all switched off."""
    off = []
    for source in element.findall("sync-source"):
        roles = source.findall("audio-role-source")
        if roles and all(role.get("active") == "0" for role in roles):
            off.append(source.get("sourceID", ""))
    return " ".join(off)
