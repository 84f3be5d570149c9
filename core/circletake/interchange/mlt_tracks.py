"""MLT's playlists and tractors as tracks: entries placed, mixes as cuts, sequences inside sequences flattened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from circletake.interchange.mlt_clips import COLORS, OWN_FILTERS, Clips
from circletake.interchange.mlt_read import Blank, Cut, Graph, is_leaf
from circletake.interchange.rows import Flat, Looks, Placement, tracks_of
from circletake.interchange.xml import Element, line_of
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, Timeline, Track, TrackKind, clean_name

MAX_CLIPS = 50_000
"""Most clips made of a file, their sound counted with their picture."""

MAX_NESTED = 10_000
"""Most clips made of sequences inside sequences, where each use makes them again."""

MAX_MARKERS = 200_000
"""Most markers of media, counted again with each clip that shows them."""

MIX = "A mix between two clips is shown as a cut."

_BACKGROUNDS = frozenset(("black_track", "background", "black"))
_HIDES = {"1": "video", "2": "audio", "3": "both"}
_USUAL = re.compile(r"[VA]\d{1,4}")
_OWN_LANES = 100_000
"""Lanes of sound tracks start above those of sound that belongs to pictures."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip and the frame it begins at; `mixed` tells that it was half of a mix."""

    start: int
    clip: Clip
    mixed: bool = False

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.clip.duration.value


