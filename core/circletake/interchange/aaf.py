"""AAF, as Avid Media Composer writes it: read through OpenTimelineIO's AAF adapter, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from circletake.errors import TimelineUnreadable
from circletake.interchange.format import Carries, Format, Head, Read, Source
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.child import Limits, NoChild, run_limited
from circletake.timeline.files import timeline_of_stranger
from circletake.timeline.model import Clip, Item, Marker, Timeline, Track, clean_name
from circletake.timeline.report import Report

LIMITS = Limits(seconds=30, memory=2 * 2**30, output=64 * 2**20)
"""What reading may cost: an AAF of a megabyte takes half a second and 45 MB."""

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How every compound file begins, also old office documents. Source: Microsoft, [MS-CFB], 2.2."""

SMPTE_LABEL = b"\x06\x0e\x2b\x34"
"""What stands at byte 16 of an AAF, inside the class of its compound file; office documents have zeros there.

Source: AAF Low-Level Container Specification, 1.0.1; SMPTE ST 298.
"""

_CLASS_NAMES = frozenset(("Sequence", "ScopeReference", "TimelineMobSlot", "MobSlot", "OperationGroup", "Filler"))
"""What the adapter calls a track without a name."""

# What the adapter prints goes nowhere: a pipe that nobody empties would stop it. Everything but names, times and
# addresses is dropped: Avid's own attributes are a hundred times as long.
_SCRIPT = """
import io, json, logging, os
data, out = sys.stdin.buffer.read(), sys.stdout.buffer
sys.stdout = sys.stderr = open(os.devnull, "w")
logging.disable()

def refuse(reason):
    out.write(reason.encode("utf-8", "replace"))
    out.flush()
    sys.exit(3)

try:
    import aaf2.file, aaf2.components
    import opentimelineio as otio
    from otio_aaf_adapter.adapters import advanced_authoring_format as adapter
except ImportError:
    refuse("what reads AAF files is not installed")

class InMemory:
    BytesIO = io.BytesIO
    open = staticmethod(lambda *_, **__: io.BufferedReader(io.BytesIO(data)))  # a plain BytesIO means a new file to it

aaf2.file.io = InMemory

def drops(mob):
    for slot in mob.slots:
        if isinstance(slot.segment, aaf2.components.Sequence):
            parts = list(slot.segment.components)
        else:
            parts = [slot.segment]
        for part in parts:
            if isinstance(part, aaf2.components.Timecode):
                return bool(part.drop)
    return False

nested = []

def flattened(track):
    for place, item in enumerate(list(track)):
        if isinstance(item, otio.schema.Stack):
            layers = [each for each in item if isinstance(each, otio.schema.Track)]
            for layer in layers:
                flattened(layer)
            layers = [each for each in layers if each.kind == track.kind]
            if len(layers) > 1 and len(layers) == len(item):
                flat = otio.algorithms.flatten_stack(layers)
                flat.name, flat.source_range = item.name, item.source_range
                track[place] = flat
                nested.append(item.name)

def bare(node):
    if isinstance(node, dict):
        active = node.get("active_media_reference_key")
        if active in node.get("media_references", ()):
            node["media_references"] = {active: node["media_references"][active]}
        return {key: {} if key == "metadata" else bare(value) for key, value in node.items()}
    return [bare(value) for value in node] if isinstance(node, list) else node

try:
    with aaf2.open("") as file:
        dropping = {mob.name for mob in file.content.compositionmobs() if drops(mob)}
    read = adapter.read_from_file("")
    found = list(read) if isinstance(read, otio.schema.SerializableCollection) else [read]
    trees = []
    for timeline in found:
        if isinstance(timeline, otio.schema.Timeline):
            nested.clear()
            for track in timeline.tracks:
                if isinstance(track, otio.schema.Track):
                    flattened(track)
            tree = bare(json.loads(timeline.to_json_string()))
            tree["metadata"] = {"aaf": {"nested": nested[:]}}
            if timeline.name in dropping:
                tree["metadata"]["circletake"] = {"timeline": {"drop_frame": True}}
            trees.append(tree)
except Exception as error:
    refuse(f"it is damaged, or of a kind of AAF that is not understood ({type(error).__name__}: {error})")
if not trees:
    refuse("there is no sequence in the AAF")
collection = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "", "metadata": {}, "children": trees}
out.write(json.dumps(collection).encode("utf-8", "replace"))
out.flush()
"""


