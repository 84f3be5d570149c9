"""Every error says what was tried, where, and what to do next, as a sentence and as a value."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from circletake import errors
from circletake.errors import CircletakeError, ErrorInfo, TimelineInvalid, UsageError

KINDS = sorted(
    (each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, CircletakeError)),
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_names_file_place_message_and_remedy(kind: type[CircletakeError]) -> None:
    error = kind("it ends early", hint="Copy it again.", path="film.mov", place="frame 12")
    assert str(error) == "film.mov: frame 12: it ends early"
    assert (error.path, error.hint) == (Path("film.mov"), "Copy it again.")
    assert ErrorInfo.of(error).hint == "Copy it again."


def test_kinds_are_distinct_names_for_programs() -> None:
    names = [kind("x", hint="y").kind for kind in KINDS]
    assert len(set(names)) == len(names)
    assert TimelineInvalid("x", hint="y").kind == "timeline_invalid"


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_at_the_top_names_every_error(kind: type[CircletakeError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_only_what_was_asked_wrongly_exits_with_two() -> None:
    assert UsageError("x", hint="y").exit_code == 2
    assert TimelineInvalid("x", hint="y").exit_code == 1


def test_without_a_place_the_message_stands_alone() -> None:
    assert str(CircletakeError("it is full", hint="Make room.")) == "it is full"


def test_a_system_error_names_the_file() -> None:
    info = ErrorInfo.of(OSError(errno.ENOSPC, "No space left on device", "film.mp4"))
    assert (info.kind, info.message) == ("system_error", "film.mp4: No space left on device")


def test_an_error_that_is_not_ours_keeps_its_traceback() -> None:
    nothing: dict[str, int] = {}
    with pytest.raises(KeyError) as caught:
        nothing["frames"]
    info = ErrorInfo.of(caught.value)
    assert info.kind == "internal_error"
    assert "frames" in info.message
    assert "Traceback" in info.details


def test_running_out_of_memory_has_a_kind_of_its_own() -> None:
    assert ErrorInfo.of(MemoryError()).kind == "out_of_memory"
