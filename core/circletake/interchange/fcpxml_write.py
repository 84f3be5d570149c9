"""A timeline to FCPXML 1.10: the lowest pictures as the storyline, all else connected to it.

Sound that belongs to a picture goes into one clip with it. Final Cut has no markers but on clips: the timeline's stand
on what lies under them in the storyline.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from circletake.interchange.fcpxml_markers import DONE, OF_TIMELINE, as_keyword, named_marker
from circletake.interchange.fcpxml_shelf import RATES, Shelf, Stock
from circletake.interchange.fcpxml_times import text_of
from circletake.interchange.format import Delivery
from circletake.interchange.tags import untagged
from circletake.interchange.xml import Element, SubElement, to_bytes
from circletake.timebase import RationalTime, may_drop_frames, round_fraction
from circletake.timeline.model import Clip, Gap, Item, Marker, Timeline, Track, TrackKind, clean_name
from circletake.timeline.stored import clean_note

VERSION = "1.10"

GAP_START = Fraction(3600)
"""Where the own time of gaps and generators begins, as Final Cut writes them."""

_Key = tuple[int, int, str, str, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Laid:
    """An item on frames `start` to `end` of the timeline, on the `lane`-th track of its kind."""

    start: Fraction
    end: Fraction
    item: Item
    lane: int = 0

    @property
    def length(self) -> Fraction:
        """In frames."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Own:
    """An element's own time: `start` where it begins; media time runs in it as `points` say (own, media seconds)."""

    start: Fraction
    points: tuple[tuple[Fraction, Fraction], ...] = ()

    def of_media(self, moment: Fraction) -> Fraction:
        """The own time at which a moment of media, in seconds with its timecode, is shown."""
        if not self.points:
            return moment
        (first, low), (last, high) = self.points
        return first + (moment - low) * (last - first) / (high - low) if high != low else self.start


@dataclass
class Written:
    """An element of the storyline with what is connected to it and marked on it, in the order FCPXML wants."""

    element: Element
    laid: Laid
    own: Own
    marks: list[Element] = field(default_factory=list)
    of_timeline: list[str] = field(default_factory=list)

    def at(self, frame: Fraction, rate: Fraction) -> Fraction:
        """The own time at a frame of the timeline."""
        return self.own.start + (frame - self.laid.start) / rate


def write(delivery: Delivery) -> bytes:
    """The file's bytes; the same timeline gives the same ones."""
    timeline = delivery.timeline
    root = Element("fcpxml", version=VERSION)
    shelf = Shelf(delivery, SubElement(root, "resources"))
    name = clean_name(timeline.name) or "Untitled"
    event = SubElement(SubElement(root, "library"), "event", name=name)
    sequence = SubElement(SubElement(event, "project", name=name), "sequence", format=shelf.sequence_format())
    story = _Story(timeline, shelf)
    sequence.set("duration", text_of(story.total / timeline.rate))
    if timeline.global_start_time is not None:
        sequence.set("tcStart", text_of(timeline.global_start_time.rescaled_to(timeline.rate).seconds))
    drop = timeline.drop_frame and may_drop_frames(timeline.rate)
    sequence.attrib.update(tcFormat="DF" if drop else "NDF", audioLayout="stereo", audioRate="48k")
    story.fill(SubElement(sequence, "spine"))
    return to_bytes(root, "<!DOCTYPE fcpxml>")


