"""Arrays of run folders: as long as their bytes, whatever a header claims."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from themetagger._utils.arrays import array_in, arrays_at


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def lied(descr: str, shape: str, body: bytes = b"") -> bytes:
    """A file whose header says so."""
    said = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head = said + b" " * (-(len(said) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + body


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.array([0.5, -1.0]), "f8"),
        (np.arange(5), "i8"),
        (np.array([2**64 - 1], dtype=np.uint64), "u8"),
        (np.array([True, False]), "?"),
        (np.arange(3).astype(">i8"), "i8"),
        (np.zeros(0), "f8"),
    ],
)
def test_what_numpy_saves_is_read(array: Any, dtype: str) -> None:
    found = array_in(npy(array), dtype)
    assert found.tolist() == array.tolist()
    assert found.dtype == np.dtype(dtype)


def test_a_single_value_is_one() -> None:
    assert array_in(npy(np.array(True)), "?").tolist() == [True]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        lied("<f8", "(1000000000000,)"),
        lied("<f8", "(99999999999999999999999,)"),
        lied("<f8", "(-1,)", bytes(8)),
        lied("|O", "(1,)", bytes(8)),
        lied("<f8", "(" * 2000),
        lied("<f8", "(1, 2)", bytes(16)),
        lied("<f8", "(2,)", bytes(15)),
        npy(np.zeros((2, 2))),
        npy(np.zeros(2, "f4")),
        npy(np.array(["a"])),
        npy(np.zeros(2))[:-1],
        npy(np.zeros(2)) + b"\0",
    ],
)
def test_what_is_no_such_array_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is no array|its numbers are|it claims"):
        array_in(data, "f8")


def test_arrays_by_name_may_lack_what_is_not_wanted(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", one=np.arange(2), two=np.array([1.5]))
    found = arrays_at(tmp_path / "a.npz", {"one": "i8"}, more={"two": "f8", "three": "f8"})
    assert {name: array.tolist() for name, array in found.items()} == {"one": [0, 1], "two": [1.5]}


def _packed(path: Path) -> None:
    np.savez_compressed(path, one=np.zeros(10_000_000))


def _many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(100):
            archive.writestr(f"{i}.npy", b"")


def _without(path: Path) -> None:
    np.savez(path, other=np.zeros(3))


def _changed(path: Path) -> None:
    np.savez(path, one=np.arange(9))
    data = bytearray(path.read_bytes())
    data[data.index(b"NUMPY") + 130] ^= 1
    path.write_bytes(data)


def _torn(path: Path) -> None:
    np.savez(path, one=np.arange(9))
    path.write_bytes(path.read_bytes()[:-30])


@pytest.mark.parametrize("made", [_packed, _many, _without, _changed, _torn])
def test_an_archive_that_we_do_not_write_is_refused(tmp_path: Path, made: Any) -> None:
    made(tmp_path / "a.npz")
    with pytest.raises(ValueError, match=r"is packed|too many|has no array|BadZipFile"):
        arrays_at(tmp_path / "a.npz", {"one": "i8"})
