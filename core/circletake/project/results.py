"""A store of results that can be made again: named by what they were made from, safe to delete at any time.

It knows nothing of what it keeps: arrays by name and a JSON header, in one `.npz` file an entry. Two processes may
use one folder. Nothing here stops work: on a full or read-only disk results are simply not kept.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import re
import struct
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from circletake import paths

_log = logging.getLogger(__name__)

STORE_FORMAT = 1
"""Part of every key: raised when the layout of entries changes, so old ones are never misread."""

MAX_STORE_BYTES = 5 * 2**30
MAX_ENTRY_BYTES = 2**30
"""Largest entry written or read, with its arrays unpacked."""

ABANDONED_SECONDS = 3600
"""Age from which a temporary file belongs to nobody: no entry takes that long to write."""

_HEADER = "header.json"
_KEY = re.compile(r"[0-9a-f]{64}")
_DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, OverflowError, MemoryError, SyntaxError),
    *(zipfile.BadZipFile, struct.error),
)
"""What reading a damaged archive raises; a flag in it can ask for decryption or an unknown packing."""


_NO_DAMAGE = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Of those, what a sound result may give too."""


@dataclass(frozen=True, slots=True, eq=False)
class CachedResult:
    """Arrays by name, of numbers or booleans, and a header of JSON values."""

    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    header: Mapping[str, Any]


def result_key(fingerprint: str, request: Mapping[str, Any], revision: str, format_number: int) -> str:
    """The name of a result: SHA-256 of the medium's fingerprint, the request, the model's revision and the format.

    `request` holds JSON values and Fractions; the order of its names does not matter.

    Raises:
        TypeError, ValueError: the request holds something else, or a number that is not finite.
    """
    facts = [STORE_FORMAT, fingerprint, request, revision, format_number]
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a request")


class ResultStore:
    """Results in a folder, at most `max_bytes` of them; those not used for longest go first."""

    def __init__(self, folder: Path, max_bytes: int = MAX_STORE_BYTES) -> None:
        """Use `folder`, which need not exist yet."""
        self._folder = folder
        self._max_bytes = max_bytes

    def path_of(self, key: str) -> Path:
        """Where the result of this key lies, or would.

        Raises:
            ValueError: not a key that `result_key` makes.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of a result")
        return self._folder / key[:2] / f"{key}.npz"

    def get(self, key: str) -> CachedResult | None:
        """The result, or None. A damaged one is removed."""
        path = self.path_of(key)
        try:
            with path.open("rb") as file:
                result = _read(file)
        except FileNotFoundError:
            return None
        except _DAMAGE as error:
            if isinstance(error, OSError) and error.errno in _NO_DAMAGE:
                _log.info("cannot use %s: %s", path, error)
                return None
            _log.info("removed the damaged result %s: %s", path.name, error)
            _remove(path)
            return None
        with contextlib.suppress(OSError):  # a read-only disk keeps no time of use
            os.utime(path)
        return result

    def put(self, key: str, result: CachedResult) -> bool:
        """Keep a result; tells whether it is on disk. A full or read-only disk is no error.

        Raises:
            ValueError: arrays of objects, or a header that is not JSON.
        """
        path = self.path_of(key)
        header = json.dumps(dict(result.header), allow_nan=False, default=_plain).encode("ascii")
        if any(array.dtype.hasobject for array in result.arrays.values()):
            raise ValueError("arrays of objects are not kept")
        size = sum(array.nbytes for array in result.arrays.values()) + len(header)
        if size > min(MAX_ENTRY_BYTES, self._max_bytes):
            _log.info("a result of %d MiB is too large to keep", size >> 20)
            return False
        try:
            with paths.written_whole(path) as temporary:
                _write(temporary, result.arrays, header)
            self.trim()
        except OSError as error:
            _log.info("could not keep a result in %s: %s", self._folder, error)
            return False
        return True

    def trim(self) -> None:
        """Remove what was not used for longest until the rest fits. Files that vanish meanwhile are fine."""
        entries = sorted(self._entries())
        surplus = sum(size for _, size, _ in entries) - self._max_bytes
        for _, size, path in entries:
            if surplus <= 0:
                return
            _remove(path)
            surplus -= size

    def size(self) -> int:
        """Bytes in use."""
        return sum(size for _, size, _ in self._entries())

    def clear(self) -> None:
        """Remove every result."""
        for _, _, path in self._entries():
            _remove(path)

    def _entries(self) -> list[tuple[float, int, Path]]:
        """(last use, bytes, file) of each result, and of what writers that were killed left behind."""
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("??/*.npz"):
            try:
                status = path.stat()
            except OSError:
                continue
            if not path.name.startswith(".") or time.time() - status.st_mtime > ABANDONED_SECONDS:
                found.append((status.st_mtime, status.st_size, path))
        return found


def _write(path: Path, arrays: Mapping[str, NDArray[Any]], header: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.writestr(_HEADER, header)
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                npy.write_array(member, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)


def _read(file: IO[bytes]) -> CachedResult:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_ENTRY_BYTES:
            raise ValueError("the entry is larger than any that is written")
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("the entry is packed, which none that is written is")
        header = json.loads(archive.read(_HEADER))
        arrays = {
            member.filename.removesuffix(".npy"): _array(archive, member)
            for member in members
            if member.filename != _HEADER
        }
    if not isinstance(header, dict):
        raise TypeError("the header is no JSON object")
    return CachedResult(arrays, header)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """Read one array, after its header has been compared with the bytes that are there."""
    with archive.open(member) as file:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)
        promised = int(np.prod(shape, dtype=object)) * dtype.itemsize if shape else dtype.itemsize
        if dtype.hasobject or promised != member.file_size - file.tell():
            raise ValueError(f"{member.filename} does not hold what its header says")
    with archive.open(member) as file:
        return np.asarray(npy.read_array(file, allow_pickle=False))


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.info("could not remove %s: %s", path, error)
