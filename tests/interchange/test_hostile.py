"""Timelines made to harm: a result or a clean error, nothing of the machine opened, nobody called."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from circletake.errors import CircletakeError, TimelineUnreadable, UsageError
from circletake.interchange import xml
from circletake.interchange.registry import is_list, is_timeline
from circletake.jobs.context import NoContext
from circletake.session.converting import InfoRequest, look_into
from circletake.session.importing import USUAL

SPIED = ("/etc/", "/proc/", "/dev/", "/sys/", "/boot/", "\\\\")

_seen: list[str] = []
_watching = False


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event == "open" and isinstance(arguments[0], str | bytes):
        _seen.append(str(arguments[0]))
    if _watching and event in ("socket.connect", "socket.getaddrinfo"):
        _seen.append(f"{event} {arguments}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """The files opened and the hosts called meanwhile; Python's own audit events tell, and cannot be got round."""
    global _watching  # noqa: PLW0603 - an audit hook stays for good, so it is switched
    if not _hooked:
        sys.addaudithook(_note)
        _hooked.append(True)
    _seen.clear()
    _watching = True
    try:
        yield _seen
    finally:
        _watching = False


_hooked: list[bool] = []


def hostile_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_hostile_file_gives_a_result_or_a_clean_error(shared: Path) -> None:
    folder = shared / "data" / "timelines_hostile"
    internal, opened = {}, {}
    for name in hostile_names(folder):
        with watched() as seen:
            try:
                cut = look_into(InfoRequest(folder / name, USUAL), NoContext())
            except CircletakeError as error:
                said = f"{error.message} {error.hint} {error.place or ''}"
                if isinstance(error, UsageError) or not error.hint or "root:" in said:
                    internal[name] = said
            except Exception as error:
                internal[name] = repr(error)
            else:
                if any("root:" in clip for clip in str(cut.timeline).splitlines()):
                    internal[name] = "the passwords"
            outside = [place for place in seen if place.startswith(SPIED) or "socket" in place]
            if outside:
                opened[name] = outside
    assert internal == {}
    assert opened == {}


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory so")

RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"


def premiere(outer: str, inner: str) -> str:
    """A sequence, and another one that it may show as `s2`."""
    first, second = (
        f'<sequence id="{name}"><name>x</name>{RATE}<media><video>{tracks}</video></media></sequence>'
        for name, tracks in (("s1", outer), ("s2", inner))
    )
    return f'<xmeml version="4">{first}<bin><children>{second}</children></bin></xmeml>'


def item(start: int, end: int, first: int, what: str) -> str:
    length = f"<start>{start}</start><end>{end}</end><in>{first}</in><out>{first + end - start}</out>"
    return f'<clipitem id="{len(what)} {start}"><name>a</name>{RATE}<duration>9999</duration>{length}{what}</clipitem>'


def premiere_uses(count: int) -> str:
    uses = "".join(item(n, n + 1, count - 1, USE) for n in range(count))
    return premiere(f"<track>{uses}</track>", f"<track>{''.join(item(n, n + 1, 0, '') for n in range(count))}</track>")


def premiere_tracks(count: int) -> str:
    tracks = "".join(f"<track>{item(2 * n, 2 * n + 1, 0, '')}</track>" for n in range(count))
    return premiere(f"<track>{item(0, 2 * count, 0, USE)}</track>", tracks)


def mlt(*playlists: str) -> str:
    film = '<producer id="p"><property name="resource">/a.mp4</property></producer>'
    named = "".join(f'<playlist id="l{number}">{entries}</playlist>' for number, entries in enumerate(playlists))
    tractor = f'<tractor id="t"><track producer="l{len(playlists) - 1}"/></tractor>'
    return f'<mlt><profile frame_rate_num="25" frame_rate_den="1"/>{film}{named}{tractor}</mlt>'


def final_cut(spine: str, media: str = "") -> str:
    asset = '<asset id="r2" src="file:///a.mp4" start="0s" duration="9999s" hasVideo="1" format="r1"/>'
    outer, inner = (f'<sequence format="r1"><spine>{each}</spine></sequence>' for each in (spine, media))
    shelf = f'<format id="r1" frameDuration="1/25s"/>{asset}<media id="r3">{inner}</media>'
    return f'<fcpxml version="1.10"><resources>{shelf}</resources><project name="p">{outer}</project></fcpxml>'


def frames(count: int) -> str:
    return "".join(f'<asset-clip ref="r2" offset="{n}/25s" start="0s" duration="1/25s"/>' for n in range(count))


def points(count: int, start: int = 0) -> str:
    return "".join(f'<marker start="{start or n}/25s" duration="1/25s" value="m{n}"/>' for n in range(count))


def compounds(count: int) -> str:
    return "".join(
        f'<ref-clip ref="r3" offset="{n}/25s" start="{count - 1}/25s" duration="1/25s"/>' for n in range(count)
    )


def retimed(count: int) -> str:
    bends = "".join(f'<timept time="{n}s" value="{2 * n + n % 2}s"/>' for n in range(count))
    return f'<asset-clip ref="r2" duration="{count}s"><timeMap>{bends}</timeMap>{points(count)}</asset-clip>'


