"""Writing Kdenlive's projects, of both generations: they differ in where the timeline and its guides stand."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from fractions import Fraction
from hashlib import sha256

from circletake.interchange.format import Delivery
from circletake.interchange.kdenlive_colors import category_of
from circletake.interchange.mlt_write import (
    ENGINE,
    Media,
    Part,
    add,
    add_blank,
    add_entry,
    add_hold,
    add_internal,
    add_profile,
    clock,
    frame_of,
    one_text,
    parts_of,
    span,
    text_of,
)
from circletake.interchange.xml import Element, to_bytes
from circletake.timeline.model import Clip, Marker, Timeline, Track, TrackKind

_NAMES = uuid.UUID("0b0a7a0e-63a0-5d1c-9c43-3f6f1f5f5c0a")
_FIRST_ID = 4
"""Bin numbers below are folders' and the sequence's own."""

_SEQUENCE_ID = 3
_OWN = "237"


class Generation(IntEnum):
    """Kdenlive's document formats: a timeline a project up to 22.12, sequences from 23.04 on."""

    SINGLE = 4
    SEQUENCES = 5


_VERSIONS = {Generation.SINGLE: ("1.04", "22.12.3"), Generation.SEQUENCES: ("1.1", "25.04.0")}


@dataclass
class _BinClip:
    """A medium in the bin: its number, its name, what its clips point out."""

    number: int
    clip: Clip
    names: list[str] = field(default_factory=list)
    markers: dict[tuple[object, ...], Marker] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The clips' own where they agree, else the file's."""
        clip = self.clip
        if len(set(self.names)) == 1 or clip.media is None:
            return self.names[0]
        return clip.media.target_url.replace("\\", "/").rpartition("/")[2]


def write(delivery: Delivery, generation: Generation) -> bytes:
    """A project with the timeline: every track, its guides, and a bin clip for each medium with its markers."""
    return _Writer(delivery, generation).document()


class _Writer:
    """Puts one project together."""

    def __init__(self, delivery: Delivery, generation: Generation) -> None:
        self._timeline = delivery.timeline
        self._generation = generation
        self._rate = delivery.timeline.rate
        self._media = Media(delivery)
        self._tracks = _ordered(delivery.timeline)
        self._frames = max((part.end for track in self._tracks for part in parts_of(track, self._rate)), default=1)
        self._bin = self._bin_clips()
        self._uuid = "{" + str(uuid.uuid5(_NAMES, f"{delivery.path.name!r}\n{delivery.timeline!r}")) + "}"
        self._root = Element("mlt", LC_NUMERIC="C", producer="main_bin", version=ENGINE)
        self._root.set("root", text_of(delivery.path.absolute().parent.as_posix()))
        self._size = add_profile(self._root, delivery, self._media)

    def document(self) -> bytes:
        """The whole file."""
        for clip in self._bin.values():
            self._add_bin_clip(clip)
        if self._generation is Generation.SINGLE:
            self._add_bin()
            self._add_timeline("tractor_main", {})
        else:
            self._add_timeline(self._uuid, self._sequence_properties())
            self._add_bin()
            whole = span(self._frames - 1, self._rate)
            tractor = add(self._root, "tractor", {"kdenlive:projectTractor": 1}, id="tractor_project", **whole)
            add(tractor, "track", producer=self._uuid, **whole)
        return to_bytes(self._root)

    def _bin_clips(self) -> dict[str, _BinClip]:
        """The media in the order of their first use, by what `_key` says."""
        found: dict[str, _BinClip] = {}
        for track in self._timeline.tracks:
            for part in parts_of(track, self._rate):
                key = self._key(part.clip)
                own = found.setdefault(key, _BinClip(_FIRST_ID + len(found), part.clip))
                own.names.append(part.clip.name)
                own.markers |= {(each.range, each.name, each.comment): each for each in part.clip.markers}
        return found

    def _key(self, clip: Clip) -> str:
        """What tells media apart: their address; clips without a medium by name."""
        return self._media.resource(clip) if clip.media else f"{self._media.resource(clip)}\n{clip.name}"

    def _add_bin_clip(self, clip: _BinClip) -> None:
        plain = replace(clip.clip, speed=Fraction(1))
        facts = self._media.properties(plain)
        markers = _marker_list(clip.markers.values(), self._rate, with_lengths=self._generation is Generation.SEQUENCES)
        own = self._bin_properties(clip) | {"kdenlive:markers": markers if clip.markers else None}
        add(
            self._root,
            "producer",
            facts | own,
            id=f"bin{clip.number}",
            **span(self._media.length(plain) - 1, self._rate),
        )

    def _bin_properties(self, clip: _BinClip) -> dict[str, object]:
        info = self._media.info(clip.clip)
        streams = 0
        if clip.clip.media is None or (info and not info.audio):
            streams = 2
        elif info and not info.video:
            streams = 1
        return {
            "kdenlive:clipname": clip.name,
            "kdenlive:clip_type": streams,
            "kdenlive:folderid": -1,
            "kdenlive:id": clip.number,
        }

    def _add_bin(self) -> None:
        version, program = _VERSIONS[self._generation]
        facts: dict[str, object] = {
            "kdenlive:docproperties.version": version,
            "kdenlive:docproperties.kdenliveversion": program,
            "kdenlive:docproperties.profile": _profile_name(self._size, self._rate),
            "kdenlive:docproperties.documentid": int(sha256(self._uuid.encode()).hexdigest()[:11], 16),
        }
        if self._generation is Generation.SINGLE:
            facts["kdenlive:docproperties.guides"] = self._guides()
            facts["kdenlive:docproperties.groups"] = self._groups()
        else:
            names = ("activetimeline", "opensequences", "uuid")
            facts |= {f"kdenlive:docproperties.{name}": self._uuid for name in names}
        playlist = add(self._root, "playlist", facts | {"xml_retain": 1}, id="main_bin")
        for clip in self._bin.values():
            last = self._media.length(replace(clip.clip, speed=Fraction(1))) - 1
            add(playlist, "entry", producer=f"bin{clip.number}", **span(last, self._rate))
        if self._generation is Generation.SEQUENCES:
            add(playlist, "entry", producer=self._uuid, **span(self._frames - 1, self._rate))

    def _sequence_properties(self) -> dict[str, object]:
        kinds = {track.kind for track in self._tracks}
        return {
            "kdenlive:uuid": self._uuid,
            "kdenlive:clipname": self._timeline.name or "Sequence 1",
            "kdenlive:producer_type": 17,
            "kdenlive:id": _SEQUENCE_ID,
            "kdenlive:clip_type": 0,
            "kdenlive:folderid": -1,
            "kdenlive:duration": clock(self._frames, self._rate),
            "kdenlive:maxduration": self._frames,
            "kdenlive:sequenceproperties.hasAudio": int(TrackKind.AUDIO in kinds),
            "kdenlive:sequenceproperties.hasVideo": int(TrackKind.VIDEO in kinds),
            "kdenlive:sequenceproperties.tracksCount": len(self._tracks),
            "kdenlive:sequenceproperties.documentuuid": self._uuid,
            "kdenlive:sequenceproperties.guides": self._guides(),
            "kdenlive:sequenceproperties.groups": self._groups(),
        }

    def _guides(self) -> str:
        with_lengths = self._generation is Generation.SEQUENCES
        return _marker_list(self._timeline.markers, self._rate, with_lengths=with_lengths)

    def _groups(self) -> str:
        """Pictures and the sound that belongs to them, as pairs that move together."""
        sounds = {}
        for number, track in enumerate(self._tracks):
            for part in parts_of(track, self._rate) if track.kind is TrackKind.AUDIO else ():
                sounds[part.start, part.length, self._key(part.clip)] = number
        pairs = []
        for number, track in enumerate(self._tracks):
            for part in parts_of(track, self._rate) if track.kind is TrackKind.VIDEO else ():
                sound = sounds.pop((part.start, part.length, self._key(part.clip)), None)
                if sound is not None:
                    leaves = [
                        {"data": f"{track_number}:{part.start}", "leaf": "clip", "type": "Leaf"}
                        for track_number in (number, sound)
                    ]
                    pairs.append({"children": leaves, "type": "AVSplit"})
        return json.dumps(pairs)

    def _add_timeline(self, name: str, properties: Mapping[str, object]) -> None:
        whole = span(self._frames - 1, self._rate)
        black: dict[str, object] = {
            "length": 2**31 - 1,
            "eof": "continue",
            "resource": "black",
            "mlt_service": "color",
            "kdenlive:playlistid": "black_track",
            "mlt_image_format": "rgba",
            "set.test_audio": 0,
        }
        add(self._root, "producer", black, id="black_track", **whole)
        for number, track in enumerate(self._tracks):
            self._add_track(number, track)
        tractor = add(self._root, "tractor", properties, id=name, global_feed=1, **whole)
        add(tractor, "track", producer="black_track")
        for number, _ in enumerate(self._tracks):
            add(tractor, "track", producer=f"tractor{number}")
        for number, track in enumerate(self._tracks, 1):
            own: dict[str, object] = {"internal_added": _OWN}
            if track.kind is TrackKind.AUDIO:
                add_internal(tractor, "mix", 0, number, own | {"kdenlive_id": "mix", "sum": 1})
            else:
                add_internal(tractor, "qtblend", 0, number, own | {"kdenlive_id": "qtblend"})

    def _add_track(self, number: int, track: Track) -> None:
        """A track: its producers, its row, the empty row that mixes would need, and the two together."""
        sound: dict[str, object] = {"kdenlive:audio_track": 1 if track.kind is TrackKind.AUDIO else None}
        names: dict[tuple[str, Fraction], str] = {}
        for part in parts_of(track, self._rate):
            key = self._key(part.clip), part.clip.speed
            if key not in names:
                names[key] = f"track{number}_{len(names)}"
                self._add_producer(names[key], part, track.kind)
        row = add(self._root, "playlist", sound, id=f"playlist{2 * number}")
        at = 0
        for part in parts_of(track, self._rate):
            add_blank(row, part.start - at, self._rate)
            entry = add_entry(row, part, names[self._key(part.clip), part.clip.speed], self._media, self._rate)
            add(entry, "property", name="kdenlive:id").text = str(self._bin[self._key(part.clip)].number)
            add_hold(entry, part, self._media)
            at = part.end
        add(self._root, "playlist", sound, id=f"playlist{2 * number + 1}")
        own = {"kdenlive:track_name": self._own_name(track), "kdenlive:timeline_active": 1}
        tractor = add(self._root, "tractor", sound | own, id=f"tractor{number}", **{"in": clock(0, self._rate)})
        hide = "video" if track.kind is TrackKind.AUDIO else "audio"
        for lane in (2 * number, 2 * number + 1):
            add(tractor, "track", hide=hide, producer=f"playlist{lane}")

    def _own_name(self, track: Track) -> str | None:
        """A name that Kdenlive would not give by itself."""
        of_kind = [each for each in self._tracks if each.kind is track.kind]
        if track.kind is TrackKind.AUDIO:
            of_kind.reverse()
        number = next(n for n, each in enumerate(of_kind, 1) if each is track)
        return None if track.name in ("", f"{track.kind.value[0]}{number}") else track.name

    def _add_producer(self, name: str, part: Part, kind: TrackKind) -> None:
        own = {
            **self._bin_properties(self._bin[self._key(part.clip)]),
            "set.test_audio": int(kind is TrackKind.VIDEO),
            "set.test_image": int(kind is TrackKind.AUDIO),
        }
        whole = span(self._media.length(part.clip) - 1, self._rate)
        add(self._root, "producer", self._media.properties(part.clip) | own, id=name, **whole)


def _ordered(timeline: Timeline) -> list[Track]:
    """Tracks as Kdenlive counts them: sound from the last up to the first, then pictures; one of each at least."""
    of_kind = {kind: [track for track in timeline.tracks if track.kind is kind] for kind in TrackKind}
    for kind, tracks in of_kind.items():
        if not tracks:
            tracks.append(Track("", kind))
    return [*reversed(of_kind[TrackKind.AUDIO]), *of_kind[TrackKind.VIDEO]]


def _marker_list(markers: Iterable[Marker], rate: Fraction, *, with_lengths: bool) -> str:
    """Markers as Kdenlive stores them: one a frame, so that a second on the same frame goes to the next free one."""
    found: list[dict[str, object]] = []
    last = -1
    for marker in sorted(markers, key=lambda each: each.range.start_time):
        at = max(frame_of(marker.range.start_time, rate), last + 1)
        found.append({"comment": one_text(marker), "pos": at, "type": category_of(marker.color)})
        length = frame_of(marker.range.duration, rate)
        if with_lengths and length > 0:
            found[-1]["duration"] = length
        last = at
    return json.dumps(found, ensure_ascii=False)


def _profile_name(size: tuple[int, int], rate: Fraction) -> str | None:
    """What MLT calls a size and rate that it has a profile for; None for others."""
    kinds = {(1920, 1080): "atsc_1080p", (1280, 720): "atsc_720p", (2560, 1440): "qhd_1440p", (3840, 2160): "uhd_2160p"}
    rates = {Fraction(each): str(each) for each in (24, 25, 30, 50, 60)}
    rates |= {Fraction(24000, 1001): "2398", Fraction(30000, 1001): "2997", Fraction(60000, 1001): "5994"}
    return f"{kinds[size]}_{rates[rate]}" if size in kinds and rate in rates else None
