"""FCPXML to a timeline: the project wanted, or the clips of an event where there is none.

Final Cut Pro's format, which DaVinci Resolve writes too. Versions 1.8 to 1.14 are known; others are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from circletake.errors import CircletakeError, TimelineUnreadable
from circletake.interchange.fcpxml_clips import Film
from circletake.interchange.fcpxml_nested import Use
from circletake.interchange.fcpxml_resources import DEFAULT_RATE, Resources, named, place_of, time_in
from circletake.interchange.fcpxml_story import Story
from circletake.interchange.fcpxml_times import UNCHANGED, edge, on_frame
from circletake.interchange.format import Read, Source
from circletake.interchange.rows import tracks_of
from circletake.interchange.xml import Element, line_of, parse
from circletake.timebase import RationalTime, may_drop_frames
from circletake.timeline.model import Clip, Gap, Timeline, Track, TrackKind
from circletake.timeline.report import Report

NEWEST = 14
"""The newest known version, 1.14."""

_VERSION = re.compile(r"1\.(\d{1,3})")
_EVENT_CLIPS = ("clip", "audition", "mc-clip", "ref-clip", "sync-clip", "asset-clip")
_HINT = "Choose File, Export XML in Final Cut Pro with the project selected."


def read(source: Source) -> Read:
    """The project of a file: the first, or the one `source.sequence` names.

    Raises:
        TimelineUnreadable: no FCPXML, no project and no clips in it, or none of that name.
        TimelineInvalid: a time that is none, a compound clip that holds itself.
    """
    root = parse(source.data, source.path)
    if root.tag != "fcpxml":
        raise TimelineUnreadable("this is no FCPXML", hint=_HINT, path=source.path, place=line_of(root))
    report = Report(source.path)
    _note_version(root, report)
    projects = [each for each in root.iter("project") if each.find("sequence") is not None]
    resources = Resources.of(root, report)
    if projects or source.sequence is not None:
        project = _chosen(projects, source)
        timeline = _of_project(project, resources, report)
    else:
        project = root
        timeline = _of_clips(root, resources, report)
    others = tuple(named(each) or "Untitled" for each in projects if each is not project)
    return Read(timeline, report.sentences(), others)


def _note_version(root: Element, report: Report) -> None:
    version = root.get("version", "")
    match = _VERSION.fullmatch(version)
    if match is None or int(match[1]) > NEWEST:
        told = f"FCPXML {version[:20]}" if version else "FCPXML without a version"
        report.note(f"{told} is not known here (1.{NEWEST} is the newest); it was read as far as it is alike.")


def _chosen(projects: list[Element], source: Source) -> Element:
    if source.sequence is None:
        return projects[0]
    found = next((each for each in projects if named(each) == source.sequence), None)
    if found is None:
        names = ", ".join(f'"{named(each)}"' for each in projects[:10]) or "none"
        message = f'there is no project "{source.sequence}" in it'
        raise TimelineUnreadable(message, hint=f"Its projects: {names}.", path=source.path)
    return found


def _of_project(project: Element, resources: Resources, report: Report) -> Timeline:
    sequence = next(project.iterfind("sequence"))
    spine = list(sequence.find("spine") or ())
    film = Film(resources, _rate(sequence, spine, resources, report), report)
    start = time_in(sequence, "tcStart", report)
    name = named(project) or _file_name(report)
    timeline = _laid(name, spine, film, _origin(spine, start or Fraction(0), film))
    drop = sequence.get("tcFormat") == "DF"
    if drop and not may_drop_frames(film.rate):
        report.note(f"There is no drop-frame timecode at {float(film.rate):g} frames a second; all are counted.")
    first = None if start is None else on_frame(start, film.rate)
    return replace(timeline, drop_frame=drop and may_drop_frames(film.rate), global_start_time=first)


def _file_name(report: Report) -> str:
    """What a timeline without a name is called: as its file is."""
    return report.path.stem if report.path else "Untitled"


def _origin(spine: Iterable[Element], start: Fraction, film: Film) -> Fraction:
    """Where the storyline's time begins: at its first timecode, but for files that count from zero all the same."""
    first = next((time_in(each, "offset", film.report) for each in spine if each.get("offset")), None)
    if first is not None and first < start:
        film.report.note("Clips are placed from zero although the timecode starts later; they are read so.")
        return Fraction(0)
    return start