def read(source: Source) -> Read:
    """Read the sequence wanted, or the first.

    Raises:
        TimelineUnreadable: not an AAF, damaged, too large for the limits, or without such a sequence.
        TimelineInvalid: values that contradict each other.
    """
    try:
        tree = run_limited(_SCRIPT, source.data, source.path, LIMITS, source.context)
    except NoChild as error:
        hint = "Export the sequence as Final Cut Pro XML or as an EDL and open that."
        message = "AAF files are read in a process of their own, which cannot be started here"
        raise TimelineUnreadable(message, hint=hint, path=source.path) from error
    found = timeline_of_stranger(tree, source.path, source.sequence, source.context)
    report = Report(source.path)
    metadata = dict(found.timeline.metadata)
    for name in _nested(metadata.pop("aaf", None)):
        report.note("nested sequences are shown as the clips in them, without their effects", f'clip "{name}"')
    timeline = _rehung(replace(found.timeline, metadata=MappingProxyType(metadata)), report)
    timeline = replace(timeline, tracks=_shown(timeline.tracks))
    return Read(timeline, (*found.warnings, *report.sentences()), found.others)


def _nested(told: object) -> list[str]:
    """The names of nested sequences, as the script told them."""
    names = told.get("nested") if isinstance(told, Mapping) else None
    return [clean_name(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _rehung(timeline: Timeline, report: Report) -> Timeline:
    """The timeline with the markers that the adapter hung on a wrong clip: they count from where that clip lies.

    Such a marker lies before the clip's medium begins. Source: a marker of an Avid timecode track that says in its name
    which frame of the sequence it is on.
    """
    tracks: list[Track] = []
    found: list[Marker] = []
    for track in timeline.tracks:
        items: list[Item] = []
        for placed, item in track.placed(timeline.rate):
            kept, lost = _sorted(item.markers if isinstance(item, Clip) else ())
            items.append(replace(item, markers=kept) if lost and isinstance(item, Clip) else item)
            found += [_on_timeline(marker, item, placed) for marker in lost if isinstance(item, Clip)]
        tracks.append(replace(track, items=tuple(items)))
    whole = TimeRange(RationalTime.zero(timeline.rate), timeline.duration)
    inside = tuple(marker for marker in found if whole.touches(marker.range))
    for marker in found:
        if marker not in inside:
            report.note("markers that lie nowhere are left out", f'marker "{marker.name}"')
    return replace(timeline, tracks=tuple(tracks), markers=(*timeline.markers, *inside))


def _sorted(markers: tuple[Marker, ...]) -> tuple[tuple[Marker, ...], tuple[Marker, ...]]:
    """Markers inside their medium, and those before it."""
    kept = tuple(marker for marker in markers if marker.range.start_time.value >= 0)
    return kept, tuple(marker for marker in markers if marker.range.start_time.value < 0)


def _on_timeline(marker: Marker, clip: Clip, placed: TimeRange) -> Marker:
    timecode = clip.media.start_timecode if clip.media else None
    moved = marker.range.shifted(placed.start_time)
    return replace(marker, range=moved.shifted(timecode) if timecode else moved)


def _shown(tracks: tuple[Track, ...]) -> tuple[Track, ...]:
    """The tracks with clips on them, numbered where they have no name of their own."""
    used = [track for track in tracks if any(isinstance(item, Clip) for item in track.items)]
    shown: list[Track] = []
    for track in used:
        number = 1 + sum(each.kind is track.kind for each in shown)
        name = f"{track.kind.value[0]}{number}" if track.name in _CLASS_NAMES or not track.name else track.name
        shown.append(replace(track, name=name))
    return tuple(shown)


def _recognise(head: Head) -> bool:
    return head.data.startswith(COMPOUND_FILE) and (head.data[16:20] == SMPTE_LABEL or head.suffix == ".aaf")


FORMAT = Format(
    name="aaf",
    title="Avid AAF",
    suffix=".aaf",
    carries=Carries(),
    editors=("Avid Media Composer",),
    recognise=_recognise,
    read=read,
)