class _Story:
    """The storyline of a timeline and what is connected to it."""

    def __init__(self, timeline: Timeline, shelf: Shelf) -> None:
        self.timeline = timeline
        self.rate = timeline.rate
        self.shelf = shelf
        pictures = [track for track in timeline.tracks if track.kind is TrackKind.VIDEO]
        sounds = [track for track in timeline.tracks if track.kind is TrackKind.AUDIO]
        self.pictures = [each for lane, track in enumerate(pictures) for each in _on_frames(track, self.rate, lane)]
        self.sounds = [each for lane, track in enumerate(sounds) for each in _as_it_lies(track, self.rate, lane)]
        self.twins = _twins(self.pictures, self.sounds)
        ends = [each.end for each in (*self.pictures, *self.sounds)]
        self.total = Fraction(ceil(max(ends, default=0))) or self._marked_end()

    def _marked_end(self) -> Fraction:
        """Frames of a timeline that has markers and nothing else."""
        ends = (each.range.end_time_exclusive.rescaled_to(self.rate).value + 1 for each in self.timeline.markers)
        return Fraction(max(ends, default=0))

    def fill(self, spine: Element) -> None:
        """Write everything into the storyline."""
        row = [self._element(spine, each, self._start() + each.start / self.rate) for each in self._storyline()]
        for picture in self.pictures:
            if picture.lane and isinstance(picture.item, Clip):
                self._connect(row, picture, picture.lane)
        alone = self._sounds_alone()
        lanes = {lane: -number for number, lane in enumerate(sorted({each.lane for each in alone}), 1)}
        for sound in alone:
            self._connect(row, sound, lanes[sound.lane], sound=True)
        self._mark(row)
        for written in row:
            written.element.extend(written.marks)
            if written.of_timeline and written.element.tag == "asset-clip":
                value = " ".join(written.of_timeline)
                SubElement(SubElement(written.element, "metadata"), "md", key=OF_TIMELINE, value=value)

    def _start(self) -> Fraction:
        start = self.timeline.global_start_time
        return Fraction(0) if start is None else start.rescaled_to(self.rate).seconds

    def _storyline(self) -> Iterator[Laid]:
        """The lowest track of pictures, as long as the longest track."""
        at = Fraction(0)
        for each in self.pictures:
            if each.lane == 0:
                yield each
                at = each.end
        if at < self.total:
            yield Laid(at, self.total, Gap(RationalTime.zero(self.rate)))

    def _sounds_alone(self) -> list[Laid]:
        """Sounds that belong to no picture, of media that have sound."""
        joined = {id(sound) for sound in self.twins.values()}
        alone = (each for each in self.sounds if id(each) not in joined)
        return [each for each in alone if (stock := self._stock(each)) is not None and stock.has_audio]

    def _stock(self, laid: Laid) -> Stock | None:
        clip = laid.item
        return self.shelf.stock(clip.media) if isinstance(clip, Clip) and clip.media is not None else None

    def _connect(self, row: list[Written], laid: Laid, lane: int, *, sound: bool = False) -> None:
        under = _under(row, laid.start)
        written = self._element(under.element, laid, under.at(laid.start, self.rate), lane=lane, sound=sound)
        written.element.extend(written.marks)

    def _element(self, parent: Element, laid: Laid, offset: Fraction, *, lane: int = 0, sound: bool = False) -> Written:
        """A clip or gap in `parent`, at `offset` of its own time."""
        clip, stock = laid.item, self._stock(laid)
        place = {"lane": str(lane)} if lane else {}
        place.update(offset=text_of(offset), name=clean_name(clip.name))
        length = text_of(laid.length / self.rate)
        if not isinstance(clip, Clip) or stock is None or not (stock.has_audio if sound else stock.has_video):
            return self._empty(parent, laid, {**place, "start": text_of(GAP_START), "duration": length})
        own = _own_time(clip, stock)
        attributes = {"ref": stock.id, **place, "start": text_of(own.start), "duration": length}
        element = SubElement(parent, "asset-clip", attributes)
        self._describe(element, clip, stock, both=id(laid) in self.twins, sound=sound)
        self._retime(element, stock, own)
        return Written(element, laid, own, list(self._clip_markers(clip, own, stock.start)))

    def _empty(self, parent: Element, laid: Laid, attributes: dict[str, str]) -> Written:
        """A gap, or what stands for a clip without a picture."""
        own = Own(GAP_START)
        if isinstance(laid.item, Gap):
            return Written(SubElement(parent, "gap", {**attributes, "name": "Gap"}), laid, own)
        element = SubElement(parent, "video", {"ref": self.shelf.placeholder(), **attributes})
        return Written(element, laid, own, list(self._clip_markers(laid.item, own, GAP_START)))

    def _describe(self, element: Element, clip: Clip, stock: Stock, *, both: bool, sound: bool) -> None:
        """Which of picture and sound is used, and as what: Final Cut gives a role of its own where none is named."""
        wanted = "audio" if sound else "video"
        if not both and stock.has_video and stock.has_audio:
            element.set("srcEnable", wanted)
        if stock.format and not sound:
            element.set("format", stock.format)
        element.set("tcFormat", stock.timecode)
        roles = clip.metadata.get("fcpxml")
        told = roles if isinstance(roles, dict) else {}
        for role, is_used in (("audioRole", both or sound), ("videoRole", not sound)):
            if is_used and isinstance(told.get(role), str):
                element.set(role, clean_name(told[role]))

    def _retime(self, element: Element, stock: Stock, own: Own) -> None:
        """Real time where frame rates differ, and the clip's own speed."""
        if stock.rate is not None and stock.rate != self.rate and stock.rate in RATES:
            SubElement(element, "conform-rate", scaleEnabled="0", srcFrameRate=RATES[stock.rate])
        if own.points:
            points = SubElement(element, "timeMap")
            for time, value in own.points:
                SubElement(points, "timept", time=text_of(time), value=text_of(value), interp="linear")

    def _clip_markers(self, clip: Clip, own: Own, media_start: Fraction) -> Iterator[Element]:
        for each in clip.markers:
            span = (each.range.start_time.seconds, each.range.end_time_exclusive.seconds)
            start, end = sorted(own.of_media(media_start + moment) for moment in span)
            yield from self._marker(each, start, end - start)

    def _mark(self, row: list[Written]) -> None:
        """The timeline's markers, on what lies under them in the storyline; captions as captions."""
        for each in self.timeline.markers if row else ():
            span = each.range.rescaled_to(self.rate)
            frame = Fraction(max(0, span.start_time.value))
            under = _under(row, frame)
            start = under.at(frame, self.rate)
            if each.kind == "caption" and span.duration.value:
                under.element.append(_caption(each, start, span.duration.seconds))
                continue
            under.marks += self._marker(each, start, span.duration.seconds)
            if untagged(each.comment)[1] is None:
                under.of_timeline.append(named_marker(start, clean_name(each.name)))

    def _marker(self, marker: Marker, start: Fraction, length: Fraction) -> Iterator[Element]:
        """A marker's elements: a stretch is a keyword too, since Final Cut's markers are points."""
        frame, name = text_of(1 / self.rate), clean_name(marker.name)
        place = {"start": text_of(start), "duration": text_of(length) if length else frame}
        note = {"note": clean_note(marker.comment)} if marker.comment else {}
        if marker.kind == "keyword":
            yield Element("keyword", {**place, "value": name or "Keyword", **note})
            return
        if marker.kind == "rating":
            yield Element("rating", {**place, "value": "reject" if name == "reject" else "favorite", **note})
            return
        done = {DONE: "1" if marker.metadata.get(DONE) else "0"} if marker.kind == "to-do" else {}
        tag = "chapter-marker" if marker.kind == "chapter" else "marker"
        yield Element(tag, {**place, "duration": frame, "value": name, **done, **note})
        if length:
            yield Element("keyword", {**place, "value": as_keyword(marker.name)})


