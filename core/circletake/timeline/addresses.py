"""Where a clip's media is: from the address in a timeline file to a path on this machine, without opening anything.

Where there is no file any more, the parts of its address say what to look for elsewhere.

An address comes from a stranger. FFmpeg would take `concat:` or `http:` and read what it names; a device never ends;
a network share hands a password hash to whoever runs it. Such addresses have no path here.
"""

from __future__ import annotations

import itertools
import os
import re
import stat
import unicodedata
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

MAX_ADDRESS = 8192
"""Longest address looked at, in characters; Linux paths end at 4096 bytes."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
# Below the last two, a mere look at a name calls another machine where folders are mounted on demand.
_SYSTEM_FOLDERS = ("/dev", "/proc", "/sys", "/etc", "/boot", "/net", "/Network")
Listed = dict[Path, dict[str, str]]
"""What folders hold: the names in each, by what is the same in all spellings."""

MOST_NAMES = 20_000
"""Names of one folder compared when one is spelled in another way."""

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


def address_parts(url: str) -> tuple[tuple[str, ...], ...]:
    """The folders and the name in an address, as it stands and, where that differs, percent-decoded.

    The first part is `/`, `//` (a share) or a drive (`C:`) where the address is absolute. Nothing for an address that
    names no file: empty, another scheme, control characters.
    """
    if not url or len(url) > MAX_ADDRESS or _CONTROLS.search(_decoded(url)):
        return ()
    if url[:5].lower() == "file:":
        text = _file_url_path(url) or _file_url_share(url)
        return (_parts(text),) if text else ()
    if _SCHEME.match(url) and not _DRIVE.match(url):
        return ()
    return tuple(dict.fromkeys(_parts(text) for text in (url, _decoded(url))))


def _parts(text: str) -> tuple[str, ...]:
    text = text.replace("\\", "/") if _is_share(text) else _local(text)
    anchor = "//" if text.startswith("//") else text[:1] if text.startswith("/") else ""
    return (*([anchor] if anchor else []), *(part for part in text.split("/") if part not in ("", ".")))


def same_name(name: str) -> str:
    """What two spellings of one file name share: case and the form of its accents differ between systems."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def spelled_file(folder: Path, parts: tuple[str, ...], listed: Listed | None = None) -> Path | None:
    """The regular file of those parts below `folder`, however this system spells them; None where there is none.

    No step is looked at that lies in a system folder.

    `listed` remembers what folders hold, for many questions in a row.
    """
    here = folder
    listed = {} if listed is None else listed
    try:
        for part in parts:
            exact = here / part
            if part == ".." or _is_system(exact):
                return None
            found = exact if exact.exists() else _spelled(here, part, listed)
            if found is None:
                return None
            here = found
    except (OSError, ValueError):
        return None
    return here if is_safe_file(here) else None


def _spelled(folder: Path, name: str, listed: Listed) -> Path | None:
    if folder not in listed:
        listed[folder] = _names_in(folder)
    found = listed[folder].get(same_name(name))
    return None if found is None else folder / found


def _names_in(folder: Path) -> dict[str, str]:
    if _is_system(folder) or _is_system(os.path.realpath(folder)) or not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        return {same_name(each.name): each.name for each in itertools.islice(entries, MOST_NAMES)}


def is_safe_file(path: Path) -> bool:
    """Tell whether `path` is a regular file outside system folders; nothing is opened."""
    return _is_file(path)


def _file_url_share(url: str) -> str:
    """The share that a `file:` address with the name of another machine means, to know the file's name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"//{_decoded(parts.netloc)}{_decoded(parts.path)}"


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
        plain = Path(os.path.normpath(path))
        return _is_allowed(plain) and plain.is_file()
    except (OSError, ValueError):
        return False


def _is_allowed(path: Path) -> bool:
    if os.name == "nt" and (path.drive.startswith("\\\\") or any(_DEVICE_NAMES.fullmatch(part) for part in path.parts)):
        return False
    if _is_system(path):
        return False
    try:
        real = os.path.realpath(path)
        if _is_system(real):
            return False
        mode = Path(real).stat().st_mode
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode)


def _is_system(path: Path | str) -> bool:
    """Tell whether a path lies in a system folder as it is written; nothing is looked at."""
    place = os.path.abspath(path)  # noqa: PTH100 - of text alone; `Path.resolve` would look at it
    return os.name != "nt" and any(place == folder or place.startswith(f"{folder}/") for folder in _SYSTEM_FOLDERS)
