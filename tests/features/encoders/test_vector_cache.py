"""The vectors of texts on the disk: a text is known again, and what is wrong with the file stops nobody."""

from __future__ import annotations

import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from themetagger.features.encoders.vector_cache import VectorCache, key_of

PAY = np.array([1.5, -2.0, 3e-7], dtype=np.float32)
SOME = {key_of("pay"): PAY}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "a.sqlite"


def kept(path: Path) -> VectorCache:
    cache = VectorCache(path, width=3)
    cache.keep(SOME)
    return cache


def test_what_is_kept_is_known_to_another_bit_by_bit(path: Path) -> None:
    assert not kept(path).notes
    other = VectorCache(path, width=3)
    many = [key_of(f"text {i}") for i in range(1_200)]
    assert not other.known(many)
    other.keep({key: np.full(3, i, np.float32) for i, key in enumerate(many)})
    found = kept(path).known([*many, key_of("pay"), key_of("none")])
    assert set(found) == {*many, key_of("pay")}
    assert found[key_of("pay")].tobytes() == PAY.tobytes()
    assert found[many[700]].tolist() == [700, 700, 700]
    assert found[many[0]].dtype == np.float32


def test_it_holds_no_text_and_only_the_user_can_read_it(path: Path) -> None:
    kept(path)
    assert b"pay" not in path.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_hardly_larger_than_its_vectors(path: Path) -> None:
    VectorCache(path, width=384).keep({key_of(str(i)): np.ones(384, np.float32) for i in range(1_000)})
    assert path.stat().st_size < 1.25 * 1_000 * (4 * 384 + 32)


def test_texts_have_keys_of_their_own() -> None:
    texts = ["pay", "Pay", "pay ", "", "\ud800", "日本", "\0"]
    assert len({key_of(text) for text in texts}) == len(texts)
    assert {len(key_of(text)) for text in texts} == {32}


def test_without_a_file_it_keeps_nothing(path: Path) -> None:
    cache = VectorCache(None, width=3)
    cache.keep(SOME)
    assert (cache.known(list(SOME)), cache.notes) == ({}, [])
    assert not VectorCache(path, width=3).known(list(SOME))
    assert not path.exists()  # which asking does not make


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough" * 200, b"short", b"SQLite format 3\0" + b"\0" * 5_000]
)
def test_a_damaged_file_is_a_note_and_begun_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    cache = VectorCache(path, width=3)
    assert not cache.known(list(SOME))
    assert "was damaged" in cache.notes[0]
    cache.keep(SOME)
    assert len(cache.notes) == 1
    assert set(VectorCache(path, width=3).known(list(SOME))) == set(SOME)


def test_a_table_of_another_kind_is_begun_anew(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as table:
        table.execute("CREATE TABLE vectors (a INT)")
    table.close()
    cache = kept(path)
    assert "was damaged" in cache.notes[0]
    cache.keep(SOME)
    assert set(cache.known(list(SOME))) == set(SOME)


def test_a_cut_file_is_begun_anew(path: Path) -> None:
    cache = VectorCache(path, width=3)
    cache.keep({key_of(str(i)): np.ones(3, np.float32) for i in range(3_000)})
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)
    cache.known([key_of(str(i)) for i in range(3_000)])
    cache.keep(SOME)
    assert "was damaged" in cache.notes[0]
    cache.keep(SOME)
    assert len(cache.notes) == 1
    assert set(cache.known(list(SOME))) == set(SOME)


@pytest.mark.parametrize(
    "blob", [b"", b"123", np.ones(4, "<f4").tobytes(), np.array([1, np.nan, 1], "<f4").tobytes(), "text", 7, None]
)
def test_a_blob_that_is_no_vector_is_not_known(path: Path, blob: object) -> None:
    cache = kept(path)
    with sqlite3.connect(path) as table:
        table.execute("UPDATE vectors SET vector = ?", [blob])
    table.close()
    assert (cache.known(list(SOME)), cache.notes) == ({}, [])
    cache.keep(SOME)
    assert set(cache.known(list(SOME))) == set(SOME)


def test_a_place_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = VectorCache(tmp_path / "file" / "a.sqlite", width=3)
    cache.keep(SOME)
    cache.keep(SOME)
    (note,) = cache.notes
    assert "cannot be used" in note
    assert not cache.known(list(SOME))


def test_a_full_disk_is_a_note(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = kept(path)

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", full)
    cache.keep({key_of("more"): PAY})
    assert "database or disk is full" in cache.notes[0]
    monkeypatch.undo()
    assert set(VectorCache(path, width=3).known(list(SOME))) == set(SOME)  # and nothing was thrown away


def test_several_write_at_a_time(path: Path) -> None:
    def write(who: str) -> list[str]:
        cache = VectorCache(path, width=3)
        for i in range(20):
            cache.keep({key_of(f"{one} {i}"): np.full(3, i, np.float32) for one in (who, "same")})
            cache.known([key_of(f"same {i}")])
        return cache.notes

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(write, "abc")) == [[], [], []]
    keys = [key_of(f"{who} {i}") for who in ("a", "b", "c", "same") for i in range(20)]
    assert [vector[0] for vector in VectorCache(path, width=3).known(keys).values()].count(19) == 4
    assert len(VectorCache(path, width=3).known(keys)) == 80
