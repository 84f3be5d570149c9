"""Every format there is, and the way from a file to the one that reads it: by content, whatever the file is called."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import replace
from pathlib import Path

from circletake.errors import CircletakeError, TimelineInvalid, TimelineUnreadable, UsageError
from circletake.interchange.format import Format, Head, Kind, ReadFile, Source
from circletake.interchange.tags import adopted
from circletake.jobs.context import JobContext, NoContext
from circletake.timeline.guard import kind_of, read_bytes


@functools.cache
def formats() -> tuple[Format, ...]:
    """All of them, in the order they are asked whether a file is theirs: the sure ones before those that guess.

    They are loaded when first asked for: a tenth of a second that the start of the program need not wait for.
    """
    from circletake.interchange import (  # noqa: PLC0415 - for the start's sake
        aaf,
        ale,
        blender,
        chapters,
        edl,
        fcp7,
        fcpxml,
        kdenlive,
        losslesscut,
        mlt,
        openshot,
        otio,
        resolve_markers,
        shotcut,
        subtitles,
        tables,
        xges,
    )

    return (
        *otio.FORMATS,
        *fcp7.FORMATS,
        fcpxml.FORMAT,
        *kdenlive.FORMATS,
        shotcut.FORMAT,
        mlt.FORMAT,
        openshot.FORMAT,
        xges.FORMAT,
        blender.FORMAT,
        aaf.FORMAT,
        resolve_markers.FORMAT,
        edl.FORMAT,
        ale.FORMAT,
        losslesscut.FORMAT,
        *subtitles.FORMATS,
        *tables.FORMATS,
        chapters.FORMAT,
    )


BUNDLES = {".otiod": "content.otio", ".fcpxmld": "Info.fcpxml"}
"""Folders that editors show as one file, and the timeline in each."""

HEAD_BYTES = 64 * 2**10

_PROLOGUE = re.compile(r"\s*+(?:(?:<\?[^>]*+>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>)\s*+)*+", re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,100})")


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: no such format; the nearest name is offered.
    """
    found = next((each for each in formats() if each.name == name), None)
    if found is not None:
        return found
    names = sorted(each.name for each in formats())
    near = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]}?" if near else f"One of {', '.join(names)}."
    raise UsageError(f"there is no format called {str(name)!r}", hint=hint)


def written_formats() -> tuple[Format, ...]:
    """The formats that can be written."""
    return tuple(each for each in formats() if each.write is not None)


def format_for(path: Path) -> Format:
    """The format to write a file of that name in: the first of its suffix, one that holds a cut before a list.

    Raises:
        UsageError: no format has the suffix.
    """
    suffix = path.suffix.lower()
    cuts_first = sorted(written_formats(), key=lambda each: each.kind is Kind.LIST)
    found = next((each for each in cuts_first if each.suffix == suffix), None)
    if found is None:
        known = ", ".join(sorted({each.suffix for each in written_formats()}))
        only_read = next((each for each in formats() if each.suffix == suffix), None)
        if only_read is not None:
            hint = f"End the name in one of {known}."
            raise UsageError(f"{only_read.title} is read but not written", hint=hint, path=path)
        hint = f"End the name in one of {known}, or name the format."
        raise UsageError(f"no timeline format is called {suffix or 'so'}", hint=hint, path=path)
    return found


def file_in(path: Path) -> Path:
    """The timeline's own file: the one inside a bundle, else the path itself."""
    inner = BUNDLES.get(path.suffix.lower())
    return path / inner if inner and path.is_dir() else path


def is_timeline(path: Path) -> bool:
    """Tell whether a file is a timeline or a list that is read here, by its first bytes; false for what is not there.

    A file that is called as timelines are but holds something else counts as one too, so that reading says what is
    wrong with it.
    """
    head = _head(path)
    if head is None:
        return False
    suffixes = {each.suffix for each in formats()} | set(BUNDLES)
    return _recognised(head) is not None or head.suffix in suffixes


def is_list(path: Path) -> bool:
    """Tell whether a file is a list of times without a cut."""
    head = _head(path)
    form = None if head is None else _recognised(head)
    return form is not None and form.kind is Kind.LIST


def _head(path: Path) -> Head | None:
    """The beginning of a regular file or of the one in a bundle; None for what is neither: a pipe would never end."""
    try:
        inner = file_in(path)
        if not inner.is_file():
            return None
        with inner.open("rb") as file:
            return head_of(file.read(HEAD_BYTES), path)
    except (OSError, ValueError):
        return None


def read_file(
    path: Path,
    *,
    sequence: str | None = None,
    rate: float | str | None = None,
    context: JobContext | None = None,
) -> ReadFile:
    """Read a timeline, or a list of times. `sequence` and `rate` as in `Source`.

    Raises:
        JobCancelled: asked to stop by `context`.
        TimelineUnreadable: missing, of a kind that is not read, damaged, or refused for safety.
        TimelineInvalid: values that contradict each other.
    """
    inner = file_in(path)
    data = read_bytes(inner)
    form = _recognised(head_of(data[:HEAD_BYTES], inner))
    if form is None or form.read is None:
        kind = kind_of(data) or "no timeline"
        hint = "Export the timeline as FCPXML, Final Cut Pro XML, OpenTimelineIO or EDL from your editor and open that."
        raise TimelineUnreadable(f"this is {kind}, which is not read", hint=hint, path=path)
    source = Source(inner, data, sequence, rate, context or NoContext())
    try:
        read = form.read(source)
        return ReadFile(path, form, replace(read, timeline=adopted(read.timeline)))
    except CircletakeError:
        raise
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError) as error:
        hint = "Export it again from the tool that made it; if that does not help, export another format."
        raise TimelineInvalid(f"its values contradict each other: {error}", hint=hint, path=path) from error


def _recognised(head: Head) -> Format | None:
    return next((each for each in formats() if each.recognise and each.recognise(head)), None)


def head_of(data: bytes, path: Path) -> Head:
    """What `Format.recognise` looks at."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(encoding, "replace").lstrip()
    prologue = _PROLOGUE.match(text)
    root = _ROOT.match(text, prologue.end()) if prologue else None
    return Head(data, text, root[1] if root else "", path.suffix.lower())
