"""Where a timeline's media are on this machine: as it says, moved with it, moved together, or elsewhere by name.

Addresses come from strangers. A path is only opened if it is a regular file, outside system folders, and called as
footage is; nothing is guessed where several files fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from circletake.errors import MediaError
from circletake.interchange.locate_search import Index, below, is_footage, same_move
from circletake.interchange.locate_times import fits, reach_told, rebased, used_parts, why_not
from circletake.jobs.context import JobContext, NoContext
from circletake.media.frames import MediaInfo
from circletake.media.probe import probe
from circletake.timeline.addresses import Listed, address_parts, media_path
from circletake.timeline.model import Clip, MediaReference, Timeline, clean_name
from circletake.timeline.report import Report
from circletake.timeline.stored import KEY

__all__ = ["Located", "MissingMedia", "address_of", "locate", "moved_with", "relinked", "same_move"]

MOST_CANDIDATES = 8
"""Files of one name that are measured to find the one meant; more are nothing to choose between."""


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A medium that was not found, by the address in the file, and why."""

    url: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A timeline whose media are named by absolute paths as far as they were found; `media` are those, each once."""

    timeline: Timeline
    media: tuple[MediaInfo, ...]
    missing: tuple[MissingMedia, ...] = ()
    warnings: tuple[str, ...] = ()


def locate(
    timeline: Timeline,
    folder: Path,
    *,
    search: tuple[Path, ...] = (),
    context: JobContext | None = None,
    sources_count_timecode: bool = False,
) -> Located:
    """Find the media of a timeline read from a file in `folder`, also in the folders `search` and below.

    Each is probed once. What is not found stays as it was written. Where sources count timecode, each medium's own
    start is taken off once it is known.

    Raises:
        JobCancelled: asked to stop by `context`.
    """
    folders = tuple(dict.fromkeys(each.absolute() for each in search))
    finder = _Finder(timeline, folder.absolute(), folders, context or NoContext())
    found = finder.find_all()
    if sources_count_timecode:
        timeline = rebased(timeline, found, finder.report)
    timeline = _with_media(timeline, lambda media: _pointed(media, found.get(media.target_url), timeline.rate))
    reach_told(timeline, finder.probed, finder.report)
    media = dict.fromkeys(info.path for info in found.values())
    return Located(
        timeline,
        tuple(finder.probed[path] for path in media),
        tuple(MissingMedia(url, reason) for url, reason in finder.reasons.items()),
        finder.report.sentences(),
    )


def moved_with(timeline: Timeline, old: str, new: Path, context: JobContext) -> dict[str, MediaInfo]:
    """Media of `timeline` that lie where they do if they moved with `old`, which is `new` now, by their addresses.

    Raises:
        JobCancelled: asked to stop by `context`.
    """
    finder = _Finder(timeline, new.parent, (), context)
    finder.remember(old, new)
    return {url: info for url, media in finder.wanted.items() if (info := finder.moved_along(media)) is not None}


def relinked(timeline: Timeline, found: Mapping[str, MediaInfo]) -> Timeline:
    """The timeline with every clip of these addresses showing the file that was found.

    Sources that turn out to count the timecode of the file count from its first frame then.
    """
    timeline = rebased(timeline, found, Report())
    return _with_media(timeline, lambda media: _pointed(media, found.get(media.target_url), timeline.rate))


def address_of(media: MediaReference) -> str:
    """The address a medium had in the file it was read from."""
    own = media.metadata.get(KEY)
    address = own.get("address") if isinstance(own, dict) else None
    return address if isinstance(address, str) else media.target_url


def _with_media(timeline: Timeline, changed: Callable[[MediaReference], MediaReference]) -> Timeline:
    def item(each: Clip) -> Clip:
        media = each.media and changed(each.media)
        return each if media is each.media else replace(each, media=media)

    tracks = tuple(
        replace(track, items=tuple(item(each) if isinstance(each, Clip) else each for each in track.items))
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks)


def _pointed(media: MediaReference, info: MediaInfo | None, rate: Fraction) -> MediaReference:
    """The medium at its path; its address as it was written stays with it, its length is the one measured."""
    if info is None or media.target_url == str(info.path):
        return media
    own = media.metadata.get(KEY)
    own = {**(own if isinstance(own, dict) else {}), "address": address_of(media)}
    available = media.available_range
    if available is not None and not fits(available.duration, info, rate):
        available = info.full_range
    return replace(
        media,
        target_url=str(info.path),
        available_range=available,
        metadata=MappingProxyType({**media.metadata, KEY: own}),
    )


@dataclass
class _Finder:
    """One search: what was measured, what was found by which address, what is missing and why."""

    timeline: Timeline
    folder: Path
    search: tuple[Path, ...]
    context: JobContext
    report: Report = field(default_factory=Report)
    probed: dict[Path, MediaInfo] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    _failed: dict[Path, str] = field(default_factory=dict)
    _moves: dict[tuple[str, Path], tuple[str, Path]] = field(default_factory=dict)
    _doubts: dict[str, str] = field(default_factory=dict)
    _listed: Listed = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wanted = {media.target_url: media for media in _media_of(self.timeline)}
        self._used = used_parts(self.timeline)

    def find_all(self) -> dict[str, MediaInfo]:
        """What each address leads to: first those that are where they should be, since the others may be near."""
        wanted = self.wanted
        found: dict[str, MediaInfo] = {}
        for done, (url, media) in enumerate(wanted.items()):
            self.context.progress(done, len(wanted))
            info = self._in_place(media)
            if info is not None:
                found[url] = info
        index = Index((*self.search, self.folder), self.context)
        for way in (self._moved, lambda media: self._named(media, index), self.moved_along):
            for url, media in wanted.items():
                self.context.checkpoint()
                info = None if url in found or not address_parts(url) else way(media)
                if info is not None:
                    found[url] = info
                    self._tell(url, info.path)
        for folder in index.given_up:
            self.report.note(f"There is too much in {folder} to look for media everywhere in it.")
        self.reasons = {url: self._reason(url) for url in wanted if url not in found}
        return found

    def _in_place(self, media: MediaReference) -> MediaInfo | None:
        """Where the address says: from the timeline's folder, or from the one the file counts addresses from."""
        root = media.metadata.get("root")
        urls = [media.target_url]
        if isinstance(root, str) and root:
            urls.append(f"{root.rstrip('/')}/{media.target_url}")
        for url in urls:
            path = media_path(url, self.folder)
            if path is not None and is_footage(path):
                return self._probe(path)
        return None

    def _moved(self, media: MediaReference) -> MediaInfo | None:
        """With the timeline, or with a medium found elsewhere."""
        info = self.moved_along(media)
        path = None if info else below(media.target_url, self.folder, self.search, self._listed)
        return info or self._fitting(path, media)

    def moved_along(self, media: MediaReference) -> MediaInfo | None:
        """With a medium that was found before."""
        for old, new in self._moves.values():
            path = same_move(old, new, media.target_url, self._listed)
            info = self._fitting(path, media) if path is not None and is_footage(path) else None
            if info is not None:
                return info
        return None

    def _named(self, media: MediaReference, index: Index) -> MediaInfo | None:
        """The one file of its name that fits, the one of them in folders of the same names, one just as long first."""
        paths = index.named_as(media.target_url)
        best = list(paths)
        if len(paths) <= MOST_CANDIDATES:
            fitting = [path for path in paths if self._fitting(path, media) is not None]
            fitting = [path for path in fitting if self._is_as_long(path, media)] or fitting
            best = [path for path in fitting if paths[path] == max(paths[each] for each in fitting)]
        if len(best) > 1:
            self._doubts[media.target_url] = f"{len(best)} files of that name could be it; none was taken"
        return self.probed[best[0]] if len(best) == 1 else None

    def _fitting(self, path: Path | None, media: MediaReference) -> MediaInfo | None:
        """What is at `path`, if it can be the medium as far as the file says how large and how long that is."""
        info = None if path is None else self._probe(path)
        if info is None:
            return None
        reason = why_not(info, media, self._used[media.target_url], self.timeline.rate)
        if reason:
            self._doubts.setdefault(media.target_url, reason)
        return None if reason else info

    def _is_as_long(self, path: Path, media: MediaReference) -> bool:
        available = media.available_range
        return available is None or fits(available.duration, self.probed[path], self.timeline.rate)

    def _probe(self, path: Path) -> MediaInfo | None:
        if path not in self.probed and path not in self._failed:
            try:
                self.probed[path] = probe(path, self.context)
            except MediaError as error:
                self._failed[path] = error.message
        return self.probed.get(path)

    def _tell(self, url: str, path: Path) -> None:
        """Say where it was found, and remember it."""
        self.report.note(f"it is not where the timeline says and was found in {path.parent}", _shown_name(url))
        self.remember(url, path)

    def remember(self, url: str, path: Path) -> None:
        """Keep from where to where a medium moved: others may have gone with it."""
        folder = url.replace("\\", "/").rpartition("/")[0]
        self._moves.setdefault((folder, path.parent), (url, path))

    def _reason(self, url: str) -> str:
        path = media_path(url, self.folder)
        if not address_parts(url) or path is None:
            return "addresses of this kind are not opened"
        if path in self._failed:
            return f"it cannot be read: {self._failed[path]}"
        if path.is_file():
            return "it is not named as films and sounds are, so it was not opened"
        if url in self._doubts:
            self.report.note(self._doubts[url], _shown_name(url))
        return self._doubts.get(url, "there is no such file here")


def _media_of(timeline: Timeline) -> Iterator[MediaReference]:
    items = (item for track in timeline.tracks for item in track.items)
    return (item.media for item in items if isinstance(item, Clip) and item.media is not None)


def _shown_name(url: str) -> str:
    parts = next(iter(address_parts(url)), ())
    return f'"{clean_name(parts[-1] if parts else url)[:80]}"'
