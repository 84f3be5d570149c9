"""Everything that can go wrong, as values a window, a terminal and a server can all show.

    CircletakeError
    ├── UsageError            what was asked for makes no sense (exit code 2)
    ├── MediaError
    │   ├── MediaNotFound     no such file, or not a file
    │   ├── MediaUnreadable   not media, damaged beyond reading, or refused for safety
    │   └── MediaUnsupported  readable, but there is no decoder or no picture in it
    ├── TimelineError
    │   ├── TimelineUnreadable   not a timeline, or one we refuse to parse
    │   └── TimelineInvalid      a timeline whose values contradict each other
    ├── EditError             an edit that does not fit the marks it is asked to change
    ├── ProjectError
    │   ├── ProjectUnreadable    a project file that cannot be used
    │   └── ProjectTooNew        written by a newer Circletake
    ├── ExportError
    │   ├── ExportRefused     would overwrite, would not fit, or nothing to write
    │   └── ExportFailed      the encoder or the disk gave up part-way
    ├── SettingsError         a settings file or variable with a wrong name or value
    └── ModelError            a model that is missing, damaged or of another kind

Every one says what was tried and what stood in the way (`message`), where (`path`, `place`), and what to do
next (`hint`). `ErrorInfo` is the same as a frozen value: a dialog, two lines on stderr, a problem+json body.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path


class CircletakeError(Exception):
    """The root: `message` in one sentence, `hint` says what to do next."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        path: Path | str | None = None,
        place: str | None = None,
        details: str = "",
    ) -> None:
        """Name the file in `path` and the spot inside it (`line 12`, `clip "B"`) in `place`."""
        self.message = message
        self.hint = hint
        self.path = None if path is None else Path(path)
        self.place = place
        self.details = details
        super().__init__(str(self))

    def __str__(self) -> str:
        """One line: the file, the place in it, what stood in the way."""
        where = [str(part) for part in (self.path, self.place) if part]
        return ": ".join([*where, self.message])

    @property
    def kind(self) -> str:
        """A stable name for programs, such as `media_not_found`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class UsageError(CircletakeError):
    """What was asked for makes no sense; nothing was started."""

    exit_code = 2


class MediaError(CircletakeError):
    """Something about a media file."""


class MediaNotFound(MediaError):
    """There is no such file, or it is not a file."""


class MediaUnreadable(MediaError):
    """Not media, damaged beyond reading, or refused for safety."""


class MediaUnsupported(MediaError):
    """Readable, but without a decoder here, or without a picture."""


class TimelineError(CircletakeError):
    """Something about a timeline file."""


class TimelineUnreadable(TimelineError):
    """Not a timeline, or one that is refused before parsing."""


class TimelineInvalid(TimelineError):
    """A timeline whose values contradict each other."""


class EditError(CircletakeError):
    """An edit that does not fit the marks it is asked to change."""


class ProjectError(CircletakeError):
    """Something about a project file."""


class ProjectUnreadable(ProjectError):
    """A project file that cannot be used."""


class ProjectTooNew(ProjectError):
    """Written by a newer Circletake than this one."""


class ExportError(CircletakeError):
    """Something about writing results."""


class ExportRefused(ExportError):
    """Would overwrite, would not fit on the disk, or there is nothing to write."""


class ExportFailed(ExportError):
    """The encoder or the disk gave up part-way; no half-written file was left under a final name."""


class SettingsError(CircletakeError):
    """A settings file or variable with a wrong name or value."""

    exit_code = 2


class ModelError(CircletakeError):
    """A model that is missing, damaged or of another kind than expected."""


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error as a value: what doors show and events carry.

    `kind` is a stable name, `message` one sentence, `hint` the next step, `details` text worth copying.
    """

    kind: str
    message: str
    hint: str
    details: str = ""

    @classmethod
    def of(cls, error: BaseException) -> ErrorInfo:
        """Describe any exception; one that is not ours is called `internal_error` and keeps its traceback."""
        trace = "".join(traceback.format_exception(error))
        if isinstance(error, CircletakeError):
            return cls(error.kind, str(error), error.hint, error.details or trace)
        if isinstance(error, MemoryError):
            return cls(
                "out_of_memory", "There was not enough memory to go on.", "Close other programs; try again.", trace
            )
        if isinstance(error, OSError) and error.strerror:
            where = f"{error.filename}: " if error.filename else ""
            hint = "Check that the place exists, can be written to and has room."
            return cls("system_error", f"{where}{error.strerror}", hint, trace)
        return cls(
            "internal_error",
            f"{type(error).__name__}: {error}",
            "This is a fault in Circletake. Please report it with the details.",
            trace,
        )