def _rate(sequence: Element, spine: Iterable[Element], resources: Resources, report: Report) -> Fraction:
    """The sequence's frame rate, else that of the first medium in it that has one."""
    rate = resources.rate(sequence.get("format"))
    if rate is not None:
        return rate
    inner = (each for item in spine for each in item.iter())
    assets = (resources.asset(each.get("ref")) for each in inner)
    rate = next((asset.rate for asset in assets if asset and asset.rate), DEFAULT_RATE)
    report.note(f"It names no frame rate; {float(rate):g} frames a second are assumed.", place_of(sequence))
    return rate


def _laid(name: str, items: Iterable[Element], film: Film, origin: Fraction) -> Timeline:
    """A row of elements, with all connected to it, as tracks."""
    story = Story(film)
    zero = Fraction(0)
    try:
        end = story.row(items, Use(zero, origin, origin, Fraction(1), UNCHANGED)) - origin
        tracks = tracks_of(story.placements)
        _check_countable(tracks)
        timeline = Timeline(name, film.rate, tracks, markers=tuple(story.markers))
        return _as_long(timeline, edge(end, film.rate))
    except CircletakeError:
        raise
    except ValueError as error:
        raise film.report.invalid(str(error), f'sequence "{name}"') from error


def _check_countable(tracks: Iterable[Track]) -> None:
    """Raise ValueError where a clip's times are too odd to be counted together."""
    for track in tracks:
        for item in track.items:
            if isinstance(item, Clip):
                end = item.media_range.end_time_exclusive
                for marker in item.markers:
                    _ = end - marker.range.end_time_exclusive


def _as_long(timeline: Timeline, end: RationalTime) -> Timeline:
    """The timeline with the gap that its main storyline ends with."""
    missing = end - timeline.duration
    if missing.value <= 0:
        return timeline
    first = next(iter(timeline.tracks), Track("V1", TrackKind.VIDEO))
    longer = end - first.duration(timeline.rate)
    return replace(timeline, tracks=(replace(first, items=(*first.items, Gap(longer))), *timeline.tracks[1:]))


def _of_clips(root: Element, resources: Resources, report: Report) -> Timeline:
    """The clips of a file without a project, one after the other."""
    clips = list(_event_clips(root))
    if not clips:
        raise TimelineUnreadable("there is no project and no clip in it", hint=_HINT, path=report.path)
    rates = (resources.rate(each.get("format")) or _media_rate(each, resources) for each in clips)
    film = Film(resources, next(filter(None, rates), DEFAULT_RATE), report)
    report.note("The file holds clips and no project; they follow one another here.")
    events = [each for each in root.iter("event") if named(each)]
    return _laid(named(events[0]) if events else _file_name(report), clips, film, Fraction(0))


def _event_clips(root: Element) -> Iterator[Element]:
    """Clips of the browser, without a place of their own."""
    for parent in (root, *root.iter("event")):
        for element in parent:
            if element.tag in _EVENT_CLIPS:
                element.attrib.pop("offset", None)
                yield element


def _media_rate(element: Element, resources: Resources) -> Fraction | None:
    """The rate of what a clip refers to."""
    for each in element.iter():
        ref = each.get("ref")
        asset, media = resources.asset(ref), resources.of_kind(ref, "media")
        holder = None if media is None else next(iter(media), None)
        rate = asset.rate if asset else None if holder is None else resources.rate(holder.get("format"))
        if rate is not None:
            return rate
    return None
