"""A project: one cut with its marks, the media it needs, and what was asked of them. A frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from circletake import __version__
from circletake.timeline.model import Timeline

_NOTHING: Mapping[str, object] = MappingProxyType({})


def _nothing() -> Mapping[str, object]:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class ProjectMedia:
    """A medium of the project: where it is (an absolute path), and what names its content.

    `fingerprint` is empty and `size` 0 until the file has been probed.
    """

    path: str
    fingerprint: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """All that a project file holds.

    Clips name their media by absolute path wherever that is known. `analysis_keys` name results in the store, newest
    first. `settings` are those the analysis ran with, as JSON values. `created_by` and `modified_by` name program
    versions.
    """

    timeline: Timeline
    media: tuple[ProjectMedia, ...] = ()
    analysis_keys: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=_nothing)
    created_by: str = f"Circletake {__version__}"
    modified_by: str = f"Circletake {__version__}"

    def __post_init__(self) -> None:
        """Refuse two entries for one file."""
        if len({medium.path for medium in self.media}) != len(self.media):
            raise ValueError("two media entries name one file")

    def medium(self, path: str) -> ProjectMedia | None:
        """The entry of the file at `path`, or None."""
        return next((medium for medium in self.media if medium.path == path), None)

    def with_timeline(self, timeline: Timeline) -> Project:
        """The same project after an edit."""
        return replace(self, timeline=timeline)

    def with_medium(self, medium: ProjectMedia) -> Project:
        """The same project, knowing this about a medium."""
        others = tuple(each for each in self.media if each.path != medium.path)
        return replace(self, media=(*others, medium))

    def with_analysis(self, key: str) -> Project:
        """The same project, with a result to find in the store."""
        return replace(self, analysis_keys=(key, *(each for each in self.analysis_keys if each != key)))
