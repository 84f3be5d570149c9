"""Every format against everything a timeline may hold: written, read back, compared, and held against its loss report.

`python tests/interchange/matrix.py` prints the table: `ok` came back whole; `told` came back less and the report said
so; `-` a list of times has nothing to hold of it; `LIED` is a loss that the report did not announce.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import circletake_resources
from circletake.interchange.format import Feature, Format, Kind, Source
from circletake.interchange.lifting import has_markers
from circletake.interchange.losses import losses
from circletake.interchange.registry import written_formats
from circletake.interchange.tags import adopted
from circletake.interchange.writing import to_format
from circletake.jobs.context import NoContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import (
    Clip,
    Gap,
    Item,
    Mark,
    Marker,
    MarkState,
    MediaReference,
    Timeline,
    Track,
    TrackKind,
)

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.interchange.compare import differences

NTSC_24, NTSC_30, NTSC_60 = (Fraction(rate * 1000, 1001) for rate in (24, 30, 60))
RATES: Mapping[str, tuple[Fraction, bool]] = {
    "23.976": (NTSC_24, False),
    "24": (Fraction(24), False),
    "25": (Fraction(25), False),
    "29.97 DF": (NTSC_30, True),
    "29.97 NDF": (NTSC_30, False),
    "30": (Fraction(30), False),
    "50": (Fraction(50), False),
    "59.94": (NTSC_60, False),
    "60": (Fraction(60), False),
}
FOLDER = Path("/footage")
FILM, OTHER = FOLDER / "first.mp4", FOLDER / "second.mp4"
ACCENTS = FOLDER / "Zoë's clips & co" / "höhle 100%.mp4"


@dataclass(frozen=True)
class Cell:
    """What became of one thing in one format; `differs` names what did not come back, `announced` what was told."""

    form: str
    column: str
    differs: Mapping[Feature, str] = field(default_factory=dict)
    announced: frozenset[Feature] = frozenset()
    error: str = ""

    @property
    def lies(self) -> dict[Feature, str]:
        """Losses that no report announced."""
        return {feature: text for feature, text in self.differs.items() if feature not in self.announced}

    def __str__(self) -> str:
        if self.error or self.lies:
            return "LIED"
        if not self.differs:
            return "ok"
        return "told"


class Bench:
    """Timelines that hold one thing each, and the films they show."""

    def __init__(self) -> None:
        self._sample = probe(circletake_resources.sample_clip(), NoContext())

    def media(self, rate: Fraction) -> dict[Path, MediaInfo]:
        """The films as if they ran at `rate` and lasted ten minutes."""
        frames = int(600 * rate)
        length = RationalTime(frames, rate)
        stream = replace(self._sample.video[0], average_rate=rate, duration=length, frame_count=frames)
        sound = replace(self._sample.audio[0], duration=length)
        return {
            path: replace(self._sample, path=path, duration=length, video=(stream,), audio=(sound,))
            for path in (FILM, OTHER, ACCENTS)
        }

    def columns(self) -> Iterator[tuple[str, Timeline]]:
        """Each column with a timeline that holds it."""
        yield "cuts", base()
        for name, (rate, drop) in RATES.items():
            yield name, base(rate, drop_frame=drop)
        yield "gaps", with_video(base(), (Gap(time(12)), clip(FILM, 40, 50), Gap(time(7)), clip(OTHER, 0, 33)))
        yield "audio", with_sound(base())
        yield "media path", with_video(base(), (clip(ACCENTS, 30, 60),))
        yield "start timecode", replace(base(NTSC_30, drop_frame=True), global_start_time=time(107892, NTSC_30))
        yield "clip markers", with_clip_markers(base())
        yield "timeline markers", replace(base(), markers=(point(10, "Here"), point(70, "There")))
        yield "colour", replace(base(), markers=tuple(point(9 * n, c, color=c) for n, c in enumerate(SOME_COLORS)))
        yield "range", replace(base(), markers=(replace(point(10, "Long"), range=span(10, 25)),))
        yield "comment", replace(base(), markers=(point(10, "Here", comment="Why: it's <good> & long"),))
        yield (
            "marks",
            base().with_marks(
                (mark(0, 30, "Hook", 91.5, MarkState.KEPT), mark(50, 20, "Payoff é", 40, MarkState.PROPOSED))
            ),
        )
        yield "layers", with_layers(base())
        yield "speed", with_video(base(), (clip(FILM, 20, 40, speed=2), clip(OTHER, 100, 30, speed=Fraction(1, 2))))
        yield "reverse", with_video(base(), (clip(FILM, 20, 40, speed=-1),))
        yield "freeze", with_video(base(), (clip(FILM, 20, 40, speed=0),))
        yield "mixed rates", with_video(base(), (clip(FILM, 999, 50, NTSC_24), clip(OTHER, 100, 30)))
        named = replace(clip(FILM, 20, 40), name="Kickoff <1>")
        tracks = (Track("Main picture", TrackKind.VIDEO, (named, clip(OTHER, 3, 9))),)
        yield "names", replace(base(), tracks=tracks)
        title = Clip("Title", span(0, 25), None)
        yield "no media", with_video(base(), (clip(FILM, 20, 40), title, clip(OTHER, 3, 9)))
        yield "media timecode", with_video(base(), (replace(clip(FILM, 20, 40), media=timed(FILM)),))


SOME_COLORS = ("red", "cyan", "mint")


def time(frames: int, rate: Fraction = Fraction(25)) -> RationalTime:
    """Frames as time."""
    return RationalTime(frames, rate)


def span(start: int, length: int, rate: Fraction = Fraction(25)) -> TimeRange:
    """Frames as a range."""
    return TimeRange(time(start, rate), time(length, rate))


def clip(path: Path, start: int, length: int, rate: Fraction = Fraction(25), speed: Fraction | int = 1) -> Clip:
    """`length` frames of the timeline from media frame `start`."""
    reference = MediaReference(str(path), span(0, int(600 * rate), rate), path.name)
    return Clip(path.stem, span(start, length, rate), reference, speed=Fraction(speed))


def timed(path: Path) -> MediaReference:
    """A film whose first frame is at one hour."""
    return MediaReference(str(path), span(0, 15000), path.name, start_timecode=time(90000))


def base(rate: Fraction = Fraction(25), *, drop_frame: bool = False) -> Timeline:
    """Three clips, one after the other."""
    items = (clip(FILM, 1000, 48, rate), clip(OTHER, 17, 31, rate), clip(FILM, 250, 60, rate))
    return Timeline("Matrix", rate, (Track("V1", TrackKind.VIDEO, items),), drop_frame=drop_frame)


def with_video(timeline: Timeline, items: tuple[Item, ...]) -> Timeline:
    """The timeline with other clips."""
    return replace(timeline, tracks=(Track("V1", TrackKind.VIDEO, items),))


def with_sound(timeline: Timeline) -> Timeline:
    """The sound of each clip under it."""
    (picture,) = timeline.tracks
    return replace(timeline, tracks=(picture, Track("A1", TrackKind.AUDIO, picture.items)))


def with_layers(timeline: Timeline) -> Timeline:
    """A second picture over the middle of the first."""
    (picture,) = timeline.tracks
    return replace(timeline, tracks=(picture, Track("V2", TrackKind.VIDEO, (Gap(time(20)), clip(OTHER, 300, 40)))))


def with_clip_markers(timeline: Timeline) -> Timeline:
    """A marker on the first and on the last clip, in their media's time."""
    (picture,) = timeline.tracks
    first, middle, last = picture.items
    assert isinstance(first, Clip)
    assert isinstance(last, Clip)
    first = replace(first, markers=(point(1010, "On the first"),))
    last = replace(last, markers=(point(300, "On the last"),))
    return with_video(timeline, (first, middle, last))