def entities(value: str, uses: int) -> str:
    return f'<!DOCTYPE mlt [<!ENTITY a "{value}">]><mlt><producer id="p" title="{"&a;" * uses}"/></mlt>'


def openshot(files: str) -> str:
    return f'{{"openshot-qt":1,"fps":{{"num":25,"den":1}},"clips":[],"files":[{files}[]]}}'


MANY_ATTRIBUTES = '<a b="" c="" d="" e="" f="" g="" h="" i=""/>'

USE = '<sequence id="s2"/>'

EVENT = "001  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"


def generated() -> dict[str, str]:
    """Small files that ask for much, by name."""
    uses = '<entry producer="l0" in="2999" out="2999"/>'
    return {
        "uses.xml": premiere_uses(3000),
        "tracks.xml": premiere_tracks(2000),
        "uses.mlt": mlt('<entry producer="p" in="0" out="0"/>' * 3000, uses * 3000),
        "repeats.mlt": mlt('<entry producer="nobody" repeat="10000" in="0" out="0"/>' * 3000),
        "uses.fcpxml": final_cut(compounds(3000), frames(3000)),
        "pieces.fcpxml": final_cut(
            f'<ref-clip ref="r3" duration="5000/25s">{points(5000, 4999)}</ref-clip>', frames(5000)
        ),
        "bends.fcpxml": final_cut(retimed(5000)),
        "holders.fcpxml": final_cut('<clip duration="1s">' * 40 + "</clip>" * 40),
        "entities.mlt": entities("x" * 200, 1_500_000),
        "elements.xml": f"<xmeml>{'<a/>' * 3_000_000}</xmeml>",
        "attributes.xml": f"<xmeml>{MANY_ATTRIBUTES * 400_000}</xmeml>",
        "lists.osp": openshot("[]," * 10_000_000),
        "cells.csv": f"start,end,name\n1{',' * 25_000_000}\n",
        "lines.srt": "1\n00:00:00,000 --> 00:00:01,000\nx\n" + "\n" * 20_000_000,
        "notes.edl": f"TITLE: x\n{EVENT}" + "* a\n" * 6_000_000,
    }


def outcomes(paths: list[Path]) -> dict[str, str]:
    """What came of each file, read by a process with bounds; files it did not get to are missing."""
    command = [sys.executable, "-m", "tests.interchange.bounded", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    found = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    return {path.name: found.get(path.name, f"FAILED {done.returncode} {done.stderr[-300:]}") for path in paths}


@LINUX
def test_small_files_cannot_ask_for_much(tmp_path: Path) -> None:
    paths = []
    for name, text in generated().items():
        paths.append(tmp_path / name)
        paths[-1].write_text(text, encoding="utf-8")
    found = outcomes(paths)
    assert {name: said for name, said in found.items() if said.startswith(("FAILED", "internal"))} == {}
    read = {name for name, said in found.items() if said == "read"}
    assert read == {f"{name}.fcpxml" for name in ("uses", "pieces", "bends", "holders")} | {
        "uses.xml",
        "tracks.xml",
        "uses.mlt",
    }


@LINUX
def test_every_hostile_file_is_read_within_bounds(shared: Path) -> None:
    found = outcomes(sorted((shared / "data" / "timelines_hostile").iterdir()))
    assert {name: said for name, said in found.items() if said.startswith("FAILED")} == {}


def entity(value: str, uses: int = 1, number: int = 1) -> bytes:
    declared = "".join(f'<!ENTITY a{n} "{value}">' for n in range(number))
    return f"<!DOCTYPE mlt [{declared}]><mlt>{'&a0;' * uses}</mlt>".encode()


@pytest.mark.parametrize("data", [
    entity("x" * (xml.MAX_ENTITY + 1)),
    entity("&#38;b;"),
    entity("<b/>"),
    entity("x", number=xml.MAX_ENTITIES + 1),
    entity("x" * xml.MAX_ENTITY, uses=xml.MAX_EXPANDED // xml.MAX_ENTITY + 1),
])  # fmt: skip
def test_entities_that_grow_are_refused(data: bytes) -> None:
    with pytest.raises(TimelineUnreadable, match="entities"):
        xml.parse(data, Path("x.mlt"))


def test_short_entities_are_replaced() -> None:
    root = xml.parse(entity("x" * xml.MAX_ENTITY, uses=3, number=xml.MAX_ENTITIES), Path("x.mlt"))
    assert root.text == "x" * (3 * xml.MAX_ENTITY)


def test_parts_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_PARTS", 4)
    assert len(xml.parse(b'<a><b c=""/><d/></a>', Path("x.xml"))) == 2
    for text in (b'<a><b c="" d=""/><d/></a>', b"<a><b/><b/><b/><b/></a>"):
        with pytest.raises(TimelineUnreadable, match="more than 4 elements"):
            xml.parse(text, Path("x.xml"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes of this kind")
def test_a_pipe_is_no_timeline_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.srt")
    (tmp_path / "b.srt").symlink_to(tmp_path / "a.srt")
    (tmp_path / "c.otiod").mkdir()
    os.mkfifo(tmp_path / "c.otiod" / "content.otio")
    for name in ("a.srt", "b.srt", "c.otiod"):
        with watched() as seen:
            assert not is_list(tmp_path / name)
            assert not is_timeline(tmp_path / name)
        assert seen == []
