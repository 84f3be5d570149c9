"""The media files a Final Cut Pro 7 XML file names: each described once and referred to by its id afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from circletake.interchange.fcp7_values import frames_of, rate_of, says, text_of, timecode_of
from circletake.interchange.xml import Element
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import MediaReference, clean_name
from circletake.timeline.report import Report


@dataclass(frozen=True, slots=True)
class File:
    """A medium: its reference, None for generated pictures; its rate, None where it gives none; seconds it lasts."""

    name: str
    media: MediaReference | None
    rate: Fraction | None = None
    seconds: Fraction = Fraction(0)
    has_sound: bool = False

    @property
    def start(self) -> Fraction:
        """Seconds of timecode of its first frame."""
        timecode = self.media.start_timecode if self.media else None
        return timecode.seconds if timecode else Fraction(0)


class Files:
    """The files of a document, by id."""

    def __init__(self, root: Element, report: Report) -> None:
        self._report = report
        self._described: dict[str, Element] = {}
        self._read: dict[tuple[Element, Fraction], File] = {}
        for node in root.iter("file"):
            name = node.get("id", "")
            if len(node) and (name not in self._described or len(node) > len(self._described[name])):
                self._described[name] = node

    def of(self, item: Element, rate: Fraction) -> File | None:
        """The file of an item, None where it has none; `rate` counts where the file gives no rate.

        Raises:
            TimelineInvalid: a number in it is none.
        """
        node = _source(item, self._report)
        if node is None:
            return None
        if node.find("pathurl") is None:
            node = self._described.get(node.get("id", ""), node)
        key = node, rate
        if key not in self._read:
            self._read[key] = self._file(node, rate)
        return self._read[key]

    def _file(self, node: Element, rate: Fraction) -> File:
        own = rate_of(node, self._report)
        frames = frames_of(node, "duration", self._report) or 0
        length = TimeRange(RationalTime.zero(own or rate), RationalTime(frames, own or rate)) if frames > 0 else None
        timecode, _ = timecode_of(node, own or rate, self._report)
        url, name = text_of(node, "pathurl"), clean_name(text_of(node, "name"))
        return File(
            name,
            MediaReference(url, length, name, start_timecode=timecode) if url else None,
            own,
            length.duration.seconds if length else Fraction(0),
            node.find("media/audio") is not None,
        )


def _source(item: Element, report: Report) -> Element | None:
    """The `file` of an item, also of the angle that a multicam clip shows, or inside a master clip."""
    direct = item.find("file")
    if direct is not None:
        return direct
    angles = item.findall("multiclip/angle")
    if angles:
        report.note("multicam clips show their active angle alone")
        active = (each for each in angles if says(each, "activevideoangle", "TRUE"))
        return next(next(active, angles[0]).iter("file"), None)
    found = (item.find(f"media/{kind}/track/clipitem/file") for kind in ("video", "audio"))
    return next((node for node in found if node is not None), None)
