"""Keys: the commands' own, the user's, and a file that may hold anything."""

from pathlib import Path

import pytest

from circletake_viewers.commands import BY_NAME
from circletake_viewers.keymap import Conflict, Keymap, keys_path, load_keymap, normal


def stored(text: str) -> Path:
    place = keys_path()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def test_without_a_file_the_commands_own_keys_are_in_force() -> None:
    keymap = load_keymap()
    assert keymap.keys == {name: command.keys for name, command in BY_NAME.items()}
    assert not keymap.fault


def test_the_usual_keys_are_written_as_they_are_compared_and_never_twice() -> None:
    assert not Keymap().conflicts()
    assert [key for keys in Keymap().keys.values() for key in keys if normal(key) != key] == []


def test_own_keys_come_back_as_they_were_saved() -> None:
    keymap = Keymap().with_keys("keep", ["ctrl+shift+k", "F5"]).with_keys("quit", [])
    keymap.save()
    assert load_keymap() == keymap
    assert load_keymap().keys["keep"] == ("Ctrl+Shift+K", "F5")
    assert load_keymap().keys["quit"] == ()


def test_only_changes_are_stored_and_going_back_takes_them_out() -> None:
    Keymap().with_keys("keep", ["F5"]).save()
    load_keymap().with_keys("keep", BY_NAME["keep"].keys).save()
    assert "keep" not in keys_path().read_text(encoding="utf-8")


def test_names_and_comments_of_others_are_kept() -> None:
    place = stored('# mine\nversion = 3\n\n[keys]\nteleport = ["T"]  # later\nkeep = ["F5"]\n\n[later]\nx = 1\n')
    load_keymap().with_keys("reject", ["F6"]).save()
    text = place.read_text(encoding="utf-8")
    assert "# mine" in text
    assert 'teleport = ["T"]  # later' in text
    assert "version = 3" in text
    assert "x = 1" in text
    assert load_keymap().keys["reject"] == ("F6",)
    assert load_keymap().with_defaults().own == {"teleport": ("T",)}


@pytest.mark.parametrize("text", ["keys = 3", "[keys", "\x00", "[keys]\nkeep = 3\n", '[keys]\nkeep = ["Wibble"]\n'])
def test_a_bad_file_is_told_left_alone_and_never_stops_anyone(text: str) -> None:
    place = stored(text)
    keymap = load_keymap()
    assert keymap.keys["keep"] == BY_NAME["keep"].keys
    assert str(place) in keymap.fault
    assert place.read_text(encoding="utf-8") == text


def test_a_bad_file_gives_way_once_the_user_changes_a_key() -> None:
    stored("[keys")
    load_keymap().with_keys("keep", ["F5"]).save()
    assert load_keymap().keys["keep"] == ("F5",)
    assert not load_keymap().fault


def test_a_key_of_two_commands_is_told() -> None:
    keymap = Keymap().with_keys("keep", ["X"])
    assert keymap.conflicts() == (Conflict("X", ("keep", "reject")),)
    assert keymap.holders("x") == ("keep", "reject")


def test_a_key_taken_over_is_gone_elsewhere() -> None:
    keymap = Keymap().taken_over("keep", "X")
    assert keymap.keys["keep"] == ("C", "X")
    assert keymap.keys["reject"] == ()
    assert not keymap.conflicts()


@pytest.mark.parametrize("wrong", ["", "Wibble", "Ctrl+Wibble"])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        Keymap().with_keys("keep", [wrong])