def point(frame: int, name: str, *, comment: str = "", color: str = "") -> Marker:
    """A marker without length."""
    return Marker(span(frame, 0), name, comment, color)


def mark(start: int, length: int, name: str, score: float, state: MarkState) -> Mark:
    """One of ours."""
    return Mark(
        f"{start:02d}" + "ab" * 15, span(start, length), name, state, score, "signals only", note=f"note {start}"
    )


def cells() -> Iterator[Cell]:
    """The whole table."""
    bench = Bench()
    for form in written_formats():
        for column, timeline in bench.columns():
            if form.read is None and form.name not in READ_BY:
                continue
            if form.kind is Kind.LIST and not (timeline.marks or has_markers(timeline)):
                continue
            yield cell(form, column, timeline, bench.media(timeline.rate))


READ_BY: Mapping[str, str] = {"resolve-xml": "premiere", "resolve-otio": "otio"}
"""Formats that another one reads."""


def cell(form: Format, column: str, timeline: Timeline, media: Mapping[Path, MediaInfo]) -> Cell:
    """One thing in one format."""
    announced = frozenset(loss.feature for loss in losses(timeline, form))
    reader = next(each for each in written_formats() if each.name == READ_BY.get(form.name, form.name)).read
    assert reader is not None
    path = FOLDER / f"matrix{form.suffix}"
    try:
        data = to_format(timeline, form, media, path)
        back = adopted(
            reader(
                Source(path, data, rate=str(timeline.rate) if Feature.RATE not in form.carries.wholly else None)
            ).timeline
        )
    except Exception as error:  # a cell that fails is shown as such, and the rest goes on
        return Cell(form.name, column, error=f"{type(error).__name__}: {error}")
    return Cell(form.name, column, differences(timeline, back, path.parent, is_list=form.kind is Kind.LIST), announced)


def table(rows: list[Cell]) -> str:
    """The cells as text: a row a format."""
    names = list(dict.fromkeys(each.column for each in rows))
    found = {(each.form, each.column): each for each in rows}
    lines = ["| format | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [
        f"| {form} | " + " | ".join(str(found.get((form, name), "-")) for name in names) + " |"
        for form in dict.fromkeys(each.form for each in rows)
    ]
    return "\n".join(lines)


def main() -> int:
    """Print the table and every lie; 1 where there is one."""
    rows = list(cells())
    print(table(rows))
    lies = [each for each in rows if each.error or each.lies]
    for each in lies:
        print(f"{each.form}, {each.column}: {each.error or each.lies}")
    print(f"{len(rows)} cells, {sum(str(each) == 'ok' for each in rows)} whole, {len(lies)} losses not announced")
    return 1 if lies else 0


if __name__ == "__main__":
    sys.exit(main())
