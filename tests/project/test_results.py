"""Results come back as they were kept, a damaged one is a miss, and nothing here stops work."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from circletake import paths
from circletake.project.results import CachedResult, ResultStore, result_key

KEYS = [f"{number:064x}" for number in range(256, 300)]


def a_result(size: int = 1000) -> CachedResult:
    return CachedResult(
        {"scores": np.linspace(0, 1, size, dtype=np.float32), "windows": np.arange(6).reshape(2, 3)},
        {"method": "signals only", "rate": "30000/1001"},
    )


def is_same(first: CachedResult | None, second: CachedResult) -> bool:
    return (
        first is not None
        and dict(first.header) == dict(second.header)
        and list(first.arrays) == list(second.arrays)
        and all(
            np.array_equal(first.arrays[name], array, equal_nan=array.dtype.kind in "fc")
            and first.arrays[name].dtype == array.dtype
            for name, array in second.arrays.items()
        )
    )


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "results")


def test_a_result_comes_back_as_it_was(store: ResultStore) -> None:
    assert store.get(KEYS[0]) is None
    assert store.put(KEYS[0], a_result())
    assert is_same(store.get(KEYS[0]), a_result())
    assert store.get(KEYS[1]) is None


dtypes = st.sampled_from([np.dtype(name) for name in ("u1", "i4", "<f4", ">f8", "?", "c8", "U5")])


@given(array=dtypes.flatmap(lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, min_side=0, max_side=4))))
def test_any_array_comes_back(array: np.ndarray[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    store = ResultStore(tmp_path_factory.mktemp("store"))
    result = CachedResult({"a": array}, {})
    assert store.put(KEYS[0], result)
    back = store.get(KEYS[0])
    assert back is not None
    assert (back.arrays["a"].shape, back.arrays["a"].dtype) == (array.shape, array.dtype)
    assert back.arrays["a"].tobytes() == array.tobytes()


def test_keys_depend_on_each_part_and_not_on_order() -> None:
    request = {"window": Fraction(5, 2), "models": ["a", "b"], "deep": {"x": 1, "y": None}}
    key = result_key("print", request, "r1", 1)
    assert len(key) == 64
    assert key == result_key("print", dict(reversed(request.items())), "r1", 1)
    others = [
        result_key("other", request, "r1", 1),
        result_key("print", {**request, "window": Fraction(2)}, "r1", 1),
        result_key("print", request, "r2", 1),
        result_key("print", request, "r1", 2),
    ]
    assert len({key, *others}) == 5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"x"])
def test_what_has_no_one_spelling_is_no_part_of_a_key(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        result_key("print", {"x": value}, "r", 1)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 63, "A" * 64, "z" * 64, "0" * 63 + "/"])
def test_a_key_is_never_a_path(store: ResultStore, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        store.get(key)


def test_a_result_cut_anywhere_is_a_miss_and_goes(store: ResultStore) -> None:
    store.put(KEYS[0], a_result(10))
    path = store.path_of(KEYS[0])
    whole = path.read_bytes()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        assert store.get(KEYS[0]) is None
        assert not path.exists()


def test_a_flipped_byte_is_a_miss_or_changes_nothing(store: ResultStore) -> None:
    store.put(KEYS[0], a_result(10))
    path = store.path_of(KEYS[0])
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        found = store.get(KEYS[0])
        names = set() if found is None else set(found.arrays)
        assert found is None or names != {"scores", "windows"} or is_same(found, a_result(10)), place


def entry(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return buffer.getvalue()


def npy_bytes(array: np.ndarray[Any, Any], **more: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **more)
    return buffer.getvalue()


def test_hostile_entries_are_misses(store: ResultStore, monkeypatch: pytest.MonkeyPatch) -> None:
    small = npy_bytes(np.zeros(4, np.uint8))
    contents = {
        "objects": entry(header_json=b"{}", a_npy=npy_bytes(np.array([{}], object), allow_pickle=True)),
        "huge shape": entry(header_json=b"{}", a_npy=small.replace(b"(4,), ", b"(1000000000000,),")),
        "no header": entry(a_npy=small),
        "header no object": entry(header_json=b"[]", a_npy=small),
        "no array": entry(header_json=b"{}", a_npy=b"hello"),
        "no archive": b"hello",
        "nothing": b"",
    }
    path = store.path_of(KEYS[0])
    path.parent.mkdir(parents=True)
    for what, data in contents.items():
        path.write_bytes(data)
        assert store.get(KEYS[0]) is None, what
        assert not path.exists(), what


def test_a_packed_bomb_is_not_unpacked(store: ResultStore) -> None:
    path = store.path_of(KEYS[0])
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", "{}")
        archive.writestr("a.npy", bytes(50_000_000))
    started = time.monotonic()
    assert store.get(KEYS[0]) is None
    assert time.monotonic() - started < 1


def test_arrays_of_objects_are_refused(store: ResultStore) -> None:
    with pytest.raises(ValueError, match="objects"):
        store.put(KEYS[0], CachedResult({"a": np.array([{}], object)}, {}))
    with pytest.raises(ValueError, match="float"):
        store.put(KEYS[0], CachedResult({}, {"x": float("nan")}))


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, max_bytes=50_000)
    for number, key in enumerate(KEYS[:4]):
        store.put(key, a_result(2500))
        os.utime(store.path_of(key), (number, number))
    assert store.get(KEYS[0]) is not None  # used again: now the newest
    store.put(KEYS[4], a_result(2500))
    kept = [key for key in KEYS[:5] if store.path_of(key).exists()]
    assert kept == [KEYS[0], KEYS[2], KEYS[3], KEYS[4]]
    assert store.size() <= 50_000


def test_a_result_larger_than_the_store_is_not_kept(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, max_bytes=1000)
    assert not store.put(KEYS[0], a_result())
    assert store.size() == 0


def test_what_a_killed_writer_left_goes_after_an_hour(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, max_bytes=50_000)
    store.put(KEYS[0], a_result())
    abandoned = store.path_of(KEYS[0]).with_name(".abc.0000.part.npz")
    abandoned.write_bytes(bytes(60_000))
    store.trim()
    assert abandoned.exists()
    os.utime(abandoned, (1, 1))
    store.trim()
    assert not abandoned.exists()
    assert store.get(KEYS[0]) is not None


def test_a_full_or_read_only_disk_is_no_error(store: ResultStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(paths, "written_whole", refuse)
        assert not store.put(KEYS[0], a_result())
    store.put(KEYS[0], a_result())
    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", refuse)
        patch.setattr(Path, "unlink", refuse)
        store.get(KEYS[0])
        store.clear()
    assert store.put(KEYS[1], a_result())


@pytest.mark.parametrize("method", ["utime", "open"])
def test_a_store_on_a_read_only_disk_loses_nothing(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    store.put(KEYS[0], a_result())
    with monkeypatch.context() as patch:
        patch.setattr(os if method == "utime" else Path, method, refuse)
        found = store.get(KEYS[0])
    assert is_same(found, a_result()) is (method == "utime")
    assert is_same(store.get(KEYS[0]), a_result())


def test_a_place_that_is_a_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("x")
    store = ResultStore(tmp_path / "results")
    assert not store.put(KEYS[0], a_result())
    assert store.get(KEYS[0]) is None


WRITER = """
import sys
from pathlib import Path
import numpy as np
from circletake.project.results import CachedResult, ResultStore
store = ResultStore(Path(sys.argv[1]), max_bytes=60_000)
keys = [f"{n:064x}" for n in range(256, 276)]
for turn in range(15):
    for n, key in enumerate(keys):
        store.put(key, CachedResult({"a": np.full(1500, n)}, {"n": n}))
        other = (n * 7 + turn) % len(keys)
        found = store.get(keys[other])
        assert found is None or (found.header["n"] == other and (found.arrays["a"] == other).all())
"""


def test_two_processes_share_a_store(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=100)
        assert writer.returncode == 0, errors
    assert ResultStore(tmp_path).size() <= 2 * 60_000
    assert not list(tmp_path.rglob("*.part.npz"))
