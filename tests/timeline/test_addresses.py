"""An address leads to a local file or nowhere; nothing is opened to find out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circletake.timeline.addresses import media_path, media_url, spelled_file

POSIX = pytest.mark.skipif(os.name == "nt", reason="paths as POSIX has them")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pipe:0",
        "concat:/etc/passwd|/etc/hostname",
        "http://127.0.0.1:9/x.mp4",
        "HTTPS://example.com/x.mp4",
        "rtmp://x/y",
        "data:video/mp4;base64,AAAA",
        "\\\\attacker\\share\\x.mp4",
        "//attacker/share/x.mp4",
        "\\/attacker\\share\\x.mp4",
        "file://attacker/share/x.mp4",
        "file:////attacker/share/x.mp4",
        "file://%5C%5Cattacker/share",
        "/dev/zero",
        "../../../../../../../../dev/zero",
        "/proc/self/environ",
        "/sys/kernel/x",
        "/etc/passwd",
        "file:///etc/passwd",
        "file:///media/%2e%2e/%2e%2e/etc/passwd",
        "../../../../../../../../etc/passwd",
        "a\0b.mp4",
        "a%00b.mp4",
        "a%0Ab.mp4",
        "x" * 10_000,
        "file://[",
    ],
)
@POSIX
def test_hostile_addresses_lead_nowhere(url: str, tmp_path: Path) -> None:
    assert media_path(url, tmp_path) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/media/a.mp4", "/media/a.mp4"),
        ("file:///media/a.mp4", "/media/a.mp4"),
        ("file://localhost/media/a.mp4", "/media/a.mp4"),
        ("FILE:///media/with%20space%20%C3%A9.mp4", "/media/with space é.mp4"),
        ("file:///media/a%23b#c?d.mp4", "/media/a#b#c?d.mp4"),
        ("/media/../other/a.mp4", "/other/a.mp4"),
    ],
)
@POSIX
def test_absolute_addresses_lead_to_their_path(url: str, expected: str, tmp_path: Path) -> None:
    assert media_path(url, tmp_path) == Path(expected)


@POSIX
def test_relative_addresses_start_at_the_timeline(tmp_path: Path) -> None:
    assert media_path("a.mp4", tmp_path) == tmp_path / "a.mp4"
    assert media_path("../video/a.mp4", tmp_path / "cuts") == tmp_path / "video" / "a.mp4"


def test_a_percent_is_decoded_only_where_that_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "100%25.mp4").touch()
    (tmp_path / "two words.mp4").touch()
    assert media_path("100%25.mp4", tmp_path) == tmp_path / "100%25.mp4"
    assert media_path("two%20words.mp4", tmp_path) == tmp_path / "two words.mp4"
    assert media_path("gone%20file.mp4", tmp_path) == tmp_path / "gone%20file.mp4"


@pytest.mark.parametrize(
    "url", ["C:\\media\\a.mp4", "C:/media/a.mp4", "file:///C:/media/a.mp4", "file://C:/media/a.mp4"]
)
@POSIX
def test_a_windows_path_elsewhere_is_a_missing_file_below_the_timeline(url: str, tmp_path: Path) -> None:
    path = media_path(url, tmp_path)
    assert path is not None
    assert path.is_relative_to(tmp_path)
    assert path.name == "a.mp4"
    assert not path.exists()


@POSIX
def test_pipes_folders_and_links_to_devices_lead_nowhere(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "link.mp4").symlink_to("/dev/zero")
    (tmp_path / "secret.mp4").symlink_to("/etc/passwd")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    for name in ("pipe", "folder", "link", "secret", "loop"):
        assert media_path(f"{name}.mp4", tmp_path) is None, name


opened: list[str] = []
watching: list[bool] = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if watching and event == "open" else None)


@given(url=st.text(max_size=50) | st.text("ab:/\\.%2Fe?#", max_size=30))
def test_no_address_raises_or_opens_anything(url: str) -> None:
    opened.clear()
    watching.append(True)
    try:
        path = media_path(url, Path("/media/cuts"))
    finally:
        watching.clear()
    assert opened == []
    assert path is None or path.is_absolute()  # so no decoder takes its start for a protocol


@pytest.mark.parametrize(
    "name", ["a.mp4", "two words.mp4", "100%25.mp4", "é 大平原.mp4", "pipe:0.mp4", "a#b?c.mp4", "sub/a.mp4", "..a.mp4"]
)
@POSIX
def test_a_written_address_leads_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    relative, absolute = media_url(path, tmp_path), media_url(path)
    assert not Path(relative).is_absolute()
    assert media_path(relative, tmp_path) == path
    assert media_path(absolute, Path("/elsewhere")) == path
    assert media_url(path, tmp_path / "cuts") == absolute


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_name_that_is_no_unicode_leads_back(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    path.touch()
    url = media_url(path, tmp_path)
    assert url.isascii()
    assert media_path(url, tmp_path) == path


@pytest.mark.parametrize(
    "url", ["/net/evil.example/a.mp4", "file:///Network/evil/a.mp4", "../../../../net/evil/a%20b.mp4"]
)
@POSIX
def test_folders_mounted_on_demand_are_not_even_looked_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spied(name: str) -> None:
        real = getattr(os, name)

        def look(path: object, *args: object, **named: object) -> object:
            text = os.path.normpath(os.fspath(path)) if isinstance(path, str | os.PathLike) else ""
            if text.lower().startswith(("/net", "/network")):
                seen.append(text)
            return real(path, *args, **named)

        monkeypatch.setattr(os, name, look)

    for name in ("stat", "lstat", "readlink", "scandir", "open"):
        spied(name)
    assert media_path(url, Path("/home/u/edit")) is None
    assert spelled_file(Path("/"), ("net", "evil.example", "a.mp4")) is None
    assert spelled_file(Path("/net/evil"), ("a.mp4",)) is None
    assert seen == []