def _caption(marker: Marker, start: Fraction, length: Fraction) -> Element:
    """A caption as Final Cut makes them of SubRip files."""
    name, role = clean_name(marker.name), "SRT?captionFormat=SRT.en"
    times = {"offset": text_of(start), "start": text_of(GAP_START), "duration": text_of(length)}
    element = Element("caption", {"lane": "1", "name": name, "role": role, **times})
    SubElement(SubElement(element, "text"), "text-style").text = name
    return element


def _as_it_lies(track: Track, rate: Fraction, lane: int) -> Iterator[Laid]:
    """A track's items, exactly: Final Cut lets sound begin between two frames."""
    for placed, item in track.placed(rate):
        start, end = (time.seconds * rate for time in (placed.start_time, placed.end_time_exclusive))
        if start < end:
            yield Laid(start, end, item, lane)


def _on_frames(track: Track, rate: Fraction, lane: int) -> Iterator[Laid]:
    """A track's items on whole frames; neighbours still touch."""
    for each in _as_it_lies(track, rate, lane):
        start, end = (Fraction(round_fraction(frames)) for frames in (each.start, each.end))
        if start < end:
            yield Laid(start, end, each.item, lane)


def _under(row: list[Written], frame: Fraction) -> Written:
    """What of the storyline lies at a frame: the last where it lies beyond."""
    return row[max(0, bisect_right(row, frame, key=lambda each: each.laid.start) - 1)]


def _twins(pictures: Iterable[Laid], sounds: Iterable[Laid]) -> dict[int, Laid]:
    """The sound that belongs to each picture, by the picture's identity: same media, same place, same stretch."""
    free: dict[_Key, Laid] = {}
    for sound in sounds:
        if isinstance(sound.item, Clip) and sound.item.media is not None and not sound.item.markers:
            free.setdefault(_key(sound, sound.item, sound.item.media.target_url), sound)
    found: dict[int, Laid] = {}
    for picture in pictures:
        if isinstance(picture.item, Clip) and picture.item.media is not None:
            twin = free.pop(_key(picture, picture.item, picture.item.media.target_url), None)
            if twin is not None:
                found[id(picture)] = twin
    return found


def _key(laid: Laid, clip: Clip, url: str) -> _Key:
    start, end = round_fraction(laid.start), round_fraction(laid.end)
    return start, end, url, clip.name, clip.source_range.start_time.seconds, clip.speed


def _own_time(clip: Clip, stock: Stock) -> Own:
    """A clip's own time: media time where it plays as it was shot, else that of a map from own to media time."""
    zero, used = stock.start, clip.media_range
    first, last = (zero + moment.seconds for moment in (used.start_time, used.end_time_exclusive))
    if clip.speed == 1:
        return Own(first)
    if clip.speed == 0:
        return Own(zero, ((zero, first), (zero + clip.duration.seconds, first)))
    end = max(zero + stock.length, last)
    speed = abs(clip.speed)
    ends = (zero, end) if clip.speed > 0 else (end, zero)
    points = ((zero, ends[0]), (zero + (end - zero) / speed, ends[1]))
    return Own(zero + (first - zero if clip.speed > 0 else end - last) / speed, points)