class Sequences:
    """Makes timelines of tractors and playlists, each once."""

    def __init__(self, graph: Graph, clips: Clips) -> None:
        self._graph = graph
        self._clips = clips
        self._made: dict[Element, Timeline] = {}
        self._inside: list[Element] = []
        self._flat: dict[tuple[Element, TrackKind], Flat] = {}
        self._looks = Looks(graph.report)
        self._are_mixes: dict[Element, bool] = {}
        self._count = 0
        self._nested_count = 0
        self._marker_count = 0

    def timeline(self, node: Element) -> Timeline:
        """What a tractor, playlist or producer plays.

        Raises:
            TimelineInvalid: a time that cannot be, a sequence that contains itself, or more than `MAX_CLIPS`.
        """
        if node not in self._made:
            self._graph.check_nesting(node, self._inside)
            self._inside.append(node)
            self._made[node] = Timeline("", self._graph.rate, self._tracks(node))
            self._inside.pop()
        return self._made[node]

    def _tracks(self, node: Element) -> tuple[Track, ...]:
        if node.tag != "tractor":
            whole = Cut(node, 0, self._graph.playtime(node), node)
            return tracks_of(each for kind in TrackKind for each in self._placements(self._of_track(whole, kind), kind))
        self._tell_transitions(node)
        return tracks_of(each for row in _rows(self._graph, node) for each in self._row(row))

    def _row(self, row: _Row) -> Iterator[Placement]:
        if row.is_hidden:
            name = f"track {row.name}" if row.name else line_of(row.cut.at)
            self._graph.report.note("A track that is hidden or muted is left out.", name)
            return
        for kind in row.kinds:
            is_own_sound = kind is TrackKind.AUDIO and len(row.kinds) == 1
            lane = row.number + (_OWN_LANES if is_own_sound else 0)
            name = row.name if len(row.kinds) == 1 or kind is TrackKind.VIDEO else ""
            yield from self._placements(self._of_track(row.cut, kind), kind, lane, name)

    def _placements(
        self, placed: Iterable[Placed], kind: TrackKind, lane: int = 0, name: str = ""
    ) -> Iterator[Placement]:
        for each in placed:
            self._count += 1
            self._check(self._count // len(TrackKind))
            yield Placement(RationalTime(each.start, self._graph.rate), each.clip, kind, lane, name)

    def _of_track(self, cut: Cut, kind: TrackKind) -> list[Placed]:
        """What of `kind` a track plays, from its frame 0 on."""
        node = cut.node
        if node is None:
            return []
        if node.tag == "playlist" and cut.first == 0:
            return self._joined(self._entries(node, kind))
        if node.tag == "tractor" and cut.first == 0 and _is_pair(self._graph, node):
            lanes = [self._graph.cut(track).node for track in self._graph.tracks(node)]
            placed = [each for lane in lanes if lane is not None for each in self._entries(lane, kind)]
            return self._unmixed(node, placed)
        return list(self._of_cut(cut, 0, kind))

    def _entries(self, playlist: Element, kind: TrackKind) -> list[Placed]:
        at = 0
        placed: list[Placed] = []
        for each in self._graph.row(playlist):
            if isinstance(each, Cut):
                if not each.length:
                    self._graph.report.note("A clip without length is left out.", line_of(each.at))
                placed += self._of_cut(each, at, kind)
                self._check(len(placed))
            at += each.length
        return placed

    def _check(self, count: int) -> None:
        if count > MAX_CLIPS:
            raise self._graph.report.invalid(f"there are more than {MAX_CLIPS:,} clips", "the timeline")

    def _of_cut(self, cut: Cut, at: int, kind: TrackKind) -> Iterator[Placed]:
        """The clips of one entry that begins at frame `at`."""
        node = cut.node
        if node is None:
            note = "A clip whose producer is not in the file leaves an empty place."
            self._graph.report.note(note, line_of(cut.at))
        elif not cut.length:
            return
        elif is_leaf(node):
            yield from self._leaf(cut, node, at, kind)
        elif self._is_mix(node):
            yield from self._halves(cut, node, at, kind)
        else:
            yield from self._nested(cut, node, at, kind)

    def _is_mix(self, node: Element) -> bool:
        if node not in self._are_mixes:
            self._are_mixes[node] = _is_mix(self._graph, node)
        return self._are_mixes[node]

    def _leaf(self, cut: Cut, node: Element, at: int, kind: TrackKind) -> Iterator[Placed]:
        kinds = self._clips.kinds(node)
        fitting = kind in kinds or not kinds or not self._is_free(node)
        clip = self._clips.clip(cut, node, kind) if fitting else None
        if clip is not None:
            self._marker_count += len(clip.markers)
            if self._marker_count > MAX_MARKERS:
                raise self._graph.report.invalid(f"there are more than {MAX_MARKERS:,} markers", line_of(cut.at))
            yield Placed(at, clip)

    def _is_free(self, node: Element) -> bool:
        """Tell whether the medium decides if there is sound; in Kdenlive, the track does."""
        return "kdenlive:id" not in self._graph.properties(node)

    def _nested(self, cut: Cut, node: Element, at: int, kind: TrackKind) -> Iterator[Placed]:
        note = "A sequence inside the sequence is shown as the clips it is made of."
        self._graph.report.note(note, line_of(cut.at))
        rate = self._graph.rate
        span = TimeRange(RationalTime(cut.first, rate), RationalTime(cut.length, rate))
        for item in self._flattened(node, kind).during(span):
            self._nested_count += 1
            if self._nested_count > MAX_NESTED:
                message = f"sequences inside sequences make more than {MAX_NESTED:,} clips"
                raise self._graph.report.invalid(message, line_of(cut.at))
            if isinstance(item, Clip):
                yield Placed(at, item)
            at += item.duration.value

    def _flattened(self, node: Element, kind: TrackKind) -> Flat:
        if (node, kind) not in self._flat:
            tracks = [track for track in self.timeline(node).tracks if track.kind is kind]
            self._flat[node, kind] = Flat(tracks, self._graph.rate, self._looks)
        return self._flat[node, kind]

    def _halves(self, cut: Cut, mix: Element, at: int, kind: TrackKind) -> Iterator[Placed]:
        """A mix that lies in a playlist as a tractor of two clips: the first up to its middle, then the second."""
        self._graph.report.note(MIX, line_of(cut.at))
        half = cut.length // 2
        first, second = (self._graph.cut(track) for track in self._graph.tracks(mix))
        parts = (
            replace(first, first=first.first + cut.first, length=half),
            replace(second, first=second.first + cut.first + half, length=cut.length - half),
        )
        for part, start in zip(parts, (at, at + half), strict=True):
            yield from (replace(each, mixed=True) for each in self._of_cut(part, start, kind))

    def _joined(self, placed: list[Placed]) -> list[Placed]:
        """Halves of mixes grown together with the clips they continue."""
        rows: list[Placed] = []
        for each in placed:
            last = rows[-1] if rows else None
            if last and last.end == each.start and (last.mixed or each.mixed) and _continues(last.clip, each.clip):
                rows[-1] = Placed(last.start, _together(last.clip, each.clip), last.mixed and each.mixed)
            else:
                rows.append(each)
        return rows

    def _unmixed(self, track: Element, placed: list[Placed]) -> list[Placed]:
        """A track's two rows as one: where two clips mix, the cut lies where it was before the mix was made."""
        cuts = list(self._mixes(track))
        rows = sorted(placed, key=lambda each: each.start)
        for number in range(len(rows) - 1):
            left, right = rows[number : number + 2]
            if left.end <= right.start:
                continue
            self._graph.report.note(MIX, line_of(track))
            middle = right.start + (left.end - right.start) // 2
            wanted = next((cut for start, cut in cuts if start == right.start), middle)
            cut = min(max(wanted, right.start), left.end, right.end)
            rows[number] = _trimmed(left, left.start, cut)
            rows[number + 1] = _trimmed(right, cut, right.end)
        return [each for each in rows if each.clip.duration.value > 0]

    def _mixes(self, track: Element) -> Iterator[tuple[int, int]]:
        """The first frame of each of Kdenlive's mixes on a track, and the frame where the cut was before."""
        for each in track.findall("transition"):
            after = self._graph.properties(each).get("kdenlive:mixcut")
            if after is not None:
                end = self._graph.frames(each.get("out"), each)
                yield self._graph.frames(each.get("in"), each), end - self._graph.frames(after, each)

    def _tell_transitions(self, tractor: Element) -> None:
        for each in tractor.findall("transition"):
            facts = self._graph.properties(each)
            if facts.get("internal_added") != OWN_FILTERS and facts.get("always_active") != "1":
                self._graph.report.note("A transition or composition between tracks is left out.", line_of(each))
        for each in tractor.findall("filter"):
            facts = self._graph.properties(each)
            if facts.get("internal_added") != OWN_FILTERS and facts.get("disable") != "1":
                self._graph.report.note("Effects on a whole track or timeline are left out.", line_of(each))


@dataclass(frozen=True, slots=True)
class _Row:
    """A track of a tractor, before its clips are known."""

    cut: Cut
    kinds: tuple[TrackKind, ...]
    name: str
    number: int
    is_sound: bool

    @property
    def is_hidden(self) -> bool:
        return not self.kinds


def _rows(graph: Graph, tractor: Element) -> list[_Row]:
    """The tracks of a tractor, without the black below them; Kdenlive keeps its last sound track lowest."""
    rows = []
    for number, reference in enumerate(graph.tracks(tractor)):
        cut = graph.cut(reference)
        if cut.node is not None and not _is_background(graph, cut.node):
            hides = _hides(graph, reference, cut.node)
            kinds = tuple(kind for kind in TrackKind if kind.name.lower() not in hides)
            is_sound = "kdenlive:audio_track" in graph.properties(cut.node)
            rows.append(_Row(cut, kinds, _name(graph, cut.node), -number if is_sound else number, is_sound))
    return _numbered(rows) if any(_is_kdenlive(graph, row.cut.node) for row in rows) else rows


def _numbered(rows: Sequence[_Row]) -> list[_Row]:
    """Kdenlive's tracks with the names it shows for those that have none."""
    named: list[_Row] = []
    for is_sound, letter in ((False, "V"), (True, "A")):
        of_kind = sorted((row for row in rows if row.is_sound is is_sound), key=lambda row: row.number)
        named += (replace(row, name=row.name or f"{letter}{n}") for n, row in enumerate(of_kind, 1))
    return named


def _name(graph: Graph, node: Element) -> str:
    facts = graph.properties(node)
    other = clean_name(facts.get("shotcut:name", ""))
    return clean_name(facts.get("kdenlive:track_name", "")) or ("" if _USUAL.fullmatch(other) else other)


def _hides(graph: Graph, reference: Element, node: Element) -> frozenset[str]:
    """What of a track is switched off: `video`, `audio`, both or nothing."""
    hides = _hide_words(graph, reference) | _hide_words(graph, node)
    if _is_pair(graph, node):
        inner = [_hide_words(graph, each) for each in graph.tracks(node)]
        hides |= frozenset.intersection(*inner)
    return hides


def _hide_words(graph: Graph, element: Element) -> frozenset[str]:
    text = element.get("hide") or graph.properties(element).get("hide", "")
    word = _HIDES.get(text, text)
    return frozenset(("video", "audio")) if word == "both" else frozenset((word,)) & {"video", "audio"}


def _is_background(graph: Graph, node: Element) -> bool:
    """Tell whether it is the black that editors lay below everything."""
    facts = graph.properties(node)
    if facts.get("kdenlive:playlistid") == "black_track":
        return True
    if node.get("id") not in _BACKGROUNDS:
        return False
    leaves = [node] if is_leaf(node) else [cut.node for cut in graph.row(node) if not isinstance(cut, Blank)]
    return all(leaf is None or graph.properties(leaf).get("mlt_service") in COLORS for leaf in leaves)


def _is_kdenlive(graph: Graph, node: Element | None) -> bool:
    return node is not None and any(name.startswith("kdenlive:") for name in graph.properties(node))


def _is_pair(graph: Graph, node: Element) -> bool:
    """Tell whether it is one of Kdenlive's tracks: two rows between which its clips alternate to mix."""
    if node.tag != "tractor" or "kdenlive:uuid" in graph.properties(node):
        return False
    lanes = [graph.of(track) for track in graph.tracks(node)]
    is_row = 0 < len(lanes) <= 2 and all(lane is not None and lane.tag == "playlist" for lane in lanes)
    return is_row and (_is_kdenlive(graph, node) or any(_is_kdenlive(graph, lane) for lane in lanes))


def _is_mix(graph: Graph, node: Element) -> bool:
    """Tell whether it is a transition between two clips, as Shotcut and melt keep them."""
    if node.tag != "tractor" or not node.findall("transition"):
        return False
    parts = [graph.of(track) for track in graph.tracks(node)]
    return len(parts) == 2 and all(part is not None and is_leaf(part) for part in parts)


def _continues(first: Clip, second: Clip) -> bool:
    """Tell whether the second goes on with the medium where the first ends."""
    if first.speed != second.speed or first.media is None or second.media is None:
        return False
    if first.media.target_url != second.media.target_url:
        return False
    earlier, later = (first, second) if first.speed > 0 else (second, first)
    return earlier.media_range.end_time_exclusive == later.media_range.start_time


def _together(first: Clip, second: Clip) -> Clip:
    start = min(first.source_range.start_time, second.source_range.start_time)
    return replace(first, source_range=TimeRange(start, first.duration + second.duration))


def _trimmed(placed: Placed, start: int, end: int) -> Placed:
    """The part of it between two frames."""
    rate = placed.clip.duration.rate
    since, length = RationalTime(start - placed.start, rate), RationalTime(max(0, end - start), rate)
    return Placed(start, placed.clip.stretch(since, length), placed.mixed)
