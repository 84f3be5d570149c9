import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from circletake.errors import SettingsError
from circletake.settings import (
    EXPORT_TIMELINES,
    FAST,
    MAX_SECONDS,
    MIN_SECONDS,
    SETTINGS,
    TOP,
    Kind,
    Origin,
    Setting,
    Settings,
    files,
    find_setting,
    load_settings,
    settings_page,
    settings_path,
    write_settings,
)

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def load(place: Path, environment: dict[str, str] | None = None, **overrides: object) -> Settings:
    return load_settings(place, environment or {}, {key.replace("__", "."): value for key, value in overrides.items()})


def refused(place: Path, text: str) -> SettingsError:
    place.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(place)
    assert caught.value.path == place
    assert caught.value.hint
    return caught.value


def test_the_defaults_are_the_ones_promised() -> None:
    assert {row.key: row.default for row in SETTINGS} == {
        "analysis.min_seconds": 15,
        "analysis.max_seconds": 60,
        "analysis.top": 10,
        "analysis.fast": False,
        "analysis.handles": 10.0,
        "analysis.on_open": True,
        "analysis.mark_threshold": 70,
        "media.thumbnail_count": 200,
        "export.mode": "smart",
        "export.timelines": ("otio",),
        "export.overwrite": False,
        "export.quality": 18,
        "player.sound_offset": 0,
        "window.theme": "dark",
        "window.motion": True,
        "cache.max_megabytes": 2048,
        "jobs.cpu_threads": 2,
    }


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.key)
def test_every_row_is_complete(row: Setting[Any]) -> None:
    assert row.section
    assert row.name
    assert row.title
    assert row.text.endswith(".")
    assert (row.minimum is not None and row.maximum is not None) == (row.kind in (Kind.NUMBER, Kind.WHOLE_NUMBER))
    assert bool(row.choices) == (row.kind in (Kind.CHOICE, Kind.CHOICES))
    assert row.parsed(",".join(row.default) if isinstance(row.default, tuple) else str(row.default)) == row.default


def test_no_two_rows_share_a_key_or_a_variable() -> None:
    assert len({row.key for row in SETTINGS}) == len({row.variable for row in SETTINGS}) == len(SETTINGS)


def test_a_row_with_a_default_it_refuses_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="from 1 to 5"):
        Setting("a.b", "A", "B.", Kind.WHOLE_NUMBER, 9, minimum=1, maximum=5)


def test_the_page_in_docs_is_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == settings_page(), "make it anew with the command on the page"


def test_the_later_source_wins_and_is_named(place: Path) -> None:
    variable = {"CIRCLETAKE_ANALYSIS_MIN_SECONDS": "20"}
    assert load(place).get(MIN_SECONDS) == 15
    assert load(place).origin(MIN_SECONDS) is Origin.DEFAULT
    place.write_text("[analysis]\nmin_seconds = 18\n")
    assert (load(place).get(MIN_SECONDS), load(place).origin("analysis.min_seconds")) == (18, Origin.FILE)
    found = load(place, variable)
    assert (found.get(MIN_SECONDS), found.origin(MIN_SECONDS)) == (20, Origin.ENVIRONMENT)
    found = load(place, variable, analysis__min_seconds=22)
    assert (found.get("analysis.min_seconds"), found.origin(MIN_SECONDS)) == (22, Origin.OVERRIDE)
    assert found.origin(TOP) is Origin.DEFAULT


def test_the_usual_file_and_environment_are_this_process_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIRCLETAKE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("CIRCLETAKE_ANALYSIS_FAST", "yes")
    assert settings_path() == tmp_path / "settings.toml"
    write_settings({"analysis.top": 3})
    found = load_settings()
    assert (found.get(TOP), found.get(FAST)) == (3, True)


