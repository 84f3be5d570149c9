"""OpenTimelineIO archives (.otioz): the timeline is read out of them, nothing is ever unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO

from circletake.errors import TimelineUnreadable
from circletake.interchange.format import Head, Read, Source
from circletake.timeline.files import timeline_of_stranger

CONTENT = "content.otio"
MEDIA = "media/"

MAX_CONTENT = 64 * 2**20
"""Largest timeline unpacked, in memory: a small archive can hold gigabytes of zeros."""

MAX_DIRECTORY = 4 * 2**20
"""Largest list of files looked at, some forty thousand of them."""

_END_MARK, _END_SIZE = b"PK\x05\x06", 22
_LARGE_MARK, _LARGE_SIZE = b"PK\x06\x07", 20
_CHUNK = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_otioz(head: Head) -> bool:
    """Tell whether a file is a zip archive with a timeline at its beginning, where tools put it."""
    return head.data.startswith(b"PK\x03\x04") and (CONTENT.encode() in head.data or head.suffix == ".otioz")


def read_otioz(source: Source) -> Read:
    """The timeline of an archive; addresses of media inside stay as they are, and that is told.

    Raises:
        TimelineUnreadable: no such archive, damaged, too large unpacked, or its timeline is refused.
        TimelineInvalid: values that contradict each other; the error names the clip.
    """
    hint = "Export it again, or as a folder (.otiod)."
    try:
        data, has_media = _content(source.data)
    except (ValueError, KeyError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        reason = f"there is no {CONTENT} in it" if isinstance(error, KeyError) else f"the archive is damaged: {error}"
        raise TimelineUnreadable(reason, hint=hint, path=source.path) from error
    found = timeline_of_stranger(data, source.path, source.sequence, source.context)
    told = "Media inside an .otioz are not unpacked here. Unpack it (it is a zip archive) and open content.otio in it."
    return Read(found.timeline, (*found.warnings, told) if has_media else found.warnings, found.others)


def _content(data: bytes) -> tuple[bytes, bool]:
    """The bytes of the timeline, and whether there are media beside it."""
    end = data[-_END_SIZE:]
    large = data[-_END_SIZE - _LARGE_SIZE : -_END_SIZE]
    # The reader takes in the whole list before it can be asked how long it is.
    if not end.startswith(_END_MARK) or large.startswith(_LARGE_MARK):
        raise ValueError("its list of files is not where it should be")
    if int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise ValueError("there are too many files in it")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(CONTENT)
        if info.compress_type not in _METHODS:
            raise ValueError("it is packed in a way that is not read")
        has_media = any(name.startswith(MEDIA) and name != MEDIA for name in archive.namelist())
        with archive.open(info) as file:
            return _bounded(file), has_media


def _bounded(file: IO[bytes]) -> bytes:
    result = bytearray()
    while chunk := file.read(_CHUNK):
        result += chunk
        if len(result) > MAX_CONTENT:
            raise ValueError(f"its timeline has more than {MAX_CONTENT >> 20} MiB")
    return bytes(result)
