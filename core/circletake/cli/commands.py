"""An action as a command: its signature with the terminal's own arguments before and after."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

from cyclopts import Parameter, Token

from circletake.actions import Action, Needs, Say
from circletake.cli.call import Call, Terminal

JSON_HELP = "Write the answer here as JSON; - for standard output."

ProjectFile = Annotated[Path, Parameter(help="A project.")]
Films = Annotated[Path, Parameter(help="Films, or one project.", json_list=False)]
SaveTo = Annotated[Path | None, Parameter(name="--project", help="Save the project here.")]
JsonTo = Annotated[Path | None, Parameter(name="--json", help=JSON_HELP, allow_leading_hyphen=True)]


def command(action: Action, terminal: Terminal) -> Callable[..., int]:
    """A function with the action's arguments and the terminal's own, that runs it from start to end."""

    def run(*positional: object, **named: object) -> int:
        bound = signature.bind(*positional, **named)
        bound.apply_defaults()
        given = dict(bound.arguments)
        project = given.pop("project_file", None)
        files = (project,) if project else tuple(given.pop("files", ()))
        return Call(action, terminal, files, given.pop("save_to", None), given.pop("json_to")).run(given)

    signature = _signature(action)
    run.__signature__ = signature  # type: ignore[attr-defined]  # read by inspect
    run.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    run.__doc__ = inspect.getdoc(action.function)
    run.__name__ = action.function.__name__
    return run


def _signature(action: Action) -> inspect.Signature:
    hints = get_type_hints(action.function, include_extras=True)
    own = [
        parameter.replace(annotation=_spoken(hints[name]))
        for name, parameter in inspect.signature(action.function).parameters.items()
        if name != "session"
    ]
    kind = inspect.Parameter
    before, after = [], [kind("json_to", kind.KEYWORD_ONLY, default=None, annotation=JsonTo)]
    if action.needs is not Needs.NOTHING:
        after.insert(0, kind("save_to", kind.KEYWORD_ONLY, default=None, annotation=SaveTo))
    if action.needs is Needs.FILES:
        before.append(kind("files", kind.VAR_POSITIONAL, annotation=Films))
    elif action.needs is Needs.PROJECT:
        before.append(kind("project_file", kind.POSITIONAL_OR_KEYWORD, annotation=ProjectFile))
    return inspect.Signature([*before, *own, *after])


def _spoken(annotation: object) -> object:
    """An action's own words for an argument, as the terminal library takes them."""
    if get_origin(annotation) is not Annotated:
        return annotation
    inner, *words = get_args(annotation)
    say = next((word for word in words if isinstance(word, Say)), Say(""))
    name = f"--{say.flag}" if say.flag else None
    choices = _choices_of(inner)
    converter = _split_at_commas(choices) if choices else None
    words_of = Parameter(
        name=name, help=say.text, negative="", consume_multiple=False, converter=converter, json_list=False
    )
    return Annotated[inner, words_of]


def _choices_of(annotation: object) -> type[StrEnum] | None:
    """The choices of an argument that takes several, written `otio,edl`."""
    for each in (annotation, *get_args(annotation)):
        element = get_args(each)[0] if get_origin(each) is tuple and get_args(each) else None
        if isinstance(element, type) and issubclass(element, StrEnum):
            return element
    return None


def _split_at_commas(choices: type[StrEnum]) -> Callable[[object, Sequence[Token]], tuple[StrEnum, ...]]:
    def convert(_: object, tokens: Sequence[Token]) -> tuple[StrEnum, ...]:
        words = [word.strip() for token in tokens for word in token.value.split(",")]
        allowed = {str(choice): choice for choice in choices}
        for word in words:
            if word not in allowed:
                raise ValueError(f"{word!r} is not one of {', '.join(allowed)}")
        return tuple(dict.fromkeys(allowed[word] for word in words))

    return convert
