"""The list of everything a person can do, and how a function gets on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar


class Needs(StrEnum):
    """What must be open before an action makes sense."""

    NOTHING = "nothing"
    FILES = "films or a project"
    PROJECT = "a project"


@dataclass(frozen=True, slots=True)
class Say:
    """What a door says about an argument: its words, and the short `flag` a terminal uses instead of its name."""

    text: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. `key` is its default shortcut; `edits` tells that it changes the project.

    `lasting` ones only make sense at a door that stays open from one to the next; a terminal has no use for them.
    `under` is the word a terminal puts before the name (`timeline convert`).
    """

    name: str
    title: str
    function: Callable[..., Any]
    needs: Needs
    key: str = ""
    edits: bool = False
    lasting: bool = False
    under: str = ""


ACTIONS: dict[str, Action] = {}
"""Every action by name."""

F = TypeVar("F", bound=Callable[..., Any])


def action(
    title: str,
    *,
    needs: Needs = Needs.PROJECT,
    key: str = "",
    edits: bool = False,
    lasting: bool = False,
    under: str = "",
) -> Callable[[F], F]:
    """Put a function on the list; the function itself stays as it is."""

    def enlist(function: F) -> F:
        name = function.__name__.replace("_", "-").removeprefix(f"{under}-")
        ACTIONS[f"{under} {name}".strip()] = Action(name, title, function, needs, key, edits, lasting, under)
        return function

    return enlist
