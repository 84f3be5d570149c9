"""Final Cut Pro 7 XML by the piece, and what is asked of what it becomes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from circletake.interchange.fcp7_read import read
from circletake.interchange.format import Read, Source
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import (
    Clip,
    Timeline,
    TrackKind,
)

PATH = Path("/cut/cut.xml")
NTSC = Fraction(30000, 1001)


def frames(value: int, rate: Fraction = Fraction(25)) -> RationalTime:
    return RationalTime(value, rate)


def span(start: int, length: int, rate: Fraction = Fraction(25)) -> TimeRange:
    return TimeRange(frames(start, rate), frames(length, rate))


def opened(text: str, sequence: str | None = None) -> Read:
    return read(Source(PATH, text.encode(), sequence))


def clips_of(timeline: Timeline, kind: TrackKind = TrackKind.VIDEO) -> list[tuple[int, Clip]]:
    return [
        (place.start_time.rescaled_to(timeline.rate).value, item)
        for track in timeline.tracks
        if track.kind is kind
        for place, item in track.placed(timeline.rate)
        if isinstance(item, Clip)
    ]


FILE = (
    '<file id="f"><name>a.mov</name><pathurl>file://localhost/films/a.mov</pathurl><rate><timebase>25</timebase>'
    "<ntsc>FALSE</ntsc></rate><duration>1000</duration></file>"
)


def item(start: int, end: int, first: int, last: int, more: str = FILE, name: str = "a") -> str:
    return (
        f"<clipitem><name>{name}</name><duration>1000</duration><rate><timebase>25</timebase></rate>"
        f"<start>{start}</start><end>{end}</end><in>{first}</in><out>{last}</out>{more}</clipitem>"
    )


def sequence(*items: str, name: str = "S", more: str = "", kind: str = "video") -> str:
    return (
        f'<sequence id="{name}"><name>{name}</name><rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>'
        f"<media><{kind}><track>{''.join(items)}</track></{kind}></media>{more}</sequence>"
    )


def xmeml(*content: str) -> str:
    return f'<!DOCTYPE xmeml><xmeml version="5">{"".join(content)}</xmeml>'


def remap(speed: str, *, reverse: bool = False, graph: str = "", varies: bool = False) -> str:
    values = {"variablespeed": int(varies), "speed": speed, "reverse": str(reverse).upper()}
    parameters = "".join(
        f"<parameter><parameterid>{key}</parameterid><value>{value}</value></parameter>"
        for key, value in values.items()
    )
    curve = f"<parameter><parameterid>graphdict</parameterid>{graph}</parameter>" if graph else ""
    return f"<filter><effect><effectid>timeremap</effectid>{parameters}{curve}</effect></filter>"


def key(when: int, value: int) -> str:
    return f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"
