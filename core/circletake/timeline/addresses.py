"""Where a clip's media is: from the address in a timeline file to a path on this machine, without opening anything.

An address comes from a stranger. FFmpeg would take `concat:` or `http:` and read what it names; a device never ends;
a network share hands a password hash to whoever runs it. Such addresses have no path here.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

MAX_ADDRESS = 8192
"""Longest address looked at, in characters; Linux paths end at 4096 bytes."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SYSTEM_FOLDERS = ("/dev", "/proc", "/sys", "/etc", "/boot")
_DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def media_path(url: str, folder: Path) -> Path | None:
    """The local file that `url` names, seen from the timeline's `folder`; None where it is refused.

    Plain paths, percent-encoded paths, `file:` addresses and Windows drive paths have one. Other schemes, network
    shares, devices, pipes and system folders have none. The file need not exist, and nothing is opened. A Windows
    path on another system stays below `folder`, where it does not exist, so the clip shows as missing.
    """
    if not url or len(url) > MAX_ADDRESS or _CONTROLS.search(_decoded(url)) or _is_share(url):
        return None
    if url[:5].lower() == "file:":
        text = _file_url_path(url)
    elif _SCHEME.match(url) and not _DRIVE.match(url):
        return None
    else:
        text = _existing_spelling(url, folder)
    if text is None or _is_share(text):
        return None
    path = Path(os.path.normpath(folder.absolute() / _local(text)))
    return path if _is_allowed(path) else None


def media_url(path: Path, folder: Path | None = None) -> str:
    """How a timeline in `folder` names the file at the absolute `path`: relative at or below it, else absolute.

    A bare path, which every editor takes; a `file:` address only where the name is not Unicode.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in str(path)):
        return f"file://{quote(os.fsencode(path))}"
    if folder is None or not path.is_relative_to(folder):
        return path.as_posix()
    relative = path.relative_to(folder).as_posix()
    return f"./{relative}" if ":" in relative.split("/")[0] else relative


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def _is_share(text: str) -> bool:
    return text.replace("\\", "/").startswith("//")


def _file_url_path(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.netloc.lower() not in ("", "localhost"):
        drive = _decoded(parts.netloc)
        return f"{drive}{_decoded(parts.path)}" if re.fullmatch(r"[A-Za-z]:", drive) else None
    # `?` and `#` are letters of a file name here: editors rarely encode them.
    rest = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    text = _decoded(rest)
    return text[1:] if _DRIVE.match(text[1:]) else text


def _existing_spelling(url: str, folder: Path) -> str:
    """A path as it stands, or percent-decoded where only that names a file: tools write both."""
    decoded = _decoded(url)
    if decoded == url or _is_share(decoded) or _is_file(folder / _local(url)):
        return url
    return decoded if _is_file(folder / _local(decoded)) else url


def _local(text: str) -> str:
    """Separators of this system; only Windows knows drives, so elsewhere such a path stays relative."""
    return text.replace("\\", "/") if _DRIVE.match(text) or "/" not in text else text


def _is_file(path: Path) -> bool:
    try:
        return _is_allowed(Path(os.path.normpath(path))) and path.is_file()
    except (OSError, ValueError):
        return False


def _is_allowed(path: Path) -> bool:
    if os.name == "nt" and (path.drive.startswith("\\\\") or any(_DEVICE_NAMES.fullmatch(part) for part in path.parts)):
        return False
    try:
        real = os.path.realpath(path)
        if any(_is_below(place, system) for place in (str(path), real) for system in _SYSTEM_FOLDERS):
            return False
        mode = Path(real).stat().st_mode
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode)


def _is_below(place: str, folder: str) -> bool:
    return os.name != "nt" and (place == folder or place.startswith(f"{folder}/"))
