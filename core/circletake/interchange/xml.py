"""XML from strangers, read without any of its powers; the only file that touches Python's XML parser.

No entity is fetched, none but a few short ones of the file's own is replaced, depth and size are bounded. Each element
knows its line, so that an error can name it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException, EntitiesForbidden
from defusedxml.ElementTree import DefusedXMLParser

from circletake.errors import TimelineUnreadable

__all__ = ["Element", "SubElement", "line_of", "parse", "to_bytes"]

MAX_BYTES = 64 * 2**20
"""Largest file read; a feature film's cut with heavy metadata stays below a tenth of it."""

MAX_DEPTH = 200
"""Deepest nesting read; compound clips in compound clips of real projects stay below 60."""

MAX_PARTS = 1_250_000
"""Most elements and attributes read together, at most some 150 MB of them: twenty thousand clips of Premiere's have a
million."""

MAX_ENTITIES = 20
"""Most entities a file may declare for itself, each a short text without further entities."""

MAX_ENTITY = 200

MAX_EXPANDED = 8 * 2**20
"""Most characters that entities may stand for, all their uses together."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML file may hold, not even escaped. Source: XML 1.0, 2.2, `Char`."""

MAX_SHARED = 20
"""Longest text kept once for all elements that say the same, in characters: most of a file is such."""


class _Placed(Element):
    """An element that knows its line; its attributes are those of the file alone."""

    __slots__ = ("line",)

    line: int


class _Bounded:
    """Builds the tree, as far as it stays within bounds."""

    def __init__(self) -> None:
        self.open: list[Element] = []
        self.root: Element | None = None
        self.count = 0
        self.line = 0
        self._text: list[str] = []
        self._shared: dict[str, str] = {}
        self._last: Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._flush()
        self.count += 1 + len(attributes)
        if len(self.open) >= MAX_DEPTH:
            raise ValueError(f"elements are nested more than {MAX_DEPTH} deep")
        if self.count > MAX_PARTS:
            raise ValueError(f"there are more than {MAX_PARTS:,} elements and attributes")
        element = _Placed(tag, attributes)
        element.line = self.line
        if self.open:
            self.open[-1].append(element)
        elif self.root is None:
            self.root = element
        self.open.append(element)
        self._last = None

    def end(self, _tag: str) -> None:
        self._flush()
        self._last = self.open.pop()

    def data(self, text: str) -> None:
        self._text.append(text)

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text = []
        if len(text) <= MAX_SHARED:
            text = self._shared.setdefault(text, text)
        if self._last is not None:
            self._last.tail = text or None
        elif self.open:
            self.open[-1].text = text or None

    def close(self) -> Element | None:
        return self.root


class _Parser(DefusedXMLParser):
    """Defused, but for short entities of the file's own, which MLT files may hold."""

    def __init__(self, target: _Bounded, references: int) -> None:
        super().__init__(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=False)
        self._target = target
        self._entities = 0
        self._longest = MAX_EXPANDED // max(1, references)
        begin: Any = self.parser.StartElementHandler

        def start(tag: str, attributes: Any) -> None:  # noqa: ANN401 - expat's own row of names and values
            target.line = self.parser.CurrentLineNumber
            if begin is not None:
                begin(tag, attributes)

        self.parser.StartElementHandler = start

    def defused_entity_decl(  # noqa: PLR0917 - expat's own order
        self,
        name: str,
        is_parameter_entity: bool,  # noqa: FBT001
        value: str | None,
        base: str | None,
        sysid: str | None,
        pubid: str | None,
        notation_name: str | None,
    ) -> None:
        self._entities += 1
        plain = value is not None and len(value) <= min(MAX_ENTITY, self._longest) and not {"&", "%", "<"} & set(value)
        if is_parameter_entity or not plain or self._entities > MAX_ENTITIES:
            raise EntitiesForbidden(name, value, base, sysid, pubid, notation_name)


def parse(data: bytes, path: Path) -> Element:
    """The outermost element of a file; whatever a document type or an external entity points at is never fetched.

    Raises:
        TimelineUnreadable: not XML, cut off, too deep, too large, or with entities that grow.
    """
    hint = "Export it again from the tool that made it."
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data) / 2**20:.0f} MiB; {MAX_BYTES >> 20} MiB of XML is the most that is read"
        raise TimelineUnreadable(message, hint="Export only the sequence you need.", path=path)
    builder = _Bounded()
    parser = _Parser(builder, data.count(b"&"))
    try:
        parser.feed(data)
        root = parser.close()
    except DefusedXmlException as error:
        raise TimelineUnreadable("it declares XML entities, which are refused", hint=hint, path=path) from error
    except ParseError as error:
        line = error.position[0]
        raise TimelineUnreadable(
            f"this is not whole XML: {error}", hint=hint, path=path, place=f"line {line}"
        ) from error
    except ValueError as error:
        raise TimelineUnreadable(str(error), hint=hint, path=path, place=f"line {builder.line}") from error
    if not isinstance(root, Element):
        raise TimelineUnreadable("there is nothing in this file", hint=hint, path=path)
    return root


def line_of(element: Element) -> str:
    """`line 12`: where an element of a parsed file begins."""
    return f"line {element.line if isinstance(element, _Placed) else '?'}"


def to_bytes(root: Element, doctype: str = "") -> bytes:
    """The file: UTF-8 with its declaration, laid out for people, `doctype` (`<!DOCTYPE fcpxml>`) on its own line.

    Characters that XML cannot hold become U+FFFD.
    """
    indent(root, " ")
    body = _FORBIDDEN.sub("\ufffd", tostring(root, encoding="unicode"))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"{doctype}\n" if doctype else "")
    return f"{head}{body}\n".encode()
