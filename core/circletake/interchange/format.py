"""What a timeline format is: how it is recognised, read and written, and what survives in it.

Each format stands in a file of its own that ends in one `Format`; `registry` lists them. A reader turns bytes into a
`Timeline` of tracks and markers and knows nothing of marks: `tags` turns markers that carry our id into marks
afterwards, and marks into markers before a writer sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from circletake.errors import TimelineUnreadable
from circletake.jobs.context import JobContext, NoContext
from circletake.media.frames import MediaInfo
from circletake.timeline.model import Timeline

FILM_KEY = "circletake_film"
"""The key of a timeline's metadata under which a list of times names the film it belongs to."""


class Feature(StrEnum):
    """One thing a timeline may hold and a format may not; `losses` finds out which ones a timeline does hold."""

    RATE = "rate"
    DROP_FRAME = "drop_frame"
    START_TIMECODE = "start_timecode"
    CUTS = "cuts"
    GAPS = "gaps"
    AUDIO = "audio"
    LAYERS = "layers"
    TRACK_NAMES = "track_names"
    CLIP_NAMES = "clip_names"
    MEDIA_PATHS = "media_paths"
    MEDIA_TIMECODE = "media_timecode"
    PLACEHOLDERS = "placeholders"
    MIXED_RATES = "mixed_rates"
    SPEED = "speed"
    REVERSE = "reverse"
    FREEZE = "freeze"
    RETIMED_STARTS = "retimed_starts"
    CLIP_MARKERS = "clip_markers"
    TIMELINE_MARKERS = "timeline_markers"
    MARKER_NAMES = "marker_names"
    MARKER_COMMENTS = "marker_comments"
    MARKER_COLORS = "marker_colors"
    MARKER_RANGES = "marker_ranges"
    MARKER_KINDS = "marker_kinds"
    CROWDED_MARKERS = "crowded_markers"
    MARK_IDS = "mark_ids"
    MARK_SCORES = "mark_scores"
    OTHER_TOOLS = "other_tools"


@dataclass(frozen=True, slots=True)
class Carries:
    """What survives in a format. What is in neither does not survive.

    `partly` maps a feature to the sentence that says what becomes of it (`Colours become the nearest of Premiere's
    eight.`). `colors` are the names of `colors.COLORS` that stay themselves where others become the nearest.
    """

    wholly: frozenset[Feature] = frozenset()
    partly: Mapping[Feature, str] = field(default_factory=lambda: MappingProxyType({}))
    colors: frozenset[str] = frozenset()


class Kind(StrEnum):
    """What a file of a format is: a cut with tracks, or a list of times that needs a cut to lie on."""

    TIMELINE = "timeline"
    LIST = "list"


@dataclass(frozen=True)
class Source:
    """A file to read: all of its bytes, and where it lies.

    `sequence` names the one wanted of several sequences in the file, None for the first or the one that was open.
    `rate` is what a format without a rate of its own (a decision list) is read at, None for the usual guess.
    `context` is asked by what takes long whether the file is still wanted.
    """

    path: Path
    data: bytes = field(repr=False)
    sequence: str | None = None
    rate: float | str | None = None
    context: JobContext = field(default_factory=NoContext, repr=False)

    @cached_property
    def text(self) -> str:
        """The bytes as text, UTF-8 or UTF-16 by its mark, each line ended by a line feed.

        Raises:
            TimelineUnreadable: neither, or it holds zero bytes.
        """
        for encoding, mark in (("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"), ("utf-8-sig", b"")):
            if self.data.startswith(mark):
                return self._decoded(encoding)
        raise AssertionError("every text starts with nothing")

    def _decoded(self, encoding: str) -> str:
        hint = "Export it again as UTF-8 text."
        try:
            text = self.data.decode(encoding)
        except UnicodeDecodeError as error:
            message = f"the text is not {'UTF-16' if encoding == 'utf-16' else 'UTF-8'}"
            raise TimelineUnreadable(message, hint=hint, path=self.path, place=f"byte {error.start}") from error
        if "\0" in text:
            raise TimelineUnreadable("this is no text", hint=hint, path=self.path, place=f"byte {text.index(chr(0))}")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def folder(self) -> Path:
        """Where relative addresses count from."""
        return self.path.absolute().parent


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader made of a file.

    `warnings` are sentences about what the file holds and the timeline does not show; `others` names the sequences of
    the file that were not read; `rate_guessed` tells that the file states no rate and none was asked for.
    """

    timeline: Timeline
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    rate_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a writer is given: a timeline without marks (they are markers by now), its media, where the file will lie.

    `media` describes the films that could be read, by path; `target_url` of a clip's media is such a path. A marker
    that stands for a mark has its id in its text already.
    """

    timeline: Timeline
    media: Mapping[Path, MediaInfo]
    path: Path


Recognise = Callable[["Head"], bool]
Reader = Callable[[Source], Read]
Writer = Callable[[Delivery], bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, enough to tell what it is.

    `root` is the name of the outermost XML element, empty where it is no XML; `text` is what can be read of the first
    64 KiB, with any encoding marks removed and leading white space stripped; `suffix` is the name's, lower case, and
    only to tell apart what looks the same inside.
    """

    data: bytes
    text: str
    root: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Format:
    """A format, as data: its names, what it carries, and the functions that read and write it.

    `name` is what the terminal calls it; `title` what people do; `editors` are the programs that open what is written.
    `sources_count_timecode` says that its source times are timecodes of the media, so that a medium's own start must
    be taken off once it is found. `marks_inside` says that it carries marks as they are (`Timeline.marks`), so that no
    markers are made of them. `one_text` says that a marker has a single text there, which holds name and comment.
    `decides` says that people may change a mark's state there, so that a file of it is believed.
    """

    name: str
    title: str
    suffix: str
    carries: Carries
    kind: Kind = Kind.TIMELINE
    editors: tuple[str, ...] = ()
    recognise: Recognise | None = None
    read: Reader | None = None
    write: Writer | None = None
    sources_count_timecode: bool = False
    marks_inside: bool = False
    one_text: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as read: its format and what was made of it; marks that carry our id are marks already."""

    path: Path
    form: Format
    read: Read
