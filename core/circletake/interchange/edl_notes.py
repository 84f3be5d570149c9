"""What the lines below the events of a decision list say about them: names, files, speeds, locators."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from circletake.interchange.edl_lines import Group, Note
from circletake.interchange.plain import shown_text
from circletake.timeline.model import clean_name

LOCATORS = {
    "red": "RED",
    "green": "GREEN",
    "blue": "BLUE",
    "cyan": "CYAN",
    "magenta": "MAGENTA",
    "yellow": "YELLOW",
    "black": "BLACK",
    "white": "WHITE",
}
"""Colours of locators here and in a list. Source: Avid EDL Manager, which other editors follow."""

_NAMED = re.compile(
    r"\*\s*(?P<word>KEY CLIP NAME|FROM CLIP NAME|TO CLIP NAME|CLIP NAME|FROM CLIP|TO CLIP|FROM FILE|TO FILE|SOURCE FILE"
    r"|OTIO TRUNCATED REEL NAME FROM|LOC|ASC_SOP|ASC_SAT)\s?(?P<colon>:?)(?P<text>.*)",
    re.IGNORECASE,
)
_REPLACED = re.compile(r"FINAL CUT PRO REEL: (?P<full>.{1,200}?) REPLACED BY: (?P<short>\S+)", re.IGNORECASE)
_SPEED = re.compile(r"[+-]?\d{1,5}(?:\.\d{1,4})?")
_SIDE = re.compile(r"\*\s*(?P<word>FROM CLIP|TO CLIP) IS A\b", re.IGNORECASE)
_LOCATOR = re.compile(r"(?P<time>-?\d{1,3}[:;]\d{1,2}[:;]\d{1,2}[:;.,]\d{1,3})\s*(?P<text>.*)")
_BAR = re.compile(r"\|C:ResolveColor(?P<color>[A-Za-z]{1,20})\s*\|M:")
_BAR_LENGTH = re.compile(r"\|D:(?P<frames>\d{1,9})\s*")
_GUARD = re.compile(r"\A- (?=[\d*])")


@dataclass(frozen=True, slots=True)
class Locator:
    """A marker in a list: `time` is its timecode, empty where it lies at its event's record start."""

    line: int
    time: str
    text: str
    color: str = ""
    comment: str = ""
    frames: int = 0


@dataclass(slots=True)
class Said:
    """All that is said about one event. `speed` is in frames a second, as written."""

    name: str = ""
    file: str = ""
    reel: str = ""
    speed: str = ""
    speed_at: str = ""
    freeze: bool = False
    colors: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    locators: list[Locator] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)


def said_of(group: Group) -> list[Said]:
    """What is said about each event of a group, in their order."""
    found = [Said() for _ in group.events]
    named = found
    for note in group.notes:
        match = _NAMED.match(note.text)
        if match and (match["colon"] or match["word"].upper().startswith("ASC_")):
            named = _tell(match, note, group, found, named)
        elif note.text[:2].upper() == "M2" and note.text[2:3].isspace():
            _retime(note.text.split(), group, found)
        else:
            _other(note, group, found)
    return found


def _tell(match: re.Match[str], note: Note, group: Group, found: list[Said], named: list[Said]) -> list[Said]:
    """Put down what a named line says; gives the events that the last name was about."""
    word, text = match["word"].upper(), match["text"].strip()
    if word == "LOC":
        _locate(note, text, found[-1])
    elif word.startswith("ASC_"):
        found[-1].colors[word.lower()] = clean_name(text.lstrip(":"))
    elif word == "CLIP NAME":
        found[-1].name = clean_name(text)
    elif word.startswith("OTIO"):
        for each in found:
            each.reel = clean_name(text)
    elif word == "SOURCE FILE":
        for each in named:
            each.file = each.file or text
    else:
        named = _side(word, group, found)
        _name(word, text, named)
        if not named:
            _keep(note, found[-1])
    return named


def _name(word: str, text: str, named: list[Said]) -> None:
    for each in named:
        if word.endswith("NAME"):
            each.name = each.name or clean_name(text)
        else:
            each.file = each.file or text


def _side(word: str, group: Group, found: list[Said]) -> list[Said]:
    """The events that a line is about: FROM is what a transition leaves, TO and KEY what it brings.

    A transition that stands alone leaves the event before it, so that FROM is about nothing here if there is a TO.
    """
    stays = [each for event, each in zip(group.events, found, strict=True) if event.transition in ("C", "KB")]
    brought = [each for event, each in zip(group.events, found, strict=True) if event.transition not in ("C", "KB")]
    if not word.startswith("FROM"):
        return brought
    has_to = any(note.text.upper().lstrip("* ").startswith("TO CLIP") for note in group.notes)
    return stays or ([] if has_to else brought)


def _locate(note: Note, text: str, said: Said) -> None:
    match = _LOCATOR.match(text)
    if match is None:
        _keep(note, said)
        return
    color, _, rest = match["text"].partition(" ")
    if color.lower() not in LOCATORS:
        color, rest = "", match["text"]
    said.locators.append(Locator(note.line, match["time"], shown_text(rest), color.lower()))


def _retime(words: list[str], group: Group, found: list[Said]) -> None:
    """`M2 reel speed timecode` is about the event of that reel, at best the one that begins there."""
    if len(words) < 3 or not _SPEED.fullmatch(words[-2]):
        found[-1].comments.append(clean_name(" ".join(words)))
        return
    reel, speed, time = clean_name(" ".join(words[1:-2])), words[-2], words[-1]
    both = list(zip(group.events, found, strict=True))
    same = [pair for pair in both if pair[0].reel == reel] or both[-1:]
    _, said = next((pair for pair in reversed(same) if pair[0].times[0] == time), same[-1])
    said.speed, said.speed_at = speed, time


def _other(note: Note, group: Group, found: list[Said]) -> None:
    locator = bar_locator(note)
    words = note.text.split()
    replaced = _REPLACED.match(" ".join(words))
    if locator:
        found[-1].locators.append(locator)
    elif replaced:
        for event, said in zip(group.events, found, strict=True):
            if event.reel == replaced["short"]:
                said.reel = clean_name(replaced["full"])
    elif words[0].upper() == "AUD" and all(word.isascii() and word.isdigit() and len(word) < 3 for word in words[1:]):
        found[-1].channels += map(int, words[1:])
    elif (side := _SIDE.match(note.text)) and len(group.events) > 1:
        for said in _side(side["word"].upper(), group, found):
            _keep(note, said)
    else:
        found[-1].freeze = found[-1].freeze or "FREEZE FRAME" in note.text.upper()
        _keep(note, found[-1])


def _keep(note: Note, said: Said) -> None:
    text = clean_name(note.text.lstrip("*"))
    if text and text.upper() != "COMMENT:":
        said.comments.append(text)


def bar_locator(note: Note) -> Locator | None:
    """The marker in a line such as `note |C:ResolveColorBlue |M:name |D:1`; None where it is none."""
    match = _BAR.search(note.text)
    if match is None:
        return None
    name, lengths = note.text[match.end() :], list(_BAR_LENGTH.finditer(note.text, match.end()))
    frames = 0
    if lengths:
        name = note.text[match.end() : lengths[-1].start()]
        frames = int(lengths[-1]["frames"])
    comment = _GUARD.sub("", shown_text(note.text[: match.start()]))
    return Locator(note.line, "", shown_text(name), match["color"].lower(), comment, frames if frames > 1 else 0)