def test_values_with_a_value_leave_the_old_ones_alone() -> None:
    before = Settings()
    after = before.with_value(TOP, 3)
    assert (before.get(TOP), after.get(TOP), after.origin(TOP)) == (10, 3, Origin.OVERRIDE)
    assert after.with_value("analysis.top", 4).get(TOP) == 4


def test_a_whole_number_in_the_file_is_a_number_where_one_is_wanted(place: Path) -> None:
    place.write_text("[analysis]\nmin_seconds = 20\n")
    assert type(load(place).get(MIN_SECONDS)) is float


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("CIRCLETAKE_ANALYSIS_FAST", "On", "analysis.fast", True),
        ("CIRCLETAKE_ANALYSIS_FAST", "0", "analysis.fast", False),
        ("CIRCLETAKE_EXPORT_TIMELINES", " edl , otio,edl ", "export.timelines", ("edl", "otio")),
        ("CIRCLETAKE_EXPORT_TIMELINES", "", "export.timelines", ()),
        ("CIRCLETAKE_EXPORT_MODE", "copy", "export.mode", "copy"),
        ("CIRCLETAKE_ANALYSIS_MAX_SECONDS", "90.5", "analysis.max_seconds", 90.5),
    ],
)
def test_variables_are_read_as_people_write_them(
    place: Path, variable: str, text: str, key: str, value: object
) -> None:
    assert load(place, {variable: text}).get(key) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("CIRCLETAKE_ANALYSIS_FAST", "maybe"),
        ("CIRCLETAKE_ANALYSIS_TOP", "2.5"),
        ("CIRCLETAKE_ANALYSIS_TOP", "9" * 5000),
        ("CIRCLETAKE_EXPORT_MODE", "magic"),
        ("CIRCLETAKE_ANALYSIS_MIN_SECONDS", "nan"),
        ("CIRCLETAKE_ANALYSIS_MIN_SECONDS", "1e9"),
    ],
)
def test_a_variable_with_a_wrong_value_names_itself_and_what_is_allowed(place: Path, variable: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(place, {variable: text})
    row = next(row for row in SETTINGS if row.variable == variable)
    assert variable in str(caught.value)
    assert row.allowed in caught.value.hint


def test_a_misspelt_variable_is_refused_with_the_nearest_name(place: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(place, {"CIRCLETAKE_ANALYSIS_MIN_SECOND": "5"})
    assert "CIRCLETAKE_ANALYSIS_MIN_SECONDS?" in caught.value.hint


def test_variables_of_others_are_left_alone(place: Path) -> None:
    others = {"CIRCLETAKE_CACHE_DIR": "/x", "CIRCLETAKE_CONFIG_DIR": "/y", "CIRCLETAKE_SHARED": "/z", "HOME": "/"}
    assert load(place, others) == Settings()


def test_a_misspelt_name_is_refused_with_the_nearest_one(place: Path) -> None:
    error = refused(place, "[analysis]\nmin_secnods = 3\n")
    assert "analysis.min_secnods" in str(error)
    assert error.hint == "Did you mean analysis.min_seconds?"
    assert refused(place, "[analisis]\n").hint == "Did you mean analysis?"
    with pytest.raises(SettingsError) as caught:
        Settings().get("analysis.tpo")
    assert caught.value.hint == "Did you mean analysis.top?"


def test_a_name_near_to_none_gets_the_whole_list() -> None:
    with pytest.raises(SettingsError) as caught:
        find_setting("zzzzzz")
    assert all(row.key in caught.value.hint for row in SETTINGS)


@pytest.mark.parametrize(
    ("text", "place_of", "says"),
    [
        ("[analysis]\ntop = true", "analysis.top", "a whole number from 1 to 500"),
        ("[analysis]\ntop = 0", "analysis.top", "a whole number from 1 to 500"),
        ("[analysis]\ntop = 2.0", "analysis.top", "a whole number from 1 to 500"),
        ("[analysis]\nmin_seconds = nan", "analysis.min_seconds", "a number from 1 to 600"),
        ("[analysis]\nfast = 1", "analysis.fast", "true or false"),
        ('[export]\nmode = "fast"', "export.mode", "one of smart, copy, encode"),
        ('[export]\ntimelines = "otio"', "export.timelines", "any of otio, edl, csv"),
        ("[export]\ntimelines = [1]", "export.timelines", "any of otio, edl, csv"),
        ("analysis = 3", "analysis", "[analysis]"),
        ("version = true", "version", "Delete"),
        ("version = 0", "version", "Delete"),
    ],
)
def test_a_wrong_value_names_the_file_the_key_and_what_is_allowed(
    place: Path, text: str, place_of: str, says: str
) -> None:
    error = refused(place, text)
    assert error.place == place_of
    assert says in error.hint


def test_a_huge_whole_number_is_refused_like_any_other(place: Path) -> None:
    assert refused(place, f"[analysis]\nmin_seconds = {'9' * 400}").place == "analysis.min_seconds"


def test_what_is_no_toml_is_refused_with_the_line(place: Path) -> None:
    assert "line 2" in str(refused(place, "[analysis]\ntop = = 3\n"))
    refused(place, "x = " + "[" * 5000)
    place.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(place)
    place.write_bytes(b"#" * (files.MAX_BYTES + 1))
    with pytest.raises(SettingsError, match="too large"):
        load(place)


def test_a_folder_in_place_of_the_file_is_refused(place: Path) -> None:
    place.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load(place)


def test_the_shortest_clip_cannot_be_longer_than_the_longest(place: Path) -> None:
    assert "raise analysis.max_seconds" in refused(place, "[analysis]\nmin_seconds = 61\n").hint
    with pytest.raises(SettingsError):
        Settings().with_value(MIN_SECONDS, 61)
    both = Settings().with_values({"analysis.min_seconds": 61, "analysis.max_seconds": 90})
    assert (both.get(MIN_SECONDS), both.get(MAX_SECONDS)) == (61, 90)


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(place: Path) -> None:
    place.write_bytes(b"\xef\xbb\xbf[analysis]\r\ntop = 4\r\n")
    assert load(place).get(TOP) == 4
    write_settings({"analysis.top": 5}, place)
    assert load(place).get(TOP) == 5


COMMENTED = """\
# mine
version = 1   # keep

[analysis]  # how
# shorter than usual
min_seconds = 12  # seconds

[export]
timelines = [
  "otio",
]  # more to come
mode = "smart"
"""


def test_writing_keeps_comments_order_and_all_that_did_not_change(place: Path) -> None:
    place.write_text(COMMENTED)
    write_settings(
        {"analysis.min_seconds": 14.5, "analysis.top": 5, "export.timelines": (), "export.mode": None}, place
    )
    assert (
        place.read_text()
        == """\
# mine
version = 1  # keep

[analysis]  # how
# shorter than usual
min_seconds = 14.5  # seconds
top = 5

[export]
timelines = []  # more to come
"""
    )


def test_resetting_what_was_never_set_changes_nothing(place: Path) -> None:
    place.write_text(COMMENTED.replace("1   #", "1  #"))
    write_settings({"jobs.cpu_threads": None}, place)
    assert place.read_text() == COMMENTED.replace("1   #", "1  #")


def test_a_first_write_makes_the_folder_and_stores_the_version(tmp_path: Path) -> None:
    place = tmp_path / "new" / "settings.toml"
    write_settings({"export.mode": "copy", "analysis.fast": True}, place)
    assert tomllib.loads(place.read_text()) == {"version": 1, "export": {"mode": "copy"}, "analysis": {"fast": True}}
    assert load(place).origin(FAST) is Origin.FILE
    assert load(place).origin(EXPORT_TIMELINES) is Origin.DEFAULT


@pytest.mark.parametrize(
    "text", ["analysis.top = 4\n", "analysis = {top = 4}\n", '["analysis"]\ntop = 4\n', "[analysis]\n'top' = 4\n"]
)
def test_a_layout_that_cannot_be_patched_is_written_anew_without_losing_a_value(place: Path, text: str) -> None:
    place.write_text(text + "[media]\nthumbnail_count = 50\n")
    write_settings({"analysis.top": 5, "analysis.fast": True}, place)
    assert tomllib.loads(place.read_text()) == {
        "version": 1,
        "analysis": {"top": 5, "fast": True},
        "media": {"thumbnail_count": 50},
    }


def test_what_a_newer_version_stored_is_kept_and_its_version_too(place: Path) -> None:
    place.write_text('version = 7\n[analysis]\ntop = 4\nmood = "bright"\n[dreams]\ndepth = 3\n')
    assert load(place).get(TOP) == 4
    write_settings({"analysis.top": 5}, place)
    assert place.read_text() == 'version = 7\n[analysis]\ntop = 5\nmood = "bright"\n[dreams]\ndepth = 3\n'


def test_a_refused_change_leaves_the_file_as_it_was(place: Path) -> None:
    place.write_text(COMMENTED)
    bad: list[dict[str, Any]] = [{"analysis.top": 0}, {"analysis.max_seconds": 2}, {"analysis.tip": 3}]
    for changes in bad:
        with pytest.raises(SettingsError):
            write_settings(changes, place)
    assert place.read_text() == COMMENTED
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path: Path, place: Path) -> None:
    real = tmp_path / "dotfiles" / "settings.toml"
    real.parent.mkdir()
    real.write_text("[analysis]\ntop = 4\n")
    place.symlink_to(real)
    write_settings({"analysis.top": 5}, place)
    assert place.is_symlink()
    assert load(real).get(TOP) == 5


def test_an_older_file_is_migrated_one_version_at_a_time(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(document: dict[str, Any]) -> dict[str, Any]:
        return {"analysis": {"top": document["find"]["count"]}}

    def doubled(document: dict[str, Any]) -> dict[str, Any]:
        return {"analysis": {"top": document["analysis"]["top"] * 2}}

    monkeypatch.setattr(files, "VERSION", 3)
    monkeypatch.setattr(files, "MIGRATIONS", {1: renamed, 2: doubled})
    place.write_text("version = 1\n[find]\ncount = 4\n")
    assert load(place).get(TOP) == 8
    write_settings({"analysis.fast": True}, place)
    assert tomllib.loads(place.read_text()) == {"version": 3, "analysis": {"top": 8, "fast": True}}
    assert load(place).get(TOP) == 8


def test_every_older_version_has_a_migration() -> None:
    assert set(files.MIGRATIONS) == set(range(1, files.VERSION))


TEXTS = st.text(max_size=12)
LINES = st.one_of(
    st.sampled_from(["[analysis]", "[export]", "[dreams]", "version = 9", "top = 4 # x", "mood = '#'", "[[list]]", ""]),
    st.sampled_from(['long = """', '"""', "many = [", "]", "top = 4", "[analysis.deep]", 'mode = "copy"  # c#c']),
    TEXTS.map(lambda text: "# " + "".join(letter for letter in text if letter.isprintable())),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(lines=st.lists(LINES, max_size=12), top=st.integers(1, 500), reset=st.booleans())
def test_whatever_the_file_looks_like_a_write_changes_what_was_asked_and_nothing_else(
    place: Path, lines: list[str], top: int, reset: bool
) -> None:
    text = "version = 9\n" + "\n".join(lines)
    place.write_text(text, encoding="utf-8")
    try:
        before = tomllib.loads(text)
        load(place)
    except (tomllib.TOMLDecodeError, SettingsError):
        return
    write_settings({"analysis.top": None if reset else top}, place)
    after = tomllib.loads(place.read_text(encoding="utf-8"))
    for document in (before, after):
        document.setdefault("analysis", {}).pop("top", None)
    assert after == before
    assert load(place).get(TOP) == (10 if reset else top)
