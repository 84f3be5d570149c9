"""Reads Final Cut Pro 7 XML (xmeml), as Premiere, Resolve, Hiero and Final Cut Pro 7 write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from circletake.errors import TimelineInvalid, TimelineUnreadable
from circletake.interchange.fcp7_cuts import Cut, cuts_of, place_of
from circletake.interchange.fcp7_items import clip_of, markers_of, used_by
from circletake.interchange.fcp7_media import Files
from circletake.interchange.fcp7_values import KIND_NAMES, frames_of, rate_of, says, text_of, timecode_of
from circletake.interchange.format import Read, Source
from circletake.interchange.rows import Flat, Looks, Placement, tracks_of
from circletake.interchange.xml import Element, parse
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Timeline, TrackKind, clean_name
from circletake.timeline.report import Report

MOST_NESTED = 20_000
"""Most clips of nested sequences read, counted each time they are shown: sequences that show each other twice, thirty
deep, would make a billion."""

DEEPEST = 40
"""Most sequences inside each other."""

_BINS = ("xmeml", "project", "bin", "children")
_OTHER_EFFECTS = "effects are left out"


def read(source: Source) -> Read:
    """Read the sequence wanted, or the first; a file without one as its clips one after the other.

    Raises:
        TimelineUnreadable: not such a file, without a sequence of that name, or with more clips than are read.
        TimelineInvalid: values that are none or contradict each other.
    """
    root = parse(source.data, source.path)
    if root.tag != "xmeml":
        message = f"this holds <{clean_name(root.tag)[:40]}>, not a sequence of Final Cut Pro 7 XML"
        hint = "Export the whole sequence as Final Cut Pro XML and open that."
        raise TimelineUnreadable(message, hint=hint, path=source.path)
    try:
        return _Document(root, source).read()
    except ValueError as error:  # a sum or a product of times that no container can hold
        hint = "Correct it in the tool that made the timeline and export it again."
        raise TimelineInvalid(str(error), hint=hint, path=source.path) from error


def _title(sequence: Element) -> str:
    return clean_name(text_of(sequence, "name")) or clean_name(sequence.get("id", "")) or "Sequence"


class _Document:
    """A file on its way: its media, its sequences, and those being read at the moment."""

    def __init__(self, root: Element, source: Source) -> None:
        self.root = root
        self.source = source
        self.report = Report(source.path)
        self.files = Files(root, self.report)
        self.sequences = {node.get("id", ""): node for node in reversed(list(root.iter("sequence"))) if len(node)}
        self.items = {node.get("id", ""): node for node in root.iter("clipitem") if len(node)}
        self._open: list[Element] = []
        self._read: dict[Element, Timeline] = {}
        self._flat: dict[tuple[Element, TrackKind], Flat] = {}
        self._looks = Looks(self.report)
        self._nested_clips = 0

    def read(self) -> Read:
        found = list(_top(self.root))
        sequences = [node for node in found if node.tag == "sequence"]
        if not sequences:
            return Read(self._log([node for node in found if node.tag == "clip"]), self.report.sentences())
        chosen = self._chosen(sequences)
        others = tuple(_title(node) for node in sequences if node is not chosen)
        return Read(self.timeline(chosen), self.report.sentences(), others)

    def _chosen(self, sequences: list[Element]) -> Element:
        wanted = self.source.sequence
        if wanted is None:
            return sequences[0]
        found = next((node for node in sequences if wanted in (_title(node), node.get("id"))), None)
        if found is None:
            hint = f"It holds {', '.join(map(_title, sequences[:20]))}."
            message = f"there is no sequence called {clean_name(wanted)!r}"
            raise TimelineUnreadable(message, hint=hint, path=self.source.path)
        return found

    def timeline(self, sequence: Element) -> Timeline:
        """The timeline of a sequence, read once however often it is nested."""
        if sequence in self._open:
            raise self.report.invalid("it contains itself", f'sequence "{_title(sequence)}"')
        if len(self._open) >= DEEPEST:
            message = f"more than {DEEPEST} sequences lie inside each other"
            raise self.report.invalid(message, f'sequence "{_title(sequence)}"')
        if sequence not in self._read:
            self._open.append(sequence)
            self._read[sequence] = self._timeline(sequence)
            self._open.pop()
        return self._read[sequence]

    def _timeline(self, sequence: Element) -> Timeline:
        format_node = sequence.find("media/video/format/samplecharacteristics")
        rate = rate_of(sequence, self.report) or rate_of(format_node, self.report)
        if rate is None:
            raise self.report.invalid("it names no frame rate", f'sequence "{_title(sequence)}"')
        start, drops = timecode_of(sequence, rate, self.report)
        return Timeline(
            name=_title(sequence),
            rate=rate,
            tracks=tracks_of(self._placements(sequence, rate)),
            drop_frame=drops,
            global_start_time=start,
            markers=tuple(markers_of(sequence, rate, self.report)),
        )

    def _placements(self, sequence: Element, rate: Fraction) -> Iterator[Placement]:
        for kind, name in KIND_NAMES.items():
            heard: Counter[tuple[str, ...]] = Counter()
            for lane, track in enumerate(sequence.findall(f"media/{name}/track")):
                title = clean_name(track.get("MZ.TrackName", "") or text_of(track, "name"))
                if says(track, "enabled", "FALSE"):
                    if track.find("clipitem") is not None:
                        self.report.note("tracks that are switched off are left out", f'track "{title or lane + 1}"')
                    continue
                for cut in cuts_of(track, rate, self.report, self.items):
                    if kind is TrackKind.AUDIO and _is_further_channel(cut, track, heard):
                        continue
                    yield from (replace(each, track=title) for each in self._placed(cut, rate, kind, lane))

    def _placed(self, cut: Cut, rate: Fraction, kind: TrackKind, lane: int) -> Iterable[Placement]:
        """An item where it lies: one clip, or those of the sequence nested in it."""
        item, place = cut.item, place_of(cut.item)
        if says(item, "enabled", "FALSE"):
            self.report.note("clips that are switched off are left out", place)
            return ()
        if any(text_of(each, "effect/effectid").lower() != "timeremap" for each in item.findall("filter")):
            self.report.note(_OTHER_EFFECTS, place)
        nested = item.find("sequence")
        if nested is not None:
            return self._nested(cut, nested, rate, kind, lane)
        start = RationalTime(cut.start, rate)
        return (
            Placement(start, clip_of(cut, rate, used_by(cut, rate, self.files, self.report), self.report), kind, lane),
        )

    def _nested(self, cut: Cut, node: Element, rate: Fraction, kind: TrackKind, lane: int) -> Iterator[Placement]:
        """The clips of a nested sequence, as far as the item shows it."""
        place = place_of(cut.item)
        sequence = node if len(node) else self.sequences.get(node.get("id", ""), node)
        timeline = self.timeline(sequence)
        used = used_by(cut, rate, self.files, self.report)
        length = RationalTime(cut.end - cut.start, rate)
        at = RationalTime(cut.start, rate)
        if used.speed != 1:
            self.report.note("a nested sequence at another speed is shown as an empty clip", place)
            yield Placement(at, Clip(timeline.name, TimeRange(RationalTime.zero(rate), length), None), kind, lane)
            return
        self.report.note("nested sequences are shown as the clips in them", place)
        if timeline.markers:
            self.report.note("markers of a nested sequence are left out", place)
        begin = RationalTime(round(used.start * used.rate), used.rate)
        for part in self._flattened(sequence, kind).during(TimeRange(begin, length)):
            if isinstance(part, Clip):
                self._count()
                yield Placement(at, part, kind, lane)
            at = at + part.duration

    def _flattened(self, sequence: Element, kind: TrackKind) -> Flat:
        if (sequence, kind) not in self._flat:
            timeline = self.timeline(sequence)
            tracks = [track for track in timeline.tracks if track.kind is kind]
            self._flat[sequence, kind] = Flat(tracks, timeline.rate, self._looks)
        return self._flat[sequence, kind]

    def _count(self) -> None:
        self._nested_clips += 1
        if self._nested_clips > MOST_NESTED:
            message = f"its nested sequences show more than {MOST_NESTED:,} clips"
            raise TimelineUnreadable(message, hint="Export only the sequence you need.", path=self.source.path)

    def _log(self, clips: list[Element]) -> Timeline:
        """The clips of a file without a sequence, one after the other at the rate of the first."""
        rate = next((rate for clip in clips if (rate := rate_of(clip, self.report))), None)
        if rate is None:
            hint = "Export a sequence as Final Cut Pro XML and open that."
            raise TimelineUnreadable("there is no sequence in it", hint=hint, path=self.source.path)
        self.report.note("there is no sequence in the file; its clips are shown one after the other")
        placements: list[Placement] = []
        at = 0
        for clip in clips:
            cut = self._whole(clip, rate, at)
            if cut.end <= at:
                self.report.note("clips without a length are left out", place_of(clip))
                continue
            used = used_by(cut, rate, self.files, self.report)
            kinds = [TrackKind.AUDIO] if used.file and used.file.has_sound else []
            made = clip_of(cut, rate, used, self.report)
            placements += [Placement(RationalTime(at, rate), made, kind) for kind in (TrackKind.VIDEO, *kinds)]
            at = cut.end
        return Timeline(self.source.path.stem, rate, tracks_of(placements))

    def _whole(self, clip: Element, rate: Fraction, at: int) -> Cut:
        """A clip from its in point to its out point, or to its end."""
        first = frames_of(clip, "in", self.report) or 0
        last = frames_of(clip, "out", self.report)
        last = frames_of(clip, "duration", self.report) if last is None else last
        length = RationalTime(max(0, (last or 0) - first), rate_of(clip, self.report) or rate).rescaled_to(rate)
        return Cut(clip, at, at + length.value)


def _top(node: Element) -> Iterator[Element]:
    """The sequences and clips of a file that lie in no other sequence, in its order; bins are looked into."""
    for child in node:
        if child.tag in ("sequence", "clip"):
            yield child
        elif child.tag in _BINS:
            yield from _top(child)


def _is_further_channel(cut: Cut, track: Element, heard: Counter[tuple[str, ...]]) -> bool:
    """Tell whether an item is one more channel of sound that another track holds already: a clip stands for all.

    `heard` counts how often each channel was met, and without a channel how many clips were made of them.
    """
    item = cut.item
    channel = text_of(item, "sourcetrack/trackindex") or track.get("currentExplodedTrackIndex", "0")
    source = next((node for node in map(item.find, ("file", "sequence")) if node is not None), item)
    clip = (source.get("id", ""), text_of(item, "name"), text_of(item, "in"), str(cut.start), str(cut.end))
    heard[*clip, channel] += 1
    if clip[0] and heard[*clip, channel] <= heard[clip]:
        return True
    heard[clip] += 1
    return False
